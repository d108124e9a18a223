"""Training runs of a model under gensim's names: parameters, callbacks, and the state in place."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import kind_of, shown, warn
from w2vext._estimator import fit as fitting
from w2vext._estimator.fitted import Fitted
from w2vext._estimator.parameters import SEEDS, Parameters, is_real, is_whole
from w2vext._estimator.parameters import check as check_parameters
from w2vext.gensim.models import _vocabularies
from w2vext.text.corpus import Corpus
from w2vext.training.callbacks import Callback
from w2vext.training.composed import composed
from w2vext.training.memory import fill_uniform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from w2vext._arguments.types import Float32
    from w2vext.text.vocabulary import Stream, Vocabulary

# The step between the seeds of successive calls. It is not the constant that a seed's hash adds for
# each epoch, so the second call does not repeat the draws of the first one's second epoch.
_NEXT_SEED = 0xD1B54A32D192ED03
_NEXT_PASS = 0xBF58476D1CE4E5B9  # the same for the passes of `run_jobs`
EVENTS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")


def parameters(model: Any, **others: Any) -> Parameters:
    """The parameters of a run; `others` replace attributes of the model."""
    found: dict[str, Any] = {
        "architecture": "skipgram" if model.sg else "cbow",
        "loss": _loss(model),
        "vector_size": model.vector_size,
        "window": model.window,
        "shrink_windows": bool(model.shrink_windows),
        "negative": model.negative,
        "ns_exponent": model.ns_exponent,
        "cbow_gradient": "word2vec",
        "min_count": max(model.min_count, 1) if is_whole(model.min_count) else model.min_count,
        "max_final_vocab": model.max_final_vocab,
        "max_vocab_size": model.max_vocab_size,
        "sample": model.sample,
        "epochs": model.epochs,
        "alpha": model.alpha,
        "min_alpha": model.min_alpha,
        "workers": model.workers,
        "deterministic": False,
        "random_state": _seed(model),
        "verbose": 0,
        **model._subword_parameters(),
        **others,
    }
    return Parameters(**found)


def _seed(model: Any, number: int = 0) -> Any:
    """The seed of the next call of `train`, or of a pass of it."""
    step = int(model.train_count) * _NEXT_SEED + number * _NEXT_PASS
    return (int(model.seed) + step) % SEEDS if is_whole(model.seed) and step else model.seed


def _loss(model: Any) -> str:
    if not model.hs:
        return "neg"
    return "hs+neg" if model.negative else "hs"


def check(model: Any) -> None:
    """Raise for the first argument of the constructor that is not available."""
    for name in ("sg", "hs"):
        value = getattr(model, name)
        if value not in (0, 1):
            raise ValueError(f"{name}={shown(value)}: give 0 or 1")
    if model.cbow_mean != 1:
        raise ValueError(
            f"cbow_mean={shown(model.cbow_mean)} is not available, only cbow_mean=1: CBOW takes "
            "the mean of the context"
        )
    if model.null_word:
        raise ValueError(
            f"null_word={shown(model.null_word)} is not available, only null_word=0: it is used by "
            "Doc2Vec only"
        )
    if model.sorted_vocab != 1:
        raise ValueError(
            f"sorted_vocab={shown(model.sorted_vocab)} is not available, only sorted_vocab=1: "
            "words are sorted by their counts"
        )
    if not callable(model.hashfxn):
        raise TypeError(f"hashfxn={shown(model.hashfxn)} is {kind_of(model.hashfxn)}: give hash")
    if not is_whole(model.batch_words) or model.batch_words < 1:
        raise ValueError(f"batch_words={shown(model.batch_words)}: give an integer of at least 1")
    if not model.hs and is_whole(model.negative) and model.negative <= 0:
        raise ValueError(
            f"hs={shown(model.hs)} and negative={shown(model.negative)} train nothing: give hs=1, "
            "or negative of at least 1 (5 is usual)"
        )
    check_parameters(parameters(model))


def initial(model: Any, rows: int, width: float = 1.0) -> Float32:
    """New random vectors (rows, vector_size), drawn from the model's seed."""
    drawn = np.empty((rows, model.vector_size), np.float32)
    seed = model.seed if is_whole(model.seed) else None
    fill_uniform(drawn, model.vector_size, seed, width)  # type: ignore[arg-type]
    return drawn


def run(
    model: Any,
    words: Vocabulary,
    stream: Stream,
    epochs: int,
    callbacks: Iterable[Any],
    **others: Any,
) -> None:
    """Train the matrices of a model, in place; `others` replace parameters of the run."""
    wv = model.wv
    observers = [_check_callback(each) for each in callbacks]
    start = Fitted(
        words=words,
        vectors=wv.vectors,
        subword_vectors=model._subword_rows(),
        output_vectors=model._outputs(),
        loss_history=[],
        n_iter=0,
        alpha=model.alpha,
        deterministic=False,
        seed=0,
    )
    watch = [_Watch(model, observers)] if observers else []
    params = parameters(model, epochs=epochs, callbacks=watch, **others)
    result = fitting.fit(params, None, corpus=(words, stream), earlier=start, freeze=_frozen(wv))
    wv.vectors[:] = result.vectors
    model._store_outputs(result.output_vectors)
    if result.subword_vectors is not None:
        model._subword_rows()[:] = result.subword_vectors
    wv._forget()
    model._losses = result.loss_history
    if result.interrupted:
        raise KeyboardInterrupt


def _frozen(wv: Any) -> list[Any] | bool | None:
    """The words that `vectors_lockf` freezes, as the argument `freeze` of a fit."""
    factors = np.atleast_1d(np.asarray(wv.vectors_lockf))
    other = factors[(factors != 0) & (factors != 1)]
    if len(other):
        raise ValueError(
            f"vectors_lockf contains {other[0]:g}: give 0, which freezes a word, or 1; fractions "
            "are not available"
        )
    if len(factors) not in (1, len(wv)):
        raise ValueError(
            f"vectors_lockf has {len(factors)} numbers for {len(wv)} words: give one for each word"
        )
    if factors.all():
        return None
    return True if len(factors) == 1 else [wv.index_to_key[i] for i in np.flatnonzero(factors == 0)]


class _Watch(Callback):
    """Calls the callbacks of gensim's kind with the model, whose matrices it updates before."""

    def __init__(self, model: Any, callbacks: list[Any]) -> None:
        self.model, self.callbacks = model, callbacks

    def _call(self, event: str, state: Any, update: bool = True) -> None:
        model = self.model
        if update:
            rows = model._subword_rows()
            if rows is None:
                model.wv.vectors[:] = state.vectors
            else:
                rows[:] = state.rows
                grams = model.wv.subwords.subwords
                model.wv.vectors[:] = composed(rows, grams.starts, grams.parts)
            model._store_outputs(state.output_vectors)
            model.wv._forget()
        model._losses = list(state.loss_history)
        for callback in self.callbacks:
            getattr(callback, event)(model)

    def on_train_begin(self, state: Any) -> None:
        self._call("on_train_begin", state, update=False)

    def on_epoch_begin(self, state: Any) -> None:
        self._call("on_epoch_begin", state, update=False)

    def on_epoch_end(self, state: Any) -> None:
        self._call("on_epoch_end", state)

    def on_train_end(self, state: Any) -> None:
        self._call("on_train_end", state)


def _check_callback(callback: Any) -> Any:
    missing = [event for event in EVENTS if not callable(getattr(callback, event, None))]
    if missing:
        raise TypeError(
            f"callbacks contains {kind_of(callback)} without the method {missing[0]}: derive it "
            "from CallbackAny2Vec"
        )
    return callback


def check_arguments(
    model: Any,
    corpus_file: Any,
    total_examples: Any,
    total_words: Any,
    epochs: Any,
    word_count: Any,
) -> None:
    """Raise for the first argument of `train` that is missing or not available."""
    if not len(model.wv):
        raise RuntimeError("there is no vocabulary to train: call build_vocab first")
    if not is_whole(epochs) or epochs < 1:
        raise ValueError(
            f"epochs={shown(epochs)}: give the number of passes, usually epochs=model.epochs"
        )
    if total_examples is None and total_words is None:
        raise ValueError(
            "total_examples and total_words are both None: give total_examples="
            "model.corpus_count if this is the corpus of build_vocab"
        )
    if corpus_file is not None and total_words is None:
        raise ValueError(
            "total_words is None: with corpus_file give total_words=model.corpus_total_words"
        )
    if word_count != 0:
        raise ValueError(
            f"word_count={shown(word_count)} is not available, only word_count=0: give start_alpha"
        )
    if not model._has_outputs():
        raise RuntimeError(
            "wv was replaced, and the model has no output vectors for it: call build_vocab, or "
            "reset_from"
        )


def set_alphas(model: Any, epochs: int, start_alpha: float | None, end_alpha: float | None) -> None:
    """Set the learning rates of the next run, as `train` does in gensim."""
    for name, value in (("start_alpha", start_alpha), ("end_alpha", end_alpha)):
        if value is not None and not is_real(value):
            raise TypeError(f"{name}={shown(value)} is {kind_of(value)}: give a number")
    alpha, min_alpha = start_alpha or model.alpha, end_alpha or model.min_alpha
    if min_alpha > alpha:
        raise ValueError(
            f"start_alpha={shown(alpha)} is below end_alpha={shown(min_alpha)}: give end_alpha of "
            "at most start_alpha; without them they are alpha and min_alpha of the model"
        )
    check_parameters(parameters(model, epochs=epochs, alpha=alpha, min_alpha=min_alpha))
    model.alpha, model.min_alpha = alpha, min_alpha
    if model.alpha > model.min_alpha_yet_reached:
        warn(
            f"alpha={model.alpha:g} is higher than the last learning rate of the earlier training, "
            f"{model.min_alpha_yet_reached:g}: give start_alpha to continue with a lower one"
        )


def encoded(model: Any, corpus: Corpus) -> tuple[Vocabulary, Stream]:
    """The vocabulary of a model, and the ids of a corpus."""
    words = _vocabularies.of_vectors(model.wv)
    return words, _vocabularies.encoded(model, words, corpus)


def run_jobs(model: Any, corpus: Corpus, epochs: int, callbacks: Iterable[Any]) -> tuple[int, int]:
    """Train on the sentences that `_do_train_job` of a subclass makes of a corpus in each epoch.

    Returns the number of words of the vocabulary and of all words.
    """
    observers = [_check_callback(each) for each in callbacks]
    rates = np.linspace(model.alpha, model.min_alpha, epochs + 1).tolist()
    losses: list[float] = []
    trained = read = 0

    def call(event: str) -> None:
        for observer in observers:
            getattr(observer, event)(model)

    call("on_train_begin")
    for number, (alpha, min_alpha) in enumerate(pairwise(rates)):
        call("on_epoch_begin")
        made = jobs(corpus.sentences(), model.batch_words, partial(model._made, alpha=alpha))
        words, stream = encoded(model, Corpus("tokens", made))
        how = {"alpha": alpha, "min_alpha": min_alpha, "random_state": _seed(model, number)}
        with stream:
            trained, read = trained + len(stream.ids), read + stream.raw_words
            run(model, words, stream, 1, (), **how)
        losses += model._losses
        model._losses = losses.copy()
        call("on_epoch_end")
    call("on_train_end")
    return trained, read


def jobs(
    corpus: Iterable[Any], words: int, train_job: Callable[[list[Any]], list[Any]]
) -> Iterator[Any]:
    """The sentences that `_do_train_job` of a subclass makes of batches of a corpus."""
    batch: list[Any] = []
    size = 0
    for sentence in corpus:
        batch.append(sentence)
        size += len(sentence)
        if size >= words:
            yield from train_job(batch)
            batch, size = [], 0
    if batch:
        yield from train_job(batch)
