"""The step size over a training run. Knows neither words nor weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from w2vext._types import Schedule

NAMES = ("linear", "constant", "cosine")


def rate(schedule: Schedule, alpha: float, min_alpha: float, progress: float) -> float:
    """The step size at `progress`, the share of the run's words that is done.

    Parameters
    ----------
    schedule : {"linear", "constant", "cosine"} or callable
        From alpha straight down to min_alpha, alpha throughout, half a cosine from alpha down to
        min_alpha, or a function of progress that returns the step size itself.
    alpha, min_alpha : float
    progress : float
        0 to 1.

    Raises
    ------
    ValueError
        If a callable gives something else than a finite number of at least 0.
    """
    if schedule == "linear":
        return max(min_alpha, alpha - (alpha - min_alpha) * progress)
    if schedule == "constant":
        return alpha
    if schedule == "cosine":
        return min_alpha + (alpha - min_alpha) * (1 + math.cos(math.pi * progress)) / 2
    lr = schedule(progress)
    try:
        usable = math.isfinite(lr) and lr >= 0
    except TypeError:
        usable = False
    if not usable:
        raise ValueError(
            f"schedule={schedule!r} gave {lr!r} at progress {progress:g}: a schedule returns the "
            "step size, a finite number of at least 0"
        )
    return float(lr)
