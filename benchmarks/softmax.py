"""The naive softmax step beside the machine's large sgemm, on one thread.

    python softmax.py

A step over B centres is counted as 6·V·d operations a centre: three products of (B, V) by d. The
second table's vocabulary of a million words asks for the time and the memory of one step of 64
centres, beyond the matrices. It draws centres and contexts at random and trains nothing useful.
"""

import argparse
import statistics
import time

import limits  # first: it sets BLAS to one thread
import numpy as np
from programs import NO_FILE

from w2vext.kernels._softmax import SoftmaxBatch


def anonymous_mb():
    """Resident memory that is no file's."""
    with open("/proc/self/status") as status:
        return sum(int(line.split()[1]) for line in status if line.startswith(NO_FILE)) / 1024


def one_step(words, size, centres, contexts=6):
    """A function that does one step over random centres, and one over another batch."""
    rng = np.random.default_rng(1)
    stride = -(-size // 16) * 16
    w_in, w_out = (limits.aligned(words, stride) for _ in range(2))
    for w in (w_in, w_out):
        for at in range(0, words, 4096):
            block = w[at : at + 4096, :size]
            block[:] = (rng.random(block.shape, np.float32) - 0.5) / 10
    before = anonymous_mb()
    batch = SoftmaxBatch(w_in, w_out, size, centres, centres * contexts)
    ids = rng.integers(0, words, centres, dtype=np.int32)
    around = rng.integers(0, words, centres * contexts, dtype=np.int32)
    starts = np.arange(centres + 1, dtype=np.int64) * contexts
    return lambda: batch.step(ids, starts, around, centres, 0.01), before


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--centres", type=int, nargs="+", default=[16, 32, 64, 128])
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    wall = limits.sgemm_gflops()
    print(f"V = 10,000, d = 100; sgemm of 2048 × 2048: {wall:.0f} GFLOP/s\n")
    print("| centres a step | GFLOP/s | of sgemm |\n|---|---|---|")
    for centres in options.centres:
        step, _ = one_step(10_000, 100, centres)
        seconds = limits.median_seconds(step, options.repeats)
        rate = 6 * 10_000 * 100 * centres / seconds / 1e9
        print(f"| {centres} | {rate:.0f} | {100 * rate / wall:.0f} % |", flush=True)
    step, before = one_step(1_000_000, 300, 64)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    print(f"\nV = 1,000,000, d = 300, 64 centres: {statistics.median(seconds):.2f} s a step, "
          f"{anonymous_mb() - before:.0f} MB beyond the matrices")  # fmt: skip


if __name__ == "__main__":
    main()
