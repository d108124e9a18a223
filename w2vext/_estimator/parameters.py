"""The parameters of Word2Vec with their defaults, and the checks of their values.

Values are never clipped, rounded or converted. A wrong type is a TypeError and a value out of range
a ValueError; both messages name the parameter, its value and the remedy.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads as workers
from w2vext._arguments.flags import check_flags, is_bool
from w2vext._arguments.messages import kind_of, shown
from w2vext.text import selection, tokenizer
from w2vext.training import schedule as schedules
from w2vext.training.callbacks import Callback
from w2vext.training.settings import has_negatives

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence
    from typing import Any, Literal

    from w2vext._arguments.types import RandomState, Schedule, TrimRule


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The constructor parameters of `Word2Vec`, which documents each of them.

    `Word2Vec` and the command `w2vext train` both pass their parameters on in this form.
    """

    architecture: Literal["skipgram", "cbow"] = "skipgram"
    loss: Literal["neg", "hs", "hs+neg", "softmax"] = "neg"
    vector_size: int = 100
    window: int = 5
    shrink_windows: bool = True
    global_context: Literal["first", "last"] | None = None
    negative: int = 5
    ns_exponent: float = 0.75
    cbow_gradient: Literal["mean", "word2vec"] = "mean"
    min_n: int = 0
    max_n: int = 0
    bucket: int = 2_000_000
    subword_update: Literal["damped", "fasttext"] = "damped"
    tokenizer: Literal["whitespace", "words", "characters"] | Callable[[str], Iterable[Any]] = (
        "whitespace"
    )
    lowercase: bool = False
    strip_accents: bool = False
    sentences: Literal["line", "document"] = "line"
    min_count: int = 5
    max_final_vocab: int | None = None
    max_vocab_size: int | None = None
    trim_rule: TrimRule | None = None
    unk_token: Hashable = None
    sample: float = 1e-3
    epochs: int = 5
    alpha: float | None = None
    min_alpha: float = 1e-4
    schedule: Schedule = "linear"
    shuffle: bool = False
    patience: int | None = None
    callbacks: Sequence[Callback] = ()
    warm_start: bool = False
    workers: int | None = None
    deterministic: bool | Literal["auto"] = "auto"
    random_state: RandomState = None
    kernel: Literal["auto", "pair", "block"] = "auto"
    verbose: int = 0
    unknown: Literal["auto", "subwords", "skip", "error", "zero", "mean"] = "auto"
    pooling: Literal["mean", "sum", "idf", "sif", "zipf"] = "mean"
    sif_smoothing: float = 1e-3

    @classmethod
    def of(cls, estimator: Any) -> Parameters:
        """The parameters of an estimator, read from its attributes."""
        return cls(**{name: getattr(estimator, name) for name in NAMES})


NAMES = tuple(field.name for field in fields(Parameters))

SEEDS = 1 << 64
MOST_BUCKETS = (1 << 31) - 1
LARGEST = 1 << 20  # of vector_size, window and negative; a larger value is probably a mistake

CHOICES = {
    "loss": ("neg", "hs", "hs+neg", "softmax"),
    "architecture": ("skipgram", "cbow"),
    "global_context": ("first", "last"),
    "kernel": ("auto", "pair", "block"),
    "cbow_gradient": ("mean", "word2vec"),
    "subword_update": ("damped", "fasttext"),
    "unknown": ("auto", "subwords", "skip", "error", "zero", "mean"),
    "pooling": ("mean", "sum", "idf", "sif", "zipf"),
}

MAY_BE_NONE = {"global_context"}  # of the choices

# name: (lowest value, whether None is allowed, text that the message adds)
WHOLE = {
    "vector_size": (1, False, ""),
    "window": (1, False, ""),
    "min_count": (1, False, "; 1 keeps every word"),
    "max_final_vocab": (1, True, " or None for no limit"),
    "max_vocab_size": (1, True, " or None for no limit"),
    "epochs": (1, False, ""),
    "min_n": (0, False, ""),
    "max_n": (0, False, "; 0 trains without subwords"),
    "bucket": (1, False, ""),
    "verbose": (0, False, ""),
    "patience": (1, True, " or None to run every epoch"),
}

# name: (test of the value, description of valid values)
REAL = {
    "ns_exponent": (math.isfinite, "a finite number; word2vec's own is 0.75"),
    "sample": (lambda x: 0 <= x <= 1, "a number from 0 (no subsampling) to 1; 1e-3 is usual"),
    "alpha": (lambda x: x > 0 and math.isfinite(x), "a finite number above 0, or None"),
    "sif_smoothing": (lambda x: x > 0 and math.isfinite(x), "a number above 0; 1e-3 is usual"),
    "min_alpha": (lambda x: x >= 0 and math.isfinite(x), "a number from 0 to alpha"),
}


def is_whole(value: object) -> bool:
    """Whether `value` is an integer other than True and False."""
    return isinstance(value, Integral) and not isinstance(value, (bool, np.bool_))


def is_real(value: object) -> bool:
    """Whether `value` is a real number other than True and False."""
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def check(params: Parameters) -> None:
    """Raise for the first parameter that `fit` cannot use."""
    for name, allowed in CHOICES.items():
        check_choice(name, getattr(params, name), allowed, name in MAY_BE_NONE)
    for name, (lowest, or_none, more) in WHOLE.items():
        check_whole(name, getattr(params, name), lowest, or_none, more)
    for name in REAL:
        if name != "alpha" or params.alpha is not None:
            check_real(name, getattr(params, name))
    check_flags(
        shrink_windows=params.shrink_windows, shuffle=params.shuffle, warm_start=params.warm_start
    )
    _check_deterministic(params.deterministic)
    check_tokenizer(params)
    selection.check_rule(params.trim_rule)
    selection.check_unk_token(params.unk_token)
    _check_schedule(params.schedule)
    _check_callbacks(params.callbacks)
    _check_workers(params.workers)
    _check_together(params)


def check_transform(params: Parameters) -> None:
    """Raise for the first parameter that `transform` cannot use."""
    check_tokenizer(params)
    for name in ("unknown", "pooling"):
        check_choice(name, getattr(params, name), CHOICES[name])
    check_real("sif_smoothing", params.sif_smoothing)


def check_tokenizer(params: Any) -> None:
    """Raise for the first parameter of the tokenizer that is not valid."""
    tokenizer.check(params.tokenizer, params.lowercase, params.strip_accents, params.sentences)


def check_real(name: str, value: Any) -> None:
    """Raise unless `value` is a number in the range of the parameter `name`."""
    fits, wanted = REAL[name]
    if not is_real(value):
        raise TypeError(f"{_typed(name, value)}: give {wanted}")
    if not fits(value):
        raise ValueError(f"{name}={shown(value)}: give {wanted}")


def check_choice(name: str, value: Any, allowed: tuple[str, ...], or_none: bool = False) -> None:
    """Raise unless `value` is one of the strings `allowed`, or None if `or_none`."""
    if or_none and value is None:
        return
    named = [*map(repr, allowed), "None"] if or_none else [*map(repr, allowed)]
    options = ", ".join(named[:-1]) + f" or {named[-1]}"
    if not isinstance(value, str):
        raise TypeError(f"{_typed(name, value)}: give {options}")
    if value not in allowed:
        raise ValueError(f"{name}={shown(value)} is unknown: give {options}")


def check_whole(name: str, value: Any, lowest: int, or_none: bool = False, more: str = "") -> None:
    """Raise unless `value` is an integer of at least `lowest` (or None if that is allowed)."""
    if value is None and or_none:
        return
    wanted = f"an integer of at least {lowest}{more}"
    if not is_whole(value):
        raise TypeError(f"{_typed(name, value)}: give {wanted}")
    if value < lowest:
        raise ValueError(f"{name}={shown(value)}: give {wanted}")
    if name in ("vector_size", "window", "negative") and value > LARGEST:
        raise ValueError(f"{name}={shown(value)}: give an integer of at most {LARGEST:,}")


def _check_deterministic(value: Any) -> None:
    if is_bool(value):
        return
    if not isinstance(value, str):
        raise TypeError(f"{_typed('deterministic', value)}: give True, False or 'auto'")
    if value != "auto":
        raise ValueError(f"deterministic={shown(value)} is unknown: give True, False or 'auto'")


def _check_schedule(value: Any) -> None:
    if callable(value):
        for progress in (0.0, 1.0):
            schedules.learning_rate(value, 0.0, 0.0, progress)
        return
    wanted = ", ".join(map(repr, schedules.NAMES)) + " or a function of progress"
    if not isinstance(value, str):
        raise TypeError(f"{_typed('schedule', value)}: give {wanted}")
    if value not in schedules.NAMES:
        raise ValueError(f"schedule={shown(value)} is unknown: give {wanted}")


def _check_callbacks(value: Any) -> None:
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{_typed('callbacks', value)}: give a list of Callback")
    for callback in value:
        if not isinstance(callback, Callback):
            raise TypeError(
                f"callbacks={shown(value)} contains {kind_of(callback)}: give instances "
                "of w2vext.Callback"
            )
        check_whole("every_words", callback.every_words, 1, or_none=True)


def _check_workers(value: Any) -> None:
    wanted = "the number of threads, or None or -1 for every core this process may use"
    if value is None:
        return
    if not is_whole(value):
        raise TypeError(f"{_typed('workers', value)}: give {wanted}")
    if value == 0 or value < -1:
        raise ValueError(f"workers={shown(value)}: give {wanted}")


def _check_together(params: Parameters) -> None:
    """Check parameters whose valid values depend on others."""
    check_whole("negative", params.negative, 0)
    if has_negatives(params.loss) and params.negative < 1:
        raise ValueError(
            f"negative={params.negative!r} with loss={params.loss!r}: give an integer of at least "
            "1 (5 is usual), or choose loss='hs' or loss='softmax', which draw no negatives"
        )
    if params.loss == "softmax" and params.architecture == "cbow":
        raise ValueError(
            "architecture='cbow' with loss='softmax': give architecture='skipgram', "
            "or loss='neg' or loss='hs'"
        )
    if params.max_n and params.min_n > params.max_n:
        raise ValueError(
            f"min_n={params.min_n} is above max_n={params.max_n}: give at most max_n, or max_n=0 "
            "for no subwords"
        )
    if params.bucket > MOST_BUCKETS:
        raise ValueError(f"bucket={shown(params.bucket)}: give at most {MOST_BUCKETS:,}")
    alpha, min_alpha = first_alpha(params), params.min_alpha
    if min_alpha > alpha:
        raise ValueError(f"min_alpha={min_alpha!r} is above alpha={alpha!r}: give at most alpha")


# ---- values that depend on several parameters


def first_alpha(params: Parameters) -> float:
    """The initial learning rate: `alpha`, or the default of the model, which was measured."""
    if params.alpha is not None:
        return float(params.alpha)
    if params.architecture == "skipgram":
        return 0.05 if params.loss == "neg" else 0.025
    if params.cbow_gradient == "word2vec":
        return 0.05
    return 0.2 if params.loss == "neg" else 0.1


def is_deterministic(params: Parameters) -> bool:
    """Whether this run is deterministic; "auto" means that `random_state` is an integer (D14).

    A run with one worker is reproducible anyway, without the cost of deterministic training.
    """
    if params.deterministic == "auto":
        return is_whole(params.random_state) and workers.resolve(params.workers) > 1
    return bool(params.deterministic)


def unknown_policy(params: Parameters) -> str:
    """How `transform` treats unknown words; "auto" composes them if the model has subwords."""
    if params.unknown == "subwords" and not params.max_n:
        raise ValueError(
            "unknown='subwords' needs a model with subwords: fit with max_n above 0, or choose "
            "'skip', 'error', 'zero' or 'mean'"
        )
    if params.unknown == "auto":
        return "subwords" if params.max_n else "skip"
    return params.unknown


def seed_of(random_state: Any) -> int:
    """The 64-bit seed of a run; a NumPy generator is advanced by one draw."""
    if random_state is None:
        return int.from_bytes(os.urandom(8), "little")
    if is_whole(random_state):
        if not 0 <= random_state < SEEDS:
            raise ValueError(
                f"random_state={shown(random_state)}: give an integer from 0 to 2**64 - 1, or None"
            )
        return int(random_state)
    if random_state is np.random:
        random_state = np.random.mtrand._rand
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(SEEDS, dtype=np.uint64))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(SEEDS, dtype=np.uint64))
    raise TypeError(
        f"{_typed('random_state', random_state)}: give None, an integer, "
        "a numpy.random.RandomState or a numpy.random.Generator"
    )


def _typed(name: str, value: object) -> str:
    return f"{name}={shown(value)} is {kind_of(value)}"
