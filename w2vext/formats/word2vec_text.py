"""word2vec's text format: a line "V d", then V lines of a word and d numbers.

Numbers are written as the shortest decimal that is read back as the same float32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext.formats import _lines, _rows, _sample
from w2vext.formats._choice import Choice
from w2vext.formats._source import reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Floats

EXPECTED = "word2vec text"


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a file, which may be compressed by gzip, bzip2, xz or zstd.

    Parameters
    ----------
    path : str or path-like
    **how
        `limit`, `words`, `errors`, `on_bad_rows`, `encoding` and `max_memory`, as for
        `w2vext.formats.read`.

    Returns
    -------
    words : list of str
    matrix : ndarray of shape (V, d), float32
    meta : dict

    Raises
    ------
    ValueError
        The file is malformed; the message names file and line.
    """
    choice = Choice(**how)
    with reading(path, EXPECTED, choice) as source:
        # A number takes at least a separator and a digit, a word a byte and a newline.
        rows, dimensions = _lines.parse_header(
            source, EXPECTED, lambda d: 2 * d + 2, skip=choice.skip
        )
        if _sample.kind_of_rows(_sample.sample(source), rows, dimensions) == "binary":
            raise ValueError(
                f"{source.path}: expected {EXPECTED}, found word2vec's binary format: "
                "format='word2vec-binary' (or binary=True) reads it"
            )
        found, matrix, bad = _lines.read_text_rows(
            source, dimensions, choice, rows=rows, first_line=2
        )
    return found, matrix, {"format": "word2vec text", **bad.meta()}


def write(
    path: FilePath, words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None
) -> None:
    """Write words and matrix to a file.

    Raises
    ------
    ValueError
        A word is empty or contains white space or NUL, or a number is not finite. No file is
        written.
    """
    matrix = _rows.check_matrix(words, matrix)
    encoded = _rows.encode_words(words, raw=True)
    _rows.write_text(path, b"%d %d\n" % matrix.shape, encoded, matrix)
