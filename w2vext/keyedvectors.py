"""KeyedVectors: words and their vectors, with look-up, queries, evaluation, pictures and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np

from w2vext._arguments.arrays import as_float32, check_counts, first_not_finite
from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import kind_of, shown
from w2vext._arguments.sentences import words_of
from w2vext.search import exact, groups, query, rotation
from w2vext.search.query import UnknownWordError

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Hashable,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )
    from typing import Any, Literal

    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self

    from w2vext._arguments.types import (
        FileLike,
        FilePath,
        Float32,
        Float64,
        Int64,
        Neighbors,
        Queries,
        Query,
        RandomState,
        Term,
        Token,
    )
    from w2vext._estimator.averaging import Alignment, MeanVectors
    from w2vext._estimator.quantization import Quantization
    from w2vext.clusters import Clusters
    from w2vext.evaluation import AnalogyScores, CategoryScores, PairScores, Statistic
    from w2vext.plots.page import Page
    from w2vext.search import Index
    from w2vext.text.subwords import SubwordVectors
    from w2vext.text.tokenizer import Tokenizer

__all__ = ["KeyedVectors"]

_UNKNOWN = ("error", "skip", "zero", "mean")
# Earlier names of gensim and of this class, and what to write instead.
_RENAMED = {
    "index2word": "index_to_key",
    "index2entity": "index_to_key",
    "vocab": "key_to_index",
    "syn0": "vectors",
    "syn0norm": "get_vector(word, norm=True)",
    "vectors_norm": "get_vector(word, norm=True)",
    "word_vec": "get_vector(word)",
    "unk": "unk_token",
    "add_vector": "KeyedVectors(words, vectors) with all words",
    "add_vectors": "KeyedVectors(words, vectors) with all words",
    "intersect_word2vec_format": "Word2Vec().fit(text, init=path)",
}


class KeyedVectors:
    """Words and their vectors.

    Methods have gensim's names where the meaning is gensim's. The cosine of a zero vector with any
    vector is 0.

    Parameters
    ----------
    words : sequence of hashable
        The word of each row; no word may occur twice.
    vectors : array of shape (V, d)
        Finite numbers. Used without a copy if it is C-contiguous float32. Call `fill_norms` with
        ``force=True`` after changing it.
    counts : array of shape (V,), optional
        How often each word occurred: integers from 0 to 2**63 - 1.
    unknown : {"error", "skip", "zero", "mean"}, default="error"
        How look-up and queries treat an unknown word: raise UnknownWordError, leave it out, or use
        zeros or the mean of all vectors.
    unk_token : hashable, optional
        One of the words, whose vector is used for every unknown word; `unknown` is ignored then.
        ``word in wv`` is still False for unknown words.
    subwords : SubwordVectors, optional
        Composes the vectors of unknown words from their n-grams, which takes precedence over
        `unk_token` and `unknown`. A fit with ``max_n`` above 0 provides it. ``word in wv`` is still
        False for these words.

    Attributes
    ----------
    vectors : ndarray of shape (V, d), float32
    index_to_key : list
    key_to_index : dict
    counts : ndarray of shape (V,), int64, or None
    vector_size : int
    norms : ndarray of shape (V,), float32
        Computed on first use.
    tokenizer : Tokenizer or None
        How the training split text, for formats that contain a tokenizer. None means at white
        space.
    parameters : dict or None
        The parameters of the training, for formats with a model card.

    Raises
    ------
    ValueError
        The shapes do not fit, a word occurs twice, a number is NaN, infinite or beyond float32, or
        a count is out of range.
    TypeError
        `vectors` does not consist of real numbers.

    Examples
    --------
    >>> wv = KeyedVectors(["north", "south", "tea"], [[1, 0], [1, 0.5], [0, 1]])
    >>> wv.most_similar("north", topn=1)[0][0]
    'south'
    """

    def __init__(
        self,
        words: Iterable[Hashable],
        vectors: ArrayLike,
        counts: ArrayLike | None = None,
        unknown: Literal["error", "skip", "zero", "mean"] = "error",
        unk_token: Hashable = None,
        subwords: SubwordVectors | None = None,
    ) -> None:
        self._fill(words, vectors, counts, unknown, unk_token, subwords)
        row = first_not_finite(self.vectors)
        if row is not None:
            raise ValueError(self._not_finite_message(row))

    def _fill(
        self,
        words: Iterable[Hashable],
        vectors: ArrayLike,
        counts: ArrayLike | None = None,
        unknown: str = "error",
        unk_token: Hashable = None,
        subwords: SubwordVectors | None = None,
    ) -> Self:
        """The constructor without the check that all numbers are finite."""
        self.subwords = subwords
        self.tokenizer: Tokenizer | None = None
        self.parameters: dict[str, Any] | None = None
        if unknown not in _UNKNOWN:
            raise ValueError(
                f"unknown={shown(unknown)}: choose one of {', '.join(map(repr, _UNKNOWN))}"
            )
        self.unknown: Any = unknown
        words = words_of(list(words), "words")
        vectors = as_float32("vectors", vectors)
        if vectors.ndim != 2 or len(vectors) != len(words) or vectors.shape[1] < 1:
            raise ValueError(
                f"vectors has shape {vectors.shape} for {len(words):,} words: give one row of at "
                "least one number for each word, shape (words, dimensions)"
            )
        self.vectors = vectors
        self.index_to_key: list[Token] = words
        self.key_to_index = {word: row for row, word in enumerate(words)}
        if len(self.key_to_index) != len(words):
            twice = next(w for row, w in enumerate(words) if self.key_to_index[w] != row)
            raise ValueError(f"words contains {shown(twice)} more than once: give each word once")
        if unk_token is not None and unk_token not in self.key_to_index:
            raise ValueError(
                f"unk_token={shown(unk_token)} is not among the {len(words):,} words: add it"
            )
        self.unk_token = unk_token
        self.counts = None if counts is None else check_counts(counts, len(words))
        # (norms, inverse norms): one attribute, so that no thread sees one without the other.
        self._norms: tuple[Float32, Float32] | None = None
        self._index: Index | None = None
        self._ngrams: dict[str, tuple[int, int]] | None = None  # count and row of each
        return self

    if not TYPE_CHECKING:  # or type checkers would accept every attribute

        def __getattr__(self, name):
            if name in _RENAMED:
                raise AttributeError(f"KeyedVectors has no {name!r}: write {_RENAMED[name]}")
            raise AttributeError(f"KeyedVectors has no attribute {name!r}")

    # ---- look-up

    @property
    def vector_size(self) -> int:
        """The number of dimensions d."""
        return self.vectors.shape[1]

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, word: Hashable) -> bool:
        return word in self.key_to_index

    def __iter__(self) -> Iterator[Token]:
        return iter(self.index_to_key)

    def __repr__(self) -> str:
        return f"KeyedVectors({len(self):,} words, {self.vector_size} dimensions)"

    def __getitem__(self, key: Any) -> Float32:
        """A word's vector, shape (d,), read-only; for several words a copy, shape (n, d).

        Several words may be a list, an array, a set, a pandas Series or Index, or a tuple that is
        not itself a word.
        """
        if query.are_several(key, self.key_to_index):
            return self._vectors_of(key)
        composed = self._composed(key)
        if composed is not None:
            return composed
        row = self._row(key)
        if row < 0:
            if self.unknown == "skip":
                raise UnknownWordError(self._unknown_message(key))
            return (
                np.zeros(self.vector_size, np.float32) if self.unknown == "zero" else self._mean()
            )
        vector = self.vectors[row]
        vector.flags.writeable = False
        return vector

    def get_vector(self, word: Hashable, norm: bool = False) -> Float32:
        """Return a word's vector, scaled to norm 1 with norm=True; zeros remain zeros."""
        check_flags(norm=norm)
        return exact.unit_rows(self[word][None])[0] if norm else self[word]

    def get_index(self, word: Hashable, default: Any = None) -> int:
        """Return the row of a word.

        Parameters
        ----------
        word : hashable
        default : optional
            What to return for an unknown word; None raises the error.

        Returns
        -------
        int

        Raises
        ------
        UnknownWordError
            The word is unknown. It is a KeyError.
        TypeError
            The word is not hashable.
        """
        try:
            return self.key_to_index[word]
        except KeyError:
            if default is not None:
                return default
            raise UnknownWordError(self._unknown_message(word)) from None
        except TypeError:
            raise TypeError(
                f"{shown(word)}, {kind_of(word)}, is not hashable: give a word, such as a "
                "str, or a list of words"
            ) from None

    def has_index_for(self, word: Hashable) -> bool:
        """Return whether a word has a row, so that `get_index` does not raise an error."""
        return word in self

    def get_mean_vector(
        self,
        keys: Any,
        weights: ArrayLike | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> Float32:
        """Return the weighted mean of the vectors of some words.

        Parameters
        ----------
        keys : sequence of words or vectors
        weights : array of shape (n,), optional
            A number for each key; the sum is divided by the sum of their absolute values.
        pre_normalize : bool, default=True
            Scale the vectors of words to norm 1 first. Given vectors are not scaled.
        post_normalize : bool, default=False
            Scale the mean to norm 1.
        ignore_missing : bool, default=True
            Leave out words that have no vector. With False they are an error.

        Returns
        -------
        ndarray of shape (d,), float32
            Zeros if no key has a vector.

        Raises
        ------
        UnknownWordError
            A word has no vector and `ignore_missing` is False.
        ValueError
            There are no keys, or not as many finite weights.
        """
        keys = query.as_list(keys, self.key_to_index)
        flags = {"pre_normalize": pre_normalize, "post_normalize": post_normalize}
        check_flags(**flags, ignore_missing=ignore_missing)
        found = [self._own_vector(key, ignore_missing) for key in keys]
        return groups.mean_vector(keys, found, weights, self.vector_size, **flags)

    def get_normed_vectors(self) -> Float32:
        """Return all vectors scaled to norm 1 as a new array (V, d); zeros remain zeros."""
        self.fill_norms()
        return exact.unit_matrix(self.vectors)

    def vectors_for_all(
        self, keys: Iterable[Hashable], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> KeyedVectors:
        """Return the vectors of some words, in their order.

        Parameters
        ----------
        keys : iterable of words
            Repeated words are kept once; words without a vector are left out.
        allow_inference : bool, default=True
            Give unknown words vectors: composed from their n-grams if there are subwords, or that
            of `unk_token`.
        copy_vecattrs : bool, default=False
            Keep the counts; those of unknown words are 0.

        Returns
        -------
        KeyedVectors
            Without subwords.
        """
        check_flags(allow_inference=allow_inference, copy_vecattrs=copy_vecattrs)
        keys = [keys] if isinstance(keys, (str, bytes)) else dict.fromkeys(keys)
        found = {word: self._own_vector(word, True, allow_inference) for word in keys}
        words = [word for word, vector in found.items() if vector is not None]
        vectors = np.array([found[word] for word in words], np.float32)
        counts = None
        if copy_vecattrs and self.counts is not None:
            rows = [self.key_to_index.get(word, -1) for word in words]
            counts = [0 if row < 0 else int(self.counts[row]) for row in rows]
        return KeyedVectors(words, vectors.reshape(len(words), self.vector_size), counts)

    def get_vecattr(self, word: Hashable, attribute: str) -> int:
        """Return a word's count; `attribute` must be "count", as in gensim."""
        if attribute != "count" or self.counts is None:
            raise KeyError(
                f"attribute {shown(attribute)}: only 'count' exists, if there are counts"
            )
        return int(self.counts[self.get_index(word)])

    def frequent_rows(self, number: int | None) -> NDArray[np.intp]:
        """Return the rows of the most frequent words, ascending; None means all.

        Without counts these are the first rows.
        """
        return exact.frequent_rows(self.counts, len(self), number)

    @property
    def norms(self) -> Float32:
        """The Euclidean norm of each vector, shape (V,), computed on first use."""
        return self._norms_and_inverse()[0]

    def fill_norms(self, force: bool = False) -> None:
        """Compute the norms if they are missing.

        With force=True they are computed again and the index is discarded: call it after changing
        `vectors`.
        """
        check_flags(force=force)
        if force:
            self._norms = self._index = None
        self._norms_and_inverse()

    def _norms_and_inverse(self) -> tuple[Float32, Float32]:
        found = self._norms
        if found is None:
            norms = exact.norms_of(self.vectors)
            finite = np.isfinite(norms)
            if not finite.all():  # the vectors were changed, or mapped and not checked
                raise ValueError(self._not_finite_message(int(np.argmin(finite))))
            found = self._norms = norms, exact.inverse_of(norms)
        return found

    def _not_finite_message(self, row: int) -> str:
        return (
            f"vectors[{row}], the vector of {shown(self.index_to_key[row])}, contains NaN, "
            "infinity or a number beyond float32: replace the numbers or leave the word out"
        )

    def _row(self, word: Hashable) -> int:
        """The row of a word or of `unk_token`; -1 for an unknown word, unless that is an error."""
        if self.unk_token is not None:
            return self.key_to_index.get(word, self.key_to_index[self.unk_token])
        if self.unknown == "error":
            return self.get_index(word)
        return self.key_to_index.get(word, -1)

    def _row_and_vector(self, word: Hashable) -> tuple[int, Float32] | None:
        """A word's row, or -1, and its vector; None if a query leaves the word out."""
        composed = self._composed(word)
        if composed is not None:
            return -1, composed
        row = self._row(word)
        if row >= 0:
            return row, self.vectors[row]
        return (-1, self._mean()) if self.unknown == "mean" else None

    def _composed(self, word: Hashable) -> Float32 | None:
        """The vector of an unknown word from its n-grams; None if it has none or is known."""
        if self.subwords is None or not isinstance(word, str) or word in self.key_to_index:
            return None
        vectors, has = self.subwords.compose([word])
        return vectors[0] if has[0] else None

    def _mean(self) -> Float32:
        if not len(self):
            return np.zeros(self.vector_size, np.float32)
        return self.vectors.mean(axis=0, dtype=np.float64).astype(np.float32)

    def _vectors_of(self, words: Iterable[Hashable]) -> Float32:
        """The words' vectors, (n, d), with unknown words treated as `unknown` says."""
        words = list(words)
        composed: dict[Hashable, Float32] = {}
        if self.subwords is not None:
            unknown = [
                word for word in words if isinstance(word, str) and word not in self.key_to_index
            ]
            vectors, has = self.subwords.compose(unknown)
            composed = {w: v for w, v, one in zip(unknown, vectors, has, strict=True) if one}
        is_composed = [isinstance(word, str) and word in composed for word in words]
        rows = np.array(
            [-1 if one else self._row(w) for w, one in zip(words, is_composed, strict=True)],
            np.int64,
        )
        known = rows >= 0
        found = np.zeros((len(words), self.vector_size), np.float32)
        found[known] = self.vectors[rows[known]]
        if self.unknown == "mean" and not known.all():
            found[~known] = self._mean()
        if composed:
            found[is_composed] = [
                composed[word] for word, one in zip(words, is_composed, strict=True) if one
            ]
        if self.unknown == "skip" and self.unk_token is None:
            found = found[known | np.array(is_composed, bool)]
        return found

    def _own_vector(
        self, key: Any, ignore_missing: bool, allow_inference: bool = True
    ) -> Float32 | None:
        """A given vector or that of a word, whatever `unknown` says; None if the word has none.

        Subwords and `unk_token` give vectors to unknown words, if `allow_inference` is True.
        """
        if isinstance(key, np.ndarray) and key.ndim > 0:
            return query.check_vector(key, self.vector_size)
        composed = self._composed(key) if allow_inference else None
        if composed is not None:
            return composed
        row = self.get_index(key, -1)
        if row < 0 and allow_inference and self.unk_token is not None:
            row = self.key_to_index[self.unk_token]
        if row >= 0:
            return self.vectors[row]
        if not ignore_missing:
            raise UnknownWordError(self._unknown_message(key))
        return None

    def _with_vectors(self, words: Iterable[Hashable]) -> list[Hashable]:
        """The words that are known, or that are composed from their n-grams."""
        words = list(words)
        if self.subwords is None:
            return [word for word in words if word in self.key_to_index]
        unknown = [word for word in words if word not in self.key_to_index]
        has = self.subwords.compose(unknown)[1]
        left_out = {word for word, one in zip(unknown, has, strict=True) if not one}
        return [word for word in words if word not in left_out]

    def _vector_of(self, word_or_vector: Any) -> Float32:
        if isinstance(word_or_vector, np.ndarray) and word_or_vector.ndim > 0:
            return query.check_vector(word_or_vector, self.vector_size)
        return self[word_or_vector]

    def _unknown_message(self, word: object) -> str:
        """The message about an unknown word, with a remedy."""
        message = f"the word {shown(word)} is not among the {len(self):,} words"
        if isinstance(word, str):
            for near in (word.lower(), word.capitalize(), word.upper(), word.strip()):
                if near in self.key_to_index:
                    return f"{message}; {shown(near)} is: check the spelling"
        if self.subwords is not None and self.subwords.has_ngrams:
            low, high = self.subwords.subwords.min_n, self.subwords.subwords.max_n
            return f"{message} and shares no n-gram of {low} to {high} characters with them"
        if isinstance(word, tuple):
            return f"{message}; for several words give a list: {shown(list(word))}"
        return f"{message}: test with `word in wv`, or train with a lower min_count"

    # ---- subwords

    def ngrams(self, word: str) -> list[tuple[str, int, int]]:
        """Return the n-grams of a word, in fastText's order.

        Parameters
        ----------
        word : str
            Known or not.

        Returns
        -------
        list of (n-gram, row, count)
            N-grams contain the brackets ``<`` and ``>`` at the word's ends. The row is that of the
            n-gram's bucket in the matrix of subword vectors, -1 if it has none; n-grams with the
            same row share it. The count is how often the n-gram occurs in the words of the
            vocabulary, times their counts.

        Raises
        ------
        ValueError
            The vectors have no subwords.
        """
        counts = self._ngram_counts()
        found = self._checked_subwords("ngrams").ngrams(word)
        return [(gram, row, counts.get(gram, (0, 0))[0]) for gram, row in found]

    def ngram_vectors(self) -> tuple[KeyedVectors, NDArray[np.int64]]:
        """Return the vectors of all n-grams of the vocabulary.

        Returns
        -------
        wv : KeyedVectors
            One row for each n-gram, with its count; the most frequent one comes first.
        rows : ndarray of shape (n,), int64
            The row of each n-gram in the matrix of subword vectors. N-grams with the same row were
            hashed to the same bucket, and share their vector.

        Raises
        ------
        ValueError
            The vectors have no subwords.
        """
        subwords, counts = self._checked_subwords("ngram_vectors"), self._ngram_counts()
        there = {gram: each for gram, each in counts.items() if each[1] >= 0}
        numbers = np.array(list(there.values()), np.int64).reshape(-1, 2)
        vectors = subwords.rows_at(numbers[:, 1])
        return KeyedVectors(there, vectors, numbers[:, 0]), numbers[:, 1]

    def sentence_vector(self, text: str) -> Float32:
        """Return the vector of a line of text, as fastText defines it.

        Parameters
        ----------
        text : str
            One line; ASCII white space separates the words.

        Returns
        -------
        ndarray of shape (d,), float32
            The mean of the words' unit vectors. Words whose vector is zero, and words without a
            vector, are left out; without any word the result is zeros.

        Raises
        ------
        ValueError
            The text contains a line break.
        """
        from w2vext.text.subwords import words_of_line

        words = words_of_line(text)
        known = [word for word in words if word in self.key_to_index]
        vectors = self.vectors[[self.key_to_index[word] for word in known]]
        if self.subwords is not None:
            more = self.subwords.compose([word for word in words if word not in self.key_to_index])[
                0
            ]
            vectors = np.concatenate([vectors, more])
        units = exact.unit_rows(vectors)
        units = units[units.any(axis=1)]
        return units.mean(axis=0) if len(units) else np.zeros(self.vector_size, np.float32)

    def restrict(self, words: Iterable[Hashable]) -> Self:
        """Return the vectors of some words only, with all n-grams.

        Unknown words then still have the vectors that they had. To keep the most frequent words,
        use ``wv.restrict(wv.index_to_key[:n])``.

        Parameters
        ----------
        words : iterable of words
            Words that are unknown are ignored; the order of these vectors is kept.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        ValueError
            None of the words is known.
        """
        words = [words] if isinstance(words, (str, bytes)) else words
        wanted = {word for word in words if word in self.key_to_index}
        if self.unk_token is not None:
            wanted.add(self.unk_token)
        if not wanted:
            raise ValueError(f"words has none of the {len(self):,} words: give words to keep")
        rows = [row for row, word in enumerate(self.index_to_key) if word in wanted]
        kept = [self.index_to_key[row] for row in rows]
        counts = None if self.counts is None else self.counts[rows]
        subwords = None if self.subwords is None else self.subwords.restricted(kept)
        wv = type(self)(kept, self.vectors[rows], counts, self.unknown, self.unk_token, subwords)
        wv._take_training_of(self)
        return wv

    def quantize(
        self,
        dsub: int = 2,
        *,
        qnorm: bool = False,
        sample: int = 65_536,
        random_state: RandomState = 0,
    ) -> Quantization:
        """Compress the vectors by product quantization, with scikit-learn's k-means.

        Each slice of `dsub` columns becomes one byte, the number of its nearest of 256 centroids.
        With subwords the rows of words and of n-grams are compressed, otherwise the vectors.

        Parameters
        ----------
        dsub : int, default=2
            Columns of a slice. Larger slices make the vectors smaller and less exact.
        qnorm : bool, default=False
            Compress the norm and the direction of each row separately, which takes one more byte.
        sample : int, default=65536
            Number of random rows from which the centroids are computed.
        random_state : int, RandomState, Generator or None, default=0

        Returns
        -------
        Quantization
            It prints as a table of sizes and accuracy. Its ``wv`` has the compressed vectors;
            ``wv.save("m.ftz")`` writes them in fastText's format.

        Raises
        ------
        ValueError
            There are fewer than 256 rows, or a parameter is out of range.

        References
        ----------
        H. Jégou, M. Douze, C. Schmid. "Product quantization for nearest neighbor search". PAMI
        2011.

        Examples
        --------
        >>> small = wv.quantize()  # doctest: +SKIP
        >>> print(small)  # doctest: +SKIP
        >>> small.wv.save("vectors.ftz")  # doctest: +SKIP
        """
        from w2vext._estimator import quantization
        from w2vext.text.subwords import SubwordVectors

        rows, index = self.vectors, self.key_to_index
        if self.subwords is not None and self.subwords.hash_count:
            raise ValueError(
                "quantize: a table of floret cannot be quantized, and is small: save it as .floret"
            )
        if self.subwords is not None:
            rows, index = self.subwords.all_rows(), self.subwords.index
        codes = quantization.quantized(rows, dsub, qnorm, sample, random_state)
        if self.subwords is not None:
            buckets = self.subwords.subwords
        else:
            buckets = SubwordVectors.without_ngrams(len(self))
        subwords = SubwordVectors(buckets, codes, index, count_absent=False)
        vectors = subwords.compose(self.index_to_key)[0]
        wv = type(self)(
            self.index_to_key, vectors, self.counts, self.unknown, self.unk_token, subwords
        )
        wv._take_training_of(self)
        sizes = rows.nbytes, quantization.size_of(codes)
        return quantization.compared(self, wv, sizes, wv.vectors)

    def compress(
        self,
        *,
        dtype: Literal["float32", "float16", "int8"] = "float32",
        dimensions: int | None = None,
        words: int | None = None,
    ) -> Quantization:
        """Make the vectors smaller by shorter numbers, fewer dimensions or fewer words.

        Parameters
        ----------
        dtype : {"float32", "float16", "int8"}, default="float32"
            The numbers are rounded to this type; int8 has a scale for each row. The vectors are
            still float32, so give `save` the same `dtype`.
        dimensions : int, optional
            Project the vectors on this many principal directions.
        words : int, optional
            Keep only this many of the most frequent words; without counts, the first rows.

        Returns
        -------
        Quantization
            It prints as a table of sizes and accuracy for the words that are kept. Its ``wv`` has
            the vectors, without subwords.

        Raises
        ------
        ValueError
            A parameter is out of range, or a number is beyond float16.

        Examples
        --------
        >>> small = wv.compress(dtype="int8", dimensions=64)  # doctest: +SKIP
        >>> print(small)  # doctest: +SKIP
        >>> small.wv.save("folder", format="model2vec", dtype="int8")  # doctest: +SKIP
        """
        from w2vext._estimator import quantization

        kept = np.arange(len(self)) if words is None else np.sort(self.frequent_rows(words))
        before = type(self)(
            [self.index_to_key[row] for row in kept],
            self.vectors[kept],
            None if self.counts is None else self.counts[kept],
        )
        rows, restored, size = quantization.reduced(before.vectors, dimensions, dtype)
        after = type(self)(before.index_to_key, rows, before.counts)
        after._take_training_of(self)
        return quantization.compared(before, after, (self.vectors.nbytes, size), restored)

    def _take_training_of(self, other: KeyedVectors) -> None:
        """Describe the training of these vectors as that of others, from which they are made."""
        self.tokenizer, self.parameters = other.tokenizer, other.parameters

    def _checked_subwords(self, method: str) -> SubwordVectors:
        if self.subwords is None or not self.subwords.has_ngrams:
            raise ValueError(
                f"{method}: these vectors have no subwords: train with max_n above 0, or load a "
                "fastText model"
            )
        return self.subwords

    def _ngram_counts(self) -> dict[str, tuple[int, int]]:
        if self._ngrams is None:
            subwords = self._checked_subwords("ngrams")
            self._ngrams = subwords.counts(self.index_to_key, self.counts)
        return self._ngrams

    # ---- nearest words

    @overload
    def most_similar(
        self,
        positive: Query | None = None,
        negative: Query | None = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        index: Literal["usearch"] | Index | None = None,
        among: Collection[Hashable] | None = None,
    ) -> Neighbors: ...
    @overload
    def most_similar(
        self,
        positive: Queries,
        negative: Queries | None = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        index: Literal["usearch"] | Index | None = None,
        among: Collection[Hashable] | None = None,
    ) -> list[Neighbors]: ...
    @overload
    def most_similar(
        self,
        positive: Query | Queries | None = None,
        negative: Query | Queries | None = None,
        *,
        topn: None,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        among: Collection[Hashable] | None = None,
    ) -> Float32: ...
    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        index: Any = None,
        among: Collection[Hashable] | None = None,
    ) -> Any:
        """Find the words with the largest cosine with a sum of vectors (3CosAdd).

        Parameters
        ----------
        positive, negative : word, vector, (word or vector, weight), or list of these
            The terms of one query. The vectors of words are scaled to norm 1, given vectors are not
            scaled. The weight of a term is 1 if it is positive and -1 if it is negative, unless it
            is given. Several terms may also be a set, an array of words, a pandas Series or Index,
            or a tuple that is neither a word nor a pair of a word and its weight. A list of lists
            is several queries, which are answered together:
            ``most_similar([["king"], ["queen", "woman"]])``.
        topn : int or None, default=10
            The number of neighbours. None returns the cosines with all words as an array.
        restrict_vocab : int, optional
            Search only this many of the most frequent words; without counts, the first rows.
        exclude : iterable of words
            Words that are not answers. The words of a query are never answers to it.
        index : {None, "usearch"} or Index, optional
            None compares with every word. "usearch" searches an approximate index, which is built
            on first use with the defaults of `build_index`.
        among : collection of words, optional
            Search only these words, each once. With topn=None the array has their cosines in this
            order.

        Returns
        -------
        list of (word, cosine)
            Best first. For several queries a list of such lists. With topn=None an array of shape
            (V,), or (Q, V) for several queries, where V is the number of words searched.

        Raises
        ------
        UnknownWordError
            A word is unknown. It is a KeyError.
        ValueError
            The query is empty, topn is negative, restrict_vocab is less than 1, `among` is empty
            or combined with restrict_vocab, or `index` is combined with topn=None, restrict_vocab
            or `among`.
        """
        rows = self._rows_to_search(topn, restrict_vocab, among)
        queries = self._queries(positive, negative, exclude)
        terms = (queries.sums(),)
        if index is None:
            return self._search(queries, terms, exact.cosines, exact.nearest_cosines, topn, rows)
        if topn is None or restrict_vocab is not None or among is not None:
            raise ValueError(
                "index: an approximate index finds the nearest of all words; give topn and neither "
                "restrict_vocab nor among, or no index"
            )
        n = min(len(self), topn + queries.most_left_out)
        found = self._index_of(index).search(*terms, n)
        return queries.named(*found, self.index_to_key, topn)

    @overload
    def most_similar_cosmul(
        self,
        positive: Query | None = None,
        negative: Query | None = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        among: Collection[Hashable] | None = None,
    ) -> Neighbors: ...
    @overload
    def most_similar_cosmul(
        self,
        positive: Queries,
        negative: Queries | None = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        among: Collection[Hashable] | None = None,
    ) -> list[Neighbors]: ...
    @overload
    def most_similar_cosmul(
        self,
        positive: Query | Queries | None = None,
        negative: Query | Queries | None = None,
        *,
        topn: None,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        among: Collection[Hashable] | None = None,
    ) -> Float32: ...
    def most_similar_cosmul(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
        exclude: Iterable[Hashable] = (),
        among: Collection[Hashable] | None = None,
    ) -> Any:
        """Find the words with the largest product of cosines (3CosMul).

        The score is the product of (1 + cosine) / 2 over the positive terms, divided by the same
        product over the negative ones plus 1e-6. Parameters and result are as for `most_similar`,
        but weights are ignored except for their sign.

        References
        ----------
        O. Levy, Y. Goldberg: Linguistic Regularities in Sparse and Explicit Word Representations,
        CoNLL 2014, equation 4.
        """
        rows = self._rows_to_search(topn, restrict_vocab, among)
        queries = self._queries(positive, negative, exclude)
        return self._search(
            queries, queries.factors(), exact.products, exact.nearest_products, topn, rows
        )

    def similar_by_word(
        self, word: Any, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Find the neighbours of a word, or a list of neighbours for each word of a list.

        As for `most_similar`.
        """
        several = query.are_several(word, self.key_to_index)
        words: Any = [[w] for w in word] if several else [word]
        return self.most_similar(words, None, topn, restrict_vocab)  # type: ignore[arg-type]

    similar_by_key = similar_by_word

    def similar_by_vector(
        self, vector: ArrayLike, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Find the neighbours of a vector (d,), or of each row of an array (n, d).

        As for `most_similar`.
        """
        vector = np.asarray(vector)
        vectors: Any = [[v] for v in vector] if vector.ndim == 2 else [vector]
        return self.most_similar(vectors, None, topn, restrict_vocab)  # type: ignore[arg-type]

    def _queries(self, positive: Any, negative: Any, exclude: Iterable[Hashable]) -> query.Queries:
        if not len(self):
            raise ValueError(
                "there are no words to search: load a table of floret with words, the words that "
                "may be found"
            )
        queries = query.Queries(
            positive, negative, self.key_to_index, self._row_and_vector, self.vector_size
        )
        exclude = [exclude] if isinstance(exclude, (str, bytes)) else exclude
        queries.leave_out([self.get_index(word) for word in exclude])
        return queries

    def _rows_to_search(
        self, topn: int | None, restrict_vocab: int | None, among: Collection[Hashable] | None
    ) -> NDArray[np.intp]:
        """The rows that a query searches, in the order of `among` if it is given."""
        query.check_count("topn", topn, least=0)
        query.check_count("restrict_vocab", restrict_vocab)
        if among is None:
            return self.frequent_rows(restrict_vocab)
        if restrict_vocab is not None:
            raise ValueError("among and restrict_vocab both select the words to search: give one")
        words = query.as_list(among, self.key_to_index)
        if not words:
            raise ValueError("among is empty: give the words to search")
        return np.array([self.get_index(word) for word in dict.fromkeys(words)], np.intp)

    def _search(
        self,
        queries: query.Queries,
        terms: tuple[Any, ...],
        scores_of: Callable[..., Float32],
        nearest: Callable[..., tuple[Int64, Float32]],
        topn: int | None,
        rows: NDArray[np.intp],
    ) -> Any:
        """The scores of all `rows` if topn is None, or the nearest words of each query."""
        searched = exact.select_rows(self.vectors, self._norms_and_inverse()[1], rows)
        if topn is None:
            return queries.result(scores_of(*searched, *terms))
        n = min(len(rows), topn + queries.most_left_out)
        found, scores = nearest(*searched, *terms, n)
        return queries.named(exact.rows_of(rows, found), scores, self.index_to_key, topn)

    # ---- the approximate index

    def build_index(
        self,
        kind: Literal["usearch"] = "usearch",
        *,
        connectivity: int = 16,
        expansion_add: int = 128,
        expansion_search: int = 64,
    ) -> Index:
        """Build the approximate index that ``most_similar(..., index="usearch")`` searches.

        Parameters
        ----------
        kind : {"usearch"}
            An HNSW graph by usearch.
        connectivity : int, default=16
            Edges of each word in the graph. More edges improve the recall and take more memory.
        expansion_add, expansion_search : int, default=128 and 64
            Candidates kept while building and while searching. More candidates improve the recall
            and take longer.

        Returns
        -------
        Index
            Its methods are `recall` and `save`; `load_index` reads a saved index.

        Raises
        ------
        ValueError
            The kind is unknown.
        ImportError
            usearch is not installed: ``pip install 'w2vext[ann]'``.
        """
        from w2vext.search import ann

        index = self._index = ann.build(
            self.vectors,
            kind,
            connectivity=connectivity,
            expansion_add=expansion_add,
            expansion_search=expansion_search,
        )
        return index

    def load_index(self, path: FilePath, *, mmap: bool = True) -> Index:
        """Load an index that was built from the same vectors and saved by `Index.save`.

        ``most_similar(..., index="usearch")`` searches it from then on.

        Parameters
        ----------
        path : str or path-like
        mmap : bool, default=True
            Map the file into memory instead of reading it. It must not be shortened or overwritten
            in place while the index is in use: the system would end the process (SIGBUS).

        Returns
        -------
        Index

        Raises
        ------
        FileNotFoundError
            The file does not exist.
        ValueError
            The file is not an index, or was built from other vectors.
        ImportError
            usearch is not installed: ``pip install 'w2vext[ann]'``.
        """
        from w2vext.search import ann

        index = self._index = ann.load(path, self.vectors, mmap=mmap)
        return index

    def _index_of(self, index: Any) -> Index:
        if not isinstance(index, str):
            return index
        found = self._index
        return found if found is not None and found.kind == index else self.build_index(index)  # type: ignore[arg-type]

    # ---- distances

    def similarity(self, word1: Hashable, word2: Hashable) -> float:
        """Return the cosine of two words' vectors, from -1 to 1; 0 if one of them is zero."""
        return exact.cosine(self[word1], self[word2])

    def distance(self, word1: Hashable, word2: Hashable) -> float:
        """Return 1 - similarity, from 0 to 2."""
        return 1 - self.similarity(word1, word2)

    def distances(self, word_or_vector: Term, other_words: Iterable[Hashable] = ()) -> Float32:
        """Return 1 - cosine with each of other_words, or with all words: shape (n,), float32."""
        unit = exact.unit_rows(self._vector_of(word_or_vector)[None])
        other_words = list(other_words)
        if other_words:
            vectors = self._vectors_of(other_words)
            return 1 - exact.cosines(vectors, exact.inverse_of(exact.norms_of(vectors)), unit)[0]
        return 1 - exact.cosines(self.vectors, self._norms_and_inverse()[1], unit)[0]

    def n_similarity(
        self, words1: Term | Sequence[Hashable], words2: Term | Sequence[Hashable]
    ) -> float:
        """Return the cosine of the means of two groups of words."""
        means = []
        for name, words in (("words1", words1), ("words2", words2)):
            vectors = self._vectors_of(query.as_list(words, self.key_to_index))
            if not len(vectors):
                raise ValueError(f"{name} has no known word: give at least one")
            means.append(vectors.mean(axis=0, dtype=np.float64))
        return exact.cosine(*means)

    def closer_than(self, word1: Hashable, word2: Hashable) -> list[Token]:
        """Return the words that are nearer to word1 than word2 is, in the order of their rows."""
        distances = self.distances(word1)
        own = self.get_index(word1)
        nearer = np.flatnonzero(distances < distances[self.get_index(word2)])
        return [self.index_to_key[row] for row in nearer if row != own]

    words_closer_than = closer_than

    def rank(self, word1: Hashable, word2: Hashable) -> int:
        """Return 1 if word2 is the nearest word to word1, 2 if it is the second, and so on."""
        return len(self.closer_than(word1, word2)) + 1

    def doesnt_match(self, words: Sequence[Hashable]) -> Token:
        """Return the word that is farthest from the mean of all the given words.

        Raises
        ------
        ValueError
            None of the words is known.
        """
        words = query.as_list(words, self.key_to_index)
        if self.unknown == "skip" and self.unk_token is None:
            words = self._with_vectors(words)
        if not words:
            raise ValueError("words has no known word: give some to choose from")
        return words[exact.farthest_from_mean(self._vectors_of(words))]

    def most_similar_to_given(self, word: Term, words: Iterable[Hashable]) -> Token:
        """Return the one of some words that is most similar to a word or vector.

        Raises
        ------
        ValueError
            There are no words to choose from.
        """
        words = query.as_list(words, self.key_to_index)
        if not words:
            raise ValueError("words is empty: give some to choose from")
        vectors = np.stack([self[each] for each in words])
        return words[int(np.argmax(exact.cosines_between(self._vector_of(word), vectors)))]

    def relative_cosine_similarity(self, word1: Hashable, word2: Hashable, topn: int = 10) -> float:
        """Return the similarity of two words divided by the sum over the neighbours of the first.

        Of a word's `topn` neighbours, those with a value above 1 / topn are candidates for
        synonyms.

        Parameters
        ----------
        word1, word2 : hashable
        topn : int, default=10
            The number of neighbours of `word1` whose similarities are added.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            `word1` has no neighbours whose similarities have a sum other than 0.

        References
        ----------
        A. Leeuwenberg, M. Vela, J. Dehdari, J. van Genabith. "A minimally supervised approach for
        synonym extraction with word embeddings". PBML 105, 2016, equation 1.
        """
        total = sum(score for _, score in self.most_similar([word1], topn=topn))
        if total == 0:
            raise ValueError(
                f"word1={shown(word1)} has no neighbours to compare with: give another word, or "
                "topn of at least 1"
            )
        return self.similarity(word1, word2) / total

    @staticmethod
    def cosine_similarities(vector_1: ArrayLike, vectors_all: ArrayLike) -> Float64:
        """Return the cosines of one vector (d,) with each row of an array (n, d): shape (n,)."""
        return exact.cosines_between(vector_1, vectors_all)

    def rank_by_centrality(
        self, words: Iterable[Hashable], use_norm: bool = True
    ) -> list[tuple[float, Token]]:
        """Order words by their similarity to the mean of all of them.

        Parameters
        ----------
        words : iterable of words
            Words without a vector are left out.
        use_norm : bool, default=True
            Scale the vectors of the words to norm 1. With False a long vector has more weight in
            the mean, and the score is the projection on the mean's direction.

        Returns
        -------
        list of (score, word)
            The most central word first.

        Raises
        ------
        ValueError
            None of the words has a vector.
        """
        check_flags(use_norm=use_norm)
        words = query.as_list(words, self.key_to_index)
        found = {word: self._own_vector(word, True) for word in words}
        return groups.by_centrality(found, use_norm)

    def wmdistance(
        self, words1: Iterable[Hashable], words2: Iterable[Hashable], norm: bool = True
    ) -> float:
        """Return the Word Mover's Distance of two documents, computed by POT.

        Parameters
        ----------
        words1, words2 : list of words
            Unknown words are composed from their n-grams if there are subwords, or replaced by
            `unk_token` if there is one; others are left out.
        norm : bool, default=True
            Compare unit vectors.

        Returns
        -------
        float
            Infinity if a document has no known word.

        Raises
        ------
        TypeError
            A document is a str; its letters would be taken for words.
        ImportError
            POT is not installed: ``pip install 'w2vext[wmd]'``.

        References
        ----------
        M. Kusner, Y. Sun, N. Kolkin, K. Weinberger: From Word Embeddings To Document Distances,
        ICML 2015.
        """
        from w2vext.search import wmd

        check_flags(norm=norm)
        for name, words in (("words1", words1), ("words2", words2)):
            if isinstance(words, (str, bytes)):
                raise TypeError(
                    f"{name}={shown(words)}: give a list of words, such as text.split()"
                )
        documents = [list(words1), list(words2)]
        if self.unk_token is None:
            documents = [self._with_vectors(words) for words in documents]
        rows: dict[Hashable, int] = {}
        first, second = (
            [rows.setdefault(word, len(rows)) for word in words] for words in documents
        )
        return wmd.word_movers_distance(self._vectors_of(rows), first, second, norm)

    # ---- several models

    def centered(self) -> Self:
        """Return the vectors minus their mean, which often improves neighbours and similarities.

        Returns
        -------
        KeyedVectors
            Without subwords.

        References
        ----------
        J. Mu, P. Viswanath. "All-but-the-top: simple and effective postprocessing for word
        representations". ICLR 2018, which also removes principal components.
        """
        return self._with(self.index_to_key, rotation.centered(self.vectors), self.counts)

    def align(self, other: KeyedVectors, words: Iterable[Hashable] | None = None) -> Alignment:
        """Rotate the vectors so that the words in common are as close as possible to `other`.

        Models that were trained separately, such as on two periods, have different coordinates. A
        rotation makes them comparable. It does not change any cosine within these vectors.

        Parameters
        ----------
        other : KeyedVectors
            With as many dimensions.
        words : iterable of words, optional
            Use only these of the words in common. Others are ignored.

        Returns
        -------
        wv : KeyedVectors
            All these vectors, rotated; without subwords.
        residual : float
            The root mean square distance between the unit vectors of the words in common, after
            the rotation: 0 if they are equal, about 1.41 if they are unrelated.

        Raises
        ------
        ValueError
            The numbers of dimensions differ, or there are fewer words in common than dimensions.

        References
        ----------
        W. L. Hamilton, J. Leskovec, D. Jurafsky. "Diachronic word embeddings reveal statistical
        laws of semantic change". ACL 2016, equation 4.

        Examples
        --------
        >>> rotated, residual = early.align(late)  # doctest: +SKIP
        >>> late.similar_by_vector(rotated["broadcast"])  # doctest: +SKIP
        """
        from w2vext._estimator import averaging

        return averaging.aligned(self, other, words, self._with)

    @classmethod
    def mean_of(cls, models: Iterable[KeyedVectors]) -> MeanVectors:
        """Compute the mean of the vectors of several models, and the spread of each word.

        The models are usually trained on the same text with different seeds, or on samples of it.
        The vectors are scaled to norm 1 and rotated to their common mean first.

        Parameters
        ----------
        models : iterable of KeyedVectors
            At least two, with the same number of dimensions. Only words that all have are kept.

        Returns
        -------
        MeanVectors
            Its ``wv`` has the mean vectors, ``spread`` measures how much the models differ for each
            word, and its `similarity`, `most_similar` and `interval` return confidence intervals.

        Raises
        ------
        ValueError
            There are fewer than two models, their numbers of dimensions differ, or they have fewer
            words in common than dimensions.

        Examples
        --------
        >>> models = [Word2Vec(random_state=i).fit(text).wv for i in range(5)]  # doctest: +SKIP
        >>> KeyedVectors.mean_of(models).similarity("cup", "tea")  # doctest: +SKIP
        Interval(value=0.61, low=0.59, high=0.63)
        """
        from w2vext._estimator import averaging

        return averaging.mean_of(models, cls)

    def _with(self, words: list[Token], vectors: Float32, counts: Int64 | None) -> Self:
        """Other vectors with the same treatment of unknown words, without subwords."""
        return type(self)(words, vectors, counts, self.unknown, self.unk_token)

    # ---- evaluation

    def evaluate(
        self, path: FilePath, **options: Any
    ) -> AnalogyScores | PairScores | CategoryScores:
        """Evaluate by a file of analogies, word pairs or categories.

        The options are the parameters of `w2vext.evaluation.evaluate`.
        """
        from w2vext import evaluation

        return evaluation.evaluate(self, path, **options)

    def evaluate_analogies(self, analogies: Any, **options: Any) -> AnalogyScores:
        """Answer analogies; the result prints as a table.

        The options are the parameters of `w2vext.evaluation.evaluate_analogies`.

        >>> print(wv.evaluate_analogies("questions-words.txt", restrict_vocab=30_000))
        ... # doctest: +SKIP
        """
        from w2vext import evaluation

        return evaluation.evaluate_analogies(self, analogies, **options)

    def evaluate_pairs(self, pairs: Any, **options: Any) -> PairScores:
        """Correlate cosines with human scores of word pairs; the result prints as a table.

        The options are the parameters of `w2vext.evaluation.evaluate_pairs`.
        """
        from w2vext import evaluation

        return evaluation.evaluate_pairs(self, pairs, **options)

    def evaluate_categories(self, categories: Any, **options: Any) -> CategoryScores:
        """Compare clusters of words with categories (purity); the result prints as a table.

        The options are the parameters of `w2vext.evaluation.evaluate_categories`.
        """
        from w2vext import evaluation

        return evaluation.evaluate_categories(self, categories, **options)

    def evaluate_word_analogies(
        self,
        analogies: Any,
        restrict_vocab: int | None = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[float, list[dict[str, Any]]]:
        """Answer analogies; gensim's name for `evaluate_analogies`, with gensim's result.

        Parameters
        ----------
        analogies, restrict_vocab, case_insensitive, dummy4unknown
            As for `w2vext.evaluation.evaluate_analogies`.

        Returns
        -------
        accuracy : float
        sections : list of dict
            ``{"section": name, "correct": questions, "incorrect": questions}``.
        """
        from w2vext import evaluation

        return evaluation.evaluate_word_analogies(
            self, analogies, restrict_vocab, case_insensitive, dummy4unknown
        )

    def evaluate_word_pairs(
        self,
        pairs: Any,
        delimiter: str = "\t",
        restrict_vocab: int | None = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[Statistic, Statistic, float]:
        """Correlate cosines with human scores; gensim's name for `evaluate_pairs`.

        Parameters
        ----------
        pairs, delimiter, restrict_vocab, case_insensitive, dummy4unknown
            As for `w2vext.evaluation.evaluate_pairs`.

        Returns
        -------
        pearson, spearman : (statistic, pvalue)
        unknown : float
            The percentage of pairs with unknown words.
        """
        from w2vext import evaluation

        return evaluation.evaluate_word_pairs(
            self, pairs, delimiter, restrict_vocab, case_insensitive, dummy4unknown
        )

    # ---- clusters and pictures

    def cluster(
        self,
        n_clusters: int,
        *,
        restrict_vocab: int | None = None,
        random_state: RandomState = None,
        **options: Any,
    ) -> Clusters:
        """Cluster the words by scikit-learn's k-means.

        Parameters as for `w2vext.clusters.cluster`.

        >>> clusters = wv.cluster(50, restrict_vocab=10_000, random_state=1)  # doctest: +SKIP
        >>> clusters.labels, clusters[0], clusters.label("tea")  # doctest: +SKIP
        """
        from w2vext import clusters

        options |= {"restrict_vocab": restrict_vocab, "random_state": random_state}
        return clusters.cluster(self, n_clusters, **options)

    def plot(
        self,
        words: Sequence[Any] | Mapping[Any, Sequence[Any]] | None = None,
        *,
        ax: Any = None,
        bold: Collection[Any] = (),
    ) -> Any:
        """Draw words on their first two principal components; returns the matplotlib axes.

        Parameters as for `w2vext.plots.plot`.
        """
        from w2vext import plots

        return plots.plot(self, words, ax=ax, bold=bold)

    def plot_neighbors(self, words: Any, topn: int = 12, *, ax: Any = None) -> Any:
        """Draw words with their nearest neighbours; returns the matplotlib axes.

        Parameters as for `w2vext.plots.plot_neighbors`.
        """
        from w2vext import plots

        return plots.plot_neighbors(self, words, topn, ax=ax)

    def plot_similarities(
        self, words: Iterable[Any], others: Iterable[Any] | None = None, *, ax: Any = None
    ) -> Any:
        """Draw the cosines between words as a heat map; returns the matplotlib axes.

        Parameters as for `w2vext.plots.plot_similarities`.
        """
        from w2vext import plots

        return plots.plot_similarities(self, words, others, ax=ax)

    def explore(self, **options: Any) -> Page:
        """Make an HTML page to explore these vectors in a browser (extra [pages]).

        The options are the parameters of `w2vext.explore`.
        """
        from w2vext.plots import explorer

        return explorer.explore(self, **options)

    # ---- files

    def save(self, path: FileLike, format: str | None = None, **options: Any) -> None:
        """Write the vectors to a file; its suffix determines the format.

        Parameters
        ----------
        path : str, path-like or binary file object
            ``.txt``, ``.bin``, ``.glove.txt``, ``.vec``, ``.safetensors``, ``.parquet``,
            ``.arrow``, ``.feather``, ``.npz``, ``.tsv`` or ``.model2vec``; text and binary also
            with ``.gz``, ``.xz`` or ``.bz2``. Parquet, Arrow, npz, tsv and safetensors keep the
            counts. With subwords a ``.bin`` is fastText's, and a ``.safetensors`` keeps them too;
            quantized vectors are written as ``.ftz``, and ``.floret`` is the table that spaCy
            reads. The other formats have no n-grams. A URL that fsspec opens, such as
            ``"hf://user/model"`` or ``"s3://bucket/v.txt"``, is written when all its files are
            complete, a repository of a hub by one commit.
        format : str, optional
            The name of a format, a key of `w2vext.formats.FORMATS`; the suffix is ignored then.
            Pipes, devices such as ``/dev/stdout`` and file objects need it.
        **options
            Options of the format: ``dtype="float16"`` for "native" (``.safetensors``), "model2vec"
            and "sentence-transformers", also "int8" for "model2vec"; for these two `scores`, such
            as ``{"WordSim-353": 0.68}``, which are listed in the model card; `bucket` and
            `hash_count` for "floret"; `lang` for "spacy", such as "en". The other formats have
            none.

        Raises
        ------
        ValueError
            The suffix is unknown, or the format cannot store a word or a number. No file is
            written.
        TypeError
            The format does not have an option.
        OSError
            The file cannot be written; an old file is unchanged.
        """
        from w2vext import formats

        meta: dict[str, Any] = {
            "counts": self.counts, "tokenizer": self.tokenizer, "training": self.parameters
        }  # fmt: skip
        if self.subwords is not None:
            meta["subwords"] = self.subwords.stored(self.index_to_key)
        formats.write(path, self.index_to_key, self.vectors, meta, format, **options)

    @classmethod
    def load(
        cls,
        path: FileLike,
        format: str | None = None,
        *,
        limit: int | None = None,
        words: Iterable[Hashable] | None = None,
        errors: str = "strict",
        on_bad_rows: Literal["error", "skip"] = "error",
        encoding: str | None = None,
        max_memory: int | None = None,
        **options: Any,
    ) -> Self:
        """Read vectors from a file, whose format is detected from its content.

        Parameters
        ----------
        path : str, path-like or binary file object
            A pipe such as ``/dev/stdin`` or a file object is read once, from its current position.
            A URL that fsspec opens, such as ``"hf://user/model"``, is a file, or a folder of the
            formats "model2vec", "sentence-transformers" or "spacy".
        format : str, optional
            The name of a format, a key of `w2vext.formats.FORMATS`; see `w2vext.formats.detect`.
            By default the content determines it.
        limit : int, optional
            Read only this many rows.
        words : iterable of words, optional
            Keep only these words, in the file's order. The other rows may be malformed. A table of
            floret has no words: these are composed from it, and others are then unknown words.
        errors : {"strict", "replace", "ignore", "surrogateescape"}
            How to treat words that are not valid in the encoding. word2vec.c truncates long words,
            sometimes within a character. "surrogateescape" keeps the bytes of such words, and the
            text and binary formats of word2vec write them unchanged.
        on_bad_rows : {"error", "skip"}
            "skip" reads the valid rows and warns about the others. A word with blanks is read if
            the last d fields of its line are numbers. Only the first row of a repeated word is
            kept. Rows without a word or with an invalid number are left out.
        encoding : str, optional
            The encoding of text and of the words in word2vec's binary format; UTF-8 by default.
        max_memory : int, optional
            Limit for words and vectors in bytes. The default is 4 times the size of the file plus
            64 MB, so that a small compressed file cannot exhaust the memory.
        **options
            Options of the format: ``mmap=True`` for "native" (``.safetensors``) and "fasttext-bin"
            leaves the matrix (of fastText's models that of the n-grams) on disk. The file must not
            be shortened or overwritten in place meanwhile: the system would end the process
            (SIGBUS). Replacing it, as `save` does, is safe. Numbers that are not finite are found
            by the first query for neighbours.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        ValueError
            The file is malformed (the message says where), its format cannot be detected, or it
            would take too much memory.
        TypeError
            The format does not have an option.

        Warns
        -----
        UserWarning
            Rows were left out, or words contain blanks (``on_bad_rows="skip"``).
        """
        from w2vext import formats

        given = {"on_bad_rows": on_bad_rows, "encoding": encoding, "max_memory": max_memory}
        options |= {name: value for name, value in given.items() if value not in (None, "error")}
        found, matrix, meta = formats.read(
            path, format, limit=limit, words=words, errors=errors, **options
        )
        # The reader has checked the numbers, unless they are mapped.
        made = cls.__new__(cls)
        made._fill(found, matrix, meta.get("counts"), subwords=_subwords_of(found, meta))
        made.tokenizer = _tokenizer_of(meta)
        made.parameters = (meta.get("parameters") or {}).get("params")
        return made

    def save_word2vec_format(self, path: FileLike, binary: bool = False) -> None:
        """Write word2vec's text or binary format; the suffix is ignored.

        This is gensim's name for `save` with ``format="word2vec"`` or ``"word2vec-binary"``.
        Numbers are written as the shortest decimal text that is read back as the same float32.

        Raises
        ------
        ValueError
            A word is empty or contains white space, or a vector is not finite. No file is written.
        OSError
            The file cannot be written; an old file is unchanged.
        """
        check_flags(binary=binary)
        self.save(path, "word2vec-binary" if binary else "word2vec")

    @classmethod
    def load_word2vec_format(
        cls,
        path: FileLike,
        binary: bool | None = None,
        limit: int | None = None,
        errors: str = "strict",
        words: Iterable[Hashable] | None = None,
        **options: Any,
    ) -> Self:
        """Read vectors from a file; gensim's name for `load`.

        Parameters
        ----------
        path : str or path-like
        binary : bool, optional
            True for word2vec's binary format, False for its text format. By default the content
            decides, as in `load`.
        limit, errors, words, **options
            As for `load`.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        ValueError
            The file is malformed (the message says where), or its format cannot be detected.
        """
        if binary is not None:
            check_flags(binary=binary)
        format = None if binary is None else "word2vec-binary" if binary else "word2vec"
        return cls.load(path, format, limit=limit, words=words, errors=errors, **options)

    # ---- other programs' objects

    def to_gensim(self) -> Any:
        """Return gensim's KeyedVectors, which share the matrix.

        With subwords it is gensim's FastTextKeyedVectors, which composes unknown words too. It has
        a row for each bucket, of which those without an n-gram are zeros.

        Raises
        ------
        ValueError
            The vectors are those of a pruned fastText model, whose n-grams gensim cannot use.
        """
        from w2vext.formats import _interop

        words, subwords = self.index_to_key, None
        if self.subwords is not None and self.subwords.has_ngrams:
            subwords = self.subwords.stored(words)
        return _interop.to_gensim(words, self.vectors, self.counts, subwords)

    @classmethod
    def from_gensim(cls, theirs: Any) -> Self:
        """Convert gensim's KeyedVectors, or those of a gensim model; the matrix is copied.

        The n-grams of gensim's FastText are converted too.
        """
        from w2vext.formats import _interop

        words, vectors, counts, subwords = _interop.from_gensim(theirs)
        return cls(words, vectors, counts, subwords=_subwords_of(words, {"subwords": subwords}))

    def to_arrow(self) -> Any:
        """Return a pyarrow.Table with the columns word, vector and count.

        DuckDB, LanceDB and Polars read it without a copy of the vectors.
        """
        from w2vext.formats import _interop

        return _interop.to_arrow(self.index_to_key, self.vectors, self.counts)

    def to_torch(self, *, freeze: bool = True) -> Any:
        """Return a torch.nn.Embedding with a copy of the vectors; row i is ``index_to_key[i]``.

        Parameters
        ----------
        freeze : bool, default=True
            Do not train the rows.

        Returns
        -------
        torch.nn.Embedding
        """
        from w2vext.formats import _interop

        check_flags(freeze=freeze)
        return _interop.to_torch(self.vectors, freeze)

    def to_onnx(self) -> Any:
        """Return an onnx.ModelProto that looks up rows and takes their mean.

        Its input is ``ids``, int64 (n,); its outputs are ``vectors``, float32 (n, d), and ``mean``,
        float32 (d,). Write it with ``onnx.save``; the words are ``index_to_key``.
        """
        from w2vext.formats import _interop

        return _interop.to_onnx(self.vectors)

    def to_pandas(self) -> Any:
        """Return a pandas.DataFrame: a row per word, a column per dimension, counts first."""
        from w2vext.formats import _interop

        return _interop.to_pandas(self.index_to_key, self.vectors, self.counts)

    def to_polars(self) -> Any:
        """Return a polars.DataFrame with the columns word, vector and count."""
        from w2vext.formats import _interop

        return _interop.to_polars(self.index_to_key, self.vectors, self.counts)

    @classmethod
    def from_frame(cls, frame: Any) -> Self:
        """Convert a data frame as returned by `to_pandas` or `to_polars`."""
        from w2vext.formats import _interop

        return cls(*_interop.from_frame(frame))


def _tokenizer_of(meta: dict[str, Any]) -> Tokenizer | None:
    """The tokenizer of a model's file; None if the file has only vectors."""
    params = (meta.get("parameters") or {}).get("params", {})
    names = ("tokenizer", "lowercase", "strip_accents", "sentences")
    if not all(name in params for name in names):
        return None
    from w2vext.text import tokenizer

    values = [params[name] for name in names]
    tokenizer.check(*values)
    return tokenizer.Tokenizer(*values)


def _subwords_of(words: list[Any], meta: dict[str, Any]) -> SubwordVectors | None:
    """The subword vectors of a file, or None if it has none."""
    stored = meta.get("subwords")
    if stored is None:
        return None
    if "hash_count" in stored:
        from w2vext.text.floret import FloretVectors

        return FloretVectors.of_stored(words, stored)
    from w2vext.text.subwords import SubwordVectors

    return SubwordVectors.of_stored(words, stored)
