"""The nearest rows of a matrix: queries, exact search, approximate index."""
