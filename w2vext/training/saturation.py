"""The saturation of output rows, which decides how their replicas are merged (D13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.training._sampling import keep_thresholds

if TYPE_CHECKING:
    from w2vext._arguments.types import Float32, Float64, Int32, Int64
    from w2vext.training.settings import Settings

# The second derivative of the loss of one pair in the direction that all input vectors have in
# common, in which replicas agree most. It is sigmoid'(score) times the squared length of the mean
# input vector, about 0.1 times 1 to 2.
CURVATURE = 0.2


def saturation(counts: Int64, settings: Settings, noise: Float64) -> Float32:
    """What each word of the stream adds to the saturation of output rows, at a learning rate of 1.

    The saturation of a row is the sum of learning rate times curvature over the updates that a
    replica of it receives between two merges. If it is small, the loss is linear in the row, and
    the changes of replicas add up. If it is large, each replica alone reaches the minimum.

    Parameters
    ----------
    counts : int64 (V,)
    settings : Settings
    noise : float64 (V,)
        The weights of the words as negatives.

    Returns
    -------
    float32 (V,)
        Of the rows of the words, from the expected number of their updates as centres and as
        negatives.
    """
    keep = np.empty(len(counts), dtype=np.uint32)
    keep_thresholds(counts, settings.sample, keep)
    centres = counts / counts.sum() * (keep / 2.0**32)
    updates = centres + settings.negative * _negatives(centres, noise, settings.noise_groups)
    inputs = 1 if settings.architecture == "cbow" else _context_words(settings)
    return (CURVATURE * inputs * updates).astype(np.float32)


def _context_words(settings: Settings) -> int:
    """The words of a window, besides its centre; on average if the sizes of windows vary."""
    return settings.window + 1 if settings.shrink_windows else 2 * settings.window


def _negatives(centres: Float64, noise: Float64, groups: Int32 | None) -> Float64:
    """How often each word is a negative, if there is one for each centre."""
    if groups is None:
        found: Float64 = centres.sum() * noise / noise.sum()
        return found
    groups = np.asarray(groups)
    has = groups >= 0
    found = centres[~has].sum() * noise / noise.sum()
    of_group = np.bincount(groups[has], centres[has])
    weights = np.bincount(groups[has], noise[has])
    share = of_group / np.where(weights > 0, weights, 1.0)
    found[has] += share[groups[has]] * noise[has]
    return found
