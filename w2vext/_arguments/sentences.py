"""Checks and converts values that are sentences or words.

Scalars of other libraries are converted. Missing values are errors, and so is input that would
silently train on letters, dict keys or columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import kind_of, shown

if TYPE_CHECKING:
    from typing import Any

# Types whose values are always words. Other values are checked when they first occur, since a float
# may be NaN and a tuple may contain a list.
PLAIN = frozenset(
    {str, int, bool, bytes, frozenset, np.str_, np.bytes_, np.bool_}
    | {np.dtype(kind).type for kind in "bBhHiIlLqQ"}
)

# A regular expression of the words of a text: what is between white space.
BETWEEN_WHITESPACE = r"[^ \t\n\r\x0b\x0c]+"


class NotAWord(TypeError):
    """A value cannot be a word; the message continues a sentence after "is"."""


def word_of(thing: Any) -> Any:
    """Convert a value to a word.

    Parameters
    ----------
    thing : object

    Returns
    -------
    hashable
        The value itself. Scalars of pyarrow, PyTorch and similar libraries are converted to Python
        values, because such scalars may not even be equal to each other.

    Raises
    ------
    NotAWord
        The value is missing (None, NaN, NaT, pandas' NA, a masked entry), is an array, is not
        hashable, or is an object with the word in its attribute `text`.
    """
    if type(thing) in PLAIN:
        return thing
    if is_missing(thing):
        raise NotAWord(
            f"{shown(thing)}, a missing value: leave it out, or put a word such as '<missing>' in "
            "its place"
        )
    kind = kind_of(thing)
    if hasattr(thing, "as_py"):
        return word_of(thing.as_py())
    dimensions = getattr(thing, "ndim", None)
    if dimensions == 0 and not isinstance(thing, np.generic):
        return word_of(thing.item())
    if isinstance(dimensions, int) and dimensions > 0:
        raise NotAWord(f"{kind} of {dimensions} dimensions: give 1-D sentences")
    if isinstance(getattr(thing, "text", None), str):
        raise NotAWord(f"{kind}, {shown(thing)}, which is not equal to its text: give the text")
    try:
        hash(thing)
    except TypeError:
        raise NotAWord(
            f"{kind}, {shown(thing)}, which is not hashable: give str, int, tuple or another "
            "hashable type"
        ) from None
    return thing


def is_missing(thing: Any) -> bool:
    """Whether a value is None, NaN, NaT, pandas' NA or NumPy's `masked`."""
    if thing is None or thing is np.ma.masked:
        return True
    try:
        return bool(thing != thing)
    except Exception:  # an array, or pandas' NA, which compares to NA
        return type(thing).__name__ == "NAType"


def sentence_of(thing: Any, where: str) -> Any:
    """Convert a value to a sentence, an iterable of tokens.

    Parameters
    ----------
    thing : object
    where : str
        The name of the value in messages, such as "sentence 3".

    Returns
    -------
    list, 1-D array (an object with `tolist`) or another iterable

    Raises
    ------
    TypeError
        The value is missing, a str, a dict, a scalar or an array that is not 1-D.
    """
    if type(thing) is list:
        return thing
    if hasattr(thing, "as_py"):  # a list of pyarrow
        thing = thing.as_py()
    kind = kind_of(thing)
    if isinstance(thing, (str, bytes, bytearray)):
        raise TypeError(
            f"{where} is {kind}, {shown(thing)}: its letters would be the words. Give token "
            "lists: [s.split() for s in sentences]"
        )
    if isinstance(thing, Mapping):
        raise TypeError(f"{where} is {kind}: give a list of tokens, such as its keys")
    if hasattr(thing, "tolist"):
        if getattr(thing, "ndim", 1) != 1:
            raise TypeError(
                f"{where} is an array of {thing.ndim} dimensions: give 1-D arrays of tokens, or "
                "one 2-D array with a sentence in each row"
            )
        return thing
    try:
        iter(thing)
    except TypeError:
        if is_missing(thing):
            remedy = "leave it out, or put an empty list in its place"
            raise TypeError(f"{where} is {shown(thing)}, a missing value: {remedy}") from None
        raise TypeError(
            f"{where} is {kind}, {shown(thing)}: give a list of token lists; write a single "
            "sentence as [tokens]"
        ) from None
    return thing


def words_of(things: list[Any], where: str) -> list[Any]:
    """Convert the values of a list to words.

    Parameters
    ----------
    things : list
    where : str
        The name of the list in messages, such as "document 3".

    Returns
    -------
    list
        The list itself if it contains plain words only.

    Raises
    ------
    TypeError
        As for `word_of`; the message gives the position of the value in the list.
    """
    if PLAIN.issuperset(map(type, things)):
        return things
    out = []
    for i, thing in enumerate(things):
        try:
            out.append(word_of(thing))
        except NotAWord as error:
            raise TypeError(f"{where}, token {i} is {error}") from None
    return out
