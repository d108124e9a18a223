"""Training by workers that update the shared matrices without locks (D6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext import _threads
from w2vext.training._loop import Worker
from w2vext.training.pieces import PIECE, Pieces

if TYPE_CHECKING:
    from w2vext.training._plan import Job
    from w2vext.training.pieces import Epoch, Report

# A call trains several pieces, because every call has to acquire the GIL. Each worker gets several
# calls, so that none is idle for long at the end of an epoch.
PIECES_PER_CALL, CALLS_PER_WORKER = 32, 8
# With several workers, each has its own replica of the most frequent words' rows (D13): rows that
# all of them write move between the cores' caches, slowly where the cores do not share a cache.
# With few merges in an epoch the replicas learn less, so replicas are used only if each worker
# merges at least MIN_MERGES times.
REPLICAS = {"neg": 32, "hs": 256}
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

    def epoch(self, epoch: Epoch, report: Report) -> tuple[float, int]:
        """Train one epoch and return (summed loss, pairs)."""
        pieces = Pieces(epoch)
        before = self._done()
        per_call = len(pieces) // (CALLS_PER_WORKER * len(self.workers))
        per_call = max(1, min(PIECES_PER_CALL, per_call))

        def task(worker: int, call: int) -> None:
            part = pieces.part(call * per_call, min((call + 1) * per_call, len(pieces)))
            self.workers[worker].train_pieces(*part, epoch.key)

        def poll() -> None:
            report(self._done() - before)

        calls = -(-len(pieces) // per_call)
        try:
            interrupted = _threads.run_tasks(
                task, calls, len(self.workers), stop=self._job.stop, poll=poll
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
