"""Exact nearest rows by cosine: blocked matrix products, the best picked while the scores are in
cache.

Keeps norms only, never a second, normalised matrix. A row of zeros has cosine 0 with everything.
Refuses words: rows and query vectors are handed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads as workers
from w2vext.search import _topn as _search

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from w2vext._types import Float32, Int64, Ints

_SCORES_AT_ONCE = 1 << 20  # floats of one block of scores: larger ones leave the caches
_WORTH_THREADS = 1 << 30  # multiplications, some 10 ms: starting threads takes 2
_QUERIES_AT_ONCE = 1024
_ROWS_AT_ONCE = 1 << 13
_LARGEST = np.finfo(np.float32).max


def norms_of(vectors: Float32) -> Float32:
    """Each row's Euclidean norm, summed in double; shape (V,), float32."""
    norms = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        block = vectors[start : start + _ROWS_AT_ONCE].astype(np.float64)
        np.minimum(
            np.sqrt(np.einsum("ij,ij->i", block, block)),
            _LARGEST,
            out=norms[start : start + _ROWS_AT_ONCE],
            casting="same_kind",
        )
    return norms


def inverse_of(norms: Float32) -> Float32:
    """1 / norm, and 0 for a norm of 0."""
    inverse = np.zeros_like(norms)
    with np.errstate(over="ignore"):
        np.divide(1, norms, out=inverse, where=norms > 0)
    return np.minimum(inverse, _LARGEST, out=inverse)


def unit_rows(queries: ArrayLike) -> Float32:
    """Rows scaled to norm 1 in double, as float32; rows of zeros stay."""
    queries = np.asarray(queries, np.float64)
    norms = np.sqrt(np.einsum("ij,ij->i", queries, queries))[:, None]
    unit = np.divide(queries, norms, out=np.zeros_like(queries), where=norms > 0)
    return unit.astype(np.float32)


def cosines(vectors: Float32, inverse: Float32, queries: Float32) -> Float32:
    """All cosines of unit rows `queries` (Q, d) with `vectors` (V, d): shape (Q, V), float32."""
    scores = queries @ vectors.T
    scores *= inverse
    return scores


def nearest(vectors: Float32, inverse: Float32, queries: Float32, n: int) -> tuple[Int64, Float32]:
    """The n rows nearest to each query.

    Parameters
    ----------
    vectors : ndarray of shape (V, d), float32
    inverse : ndarray of shape (V,), float32
        1 / norm of each row.
    queries : ndarray of shape (Q, d), float32
        Rows of norm 1.
    n : int
        At most V.

    Returns
    -------
    rows : ndarray of shape (Q, n), int64
        Best first; equal scores by row.
    scores : ndarray of shape (Q, n), float32
    """
    best = np.full((len(queries), n), -np.inf, np.float32)
    rows = np.full((len(queries), n), -1, np.int64)

    def search(some: slice, at_once: int) -> None:
        _search_rows(vectors, inverse, queries[some], best[some], rows[some], at_once)

    _in_pieces(search, len(queries), vectors.size)
    _search.sort_heaps(best, rows)
    return rows, best


def _search_rows(
    vectors: Float32, inverse: Float32, queries: Float32, best: Float32, rows: Int64, at_once: int
) -> None:
    """Offer every row to the heaps of some queries, `at_once` scores at a time."""
    step = max(256, at_once // len(queries))
    room = np.empty(len(queries) * min(step, len(vectors)), np.float32)
    for start in range(0, len(vectors), step):
        block = vectors[start : start + step]
        scores = room[: len(queries) * len(block)].reshape(len(queries), len(block))
        if len(queries) == 1:
            np.dot(block, queries[0], out=scores[0])
        else:
            np.dot(queries, block.T, out=scores)
        _search.offer_block(scores, inverse[start : start + step], start, best, rows)


def _in_pieces(search: Callable[[slice, int], None], count: int, size: int) -> None:
    """search(slice of the queries, scores at once) until all `count` are answered.

    Much work is shared by threads of ours, each with its own queries: they need not wait for each
    other as those of BLAS do in every call, which is dear where other programs use the cores too.
    """
    threads = workers.resolve(None) if count > 1 and count * size >= _WORTH_THREADS else 1
    if threads == 1:
        for start in range(0, count, _QUERIES_AT_ONCE):
            search(slice(start, start + _QUERIES_AT_ONCE), _SCORES_AT_ONCE)
        return
    piece = min(_QUERIES_AT_ONCE, max(64, -(-count // (2 * threads))))

    def work(_: int, at: int) -> None:
        search(slice(at * piece, (at + 1) * piece), _SCORES_AT_ONCE // 4)

    if workers.run(work, -(-count // piece), threads, stop=lambda: None):
        raise KeyboardInterrupt


def products(
    vectors: Float32, inverse: Float32, terms: Float32, plus: Ints, minus: Ints
) -> Float32:
    """3CosMul: the product of some (1 + cosine) / 2, divided by that of others and 1e-6.

    Parameters
    ----------
    terms : ndarray of shape (t, d), float32
        Rows of norm 1.
    plus, minus : ndarray of shape (Q, p) and (Q, m), int
        Each query's terms; t stands for a factor of 1.

    Returns
    -------
    ndarray of shape (Q, V), float32

    References
    ----------
    O. Levy, Y. Goldberg: Linguistic Regularities in Sparse and Explicit Word Representations,
    CoNLL 2014, equation 4.
    """
    return _products(vectors, inverse, *_gathered(terms, plus, minus))


def _gathered(terms: Float32, plus: Ints, minus: Ints) -> tuple[Float32, Int64, Int64]:
    """The terms in use, and their places from 1 on; 0 stands for a factor of 1."""
    used, places = np.unique(np.concatenate((plus, minus), axis=1), return_inverse=True)
    used = used[used < len(terms)]
    places = (places.reshape(len(plus), -1).astype(np.int64) + 1) % (len(used) + 1)
    plus, minus = np.split(places, [plus.shape[1]], axis=1)
    return terms[used], np.ascontiguousarray(plus), np.ascontiguousarray(minus)


def _products(
    vectors: Float32, inverse: Float32, terms: Float32, plus: Int64, minus: Int64
) -> Float32:
    factors = np.empty((len(terms) + 1, len(vectors)), np.float32)
    factors[0] = 1
    np.dot(terms, vectors.T, out=factors[1:])
    factors[1:] *= inverse
    factors[1:] += 1
    factors[1:] *= 0.5
    out = np.empty((len(plus), len(vectors)), np.float32)
    scratch = np.empty(len(vectors), np.float32)
    _search.multiply_and_divide(factors, plus, minus, 1e-6, scratch, out)
    return out


def nearest_products(
    vectors: Float32, inverse: Float32, terms: Float32, plus: Ints, minus: Ints, n: int
) -> tuple[Int64, Float32]:
    """The n rows with the largest `products`; result as that of `nearest`."""
    best = np.full((len(plus), n), -np.inf, np.float32)
    rows = np.full((len(plus), n), -1, np.int64)

    def search(some: slice, at_once: int) -> None:
        chosen = _gathered(terms, plus[some], minus[some])
        step = max(256, at_once // max(len(chosen[0]), len(plus[some])))
        for start in range(0, len(vectors), step):
            block = slice(start, start + step)
            scores = _products(vectors[block], inverse[block], *chosen)
            ones = np.ones(scores.shape[1], np.float32)
            _search.offer_block(scores, ones, start, best[some], rows[some])

    _in_pieces(search, len(plus), vectors.size)
    _search.sort_heaps(best, rows)
    return rows, best
