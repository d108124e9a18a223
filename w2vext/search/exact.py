"""Exact nearest rows by cosine, from matrix products over blocks of rows.

Only the norms are stored, not a second matrix of unit vectors. The cosine of a row of zeros with
any row is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads
from w2vext.search import _topn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from w2vext._arguments.types import Float32, Float64, Floats, Int64, Ints

_SCORES_AT_ONCE = 1 << 20  # floats in a block of scores; larger blocks do not fit in the caches
_WORTH_THREADS = 1 << 30  # multiplications, about 10 ms: starting threads takes 2 ms
_QUERIES_AT_ONCE = 1024
_ROWS_AT_ONCE = 1 << 13
_LARGEST = np.finfo(np.float32).max
# Products with rows whose inverse norm is outside this range exceed the range of float32.
_SMALLEST_INVERSE, _LARGEST_INVERSE = np.float32(1e-37), np.float32(1e25)


def frequent_rows(counts: Int64 | None, rows: int, number: int | None) -> NDArray[np.intp]:
    """The rows of the `number` most frequent words, ascending; None means all.

    Without counts these are the first rows.
    """
    if number is None or counts is None or np.all(np.diff(counts) <= 0):
        return np.arange(rows)[:number]
    # Continued training appends words, so rows are not always in the order of counts.
    return np.sort(np.argsort(-counts, kind="stable")[:number])


def rows_of(allowed: NDArray[np.intp], places: Int64) -> Int64:
    """The rows at some positions of `allowed`; an empty position, -1, remains -1."""
    return np.where(places < 0, -1, allowed[places])


def select_rows(
    vectors: Float32, inverse: Float32, rows: NDArray[np.intp]
) -> tuple[Float32, Float32]:
    """The vectors and inverse norms of some rows; a view if these are the first rows in order."""
    if len(rows) == 0 or (rows[-1] + 1 == len(rows) and np.all(np.diff(rows) == 1)):
        return vectors[: len(rows)], inverse[: len(rows)]
    return vectors[rows], inverse[rows]


def norms_of(vectors: Float32) -> Float32:
    """Each row's Euclidean norm, summed in double; shape (V,), float32.

    It is limited to the largest float32. It is NaN or infinite only if the row contains such
    numbers.
    """
    norms = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        block = vectors[start : start + _ROWS_AT_ONCE].astype(np.float64)
        exact = np.sqrt(np.einsum("ij,ij->i", block, block))
        np.minimum(exact, _LARGEST, out=exact, where=np.isfinite(exact))
        norms[start : start + _ROWS_AT_ONCE] = exact
    return norms


def inverse_of(norms: Float32) -> Float32:
    """1 / norm, and 0 for a norm of 0."""
    inverse = np.zeros_like(norms)
    with np.errstate(over="ignore"):
        np.divide(1, norms, out=inverse, where=norms > 0)
    return np.minimum(inverse, _LARGEST, out=inverse)


def unit_rows(queries: ArrayLike) -> Float32:
    """Rows scaled to norm 1, computed in double and returned as float32; zeros remain zeros."""
    return unit_rows_double(queries).astype(np.float32)


def unit_rows_double(vectors: ArrayLike) -> Float64:
    """Rows scaled to norm 1; zeros remain zeros."""
    rows = np.asarray(vectors, np.float64)
    with np.errstate(over="ignore"):
        squares = np.einsum("ij,ij->i", rows, rows)
    if ((squares < 1e-280) | (squares > 1e280)).any():  # the squares exceed the range of double
        largest = np.abs(rows).max(axis=1, keepdims=True)
        rows = np.divide(rows, largest, out=np.zeros_like(rows), where=largest > 0)
        squares = np.einsum("ij,ij->i", rows, rows)
    norms = np.sqrt(squares)[:, None]
    return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)


def _extreme_rows(inverse: Float32) -> NDArray[np.intp]:
    """The rows whose products with unit vectors exceed the range of float32."""
    low, high = inverse.min(initial=1), inverse.max(initial=0)
    if low >= _SMALLEST_INVERSE and high <= _LARGEST_INVERSE:
        return np.empty(0, np.intp)
    small = (inverse < _SMALLEST_INVERSE) & (inverse > 0)
    return np.flatnonzero(small | (inverse > _LARGEST_INVERSE))


def _scores(vectors: Float32, inverse: Float32, queries: Float32, out: Float32) -> Float32:
    """Write the products of unit rows with all rows to `out` (Q, V); return their factors (V,)."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        if len(queries) == 1:
            np.dot(vectors, queries[0], out=out[0])
        else:
            np.dot(queries, vectors.T, out=out)
    rows = _extreme_rows(inverse)
    if len(rows) == 0:
        return inverse
    out[:, rows] = queries @ unit_rows(vectors[rows]).T
    weights = inverse.copy()
    weights[rows] = 1
    return weights


def cosines(vectors: Float32, inverse: Float32, queries: Float32) -> Float32:
    """All cosines of unit rows `queries` (Q, d) with `vectors` (V, d): shape (Q, V), float32."""
    scores = np.empty((len(queries), len(vectors)), np.float32)
    weights = _scores(vectors, inverse, queries, scores)
    scores *= weights
    return clip_cosines(scores)


def clip_cosines(scores: Float32) -> Float32:
    """Limit cosines to -1 to 1 in place; rounding may exceed this range."""
    return np.clip(scores, -1, 1, out=scores)


def cosine(one: Floats, two: Floats) -> float:
    """The cosine of two vectors, in double; 0 if one of them is zero."""
    one, two = np.asarray(one, np.float64), np.asarray(two, np.float64)
    norms = np.sqrt(np.dot(one, one)) * np.sqrt(np.dot(two, two))
    return float(np.clip(np.dot(one, two) / norms, -1, 1)) if norms > 0 else 0.0


def cosines_between(vector: ArrayLike, vectors: ArrayLike) -> Float64:
    """The cosines of a vector (d,) with each row of an array (n, d), in double; shape (n,)."""
    one, rows = np.asarray(vector, np.float64), np.asarray(vectors, np.float64)
    if one.ndim != 1 or rows.ndim != 2 or rows.shape[1] != len(one):
        raise ValueError(
            f"vectors of shape {one.shape} and {rows.shape}: give one of shape (d,) and an array "
            "of shape (n, d)"
        )
    return np.clip(unit_rows_double(rows) @ unit_rows_double(one[None])[0], -1, 1)


def unit_matrix(vectors: Float32) -> Float32:
    """A copy of a large matrix whose rows are scaled to norm 1; zeros remain zeros."""
    out = np.empty_like(vectors)
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        out[block] = unit_rows_double(vectors[block])
    return out


def farthest_from_mean(vectors: Float32) -> int:
    """The row whose cosine with the mean of all unit vectors is smallest."""
    units = unit_rows(vectors)
    mean = unit_rows(units.mean(axis=0, dtype=np.float64)[None])[0]
    return int(np.argmin(units @ mean))


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
        Best first; rows with equal scores in ascending order.
    scores : ndarray of shape (Q, n), float32
    """
    best = np.full((len(queries), n), -np.inf, np.float32)
    rows = np.full((len(queries), n), -1, np.int64)

    def search(part: slice, block_size: int) -> None:
        _search_rows(vectors, inverse, queries[part], best[part], rows[part], block_size)

    _run_in_parts(search, len(queries), vectors.size)
    _topn.sort_heaps(best, rows)
    return rows, best


def nearest_cosines(
    vectors: Float32, inverse: Float32, queries: Float32, n: int
) -> tuple[Int64, Float32]:
    """The same as `nearest`, with the scores limited to the range of cosines."""
    rows, scores = nearest(vectors, inverse, queries, n)
    return rows, clip_cosines(scores)


def _search_rows(
    vectors: Float32,
    inverse: Float32,
    queries: Float32,
    best: Float32,
    rows: Int64,
    block_size: int,
) -> None:
    """Offer every row to the heaps of these queries, `block_size` scores at a time."""
    step = max(256, block_size // len(queries))
    buffer = np.empty(len(queries) * min(step, len(vectors)), np.float32)
    for start in range(0, len(vectors), step):
        block = vectors[start : start + step]
        scores = buffer[: len(queries) * len(block)].reshape(len(queries), len(block))
        weights = _scores(block, inverse[start : start + step], queries, scores)
        _topn.offer_block(scores, weights, start, best, rows)


def _run_in_parts(search: Callable[[slice, int], None], count: int, size: int) -> None:
    """Call search(slice of the queries, scores per block) until all `count` are answered.

    Large searches use our own threads, each with its own queries. BLAS's threads would wait for
    each other in every call, which is slow if other programs use the cores too.
    """
    threads = _threads.resolve(None) if count > 1 and count * size >= _WORTH_THREADS else 1
    if threads == 1:
        for start in range(0, count, _QUERIES_AT_ONCE):
            search(slice(start, start + _QUERIES_AT_ONCE), _SCORES_AT_ONCE)
        return
    length = min(_QUERIES_AT_ONCE, max(64, -(-count // (2 * threads))))

    def work(_: int, part: int) -> None:
        search(slice(part * length, (part + 1) * length), _SCORES_AT_ONCE // 4)

    if _threads.run_tasks(work, -(-count // length), threads, stop=lambda: None):
        raise KeyboardInterrupt


def products(
    vectors: Float32, inverse: Float32, terms: Float32, plus: Ints, minus: Ints
) -> Float32:
    """3CosMul: a product of (1 + cosine) / 2, divided by 1e-6 plus a second such product.

    Parameters
    ----------
    vectors : ndarray of shape (V, d), float32
    inverse : ndarray of shape (V,), float32
        1 / norm of each row.
    terms : ndarray of shape (t, d), float32
        Rows of norm 1.
    plus, minus : ndarray of shape (Q, p) and (Q, m), int
        Each query's rows of `terms` in the numerator and the denominator; t means a factor of 1.

    Returns
    -------
    ndarray of shape (Q, V), float32

    References
    ----------
    O. Levy, Y. Goldberg: Linguistic Regularities in Sparse and Explicit Word Representations,
    CoNLL 2014, equation 4.
    """
    return _products(vectors, inverse, *_gather(terms, plus, minus))


def _gather(terms: Float32, plus: Ints, minus: Ints) -> tuple[Float32, Int64, Int64]:
    """The terms in use, and `plus` and `minus` as 1-based rows of them; 0 means a factor of 1."""
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
    weights = _scores(vectors, inverse, terms, factors[1:])
    factors[1:] *= weights
    factors[1:] += 1
    factors[1:] *= 0.5
    out = np.empty((len(plus), len(vectors)), np.float32)
    scratch = np.empty(len(vectors), np.float32)
    _topn.multiply_and_divide(factors, plus, minus, 1e-6, scratch, out)
    return out


def nearest_products(
    vectors: Float32, inverse: Float32, terms: Float32, plus: Ints, minus: Ints, n: int
) -> tuple[Int64, Float32]:
    """The n rows with the largest `products`; returns the same as `nearest`."""
    best = np.full((len(plus), n), -np.inf, np.float32)
    rows = np.full((len(plus), n), -1, np.int64)

    def search(part: slice, block_size: int) -> None:
        gathered = _gather(terms, plus[part], minus[part])
        step = max(256, block_size // max(len(gathered[0]), len(plus[part])))
        for start in range(0, len(vectors), step):
            block = slice(start, start + step)
            scores = _products(vectors[block], inverse[block], *gathered)
            ones = np.ones(scores.shape[1], np.float32)
            _topn.offer_block(scores, ones, start, best[part], rows[part])

    _run_in_parts(search, len(plus), vectors.size)
    _topn.sort_heaps(best, rows)
    return rows, best
