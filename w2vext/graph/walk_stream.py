"""The random walks of a graph as a stream that is drawn while it is trained."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads
from w2vext._arguments.cached import cached_property
from w2vext.graph._walks import Graph, pack
from w2vext.graph.random_walks import draw, key_of
from w2vext.text.vocabulary import Vocabulary
from w2vext.training import pieces
from w2vext.training.drawn import DrawnStream

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import Int64
    from w2vext.graph.adjacency import Adjacency


class WalkStream(DrawnStream):
    """Walks from every node that has edges; the nodes are numbered by how often they are visited.

    All walks are drawn once to count the visits, which takes a small part of the training's time.

    Parameters
    ----------
    adjacency : Adjacency
        With at least one edge.
    p, q : float
    length, per_node : int
        As for `walks`.
    seed : int
    workers : int or None
    verbose : int

    Attributes
    ----------
    vocabulary : Vocabulary
        The visited nodes, and how often each is visited.
    unvisited : list
        The other nodes.
    starts : ndarray, int32
        The nodes where walks start, in random order, so that every part has walks from everywhere.
    """

    def __init__(
        self,
        adjacency: Adjacency,
        *,
        p: float,
        q: float,
        length: int,
        per_node: int,
        seed: int,
        workers: int | None,
        verbose: int = 0,
    ) -> None:
        self._adjacency, self._choices = adjacency, (p, q, length, per_node, seed)
        self._graph = Graph(adjacency.indptr, adjacency.indices, adjacency.weights, p, q)
        self._key, self._workers = key_of(seed), _threads.resolve(workers)
        with_edges = np.flatnonzero(np.diff(adjacency.indptr)).astype(np.int32)
        self.starts = np.random.default_rng(self._key).permutation(with_edges)
        self._walks = per_node * len(self.starts)
        walks = min(max(1, pieces.PART // length), self._walks)  # of a part
        self._rows = np.empty((walks, length), dtype=np.int32)
        self._lengths = np.empty(walks, dtype=np.int32)
        self.ids = self._rows.reshape(-1)
        self.offsets = np.zeros(walks + 1, dtype=np.int64)
        self._labels = np.arange(len(adjacency.names), dtype=np.int32)
        self.words, visits = self._count(verbose)
        order = np.argsort(-visits, kind="stable")
        self._labels[order] = np.arange(len(order), dtype=np.int32)
        visited = np.count_nonzero(visits)
        names = [adjacency.names[i] for i in order.tolist()]
        self.vocabulary = Vocabulary(names[:visited], visits[order[:visited]])
        self.unvisited = names[visited:]

    def _count(self, verbose: int) -> tuple[Int64, Int64]:
        """The number of words of each part, and the visits to each node."""
        parts = -(-self._walks // len(self._rows))
        words = np.zeros(parts, dtype=np.int64)
        visits = np.zeros(len(self._labels), dtype=np.int64)
        with _threads.Progress(self._walks, "counting", "walk", verbose) as bar:
            for part in range(parts):
                self.draw(part)
                words[part] = self.offsets[-1]
                visits += np.bincount(self.ids[: words[part]], minlength=len(visits))
                bar.to(min((part + 1) * len(self._rows), self._walks))
        return words, visits

    def draw(self, part: int) -> None:
        """Write the ids of a part's walks to `ids`."""
        first = part * len(self._rows)
        count = min(len(self._rows), self._walks - first)
        rows, lengths = self._rows[:count], self._lengths[:count]
        draw(self._graph, self.starts, self._key, first, rows, lengths, self._workers)
        self.offsets[count:] = pack(rows, lengths, self._labels, self.offsets)

    @cached_property
    def description(self) -> str:  # type: ignore[override]
        """The graph and the parameters, for checkpoints."""
        graph, hashed = self._adjacency, hashlib.sha256(repr(self._choices).encode())
        arrays: list[Any] = [graph.indptr, graph.indices, graph.weights]
        for array in arrays:
            if array is not None:
                hashed.update(np.ascontiguousarray(array).view(np.uint8).data)
        return (
            f"{self._walks:,} walks on a graph of {len(graph.names):,} nodes and "
            f"{len(graph.indices):,} edges, {hashed.hexdigest()[:16]}"
        )
