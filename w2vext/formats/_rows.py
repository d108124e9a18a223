"""Lines of a word and its numbers, and rows of a word and its float32s: what the text formats
share.

Refuses ragged lines, numbers that are not finite, empty and repeated words and bytes that are no
UTF-8, each with its line. Never allocates for more rows than the file could hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext.formats import _numbers
from w2vext.formats._keeper import AT_ONCE, Keeper, Matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from w2vext._types import FilePath, Float32, Int64
    from w2vext.formats._source import Source

# Bytes that a header may promise too many: the row that lacks them is named instead.
_SLACK = 1 << 16
# Bytes of a word and of a number, far beyond any: an endless line compresses into a small file.
_LONGEST_WORD, _LONGEST_NUMBER = 1 << 20, 1 << 10


def check_limit(limit: int | None) -> None:
    if limit is not None and (not isinstance(limit, (int, np.integer)) or limit < 1):
        raise ValueError(f"limit={limit!r}: give how many rows to read, 1 or more, or None for all")


def parse_header(
    source: Source, expected: str, smallest_row: Callable[[int], int]
) -> tuple[int, int]:
    """(V, d) of the `V d` line, consumed; refuses more rows than the rest of the file could hold.

    smallest_row : callable
        d -> bytes of the shortest possible row.
    """
    line = source.line()
    fields = (line or b"").removeprefix(b"\xef\xbb\xbf").split()
    if line is None or len(fields) != 2 or not all(f.isdigit() and len(f) < 19 for f in fields):
        shown = "more than 65,536 bytes without a newline" if line is None else shorten(line)
        raise ValueError(
            f"{source.path}, line 1: {expected} starts with a line of two numbers, words and "
            f"dimensions; found {shown}. Text without that line is GloVe's: name it .glove.txt"
        )
    rows, dimensions = map(int, fields)
    if dimensions < 1:
        raise ValueError(
            f"{source.path}, line 1: the header says {dimensions} dimensions; at least 1 is needed"
        )
    source.start = min(source.start + len(line) + 1, source.end)
    if source.rest is not None and rows * smallest_row(dimensions) - 1 > source.rest + _SLACK:
        raise ValueError(
            f"{source.path}, line 1: the header says {rows:,} words of {dimensions:,} dimensions, "
            f"at least {rows * smallest_row(dimensions) - 1:,} bytes, but {source.rest:,} bytes "
            "follow: the header is wrong or the file is cut off"
        )
    # Compression hides the size: one row must be there before room is made for any.
    while source.rest is None and rows and source.end - source.start < smallest_row(dimensions) - 1:
        if not source.fill():
            raise ValueError(
                f"{source.path}, line 1: the header says {dimensions:,} dimensions, but "
                f"{source.end - source.start:,} bytes follow, less than one row"
            )
    return rows, dimensions


def shorten(line: bytes, longest: int = 60) -> str:
    text = line.decode("utf-8", "replace")
    return repr(text if len(text) <= longest else text[:longest] + "…")


def _row_error(
    path: str,
    line_number: int,
    line: bytes,
    column: int,
    status: str,
    dimensions: int,
    worded: bool,
) -> str:
    """Says what is wrong with the line at its byte `column`."""
    where = f"{path}, line {line_number}"
    fields = line.split()
    numbers = len(fields) - worded
    if status == "no word":
        return f"{where}: {'an empty line' if not fields else 'no word before the first number'}"
    if status in ("too few", "too many"):
        return f"{where}: {numbers:,} numbers where {dimensions:,} are expected: {shorten(line)}"
    token = (line[column:].split() or [b""])[0]
    if numbers > dimensions:
        return (
            f"{where}: {numbers:,} numbers where {dimensions:,} are expected (a word with a space "
            f"in it?): {shorten(line)}"
        )
    if status == "not finite":
        return f"{where}: {shorten(token)} is no finite float32"
    return f"{where}: {shorten(token)} is not a number"


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
    """The lines from here on.

    rows : int or None
        How many the header promised; None: to the end of the file.
    first_line : int
        The number of the line that comes next, for messages.
    """
    check_limit(limit)
    most = rows if limit is None else limit if rows is None else min(rows, limit)
    room = most if words is None and source.size is not None else None
    matrix = Matrix(dimensions, most if words is None else None, room)
    keeper = Keeper(
        source.path,
        matrix,
        wanted=words,
        errors=errors,
        place=lambda row: f"line {first_line + row}",
    )
    spans = np.empty((AT_ONCE, 2), np.int64)
    more = True
    while most is None or keeper.seen < most:
        end = source.data.rfind(b"\n", source.start, source.end) + 1
        if end <= source.start:
            if more:
                if source.end - source.start > _LONGEST_WORD + _LONGEST_NUMBER * dimensions:
                    raise ValueError(
                        f"{source.path}, line {first_line + keeper.seen}: "
                        f"{source.end - source.start:,} bytes without a line end, where a word and "
                        f"{dimensions:,} numbers are expected"
                    )
                more = source.fill()
                continue
            end = source.end
            if not bytes(source.data[source.start : end]).strip():
                break
        array, stop = matrix.reserve()
        if most is not None:
            stop = min(stop, matrix.rows + most - keeper.seen)
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
    """Whether anything but white space is left; consumes the white space."""
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
            f"{rows:,} words that its header promises"
        )
    if _anything_follows(source):
        raise ValueError(
            f"{source.path}, line {first_line + rows}: more lines than the {rows:,} words that "
            "its header promises"
        )


# ---- writing -------------------------------------------------------------------------------------

_FORBIDDEN = " \t\n\r\v\f\0"


def as_text(token: Any) -> str:
    """The str under which a token is written: bytes as UTF-8, anything else by str()."""
    if isinstance(token, bytes):
        try:
            return token.decode("utf-8")
        except UnicodeDecodeError:
            raise ValueError(
                f"cannot write the word {token!r}: its bytes are not UTF-8; rename it"
            ) from None
    return str(token)


def encode_words(words: Iterable[Any], forbidden: str = _FORBIDDEN) -> list[bytes]:
    """Each word's bytes; refuses, by name, what could not be read back."""
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
    """What is wrong with the first word that cannot be written."""
    seen: dict[str, Any] = {}
    for token, word in zip(tokens, texts, strict=True):
        if not word:
            return ValueError("cannot write an empty word: no reader could find it; remove it")
        for char in forbidden:
            if char in word:
                name = "a NUL" if char == "\0" else "white space"
                return ValueError(
                    f"cannot write the word {word!r}: it holds {name}, which ends a word in this "
                    "format; replace it, by '_' for example"
                )
        try:
            word.encode("utf-8")
        except UnicodeEncodeError:
            return ValueError(
                f"cannot write the word {word!r}: it holds a lone surrogate, which UTF-8 has not"
            )
        if word in seen:
            return ValueError(
                f"cannot write the words {seen[word]!r} and {token!r}: both are {word!r} as text"
            )
        seen[word] = token
    raise AssertionError("no word is at fault")


def check_matrix(words: Sequence[Any], matrix: ArrayLike) -> Float32:
    """The matrix as float32 rows, one for each word, all finite; refuses anything else."""
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or len(matrix) != len(words) or matrix.shape[1] < 1:
        raise ValueError(
            f"matrix of shape {matrix.shape} for {len(words):,} words: one row of at least one "
            "number is needed for each word"
        )
    with np.errstate(over="ignore"):  # beyond float32 is infinite, and refused as such
        matrix = np.ascontiguousarray(matrix, dtype=np.float32)
    refuse_not_finite(matrix, lambda row: f"cannot write the vector of {words[row]!r}")
    return matrix


def refuse_not_finite(matrix: NDArray[Any], name: Callable[[int], str]) -> None:
    """Raise ValueError, starting with name(row), for the first row with a NaN or an infinity."""
    for start in range(0, len(matrix), AT_ONCE):
        block = matrix[start : start + AT_ONCE]
        if not np.isfinite(block).all():
            row = start + int(np.flatnonzero(~np.isfinite(block).all(axis=1))[0])
            raise ValueError(f"{name(row)}: it holds NaN or infinity")


def write_text(path: FilePath, head: bytes, words: list[bytes], matrix: Float32) -> None:
    """Write head, then one line for each row, to a file that replaces the old one."""
    with _files.writing(path, compress=True) as file:
        file.write(head)
        print_rows(file, words, matrix)


def print_rows(file: Any, words: list[bytes], matrix: Float32) -> None:
    """Write one line for each row; without words, lines of numbers between tabs."""
    step = max(1, (1 << 18) // matrix.shape[1])
    for start in range(0, len(matrix), step):
        file.write(_numbers.print_rows(words, matrix, start, min(start + step, len(matrix))))


# ---- what the formats share that hold words and numbers apart ------------------------------------


def check_counts(counts: ArrayLike, rows: int) -> Int64:
    """The counts as int64, one for each row."""
    counts = np.asarray(counts)
    if counts.shape != (rows,) or counts.dtype.kind not in "iu":
        raise ValueError(
            f"counts of shape {counts.shape} and type {counts.dtype} for {rows:,} words: a whole "
            "number is needed for each"
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
    """Check words and rows that were read, and keep those that are asked for.

    aside : dict
        Further arrays by row (counts, context_vectors); a value of None is dropped.
    """
    check_limit(limit)
    aside = {name: value for name, value in aside.items() if value is not None}
    if len(set(found)) != len(found):
        seen: dict[Any, int] = {}
        for row, word in enumerate(found):
            if seen.setdefault(word, row) != row:
                raise ValueError(
                    f"{path}, row {row + 1:,}: the word {word!r} again, after row "
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
        refuse_not_finite(matrix, lambda row: f"{path}, row {row + 1:,} ({found[row]!r})")
    return found, matrix, aside
