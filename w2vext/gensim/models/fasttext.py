"""gensim's FastText, trained by this package: word vectors with subwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import shown
from w2vext._estimator import fasttext_files
from w2vext._estimator.subwords import of as subwords_of
from w2vext._estimator.subwords import vectors as composed
from w2vext.gensim.models import _model_files, _training, _vocabularies
from w2vext.gensim.models._refused import check_default
from w2vext.gensim.models.keyedvectors import KeyedVectors
from w2vext.gensim.models.word2vec import Word2Vec
from w2vext.keyedvectors import KeyedVectors as NativeVectors
from w2vext.text.subwords import Subwords, SubwordVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from typing import Any

    from numpy.typing import NDArray
    from typing_extensions import Self

    from w2vext._arguments.types import FilePath, Float32, TrimRule
    from w2vext._estimator.fitted import Fitted
    from w2vext.text.vocabulary import Vocabulary

__all__ = [
    "FastText",
    "FastTextKeyedVectors",
    "load_facebook_model",
    "load_facebook_vectors",
    "save_facebook_model",
]


class FastTextKeyedVectors(KeyedVectors):
    """Words and their vectors, with vectors of unknown words from their n-grams.

    A str that is not a word has the mean of the vectors of its n-grams. N-grams that occur in no
    word of the vocabulary count as zeros. ``word in wv`` is True for such a str, as in gensim.

    Parameters
    ----------
    vector_size : int
    min_n, max_n : int
        Lengths of the n-grams in characters.
    bucket : int
        Number of buckets into which n-grams are hashed.
    count, dtype
        As for `KeyedVectors`.

    Attributes
    ----------
    vectors_vocab : ndarray of shape (V, d), float32
        The rows of the words themselves; shares its memory with the model.
    vectors_ngrams : ndarray of shape (bucket, d), float32
        The rows of the buckets, as a new read-only array; buckets without an n-gram of the
        vocabulary are not stored, and are zeros here.
    """

    def __init__(
        self,
        vector_size: int,
        min_n: int,
        max_n: int,
        bucket: int,
        count: int = 0,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(vector_size, count, dtype)
        self.min_n, self.max_n, self.bucket = min_n, max_n, bucket
        self._rows: Float32 | None = None
        self.vectors_vocab_lockf = np.ones(1, np.float32)
        self.vectors_ngrams_lockf = np.ones(1, np.float32)
        self.compatible_hash = True

    def _take_rows(self, words: Vocabulary, rows: Float32 | None, grams: Any, vectors: Any) -> None:
        """Take words, the rows of words and n-grams, and the words' vectors."""
        self._replace(words, vectors)
        self._rows = rows
        if grams is not None:
            self.subwords = SubwordVectors(grams, rows, self.key_to_index)

    def __contains__(self, word: Hashable) -> bool:
        return word in self.key_to_index or (self._has_ngrams() and isinstance(word, str))

    def _has_ngrams(self) -> bool:
        return self.subwords is not None and self.subwords.has_ngrams

    def _composed(self, word: Hashable) -> Float32 | None:
        if word in self.key_to_index or not isinstance(word, str) or not self._has_ngrams():
            return None
        assert self.subwords is not None
        return self.subwords.compose([word])[0][0]

    def has_index_for(self, key: Hashable) -> bool:
        """Return whether a word has a row; unknown words have a vector, but no row."""
        return self.get_index(key, -1) >= 0

    def get_vector(self, word: Hashable, norm: bool = False) -> Float32:
        """Return the vector of a word, known or not; with norm=True scaled to norm 1."""
        return super().get_vector(word, norm)

    @classmethod
    def load(  # type: ignore[override]
        cls, fname_or_handle: FilePath, mmap: str | None = None
    ) -> Self:
        """Read vectors that `save` wrote; as for `KeyedVectors.load`."""
        return super().load(fname_or_handle, mmap)

    @property
    def vectors_vocab(self) -> Float32:
        """The rows of the words themselves, (V, d)."""
        if self._rows is None or self.subwords is None:
            return self.vectors
        return self._rows[: min(self.subwords.subwords.n_words, len(self))]

    @property
    def vectors_ngrams(self) -> Float32:
        """The rows of all buckets, (bucket, d), as a new read-only array."""
        found = np.zeros((self.bucket, self.vector_size), np.float32)
        if self.subwords is not None and self._has_ngrams():
            grams = self.subwords.subwords
            buckets = np.arange(self.bucket) if grams.buckets is None else grams.buckets
            rows = grams.n_words + np.arange(len(buckets))
            found[buckets] = self.subwords.rows_at(rows)
        found.flags.writeable = False
        return found

    @property
    def buckets_word(self) -> list[Any]:
        """The buckets of the n-grams of each word, as a list of arrays."""
        grams: Any = None if self.subwords is None else self.subwords.subwords
        if grams is None or not hasattr(grams, "parts"):
            return []
        parts = np.split(grams.parts - grams.n_words, grams.starts[1:-1])
        return [grams.buckets[part] for part in parts]

    def adjust_vectors(self) -> None:
        """Compute the vectors of the words again from their rows and those of their n-grams."""
        if self.subwords is not None:
            n = min(self.subwords.subwords.n_words, len(self))
            self.vectors[:n] = self.subwords.compose(self.index_to_key[:n])[0]
            self._forget()

    def _reorder(self, order: NDArray[np.intp]) -> None:
        before = self.subwords
        if before is None or self._rows is None:
            super()._reorder(order)
            return
        grams: Any = before.subwords
        if len(order) > grams.n_words:
            raise ValueError(
                f"only {grams.n_words} of {len(order)} words have rows of their own, because words "
                "were added: sort before adding words"
            )
        super()._reorder(order)
        others = np.arange(len(order), grams.n_rows)
        if isinstance(grams, Subwords):  # of a model, whose buckets are in the order of the words
            old = grams
            grams = Subwords.of(self.index_to_key, old.min_n, old.max_n, old.bucket)
            others = old.row_of(grams.buckets)
        self._rows = before.rows_at(np.concatenate([order, others]))
        self.subwords = SubwordVectors(grams, self._rows, self.key_to_index, before.count_absent)

    def recalc_char_ngram_buckets(self) -> None:
        """Do nothing: the n-grams of a word are found when they are needed."""

    def init_post_load(self, fb_vectors: Any) -> None:
        """Not available: `load_facebook_vectors` makes complete vectors."""
        raise NotImplementedError("init_post_load is not available: use load_facebook_vectors")

    def get_sentence_vector(self, sentence: Iterable[str]) -> Float32:
        """Return the mean of the words' unit vectors; words whose vector is zero are left out."""
        units = [self.get_vector(word, norm=True) for word in sentence if word in self]
        return self.get_mean_vector(units) if units else np.zeros(self.vector_size, np.float32)

    @classmethod
    def _of(cls, words: Iterable[Hashable], vectors: Float32, counts: Any = None) -> Self:
        made = super()._of(words, vectors, counts)
        made.min_n, made.max_n, made.bucket, made._rows = 0, 0, 0, None
        made.vectors_vocab_lockf = np.ones(1, np.float32)
        made.vectors_ngrams_lockf = np.ones(1, np.float32)
        made.compatible_hash = True
        return made

    @classmethod
    def _with_subwords(cls, native: NativeVectors) -> Self:
        """The same as native vectors with subwords."""
        made = cls._of(native.index_to_key, native.vectors, native.counts)
        made.subwords = native.subwords
        if native.subwords is not None:
            grams = native.subwords.subwords
            made.min_n, made.max_n, made.bucket = grams.min_n, grams.max_n, grams.bucket
            own = np.array([native.subwords.index[word] for word in native.index_to_key])
            if isinstance(native.subwords.rows, np.ndarray) and (own == np.arange(len(own))).all():
                made._rows = native.subwords.rows
        return made

    @classmethod
    def from_gensim(cls, theirs: Any) -> Self:
        """Convert the vectors of gensim, or those of a gensim model, with the rows of all buckets.

        Words, known or not, have the same vectors as in gensim. The matrices are copied.
        """
        return cls._with_subwords(NativeVectors.from_gensim(theirs))

    def _stored(self) -> dict[str, Any] | None:
        return None if self.subwords is None else self.subwords.stored(self.index_to_key)

    @classmethod
    def _read(cls, words: list[Any], vectors: Float32, meta: dict[str, Any]) -> Self:
        stored = meta.get("subwords")
        subwords = None if stored is None else SubwordVectors.of_stored(words, stored)
        native = NativeVectors(words, vectors, meta.get("counts"), subwords=subwords)
        return cls._with_subwords(native)


class FastText(Word2Vec):
    """Word vectors with subwords, with gensim's constructor and methods.

    The parameters are those of `Word2Vec` and the following.

    Parameters
    ----------
    sentences, corpus_file, sg, hs, vector_size, alpha, window, min_count, max_vocab_size
        As for `Word2Vec`.
    word_ngrams : {1}
        N-grams of words are not available.
    sample, seed, workers, min_alpha, negative, ns_exponent, cbow_mean, hashfxn, epochs, null_word
        As for `Word2Vec`.
    min_n, max_n : int, default=3 and 6
        Lengths of the n-grams in characters. ``max_n=0`` trains without them.
    sorted_vocab : {1}
        Words are sorted by their counts.
    bucket : int, default=2000000
        Number of buckets into which n-grams are hashed; 0 trains without n-grams. Only buckets that
        a word of the vocabulary has take memory.
    trim_rule, batch_words, callbacks, max_final_vocab, shrink_windows
        As for `Word2Vec`.

    Attributes
    ----------
    wv : FastTextKeyedVectors
    """

    _kind = "FastText"
    wv: FastTextKeyedVectors

    def __init__(
        self,
        sentences: Iterable[Iterable[Hashable]] | None = None,
        corpus_file: FilePath | None = None,
        sg: int = 0,
        hs: int = 0,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        word_ngrams: int = 1,
        sample: float = 1e-3,
        seed: int | None = 1,
        workers: int = 3,
        min_alpha: float = 0.0001,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Callable[..., Any] = hash,
        epochs: int = 5,
        null_word: int = 0,
        min_n: int = 3,
        max_n: int = 6,
        sorted_vocab: int = 1,
        bucket: int = 2_000_000,
        trim_rule: TrimRule | None = None,
        batch_words: int = 10_000,
        callbacks: Iterable[Any] = (),
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
    ) -> None:
        check_default("word_ngrams", word_ngrams, 1, "n-grams of words are not available")
        self.word_ngrams = word_ngrams
        self.min_n, self.max_n, self.bucket = min_n, max_n, bucket
        super().__init__(
            sentences, corpus_file, vector_size, alpha, window, min_count, max_vocab_size, sample,
            seed, workers, min_alpha, sg, hs, negative, ns_exponent, cbow_mean, hashfxn, epochs,
            null_word, trim_rule, sorted_vocab, batch_words, False, callbacks, None,
            max_final_vocab, shrink_windows,
        )  # fmt: skip

    def _no_vectors(self) -> FastTextKeyedVectors:
        return FastTextKeyedVectors(self.vector_size, self.min_n, self.max_n, self.bucket)

    def _subword_parameters(self) -> dict[str, Any]:
        if not self.bucket or not self.max_n:
            return {"max_n": 0}
        return {
            "min_n": self.min_n,
            "max_n": self.max_n,
            "bucket": self.bucket,
            # With skip-gram the plain sum diverges, for example with hs=1 and complete windows.
            "subword_update": "damped" if self.sg else "fasttext",
        }

    def _subword_rows(self) -> Float32 | None:
        return self.wv._rows

    def _set_words(self, words: Vocabulary, known: int) -> None:
        grams = subwords_of(_training.parameters(self), words)
        if grams is None:
            super()._set_words(words, known)
            return
        rows, old = _training.initial(self, grams.n_rows, 2.0), self.wv._rows
        if known and old is not None:
            # Buckets keep their order, because known words come first.
            rows[:known] = old[:known]
            rows[len(words) : len(words) + len(old) - known] = old[known:]
        self.wv._take_rows(words, rows, grams, composed(rows, grams))

    def _restore(self, found: Fitted) -> None:
        grams = subwords_of(_training.parameters(self), found.words)
        self.wv._take_rows(found.words, found.subword_vectors, grams, found.vectors)
        self._set_outputs(0)
        self._store_outputs(found.output_vectors)

    def estimate_memory(
        self, vocab_size: int | None = None, report: dict[str, int] | None = None
    ) -> dict[str, int]:
        """Estimate the bytes of the matrices, as for `Word2Vec`, with the rows of n-grams.

        Before there is a vocabulary, or for another `vocab_size`, all buckets are counted: a model
        has a row for each bucket with an n-gram of the vocabulary.
        """
        report = super().estimate_memory(vocab_size, report)
        if self._subword_parameters()["max_n"]:
            rows = self.wv._rows
            known = rows is not None and vocab_size in (None, len(self.wv))
            row = self.vector_size * 4
            report["vectors_vocab"] = report["vectors"]
            report["vectors_ngrams"] = row * (
                len(rows) - len(self.wv) if known and rows is not None else self.bucket
            )
            report["total"] += report["vectors_vocab"] + report["vectors_ngrams"]
        return report

    @classmethod
    def load_fasttext_format(cls, model_file: FilePath, encoding: str = "utf8") -> FastText:
        """Return ``load_facebook_model(model_file, encoding)``; an older name of it."""
        return load_facebook_model(model_file, encoding)

    def load_binary_data(self, encoding: str = "utf8") -> None:
        """Not available: `load_facebook_model` makes a complete model."""
        raise NotImplementedError("load_binary_data is not available: use load_facebook_model")

    @classmethod
    def from_gensim(cls, theirs: Any) -> Self:
        """Convert a model of gensim with negative sampling; the matrices are copied.

        Buckets without an n-gram of the vocabulary are left out, because they are never trained. In
        the vectors of unknown words they count as zeros, while gensim keeps their random numbers.
        ``FastTextKeyedVectors.from_gensim(theirs.wv)`` keeps them, too.

        Parameters
        ----------
        theirs : gensim.models.FastText

        Returns
        -------
        FastText
            Its training can be continued.

        Raises
        ------
        ValueError
            The model has hierarchical softmax, whose output vectors belong to another Huffman tree,
            or its n-grams were hashed by a version of gensim before 3.7.
        TypeError
            The model is not one of gensim's FastText.
        """
        return _model_files.from_gensim(cls, theirs)

    def _take_vectors(self, theirs: Any) -> None:
        found = FastTextKeyedVectors.from_gensim(theirs)
        words = _vocabularies.of_vectors(found)
        grams = subwords_of(_training.parameters(self), words)
        if grams is None or found.subwords is None:
            super()._set_words(words, 0)
            self.wv.vectors[:] = found.vectors
            return
        buckets = np.arange(grams.bucket) if grams.buckets is None else grams.buckets
        numbers = np.concatenate([np.arange(len(words)), len(words) + buckets.astype(np.int64)])
        rows = found.subwords.rows_at(numbers)
        self.wv._take_rows(words, rows, grams, composed(rows, grams))


def load_facebook_model(path: FilePath, encoding: str = "utf-8") -> FastText:
    """Read a model of fastText (.bin), whose training can be continued.

    Parameters
    ----------
    path : str or path-like
    encoding : {"utf-8"}

    Returns
    -------
    FastText

    Raises
    ------
    NotImplementedError
        The model is supervised; `w2vext.load_fasttext` reads it.
    ValueError
        The file is malformed.
    """
    _check_encoding(encoding)
    try:
        params, found = fasttext_files.load(path)
    except ValueError as error:
        if "a supervised model" in str(error):
            raise NotImplementedError(str(error)) from None
        raise
    is_hs = params["loss"] == "hs"
    model = FastText(
        sg=int(params["architecture"] == "skipgram"),
        hs=int(is_hs),
        negative=0 if is_hs else params["negative"],
        min_n=params["min_n"] if params["max_n"] else 0,
        max_n=params["max_n"],
        bucket=params.get("bucket", 0),
        **{name: params[name] for name in ("vector_size", "window", "min_count", "sample")},
        epochs=params["epochs"],
    )
    model._restore(found)
    model.corpus_total_words = int(found.words.counts.sum())
    return model


def load_facebook_vectors(path: FilePath, encoding: str = "utf-8") -> FastTextKeyedVectors:
    """Read the vectors of a model of fastText (.bin), also of a supervised one.

    Parameters
    ----------
    path : str or path-like
    encoding : {"utf-8"}

    Returns
    -------
    FastTextKeyedVectors
    """
    _check_encoding(encoding)
    return FastTextKeyedVectors._with_subwords(NativeVectors.load(path, "fasttext-bin"))


def save_facebook_model(
    model: FastText,
    path: FilePath,
    encoding: str = "utf-8",
    lr_update_rate: int = 100,
    word_ngrams: int = 1,
) -> None:
    """Write a model in fastText's format (.bin).

    Parameters
    ----------
    model : FastText
    path : str or path-like
    encoding : {"utf-8"}
    lr_update_rate, word_ngrams
        Only the defaults are available.
    """
    _check_encoding(encoding)
    check_default("lr_update_rate", lr_update_rate, 100, "the file has fastText's default")
    check_default("word_ngrams", word_ngrams, 1, "n-grams of words are not available")
    fasttext_files.save(path, _training.parameters(model), _model_files.fitted(model))


def _check_encoding(encoding: str) -> None:
    if encoding.lower().replace("-", "") != "utf8":
        raise ValueError(f"encoding={shown(encoding)} is not available, only 'utf-8'")
