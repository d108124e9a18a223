"""Checks of matrices and counts that users give or files hold."""

from __future__ import annotations

import operator
import sys
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from w2vext._arguments.types import Float32, Int64

_ROWS_AT_ONCE = 1 << 14
LARGEST_COUNT = 2**63 - 1  # also the largest sum of the counts of a vocabulary


def as_float32(name: str, matrix: ArrayLike) -> Float32:
    """A C-contiguous float32 array, without a copy if it is one already.

    A number beyond float32 becomes infinite.

    Raises
    ------
    TypeError
        It does not consist of real numbers.
    ValueError
        It is a masked array with a masked entry, or its rows differ in length.
    """
    # Accessing np.ma imports it; without it there are no masked arrays.
    loaded = "numpy.ma" in sys.modules
    if loaded and isinstance(matrix, np.ma.MaskedArray) and np.ma.is_masked(matrix):
        row = int(np.argwhere(np.ma.getmaskarray(matrix))[0][0])
        raise ValueError(f"{name}: row {row} has a masked entry: fill it or leave the row out")
    try:
        array = np.asarray(matrix)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"{name}: not an array of numbers with rows of one length ({error})"
        ) from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} has type {array.dtype}: give real numbers")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def first_not_finite(matrix: NDArray[Any]) -> int | None:
    """The first row with NaN or infinity, or None."""
    for start in range(0, len(matrix), _ROWS_AT_ONCE):
        block = matrix[start : start + _ROWS_AT_ONCE]
        if not np.isfinite(block).all():
            return start + int(np.flatnonzero(~np.isfinite(block).all(axis=1))[0])
    return None


def bad_counts(counts: NDArray[Any]) -> NDArray[np.bool_]:
    """Which counts are negative or more than int64 holds."""
    bad = np.zeros(counts.shape, np.bool_)
    if counts.dtype.kind == "i":
        bad = counts < 0
    elif counts.dtype.itemsize == 8:
        bad = counts > np.uint64(LARGEST_COUNT)
    return bad


def check_counts(
    counts: ArrayLike, rows: int, where: str = "", name: Callable[[int], str] | None = None
) -> Int64:
    """The counts as int64, checked to be one for each row.

    Errors start with `where`, and call the count of a row name(row), by default ``counts[row]``.
    """
    array = np.asarray(counts)
    if array.shape == (rows,) and array.dtype.kind not in "iu":
        array = _integers(counts, where, name)
    if array.shape != (rows,) or array.dtype.kind not in "iu":
        raise ValueError(
            f"{where}counts has shape {array.shape} and type {array.dtype} for {rows:,} words: "
            "give one integer for each word"
        )
    bad = bad_counts(array)
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(f"{where}{count_error(row, array[row], name)}")
    return np.ascontiguousarray(array, np.int64)


def check_word_counts(counts: ArrayLike, words: list[Any]) -> Int64:
    """The counts of words as int64.

    Raises
    ------
    TypeError
        A count is not an integer.
    ValueError
        There is not one count for each word, a count is negative, or the sum is not below 2**63.
    """

    def name(row: int) -> str:
        return f"the count of {shown(words[row])}"

    values: Any = counts
    if not isinstance(counts, np.ndarray) or counts.dtype.kind not in "iu":
        values = list(counts)  # type: ignore[arg-type]
        for row, value in enumerate(values[: len(words)]):
            try:
                values[row] = operator.index(value)
            except TypeError:
                raise TypeError(f"{name(row)} is {shown(value)}: give an integer") from None
    found = check_counts(values, len(words), name=name)
    if found.sum(dtype=np.float64) > LARGEST_COUNT / 2:
        total, most = sum(found.tolist()), int(found.argmax())
        if total > LARGEST_COUNT:
            raise ValueError(
                f"the counts add up to {total}; the largest, of {shown(words[most])}, is "
                f"{found[most]}: give counts with a sum below 2**63"
            )
    return found


def count_error(row: int, count: Any, name: Callable[[int], str] | None = None) -> str:
    """The message for a count that is out of range; `name` is as for `check_counts`."""
    what = f"counts[{row}]" if name is None else name(row)
    return f"{what} is {shown(int(count))}: give a number from 0 to 2**63 - 1"


def _integers(counts: Any, where: str, name: Callable[[int], str] | None) -> NDArray[Any]:
    """Convert counts that NumPy does not make integers of; Python's may be larger than int64."""
    items = list(counts)
    for row, count in enumerate(items):
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)):
            return np.asarray(counts)
        if not 0 <= count <= LARGEST_COUNT:
            raise ValueError(f"{where}{count_error(row, count, name)}")
    return np.array(items, np.int64)


def as_list(values: Any) -> list[Any] | None:
    """The elements of an array, a column or another iterable as Python objects.

    None if it is a str, bytes, or not iterable.
    """
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        return None
    for name in ("tolist", "to_list", "to_pylist"):
        if hasattr(values, name):
            return list(getattr(values, name)())
    return list(values)
