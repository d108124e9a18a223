"""The merge of replicas in float64 (D13): Adasum of their changes, in a balanced tree."""

import numpy as np


def adasum(a, b, c=1.0):
    """The merge of two changes (d,), neither of which is zero; c is the share of the correction."""
    dot = c * (a @ b)
    return (1 - dot / (2 * (a @ a))) * a + (1 - dot / (2 * (b @ b))) * b


def tree(changes, saturation=np.inf):
    """The merge of some changes (d,): neighbours first, then neighbouring pairs, and so on."""
    while len(changes) > 1:
        c = 1 - 1 / (1 + saturation + saturation**2 / 2 + saturation**3 / 6)
        pairs = [changes[i : i + 2] for i in range(0, len(changes), 2)]
        changes = [adasum(*pair, c) if len(pair) == 2 else pair[0] for pair in pairs]
        saturation *= 2
    return changes[0]


def merged(deltas, saturation=()):
    """The merge of the changes of several matrices; rows that did not change are left out.

    The first rows may have a saturation; that of the others is infinite.
    """
    out = np.zeros_like(deltas[0])
    for row in range(len(out)):
        changes = [delta[row] for delta in deltas if delta[row].any()]
        if changes:
            out[row] = tree(changes, saturation[row] if row < len(saturation) else np.inf)
    return out
