"""EdgeFeatures: features of pairs of nodes, for link prediction with scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin

from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator.parameters import check_choice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Literal

    from typing_extensions import Self

    from w2vext._arguments.types import Float32
    from w2vext.graph.node2vec import Node2Vec
    from w2vext.keyedvectors import KeyedVectors

__all__ = ["EdgeFeatures"]

OPERATORS = ("hadamard", "average", "l1", "l2")


class EdgeFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Turns pairs of nodes into one vector each, as the input of a classifier.

    Parameters
    ----------
    vectors : Node2Vec or KeyedVectors
        A fitted model, or the vectors of the nodes. They are not changed, and clones of the
        transformer share them.
    operator : {"hadamard", "average", "l1", "l2"}, default="hadamard"
        The feature i of the pair (u, v) is u_i · v_i, (u_i + v_i) / 2, \\|u_i - v_i\\| or
        (u_i - v_i)²: table 1 of [1]_.

    References
    ----------
    .. [1] A. Grover, J. Leskovec. "node2vec: scalable feature learning for networks". KDD 2016.

    Examples
    --------
    >>> from w2vext.graph import EdgeFeatures, Node2Vec
    >>> edges = [("ann", "bob"), ("bob", "cai"), ("cai", "ann"), ("cai", "dan")]
    >>> model = Node2Vec(vector_size=8, workers=1, random_state=1).fit(edges)
    >>> EdgeFeatures(model, "l1").transform([("ann", "dan"), ("dan", "dan")]).shape
    (2, 8)
    """

    def __init__(
        self,
        vectors: Node2Vec | KeyedVectors,
        operator: Literal["hadamard", "average", "l1", "l2"] = "hadamard",
    ) -> None:
        self.vectors = vectors
        self.operator = operator

    def fit(self, X: object = None, y: object = None) -> Self:
        """Check the parameters; nothing is learned.

        Parameters
        ----------
        X, y
            Ignored.

        Returns
        -------
        EdgeFeatures
            The transformer itself.

        Raises
        ------
        TypeError, ValueError
            A parameter cannot be used.
        """
        self._check()
        return self

    def transform(self, X: Iterable[Any]) -> Float32:
        """Compute the features of pairs of nodes.

        Parameters
        ----------
        X : iterable of pairs, or array of shape (n, 2)
            The two nodes of each pair.

        Returns
        -------
        ndarray of shape (n, d), float32

        Raises
        ------
        KeyError
            A node has no vector.
        ValueError
            An element of `X` is not a pair.
        """
        self._check()
        pairs = X.tolist() if hasattr(X, "tolist") else list(X)
        for at, pair in enumerate(pairs):
            if isinstance(pair, (str, bytes)) or not hasattr(pair, "__len__") or len(pair) != 2:
                raise ValueError(f"pair {at} is {shown(pair)}: give pairs of nodes")
        u: Float32 = self._look_up([pair[0] for pair in pairs])
        v = self._look_up([pair[1] for pair in pairs])
        if self.operator == "hadamard":
            return u * v
        if self.operator == "average":
            return (u + v) * np.float32(0.5)
        return np.abs(u - v) if self.operator == "l1" else (u - v) ** 2

    def _check(self) -> None:
        check_choice("operator", self.operator, OPERATORS)
        if not hasattr(self.vectors, "isolated_") and not hasattr(self.vectors, "key_to_index"):
            raise TypeError(
                f"vectors={shown(self.vectors)} is {kind_of(self.vectors)}: give a fitted Node2Vec "
                "or KeyedVectors"
            )

    def _look_up(self, nodes: list[Any]) -> Float32:
        vectors: Any = self.vectors
        if hasattr(vectors, "isolated_"):
            return vectors.transform(nodes)
        index: Mapping[Any, int] = vectors.key_to_index
        for node in nodes:
            if node not in index:
                raise KeyError(f"node {shown(node)} has no vector: leave out its pairs")
        return vectors.vectors[np.array([index[node] for node in nodes], dtype=np.int64)]

    def __sklearn_clone__(self) -> Self:
        return type(self)(self.vectors, self.operator)

    @property
    def _n_features_out(self) -> int:
        vectors: Any = self.vectors
        return int((vectors.wv if hasattr(vectors, "wv") else vectors).vectors.shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True
        tags.transformer_tags.preserves_dtype = []
        return tags
