"""Word2Vec: training word vectors, as an estimator of scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from w2vext._estimator import (
    combined,
    documents,
    fit,
    heldout,
    parameters,
    persistence,
    pooling,
    renamed,
    subwords,
)
from w2vext._estimator.checkpoint import Checkpoints
from w2vext._estimator.fitted import Fitted
from w2vext._estimator.initial import Given
from w2vext._estimator.parameters import Parameters
from w2vext.keyedvectors import KeyedVectors
from w2vext.text.tokenizer import Tokenizer
from w2vext.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from typing import Any, Literal, TypeAlias

    from numpy.typing import ArrayLike
    from typing_extensions import Self

    from w2vext._arguments.types import (
        CorpusLike,
        FilePath,
        Float32,
        Float64,
        Int32,
        Int64,
        Neighbors,
        RandomState,
        Schedule,
        Token,
        TrimRule,
    )  # fmt: skip
    from w2vext.lessons.pages import Page
    from w2vext.text.pairs import Pairs
    from w2vext.text.subwords import SubwordVectors
    from w2vext.training.callbacks import Callback

    Init: TypeAlias = "KeyedVectors | Word2Vec | Mapping[Any, Any] | FilePath | None"

__all__ = ["Word2Vec"]


class Word2Vec(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Word vectors by skip-gram or CBOW, with negative sampling, hierarchical or full softmax.

    `fit` learns one vector per word from sentences, and `transform` turns documents into the mean
    of their words' vectors. The parameters below come in five groups: the model, the vocabulary,
    the optimization, the run time, and `transform`.

    Parameters
    ----------
    architecture : {"skipgram", "cbow"}, default="skipgram"
        Skip-gram trains on each pair of a word and a word of its context. CBOW predicts a word from
        the mean of its context.
    loss : {"neg", "hs", "hs+neg", "softmax"}, default="neg"
        Negative sampling, hierarchical softmax over a Huffman tree, the sum of both, or the full
        softmax, whose cost per word grows with the vocabulary. "softmax" is available for skip-gram
        only.
    vector_size : int, default=100
        Number of dimensions d of a vector, at least 1.
    window : int, default=5
        Number of context words on each side, at least 1. Contexts do not cross the ends of a
        sentence.
    shrink_windows : bool, default=True
        Draw the width of each window from 1 to `window`, which gives near words more weight.
        Without `shuffle`, each window has every width once in `window` epochs.
    global_context : {"first", "last"} or None, default=None
        The first or last word of each sentence that is in the vocabulary is a context word of all
        its windows, however far away and even if it is subsampled, such as the purchase at the end
        of a session [7]_. It is added to the windows that do not have it anyway.
    negative : int, default=5
        Number of noise words per positive pair with ``loss="neg"`` and ``"hs+neg"``, at least 1.
        Other losses ignore it.
    ns_exponent : float, default=0.75
        Noise words are drawn with P(w) = count(w)^ns_exponent / Σ_v count(v)^ns_exponent, equation
        (4) of [1]_ and its text. 0 makes them uniform, negative values favour rare words.
    cbow_gradient : {"mean", "word2vec"}, default="mean"
        The gradient that each context word of CBOW receives: the true gradient of the mean, or the
        update of word2vec.c, which omits the division by the number of context words.
    min_n : int, default=0
        Shortest n-gram, in characters; see `max_n`.
    max_n : int, default=0
        Longest n-gram whose vector a word shares with other words, as in fastText [4]_; 3 to 6
        characters are usual. A word's vector is the mean of its own row and of its n-grams' rows,
        and unknown words get a vector from their n-grams. 0 trains without subwords.
    bucket : int, default=2000000
        Number of buckets into which n-grams are hashed. Only buckets that a word of the vocabulary
        has take memory.
    subword_update : {"damped", "fasttext"}, default="damped"
        How the changes of several words to a shared n-gram are combined: their sum, multiplied by
        √(2/k) if k words share it, or the plain sum, as in fastText. The plain sum overshoots with
        many workers or a high learning rate.
    tokenizer : {"whitespace", "words", "characters"} or callable, default="whitespace"
        How text becomes words, in every method that takes text. "whitespace" splits the lines of
        files at ASCII white space; documents must be token lists. With the others a document may
        also be a str. "words" finds runs of letters and digits, with apostrophes and similar
        characters inside, by the rules of [6]_; each character of Chinese, Japanese kana and Thai
        is a word. "characters" makes a word of each character other than white space. A function
        receives a str and returns its words. Token lists are used as they are.
    lowercase : bool, default=False
        Convert text to lower case, as ``str.lower``.
    strip_accents : bool, default=False
        Remove the accents of letters: "é" becomes "e".
    sentences : {"line", "document"}, default="line"
        Whether a sentence ends at each line of a text, or only at the end of the file or str.
    min_count : int, default=5
        Leave out words that occur less often, at least 1.
    max_final_vocab : int or None, default=None
        Keep at most this many words, the most frequent ones.
    max_vocab_size : int or None, default=None
        Bound on the number of distinct words held in memory while counting. If the text has more,
        the rarest are dropped while reading, the counts are approximate, and a warning is issued.
    trim_rule : callable or None, default=None
        A function of a word, its count and `min_count` that returns "keep" or "discard" whatever
        the count is, or "default" to apply `min_count`. The values of gensim's RULE_KEEP,
        RULE_DISCARD and RULE_DEFAULT are accepted as well. If `max_final_vocab` is exceeded, other
        words are dropped before those that the rule keeps.
    unk_token : str, other hashable or None, default=None
        A token such as ``"<unk>"`` that replaces all words that are left out. It is trained in
        their place, has the sum of their counts, and is included in `max_final_vocab`. Its vector
        is returned for unknown words everywhere, so `unknown` is ignored. If no word is left out
        the token is not added, and a warning is issued.
    sample : float, default=1e-3
        Subsampling of frequent words, 0 to 1: a word of relative frequency f is kept with
        probability min(1, (sqrt(f / sample) + 1) · sample / f), as in word2vec.c. 0 keeps all.
    epochs : int, default=5
        Number of passes over the corpus, at least 1.
    alpha : float or None, default=None
        Initial learning rate, above 0. None means for skip-gram 0.05 with ``loss="neg"`` and 0.025
        with other losses; for CBOW 0.2 with ``loss="neg"`` and 0.1 with ``loss="hs"`` and
        ``"hs+neg"``, or 0.05 with ``cbow_gradient="word2vec"``. The attribute ``alpha_`` has the
        value that was used.
    min_alpha : float, default=1e-4
        Learning rate at the end, from 0 to `alpha`.
    schedule : {"linear", "constant", "cosine"} or callable, default="linear"
        How the learning rate decreases from `alpha` to `min_alpha` over all epochs: linearly, not
        at all, or along half a cosine. A function receives the completed fraction of the run, from
        0 to 1, and returns the learning rate. The schedule is evaluated every 1,024 words and
        linearly interpolated in between.
    shuffle : bool, default=False
        Train the sentences in a new order in each epoch. This needs a copy of the ids in memory.
    patience : int or None, default=None
        With ``fit(validation=...)``: stop after this many epochs without a lower validation loss.
        The schedule still spans `epochs`. None runs every epoch.
    callbacks : sequence of Callback, default=()
        Objects that observe the training and may stop it.
    warm_start : bool, default=False
        Let `fit` continue from an earlier fit, as `partial_fit` does.
    workers : int or None, default=None
        Number of threads; None and -1 mean every core that this process may use.
    deterministic : {"auto"} or bool, default="auto"
        Whether several workers give the same bytes in every run, whatever their number. "auto"
        means True if `random_state` is an integer and False otherwise. Deterministic training takes
        about 1.5 to 1.8 times as long and uses at most 8 workers: pieces of the corpus are trained
        on replicas of their rows, which are merged in a fixed order. Its results differ from those
        of other training: they are as good on small corpora and a little worse on large ones. With
        False, several workers update shared rows without locks, and their results differ a little
        from run to run. ``workers=1`` and ``loss="softmax"`` are always reproducible. Results are
        reproducible on one machine, not between machines.
    random_state : int, RandomState, Generator or None, default=None
        Seed, from 0 to 2**64 - 1, or a NumPy generator to draw it from. None takes randomness from
        the operating system. The attribute ``seed_`` has the seed that was used.
    kernel : {"auto", "pair", "block"}, default="auto"
        Implementation of a training step: one (input, target) pair at a time in word2vec.c's order,
        or the block of a window at once. "auto" takes the fastest one that supports the loss.
    verbose : int, default=0
        0 shows the progress bar only if stderr is a terminal, 1 and above show it always.
    unknown : {"auto", "subwords", "skip", "error", "zero", "mean"}, default="auto"
        How `transform` treats unknown words: compose them from their n-grams, leave them out, raise
        KeyError, or count them as zero vectors or as the mean of all vectors. "auto" means
        "subwords" if the model has them, else "skip". An `unk_token` replaces the unknown words
        that remain.
    pooling : {"mean", "sum", "idf", "sif", "zipf"}, default="mean"
        How `transform` combines the vectors of a document: their mean, their sum, or their mean
        weighted by idf(w) = ln((1 + n) / (1 + df(w))) + 1 over the n sentences of `fit`. "sif" is
        the smooth inverse frequency of [3]_: the mean weighted by a / (a + p(w)), minus its
        projection on the direction that the sentences of `fit` have in common. "zipf" is the mean,
        with the weights of SIF, of the vectors after Zipfian whitening [5]_: a linear map that
        gives the words, weighted by their counts, mean 0 and covariance I.
    sif_smoothing : float, default=1e-3
        The constant a of the weights of SIF, above 0; 1e-4 to 1e-3 is usual. With 1e6 all words
        have the same weight, so "zipf" is the whitening alone.

    Attributes
    ----------
    vectors_ : ndarray of shape (n_words, vector_size), float32
        The input vectors, one row per word, the most frequent word first.
    output_vectors_ : ndarray of shape (n_words, vector_size), float32
        The output vectors; with ``loss="hs"`` one row per inner node of the Huffman tree, with
        ``loss="hs+neg"`` the rows of the words and then those of the n_words - 1 inner nodes.
    vocabulary_ : dict
        The row of each word.
    counts_ : ndarray of shape (n_words,), int64
        The number of occurrences of each word in the corpus.
    wv : KeyedVectors
        Look-up, neighbours and export; shares its memory with `vectors_`.
    loss_history_ : list of float
        Mean loss per (context word, centre) pair in each epoch; CBOW has one pair per window.
    n_iter_ : int
        Number of completed epochs.
    validation_loss_history_ : list of float
        With ``fit(validation=...)``: `mean_loss` of that text after each epoch.
    best_epoch_ : int
        The epoch, from 0, whose weights were kept; only with `validation`.
    alpha_ : float
        The initial learning rate that was used.
    deterministic_ : bool
        Whether the fit was deterministic; `mean_loss` depends on it.
    seed_ : int
        The seed that was used; ``random_state=seed_`` repeats the fit.
    unk_token_ : str, other hashable or None
        The token that replaces words outside the vocabulary, if there is one.
    idf_ : ndarray of shape (n_words + 1,), float64
        With ``pooling="idf"``: the weight of each row, the last one for unknown words.
    sif_component_ : ndarray of shape (vector_size,), float64
        With ``pooling="sif"``: the unit vector whose projection `transform` removes.
    noise_ : ndarray of shape (n_words,), float64
        With ``fit(noise=...)`` or `Pairs`: the weight of each word among the negatives.
    noise_groups_ : ndarray of shape (n_words,), int32
        With ``fit(noise_groups=...)``: the number of each word's group, or -1.
    subword_vectors_ : ndarray of shape (n_rows, vector_size), float32
        With subwords: a row for each word, then one for each bucket of n-grams; `vectors_` are
        means of these.

    See Also
    --------
    KeyedVectors : The class of ``wv``.
    Vocabulary : Words and counts, which ``fit`` accepts.

    References
    ----------
    .. [1] T. Mikolov, I. Sutskever, K. Chen, G. Corrado, J. Dean. "Distributed representations of
       words and phrases and their compositionality". NIPS 2013.
    .. [2] T. Mikolov, K. Chen, G. Corrado, J. Dean. "Efficient estimation of word representations
       in vector space". ICLR workshop 2013.
    .. [3] S. Arora, Y. Liang, T. Ma. "A simple but tough-to-beat baseline for sentence embeddings".
       ICLR 2017.
    .. [4] P. Bojanowski, E. Grave, A. Joulin, T. Mikolov. "Enriching word vectors with subword
       information". TACL 2017.
    .. [5] S. Yokoi, H. Bao, H. Kurita, H. Shimodaira. "Zipfian whitening". NeurIPS 2024.
    .. [6] Unicode Standard Annex #29, "Unicode text segmentation", section 4, word boundaries.
    .. [7] M. Grbovic, H. Cheng. "Real-time personalization using embeddings for search ranking at
       Airbnb". KDD 2018, section 3.1, equation (4).

    Examples
    --------
    >>> from w2vext import Word2Vec
    >>> sentences = [["king", "queen", "throne"], ["rain", "snow", "hail"]] * 50
    >>> model = Word2Vec(vector_size=8, min_count=1, workers=1, random_state=1).fit(sentences)
    >>> model.vectors_.shape
    (6, 8)
    >>> sorted(model.vocabulary_)
    ['hail', 'king', 'queen', 'rain', 'snow', 'throne']
    >>> model.transform([["king", "snow"], ["unseen"]]).shape
    (2, 8)
    """

    vectors_: Float32
    output_vectors_: Float32
    vocabulary_: dict[Token, int]
    counts_: Int64
    loss_history_: list[float]
    n_iter_: int
    validation_loss_history_: list[float]
    best_epoch_: int | None
    alpha_: float
    deterministic_: bool
    seed_: int
    unk_token_: Token
    idf_: Float64
    sif_component_: Float64
    noise_: Float64
    noise_groups_: Int32

    @renamed.keyword_only(renamed.WORD2VEC_RENAMED, renamed.WORD2VEC_REPLACED)
    def __init__(
        self,
        *,
        architecture: Literal["skipgram", "cbow"] = "skipgram",
        loss: Literal["neg", "hs", "hs+neg", "softmax"] = "neg",
        vector_size: int = 100,
        window: int = 5,
        shrink_windows: bool = True,
        global_context: Literal["first", "last"] | None = None,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_gradient: Literal["mean", "word2vec"] = "mean",
        min_n: int = 0,
        max_n: int = 0,
        bucket: int = 2_000_000,
        subword_update: Literal["damped", "fasttext"] = "damped",
        tokenizer: Literal["whitespace", "words", "characters"] | Callable[[str], Iterable[Any]] = (
            "whitespace"
        ),
        lowercase: bool = False,
        strip_accents: bool = False,
        sentences: Literal["line", "document"] = "line",
        min_count: int = 5,
        max_final_vocab: int | None = None,
        max_vocab_size: int | None = None,
        trim_rule: TrimRule | None = None,
        unk_token: Hashable = None,
        sample: float = 1e-3,
        epochs: int = 5,
        alpha: float | None = None,
        min_alpha: float = 1e-4,
        schedule: Schedule = "linear",
        shuffle: bool = False,
        patience: int | None = None,
        callbacks: Sequence[Callback] = (),
        warm_start: bool = False,
        workers: int | None = None,
        deterministic: bool | Literal["auto"] = "auto",
        random_state: RandomState = None,
        kernel: Literal["auto", "pair", "block"] = "auto",
        verbose: int = 0,
        unknown: Literal["auto", "subwords", "skip", "error", "zero", "mean"] = "auto",
        pooling: Literal["mean", "sum", "idf", "sif", "zipf"] = "mean",
        sif_smoothing: float = 1e-3,
    ) -> None:
        self.architecture = architecture
        self.loss = loss
        self.vector_size = vector_size
        self.window = window
        self.shrink_windows = shrink_windows
        self.global_context = global_context
        self.negative = negative
        self.ns_exponent = ns_exponent
        self.cbow_gradient = cbow_gradient
        self.min_n = min_n
        self.max_n = max_n
        self.bucket = bucket
        self.subword_update = subword_update
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.strip_accents = strip_accents
        self.sentences = sentences
        self.min_count = min_count
        self.max_final_vocab = max_final_vocab
        self.max_vocab_size = max_vocab_size
        self.trim_rule = trim_rule
        self.unk_token = unk_token
        self.sample = sample
        self.epochs = epochs
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.schedule = schedule
        self.shuffle = shuffle
        self.patience = patience
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.workers = workers
        self.deterministic = deterministic
        self.random_state = random_state
        self.kernel = kernel
        self.verbose = verbose
        self.unknown = unknown
        self.pooling = pooling
        self.sif_smoothing = sif_smoothing

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name.

        Parameters
        ----------
        **params
            Constructor parameters and their new values.

        Returns
        -------
        Word2Vec
            The estimator itself.

        Raises
        ------
        ValueError
            A name is not a parameter. For names of gensim the message says what to write instead.
        """
        for name, value in params.items():
            text = renamed.answer(name, value, renamed.WORD2VEC_RENAMED, renamed.WORD2VEC_REPLACED)
            if text is not None:
                raise ValueError(text)
        super().set_params(**params)
        return self

    # ---- fit

    def fit(
        self,
        X: CorpusLike | Pairs,
        y: object = None,
        *,
        vocabulary: Vocabulary | Mapping[Any, int] | None = None,
        validation: CorpusLike | Pairs | None = None,
        init: Init = None,
        freeze: Iterable[Hashable] | bool | None = None,
        sample_weight: ArrayLike | None = None,
        noise: Mapping[Any, float] | ArrayLike | None = None,
        noise_groups: Mapping[Any, Hashable] | ArrayLike | None = None,
        freeze_output: bool = False,
        checkpoint: FilePath | None = None,
        checkpoint_every: float | str = "10min",
    ) -> Self:
        """Learn a vector for every word of a corpus.

        Parameters
        ----------
        X : iterable of sentences, path, list of paths, column, Column, or Pairs
            A sentence is an iterable of hashable tokens or an array of integers; with a `tokenizer`
            other than "whitespace" it may be a str. A file has one sentence per line and may be
            compressed (.gz, .bz2, .xz). A folder means all files in it. A str may be a pattern such
            as ``"texts/*.txt"`` or a URL such as ``"s3://bucket/texts"``, which needs
            ``w2vext[remote]``. A column of pyarrow, Polars, pandas or DuckDB contains lists of
            words, or texts; see `Column` for those of tables and of Parquet, CSV and JSON Lines
            files. An iterator is read only once. `Pairs` are trained in place of windows.
        y : None
            Ignored; scikit-learn's convention.
        vocabulary : Vocabulary, mapping of word to count, or None
            The words to learn, with the counts that determine subsampling and noise. None counts
            the words of `X`. `min_count`, `max_final_vocab`, `trim_rule` and `unk_token` are
            applied to a mapping but not to a `Vocabulary`.
        validation : iterable of sentences, path, list of paths, Pairs, or None
            Text whose `mean_loss` is computed after each epoch. The weights of the best epoch are
            kept, which needs a second copy of both matrices; `patience` stops the training early.
        init : KeyedVectors, Word2Vec, mapping of word to vector, path, or None
            Initial vectors for those words of the vocabulary that it contains. A path names a file
            of vectors in any format. A fitted Word2Vec also provides its output vectors, unless one
            of the two models has ``loss="hs"``. With subwords these are the initial vectors of
            words, not of n-grams, which start at random.
        freeze : iterable of words, True, or None
            Words whose row of `vectors_` keeps its initial value; their output vectors are trained.
            True means every word to which `init` or an earlier fit gave a vector. With subwords
            the n-grams of these words are not trained either, also where other words share them.
        sample_weight : array of shape (n_sentences,) or None
            A weight of at least 0 for each sentence; a line of a file and a str are sentences. A
            sentence of weight w is trained as if it occurred w times: floor(w) times, and once more
            with a probability of w - floor(w). The counts of words are weighted too, and rounded.
            The repeated sentences are stored.
        noise : mapping of word to weight, array of shape (n_words,), or None
            The weights with which negatives are drawn, in place of the counts to the power of
            `ns_exponent`. Words that a mapping does not contain are never drawn. A Series of pandas
            is a mapping if its index has the words. An array is in the order of the vocabulary. The
            attribute ``noise_`` has the weights that were used. For `Pairs`, None means the sums of
            the weights of each centre, to the power of `ns_exponent`.
        noise_groups : mapping of word to group, array of shape (n_words,), or None
            Draw the negatives of each word from its own group, such as its market or category:
            any hashable. The probabilities are those of all words, restricted to the group. Words
            without a group (not in the mapping, None or NaN), and words whose group has no other
            word that can be drawn, get negatives from all words. For arrays and Series see `noise`.
            The attribute ``noise_groups_`` has the numbers of the groups.
        freeze_output : bool, default=False
            Keep the output vectors of a fitted Word2Vec given as `init`, or of an earlier fit, so
            that models of several texts have the same coordinates. Needs ``loss="neg"``, and an
            output vector for every word: give the `vocabulary` of that model.
        checkpoint : path or None
            A folder for checkpoints. After a crash, the same call continues from the latest one.
            With one worker, deterministic training or the full softmax, the result has the same
            bytes as without the crash. After the training is complete, the same call reads its
            result.
        checkpoint_every : str or float
            The least time between two checkpoints: "10min", "90s", "2h", or a number of seconds.

        Returns
        -------
        Word2Vec
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            A parameter or the corpus cannot be used, or differs from that of the run in
            `checkpoint`; the message names it and the remedy.
        FileNotFoundError
            A file does not exist.
        BlockingIOError
            Another run uses the folder `checkpoint`.
        FloatingPointError
            The training diverged: the weights are no longer finite, or the loss is more than ten
            times that of the untrained model. The message names the epoch and the learning rate.
        RuntimeError
            Another thread is fitting this estimator.
        KeyboardInterrupt
            After Ctrl-C. The attributes are set to the state of the training at that time.
        """
        earlier = self.warm_start and hasattr(self, "vectors_")
        return self._fit(
            X,
            earlier,
            vocabulary=vocabulary,
            validation=validation,
            init=init,
            freeze=freeze,
            sample_weight=sample_weight,
            noise=noise,
            noise_groups=noise_groups,
            freeze_output=freeze_output,
            checkpoints=_checkpoints(checkpoint, checkpoint_every),
        )

    def partial_fit(
        self,
        X: CorpusLike | Pairs,
        y: object = None,
        *,
        validation: CorpusLike | Pairs | None = None,
        freeze: Iterable[Hashable] | bool | None = None,
        noise: Mapping[Any, float] | ArrayLike | None = None,
        noise_groups: Mapping[Any, Hashable] | ArrayLike | None = None,
        freeze_output: bool = False,
        checkpoint: FilePath | None = None,
        checkpoint_every: float | str = "10min",
    ) -> Self:
        """Continue the training on more text; the first call is a `fit`.

        Every call is a separate run of `epochs` passes over `X`, in which the learning rate follows
        the whole schedule from `alpha` on. Known words keep their rows. New words that occur at
        least `min_count` times in `X` are appended, the most frequent first, up to
        `max_final_vocab` words in all, with random initial vectors. Other words become
        ``unk_token_``, if the first fit had one. ``counts_`` is the sum over all calls. With
        ``loss="hs"`` or ``"hs+neg"`` new words lead to a new Huffman tree whose output vectors
        start at zero; without new words the tree and ``counts_`` stay the same.

        Parameters
        ----------
        X : iterable of sentences, path, or list of paths
            As in `fit`.
        y : None
            Ignored.
        validation, freeze, freeze_output
            As in `fit`.
        noise, noise_groups
            As in `fit`. None keeps those of the earlier fit, except `noise` with `Pairs`; if there
            are new words, they must be given again.
        checkpoint, checkpoint_every
            As in `fit`. Each call needs its own folder. To continue a call after a crash, the
            estimator must be in the state before that call.

        Returns
        -------
        Word2Vec
            The estimator itself.
        """
        return self._fit(
            X,
            hasattr(self, "vectors_"),
            validation=validation,
            freeze=freeze,
            noise=noise,
            noise_groups=noise_groups,
            freeze_output=freeze_output,
            checkpoints=_checkpoints(checkpoint, checkpoint_every),
        )

    def _fit(
        self, X: CorpusLike | Pairs, earlier: bool, *, init: Init = None, **options: Any
    ) -> Self:
        with fit.exclusively(self):
            fitted = fit.fit(
                Parameters.of(self),
                X,
                init=_given(init),
                earlier=self._fitted() if earlier else None,
                **options,
            )
            self._keep(fitted)
        if fitted.interrupted:
            raise KeyboardInterrupt
        return self

    # ---- fitted attributes

    def _keep(self, fitted: Fitted) -> None:
        """Set the fitted attributes, and remove those of an earlier fit."""
        for name in [n for n in vars(self) if n.endswith("_") or n == "_cache"]:
            delattr(self, name)
        for name, value in fitted.attributes().items():
            setattr(self, name, value)

    def _fitted(self) -> Fitted:
        check_is_fitted(self, "vectors_")
        words = self._cached(
            "words", lambda: Vocabulary.of_index(self.vocabulary_, self.counts_, self.unk_token_)
        )
        return Fitted.of(self, words)

    def _cached(self, name: str, make: Callable[[], Any]) -> Any:
        """A value derived from the fitted attributes, computed on first use."""
        cache = self.__dict__.setdefault("_cache", {})
        if name not in cache:
            cache[name] = make()
        return cache[name]

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_cache"}

    if not TYPE_CHECKING:  # or type checkers would accept every attribute

        def __getattr__(self, name):
            if name in renamed.WORD2VEC_ATTRIBUTES:
                raise AttributeError(
                    f"{type(self).__name__} has no attribute {name}: use "
                    f"{renamed.WORD2VEC_ATTRIBUTES[name]}"
                )
            # Raise the error of the look-up that failed, for example that of the property `wv`.
            return object.__getattribute__(self, name)

    @property
    def wv(self) -> KeyedVectors:
        """The word vectors with look-up, neighbours and export."""
        check_is_fitted(self, "vectors_")
        found: KeyedVectors = self._cached("wv", self._new_wv)
        return found

    def _new_wv(self) -> KeyedVectors:
        wv = KeyedVectors(
            list(self.vocabulary_),
            self.vectors_,
            self.counts_,
            unk_token=self.unk_token_,
            subwords=self._subwords(),
        )
        wv.tokenizer = Tokenizer.of(self)
        wv.parameters = persistence.stored_parameters(Parameters.of(self))
        return wv

    def combined(self, output_weight: float = 0.3) -> KeyedVectors:
        """Return the sum of the unit input vectors and the weighted unit output vectors.

        A small part of the output vectors moves words that occur together closer, which can improve
        scores of relatedness.

        Parameters
        ----------
        output_weight : float, default=0.3
            The weight of the output vectors.

        Returns
        -------
        KeyedVectors
            Without subwords.

        Raises
        ------
        ValueError
            The weight is not finite, or with ``loss="hs"``, whose output vectors do not belong to
            words.

        References
        ----------
        O. Levy, Y. Goldberg, I. Dagan. "Improving distributional similarity with lessons learned
        from word embeddings". TACL 2015, section 3.3.
        """
        fitted = self._fitted()
        vectors = combined.vectors(fitted, self.loss, output_weight)
        return KeyedVectors(fitted.words.words, vectors, self.counts_, unk_token=self.unk_token_)

    def _subwords(self) -> SubwordVectors | None:
        return self._cached(
            "subwords", lambda: subwords.of_fit(Parameters.of(self), self._fitted())
        )

    # ---- transform

    def transform(self, X: CorpusLike) -> Float32:
        """Compute one vector for each document: the mean of its words' vectors, or as in `pooling`.

        Parameters
        ----------
        X : iterable of documents, path, or list of paths
            As in `fit`; in a file every line is a document, also an empty one.

        Returns
        -------
        ndarray of shape (n_documents, vector_size), float32
            Zeros for a document without a known word, unless ``unknown="mean"``.

        Raises
        ------
        NotFittedError
            The model is not fitted.
        KeyError
            A word is not in the vocabulary, with ``unknown="error"``.
        """
        check_is_fitted(self, "vectors_")
        params = Parameters.of(self)
        parameters.check_transform(params)
        fitted, whitening = self._fitted(), None
        if params.pooling == "zipf":
            whitening = self._cached(
                "whitening", lambda: pooling.zipf_whitening(fitted.vectors, fitted.words.counts)
            )
        return documents.transform(params, fitted, X, self._subwords(), whitening)

    def fit_transform(self, X: CorpusLike, y: object = None, **fit_params: Any) -> Float32:
        """Fit, then transform the same documents.

        Parameters
        ----------
        X : iterable of documents, path, or list of paths
            As in `fit`. Documents that can be read only once are held in memory.
        y : None
            Ignored.
        **fit_params
            Passed to `fit`.

        Returns
        -------
        ndarray of shape (n_documents, vector_size), float32
            As from `transform`.
        """
        X = documents.readable_twice(X, Tokenizer.of(self))
        return self.fit(X, y, **fit_params).transform(X)

    @property
    def _n_features_out(self) -> int:
        check_is_fitted(self, "vectors_")
        return self.vectors_.shape[1]

    def tokenize(self, text: str) -> list[Token]:
        """Split a text into words, as every method of this estimator that takes text does.

        Parameters
        ----------
        text : str
            One document.

        Returns
        -------
        list of str
            The words in order, known or not. The hashable objects that a function returned, if
            `tokenizer` is one.
        """
        return documents.tokenized_text(Parameters.of(self), text)

    # ---- loss and predictions

    def mean_loss(self, X: CorpusLike | Pairs) -> float:
        """Compute the mean loss per pair over a text; the weights are not changed.

        Parameters
        ----------
        X : iterable of sentences, path, list of paths, or Pairs
            As in `fit`. Unknown words become ``unk_token_`` if there is one, else they are left
            out.

        Returns
        -------
        float
            The loss in nats. It can be compared between models with the same `loss`, `negative`
            and vocabulary.

        Raises
        ------
        ValueError
            No sentence contains two known words.

        Notes
        -----
        Windows and negatives are drawn from the seed of the fit (``seed_``), so the same model and
        text give the same loss, whatever the number of workers. It differs from ``loss_history_``
        on the same text for two reasons: words are not subsampled, so frequent words, which are
        easy to predict, have more weight; and the weights are constant, while ``loss_history_`` is
        an average over an epoch in which they change.
        """
        return heldout.mean_loss(Parameters.of(self), self._fitted(), X)

    def score(self, X: CorpusLike | Pairs, y: object = None) -> float:
        """Return the negative of `mean_loss`, because scikit-learn maximizes scores.

        gensim's method of the same name is different: it returns a list with the log-likelihood of
        each sentence, for hierarchical softmax only.

        Parameters
        ----------
        X : iterable of sentences, path, or list of paths
            As in `fit`.
        y : None
            Ignored.

        Returns
        -------
        float
        """
        return -self.mean_loss(X)

    def predict_output_word(
        self, context: str | Iterable[Hashable], topn: int | None = 10
    ) -> Neighbors:
        """Predict the most probable words in the middle of a context.

        Parameters
        ----------
        context : iterable of words, or str
            A str is split into words if `tokenizer` is not "whitespace". Unknown words become
            ``unk_token_`` if there is one, else they are left out.
        topn : int or None, default=10
            Number of words to return; None returns all.

        Returns
        -------
        list of (word, probability)
            The most probable first. With h the mean of the context's vectors, P(w) is the softmax
            of the scores ``output_vectors_ @ h``, or with a Huffman tree the product of the
            sigmoids on the path of w. Negative sampling does not train its scores to be the logits
            of a softmax, so its probabilities are useful as a ranking only.

        Raises
        ------
        ValueError
            The context contains no known word.
        """
        fitted = self._fitted()
        if isinstance(context, str) and self.tokenizer != "whitespace":
            context = self.tokenize(context)
        tree = None
        if "hs" in self.loss:
            tree = self._cached("tree", lambda: heldout.huffman_tree(fitted))
        return heldout.most_probable(fitted, context, topn, tree)

    def explain(self, sentence: str | Sequence[Hashable]) -> Page:
        """Make a page that shows one more round of training on a sentence, step by step.

        Parameters
        ----------
        sentence : str or sequence of words
            2 to 24 known words; unknown words are left out.

        Returns
        -------
        Page
            A notebook shows it inline; ``save(path)`` writes it.

        Raises
        ------
        ValueError
            The model is not skip-gram with loss "neg" or "softmax", has a `global_context`, or too
            few words are known.
        """
        check_is_fitted(self, "vectors_")
        from w2vext.lessons.pages import explain_model

        if isinstance(sentence, str):
            sentence = self.tokenize(sentence)
        return explain_model(self, sentence)

    # ---- files

    def save(self, path: FilePath, *, dtype: Literal["float32", "float16"] = "float32") -> None:
        """Write the fitted model as one file, completely or not at all.

        Parameters
        ----------
        path : str or path-like
            Usually ends in ``.safetensors``, the native format. With subwords a ``.bin`` is
            fastText's format, which fastText reads; it stores words, counts and both matrices, and
            of the parameters those that fastText stores.
        dtype : {"float32", "float16"}
            Type of both matrices in the file; float16 halves its size and keeps three digits.

        Raises
        ------
        NotFittedError
            The model is not fitted.
        ValueError
            A word is neither str nor int, a number is not finite, a parameter was changed so that
            it does not fit the model, the path has the suffix of another format (``wv.save`` writes
            those), or `dtype` is float16 for a ``.bin``.
        OSError
            The file cannot be written; an existing file is unchanged.

        Warns
        -----
        UserWarning
            `callbacks`, `trim_rule`, functions in `schedule`, generators in `random_state` and an
            `unk_token` other than a str or int are not saved, because files contain text and
            numbers but no code. A loaded model has the defaults.
        """
        persistence.save(path, Parameters.of(self), self._fitted(), dtype)

    @classmethod
    def load(cls, path: FilePath, *, mmap: bool = False) -> Self:
        """Read a model that `save` wrote; it can be used and trained as if it had just been fitted.

        Parameters
        ----------
        path : str or path-like
            A native file, or a URL of one, or a ``.bin`` that fastText or `save` wrote, whose
            training continues with fastText's settings. Supervised and quantized models of fastText
            cannot be trained; `KeyedVectors.load` reads their vectors.
        mmap : bool, default=False
            Map float32 matrices read-only from the file, so that only the parts in use are read.
            Their checksums are not verified in this case. While the model is in use, the file must
            not be shortened or overwritten in place: the system would end the process (SIGBUS).
            Replacing it, as `save` does, is safe.

        Returns
        -------
        Word2Vec

        Raises
        ------
        ValueError
            The file is damaged, of a newer version, or not a model; the message says which.
        """
        params, fitted = persistence.load(path, mmap)
        model = cls(**params)
        model._keep(fitted)
        return model

    # ---- scikit-learn

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        # The tag refers to a fixed random_state, with which "auto" is deterministic.
        reproducible = self.deterministic or self.loss == "softmax" or self.workers == 1
        tags.non_deterministic = not reproducible
        tags.transformer_tags.preserves_dtype = []
        return tags


def _checkpoints(folder: FilePath | None, every: float | str) -> Checkpoints | None:
    return None if folder is None else Checkpoints(folder, every)


def _given(init: Any) -> Any:
    """`init` as `Given` if it is one of our own objects, else unchanged."""
    if isinstance(init, KeyedVectors):
        return Given(init.key_to_index, init.vectors)
    if isinstance(init, Word2Vec) and hasattr(init, "vectors_"):
        return Given(init.vocabulary_, init.vectors_, init.output_vectors_, init.loss)
    return init
