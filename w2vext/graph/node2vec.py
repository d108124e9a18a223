"""Node2Vec: vectors of a graph's nodes, trained on random walks that are not stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator import parameters
from w2vext.graph.adjacency import adjacency_of
from w2vext.graph.options import SHARED, Options
from w2vext.word2vec import Word2Vec

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence
    from typing import Any, Literal

    from typing_extensions import Self

    from w2vext._arguments.types import FilePath, Float32, RandomState, Token
    from w2vext.keyedvectors import KeyedVectors
    from w2vext.training.callbacks import Callback

__all__ = ["Node2Vec"]


class Node2Vec(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Vectors of the nodes of a graph: node2vec [1]_, and DeepWalk [2]_ with p = q = 1.

    `fit` draws random walks and trains a `Word2Vec` model on them, in which the nodes are the
    words. The walks are drawn while the model trains and are not stored, so the memory in use is
    that of the graph and of the vectors.

    Parameters
    ----------
    p : float, default=1.0
        Return parameter, above 0. With a large value a walk rarely returns directly to the node
        that it came from.
    q : float, default=1.0
        In-out parameter, above 0. Below 1, walks move away from the previous node; above 1, they
        stay near it. `walks` has the exact probabilities.
    walk_length : int, default=80
        Number of nodes in a walk, at least 2.
    walks_per_node : int, default=10
        Number of walks from each node that has edges, at least 1.
    directed : bool or None, default=None
        Whether an edge can be walked in one direction only. None uses the property of a graph of
        networkx or igraph, takes row i of a sparse array as the edges that leave node i, and other
        edges as undirected.
    vector_size : int, default=128
        Number of dimensions of a vector.
    window : int, default=10
        Number of context nodes on each side in a walk.
    architecture, loss, negative, ns_exponent
        As for `Word2Vec`.
    sample : float, default=0.0
        Subsampling of nodes that are visited often, as for `Word2Vec`. 0 keeps all visits.
    epochs : int, default=1
        Number of passes over the walks, which are the same in each pass. A larger `walks_per_node`
        takes as much time and draws new walks instead.
    alpha, min_alpha, schedule, callbacks
        As for `Word2Vec`, except that ``alpha=None`` means 0.015 for skip-gram with every loss.
    workers, deterministic, random_state, verbose
        As for `Word2Vec`. The walks depend on `random_state` only.

    Attributes
    ----------
    nodes_ : list
        The nodes of the graph, in the order of the graph.
    isolated_ : list
        The nodes that no walk visits, because they have no edges. Their vectors are 0.
    model_ : Word2Vec
        The trained model, whose words are the other nodes. Its ``counts_`` are the numbers of
        visits.

    See Also
    --------
    walks : The walks themselves.
    EdgeFeatures : Features of pairs of nodes, for link prediction.

    References
    ----------
    .. [1] A. Grover, J. Leskovec. "node2vec: scalable feature learning for networks". KDD 2016.
    .. [2] B. Perozzi, R. Al-Rfou, S. Skiena. "DeepWalk: online learning of social representations".
       KDD 2014.

    Examples
    --------
    >>> from w2vext.graph import Node2Vec
    >>> edges = [("ann", "bob"), ("bob", "cai"), ("cai", "ann"), ("cai", "dan")]
    >>> model = Node2Vec(vector_size=8, workers=1, random_state=1).fit(edges)
    >>> model.nodes_
    ['ann', 'bob', 'cai', 'dan']
    >>> model.transform(["dan", "ann"]).shape
    (2, 8)
    """

    nodes_: list[Token]
    isolated_: list[Token]
    model_: Word2Vec

    def __init__(
        self,
        *,
        p: float = 1.0,
        q: float = 1.0,
        walk_length: int = 80,
        walks_per_node: int = 10,
        directed: bool | None = None,
        vector_size: int = 128,
        window: int = 10,
        architecture: Literal["skipgram", "cbow"] = "skipgram",
        loss: Literal["neg", "hs", "hs+neg", "softmax"] = "neg",
        negative: int = 5,
        ns_exponent: float = 0.75,
        sample: float = 0.0,
        epochs: int = 1,
        alpha: float | None = None,
        min_alpha: float = 1e-4,
        schedule: Any = "linear",
        callbacks: Sequence[Callback] = (),
        workers: int | None = None,
        deterministic: bool | Literal["auto"] = "auto",
        random_state: RandomState = None,
        verbose: int = 0,
    ) -> None:
        self.p = p
        self.q = q
        self.walk_length = walk_length
        self.walks_per_node = walks_per_node
        self.directed = directed
        self.vector_size = vector_size
        self.window = window
        self.architecture = architecture
        self.loss = loss
        self.negative = negative
        self.ns_exponent = ns_exponent
        self.sample = sample
        self.epochs = epochs
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.schedule = schedule
        self.callbacks = callbacks
        self.workers = workers
        self.deterministic = deterministic
        self.random_state = random_state
        self.verbose = verbose

    def fit(
        self,
        X: Any,
        y: object = None,
        *,
        checkpoint: FilePath | None = None,
        checkpoint_every: float | str = "10min",
    ) -> Self:
        """Learn a vector for every node of a graph.

        Parameters
        ----------
        X : graph
            One of:

            - a square sparse array or matrix of SciPy: entry (i, j) is the weight of the edge from
              node i to node j. The nodes are the numbers of the rows.
            - a graph of networkx or igraph, whose edge attribute ``weight``, if there is one, has
              the weights.
            - an array, a data frame or an iterable of edges: two columns of nodes, which can be any
              hashable values, and perhaps a third one with weights.
            - the path of a file of edges: text with two nodes and perhaps a weight on each line,
              separated by white space, plain or compressed, in which lines that start with ``#``
              or ``%`` are comments; or Parquet, with columns as in a data frame.

            An edge that occurs several times is one edge, whose weights are added. Edges of weight
            0 are left out.
        y : None
            Ignored; scikit-learn's convention.
        checkpoint, checkpoint_every
            As for ``Word2Vec.fit``; `random_state` must be an integer.

        Returns
        -------
        Node2Vec
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            A parameter or the graph cannot be used: it has no edges, a weight is negative, infinite
            or NaN, or a line of the file is not an edge. The message names it and the remedy.
        FileNotFoundError
            The file does not exist.
        KeyboardInterrupt
            After Ctrl-C during the training. The attributes are set to the state at that time.
        """
        options = Options.of(self)
        params = options.training()
        if checkpoint is not None and not parameters.is_whole(self.random_state):
            raise ValueError(
                f"random_state={shown(self.random_state)} with checkpoint={shown(checkpoint)}: "
                "give an integer, or a run that continues would draw other walks"
            )
        seed = parameters.seed_of(self.random_state)
        adjacency = adjacency_of(X, self.directed)
        walks: Any = options.walks(adjacency, seed)
        chosen = {name: getattr(params, name) for name in SHARED}
        chosen["deterministic"] = parameters.is_deterministic(params)
        model = Word2Vec(**{**chosen, "min_count": 1, "random_state": seed})
        try:
            model.fit(walks, checkpoint=checkpoint, checkpoint_every=checkpoint_every)
        finally:
            if hasattr(model, "vectors_"):  # also after Ctrl-C
                self.nodes_, self.isolated_ = adjacency.names, walks.unvisited
                self.model_ = model
        return self

    @property
    def wv(self) -> KeyedVectors:
        """The vectors of the nodes with edges, with look-up, neighbours and export."""
        check_is_fitted(self, "model_")
        return self.model_.wv

    def transform(self, X: Iterable[Hashable]) -> Float32:
        """Look up the vectors of nodes.

        Parameters
        ----------
        X : iterable of nodes

        Returns
        -------
        ndarray of shape (n, vector_size), float32
            Zeros for nodes without edges.

        Raises
        ------
        NotFittedError
            The model is not fitted.
        KeyError
            A node is not in the graph.
        TypeError
            `X` is a str.
        """
        check_is_fitted(self, "model_")
        if isinstance(X, (str, bytes)):
            raise TypeError(f"the nodes are {kind_of(X)}, {shown(X)}: give a list of nodes")
        index = self.model_.vocabulary_
        nodes = X.tolist() if hasattr(X, "tolist") else list(X)
        rows = np.array([index.get(node, -1) for node in nodes], dtype=np.int64)
        unknown = np.flatnonzero(rows < 0).tolist()
        if unknown:
            isolated = set(self.isolated_)
            for i in unknown:
                if nodes[i] not in isolated:
                    raise KeyError(
                        f"node {shown(nodes[i])} is not in the graph: fit a graph that has it"
                    )
        found = self.model_.vectors_[rows]
        found[rows < 0] = 0
        return found

    def fit_transform(self, X: Any, y: object = None, **fit_params: Any) -> Float32:
        """Fit, and return the vectors of all nodes.

        Parameters
        ----------
        X : graph
            As in `fit`.
        y : None
            Ignored.
        **fit_params
            Passed to `fit`.

        Returns
        -------
        ndarray of shape (n_nodes, vector_size), float32
            The vectors of ``nodes_``, in this order; zeros for nodes without edges.
        """
        return self.fit(X, y, **fit_params).transform(self.nodes_)

    @property
    def _n_features_out(self) -> int:
        check_is_fitted(self, "model_")
        return self.model_.vectors_.shape[1]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        tags.transformer_tags.preserves_dtype = []
        return tags
