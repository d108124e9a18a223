"""A stream whose sentences are in a different random order in each epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.training.pairs import PairStream

if TYPE_CHECKING:
    from typing import Any

BLOCK = 4096  # sentences that are copied together


class Shuffled:
    """A copy of a stream in memory, with its sentences in random order."""

    def __init__(self, stream: Any) -> None:
        self._source = stream
        self.ids = np.array(stream.ids, dtype=np.int32)
        self.offsets = np.array(stream.offsets, dtype=np.int64)

    def shuffle(self, seed: int, epoch: int) -> None:
        """Put the sentences in the order that seed and epoch determine."""
        source = self._source
        order = np.random.default_rng([seed, epoch]).permutation(len(source.offsets) - 1)
        np.cumsum(np.diff(source.offsets)[order], out=self.offsets[1:])
        for first in range(0, len(order), BLOCK):
            block = order[first : first + BLOCK]
            begins = self.offsets[first : first + len(block)]
            end = self.offsets[first + len(block)]
            shift = np.repeat(source.offsets[block] - begins, np.diff(np.append(begins, end)))
            self.ids[begins[0] : end] = source.ids[np.arange(begins[0], end) + shift]


class ShuffledPairs(Shuffled):
    """The same for a stream of pairs, which are in random order."""

    def __init__(self, stream: PairStream) -> None:
        super().__init__(stream)
        self.contexts = stream.contexts.copy()
        self.weights = None if stream.weights is None else stream.weights.copy()

    def shuffle(self, seed: int, epoch: int) -> None:
        """Put the pairs in the order that seed and epoch determine."""
        source = self._source
        order = np.random.default_rng([seed, epoch]).permutation(len(source.ids))
        np.take(source.ids, order, out=self.ids)
        np.take(source.contexts, order, out=self.contexts)
        if self.weights is not None:
            np.take(source.weights, order, out=self.weights)


def shuffled(stream: Any) -> Shuffled:
    """A copy of a stream of sentences or pairs, to be shuffled."""
    return ShuffledPairs(stream) if isinstance(stream, PairStream) else Shuffled(stream)
