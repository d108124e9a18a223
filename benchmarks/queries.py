"""Measure exact nearest-neighbour queries among 1,000,000 words of 100 dimensions.

One query is compared with the bare matrix-vector product, 1,000 queries in one call with as many
single ones, in turns. With --analogies, all questions of a file are answered among 30,000 words.
OPENBLAS_NUM_THREADS sets the number of threads, OPENBLAS_CORETYPE OpenBLAS's kernel.
"""

from pathlib import Path

import numpy as np
import results as recording
import tables
from results import alternate, clocked
from threadpoolctl import threadpool_info

from w2vext import KeyedVectors


def blas():
    """The BLAS of this process: its version, the kernel that it chose, its threads."""
    (found, *_) = (each for each in threadpool_info() if each["user_api"] == "blas")
    name = f"{found['internal_api']} {found['version']} {found.get('architecture', '')}"
    return {"blas": name.strip(), "threads": found["num_threads"]}


def repeated(call, times):
    """A function that repeats a call; it returns the elapsed and CPU milliseconds of one call."""

    def measure():
        wall, processor, _ = clocked(lambda: [call(i) for i in range(times)])
        return {"wall_ms": 1e3 * wall / times, "cpu_ms": 1e3 * processor / times}

    return measure


def analogies(path, dimensions):
    """A function that answers all questions of a file, with 30,000 random vectors."""
    lines = path.read_text(encoding="utf-8").upper().splitlines()
    words = dict.fromkeys(word for line in lines if line[0] != ":" for word in line.split())
    words = [*words, *map(str, range(30_000 - len(words)))]
    rng = np.random.default_rng(0)
    wv = KeyedVectors(words, rng.standard_normal((len(words), dimensions), dtype=np.float32))
    return repeated(lambda _: wv.evaluate_analogies(path, restrict_vocab=30_000), 1)


def main():
    made = recording.parser(__doc__)
    made.add_argument("--words", type=int, default=1_000_000)
    made.add_argument("--dimensions", type=int, default=100)
    made.add_argument("--queries", type=int, default=1000)
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--analogies", type=Path, help="a file such as questions-words.txt")
    options = made.parse_args()
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((options.words, options.dimensions), dtype=np.float32)
    wv = KeyedVectors(range(options.words), matrix)
    wv.fill_norms()
    queried = rng.integers(0, options.words, options.queries).tolist()
    calls = {
        "matrix-vector product": repeated(lambda i: matrix @ matrix[queried[i]], 30),
        "one query": repeated(lambda i: wv.most_similar([queried[i]]), 30),
        f"{options.queries:,} queries in one call": repeated(
            lambda i: wv.most_similar([[w] for w in queried]), 1
        ),
    }
    if options.analogies:
        calls["all analogies, 30,000 words"] = analogies(options.analogies, options.dimensions)
    stored = recording.Results(options)
    for _, what, taken in alternate(calls, options.rounds):
        stored.add(what=what, words=options.words, size=options.dimensions, **blas(), **taken)
    tables.show(stored.content)


if __name__ == "__main__":
    main()
