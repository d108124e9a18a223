"""Gradient descent as the assignment runs it: annealing, smoothed loss, checkpoints. No momentum.

A checkpoint is one .npz file of plain arrays, with the rest as JSON text in it: nothing that is
loaded is executed, and it is renamed into place, so that an interrupted save leaves the one before.
"""

from __future__ import annotations

import json
import os
import random
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from w2vext._types import FilePath, Float64, Floats

FORMAT = "w2vext checkpoint 1"


def sgd(
    f: Callable[[Float64], tuple[float, Float64]],
    x0: ArrayLike,
    step: float,
    iterations: int,
    *,
    postprocess: Callable[[Float64], ArrayLike] | None = None,
    **options: Any,
) -> Float64:
    """Minimise f by x ← x - step · gradient.

    Parameters
    ----------
    f : callable
        Takes x, returns (loss, gradient). It may draw from `random`.
    x0 : array_like
        The start; not changed.
    step : float
        Halved as `descend` says.
    iterations : int
        The last iteration, counted from 1.
    postprocess : callable, optional
        Applied to x after each update, `normalize_rows` for instance.
    **options
        `descend`'s: annealing, reports, checkpoints.

    Returns
    -------
    ndarray of float64, shape of `x0`

    Notes
    -----
    Document 001, part 2 (b); its check is f = x² with step 0.01 over 1,000 iterations.
    """

    def advance(x: Float64, step: float, _: int) -> float:
        loss, gradient = f(x)
        x -= step * gradient
        if postprocess is not None:
            x[...] = postprocess(x)
        return loss

    return descend(advance, np.array(x0, dtype=np.float64), step, iterations, **options)


def descend(
    advance: Callable[[Any, float, int], float],
    x: Any,
    step: float,
    iterations: int,
    *,
    anneal_every: int = 20_000,
    print_every: int = 10,
    report: Callable[[int, float], object] | None = None,
    checkpoint: FilePath | None = None,
    checkpoint_every: int = 5_000,
    resume: bool = False,
) -> Any:
    """The schedule around any update: anneal, smooth, report, save, resume.

    Parameters
    ----------
    advance : callable
        advance(x, step, iteration) updates x in place and returns the loss before the update.
    x : ndarray
        Changed in place.
    step : float
        Halved after every `anneal_every` iterations.
    iterations : int
        The last iteration, counted from 1 (from the first run's start, when resumed).
    anneal_every, print_every, checkpoint_every : int
        In iterations.
    report : callable, optional
        Called as report(iteration, smoothed_loss) every `print_every` iterations. The smoothed loss
        starts as the loss of the first of these and becomes 0.95 · old + 0.05 · loss at the others.
    checkpoint : path, optional
        Where to save every `checkpoint_every` iterations; the newest replaces the one before.
    resume : bool
        Go on from `checkpoint` where it exists: the same numbers as a run without interruption.

    Returns
    -------
    ndarray
        x

    Raises
    ------
    ValueError
        The checkpoint is damaged, of another format, or of another shape than x.
    FloatingPointError
        The loss is not finite; names the iteration and the step.
    """
    start, smoothed = 0, None
    if resume and checkpoint is not None and os.path.exists(checkpoint):
        x[...], start, step, smoothed = load_checkpoint(checkpoint, shape=x.shape)
    for iteration in range(start + 1, iterations + 1):
        loss = advance(x, step, iteration)
        if not np.isfinite(loss):
            raise FloatingPointError(
                f"the loss is {loss} at iteration {iteration} with step {step}: lower the step"
            )
        if iteration % print_every == 0:
            smoothed = loss if smoothed is None else 0.95 * smoothed + 0.05 * loss
            if report is not None:
                report(iteration, smoothed)
        if iteration % anneal_every == 0:
            step *= 0.5
        if checkpoint is not None and iteration % checkpoint_every == 0:
            save_checkpoint(checkpoint, x, iteration, step, smoothed)
    return x


def save_checkpoint(
    path: FilePath, x: Floats, iteration: int, step: float, smoothed: float | None
) -> None:
    """Write x, the iteration, the step, the smoothed loss and the state of `random` to `path`.

    Parameters
    ----------
    path : path
        Replaced only by a whole checkpoint.
    x : ndarray
    iteration : int
    step : float
    smoothed : float or None
    """
    version, numbers, gauss = random.getstate()
    state = {
        "format": FORMAT,
        "iteration": int(iteration),
        "step": float(step),
        "smoothed": None if smoothed is None else float(smoothed),
        "random": [version, list(numbers), gauss],
    }
    with _files.writing(path) as file:
        np.savez(file, x=x, state=np.array(json.dumps(state)))


def load_checkpoint(
    path: FilePath, shape: tuple[int, ...] | None = None
) -> tuple[NDArray[Any], int, float, float | None]:
    """Read what `save_checkpoint` wrote, and put the state of `random` back.

    Returns
    -------
    x : ndarray
    iteration : int
    step : float
    smoothed : float or None
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            x, state = file["x"], json.loads(str(file["state"]))
        if state["format"] != FORMAT:
            raise ValueError(f"its format is {state['format']!r}, not {FORMAT!r}")
        version, numbers, gauss = state["random"]
        restored = (version, tuple(numbers), gauss)
        iteration, step, smoothed = state["iteration"], state["step"], state["smoothed"]
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} is no usable checkpoint ({error}): remove it to start anew"
        ) from error
    if shape is not None and x.shape != tuple(shape):
        raise ValueError(
            f"{path} holds parameters of shape {x.shape}, this run needs {tuple(shape)}: "
            "name another checkpoint, or remove it to start anew"
        )
    random.setstate(restored)
    return x, iteration, step, smoothed
