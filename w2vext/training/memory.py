"""Weight matrices: allocation, initialization, compaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._threads import each_part
from w2vext.kernels.pages import mapped

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterator

    from w2vext._arguments.types import Float32, Int64

PAD = 16  # floats of a cache line
BLOCK = 4096  # rows that are processed together


def matrix(rows: int, columns: int) -> Float32:
    """A float32 matrix of zeros (rows, columns padded to whole cache lines).

    It is aligned to pages, allocated lazily, and uses huge pages where the system has them.
    """
    stride = -(-columns // PAD) * PAD
    size = rows * stride * 4
    try:
        memory = pages(size)
    except MemoryError as error:
        raise MemoryError(
            f"no memory for {rows:,} words by {columns:,} numbers, {size / 1e9:,.1f} GB: "
            "choose a smaller vector_size, a higher min_count or a max_final_vocab"
        ) from error
    return np.frombuffer(memory, dtype=np.float32).reshape(rows, stride)


def pages(size: int) -> mmap.mmap:
    """`size` bytes of zeros from `mapped`; raises MemoryError if there are not enough."""
    try:
        return mapped(size)
    except (OSError, OverflowError, ValueError) as error:
        raise MemoryError(f"no memory for a table of {size / 1e9:,.1f} GB") from error


def fill_uniform(w: Float32, columns: int, seed: int, width: float = 1.0, workers: int = 1) -> None:
    """Fill w[:, :columns] with uniform numbers in [-width / 2, width / 2) / columns.

    The numbers do not depend on the number of workers.
    """

    def fill(first: int) -> None:
        block = w[first : first + BLOCK]
        # A step of PCG64 gives two float32, and a block has an even number of them.
        generator = np.random.PCG64(seed).advance(first * int(columns) // 2)
        x = np.random.Generator(generator).random((len(block), columns), dtype=np.float32)
        x -= 0.5
        x *= width / columns
        block[:, :columns] = x

    each_part(fill, range(0, len(w), BLOCK), workers)


def compact(w: Float32, columns: int) -> Float32:
    """Remove the padding of the rows in place; returns a view of shape (rows, columns)."""
    rows, stride = w.shape
    if stride == columns:
        return w
    flat = w.reshape(-1)
    for at, block in zip(range(0, rows, BLOCK), blocks(w), strict=True):
        flat[at * columns : (at + len(block)) * columns] = block[:, :columns].ravel()
    return flat[: rows * columns].reshape(rows, columns)


def repeated(w: Float32, room: Float32, rows: Int64) -> Float32:
    """The rows w[rows], written to `room`, of which w is the first part; rows[i] <= i."""
    columns = w.shape[1]
    out = room.reshape(-1)[: len(rows) * columns].reshape(-1, columns)
    # From the last block to the first, so that no block reads what another one has written.
    for at in reversed(range(0, len(rows), BLOCK)):
        out[at : at + BLOCK] = out[rows[at : at + BLOCK]]
    return out


def blocks(w: Float32) -> Iterator[Float32]:
    """Views of BLOCK rows at a time."""
    return (w[at : at + BLOCK] for at in range(0, len(w), BLOCK))
