"""gensim's Word2Vec, trained by this package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import shown
from w2vext.gensim.models import _model_files, _training, _vocabularies
from w2vext.gensim.models._class_only import class_only
from w2vext.gensim.models._corpora import (
    BrownCorpus,
    LineSentence,
    PathLineSentences,
    Text8Corpus,
    opened,
)
from w2vext.gensim.models._refused import check_default
from w2vext.gensim.models.keyedvectors import KeyedVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from typing import Any

    from typing_extensions import Self

    from w2vext._arguments.types import FilePath, Float32, Float64, Neighbors, TrimRule
    from w2vext._estimator.fitted import Fitted
    from w2vext.text.vocabulary import Stream, Vocabulary

__all__ = ["BrownCorpus", "LineSentence", "PathLineSentences", "Text8Corpus", "Word2Vec"]


class Word2Vec:
    """Word vectors by skip-gram or CBOW, with gensim's constructor and methods.

    The arguments have gensim's names, defaults and meaning. Differences are listed in "Migrating
    from gensim"; arguments that are not available raise an error that names them.

    Parameters
    ----------
    sentences : iterable of token lists, optional
        Build the vocabulary and train.
    corpus_file : str or path-like, optional
        A text file instead, with a sentence on each line.
    vector_size : int, default=100
        Number of dimensions of the vectors.
    alpha, min_alpha : float, default=0.025 and 0.0001
        Learning rate at the beginning and at the end.
    window : int, default=5
        Number of context words on each side.
    min_count : int, default=5
        Leave out words that occur less often.
    max_vocab_size : int, optional
        Bound on the number of distinct words held in memory while counting.
    sample : float, default=1e-3
        Threshold for subsampling of frequent words, 0 to 1.
    seed : int, default=1
        With ``workers=1`` it makes results reproducible; None draws a seed.
    workers : int, default=3
        Number of threads.
    sg : {0, 1}, default=0
        1 is skip-gram, 0 is CBOW.
    hs, negative : int, default=0 and 5
        ``hs=1`` is hierarchical softmax, ``negative`` the number of noise words; with both, the
        losses are added.
    ns_exponent : float, default=0.75
        Exponent of the noise distribution.
    cbow_mean : {1}
        CBOW takes the mean of the context; its sum is not available.
    hashfxn : callable
        Has no effect: initial vectors depend on `seed` only, as in gensim 4.
    epochs : int, default=5
        Number of passes over the corpus.
    null_word : {0}
        Not available.
    trim_rule : callable, optional
        A function of word, count and `min_count` that selects words; it is not stored.
    sorted_vocab : {1}
        Words are sorted by their counts.
    batch_words : int, default=10000
        Number of words that `_do_train_job` of a subclass gets at a time. Sentences of any length
        are trained completely.
    compute_loss : bool, default=False
        The loss is always computed; see `get_latest_training_loss`.
    callbacks : iterable of CallbackAny2Vec, default=()
        Objects that are called during the training.
    comment : object, optional
        Stored with the model, if JSON can store it.
    max_final_vocab : int, optional
        Raise `min_count` until at most this many words are left.
    shrink_windows : bool, default=True
        Draw the width of each window from 1 to `window`.

    Attributes
    ----------
    wv : KeyedVectors
        The word vectors; training changes ``wv.vectors`` in place.
    syn1neg : ndarray of shape (n_words, vector_size), float32
        The output vectors of negative sampling.
    syn1 : ndarray of shape (n_words, vector_size), float32
        Those of the inner nodes of the Huffman tree, whose last row is not used.
    corpus_count, corpus_total_words : int
        Number of sentences and words that `build_vocab` has read.
    """

    syn1neg: Float32
    syn1: Float32
    _output_words: list[Any] | None = None  # the words of the rows of `syn1neg`

    def __init__(
        self,
        sentences: Iterable[Iterable[Hashable]] | None = None,
        corpus_file: FilePath | None = None,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        sample: float = 1e-3,
        seed: int | None = 1,
        workers: int = 3,
        min_alpha: float = 0.0001,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Callable[..., Any] = hash,
        epochs: int = 5,
        null_word: int = 0,
        trim_rule: TrimRule | None = None,
        sorted_vocab: int = 1,
        batch_words: int = 10_000,
        compute_loss: bool = False,
        callbacks: Iterable[Any] = (),
        comment: Any = None,
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
    ) -> None:
        self.vector_size = self.layer1_size = vector_size
        self.alpha, self.min_alpha = alpha, min_alpha
        self.window = window
        self.min_count = min_count
        self.max_vocab_size = max_vocab_size
        self.max_final_vocab = max_final_vocab
        self.sample = sample
        self.seed = seed
        self.workers = workers
        self.sg, self.hs, self.negative = sg, hs, negative
        self.ns_exponent = ns_exponent
        self.cbow_mean = cbow_mean
        self.hashfxn = hashfxn
        self.epochs = epochs
        self.null_word = null_word
        self.sorted_vocab = sorted_vocab
        self.batch_words = batch_words
        self.compute_loss = compute_loss
        self.comment = comment
        self.shrink_windows = shrink_windows
        self.corpus_count = self.corpus_total_words = self.train_count = 0
        self.effective_min_count = min_count
        self.min_alpha_yet_reached = alpha
        self.raw_vocab: dict[Any, int] = {}
        self._losses: list[float] = []
        self._built: tuple[Vocabulary, Stream] | None = None  # by the constructor, for `train`
        _training.check(self)
        self.wv = self._no_vectors()
        if sentences is None and corpus_file is None:
            return
        callbacks = list(callbacks)
        self._count(sentences, corpus_file, False, trim_rule)
        try:
            self.train(
                sentences,
                corpus_file,
                total_examples=self.corpus_count,
                total_words=self.corpus_total_words,
                epochs=self.epochs,
                start_alpha=self.alpha,
                end_alpha=self.min_alpha,
                callbacks=callbacks,
            )
        finally:
            self._built = None

    # ---- what FastText replaces

    _kind = "Word2Vec"

    def _no_vectors(self) -> KeyedVectors:
        return KeyedVectors(self.vector_size)

    def _subword_parameters(self) -> dict[str, Any]:
        return {}

    def _subword_rows(self) -> Float32 | None:
        return None

    def _set_words(self, words: Vocabulary, known: int) -> None:
        """Give the words of a vocabulary rows, of which the first `known` keep their vectors."""
        vectors = _training.initial(self, len(words))
        vectors[:known] = self.wv.vectors[:known]
        self.wv._replace(words, vectors)

    def _restore(self, found: Fitted) -> None:
        """Take words and matrices from a file."""
        self.wv._replace(found.words, found.vectors)
        self._set_outputs(0)
        self._store_outputs(found.output_vectors)

    # ---- vocabulary

    def build_vocab(
        self,
        corpus_iterable: Iterable[Iterable[Hashable]] | None = None,
        corpus_file: FilePath | None = None,
        update: bool = False,
        progress_per: int = 10_000,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        **kwargs: Any,
    ) -> None:
        """Count the words of a corpus, and give them random vectors.

        Parameters
        ----------
        corpus_iterable, corpus_file
            As for the constructor.
        update : bool, default=False
            Add the new words to the vocabulary, and the counts to those of known words. With
            ``hs=1`` the output vectors start at zero again, because the Huffman tree changes.
        progress_per : int
            Has no effect, because nothing is logged.
        keep_raw_vocab : bool, default=False
            Keep the counts of all words in `raw_vocab`.
        trim_rule : callable, optional
        **kwargs
            `min_count` and `sample`, which replace those of the model.
        """
        for name in kwargs:
            if name not in ("min_count", "sample"):
                raise TypeError(f"build_vocab() has no argument {name!r}: give min_count or sample")
        self.sample = kwargs.get("sample", self.sample)
        if kwargs.get("min_count") is not None:
            self.min_count = kwargs["min_count"]
        self._count(corpus_iterable, corpus_file, update, trim_rule, keep_raw_vocab)
        self._built = None

    def _count(
        self,
        corpus_iterable: Any,
        corpus_file: Any,
        update: bool,
        trim_rule: TrimRule | None,
        keep_raw_vocab: bool = False,
    ) -> None:
        """Build the vocabulary, and keep the ids of the corpus in `_built` if there are some."""
        limited = self.max_final_vocab is not None or self.max_vocab_size is not None
        if limited or keep_raw_vocab:
            self.scan_vocab(corpus_iterable, corpus_file, trim_rule=trim_rule)
            self.prepare_vocab(update, keep_raw_vocab, trim_rule)
            return
        earlier = _vocabularies.of_vectors(self.wv) if update and len(self.wv) else None
        words, stream, sentences = _vocabularies.counted(
            self, corpus_iterable, corpus_file,
            earlier=earlier, trim_rule=trim_rule, min_count=max(self.min_count, 1),
        )  # fmt: skip
        self.corpus_count, self.corpus_total_words = sentences, stream.raw_words
        self.effective_min_count = self.min_count
        self._take(words, 0 if earlier is None else len(earlier))
        self._built = (words, stream)

    def _take(self, words: Vocabulary, known: int) -> None:
        """Use a vocabulary whose first words are those of the model."""
        self._sort_outputs()
        self._set_words(words, known)
        self._set_outputs(known)

    def build_vocab_from_freq(
        self,
        word_freq: Mapping[Hashable, int],
        keep_raw_vocab: bool = False,
        corpus_count: int | None = None,
        trim_rule: TrimRule | None = None,
        update: bool = False,
    ) -> None:
        """Use known counts of words, and give the words random vectors.

        Parameters
        ----------
        word_freq : mapping
            {word: count}.
        keep_raw_vocab : bool, default=False
            Keep the counts in `raw_vocab`.
        corpus_count : int, optional
            The number of sentences of the corpus.
        trim_rule : callable, optional
        update : bool, default=False
            As for `build_vocab`.
        """
        self.raw_vocab = dict(word_freq)
        self.corpus_count = int(corpus_count or 0)
        self.corpus_total_words = sum(map(int, self.raw_vocab.values()))
        self.prepare_vocab(update, keep_raw_vocab, trim_rule)

    def scan_vocab(
        self,
        corpus_iterable: Iterable[Iterable[Hashable]] | None = None,
        corpus_file: FilePath | None = None,
        progress_per: int = 10_000,
        workers: int | None = None,
        trim_rule: TrimRule | None = None,
    ) -> tuple[int, int]:
        """Count all words of a corpus as `raw_vocab`, for `prepare_vocab`.

        Parameters
        ----------
        corpus_iterable, corpus_file, progress_per, trim_rule
            As for `build_vocab`.
        workers : int, optional
            Has no effect: the model's workers read files.

        Returns
        -------
        total_words, corpus_count : int
        """
        self.raw_vocab, self.corpus_total_words, self.corpus_count = _vocabularies.scanned(
            self, corpus_iterable, corpus_file, trim_rule
        )
        return self.corpus_total_words, self.corpus_count

    def prepare_vocab(
        self,
        update: bool = False,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        min_count: int | None = None,
        sample: float | None = None,
        dry_run: bool = False,
    ) -> dict[str, int]:
        """Select words from `raw_vocab`, and give them random vectors.

        Parameters
        ----------
        update, keep_raw_vocab, trim_rule
            As for `build_vocab`.
        min_count, sample : optional
            Replace those of the model.
        dry_run : bool, default=False
            Change nothing, and keep `raw_vocab`.

        Returns
        -------
        dict
            ``drop_unique``, ``retain_total``, ``num_retained_words``, ``downsample_unique`` and
            ``downsample_total``: how many words are kept, and how many are trained on average.
        """
        least = self.min_count if min_count is None else min_count
        earlier = _vocabularies.of_vectors(self.wv) if update and len(self.wv) else None
        words, effective = _vocabularies.selected(
            self.raw_vocab,
            earlier=earlier,
            min_count=least,
            max_final_vocab=self.max_final_vocab,
            trim_rule=trim_rule,
        )
        rate = self.sample if sample is None else sample
        found = _vocabularies.report(self.raw_vocab, words, rate)
        if not dry_run:
            self.min_count, self.sample = least, rate
            self.effective_min_count = effective
            self._take(words, 0 if earlier is None else len(earlier))
            if not keep_raw_vocab:
                self.raw_vocab = {}
        return found

    def prepare_weights(self, update: bool = False) -> None:
        """Do nothing: vectors are made together with the vocabulary, which gensim separates."""

    def init_weights(self) -> None:
        """Draw new random vectors, and set the output vectors to zero."""
        if len(self.wv):
            self._set_words(_vocabularies.of_vectors(self.wv), 0)
        self._set_outputs(0)

    def update_weights(self) -> None:
        """Do nothing: new words get vectors when they are added, which gensim separates."""

    def reset_from(self, other_model: Word2Vec) -> None:
        """Use the vocabulary of another model, with new random vectors."""
        words = _vocabularies.of_vectors(other_model.wv)
        self.corpus_count = other_model.corpus_count
        self.corpus_total_words = other_model.corpus_total_words
        self._take(type(words)(words.words, words.counts.copy()), 0)

    # ---- output vectors

    def _set_outputs(self, known: int) -> None:
        """Make output vectors of zeros; the first `known` words keep theirs."""
        shape = (len(self.wv), self.vector_size)
        self._output_words = self.wv.index_to_key
        self.wv._has_tree = bool(self.hs)
        if self.hs:  # rows belong to the inner nodes of a tree that depends on all counts
            self.syn1 = np.zeros(shape, np.float32)
        if self.negative:
            new = np.zeros(shape, np.float32)
            new[:known] = self.syn1neg[:known] if known else 0
            self.syn1neg = new

    def _sort_outputs(self) -> None:
        """Sort the rows of `syn1neg` as the words, which ``wv`` may have sorted.

        The inner nodes of the Huffman tree do not depend on the rows of the words.
        """
        before, words = self._output_words, self.wv.index_to_key
        if before is None or before is words or getattr(self, "syn1neg", None) is None:
            return
        if len(before) != len(words) or len(self.syn1neg) != len(words):
            return
        row_of = {word: row for row, word in enumerate(before)}
        if row_of.keys() == self.wv.key_to_index.keys():
            self.syn1neg[:] = self.syn1neg[[row_of[word] for word in words]]
            self._output_words = words

    def _has_outputs(self) -> bool:
        """Whether there are output vectors that fit the words."""
        self._sort_outputs()
        names = [*(["syn1"] if self.hs else []), *(["syn1neg"] if self.negative else [])]
        found = [getattr(self, name, None) for name in names]
        return all(each is not None and len(each) == len(self.wv) for each in found)

    def _outputs(self) -> Float32:
        """The output vectors that are trained: a Huffman tree has one inner node less than words.

        With both losses this is a copy, in which the rows of the words come first.
        """
        self._sort_outputs()
        if not self.hs:
            return self.syn1neg
        n = len(self.wv) - 1
        return (
            np.concatenate([self.syn1neg, self.syn1[:n]]) if self.negative else self.syn1[: n or 1]
        )

    def _store_outputs(self, matrix: Float32) -> None:
        """Write what `_outputs` returned, after training, to the output vectors."""
        n = len(self.wv) if self.negative else 0
        if self.negative:
            self.syn1neg[:] = matrix[:n]
        if self.hs:
            self.syn1[: len(matrix) - n] = matrix[n:]

    # ---- training

    def train(
        self,
        corpus_iterable: Iterable[Iterable[Hashable]] | None = None,
        corpus_file: FilePath | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        word_count: int = 0,
        queue_factor: int = 2,
        report_delay: float = 1.0,
        compute_loss: bool = False,
        callbacks: Iterable[Any] = (),
        **kwargs: Any,
    ) -> tuple[int, int]:
        """Train the vectors on a corpus, from their current values.

        The corpus is read once, whatever `epochs` is, so it may be an iterator. Only a subclass
        that replaces `_do_train_job` reads it in each epoch.

        Parameters
        ----------
        corpus_iterable, corpus_file
            As for the constructor.
        total_examples, total_words : int, optional
            One of them is required, as in gensim. The learning rate depends on the corpus itself.
        epochs : int
            Number of passes; required.
        start_alpha, end_alpha : float, optional
            Set `alpha` and `min_alpha` of the model.
        word_count : {0}
            Not available.
        queue_factor, report_delay
            Have no effect: there is no queue, and nothing is logged.
        compute_loss : bool, default=False
            The loss is always computed.
        callbacks : iterable of CallbackAny2Vec, default=()

        Returns
        -------
        trained, read : int
            The number of words of the vocabulary and of all words, times `epochs`. Words that
            subsampling leaves out are counted.

        Raises
        ------
        RuntimeError
            There is no vocabulary yet.
        ValueError
            `epochs`, or both of `total_examples` and `total_words`, are missing.
        TypeError
            The corpus is missing, or has a wrong type.
        """
        if kwargs:
            raise TypeError(f"train() has no argument {next(iter(kwargs))!r}: leave it out")
        corpus, _ = opened(corpus_iterable, corpus_file)
        _training.check_arguments(
            self, corpus_file, total_examples, total_words, epochs, word_count
        )
        assert epochs is not None
        _training.set_alphas(self, epochs, start_alpha, end_alpha)
        if type(self)._do_train_job is not Word2Vec._do_train_job:
            if epochs > 1 and isinstance(corpus_iterable, Iterator):
                raise TypeError(
                    f"corpus_iterable={shown(corpus_iterable)} can be read only once, but "
                    "_do_train_job of a subclass gets the sentences in each epoch: give a list"
                )
            trained, read = _training.run_jobs(self, corpus, epochs, callbacks)
        else:
            words, stream = self._built or _training.encoded(self, corpus)
            with stream:
                trained, read = len(stream.ids) * epochs, stream.raw_words * epochs
                _training.run(self, words, stream, epochs, callbacks)
        self.train_count += 1
        self.min_alpha_yet_reached = min(self.min_alpha, self.min_alpha_yet_reached)
        return trained, read

    def _made(self, batch: list[Any], alpha: float) -> list[Any]:
        """The sentences that `_do_train_job` passes on to that of this class."""
        self._job: list[Any] = []
        self._do_train_job(batch, alpha, None)
        return self._job

    def _do_train_job(self, sentences: Sequence[Any], alpha: float, inits: Any) -> tuple[int, int]:
        """Train a batch of sentences; a subclass may replace them by others.

        Returns
        -------
        trained, read : int
            The number of known words and of all words.
        """
        found = [list(sentence) for sentence in sentences]
        self._job += found
        known = sum(word in self.wv.key_to_index for sentence in found for word in sentence)
        return known, sum(map(len, found))

    def get_latest_training_loss(self) -> float:
        """Return the mean loss per pair of the latest epoch, in nats; 0 before any training.

        gensim returns a sum over the pairs of all epochs in float32, which stops growing in long
        runs.
        """
        return self._losses[-1] if self._losses else 0.0

    @property
    def running_training_loss(self) -> float:
        """The value of `get_latest_training_loss`."""
        return self.get_latest_training_loss()

    # ---- predictions

    def predict_output_word(
        self, context_words_list: Iterable[Hashable], topn: int | None = 10
    ) -> Neighbors | None:
        """Predict the most probable words in the middle of a context, by negative sampling.

        Parameters
        ----------
        context_words_list : iterable of words
            Words, or numbers of rows. Unknown words are left out.
        topn : int, default=10

        Returns
        -------
        list of (word, probability) or None
            None if the context has no known word.
        """
        return _model_files.predicted(self, context_words_list, topn)

    def score(
        self,
        sentences: Iterable[Iterable[Hashable]],
        total_sentences: int = 1_000_000,
        chunksize: int = 100,
        queue_factor: int = 2,
        report_delay: float = 1,
    ) -> Float64:
        """Compute the log-likelihood of each sentence, for models with ``hs=1, negative=0``.

        Parameters
        ----------
        sentences : iterable of token lists
        total_sentences : int
            Score at most this many sentences.
        chunksize, queue_factor, report_delay
            Have no effect: there is no queue, and nothing is logged.

        Returns
        -------
        ndarray of shape (n_sentences,), float64
            The sum over all pairs of the sentence, with complete windows; with CBOW over all words
            that have a context.
        """
        return _model_files.scores(self, sentences, total_sentences)

    # ---- others

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<vocab={len(self.wv)}, vector_size={self.vector_size}, "
            f"alpha={self.alpha}>"
        )

    def estimate_memory(
        self, vocab_size: int | None = None, report: dict[str, int] | None = None
    ) -> dict[str, int]:
        """Estimate the bytes of the matrices of a model with `vocab_size` words.

        While training, each matrix exists twice.
        """
        report = {} if report is None else report
        matrix = (vocab_size or len(self.wv)) * self.vector_size * 4
        names = ["vectors", *(["syn1"] if self.hs else []), *(["syn1neg"] if self.negative else [])]
        report.update(dict.fromkeys(names, matrix))
        report["total"] = sum(report[name] for name in names)
        return report

    def init_sims(self, replace: bool = False) -> None:
        """Compute the norms of `wv`; an earlier name of ``wv.fill_norms()``."""
        check_default("replace", replace, False, "wv.unit_normalize_all() scales the vectors")
        self.wv.fill_norms()

    def add_lifecycle_event(self, event_name: str, log_level: int = 20, **event: Any) -> None:
        """Do nothing, because nothing is logged."""

    def add_null_word(self) -> None:
        """Not available: it is used by Doc2Vec only."""
        raise NotImplementedError("add_null_word is not available: only Doc2Vec uses it")

    def create_binary_tree(self) -> None:
        """Do nothing: the Huffman tree is made from the counts when the training starts."""

    def make_cum_table(self, domain: int = 2**31 - 1) -> None:
        """Do nothing: the noise distribution is made from the counts when the training starts."""
        check_default("domain", domain, 2**31 - 1, "leave it out")

    def seeded_vector(self, seed_string: str, vector_size: int) -> Float32:
        """Not available: initial vectors depend on the seed only, as in gensim 4."""
        raise NotImplementedError(
            "seeded_vector is not available: use "
            "w2vext.gensim.models.keyedvectors.pseudorandom_weak_vector"
        )

    # ---- files

    def save(
        self,
        fname_or_handle: FilePath,
        separately: None = None,
        sep_limit: int = 10_485_760,
        ignore: Iterable[str] = frozenset(),
        pickle_protocol: int = 4,
    ) -> None:
        """Write the model as one file of the native format, whatever the suffix is.

        ``w2vext.Word2Vec.load`` and ``w2vext.KeyedVectors.load`` read the file as well.

        Parameters
        ----------
        fname_or_handle : str or path-like
        separately, ignore
            Not available: everything is stored, in one file.
        sep_limit, pickle_protocol
            Have no effect, because there is one file and no pickle.
        """
        _model_files.save(self, fname_or_handle, separately, ignore)

    @class_only
    def load(cls: Any, fname: FilePath, mmap: str | None = None, rethrow: bool = False) -> Any:
        """Read a model that `save` wrote; its training can be continued.

        Parameters
        ----------
        fname : str or path-like
        mmap : {None, "r"}
            "r" maps the vectors read-only, so that they cannot be trained.
        rethrow : bool
            Has no effect: an error is always raised.

        Returns
        -------
        Word2Vec

        Raises
        ------
        AttributeError
            The file contains vectors but no model.
        ValueError
            The file is damaged, or a pickle of gensim, which is never opened. Load that with
            gensim, and convert the model by `from_gensim`.
        """
        return _model_files.load(cls, fname, mmap)

    @classmethod
    def from_gensim(cls, theirs: Any) -> Self:
        """Convert a model of gensim with negative sampling; the matrices are copied.

        Parameters
        ----------
        theirs : gensim.models.Word2Vec

        Returns
        -------
        Word2Vec
            Its training can be continued.

        Raises
        ------
        ValueError
            The model has hierarchical softmax, whose output vectors belong to another Huffman tree.
        TypeError
            The model is one of gensim's FastText, which `FastText.from_gensim` converts.
        """
        return _model_files.from_gensim(cls, theirs)

    def _take_vectors(self, theirs: Any) -> None:
        """Use a copy of the vectors of gensim."""
        self.wv = KeyedVectors.from_gensim(theirs)
