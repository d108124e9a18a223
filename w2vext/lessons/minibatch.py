"""The minibatch step of the CS224n assignment, compiled.

It is used by the lessons and for comparison with the assignment. `Word2Vec` updates the vectors
after every window instead, which learns more from the same text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from w2vext._arguments.types import Floats, Int32


def train_batch(
    w_in: Floats, w_out: Floats, centres: ArrayLike, targets: ArrayLike, lr: float
) -> float:
    """One minibatch step of skip-gram with negative sampling over P pairs.

    All updates are computed from the matrices before the step.

    Parameters
    ----------
    w_in, w_out : ndarray (V, d)
        float64 or float32, C-contiguous; both of the same type. Changed in place. A row that occurs
        twice receives both updates.
    centres : array_like of int (P,)
        The input row of each pair.
    targets : array_like of int (P, 1 + K)
        The outside word of each pair, then its negatives.
    lr : float
        To train on the mean over B windows, pass the learning rate divided by B.

    Returns
    -------
    float
        The sum of the P losses -log σ(u_o·v_c) - Σ log σ(-u_k·v_c), before the step.

    Raises
    ------
    ValueError
        The shapes do not match, or an id is not a row of its matrix.
    TypeError
        A matrix is not a C-contiguous float64 or float32 array, or the two types differ.

    Notes
    -----
    `reference.train_batch` is the NumPy reference.
    """
    from w2vext.lessons import _minibatch

    for name, matrix in (("w_in", w_in), ("w_out", w_out)):
        if (
            not isinstance(matrix, np.ndarray)
            or matrix.dtype not in (np.float32, np.float64)
            or matrix.ndim != 2
            or not matrix.flags.c_contiguous
            or not matrix.flags.writeable
        ):
            raise TypeError(
                f"{name} must be a writeable C-contiguous float64 or float32 matrix: pass the "
                "result of numpy.ascontiguousarray, which is then changed in place"
            )
    if w_in.dtype != w_out.dtype:
        raise TypeError(f"w_in is {w_in.dtype}, w_out is {w_out.dtype}: use the same type for both")
    if w_in.shape[1] != w_out.shape[1]:
        raise ValueError(
            f"w_in has {w_in.shape[1]} columns, w_out {w_out.shape[1]}: give the same number"
        )
    centres = _rows(centres, 1, len(w_in), "centres")
    targets = _rows(targets, 2, len(w_out), "targets")
    if len(centres) != len(targets):
        raise ValueError(
            f"centres has {len(centres)} pairs, targets {len(targets)}: give the same number"
        )
    return _minibatch.train_batch(w_in, w_out, centres, targets, float(lr))


def _rows(ids: ArrayLike, ndim: int, rows: int, name: str) -> Int32:
    ids = np.asarray(ids)
    if ids.ndim != ndim or (ids.size and ids.dtype.kind not in "iu"):
        raise ValueError(
            f"{name} must be an integer array with {ndim} dimensions, got shape {ids.shape}"
        )
    if ids.size and not (0 <= ids.min() and ids.max() < rows):
        raise ValueError(f"{name} has ids from {ids.min()} to {ids.max()}: use 0 to {rows - 1}")
    return np.ascontiguousarray(ids, dtype=np.int32)
