"""The rows that a word has in a table of floret.

floret has no rows of words: the bracketed word and each of its n-grams are hashed to several rows
of one table, and the vector of the word is the mean of all of them.
https://github.com/explosion/floret
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2vext.kernels._subwords import murmur_rows, ngrams

if TYPE_CHECKING:
    from w2vext._arguments.types import Int64


@dataclass(frozen=True)
class FloretRows:
    """The rows of words in a table of `bucket` rows.

    Attributes
    ----------
    min_n, max_n : int
        Lengths of the n-grams in characters; words have none if `max_n` is 0.
    hash_count : {1, 2, 3, 4}
        The number of rows of the word and of each n-gram.
    seed : int
        Of the hash.
    bucket : int
    """

    min_n: int
    max_n: int
    hash_count: int
    seed: int
    bucket: int

    def texts(self, word: bytes) -> list[bytes]:
        """The bracketed word and its n-grams."""
        grams = ngrams(word, max(self.min_n, 1), self.max_n)
        return [b"<" + word + b">", *(gram for gram, _ in grams)]

    def of_texts(self, texts: list[bytes]) -> Int64:
        """The rows of bracketed words or n-grams, (n, hash_count)."""
        return murmur_rows(texts, self.seed, self.hash_count, self.bucket)

    def rows(self, words: list[bytes]) -> tuple[Int64, Int64]:
        """(offsets, rows): the rows of word i are rows[offsets[i]:offsets[i + 1]]."""
        texts = [self.texts(word) for word in words]
        offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64) * self.hash_count
        return offsets, self.of_texts([text for each in texts for text in each]).reshape(-1)
