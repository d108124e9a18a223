"""Checks of words and matrices, and the lines of a word and its numbers that text formats share.

Every error names the line. No more memory is allocated than the file could need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._messages import shown
from w2vext.formats import _numbers
from w2vext.formats._keeper import ROWS_AT_ONCE, Keeper, Matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from w2vext._types import FilePath, Float32, Int64
    from w2vext.formats._source import Source

# If only this many bytes are missing, reading goes on until the row that is incomplete.
_SLACK = 1 << 16
# Limits of a word and of a number in bytes. A small compressed file may contain an endless line.
_LONGEST_WORD, _LONGEST_NUMBER = 1 << 20, 1 << 10


def check_limit(limit: int | None) -> None:
    """Check a number of rows to read."""
    if limit is not None and (not isinstance(limit, (int, np.integer)) or limit < 1):
        raise ValueError(f"limit={shown(limit)}: give a number of rows, 1 or more, or None for all")


def parse_header(
    source: Source, expected: str, smallest_row: Callable[[int], int]
) -> tuple[int, int]:
    """Read the header line, "V d", and check that the file is large enough for V rows.

    Parameters
    ----------
    source : Source
        At the start of the file; the line is consumed.
    expected : str
        The name of the format, for error messages.
    smallest_row : callable
        d -> the length of the shortest possible row in bytes.
    """
    line = source.line()
    fields = (line or b"").removeprefix(b"\xef\xbb\xbf").split()
    if line is None or len(fields) != 2 or not all(f.isdigit() and len(f) < 19 for f in fields):
        found = "more than 65,536 bytes without a newline" if line is None else shown_line(line)
        raise ValueError(
            f"{source.path}, line 1: {expected} starts with a line of two numbers, words and "
            f"dimensions; found {found}. GloVe's text has no such line: format='glove' reads it"
        )
    rows, dimensions = map(int, fields)
    if dimensions < 1:
        raise ValueError(
            f"{source.path}, line 1: the header declares {dimensions} dimensions; at least 1 is "
            "needed"
        )
    source.start = min(source.start + len(line) + 1, source.end)
    if source.rest is not None and rows * smallest_row(dimensions) - 1 > source.rest + _SLACK:
        raise ValueError(
            f"{source.path}, line 1: the header declares {rows:,} words of {dimensions:,} "
            f"dimensions, at least {rows * smallest_row(dimensions) - 1:,} bytes, but only "
            f"{source.rest:,} bytes follow: the header is wrong or the file is cut off"
        )
    # The size of compressed data is unknown: memory is allocated once one row has been read.
    while source.rest is None and rows and source.end - source.start < smallest_row(dimensions) - 1:
        if not source.fill():
            raise ValueError(
                f"{source.path}, line 1: the header declares {dimensions:,} dimensions, but only "
                f"{source.end - source.start:,} bytes follow, less than one row"
            )
    return rows, dimensions


def shown_line(line: bytes) -> str:
    """The start of a line, as error messages show it."""
    return shown(line[:400].decode("utf-8", "replace"))


def _row_error(
    path: str,
    line_number: int,
    line: bytes,
    column: int,
    status: str,
    dimensions: int,
    worded: bool,
) -> str:
    """The message for an error at byte `column` of a line."""
    where = f"{path}, line {line_number}"
    fields = line.split()
    numbers = len(fields) - worded
    if status == "no word":
        return f"{where}: {'an empty line' if not fields else 'no word before the first number'}"
    if status in ("too few", "too many"):
        return f"{where}: expected {dimensions:,} numbers, found {numbers:,}: {shown_line(line)}"
    token = (line[column:].split() or [b""])[0]
    if numbers > dimensions:
        return (
            f"{where}: expected {dimensions:,} numbers, found {numbers:,} (does the word contain "
            f"a space?): {shown_line(line)}"
        )
    if status == "not finite":
        return f"{where}: {shown_line(token)} is not a finite float32"
    return f"{where}: {shown_line(token)} is not a number"


def read_text_rows(
    source: Source,
    dimensions: int,
    *,
    rows: int | None,
    first_line: int,
    limit: int | None,
    words: Iterable[Any] | None,
    errors: str,
    worded: bool = True,
) -> tuple[list[str], Float32]:
    """Read the lines from here on.

    Parameters
    ----------
    source : Source
    dimensions : int
    rows : int or None
        The number of rows that the header declares; None reads to the end of the file.
    first_line : int
        The number of the next line, for error messages.
    limit, words, errors
        As for `word2vec_text.read`.
    worded : bool, default=True
        False reads lines of numbers without a word.
    """
    check_limit(limit)
    wanted = rows if limit is None else limit if rows is None else min(rows, limit)
    capacity = wanted if words is None and source.size is not None else None
    matrix = Matrix(dimensions, wanted if words is None else None, capacity)
    keeper = Keeper(
        source.path,
        matrix,
        wanted=words,
        errors=errors,
        place=lambda row: f"line {first_line + row}",
    )
    spans = np.empty((ROWS_AT_ONCE, 2), np.int64)
    more = True
    while wanted is None or keeper.seen < wanted:
        end = source.data.rfind(b"\n", source.start, source.end) + 1
        if end <= source.start:
            if more:
                if source.end - source.start > _LONGEST_WORD + _LONGEST_NUMBER * dimensions:
                    raise ValueError(
                        f"{source.path}, line {first_line + keeper.seen}: "
                        f"{source.end - source.start:,} bytes without the end of a line, expected "
                        f"a word and {dimensions:,} numbers"
                    )
                more = source.fill()
                continue
            end = source.end
            if not bytes(source.data[source.start : end]).strip():
                break
        array, stop = matrix.reserve()
        if wanted is not None:
            stop = min(stop, matrix.rows + wanted - keeper.seen)
        n, place, status, column = _numbers.parse_rows(
            source.data, source.start, end, array, matrix.rows, stop, spans, worded
        )
        if worded:
            keeper.take(source.data, spans, n)
        else:
            keeper.seen += n
            matrix.rows += n
        source.start = place
        if status != "read":
            line = source.line(1 << 30) or b""
            if not line.strip() and not _anything_follows(source):
                break
            number = first_line + keeper.seen
            raise ValueError(
                _row_error(source.path, number, line, column - place, status, dimensions, worded)
            )
    _check_count(source, keeper.seen, rows, limit, first_line)
    return keeper.finish()


def _anything_follows(source: Source) -> bool:
    """Whether anything but white space follows; consumes the white space."""
    while True:
        rest = bytes(source.data[source.start : source.end])
        if rest.strip():
            return True
        source.start = source.end
        if not source.fill():
            return False


def _check_count(
    source: Source, seen: int, rows: int | None, limit: int | None, first_line: int
) -> None:
    if rows is None or (limit is not None and seen == limit < rows):
        return
    if seen < rows:
        raise ValueError(
            f"{source.path}, line {first_line + seen}: the file ends after {seen:,} of the "
            f"{rows:,} words that its header declares"
        )
    if _anything_follows(source):
        raise ValueError(
            f"{source.path}, line {first_line + rows}: more lines than the {rows:,} words that "
            "its header declares"
        )


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


def encode_words(words: Iterable[Any], forbidden: str = _FORBIDDEN) -> list[bytes]:
    """Each word's bytes; raises ValueError for a word that could not be read back."""
    tokens = list(words)
    texts = [as_text(token) for token in tokens]
    every = "".join(texts)
    try:
        encoded = [text.encode("utf-8") for text in texts]
    except UnicodeEncodeError:
        encoded = []
    if (
        len(encoded) == len(set(texts)) == len(tokens)
        and all(texts)
        and not any(char in every for char in forbidden)
    ):
        return encoded
    raise _fault(tokens, texts, forbidden)


def _fault(tokens: list[Any], texts: list[str], forbidden: str) -> ValueError:
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
            return ValueError(
                f"cannot write the word {shown(word)}: it contains a lone surrogate, which UTF-8 "
                "cannot encode"
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
    with np.errstate(over="ignore"):  # numbers beyond float32 become infinite and are reported
        matrix = np.ascontiguousarray(matrix, dtype=np.float32)
    check_finite(matrix, lambda row: f"cannot write the vector of {shown(words[row])}")
    return matrix


def check_finite(matrix: NDArray[Any], name: Callable[[int], str]) -> None:
    """Raise a ValueError that starts with name(row) for the first row with NaN or infinity."""
    for start in range(0, len(matrix), ROWS_AT_ONCE):
        block = matrix[start : start + ROWS_AT_ONCE]
        if not np.isfinite(block).all():
            row = start + int(np.flatnonzero(~np.isfinite(block).all(axis=1))[0])
            raise ValueError(f"{name(row)}: it contains NaN or infinity")


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


def check_counts(counts: ArrayLike, rows: int, where: str = "") -> Int64:
    """The counts as int64, checked to be one for each row; errors start with `where`."""
    counts = np.asarray(counts)
    if counts.shape != (rows,) or counts.dtype.kind not in "iu":
        raise ValueError(
            f"{where}counts has shape {counts.shape} and type {counts.dtype} for {rows:,} "
            "words: give one integer for each word"
        )
    return np.ascontiguousarray(counts, np.int64)


def select(
    path: FilePath,
    found: list[Any],
    matrix: Float32,
    aside: dict[str, Any],
    *,
    limit: int | None,
    words: Iterable[Any] | None,
    finite: bool = True,
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
    limit, words
        As for `word2vec_text.read`.
    finite : bool, default=True
        Check that every number is finite.
    """
    check_limit(limit)
    aside = {name: value for name, value in aside.items() if value is not None}
    if len(set(found)) != len(found):
        seen: dict[Any, int] = {}
        for row, word in enumerate(found):
            if seen.setdefault(word, row) != row:
                raise ValueError(
                    f"{path}, row {row + 1:,}: the word {shown(word)} again, after row "
                    f"{seen[word] + 1:,}"
                )
    if limit is not None:
        found, matrix = found[:limit], matrix[:limit]
        aside = {name: value[:limit] for name, value in aside.items()}
    if words is not None:
        wanted = set(words)
        rows = [row for row, word in enumerate(found) if word in wanted]
        found, matrix = [found[row] for row in rows], matrix[rows]
        aside = {name: value[rows] for name, value in aside.items()}
    if finite:
        check_finite(matrix, lambda row: f"{path}, row {row + 1:,} ({shown(found[row])})")
    return found, matrix, aside
