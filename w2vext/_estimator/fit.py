"""`fit`: from a corpus to the vectors of its words."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from w2vext._arguments.messages import shown, warn
from w2vext._estimator import initial, pairs, parameters, pooling, streams, subwords, weights
from w2vext._estimator.checkpoint import check_outside
from w2vext._estimator.fitted import Fitted
from w2vext._estimator.memory import Memory
from w2vext.text.pairs import Pairs
from w2vext.training import run as training
from w2vext.training.pairs import PairStream
from w2vext.training.settings import Settings, has_negatives

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from w2vext._arguments.types import Float32, Float64
    from w2vext._estimator.checkpoint import Checkpoints
    from w2vext._estimator.parameters import Parameters
    from w2vext.text.vocabulary import Stream, Vocabulary


def fit(
    params: Parameters,
    X: Any,
    *,
    vocabulary: Any = None,
    validation: Any = None,
    init: Any = None,
    freeze: Any = None,
    sample_weight: Any = None,
    noise: Any = None,
    noise_groups: Any = None,
    freeze_output: bool = False,
    earlier: Fitted | None = None,
    checkpoints: Checkpoints | None = None,
    corpus: tuple[Vocabulary, Stream] | None = None,
) -> Fitted:
    """Learn a vector for every word of a corpus.

    `Word2Vec.fit` documents the arguments. With `earlier` the training continues from that fit, as
    `Word2Vec.partial_fit` does. After Ctrl-C the result is marked as interrupted. `corpus` is the
    vocabulary and the ids of a corpus that has been encoded, in place of `X`; with `earlier`, the
    vocabulary has the words of that fit.
    """
    parameters.check(params)
    initial.check_freeze_output(params, freeze_output)
    deterministic = parameters.is_deterministic(params)
    if earlier is not None:
        initial.check_earlier(params, earlier, vocabulary, init)
    given = initial.given_vectors(init, params.vector_size)
    start: training.Start | None
    with ExitStack() as stack:
        memory = stack.enter_context(Memory(params))
        how = {"deterministic": deterministic, "freeze_output": freeze_output}
        if checkpoints is None:
            chosen = settings(params, parameters.seed_of(params.random_state), **how)
        else:
            check_outside(checkpoints.folder, X)
            check_outside(checkpoints.folder, validation)
            stack.enter_context(checkpoints)
            chosen = settings(params, checkpoints.seed(params.random_state), **how)
            checkpoints.set_parameters(params, chosen)
        if corpus is None:
            words, stream = counted(params, X, sample_weight, vocabulary, earlier, chosen.seed)
        else:
            words, stream = corpus
        stack.enter_context(stream)
        if earlier is not None:
            words, start = initial.continued(params, earlier, words)
        else:
            start = initial.placed(given, words, params.loss)
        chosen = replace(chosen, **_noise(params, words, stream, earlier, noise, noise_groups))
        if freeze_output:
            initial.check_output_vectors(start, words)
        grams = subwords.of(params, words)
        frozen = subwords.frozen(initial.frozen(freeze, words, start), grams)
        start = subwords.placed(start, grams, earlier)
        if validation is not None:
            validation = pairs.encoded("validation", validation, words, params)
            stack.enter_context(validation)
        if checkpoints is not None:
            checkpoints.set_data(words, stream, validation, start, frozen, chosen)
        memory.show(chosen, len(words), grams, validation is not None)
        result = training.train(
            stream,
            words.counts,
            chosen,
            start=start,
            frozen=frozen,
            parts=None if grams is None else (grams.starts, grams.parts),
            validation=validation,
            patience=params.patience,
            callbacks=params.callbacks,
            index_to_key=tuple(words.words) if params.callbacks else None,
            saver=checkpoints,
        )
        vectors = subwords.vectors(result.w_in, grams, params.workers)
        statistics = _pooling_weights(params, stream, words, vectors)
    warn_about(params, result)
    return fitted(
        words, vectors, result, chosen, grams is not None, validation is not None, statistics
    )


def counted(
    params: Parameters,
    X: Any,
    sample_weight: Any,
    vocabulary: Any,
    earlier: Fitted | None,
    seed: int,
) -> tuple[Vocabulary, Any]:
    """The vocabulary and the stream of a corpus or of pairs; for the arguments see `fit`."""
    known = None if earlier is None else earlier.words
    if isinstance(X, Pairs):
        if sample_weight is not None:
            raise ValueError("sample_weight with Pairs: give the weights to Pairs(weight=...)")
        return pairs.counted(params, X, vocabulary, known, seed)
    if sample_weight is None:
        return streams.counted(params, X, vocabulary, known)
    if earlier is not None:
        raise ValueError("sample_weight with warm_start=True: give it to a first fit only")
    return weights.counted(params, X, sample_weight, vocabulary, seed)


def warn_about(params: Parameters, result: training.Result) -> None:
    """Warn if nothing was learned, or if the training may have diverged."""
    if not result.interrupted and result.loss_history and not any(result.loss_history):
        _warn_that_nothing_was_learned(params)
    if result.doubt:
        warn(result.doubt)


def fitted(
    words: Vocabulary,
    vectors: Float32,
    result: training.Result,
    settings: Settings,
    has_subwords: bool = False,
    has_validation: bool = False,
    weights: Mapping[str, Float64] | None = None,
) -> Fitted:
    """The result of a fit, from that of its training."""
    return Fitted(
        words=words,
        vectors=vectors,
        subword_vectors=result.w_in if has_subwords else None,
        output_vectors=result.w_out,
        loss_history=list(result.loss_history),
        n_iter=len(result.loss_history),
        alpha=settings.alpha,
        deterministic=settings.deterministic,
        seed=settings.seed,
        validation_loss_history=result.validation_history if has_validation else None,
        best_epoch=result.best_epoch,
        interrupted=result.interrupted,
        noise=settings.noise,
        noise_groups=settings.noise_groups,
        **(weights or {}),
    )


def settings(
    params: Parameters, seed: int, deterministic: bool, freeze_output: bool = False
) -> Settings:
    """The settings of a training run with these parameters."""
    names = Settings.__dataclass_fields__
    values = {name: value for name, value in vars(params).items() if name in names}
    values["alpha"] = parameters.first_alpha(params)
    values["deterministic"] = deterministic
    return Settings(**values, seed=seed, freeze_output=freeze_output)


def _noise(
    params: Parameters,
    words: Vocabulary,
    stream: Any,
    earlier: Fitted | None,
    noise: Any,
    noise_groups: Any,
) -> dict[str, Any]:
    """The settings of the negatives: those that are given, or those of the earlier fit.

    The negatives of pairs are drawn by their own centres, unless `noise` is given.
    """
    found: dict[str, Any] = {"noise": None, "noise_groups": None}
    if earlier is not None:
        found = {"noise": earlier.noise, "noise_groups": earlier.noise_groups}
    if noise is None and isinstance(stream, PairStream) and has_negatives(params.loss):
        found["noise"] = pairs.noise(stream, len(words), params.ns_exponent)
    found |= weights.of_negatives(words, params, noise, noise_groups)
    for name, what in (("noise", "weights"), ("noise_groups", "groups")):
        values = found[name]
        if values is not None and len(values) != len(words):
            raise ValueError(
                f"{name}: the earlier fit had {what} for {len(values)} words, and there are "
                f"{len(words)} now: give {name} again"
            )
    return found


def _pooling_weights(
    params: Parameters, stream: Stream, words: Vocabulary, vectors: Float32
) -> dict[str, Float64]:
    """The statistics of the corpus that `transform` needs with this `pooling`, by field name."""
    if params.pooling == "idf":
        frequencies = pooling.document_frequencies(stream.ids, stream.offsets, len(words))
        return {"idf": pooling.idf_weights(frequencies, len(stream.offsets) - 1)}
    if params.pooling == "sif":
        weights = pooling.sif_weights(words.counts, params.sif_smoothing)
        moments = pooling.second_moments(vectors, stream.ids, stream.offsets, weights)
        return {"sif_component": pooling.common_direction(moments)}
    return {}


def _warn_that_nothing_was_learned(params: Parameters) -> None:
    remedies = ["give sentences of several words"]
    if params.min_count > 1:
        remedies.append(f"lower min_count={shown(params.min_count)}")
    if params.sample:
        remedies.append(
            f"give sample=0 in place of {shown(params.sample)}, which keeps all frequent words"
        )
    warn(
        "nothing was learned and the vectors are the initial ones, because no window contained a "
        f"pair of words: {', or '.join(remedies)}"
    )


# ---- exclusive access to an estimator during a fit

_being_fitted: dict[int, int] = {}  # id of an estimator -> id of the thread that fits it
_lock = threading.Lock()


@contextmanager
def exclusively(estimator: object) -> Iterator[None]:
    """Raise if another thread is fitting this estimator.

    Estimators are recorded by identity, because a lock inside one could not be copied or pickled.
    """
    with _lock:
        if id(estimator) in _being_fitted:
            raise RuntimeError(
                f"this {type(estimator).__name__} is being fitted by another thread: wait for it, "
                "or fit a sklearn.base.clone of it"
            )
        _being_fitted[id(estimator)] = threading.get_ident()
    try:
        yield
    finally:
        with _lock:
            _being_fitted.pop(id(estimator), None)


def _after_fork() -> None:
    """Reset the state in a forked child, in which the other threads do not exist."""
    global _lock
    _lock = threading.Lock()
    for estimator, thread in list(_being_fitted.items()):
        if thread != threading.get_ident():
            del _being_fitted[estimator]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
