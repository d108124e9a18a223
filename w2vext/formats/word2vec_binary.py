"""word2vec's binary format: a line "V d", then for each word its bytes, a space and d little-endian
float32 numbers.

A newline is written after each row, as word2vec does; when reading it is optional.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.messages import COPY_AGAIN, shown
from w2vext.formats import _lines, _numbers, _rows, _sample
from w2vext.formats._choice import Choice
from w2vext.formats._keeper import ROWS_AT_ONCE, Keeper, Matrix
from w2vext.formats._source import reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Floats
    from w2vext.formats._source import Source

EXPECTED = "word2vec binary"
_LONGEST_WORD = 1 << 20


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a file. Parameters and result as in `word2vec_text.read`.

    The encoding is that of the words; the format cannot have one that is not an extension of ASCII.
    """
    choice = Choice(**how)
    if choice.is_wide:
        raise ValueError(
            f"encoding={shown(choice.encoding)}: the words of {EXPECTED} end with a space of one "
            "byte, which this encoding does not have"
        )
    with reading(path, EXPECTED, choice, text=False) as source:
        rows, dimensions = _lines.parse_header(source, EXPECTED, lambda d: 4 * d + 2)
        if _sample.kind_of_rows(_sample.sample(source), rows, dimensions) == "text":
            raise ValueError(
                f"{source.path}: expected {EXPECTED}, found word2vec's text: format='word2vec' "
                "(or binary=False) reads it"
            )
        keeper = _read_rows(source, rows, dimensions, choice)
    found, matrix = keeper.finish()
    return found, matrix, {"format": "word2vec binary", **keeper.bad.meta()}


def _read_rows(source: Source, rows: int, dimensions: int, choice: Choice) -> Keeper:
    """Read the rows that are wanted."""
    limit = rows if choice.limit is None else min(rows, choice.limit)
    whole = choice.words is None and not choice.skip
    matrix = Matrix(
        dimensions,
        limit if choice.words is None else None,
        limit if whole and source.size is not None else None,
    )
    keeper = Keeper(
        source,
        matrix,
        choice,
        lambda row: f"row {row + 1:,}",
        numbers=True,
        encoding=choice.encoding,
    )
    spans = np.empty((ROWS_AT_ONCE, 2), np.int64)
    while keeper.taken < limit and keeper.seen < rows:
        array, stop = matrix.reserve()
        stop = min(stop, matrix.rows + min(limit - keeper.taken, rows - keeper.seen))
        n, place = _numbers.parse_binary_rows(
            source.data, source.start, source.end, array, matrix.rows, stop, spans
        )
        keeper.take(source.data, spans, n)
        source.start = place
        if n == 0:
            _check_word(source, keeper.seen)
            if not source.fill():
                raise _lines.ShortFileError(
                    f"{source.path}: the file ends in row {keeper.seen + 1:,} (byte "
                    f"{source.consumed + source.end:,}), but its header declares {rows:,} words: "
                    + COPY_AGAIN
                )
    if keeper.seen == rows:
        _check_end(source, rows)
    return keeper


def _check_word(source: Source, seen: int) -> None:
    if source.end - source.start > _LONGEST_WORD:
        space = source.data.find(b" ", source.start, source.start + _LONGEST_WORD)
        if space < 0:
            raise ValueError(
                f"{source.path}, row {seen + 1:,} (byte {source.offset:,}): the word does not end "
                f"with a space: {COPY_AGAIN}, or leave out the format"
            )


def _check_end(source: Source, rows: int) -> None:
    if source.start == source.end:
        source.fill()
    rest = bytes(source.data[source.start : source.end]).lstrip(b"\n")
    if rest:
        raise ValueError(
            f"{source.path}, byte {source.offset:,}: more data than the {rows:,} words that its "
            f"header declares: {COPY_AGAIN}"
        )


def write(
    path: FilePath, words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None
) -> None:
    """Write words and matrix to a file. Raises as for `word2vec_text.write`."""
    matrix = _rows.check_matrix(words, matrix)
    encoded = _rows.encode_words(words, raw=True)
    rows, dimensions = matrix.shape
    step = max(1, (1 << 20) // dimensions)
    with _files.writing(path, compress=True) as file:
        file.write(b"%d %d\n" % (rows, dimensions))
        for start in range(0, rows, step):
            block = matrix[start : start + step]
            if sys.byteorder == "big":
                block = block.byteswap()
            file.write(_numbers.pack_rows(encoded[start : start + step], block))
