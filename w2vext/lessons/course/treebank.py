"""The assignment's training run on the treebank: the same mathematics with either engine.

It refuses to be a trainer for other text: `Word2Vec` is. Everything that is random is fixed by the
draws: the assignment's own stream, or one of numpy's that is far cheaper.
"""

from __future__ import annotations

import math
import os
import random
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext import reference
from w2vext.lessons import minibatch
from w2vext.lessons.course.draws import FastDraws, TreebankSource, draw_batch, flat_start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from w2vext._types import FilePath, Floats, Int32

ENGINES = {"compiled": minibatch.train_batch, "numpy": reference.train_batch}
WINDOWS = 50
STEP = 0.3
VECTOR_SIZE = 10
ASSIGNMENT_SEED = 31415


class Run(NamedTuple):
    """What a run leaves."""

    words: list[str]
    w_in: np.ndarray  # (V, d) centre vectors
    w_out: np.ndarray  # (V, d) outside vectors
    costs: list[tuple[int, float]]  # (iteration, smoothed cost), every 10 iterations of this call
    seconds: float  # of the clock
    # CPU seconds of an iteration, draws included, from the first report on: what is done once, such
    # as thinning the sentences, comes before it. NaN where there is no second report.
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
        "assignment" draws every window and negative from Python's `random` in the assignment's
        order, which takes far longer than the mathematics. It leaves `random` in another state.
    dtype : {"float64", "float32"}
    iterations : int
        Of 50 windows each; the step 0.3 is halved after every 20,000.
    seed : int
        For draws="own".
    checkpoint : path, optional
        Where all parameters are saved every 5,000 iterations.
    resume : bool
        Go on from `checkpoint` where it exists, with the numbers of a run without interruption.
    progress : callable, optional
        progress(iteration, smoothed cost), every 10 iterations.

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
            raise ValueError(f"{name}={value!r}: choose one of {', '.join(known)}")
    source = TreebankSource(sentences)
    resumed = resume and checkpoint is not None and os.path.exists(checkpoint)
    step_batch, batch = ENGINES[engine], _batches(source, draws, seed, resumed)
    v = len(source.words)
    costs: list[tuple[int, float]] = []
    marks: list[float] = []

    def advance(x: Floats, step: float, iteration: int) -> float:
        return step_batch(x[:v], x[v:], *batch(iteration), step / WINDOWS) / WINDOWS

    def report(iteration: int, cost: float) -> None:
        costs.append((iteration, cost))
        marks.append(time.process_time())
        if progress is not None:
            progress(iteration, cost)

    began = time.perf_counter()
    x = reference.descend(
        advance,
        flat_start(v, VECTOR_SIZE).astype(dtype),
        STEP,
        iterations,
        report=report,
        checkpoint=checkpoint,
        resume=resumed,
    )
    seconds = time.perf_counter() - began
    each = (marks[-1] - marks[0]) / (10 * (len(marks) - 1)) if len(marks) > 1 else math.nan
    return Run(source.words, x[:v], x[v:], costs, seconds, each)


def _batches(
    source: Any, draws: str, seed: int, resumed: bool
) -> Callable[[int], tuple[Int32, Int32]]:
    """A function from the iteration to its batch."""
    if draws == "own":
        return FastDraws(source, seed, WINDOWS).batch
    random.seed(ASSIGNMENT_SEED)
    if resumed:
        # The thinned sentences are drawn inside the first request, so they are drawn again there;
        # loading the checkpoint then puts the stream to where it was.
        draw_batch(source, 1)
    return lambda _: draw_batch(source, WINDOWS)


def numpy_seconds(sentences: Sequence[Sequence[str]], **options: Any) -> float:
    """CPU seconds that one of 200 iterations takes the numpy reference, its draws included."""
    # Counted from the first report on, after 10; own draws are made for 200 iterations at once.
    return train(sentences, engine="numpy", iterations=210, **options).cpu_each
