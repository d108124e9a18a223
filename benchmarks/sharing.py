"""Measure two workers by the distance between their cores, with and without local replicas.

    python benchmarks/sharing.py wiki.txt --words 2000000 --seconds 300

A cache line takes some 90 ns from one core to another where they share a cache, and 300 between the
dies of a chip or its sockets. A virtual machine's cores may be moved while it runs, so the line is
timed before and after each run, and the runs are sorted by it. Each worker trains its own replicas
of the most frequent words (`training.hogwild.REPLICAS`).
"""

import tempfile
import time
from pathlib import Path

import limits
import results as recording
import tables
import texts
from results import clocked

from w2vext.text import corpus
from w2vext.text import vocabulary as vocab
from w2vext.training import hogwild, run
from w2vext.training.settings import Settings

ALPHA = {"skipgram": 0.025, "cbow": 0.2}
NEAR, FAR = 150, 250  # ns: below, and above


def place(before, after):
    """Where the cores were: "near", "far", or "between" if the two timings differ."""
    if max(before, after) < NEAR:
        return "near"
    return "far" if min(before, after) > FAR else "between"


def trained(stream, counts, architecture, workers):
    """Speed and last loss of one run."""
    settings = Settings(
        seed=1, architecture=architecture, alpha=ALPHA[architecture], epochs=2, workers=workers
    )
    seconds, _, result = clocked(lambda: run.train(stream, counts, settings))
    rate = len(stream.ids) * settings.epochs / seconds
    return {"words_per_s": rate, "loss": result.loss_history[-1]}


def main():
    made = recording.parser(__doc__)
    made.add_argument("text", type=Path, help="a text file, words separated by spaces")
    made.add_argument("--words", type=int, help="use only this many words [all]")
    made.add_argument("--workers", type=int, default=2)
    made.add_argument("--replicas", type=int, nargs="+", default=[0, 32, 256])
    made.add_argument("--seconds", type=float, default=300)
    options = made.parse_args()
    stored = recording.Results(options)
    with tempfile.TemporaryDirectory() as folder:
        library = limits.compiled(folder)
        if limits.line_ns(library) is None:
            made.error("this process has one core, so no line goes from core to core")
        one, _ = texts.cut(options.text, Path(folder), options.words)
        words, stream = vocab.build(corpus.open_corpus(one))
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            for architecture in ALPHA:
                for replicas in options.replicas:
                    hogwild.REPLICAS["neg"] = replicas
                    before = limits.line_ns(library)
                    speed = trained(stream, words.counts, architecture, options.workers)
                    after = limits.line_ns(library)
                    stored.add(
                        architecture=architecture, replicas=replicas, cores=place(before, after),
                        line_ns=[before, after], **speed,
                    )  # fmt: skip
    tables.show(stored.content)


if __name__ == "__main__":
    main()
