"""What it costs that workers share rows: words/s by how far apart the cores are.

    python benchmarks/sharing.py wiki.txt --words 2000000 --seconds 300

Where cores share a cache, a line goes from one to another in some 90 ns; between the dies of a chip
or its sockets, in 300. A virtual machine's cores may be moved from one to the other while it runs,
so the line's way is timed before and after every run, and runs are sorted by it. Copies: of so many
of the most frequent words each worker has rows of its own (`hogwild.REPLICAS`).
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import limits
import texts
from deterministic import ALPHA

from w2vext.text import corpus
from w2vext.text import vocabulary as vocab
from w2vext.training import hogwild
from w2vext.training import run as training

NEAR, FAR = 150, 250  # ns: below, and above


def place(ways):
    """Where the cores were: "near", "far", or "between" where that is not sure."""
    if max(ways) < NEAR:
        return "near"
    return "far" if min(ways) > FAR else "between"


def trained(stream, counts, architecture, **choices):
    """(k words/s, the last epoch's loss) of one run."""
    settings = training.Settings(
        seed=1, architecture=architecture, alpha=ALPHA[architecture], epochs=2, **choices
    )
    start = time.perf_counter()
    result = training.train(stream, counts, settings)
    seconds = time.perf_counter() - start
    return len(stream.ids) * settings.epochs / seconds / 1e3, result.loss_history[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, help="a text file, words separated by spaces")
    parser.add_argument("--words", type=int, help="only the first so many (default: all)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--copies", type=int, nargs="+", default=[0, 32, 256])
    parser.add_argument("--seconds", type=float, default=300)
    options = parser.parse_args()
    runs = {}
    with tempfile.TemporaryDirectory() as folder:
        library = limits.compiled(folder)
        if limits.line_ns(library) is None:
            parser.error("this process has one core: there is no way from core to core")
        one, _ = texts.cut(options.text, Path(folder), options.words)
        words, stream = vocab.build(corpus.open_corpus(one))
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            for architecture in ALPHA:
                for copies in options.copies:
                    hogwild.REPLICAS["neg"] = copies
                    before = limits.line_ns(library)
                    run = trained(stream, words.counts, architecture, workers=options.workers)
                    where = place([before, limits.line_ns(library)])
                    runs.setdefault((architecture, copies), {}).setdefault(where, []).append(run)
    print("| architecture | copies | near: k words/s (runs) | far: k words/s (runs) | loss |")
    print("|" + "---|" * 5)
    for (architecture, copies), found in runs.items():
        cells = [
            f"{median(rate for rate, _ in found[where]):,.0f} ({len(found[where])})"
            if where in found else ""
            for where in ("near", "far")
        ]  # fmt: skip
        loss = median(loss for each in found.values() for _, loss in each)
        print(f"| {architecture} | {copies} | {cells[0]} | {cells[1]} | {loss:.4f} |")


if __name__ == "__main__":
    main()
