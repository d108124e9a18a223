"""Word2Vec: the trainer as an estimator of scikit-learn, for its pipelines, searches and clones.

Refuses work of its own: trainer.py fits, transform.py turns documents into vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.base import BaseEstimator

from w2vext._estimator.trainer import Trainer
from w2vext._estimator.transform import DocumentTransformer

if TYPE_CHECKING:
    from typing import Any


class Word2Vec(DocumentTransformer, Trainer, BaseEstimator):
    __doc__ = Trainer.__doc__

    def __getstate__(self) -> dict[str, Any]:
        # wv is made again from the arrays it shares, which would otherwise be stored twice.
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_wv"}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        always = self.deterministic or self.loss == "softmax" or self.workers == 1
        tags.non_deterministic = not always
        tags.transformer_tags.preserves_dtype = []
        return tags
