"""Means of rows of a matrix that may be quantized, or unaligned in a mapped file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.kernels import _subwords

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import Float32, Int64


def mean_rows(
    matrix: Any, offsets: Int64, rows: Int64, out: Float32, *, count_absent: bool = False
) -> None:
    """out[i] = the mean of the rows of group i; a group without rows gives zeros.

    Parameters
    ----------
    matrix : float32 array (n_rows, d), or an object with ``shape`` and ``take(rows)``
        An array must be C-contiguous, but need not be aligned. Of another matrix only the rows that
        occur are taken.
    offsets, rows : int64 (n + 1,), int64 (offsets[n],)
        The rows of group i are ``rows[offsets[i]:offsets[i + 1]]``; -1 means a row of zeros.
    out : float32 (n, d)
    count_absent : bool
        Divide by the number of all rows; otherwise those of -1 do not count.
    """
    if not isinstance(matrix, np.ndarray):
        there = rows >= 0
        distinct, places = np.unique(rows[there], return_inverse=True)
        matrix, rows = matrix.take(distinct), rows.copy()
        rows[there] = places.reshape(-1)
    data = matrix.reshape(-1).view(np.uint8)
    _subwords.means(data, matrix.shape[1], offsets, rows, out, count_absent)
