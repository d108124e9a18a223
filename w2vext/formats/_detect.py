"""Detects the format of a file of vectors from its content.

The suffix is used only where the content allows several formats, or none that is known.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext.formats import _sample
from w2vext.formats._choice import ALL
from w2vext.formats._lines import shown_line
from w2vext.formats._source import Source, foreign

if TYPE_CHECKING:
    from typing import Any

    from w2vext.formats._choice import Choice

_CONTAINERS = {
    b"PAR1": "parquet",
    b"ARROW1": "parquet",
    b"FEA1": "parquet",
    b"PK\x03\x04": "npz",
    b"PK\x05\x06": "npz",  # an empty archive
    b"\xba\x16\x4f\x2f": "fasttext-bin",
}
_LONGEST_LINE = 1 << 24


def detect(path: Any, hint: str | None, known: str, choice: Choice = ALL) -> str:
    """The name of the format of a file.

    Parameters
    ----------
    path : str, path-like or Source
    hint : str or None
        The format that the suffix names.
    known : str
        The names of all formats, for the error message.
    choice : Choice
        For the encoding.

    Raises
    ------
    ValueError
        Neither the content nor the suffix tells the format, or the content is known to be
        something else.
    """
    if not isinstance(path, Source):
        _files.recover(os.fspath(path))  # a write that was interrupted may have to be finished
        if os.path.isdir(path):
            from w2vext.formats import spacy

            return "spacy" if spacy.holds_vectors(path) else "model2vec"
    with contextlib.ExitStack() as stack:
        source = path
        if not isinstance(source, Source):
            source = stack.enter_context(Source(path, None, choice))
        possible = _possible(source, hint)
        line = b"" if possible else source.line() or b""
    if hint is not None and (hint in possible or not possible):
        return hint
    if possible:
        return possible[0]
    raise ValueError(
        f"{path}: neither its content nor its suffix tells the format; its first line is "
        f"{shown_line(line)}. Give format, one of {known}"
    )


def _possible(source: Source, hint: str | None) -> list[str]:
    """The formats that the content allows, the most likely first; empty if none is recognized."""
    from w2vext.formats import fasttext_bin

    head = source.head
    container = next((name for magic, name in _CONTAINERS.items() if head.startswith(magic)), None)
    # A safetensors file starts with the length of its header, far below 2**32, and a brace.
    if head[4:9] == b"\0\0\0\0{":
        container = "native"
    while source.end - source.start < fasttext_bin.HEAD and source.fill():
        pass
    end = min(source.end, source.start + fasttext_bin.HEAD)
    if fasttext_bin.is_old_model(bytes(source.data[source.start : end])):
        container = "fasttext-bin"
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
    """The possible formats of text or word2vec's binary format, from the first lines."""
    from w2vext.formats import projector

    line = source.line(_LONGEST_LINE)
    if line is None:
        return []
    data = _sample.sample(source)
    fields = line.split()
    if len(fields) == 8 and fields[6:] == [b"<", b">"] and all(map(bytes.isdigit, fields[:6])):
        return ["floret"]
    if _sample.are_numbers(fields) and (b"\t" in line or len(fields) == 1):
        if hint == "projector" or os.path.isfile(projector.metadata_path(source.path)):
            return ["projector"]
    if len(fields) == 2 and all(field.isdigit() and len(field) < 19 for field in fields):
        return _possible_after_header(data[len(line) + 1 :], *map(int, fields))
    return [] if _sample.common_width(data) is None else ["glove"]


def _possible_after_header(data: bytes, rows: int, dimensions: int) -> list[str]:
    """The possible formats if the first line is two integers: a header, or a word and a number."""
    width = _sample.common_width(data)
    glove = ["glove"] if width == 1 or not data.strip() else []
    if width == 1 and dimensions > 1:
        return ["glove", "word2vec", "fasttext"]
    kind = _sample.kind_of_rows(data, rows, dimensions) if dimensions else "text"
    if kind == "binary":
        return ["word2vec-binary"]
    text = ["word2vec", "fasttext"]
    return [*text, *glove] if kind == "text" else [*text, "word2vec-binary", *glove]
