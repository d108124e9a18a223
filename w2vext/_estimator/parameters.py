"""What each parameter of Word2Vec may be, and what to give instead.

Refuses to mend a value: nothing is clipped, rounded or guessed. A wrong type is a TypeError, a
value out of range a ValueError; both name the parameter, its value and the remedy.
"""

from __future__ import annotations

import math
import secrets
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np

from w2vext.text import selection as _choice
from w2vext.training import schedule as schedules
from w2vext.training.callbacks import Callback

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SEEDS = 1 << 64
MOST = 1 << 20  # of vector_size, window and negative: beyond it is a slip of the hand

CHOICES = {
    "loss": ("neg", "hs", "softmax"),
    "architecture": ("skipgram", "cbow"),
    "kernel": ("auto", "pair", "block"),
    "cbow_gradient": ("mean", "word2vec"),
    "unknown": ("skip", "error", "zero", "mean"),
    "pooling": ("mean", "sum", "idf", "sif"),
}

# name: (lowest value, whether None is one of the values, what else there is to say)
WHOLE = {
    "vector_size": (1, False, ""),
    "window": (1, False, ""),
    "min_count": (1, False, "; 1 keeps every word"),
    "max_vocab": (1, True, " or None for no limit"),
    "max_scan_vocab": (1, True, " or None for no limit"),
    "epochs": (1, False, ""),
    "verbose": (0, False, ""),
    "patience": (1, True, " or None to run every epoch"),
}

# name: (test of the value, what it asks for)
REAL = {
    "ns_exponent": (math.isfinite, "a finite number; word2vec's own is 0.75"),
    "sample": (lambda x: 0 <= x <= 1, "a number from 0 (no subsampling) to 1; 1e-3 is usual"),
    "alpha": (lambda x: x > 0 and math.isfinite(x), "a finite number above 0, or None"),
    "sif_smoothing": (lambda x: x > 0 and math.isfinite(x), "a number above 0; 1e-3 is usual"),
    "min_alpha": (lambda x: x >= 0 and math.isfinite(x), "a number from 0 to alpha"),
}


def is_whole(value: object) -> bool:
    """Whether `value` is an integer; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, (bool, np.bool_))


def is_real(value: object) -> bool:
    """Whether `value` is a real number; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def check(params: Mapping[str, Any]) -> None:
    """Raise for the first parameter in `params` (name: value) that no fit could use."""
    for name, allowed in CHOICES.items():
        check_choice(name, params[name], allowed)
    for name, (lowest, or_none, more) in WHOLE.items():
        check_whole(name, params[name], lowest, or_none, more)
    for name in REAL:
        if name != "alpha" or params[name] is not None:
            check_real(name, params[name])
    for name in ("shrink_windows", "shuffle", "warm_start", "deterministic"):
        if not isinstance(params[name], (bool, np.bool_)):
            value = params[name]
            raise TypeError(f"{name}={value!r} is a {_kind(value)}: give True or False")
    _choice.check_rule(params["trim_rule"])
    _choice.check_unk(params["unk"])
    _check_schedule(params["schedule"])
    _check_callbacks(params["callbacks"])
    _check_workers(params["workers"])
    _check_together(params)


def check_transform(params: Mapping[str, Any]) -> None:
    """Raise for the first of transform's own parameters that it could not use."""
    for name in ("unknown", "pooling"):
        check_choice(name, params[name], CHOICES[name])
    check_real("sif_smoothing", params["sif_smoothing"])


def check_real(name: str, value: Any) -> None:
    """Raise unless `value` is a number in the range of the parameter `name`."""
    fits, asks = REAL[name]
    if not is_real(value):
        raise TypeError(f"{name}={value!r} is a {_kind(value)}: give {asks}")
    if not fits(value):
        raise ValueError(f"{name}={value!r}: give {asks}")


def check_choice(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    """Raise unless `value` is one of the strings `allowed`."""
    options = ", ".join(map(repr, allowed[:-1])) + f" or {allowed[-1]!r}"
    if not isinstance(value, str):
        raise TypeError(f"{name}={value!r} is a {_kind(value)}: give {options}")
    if value not in allowed:
        raise ValueError(f"{name}={value!r} is unknown: give {options}")


def check_whole(name: str, value: Any, lowest: int, or_none: bool = False, more: str = "") -> None:
    """Raise unless `value` is an integer of at least `lowest` (or None where that is allowed)."""
    if value is None and or_none:
        return
    asks = f"an integer of at least {lowest}{more}"
    if not is_whole(value):
        raise TypeError(f"{name}={value!r} is a {_kind(value)}: give {asks}")
    if value < lowest:
        raise ValueError(f"{name}={value!r}: give {asks}")
    if name in ("vector_size", "window", "negative") and value > MOST:
        raise ValueError(f"{name}={value!r}: give an integer of at most {MOST:,}")


def _check_schedule(value: Any) -> None:
    if callable(value):
        for progress in (0.0, 1.0):
            schedules.rate(value, 0.0, 0.0, progress)
        return
    asks = ", ".join(map(repr, schedules.NAMES)) + " or a function of progress"
    if not isinstance(value, str):
        raise TypeError(f"schedule={value!r} is a {_kind(value)}: give {asks}")
    if value not in schedules.NAMES:
        raise ValueError(f"schedule={value!r} is unknown: give {asks}")


def _check_callbacks(value: Any) -> None:
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"callbacks={value!r} is a {_kind(value)}: give a list of Callback")
    for callback in value:
        if not isinstance(callback, Callback):
            raise TypeError(
                f"callbacks={value!r} holds a {_kind(callback)}: give instances of w2vext.Callback"
            )
        check_whole("every_words", callback.every_words, 1, or_none=True)


def _check_workers(value: Any) -> None:
    asks = "the number of threads, or None or -1 for every core this process may use"
    if value is None:
        return
    if not is_whole(value):
        raise TypeError(f"workers={value!r} is a {_kind(value)}: give {asks}")
    if value == 0 or value < -1:
        raise ValueError(f"workers={value!r}: give {asks}")


def _check_together(params: Mapping[str, Any]) -> None:
    negative, loss = params["negative"], params["loss"]
    check_whole("negative", negative, 0)
    if loss == "neg" and negative < 1:
        raise ValueError(
            f"negative={negative!r} with loss='neg': give an integer of at least 1 (5 is usual), "
            "or choose loss='hs' or loss='softmax', which draw no negatives"
        )
    if loss == "softmax" and params["architecture"] == "cbow":
        raise ValueError(
            "architecture='cbow' with loss='softmax': give architecture='skipgram', "
            "or loss='neg' or loss='hs'"
        )
    alpha, min_alpha = first_alpha(params), params["min_alpha"]
    if min_alpha > alpha:
        raise ValueError(f"min_alpha={min_alpha!r} is above alpha={alpha!r}: give at most alpha")


def first_alpha(params: Mapping[str, Any]) -> float:
    """The step size to start with: `alpha`, or what is best for the member (see benchmarks)."""
    if params["alpha"] is not None:
        return params["alpha"]
    if params["architecture"] == "skipgram":
        return 0.025
    if params["cbow_gradient"] == "word2vec":
        return 0.05
    return 0.2 if params["loss"] == "neg" else 0.1


def check_fitted(estimator: object, attribute: str) -> None:
    """Raise scikit-learn's NotFittedError where there has been no fit."""
    if not hasattr(estimator, attribute):
        from sklearn.exceptions import NotFittedError

        raise NotFittedError(
            f"this {type(estimator).__name__} is not fitted yet: call fit before this method"
        )


def seed_of(random_state: Any) -> int:
    """The 64-bit seed that `random_state` stands for; a numpy generator moves on by one draw."""
    if random_state is None:
        return secrets.randbits(64)
    if is_whole(random_state):
        if not 0 <= random_state < SEEDS:
            raise ValueError(
                f"random_state={random_state!r}: give an integer from 0 to 2**64 - 1, or None"
            )
        return int(random_state)
    if random_state is np.random:
        random_state = np.random.mtrand._rand
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(SEEDS, dtype=np.uint64))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(SEEDS, dtype=np.uint64))
    raise TypeError(
        f"random_state={random_state!r} is a {_kind(random_state)}: give None, an integer, "
        "a numpy.random.RandomState or a numpy.random.Generator"
    )


def _kind(value: object) -> str:
    return type(value).__name__
