"""Training on streams that are drawn part by part while they are trained, and not stored.

A part is trained as an epoch of its own: by the same strategies, in the same way as a stored stream
of its ids. Random walks on a graph are such a stream: drawing them takes less time than training
on them, and less memory than any number of stored walks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.training.pieces import Epoch, part_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Self

    from w2vext._arguments.types import Float64, Int32, Int64
    from w2vext.training.pieces import Report, Strategy


class DrawnStream:
    """A stream of which one part at a time is in memory.

    Attributes
    ----------
    words : ndarray of shape (parts,), int64
        The number of words of each part.
    ids : ndarray of shape (at least max(words),), int32
    offsets : ndarray, int64
        Of the part that was drawn last: sentence s is ids[offsets[s]:offsets[s + 1]]. The offsets
        after the last sentence are its end, too.
    vocabulary : Vocabulary
        The words of the ids, and how often each occurs.
    description : str
        What the stream is drawn from. Two streams with the same description are equal.
    """

    words: Int64
    ids: Int32
    offsets: Int64
    vocabulary: Any
    description: str

    def draw(self, part: int) -> None:
        """Write a part to `ids` and `offsets`; the same in every epoch."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass


class Drawn:
    """The strategy that draws each part before another strategy trains it.

    Parameters
    ----------
    stream : DrawnStream
    strategy_for : callable (int) -> Strategy
        Makes a strategy that trains the part in the stream's memory, of this number of words.
    """

    def __init__(self, stream: DrawnStream, strategy_for: Callable[[int], Strategy]) -> None:
        self._stream, self._strategy_for = stream, strategy_for
        self._done = np.append(0, np.cumsum(stream.words))
        self._words = -1  # of the parts that `_strategy` trains
        self._strategy: Strategy

    def cuts(self, epoch: Epoch) -> list[int]:
        """Every part of the stream is a part of the epoch."""
        return list(range(len(self._done)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def part(self, epoch: Epoch, first: int, stop: int, report: Report) -> tuple[float, float]:
        """Draw and train some parts of an epoch and return (summed loss, pairs)."""
        total: float = 0
        pairs: float = 0
        for number in range(first, stop):
            loss, count = self._train(epoch, number, report)
            total, pairs = total + loss, pairs + count
        return total, pairs

    def _train(self, epoch: Epoch, number: int, report: Report) -> tuple[float, float]:
        before, words = int(self._done[number]), int(self._stream.words[number])

        def learning_rates(done: Float64) -> Float64:
            return epoch.learning_rates(before + done)

        def report_part(done: int, loss: float | None = None) -> None:
            report(before + done, loss)

        self._stream.draw(number)
        if words != self._words:
            self._strategy, self._words = self._strategy_for(words), words
        # A stream of one part is trained exactly as if it were stored.
        part = Epoch(part_key(epoch.key, number), words, learning_rates)
        with self._strategy:
            return self._strategy.part(part, 0, self._strategy.cuts(part)[-1], report_part)
