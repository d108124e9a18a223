"""Rounds of shards: training whose bytes are the same for any number of workers.

The stream is cut into lanes, as many as there are shards. In a round every shard trains the next
piece of its lane on copies of the rows it touches; then the copies are merged (D13). The sizes
depend on the stream alone, the learning rate on the words before a round, the draws on a piece's
number. Which worker trains which shard, or merges which rows, changes nothing. Draws nothing
itself, knows no words.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

from w2vext import _threads as workers
from w2vext.training._sampling import hash_position
from w2vext.training._shard import Merger, Shard

if TYPE_CHECKING:
    from w2vext.training.callbacks import Watch
    from w2vext.training.early_stopping import Silent
    from w2vext.training.run import Run

# The most shards, and so the most workers that find something to do.
SHARDS = 8
# A lane has at least so many words: shards that learn the same from little text learn it slowly.
LANE = 25_000
# A piece's length grows with the root of the stream's: rows may go unmerged for longer where a step
# is a smaller part of all. Longer pieces name fewer rows for each word, and cost less.
SHORTEST, LONGEST = 64, 4_096


@dataclass(frozen=True)
class Sizes:
    """How a stream of so many words is cut: nothing else decides."""

    words: int
    shards: int
    length: int
    pool: int

    @classmethod
    def of(cls, words: int) -> Sizes:
        shards = min(max(words // LANE, 1), SHARDS)
        length = min(max(isqrt(words) // 2, SHORTEST), LONGEST)
        return cls(words, shards, length, length // 3)

    @property
    def rounds(self) -> int:
        """The longest lane's pieces."""
        return -(-self._lane(self.shards - 1) // self.length)

    def _lane(self, shard: int) -> int:
        begin = self.words * shard // self.shards
        return self.words * (shard + 1) // self.shards - begin

    def piece(self, turn: int, shard: int) -> tuple[int, int]:
        """The positions of a shard's piece in a round; those of a lane's last may be fewer."""
        first = self.words * shard // self.shards
        last = first + self._lane(shard)
        begin = min(first + turn * self.length, last)
        return begin, min(begin + self.length, last)

    def done(self, turns: int) -> int:
        """The words of so many rounds."""
        return sum(min(turns * self.length, self._lane(shard)) for shard in range(self.shards))


class Shards:
    """Trains epochs in rounds of shards."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.sizes = size = Sizes.of(run.words)
        job = run.job()
        self.shards = [Shard(job, size.length, size.pool) for _ in range(size.shards)]
        self.merger = Merger(job, self.shards)

    def epoch(
        self, epoch: int, progress: Watch | Silent, losses: list[float]
    ) -> tuple[bool, float]:
        """One pass over the stream; returns (interrupted, mean loss per pair)."""
        run, size = self.run, self.sizes
        key = hash_position(run.settings.seed, epoch)
        before = epoch * run.words
        total, pairs, interrupted = 0.0, 0, False
        facts = {"loss": f"{losses[-1]:.4f}"} if losses else {}
        with workers.ThreadPool(min(run.workers, size.shards)) as pool:
            try:
                for turn in range(size.rounds):
                    begin, end = before + size.done(turn), before + size.done(turn + 1)
                    self._round(pool, turn, run.lr(begin), run.lr(end), key)
                    for shard in self.shards:  # in their order: sums of floats depend on it
                        total, pairs = total + shard.loss, pairs + shard.pairs
                    progress.to(end, epoch=epoch + 1, **facts)
                    run.ctrl_c.check()
            except KeyboardInterrupt:
                interrupted = True
        return interrupted, total / pairs if pairs else 0.0

    def _round(
        self, pool: workers.ThreadPool, turn: int, lr_begin: float, lr_end: float, key: int
    ) -> None:
        count = len(self.shards)
        # Parts of the merge: two for each worker, lest one waits for the other.
        parts = 2 * min(self.run.workers, count)

        def train(shard: int) -> None:
            begin, end = self.sizes.piece(turn, shard)
            number = turn * count + shard
            self.shards[shard].train(begin, end, number, lr_begin, lr_end, key)

        pool.run(train, count)
        pool.run(lambda part: self.merger.merge(part, parts), parts)
