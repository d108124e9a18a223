"""The best weights of a run, by validation loss, and when to stop early."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from w2vext._arguments.types import Float32
    from w2vext.training.snapshot import Snapshot


class Best:
    """Keeps a copy of the weights of the epoch with the lowest validation loss.

    Parameters
    ----------
    w_in, w_out : float32
        The matrices that training updates.
    """

    def __init__(self, w_in: Float32, w_out: Float32) -> None:
        self._w_in, self._w_out = w_in, w_out
        self.history: list[float] = []
        self.epoch: int | None = None
        self.kept: tuple[Float32, Float32] | None = None

    def offer(self, epoch: int, loss: float) -> None:
        """Copy the current weights if their loss is lower than that of every earlier epoch."""
        if self.epoch is None or loss < self.history[self.epoch]:
            self.epoch, self.kept = epoch, (self._w_in.copy(), self._w_out.copy())
        self.history.append(loss)

    def exhausted(self, patience: int | None) -> bool:
        """Whether `patience` epochs have passed since the best one."""
        return patience is not None and len(self.history) - 1 - (self.epoch or 0) >= patience

    def added(self, snapshot: Snapshot) -> Snapshot:
        """A snapshot with the state of this object; without the best matrices of a finished run."""
        snapshot.validation_losses, snapshot.best_epoch = self.history, self.epoch
        snapshot.best = None if snapshot.finished else self.kept
        return snapshot

    def resume(self, snapshot: Snapshot) -> None:
        """Restore the state that `added` stored."""
        self.history, self.epoch = list(snapshot.validation_losses), snapshot.best_epoch
        if snapshot.best is not None:
            w_in, w_out = snapshot.best
            self.kept = w_in.copy(), w_out.copy()

    def restore(self) -> None:
        """Write the kept weights back, if `offer` has kept any."""
        if self.kept is not None:
            self._w_in[:], self._w_out[:] = self.kept
