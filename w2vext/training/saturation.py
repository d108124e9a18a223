"""The saturation of output rows, which decides how their replicas are merged (D13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.training._sampling import keep_thresholds
from w2vext.training.settings import noise_of

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import Float32, Float64, Int32, Int64
    from w2vext.training.settings import Settings

# The second derivative of the loss of one pair in the direction that all input vectors have in
# common, in which replicas agree most. It is sigmoid'(score), about 0.1, times the squared length
# of the mean input vector, which is from 1 to 2.
CURVATURE = 0.2


def saturation_per_word(
    stream: Any, counts: Int64, settings: Settings, sentence_length: float | None = None
) -> Float32:
    """The expected saturation of output rows for each trained word, at a learning rate of 1.

    The saturation of a row is the sum of learning rate times curvature over the updates that a
    replica of it receives between two merges. If it is small, the loss is linear in the row, and
    the changes of replicas add up. If it is large, each replica alone reaches the minimum.

    Parameters
    ----------
    stream : object with ids int32 (N,) and offsets int64 (S + 1,), or PairStream
    counts : int64 (V,)
    settings : Settings
        With a loss that has negatives.
    sentence_length : float, optional
        The mean length of the sentences; by default that of the stream.

    Returns
    -------
    float32 (V,)
        One value for each word: its expected updates as a centre and as a negative, times the
        curvature.
    """
    if hasattr(stream, "contexts"):
        centres = np.bincount(stream.ids, minlength=len(counts)) / max(len(stream.ids), 1)
    else:
        keep = np.empty(len(counts), dtype=np.uint32)
        keep_thresholds(counts, settings.sample, keep)
        centres = counts / counts.sum() * (keep / 2.0**32)
    noise = noise_of(counts, settings)
    updates = centres + settings.negative * _negatives(centres, noise, settings.noise_groups)
    inputs = _inputs(stream, settings, sentence_length)
    return (CURVATURE * inputs * updates).astype(np.float32)


def _inputs(stream: Any, settings: Settings, sentence_length: float | None) -> float:
    """The mean number of inputs of a window, which may be longer than the sentences."""
    if hasattr(stream, "contexts") or settings.architecture == "cbow":
        return 1
    most = settings.window + 1 if settings.shrink_windows else 2 * settings.window
    if sentence_length is None:
        sentence_length = len(stream.ids) / max(len(stream.offsets) - 1, 1)
    return min(most, max(sentence_length - 1, 1))


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
