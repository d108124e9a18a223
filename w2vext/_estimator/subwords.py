"""Subwords of a fit: their rows, initial vectors, frozen rows, and the vectors of words (D15)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from w2vext.text.subwords import Subwords, SubwordVectors
from w2vext.training.composed import composed
from w2vext.training.run import Start

if TYPE_CHECKING:
    from w2vext._arguments.types import Bool, Float32
    from w2vext._estimator.fitted import Fitted
    from w2vext._estimator.parameters import Parameters
    from w2vext.text.vocabulary import Vocabulary


def of(params: Parameters, words: Vocabulary) -> Subwords | None:
    """The subwords of a vocabulary, or None if the model has none."""
    if not params.max_n:
        return None
    lengths = max(params.min_n, 1), params.max_n
    return Subwords.of(words.words, *lengths, params.bucket, params.workers)


def placed(start: Start | None, grams: Subwords | None, earlier: Fitted | None) -> Start | None:
    """The initial vectors of a run, extended to the rows of n-grams.

    Vectors from `init` are those of words, so they are means of rows. An earlier fit provides the
    rows themselves, also those of its n-grams. Their order does not change, because buckets are
    numbered by first use and new words follow known ones.
    """
    if grams is None or start is None:
        return start
    if earlier is None or earlier.subword_vectors is None:
        return replace(start, of_words=True)
    known = len(earlier.vectors)
    rows = np.concatenate(
        [
            np.arange(known),
            grams.n_words + np.arange(len(earlier.subword_vectors) - known),
        ]
    )
    out_rows = start.out_rows
    if start.w_out is not None and out_rows is None:
        out_rows = np.arange(len(start.w_out))
    return Start(earlier.subword_vectors, start.w_out, rows, out_rows)


def frozen(mask: Bool | None, grams: Subwords | None) -> Bool | None:
    """The mask of the rows that must not change: those of frozen words and of their n-grams.

    The vector of a word is constant only if all rows of its mean are.
    """
    if mask is None or grams is None:
        return mask
    rows = np.zeros(grams.n_rows, dtype=bool)
    rows[: len(mask)] = mask
    rows[grams.parts[np.repeat(mask, np.diff(grams.starts))]] = True
    return rows


def vectors(rows: Float32, grams: Subwords | None, workers: int | None = 1) -> Float32:
    """The vectors of the words, (V, d): the rows themselves, or with subwords means of rows."""
    return rows if grams is None else composed(rows, grams.starts, grams.parts, workers)


def of_fit(params: Parameters, fitted: Fitted) -> SubwordVectors | None:
    """The `SubwordVectors` of a fitted model, or None if it has no subwords."""
    grams = of(params, fitted.words)
    if grams is None or fitted.subword_vectors is None:
        return None
    return SubwordVectors(grams, fitted.subword_vectors, fitted.words.index)
