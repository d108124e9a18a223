"""Checks and selection of words and rows, and the lines that text formats write."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.arrays import as_float32, bad_counts, count_error, first_not_finite
from w2vext._arguments.messages import shown
from w2vext.formats import _numbers
from w2vext.formats._choice import SKIP, BadRows, Choice, describe
from w2vext.formats._keeper import ROWS_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from w2vext._arguments.types import FilePath, Float32

# ---- writing -------------------------------------------------------------------------------------

_FORBIDDEN = " \t\n\r\v\f\0"


def as_text(token: Any) -> str:
    """The text of a word that is written: bytes are decoded as UTF-8, other types by str()."""
    if isinstance(token, bytes):
        try:
            return token.decode("utf-8")
        except UnicodeDecodeError:
            raise ValueError(
                f"cannot write the word {shown(token)}: its bytes are not UTF-8; rename it"
            ) from None
    return str(token)


def check_distinct(words: Sequence[str | bytes]) -> None:
    """Raise ValueError if one of the words, or of their bytes, occurs twice."""
    if len(set(words)) == len(words):
        return
    twice = Counter(words).most_common(1)[0][0]
    word = twice.decode("utf-8", "surrogateescape") if isinstance(twice, bytes) else twice
    raise ValueError(f"cannot write the word {shown(word)}: it occurs twice: rename one of the two")


def encode_words(
    words: Iterable[Any], forbidden: str = _FORBIDDEN, *, raw: bool = False
) -> list[bytes]:
    """Each word's bytes; raises ValueError for a word that could not be read back.

    With raw=True, the surrogates that ``errors="surrogateescape"`` makes of bytes become these
    bytes again.
    """
    tokens = list(words)
    texts = [as_text(token) for token in tokens]
    every = "".join(texts)
    try:
        encoded = [text.encode("utf-8") for text in texts]
    except UnicodeEncodeError:
        encoded = [_raw(text) or b"" for text in texts] if raw else []
    if (
        len(encoded) == len(set(texts)) == len(tokens)
        and all(encoded)
        and not any(char in every for char in forbidden)
    ):
        return encoded
    raise _fault(tokens, texts, forbidden, raw)


def check_first(encoded: Sequence[bytes]) -> None:
    """Raise ValueError if a file cannot begin with these words: the mark would be dropped."""
    if encoded and encoded[0].startswith(BOM_UTF8):
        raise ValueError(
            f"cannot write the word {shown(encoded[0].decode('utf-8', 'surrogateescape'))} first: "
            "it begins with U+FEFF, which at the start of a file is a byte order mark; rename it, "
            "or write word2vec's format, which begins with a header"
        )


def _raw(text: str) -> bytes | None:
    """The bytes of a word that may have surrogates for bytes; None if it has other ones."""
    try:
        encoded = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None
    return encoded if encoded.decode("utf-8", "surrogateescape") == text else None


def _fault(tokens: list[Any], texts: list[str], forbidden: str, raw: bool) -> ValueError:
    """The error for the first word that cannot be written."""
    seen: dict[str, Any] = {}
    for token, word in zip(tokens, texts, strict=True):
        if not word:
            return ValueError("cannot write an empty word: it could not be read back; remove it")
        for char in forbidden:
            if char in word:
                name = "a NUL" if char == "\0" else "white space"
                return ValueError(
                    f"cannot write the word {shown(word)}: it contains {name}, which ends a word "
                    "in this format; replace it, for example by '_'"
                )
        try:
            word.encode("utf-8")
        except UnicodeEncodeError:
            if not raw or _raw(word) is None:
                return ValueError(
                    f"cannot write the word {shown(word)}: it contains a lone surrogate, which "
                    "UTF-8 cannot encode"
                    + ("" if raw else "; text and word2vec's binary format keep such bytes")
                )
        if word in seen:
            return ValueError(
                f"cannot write the words {shown(seen[word])} and {shown(token)}: both are "
                f"{shown(word)} as text"
            )
        seen[word] = token
    raise AssertionError("every word can be written")


def check_matrix(words: Sequence[Any], matrix: ArrayLike) -> Float32:
    """The matrix as float32, checked to have one row for each word and only finite numbers."""
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or len(matrix) != len(words) or matrix.shape[1] < 1:
        raise ValueError(
            f"matrix has shape {matrix.shape} for {len(words):,} words: give one row of at least "
            "one number for each word"
        )
    matrix = as_float32("matrix", matrix)
    check_finite(matrix, lambda row: f"cannot write the vector of {shown(words[row])}")
    return matrix


def check_finite(matrix: NDArray[Any], name: Callable[[int], str]) -> None:
    """Raise a ValueError that starts with name(row) for the first row with NaN or infinity."""
    row = first_not_finite(matrix)
    if row is not None:
        raise ValueError(f"{name(row)}: it contains NaN or infinity")


def cast(matrix: Float32, words: Sequence[Any], dtype: str) -> NDArray[Any]:
    """The matrix as float32 or float16; raises ValueError for a number beyond float16."""
    with np.errstate(over="ignore"):
        made = matrix.astype(dtype, copy=False)
    if dtype == "float16":
        check_finite(
            made, lambda row: f"cannot write the vector of {words[row]!r} as float16 (beyond 65504)"
        )
    return made


def write_text(path: FilePath, head: bytes, words: list[bytes], matrix: Float32) -> None:
    """Write a file: head, then one line for each row."""
    with _files.writing(path, compress=True) as file:
        file.write(head)
        print_rows(file, words, matrix)


def print_rows(file: Any, words: list[bytes], matrix: Float32) -> None:
    """Write one line for each row; without words, lines of numbers between tabs."""
    step = max(1, (1 << 18) // matrix.shape[1])
    for start in range(0, len(matrix), step):
        file.write(_numbers.print_rows(words, matrix, start, min(start + step, len(matrix))))


# ---- formats that store words and numbers separately ---------------------------------------------


def select(
    path: FilePath,
    found: list[Any],
    matrix: Float32,
    aside: dict[str, Any],
    *,
    finite: bool = True,
    empty: bool = False,
    **how: Any,
) -> tuple[list[Any], Float32, dict[str, Any]]:
    """Check words and rows that were read, and keep the requested ones.

    Parameters
    ----------
    path : str or path-like
        For error messages.
    found, matrix
        All words and their rows.
    aside : dict
        Further arrays by row (counts, output_vectors); a value of None is dropped.
    finite : bool, default=True
        Check that every number is finite.
    empty : bool, default=False
        Whether a word may be empty.
    **how
        The parameters of `Choice`.

    Returns
    -------
    words, matrix, aside
        With bad rows, aside has an entry "bad_rows".
    """
    choice = Choice(**how)
    if matrix.ndim != 2 or matrix.shape[1] < 1:
        raise ValueError(
            f"{path}: the vectors have shape {matrix.shape}: at least one dimension is needed"
        )
    aside = {name: value for name, value in aside.items() if value is not None}
    rows: Sequence[int] = range(len(found))
    if choice.words is not None or not choice.skip:
        rows = rows[: choice.limit]
    if choice.words is not None:
        rows = [row for row in rows if choice.wants(found[row])]
    found, matrix, aside = _taken(rows, found, matrix, aside)
    bad, odd = BadRows(), dict[int, str]()
    for i, kind, what in _odd_rows(rows, found, matrix, aside.get("counts"), odd, finite, empty):
        if not choice.skip:
            raise ValueError(f"{path}, row {rows[i] + 1:,}{what}; {SKIP} leaves the row out")
        if odd.setdefault(i, kind) == kind:
            bad.add(kind, f"row {rows[i] + 1:,}", shown(found[i]))
    if bad.total and bad.total == len(found):
        raise ValueError(f"{path}: no row can be read: {describe(bad.meta())}")
    if choice.skip and (odd or choice.limit is not None):
        kept = [i for i in range(len(found)) if i not in odd][: choice.limit]
        found, matrix, aside = _taken(kept, found, matrix, aside)
    if "counts" in aside:
        aside["counts"] = np.ascontiguousarray(aside["counts"], np.int64)
    return found, matrix, aside | bad.meta()


def _taken(
    rows: Sequence[int], found: list[Any], matrix: Float32, aside: dict[str, Any]
) -> tuple[list[Any], Float32, dict[str, Any]]:
    """Some rows of the words, the matrix and the arrays in `aside`."""
    at = slice(len(rows)) if isinstance(rows, range) else np.array(rows, np.int64)
    words = found[: len(rows)] if isinstance(rows, range) else [found[row] for row in rows]
    return words, matrix[at], {name: value[at] for name, value in aside.items()}


def _odd_rows(
    rows: Sequence[int],
    found: list[Any],
    matrix: Float32,
    counts: NDArray[Any] | None,
    odd: dict[int, str],
    finite: bool,
    empty: bool,
) -> Iterator[tuple[int, str, str]]:
    """(index, kind, what is wrong) of each bad row; those in `odd` are not reported as repeated."""
    for start in range(0, len(matrix) if finite else 0, ROWS_AT_ONCE):
        block = np.isfinite(matrix[start : start + ROWS_AT_ONCE])
        if not block.all():
            for i in (start + np.flatnonzero(~block.all(axis=1))).tolist():
                yield i, "not finite", f" ({shown(found[i])}): it contains NaN or infinity"
    if counts is not None and (bad := bad_counts(counts)).any():
        for i in np.flatnonzero(bad).tolist():
            yield i, "count", f" ({shown(found[i])}): {count_error(i, counts[i])}"
    if not empty and not all(found):
        for i, word in enumerate(found):
            if not word and isinstance(word, str):
                yield i, "no word", ": the word is empty"
    if len(set(found)) != len(found):
        first: dict[Any, int] = {}
        for i, word in enumerate(found):
            if i not in odd and first.setdefault(word, i) != i:
                after = rows[first[word]] + 1
                yield i, "repeated", f": the word {shown(word)} again, after row {after:,}"
