"""What happens between epochs: sentences are shuffled, the best weights kept.

Knows ids and weights, neither words nor how they are trained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from w2vext._types import Float32

SENTENCES = 4096  # that are copied together


class Silent:
    """A progress bar that shows nothing."""

    def to(self, done: int, **facts: object) -> None:
        pass


class Best:
    """The weights of the epoch whose validation loss was lowest."""

    def __init__(self, run: Any) -> None:
        self.run = run
        self.history: list[float] = []
        self.epoch: int | None = None
        self._kept: tuple[Float32, Float32] | None = None

    def offer(self, epoch: int, loss: float) -> None:
        """Keep the weights as they are now if no earlier epoch's loss was as low."""
        if self.epoch is None or loss < self.history[self.epoch]:
            self.epoch, self._kept = epoch, (self.run.w_in.copy(), self.run.w_out.copy())
        self.history.append(loss)

    def age(self, patience: int | None) -> bool:
        """Whether the best epoch lies `patience` epochs back."""
        return patience is not None and len(self.history) - 1 - (self.epoch or 0) >= patience

    def restore(self) -> None:
        """Bring back the best epoch's weights, where there is one."""
        if self._kept is not None:
            self.run.w_in[:], self.run.w_out[:] = self._kept


class Shuffled:
    """A stream whose sentences stand in another order in each epoch; a copy in memory."""

    def __init__(self, stream: Any) -> None:
        self.source = stream
        self.ids = np.array(stream.ids, dtype=np.int32)
        self.offsets = np.array(stream.offsets, dtype=np.int64)

    def shuffle(self, seed: int, epoch: int) -> None:
        """The order depends on seed and epoch alone."""
        source = self.source
        order = np.random.default_rng([seed, epoch]).permutation(len(source.offsets) - 1)
        np.cumsum(np.diff(source.offsets)[order], out=self.offsets[1:])
        for first in range(0, len(order), SENTENCES):
            some = order[first : first + SENTENCES]
            begins = self.offsets[first : first + len(some)]
            end = self.offsets[first + len(some)]
            shift = np.repeat(source.offsets[some] - begins, np.diff(np.append(begins, end)))
            self.ids[begins[0] : end] = source.ids[np.arange(begins[0], end) + shift]
