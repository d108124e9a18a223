"""The vectors of words with subwords, from the rows that they are means of (D15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2vext._threads import each_part
from w2vext.kernels._subwords import classes
from w2vext.kernels.means import mean_rows

if TYPE_CHECKING:
    from typing_extensions import Self

    from w2vext._arguments.types import Float32, Int32, Int64


WORDS = 2048  # that are composed together


@dataclass(frozen=True)
class Parts:
    """The rows of w_in that the vectors of words are means of.

    Attributes
    ----------
    starts, parts : int64 (V + 1,), int32 (starts[V],)
        Word w is the mean of row w and of the rows parts[starts[w]:starts[w + 1]].
    sizes : int32 (n_rows,), optional
        The weight of each row in these means; without it all weights are 1.
    """

    starts: Int64
    parts: Int32
    sizes: Int32 | None = None

    @property
    def n_rows(self) -> int:
        """The number of rows of w_in."""
        return max(len(self.starts) - 1, int(self.parts.max(initial=-1)) + 1)


@dataclass(frozen=True)
class Merged:
    """Rows that are trained as one, because the same words hold them, equally often.

    Such rows always receive the same changes. If they also start at the same values, they remain
    equal, and one row with their number as its weight replaces them.

    Attributes
    ----------
    parts : Parts
        Of the rows that are trained, which are those of the words first.
    row : int64 (n_rows,)
        The trained row of each row.
    first : int64 (parts.n_rows,)
        The first row that each trained row replaces.
    """

    parts: Parts
    row: Int64
    first: Int64

    @classmethod
    def of(cls, parts: Parts) -> Self:
        """Find the rows that are equal in this sense."""
        first_of = classes(parts.starts, parts.parts, parts.n_rows)
        first, row, sizes = np.unique(first_of, return_inverse=True, return_counts=True)
        kept = first_of[parts.parts] == parts.parts
        ends = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
        ids = row[parts.parts[kept]].astype(np.int32)
        trained = Parts(ends[parts.starts], ids, sizes.astype(np.int32))
        return cls(trained, row.reshape(-1), first.astype(np.int64))


def composed(
    rows: Float32,
    starts: Int64,
    parts: Int32,
    workers: int | None = 1,
    sizes: Int32 | None = None,
) -> Float32:
    """The vectors of all words: the means of their rows.

    Parameters
    ----------
    rows : float32 (n_rows, columns)
        The rows of the words, then those of the n-grams.
    starts, parts : int64 (V + 1,), int32 (starts[V],)
        The n-grams of word w have the rows parts[starts[w]:starts[w + 1]].
    workers : int, optional
        The number of threads.
    sizes : int32 (n_rows,), optional
        The weights of the rows.

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
        if sizes is not None:
            times = sizes[ids]
            offsets = np.concatenate([[0], np.cumsum(times, dtype=np.int64)])[offsets]
            ids = np.repeat(ids, times)
        mean_rows(rows, offsets, ids, out[first:stop])

    each_part(compose, range(0, n, WORDS), workers)
    return out
