"""Measure the full softmax step against the machine's large sgemm, on one thread.

A step over B centres is counted as 6·V·d operations for each centre: three products of (B, V) by
(V, d). A second measurement takes one step of 64 centres with a vocabulary of a million words, and
the memory that it needs beyond the matrices. Centres and contexts are random.
"""

import limits  # first: it limits BLAS to one thread
import numpy as np
import tables
from programs import ANONYMOUS
from results import Results, clocked, parser

from w2vext.kernels._softmax import SoftmaxBatch


def anonymous_mb():
    """Resident memory that does not belong to files."""
    with open("/proc/self/status") as status:
        return sum(int(line.split()[1]) for line in status if line.startswith(ANONYMOUS)) / 1024


def one_step(words, size, centres, contexts=6):
    """A function that takes one step over random centres, and the memory held without buffers."""
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
    made = parser(__doc__)
    made.add_argument("--centres", type=int, nargs="+", default=[16, 32, 64, 128])
    made.add_argument("--repeats", type=int, default=9)
    options = made.parse_args()
    results = Results(options)
    for rate in limits.sgemm_gflops():
        results.add(what="sgemm, 2048 × 2048", unit="GFLOP/s", value=rate)
    for centres in options.centres:
        step, _ = one_step(10_000, 100, centres)
        for seconds in limits.seconds(step, options.repeats):
            rate = 6 * 10_000 * 100 * centres / seconds / 1e9
            what = f"step of {centres} centres, V = 10,000, d = 100"
            results.add(what=what, unit="GFLOP/s", value=rate)
    what = "step of 64 centres, V = 1,000,000, d = 300"
    step, before = one_step(1_000_000, 300, 64)
    for _ in range(3):
        results.add(what=what, unit="s", value=clocked(step)[0])
    results.add(what=what, unit="MB beyond the matrices", value=anonymous_mb() - before)
    tables.show(results.content)


if __name__ == "__main__":
    main()
