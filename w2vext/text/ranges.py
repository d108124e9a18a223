"""Cuts a corpus into ranges and distributes them to several machines that read it together.

A range begins and ends between words, and at the ends of lines unless a line is very long. Each
word keeps the position of its first occurrence in the whole corpus, so the merged vocabularies of
all ranges are the vocabulary of the corpus.
"""

from __future__ import annotations

import heapq
import math
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext._arguments.messages import kind_of, shown
from w2vext.text.corpus import Corpus, Extent, open_corpus, opened
from w2vext.text.lines import SEPARATORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from w2vext._arguments.types import CorpusLike

SMALLEST = 1 << 16  # bytes of a range, unless the file is smaller
PER_PART = 16  # ranges for each machine, so that each reads text from all over the corpus
LOOK_AHEAD = 1 << 20  # bytes in which a cut looks for the end of a line


@dataclass(frozen=True)
class Range:
    """A part of one file of a corpus. It can be pickled and read on another machine.

    Attributes
    ----------
    file : str or Remote
        An absolute path, or a file at a URL.
    number : int
        The number of the file in the corpus, which orders first occurrences.
    start, stop : int, int or None
        Bytes of a plain file. Of a file that can only be read as a whole, `stop` is None.
    size : int
        The number of bytes that are read.
    file_size : int
        The number of bytes of the file.
    column : str or None
        Of a table: the name of the column to read; `start` and `stop` are row groups of a Parquet
        file.
    """

    file: Any
    number: int
    start: int
    stop: int | None
    size: int
    file_size: int
    column: str | None = None

    @property
    def name(self) -> str:
        """The path or the URL of the file."""
        return str(self.file)


def ranges(X: CorpusLike, parts: int = 1, largest: int | None = None) -> list[Range]:
    """Cut the files of a corpus into ranges, in the order of the corpus.

    Parameters
    ----------
    X : path, URL, list of them, or Column of files
        Files, folders and patterns; see `open_corpus`.
    parts : int, default=1
        The number of machines that will share the ranges.
    largest : int, optional
        The size of a range in bytes; by default 1/16 of a part, at least 64 KiB. A range may
        be longer by the rest of its last line.

    Returns
    -------
    list of Range
        Compressed files and CSV files are one range each. Parquet files are cut between row groups.

    Raises
    ------
    TypeError
        The corpus is not a list of files that other machines can open.
    """
    corpus = open_corpus(X)
    name = corpus.column.name if corpus.kind == "columns" else None
    if corpus.unit != "B" or corpus.one_shot:
        raise TypeError(
            f"the corpus is {kind_of(X)}, {shown(X)}, which other machines cannot read: give "
            "paths or URLs of files that all of them can open"
        )
    whole = [
        Range(
            file if isinstance(file, _files.Remote) else os.path.abspath(file),
            number, start, stop, size, corpus.size(file), name,
        )
        for file, number, start, stop, size, *_ in corpus.extents()
    ]  # fmt: skip
    if largest is None:
        total = sum(each.size for each in whole)
        largest = max(SMALLEST, -(-total // (PER_PART * parts)))
    return [part for each in whole for part in _cut(each, largest)]


def deal(ranges: Sequence[Range], weights: Sequence[float]) -> list[list[Range]]:
    """Deal ranges in their order, each to the machine with the least text relative to its weight.

    So adjacent ranges go to different machines, and every machine reads text from all over the
    corpus. In a sorted corpus, contiguous shares would have different topics.

    Parameters
    ----------
    ranges : sequence of Range
    weights : sequence of float
        One for each machine: its relative speed.

    Returns
    -------
    list of list of Range
        Each has at least one range, and all of them are in the order of the corpus.

    Raises
    ------
    ValueError
        There are fewer ranges than machines, or a weight is not a finite number above 0.
    """
    if not all(0 < weight < math.inf for weight in weights):
        raise ValueError(f"weights={shown(list(weights))}: give finite numbers above 0")
    if len(ranges) < len(weights):
        noun = "range" if len(ranges) == 1 else "ranges"
        raise ValueError(
            f"the corpus has {len(ranges)} {noun} for {len(weights)} workers: give fewer workers, "
            "or larger files; compressed files are read whole, so decompress them or give more "
            "of them"
        )
    shares: list[list[Range]] = [[] for _ in weights]
    behind = [(0.0, number) for number in range(len(weights))]  # a heap: (bytes / weight, machine)
    for part in ranges:
        dealt, number = heapq.heappop(behind)
        shares[number].append(part)
        heapq.heappush(behind, (dealt + (part.size + 1) / weights[number], number))
    return shares


def corpus_of(ranges: Sequence[Range]) -> Corpus:
    """The corpus that consists of some ranges.

    Raises
    ------
    FileNotFoundError
        A file does not exist on this machine.
    ValueError
        A file has another size than when it was cut.
    """
    joined: list[Range] = []
    for part in ranges:
        last = joined[-1] if joined else None
        if last is not None and (last.number, last.stop) == (part.number, part.start):
            joined[-1] = replace(last, stop=part.stop, size=last.size + part.size)
        else:
            joined.append(part)
    for part in joined:
        _check(part)
    files = list(dict.fromkeys(_opened(part) for part in joined))
    extents = [
        Extent(_opened(part), part.number, part.start, part.stop, part.size) for part in joined
    ]
    column = joined[0].column if joined else None
    if column is None:
        return Corpus("files", None, files, extents)
    from w2vext.text.table_files import FileColumn

    return Corpus("columns", FileColumn(files, column, extents))


def _opened(part: Range) -> Any:
    return part.file if isinstance(part.file, _files.Remote) else Path(part.file)


def _check(part: Range) -> None:
    """Raise if the file is missing on this machine, or has another size."""
    if isinstance(part.file, _files.Remote):
        return
    try:
        size = os.stat(part.file).st_size
    except FileNotFoundError:
        raise FileNotFoundError(
            f"no file {part.name!r} on this machine: give paths that all machines can open"
        ) from None
    if size != part.file_size:
        raise ValueError(
            f"{part.name}: the file has {size:,} bytes here and had {part.file_size:,} when the "
            "corpus was cut: give files that do not change and are the same on all machines"
        )


def _cut(whole: Range, largest: int) -> Iterator[Range]:
    """The ranges of one file."""
    bytewise = whole.stop is not None and whole.stop - whole.start == whole.size
    if not bytewise or whole.size <= largest:
        yield whole
        return
    count = -(-whole.size // largest)
    start = 0
    with opened(_opened(whole)) as file:
        for i in range(1, count):
            at = _next_start(file, whole.size * i // count, words=whole.column is None)
            if at is not None and start < at < whole.size:
                yield replace(whole, start=start, stop=at, size=at - start)
                start = at
    yield replace(whole, start=start, size=whole.size - start)


def _next_start(file: Any, at: int, words: bool = True) -> int | None:
    """The first line that begins at byte `at` or later, else the first word; None if neither."""
    file.seek(at - 1)
    data, step = b"", 1 << 14
    while (len(data) < LOOK_AHEAD or not words) and (more := file.read(step)):
        newline = more.find(b"\n")
        if newline >= 0:
            return at + len(data) + newline
        data += more
        step = min(step * 4, LOOK_AHEAD)
    if not words:
        return None
    found = min((i for i in map(data.find, SEPARATORS) if i >= 0), default=None)
    return None if found is None else at + found
