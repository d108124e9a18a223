"""The pair of files of TensorFlow's Embedding Projector: x.tsv has numbers, x.metadata.tsv words.

The file of words has one column without a title or, with counts, two columns with titles, as the
projector requires.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.arrays import check_counts
from w2vext._arguments.messages import shown
from w2vext.formats import _lines, _rows
from w2vext.formats._choice import WORD, Budget, Choice, size_of
from w2vext.formats._source import reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Floats

EXPECTED = "tab-separated numbers"


def metadata_path(path: FilePath) -> Path:
    """The path of the words that belong to the numbers at `path`."""
    path = Path(_files.path_of(path))
    name = path.name
    for suffix in _files.COMPRESSIONS:
        name = name.removesuffix(suffix)
    return path.with_name(name.removesuffix(".tsv") + ".metadata.tsv")


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read both files. Parameters and result as in `word2vec_text.read`; meta may have `counts`.

    The encoding is that of both files.
    """
    choice = Choice(**how)
    if _files.is_one_shot(path):
        raise ValueError(
            f"{_files.shown(path)}: the projector's format is two files: give the path of the .tsv"
        )
    path = _files.path_of(path)
    _files.recover(path)
    words_path = metadata_path(path)
    if not words_path.is_file():
        raise FileNotFoundError(f"{path}: its words should be in {words_path}, which is missing")
    with reading(path, EXPECTED, choice) as source:
        line = source.line(1 << 24)
        if not line or not line.strip():
            raise ValueError(f"{path}, line 1: expected {EXPECTED}, found {shown(line)}")
        matrix = _lines.read_numbers(source, len(line.split()))
    found, counts = _read_words(words_path, path, len(matrix), choice)
    found, matrix, aside = _rows.select(words_path, found, matrix, {"counts": counts}, **how)
    return found, matrix, {"format": "projector", **aside}


def _read_words(path: Path, numbers: FilePath, rows: int, choice: Choice) -> tuple[list[str], Any]:
    """The words of the metadata file, and their counts or None."""
    content = path.read_bytes()
    size = len(content) + size_of(numbers)
    Budget(path, choice.max_memory).check(len(content) + 2 * WORD * content.count(b"\n"), size)
    encoding = choice.encoding or "utf-8"
    content = content.removeprefix(BOM_UTF8)
    if choice.is_wide:
        try:
            content, encoding = content.decode(encoding, choice.errors).encode(), "utf-8"
        except UnicodeError as error:
            raise ValueError(f"{path}: not {encoding} ({error})") from None
    lines = content.removesuffix(b"\n").split(b"\n")
    table = []
    for number, line in enumerate(lines, 1):
        try:
            table.append(line.removesuffix(b"\r").decode(encoding, choice.errors).split("\t"))
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{path}, line {number}: not {encoding.upper()} at its byte {error.start} "
                f"(0x{error.object[error.start]:02x}); errors='replace' replaces it"
            ) from None
    titles = table.pop(0) if len(table[0]) > 1 else None  # a single column has no title
    if len(table) != rows:
        raise ValueError(f"{path}: {len(table):,} words for the {rows:,} vectors of {numbers}")
    width = len(titles or table[0])
    for number, fields in enumerate(table, 1 + bool(titles)):
        if len(fields) != width:
            raise ValueError(
                f"{path}, line {number}: expected {width} columns, found {len(fields)}"
            )
    counts = None
    if titles and "count" in titles:
        column = titles.index("count")
        for number, fields in enumerate(table, 2):
            text = fields[column]
            if not (text.isascii() and text.isdigit() and int(text[-30:]) < 2**63):
                raise ValueError(
                    f"{path}, line {number}: {shown(text)} is not a count from 0 to 2**63 - 1"
                )
        counts = np.array([int(fields[column]) for fields in table], np.int64)
    return [fields[0] for fields in table], counts


def write(
    path: FilePath, words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None
) -> None:
    """Write the two files.

    After a crash at any moment `read` finds the old pair or the new one: it completes a change that
    was interrupted between the two renames.

    Raises
    ------
    ValueError
        A word is empty, or contains a tab or line break. A number is not finite. Without counts:
        the first word begins with U+FEFF. An existing file is not changed.
    """
    matrix = _rows.check_matrix(words, matrix)
    encoded = _rows.encode_words(words, forbidden="\t\n\r\0", raw=True)
    counts = (meta or {}).get("counts")
    if counts is not None:
        counts = check_counts(counts, len(encoded)).tolist()
        pairs = zip(encoded, counts, strict=True)
        encoded = [b"word\tcount", *(b"%s\t%d" % pair for pair in pairs)]
    _rows.check_first(encoded)
    with _files.writing_set([path, metadata_path(path)]) as (numbers, file):
        file.write(b"".join(line + b"\n" for line in encoded))
        _rows.print_rows(numbers, [], matrix)
