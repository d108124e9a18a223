"""The vectors of words with subwords, from the rows that they are means of (D15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._threads import each_part
from w2vext.kernels.means import mean_rows

if TYPE_CHECKING:
    from w2vext._arguments.types import Float32, Int32, Int64


WORDS = 2048  # that are composed together


def composed(rows: Float32, starts: Int64, parts: Int32, workers: int | None = 1) -> Float32:
    """The vectors of all words: the means of their rows.

    Parameters
    ----------
    rows : float32 (n_rows, columns)
        The rows of the words, then those of the n-grams.
    starts, parts : int64 (V + 1,), int32 (starts[V],)
        The n-grams of word w have the rows parts[starts[w]:starts[w + 1]].
    workers : int, optional
        The number of threads.

    Returns
    -------
    float32 (V, columns)
    """
    n = len(starts) - 1
    out = np.empty((n, rows.shape[1]), dtype=np.float32)

    def compose(first: int) -> None:
        stop = min(first + WORDS, n)
        offsets = starts[first : stop + 1] - starts[first] + np.arange(stop - first + 1)
        ids = np.empty(offsets[-1], dtype=np.int64)
        is_ngram = np.ones(len(ids), dtype=bool)
        is_ngram[offsets[:-1]] = False
        ids[offsets[:-1]] = np.arange(first, stop)
        ids[is_ngram] = parts[starts[first] : starts[stop]]
        mean_rows(rows, offsets, ids, out[first:stop])

    each_part(compose, range(0, n, WORDS), workers)
    return out
