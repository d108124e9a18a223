"""Approximate nearest rows by usearch's HNSW graph (extra [ann])."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import shown
from w2vext.search import exact

if TYPE_CHECKING:
    from typing import Any, Literal

    from w2vext._arguments.types import FilePath, Float32, Int64

_ROWS_AT_ONCE = 1 << 14
# The trailer after usearch's data: a magic number, the length of the data and their SHA-256.
_MAGIC = b"w2vext index 1\n\0"
_TRAILER = struct.Struct("<16sQ32s")
_COMPARED_ROWS = 64  # rows of a loaded index that are compared with the vectors


def _usearch() -> Any:
    try:
        from usearch.index import Index as Graph
    except ImportError as error:
        raise ImportError("index='usearch' needs usearch: pip install 'w2vext[ann]'") from error
    return Graph


class Index:
    """An approximate index of word vectors.

    `KeyedVectors.build_index` and `KeyedVectors.load_index` make one.

    Attributes
    ----------
    kind : str
        "usearch".
    """

    kind = "usearch"

    def __init__(self, graph: Any, vectors: Float32) -> None:
        self._graph, self._vectors = graph, vectors

    def __len__(self) -> int:
        return len(self._graph)

    def search(self, queries: Float32, n: int) -> tuple[Int64, Float32]:
        """Find the rows nearest to each query.

        Parameters
        ----------
        queries : ndarray of shape (Q, d), float32
        n : int

        Returns
        -------
        rows : ndarray of shape (Q, n), int64
            Best first; -1 where the graph found fewer than n.
        scores : ndarray of shape (Q, n), float32
            Cosines; -inf where the graph found fewer than n.
        """
        matches = self._graph.search(np.ascontiguousarray(queries, np.float32), n)
        found = np.asarray(matches.keys).reshape(len(queries), -1).astype(np.int64)
        scores = 1 - np.asarray(matches.distances, np.float32).reshape(len(queries), -1)
        exact.clip_cosines(scores)
        counts = np.reshape(getattr(matches, "counts", found.shape[1]), (-1, 1))
        missing = np.arange(found.shape[1]) >= counts
        found[missing], scores[missing] = -1, -np.inf
        return found, scores

    def recall(self, queries: int = 1000, topn: int = 10, random_state: int = 0) -> float:
        """Measure the share of the exact neighbours that the index finds.

        Parameters
        ----------
        queries : int, default=1000
            Number of words to search for, drawn at random.
        topn : int, default=10
            Number of neighbours of each word.
        random_state : int, default=0
            Seed of the draw.

        Returns
        -------
        float
            The recall, from 0 to 1.
        """
        vectors = self._vectors
        draw = np.random.default_rng(random_state)
        rows = draw.choice(len(vectors), min(queries, len(vectors)), replace=False)
        n = min(topn, len(vectors))
        units = exact.unit_rows(vectors[rows])
        inverse = exact.inverse_of(exact.norms_of(vectors))
        expected, _ = exact.nearest(vectors, inverse, units, n)
        found, _ = self.search(units, n)
        hits = sum(
            len(set(a) & set(b)) for a, b in zip(expected.tolist(), found.tolist(), strict=True)
        )
        return hits / expected.size

    def save(self, path: FilePath) -> None:
        """Write the index to a file; an old file is replaced when the new one is complete.

        The data of usearch are followed by a checksum, which `KeyedVectors.load_index` verifies.
        """
        content = self._graph.save()
        import hashlib  # loads OpenSSL

        digest = hashlib.sha256(content).digest()
        with _files.writing(path) as file:
            file.write(content)
            file.write(_TRAILER.pack(_MAGIC, len(content), digest))


def build(
    vectors: Float32,
    kind: Literal["usearch"] = "usearch",
    *,
    connectivity: int = 16,
    expansion_add: int = 128,
    expansion_search: int = 64,
) -> Index:
    """Build an index over the rows of a matrix; see `KeyedVectors.build_index`."""
    if kind != "usearch":
        raise ValueError(f"kind={shown(kind)}: unknown kind of index; only 'usearch' is supported")
    graph = _usearch()(
        ndim=vectors.shape[1],
        metric="cos",
        dtype="f32",
        connectivity=connectivity,
        expansion_add=expansion_add,
        expansion_search=expansion_search,
    )
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        units = exact.unit_rows(vectors[start : start + _ROWS_AT_ONCE])
        graph.add(np.arange(start, start + len(units), dtype=np.uint64), units)
    return Index(graph, vectors)


def load(path: FilePath, vectors: Float32, *, mmap: bool = True) -> Index:
    """Read an index that was built from the same vectors; see `KeyedVectors.load_index`."""
    check_flags(mmap=mmap)
    path = _files.path_of(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path}: no such file; write an index with build_index().save()")
    usearch = _usearch()
    _check_sum(path)
    try:
        graph = usearch.restore(path, view=mmap)
    except Exception as error:  # usearch raises bare RuntimeErrors and KeyErrors
        raise ValueError(f"{path}: not a usearch index ({error}): build it again") from error
    if graph is None:
        raise ValueError(f"{path}: not a usearch index: build it again")
    if len(graph) != len(vectors) or graph.ndim != vectors.shape[1]:
        raise ValueError(
            f"{path}: the index has {len(graph):,} vectors of {graph.ndim} dimensions, but there "
            f"are {len(vectors):,} of {vectors.shape[1]}: build it again"
        )
    rows = np.unique(np.linspace(0, len(vectors) - 1, _COMPARED_ROWS).astype(np.int64))
    indexed = np.asarray(graph.get(rows.astype(np.uint64)), np.float32).reshape(len(rows), -1)
    if not np.allclose(indexed, exact.unit_rows(vectors[rows]), atol=1e-5):
        raise ValueError(f"{path}: the index was built from other vectors: build it again")
    return Index(graph, vectors)


def _check_sum(path: str) -> None:
    """Raise ValueError for a damaged file, because usearch does not check it and may crash."""
    import hashlib

    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size - _TRAILER.size
        file.seek(max(0, size))
        end = file.read()
        magic, length, digest = _TRAILER.unpack(end) if size >= 0 else (b"", 0, b"")
        if magic != _MAGIC:
            raise ValueError(
                f"{path}: not a usearch index written by Index.save, or truncated: build it again"
            )
        file.seek(0)
        found = hashlib.sha256()
        rest = size
        while rest > 0 and (block := file.read(min(rest, 1 << 20))):
            found.update(block)
            rest -= len(block)
    if length != size or found.digest() != digest:
        raise ValueError(f"{path}: wrong checksum, so the index is damaged: build it again")
