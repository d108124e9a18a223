"""Training whose result has the same bytes for any number of workers (D13).

The stream is cut into segments of equal length. In each round, every segment's next piece is
trained on copies of the rows that it uses, and then the copies are merged in a tree over the
segments. The cuts depend only on the length of the stream, the learning rate on the number of
words trained before the round, and the draws on the number of the piece. So the result does not
depend on which worker trains which piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads
from w2vext.training import pieces
from w2vext.training._shard import Merger, Shard

if TYPE_CHECKING:
    from typing_extensions import Self

    from w2vext.training._plan import Job
    from w2vext.training.pieces import Epoch, Report

# The maximum number of segments, and so of workers that can train at the same time.
SEGMENTS = 8
# The minimum number of words in a segment. On short texts all segments learn similar updates, which
# Adasum averages, and that slows training down.
SEGMENT = 25_000
# The length of a piece grows with the square root of the stream's: on longer texts replicas may
# be trained for longer between merges, because each update is a smaller share of the whole run.
# Longer pieces use fewer rows per word, and cost less.
SHORTEST, LONGEST = 64, 4_096


@dataclass(frozen=True)
class Cuts:
    """How a stream of a given length is cut.

    Attributes
    ----------
    words, segments : int
        The length of the stream and the number of its segments.
    length : int
        The maximum number of words in a piece.
    pool : int
        The number of negatives that are drawn for a piece. Its steps draw from these, so that a
        piece uses few rows.
    """

    words: int
    segments: int
    length: int
    pool: int

    @classmethod
    def of(cls, words: int, whole: int | None = None) -> Cuts:
        """The cuts of a stream, or of a part of a stream of `whole` words."""
        segments = min(max(words // SEGMENT, 1), SEGMENTS)
        length = min(max(isqrt(words if whole is None else whole) // 2, SHORTEST), LONGEST)
        return cls(words, segments, length, length // 3)

    @property
    def rounds(self) -> int:
        """The number of pieces of the longest segment."""
        return -(-self._size(self.segments - 1) // self.length)

    def _size(self, segment: int) -> int:
        begin = self.words * segment // self.segments
        return self.words * (segment + 1) // self.segments - begin

    def piece(self, round_: int, segment: int) -> tuple[int, int]:
        """The positions [begin, end) of a segment's piece in a round; the last may be shorter."""
        first = self.words * segment // self.segments
        last = first + self._size(segment)
        begin = min(first + round_ * self.length, last)
        return begin, min(begin + self.length, last)

    def done(self, rounds: int) -> int:
        """The number of words in the first rounds."""
        sizes = (self._size(segment) for segment in range(self.segments))
        return sum(min(rounds * self.length, size) for size in sizes)


class Deterministic:
    """Trains in rounds, each with one piece of every segment.

    Parameters
    ----------
    job : Job
    words : int
        The length of the stream.
    workers : int
        The maximum number of threads.
    whole : int, optional
        The length of the stream of which this is a part.
    """

    def __init__(self, job: Job, words: int, workers: int, whole: int | None = None) -> None:
        self._cuts = cuts = Cuts.of(words, whole)
        self._threads = min(workers, cuts.segments)
        self._shards = [Shard(job, cuts.length, cuts.pool) for _ in range(cuts.segments)]
        self._merger = Merger(job, self._shards)
        self._pool = _threads.ThreadPool(self._threads)

    def cuts(self, epoch: Epoch) -> list[int]:
        """Where the epoch is cut into parts, by round numbers."""
        words = self._cuts.segments * self._cuts.length  # of a round
        return pieces.cut(self._cuts.rounds, pieces.PART // words)

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._pool.__exit__(*exc)

    def part(self, epoch: Epoch, first: int, stop: int, report: Report) -> tuple[float, float]:
        """Train some rounds of an epoch and return (summed loss, pairs)."""
        total: float = 0
        pairs: float = 0
        with _threads.Interrupts() as interrupts:
            for round_ in range(first, stop):
                done = self._cuts.done(round_ + 1)
                self._train(epoch, round_, [self._cuts.done(round_), done])
                for shard in self._shards:  # in a fixed order: sums of floats depend on it
                    total, pairs = total + shard.loss, pairs + shard.pairs
                report(done)
                interrupts.check()
        return total, pairs

    def _train(self, epoch: Epoch, round_: int, done: list[int]) -> None:
        """Train and merge one round; `done` is the number of words trained before and after it."""
        lr_begin, lr_end = epoch.learning_rates(np.array(done, dtype=np.float64)).tolist()
        parts = 2 * self._threads  # the merge has two parts per thread, for load balancing

        def train(segment: int) -> None:
            begin, end = self._cuts.piece(round_, segment)
            number = round_ * self._cuts.segments + segment
            self._shards[segment].train(begin, end, number, lr_begin, lr_end, epoch.key)

        self._pool.run(train, len(self._shards))
        self._pool.run(lambda part: self._merger.merge(part, parts), parts)
        if self._merger.composed:
            self._pool.run(lambda part: self._merger.flush(part, parts), parts)
