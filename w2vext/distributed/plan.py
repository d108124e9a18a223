"""The plan of a cluster training: what each worker trains in which round, and which rows it merges.

The plan is computed from a few numbers and has no state, so any machine can compute any part of it.

An epoch has the same number of rounds for every worker, however much text each of them has. After a
round the most frequent rows are merged. Of the other rows, those that are half as frequent are
merged half as often; after every few rounds, and at the end of an epoch, all rows are merged.

The first epoch begins with a warm-up: a round for each worker, in which only this worker trains.
Otherwise all replicas would learn nearly the same from the random initial vectors, and a merge
would average these common changes of input vectors, which makes frequent words' vectors worse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from w2vext._arguments.cached import cached_property

if TYPE_CHECKING:
    from w2vext._arguments.types import Float64

# The rounds of a run, if the caller does not choose `sync_words`. Quality depends on the number of
# merges in a run; with fewer than about 100 the vectors become worse. More than FEW workers need
# more merges, in proportion to the square root of their number.
ROUNDS, FEW = 300, 8
# Words of the warm-up, and the share of the words of all epochs that it may have at most, because
# all workers but one wait meanwhile.
WARMUP, WARMUP_SHARE = 2_000_000, 20
# The most frequent 1/HOT of the rows are merged after every round, so all rows after every 32nd.
HOT = 32


class Step(NamedTuple):
    """One round: its epoch and number, both from 0, and the level up to which rows are merged."""

    epoch: int
    round: int
    level: int


class Slice(NamedTuple):
    """The rows begin to end of a matrix; it is 0 for the input vectors and 1 for the output.

    `tier` is the lowest level of a round after which they are merged.
    """

    matrix: int
    begin: int
    end: int
    tier: int


@dataclass(frozen=True)
class Plan:
    """The plan of a training.

    Attributes
    ----------
    epochs : int
    words : tuple of int
        The words of each worker.
    units : tuple of int
        The units of an epoch of each worker; see `training.pieces.Strategy`.
    rounds : int
        The rounds of an epoch.
    rows : (int, int)
        The rows of the input and of the output matrix.
    hot : int
        The number of rows of each matrix that are merged after every round.
    last_first : bool
        Whether the last rows of the output matrix are the most frequent ones, as in a Huffman tree.
    warmup : tuple of int
        The units that each worker trains alone at the beginning of the first epoch; empty if there
        is no warm-up.
    """

    epochs: int
    words: tuple[int, ...]
    units: tuple[int, ...]
    rounds: int
    rows: tuple[int, int]
    hot: int
    last_first: bool = False
    warmup: tuple[int, ...] = ()

    @property
    def workers(self) -> int:
        return len(self.words)

    @cached_property
    def all_words(self) -> int:
        """The words of an epoch."""
        return sum(self.words)

    @cached_property
    def top(self) -> int:
        """The level at which all rows are merged."""
        level = 0
        while self.hot << level < max(self.rows):
            level += 1
        return level

    def step(self, epoch: int, round_: int) -> Step:
        """A round of an epoch."""
        number = round_ + 1 - self._alone(epoch)
        merges_all = number <= 0 or number == self.rounds
        level = self.top if merges_all else (number & -number).bit_length() - 1
        return Step(epoch, round_, min(level, self.top))

    def is_last(self, step: Step) -> bool:
        """Whether it is the last round of its epoch."""
        return step.round + 1 == self._alone(step.epoch) + self.rounds

    def is_warmup(self, step: Step) -> bool:
        """Whether only one worker trains."""
        return step.round < self._alone(step.epoch)

    def _alone(self, epoch: int) -> int:
        """The rounds at the beginning of an epoch in which only one worker trains."""
        return len(self.warmup) if epoch == 0 else 0

    def part(self, worker: int, epoch: int, round_: int) -> tuple[int, int]:
        """The units (first, stop) of an epoch that a worker trains in a round."""
        return self._before(worker, epoch, round_), self._before(worker, epoch, round_ + 1)

    def _before(self, worker: int, epoch: int, round_: int) -> int:
        """The units of an epoch that a worker trains before a round."""
        alone = self._alone(epoch)
        begin = self.warmup[worker] if alone else 0
        if round_ <= alone:
            return begin if worker < round_ else 0
        return begin + (self.units[worker] - begin) * (round_ - alone) // self.rounds

    def words_since(self, step: Step, tier: int) -> float:
        """About how many words a worker has trained since the rows of a tier were merged.

        The tier is one of those that are merged after this step.
        """
        words = self.words_before(step.epoch, step.round + 1)
        words -= self.words_before(step.epoch, self._merged_before(step, tier))
        return words / self.workers

    def progress_since(self, step: Step, tier: int) -> float:
        """The share of the run that was trained halfway between the last merge and this step."""
        words = self.words_before(step.epoch, step.round + 1)
        words += self.words_before(step.epoch, self._merged_before(step, tier))
        return (step.epoch + words / (2 * max(self.all_words, 1))) / self.epochs

    def _merged_before(self, step: Step, tier: int) -> int:
        """The round that followed the last merge of the rows of a tier before this step's."""
        number = step.round - self._alone(step.epoch)
        return step.round if number < 0 else step.round - number % (1 << tier)

    def words_before(self, epoch: int, round_: int) -> int:
        """About how many words of an epoch all workers train before a round."""
        units = sum(self._before(worker, epoch, round_) for worker in range(self.workers))
        return self.all_words * units // max(sum(self.units), 1)

    def progress(self, epoch: int, worker: int, done: Float64) -> Float64:
        """The share of the run that all workers have trained when one has trained `done` words.

        The learning rate follows from it. `done` counts the worker's words of the epoch.
        """
        own = max(self.words[worker], 1)
        words = epoch * self.all_words + done * (self.all_words / own)
        return words / max(self.all_words * self.epochs, 1)

    def slices(self, level: int, worker: int) -> list[Slice]:
        """The rows that a worker merges, for all workers, after a round of this level.

        A worker always merges the same rows, so it alone stores what they were at the last merge.
        """
        found = []
        for matrix, rows in enumerate(self.rows):
            for tier in range(level + 1):
                begin, end = self._tier(tier, rows)
                size = end - begin
                end = begin + size * (worker + 1) // self.workers
                begin += size * worker // self.workers
                if matrix and self.last_first:
                    begin, end = rows - end, rows - begin
                if begin < end:
                    found.append(Slice(matrix, begin, end, tier))
        return found

    def _tier(self, tier: int, rows: int) -> tuple[int, int]:
        """The rows, counted from the most frequent one, that levels from this one on merge."""
        begin = self.hot << tier >> 1 if tier else 0
        end = rows if tier == self.top else self.hot << tier
        return min(begin, rows), min(end, rows)


def warmup_of(words: int, units: list[int], epochs: int) -> tuple[int, ...]:
    """The units that each worker trains alone in the warm-up; for arguments see `rounds_of`."""
    if len(units) == 1:
        return ()
    alone = min(WARMUP, words * epochs // WARMUP_SHARE)
    return tuple(min(-(-each * alone // max(words, 1)), each) for each in units)


def rounds_of(words: int, units: list[int], epochs: int, sync_words: int | None) -> int:
    """The rounds of an epoch, so that each worker trains about `sync_words` words in a round.

    Parameters
    ----------
    words : int
        The words of an epoch, of all workers.
    units : list of int
        The units of an epoch of each worker.
    epochs : int
    sync_words : int or None
        With None a run has about `ROUNDS` rounds, or more with many workers.
    """
    if sync_words is None:
        rounds = math.ceil(ROUNDS / epochs * math.sqrt(max(len(units) / FEW, 1)))
    else:
        rounds = round(words / (len(units) * sync_words))
    return min(max(rounds, 1), max(*units, 1))


def hot_rows(rows: int, is_sparse: bool) -> int:
    """The number of rows that are merged after every round.

    Parameters
    ----------
    rows : int
    is_sparse : bool
        Whether a step changes only rows of its own words and of their negatives. If not, all rows
        are merged after every round.
    """
    return max(1, -(-rows // HOT)) if is_sparse else rows
