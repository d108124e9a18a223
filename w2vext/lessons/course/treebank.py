"""The training run of the assignment on the treebank, by the compiled or the NumPy engine."""

from __future__ import annotations

import math
import os
import random
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext import reference
from w2vext._arguments.messages import shown
from w2vext.lessons import minibatch
from w2vext.lessons.course.draws import FastDraws, TreebankSource, draw_batch, initial_matrices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Floats, Int32

ENGINES = {"compiled": minibatch.train_batch, "numpy": reference.train_batch}
WINDOWS = 50
LEARNING_RATE = 0.3
VECTOR_SIZE = 10
ASSIGNMENT_SEED = 31415


class Run(NamedTuple):
    """The results of a run."""

    words: list[str]
    w_in: np.ndarray  # (V, d) centre vectors
    w_out: np.ndarray  # (V, d) outside vectors
    costs: list[tuple[int, float]]  # (iteration, smoothed cost), every 10 iterations of this call
    seconds: float  # elapsed time
    # CPU seconds per iteration, draws included. The measurement starts at the first report, after
    # work that is done once, such as subsampling. NaN if there were fewer than two reports.
    cpu_each: float


def train(
    sentences: Sequence[Sequence[str]],
    *,
    engine: str = "compiled",
    draws: str = "own",
    dtype: str = "float64",
    iterations: int = 40_000,
    seed: int = 0,
    checkpoint: FilePath | None = None,
    resume: bool = False,
    progress: Callable[[int, float], object] | None = None,
) -> Run:
    """Train on the treebank's sentences as the assignment does.

    Parameters
    ----------
    sentences : list of lists of str
    engine : {"compiled", "numpy"}
    draws : {"own", "assignment"}
        "assignment" draws every window and negative from Python's `random`, in the order of the
        assignment. This takes much longer than the arithmetic and changes the state of `random`.
    dtype : {"float64", "float32"}
    iterations : int
        Number of iterations, of 50 windows each. The learning rate, 0.3, is halved after every
        20,000.
    seed : int
        Seed for draws="own".
    checkpoint : path, optional
        File to which all parameters are saved every 5,000 iterations.
    resume : bool
        Continue from `checkpoint` if it exists. The results equal those of an uninterrupted run.
    progress : callable, optional
        Called as progress(iteration, smoothed cost) every 10 iterations.

    Returns
    -------
    Run
    """
    for name, value, known in (
        ("engine", engine, ENGINES),
        ("draws", draws, ("own", "assignment")),
        ("dtype", dtype, ("float64", "float32")),
    ):
        if value not in known:
            raise ValueError(f"{name}={shown(value)}: choose one of {', '.join(known)}")
    source = TreebankSource(sentences)
    resumed = resume and checkpoint is not None and os.path.exists(checkpoint)
    step_batch, batch = ENGINES[engine], _batches(source, draws, seed, resumed)
    v = len(source.words)
    costs: list[tuple[int, float]] = []
    marks: list[float] = []

    def advance(x: Floats, lr: float, iteration: int) -> float:
        return step_batch(x[:v], x[v:], *batch(iteration), lr / WINDOWS) / WINDOWS

    def report(iteration: int, cost: float) -> None:
        costs.append((iteration, cost))
        marks.append(time.process_time())
        if progress is not None:
            progress(iteration, cost)

    start = time.perf_counter()
    x = reference.descend(
        advance,
        initial_matrices(v, VECTOR_SIZE).astype(dtype),
        LEARNING_RATE,
        iterations,
        report=report,
        checkpoint=checkpoint,
        resume=resumed,
    )
    seconds = time.perf_counter() - start
    each = (marks[-1] - marks[0]) / (10 * (len(marks) - 1)) if len(marks) > 1 else math.nan
    return Run(source.words, x[:v], x[v:], costs, seconds, each)


def _batches(
    source: Any, draws: str, seed: int, resumed: bool
) -> Callable[[int], tuple[Int32, Int32]]:
    """Return a function that gives the batch of an iteration."""
    if draws == "own":
        return FastDraws(source, seed, WINDOWS).batch
    random.seed(ASSIGNMENT_SEED)
    if resumed:
        # The first batch draws the subsampled sentences, so draw one. Loading the checkpoint then
        # restores the state of `random`.
        draw_batch(source, 1)
    return lambda _: draw_batch(source, WINDOWS)


def numpy_seconds(sentences: Sequence[Sequence[str]], **options: Any) -> float:
    """CPU seconds per iteration of the NumPy reference, draws included, over 200 iterations."""
    # The measurement starts with the first report, after 10 iterations. 200 iterations cover one
    # block of FastDraws.
    return train(sentences, engine="numpy", iterations=210, **options).cpu_each
