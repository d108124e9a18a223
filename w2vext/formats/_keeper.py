"""Rows that come block by block: a matrix that grows, and the words beside it, checked and chosen.

Refuses repeated words and bytes that are no UTF-8, each with its place in the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.formats import _numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from w2vext._types import Float32, Int64

AT_ONCE = 1 << 14  # rows parsed between two looks at Python


class Matrix:
    """Rows that arrive one block at a time; room grows by doubling, up to `most` rows."""

    def __init__(self, dimensions: int, most: int | None = None, room: int | None = None) -> None:
        self.rows = 0
        self._most = most
        if room is None:
            room = min(AT_ONCE, (1 << 22) // dimensions + 1)
        self.array = np.empty((room if most is None else min(most, room), dimensions), np.float32)

    def reserve(self) -> tuple[Float32, int]:
        """The array, with room for one row more at least, and the row to stop at."""
        room = len(self.array)
        if self.rows == room:
            room = max(2 * room, 16)
            if self._most is not None:
                room = min(room, self._most)
            self.array.resize((room, self.array.shape[1]), refcheck=False)
        return self.array, min(room, self.rows + AT_ONCE)

    def finish(self) -> Float32:
        """Exactly the rows that came."""
        if len(self.array) != self.rows:
            self.array.resize((self.rows, self.array.shape[1]), refcheck=False)
        return self.array


class Keeper:
    """Collects the words of each block, checks them, and drops the rows nobody asked for."""

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
                f"errors={errors!r}: choose 'strict', 'replace', 'ignore' or 'surrogateescape'"
            )
        self.words: list[str] = []
        self.seen = 0  # rows read from the file, kept or not
        self.path, self.matrix, self.errors = path, matrix, errors
        self._wanted = None if wanted is None else set(wanted)
        self._place = place  # row read -> "line 12" or "row 11"
        self._rows: list[int] = []  # where some are dropped: of each word kept, its row in the file

    def take(self, data: bytearray, spans: Int64, n: int) -> None:
        """n rows were parsed at matrix.rows; their words lie at spans in data."""
        matrix, base = self.matrix, len(self.words)
        try:
            _numbers.decode_words(data, spans, n, self.errors, self.words)
        except UnicodeDecodeError as error:
            row = self.seen + len(self.words) - base
            raise ValueError(
                f"{self.path}, {self._place(row)}: the word is not UTF-8 at its byte {error.start} "
                f"(0x{error.object[error.start]:02x}); errors='replace' puts U+FFFD there"
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
        """The words and their matrix; a word that came twice is refused here."""
        if len(set(self.words)) != len(self.words):
            first: dict[str, int] = {}
            for i, word in enumerate(self.words):
                j = first.setdefault(word, i)
                if j != i:
                    if self._rows:
                        i, j = self._rows[i], self._rows[j]
                    raise ValueError(
                        f"{self.path}, {self._place(i)}: the word {word!r} again, after "
                        f"{self._place(j)}; a word has one vector: remove one of the two"
                    )
        return self.words, self.matrix.finish()
