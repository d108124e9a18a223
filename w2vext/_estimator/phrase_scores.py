"""The scores of pairs of words, from which `Phrases` chooses the phrases."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from w2vext._arguments.types import Float64, Int32, Int64, UInt8
    from w2vext.text._phrases import Pairs

# The scores that have a name, and the default threshold of each.
THRESHOLDS = {"word2phrase": 100.0, "gensim": 10.0, "npmi": 0.5}


def choose(
    pairs: Pairs,
    ids: Int32,
    inside: UInt8,
    threshold: float,
    *,
    scoring: str | Callable[..., Any],
    min_count: int,
) -> tuple[Any, list[float]]:
    """The pairs of a pass with a score above the threshold.

    Parameters
    ----------
    pairs : Pairs
        Counted.
    ids : int32 (N,)
        The words of the corpus.
    inside : uint8 (number of ids,)
        1 for connectors.
    threshold, scoring, min_count
        As for `Phrases`.

    Returns
    -------
    table : (prefixes, (left, right))
        The chosen pairs, and the prefixes that they need.
    scores : list of float
    """
    prefixes, (left, right, count) = pairs.prefixes(), pairs.pairs(min_count)
    n_ids = len(inside)
    counts = np.bincount(ids, minlength=n_ids)
    first = np.concatenate([np.arange(n_ids), np.zeros(len(prefixes[0]), dtype=np.int64)])
    order = np.argsort(prefixes[2])
    first[n_ids:] = prefixes[0][order]
    while (first >= n_ids).any():  # follow nested prefixes to their first word
        first = np.where(first >= n_ids, first[first], first)
    distinct = int(np.count_nonzero(counts[inside == 0])) + len(pairs)
    a, b = counts[first[left]], counts[right]
    found = scores(scoring, a, b, count, distinct=distinct, min_count=min_count, words=len(ids))
    keep = np.flatnonzero(found > threshold)
    keep = keep[np.lexsort((right[keep], left[keep]))]  # independent of the table's order
    needed = np.zeros(len(order), dtype=bool)  # for each prefix, by its number
    reached = left[keep]
    while len(reached := reached[reached >= n_ids] - n_ids):
        needed[reached] = True
        reached = prefixes[0][order][reached]
    kept = tuple(column[needed[prefixes[2]]] for column in prefixes)
    return (kept, (left[keep], right[keep])), found[keep].tolist()


def scores(
    scoring: str | Callable[..., Any],
    a: Int64,
    b: Int64,
    ab: Int64,
    *,
    distinct: int,
    min_count: int,
    words: int,
) -> Float64:
    """The score of each pair; `Phrases` documents the formulas.

    Parameters
    ----------
    scoring : str or callable
    a, b, ab : int64 (n,)
        The counts of the first words, the last words and the pairs.
    distinct : int
        The number of distinct words and pairs.
    min_count : int
    words : int
        The number of words in the corpus.
    """
    if callable(scoring):
        rest = {"len_vocab": distinct, "min_count": min_count, "corpus_word_count": words}
        counts = zip(a.tolist(), b.tolist(), ab.tolist(), strict=True)
        found = (
            (scoring(worda_count=one, wordb_count=two, bigram_count=both, **rest), both)
            for one, two, both in counts
        )
        return np.array([_checked(*each) for each in found], np.float64)
    one, two, both = (count.astype(np.float64) for count in (a, b, ab))
    if scoring == "npmi":
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(both * words / (one * two)) / -np.log(both / words)
    return (both - min_count) / one / two * (distinct if scoring == "gensim" else words)


def _checked(score: Any, count: int) -> float:
    """A score as a float; NaN is never above a threshold."""
    if not isinstance(score, Real):
        raise TypeError(
            f"scoring returned {shown(score)} for a pair that occurs {count} times: it must return "
            "a number"
        )
    return float(score)
