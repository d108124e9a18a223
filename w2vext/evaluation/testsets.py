"""Test files: analogies, scored word pairs, and words with categories.

A malformed line is an error that names file and line. Skipping it would change the test.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from w2vext import _files
from w2vext._arguments.messages import shown
from w2vext.text.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

# Separators of words in files of vectors. A word may contain a no-break space.
_BLANKS = " \t\r\v\f"
_SEPARATORS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars", " ": "spaces"}


class Analogies(NamedTuple):
    """Analogy questions in sections."""

    name: str
    sections: list[tuple[str, list[tuple[Any, ...]]]]  # (name, [(a, b, c, expected), ...])


class Pairs(NamedTuple):
    """Word pairs with human scores."""

    name: str
    pairs: list[tuple[Any, Any, float]]  # (word, word, score)


class Categories(NamedTuple):
    """Words with their categories."""

    name: str
    words: list[tuple[Any, str]]  # (word, category)


def read(path: Any, delimiter: str = "\t") -> Analogies | Pairs | Categories:
    """Read a test file, whose kind is recognized from its first line.

    That line is ``: section`` for analogies, ``word TAB word TAB number`` for pairs and ``word TAB
    category`` for categories. Empty lines are skipped, and in pairs and categories lines that start
    with ``#``.

    Parameters
    ----------
    path : str, path-like or file object
    delimiter : str, default="\t"
        Separates the fields of pairs and categories.

    Returns
    -------
    Analogies, Pairs or Categories

    Raises
    ------
    ValueError
        The kind is not recognized, a line has a wrong number of fields, a score is not a number, or
        a line is not UTF-8. The message names file and line.
    """
    path = _Lines(path)
    for number, line in path:
        if _is_section(line):
            return read_analogies(path)
        if line.startswith("#"):
            continue
        fields = _split(line, delimiter)
        if len(fields) == 3:
            return read_pairs(path, delimiter)
        if len(fields) == 2:
            return read_categories(path, delimiter)
        raise _line_error(
            path,
            number,
            f"{shown(line)} is not the first line of a test file, which is ': section' (analogies) "
            f"or fields separated by {_name_of(delimiter)}: word, word, number (pairs) or word, "
            f"category (categories){_hint(line, delimiter, (3, 2))}",
        )
    raise ValueError(f"{path}: the file is empty; expected a test file")


def read_analogies(source: Any) -> Analogies:
    """Read analogies from a file, {section: questions} or an iterable of questions."""
    if isinstance(source, Analogies):
        return source
    if not _is_file(source):
        sections = source.items() if isinstance(source, Mapping) else [("", source)]
        return Analogies("", [(str(name), _rows(name, rows, 4)) for name, rows in sections])
    sections = []
    source = _Lines.of(source)
    for number, line in source:
        if _is_section(line):
            name = line[1:].strip()
            if not name:
                raise _line_error(source, number, "the section has no name: write ': name'")
            sections.append((name, []))
            continue
        words = tuple(re.split(f"[{_BLANKS}]+", line.strip(_BLANKS)))
        if len(words) != 4:
            raise _line_error(
                source, number, f"{shown(line)} has {len(words)} words; a question has 4"
            )
        if not sections:
            raise _line_error(
                source,
                number,
                "a question before the first section: begin the file with a line ': name'",
            )
        sections[-1][1].append(words)
    if not any(questions for _, questions in sections):
        raise ValueError(f"{source}: the file contains no questions: give lines of four words")
    return Analogies(Path(source.name).name, sections)


def read_pairs(source: Any, delimiter: str = "\t") -> Pairs:
    """Read scored pairs from a file or an iterable of (word, word, score)."""
    if isinstance(source, Pairs):
        return source
    pairs: list[tuple[Any, Any, float]]
    if not _is_file(source):
        pairs = [(a, b, _score(x, f"pairs[{i}]")) for i, (a, b, x) in _numbered("pairs", source, 3)]
        return Pairs("", pairs)
    pairs = []
    source = _Lines.of(source)
    titled = False
    for where, (a, b, score) in _fields(source, delimiter, ("word", "word", "number")):
        if not pairs and not titled and _is_title(score):
            titled = True
            continue
        pairs.append((a, b, _score(score, where)))
    if not pairs:
        raise ValueError(f"{source}: the file contains only a title line: give lines with pairs")
    return Pairs(Path(source.name).name, pairs)


def read_categories(source: Any, delimiter: str = "\t") -> Categories:
    """Read categories from a file or {category: words}."""
    if isinstance(source, Categories):
        return source
    if isinstance(source, Mapping):
        return Categories("", [(word, name) for name, words in source.items() for word in words])
    if not _is_file(source):
        raise TypeError(
            f"categories has type {type(source).__name__}: give a file, or a dict such as "
            "{'animal': ['cat', 'dog']}"
        )
    source = _Lines.of(source)
    found = [(word, name) for _, (word, name) in _fields(source, delimiter, ("word", "category"))]
    return Categories(Path(source.name).name, found)


def _is_file(source: Any) -> bool:
    return isinstance(source, (str, PathLike, _Lines)) or _files.is_file_object(source)


class _Lines(Lines):
    """The lines of a file that are not empty."""

    @classmethod
    def of(cls, source: Any) -> _Lines:
        return source if isinstance(source, cls) else cls(source)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        for number, line in super().__iter__():
            text = line.strip("\r\n")
            if text.strip(_BLANKS):
                yield number, text


def _fields(
    path: _Lines, delimiter: str, wanted: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """("file, line n", fields) of each line."""
    empty = True
    for number, line in path:
        if line.startswith("#"):
            continue
        fields = tuple(_split(line, delimiter))
        if len(fields) != len(wanted) or not all(fields):
            raise _line_error(
                path,
                number,
                f"expected {len(wanted)} fields separated by {_name_of(delimiter)} "
                f"({', '.join(wanted)}), found {len([f for f in fields if f])}: {shown(line)}"
                + _hint(line, delimiter, (len(wanted),)),
            )
        empty = False
        yield f"{path}, line {number}", fields
    if empty:
        raise ValueError(f"{path}: the file contains no lines: give lines of {', '.join(wanted)}")


def _split(line: str, delimiter: str) -> list[str]:
    """The fields of a line, without blanks around them and without empty fields at its end."""
    if delimiter == " ":  # columns may be aligned by several blanks
        return re.split(f"[{_BLANKS}]+", line.strip(_BLANKS))
    fields = [field.strip(_BLANKS) for field in line.split(delimiter)]
    while len(fields) > 1 and not fields[-1]:
        fields.pop()
    return fields


def _is_title(score: str) -> bool:
    """Whether the third field of the first line is a title, such as "Human (mean)"."""
    return (
        any(map(str.isalpha, score)) and not any(map(str.isdigit, score)) and not _is_number(score)
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _score(value: Any, where: str) -> float:
    try:
        score = float(value)
    except (TypeError, ValueError):
        raise ValueError(
            f"{where}: the score {shown(value)} is not a number: give a finite number"
        ) from None
    if not math.isfinite(score):
        raise ValueError(f"{where}: the score {shown(value)} is not finite: give a finite number")
    return score


def _rows(name: str, rows: Iterable[Any], size: int) -> list[tuple[Any, ...]]:
    return [row for _, row in _numbered(f"questions {name}".strip(), rows, size)]


def _numbered(name: str, rows: Iterable[Any], size: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    for i, row in enumerate(rows):
        if isinstance(row, (str, bytes)) or not hasattr(row, "__len__") or len(row) != size:
            raise ValueError(f"{name}[{i}] is {shown(row)}: give {size} items")
        yield i, tuple(row)


def _is_section(line: str) -> bool:
    # A word may start with a colon, as ":)" does. A section has a space after it.
    return line.startswith(": ") or line.strip() == ":"


def _name_of(delimiter: str) -> str:
    return _SEPARATORS.get(delimiter, repr(delimiter))


def _hint(line: str, delimiter: str, sizes: tuple[int, ...]) -> str:
    for other, name in _SEPARATORS.items():
        if other != delimiter and len(_split(line, other)) in sizes:
            return f". It has {name}: give delimiter={other!r}"
    return ""


def _line_error(path: _Lines, number: int, what: str) -> ValueError:
    return ValueError(f"{path}, line {number}: {what}")
