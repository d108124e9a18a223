"""Training as an object: every public parameter, and fit; model.py makes an estimator of it.

Refuses values that need a guess. How a fit goes is fitting's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext._estimator import parameters as _params
from w2vext._estimator.fit import Fitting
from w2vext._estimator.persistence import Stored
from w2vext.keyedvectors import KeyedVectors

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from typing import Any, Literal, TypeAlias

    from typing_extensions import Self

    from w2vext._types import CorpusLike, FilePath, RandomState, Schedule, TrimRule
    from w2vext.lessons.pages import Page
    from w2vext.text import vocabulary as vocab
    from w2vext.training.callbacks import Callback

    Init: TypeAlias = KeyedVectors | "Trainer" | Mapping[Any, Any] | FilePath | None


class Trainer(Fitting, Stored):
    """Word vectors by skip-gram or CBOW, with negative sampling, hierarchical or naive softmax.

    ``fit`` learns one vector per word from sentences. ``Word2Vec`` is an estimator of scikit-learn:
    its ``transform`` turns documents into the mean of their words' vectors. ``Trainer`` is the same
    without scikit-learn, and without the second that its import takes.

    Parameters
    ----------
    loss : {"neg", "hs", "softmax"}, default="neg"
        Negative sampling, hierarchical softmax over a Huffman tree, or the full softmax over the
        vocabulary, whose cost per word grows with the vocabulary. "softmax" is for skip-gram only.
    architecture : {"skipgram", "cbow"}, default="skipgram"
        Predict between a word and each word of its context, or the word from its context's mean.
    vector_size : int, default=100
        Length d of a vector, at least 1.
    window : int, default=5
        How many words to each side count as context, at least 1. Contexts end with the sentence.
    shrink_windows : bool, default=True
        Draw the width of each window from 1 … `window`, which favours near words.
    negative : int, default=5
        Noise words per positive pair with ``loss="neg"``, at least 1; other losses draw none.
    ns_exponent : float, default=0.75
        Noise words are drawn with P(w) = count(w)^ns_exponent / Σ_v count(v)^ns_exponent, equation
        (4) of [1]_ and its text; 0 makes them uniform, negative values favour rare words.
    min_count : int, default=5
        Words that occur less often are left out, at least 1.
    max_vocab : int or None, default=None
        Keep only this many words, the most frequent ones.
    max_scan_vocab : int or None, default=None
        Bound on the distinct words held while counting; counts are then approximate, with a
        warning.
    trim_rule : callable or None, default=None
        Called with each word, its count and `min_count`; returns ``"keep"`` or ``"discard"``,
        whatever the count, or ``"default"``: what `min_count` says. gensim's RULE_KEEP,
        RULE_DISCARD and RULE_DEFAULT will do. `max_vocab` cuts what it keeps last.
    unk : str, other hashable or None, default=None
        A word, such as ``"<unk>"``, that stands for all that are left out: it is trained in their
        place, has their counts, is one of `max_vocab`, and answers for unknown words in `transform`
        and everywhere else, so that `unknown` has no say. Where every word is kept there is none,
        with a warning.
    sample : float, default=1e-3
        Subsampling of frequent words, 0 to 1: a word of relative frequency f is kept with
        probability min(1, (sqrt(f / sample) + 1) · sample / f), as word2vec.c does. 0 keeps all.
    alpha : float or None, default=None
        Step size at the start, above 0. It falls word by word, by `schedule`, to `min_alpha`.
        None: 0.025 for skip-gram; for CBOW 0.2 (loss="hs": 0.1), or 0.05 with
        cbow_gradient="word2vec".
    min_alpha : float, default=1e-4
        Step size at the end, from 0 to `alpha`.
    epochs : int, default=5
        Passes over the corpus, at least 1.
    schedule : {"linear", "constant", "cosine"} or callable, default="linear"
        How the step size goes from `alpha` to `min_alpha` over all epochs: in a straight line, not
        at all, along half a cosine, or as a function says that gets the share of the run's words
        that is done (0 to 1) and returns the step size itself. Looked at every 1,024 words, in a
        straight line between.
    shuffle : bool, default=False
        Train the sentences in another order in each epoch; holds a copy of the ids in memory.
    patience : int or None, default=None
        With ``fit(validation=...)``: stop after so many epochs without a lower validation loss. The
        schedule spans `epochs` all the same. None runs every epoch.
    callbacks : sequence of Callback, default=()
        What watches and may stop the training.
    warm_start : bool, default=False
        Let `fit` continue from an earlier fit, as `partial_fit` does.
    workers : int or None, default=None
        Threads; None and -1 mean every core this process may use. With one worker the same
        `random_state` gives the same bytes in every process on one machine; several workers update
        shared rows without locks, so their results differ a little from run to run.
    deterministic : bool, default=False
        The same bytes for any number of workers, on one machine: shards of the corpus are trained
        on copies of their rows, which are merged in a fixed order; up to 8 workers find work. Costs
        about a third of the speed. The results are others than without, and as good;
        loss="softmax" is always so.
    random_state : int, RandomState, Generator or None, default=None
        Seed, from 0 to 2**64 - 1, or a numpy generator to draw it from; None takes the operating
        system's randomness. The attribute ``seed_`` says which seed it was.
    verbose : int, default=0
        0 shows the progress bar on stderr only where that is a terminal, 1 and above always.
    unknown : {"skip", "error", "zero", "mean"}, default="skip"
        What `transform` does with words it does not know: leave them out, raise KeyError, count
        them as zero vectors, or as the mean of all vectors. With `unk` every word is known.
    pooling : {"mean", "sum", "idf", "sif"}, default="mean"
        What `transform` makes of a document's vectors: their mean, their sum, their mean weighted
        by idf(w) = ln((1 + n) / (1 + df(w))) + 1 over the n sentences of `fit`, or the SIF of [3]_:
        their mean weighted by a / (a + p(w)), less its part along the direction that the sentences
        of `fit` have in common.
    sif_smoothing : float, default=1e-3
        The a of SIF, above 0; 1e-4 to 1e-3 is usual.
    kernel : {"auto", "pair", "block"}, default="auto"
        The realisation of a training step: one (input, target) pair at a time in word2vec.c's
        order, or a window's block at once. "auto" takes the fastest one that has the loss.
    cbow_gradient : {"mean", "word2vec"}, default="mean"
        What each context word of CBOW receives: the true gradient of the mean, or word2vec.c's
        update, which omits the division by the number of words.

    Attributes
    ----------
    vectors_ : ndarray of shape (n_words, vector_size), float32
        The input vectors, a row per word, the most frequent word first.
    context_vectors_ : ndarray of shape (n_words, vector_size), float32
        The output vectors; with ``loss="hs"`` a row per inner node of the tree.
    vocabulary_ : dict
        Word to row.
    counts_ : ndarray of shape (n_words,), int64
        How often each word occurs in the corpus.
    wv : KeyedVectors
        Look-up, neighbours and export; shares its memory with `vectors_`.
    loss_history_ : list of float
        Mean loss per (context word, centre) pair of each epoch; CBOW has one pair per window.
    n_iter_ : int
        Epochs run to their end.
    validation_loss_history_ : list of float
        With ``fit(validation=...)``: `mean_loss` of that text after each epoch.
    best_epoch_ : int
        The epoch, from 0, whose weights were kept; only with `validation`.
    idf_ : ndarray of shape (n_words + 1,), float64
        With ``pooling="idf"``: a weight for each row, the last for unknown words.
    sif_component_ : ndarray of shape (vector_size,), float64
        With ``pooling="sif"``: the unit vector that `transform` removes.
    seed_ : int
        The seed of this fit, which `random_state` can repeat.
    unk_ : str, other hashable or None
        The word that stands for those that are not in the vocabulary, where there is one.

    See Also
    --------
    KeyedVectors : what ``wv`` offers.
    Vocabulary : words and counts, which ``fit`` accepts.

    References
    ----------
    .. [1] T. Mikolov, I. Sutskever, K. Chen, G. Corrado, J. Dean. "Distributed representations of
       words and phrases and their compositionality". NIPS 2013.
    .. [2] T. Mikolov, K. Chen, G. Corrado, J. Dean. "Efficient estimation of word representations
       in vector space". ICLR workshop 2013.
    .. [3] S. Arora, Y. Liang, T. Ma. "A simple but tough-to-beat baseline for sentence embeddings".
       ICLR 2017.

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

    def __init__(
        self,
        loss: Literal["neg", "hs", "softmax"] = "neg",
        *,
        architecture: Literal["skipgram", "cbow"] = "skipgram",
        vector_size: int = 100,
        window: int = 5,
        shrink_windows: bool = True,
        negative: int = 5,
        ns_exponent: float = 0.75,
        min_count: int = 5,
        max_vocab: int | None = None,
        max_scan_vocab: int | None = None,
        trim_rule: TrimRule | None = None,
        unk: Hashable = None,
        sample: float = 1e-3,
        alpha: float | None = None,
        min_alpha: float = 1e-4,
        epochs: int = 5,
        schedule: Schedule = "linear",
        shuffle: bool = False,
        patience: int | None = None,
        callbacks: Sequence[Callback] = (),
        warm_start: bool = False,
        workers: int | None = None,
        deterministic: bool = False,
        random_state: RandomState = None,
        verbose: int = 0,
        unknown: Literal["skip", "error", "zero", "mean"] = "skip",
        pooling: Literal["mean", "sum", "idf", "sif"] = "mean",
        sif_smoothing: float = 1e-3,
        kernel: Literal["auto", "pair", "block"] = "auto",
        cbow_gradient: Literal["mean", "word2vec"] = "mean",
    ) -> None:
        self.loss = loss
        self.architecture = architecture
        self.vector_size = vector_size
        self.window = window
        self.shrink_windows = shrink_windows
        self.negative = negative
        self.ns_exponent = ns_exponent
        self.min_count = min_count
        self.max_vocab = max_vocab
        self.max_scan_vocab = max_scan_vocab
        self.trim_rule = trim_rule
        self.unk = unk
        self.sample = sample
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.epochs = epochs
        self.schedule = schedule
        self.shuffle = shuffle
        self.patience = patience
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.workers = workers
        self.deterministic = deterministic
        self.random_state = random_state
        self.verbose = verbose
        self.unknown = unknown
        self.pooling = pooling
        self.sif_smoothing = sif_smoothing
        self.kernel = kernel
        self.cbow_gradient = cbow_gradient

    # ---- fit

    def fit(
        self,
        X: CorpusLike,
        y: object = None,
        *,
        vocabulary: vocab.Vocabulary | Mapping[Any, int] | None = None,
        validation: CorpusLike | None = None,
        init: Init = None,
        freeze: Iterable[Hashable] | bool | None = None,
    ) -> Self:
        """Learn a vector for every word of a corpus.

        Parameters
        ----------
        X : iterable of sentences, path, or list of paths
            A sentence is an iterable of hashable tokens or an array of integers. Files hold one
            sentence per line, words between white space, plain or compressed (.gz, .bz2, .xz);
            folders stand for their files. An iterator that can be read only once is read once.
        y : None
            Ignored; scikit-learn's convention.
        vocabulary : Vocabulary, mapping of word to count, or None
            The words to learn, with the counts that subsampling and noise go by. None counts `X`.
            `min_count`, `max_vocab`, `trim_rule` and `unk` apply to a mapping and leave a
            `Vocabulary` as it is.
        validation : iterable of sentences, path, list of paths, or None
            Text whose `mean_loss` is taken after each epoch. The weights of the best epoch are kept
            (a second copy of both matrices); `patience` says when to stop.
        init : KeyedVectors, Word2Vec, mapping of word to vector, path, or None
            Vectors to begin with, for the words that are in the vocabulary; a path names a file in
            word2vec's text or binary format. A fitted Word2Vec gives its output vectors too, unless
            one of the two has ``loss="hs"``.
        freeze : iterable of words, True, or None
            Words whose row of `vectors_` stays as it begins; their output vectors are trained. True
            means every word that `init` or an earlier fit gave a vector.

        Returns
        -------
        Word2Vec
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            For a parameter or a corpus that cannot be used; names it and the remedy.
        FileNotFoundError
            Where there is no such file.
        FloatingPointError
            If the weights stop being finite; names the epoch and the learning rate.
        RuntimeError
            If another thread is fitting this estimator.
        KeyboardInterrupt
            After Ctrl-C; the attributes are set, with the vectors as they were then.
        """
        earlier = self.warm_start and hasattr(self, "vectors_")
        return self._fit(X, vocabulary, validation, init, freeze, earlier)

    def partial_fit(
        self,
        X: CorpusLike,
        y: object = None,
        *,
        validation: CorpusLike | None = None,
        freeze: Iterable[Hashable] | bool | None = None,
    ) -> Self:
        """Train further on more text; the first call is a `fit`.

        Every call is a run of its own: `epochs` passes over `X`, the step size from `alpha` along
        its schedule to the end. Known words keep their rows. New words that occur `min_count` times
        in `X` are appended, most frequent first, up to `max_vocab` words in all, and begin at
        random; others become ``unk_``, where the first fit had one; ``counts_`` adds up. With
        ``loss="hs"`` new words make a new Huffman tree, whose inner nodes begin at zero; without
        new words the tree, and with it ``counts_``, stays.

        Parameters
        ----------
        X : iterable of sentences, path, or list of paths
            As in `fit`.
        y : None
            Ignored.
        validation, freeze
            As in `fit`.

        Returns
        -------
        Word2Vec
            The estimator itself.
        """
        return self._fit(X, None, validation, None, freeze, hasattr(self, "vectors_"))

    # ---- what a fit leaves

    @property
    def wv(self) -> KeyedVectors:
        """The word vectors with their look-up, neighbours and export."""
        _params.check_fitted(self, "vectors_")
        if "_wv" not in self.__dict__:
            words = list(self.vocabulary_)
            self._wv = KeyedVectors(words, self.vectors_, self.counts_, unk_token=self.unk_)
        return self._wv

    def explain(self, sentence: str | Sequence[Hashable]) -> Page:
        """One more round of training on a sentence, step by step, as a page.

        Parameters
        ----------
        sentence : str or sequence of words
            2 to 24 words that the model knows; others are left out.

        Returns
        -------
        Page
            Shown inline by a notebook; ``save(path)`` writes it.

        Raises
        ------
        ValueError
            The loss is not "neg" or "softmax" with skip-gram, or too few words are known.
        """
        _params.check_fitted(self, "vectors_")
        from w2vext.lessons.pages import explain_model

        return explain_model(self, sentence)
