"""Sentiment of a sentence from the mean of its word vectors, as in earlier CS224n assignments.

Labels go from 0 (very negative) to 4 (very positive). The dev sentences choose the regularization
strength; nothing else is tuned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from w2vext._arguments.types import Float64, Floats

# C, the inverse regularization strength: a quarter of the values that the assignment tries.
STRENGTHS = 1 / np.logspace(-4, 2, 25)


class Sentiment(NamedTuple):
    """The results of the classifier."""

    strength: float  # the C with the best accuracy on "dev"
    accuracy: dict[str, float]  # on "train", "dev" and "test"
    frequent: float  # test accuracy of always predicting the most frequent training label
    confusion: np.ndarray  # (5, 5) on "test": true labels in rows, predicted ones in columns


def mean_vectors(
    sentences: Sequence[Iterable[str]], words: Iterable[str], vectors: Floats
) -> Float64:
    """The mean vector of each sentence (n, d), over the words that are in `words`."""
    row = {word: at for at, word in enumerate(words)}
    means = np.zeros((len(sentences), vectors.shape[1]))
    for at, sentence in enumerate(sentences):
        known = [row[word] for word in sentence if word in row]
        if known:
            means[at] = vectors[known].mean(axis=0)
    return means


def classify(treebank: Any, words: Sequence[str], vectors: Floats) -> Sentiment:
    """Train on the training sentences, choose C on the dev sentences, and evaluate on all splits.

    Parameters
    ----------
    treebank : datasets.Treebank
    words : list of V str
    vectors : ndarray (V, d)
        The assignment concatenates centre and outside vectors.

    Returns
    -------
    Sentiment
    """
    x, y = mean_vectors(treebank.sentences, words, vectors), np.asarray(treebank.labels)
    part = {name: treebank.split == name for name in ("train", "dev", "test")}
    for name, rows in part.items():
        if not rows.any():
            raise ValueError(
                f"treebank has no {name} sentences: its split file is incomplete, download it again"
            )

    def fitted(strength: float) -> Any:
        model = LogisticRegression(C=strength, max_iter=1000)
        return model.fit(x[part["train"]], y[part["train"]])

    # With matrices this small, waiting for other BLAS threads costs more than the arithmetic.
    with threadpool_limits(1):
        models = [(strength, fitted(strength)) for strength in STRENGTHS]
    strength, best = max(models, key=lambda one: one[1].score(x[part["dev"]], y[part["dev"]]))
    accuracy = {name: float(best.score(x[rows], y[rows])) for name, rows in part.items()}
    test = part["test"]
    confusion = confusion_matrix(y[test], best.predict(x[test]), labels=range(5))
    frequent = float(np.mean(y[test] == np.bincount(y[part["train"]]).argmax()))
    return Sentiment(float(strength), accuracy, frequent, confusion)
