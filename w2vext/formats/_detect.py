"""Detects the format of a file of vectors from its content.

The suffix is used only where the content allows several formats, or none that is known.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext.formats import _numbers, projector
from w2vext.formats._rows import shown_line
from w2vext.formats._source import Source, foreign

if TYPE_CHECKING:
    from w2vext._types import FilePath

_CONTAINERS = {
    b"PAR1": "parquet",
    b"ARROW1": "parquet",
    b"FEA1": "parquet",
    b"PK\x03\x04": "npz",
    b"PK\x05\x06": "npz",  # an empty archive
}
_LONGEST_LINE = 1 << 24
_SAMPLE = 1 << 20  # bytes after the first line that are examined


def detect(path: FilePath, hint: str | None, known: str) -> str:
    """The name of the format of a file.

    Parameters
    ----------
    path : str, path-like or Source
    hint : str or None
        The format that the suffix stands for.
    known : str
        The names of all formats, for the error message.

    Raises
    ------
    ValueError
        Neither the content nor the suffix tells the format, or the content is known to be
        something else.
    """
    if not isinstance(path, Source):
        _files.recover(os.fspath(path))  # a write that was interrupted may have to be finished
        if os.path.isdir(path):
            return "model2vec"
    with contextlib.nullcontext(path) if isinstance(path, Source) else Source(path, None) as source:
        possible = _possible(source, hint)
    if hint is not None and (hint in possible or not possible):
        return hint
    if possible:
        return possible[0]
    line = source.line() or b""
    raise ValueError(
        f"{path}: neither its content nor its suffix tells the format; its first line is "
        f"{shown_line(line)}. Give format, one of {known}"
    )


def _possible(source: Source, hint: str | None) -> list[str]:
    """The formats that the content allows, the most likely first; empty if it tells nothing."""
    head = source.head
    container = next((name for magic, name in _CONTAINERS.items() if head.startswith(magic)), None)
    # A safetensors file starts with the length of its header, far below 2**32, and a brace.
    if head[4:9] == b"\0\0\0\0{":
        container = "native"
    if container is not None:
        if source.compression is not None:
            raise ValueError(
                f"{source.path}: {source.compression} data that holds a file of the format "
                f"{container!r}, which is not read compressed: decompress it first"
            )
        return [container]
    other = foreign(head)
    if other is not None:
        raise ValueError(f"{source.path}: expected word vectors, found {other}")
    return _possible_rows(source, hint)


def _possible_rows(source: Source, hint: str | None) -> list[str]:
    """The same for text and word2vec's binary format, from the first line and what follows it."""
    line = source.line(_LONGEST_LINE)
    if line is None:
        return []
    while source.end - source.start < len(line) + _SAMPLE and source.fill():
        pass
    rest = bytes(source.data[source.start + len(line) + 1 : source.end][:_SAMPLE])
    fields = line.removeprefix(b"\xef\xbb\xbf").split()
    row = rest.partition(b"\n")[0].split()
    if _are_numbers(fields) and (b"\t" in line or len(fields) == 1):
        if hint == "projector" or os.path.isfile(projector.metadata_path(source.path)):
            return ["projector"]
    possible = []
    if len(fields) > 1 and _are_numbers(fields[1:]):
        same_length = len(row) == len(fields) and _are_numbers(row[1:])
        if same_length or not row or len(fields) > 2:
            possible = ["glove"]
    if len(fields) != 2 or not all(field.isdigit() for field in fields):
        return possible
    dimensions = int(fields[1])  # the line is the header of word2vec's formats
    if len(row) == dimensions + 1 and _are_numbers(row[1:]):
        return ["word2vec", "fasttext", *possible]
    if _is_binary(rest.lstrip(b"\n").partition(b" ")[2][: min(4 * dimensions, 256)]):
        return ["word2vec-binary"]
    return ["word2vec", "fasttext", "word2vec-binary", *possible]


def _are_numbers(fields: list[bytes]) -> bool:
    return bool(fields) and all(_numbers.parse_number(field) is not None for field in fields)


def _is_binary(sample: bytes) -> bool:
    """Whether these bytes cannot be text."""
    if any(byte < 9 or 13 < byte < 32 or byte == 127 for byte in sample):
        return True
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return not (error.end == len(sample) and error.reason == "unexpected end of data")
    return False
