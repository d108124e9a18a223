"""The commands of the original word2vec programs, with their flags and files."""
