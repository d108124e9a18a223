"""The subwords of a vocabulary: which n-grams its words have, and the rows of these (D15)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from w2vext._messages import shown
from w2vext.kernels._subwords import NgramRows, ngrams
from w2vext.kernels.means import mean_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from typing_extensions import Self

    from w2vext._types import Bool, Float32, Int32, Int64

BATCH = 4_096  # words that are composed together


@dataclass(frozen=True)
class Buckets:
    """Which buckets of n-grams have a row of the input matrix.

    Attributes
    ----------
    min_n, max_n : int
        Lengths of the n-grams in characters.
    bucket : int
        The number of buckets.
    n_words : int
        The number of rows before those of buckets.
    keys : int32 (n_buckets,), ascending, or None
        The buckets that have a row; None: all have, in their order.
    slots : int32 (n_buckets,) or None
        The row of ``keys[i]`` is ``n_words + slots[i]``.
    """

    min_n: int
    max_n: int
    bucket: int
    n_words: int
    keys: Int32 | None
    slots: Int32 | None

    @classmethod
    def by_row(
        cls, min_n: int, max_n: int, bucket: int, n_words: int, buckets: Int32 | None
    ) -> Buckets:
        """From the bucket of each row after those of words; None: all buckets in their order."""
        if buckets is None:
            return cls(min_n, max_n, bucket, n_words, None, None)
        slots = np.argsort(buckets, kind="stable").astype(np.int32)
        return cls(min_n, max_n, bucket, n_words, buckets[slots], slots)

    @property
    def n_rows(self) -> int:
        """The number of rows of the input matrix."""
        return self.n_words + (self.bucket if self.keys is None else len(self.keys))

    @property
    def buckets(self) -> Int32 | None:
        """The bucket of each row after those of words; None: all buckets in their order."""
        if self.keys is None or self.slots is None:
            return None
        found = np.empty(len(self.keys), dtype=np.int32)
        found[self.slots] = self.keys
        return found

    @cached_property
    def table(self) -> NgramRows:
        """Finds the rows of any word's n-grams."""
        return NgramRows(self.min_n, self.max_n, self.bucket, self.n_words, self.keys, self.slots)

    def row_of(self, hashes: Int64) -> Int64:
        """The rows of n-grams with these hashes; -1 for a bucket without a row."""
        buckets = hashes % self.bucket
        if self.keys is None or self.slots is None:
            return self.n_words + buckets
        if not len(self.keys):
            return np.full(len(hashes), -1, dtype=np.int64)
        places = np.searchsorted(self.keys, buckets).clip(max=len(self.keys) - 1)
        return np.where(self.keys[places] == buckets, self.n_words + self.slots[places], -1)


@dataclass(frozen=True)
class Subwords(Buckets):
    """The n-grams of a vocabulary's words, hashed to buckets as fastText does.

    The input matrix has a row for each word, then one for each bucket that an n-gram of a word of
    the vocabulary has, in the order of first use. Buckets without such an n-gram have no row: they
    would never be trained.

    Attributes
    ----------
    starts, parts : int64 (n_words + 1,), int32 (starts[n_words],)
        The rows of the n-grams of word w are ``parts[starts[w]:starts[w + 1]]``.
    """

    starts: Int64
    parts: Int32

    @classmethod
    def of(cls, words: Iterable[Any], min_n: int, max_n: int, bucket: int) -> Subwords:
        """The subwords of some words, which are str.

        Raises
        ------
        TypeError
            For a word that is not a str.
        """
        raw = [bytes_of(word) for word in words]
        starts, buckets = NgramRows(min_n, max_n, bucket, 0).rows(raw)
        keys, first, places = np.unique(buckets, return_index=True, return_inverse=True)
        slots = np.empty(len(keys), dtype=np.int32)
        slots[np.argsort(first, kind="stable")] = np.arange(len(keys), dtype=np.int32)
        parts = (len(raw) + slots[places.reshape(-1)]).astype(np.int32)
        return cls(min_n, max_n, bucket, len(raw), keys.astype(np.int32), slots, starts, parts)


def bytes_of(word: Any) -> bytes:
    """The UTF-8 bytes of a word; lone surrogates become the bytes that they stand for."""
    if not isinstance(word, str):
        raise TypeError(
            f"the word {shown(word)} is a {type(word).__name__}: subwords are made of characters, "
            "so every word must be a str; max_n=0 trains without subwords"
        )
    return word.encode("utf-8", "surrogateescape")


def text_of(raw: bytes) -> str:
    """The inverse of `bytes_of`."""
    return raw.decode("utf-8", "surrogateescape")


class SubwordVectors:
    """Composes the vectors of words, known or not, from rows of words and n-grams.

    Parameters
    ----------
    subwords : Buckets
    rows : float32 (subwords.n_rows, d), or an object with ``shape`` and ``take(rows)``
        Rows of words, then those of buckets. They may be in a mapped file, or quantised.
    index : dict
        Word to row.
    count_absent : bool, default=True
        N-grams without a row count as zeros. False leaves them out, as fastText does with those
        that were pruned.
    """

    def __init__(
        self, subwords: Buckets, rows: Any, index: dict[Any, int], count_absent: bool = True
    ) -> None:
        self.subwords = subwords
        self.rows = rows
        self.index = index
        self.count_absent = count_absent

    @classmethod
    def of_stored(cls, words: list[Any], stored: dict[str, Any]) -> Self:
        """From what a reader of files found; see `stored`."""
        buckets, rows = stored["buckets"], stored["rows"]
        n_words = rows.shape[0] - (stored["bucket"] if buckets is None else len(buckets))
        min_n, max_n, bucket = (stored[name] for name in ("min_n", "max_n", "bucket"))
        index = dict(zip(words, stored["own"].tolist(), strict=True))
        found = Buckets.by_row(min_n, max_n, bucket, n_words, buckets)
        return cls(found, rows, index, stored["count_absent"])

    def stored(self, words: Sequence[Any]) -> dict[str, Any]:
        """What a file has to hold of them for these words.

        Returns
        -------
        dict
            `min_n`, `max_n`, `bucket` and `count_absent`; `rows`, the matrix; `own`, int64 (n,),
            the row of each word; `buckets`, int32, the bucket of each row after those of words, or
            None if all buckets have a row, in their order.
        """
        s = self.subwords
        return {
            "min_n": s.min_n,
            "max_n": s.max_n,
            "bucket": s.bucket,
            "count_absent": self.count_absent,
            "buckets": s.buckets,
            "own": np.array([self.index[word] for word in words], dtype=np.int64),
            "rows": self.rows,
        }

    def restricted(self, words: Iterable[Any]) -> SubwordVectors:
        """The same for fewer words, with all n-grams; shares the matrix."""
        index = {word: self.index[word] for word in words}
        return SubwordVectors(self.subwords, self.rows, index, self.count_absent)

    def compose(self, words: Sequence[Any]) -> tuple[Float32, Bool]:
        """The vectors of some words, (n, d), and whether each word has one.

        A word's vector is the mean of its own row, if it is in the vocabulary, and of the rows of
        its n-grams. N-grams that no word of the vocabulary has count as zeros. An unknown word has
        no vector if it is not a str, or if no row of its n-grams differs from zero; its row is
        zeros.
        """
        out = np.zeros((len(words), self.rows.shape[1]), dtype=np.float32)
        has = np.zeros(len(words), dtype=bool)
        for begin in range(0, len(words), BATCH):
            batch = words[begin : begin + BATCH]
            raw = [bytes_of(word) if isinstance(word, str) else b"" for word in batch]
            own = np.array([self.index.get(word, -1) for word in batch], dtype=np.int64)
            offsets, rows = self.subwords.table.rows(raw, own)
            part = slice(begin, begin + len(batch))
            mean_rows(self.rows, offsets, rows, out[part], count_absent=self.count_absent)
            is_str = np.array([isinstance(word, str) for word in batch], dtype=bool)
            has[part] = (own >= 0) | (is_str & out[part].any(axis=1))
        return out, has

    def ngrams(self, word: str) -> list[tuple[str, int]]:
        """The n-grams of a word in fastText's order, each with its row, or -1 if it has none."""
        raw = bytes_of(word)
        rows = self.subwords.table.rows([raw])[1].tolist()
        found = self._ngrams_of(raw) if rows else []
        return [(text_of(gram), row) for (gram, _), row in zip(found, rows, strict=True)]

    def counts(self, words: Sequence[str], counts: Int64 | None) -> dict[str, tuple[int, int]]:
        """All n-grams of some words: how often each occurs, and its row.

        An n-gram counts as often as it occurs in a word, times the word's count; without counts
        each word counts once. The most frequent n-gram comes first.
        """
        totals: dict[bytes, int] = {}
        hashes: dict[bytes, int] = {}
        numbers = [1] * len(words) if counts is None else counts.tolist()
        for word, number in zip(words, numbers, strict=True):
            for gram, hashed in self._ngrams_of(bytes_of(word)):
                totals[gram] = totals.get(gram, 0) + number
                hashes[gram] = hashed
        rows = self.subwords.row_of(np.fromiter(hashes.values(), dtype=np.int64, count=len(hashes)))
        found = zip(totals.items(), rows.tolist(), strict=True)
        ordered = sorted(found, key=lambda each: -each[0][1])
        return {text_of(gram): (count, row) for (gram, count), row in ordered}

    def _ngrams_of(self, raw: bytes) -> list[tuple[bytes, int]]:
        if raw == b"</s>":  # fastText's mark of a line's end has none
            return []
        return ngrams(raw, max(self.subwords.min_n, 1), self.subwords.max_n)

    @property
    def has_ngrams(self) -> bool:
        """Whether words have n-grams at all; quantised vectors may have none."""
        return self.subwords.bucket > 0

    @staticmethod
    def without_ngrams(n_words: int) -> Buckets:
        """For rows of words only."""
        return Buckets(1, 0, 0, n_words, np.zeros(0, np.int32), np.zeros(0, np.int32))

    def all_rows(self) -> Float32:
        """The whole matrix."""
        array = isinstance(self.rows, np.ndarray)
        return np.ascontiguousarray(self.rows) if array else self.rows.take()

    def rows_at(self, rows: Int64) -> Float32:
        """A copy of some rows of the matrix."""
        array = isinstance(self.rows, np.ndarray)
        return np.array(self.rows[rows] if array else self.rows.take(rows), dtype=np.float32)


def words_of_line(text: str) -> list[str]:
    """The words of a line as fastText splits it: at ASCII white space.

    Raises
    ------
    ValueError
        The text contains a line break.
    """
    if "\n" in text:
        raise ValueError(
            f"the text {shown(text)} contains a line break: give one line at a time, such as "
            "text.splitlines()"
        )
    return [text_of(raw) for raw in bytes_of(text).split()]
