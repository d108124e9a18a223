"""Rows that are read block by block: a growing matrix, and its words, checked and selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._messages import shown
from w2vext.formats import _numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from w2vext._types import Float32, Int64

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

    def finish(self) -> Float32:
        """The array without unused rows."""
        if len(self.array) != self.rows:
            self.array.resize((self.rows, self.array.shape[1]), refcheck=False)
        return self.array


class Keeper:
    """Collects the words of each block, checks them, and drops rows that are not wanted.

    Parameters
    ----------
    path : str
        For error messages.
    matrix : Matrix
    wanted : iterable of str or None
        The words to keep; None keeps all.
    errors : str
        How words that are not UTF-8 are decoded.
    place : callable
        Row of the file -> what error messages call it, such as "line 12".
    """

    def __init__(
        self,
        path: str,
        matrix: Matrix,
        *,
        wanted: Iterable[Any] | None,
        errors: str,
        place: Callable[[int], str],
    ) -> None:
        if errors not in ("strict", "replace", "ignore", "surrogateescape"):
            raise ValueError(
                f"errors={shown(errors)}: choose 'strict', 'replace', 'ignore' or 'surrogateescape'"
            )
        self.words: list[str] = []
        self.seen = 0  # rows read from the file, kept or not
        self.path, self.matrix, self.errors = path, matrix, errors
        self._wanted = None if wanted is None else set(wanted)
        self._place = place
        self._rows: list[int] = []  # the row in the file of each kept word, if some are dropped

    def take(self, data: bytearray, spans: Int64, n: int) -> None:
        """Add n rows, which were parsed to matrix.rows; spans are the places of their words."""
        matrix, base = self.matrix, len(self.words)
        try:
            _numbers.decode_words(data, spans, n, self.errors, self.words)
        except UnicodeDecodeError as error:
            row = self.seen + len(self.words) - base
            raise ValueError(
                f"{self.path}, {self._place(row)}: the word is not UTF-8 at its byte {error.start} "
                f"(0x{error.object[error.start]:02x}); errors='replace' replaces it"
            ) from None
        if self._wanted is None:
            matrix.rows += n
        else:
            new = self.words[base:]
            keep = [i for i, word in enumerate(new) if word in self._wanted]
            matrix.array[matrix.rows : matrix.rows + len(keep)] = matrix.array[
                matrix.rows : matrix.rows + n
            ][keep]
            self.words[base:] = [new[i] for i in keep]
            self._rows.extend(self.seen + i for i in keep)
            matrix.rows += len(keep)
        self.seen += n

    def finish(self) -> tuple[list[str], Float32]:
        """The words and their matrix; raises ValueError for a word that occurs twice."""
        if len(set(self.words)) != len(self.words):
            first: dict[str, int] = {}
            for i, word in enumerate(self.words):
                j = first.setdefault(word, i)
                if j != i:
                    if self._rows:
                        i, j = self._rows[i], self._rows[j]
                    raise ValueError(
                        f"{self.path}, {self._place(i)}: the word {shown(word)} again, after "
                        f"{self._place(j)}; remove one of the two"
                    )
        return self.words, self.matrix.finish()
