"""What one asks word vectors: neighbours, analogies, distances, the odd one out.

gensim's names where the meaning is gensim's. Refuses files and storage: `Queries` is the part of
KeyedVectors that asks. Unknown words are treated as the vectors' policy says, an error by default;
a vector of zeros has cosine 0 with everything, never NaN.
"""

import numbers
from itertools import repeat

import numpy as np

from w2vext import nearest


class UnknownWordError(KeyError):
    """A word that is not there. Its message reads as a sentence, which KeyError's does not."""

    def __str__(self):
        return str(self.args[0])


class Queries:
    """The questions; the look-up is KeyedVectors'."""

    # ---- two words, or one and all others

    def similarity(self, word1, word2):
        """The cosine of two words' vectors; 0 where one of them is zeros."""
        one, two = nearest.unit_rows(np.stack([self[word1], self[word2]]))
        return float(np.dot(one.astype(np.float64), two))

    def distance(self, word1, word2):
        """1 - similarity."""
        return 1 - self.similarity(word1, word2)

    def distances(self, word_or_vector, other_words=()):
        """1 - cosine to each of other_words, or to all words: shape (n,), float32."""
        query = nearest.unit_rows(self._as_vector(word_or_vector)[None])
        other_words = list(other_words)
        if other_words:
            return 1 - nearest.unit_rows(self._vectors_of(other_words)) @ query[0]
        self.fill_norms()
        return 1 - nearest.cosines(self.vectors, self._inverse, query)[0]

    def n_similarity(self, words1, words2):
        """The cosine of the means of two groups of words."""
        means = []
        for name, words in (("words1", words1), ("words2", words2)):
            vectors = self._vectors_of(_listed(words))
            if not len(vectors):
                raise ValueError(f"{name} holds no known word: give one at least")
            means.append(vectors.mean(axis=0, dtype=np.float64))
        one, two = nearest.unit_rows(means)
        return float(np.dot(one.astype(np.float64), two))

    def closer_than(self, word1, word2):
        """The words that are nearer to word1 than word2 is, as they stand in the vocabulary."""
        distances = self.distances(word1)
        own = self.get_index(word1)
        nearer = np.flatnonzero(distances < distances[self.get_index(word2)])
        return [self.index_to_key[row] for row in nearer if row != own]

    def rank(self, word1, word2):
        """1 where word2 is word1's nearest word, 2 where it is the second, and so on."""
        return len(self.closer_than(word1, word2)) + 1

    def doesnt_match(self, words):
        """The word farthest from the mean of all of them.

        Raises
        ------
        ValueError
            None of the words is known.
        """
        words = _listed(words)
        if self.unknown == "skip" and self.unk is None:
            words = [word for word in words if word in self]
        if not words:
            raise ValueError("words holds no known word: give some to choose from")
        unit = nearest.unit_rows(self._vectors_of(words))
        mean = nearest.unit_rows(unit.mean(axis=0, dtype=np.float64)[None])[0]
        return words[int(np.argmin(unit @ mean))]

    def wmdistance(self, words1, words2, norm=True):
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

    # ---- neighbours and analogies

    def most_similar(
        self,
        positive=None,
        negative=None,
        topn=10,
        restrict_vocab=None,
        exclude=(),
        index=None,
    ):
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
        several, pairs = _paired(positive, negative)
        terms = self._terms(pairs)
        queries = self._sums(terms, len(pairs))
        own = self._own_rows(terms, len(pairs), exclude)
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

    def frequent_rows(self, number):
        """The rows of the most frequent words, ascending; None: all. Without counts the first."""
        if number is None or self.counts is None or np.all(np.diff(self.counts) <= 0):
            return np.arange(len(self))[:number]
        # Training further appends words, so rows need not go by counts.
        return np.sort(np.argsort(-self.counts, kind="stable")[:number])

    def _most_frequent(self, number):
        """(vectors, inverse norms, their rows) of the most frequent words, in the order of rows."""
        rows = self.frequent_rows(number)
        if len(rows) == 0 or rows[-1] + 1 == len(rows):
            return self.vectors[: len(rows)], self._inverse[: len(rows)], rows
        return self.vectors[rows], self._inverse[rows], rows

    def most_similar_cosmul(
        self, positive=None, negative=None, topn=10, restrict_vocab=None, exclude=()
    ):
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
        several, pairs = _paired(positive, negative)
        terms = self._terms(pairs)
        own = self._own_rows(terms, len(pairs), exclude)
        distinct, sides = _padded(terms, len(pairs))
        units = nearest.unit_rows(np.stack(distinct))
        self.fill_norms()
        vectors, inverse, rows = self._most_frequent(restrict_vocab)
        if topn is None:
            found = nearest.products(vectors, inverse, units, *sides)
        else:
            n = min(len(vectors), topn + max(map(len, own)))
            best, scores = nearest.nearest_products(vectors, inverse, units, *sides, n)
            found = self._named((rows[best], scores), own, topn)
        return found if several else found[0]

    def similar_by_word(self, word, topn=10, restrict_vocab=None):
        """The neighbours of a word; for a list of words a list of lists."""
        words = [[w] for w in word] if isinstance(word, list) else [word]
        return self.most_similar(words, None, topn, restrict_vocab)

    similar_by_key = similar_by_word

    def similar_by_vector(self, vector, topn=10, restrict_vocab=None):
        """The neighbours of a vector (d,); for an array (n, d) a list of lists."""
        vector = np.asarray(vector)
        vectors = [[v] for v in vector] if vector.ndim == 2 else [vector]
        return self.most_similar(vectors, None, topn, restrict_vocab)

    def build_index(self, kind="usearch", **settings):
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
        from w2vext import ann

        self._index = ann.build(self, kind, **settings)
        return self._index

    # ---- how a question is put together

    def _terms(self, pairs):
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

    def _term(self, query, item, weight):
        if isinstance(item, tuple) and item not in self.key_to_index:
            if len(item) != 2 or not isinstance(item[1], numbers.Real):
                raise UnknownWordError(self._unknown_message(item))
            item, weight = item[0], float(item[1])
        if isinstance(item, np.ndarray) and item.ndim > 0:
            return [(query, weight, -2, self._checked(item))]
        row = self.row_of(item)
        if row >= 0:
            return [(query, weight, row, self.vectors[row])]
        return [(query, weight, -1, self._mean())] if self.unknown == "mean" else []

    def _sums(self, terms, count):
        """The unit query vectors, (count, d): words enter as unit vectors, vectors as they are."""
        owner, weights, rows, vectors = zip(*terms, strict=True)
        vectors = np.stack(vectors).astype(np.float64)
        words = np.array(rows) > -2
        vectors[words] = nearest.unit_rows(vectors[words])
        vectors *= np.array(weights)[:, None]
        _, starts = np.unique(owner, return_index=True)
        return nearest.unit_rows(np.add.reduceat(vectors, starts, axis=0))

    def _own_rows(self, terms, count, exclude):
        """The rows that each query leaves out."""
        exclude = [exclude] if isinstance(exclude, (str, bytes)) else exclude
        own = [{self.get_index(word) for word in exclude} for _ in repeat(None, count)]
        for query, _, row, _ in terms:
            if row >= 0:
                own[query].add(row)
        return own

    def _named(self, found, own, topn):
        """[(word, score)] of each query, its own words left out."""
        named = []
        for rows, scores, out in zip(found[0].tolist(), found[1].tolist(), own, strict=True):
            kept = [pair for pair in zip(rows, scores, strict=True) if pair[0] not in out]
            named.append(
                [(self.index_to_key[row], score) for row, score in kept[:topn] if row >= 0]
            )
        return named

    def _ask_index(self, index, queries, own, topn, restrict_vocab):
        if topn is None or restrict_vocab is not None:
            raise ValueError(
                "index=: an approximate index finds the nearest of all words; leave restrict_vocab "
                "out and give topn, or leave index out"
            )
        if isinstance(index, str):
            if self._index is None or self._index.kind != index:
                self.build_index(index)
            index = self._index
        n = min(len(self), topn + max(map(len, own)))
        return self._named(index.search(queries, n), own, topn)

    def _as_vector(self, item):
        if isinstance(item, np.ndarray) and item.ndim > 0:
            return self._checked(item)
        return self[item]

    def _checked(self, vector):
        if vector.shape != (self.vector_size,):
            raise ValueError(
                f"a query vector has shape {vector.shape}; needed is ({self.vector_size},). "
                "Several queries are a list of lists: [[v] for v in vectors]"
            )
        if not np.isfinite(vector).all():
            raise ValueError("a query vector holds NaN or infinity")
        return vector


def check_count(name, value):
    """A whole number of 1 or more, or None."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name}={value!r}: give a whole number of 1 or more, or None")
    if value < 1:
        raise ValueError(f"{name}={value!r}: give 1 or more, or None for all")


def _listed(items):
    if items is None:
        return []
    if isinstance(items, (np.ndarray, str, bytes, tuple)) or not hasattr(items, "__iter__"):
        return [items]
    return list(items)


def _is_several(items):
    return isinstance(items, list) and any(isinstance(item, list) for item in items)


def _paired(positive, negative):
    """Whether these are several queries, and (positive, negative) of each."""
    if not _is_several(positive) and not _is_several(negative):
        return False, [(_listed(positive), _listed(negative))]
    count = len(positive) if _is_several(positive) else len(negative)
    sides = []
    for name, side in (("positive", positive), ("negative", negative)):
        if side is None or (isinstance(side, list) and not side):
            side = [[]] * count
        if not isinstance(side, list) or not all(isinstance(item, list) for item in side):
            raise TypeError(f"{name}: several queries are a list of lists: [['king'], ['queen']]")
        sides.append(side)
    if len(sides[0]) != len(sides[1]):
        raise ValueError(
            f"positive holds {len(sides[0])} queries and negative {len(sides[1])}: give as many"
        )
    return True, list(zip(*sides, strict=True))


def _padded(terms, count):
    """The distinct vectors of the terms, and each query's two sides as places among them.

    The sides are arrays (count, longest), padded with the number of the vectors.
    """
    distinct, place_of = [], {}
    sides = ([[] for _ in range(count)], [[] for _ in range(count)])
    for query, weight, row, vector in terms:
        place = place_of.setdefault(row, len(distinct)) if row >= 0 else len(distinct)
        if place == len(distinct):
            distinct.append(vector)
        sides[weight < 0][query].append(place)
    padded = []
    for side in sides:
        array = np.full((count, max(1, max(map(len, side)))), len(distinct), np.int64)
        for query, places in enumerate(side):
            array[query, : len(places)] = places
        padded.append(array)
    return distinct, padded
