"""Means of groups of words, and the order of words by their similarity to such a mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import shown
from w2vext.search import exact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import ArrayLike

    from w2vext._arguments.types import Float32, Float64, Token


def mean_vector(
    keys: Sequence[Any],
    vectors: Sequence[Float32 | None],
    weights: ArrayLike | None,
    size: int,
    *,
    pre_normalize: bool,
    post_normalize: bool,
) -> Float32:
    """The weighted mean of the vectors of some keys; `KeyedVectors.get_mean_vector` documents it.

    `vectors` has None for a key that is left out.
    """
    if not len(keys):
        raise ValueError("keys is empty: give at least one word or vector")
    given = _weights(weights, len(keys))
    used = [i for i, vector in enumerate(vectors) if vector is not None]
    total = np.abs(given[used]).sum()
    if total == 0:
        return np.zeros(size, np.float32)
    matrix = np.array([vectors[i] for i in used], np.float64)
    if pre_normalize:
        words = [k for k, i in enumerate(used) if not isinstance(keys[i], np.ndarray)]
        matrix[words] = exact.unit_rows_double(matrix[words])
    mean = given[used] @ matrix / total
    if post_normalize:
        mean = exact.unit_rows_double(mean[None])[0]
    return mean.astype(np.float32)


def by_centrality(
    vectors: Mapping[Token, Float32 | None], use_norm: bool
) -> list[tuple[float, Token]]:
    """(score, word) of the words that have a vector, the nearest to their mean first."""
    found = {word: vector for word, vector in vectors.items() if vector is not None}
    if not found:
        raise ValueError(
            f"words has no known word: {shown(list(vectors))}: give words that have vectors"
        )
    matrix = np.array(list(found.values()), np.float64)
    if use_norm:
        matrix = exact.unit_rows_double(matrix)
    scores = matrix @ exact.unit_rows_double(matrix.mean(axis=0)[None])[0]
    order = np.argsort(-scores, kind="stable").tolist()
    words = list(found)
    return [(float(scores[i]), words[i]) for i in order]


def _weights(weights: ArrayLike | None, count: int) -> Float64:
    if weights is None:
        return np.ones(count)
    given = np.asarray(weights, np.float64)
    if given.shape != (count,) or not np.isfinite(given).all():
        raise ValueError(
            f"weights has shape {given.shape} for {count} keys: give one finite number for each"
        )
    return given
