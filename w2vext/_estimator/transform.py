"""From documents to vectors: the transformer half of the estimator.

Refuses arithmetic (pooling's) and to guess at words that it does not know: `unknown` says what they
count for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from w2vext._estimator import parameters as _params
from w2vext._estimator import pooling
from w2vext._estimator.documents import documents, rows
from w2vext.text.corpus import open_corpus

if TYPE_CHECKING:
    from typing import Any

    from w2vext._types import CorpusLike, Fitted, Float32
else:
    Fitted = object


class DocumentTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Fitted):
    """`transform` and what belongs to it, for an estimator with `vectors_` and `vocabulary_`."""

    def transform(self, X: CorpusLike) -> Float32:
        """One vector for each document: the mean of its words' vectors, or what `pooling` says.

        Parameters
        ----------
        X : iterable of documents, path, or list of paths
            As in `fit`; in a file every line is a document, an empty one too.

        Returns
        -------
        ndarray of shape (n_documents, vector_size), float32
            A document without a known word gives zeros, unless ``unknown="mean"``.

        Raises
        ------
        NotFittedError
            Before `fit`.
        KeyError
            For a word that is not in the vocabulary, with ``unknown="error"``.
        """
        check_is_fitted(self, "vectors_")
        _params.check_transform(self.get_params(deep=False))
        how = self._pooling()
        absent = -1 if self.unk_ is None else self.vocabulary_[self.unk_]
        must_know = self.unknown == "error" and absent < 0
        batches = rows(open_corpus(X), self.vocabulary_, absent=absent, must_know=must_know)
        parts = [pooling.pool(self.vectors_, *batch, **how) for batch in batches]
        if not parts:
            return np.zeros((0, self._n_features_out), dtype=np.float32)
        out = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return pooling.without(out, self.sif_component_) if self.pooling == "sif" else out

    def fit_transform(self, X: CorpusLike, y: object = None, **fit_params: Any) -> Float32:
        """Fit, then transform the same documents.

        Parameters
        ----------
        X : iterable of documents, path, or list of paths
            As in `fit`. What can be read only once is held in memory for the second reading.
        y : None
            Ignored.
        **fit_params
            Passed to `fit`.

        Returns
        -------
        ndarray of shape (n_documents, vector_size), float32
            As from `transform`.
        """
        corpus = open_corpus(X)
        if corpus.kind == "tokens" and (corpus.one_shot or isinstance(X, (list, tuple))):
            X = [d if hasattr(d, "__len__") else list(d) for d in documents(corpus)]
        return self.fit(X, y, **fit_params).transform(X)

    def _pooling(self) -> dict[str, Any]:
        """How `pooling.pool` is to be called."""
        needs = {"idf": "idf_", "sif": "sif_component_"}.get(self.pooling)
        if needs and not hasattr(self, needs):
            raise ValueError(
                f"pooling={self.pooling!r} needs {needs}, which only a fit with it computes: "
                "fit again, or choose 'mean' or 'sum'"
            )
        unknown = "skip" if self.unknown == "error" else self.unknown
        if self.pooling == "idf":
            return {"unknown": unknown, "weights": self.idf_, "divide": "weights"}
        if self.pooling == "sif":
            weights = pooling.sif_weights(self.counts_, self.sif_smoothing)
            return {"unknown": unknown, "weights": weights}
        return {"unknown": unknown, "divide": None if self.pooling == "sum" else "count"}

    @property
    def _n_features_out(self) -> int:
        check_is_fitted(self, "vectors_")
        return self.vectors_.shape[1]
