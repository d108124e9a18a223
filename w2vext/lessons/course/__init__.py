"""The CS224n assignment from data to picture, and a check of the numbers in the source documents.

`run_sst` implements `w2vext course sst`, and `report_numbers` implements `w2vext course numbers`.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.flags import check_flags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from w2vext._arguments.types import FilePath
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
    """Train on the treebank, draw the picture, classify sentiment, and print the results.

    Parameters
    ----------
    data : path
        The folder of the treebank, as for `datasets.load_sst`.
    output : path
        Folder for `word_vectors.png`, `costs.txt` and the checkpoint.
    engine : {"compiled", "numpy"}
        The compiled training step, or its NumPy reference.
    draws : {"own", "assignment"}
        "own" draws windows and negatives in large batches from a NumPy generator. "assignment"
        draws everything from Python's `random` in the order of the assignment, which reproduces the
        costs of the assignment to the last digit, but takes longer than the arithmetic.
    dtype : {"float64", "float32"}
    iterations : int
        Number of iterations, of 50 windows each.
    seed : int
        Seed for draws="own".
    resume : bool
        Continue from the checkpoint in `output` if there is one.
    picture : bool
        Whether to draw the picture, which needs matplotlib.

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

    check_flags(resume=resume, picture=picture)
    if iterations < 1:
        raise ValueError(f"iterations={iterations}: give at least 1")
    if picture:
        require()
    folder = Path(output)
    if not folder.is_dir():
        raise FileNotFoundError(f"output: {folder} is not a folder: create it first")
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
            f"CPU time per iteration, draws included: compiled {each * 1e3:.3f} ms; numpy "
            f"{numpy * 1e3:.3f} ms (mean of 200 iterations), {numpy / each:.1f} times as long, or "
            f"{numpy * iterations:.0f} s for this run"
        )
    if picture:
        word_picture(run.words, run.w_in, folder / PICTURE)
        print(f"picture of the words: {folder / PICTURE}")
    found = sentiment.classify(bank, run.words, np.hstack([run.w_in, run.w_out]))
    report_sentiment(found)
    return run, found


@contextmanager
def _bar(iterations: int) -> Iterator[Callable[[int, float], None]]:
    """A progress bar, as a function that is called with (iteration, smoothed cost)."""
    from tqdm import tqdm

    with tqdm(total=iterations, unit=" iterations", disable=None) as bar:

        def progress(iteration: int, cost: float) -> None:
            bar.update(iteration - bar.n)
            bar.set_postfix(cost=f"{cost:.6f}", refresh=False)

        yield progress


def report_numbers(data: FilePath | None = None, iterations: int = 40_000) -> bool:
    """Recompute every number that is printed in the source documents, and compare the two.

    Parameters
    ----------
    data : path, optional
        The folder of the treebank. None leaves out the numbers that need it.
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
    print(f"{len(found) - wrong} of {len(found)} rows agree to the last printed digit")
    if bank is None:
        print("the treebank run was not checked; to check it: w2vext course numbers DATA")
    return not wrong


def report_costs(run: Run, path: Path) -> None:
    """Print the cost at ten iterations, and write the whole curve to `path`."""
    if not run.costs:
        print("nothing to do: the checkpoint already has this number of iterations")
        return
    every = max(1, len(run.costs) // 10)
    print("iteration  smoothed cost")
    for iteration, cost in run.costs[every - 1 :: every]:
        print(f"{iteration:9,}  {cost:.6f}")
    with _files.writing(path, text=True) as file:
        file.writelines(f"{i}\t{cost!r}\n" for i, cost in run.costs)
    print(f"{run.seconds:.1f} s; final smoothed cost {run.costs[-1][1]:.6f}; all costs in {path}")


def report_sentiment(found: Sentiment) -> None:
    """Print the accuracies and the confusion matrix of the classifier."""
    shares = ", ".join(f"{name} {share:.1%}" for name, share in found.accuracy.items())
    print(f"sentiment from mean vectors: {shares} (C = {found.strength:g})")
    print(f"always the most frequent label of the training sentences: test {found.frequent:.1%}")
    print("test sentences (true labels in rows, predicted labels in columns):")
    for label, counts in zip(LABELS, found.confusion.tolist(), strict=True):
        print(f"{label:>14}  " + " ".join(f"{count:4d}" for count in counts))
