"""Warnings, and parts of error messages: values, their types, and what to do about a file."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any

WIDTH = 80
# What to do about a damaged file, and about one that the user may have written.
COPY_AGAIN = "copy or download it again"
WRITE_AGAIN = "copy, download or write it again"
# And about one that may be of another kind.
CHECK_PATH = f"check the path, or {COPY_AGAIN}"
_BRACKETS: dict[type, str] = {list: "[]", tuple: "()", set: "{}", frozenset: "{}", dict: "{}"}


def shown(value: object) -> str:
    """The repr of a value on one line, cut at `WIDTH` characters.

    Lists, tuples, sets, dicts, str and bytes are formatted only as far as they are shown, so a
    message about a large corpus is cheap.
    """
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > WIDTH:
            return text[: WIDTH - 3] + "..."
    return text


def printable(word: object) -> str:
    """A word as text of valid Unicode: a byte that was kept as a surrogate becomes U+FFFD."""
    text = str(word)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def damaged(path: object, what: str) -> str:
    """The message about a damaged file: its name, what is wrong with it, and what to do."""
    return f"{path}: {what}; the file is damaged: {COPY_AGAIN}"


def damaged_native(path: object, what: str) -> str:
    """As `damaged`, for files that only this package writes."""
    return f"{path}: {what}; the file is damaged: copy or save it again"


def text_of(error: BaseException) -> str:
    """The message of an exception in one line, or the name of its type if it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def kind_of(value: object) -> str:
    """The type of a value with an article, such as "an int"."""
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def warn(message: str) -> None:
    """Issue a UserWarning at the line outside of this package that led to it.

    In a thread of this package there is none, and the warning has no place.
    """
    level = 1
    frame: FrameType | None = sys._getframe()
    while frame is not None and _is_inner(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def _is_inner(module: str) -> bool:
    """Whether a module is of this package, or may be between it and its caller on the stack."""
    return module.partition(".")[0] in ("w2vext", "sklearn", "contextlib", "threading")


def _pieces(value: object) -> Iterator[str]:
    brackets = _BRACKETS.get(type(value))
    if brackets is not None and value:
        yield brackets[0]
        yield from _items(value)
        yield brackets[1]
    elif isinstance(value, (str, bytes)):
        yield repr(value[: WIDTH + 1])
    else:
        yield " ".join(repr(value).split())


def _items(container: Any) -> Iterator[str]:
    pairs = isinstance(container, dict)
    for i, item in enumerate(container):
        yield ", " if i else ""
        yield from _pieces(item)
        if pairs:
            yield ": "
            yield from _pieces(container[item])
    if isinstance(container, tuple) and len(container) == 1:
        yield ","
