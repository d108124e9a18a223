"""Checks of matrices and counts that users give or files hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._messages import shown

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from w2vext._types import Float32, Int64

_ROWS_AT_ONCE = 1 << 14
_LARGEST_COUNT = 2**63 - 1


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
    if isinstance(matrix, np.ma.MaskedArray) and np.ma.is_masked(matrix):
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
        bad = counts > np.uint64(_LARGEST_COUNT)
    return bad


def check_counts(counts: ArrayLike, rows: int, where: str = "") -> Int64:
    """The counts as int64, checked to be one for each row; errors start with `where`."""
    array = np.asarray(counts)
    if array.shape == (rows,) and array.dtype.kind not in "iu":
        array = _integers(counts, where)
    if array.shape != (rows,) or array.dtype.kind not in "iu":
        raise ValueError(
            f"{where}counts has shape {array.shape} and type {array.dtype} for {rows:,} words: "
            "give one integer for each word"
        )
    bad = bad_counts(array)
    if bad.any():
        raise ValueError(f"{where}{count_error(int(np.argmax(bad)), array[np.argmax(bad)])}")
    return np.ascontiguousarray(array, np.int64)


def count_error(row: int, count: Any) -> str:
    """The message for a count that is out of range."""
    return f"counts[{row}] is {shown(int(count))}: give a number from 0 to 2**63 - 1"


def _integers(counts: Any, where: str) -> NDArray[Any]:
    """Counts that NumPy does not see as integers: Python's own may be larger than it knows."""
    items = list(counts)
    for row, count in enumerate(items):
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)):
            return np.asarray(counts)
        if not 0 <= count <= _LARGEST_COUNT:
            raise ValueError(f"{where}{count_error(row, count)}")
    return np.array(items, np.int64)
