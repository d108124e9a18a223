"""Training whose result has the same bytes for any number of workers (D13).

The stream is cut into pieces, which are trained in random order, several in each round. Each of
them is trained on copies of the rows that it uses, and then the copies are merged in a tree over
the pieces of the round. The cuts depend only on the length of the stream, the order only on the
seed and the epoch, the learning rate on the number of words trained before the round, and the draws
on the number of the piece. So the result does not depend on which worker trains which piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads
from w2vext.training import pieces
from w2vext.training._merger import Merger
from w2vext.training._shard import Shard

if TYPE_CHECKING:
    from typing_extensions import Self

    from w2vext.training._plan import Job
    from w2vext.training.pieces import Epoch, Report

# The maximum number of pieces in a round, and so of workers that can train at the same time.
SHARDS = 8
# The minimum number of words of the stream for each of them. On short texts all pieces of a round
# learn similar changes of input vectors, which the merge averages, and that slows training down.
SHARD_WORDS = 25_000
# The length of a piece grows with the square root of the stream's: on longer texts replicas may
# be trained for longer between merges, because each update is a smaller share of the whole run.
# Longer pieces use fewer rows per word, and cost less.
SHORTEST, LONGEST = 64, 4_096


@dataclass(frozen=True)
class Cuts:
    """How a stream of a given length is cut.

    Attributes
    ----------
    words : int
        The length of the stream.
    shards : int
        The number of pieces in a round; the last round may have fewer.
    length : int
        The number of words in a piece; the last piece of the stream may be shorter.
    pool : int
        The number of negatives that are drawn for a piece. Its steps draw from these, so that a
        piece uses few rows.
    """

    words: int
    shards: int
    length: int
    pool: int

    @classmethod
    def of(cls, words: int, whole: int | None = None) -> Cuts:
        """The cuts of a stream, or of a part of a stream of `whole` words."""
        shards = min(max(words // SHARD_WORDS, 1), SHARDS)
        length = min(max(isqrt(words if whole is None else whole) // 2, SHORTEST), LONGEST)
        return cls(words, shards, length, length // 3)

    @property
    def count(self) -> int:
        """The number of pieces."""
        return -(-self.words // self.length)

    @property
    def rounds(self) -> int:
        """The number of rounds."""
        return -(-self.count // self.shards)

    def pieces(self, round_: int) -> range:
        """The places, in the order of training, of the pieces of a round."""
        return range(round_ * self.shards, min((round_ + 1) * self.shards, self.count))


class Deterministic:
    """Trains in rounds, each with one piece for every shard.

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
        self._threads = min(workers, cuts.shards)
        self._shards = [Shard(job, cuts.length, cuts.pool) for _ in range(cuts.shards)]
        self._merger = Merger(job, self._shards)
        self._order: tuple[Epoch, pieces.Pieces] | None = None  # of the current epoch
        self._pool = _threads.ThreadPool(self._threads)

    def cuts(self, epoch: Epoch) -> list[int]:
        """Where the epoch is cut into parts, by round numbers."""
        words = self._cuts.shards * self._cuts.length  # of a round
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
        order = self._order_of(epoch)
        with _threads.Interrupts() as interrupts:
            for round_ in range(first, stop):
                places = self._cuts.pieces(round_)
                self._train(epoch, order, places)
                for shard in self._shards:  # in a fixed order: sums of floats depend on it
                    total, pairs = total + shard.loss, pairs + shard.pairs
                report(order.done(places.stop))
                interrupts.check()
        return total, pairs

    def _order_of(self, epoch: Epoch) -> pieces.Pieces:
        if self._order is None or self._order[0] is not epoch:
            self._order = epoch, pieces.Pieces(epoch, self._cuts.length)
        return self._order[1]

    def _train(self, epoch: Epoch, order: pieces.Pieces, places: range) -> None:
        """Train and merge one round."""
        chosen, _ = order.slice(places.start, places.stop)
        done = [order.done(places.start), order.done(places.stop)]
        lr_begin, lr_end = epoch.learning_rates(np.array(done, dtype=np.float64)).tolist()
        parts = 2 * self._threads  # the merge has two parts per thread, for load balancing

        def train(shard: int) -> None:
            begin, end, number = chosen[shard].tolist() if shard < len(chosen) else (0, 0, 0)
            self._shards[shard].train(begin, end, number, lr_begin, lr_end, epoch.key)

        self._pool.run(train, len(self._shards))
        words_times_rate = self._cuts.length * (lr_begin + lr_end) / 2
        self._pool.run(lambda part: self._merger.merge(part, parts, words_times_rate), parts)
        if self._merger.composed:
            self._pool.run(lambda part: self._merger.flush(part, parts), parts)
