"""The commands of the original word2vec suite, with its flags and files."""
