"""The subwords of a vocabulary: which n-grams its words have, and the rows of these (D15)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from w2vext._messages import shown
from w2vext.kernels._subwords import NgramRows, means, ngrams

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from w2vext._types import Bool, Float32, Int32, Int64

BATCH = 4_096  # words that are composed together


@dataclass(frozen=True)
class Subwords:
    """The n-grams of a vocabulary's words, hashed to buckets as fastText does.

    The input matrix has a row for each word, then one for each bucket that an n-gram of a word of
    the vocabulary has, in the order of first use. Buckets without such an n-gram have no row: they
    would never be trained.

    Attributes
    ----------
    min_n, max_n : int
        Lengths of the n-grams in characters.
    bucket : int
        The number of buckets.
    n_words : int
    keys : int32 (n_buckets,), ascending
        The buckets that have a row.
    slots : int32 (n_buckets,)
        The row of ``keys[i]`` is ``n_words + slots[i]``.
    starts, parts : int64 (n_words + 1,), int32 (starts[n_words],)
        The rows of the n-grams of word w are ``parts[starts[w]:starts[w + 1]]``.
    """

    min_n: int
    max_n: int
    bucket: int
    n_words: int
    keys: Int32
    slots: Int32
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

    @property
    def n_rows(self) -> int:
        """The number of rows of the input matrix."""
        return self.n_words + len(self.keys)

    @cached_property
    def table(self) -> NgramRows:
        """Finds the rows of any word's n-grams."""
        return NgramRows(self.min_n, self.max_n, self.bucket, self.n_words, self.keys, self.slots)


def bytes_of(word: Any) -> bytes:
    """The UTF-8 bytes of a word; lone surrogates become the bytes that they stand for."""
    if not isinstance(word, str):
        raise TypeError(
            f"the word {shown(word)} is a {type(word).__name__}: subwords are made of characters, "
            "so every word must be a str; max_n=0 trains without subwords"
        )
    return word.encode("utf-8", "surrogateescape")


class SubwordVectors:
    """Composes the vectors of words, known or not, from rows of words and n-grams.

    Parameters
    ----------
    subwords : Subwords
    rows : float32 (subwords.n_rows, d)
        A row for each word, then one for each bucket.
    index : dict
        Word to row.
    """

    def __init__(self, subwords: Subwords, rows: Float32, index: dict[Any, int]) -> None:
        self.subwords = subwords
        self.rows = rows
        self.index = index

    @classmethod
    def of(
        cls, words: list[Any], rows: Float32, min_n: int, max_n: int, bucket: int
    ) -> SubwordVectors:
        """The subwords of a vocabulary with their rows.

        Raises
        ------
        ValueError
            There are more or fewer rows than the words and their n-grams need.
        """
        subwords = Subwords.of(words, min_n, max_n, bucket)
        if len(rows) != subwords.n_rows:
            raise ValueError(
                f"{len(rows):,} subword vectors for min_n={min_n}, max_n={max_n} and "
                f"bucket={bucket}, which need {subwords.n_rows:,}"
            )
        return cls(subwords, rows, {word: row for row, word in enumerate(words)})

    @property
    def settings(self) -> dict[str, int]:
        """min_n, max_n and bucket."""
        s = self.subwords
        return {"min_n": s.min_n, "max_n": s.max_n, "bucket": s.bucket}

    def compose(self, words: Sequence[Any]) -> tuple[Float32, Bool]:
        """The vectors of some words, (n, d), and whether each word has one.

        A word's vector is the mean of its own row, if it is in the vocabulary, and of the rows of
        its n-grams. N-grams that no word of the vocabulary has count as zeros. A word of another
        type than str, and one without any n-gram in the vocabulary, has no vector; its row is
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
            means(
                self.rows.reshape(-1).view(np.uint8),
                self.rows.shape[1],
                offsets,
                rows,
                out[part],
                count_absent=True,
            )
            found = np.concatenate(([0], np.cumsum(rows >= 0)))[offsets]
            has[part] = np.diff(found) > 0
            has[part] &= [
                isinstance(word, str) or row >= 0 for word, row in zip(batch, own, strict=True)
            ]
        return out, has

    def ngrams(self, word: str) -> list[tuple[str, int]]:
        """The n-grams of a word, each with its row, or -1 if it has none."""
        raw = bytes_of(word)
        found = ngrams(raw, max(self.subwords.min_n, 1), self.subwords.max_n)
        rows = self.subwords.table.rows([raw])[1].tolist()
        names = [gram.decode("utf-8", "surrogateescape") for gram, _ in found]
        return list(zip(names, rows, strict=False))
