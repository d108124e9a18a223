"""Checks the counts of words that a caller gives."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from w2vext._messages import shown

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from w2vext._types import Int64

MOST = 2**63 - 1  # the largest sum of counts


def checked_counts(counts: ArrayLike, words: list[Any]) -> Int64:
    """The counts of words as int64; they must be integers of at least 0, with a sum below 2**63."""
    if not isinstance(counts, np.ndarray) or counts.dtype.kind not in "iu":
        counts = _integers(counts, words)
    if counts.shape != (len(words),):
        raise ValueError(
            f"counts has shape {counts.shape} for {len(words)} words: give one count per word"
        )
    if len(counts) and counts.min() < 0:
        word = words[int(counts.argmin())]
        raise ValueError(f"the count of {shown(word)} is {counts.min()}: give 0 or more")
    if counts.sum(dtype=np.float64) > MOST / 2 and (total := sum(counts.tolist())) > MOST:
        raise ValueError(
            f"the counts add up to {total}; the largest, of {shown(words[int(counts.argmax())])}, "
            f"is {counts.max()}: give counts with a sum below 2**63"
        )
    return counts.astype(np.int64, copy=False)


def _integers(counts: Any, words: list[Any]) -> NDArray[Any]:
    """Convert counts to an array of integers."""
    values = list(counts)
    for i, value in enumerate(values):
        word = words[i] if i < len(words) else None
        try:
            values[i] = operator.index(value)
        except TypeError:
            raise TypeError(
                f"the count of {shown(word)} is {shown(value)}: give an integer"
            ) from None
        if values[i] > MOST:
            raise ValueError(
                f"the count of {shown(word)} is {shown(value)}: give an integer below 2**63"
            )
        if values[i] < 0:
            raise ValueError(f"the count of {shown(word)} is {shown(value)}: give 0 or more")
    return np.array(values, dtype=np.int64)
