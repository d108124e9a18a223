"""Vectors of words from a table of floret, which has rows of n-grams only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.kernels.floret import FloretRows
from w2vext.text.subwords import Buckets, SubwordVectors, bytes_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from typing_extensions import Self

    from w2vext._arguments.types import Float32, Int64

_SETTINGS = ("min_n", "max_n", "hash_count", "seed")


class FloretVectors(SubwordVectors):
    """Composes the vectors of words from a table of floret.

    Parameters
    ----------
    table : float32 (bucket, d)
    hashed : FloretRows
    """

    def __init__(self, table: Float32, hashed: FloretRows) -> None:
        lengths = hashed.min_n, hashed.max_n
        super().__init__(Buckets(*lengths, hashed.bucket, 0, None, None), table, {})
        self.hash_count = hashed.hash_count
        self._hashed = hashed

    @classmethod
    def of_stored(cls, words: list[Any], stored: dict[str, Any]) -> Self:
        """Convert the entry of a file, as `stored` returns it."""
        table = stored["rows"]
        min_n, max_n, hash_count, seed = (stored[name] for name in _SETTINGS)
        return cls(table, FloretRows(min_n, max_n, hash_count, seed, len(table)))

    def stored(self, words: Sequence[Any]) -> dict[str, Any]:
        """The entry of a file: `min_n`, `max_n`, `hash_count`, `seed`, and the table as `rows`."""
        return {**{name: getattr(self._hashed, name) for name in _SETTINGS}, "rows": self.rows}

    def restricted(self, words: Iterable[Any]) -> FloretVectors:
        """Return this object: the table does not depend on the words."""
        return self

    def _rows_of(self, words: Sequence[Any]) -> tuple[Int64, Int64]:
        is_str = np.fromiter((isinstance(word, str) for word in words), bool, len(words))
        offsets, rows = self._hashed.rows([bytes_of(w) for w in words if isinstance(w, str)])
        lengths = np.zeros(len(words) + 1, np.int64)
        lengths[1:][is_str] = np.diff(offsets)
        return np.cumsum(lengths), rows

    def ngrams(self, word: str) -> list[tuple[str, int]]:
        """The bracketed word and its n-grams, each once for each of its rows."""
        texts = self._hashed.texts(bytes_of(word))
        rows = self._hashed.of_texts(texts).tolist()
        return [
            (text_of(text), row) for text, each in zip(texts, rows, strict=True) for row in each
        ]

    def counts(self, words: Sequence[str], counts: Int64 | None) -> dict[str, tuple[int, int]]:
        """Raise ValueError: an n-gram has several rows."""
        raise ValueError(
            "in a table of floret an n-gram has several rows, so it has no vector of its own: "
            "wv.subwords.ngrams(word) lists the rows of a word"
        )
