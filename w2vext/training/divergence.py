"""Detects divergence from the loss of a run and the lengths of its vectors.

A run that diverges may keep finite weights. Then its loss rises far above that of the untrained
model, or its vectors grow without bound while the sigmoid stays saturated.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from w2vext.training.memory import blocks
from w2vext.training.settings import has_negatives, has_tree

if TYPE_CHECKING:
    from w2vext._arguments.types import Float32, Int64
    from w2vext.training.settings import Settings

# In runs that converge, with any objective and corpus, the loss of an epoch is at most that of the
# untrained model, it hardly rises, and the product of the lengths is at most 30. These bounds are
# larger: beyond the first ones a run is doubtful, beyond the second ones it is lost.
DOUBTFUL_LOSS, LOST_LOSS = 1.5, 10.0  # times the loss of the untrained model
DOUBTFUL_RISE = 1.5  # times the lowest loss of an earlier epoch
LEAST_PAIRS = 1_000  # the mean loss of fewer pairs varies too much to be doubtful
DOUBTFUL_LENGTHS, LOST_LENGTHS = 100.0, 1e6  # times the product at the beginning


def untrained_loss(settings: Settings, counts: Int64) -> float:
    """The loss per pair of a model whose scores are all 0.

    For hierarchical softmax it is an upper estimate: a Huffman code has on average at most one bit
    more than the entropy, which is at most the logarithm of the number of words.
    """
    total, words = 0.0, math.log(max(len(counts), 2))
    if has_negatives(settings.loss):
        total += (1 + settings.negative) * math.log(2)
    if has_tree(settings.loss):
        total += words + math.log(2)
    return words if settings.loss == "softmax" else total


def mean_length(w: Float32) -> float:
    """The root mean square of the lengths of the rows; inf or NaN if a weight is not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = sum(float(np.vdot(block, block)) for block in blocks(w))
    return math.sqrt(total / max(len(w), 1))


def constant_loss(settings: Settings, counts: Int64) -> float:
    """The loss per pair of a model that knows only the frequencies of the words."""
    total = 0.0
    if has_negatives(settings.loss):
        k = settings.negative
        total += math.log1p(k) + k * math.log1p(1 / k)
    if settings.loss != "neg":
        p = counts[counts > 0] / counts.sum()
        total -= float((p * np.log(p)).sum())
    return total


class Divergence:
    """Checks a run for divergence after each epoch.

    Parameters
    ----------
    settings : Settings
    counts : int64 (V,)
    w_in, w_out : float32
        The matrices of the run, with their initial values.
    """

    def __init__(self, settings: Settings, counts: Int64, w_in: Float32, w_out: Float32) -> None:
        self.untrained = untrained_loss(settings, counts)
        self._remedy = (
            f"use a smaller alpha than {settings.alpha:g}, or a smaller window or negative"
        )
        self._constant = constant_loss(settings, counts)
        self._w_in, self._w_out = w_in, w_out
        self._lengths = self._latest = self.lengths()

    def lengths(self) -> float:
        """The product of the mean lengths of input and output vectors, each of them plus 1."""
        return (1.0 + mean_length(self._w_in)) * (1.0 + mean_length(self._w_out))

    def is_lost(self, loss: float) -> bool:
        """Whether the last epoch, which had this mean loss, has made the weights useless."""
        lengths = self.lengths()
        self._latest = lengths
        return not (loss <= LOST_LOSS * self.untrained and lengths <= LOST_LENGTHS * self._lengths)

    def judged(self, losses: list[float], pairs: float, place: str) -> str | None:
        """Why the training may have diverged after epochs with these mean losses, or None.

        Raises FloatingPointError if it has diverged for certain. `pairs` is the number of pairs of
        the last epoch; `place` names it.
        """
        if self.is_lost(losses[-1]):
            raise FloatingPointError(
                f"training diverged {place} (loss {losses[-1]:.4g}, that of the untrained model is "
                f"{self.untrained:.4g}): {self._remedy}"
            )
        doubt = self.doubt(losses, pairs)
        return doubt and f"the training may have diverged {place}: {doubt}; {self._remedy}"

    def doubt(self, losses: list[float], pairs: float = LEAST_PAIRS) -> str | None:
        """What is unusual after epochs with these mean losses, or None; call it after `is_lost`.

        `pairs` is the number of pairs of the last epoch.
        """
        if pairs < LEAST_PAIRS:
            return None
        loss, lengths = losses[-1], self._latest
        lowest = min(filter(None, losses), default=0.0)  # an epoch without pairs has a loss of 0
        if loss > DOUBTFUL_LOSS * self.untrained:
            return f"its loss is {loss:.4g}, and that of the untrained model {self.untrained:.4g}"
        if loss > max(DOUBTFUL_RISE * lowest, self._constant):
            return f"its loss rose to {loss:.4g}, after {lowest:.4g} in an earlier epoch"
        if lengths > DOUBTFUL_LENGTHS * self._lengths:
            return f"the mean lengths of input and output vectors have a product of {lengths:,.0f}"
        return None
