"""floret's table (.floret), which ``spacy init vectors --mode floret`` reads; written only.

floret has no rows of words. The bracketed word and each of its n-grams are hashed to 1 to 4 rows of
one table, and a word's vector is the mean of all of them. The table written here is fitted, by
weighted least squares, so that the mean of the rows of an n-gram is its vector, and that of a
bracketed word is the word's own row. With enough rows this has an exact solution.
https://github.com/explosion/floret
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.messages import shown
from w2vext.formats import _rows
from w2vext.formats.fasttext_model import encoded
from w2vext.kernels._subwords import NgramRows, murmur_rows, ngrams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Float64, Floats, Int64

SEED = 2_166_136_261
# Rows for each n-gram, by the number of rows that it is hashed to, for which the equations have a
# solution almost surely: a little more than the threshold of cuckoo hashing (2, 1.09 and 1.02).
_ROWS = {1: 2.0, 2: 3.0, 3: 1.25, 4: 1.15}
_ROUNDS = 200  # of conjugate gradients, at most
_EXACT = 1e-5  # the residual, relative to the first one, that ends them
_WARN = 0.05


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Raise ValueError: a table has no words."""
    raise ValueError(
        f"{path}: a table of floret holds no words: read the .vec file that floret wrote next to "
        "it, or load the table into spaCy"
    )


def write(
    path: FilePath,
    words: Sequence[Any],
    matrix: Floats,
    meta: Mapping[str, Any] | None = None,
    *,
    bucket: int | None = None,
    hash_count: int = 3,
) -> None:
    """Write the table of vectors with subwords.

    Parameters
    ----------
    bucket : int, optional
        The number of rows. By default enough for each n-gram to keep its vector.
    hash_count : {1, 2, 3, 4}
        An n-gram is the mean of this many rows. With more, a smaller table keeps the vectors.

    Raises
    ------
    ValueError
        The vectors have no subwords, n-grams may have one character, a parameter is out of range,
        or a word is invalid as for fastText's models.

    Warns
    -----
    UserWarning
        The table has too few rows: the vectors differ by more than 5 % of their length.
    """
    if hash_count not in _ROWS:
        raise ValueError(f"hash_count={shown(hash_count)}: give 1, 2, 3 or 4")
    stored = (meta or {}).get("subwords")
    if stored is None or not stored["bucket"]:
        raise ValueError(f"{path}: a table of floret is made of subwords, and these have none")
    if stored["min_n"] < 2:
        raise ValueError(
            f"{path}: min_n={stored['min_n']}: spaCy takes each bracket for an n-gram where "
            "n-grams may have one character: train with min_n of at least 2"
        )
    _rows.check_matrix(words, matrix)
    texts, targets, weights = _entries(encoded(words), (meta or {}).get("counts"), stored)
    if bucket is None:
        bucket = max(2, int(_ROWS[hash_count] * len(texts)))
    if not isinstance(bucket, (int, np.integer)) or not 2 <= bucket < 1 << 31:
        raise ValueError(f"bucket={shown(bucket)}: give an integer from 2 to 2**31 - 1")
    rows = murmur_rows(texts, SEED, hash_count, int(bucket))
    table, error = fitted(rows, targets, weights, int(bucket))
    if error > _WARN:
        warnings.warn(
            f"{path}: {bucket:,} rows are few for {len(texts):,} n-grams and words: the vectors "
            f"differ by {error:.0%} of their length; give bucket={int(_ROWS[3] * len(texts)):,} "
            "and hash_count=3 to keep them",
            UserWarning,
            stacklevel=4,
        )
    size = table.shape[1]
    with _files.writing(path) as file:
        file.write(
            b"%d %d %d %d %d %d < >\n"
            % (bucket, size, stored["min_n"], stored["max_n"], hash_count, SEED)
        )
        layout = b"%d " + b"%.5g " * size + b"\n"
        for row, numbers in enumerate(table):
            file.write(layout % (row, *numbers.tolist()))


def _entries(
    words: list[bytes], counts: Any, stored: Mapping[str, Any]
) -> tuple[list[bytes], Float32, Float64]:
    """The n-grams and bracketed words as bytes, their vectors, and the weights of these."""
    matrix, buckets, own = stored["rows"], stored["buckets"], stored["own"]
    first = matrix.shape[0] - (stored["bucket"] if buckets is None else len(buckets))
    keys = slots = None
    if buckets is not None:
        slots = np.argsort(buckets, kind="stable").astype(np.int32)
        keys = np.ascontiguousarray(buckets[slots], dtype=np.int32)
    lengths = stored["min_n"], stored["max_n"]
    table = NgramRows(*lengths, stored["bucket"], first, keys, slots)
    offsets, found = table.rows(words)
    numbers = [1] * len(words) if counts is None else np.asarray(counts).tolist()
    totals: dict[bytes, int] = {}
    rows: dict[bytes, list[int]] = {}
    for place, (word, number) in enumerate(zip(words, numbers, strict=True)):
        gram_rows = found[offsets[place] : offsets[place + 1]].tolist()
        grams = ngrams(word, *lengths) if gram_rows else []
        for (gram, _), row in zip(grams, gram_rows, strict=True):
            totals[gram] = totals.get(gram, 0) + number
            rows[gram] = [row]
    for word, number, row in zip(words, numbers, own.tolist(), strict=True):
        whole = b"<" + word + b">"  # may be an n-gram as well, which is then the mean of both
        totals[whole] = totals.get(whole, 0) + number
        rows[whole] = [*rows.get(whole, []), row]
    targets = np.zeros((len(rows), matrix.shape[1]), dtype=np.float32)
    for nth in (0, 1):
        places = [i for i, each in enumerate(rows.values()) if len(each) > nth and each[nth] >= 0]
        chosen = np.array([each[nth] for each in rows.values() if len(each) > nth], dtype=np.int64)
        chosen = chosen[chosen >= 0]
        taken = matrix[chosen] if isinstance(matrix, np.ndarray) else matrix.take(chosen)
        targets[places] += taken
    targets /= np.array([len(each) for each in rows.values()], dtype=np.float32)[:, None]
    return list(rows), targets, np.sqrt(np.array(list(totals.values()), dtype=np.float64).clip(1))


def fitted(rows: Int64, targets: Float32, weights: Float64, bucket: int) -> tuple[Float32, float]:
    """The table X (bucket, d) with the least Σ w |mean of X[rows[i]] - target[i]|².

    Conjugate gradients on the normal equations, all columns at once, scaled by their diagonal
    (M. Hestenes, E. Stiefel 1952).

    Returns
    -------
    table : float32 (bucket, d)
    error : float
        The norm of the residual relative to that of the targets.
    """
    from scipy.sparse import csr_matrix

    n, k = rows.shape
    shares = np.full(n * k, 1 / k, dtype=np.float32)
    means = csr_matrix((shares, rows.reshape(-1), np.arange(n + 1) * k), shape=(n, bucket))
    scale = (weights / weights.max()).astype(np.float32)[:, None]
    diagonal = np.asarray(means.power(2).T @ scale)
    inverse = np.divide(1, diagonal, out=np.zeros_like(diagonal), where=diagonal > 0)
    residual = np.asarray(means.T @ (scale * targets))
    table = np.zeros_like(residual)
    step = inverse * residual
    direction = step
    before = _dots(residual, step)
    first = before.sum()
    for _ in range(_ROUNDS):
        if before.sum() <= _EXACT**2 * first:
            break
        moved = np.asarray(means @ direction)
        curvature = _dots(moved, scale * moved)
        length = np.divide(before, curvature, out=np.zeros_like(before), where=curvature > 0)
        table += length.astype(np.float32) * direction
        residual = residual - length.astype(np.float32) * np.asarray(means.T @ (scale * moved))
        step = inverse * residual
        after = _dots(residual, step)
        ratio = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
        direction = step + ratio.astype(np.float32) * direction
        before = after
    difference = np.asarray(means @ table) - targets
    size = _dots(targets, targets).sum()
    error = float(np.sqrt(_dots(difference, difference).sum() / size)) if size else 0.0
    return table, error


def _dots(a: Float32, b: Float32) -> Float64:
    """The dot product of each column."""
    return np.einsum("ij,ij->j", a, b, dtype=np.float64)
