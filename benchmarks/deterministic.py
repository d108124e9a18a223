"""What `deterministic=True` costs: words/s of training beside that of workers without locks.

    python benchmarks/deterministic.py wiki.txt --workers 2 --members "sg ns" "cbow ns"

Both train the same ids in this process and take turns; medians. "By CPU" counts the processor time
of all threads, which other work on the machine disturbs less. That the bytes are the same for one
worker and for all is checked on the way.
"""

import argparse
import hashlib
import time
from pathlib import Path
from statistics import median

from w2vext.text import corpus
from w2vext.text import vocabulary as vocab
from w2vext.training import run as training

ALPHA = {"skipgram": 0.025, "cbow": 0.2}


def trained(stream, counts, **choices):
    """(words/s, words/s by CPU, digest of the vectors) of one run."""
    settings = training.Settings(seed=1, **choices)
    start, cpu = time.perf_counter(), time.process_time()
    result = training.train(stream, counts, settings)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    words = len(stream.ids) * settings.epochs
    return words / seconds, words / cpu, hashlib.sha256(result.w_in.tobytes()).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, help="a text file, words separated by spaces")
    parser.add_argument("--members", nargs="+", default=["sg ns", "cbow ns", "sg hs"])
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    words, stream = vocab.build(corpus.open_corpus(options.text))
    print(f"{len(stream.ids):,} words, {options.workers} workers, d = {options.size}\n")
    print(
        "| member | k words/s: free | deterministic | ratio | by CPU: free | deterministic | ratio"
        " |"
    )
    print("|" + "---|" * 7)
    for member in options.members:
        short, loss = member.split()
        architecture = "skipgram" if short == "sg" else "cbow"
        choices = {
            "loss": "neg" if loss == "ns" else loss, "architecture": architecture,
            "alpha": ALPHA[architecture], "vector_size": options.size, "epochs": options.epochs,
        }  # fmt: skip
        runs = {False: [], True: []}
        for _ in range(options.repeats):
            for deterministic, found in runs.items():
                found.append(
                    trained(stream, words.counts, **choices, workers=options.workers,
                            deterministic=deterministic)
                )  # fmt: skip
        alone = trained(stream, words.counts, **choices, workers=1, deterministic=True)
        assert {digest for _, _, digest in (*runs[True], alone)} == {alone[2]}
        cells = []
        for which in (0, 1):
            free, fixed = (median(run[which] for run in found) / 1e3 for found in runs.values())
            cells += [f"{free:,.0f}", f"{fixed:,.0f}", f"{fixed / free:.2f}"]
        print(f"| {member} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
