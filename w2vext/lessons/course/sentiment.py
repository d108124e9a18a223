"""A sentence's sentiment from the mean of its words' vectors, as earlier assignments had it.

Labels 0 (very negative) to 4 (very positive). It refuses tuning beyond one number, the strength of
the regularisation, which the dev sentences choose.
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

    from w2vext._types import Float64, Floats

# C, the inverse of the regularisation: a quarter of those that the assignment tries.
STRENGTHS = 1 / np.logspace(-4, 2, 25)


class Sentiment(NamedTuple):
    """What the classifier reached."""

    strength: float  # the C that the dev sentences chose
    accuracy: dict[str, float]  # of "train", "dev" and "test"
    frequent: float  # of the training sentences' most frequent label each time, on "test"
    confusion: np.ndarray  # (5, 5) on the test sentences: rows are true labels, columns predictions


def mean_vectors(
    sentences: Sequence[Iterable[str]], words: Iterable[str], vectors: Floats
) -> Float64:
    """The mean vector of each sentence (n, d); words that are not in `words` are left out."""
    row = {word: at for at, word in enumerate(words)}
    means = np.zeros((len(sentences), vectors.shape[1]))
    for at, sentence in enumerate(sentences):
        known = [row[word] for word in sentence if word in row]
        if known:
            means[at] = vectors[known].mean(axis=0)
    return means


def classify(treebank: Any, words: Sequence[str], vectors: Floats) -> Sentiment:
    """Train on the treebank's training sentences, choose C on dev, report all three.

    Parameters
    ----------
    treebank : datasets.Treebank
    words : list of V str
    vectors : ndarray (V, d)
        The assignment sets centre and outside vectors side by side.

    Returns
    -------
    Sentiment
    """
    x, y = mean_vectors(treebank.sentences, words, vectors), np.asarray(treebank.labels)
    part = {name: treebank.split == name for name in ("train", "dev", "test")}
    for name, rows in part.items():
        if not rows.any():
            raise ValueError(f"the treebank has no {name} sentences: its split file is incomplete")

    def fitted(strength: float) -> Any:
        model = LogisticRegression(C=strength, max_iter=1000)
        return model.fit(x[part["train"]], y[part["train"]])

    # BLAS threads that wait for each other cost more than these small matrices do.
    with threadpool_limits(1):
        models = [(strength, fitted(strength)) for strength in STRENGTHS]
    strength, best = max(models, key=lambda one: one[1].score(x[part["dev"]], y[part["dev"]]))
    accuracy = {name: float(best.score(x[rows], y[rows])) for name, rows in part.items()}
    test = part["test"]
    confusion = confusion_matrix(y[test], best.predict(x[test]), labels=range(5))
    frequent = float(np.mean(y[test] == np.bincount(y[part["train"]]).argmax()))
    return Sentiment(float(strength), accuracy, frequent, confusion)
