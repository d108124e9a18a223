"""Gradient descent of the CS224n assignment: annealing, smoothed loss, checkpoints.

A checkpoint is an .npz file of plain arrays and JSON text, so loading one executes nothing. It is
written to a temporary name and renamed, so an interrupted save keeps the previous checkpoint.
"""

from __future__ import annotations

import errno
import io
import json
import math
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

    from w2vext._arguments.types import FilePath, Float64, Floats

FORMAT = "w2vext checkpoint 1"


def sgd(
    f: Callable[[Float64], tuple[float, Float64]],
    x0: ArrayLike,
    lr: float,
    iterations: int,
    *,
    postprocess: Callable[[Float64], ArrayLike] | None = None,
    **options: Any,
) -> Float64:
    """Minimise f by x ← x - lr · gradient.

    Parameters
    ----------
    f : callable
        Takes x and returns (loss, gradient). It may draw from `random`.
    x0 : array_like
        The initial x; not changed.
    lr : float
        The initial learning rate; `descend` halves it at intervals.
    iterations : int
        The last iteration, counted from 1.
    postprocess : callable, optional
        Applied to x after each update, `normalize_rows` for instance.
    **options
        Passed to `descend`: annealing, reports, checkpoints.

    Returns
    -------
    ndarray of float64, shape of `x0`

    Notes
    -----
    Document 001, part 2 (b). Its check is f = x² with a learning rate of 0.01 for 1,000 iterations.
    """

    def advance(x: Float64, lr: float, _: int) -> float:
        loss, gradient = f(x)
        x -= lr * gradient
        if postprocess is not None:
            x[...] = postprocess(x)
        return loss

    return descend(advance, np.array(x0, dtype=np.float64), lr, iterations, **options)


def descend(
    advance: Callable[[Any, float, int], float],
    x: Any,
    lr: float,
    iterations: int,
    *,
    anneal_every: int = 20_000,
    print_every: int = 10,
    report: Callable[[int, float], object] | None = None,
    checkpoint: FilePath | None = None,
    checkpoint_every: int = 5_000,
    resume: bool = False,
) -> Any:
    """Run an update repeatedly, with annealing, a smoothed loss, reports and checkpoints.

    Parameters
    ----------
    advance : callable
        advance(x, lr, iteration) updates x in place and returns the loss before the update.
    x : ndarray
        Changed in place.
    lr : float
        The initial learning rate. It is halved after every `anneal_every` iterations.
    iterations : int
        The last iteration, counted from 1. A resumed run continues the count of the first run.
    anneal_every, print_every, checkpoint_every : int
        Intervals, in iterations.
    report : callable, optional
        Called as report(iteration, smoothed_loss) every `print_every` iterations. The smoothed loss
        is the loss at the first report, and 0.95 · previous + 0.05 · loss at each later one.
    checkpoint : path, optional
        File to save to every `checkpoint_every` iterations. Each checkpoint replaces the previous.
    resume : bool
        Continue from `checkpoint` if that file exists. The results equal those of an uninterrupted
        run.

    Returns
    -------
    ndarray
        x

    Raises
    ------
    ValueError
        The checkpoint is damaged, or has another format or another shape than x.
    FloatingPointError
        The loss is not finite. The message names the iteration and the learning rate.
    """
    start, smoothed = 0, None
    if resume and checkpoint is not None and os.path.exists(checkpoint):
        x[...], start, lr, smoothed = load_checkpoint(checkpoint, shape=x.shape)
    for iteration in range(start + 1, iterations + 1):
        loss = advance(x, lr, iteration)
        if not np.isfinite(loss):
            raise FloatingPointError(
                f"the loss is {loss} at iteration {iteration} with lr={lr}: lower the learning rate"
            )
        if iteration % print_every == 0:
            smoothed = loss if smoothed is None else 0.95 * smoothed + 0.05 * loss
            if report is not None:
                report(iteration, smoothed)
        if iteration % anneal_every == 0:
            lr *= 0.5
        if checkpoint is not None and iteration % checkpoint_every == 0:
            save_checkpoint(checkpoint, x, iteration, lr, smoothed)
    return x


def save_checkpoint(
    path: FilePath, x: Floats, iteration: int, lr: float, smoothed: float | None
) -> None:
    """Write x, the iteration, the learning rate, the smoothed loss and the state of `random`.

    Parameters
    ----------
    path : path
        An existing file is replaced only after the new checkpoint is complete.
    x : ndarray
    iteration : int
    lr : float
    smoothed : float or None
    """
    version, numbers, gauss = random.getstate()
    state = {
        "format": FORMAT,
        "iteration": int(iteration),
        "lr": float(lr),
        "smoothed": None if smoothed is None else float(smoothed),
        "random": [version, list(numbers), gauss],
    }
    with _files.writing(path) as file:
        np.savez(file, x=x, state=np.array(json.dumps(state)))


def load_checkpoint(
    path: FilePath, shape: tuple[int, ...] | None = None
) -> tuple[NDArray[Any], int, float, float | None]:
    """Read a checkpoint of `save_checkpoint`, and restore the state of `random`.

    Parameters
    ----------
    path : path
    shape : tuple of int, optional
        The shape that x must have.

    Returns
    -------
    x : ndarray
    iteration : int
    lr : float
    smoothed : float or None

    Raises
    ------
    ValueError
        The file is damaged, or has another format or another shape.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            x, state = _array(archive, "x"), json.loads(str(_array(archive, "state")))
        if state["format"] != FORMAT:
            raise ValueError(f"its format is {state['format']!r}, not {FORMAT!r}")
        iteration, lr, smoothed = state["iteration"], state["lr"], state["smoothed"]
        numbers = np.array([iteration, lr, 0.0 if smoothed is None else smoothed], np.float64)
        if x.dtype.kind != "f" or not np.isfinite(x).all() or not np.isfinite(numbers).all():
            raise ValueError("a number is not finite")
        if not isinstance(iteration, int) or iteration < 0:
            raise ValueError(f"its iteration is {str(iteration)[:80]}")
        if shape is None or x.shape == tuple(shape):
            version, numbers_drawn, gauss = state["random"]
            random.setstate((version, tuple(numbers_drawn), gauss))
    except MemoryError:
        raise
    except Exception as error:  # zipfile, numpy, json and random raise many kinds for damage
        # A damaged offset may make zipfile seek before the start of the file, which is EINVAL.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise ValueError(
            f"{path} is not a valid checkpoint ({error}): remove it to start again"
        ) from error
    if shape is not None and x.shape != tuple(shape):
        raise ValueError(
            f"{path} has parameters of shape {x.shape}, this run needs {tuple(shape)}: "
            "choose another checkpoint, or remove it to start again"
        )
    return x, iteration, lr, smoothed


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """An array of a checkpoint, whose header must fit the bytes that follow it."""
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed")
    data = io.BytesIO(archive.read(info))
    version = np.lib.format.read_magic(data)
    read_header = getattr(np.lib.format, f"read_array_header_{version[0]}_0")
    shape, _, dtype = read_header(data)
    rest = len(data.getbuffer()) - data.tell()
    if dtype.hasobject or math.prod(shape) * dtype.itemsize != rest:
        raise ValueError(f"{name} has shape {shape} of {dtype} and {rest:,} bytes")
    data.seek(0)
    return np.lib.format.read_array(data, allow_pickle=False)
