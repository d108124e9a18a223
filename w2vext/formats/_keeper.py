"""Rows that are read block by block: a growing matrix, and its words, checked and selected."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import shown
from w2vext.formats import _numbers
from w2vext.formats._choice import SKIP, WORD, BadRows, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import Float32, Int64
    from w2vext.formats._choice import Choice
    from w2vext.formats._source import Source

ROWS_AT_ONCE = 1 << 14  # rows parsed in one call


class Matrix:
    """A matrix whose capacity doubles as rows are added, up to a limit.

    Parameters
    ----------
    dimensions : int
    limit : int, optional
        The largest number of rows.
    capacity : int, optional
        The number of rows to allocate first.
    """

    def __init__(
        self, dimensions: int, limit: int | None = None, capacity: int | None = None
    ) -> None:
        self.rows = 0
        self._limit = limit
        if capacity is None:
            capacity = min(ROWS_AT_ONCE, (1 << 22) // dimensions + 1)
        if limit is not None:
            capacity = min(limit, capacity)
        self.array = np.empty((capacity, dimensions), np.float32)

    def reserve(self) -> tuple[Float32, int]:
        """The array, with space for at least one more row, and the row before which to stop."""
        capacity = len(self.array)
        if self.rows == capacity:
            capacity = max(2 * capacity, 16)
            if self._limit is not None:
                capacity = min(capacity, self._limit)
            self.array.resize((capacity, self.array.shape[1]), refcheck=False)
        return self.array, min(capacity, self.rows + ROWS_AT_ONCE)

    def append(self, rows: NDArray[Any]) -> None:
        """Add rows, converted to float32."""
        while len(rows):
            array, stop = self.reserve()
            part, rows = rows[: stop - self.rows], rows[stop - self.rows :]
            array[self.rows : self.rows + len(part)] = part
            self.rows += len(part)

    def finish(self) -> Float32:
        """The array without unused rows."""
        if len(self.array) != self.rows:
            self.array.resize((self.rows, self.array.shape[1]), refcheck=False)
        return self.array


class Keeper:
    """Collects the words of each block, checks them, and drops rows that are not kept.

    A row may be dropped because its word is not wanted or, with ``on_bad_rows="skip"``, because it
    is bad. Only the words that are kept have to be valid.

    Parameters
    ----------
    source : Source
        For error messages and the bound on memory.
    matrix : Matrix
    choice : Choice
    place : callable
        Row of the file -> what error messages call it, such as "line 12".
    numbers : bool, default=False
        The numbers are raw little-endian float32, still to be checked.
    encoding : str or None
        The encoding of the words; None is UTF-8.

    Attributes
    ----------
    words : list of str
    seen : int
        Rows of the file so far, kept or not.
    passed : int
        Bad rows whose word is not wanted, if bad rows are errors.
    bad : BadRows
    """

    def __init__(
        self,
        source: Source,
        matrix: Matrix,
        choice: Choice,
        place: Callable[[int], str],
        *,
        numbers: bool = False,
        encoding: str | None = None,
    ) -> None:
        self.words: list[str] = []
        self.seen = 0
        self.bad = BadRows()
        self.choice = choice
        self._source, self._matrix = source, matrix
        self._place = place
        self._numbers, self._encoding = numbers, encoding
        self._rows: list[int] = []  # the row in the file of each kept word, if some are dropped
        self._drops = choice.words is not None or choice.skip
        self.passed = 0
        self._known: set[str] = set()  # the words so far, if repeated ones are skipped
        self._bytes = 0  # of the words

    @property
    def taken(self) -> int:
        """The rows so far that `limit` counts: all but those that were left out as bad."""
        return self.seen - self.bad.total

    def place(self) -> str:
        """What error messages call the next row."""
        return self._place(self.seen)

    def take(self, data: bytearray, spans: Int64, n: int) -> None:
        """Add n rows, which were parsed to matrix.rows; spans are the places of their words."""
        if n == 0:
            return
        matrix = self._matrix
        rows, new = self._decode(data, spans, n)
        if self.choice.words is not None:
            rows, new = self._filtered(rows, new, lambda _, word: self.choice.wants(word))
        if self._numbers:
            rows, new = self._finite(rows, new, n)
        if self.choice.skip:
            rows, new = self._filtered(rows, new, self._is_new)
        if len(rows) != n:
            matrix.array[matrix.rows : matrix.rows + len(rows)] = matrix.array[
                [matrix.rows + row for row in rows]
            ]
        if self._drops:
            self._rows.extend(self.seen + row for row in rows)
        self.words += new
        matrix.rows += len(new)
        self.seen += n
        self._bytes += sum(map(sys.getsizeof, new)) + WORD * len(new)
        self._source.check_memory(self._bytes + 4 * matrix.rows * matrix.array.shape[1])

    def _decode(self, data: bytearray, spans: Int64, n: int) -> tuple[Sequence[int], list[str]]:
        """The words of a block, and the rows in the block of those that could be decoded."""
        errors, encoding = self.choice.errors, self._encoding
        words: list[str] = []
        rows: list[int] = []
        start = 0
        while True:
            before = len(words)
            try:
                if encoding is None:
                    _numbers.decode_words(data, spans[start:], n - start, errors, words)
                else:
                    for begin, end in spans[start:n].tolist():
                        words.append(bytes(data[begin:end]).decode(encoding, errors))
            except UnicodeDecodeError as error:
                bad = start + len(words) - before
                rows.extend(range(start, bad))
                start = bad + 1
                place = self._place(self.seen + bad)
                if self.choice.skip:
                    self.bad.add("encoding", place, shown(error.object))
                elif self.choice.words is None:
                    raise ValueError(
                        f"{self._source.path}, {place}: the word is not "
                        f"{(encoding or 'utf-8').upper()} at its byte {error.start} "
                        f"(0x{error.object[error.start]:02x}); errors='replace' replaces it, "
                        f"errors='surrogateescape' keeps its bytes, {SKIP} leaves the row out"
                    ) from None
            else:
                if not start:
                    return range(n), words
                rows.extend(range(start, n))
                return rows, words

    def _filtered(
        self, rows: Sequence[int], new: list[str], keep: Callable[[int, str], bool]
    ) -> tuple[Sequence[int], list[str]]:
        """The rows and words for which keep(row, word) is true."""
        pairs = [(row, word) for row, word in zip(rows, new, strict=True) if keep(row, word)]
        return [row for row, _ in pairs], [word for _, word in pairs]

    def _is_new(self, row: int, word: str) -> bool:
        """Whether a word occurs for the first time; a repeated one is counted as a bad row."""
        if word in self._known:
            self.bad.add("repeated", self._place(self.seen + row), shown(word))
            return False
        self._known.add(word)
        return True

    def _finite(
        self, rows: Sequence[int], new: list[str], n: int
    ) -> tuple[Sequence[int], list[str]]:
        """The rows and words with finite numbers and a word that is not empty."""
        block = self._matrix.array[self._matrix.rows : self._matrix.rows + n]
        if sys.byteorder == "big":
            block.byteswap(inplace=True)
        finite = np.logical_and.reduce(np.isfinite(block), axis=1).tolist()

        def keep(row: int, word: str) -> bool:
            if finite[row] and word:
                return True
            place = self._place(self.seen + row)
            if not self.choice.skip:
                what = "it contains NaN or infinity" if word else "the word is empty"
                raise ValueError(
                    f"{self._source.path}, {place}: the vector of {shown(word)}: {what}; {SKIP} "
                    "leaves the row out"
                )
            self.bad.add("not finite" if word else "no word", place, shown(word))
            return False

        if all(finite) and all(new):
            return rows, new
        return self._filtered(rows, new, keep)

    def add(self, word: bytes, numbers: list[float]) -> None:
        """Add one row, whose word contains blanks."""
        array, _ = self._matrix.reserve()
        array[self._matrix.rows] = numbers
        place, before = self.place(), len(self.words)
        self.take(bytearray(word), np.array([[0, len(word)]], np.int64), 1)
        if len(self.words) > before:
            self.bad.add("blanks", place, shown(self.words[-1]))

    def leave_out(self, kind: str, found: str) -> None:
        """Count a bad row that cannot be read."""
        if self.choice.skip:
            self.bad.add(kind, self.place(), found)
        else:
            self.passed += 1
        self.seen += 1

    def finish(self) -> tuple[list[str], Float32]:
        """The words and their matrix; raises ValueError for a word that occurs twice."""
        if len(set(self.words)) != len(self.words):
            first: dict[str, int] = {}
            for i, word in enumerate(self.words):
                j = first.setdefault(word, i)
                if j != i:
                    if self._drops:
                        i, j = self._rows[i], self._rows[j]
                    raise ValueError(
                        f"{self._source.path}, {self._place(i)}: the word {shown(word)} again, "
                        f"after {self._place(j)}; {SKIP} keeps the first"
                    )
        if self.bad.total and self.bad.total == self.seen:
            raise ValueError(
                f"{self._source.path}: no row can be read: {describe({'bad_rows': self.bad.kinds})}"
            )
        return self.words, self._matrix.finish()
