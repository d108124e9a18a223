"""How a fit goes: the words, the stream, the beginning, the training, and what it leaves.

Refuses arithmetic on weights (training moves them, pooling averages them) and half-finished fits
(the attributes are set together, after the last thing that can fail).
"""

from __future__ import annotations

import inspect
import os
import threading
import warnings
from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from w2vext import _threads as workers
from w2vext._estimator import initial as beginning
from w2vext._estimator import parameters as _params
from w2vext._estimator import pooling
from w2vext._estimator.heldout import HeldOut, encoded
from w2vext.text import vocabulary as vocab
from w2vext.text.corpus import open_corpus
from w2vext.training import run as training
from w2vext.training.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from typing_extensions import Self

    from w2vext._types import Float32, Int64, RandomState
    from w2vext.text.corpus import Corpus
    from w2vext.training.callbacks import Callback

_FITTING: dict[int, int] = {}  # id of an estimator -> the thread that fits it
_DOOR = threading.Lock()


def _after_fork() -> None:
    """In a forked child: forget the threads that it does not have, and a lock that one held."""
    global _DOOR
    _DOOR = threading.Lock()
    for model, thread in list(_FITTING.items()):
        if thread != threading.get_ident():
            del _FITTING[model]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Fitting(HeldOut):
    """The private side of `fit` and `partial_fit`."""

    min_count: int
    max_scan_vocab: int | None
    sample: float
    patience: int | None
    callbacks: Sequence[Callback]
    random_state: RandomState
    verbose: int

    def _fit(
        self, X: Any, vocabulary: Any, validation: Any, init: Any, freeze: Any, earlier: bool
    ) -> Self:
        with self._alone():
            params = self._parameters()
            _params.check(params)
            seed = _params.seed_of(self.random_state)
            if earlier:
                beginning.check_earlier(self, vocabulary, init)
            given = beginning.vectors_of(init, self.vector_size)
            words, stream = self._encode(open_corpus(X), vocabulary, earlier)
            start: training.Start | None
            with stream, ExitStack() as held:
                if earlier:
                    words, start = beginning.after(self, words)
                else:
                    start = beginning.of_words(given, words, self.loss)
                if validation is not None:
                    validation = encoded("validation", validation, words, self.workers)
                    held.enter_context(validation)
                result = training.train(
                    stream,
                    words.counts,
                    self._settings(params, seed),
                    start=start,
                    frozen=beginning.frozen(freeze, words, start),
                    validation=validation,
                    patience=self.patience,
                    callbacks=self.callbacks,
                    index_to_key=tuple(words.words) if self.callbacks else None,
                )
                facts = self._pooling_facts(stream, words.counts, result.w_in)
            if validation is not None:
                facts["validation_loss_history_"] = result.validation_history
                facts["best_epoch_"] = result.best_epoch
            self._keep(words, result, seed, facts)
        if result.interrupted:
            raise KeyboardInterrupt
        if result.loss_history and not any(result.loss_history):
            warnings.warn(
                "nothing was learned, the vectors are as they began: no window held a pair of "
                f"words; is a sentence one word long, min_count={self.min_count!r} too high, or "
                f"sample={self.sample!r} too low?",
                UserWarning,
                stacklevel=3,
            )
        return self

    def _encode(
        self, corpus: Corpus, vocabulary: Any, earlier: bool
    ) -> tuple[vocab.Vocabulary, vocab.Stream]:
        """The corpus's Vocabulary and Stream, with a bar of its own."""
        files = corpus.kind == "files"
        size = sum(path.stat().st_size for path in corpus.files) if files else None
        unit = "B" if files else "word"
        names = ("min_count", "max_vocab", "trim_rule", "unk")
        limits: Any = {name: getattr(self, name) for name in names}
        with workers.Progress(size, "counting", unit, self.verbose) as progress:
            how: Any = {"workers": self.workers, "progress": lambda done, total: progress.to(done)}
            if vocabulary is None:
                limits["max_scan_vocab"] = self.max_scan_vocab
                if earlier:
                    if self.unk_ is not None:
                        limits["unk"] = self.unk_
                    return vocab.extend(corpus, self._words(), **limits, **how)
                return vocab.build(corpus, **limits, **how)
            if not isinstance(vocabulary, vocab.Vocabulary):
                if not isinstance(vocabulary, Mapping):
                    raise TypeError(
                        f"vocabulary={vocabulary!r} is a {type(vocabulary).__name__}: give a "
                        "Vocabulary, a mapping of word to count, or None"
                    )
                vocabulary = vocab.Vocabulary.from_counts(vocabulary, **limits)
            return vocabulary, vocab.encode(corpus, vocabulary, **how)

    @classmethod
    def _names(cls) -> list[str]:
        """The parameters' names."""
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def _parameters(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._names()}

    def _settings(self, params: dict[str, Any], seed: int) -> Settings:
        names = Settings.__dataclass_fields__
        chosen = {k: v for k, v in params.items() if k in names}
        return Settings(**chosen | {"alpha": _params.first_alpha(params), "seed": seed})

    def _pooling_facts(self, stream: Any, counts: Int64, w_in: Float32) -> dict[str, Any]:
        """What `pooling` needs to know of the corpus: fitted attributes by name."""
        if self.pooling == "idf":
            seen = pooling.document_frequencies(stream.ids, stream.offsets, len(counts))
            return {"idf_": pooling.idf_weights(seen, len(stream.offsets) - 1)}
        if self.pooling == "sif":
            weights = pooling.sif_weights(counts, self.sif_smoothing)
            direction = pooling.common_direction(w_in, stream.ids, stream.offsets, weights)
            return {"sif_component_": direction}
        return {}

    def _keep(
        self, words: vocab.Vocabulary, result: training.Result, seed: int, facts: dict[str, Any]
    ) -> None:
        history = list(result.loss_history)
        fitted = {
            "vocabulary_": dict(words.index),
            "counts_": words.counts,
            "vectors_": result.w_in,
            "context_vectors_": result.w_out,
            "loss_history_": history,
            "n_iter_": len(history),
            "seed_": seed,
            "unk_": words.unk,
            **facts,
        }
        for name in [n for n in vars(self) if n.endswith("_") or n == "_wv"]:
            delattr(self, name)  # an earlier fit's
        for name, value in fitted.items():
            setattr(self, name, value)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # By identity and outside the estimator: a lock inside could not be copied or pickled.
        with _DOOR:
            if id(self) in _FITTING:
                raise RuntimeError(
                    "this Word2Vec is being fitted by another thread: wait for it, or fit a "
                    "sklearn.base.clone of it"
                )
            _FITTING[id(self)] = threading.get_ident()
        try:
            yield
        finally:
            with _DOOR:
                _FITTING.pop(id(self), None)
