"""Replicas in one process, one after the other: the reference for every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.distributed.replica import Replica

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from typing_extensions import Self

    from w2vext._arguments.types import Float32
    from w2vext.distributed.plan import Plan, Step
    from w2vext.distributed.replica import Trained


class Local:
    """An `Engine` without processes.

    Parameters
    ----------
    workers : int
    threads : int
        Of each worker.
    """

    def __init__(self, workers: int, threads: int) -> None:
        self.replicas = [Replica(number, threads) for number in range(workers)]
        self._merged: list[list[Float32]] = []  # of each worker, in the last round
        self._kept: list[list[Float32]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.replicas = []

    def each(self, method: str, *common: Any, own: Sequence[Any] | None = None) -> list[Any]:
        """Call a method of every worker."""
        return [
            getattr(replica, method)(*common, *(() if own is None else (own[number],)))
            for number, replica in enumerate(self.replicas)
        ]

    def first(self, method: str, *arguments: Any) -> Any:
        """Call a method of the first worker."""
        return getattr(self.replicas[0], method)(*arguments)

    def expect(self, size: int) -> None:
        """Rows are not moved."""

    def round(self, plan: Plan, step: Step) -> list[Trained]:
        """Train and merge one round."""
        trained = self.each("train", step.epoch, step.round)
        shares = self.each("shares", step.level)
        merged = [
            replica.reduce(step, *(share[number] for share in shares))
            for number, replica in enumerate(self.replicas)
        ]
        self.each("assign", step.level, *merged)
        self._merged = merged
        return trained

    def keep(self) -> None:
        """Keep the rows that the last round has merged, which are all rows."""
        self._kept = [[values.copy() for values in each] for each in self._merged]

    def load(self, plan: Plan, rows: list[list[Float32]]) -> None:
        """Give all workers these rows, and keep them."""
        self._kept = [[np.array(values) for values in each] for each in rows]
        self.reload(plan)

    def reload(self, plan: Plan) -> None:
        """Give all workers the rows that are kept."""
        if self._kept:
            self.each("restore", *self._kept)

    def kept(self) -> list[list[Float32]]:
        """The rows that are kept."""
        return self._kept

    def revive(self) -> None:
        """Replicas in this process are not lost."""
