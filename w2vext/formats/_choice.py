"""The options of reading a file: rows, encoding, bad rows and the limit on memory."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from w2vext import _files
from w2vext._arguments.messages import shown

if TYPE_CHECKING:
    from typing import Any

ERRORS = ("strict", "replace", "ignore", "surrogateescape")
ON_BAD_ROWS = ("error", "skip")
SKIP = "on_bad_rows='skip'"

# Without `max_memory` a file may take so many times its size plus so many bytes. The buffers and
# the decompressors take the rest of the 100 MB that are promised.
TIMES, ALWAYS = 4, 64_000_000
# Estimated bytes of a word in a list, a set and a dict, besides the str itself.
WORD = 150


@dataclass(frozen=True)
class Choice:
    """Which rows are read, and how.

    Parameters
    ----------
    limit : int, optional
        Read only this many rows.
    words : iterable of words, optional
        Keep only these words, in the file's order. Other rows may be malformed.
    errors : {"strict", "replace", "ignore", "surrogateescape"}
        What to do with words that are not valid in the encoding.
    on_bad_rows : {"error", "skip"}
        "skip" reads the other rows and reports what is left out.
    encoding : str, optional
        The encoding of text and of the words of word2vec's binary format; None is UTF-8.
    max_memory : int, optional
        Bytes that the words and vectors may take.

    Raises
    ------
    ValueError
        A value is not one of those.
    """

    limit: int | None = None
    words: Iterable[Any] | None = None
    errors: str = "strict"
    on_bad_rows: str = "error"
    encoding: str | None = None
    max_memory: int | None = None

    def __post_init__(self) -> None:
        check_limit(self.limit)
        for name, known in (("errors", ERRORS), ("on_bad_rows", ON_BAD_ROWS)):
            value = getattr(self, name)
            if value not in known:
                listed = ", ".join(map(repr, known[:-1]))
                raise ValueError(f"{name}={shown(value)}: choose {listed} or {known[-1]!r}")
        object.__setattr__(self, "encoding", _checked_encoding(self.encoding))
        if self.words is not None:
            words = [self.words] if isinstance(self.words, (str, bytes)) else self.words
            object.__setattr__(self, "words", frozenset(words))
        if self.max_memory is not None and not (
            isinstance(self.max_memory, (int, float, np.number)) and self.max_memory > 0
        ):
            raise ValueError(f"max_memory={shown(self.max_memory)}: give a number of bytes")

    @property
    def skip(self) -> bool:
        """Whether bad rows are left out."""
        return self.on_bad_rows == "skip"

    def wants(self, word: Any) -> bool:
        """Whether a word is among those to keep."""
        return self.words is None or word in self.words

    @property
    def is_wide(self) -> bool:
        """Whether the encoding is not an extension of ASCII, as UTF-16 is not."""
        return self.encoding is not None and "0 \n".encode(self.encoding) != b"0 \n"

    def check_unicode(self, format: str) -> None:
        """Raise TypeError if an encoding is given for a format that has its own."""
        if self.encoding is not None:
            raise TypeError(
                f"encoding={shown(self.encoding)}: the format {format!r} stores Unicode: leave "
                "encoding out"
            )


def check_limit(limit: int | None) -> None:
    """Check a number of rows to read."""
    if limit is not None and (not isinstance(limit, (int, np.integer)) or limit < 1):
        raise ValueError(f"limit={shown(limit)}: give a number of rows, 1 or more, or None for all")


def _checked_encoding(encoding: str | None) -> str | None:
    """Python's name of an encoding; None for UTF-8."""
    if encoding is None:
        return None
    try:
        name = codecs.lookup(encoding).name
        "0".encode(name)  # LookupError for codecs that are not encodings of text, such as base64
    except (LookupError, TypeError, UnicodeError):
        raise ValueError(
            f"encoding={shown(encoding)}: unknown; give a name that Python knows, such as "
            "'latin-1', 'cp1252' or 'utf-16'"
        ) from None
    return None if name in ("utf-8", "utf-8-sig") else name


ALL = Choice()


class Kind(NamedTuple):
    """Bad rows of one kind."""

    rows: int  # how many
    first: str  # the place of the first one, such as "line 5"
    found: str  # the start of the first one


class BadRows:
    """Counts the bad rows of a file; remembers the first of each kind.

    Attributes
    ----------
    total : int
        Rows that were left out.
    """

    KINDS: ClassVar = {
        "repeated": "a word that occurred before",
        "no word": "no word",
        "numbers": "a wrong number of numbers or something that is not a number",
        "not finite": "NaN or infinity",
        "encoding": "a word that is not valid in the encoding",
        "count": "a count that is negative or too large",
    }
    # These rows are read nevertheless.
    KEPT: ClassVar = {"blanks": "a word that contains blanks"}

    def __init__(self) -> None:
        self.total = 0
        self.kinds: dict[str, Kind] = {}
        self.header = ""  # how many rows a wrong header declares

    def add(self, kind: str, place: str, found: str) -> None:
        """Count a row of a kind."""
        known = self.kinds.get(kind)
        self.kinds[kind] = known._replace(rows=known.rows + 1) if known else Kind(1, place, found)
        self.total += kind not in self.KEPT

    def meta(self) -> dict[str, Any]:
        """The entries of the meta that `read` returns; none if every row was valid."""
        found: dict[str, Any] = {}
        if self.kinds:
            found["bad_rows"] = dict(self.kinds)
        if self.header:
            found["bad_header"] = self.header
        return found


def describe(meta: dict[str, Any]) -> str:
    """One sentence on the bad rows that `read` found; "" if there were none."""
    parts = []
    kinds: dict[str, Kind] = meta.get("bad_rows", {})
    left_out = sum(kind.rows for name, kind in kinds.items() if name not in BadRows.KEPT)
    lost = f"left out {left_out:,} row{'s' * (left_out != 1)}: "
    for names, start in ((BadRows.KINDS, lost), (BadRows.KEPT, "read ")):
        phrases = [
            f"{kinds[name].rows:,} with {text} (first: {kinds[name].first}, {kinds[name].found})"
            for name, text in names.items()
            if name in kinds
        ]
        if phrases:
            parts.append(start + ", ".join(phrases))
    if "bad_header" in meta:
        parts.append(meta["bad_header"])
    return "; ".join(parts)


class Budget:
    """The memory that the content of a file may take.

    Parameters
    ----------
    path : str
        For the error message.
    asked : int or None
        The bytes that the user allows; None allows `TIMES` the size of the file plus `ALWAYS`.
    """

    def __init__(self, path: Any, asked: int | None) -> None:
        self.path, self.asked = path, asked

    def allowed(self, size: int) -> int:
        """The bytes that a file of this size may take."""
        return TIMES * size + ALWAYS if self.asked is None else int(min(self.asked, 1 << 62))

    def check(self, needed: int, size: int) -> None:
        """Raise ValueError if `needed` bytes are more than a file of this size may take."""
        if needed <= self.allowed(size):
            return
        if self.asked is not None:
            raise ValueError(
                f"{self.path}: its words and vectors take more than max_memory={self.asked:,} "
                f"bytes, about {needed:,} so far"
            )
        raise ValueError(
            f"{self.path}: its words and vectors take {needed:,} bytes of memory or more, and the "
            f"file has {size:,}. A file that grows so much may be meant to exhaust the memory; if "
            "you trust it, give max_memory, a number of bytes"
        )


def folder_of(path: Any, name: str) -> Path:
    """The folder from which a format of this name reads, after a write that was interrupted.

    Raises
    ------
    ValueError
        `path` is a stream.
    """
    if _files.is_one_shot(path):
        raise ValueError(f"{_files.shown(path)}: {name}'s format is a folder: give its path")
    _files.recover(_files.path_of(path))
    return Path(_files.path_of(path))


def size_of(path: Any) -> int:
    """The bytes of a file, or of the files of a folder."""
    path = os.fspath(path) if hasattr(path, "__fspath__") else _files.path_of(path)
    if os.path.isdir(path):
        with os.scandir(path) as entries:
            return sum(entry.stat().st_size for entry in entries if entry.is_file())
    return os.stat(path).st_size
