"""What the methods of Word2Vec do, as functions: checks, fit, held-out loss, saving."""
