"""Probabilities of labels from the scores of a supervised model, computed as in fastText."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import Float32

# fastText's sigmoid of ns and ova: a table of 512 cells over (-8, 8).
_CELLS, _REACH = 512, 8.0
_SIGMOID = 1 / (1 + np.exp(-(np.arange(_CELLS + 1) * 2 * _REACH / _CELLS - _REACH)))
_SIGMOID = _SIGMOID.astype(np.float32)
# fastText takes logarithms of p + 1e-5, so the probabilities it reports are larger by this.
LOG_SHIFT = 1e-5


def table_sigmoid(scores: Float32) -> Float32:
    """fastText's sigmoid of ns and ova: a table, 0 below -8 and 1 above 8."""
    inside = scores.clip(-_REACH, _REACH)
    cells = (inside + np.float32(_REACH)) * np.float32(_CELLS / (2 * _REACH))
    found = _SIGMOID[cells.astype(np.int64)]
    return np.where(scores < -_REACH, 0, np.where(scores > _REACH, 1, found)).astype(np.float32)


def shifted_log(p: Any) -> Float32:
    """log(p + 1e-5) in float32."""
    return np.log(p.astype(np.float64) + LOG_SHIFT).astype(np.float32)


def exp(x: Float32) -> Float32:
    """exp in float32, nearly always correctly rounded, like expf of the C library."""
    with np.errstate(over="ignore"):  # infinity, as there
        return np.exp(x.astype(np.float64)).astype(np.float32)


def tree_logs(scores: Float32, counts: list[int]) -> tuple[Float32, Any]:
    """(logarithms, order) of the labels in fastText's Huffman tree.

    The logarithm of a label is the sum over the choices on its path: float32 (n, n_labels). The
    order is that of a depth-first walk which visits left children first.
    """
    n = len(counts)
    left, right = huffman(counts)
    logs = np.zeros((len(scores), 2 * n - 1), dtype=np.float32)
    choice = 1 / (1 + exp(-scores))
    order, pending = [], [2 * n - 2]
    while pending:
        node = pending.pop()
        if node < n:
            order.append(node)
            continue
        p = choice[:, node - n]
        logs[:, left[node]] = logs[:, node] + shifted_log(1 - p)
        logs[:, right[node]] = logs[:, node] + shifted_log(p)
        pending += [right[node], left[node]]
    return np.ascontiguousarray(logs[:, :n]), np.array(order, dtype=np.int32)


def huffman(counts: list[int]) -> tuple[list[int], list[int]]:
    """The children (left, right) of each node of fastText's Huffman tree; leaves have -1.

    The counts must be in descending order. Nodes 0 to n-1 are the leaves, node 2n-2 is the root.
    """
    n = len(counts)
    weight = [*counts, *[10**15] * (n - 1)]
    left, right = [-1] * (2 * n - 1), [-1] * (2 * n - 1)
    leaf, node = n - 1, n
    for parent in range(n, 2 * n - 1):
        smallest = []
        for _ in range(2):
            # A damaged file may have counts above 10**15, so that no inner node is lighter.
            if leaf >= 0 and (node == parent or weight[leaf] < weight[node]):
                smallest.append(leaf)
                leaf -= 1
            else:
                smallest.append(node)
                node += 1
        left[parent], right[parent] = smallest
        weight[parent] = weight[smallest[0]] + weight[smallest[1]]
    return left, right
