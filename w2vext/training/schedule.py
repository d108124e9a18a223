"""Schedules: the learning rate as a function of a run's progress."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from w2vext._arguments.types import Float64, Schedule

NAMES = ("linear", "constant", "cosine")


def learning_rates(
    schedule: Schedule, alpha: float, min_alpha: float, progress: Float64
) -> Float64:
    """The learning rates when the shares `progress` of a run's words have been trained.

    Parameters
    ----------
    schedule : {"linear", "constant", "cosine"} or callable
        A straight line from alpha down to min_alpha, alpha throughout, half a cosine from alpha
        down to min_alpha, or a function that returns the learning rate for one share.
    alpha, min_alpha : float
    progress : float64 (n,)
        0 to 1.

    Returns
    -------
    float64 (n,)

    Raises
    ------
    ValueError
        If a callable returns something other than a finite number of at least 0.
    """
    if schedule == "linear":
        return np.maximum(min_alpha, alpha - (alpha - min_alpha) * progress)
    if schedule == "constant":
        return np.full(len(progress), float(alpha))
    if schedule == "cosine":
        return min_alpha + (alpha - min_alpha) * (1 + np.cos(np.pi * progress)) / 2
    return np.array([_called(schedule, share) for share in progress.tolist()])


def learning_rate(schedule: Schedule, alpha: float, min_alpha: float, progress: float) -> float:
    """The learning rate at one share; see `learning_rates`."""
    shares = np.array([progress], dtype=np.float64)
    return float(learning_rates(schedule, alpha, min_alpha, shares)[0])


def _called(schedule: Callable[[float], float], progress: float) -> float:
    lr = schedule(progress)
    try:
        usable = math.isfinite(lr) and lr >= 0
    except TypeError:
        usable = False
    if not usable:
        raise ValueError(
            f"schedule={schedule!r} gave {lr!r} at progress {progress:g}: a schedule returns the "
            "learning rate, a finite number of at least 0"
        )
    return float(lr)
