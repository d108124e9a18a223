"""Smaller vectors: product quantization by k-means, shorter numbers, fewer dimensions.

H. Jégou, M. Douze, C. Schmid. "Product quantization for nearest neighbor search". PAMI 2011.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import shown
from w2vext._estimator.parameters import check_whole, seed_of
from w2vext.formats._matrices import CENTROIDS, Quantized, Quantizer
from w2vext.formats.model2vec import DTYPES, int8_rows

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import Float32, Floats, UInt8

ROUNDS = 25  # of k-means, as in fastText
AT_ONCE = 1 << 16  # rows
COMPARED = 1_000  # words whose neighbours are compared
NEIGHBORS = 10


@dataclass(frozen=True)
class Quantization:
    """Compressed vectors, and the loss of accuracy.

    Attributes
    ----------
    wv : KeyedVectors
        The compressed vectors.
    size, size_before : int
        Bytes of the rows, compressed and as float32.
    cosine : float
        The mean cosine between a word's vector and its compressed vector.
    neighbors : float
        The share of the 10 nearest neighbours that are the same, from 0 to 1, over up to 1,000 of
        the most frequent words.
    """

    wv: Any
    size: int
    size_before: int
    cosine: float
    neighbors: float

    def __str__(self) -> str:
        return (
            f"{'size before':24}{self.size_before:>16,} bytes\n"
            f"{'size':24}{self.size:>16,} bytes\n"
            f"{'mean cosine':24}{self.cosine:>16.4f}\n"
            f"{f'same of {NEIGHBORS} neighbours':24}{self.neighbors:>16.1%}"
        )


class _Trained(NamedTuple):
    quantizer: Quantizer
    codes: UInt8


def quantized(rows: Float32, dsub: int, qnorm: bool, sample: int, random_state: Any) -> Quantized:
    """The rows, product-quantized; `KeyedVectors.quantize` documents the arguments."""
    check_whole("dsub", dsub, 1)
    check_whole("sample", sample, CENTROIDS)
    check_flags(qnorm=qnorm)
    if dsub > rows.shape[1]:
        raise ValueError(f"dsub={dsub}: give at most the {rows.shape[1]} dimensions of the vectors")
    if len(rows) < CENTROIDS:
        raise ValueError(
            f"quantize needs at least {CENTROIDS} rows, but these vectors have {len(rows)}: keep "
            "them as float32"
        )
    rng = np.random.default_rng(seed_of(random_state))
    norms = None
    if qnorm:
        lengths = np.linalg.norm(rows, axis=1)
        rows = (rows / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32)
        norms = _train(lengths[:, None].astype(np.float32), 1, sample, rng)
    trained = _train(rows, dsub, sample, rng)
    shape = (rows.shape[0], rows.shape[1])
    if norms is None:
        return Quantized(shape, trained.codes, trained.quantizer)
    return Quantized(shape, trained.codes, trained.quantizer, norms.codes[:, 0], norms.quantizer)


def _train(rows: Float32, sub: int, sample: int, rng: np.random.Generator) -> _Trained:
    """A product quantizer of some rows, and their codes."""
    from sklearn.cluster import KMeans

    dim = rows.shape[1]
    parts = -(-dim // sub)
    chosen = rows
    if len(rows) > sample:
        chosen = rows[np.sort(rng.choice(len(rows), sample, replace=False))]
    codes = np.empty((len(rows), parts), dtype=np.uint8)
    centroids = np.zeros(dim * CENTROIDS, dtype=np.float32)
    for part in range(parts):
        columns = slice(part * sub, min(dim, (part + 1) * sub))
        slices = np.ascontiguousarray(chosen[:, columns], dtype=np.float32)
        distinct = min(CENTROIDS, len(np.unique(slices, axis=0)))
        seed = int(rng.integers(1 << 31))
        means = KMeans(distinct, init="random", n_init=1, max_iter=ROUNDS, random_state=seed).fit(
            slices
        )
        for begin in range(0, len(rows), AT_ONCE):
            block = np.ascontiguousarray(rows[begin : begin + AT_ONCE, columns], dtype=np.float32)
            codes[begin : begin + AT_ONCE, part] = means.predict(block)
        width = columns.stop - columns.start
        begin = part * CENTROIDS * sub
        table = centroids[begin : begin + CENTROIDS * width].reshape(CENTROIDS, width)
        table[:distinct] = means.cluster_centers_
    quantizer = Quantizer(dim, parts, sub, dim - (parts - 1) * sub, centroids)
    return _Trained(quantizer, codes)


def size_of(codes: Quantized) -> int:
    """The bytes of quantized rows and of their centroids."""
    size: int = codes.codes.nbytes + codes.quantizer.centroids.nbytes
    if codes.norm_codes is not None and codes.norm_quantizer is not None:
        size += codes.norm_codes.nbytes + codes.norm_quantizer.centroids.nbytes
    return size


def compared(before: Any, after: Any, sizes: tuple[int, int], rows: Floats) -> Quantization:
    """Compare compressed vectors with the original ones of the same words.

    `sizes` are the bytes before and after; `rows` (V, d) are the compressed vectors in the
    dimensions of the original ones.
    """
    products = np.einsum("ij,ij->i", before.vectors, rows, dtype=np.float64)
    lengths = before.norms * np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    there = lengths > 0
    cosines = products[there] / lengths[there]
    frequent = before.frequent_rows(min(COMPARED, len(before)))
    queries: list[list[Any]] = [[before.index_to_key[row]] for row in frequent]
    topn = min(NEIGHBORS, len(before) - 1)
    pairs = zip(
        before.most_similar(queries, topn=topn), after.most_similar(queries, topn=topn), strict=True
    )
    same = [len({w for w, _ in one} & {w for w, _ in other}) for one, other in pairs]
    share = float(np.mean(same)) / topn if topn else 1.0
    cosine = float(cosines.mean()) if there.any() else 1.0
    return Quantization(after, sizes[1], sizes[0], cosine, share)


def reduced(vectors: Float32, dimensions: int | None, dtype: str) -> tuple[Float32, Float32, int]:
    """Rows in fewer dimensions and in a smaller type.

    Returns
    -------
    rows : ndarray of shape (V, dimensions), float32
        On the first principal directions, which are computed without subtracting the mean, so that
        cosines and the means of documents are approximated; rounded to `dtype`.
    restored : ndarray of shape (V, d), float32
        The rows in the dimensions of `vectors`.
    size : int
        The bytes of the rows.
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype={shown(dtype)}: choose 'float32', 'float16' or 'int8'")
    rows, directions = vectors, None
    if dimensions is not None:
        check_whole("dimensions", dimensions, 1)
        if dimensions > vectors.shape[1]:
            raise ValueError(
                f"dimensions={dimensions}: give at most the {vectors.shape[1]} dimensions of the "
                "vectors"
            )
        gram = vectors.T.astype(np.float64) @ vectors
        directions = np.linalg.eigh(gram)[1][:, ::-1][:, :dimensions].astype(np.float32)
        rows = vectors @ directions
    size = rows.nbytes
    if dtype == "float16":
        with np.errstate(over="ignore"):
            rows = rows.astype(np.float16).astype(np.float32)
        if not np.isfinite(rows).all():
            raise ValueError("dtype='float16': a number is beyond 65504: choose 'int8'")
        size //= 2
    elif dtype == "int8":
        codes, scales = int8_rows(rows)
        rows, size = codes * scales[:, None], codes.nbytes + scales.nbytes
    return rows, rows if directions is None else rows @ directions.T, size
