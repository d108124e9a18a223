"""The implementation of the methods of Word2Vec: checks, fit, held-out loss, saving."""
