"""The random draws of the CS224n assignment, in its own order, from Python's `random`.

The costs that the assignment prints depend on every call, so the order stands here once and the
mathematics elsewhere. It refuses speed: `treebank.own_draws` is the fast way.
"""

import math
import random

import numpy as np


def draw_batch(source, size=50, window=5, negative=10):
    """`size` windows with their negatives, as arrays of pairs.

    Parameters
    ----------
    source : object
        `context(C)` returns a centre and its outside words, `negative()` a word id.
    size : int
        Windows; each has its own C from 1..`window`.
    window, negative : int
        A negative equal to its outside word is drawn again; a repeated one stays.

    Returns
    -------
    centres : ndarray of int64 (P,)
    targets : ndarray of int64 (P, 1 + negative)
        Each pair's outside word, then its negatives.
    """
    centres, targets = [], []
    for _ in range(size):
        centre, outside = source.context(random.randint(1, window))
        for target in outside:
            centres.append(centre)
            targets.append([target, *draw_negatives(source, target, negative)])
    return np.array(centres), np.array(targets)


def draw_negatives(source, target, negative):
    """`negative` word ids that differ from `target`, in the order drawn."""
    drawn = []
    while len(drawn) < negative:
        word = source.negative()
        if word != target:
            drawn.append(word)
    return drawn


class TreebankSource:
    """The assignment's view of the treebank: its vocabulary, noise table and thinned sentences.

    Parameters
    ----------
    sentences : list of lists of str
        In the treebank's order, lower-cased.
    sample : float
        Each word is dropped with probability max(0, 1 - sqrt(sample · words / freq)).
    copies : int
        How many thinned copies of the sentences are drawn from. They are drawn when the first
        context is asked for.
    slots : int
        The size of the table from which negatives come, in proportion to freq^0.75.

    Attributes
    ----------
    words : list of str
        In order of first occurrence, then "UNK".
    counts : list of int
        "UNK" has 1.
    """

    def __init__(self, sentences, sample=1e-5, copies=30, slots=1_000_000):
        self._index, self.counts = {}, []
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
                f"the sentences hold {len(self.words) - 1} distinct words: a window needs two"
            )
        self._ids = [[self._index[word] for word in sentence] for sentence in sentences]
        self._sample, self._copies, self._slots = sample, copies, slots
        self._thinned = None
        self._table = self._noise_table()

    def context(self, size):
        """A centre and the words within `size` of it that differ from it."""
        if self._thinned is None:
            self._thinned = self._thin()
        while True:
            sentence = self._thinned[random.randint(0, len(self._thinned) - 1)]
            pos = random.randint(0, len(sentence) - 1)
            centre = sentence[pos]
            around = sentence[max(0, pos - size) : pos] + sentence[pos + 1 : pos + size + 1]
            outside = [word for word in around if word != centre]
            if outside:
                return centre, outside

    def negative(self):
        return self._table[random.randint(0, self._slots - 1)]

    def _thin(self):
        threshold = self._sample * sum(self.counts)
        drop = [max(0.0, 1 - math.sqrt(threshold / count)) for count in self.counts]
        thinned = (
            [w for w in sentence if drop[w] <= 0 or random.random() >= drop[w]]
            for _ in range(self._copies)
            for sentence in self._ids
        )
        kept = [sentence for sentence in thinned if len(sentence) > 1]
        if not any(len(set(sentence)) > 1 for sentence in kept):
            raise ValueError("no window with an outside word is left: give more text, or sample=1")
        return kept

    def _noise_table(self):
        """Slot i holds the word j whose share of the cumulative freq^0.75 it falls into."""
        power = np.array(self.counts, dtype=np.float64) ** 0.75
        edges = np.cumsum(power / power.sum()) * self._slots
        # Rounding may leave the last edge below the last slot.
        return np.minimum(np.searchsorted(edges, np.arange(self._slots)), len(edges) - 1).tolist()


def flat_start(n_words, vector_size):
    """The run's start: centre vectors (rand - 0.5) / d from numpy's stream, outside vectors 0."""
    return (
        (np.random.rand(n_words, vector_size) - 0.5) / vector_size,
        np.zeros((n_words, vector_size)),
    )
