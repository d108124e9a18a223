"""The random draws of the CS224n assignment: windows and negatives.

The costs that the assignment prints depend on the order of all calls of Python's `random`, which
`TreebankSource` and `draw_batch` reproduce. `FastDraws` has the same distribution and is faster: it
draws thousands of windows at once from a NumPy generator.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from w2vext._arguments.types import Float64, Int32, Int64

NO_WINDOW = "no window contains an outside word: give more text or a larger sample"


def draw_batch(
    source: Any, size: int = 50, window: int = 5, negative: int = 10
) -> tuple[Int32, Int32]:
    """Draw `size` windows and their negatives, as arrays of pairs.

    Parameters
    ----------
    source : object
        `context(C)` returns a centre and its outside words, `negative()` a word id.
    size : int
        Number of windows.
    window : int
        The largest window size; each window draws its C from 1..`window`.
    negative : int
        Number of negatives per pair. One equal to the outside word is drawn again; repeated ones
        are kept.

    Returns
    -------
    centres : ndarray of int64 (P,)
    targets : ndarray of int64 (P, 1 + negative)
        The outside word of each pair, then its negatives.
    """
    centres, targets = [], []
    for _ in range(size):
        centre, outside = source.context(random.randint(1, window))
        for target in outside:
            centres.append(centre)
            targets.append([target, *draw_negatives(source, target, negative)])
    return np.array(centres), np.array(targets)


def draw_negatives(source: Any, target: int, negative: int) -> list[int]:
    """Draw `negative` word ids that differ from `target`."""
    drawn: list[int] = []
    while len(drawn) < negative:
        word = source.negative()
        if word != target:
            drawn.append(word)
    return drawn


class TreebankSource:
    """The treebank as the assignment uses it: vocabulary, noise table and subsampled sentences.

    Parameters
    ----------
    sentences : list of lists of str
        In the treebank's order, lower-cased.
    sample : float
        Each word is dropped with probability max(0, 1 - sqrt(sample · words / freq)).
    copies : int
        Number of subsampled copies of the sentences. They are drawn by the first call of
        `context`.
    slots : int
        Size of the noise table, in which each word has a share proportional to freq^0.75.

    Attributes
    ----------
    words : list of str
        The words in order of first occurrence, then "UNK".
    counts : list of int
        The count of each word; 1 for "UNK".
    noise : list of int
        The table from which negatives are drawn.
    """

    def __init__(
        self,
        sentences: Iterable[Iterable[str]],
        sample: float = 1e-5,
        copies: int = 30,
        slots: int = 1_000_000,
    ) -> None:
        self._index: dict[str, int] = {}
        self.counts: list[int] = []
        for sentence in sentences:
            for word in sentence:
                if word not in self._index:
                    self._index[word] = len(self.counts)
                    self.counts.append(0)
                self.counts[self._index[word]] += 1
        self.words = [*self._index, "UNK"]
        self.counts.append(1)
        if len(self.words) < 3:
            raise ValueError(
                f"sentences has {len(self.words) - 1} distinct words: give at least two"
            )
        self._ids = [[self._index[word] for word in sentence] for sentence in sentences]
        self._sample, self._copies, self._slots = sample, copies, slots
        self._subsampled: list[list[int]] = []  # drawn by the first call of context
        self.noise = self._noise_table()

    def context(self, size: int) -> tuple[int, list[int]]:
        """Draw a centre; return it and the words within `size` of it that differ from it."""
        if not self._subsampled:
            self._subsampled = self._subsample()
        while True:
            sentence = self._subsampled[random.randint(0, len(self._subsampled) - 1)]
            pos = random.randint(0, len(sentence) - 1)
            centre = sentence[pos]
            around = sentence[max(0, pos - size) : pos] + sentence[pos + 1 : pos + size + 1]
            outside = [word for word in around if word != centre]
            if outside:
                return centre, outside

    def negative(self) -> int:
        """Draw a word from the noise table."""
        return self.noise[random.randint(0, self._slots - 1)]

    def subsampled_arrays(self, rng: np.random.Generator) -> tuple[Int32, Int64, Int64]:
        """Draw the subsampled copies from a NumPy generator; return ids, starts and stops."""
        ids = np.array([word for sentence in self._ids for word in sentence], dtype=np.int32)
        row = np.repeat(np.arange(len(self._ids)), [len(sentence) for sentence in self._ids])
        drop = np.array(self._drop_probabilities())
        kept, lengths = [], []
        for _ in range(self._copies):
            keep = rng.random(len(ids)) >= drop[ids]
            length = np.bincount(row[keep], minlength=len(self._ids))
            keep &= length[row] > 1
            kept.append(ids[keep])
            lengths.append(length[length > 1])
        words, stop = np.concatenate(kept), np.cumsum(np.concatenate(lengths), dtype=np.int64)
        start = stop - np.concatenate(lengths)
        same = np.flatnonzero(words[:-1] != words[1:]) + 1
        if not np.any(np.isin(same, stop, invert=True)):
            raise ValueError(NO_WINDOW)
        return words, start, stop

    def _drop_probabilities(self) -> list[float]:
        threshold = self._sample * sum(self.counts)
        return [max(0.0, 1 - math.sqrt(threshold / count)) for count in self.counts]

    def _subsample(self) -> list[list[int]]:
        drop = self._drop_probabilities()
        subsampled = (
            [w for w in sentence if drop[w] <= 0 or random.random() >= drop[w]]
            for _ in range(self._copies)
            for sentence in self._ids
        )
        kept = [sentence for sentence in subsampled if len(sentence) > 1]
        if not any(len(set(sentence)) > 1 for sentence in kept):
            raise ValueError(NO_WINDOW)
        return kept

    def _noise_table(self) -> list[int]:
        """The noise table: slot i is in the interval of its word in the cumulative freq^0.75."""
        power = np.array(self.counts, dtype=np.float64) ** 0.75
        edges = np.cumsum(power / power.sum()) * self._slots
        # Rounding can put the last edge below the last slot.
        return np.minimum(np.searchsorted(edges, np.arange(self._slots)), len(edges) - 1).tolist()


class FastDraws:
    """Draws from a NumPy generator with the distribution of the assignment.

    Batch i depends on (seed, i) only.

    Parameters
    ----------
    source : TreebankSource
        Provides the vocabulary, the counts and the noise table. Subsampling is drawn again.
    seed : int
    size, window, negative : int
        As in `draw_batch`.
    """

    BLOCK = 200  # batches drawn together

    def __init__(
        self,
        source: TreebankSource,
        seed: int = 0,
        size: int = 50,
        window: int = 5,
        negative: int = 10,
    ) -> None:
        self._seed, self._size, self._window, self._negative = seed, size, window, negative
        self._noise = np.array(source.noise, dtype=np.int32)
        self._ids, self._start, self._stop = source.subsampled_arrays(np.random.default_rng(seed))
        self._block: int | None = None

    def batch(self, iteration: int) -> tuple[Int32, Int32]:
        """Return (centres, targets) of an iteration, counted from 1."""
        block, at = divmod(iteration - 1, self.BLOCK)
        if block != self._block:
            self._block, self._drawn = block, self._draw(np.random.default_rng([self._seed, block]))
        centres, targets, edges = self._drawn
        pairs = slice(edges[at], edges[at + 1])
        return centres[pairs], targets[pairs]

    def _draw(self, rng: np.random.Generator) -> tuple[Int32, Int32, Int64]:
        n = self.BLOCK * self._size
        reach = np.concatenate([np.arange(-self._window, 0), np.arange(1, self._window + 1)])
        pos, there = np.empty(n, dtype=np.int64), np.zeros((n, len(reach)), dtype=bool)
        width = rng.integers(1, self._window + 1, n)
        todo = np.arange(n)
        while len(todo):
            # A window in which all words equal the centre is drawn again with the same width.
            sentence = rng.integers(0, len(self._start), len(todo))
            start, stop = self._start[sentence], self._stop[sentence]
            at = rng.integers(start, stop)
            around = at[:, None] + reach
            inside = (around >= start[:, None]) & (around < stop[:, None])
            inside &= np.abs(reach) <= width[todo, None]
            inside &= self._ids.take(around, mode="clip") != self._ids[at, None]
            pos[todo], there[todo] = at, inside
            todo = todo[~inside.any(axis=1)]
        window, which = np.nonzero(there)
        targets = np.empty((len(window), 1 + self._negative), dtype=np.int32)
        targets[:, 0] = self._ids[pos[window] + reach[which]]
        drawn = self._noise[rng.integers(0, len(self._noise), (len(window), self._negative))]
        while (same := drawn == targets[:, :1]).any():
            drawn[same] = self._noise[rng.integers(0, len(self._noise), np.count_nonzero(same))]
        targets[:, 1:] = drawn
        edges = np.searchsorted(window, np.arange(self.BLOCK + 1) * self._size)
        return self._ids[pos[window]], targets, edges


def initial_matrices(n_words: int, vector_size: int, seed: int = 9265) -> Float64:
    """The initial w_in, (rand - 0.5) / d, stacked on the initial w_out, zeros: (2V, d)."""
    x = np.zeros((2 * n_words, vector_size))
    x[:n_words] = (np.random.RandomState(seed).rand(n_words, vector_size) - 0.5) / vector_size
    return x
