"""Queries for nearest words: parses them, and computes their vectors.

A query is a word, a vector, a pair of one of these and its weight, or a list of such terms. A list
of lists is several queries.
"""

from __future__ import annotations

import numbers
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext._arguments.messages import shown
from w2vext.search import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import Float32, Int64, Ints, Token

# Rows of terms that are not rows of the matrix.
_MEAN, _VECTOR = -1, -2


class UnknownWordError(KeyError):
    """A word has no vector. ``str(error)`` is the message itself, without KeyError's quotes."""

    def __str__(self) -> str:
        return str(self.args[0])


def check_count(name: str, value: Any, least: int = 1) -> None:
    """Check that a parameter is an integer of at least `least`, or None."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name}={shown(value)}: give an integer of {least} or more, or None")
    if value < least:
        raise ValueError(f"{name}={shown(value)}: give {least} or more, or None for all")


def as_list(items: Any, words: Container[Any] = ()) -> list[Any]:
    """The words or vectors of one query as a list; None is an empty list.

    A tuple that is one of `words`, or a pair of a word or vector and its weight, is one item.
    """
    if items is None:
        return []
    if isinstance(items, np.ndarray):
        are_words = items.ndim == 1 and items.dtype.kind in "UO"
        return items.tolist() if are_words else [items]
    if isinstance(items, tuple):
        is_pair = len(items) == 2 and isinstance(items[1], numbers.Real)
        return [items] if is_pair or not are_several(items, words) else list(items)
    if isinstance(items, (str, bytes)) or not hasattr(items, "__iter__"):
        return [items]
    return list(items)


def are_several(key: Any, words: Container[Any]) -> bool:
    """Whether a key is several words: a list, a set, an array, a Series or an Index.

    A tuple or a frozenset, which may itself be a word, is several words if it is not one of the
    words and contains one of them, or a vector.
    """
    if isinstance(key, (tuple, frozenset)):
        if _is_known(key, words):
            return False
        return any(isinstance(each, np.ndarray) or _is_known(each, words) for each in key)
    if isinstance(key, (str, bytes)) or not hasattr(key, "__iter__"):
        return False
    return type(key).__hash__ is None or isinstance(key, np.ndarray)


def _is_known(thing: Any, words: Container[Any]) -> bool:
    try:
        return thing in words
    except TypeError:  # not hashable
        return False


def check_vector(vector: NDArray[Any], size: int) -> NDArray[Any]:
    """Check the type, the shape and the values of a query vector."""
    if vector.dtype.kind not in "fiub":
        raise TypeError(
            f"the query vector has type {vector.dtype}: give real numbers, or words in a list"
        )
    if vector.shape != (size,):
        raise ValueError(
            f"the query vector has shape {vector.shape}, expected ({size},). Write several queries "
            "as a list of lists: [[v] for v in vectors]"
        )
    if not np.isfinite(vector).all():
        raise ValueError("the query vector contains NaN or infinity: give finite numbers")
    return vector


class Term(NamedTuple):
    """One word or vector of a query."""

    query: int
    weight: float
    row: int  # _MEAN or _VECTOR if it is not a row of the matrix
    vector: Float32


class Queries:
    """The queries of one call, with every word looked up.

    Parameters
    ----------
    positive, negative : word, vector, (word or vector, weight), list of these, or list of lists
    words : container of words
        The known words. A tuple that is one of them is a word, not a pair of a word and its weight.
    look_up : callable
        Returns (row, vector) of a word, or None to leave the word out. It raises UnknownWordError
        where an unknown word is an error.
    size : int
        The length of a vector.
    """

    def __init__(
        self,
        positive: Any,
        negative: Any,
        words: Container[Any],
        look_up: Callable[[Any], tuple[int, Float32] | None],
        size: int,
    ) -> None:
        self.several, pairs = _pairs(positive, negative, words)
        self.count = len(pairs)
        self.terms: list[Term] = []
        for query, sides in enumerate(pairs):
            found = len(self.terms)
            for items, sign in zip(sides, (1.0, -1.0), strict=True):
                for item in items:
                    term, weight = _weighted(item, sign, words)
                    if isinstance(term, np.ndarray) and term.ndim > 0:
                        self.terms.append(Term(query, weight, _VECTOR, check_vector(term, size)))
                    elif (row_and_vector := look_up(term)) is not None:
                        self.terms.append(Term(query, weight, *row_and_vector))
            if not any(sides):
                raise ValueError(
                    "positive and negative are empty: give a word to search for"
                    + (f" (query {query})" if self.count > 1 else "")
                )
            if len(self.terms) == found:
                raise ValueError(
                    f"query {query} has no known word: {shown(sides[0])}, {shown(sides[1])}: give "
                    "at least one"
                )
        if not self.terms:
            raise ValueError("the list of queries is empty: give at least one query")
        self._left_out: list[set[int]] = []
        self.leave_out([])

    def sums(self) -> Float32:
        """One unit vector for each query, (count, d).

        It is the direction of the weighted sum of the terms. The vectors of words are scaled to
        norm 1, given vectors are not scaled.
        """
        owner, weights, rows, vectors = zip(*self.terms, strict=True)
        matrix = np.stack(vectors).astype(np.float64)
        is_word = np.array(rows) != _VECTOR
        matrix[is_word] = exact.unit_rows(matrix[is_word])
        _, starts = np.unique(owner, return_index=True)
        with np.errstate(over="ignore", invalid="ignore"):
            matrix *= np.array(weights)[:, None]
            sums = np.add.reduceat(matrix, starts, axis=0)
        if not np.isfinite(sums).all():
            raise ValueError(
                "the vectors and weights of a query are too large to add: give smaller ones"
            )
        return exact.unit_rows(sums)

    def factors(self) -> tuple[Float32, Int64, Int64]:
        """The factors of the products of 3CosMul: (unit vectors, positive, negative).

        The second and third array, of shape (count, longest), have the rows of each query in the
        first array; its length is used as padding.
        """
        distinct: list[Float32] = []
        place_of: dict[int, int] = {}
        sides: list[list[list[int]]] = [[[] for _ in range(self.count)] for _ in range(2)]
        for query, weight, row, vector in self.terms:
            place = place_of.setdefault(row, len(distinct)) if row >= 0 else len(distinct)
            if place == len(distinct):
                distinct.append(vector)
            sides[weight < 0][query].append(place)
        plus, minus = (_padded(side, len(distinct)) for side in sides)
        return exact.unit_rows(np.stack(distinct)), plus, minus

    def leave_out(self, rows: Iterable[int]) -> None:
        """Exclude rows from the answers, besides the rows of each query's own words."""
        rows = set(rows)
        self._left_out = [set(rows) for _ in repeat(None, self.count)]
        for term in self.terms:
            if term.row >= 0:
                self._left_out[term.query].add(term.row)

    @property
    def most_left_out(self) -> int:
        """The largest number of rows that are excluded from the answers to a query."""
        return max(map(len, self._left_out))

    def named(self, rows: Ints, scores: Float32, words: Sequence[Token], topn: int) -> Any:
        """[(word, score), ...] of each query, best first, without the excluded rows."""
        found = []
        for at, best, skipped in zip(rows.tolist(), scores.tolist(), self._left_out, strict=True):
            kept = [(row, score) for row, score in zip(at, best, strict=True) if row not in skipped]
            found.append([(words[row], score) for row, score in kept[:topn] if row >= 0])
        return self.result(found)

    def result(self, found: Any) -> Any:
        """The results of several queries, or the result of a single one."""
        return found if self.several else found[0]


def _pairs(
    positive: Any, negative: Any, words: Container[Any]
) -> tuple[bool, list[tuple[list[Any], list[Any]]]]:
    """Whether these are several queries, and the pair (positive, negative) of each."""
    if not _is_several(positive) and not _is_several(negative):
        return False, [(as_list(positive, words), as_list(negative, words))]
    count = len(positive) if _is_several(positive) else len(negative)
    sides = []
    for name, side in (("positive", positive), ("negative", negative)):
        if side is None or (isinstance(side, list) and not side):
            side = [[]] * count
        if not isinstance(side, list) or not all(isinstance(item, list) for item in side):
            raise TypeError(f"{name}: write several queries as a list of lists: [['a'], ['b']]")
        sides.append(side)
    if len(sides[0]) != len(sides[1]):
        raise ValueError(
            f"positive has {len(sides[0])} queries and negative {len(sides[1])}: give the same "
            "number"
        )
    return True, list(zip(*sides, strict=True))


def _is_several(items: Any) -> bool:
    return isinstance(items, list) and any(isinstance(item, list) for item in items)


def _weighted(item: Any, sign: float, words: Container[Any]) -> tuple[Any, float]:
    """(term, weight) of an item, which may already be such a pair."""
    if not isinstance(item, tuple):
        return item, sign
    if not (item and isinstance(item[0], np.ndarray)) and item in words:  # arrays have no hash
        return item, sign
    if len(item) != 2 or not isinstance(item[1], numbers.Real):
        return item, sign  # an unknown word
    weight = float(item[1])
    if not np.isfinite(weight):
        raise ValueError(f"the weight of {shown(item[0])} is {weight}: give a finite number")
    return item[0], weight


def _padded(lists: list[list[int]], padding: int) -> Int64:
    array = np.full((len(lists), max(1, max(map(len, lists)))), padding, np.int64)
    for row, items in zip(array, lists, strict=True):
        row[: len(items)] = items
    return array
