"""GloVe's text format: word2vec's text without the line "V d"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext.formats import _lines, _rows, _sample
from w2vext.formats._choice import Choice
from w2vext.formats._source import reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Floats

EXPECTED = "GloVe text"
_LONGEST_LINE = 1 << 24


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a file. Parameters and result as in `word2vec_text.read`."""
    choice = Choice(**how)
    with reading(path, EXPECTED, choice) as source:
        line = source.line(_LONGEST_LINE)
        if line is None:
            raise ValueError(f"{path}, line 1: no newline in the first {_LONGEST_LINE:,} bytes")
        fields = line.split()
        if len(fields) < 2 and not choice.skip:
            raise ValueError(
                f"{path}, line 1: {EXPECTED} starts with a word and its numbers; found "
                f"{_lines.shown_line(line)}"
            )
        data = _sample.sample(source)
        width = _sample.common_width(data)
        if len(fields) == 2 and all(field.isdigit() for field in fields):
            if width not in (None, 1):
                raise ValueError(
                    f"{path}, line 1: {_lines.shown_line(line)} is word2vec's header, which "
                    "GloVe's text does not have: format='word2vec' reads it"
                )
        source.check_memory(4 * (width or len(fields)))
        found, matrix, bad = _lines.read_text_rows(
            source, width or max(len(fields) - 1, 1), choice, rows=None, first_line=1
        )
    return found, matrix, {"format": "GloVe text", **bad.meta()}


def write(
    path: FilePath, words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None
) -> None:
    """Write words and matrix to a file. Raises as for `word2vec_text.write`.

    The first word cannot begin with U+FEFF.
    """
    matrix = _rows.check_matrix(words, matrix)
    encoded = _rows.encode_words(words, raw=True)
    _rows.check_first(encoded)
    _rows.write_text(path, b"", encoded, matrix)
