"""The files of `w2vext train --noise` and `--noise-groups`: a word and a value on each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext._arguments.messages import shown
from w2vext.text.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from w2vext._arguments.types import FilePath


def weights_of(path: FilePath) -> dict[Any, float]:
    """The weight of each word in a file of `word<TAB>weight`."""
    found = {}
    for where, word, text in _values(path, "weight"):
        try:
            found[word] = float(text)
        except ValueError:
            raise ValueError(f"{where}: the weight {shown(text)} is not a number") from None
        if not 0 <= found[word] < float("inf"):
            raise ValueError(f"{where}: the weight is {text}: give a finite number of at least 0")
    return _with_numbers(found)


def groups_of(path: FilePath) -> dict[Any, str]:
    """The group of each word in a file of `word<TAB>group`."""
    return _with_numbers({word: text for _, word, text in _values(path, "group")})


def _values(path: FilePath, what: str) -> Iterator[tuple[str, str, str]]:
    """("file, line n", word, value) of each line that is not empty."""
    lines = Lines(path)
    places: dict[str, tuple[int, str]] = {}
    for number, line in lines:
        where, text = f"{lines}, line {number}", line.rstrip("\r")
        if not text:
            continue
        fields = text.split("\t")
        if len(fields) != 2 or not all(fields):
            raise ValueError(
                f"{where}: {shown(text)} is not a word, a tab and a {what}: give one word with its "
                f"{what} on each line"
            )
        word, value = fields
        first, earlier = places.setdefault(word, (number, value))
        if earlier != value:
            raise ValueError(
                f"{where}: {shown(word)} has the {what} {shown(value)}, and {shown(earlier)} in "
                f"line {first}: give one {what} for each word"
            )
        yield where, word, value
    if not places:
        raise ValueError(f"{lines}: the file is empty: give lines of a word, a tab and a {what}")


def _with_numbers(found: dict[Any, Any]) -> dict[Any, Any]:
    """The same, in which numbers are keys as int, too, as columns of integers have them."""
    return found | {int(word): value for word, value in found.items() if word.isdecimal()}
