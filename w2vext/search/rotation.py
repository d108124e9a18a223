"""Matrices of word vectors compared and combined: rotation, mean, sum of unit vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.search import exact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from w2vext._arguments.types import Float32, Float64

_ROUNDS = 3  # of `consensus`; later ones change the vectors by less than 1e-3
_AT_ONCE = 1 << 14  # rows


def centered(vectors: Float32) -> Float32:
    """The vectors minus their mean, which is computed in double."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    out = np.empty_like(vectors)
    for begin in range(0, len(vectors), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        out[part] = vectors[part] - mean
    return out


def summed(inputs: Float32, outputs: Float32, output_weight: float) -> Float32:
    """The unit rows of the first matrix plus `output_weight` times those of the second."""
    out = exact.unit_matrix(inputs)
    for begin in range(0, len(out), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        out[part] += (output_weight * exact.unit_rows_double(outputs[part])).astype(np.float32)
    return out


def rotation(one: Float32, two: Float32) -> Float64:
    """The orthogonal matrix R (d, d) that minimizes the squared distances of `one` R from `two`.

    This is the orthogonal Procrustes problem (Schönemann 1966): with the singular value
    decomposition oneᵀ two = U S Vᵀ, R = U Vᵀ. R may contain a reflection.
    """
    u, _, vt = np.linalg.svd(one.astype(np.float64).T @ two.astype(np.float64))
    return u @ vt


def rotated(vectors: Float32, matrix: Float64) -> Float32:
    """The vectors times a matrix, computed in double."""
    out = np.empty_like(vectors)
    for begin in range(0, len(vectors), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        out[part] = vectors[part].astype(np.float64) @ matrix
    return out


def residual(one: Float32, two: Float32) -> float:
    """The root mean square of the distances between the rows of two matrices."""
    differences = one.astype(np.float64) - two
    return float(np.sqrt(np.einsum("ij,ij->i", differences, differences).mean()))


def mean(matrices: Sequence[Float32]) -> Float64:
    """The mean of matrices of one shape."""
    total = np.zeros(matrices[0].shape)
    for each in matrices:
        total += each
    return total / len(matrices)


def consensus(matrices: Sequence[Float32]) -> list[Float32]:
    """The matrices rotated to their common mean (generalized Procrustes analysis, Gower 1975).

    The first round rotates all to the first matrix, each further one to the mean of the last.
    """
    target, aligned = matrices[0], list(matrices)
    for _ in range(_ROUNDS):
        aligned = [rotated(each, rotation(each, target)) for each in matrices]
        target = mean(aligned).astype(np.float32)
    return aligned
