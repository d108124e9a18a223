"""The nearest words, and analogies: which questions there are, and how each becomes a vector.

gensim's names where the meaning is gensim's. Refuses arithmetic over all words, which is nearest's.
Unknown words are treated as the vectors' policy says, an error by default.
"""

from __future__ import annotations

import numbers
from itertools import repeat
from typing import TYPE_CHECKING, overload

import numpy as np

from w2vext.search import exact as nearest
from w2vext.search.query import UnknownWordError, check_count, padded, paired

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from typing import Any, Literal

    from numpy.typing import ArrayLike, NDArray

    from w2vext._types import Float32, Int64, Query, Token
    from w2vext._types import Neighbors as Found
    from w2vext._types import Queries as Several
    from w2vext.search.ann import Index


class Neighbors:
    """The questions for nearest words; the look-up is KeyedVectors'."""

    if TYPE_CHECKING:  # what KeyedVectors has
        vectors: Float32
        counts: Int64 | None
        index_to_key: list[Token]
        key_to_index: dict[Token, int]
        unknown: str
        unk: Token
        _inverse: Any
        _index: Any

        @property
        def vector_size(self) -> int: ...
        def __len__(self) -> int: ...
        def __contains__(self, word: Hashable) -> bool: ...
        def __getitem__(self, key: Hashable) -> Float32: ...
        def fill_norms(self) -> None: ...
        def get_index(self, word: Hashable) -> int: ...
        def row_of(self, word: Hashable) -> int: ...
        def _mean(self) -> Float32: ...
        def _vectors_of(self, words: Iterable[Hashable]) -> Float32: ...
        def _unknown_message(self, word: object) -> str: ...

    @overload
    def most_similar(
        self,
        positive: Query | None = None,
        negative: Query | None = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        index: Literal["usearch"] | Index | None = None,
    ) -> Found: ...
    @overload
    def most_similar(
        self,
        positive: Several,
        negative: Several | None = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        index: Literal["usearch"] | Index | None = None,
    ) -> list[Found]: ...
    @overload
    def most_similar(
        self,
        positive: Query | Several | None = None,
        negative: Query | Several | None = None,
        *,
        topn: None,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
    ) -> Float32: ...
    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        index: Any = None,
    ) -> Any:
        """The words nearest by cosine to a sum of vectors (3CosAdd).

        Parameters
        ----------
        positive, negative : word, vector, (word or vector, weight), or list of these
            One query: the sum of the words' unit vectors and of the vectors as they are, weighted
            by 1, by -1 for negative ones, or by the weight given. A list whose items are lists is
            several queries, answered together: ``most_similar([["king"], ["queen", "woman"]])``.
        topn : int or None, default=10
            How many neighbours, at most as many as there are; None: all cosines as an array.
        restrict_vocab : int, optional
            Search the most frequent so many words only; without counts, the first so many rows.
        exclude : iterable of words
            Leave these out too; a query's own words are always left out.
        index : {None, "usearch"} or ann.Index, optional
            None compares with every word. "usearch" asks an approximate index, built on first use
            (`build_index` has its settings and says how much it finds).

        Returns
        -------
        list of (word, cosine), best first; for several queries a list of such lists. With
        topn=None an array of shape (V,), for several queries (Q, V).

        Raises
        ------
        UnknownWordError
            A KeyError that names the word.
        ValueError
            Nothing to search for, or topn or restrict_vocab below 1.
        """
        check_count("topn", topn)
        check_count("restrict_vocab", restrict_vocab)
        several, pairs = paired(positive, negative)
        terms = self._terms(pairs)
        queries = self._sums(terms, len(pairs))
        own = self._own_rows(terms, len(pairs), exclude)
        found: Any
        if index is not None:
            found = self._ask_index(index, queries, own, topn, restrict_vocab)
        else:
            self.fill_norms()
            vectors, inverse, rows = self._most_frequent(restrict_vocab)
            if topn is None:
                found = nearest.cosines(vectors, inverse, queries)
            else:
                n = min(len(vectors), topn + max(map(len, own)))
                best, scores = nearest.nearest(vectors, inverse, queries, n)
                found = self._named((rows[best], scores), own, topn)
        return found if several else found[0]

    def frequent_rows(self, number: int | None) -> NDArray[np.intp]:
        """The rows of the most frequent words, ascending; None: all. Without counts the first."""
        if number is None or self.counts is None or np.all(np.diff(self.counts) <= 0):
            return np.arange(len(self))[:number]
        # Training further appends words, so rows need not go by counts.
        return np.sort(np.argsort(-self.counts, kind="stable")[:number])

    def _most_frequent(self, number: int | None) -> tuple[Float32, Float32, NDArray[np.intp]]:
        """(vectors, inverse norms, their rows) of the most frequent words, in the order of rows."""
        rows = self.frequent_rows(number)
        if len(rows) == 0 or rows[-1] + 1 == len(rows):
            return self.vectors[: len(rows)], self._inverse[: len(rows)], rows
        return self.vectors[rows], self._inverse[rows], rows

    @overload
    def most_similar_cosmul(
        self,
        positive: Query | None = None,
        negative: Query | None = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
    ) -> Found: ...
    @overload
    def most_similar_cosmul(
        self,
        positive: Several,
        negative: Several | None = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
    ) -> list[Found]: ...
    @overload
    def most_similar_cosmul(
        self,
        positive: Query | Several | None = None,
        negative: Query | Several | None = None,
        *,
        topn: None,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
    ) -> Float32: ...
    def most_similar_cosmul(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
    ) -> Any:
        """The words with the largest product of cosines (3CosMul).

        Parameters and result as for `most_similar`, without weights; the score is the product of
        the positive (1 + cosine) / 2, divided by that of the negative ones and 1e-6.

        References
        ----------
        O. Levy, Y. Goldberg: Linguistic Regularities in Sparse and Explicit Word Representations,
        CoNLL 2014, equation 4.
        """
        check_count("topn", topn)
        check_count("restrict_vocab", restrict_vocab)
        several, pairs = paired(positive, negative)
        terms = self._terms(pairs)
        own = self._own_rows(terms, len(pairs), exclude)
        distinct, sides = padded(terms, len(pairs))
        units = nearest.unit_rows(np.stack(distinct))
        self.fill_norms()
        vectors, inverse, rows = self._most_frequent(restrict_vocab)
        found: Any
        if topn is None:
            found = nearest.products(vectors, inverse, units, *sides)
        else:
            n = min(len(vectors), topn + max(map(len, own)))
            best, scores = nearest.nearest_products(vectors, inverse, units, *sides, n)
            found = self._named((rows[best], scores), own, topn)
        return found if several else found[0]

    def similar_by_word(
        self, word: Any, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The neighbours of a word, as from `most_similar`; for a list of words a list of lists."""
        words: Any = [[w] for w in word] if isinstance(word, list) else [word]
        ask: Any = self.most_similar
        return ask(words, None, topn, restrict_vocab)

    similar_by_key = similar_by_word

    def similar_by_vector(
        self, vector: ArrayLike, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """As from `most_similar`, for a vector (d,), or for each row of an array (n, d)."""
        vector = np.asarray(vector)
        vectors: Any = [[v] for v in vector] if vector.ndim == 2 else [vector]
        ask: Any = self.most_similar
        return ask(vectors, None, topn, restrict_vocab)

    def build_index(self, kind: Literal["usearch"] = "usearch", **settings: Any) -> Index:
        """Build the approximate index that ``most_similar(..., index="usearch")`` asks.

        Parameters
        ----------
        kind : {"usearch"}
        **settings
            Those of `ann.build`.

        Returns
        -------
        ann.Index
            With `recall()`, `save(path)`; `ann.load(path, wv)` reads one back.
        """
        from w2vext.search import ann

        self._index = ann.build(self, kind, **settings)
        return self._index

    # ---- how a question is put together

    def _terms(self, pairs: list[Any]) -> list[Any]:
        """(query, weight, row or -1, vector) of every query's terms, unknown words settled."""
        terms = []
        for query, (positive, negative) in enumerate(pairs):
            for items, weight in ((positive, 1.0), (negative, -1.0)):
                for item in items:
                    terms.extend(self._term(query, item, weight))
            if not positive and not negative:
                raise ValueError(
                    "positive and negative are empty: give a word to search for"
                    + (f" (query {query})" if len(pairs) > 1 else "")
                )
            if not terms or terms[-1][0] != query:
                raise ValueError(f"query {query} holds no known word: {positive!r}, {negative!r}")
        if not terms:
            raise ValueError("there is no query: give a word to search for")
        return terms

    def _term(self, query: int, item: Any, weight: float) -> list[tuple[int, float, int, Float32]]:
        if isinstance(item, tuple) and item not in self.key_to_index:
            if len(item) != 2 or not isinstance(item[1], numbers.Real):
                raise UnknownWordError(self._unknown_message(item))
            item, weight = item[0], float(item[1])
            if not np.isfinite(weight):
                raise ValueError(f"the weight of {item!r} is {weight}: give a finite number")
        if isinstance(item, np.ndarray) and item.ndim > 0:
            return [(query, weight, -2, self._checked(item))]
        row = self.row_of(item)
        if row >= 0:
            return [(query, weight, row, self.vectors[row])]
        return [(query, weight, -1, self._mean())] if self.unknown == "mean" else []

    def _sums(self, terms: list[Any], count: int) -> Float32:
        """The unit query vectors, (count, d): words enter as unit vectors, vectors as they are."""
        owner, weights, rows, given = zip(*terms, strict=True)
        vectors = np.stack(given).astype(np.float64)
        words = np.array(rows) > -2
        vectors[words] = nearest.unit_rows(vectors[words])
        vectors *= np.array(weights)[:, None]
        _, starts = np.unique(owner, return_index=True)
        return nearest.unit_rows(np.add.reduceat(vectors, starts, axis=0))

    def _own_rows(
        self, terms: list[Any], count: int, exclude: Iterable[Hashable]
    ) -> list[set[int]]:
        """The rows that each query leaves out."""
        exclude = [exclude] if isinstance(exclude, (str, bytes)) else exclude
        own = [{self.get_index(word) for word in exclude} for _ in repeat(None, count)]
        for query, _, row, _ in terms:
            if row >= 0:
                own[query].add(row)
        return own

    def _named(
        self, found: tuple[NDArray[Any], Float32], own: list[set[int]], topn: int
    ) -> list[Found]:
        """[(word, score)] of each query, its own words left out."""
        named = []
        for rows, scores, out in zip(found[0].tolist(), found[1].tolist(), own, strict=True):
            kept = [pair for pair in zip(rows, scores, strict=True) if pair[0] not in out]
            named.append(
                [(self.index_to_key[row], score) for row, score in kept[:topn] if row >= 0]
            )
        return named

    def _ask_index(
        self,
        index: Any,
        queries: Float32,
        own: list[set[int]],
        topn: int | None,
        restrict_vocab: int | None,
    ) -> list[Found]:
        if topn is None or restrict_vocab is not None:
            raise ValueError(
                "index=: an approximate index finds the nearest of all words; leave restrict_vocab "
                "out and give topn, or leave index out"
            )
        if isinstance(index, str):
            if self._index is None or self._index.kind != index:
                self.build_index(index)  # type: ignore[arg-type]  # which refuses other kinds
            index = self._index
        n = min(len(self), topn + max(map(len, own)))
        return self._named(index.search(queries, n), own, topn)

    def _checked(self, vector: NDArray[Any]) -> NDArray[Any]:
        if vector.shape != (self.vector_size,):
            raise ValueError(
                f"a query vector has shape {vector.shape}; needed is ({self.vector_size},). "
                "Several queries are a list of lists: [[v] for v in vectors]"
            )
        if not np.isfinite(vector).all():
            raise ValueError("a query vector holds NaN or infinity")
        return vector
