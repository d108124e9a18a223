"""How questions are written: a word, a vector, a list of them, or a list of lists for several.

Refuses what could mean two things. Knows no vectors but those that a question holds.
"""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from w2vext._types import Float32, Int64


class UnknownWordError(KeyError):
    """A word that is not there. Its message reads as a sentence, which KeyError's does not."""

    def __str__(self) -> str:
        return str(self.args[0])


def check_count(name: str, value: Any) -> None:
    """A whole number of 1 or more, or None."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name}={value!r}: give a whole number of 1 or more, or None")
    if value < 1:
        raise ValueError(f"{name}={value!r}: give 1 or more, or None for all")


def listed(items: Any) -> list[Any]:
    if items is None:
        return []
    if isinstance(items, (np.ndarray, str, bytes, tuple)) or not hasattr(items, "__iter__"):
        return [items]
    return list(items)


def _several(items: Any) -> bool:
    return isinstance(items, list) and any(isinstance(item, list) for item in items)


def paired(positive: Any, negative: Any) -> tuple[bool, list[tuple[list[Any], list[Any]]]]:
    """Whether these are several queries, and (positive, negative) of each."""
    if not _several(positive) and not _several(negative):
        return False, [(listed(positive), listed(negative))]
    count = len(positive) if _several(positive) else len(negative)
    sides = []
    for name, side in (("positive", positive), ("negative", negative)):
        if side is None or (isinstance(side, list) and not side):
            side = [[]] * count
        if not isinstance(side, list) or not all(isinstance(item, list) for item in side):
            raise TypeError(f"{name}: several queries are a list of lists: [['king'], ['queen']]")
        sides.append(side)
    if len(sides[0]) != len(sides[1]):
        raise ValueError(
            f"positive holds {len(sides[0])} queries and negative {len(sides[1])}: give as many"
        )
    return True, list(zip(*sides, strict=True))


def padded(terms: list[Any], count: int) -> tuple[list[Float32], tuple[Int64, Int64]]:
    """The distinct vectors of the terms, and each query's two sides as places among them.

    The sides are arrays (count, longest), padded with the number of the vectors.
    """
    distinct: list[Float32] = []
    place_of: dict[int, int] = {}
    sides: list[list[list[int]]] = [[[] for _ in range(count)] for _ in range(2)]
    for query, weight, row, vector in terms:
        place = place_of.setdefault(row, len(distinct)) if row >= 0 else len(distinct)
        if place == len(distinct):
            distinct.append(vector)
        sides[weight < 0][query].append(place)
    arrays = []
    for side in sides:
        array = np.full((count, max(1, max(map(len, side)))), len(distinct), np.int64)
        for query, places in enumerate(side):
            array[query, : len(places)] = places
        arrays.append(array)
    plus, minus = arrays
    return distinct, (plus, minus)
