"""`w2vext course sst DATA`: the CS224n assignment's training run, picture and classifier.

Results go to the current folder, or to the one that -o names. It refuses a folder that is not the
treebank before it trains anything.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

CHECKPOINT = "sst_checkpoint.npz"
PICTURE = "word_vectors.png"
COSTS = "costs.txt"
LABELS = ("very negative", "negative", "neutral", "positive", "very positive")


def parser(prog="w2vext course"):
    """The arguments of the command."""
    course = argparse.ArgumentParser(prog=prog, description=__doc__.split("\n\n")[0])
    course.add_argument("what", choices=["sst"], help="the Stanford Sentiment Treebank")
    course.add_argument("data", metavar="DATA", help="its folder, with datasetSentences.txt")
    course.add_argument("-o", "--output", default=".", help="folder for the results (here)")
    course.add_argument("--engine", choices=["compiled", "numpy"], default="compiled")
    course.add_argument(
        "--draws",
        choices=["own", "assignment"],
        default="own",
        help="assignment: its own random stream, and its own costs to the last digit",
    )
    course.add_argument("--dtype", choices=["float64", "float32"], default="float64")
    course.add_argument("--iterations", type=_positive, default=40_000)
    course.add_argument("--seed", type=int, default=0, help="of --draws own")
    course.add_argument("--resume", action="store_true", help=f"go on from {CHECKPOINT}")
    course.add_argument("--no-picture", action="store_true", help=f"leave {PICTURE} out")
    return course


def _positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number}: at least 1")
    return number


def main(args=None):
    """Run the command; returns the exit status."""
    options = parser().parse_args(args)
    try:
        run_sst(options)
    except (OSError, ValueError, ImportError, FloatingPointError) as error:
        print(f"w2vext course: {error}", file=sys.stderr)
        return 1
    return 0


def run_sst(options):
    """Train, picture, classify, report."""
    from tqdm import tqdm

    from w2vext.course import sentiment, treebank
    from w2vext.course.picture import word_picture
    from w2vext.datasets import load_sst

    if not options.no_picture:
        import matplotlib.figure  # noqa: F401  (missing, it should say so before the training)
    folder = Path(options.output)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder: make it first")
    data = load_sst(options.data)
    print(f"{len(data.sentences):,} sentences; {options.iterations:,} iterations of 50 windows")
    with tqdm(total=options.iterations, unit=" iterations", disable=None) as bar:

        def progress(iteration, cost):
            bar.update(iteration - bar.n)
            bar.set_postfix(cost=f"{cost:.6f}", refresh=False)

        run = treebank.train(
            data.sentences,
            engine=options.engine,
            draws=options.draws,
            dtype=options.dtype,
            iterations=options.iterations,
            seed=options.seed,
            checkpoint=folder / CHECKPOINT,
            resume=options.resume,
            progress=progress,
        )
    report_costs(run, folder / COSTS)
    if options.engine == "compiled" and run.costs:
        done = 10 * len(run.costs)
        each = treebank.numpy_seconds(data.sentences, draws=options.draws, seed=options.seed)
        print(
            f"compiled: {run.seconds / done * 1e3:.3f} ms an iteration; numpy: {each * 1e3:.3f} ms "
            f"(200 iterations), which makes {each * options.iterations:.0f} s of the whole run"
        )
    if not options.no_picture:
        word_picture(run.words, run.w_in, folder / PICTURE)
        print(f"the words' picture: {folder / PICTURE}")
    report_sentiment(sentiment.classify(data, run.words, np.hstack([run.w_in, run.w_out])))


def report_costs(run, path):
    """Print the curve at ten places, write all of it."""
    if not run.costs:
        print("the checkpoint is as far as that already: no iteration was left to do")
        return
    every = max(1, len(run.costs) // 10)
    print("iteration  smoothed cost")
    for iteration, cost in run.costs[every - 1 :: every]:
        print(f"{iteration:9,}  {cost:.6f}")
    path.write_text("".join(f"{i}\t{cost!r}\n" for i, cost in run.costs), encoding="utf-8")
    print(f"{run.seconds:.1f} s; final smoothed cost {run.costs[-1][1]:.6f}; all costs: {path}")


def report_sentiment(found):
    """Print the classifier's accuracies and its confusion matrix."""
    shares = ", ".join(f"{name} {share:.1%}" for name, share in found.accuracy.items())
    print(f"sentiment from mean vectors: {shares} (C = {found.strength:g}; chance is 20%)")
    print("test sentences, true label by row, predicted by column:")
    for label, counts in zip(LABELS, found.confusion.tolist(), strict=True):
        print(f"{label:>14}  " + " ".join(f"{count:4d}" for count in counts))
