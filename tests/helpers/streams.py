"""Id streams and weights, and the windows and targets of the training loop by definition."""

from itertools import pairwise

import numpy as np

from w2vext.training._sampling import Noise, NoiseGroups, Tree, hash_position

V = 23
KEEP_ALL = 2**32 - 1
HALF = np.array([KEEP_ALL // (1 + word % 3) for word in range(V)], dtype=np.uint32)


def stream(lengths, seed=1, words=V):
    """Sentences of random words."""
    offsets = np.cumsum([0, *lengths], dtype=np.int64)
    ids = np.random.default_rng(seed).integers(0, words, offsets[-1], dtype=np.int32)
    return ids, offsets


def weights(rows, d, seed, size=0.4):
    w = np.zeros((rows, -(-d // 16) * 16), dtype=np.float32)
    w[:, :d] = np.random.default_rng(seed).normal(size=(rows, d)) * size
    return w


def all_kept(words=V):
    return np.full(words, KEEP_ALL, dtype=np.uint32)


def only(word, words=V):
    """A noise distribution with only one word."""
    return Noise(np.eye(words)[word])


def draw_at(key, pos):
    """The draw of a position, (high, low): keys that differ in the lowest 8 bits have the same."""
    return divmod(hash_position(key - key % 256, pos), 2**32)


def is_kept(key, pos, threshold):
    """Whether subsampling keeps a position; each epoch shifts its draw by the golden ratio."""
    return (draw_at(key, pos)[0] + key % 256 * 0x9E3779B9) % 2**32 <= threshold


def window_size(key, pos, window):
    """The window size of a position: uniform in 1 .. window, and another one in the next epoch."""
    return 1 + ((draw_at(key, pos)[1] * window >> 32) + key % 256) % window


def kept_sentences(ids, offsets, keep, key):
    """Each sentence as the (position, word) that subsampling keeps."""
    return [
        [(pos, int(ids[pos])) for pos in range(begin, end) if is_kept(key, pos, keep[ids[pos]])]
        for begin, end in pairwise(offsets.tolist())
    ]


def plain_windows(ids, offsets, keep, key, window, global_context=None, shrink=False):
    """{position: (centre, context words)} of all windows with a context.

    With a global context, the first or last word of the sentence is in every window, once, even if
    subsampling does not keep it.
    """
    found = {}
    for s, kept in enumerate(kept_sentences(ids, offsets, keep, key)):
        at = {None: None, "first": offsets[s], "last": offsets[s + 1] - 1}[global_context]
        for i, (pos, word) in enumerate(kept):
            size = window_size(key, pos, window) if shrink else window
            around = kept[max(0, i - size) : i + 1 + size]
            context = [each for place, each in around if place != pos]
            if at is not None and at not in [place for place, _ in around]:
                context.append(int(ids[at]))
            if context:
                found[pos] = (word, context)
    return found


def negatives_of(word, times):
    """The targets of a centre: itself and its negatives, which are all the same word."""

    def targets(centre):
        rest = [] if centre == word else [word] * times
        return [centre, *rest], [1] + [0] * len(rest)

    return targets


# Only words 4 and 9 can be drawn, each in its group. From all words only 9 is drawn, because the
# weight of 4 is tiny: for words 4 and 9, which are alone, and for those of group 2.
GROUPS = np.array([1 if word in (4, 9) else word % 3 for word in range(V)], dtype=np.int32)
GROUPS[4] = 0


def grouped_noise(words=V):
    """A noise distribution and groups with which the negatives of each word are always the same."""
    weights = 1.0 * np.eye(words)[9] + 1e-15 * np.eye(words)[4]
    return {"noise": Noise(weights), "groups": NoiseGroups(weights, GROUPS)}


def negatives_of_group(times):
    """The targets of a centre with `grouped_noise`."""

    def targets(centre):
        word = 4 if GROUPS[centre] == 0 and centre != 4 else 9
        return negatives_of(word, times)(centre)

    return targets


def path_of(tree):
    def targets(centre):
        path, code = tree.path(centre)
        return path, [1 - bit for bit in code]

    return targets


def both_of(tree, word, times):
    """The targets of both losses; the nodes' rows follow those of the words."""

    def targets(centre):
        rows, labels = negatives_of(word, times)(centre)
        nodes, signs = path_of(tree)(centre)
        return [*rows, *(tree.size + node for node in nodes)], labels + signs

    return targets


def tree_of(words=V, first=0):
    """A Huffman tree over words of which each is rarer than the one before."""
    return Tree((1000 / np.arange(1, words + 1)).astype(np.int64), first=first)
