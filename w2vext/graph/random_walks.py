"""Random walks on a graph in compressed rows: the arguments, and the threads that draw them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads
from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator.parameters import check_whole, is_real, seed_of
from w2vext.graph._walks import Graph
from w2vext.training._sampling import hash_position

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from w2vext._arguments.types import Float32, Int32, Int64, RandomState

AT_ONCE = 1 << 10  # walks that a thread draws before it takes the next ones
MOST_NODES = 2**31 - 1
_WALKS = 0x77616C6B73  # keys of walks differ from those of the training with the same seed


def walks(
    indptr: ArrayLike,
    indices: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    p: float = 1.0,
    q: float = 1.0,
    length: int = 80,
    per_node: int = 10,
    nodes: ArrayLike | None = None,
    workers: int | None = None,
    random_state: RandomState = None,
) -> Int32:
    """Draw random walks on a graph, as node2vec does.

    A walk that came to node v from node t continues to a neighbour x of v with a probability
    proportional to weight(v, x) · α. The bias α is 1/p if x is t, 1 if the graph has an edge from t
    to x, and 1/q otherwise [1]_. The first step depends on the weights only. With p = q = 1 all
    steps do, as in DeepWalk.

    Parameters
    ----------
    indptr : array of shape (n + 1,), int
    indices : array of shape (edges,), int
        The graph in compressed rows, as in ``scipy.sparse.csr_array``: the edges of node v lead to
        the nodes ``indices[indptr[v]:indptr[v + 1]]``. An undirected graph has every edge in both
        directions.
    weights : array of shape (edges,), float, or None
        The weight of each edge, at least 0; None gives all edges the same weight. Edges of weight 0
        are left out. The weights are rounded to float32.
    p : float, default=1.0
        Return parameter, above 0. With a large value a walk rarely returns directly to the node
        that it came from.
    q : float, default=1.0
        In-out parameter, above 0. Below 1, walks move away from the previous node; above 1, they
        stay near it.
    length : int, default=80
        Number of nodes in a walk, at least 1.
    per_node : int, default=10
        Number of walks from each node, at least 1.
    nodes : array of int or None, default=None
        The nodes from which walks start; None means all nodes.
    workers : int or None, default=None
        Number of threads; None means all cores. The walks do not depend on it.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the draws.

    Returns
    -------
    ndarray of shape (per_node · len(nodes), length), int32
        Row i is a walk from ``nodes[i % len(nodes)]``. A walk that reaches a node without edges
        ends there, and the rest of its row is -1.

    Raises
    ------
    TypeError
        An array does not contain numbers of the right kind, or a parameter has the wrong type.
    ValueError
        An index is out of range, a weight is negative, infinite or NaN, `indptr` does not rise to
        the number of edges, or a parameter is out of range; the message gives the position.

    References
    ----------
    .. [1] A. Grover, J. Leskovec. "node2vec: scalable feature learning for networks". KDD 2016,
       section 3.2.2.

    Notes
    -----
    A neighbour is drawn with a probability proportional to its weight and then accepted with one
    proportional to α, so no table for pairs of edges is needed.

    Examples
    --------
    The path 0 - 1 - 2:

    >>> from w2vext.graph import walks
    >>> walks([0, 1, 3, 4], [1, 0, 2, 1], length=4, per_node=1, p=1e9, random_state=1)
    array([[0, 1, 2, 1],
           [1, 2, 1, 0],
           [2, 1, 0, 1]], dtype=int32)
    """
    check_bias(p, q)
    check_whole("length", length, 1)
    check_whole("per_node", per_node, 1)
    seed = seed_of(random_state)
    threads = _threads.resolve(workers)
    graph, n = checked_graph(indptr, indices, weights, p, q)
    starts = _starts(nodes, n)
    ids = np.empty((per_node * len(starts), length), dtype=np.int32)
    draw(graph, starts, key_of(seed), 0, ids, np.empty(len(ids), dtype=np.int32), threads)
    return ids


def key_of(seed: int) -> int:
    """The key of the walks with a seed."""
    return hash_position(seed, _WALKS)


def draw(
    graph: Graph, starts: Int32, key: int, first: int, ids: Int32, lengths: Int32, workers: int
) -> None:
    """`Graph.draw` in several threads; raises KeyboardInterrupt on Ctrl-C."""
    tasks = -(-len(ids) // AT_ONCE)

    def task(worker: int, number: int) -> None:
        at = slice(number * AT_ONCE, (number + 1) * AT_ONCE)
        graph.draw(starts, key, first + at.start, ids[at], lengths[at])

    if _threads.run_tasks(task, tasks, workers, stop=graph.stop):
        raise KeyboardInterrupt


def check_bias(p: Any, q: Any) -> None:
    """Raise unless `p` and `q` are finite numbers above 0."""
    for name, value in (("p", p), ("q", q)):
        if not is_real(value):
            raise TypeError(f"{name}={shown(value)} is {kind_of(value)}: give a number above 0")
        if not (math.isfinite(value) and value > 0 and 1 / value < math.inf):
            raise ValueError(
                f"{name}={shown(value)}: give a finite number above 0; 1 has no effect"
            )


def checked_graph(indptr: Any, indices: Any, weights: Any, p: float, q: float) -> tuple[Graph, int]:
    """The graph of three arrays that a user gave, and its number of nodes."""
    rows = _integers("indptr", indptr).astype(np.int64, copy=False)
    n = len(rows) - 1
    if n < 0:
        raise ValueError("indptr is empty: give one element more than there are nodes")
    if n > MOST_NODES:
        raise ValueError(f"indptr has {n:,} rows: a graph has at most {MOST_NODES:,} nodes")
    edges: Any = _integers("indices", indices)
    if edges.dtype != np.int32:
        wrong = (edges < 0) | (edges >= n)
        if wrong.any():
            at = int(wrong.argmax())
            raise ValueError(
                f"indices[{at}]={edges[at]}: the graph has {n} nodes, give numbers from 0 to "
                f"{n - 1}"
            )
    edges = edges.astype(np.int32, copy=False)
    found = None if weights is None else checked_weights("weights", weights, len(edges))
    if _is_valid(rows, edges):  # or Graph finds what is not
        if found is not None and not found.all():
            kept = found > 0
            rows = np.append(0, np.cumsum(kept))[rows]
            edges, found = edges[kept], found[kept]
        edges, found = _sorted_rows(rows, edges, found)
    return Graph(np.ascontiguousarray(rows), edges, found, float(p), float(q)), n


def _is_valid(indptr: Int64, indices: Int32) -> bool:
    """Whether the arrays are those of a graph, with rows in any order."""
    n, edges = len(indptr) - 1, len(indices)
    rises = indptr[0] == 0 and indptr[-1] == edges and bool((np.diff(indptr) >= 0).all())
    return rises and bool(indices.min(initial=0) >= 0 and indices.max(initial=-1) < n)


def checked_weights(name: str | Callable[[int], str], weights: Any, edges: int) -> Float32:
    """The weights of edges as float32; raises for the first that is not valid.

    `name` is that of the array, or a function of the position of a weight: the beginning of the
    message about it.
    """
    array = np.asarray(weights)
    if array.dtype.kind not in "fiub" or array.shape != (edges,):
        raise (TypeError if array.dtype.kind not in "fiub" else ValueError)(
            f"weights has shape {array.shape} and type {array.dtype}: give one number for each of "
            f"the {edges} edges"
        )
    with np.errstate(over="ignore", under="ignore"):
        found = np.ascontiguousarray(array, dtype=np.float32)
    wrong = ~(np.isfinite(found) & (found >= 0))
    lost = (found == 0) & (array != 0)
    if not (wrong | lost).any():
        return found
    at = int((wrong | lost).argmax())
    value = f"{name}[{at}]=" if isinstance(name, str) else name(at)
    value += shown(array[at].item())
    if wrong[at]:
        raise ValueError(f"{value}: give finite numbers of at least 0")
    raise ValueError(
        f"{value} is 0 as float32: multiply all weights by the same number, or set this one to 0"
    )


def _integers(name: str, values: Any) -> NDArray[np.integer[Any]]:
    array = np.asarray(values)
    if not array.size:
        array = array.astype(np.int32)
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise TypeError(
            f"{name} has {array.ndim} dimensions and type {array.dtype}: give a 1-D array of "
            "integers"
        )
    return np.ascontiguousarray(array)


def _sorted_rows(
    indptr: Int64, indices: Int32, weights: Float32 | None
) -> tuple[Int32, Float32 | None]:
    """Sort the edges of each node by where they lead, if they are not sorted."""
    falls = np.flatnonzero(indices[1:] < indices[:-1]) + 1
    if np.isin(falls, indptr).all():
        return indices, weights
    row = np.repeat(np.arange(len(indptr) - 1, dtype=np.int32), np.diff(indptr))
    order = np.lexsort((indices, row))
    return indices[order], None if weights is None else weights[order]


def _starts(nodes: Any, n: int) -> Int32:
    if nodes is None:
        return np.arange(n, dtype=np.int32)
    starts = _integers("nodes", nodes)
    wrong = (starts < 0) | (starts >= n)
    if wrong.any():
        at = int(wrong.argmax())
        raise ValueError(
            f"nodes[{at}]={starts[at]}: the graph has {n} nodes, give numbers from 0 to {n - 1}"
        )
    return starts.astype(np.int32)
