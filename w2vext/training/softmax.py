"""Naive softmax over an id stream: batches of centres, no longer than their steps stay stable.

Cuts the batches; the arithmetic is _softmax's, the windows are _train's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads as workers
from w2vext.kernels._softmax import SoftmaxBatch
from w2vext.training._loop import Worker

if TYPE_CHECKING:
    from w2vext._types import Int32
    from w2vext.training.callbacks import Watch
    from w2vext.training.early_stopping import Silent
    from w2vext.training.run import Run

# A softmax step takes at most so many centres, fewer where their scores would pass so many bytes
# or where they would strain a word more than this (D12).
CENTRES = 64
SCORE_BYTES = 1 << 26
STRAIN = 0.5


class Softmax:
    """Naive softmax: batches of centres, the workers share the tiles of the vocabulary (D12)."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.job = run.job()
        self.worker = Worker(self.job)
        words, window = len(run.counts), run.settings.window
        most = max(1, min(CENTRES, SCORE_BYTES // (4 * words)))
        self.size = 1  # of the next batch
        self.centres = np.empty(most, dtype=np.int32)
        self.starts = np.empty(most + 1, dtype=np.int64)
        self.contexts = np.empty(most * 2 * window, dtype=np.int32)
        self.batch = SoftmaxBatch(
            run.w_in, run.w_out, run.settings.vector_size, most, len(self.contexts)
        )

    def epoch(
        self, epoch: int, progress: Watch | Silent, losses: list[float]
    ) -> tuple[bool, float]:
        """One pass over the stream; returns (interrupted, mean loss per pair)."""
        run = self.run
        turns = run.turns(epoch)
        before, start = epoch * run.words, self.worker.done
        total, pairs, interrupted = 0.0, 0, False
        with workers.ThreadPool(run.workers) as pool:
            try:
                for turn in range(len(turns)):
                    self.worker.open(*turns[turn], turns.key)
                    while True:
                        n, lr = self.worker.collect(
                            self.centres[: self.size], self.starts, self.contexts
                        )
                        if not n:
                            break
                        loss, count = self._step(pool, n, lr)
                        total, pairs = total + loss, pairs + count
                    facts = {"loss": f"{total / pairs:.4f}"} if pairs else {}
                    progress.to(before + self.worker.done - start, epoch=epoch + 1, **facts)
            except KeyboardInterrupt:
                interrupted = True
        return interrupted, total / pairs if pairs else 0.0

    def _step(self, pool: workers.ThreadPool, n: int, lr: float) -> tuple[float, int]:
        """Trains n centres in as few steps as their strain allows; returns (loss, pairs)."""
        total, pairs, at = 0.0, 0, 0
        while at < n:
            self.batch.load(self.centres[at:], self.starts[at:], self.contexts, n - at, lr)
            size, (loss, count) = self._part(pool, self.centres[at:n])
            total, pairs, at = total + loss, pairs + count, at + size
            if at < n:
                self.size = size
        self.size = min(2 * self.size, len(self.centres))
        return total, pairs

    def _part(self, pool: workers.ThreadPool, centres: Int32) -> tuple[int, tuple[float, int]]:
        def score(group: int) -> None:
            self.run.ctrl_c.check()
            batch.score(group)

        batch = self.batch
        pool.run(score, batch.groups)
        batch.normalise()
        pool.run(lambda group: batch.strain(group, STRAIN), batch.groups)
        size = batch.cut()
        taken = batch.loss()
        pool.run(batch.update, batch.groups)
        frozen = self._frozen(centres[:size])
        kept = self.run.w_in[frozen]
        batch.scatter()
        self.run.w_in[frozen] = kept
        return size, taken

    def _frozen(self, centres: Int32) -> Int32:
        """Which of the centres must keep their rows."""
        return centres[:0] if self.run.frozen is None else centres[self.run.frozen[centres] != 0]
