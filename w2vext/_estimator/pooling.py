"""One vector per document: the sum or mean of the rows of its words, weighted or not.

The functions take a matrix, row ids and offsets, not words or files. Rows are gathered in blocks
and summed in double, so the memory does not depend on the lengths of the documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import Float32, Float64, Int64

BLOCK_BYTES = 1 << 22
TOKENS = 1 << 20


def pool(
    vectors: Float32,
    ids: NDArray[Any],
    offsets: Int64,
    *,
    unknown: str = "skip",
    weights: Float64 | None = None,
    divide: str | None = "count",
) -> Float32:
    """The sum or mean of the rows of each document.

    Parameters
    ----------
    vectors : ndarray of shape (V, d), float32
    ids : ndarray of shape (N,), int
        The rows of the words, one document after the other; -1 for an unknown word.
    offsets : ndarray of shape (n + 1,), int
        Document i is ``ids[offsets[i]:offsets[i + 1]]``.
    unknown : {"skip", "zero", "mean"}
        Leave unknown words out, count them as zeros, or as the mean of all rows.
    weights : ndarray of shape (V + 1,), float, optional
        A factor for each row, the last one for unknown words.
    divide : {"count", "weights", None}
        By the number of words, by the sum of their weights, or not at all.

    Returns
    -------
    ndarray of shape (n, d), float32
        Zeros for a document without rows to add.
    """
    ids, offsets = np.asarray(ids), np.asarray(offsets, dtype=np.int64)
    known = ids >= 0
    if known.all():
        unknown = "zero"  # the same result, at the lowest cost
    elif unknown == "skip":
        offsets = np.concatenate(([0], np.cumsum(known)))[offsets]
        ids = ids[known]
    stand_in = vectors.mean(axis=0, dtype=np.float64) if unknown == "mean" and len(vectors) else 0
    sums = np.zeros((len(offsets) - 1, vectors.shape[1]))
    size = max(1, BLOCK_BYTES // (4 * vectors.shape[1]))
    for begin in range(0, len(ids), size):
        part = ids[begin : begin + size]
        rows = vectors[part]
        if unknown != "skip":
            rows[part < 0] = stand_in
        if weights is not None:
            rows *= weights[np.minimum(part, len(weights) - 1), None].astype(np.float32)
        documents, starts = _within(offsets, begin, begin + len(part))
        sums[documents] += np.add.reduceat(rows, starts, axis=0, dtype=np.float64)
    if divide is not None:
        factors = (
            weights[np.minimum(ids, len(weights) - 1)]
            if weights is not None and divide == "weights"
            else None
        )
        sums /= _sizes(offsets, factors)[:, None]
    return sums.astype(np.float32)


def _within(offsets: Int64, begin: int, end: int) -> tuple[NDArray[Any], Int64]:
    """The documents with words in [begin, end), and where these start, relative to begin."""
    first = np.searchsorted(offsets, begin, side="right") - 1
    last = np.searchsorted(offsets, end, side="left")
    documents = np.arange(first, last)
    documents = documents[np.diff(offsets[first : last + 1]) > 0]
    return documents, np.maximum(offsets[documents] - begin, 0)


def _sizes(offsets: Int64, factors: Float64 | None = None) -> Float64:
    """The number of words, or the sum of the factors, of each document; 1 instead of 0."""
    if factors is None:
        sizes = np.diff(offsets).astype(np.float64)
    else:
        sizes = np.diff(np.concatenate(([0.0], np.cumsum(factors, dtype=np.float64)))[offsets])
    sizes[sizes == 0] = 1
    return sizes


# ---- weights of words


def document_frequencies(ids: NDArray[Any], offsets: Int64, size: int) -> Int64:
    """The number of documents in which each word occurs, int64 (size,); ids are not negative."""
    frequencies = np.zeros(size, dtype=np.int64)
    latest = np.full(size, -1, dtype=np.int64)  # the last document in which each word was seen
    for begin in range(0, len(ids), TOKENS):
        part = np.asarray(ids[begin : begin + TOKENS], dtype=np.int64)
        places = np.arange(begin, begin + len(part))
        documents = np.searchsorted(offsets, places, side="right") - 1
        pairs = np.unique(documents * size + part)
        documents, words = pairs // size, pairs % size
        # A document may have begun in the previous block and have had the word there.
        fresh = latest[words] != documents
        np.add.at(frequencies, words[fresh], 1)
        np.maximum.at(latest, words, documents)
    return frequencies


def idf_weights(frequencies: Int64, documents: int) -> Float64:
    """ln((1 + n) / (1 + df)) + 1 for each word, as in scikit-learn; the last for unknown words."""
    seen = np.append(frequencies, 0)
    return np.log((1 + documents) / (1 + seen)) + 1


def sif_weights(counts: Int64, smoothing: float) -> Float64:
    """a / (a + p(w)) for each word, the last for unknown words (Arora et al. 2017, section 3)."""
    probability = np.append(counts, 0) / max(1, counts.sum())
    return smoothing / (smoothing + probability)


def common_direction(moments: Float64) -> Float64:
    """The first right singular vector (d,) of the weighted means of the documents.

    The means are not centred (Arora et al. 2017, algorithm 1). `moments` is what `second_moments`
    returns for them.
    """
    return np.linalg.eigh(moments)[1][:, -1]


def second_moments(
    vectors: Float32, ids: NDArray[Any], offsets: Int64, weights: Float64
) -> Float64:
    """The sum of the outer products of the documents' weighted means: (d, d)."""
    moments = np.zeros((vectors.shape[1], vectors.shape[1]))
    step = 1 << 12
    for first in range(0, len(offsets) - 1, step):
        ends = np.asarray(offsets[first : first + step + 1])
        part = pool(vectors, ids[ends[0] : ends[-1]], ends - ends[0], weights=weights)
        part = part.astype(np.float64)
        moments += part.T @ part
    return moments


def without(documents: Float32, direction: Float64) -> Float32:
    """The documents (n, d) minus their projections on a unit vector (d,), in place."""
    documents -= np.outer(documents @ direction, direction).astype(np.float32)
    return documents


# ---- whitening


class Whitening(NamedTuple):
    """The map that gives the words of a vocabulary mean 0 and covariance I."""

    mean: Float64  # (d,)
    transform: Float64  # (d, d), symmetric


def zipf_whitening(vectors: Float32, counts: Int64) -> Whitening:
    """The whitening of the rows in which words are weighted by their counts.

    With p(w) = count(w) / N, the mean is m = sum p(w) x(w), the covariance C = sum p(w)
    (x(w) - m) (x(w) - m)', and the transform C^(-1/2) (Yokoi et al. 2024, algorithm 1). Directions
    in which the words do not differ are mapped to 0.

    Its authors take the plain mean of a document. The weights of SIF are used here, because the
    vectors are trained with subsampling, after which the whitened rows of frequent words are still
    long: on the dev sentences of STS-B this gained 3 points.
    """
    total = max(1, int(counts.sum()))
    mean = np.zeros(vectors.shape[1])
    size = max(1, BLOCK_BYTES // (8 * vectors.shape[1]))
    for first in range(0, len(vectors), size):
        part = slice(first, first + size)
        mean += (counts[part] / total) @ vectors[part].astype(np.float64)
    covariance = np.zeros((len(mean), len(mean)))
    for first in range(0, len(vectors), size):
        part = slice(first, first + size)
        rows = vectors[part] - mean
        covariance += (rows.T * (counts[part] / total)) @ rows
    values, directions = np.linalg.eigh(covariance)
    spread = values > values[-1] * len(mean) * np.finfo(np.float32).eps
    factors = np.zeros(len(mean))
    factors[spread] = values[spread] ** -0.5
    return Whitening(mean, (directions * factors) @ directions.T)


def whitened(documents: Float32, shares: Float64, whitening: Whitening) -> Float32:
    """The means of whitened rows, from the means of the rows (n, d).

    `shares` (n,) is the part of each document's words that have a row: the words without one count
    as zeros after the whitening, too.
    """
    centred = documents - shares[:, None] * whitening.mean
    return (centred @ whitening.transform).astype(np.float32)
