"""Nearest rows of a matrix: queries, exact search and an approximate index."""

from w2vext.search.ann import Index
from w2vext.search.query import UnknownWordError

__all__ = ["Index", "UnknownWordError"]
