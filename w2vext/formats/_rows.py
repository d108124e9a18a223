"""Checks of words and matrices, and the lines of a word and its numbers that text formats share.

Every error names the line. No more memory is allocated than the file could need.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arrays import as_float32, bad_counts, count_error, first_not_finite
from w2vext._messages import shown
from w2vext.formats import _numbers, _sample
from w2vext.formats._choice import SKIP, BadRows, Choice, describe
from w2vext.formats._keeper import ROWS_AT_ONCE, Keeper, Matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from w2vext._types import FilePath, Float32
    from w2vext.formats._source import Source

# If only this many bytes are missing, reading goes on until the row that is incomplete.
_SLACK = 1 << 16
# Limits of a word and of a number in bytes. A small compressed file may contain an endless line.
_LONGEST_WORD, _LONGEST_NUMBER = 1 << 20, 1 << 10


def parse_header(
    source: Source, expected: str, smallest_row: Callable[[int], int], skip: bool = False
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
    skip : bool, default=False
        Check that the file is large enough for one row only.
    """
    line = source.line()
    fields = (line or b"").removeprefix(b"\xef\xbb\xbf").split()
    if line is None or len(fields) != 2 or not all(f.isdigit() and len(f) < 19 for f in fields):
        found = "more than 65,536 bytes without a newline" if line is None else shown_line(line)
        raise ValueError(
            f"{source.path}, line 1: {expected} starts with a line of two numbers, words and "
            f"dimensions; found {found}{_headerless(source, line)}"
        )
    rows, dimensions = map(int, fields)
    if dimensions < 1:
        raise ValueError(
            f"{source.path}, line 1: the header declares {dimensions} dimensions; at least 1 is "
            "needed"
        )
    source.start = min(source.start + len(line) + 1, source.end)
    declared, rows = rows, min(rows, 1) if skip else rows
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
    source.check_memory(4 * dimensions)
    return declared, dimensions


def _headerless(source: Source, line: bytes | None) -> str:
    """The remedy for text without a header; "" if the first lines are something else."""
    if line is None:
        return ""
    width = _sample.common_width(_sample.sample(source))
    return "" if width is None else ". GloVe's text has no such line: format='glove' reads it"


def shown_line(line: bytes) -> str:
    """The start of a line, as error messages show it."""
    return shown(line[:400].decode("utf-8", "replace"))


def _row_error(where: str, line: bytes, column: int, status: str, dimensions: int) -> str:
    """The message for an error at byte `column` of a line."""
    fields = line.split()
    if status == "no word":
        what = "an empty line" if not fields else "no word before the first number"
        return f"{where}: {what}; {SKIP} leaves it out"
    if status in ("too few", "too many"):
        return (
            f"{where}: expected {dimensions:,} numbers, found {len(fields) - 1:,}: "
            f"{shown_line(line)}; {SKIP} leaves it out"
        )
    token = shown_line((line[column:].split() or [b""])[0])
    if len(fields) - 1 > dimensions:
        return (
            f"{where}: expected {dimensions:,} numbers, found {len(fields) - 1:,} (does the word "
            f"contain a space?): {shown_line(line)}; {SKIP} takes the last {dimensions:,} fields"
        )
    what = "a finite float32" if status == "not finite" else "a number"
    return f"{where}: {token} is not {what}; {SKIP} leaves the line out"


def read_text_rows(
    source: Source, dimensions: int, choice: Choice, *, rows: int | None, first_line: int
) -> tuple[list[str], Float32, BadRows]:
    """Read the lines from here on.

    Parameters
    ----------
    source : Source
    dimensions : int
    choice : Choice
    rows : int or None
        The number of rows that the header declares; None reads to the end of the file.
    first_line : int
        The number of the next line, for error messages.
    """
    # The header may be wrong if a row is, as where a word is a line break.
    trusted = not choice.skip and choice.words is None
    wanted = choice.limit
    if trusted and rows is not None:
        wanted = rows if wanted is None else min(rows, wanted)
    matrix = Matrix(
        dimensions,
        wanted if choice.words is None else None,
        wanted if trusted and source.size is not None else None,
    )
    keeper = Keeper(source, matrix, choice, lambda row: f"line {first_line + row}")
    _read_lines(source, matrix, keeper, wanted)
    _check_count(source, keeper, rows, first_line)
    return *keeper.finish(), keeper.bad


def _read_lines(source: Source, matrix: Matrix, keeper: Keeper, wanted: int | None) -> None:
    dimensions = matrix.array.shape[1]
    spans = np.empty((ROWS_AT_ONCE, 2), np.int64)
    while wanted is None or keeper.taken < wanted:
        end = _whole_lines(source, dimensions, keeper.place())
        if end is None:
            return
        array, stop = matrix.reserve()
        if wanted is not None:
            stop = min(stop, matrix.rows + wanted - keeper.taken)
        n, place, status, column = _numbers.parse_rows(
            source.data, source.start, end, array, matrix.rows, stop, spans
        )
        keeper.take(source.data, spans, n)
        source.start = place
        if status != "read" and not _bad_row(source, keeper, status, column - place, dimensions):
            return


def _whole_lines(source: Source, dimensions: int, place: str) -> int | None:
    """The end of the lines in the buffer that are whole; None at the end of the file."""
    while True:
        end = source.data.rfind(b"\n", source.start, source.end) + 1
        if end > source.start:
            return end
        if source.end - source.start > _LONGEST_WORD + _LONGEST_NUMBER * dimensions:
            raise ValueError(
                f"{source.path}, {place}: {source.end - source.start:,} bytes without the end of "
                f"a line, expected a word and {dimensions:,} numbers"
            )
        if not source.fill():
            rest = bytes(source.data[source.start : source.end])
            return source.end if rest.strip() else None


def _bad_row(source: Source, keeper: Keeper, status: str, column: int, dimensions: int) -> bool:
    """Raise the error of the next line, or pass over it; False at the end of the file."""
    line = source.line(1 << 30) or b""
    if not line.strip() and _is_rest_blank(source):
        return False
    row = _from_the_right(line, dimensions)
    choice = keeper.choice
    if choice.words is not None:
        word = row[0] if row else (line.split(None, 1) or [b""])[0]
        concerned = choice.wants(word.decode("utf-8", "replace"))
    else:
        concerned = True
    if concerned and not choice.skip:
        where = f"{source.path}, {keeper.place()}"
        raise ValueError(_row_error(where, line, column, status, dimensions))
    if choice.skip and row is not None and all(map(math.isfinite, row[1])):
        keeper.add(*row)
    else:
        kind = "not finite" if row else "no word" if status == "no word" else "numbers"
        keeper.leave_out(kind, shown_line(line))
    source.start = min(source.start + len(line) + 1, source.end)
    return True


def _from_the_right(line: bytes, dimensions: int) -> tuple[bytes, list[float]] | None:
    """The word and the numbers of a line whose word contains blanks; None if it is no such line."""
    fields = line.strip(b" \t\r").rsplit(None, dimensions)
    if len(fields) != dimensions + 1:
        return None
    numbers = [_numbers.parse_number(field) for field in fields[1:]]
    if any(number is None for number in numbers):
        return None
    return fields[0], numbers  # type: ignore[return-value]


def read_numbers(source: Source, dimensions: int) -> Float32:
    """Read lines of numbers without words."""
    matrix = Matrix(dimensions)
    spans = np.empty((ROWS_AT_ONCE, 2), np.int64)
    while True:
        end = _whole_lines(source, dimensions, f"line {matrix.rows + 1}")
        if end is None:
            return matrix.finish()
        array, stop = matrix.reserve()
        n, place, status, column = _numbers.parse_rows(
            source.data, source.start, end, array, matrix.rows, stop, spans, False
        )
        matrix.rows += n
        source.check_memory(4 * matrix.rows * dimensions)
        source.start = place
        if status == "read":
            continue
        line = source.line(1 << 30) or b""
        if not line.strip() and not _anything_follows(source):
            return matrix.finish()
        where = f"{source.path}, line {matrix.rows + 1}"
        if status in ("too few", "too many"):
            raise ValueError(
                f"{where}: expected {dimensions:,} numbers, found {len(line.split()):,}: "
                f"{shown_line(line)}"
            )
        what = "a finite float32" if status == "not finite" else "a number"
        token = (line[column - place :].split() or [b""])[0]
        raise ValueError(f"{where}: {shown_line(token)} is not {what}")


def _anything_follows(source: Source) -> bool:
    """Whether anything but white space follows; consumes the white space."""
    while True:
        rest = bytes(source.data[source.start : source.end])
        if rest.strip():
            return True
        source.start = source.end
        if not source.fill():
            return False


def _is_rest_blank(source: Source) -> bool:
    """The same, the other way round, and nothing is consumed."""
    looked = 0
    while not bytes(source.data[source.start + looked : source.end]).strip():
        looked = source.end - source.start
        if not source.fill():
            return True
    return False


def _check_count(source: Source, keeper: Keeper, rows: int | None, first_line: int) -> None:
    """Compare the number of rows with the header's."""
    limit, seen = keeper.choice.limit, keeper.seen
    if rows is None or keeper.passed:
        return
    if keeper.taken == limit and (keeper.choice.skip or limit < rows):
        return
    more = seen > rows or (seen == rows and _anything_follows(source))
    if seen == rows and not more:
        return
    declared = f"the {rows:,} words that its header declares"
    if keeper.choice.skip:
        keeper.bad.header = f"it has {seen:,} rows instead of {declared}"
    elif more:
        raise ValueError(f"{source.path}, line {first_line + rows}: more lines than {declared}")
    else:
        raise ValueError(
            f"{source.path}, line {first_line + seen}: the file ends after {seen:,} of {declared}"
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


def encode_words(
    words: Iterable[Any], forbidden: str = _FORBIDDEN, *, raw: bool = False
) -> list[bytes]:
    """Each word's bytes; raises ValueError for a word that could not be read back.

    With raw=True the surrogates that stand for bytes, which ``errors="surrogateescape"`` makes,
    become these bytes.
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
        With odd rows, aside has an entry "bad_rows".
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
        sound = [i for i in range(len(found)) if i not in odd][: choice.limit]
        found, matrix, aside = _taken(sound, found, matrix, aside)
    if "counts" in aside:
        aside["counts"] = np.ascontiguousarray(aside["counts"], np.int64)
    return found, matrix, aside | bad.meta()


def _taken(
    rows: Sequence[int], found: list[Any], matrix: Float32, aside: dict[str, Any]
) -> tuple[list[Any], Float32, dict[str, Any]]:
    """Some rows of everything."""
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
    """(index, kind, what is wrong) of each row; rows that are in `odd` by then are not repeated."""
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
