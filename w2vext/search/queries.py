"""What one asks word vectors of two words, of groups and of documents: distances, the odd one out.

gensim's names where the meaning is gensim's; `Neighbors` has the nearest words. Refuses files and
storage: `Queries` is the part of KeyedVectors that asks. Unknown words are treated as the vectors'
policy says, an error by default; a vector of zeros has cosine 0 with everything, never NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.search import exact as nearest
from w2vext.search.neighbors import Neighbors
from w2vext.search.query import listed

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence
    from typing import Any

    from w2vext._types import Float32, Term, Token


class Queries(Neighbors):
    """The questions; the look-up is KeyedVectors'."""

    def similarity(self, word1: Hashable, word2: Hashable) -> float:
        """The cosine of two words' vectors; 0 where one of them is zeros."""
        one, two = nearest.unit_rows(np.stack([self[word1], self[word2]]))
        return float(np.dot(one.astype(np.float64), two))

    def distance(self, word1: Hashable, word2: Hashable) -> float:
        """1 - similarity."""
        return 1 - self.similarity(word1, word2)

    def distances(self, word_or_vector: Term, other_words: Iterable[Hashable] = ()) -> Float32:
        """1 - cosine to each of other_words, or to all words: shape (n,), float32."""
        query = nearest.unit_rows(self._as_vector(word_or_vector)[None])
        other_words = list(other_words)
        if other_words:
            return 1 - nearest.unit_rows(self._vectors_of(other_words)) @ query[0]
        self.fill_norms()
        return 1 - nearest.cosines(self.vectors, self._inverse, query)[0]

    def n_similarity(
        self, words1: Term | Sequence[Hashable], words2: Term | Sequence[Hashable]
    ) -> float:
        """The cosine of the means of two groups of words."""
        means = []
        for name, words in (("words1", words1), ("words2", words2)):
            vectors = self._vectors_of(listed(words))
            if not len(vectors):
                raise ValueError(f"{name} holds no known word: give one at least")
            means.append(vectors.mean(axis=0, dtype=np.float64))
        one, two = nearest.unit_rows(means)
        return float(np.dot(one.astype(np.float64), two))

    def closer_than(self, word1: Hashable, word2: Hashable) -> list[Token]:
        """The words that are nearer to word1 than word2 is, as they stand in the vocabulary."""
        distances = self.distances(word1)
        own = self.get_index(word1)
        nearer = np.flatnonzero(distances < distances[self.get_index(word2)])
        return [self.index_to_key[row] for row in nearer if row != own]

    def rank(self, word1: Hashable, word2: Hashable) -> int:
        """1 where word2 is word1's nearest word, 2 where it is the second, and so on."""
        return len(self.closer_than(word1, word2)) + 1

    def doesnt_match(self, words: Sequence[Hashable]) -> Token:
        """The word farthest from the mean of all of them.

        Raises
        ------
        ValueError
            None of the words is known.
        """
        words = listed(words)
        if self.unknown == "skip" and self.unk is None:
            words = [word for word in words if word in self]
        if not words:
            raise ValueError("words holds no known word: give some to choose from")
        unit = nearest.unit_rows(self._vectors_of(words))
        mean = nearest.unit_rows(unit.mean(axis=0, dtype=np.float64)[None])[0]
        return words[int(np.argmin(unit @ mean))]

    def wmdistance(
        self, words1: Iterable[Hashable], words2: Iterable[Hashable], norm: bool = True
    ) -> float:
        """Word Mover's Distance of two documents (Kusner et al., ICML 2015), by POT.

        Parameters
        ----------
        words1, words2 : list of words
            Words that are not there are left out, or are `unk` where there is one.
        norm : bool, default=True
            Compare unit vectors.

        Returns
        -------
        float
            Infinity where a document holds no known word.

        Raises
        ------
        TypeError
            A document is a str: its letters would be the words.
        ImportError
            POT is missing: ``pip install 'w2vext[wmd]'``.
        """
        for name, words in (("words1", words1), ("words2", words2)):
            if isinstance(words, (str, bytes)):
                raise TypeError(f"{name}={words!r}: give a list of words, {words!r}.split()")
        try:
            from ot import emd2
        except ImportError as error:
            raise ImportError("wmdistance needs POT: pip install 'w2vext[wmd]'") from error
        documents = [
            [self.row_of(word) for word in words if word in self or self.unk is not None]
            for words in (words1, words2)
        ]
        if not all(documents):
            return float("inf")
        rows, places = np.unique(np.concatenate(documents), return_inverse=True)
        if len(rows) == 1:
            return 0.0
        split = len(documents[0])
        weights = [
            np.bincount(side, minlength=len(rows)) / len(side)
            for side in (places[:split], places[split:])
        ]
        points = self.vectors[rows].astype(np.float64)
        if norm:
            points = nearest.unit_rows(points).astype(np.float64)
        costs = np.linalg.norm(points[:, None] - points[None], axis=2)
        return float(emd2(*weights, costs))

    def _as_vector(self, item: Any) -> Float32:
        if isinstance(item, np.ndarray) and item.ndim > 0:
            return self._checked(item)
        return self[item]
