"""What a fitted model says about text that it was not fitted on: losses and predictions.

Refuses to change a weight, and figures over nothing: a text without one pair is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._estimator import parameters as _params
from w2vext.text import vocabulary as vocab
from w2vext.text.corpus import open_corpus
from w2vext.training import heldout
from w2vext.training.settings import huffman

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from w2vext._types import CorpusLike, Fitted, Neighbors
else:
    Fitted = object


class HeldOut(Fitted):
    """`mean_loss`, `score` and `predict_output_word`, for an estimator that training has fitted."""

    def mean_loss(self, X: CorpusLike) -> float:
        """The mean loss per pair over a text, the weights fixed.

        Parameters
        ----------
        X : iterable of sentences, path, or list of paths
            As in `fit`; unknown words become `unk` where there is one, else they are left out.

        Returns
        -------
        float
            In nats. Figures compare between models of one `loss`, one `negative` and one
            vocabulary.

        Raises
        ------
        ValueError
            If no sentence holds two known words.

        Notes
        -----
        Windows and negatives are drawn from the seed of the fit (``seed_``), so the same model and
        text give the same figure. It differs from ``loss_history_`` on the same text: nothing is
        subsampled, so frequent words, which are easy, count in full; and the weights stand still,
        where training averages over an epoch in which they move.
        """
        _params.check_fitted(self, "vectors_")
        with encoded("X", X, self._words(), self.workers) as stream:
            settings = self._settings(self._parameters(), self.seed_)
            return heldout.mean_loss(
                stream, self.counts_, settings, self.vectors_, self.context_vectors_
            )

    def score(self, X: CorpusLike, y: object = None) -> float:
        """The negative of `mean_loss`: scikit-learn maximises.

        Parameters
        ----------
        X : iterable of sentences, path, or list of paths
        y : None
            Ignored.

        Returns
        -------
        float
        """
        return -self.mean_loss(X)

    def predict_output_word(self, context: Iterable[Hashable], topn: int | None = 10) -> Neighbors:
        """The words most probable in the middle of a context.

        Parameters
        ----------
        context : iterable of words
            Unknown ones become `unk` where there is one, else they are left out.
        topn : int or None, default=10
            How many words; None: all.

        Returns
        -------
        list of (word, probability)
            Most probable first. With h the mean of the context's vectors, P(w) is the softmax of
            the scores ``context_vectors_ @ h``, or with ``loss="hs"`` the product of the sigmoids
            on the Huffman path of w. Negative sampling does not train its scores to be logits of a
            softmax: take its figures as a ranking.

        Raises
        ------
        ValueError
            If the context holds no known word.
        """
        _params.check_fitted(self, "vectors_")
        rows = self._words().lookup(context)
        if not len(rows):
            raise ValueError(f"context={context!r} holds no word of the vocabulary")
        tree = huffman(self.counts_) if self.loss == "hs" else None
        found = heldout.output_probabilities(rows, self.vectors_, self.context_vectors_, tree)
        words = list(self.vocabulary_)
        best = np.argsort(-found, kind="stable")[:topn]
        return [(words[row], float(found[row])) for row in best]

    def _words(self) -> vocab.Vocabulary:
        return vocab.Vocabulary(self.vocabulary_, self.counts_, self.unk_)


def encoded(name: str, X: CorpusLike, words: vocab.Vocabulary, workers: int | None) -> vocab.Stream:
    """The stream of a text by a known vocabulary; the error names the parameter."""
    try:
        stream = vocab.encode(open_corpus(X), words, workers=workers)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if np.diff(stream.offsets).max() < 2:
        stream.close()
        raise ValueError(
            f"{name}: no sentence holds two words of the vocabulary, so there is no pair"
        )
    return stream
