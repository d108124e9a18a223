"""The matrices of fastText's model files: float32 rows, and product-quantized rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from w2vext._arguments.types import Float32, UInt8

CENTROIDS = 256  # of each sub-quantizer


@dataclass
class Dense:
    """A matrix of float32 rows, which may be unaligned in a mapped file."""

    data: Any  # buffer of rows * columns float32
    shape: tuple[int, int]
    at: int = 0  # the first byte in the file from which the matrix was read

    @property
    def rows(self) -> Float32:
        """The rows as an array, without a copy."""
        return np.frombuffer(self.data, dtype=np.dtype("<f4")).reshape(self.shape)

    def take(self, rows: Any = None) -> Float32:
        """A copy of some rows, or of all."""
        return np.array(self.rows if rows is None else self.rows[rows], dtype=np.float32)


@dataclass
class Blocks:
    """A matrix of float32 rows that are made block by block while they are written."""

    shape: tuple[int, int]
    make: Callable[[], Iterator[Float32]]


@dataclass
class Quantizer:
    """A product quantizer: 256 centroids for each slice of `sub` columns (the last may be shorter).

    H. Jégou, M. Douze, C. Schmid. "Product quantization for nearest neighbor search". PAMI 2011.
    """

    dim: int
    parts: int
    sub: int
    last: int
    centroids: Float32  # (dim * 256,)

    def decode(self, codes: UInt8) -> Float32:
        """The rows (n, dim) that the codes (n, parts) represent."""
        out = np.empty((len(codes), self.dim), dtype=np.float32)
        for part in range(self.parts):
            width = self.sub if part < self.parts - 1 else self.last
            begin = part * CENTROIDS * self.sub
            table = self.centroids[begin : begin + CENTROIDS * width].reshape(CENTROIDS, width)
            out[:, part * self.sub : part * self.sub + width] = table[codes[:, part]]
        return out


@dataclass
class Quantized:
    """A quantized matrix: codes of the rows, and of their norms if these are stored separately."""

    shape: tuple[int, int]
    codes: UInt8  # (rows, parts)
    quantizer: Quantizer
    norm_codes: UInt8 | None = None  # (rows,)
    norm_quantizer: Quantizer | None = None

    @property
    def rows(self) -> Quantized:
        """The matrix itself, whose rows are decoded when they are taken."""
        return self

    def take(self, rows: Any = None) -> Float32:
        """Some rows, decoded, or all."""
        chosen = slice(None) if rows is None else rows
        out = self.quantizer.decode(self.codes[chosen])
        if self.norm_codes is not None and self.norm_quantizer is not None:
            out *= self.norm_quantizer.centroids[self.norm_codes[chosen]][:, None]
        return out

    def chosen(self, rows: Any) -> Quantized:
        """The matrix of some rows, which remain quantized."""
        norms = None if self.norm_codes is None else self.norm_codes[rows]
        shape = (len(rows), self.shape[1])
        return Quantized(shape, self.codes[rows], self.quantizer, norms, self.norm_quantizer)
