"""NumPy reference of node2vec's random walks: the probability of each next node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from w2vext._arguments.types import Float64


def step_probabilities(
    weights: ArrayLike, before: int | None, node: int, p: float, q: float
) -> Float64:
    """The probabilities of the nodes that a walk can visit next.

    Parameters
    ----------
    weights : array of shape (n, n)
        The weight of the edge from each row's node to each column's, 0 where there is no edge. The
        node has at least one edge.
    before : int or None
        The node that the walk came from; None for the first step.
    node : int
        The node where the walk is.
    p, q : float
        Return and in-out parameter.

    Returns
    -------
    ndarray of shape (n,), float64
        π(v, x) = α(t, x) · weight(v, x) for v = `node` and t = `before`, divided by its sum, where
        α is 1/p for x = t, 1 for x to which t has an edge, and 1/q for all others: the equations of
        section 3.2.2 in Grover & Leskovec 2016. Without `before`, α is 1.
    """
    w = np.asarray(weights, dtype=np.float64)
    alpha = np.ones(len(w))
    if before is not None:
        alpha = np.where(w[before] > 0, 1.0, 1 / q)
        alpha[before] = 1 / p
    unnormalized = alpha * w[node]
    return unnormalized / unnormalized.sum()
