"""The merge of replicas in float64 (D13): Adasum of their changes, in a balanced tree."""

import numpy as np


def adasum(a, b):
    """The merge of two changes (d,), neither of which is zero."""
    dot = a @ b
    return (1 - dot / (2 * (a @ a))) * a + (1 - dot / (2 * (b @ b))) * b


def tree(changes):
    """The merge of some changes (d,): neighbours first, then neighbouring pairs, and so on."""
    while len(changes) > 1:
        pairs = [changes[i : i + 2] for i in range(0, len(changes), 2)]
        changes = [adasum(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return changes[0]


def merged(deltas):
    """The merge of the changes of several matrices; rows that did not change are left out."""
    out = np.zeros_like(deltas[0])
    for row in range(len(out)):
        changes = [delta[row] for delta in deltas if delta[row].any()]
        if changes:
            out[row] = tree(changes)
    return out
