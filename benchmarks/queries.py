"""Exact neighbours among 1,000,000 words of 100 dimensions: one query, and 1,000 in one call; and,
where a file of analogies is given, all its questions against 30,000 words.

A single query against the bare matrix-vector product, the batch against as many single queries, all
in one process and in turns. It says which kernel OpenBLAS chose, since the batch is bound by sgemm
and a single query by memory. `OPENBLAS_NUM_THREADS` decides how many threads there are.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from w2vext import KeyedVectors


def seconds(work, calls):
    """(wall, processor) seconds of one call."""
    wall, processor = time.perf_counter(), time.process_time()
    for i in range(calls):
        work(i)
    return (time.perf_counter() - wall) / calls, (time.process_time() - processor) / calls


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--dimensions", type=int, default=100)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--analogies", type=Path, help="a file such as questions-words.txt")
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((args.words, args.dimensions), dtype=np.float32)
    wv = KeyedVectors(range(args.words), matrix)
    wv.fill_norms()
    asked = rng.integers(0, args.words, args.queries).tolist()
    works = {
        "matrix-vector product": (lambda i: matrix @ matrix[asked[i]], 30),
        "one query": (lambda i: wv.most_similar([asked[i]]), 30),
        f"{args.queries:,} queries": (lambda i: wv.most_similar([[w] for w in asked]), 1),
    }
    taken = {name: [] for name in works}
    for _ in range(args.rounds):
        for name, (work, calls) in works.items():
            taken[name].append(seconds(work, min(calls, args.queries)))
    for blas in threadpool_info():
        if blas["user_api"] == "blas":
            chosen = f"{blas['version']} {blas.get('architecture', '')}, {blas['num_threads']}"
            print(f"{blas['internal_api']} {chosen} threads")
    print(f"| {args.words:,} x {args.dimensions} | wall, ms | processor, ms |\n|---|---|---|")
    middle = {}
    for name, rounds in taken.items():
        middle[name] = [statistics.median(side) * 1e3 for side in zip(*rounds, strict=True)]
        print(f"| {name} | {middle[name][0]:.1f} | {middle[name][1]:.1f} |")
    product, one, many = middle.values()
    ratios = [f"{o / p:.2f}" for o, p in zip(one, product, strict=True)]
    print(f"| one query / product | {ratios[0]} | {ratios[1]} |")
    rates = [f"{args.queries * o / m:.1f}" for o, m in zip(one, many, strict=True)]
    print(f"| rate in one call / rate of single ones | {rates[0]} | {rates[1]} |")
    if args.analogies:
        answer_all(args)


def answer_all(args):
    """Every question of a file, its words among 30,000 made-up vectors."""
    lines = args.analogies.read_text(encoding="utf-8").upper().splitlines()
    words = dict.fromkeys(word for line in lines if line[0] != ":" for word in line.split())
    words = [*words, *map(str, range(30_000 - len(words)))]
    rng = np.random.default_rng(0)
    wv = KeyedVectors(words, rng.standard_normal((len(words), args.dimensions), dtype=np.float32))
    taken, found = [], []

    def answer(_):
        found.append(wv.evaluate_analogies(args.analogies, restrict_vocab=30_000).total.asked)

    for _ in range(args.rounds):
        taken.append(seconds(answer, 1))
    middle = (f"{1e3 * statistics.median(side):.0f}" for side in zip(*taken, strict=True))
    print(f"| {found[0]:,} analogies against 30,000 words | {' | '.join(middle)} |")


if __name__ == "__main__":
    main()
