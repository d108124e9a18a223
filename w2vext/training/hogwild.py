"""Training by workers that update the shared matrices without locks (D6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext import _threads
from w2vext.training import pieces
from w2vext.training._loop import Worker
from w2vext.training.pieces import PIECE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from w2vext.training._plan import Job
    from w2vext.training.pieces import Epoch, Report

# A call trains several pieces, because every call has to acquire the GIL. Towards the end of a part
# the calls become shorter, so that each worker gets CALLS_PER_WORKER more calls, and none is idle
# for long.
PIECES_PER_CALL, CALLS_PER_WORKER = 32, 2
# With several workers, each has its own replica of the most frequent words' rows (D13): rows that
# all of them write move between the cores' caches, slowly where the cores do not share a cache.
# With few merges in an epoch the replicas learn less, so replicas are used only if each worker
# merges at least MIN_MERGES times.
# With "hs+neg" only the tree's top nodes have output replicas: every window trains the root.
REPLICAS = {"neg": 32, "hs": 256, "hs+neg": 256}
MERGE_EVERY = 4_096  # words
MIN_MERGES = 100


def replicas(loss: str, words: int, workers: int) -> int:
    """The number of rows of each matrix of which every worker has a replica."""
    if workers == 1 or words < workers * MIN_MERGES * MERGE_EVERY:
        return 0
    return REPLICAS.get(loss, 0)


class Hogwild:
    """Trains with workers that each take the next pieces when they are free (Recht et al. 2011).

    Parameters
    ----------
    job : Job
    words : int
        The length of the stream.
    workers : int
        The maximum number of threads.
    """

    def __init__(self, job: Job, words: int, workers: int) -> None:
        self._job = job
        self.workers = [Worker(job) for _ in range(min(workers, -(-words // PIECE)))]

    def cuts(self, epoch: Epoch) -> list[int]:
        """Where the epoch is cut into parts, by piece numbers."""
        return pieces.cut(len(epoch.pieces), len(self.workers) * pieces.PART // PIECE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def part(self, epoch: Epoch, first: int, stop: int, report: Report) -> tuple[float, float]:
        """Train some pieces of an epoch and return (summed loss, pairs)."""
        before = epoch.pieces.done(first) - self._done()
        calls = list(calls_of(first, stop, len(self.workers)))

        def task(worker: int, call: int) -> None:
            self.workers[worker].train_pieces(*epoch.pieces.slice(*calls[call]), epoch.key)

        def poll() -> None:
            report(before + self._done())

        for worker in self.workers:
            worker.refresh()
        try:
            interrupted = _threads.run_tasks(
                task, len(calls), len(self.workers), stop=self._job.stop, poll=poll
            )
        finally:  # a run that a callback ends keeps what the replicas have learnt
            for worker in self.workers:
                worker.merge()
        if interrupted:
            raise KeyboardInterrupt
        poll()
        sums = [worker.take_loss() for worker in self.workers]
        return sum(loss for loss, _ in sums), sum(pairs for _, pairs in sums)

    def _done(self) -> int:
        return sum(worker.done for worker in self.workers)


def calls_of(first: int, stop: int, workers: int) -> Iterator[tuple[int, int]]:
    """Divide the pieces first to stop into calls; yields (first, stop) of each call."""
    while first < stop:
        size = PIECES_PER_CALL
        if workers > 1:
            size = max(1, min(size, (stop - first) // (CALLS_PER_WORKER * workers)))
        yield first, min(first + size, stop)
        first += size
