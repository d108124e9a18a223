"""Which values can be sentences and words.

Missing values cannot, and scalars of other libraries are converted. Whatever would silently train
on letters, keys or columns is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from w2vext._messages import kind_of, shown

if TYPE_CHECKING:
    from typing import Any

# Types whose values are words as they are. Every other value is checked when it is first met: a
# float may be NaN, and a tuple may contain a list.
PLAIN = frozenset(
    {str, int, bool, bytes, frozenset, np.str_, np.bytes_, np.bool_}
    | {np.dtype(kind).type for kind in "bBhHiIlLqQ"}
)


class NotAWord(TypeError):
    """A value cannot be a word; the message follows "... is "."""


def word_of(thing: Any) -> Any:
    """The word that a value stands for.

    Parameters
    ----------
    thing : object

    Returns
    -------
    hashable
        The value itself; for a scalar of pyarrow, PyTorch and the like the equal Python value,
        because such scalars are not equal to it or not even to each other.

    Raises
    ------
    NotAWord
        The value is missing (None, NaN, NaT, pandas' NA, a masked entry), an array, cannot be
        hashed, or is an object that has a word as its `text`.
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
    """The sentence that a value stands for: an iterable of tokens.

    Parameters
    ----------
    thing : object
    where : str
        Which one it is, for messages: "sentence 3".

    Returns
    -------
    list, 1-D array (whatever has `tolist`) or another iterable

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
    """The words that the values of a list stand for.

    Parameters
    ----------
    things : list
    where : str
        What the list is, for messages: "document 3".

    Returns
    -------
    list
        The list itself if it contains plain words only.

    Raises
    ------
    TypeError
        As `word_of`; the message names the value's place in the list.
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
