"""GloVe's text format: word2vec's text without the line "V d"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext.formats import _rows
from w2vext.formats._source import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from w2vext._types import FilePath, Float32, Floats

EXPECTED = "GloVe text"
_LONGEST_LINE = 1 << 24


def read(
    path: FilePath,
    *,
    limit: int | None = None,
    words: Iterable[Any] | None = None,
    errors: str = "strict",
) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a file. Parameters and result as in `word2vec_text.read`."""
    with reading(path, EXPECTED) as source:
        line = source.line(_LONGEST_LINE)
        if line is None:
            raise ValueError(f"{path}, line 1: no newline in the first {_LONGEST_LINE:,} bytes")
        fields = line.split()
        if len(fields) < 2:
            raise ValueError(
                f"{path}, line 1: {EXPECTED} starts with a word and its numbers; found "
                f"{_rows.shown_line(line)}"
            )
        if len(fields) == 2 and all(field.isdigit() for field in fields):
            second = bytes(source.data[source.start : source.end]).split(b"\n", 2)[1:2]
            if second and len(second[0].split()) != 2:
                raise ValueError(
                    f"{path}, line 1: {_rows.shown_line(line)} is word2vec's header, which GloVe's "
                    "text does not have: format='word2vec' reads it"
                )
        found, matrix = _rows.read_text_rows(
            source,
            len(fields) - 1,
            rows=None,
            first_line=1,
            limit=limit,
            words=words,
            errors=errors,
        )
    return found, matrix, {"format": "GloVe text"}


def write(
    path: FilePath, words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None
) -> None:
    """Write words and matrix to a file. Raises as for `word2vec_text.write`."""
    matrix = _rows.check_matrix(words, matrix)
    _rows.write_text(path, b"", _rows.encode_words(words), matrix)
