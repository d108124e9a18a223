"""Conversion of the supported kinds of graphs to compressed rows with the names of the nodes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.messages import kind_of, shown
from w2vext._arguments.sentences import NotAWord, word_of
from w2vext.graph.random_walks import MOST_NODES, checked_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import Float32, Int32, Int64, Token

_FORMS = (
    "give a scipy.sparse array, a graph of networkx or igraph, pairs or triples "
    "(node, node, weight), or the path of a file of edges"
)


@dataclass(frozen=True)
class Adjacency:
    """A directed graph in compressed rows; see `walks`.

    Attributes
    ----------
    indptr : int64 (n + 1,)
    indices : int32 (edges,)
        Sorted within a row, without duplicates.
    weights : float32 (edges,) or None
        All above 0; None if they are equal.
    names : list
        The node of each row.
    """

    indptr: Int64
    indices: Int32
    weights: Float32 | None
    names: list[Token]


@dataclass
class Edges:
    """Edges between numbered nodes, in any order.

    Attributes
    ----------
    source, target : int32 (m,)
    weights : float32 (m,) or None
    names : list
        The node of each number.
    directed : bool
        Whether the graph that they are from is directed.
    """

    source: Int32
    target: Int32
    weights: Float32 | None
    names: list[Token]
    directed: bool = False


def adjacency_of(graph: Any, directed: bool | None) -> Adjacency:
    """The compressed rows of a graph; `Node2Vec.fit` documents the forms that it may have."""
    if hasattr(graph, "tocsr") and hasattr(graph, "shape"):
        return _of_sparse(graph, directed)
    return from_edges(edges_of(graph), directed)


def edges_of(graph: Any) -> Edges:
    """The edges of a graph that is not a sparse array."""
    if hasattr(graph, "is_directed") and hasattr(graph, "get_edgelist"):
        return _of_igraph(graph)
    if hasattr(graph, "is_directed") and hasattr(graph, "adj"):
        return _of_networkx(graph)
    if isinstance(graph, (str, os.PathLike)) or _files.is_file_object(graph):
        from w2vext.graph import edge_files

        return edge_files.read(graph)
    if hasattr(graph, "columns") and hasattr(graph, "shape"):  # a data frame or an Arrow table
        names = getattr(graph, "column_names", graph.columns)
        return of_columns([graph[name] for name in names], shown)
    if isinstance(graph, np.ndarray):
        if graph.ndim != 2 or graph.shape[1] not in (2, 3):
            raise ValueError(
                f"the array of edges has shape {graph.shape}: give 2 columns, or 3 with weights; "
                "an adjacency matrix as scipy.sparse.csr_array(matrix)"
            )
        return of_columns(list(graph.T), shown)
    if not isinstance(graph, Iterable) or isinstance(graph, (bytes, bytearray, dict)):
        raise TypeError(f"the graph is {kind_of(graph)}, {shown(graph)}: {_FORMS}")
    return _of_tuples(graph)


# ---- from edges to rows


def from_edges(edges: Edges, directed: bool | None) -> Adjacency:
    """Compressed rows; edges that occur several times are one edge, their weights are added."""
    from scipy.sparse import coo_array, triu

    directed = edges.directed if directed is None else directed
    n = len(edges.names)
    source, target = edges.source, edges.target
    if not directed:
        source, target = np.minimum(source, target), np.maximum(source, target)
    weights = np.ones(len(source), np.float32) if edges.weights is None else edges.weights
    rows = coo_array((weights, (source, target)), shape=(n, n)).tocsr()
    rows.sum_duplicates()
    if edges.weights is None:
        rows.data[:] = 1
    if not directed:
        rows = (rows + triu(rows, 1).T).tocsr()
    return _of_rows(rows, edges.names)


def _of_sparse(matrix: Any, directed: bool | None) -> Adjacency:
    if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(
            f"the sparse array has shape {matrix.shape}: give an adjacency matrix, with a row and "
            "a column for each node"
        )
    rows = matrix.tocsr()
    if rows.dtype.kind not in "biuf":
        raise TypeError(f"the sparse array has type {rows.dtype}: give real numbers")

    def place(at: int) -> str:
        row = int(np.searchsorted(rows.indptr, at, side="right")) - 1
        return f"the weight of the edge from {row} to {rows.indices[at]}, "

    checked_weights(place, rows.data, len(rows.data))
    if directed is not None and not directed:
        rows = rows.maximum(rows.T).tocsr()
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    return _of_rows(rows, list(range(rows.shape[0])))


def _of_rows(rows: Any, names: list[Token]) -> Adjacency:
    """The adjacency of a `csr_array` in canonical format."""
    if len(names) > MOST_NODES:
        raise ValueError(
            f"the graph has {len(names):,} nodes: give a graph of at most {MOST_NODES:,} nodes"
        )
    if not rows.data.all():
        rows = rows.copy()
        rows.eliminate_zeros()
    if not rows.nnz:
        raise ValueError(f"the graph has no edges, and {len(names)} nodes: {_FORMS}")
    weights = None
    if rows.data.min() != rows.data.max():
        weights = np.ascontiguousarray(rows.data, dtype=np.float32)
    indptr = np.ascontiguousarray(rows.indptr, dtype=np.int64)
    return Adjacency(indptr, np.ascontiguousarray(rows.indices, dtype=np.int32), weights, names)


# ---- the forms


def _of_networkx(graph: Any) -> Edges:
    names = list(graph.nodes)
    index = {node: i for i, node in enumerate(names)}
    triples = list(graph.edges(data="weight", default=1))
    source = np.fromiter((index[u] for u, _, _ in triples), np.int32, len(triples))
    target = np.fromiter((index[v] for _, v, _ in triples), np.int32, len(triples))

    def place(at: int) -> str:
        return f"the weight of the edge {shown(triples[at][:2])}, "

    weights = checked_weights(place, numbers([w for _, _, w in triples], place), len(triples))
    return Edges(source, target, _or_none(weights), names, bool(graph.is_directed()))


def _of_igraph(graph: Any) -> Edges:
    names = list(range(graph.vcount()))
    if "name" in graph.vs.attributes():
        names = list(graph.vs["name"])
        if len(set(names)) < len(names):
            twice = Counter(names).most_common(1)[0][0]
            raise ValueError(
                f"two nodes of the graph have the same name {shown(twice)}: give each its own name"
            )
    pairs = np.array(graph.get_edgelist(), dtype=np.int32).reshape(-1, 2)
    weights = None
    if "weight" in graph.es.attributes():

        def place(at: int) -> str:
            return f"the weight of the edge {shown(tuple(names[i] for i in pairs[at].tolist()))}, "

        weights = checked_weights(place, numbers(graph.es["weight"], place), len(pairs))
    source, target = np.ascontiguousarray(pairs.T)
    return Edges(source, target, weights, names, bool(graph.is_directed()))


def _of_tuples(edges: Iterable[Any]) -> Edges:
    """The edges of pairs or triples of Python."""
    columns: list[list[Any]] = []
    for at, edge in enumerate(edges):
        if isinstance(edge, (str, bytes)) or not hasattr(edge, "__len__"):
            raise TypeError(f"edge {at} is {kind_of(edge)}, {shown(edge)}: {_FORMS}")
        if not columns:
            columns = [[] for _ in range(len(edge))]
        if len(edge) != len(columns) or len(edge) not in (2, 3):
            raise ValueError(
                f"edge {at} is {shown(edge)}: give pairs of nodes for all edges, or triples "
                "(node, node, weight) for all"
            )
        for column, value in zip(columns, edge, strict=True):
            column.append(value)
    return of_columns(columns or [[], []], shown)


def of_columns(columns: Sequence[Any], show: Callable[[Any], str], where: str = "") -> Edges:
    """The edges of two columns of nodes and, optionally, one of weights.

    Parameters
    ----------
    columns : 2 or 3 sequences
    show : callable
        How an edge is shown in a message.
    where : str
        What messages start with.
    """
    if len(columns) not in (2, 3):
        raise ValueError(
            f"{where}the edges have {len(columns)} columns: give two columns of nodes, and one "
            "of weights if there are any"
        )

    def place(at: int) -> str:
        return f"{where}edge {at}, {show(tuple(column[at] for column in columns))}: weight "

    weights = None
    if len(columns) == 3:
        weights = checked_weights(place, numbers(columns[2], place), len(columns[2]))
    source, target, names = _numbered(columns[0], columns[1], where)
    return Edges(source, target, weights, names)


def _numbered(first: Any, second: Any, where: str) -> tuple[Int32, Int32, list[Token]]:
    """Number the nodes in two columns."""
    m = len(first)
    ours, theirs = _integers(first), _integers(second)
    numbers: Int32 = np.empty(2 * m, dtype=np.int32)
    if ours is not None and theirs is not None:
        found, inverse = np.unique(np.concatenate([ours, theirs]), return_inverse=True)
        numbers[:] = inverse.reshape(-1)
        return numbers[:m], numbers[m:], found.tolist()
    index: dict[Token, int] = {}
    for at, node in enumerate([*_plain(first), *_plain(second)]):
        try:
            numbers[at] = index.setdefault(word_of(node), len(index))
        except NotAWord as error:
            raise TypeError(f"{where}a node of edge {at % m} is {error}") from None
    return numbers[:m], numbers[m:], list(index)


def _integers(column: Any) -> Int64 | None:
    """A column as integers, if all of its values are; also floats such as 3.0."""
    if isinstance(column, list) and not set(map(type, column)) <= {int}:
        return None  # an array of them could have more dimensions
    array = np.asarray(column)
    if array.dtype.kind not in "iuf":
        return None
    with np.errstate(invalid="ignore"):
        whole = array.astype(np.int64)
    return whole if (whole == array).all() else None


def _plain(column: Any) -> list[Any]:
    """The values of a column as Python's own objects."""
    for name in ("to_pylist", "to_list", "tolist"):
        if hasattr(column, name):
            return getattr(column, name)()
    return list(column)


def numbers(values: Any, place: Callable[[int], str]) -> NDArray[Any]:
    """Weights as an array of numbers; raises for the first that is not a number."""
    array = np.asarray(values)
    if array.dtype.kind in "biuf":
        return array
    found = np.empty(len(array))
    for at, value in enumerate(array.tolist()):
        if isinstance(value, (str, bytes, bool)) or not hasattr(value, "__float__"):
            raise TypeError(f"{place(at)}{shown(value)}, is {kind_of(value)}: give a number")
        found[at] = value
    return found


def _or_none(weights: Float32) -> Float32 | None:
    """None if all weights are equal."""
    return None if len(weights) and weights.min() == weights.max() else weights
