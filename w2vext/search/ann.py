"""Approximate nearest words by usearch's graph (extra [ann]): build, save, map from disk, recall.

Refuses to be silent about what it misses (`recall` measures it) and to answer for vectors that it
was not built from.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from w2vext.search import exact as nearest

if TYPE_CHECKING:
    from typing import Any, Literal

    from w2vext._types import FilePath, Float32, Int64

_AT_ONCE = 1 << 14
_COMPARED = 64  # rows looked at to tell whether an index belongs to these vectors


def _usearch() -> Any:
    try:
        from usearch.index import Index as Graph
    except ImportError as error:
        raise ImportError("index='usearch' needs usearch: pip install 'w2vext[ann]'") from error
    return Graph


class Index:
    """A graph over unit vectors. Made by `build` or `load`.

    Attributes
    ----------
    kind : str
        "usearch".
    """

    kind = "usearch"

    def __init__(self, graph: Any, keyed: Any) -> None:
        self._graph, self._keyed = graph, keyed

    def __len__(self) -> int:
        return len(self._graph)

    def search(self, queries: Float32, n: int) -> tuple[Int64, Float32]:
        """As `nearest.nearest`; row -1 with score -inf where the graph found fewer than n."""
        matches = self._graph.search(np.ascontiguousarray(queries, np.float32), n)
        found = np.asarray(matches.keys).reshape(len(queries), -1).astype(np.int64)
        scores = 1 - np.asarray(matches.distances, np.float32).reshape(len(queries), -1)
        counts = np.reshape(getattr(matches, "counts", found.shape[1]), (-1, 1))
        missing = np.arange(found.shape[1]) >= counts
        found[missing], scores[missing] = -1, -np.inf
        return found, scores

    def recall(self, queries: int = 1000, topn: int = 10, random_state: int = 0) -> float:
        """The share of the exact neighbours that the graph finds, over random words.

        Parameters
        ----------
        queries : int
            How many words are asked for.
        topn : int
            How many neighbours of each.
        random_state : int
            Of the choice of words.

        Returns
        -------
        float
            0 to 1.
        """
        keyed = self._keyed
        keyed.fill_norms()
        draw = np.random.default_rng(random_state)
        rows = draw.choice(len(keyed), min(queries, len(keyed)), replace=False)
        n = min(topn, len(keyed))
        units = nearest.unit_rows(keyed.vectors[rows])
        exact, _ = nearest.nearest(keyed.vectors, keyed._inverse, units, n)
        found, _ = self.search(units, n)
        hits = sum(
            len(set(a) & set(b)) for a, b in zip(exact.tolist(), found.tolist(), strict=True)
        )
        return hits / exact.size

    def save(self, path: FilePath) -> None:
        """Write the graph beside its place, then rename it there."""
        path = Path(path)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
        try:
            try:
                self._graph.save(str(beside))
            except RuntimeError as error:  # usearch's for any trouble with the file
                raise OSError(f"cannot write {path}: {error}") from None
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)


def build(
    keyed: Any,
    kind: Literal["usearch"] = "usearch",
    *,
    connectivity: int = 16,
    expansion_add: int = 128,
    expansion_search: int = 64,
) -> Index:
    """Build an index over the words of a KeyedVectors.

    Parameters
    ----------
    keyed : KeyedVectors
    kind : {"usearch"}
    connectivity : int, default=16
        Neighbours kept for each word: more find more and cost memory.
    expansion_add, expansion_search : int, default=128 and 64
        How widely building and asking look around: more find more and take longer.

    Returns
    -------
    Index

    Raises
    ------
    ValueError
        There is no such kind.
    ImportError
        usearch is missing: ``pip install 'w2vext[ann]'``.
    """
    if kind != "usearch":
        raise ValueError(f"kind={kind!r}: the index there is is 'usearch'")
    graph = _usearch()(
        ndim=keyed.vector_size,
        metric="cos",
        dtype="f32",
        connectivity=connectivity,
        expansion_add=expansion_add,
        expansion_search=expansion_search,
    )
    for start in range(0, len(keyed), _AT_ONCE):
        units = nearest.unit_rows(keyed.vectors[start : start + _AT_ONCE])
        graph.add(np.arange(start, start + len(units), dtype=np.uint64), units)
    return Index(graph, keyed)


def load(path: FilePath, keyed: Any, *, mmap: bool = True) -> Index:
    """Read an index that `Index.save` wrote for the same vectors.

    Parameters
    ----------
    path : str or path-like
    keyed : KeyedVectors
    mmap : bool, default=True
        Map the file instead of reading it.

    Returns
    -------
    Index

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file is no index, or one of other vectors.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: there is no such index; build_index().save() makes one")
    try:
        graph = _usearch().restore(os.fspath(path), view=mmap)
    except ImportError:
        raise
    except Exception as error:  # usearch raises bare RuntimeErrors and KeyErrors
        raise ValueError(f"{path}: this is no usearch index ({error})") from error
    if graph is None:
        raise ValueError(f"{path}: this is no usearch index")
    if len(graph) != len(keyed) or graph.ndim != keyed.vector_size:
        raise ValueError(
            f"{path}: the index holds {len(graph):,} vectors of {graph.ndim} dimensions, these are "
            f"{len(keyed):,} of {keyed.vector_size}: build it again"
        )
    rows = np.unique(np.linspace(0, len(keyed) - 1, _COMPARED).astype(np.int64))
    held = np.asarray(graph.get(rows.astype(np.uint64)), np.float32).reshape(len(rows), -1)
    if not np.allclose(held, nearest.unit_rows(keyed.vectors[rows]), atol=1e-5):
        raise ValueError(f"{path}: the index was built from other vectors: build it again")
    return Index(graph, keyed)
