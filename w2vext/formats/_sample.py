"""Examines the first bytes of a file of rows: text or binary, and the width of a row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from w2vext.formats import _numbers

if TYPE_CHECKING:
    from w2vext.formats._source import Source

SIZE = 1 << 20  # bytes
_LINES = 50


def sample(source: Source) -> bytes:
    """The next bytes, which are not consumed."""
    while source.end - source.start < SIZE and source.fill():
        pass
    return bytes(source.data[source.start : min(source.end, source.start + SIZE)])


def lines_of(data: bytes) -> list[bytes]:
    """The first lines that are not empty; the last one only if its end is in the sample."""
    lines = data.split(b"\n", _LINES)
    if len(lines) > _LINES or len(data) == SIZE:
        del lines[-1]
    return [line for line in lines if line.strip()]


def are_numbers(fields: list[bytes]) -> bool:
    """Whether there are fields, all of them numbers."""
    return bool(fields) and all(_numbers.parse_number(field) is not None for field in fields)


def common_width(data: bytes) -> int | None:
    """The number of numbers after the word in at least half of the lines; None if they differ."""
    lines = [line.split() for line in lines_of(data)]
    widths = Counter(len(fields) - 1 for fields in lines if are_numbers(fields[1:]))
    if not widths:
        return None
    width, count = widths.most_common(1)[0]
    return width if 2 * count >= len(lines) else None


def kind_of_rows(data: bytes, rows: int, dimensions: int) -> str | None:
    """What follows a header of word2vec's formats: "text", "binary", or None if it is unclear."""
    lines = [line.rsplit(None, dimensions) for line in lines_of(data)]
    complete = sum(
        len(fields) >= dimensions and are_numbers(fields[len(fields) - dimensions :])
        for fields in lines
    )
    if complete and 2 * complete >= len(lines):
        return "text"
    if _is_binary(data.lstrip(b"\n").partition(b" ")[2][: min(4 * dimensions, 256)]):
        return "binary"
    some = any(are_numbers(fields[-1:]) for fields in lines)
    return "text" if some and not _fits(data, rows, dimensions) else None


def _is_binary(data: bytes) -> bool:
    """Whether these bytes cannot be text."""
    if any(byte < 9 or 13 < byte < 32 or byte == 127 for byte in data):
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return not (error.end == len(data) and error.reason == "unexpected end of data")
    return False


def _fits(data: bytes, rows: int, dimensions: int) -> bool:
    """Whether the bytes are exactly so many binary rows, with or without a last newline."""
    place, size = 0, 4 * dimensions
    if rows * (size + 2) > len(data) + 2:
        return False
    for _ in range(rows):
        while data[place : place + 1] == b"\n":
            place += 1
        space = data.find(b" ", place)
        if space < 0:
            return False
        place = space + 1 + size
    return place <= len(data) <= place + 1
