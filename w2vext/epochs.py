"""What happens between epochs: sentences are shuffled, the best weights kept.

Knows ids and weights, neither words nor how they are trained.
"""

import numpy as np

SENTENCES = 4096  # that are copied together


class Silent:
    """A progress bar that shows nothing."""

    def to(self, done, **facts):
        pass


class Best:
    """The weights of the epoch whose validation loss was lowest."""

    def __init__(self, run):
        self.run = run
        self.history, self.epoch, self._kept = [], None, None

    def offer(self, epoch, loss):
        """Keep the weights as they are now if no earlier epoch's loss was as low."""
        if self.epoch is None or loss < self.history[self.epoch]:
            self.epoch, self._kept = epoch, (self.run.w_in.copy(), self.run.w_out.copy())
        self.history.append(loss)

    def age(self, patience):
        """Whether the best epoch lies `patience` epochs back."""
        return patience is not None and len(self.history) - 1 - (self.epoch or 0) >= patience

    def restore(self):
        """Bring back the best epoch's weights, where there is one."""
        if self._kept is not None:
            self.run.w_in[:], self.run.w_out[:] = self._kept


class Shuffled:
    """A stream whose sentences stand in another order in each epoch; a copy in memory."""

    def __init__(self, stream):
        self.source = stream
        self.ids = np.array(stream.ids, dtype=np.int32)
        self.offsets = np.array(stream.offsets, dtype=np.int64)

    def shuffle(self, seed, epoch):
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
