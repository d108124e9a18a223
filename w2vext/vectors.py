"""KeyedVectors: words and their vectors; look-up, neighbours, means of documents, and the way to
files.

gensim's names where the meaning is gensim's. Refuses duplicate words, training (model.py's), and
answers that look like answers: an unknown word is an error that says what to do, and a vector of
zeros has cosine 0 with everything, never NaN.
"""

import numbers

import numpy as np

from w2vext import nearest, pooling


class UnknownWordError(KeyError):
    """A word that is not there. Its message reads as a sentence, which KeyError's does not."""

    def __str__(self):
        return str(self.args[0])


class KeyedVectors:
    """Words and their vectors.

    Parameters
    ----------
    words : sequence of hashable
        The word of each row, each once.
    vectors : array of shape (V, d)
        Taken as it is where it is C-contiguous float32, copied otherwise.
    counts : array of shape (V,), optional
        How often each word occurred.

    Attributes
    ----------
    vectors : ndarray of shape (V, d), float32
    index_to_key : list
    key_to_index : dict
    counts : ndarray of shape (V,), int64, or None
    vector_size : int
    norms : ndarray of shape (V,), float32
        Computed when first asked for; `fill_norms(force=True)` after a change to `vectors`.

    Raises
    ------
    ValueError
        Shapes do not fit, or a word occurs twice.

    Examples
    --------
    >>> wv = KeyedVectors(["north", "south", "tea"], [[1, 0], [1, 0.5], [0, 1]])
    >>> wv.most_similar("north", topn=1)[0][0]
    'south'
    """

    def __init__(self, words, vectors, counts=None):
        words = list(words)
        vectors = np.asarray(vectors)
        if vectors.ndim != 2 or len(vectors) != len(words):
            raise ValueError(
                f"vectors has shape {vectors.shape} for {len(words):,} words: one row for each "
                "word is needed, shape (words, dimensions)"
            )
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.index_to_key = words
        self.key_to_index = {word: row for row, word in enumerate(words)}
        if len(self.key_to_index) != len(words):
            twice = next(w for row, w in enumerate(words) if self.key_to_index[w] != row)
            raise ValueError(f"words holds {twice!r} more than once; a word has one vector")
        if counts is not None:
            counts = np.asarray(counts)
            if counts.shape != (len(words),):
                raise ValueError(f"counts has shape {counts.shape}; needed is ({len(words)},)")
            counts = counts.astype(np.int64, casting="same_kind", copy=False)
        self.counts = counts
        self._norms = self._inverse = None

    # ---- look-up

    @property
    def vector_size(self):
        return self.vectors.shape[1]

    def __len__(self):
        return len(self.index_to_key)

    def __contains__(self, word):
        return word in self.key_to_index

    def __iter__(self):
        return iter(self.index_to_key)

    def __repr__(self):
        return f"KeyedVectors({len(self):,} words, {self.vector_size} dimensions)"

    def __getitem__(self, key):
        """A word's vector, shape (d,), a read-only view; or for a list of words (n, d), a copy."""
        if isinstance(key, (list, np.ndarray)):
            return self.vectors[[self.get_index(word) for word in key]]
        vector = self.vectors[self.get_index(key)]
        vector.flags.writeable = False
        return vector

    def get_vector(self, word, norm=False):
        """A word's vector, with norm=True scaled to norm 1 (zeros stay)."""
        return nearest.unit_rows(self[word][None])[0] if norm else self[word]

    def get_index(self, word):
        """A word's row.

        Raises
        ------
        UnknownWordError
            A KeyError: the word is not there.
        """
        try:
            return self.key_to_index[word]
        except KeyError:
            raise UnknownWordError(self._unknown(word)) from None
        except TypeError:
            raise TypeError(f"{word!r} is no word: words are hashable, a str for example") from None

    def _unknown(self, word):
        message = f"the word {word!r} is not among the {len(self):,} words"
        if isinstance(word, str):
            for near in (word.lower(), word.capitalize(), word.upper(), word.strip()):
                if near in self.key_to_index:
                    return f"{message}; {near!r} is: check the spelling"
        return f"{message}: test with `word in wv`, or train with a lower min_count"

    def get_vecattr(self, word, attribute):
        """gensim's way to a word's count: attribute is "count"."""
        if attribute != "count" or self.counts is None:
            raise KeyError(f"attribute {attribute!r}: only 'count' is there, where counts are")
        return int(self.counts[self.get_index(word)])

    @property
    def norms(self):
        self.fill_norms()
        return self._norms

    def fill_norms(self, force=False):
        """Compute the norms, again with force=True: after a change to `vectors`."""
        if self._norms is None or force:
            self._norms = nearest.norms_of(self.vectors)
            self._inverse = nearest.inverse_of(self._norms)

    # ---- comparison

    def similarity(self, word1, word2):
        """The cosine of two words' vectors; 0 where one of them is zeros."""
        one, two = nearest.unit_rows(self[[word1, word2]])
        return float(np.dot(one.astype(np.float64), two))

    def most_similar(self, positive=None, negative=None, topn=10, restrict_vocab=None, exclude=()):
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
            Search the first so many rows only (the most frequent words).
        exclude : iterable of words
            Leave these out too; a query's own words are always left out.

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
        several = _is_several(positive) or _is_several(negative)
        if several:
            pairs = _pair_up(positive, negative)
        else:
            pairs = [(_listed(positive), _listed(negative))]
        queries = np.empty((len(pairs), self.vector_size), np.float32)
        own = []
        for i, (plus, minus) in enumerate(pairs):
            queries[i], words = self._query(plus, minus)
            own.append(words)
        found = self._search(queries, own, topn, restrict_vocab, exclude)
        return found if several else found[0]

    def similar_by_word(self, word, topn=10, restrict_vocab=None):
        """The neighbours of a word; for a list of words a list of lists."""
        if isinstance(word, list):
            return self.most_similar([[w] for w in word], None, topn, restrict_vocab)
        return self.most_similar([word], None, topn, restrict_vocab)

    def similar_by_vector(self, vector, topn=10, restrict_vocab=None):
        """The neighbours of a vector (d,); for an array (n, d) a list of lists."""
        vector = np.asarray(vector)
        if vector.ndim == 2:
            return self.most_similar([[v] for v in vector], None, topn, restrict_vocab)
        return self.most_similar([vector], None, topn, restrict_vocab)

    def _query(self, positive, negative):
        """The unit query vector of one question, and the rows of its words."""
        rows, total = [], np.zeros(self.vector_size)
        for items, weight in ((positive, 1.0), (negative, -1.0)):
            for item in items:
                factor = weight
                if isinstance(item, tuple) and item not in self.key_to_index:
                    if len(item) != 2 or not isinstance(item[1], numbers.Real):
                        raise UnknownWordError(self._unknown(item))
                    item, factor = item[0], float(item[1])
                if isinstance(item, np.ndarray) and item.ndim > 0:
                    total += factor * self._checked_vector(item)
                else:
                    rows.append(self.get_index(item))
                    total += factor * nearest.unit_rows(self.vectors[rows[-1:]])[0]
        if not positive and not negative:
            raise ValueError("positive and negative are empty: give a word to search for")
        return nearest.unit_rows(total[None])[0], rows

    def _checked_vector(self, vector):
        if vector.shape != (self.vector_size,):
            raise ValueError(
                f"a query vector has shape {vector.shape}; needed is ({self.vector_size},). "
                "Several queries are a list of lists: [[v] for v in vectors]"
            )
        if not np.isfinite(vector).all():
            raise ValueError("a query vector holds NaN or infinity")
        return vector

    def _search(self, queries, own, topn, restrict_vocab, exclude):
        """own[i] holds the rows that query i leaves out besides `exclude`."""
        check_count("topn", topn)
        check_count("restrict_vocab", restrict_vocab)
        self.fill_norms()
        vectors, inverse = self.vectors[:restrict_vocab], self._inverse[:restrict_vocab]
        if topn is None:
            return nearest.cosines(vectors, inverse, queries)
        exclude = [exclude] if isinstance(exclude, (str, bytes)) else exclude
        common = {self.get_index(word) for word in exclude}
        left_out = [common.union(rows) for rows in own]
        n = min(len(vectors), topn + max(map(len, left_out), default=0))
        rows, scores = nearest.nearest(vectors, inverse, queries, n)
        found = []
        for *pair, out in zip(rows.tolist(), scores.tolist(), left_out, strict=True):
            kept = [(row, score) for row, score in zip(*pair, strict=True) if row not in out]
            found.append([(self.index_to_key[row], score) for row, score in kept[:topn]])
        return found

    # ---- documents

    def mean_vectors(self, ids, offsets, unknown="skip"):
        """The mean vector of each document.

        Parameters
        ----------
        ids : ndarray of shape (N,), int
            Rows of the documents' words, one document after the other; -1 for an unknown word.
        offsets : ndarray of shape (n + 1,), int
            Document i is ``ids[offsets[i]:offsets[i + 1]]``.
        unknown : {"skip", "zero", "mean", "error"}
            Leave unknown words out, count them as zeros, count them as the mean of all vectors, or
            raise UnknownWordError.

        Returns
        -------
        ndarray of shape (n, d), float32
            Zeros where there is nothing to take the mean of.
        """
        if unknown not in ("skip", "zero", "mean", "error"):
            raise ValueError(f"unknown={unknown!r}: choose 'skip', 'zero', 'mean' or 'error'")
        known = np.asarray(ids) >= 0
        if unknown == "error" and not known.all():
            raise UnknownWordError(
                f"ids[{int(np.flatnonzero(~known)[0])}] is an unknown word: 'skip' leaves it out"
            )
        return pooling.pool(self.vectors, ids, offsets, unknown=unknown)

    # ---- files

    def save_word2vec_format(self, path, binary=False):
        """Write word2vec's text (or binary) format, which gensim and most programs read.

        Text holds the shortest number that reads back as the same float32.

        Raises
        ------
        ValueError
            A word is empty or holds white space, or a vector is not finite; no file is written.
        OSError
            The file cannot be written; an old one stays as it was.
        """
        if binary:
            from w2vext.formats import word2vec_binary as module
        else:
            from w2vext.formats import word2vec_text as module
        module.write(path, self.index_to_key, self.vectors)

    @classmethod
    def load_word2vec_format(cls, path, binary=False, limit=None, errors="strict", words=None):
        """Read word2vec's text or binary format, compressed or not.

        Parameters
        ----------
        path : str or path-like
        binary : bool or None, default=False
            None looks at the file's first row.
        limit : int, optional
            Read the first so many rows only.
        errors : {"strict", "replace", "ignore"}
            What to do with words that are not UTF-8.
        words : iterable of str, optional
            Keep only these.

        Raises
        ------
        ValueError
            The file is malformed; the message names file and line.
        """
        from w2vext.formats import word2vec_binary, word2vec_text

        if binary is None:
            binary = word2vec_binary.looks_binary(path)
        module = word2vec_binary if binary else word2vec_text
        found, matrix, _ = module.read(path, limit=limit, words=words, errors=errors)
        return cls(found, matrix)


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
    if isinstance(items, np.ndarray):
        return [items]
    if isinstance(items, (str, bytes, tuple)) or not hasattr(items, "__iter__"):
        return [items]
    return list(items)


def _is_several(items):
    return isinstance(items, list) and any(isinstance(item, list) for item in items)


def _pair_up(positive, negative):
    """(positive, negative) of each of several queries."""
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
    return list(zip(*sides, strict=True))
