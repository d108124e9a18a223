"""Evaluation files: analogies, scored word pairs, words with categories; and which a file is.

Refuses to skip: a line that does not fit is an error with file and line, since a silently shorter
test is another test. Knows no vectors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from w2vext import _files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_SEPARATORS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars", " ": "spaces"}


class Analogies(NamedTuple):
    name: str
    sections: list[tuple[str, list[tuple[Any, ...]]]]  # (name, [(a, b, c, expected), ...])


class Pairs(NamedTuple):
    name: str
    pairs: list[tuple[Any, Any, float]]  # (word, word, score)


class Categories(NamedTuple):
    name: str
    words: list[tuple[Any, str]]  # (word, category)


def read(path: Any, delimiter: str = "\t") -> Analogies | Pairs | Categories:
    """Read an evaluation file; its first line says of which kind it is.

    ``: section`` starts a file of analogies, ``word TAB word TAB number`` one of pairs, ``word TAB
    category`` one of categories. Empty lines are skipped, and in the last two kinds lines that
    start with ``#``.

    Raises
    ------
    ValueError
        Naming file and line: no such kind, a line with another number of fields or another
        separator, a score that is no number, or bytes that are not UTF-8.
    """
    path = _Lines(path)
    for number, line in path:
        if _is_section(line):
            return read_analogies(path)
        if line.startswith("#"):
            continue
        fields = line.split(delimiter)
        if len(fields) == 3:
            return read_pairs(path, delimiter)
        if len(fields) == 2:
            return read_categories(path, delimiter)
        raise _wrong(
            path,
            number,
            f"{_shown(line)} starts no evaluation file: needed is ': section' (analogies), or "
            f"fields between {_called(delimiter)}: word, word, number (pairs) or word, category "
            f"(categories){_hint(line, delimiter, (3, 2))}",
        )
    raise ValueError(f"{path}: holds no line; an evaluation file was expected")


def read_analogies(source: Any) -> Analogies:
    """`Analogies` from a file, a mapping from section to questions, or an iterable of questions."""
    if isinstance(source, Analogies):
        return source
    if not _is_file(source):
        sections = source.items() if isinstance(source, Mapping) else [("", source)]
        return Analogies("", [(str(name), _rows(name, some, 4)) for name, some in sections])
    sections = []
    source = _Lines.of(source)
    for number, line in source:
        if _is_section(line):
            name = line[1:].strip()
            if not name:
                raise _wrong(source, number, "names no section: write ': name'")
            sections.append((name, []))
            continue
        words = tuple(line.split())
        if len(words) != 4:
            raise _wrong(
                source, number, f"{_shown(line)} holds {len(words)} words; a question has 4"
            )
        if not sections:
            raise _wrong(source, number, "is a question before the first section: ': name'")
        sections[-1][1].append(words)
    if not any(questions for _, questions in sections):
        raise ValueError(f"{source}: holds no question")
    return Analogies(Path(source.name).name, sections)


def read_pairs(source: Any, delimiter: str = "\t") -> Pairs:
    """`Pairs` from a file, or an iterable of (word, word, score)."""
    if isinstance(source, Pairs):
        return source
    if not _is_file(source):
        pairs = [(a, b, _score(x, f"pairs[{k}]")) for k, (a, b, x) in _numbered("pairs", source, 3)]
        return Pairs("", pairs)
    pairs = []
    source = _Lines.of(source)
    for where, (a, b, score) in _fields(source, delimiter, ("word", "word", "number")):
        pairs.append((a, b, _score(score, where)))
    return Pairs(Path(source.name).name, pairs)


def read_categories(source: Any, delimiter: str = "\t") -> Categories:
    """`Categories` from a file, or a mapping from category to words."""
    if isinstance(source, Categories):
        return source
    if isinstance(source, Mapping):
        return Categories("", [(word, name) for name, words in source.items() for word in words])
    if not _is_file(source):
        raise TypeError(
            f"categories={type(source).__name__}: give a file, or {{'animal': ['cat', 'dog']}}"
        )
    source = _Lines.of(source)
    found = [(word, name) for _, (word, name) in _fields(source, delimiter, ("word", "category"))]
    return Categories(Path(source.name).name, found)


def _is_file(source: Any) -> bool:
    return isinstance(source, (str, PathLike, _Lines)) or _files.is_file_object(source)


class _Lines:
    """The lines of a file, which is read once: an iterable of (number from 1, text).

    Empty lines are left out. ``str()`` is the name of the file.
    """

    def __init__(self, source: Any) -> None:
        with _files.Reader(source) as file:
            self.name, data = file.name, file.readall()
        self._lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")

    @classmethod
    def of(cls, source: Any) -> _Lines:
        return source if isinstance(source, cls) else cls(source)

    def __str__(self) -> str:
        return self.name

    def __iter__(self) -> Iterator[tuple[int, str]]:
        for number, line in enumerate(self._lines, 1):
            try:
                text = line.decode("utf-8").strip("\r\n")
            except UnicodeDecodeError as error:
                raise _wrong(self, number, f"byte {error.start + 1} is not UTF-8") from None
            if text.strip():
                yield number, text


def _fields(
    path: _Lines, delimiter: str, wanted: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """("file, line n", fields) of each line."""
    empty = True
    for number, line in path:
        if line.startswith("#"):
            continue
        fields = tuple(field.strip() for field in line.split(delimiter))
        if len(fields) != len(wanted) or not all(fields):
            raise _wrong(
                path,
                number,
                f"{_shown(line)} holds {len([f for f in fields if f])} fields between "
                f"{_called(delimiter)}; needed are {len(wanted)}: {', '.join(wanted)}"
                + _hint(line, delimiter, (len(wanted),)),
            )
        empty = False
        yield f"{path}, line {number}", fields
    if empty:
        raise ValueError(f"{path}: holds no line of {', '.join(wanted)}")


def _score(value: Any, where: str) -> float:
    try:
        score = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{where}: the score {value!r} is no number") from None
    if not math.isfinite(score):
        raise ValueError(f"{where}: the score {value!r} is not finite")
    return score


def _rows(name: str, rows: Iterable[Any], size: int) -> list[tuple[Any, ...]]:
    return [row for _, row in _numbered(f"questions {name}".strip(), rows, size)]


def _numbered(name: str, rows: Iterable[Any], size: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    for at, row in enumerate(rows):
        if isinstance(row, (str, bytes)) or not hasattr(row, "__len__") or len(row) != size:
            raise ValueError(f"{name}[{at}] is {row!r}: give {size} items")
        yield at, tuple(row)


def _is_section(line: str) -> bool:
    # A question may start with a smiley: a section has a blank after its colon.
    return line.startswith(": ") or line.strip() == ":"


def _shown(line: str) -> str:
    return repr(line if len(line) <= 60 else line[:57] + "...")


def _called(delimiter: str) -> str:
    return _SEPARATORS.get(delimiter, repr(delimiter))


def _hint(line: str, delimiter: str, sizes: tuple[int, ...]) -> str:
    for other, name in _SEPARATORS.items():
        if other != delimiter and len([f for f in line.split(other) if f.strip()]) in sizes:
            return f"; it has {name}: give delimiter={other!r}"
    return ""


def _wrong(path: _Lines, number: int, what: str) -> ValueError:
    return ValueError(f"{path}, line {number}: {what}")
