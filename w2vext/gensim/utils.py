"""The functions of gensim.utils that programs for word vectors use."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext._arguments.messages import kind_of, shown

RULE_DEFAULT, RULE_DISCARD, RULE_KEEP = 0, 1, 2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from w2vext._arguments.types import FilePath

__all__ = [
    "RULE_DEFAULT",
    "RULE_DISCARD",
    "RULE_KEEP",
    "deaccent",
    "save_as_line_sentence",
    "simple_preprocess",
    "to_unicode",
    "tokenize",
]

_LETTERS = re.compile(r"[^\W\d]+")


def simple_preprocess(
    doc: str | bytes, deacc: bool = False, min_len: int = 2, max_len: int = 15
) -> list[str]:
    """Split a text into lower-case words of letters.

    Parameters
    ----------
    doc : str or bytes
        Bytes are read as UTF-8.
    deacc : bool, default=False
        Remove accents.
    min_len, max_len : int, default=2 and 15
        Shorter and longer words are left out.

    Returns
    -------
    list of str
        Words that start with an underscore are left out.

    Examples
    --------
    >>> simple_preprocess("The 2 rivers flow; a third doesn't.")
    ['the', 'rivers', 'flow', 'third', 'doesn']
    """
    return [
        word
        for word in tokenize(doc, lowercase=True, deacc=deacc)
        if min_len <= len(word) <= max_len and not word.startswith("_")
    ]


def tokenize(
    text: str | bytes,
    lowercase: bool = False,
    deacc: bool = False,
    encoding: str = "utf8",
    errors: str = "strict",
    to_lower: bool = False,
    lower: bool = False,
) -> Iterator[str]:
    """Split a text into words: sequences of letters and underscores.

    Parameters
    ----------
    text : str or bytes
    lowercase, to_lower, lower : bool, default=False
        One of them converts the text to lower case.
    deacc : bool, default=False
        Remove accents.
    encoding, errors : str
        How bytes are read.

    Returns
    -------
    iterator of str
    """
    text = to_unicode(text, encoding, errors)
    if lowercase or to_lower or lower:
        text = text.lower()
    if deacc:
        text = deaccent(text)
    return (match[0] for match in _LETTERS.finditer(text))


def deaccent(text: str | bytes) -> str:
    """Remove the accents of letters: "é" becomes "e"."""
    parts = unicodedata.normalize("NFD", to_unicode(text))
    return unicodedata.normalize(
        "NFC", "".join(c for c in parts if unicodedata.category(c) != "Mn")
    )


def to_unicode(text: str | bytes, encoding: str = "utf8", errors: str = "strict") -> str:
    """Return a str unchanged, or the str that some bytes encode."""
    if isinstance(text, str):
        return text
    if not isinstance(text, (bytes, bytearray)):
        raise TypeError(f"text={shown(text)} is {kind_of(text)}: give a str, or its bytes")
    return str(text, encoding, errors)


def save_as_line_sentence(corpus: Iterable[Iterable[str]], filename: FilePath) -> None:
    """Write sentences as a text file: one on each line, with blanks between the words.

    Parameters
    ----------
    corpus : iterable of sentences
    filename : str or path-like
        An existing file is replaced when the new one is complete.
    """
    with _files.writing(filename) as file:
        for sentence in corpus:
            file.write((" ".join(sentence) + "\n").encode("utf-8"))
