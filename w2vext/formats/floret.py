"""floret's table (.floret), which ``spacy init vectors --mode floret`` reads.

floret has no rows of words. The bracketed word and each of its n-grams are hashed to 1 to 4 rows of
one table, and a word's vector is the mean of all of them. A table that was read is written as it
is. For other subwords a table is fitted, by weighted least squares, so that the mean of the rows of
an n-gram is its vector, and that of a bracketed word is the word's own row. With enough rows this
has an exact solution.
https://github.com/explosion/floret
"""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.messages import COPY_AGAIN, shown, warn
from w2vext.formats import _lines, _rows
from w2vext.formats._choice import Choice
from w2vext.formats._source import reading
from w2vext.formats.fasttext_model import encoded
from w2vext.kernels._subwords import NgramRows, murmur_rows, ngrams
from w2vext.kernels.floret import FloretRows
from w2vext.kernels.means import mean_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Float64, Floats, Int64
    from w2vext.formats._source import Source

EXPECTED = "a table of floret"
SEED = 2_166_136_261
# Rows for each n-gram, by the number of rows that it is hashed to, for which the equations have a
# solution almost surely: a little more than the threshold of cuckoo hashing (2, 1.09 and 1.02).
_ROWS = {1: 2.0, 2: 3.0, 3: 1.25, 4: 1.15}
_ROUNDS = 200  # of conjugate gradients, at most
_EXACT = 1e-5  # the residual, relative to the first one, that ends them
_WARN = 0.05
_WORDS_AT_ONCE = 4096


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a table. It has no words: those to compose have to be given.

    Parameters
    ----------
    path : str or path-like
    **how
        As in `word2vec_text.read`. Of `words`, those that have a vector are composed, in the order
        of their spelling; without them there are no words. A bad row is an error, because all rows
        are needed.

    Returns
    -------
    words : list of str
    matrix : ndarray of shape (V, d), float32
    meta : dict
        `subwords`: `min_n`, `max_n`, `hash_count`, `seed`, and the table as `rows`.

    Raises
    ------
    ValueError
        The file is malformed; the message names file and line. Or `limit` is given without words.
    """
    choice = Choice(**how)
    choice.check_unicode("floret")
    with reading(path, EXPECTED, choice) as source:
        rows, d, settings = _header(source)
        alone = Choice(max_memory=choice.max_memory)
        names, table, _ = _lines.read_text_rows(source, d, alone, rows=rows, first_line=2)
    for row, name in enumerate(names):
        if name != str(row):
            raise ValueError(
                f"{path}, line {row + 2}: expected row {row} of the table, found {shown(name)}"
            )
    if choice.words is None and choice.limit is not None:
        raise ValueError(
            f"{path}: limit={choice.limit}: a table of floret has no words: give words"
        )
    asked = sorted(word for word in choice.words or () if isinstance(word, str))
    min_n, max_n, hash_count, seed = settings
    matrix = _composed(table, asked, FloretRows(min_n, max_n, hash_count, seed, rows))
    has = np.any(matrix, axis=1)
    words = [word for word, one in zip(asked, has, strict=True) if one][: choice.limit]
    stored = dict(zip(("min_n", "max_n", "hash_count", "seed"), settings, strict=True))
    meta = {"format": "floret table", "subwords": {**stored, "rows": table}}
    return words, matrix[has][: choice.limit], meta


def _composed(table: Float32, words: list[str], hashed: FloretRows) -> Float32:
    """The vectors of words."""
    out = np.zeros((len(words), table.shape[1]), np.float32)
    for begin in range(0, len(words), _WORDS_AT_ONCE):
        part = slice(begin, begin + _WORDS_AT_ONCE)
        raw = [word.encode("utf-8", "surrogateescape") for word in words[part]]
        mean_rows(table, *hashed.rows(raw), out[part])
    return out


def _header(source: Source) -> tuple[int, int, tuple[int, ...]]:
    """(rows, dimensions, (min_n, max_n, hash_count, seed)) of the first line, which is consumed."""
    line = source.line() or b""
    fields = line.removeprefix(BOM_UTF8).split()
    numbers = [int(f) if f.isdigit() and len(f) < 19 else -1 for f in fields[:6]]
    if len(fields) != 8 or min(numbers) < 0:
        raise ValueError(
            f"{source.path}, line 1: {EXPECTED} starts with the line 'bucket dim minn maxn "
            f"hashCount hashSeed < >'; found {_lines.shown_line(line)}"
        )
    rows, d, min_n, max_n, hash_count, seed = numbers
    if fields[6:] != [b"<", b">"]:
        raise ValueError(
            f"{source.path}, line 1: words between {shown(fields[6].decode('utf-8', 'replace'))} "
            f"and {shown(fields[7].decode('utf-8', 'replace'))}: only '<' and '>' are supported"
        )
    if hash_count not in _ROWS or not (0 < rows < 1 << 31 and 0 < d and seed < 1 << 32):
        raise ValueError(
            f"{source.path}, line 1: a table of {rows:,} rows and {d:,} dimensions with "
            f"{hash_count} hashes and the seed {seed}: a number is out of range"
        )
    if (max_n and min_n > max_n) or max(min_n, max_n) >= 1 << 31:
        raise ValueError(f"{source.path}, line 1: n-grams of {min_n} to {max_n} characters")
    source.start = min(source.start + len(line) + 1, source.end)
    needed = rows * (2 * d + 2) - 1
    if source.rest is not None and needed > source.rest:
        raise ValueError(
            f"{source.path}, line 1: the header declares {rows:,} rows of {d:,} numbers, at least "
            f"{needed:,} bytes, but only {source.rest:,} bytes follow: the file is cut off, "
            + COPY_AGAIN
        )
    source.check_memory(4 * d)
    return rows, d, (min_n, max_n, hash_count, seed)


def write(
    path: FilePath,
    words: Sequence[Any],
    matrix: Floats,
    meta: Mapping[str, Any] | None = None,
    *,
    bucket: int | None = None,
    hash_count: int | None = None,
) -> None:
    """Write the table of vectors with subwords.

    Parameters
    ----------
    bucket : int, optional
        The number of rows. By default enough for each n-gram to keep its vector.
    hash_count : {1, 2, 3, 4}, optional
        An n-gram is the mean of this many rows. With more, a smaller table keeps the vectors. By
        default 3, or that of the table that was read.

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
    stored = (meta or {}).get("subwords")
    if stored is not None and "hash_count" in stored:
        _write_again(path, stored, bucket, hash_count)
        return
    hash_count = 3 if hash_count is None else hash_count
    if hash_count not in _ROWS:
        raise ValueError(f"hash_count={shown(hash_count)}: give 1, 2, 3 or 4")
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
        warn(
            f"{path}: {bucket:,} rows are few for {len(texts):,} n-grams and words: the vectors "
            f"differ by {error:.0%} of their length; give bucket={int(_ROWS[3] * len(texts)):,} "
            "and hash_count=3 to keep them"
        )
    _write_table(path, table, (stored["min_n"], stored["max_n"], hash_count, SEED))


def _write_again(
    path: FilePath, stored: Mapping[str, Any], bucket: int | None, hash_count: int | None
) -> None:
    """Write a table that was read."""
    table = stored["rows"]
    for name, asked, own in (
        ("bucket", bucket, len(table)),
        ("hash_count", hash_count, stored["hash_count"]),
    ):
        if asked is not None and asked != own:
            raise ValueError(
                f"{name}={shown(asked)}: the vectors come from a table of floret with "
                f"{name}={own}, which cannot be changed"
            )
    _rows.check_finite(table, lambda row: f"cannot write row {row} of the table")
    names = ("min_n", "max_n", "hash_count", "seed")
    _write_table(path, table, tuple(stored[name] for name in names))


def _write_table(path: FilePath, table: Float32, settings: tuple[int, ...]) -> None:
    size = table.shape[1]
    with _files.writing(path) as file:
        file.write(b"%d %d %d %d %d %d < >\n" % (*table.shape, *settings))
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
