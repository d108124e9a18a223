"""Training with the full softmax: batches of centres that are small enough to be stable (D12)."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads
from w2vext.kernels._softmax import SoftmaxBatch
from w2vext.training import pieces
from w2vext.training._compose import Composer
from w2vext.training._loop import Worker
from w2vext.training.estimate import check_blas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from w2vext._arguments.types import Float32, Int32, UInt8
    from w2vext.training._plan import Job
    from w2vext.training.pieces import Epoch, Report

# A step trains at most CENTRES centres; fewer if their scores need more than SCORE_BYTES of memory,
# or if the step would be unstable (D12).
CENTRES = 64
SCORE_BYTES = 1 << 26
STABILITY_LIMIT = 0.5
# Pieces of a part. The first batch of a part has one centre, so parts should not be too short.
PART = 64


class Softmax:
    """Trains batch after batch; the workers share the vocabulary of each batch.

    Parameters
    ----------
    job : Job
    w_in, w_out : float32 (V, stride)
        The job's matrices.
    dim, window : int
        The columns in use, and the maximum number of context words on either side of a centre.
    workers : int
        The number of threads.
    frozen : uint8 (V,), optional
        1 for rows of w_in that must not change.
    """

    def __init__(
        self,
        job: Job,
        w_in: Float32,
        w_out: Float32,
        *,
        dim: int,
        window: int,
        workers: int,
        frozen: UInt8 | None = None,
    ) -> None:
        self._pool = _threads.ThreadPool(workers)
        self._workers, self._checked = workers, False
        self._frozen = frozen
        self._worker = Worker(job)
        most = max(1, min(CENTRES, SCORE_BYTES // (4 * len(w_out))))
        self._size = 1  # of the next batch
        self._centres = np.empty(most, dtype=np.int32)
        self._starts = np.empty(most + 1, dtype=np.int64)
        self._contexts = np.empty(most * (2 * window + 1), dtype=np.int32)
        self._composer = None
        if job.composed:  # a batch trains composed rows, which `_centres` then numbers
            self._composer = Composer(job, 2 * most, most)
            w_in = np.zeros((most, w_in.shape[1]), dtype=np.float32)
        self._w_in = w_in
        self.batch = SoftmaxBatch(w_in, w_out, dim, most, len(self._contexts))

    def cuts(self, epoch: Epoch) -> list[int]:
        """Where the epoch is cut into parts, by piece numbers."""
        return pieces.cut(len(epoch.pieces), PART)

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.enter_context(self._pool)
            if not self._checked:
                # Once, because BLAS keeps its buffers; last, after all other allocations.
                check_blas(self._workers)
                self._checked = True
            undo.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._pool.__exit__(*exc)

    def part(self, epoch: Epoch, first: int, stop: int, report: Report) -> tuple[float, int]:
        """Train some pieces of an epoch and return (summed loss, pairs)."""
        before, total, pairs = epoch.pieces.done(first) - self._worker.done, 0.0, 0
        self._size = 1
        with _threads.Interrupts() as interrupts:
            for n, lr in self._batches(epoch, first, stop):
                if n:
                    loss, count = self._train(interrupts, n, lr)
                    total, pairs = total + loss, pairs + count
                else:
                    report(before + self._worker.done, total / pairs if pairs else None)
        return total, pairs

    def loss(self, epoch: Epoch) -> tuple[float, int]:
        """The (summed loss, pairs) of an epoch with fixed weights."""
        total, pairs = 0.0, 0
        self._size = len(self._centres)
        with self._pool, _threads.Interrupts() as interrupts:
            for n, lr in self._batches(epoch, 0, len(epoch.pieces)):
                if n:
                    self.batch.load(self._centres, self._starts, self._contexts, n, lr)
                    self._score(interrupts)
                    loss, count = self.batch.loss()
                    total, pairs = total + loss, pairs + count
        return total, pairs

    def _batches(self, epoch: Epoch, first: int, stop: int) -> Iterator[tuple[int, float]]:
        """Fill the buffers with the next windows, `_size` at most; yields (windows, learning rate).

        The number of windows is 0 at the end of each piece.
        """
        for i in range(first, stop):
            self._worker.open(*epoch.pieces[i], epoch.key)
            n = 1
            while n:
                centres = self._centres[: self._size]
                n, lr = self._worker.collect(centres, self._starts, self._contexts)
                yield n, lr

    def _train(self, interrupts: _threads.Interrupts, n: int, lr: float) -> tuple[float, int]:
        """Train n centres in as few steps as are stable; returns (loss, pairs)."""
        total, pairs, first = 0.0, 0, 0
        frozen = self._frozen
        if self._composer is not None:
            words, rows = np.unique(self._centres[:n], return_inverse=True)
            self._composer.compose_rows(words, self._w_in)
            self._centres[:n] = rows.reshape(-1)
            frozen = None if frozen is None else frozen[words]
        while first < n:
            self.batch.load(
                self._centres[first:], self._starts[first:], self._contexts, n - first, lr
            )
            size, loss, count = self._step(interrupts, self._centres[first:n], frozen)
            total, pairs, first = total + loss, pairs + count, first + size
            if first < n:
                self._size = size
        if self._composer is not None:
            self._composer.flush_rows(self._w_in)
        self._size = min(2 * self._size, len(self._centres))
        return total, pairs

    def _step(
        self, interrupts: _threads.Interrupts, centres: Int32, frozen: UInt8 | None
    ) -> tuple[int, float, int]:
        """One step of the centres that are loaded, or the first of them; (centres, loss, pairs).

        frozen[i] is 1 if row i of the centres' matrix must not change.
        """
        batch, pool = self.batch, self._pool
        self._score(interrupts)
        pool.run(lambda group: batch.check_stability(group, STABILITY_LIMIT), batch.groups)
        size = batch.keep_stable()
        loss, pairs = batch.loss()
        pool.run(batch.update, batch.groups)
        if frozen is None:
            batch.scatter()
        else:
            rows = centres[:size][frozen[centres[:size]] != 0]
            kept = self._w_in[rows]
            batch.scatter()
            self._w_in[rows] = kept
        return size, loss, pairs

    def _score(self, interrupts: _threads.Interrupts) -> None:
        """Compute the probabilities. No row changes, so Ctrl-C may end it at any time."""

        def score(group: int) -> None:
            interrupts.check()
            self.batch.score(group)

        self._pool.run(score, self.batch.groups)
        self.batch.normalise()
