"""Warnings about slow workers, and about a cluster that spends its time on merging."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROUNDS = 32  # the rounds that are compared; all rows are merged once among them
SLOW = 2.0  # times the median of the other workers
SECONDS = 1.0  # of training in these rounds, below which times vary too much to be compared
MERGING = 0.5  # the share of the time above which merging is reported


class Pace:
    """Reports each slow worker, and a cluster that spends its time on merging, once.

    Parameters
    ----------
    rounds : int
        The rounds of the whole run.
    """

    def __init__(self, rounds: int) -> None:
        self._rounds = rounds
        self._seconds: deque[Sequence[float]] = deque(maxlen=ROUNDS)
        self._elapsed: deque[float] = deque(maxlen=ROUNDS)
        self._reported: set[int] = set()
        self._checked = False

    def add(self, seconds: Sequence[float], elapsed: float) -> Iterator[str]:
        """Add a round: the training time of each worker, and that of the whole round."""
        self._seconds.append(seconds)
        self._elapsed.append(elapsed)
        if len(self._elapsed) < min(ROUNDS, self._rounds):
            return
        sums = [sum(each) for each in zip(*self._seconds, strict=True)]
        yield from self._slow(sums)
        if not self._checked:
            self._checked = True
            yield from self._cost(sums)

    def _slow(self, sums: list[float]) -> Iterator[str]:
        for worker, own in enumerate(sums):
            others = sums[:worker] + sums[worker + 1 :]
            if not others or worker in self._reported or max(sums) < SECONDS:
                continue
            if own > SLOW * (usual := median(others)):
                self._reported.add(worker)
                yield (
                    f"worker {worker} needs {own / usual if usual else float('inf'):.1f} times the "
                    f"median time of the others for a round, and the others wait for it: check "
                    "what else runs on its machine"
                )

    def _cost(self, sums: list[float]) -> Iterator[str]:
        merging = 1 - sum(map(max, self._seconds)) / sum(self._elapsed)
        if len(sums) == 1 or merging <= MERGING:
            return
        gain = sum(sums) / sum(self._elapsed)
        alone = sum(sums) / len(self._elapsed) * self._rounds
        yield (
            f"the cluster saves little time: {merging:.0%} of the time is spent on merging, and "
            f"{len(sums)} workers are {gain:.1f} times as fast as one of them, which would need "
            f"about {_duration(alone)}. Use one machine, fewer workers, or a larger sync_words"
        )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
