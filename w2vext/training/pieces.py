"""The interface of training strategies: they train parts of epochs, in pieces of the stream."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import numpy as np

from w2vext._arguments.cached import cached_property
from w2vext.training._loop import KEY_EPOCHS
from w2vext.training._sampling import hash_position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Self

    from w2vext._arguments.types import Float64, Int64

# Words in a piece. The draws of a piece depend on its number (D6), so this may not depend on the
# number of workers. Pieces are trained in random order: adjacent text shares a topic, and training
# topic by topic makes the model forget earlier ones. Shorter pieces mix better, but each one draws
# a new batch of negatives and starts with rows that were not prefetched.
PIECE = 1_024
# Words of a part: for each worker that trains without locks, or for all deterministic ones. At the
# end of a part all changes are in the matrices, and a checkpoint can be written. Longer parts make
# the workers wait for each other less often, but a checkpoint can be written less often, too.
PART = 1 << 21


def epoch_key(seed: int, number: int, window: int, worker: int = 0) -> int:
    """The key of the draws of an epoch, of one of several machines.

    The keys of a block of `window` epochs differ only in the lowest 8 bits. The other bits seed
    the draw of each position, and these 8 bits select what the epoch adds to it.
    """
    block = min(int(window), KEY_EPOCHS)  # a key does not fit into NumPy's integers
    return _numbered(hash_position(seed, (worker << 32) + number // block), number % block)


def part_key(key: int, number: int) -> int:
    """The key of a part of an epoch that is trained as a stream of its own."""
    return _numbered(hash_position(_numbered(key, 0), number), key) if number else key


def _numbered(key: int, number: int) -> int:
    """A key with other lowest bits."""
    return key - key % KEY_EPOCHS + number % KEY_EPOCHS


@dataclass(frozen=True)
class Epoch:
    """What a strategy needs to know about an epoch, besides the matrices and the settings.

    Attributes
    ----------
    key : int
        Seeds all draws of the epoch; see `epoch_key`.
    words : int
        The length of the stream.
    learning_rates : callable (float64 (n,)) -> float64 (n,)
        The learning rates after the given numbers of words of this epoch.
    """

    key: int
    words: int
    learning_rates: Callable[[Float64], Float64]

    @cached_property
    def pieces(self) -> Pieces:
        """The pieces in the order in which they are trained."""
        return Pieces(self)


class Report(Protocol):
    """Called during an epoch with the words trained so far; may raise to end the run."""

    def __call__(self, done: int, loss: float | None = None) -> None: ...


class Strategy(Protocol):
    """An algorithm that trains a stream; it owns the workers and their scratch memory.

    An epoch is trained in units (pieces, or rounds of pieces), which are numbered in the order of
    training. Used as a context manager, a strategy starts its threads.
    """

    def cuts(self, epoch: Epoch) -> list[int]:
        """The limits of the parts of an epoch: unit numbers from 0 to the number of units."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def part(self, epoch: Epoch, first: int, stop: int, report: Report) -> tuple[float, float]:
        """Train units first to stop of an epoch and return (summed loss, pairs).

        The result depends only on the arguments, the matrices and the number of workers that train
        without locks. So a run can stop at the end of any part, and another strategy object can
        continue it. Raises KeyboardInterrupt on Ctrl-C.
        """


def cut(units: int, length: int) -> list[int]:
    """Cut an epoch of `units` units into parts of equal length, about `length` units."""
    parts = max(1, round(units / max(1, length)))
    return [units * i // parts for i in range(parts + 1)]


def parts(cuts: list[int], done: int) -> Iterator[tuple[int, int]]:
    """The parts (first, stop) of an epoch of which `done` units are trained."""
    return pairwise([done, *(at for at in cuts if at > done)])


class Pieces:
    """The pieces of an epoch in the order in which they are trained, drawn from its key.

    Item i is (begin, end, number, learning rate before, learning rate after) of the i-th piece to
    train. The learning rate depends on the number of words trained so far.

    Parameters
    ----------
    epoch : Epoch
    length : int
        The words of a piece; the last piece of the stream may be shorter.
    """

    def __init__(self, epoch: Epoch, length: int = PIECE) -> None:
        self._epoch = epoch
        count = -(-epoch.words // length)
        order = np.random.default_rng(epoch.key).permutation(count).astype(np.int64)
        begin = order * length
        end = np.minimum(begin + length, epoch.words)
        self._pieces = np.stack([begin, end, order], axis=1)
        self._done = np.append(0, np.cumsum(end - begin))

    def __len__(self) -> int:
        return len(self._pieces)

    def __getitem__(self, i: int) -> tuple[int, int, int, float, float]:
        pieces, lrs = self.slice(i, i + 1)
        begin, end, number = pieces[0].tolist()
        return begin, end, number, float(lrs[0]), float(lrs[1])

    def done(self, pieces: int) -> int:
        """The number of words in the first pieces."""
        return int(self._done[pieces])

    def slice(self, first: int, stop: int) -> tuple[Int64, Float64]:
        """Items first to stop: (begin, end, number) as (k, 3), and the learning rates (k + 1,)."""
        done = self._done[first : stop + 1].astype(np.float64)
        return self._pieces[first:stop], self._epoch.learning_rates(done)
