"""From an id stream to two matrices of vectors."""
