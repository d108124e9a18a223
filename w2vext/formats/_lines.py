"""Reads lines of a word and its numbers, which the text formats share.

Every error names the line. No more memory is allocated than the file could need.
"""

from __future__ import annotations

import math
from codecs import BOM_UTF8
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import COPY_AGAIN, shown
from w2vext.formats import _numbers, _sample
from w2vext.formats._choice import SKIP, BadRows, Choice
from w2vext.formats._keeper import ROWS_AT_ONCE, Keeper, Matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from w2vext._arguments.types import Float32
    from w2vext.formats._source import Source

# If only this many bytes are missing, reading goes on until the row that is incomplete.
_SLACK = 1 << 16
# Limits of a word and of a number in bytes. A small compressed file may contain an endless line.
_LONGEST_WORD, _LONGEST_NUMBER = 1 << 20, 1 << 10


class ShortFileError(ValueError, EOFError):
    """A file ends before the rows that its header declares; an EOFError too, as in gensim."""


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
    fields = (line or b"").removeprefix(BOM_UTF8).split()
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
        raise ShortFileError(
            f"{source.path}, line 1: the header declares {rows:,} words of {dimensions:,} "
            f"dimensions, at least {rows * smallest_row(dimensions) - 1:,} bytes, but only "
            f"{source.rest:,} bytes follow: the header is wrong, or the file is cut off: "
            + COPY_AGAIN
        )
    # The size of compressed data is unknown: memory is allocated once one row has been read.
    while source.rest is None and rows and source.end - source.start < smallest_row(dimensions) - 1:
        if not source.fill():
            raise ValueError(
                f"{source.path}, line 1: the header declares {dimensions:,} dimensions, but only "
                f"{source.end - source.start:,} bytes follow, less than one row: " + COPY_AGAIN
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
    capacity = None
    if trusted and wanted is not None and source.size is not None:
        # A row takes at least a byte for the word and two for each number.
        capacity = min(wanted, source.size // (2 * dimensions + 1) + 1)
    matrix = Matrix(dimensions, wanted if choice.words is None else None, capacity)
    keeper = Keeper(source, matrix, choice, lambda row: f"line {first_line + row}")
    _read_lines(source, matrix, keeper, wanted)
    _check_count(source, keeper, rows, first_line)
    return *keeper.finish(), keeper.bad


def _read_lines(source: Source, matrix: Matrix, keeper: Keeper, wanted: int | None) -> None:
    """Read lines up to the number of rows that are wanted, or to the end of the file."""
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
    """Raise the error of a bad line, or keep or leave out its row; False at the end of the file."""
    line = source.line(1 << 30) or b""
    if not line.strip() and _is_rest_blank(source):
        return False
    row = _split_from_right(line, dimensions)
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


def _split_from_right(line: bytes, dimensions: int) -> tuple[bytes, list[float]] | None:
    """The word and the numbers of a line whose word contains blanks; None for other lines."""
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
    """Whether only white space follows; consumes nothing."""
    checked = 0
    while not bytes(source.data[source.start + checked : source.end]).strip():
        checked = source.end - source.start
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
        raise ShortFileError(
            f"{source.path}, line {first_line + seen}: the file ends after {seen:,} of {declared}: "
            + COPY_AGAIN
        )
