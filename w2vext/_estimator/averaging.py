"""The mean of word vectors from several models, and how much the models differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator.parameters import is_real
from w2vext.search import exact, query, rotation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from w2vext._arguments.types import Float64, Token


class Alignment(NamedTuple):
    """Word vectors after their rotation to those of another model.

    Attributes
    ----------
    wv : KeyedVectors
        The rotated vectors.
    residual : float
        The root mean square distance between the unit vectors of the words in both models, after
        the rotation: 0 if they are equal, about 1.41 if they are unrelated.
    """

    wv: Any
    residual: float


class Interval(NamedTuple):
    """A mean over models and its confidence interval.

    Attributes
    ----------
    value, low, high : float
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class MeanVectors:
    """The mean of the vectors of several models, as returned by `KeyedVectors.mean_of`.

    Intervals are those of Student's t for the mean of the models: with other seeds, or on other
    samples of the text, the mean of many such models is inside with the given probability. They
    say nothing about errors that all models share.

    Attributes
    ----------
    wv : KeyedVectors
        The mean of the unit vectors of each word that all models have.
    spread : ndarray of shape (V,), float64
        The root mean square distance of a word's unit vectors from their mean, from 0 (all models
        agree) to 1.
    models : list of KeyedVectors
        The unit vectors of each model, rotated to the mean.
    """

    wv: Any
    spread: Float64 = field(repr=False)
    models: list[Any] = field(repr=False)

    def spread_of(self, word: Token) -> float:
        """Return the spread of a word."""
        return float(self.spread[self.wv.get_index(word)])

    def interval(self, score: Callable[[Any], float], level: float = 0.95) -> Interval:
        """Compute any score of vectors for each model, and the interval of its mean.

        Parameters
        ----------
        score : callable
            Receives the KeyedVectors of a model and returns a number.
        level : float, default=0.95
            The probability of the interval, above 0 and below 1.

        Returns
        -------
        Interval

        Examples
        --------
        >>> def pleasant(wv):
        ...     return wv.similarity("flower", "love") - wv.similarity("flower", "hate")
        >>> mean.interval(pleasant)  # doctest: +SKIP
        Interval(value=0.21, low=0.17, high=0.25)
        """
        scores = [score(model) for model in self.models]
        values = np.array(scores, np.float64)
        if values.ndim != 1:
            raise TypeError(
                f"score={shown(score)} returned {shown(scores[0])}: let it return one number"
            )
        value, half = _interval(values[:, None], level)
        return Interval(float(value[0]), float(value[0] - half[0]), float(value[0] + half[0]))

    def similarity(self, word1: Token, word2: Token, level: float = 0.95) -> Interval:
        """Return the mean over the models of the cosine of two words, with its interval."""
        return self.interval(lambda wv: wv.similarity(word1, word2), level)

    def most_similar(
        self, positive: Any, negative: Any = None, topn: int = 10, level: float = 0.95
    ) -> list[tuple[Token, Interval]]:
        """Find the words with the largest mean cosine over the models, each with its interval.

        Parameters
        ----------
        positive, negative : word, (word, weight), or list of these
            One query, as for `KeyedVectors.most_similar`.
        topn : int, default=10
        level : float, default=0.95
            The probability of an interval, above 0 and below 1.

        Returns
        -------
        list of (word, Interval)
            Best first, without the words of the query. Other models may order two neighbours whose
            intervals overlap in the other way.
        """
        query.check_count("topn", topn)
        cosines = [model.most_similar(positive, negative, topn=None) for model in self.models]
        value, half = _interval(np.array(cosines, np.float64), level)
        words = self.wv.key_to_index
        terms = [*query.as_list(positive, words), *query.as_list(negative, words)]
        own = {_word(term, words) for term in terms}
        found = []
        for row in np.argsort(-value, kind="stable").tolist():
            word = self.wv.index_to_key[row]
            if word not in own:
                low, high = value[row] - half[row], value[row] + half[row]
                found.append((word, Interval(float(value[row]), float(low), float(high))))
            if len(found) == topn:
                break
        return found


def mean_of(models: Iterable[Any], make: Callable[..., Any]) -> MeanVectors:
    """The mean of some KeyedVectors, which `make` makes; `KeyedVectors.mean_of` documents it."""
    models = list(models)
    for model in models:
        if not hasattr(model, "key_to_index"):
            raise TypeError(
                f"models contains {kind_of(model)}: give KeyedVectors, such as model.wv"
            )
    if len(models) < 2:
        raise ValueError(f"models has {len(models)} KeyedVectors: give at least two")
    words = shared_words(models)
    matrices = [exact.unit_matrix(rows_of(model, words)) for model in models]
    aligned = rotation.consensus(matrices)
    mean = rotation.mean(aligned)
    squares = [np.einsum("ij,ij->i", each - mean, each - mean) for each in aligned]
    spread = np.sqrt(np.mean(squares, axis=0))
    counts = models[0].counts
    if counts is not None:
        counts = counts[[models[0].key_to_index[word] for word in words]]
    return MeanVectors(
        make(words, mean.astype(np.float32), counts),
        spread,
        [make(words, each, counts) for each in aligned],
    )


def aligned(wv: Any, other: Any, words: Iterable[Token] | None, make: Callable[..., Any]) -> Any:
    """Vectors rotated to others; `KeyedVectors.align` documents the arguments."""
    shared = shared_words([wv, other], words)
    one, two = (exact.unit_matrix(rows_of(each, shared)) for each in (wv, other))
    turn = rotation.rotation(one, two)
    residual = rotation.residual(rotation.rotated(one, turn), two)
    return Alignment(make(wv.index_to_key, rotation.rotated(wv.vectors, turn), wv.counts), residual)


def shared_words(models: Sequence[Any], words: Iterable[Token] | None = None) -> list[Token]:
    """The words that all models have, in the order of the first; only those in `words`."""
    sizes = sorted({model.vector_size for model in models})
    if len(sizes) > 1:
        raise ValueError(
            f"the vectors have {' and '.join(map(str, sizes))} dimensions, and a rotation needs "
            "the same number: train all models with the same vector_size"
        )
    shared = [word for word in models[0] if all(word in model for model in models[1:])]
    if words is not None:
        wanted = {words} if isinstance(words, (str, bytes)) else set(words)
        shared = [word for word in shared if word in wanted]
    if len(shared) < sizes[0]:
        raise ValueError(
            f"the vectors have {len(shared):,} {'words' if words is None else 'of these words'} in "
            f"common, but a rotation of {sizes[0]} dimensions needs at least as many: lower "
            "min_count or vector_size, or train on more similar texts"
        )
    return shared


def rows_of(model: Any, words: Sequence[Token]) -> Any:
    """The vectors of known words, (n, d)."""
    return model.vectors[[model.key_to_index[word] for word in words]]


def _interval(values: Float64, level: float) -> tuple[Float64, Float64]:
    """The mean over the models (n, m) and half the width of its interval, (m,) each."""
    from scipy.special import stdtrit

    if not is_real(level) or not 0 < level < 1:
        raise ValueError(f"level={shown(level)}: give a number between 0 and 1, such as 0.95")
    n = len(values)
    error = values.std(axis=0, ddof=1) / np.sqrt(n)
    return values.mean(axis=0), stdtrit(n - 1, (1 + level) / 2) * error


def _word(term: Any, words: Any) -> Any:
    """The word of a term of a query; None for a vector."""
    if isinstance(term, np.ndarray):
        return None
    if isinstance(term, tuple) and term not in words:
        return _word(term[0], words)
    return term
