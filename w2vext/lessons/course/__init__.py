"""The CS224n assignment from its data to its picture: what `w2vext course sst DATA` does; and every
number that the course's documents print, `w2vext course numbers`.

It refuses a folder that is not the treebank before it trains anything.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from w2vext._types import FilePath
    from w2vext.lessons.course.sentiment import Sentiment
    from w2vext.lessons.course.treebank import Run

CHECKPOINT = "sst_checkpoint.npz"
PICTURE = "word_vectors.png"
COSTS = "costs.txt"
LABELS = ("very negative", "negative", "neutral", "positive", "very positive")


def run_sst(
    data: FilePath,
    output: FilePath = ".",
    *,
    engine: str = "compiled",
    draws: str = "own",
    dtype: str = "float64",
    iterations: int = 40_000,
    seed: int = 0,
    resume: bool = False,
    picture: bool = True,
) -> tuple[Run, Sentiment]:
    """Train on the treebank, draw the picture, classify sentiment, and print it all.

    Parameters
    ----------
    data : path
        The treebank's folder, as `datasets.load_sst` reads it.
    output : path
        Folder for `word_vectors.png`, `costs.txt` and the checkpoint.
    engine, draws, dtype, iterations, seed, resume
        As in `treebank.train`; the checkpoint is the one in `output`.
    picture : bool
        False leaves the picture out, which needs matplotlib.

    Returns
    -------
    run : treebank.Run
        The trained vectors, the cost curve and the times.
    found : sentiment.Sentiment
        The classifier's accuracies.

    Raises
    ------
    FileNotFoundError
        `data` or `output` is not a folder, or a file of the treebank is missing.
    ValueError
        An argument is out of range, or a file or the checkpoint is damaged.
    ImportError
        `picture` is True and matplotlib is not installed.
    """
    from w2vext.datasets import load_sst
    from w2vext.lessons.course import sentiment, treebank
    from w2vext.lessons.course.picture import require, word_picture

    if iterations < 1:
        raise ValueError(f"iterations={iterations}: give at least 1")
    if picture:
        require()
    folder = Path(output)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder: make it first")
    bank = load_sst(data)
    print(f"{len(bank.sentences):,} sentences; {iterations:,} iterations of 50 windows")
    with _bar(iterations) as progress:
        run = treebank.train(
            bank.sentences,
            engine=engine,
            draws=draws,
            dtype=dtype,
            iterations=iterations,
            seed=seed,
            checkpoint=folder / CHECKPOINT,
            resume=resume,
            progress=progress,
        )
    report_costs(run, folder / COSTS)
    each = run.cpu_each
    if engine == "compiled" and each > 0:
        numpy = treebank.numpy_seconds(bank.sentences, draws=draws, seed=seed)
        print(
            f"CPU time of an iteration, draws included: compiled {each * 1e3:.3f} ms, numpy "
            f"{numpy * 1e3:.3f} ms (200 iterations), {numpy / each:.1f} times that; the whole run "
            f"would take it {numpy * iterations:.0f} s"
        )
    if picture:
        word_picture(run.words, run.w_in, folder / PICTURE)
        print(f"the words' picture: {folder / PICTURE}")
    found = sentiment.classify(bank, run.words, np.hstack([run.w_in, run.w_out]))
    report_sentiment(found)
    return run, found


@contextmanager
def _bar(iterations: int) -> Iterator[Callable[[int, float], None]]:
    """A progress bar, as what it is to be told: progress(iteration, smoothed cost)."""
    from tqdm import tqdm

    with tqdm(total=iterations, unit=" iterations", disable=None) as bar:

        def progress(iteration: int, cost: float) -> None:
            bar.update(iteration - bar.n)
            bar.set_postfix(cost=f"{cost:.6f}", refresh=False)

        yield progress


def report_numbers(data: FilePath | None = None, iterations: int = 40_000) -> bool:
    """Compare every number that the source documents print with the one computed here.

    Parameters
    ----------
    data : path, optional
        The treebank's folder. None leaves out the numbers that need it.
    iterations : int
        Number of iterations of the treebank run.

    Returns
    -------
    bool
        Whether all numbers agree to their last printed digit.

    Raises
    ------
    ValueError
        `iterations` is below 1, or a file of the treebank is damaged.
    """
    from w2vext.datasets import load_sst
    from w2vext.lessons.course import numbers

    if iterations < 1:
        raise ValueError(f"iterations={iterations}: give at least 1")
    bank = None if data is None else load_sst(data)
    if bank is None:
        found = numbers.table()
    else:
        with _bar(iterations) as progress:
            found = numbers.table(bank, iterations, progress)
    columns = [["what", "expected", "obtained", ""]]
    columns += [[*row[:3], "" if row.agrees else "DIFFERS"] for row in found]
    widths = [max(map(len, column)) for column in zip(*columns, strict=True)]
    for row in columns:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    wrong = sum(not row.agrees for row in found)
    print(f"{len(found)} rows, {len(found) - wrong} agree to the last printed digit")
    if bank is None:
        print("the treebank run's numbers need its folder: w2vext course numbers DATA")
    return not wrong


def report_costs(run: Run, path: Path) -> None:
    """Print the curve at ten places, write all of it."""
    if not run.costs:
        print("the checkpoint is as far as that already: no iteration was left to do")
        return
    every = max(1, len(run.costs) // 10)
    print("iteration  smoothed cost")
    for iteration, cost in run.costs[every - 1 :: every]:
        print(f"{iteration:9,}  {cost:.6f}")
    with _files.writing(path, text=True) as file:
        file.writelines(f"{i}\t{cost!r}\n" for i, cost in run.costs)
    print(f"{run.seconds:.1f} s; final smoothed cost {run.costs[-1][1]:.6f}; all costs: {path}")


def report_sentiment(found: Sentiment) -> None:
    """Print the classifier's accuracies and its confusion matrix."""
    shares = ", ".join(f"{name} {share:.1%}" for name, share in found.accuracy.items())
    print(f"sentiment from mean vectors: {shares} (C = {found.strength:g})")
    print(f"the training sentences' most frequent label each time: test {found.frequent:.1%}")
    print("test sentences, true label by row, predicted by column:")
    for label, counts in zip(LABELS, found.confusion.tolist(), strict=True):
        print(f"{label:>14}  " + " ".join(f"{count:4d}" for count in counts))
