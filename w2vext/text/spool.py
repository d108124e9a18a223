"""Stores provisional ids until the vocabulary is known, then rewrites them in place.

The ids are held in memory up to a limit, and in a temporary file above it. The file is written with
ordinary writes, so a full disk raises OSError; a full disk under a memory mapping would kill the
process with SIGBUS. Where the system allows it, the file has no name and disappears with the
process.
"""

from __future__ import annotations

import contextlib
import errno
import tempfile
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext.kernels.pages import mapped
from w2vext.text._words import remap

if TYPE_CHECKING:
    import mmap
    from typing import IO, Any

    from w2vext._arguments.types import Int32, Int64

BLOCK = 1 << 20  # ids rewritten at a time in the file
BLOCK_IDS = 1 << 19  # the ids of a block


def _mapping(n: int) -> mmap.mmap:
    """Zeroed memory for n int32."""
    try:
        return mapped(n * 4)
    except OSError as error:
        raise MemoryError(f"no memory for the ids of {n:,} words of the corpus") from error


class Numbering:
    """The ids that a table assigned until it was pruned or merged.

    map[id] is the id in the numbering `into`, or -1. In the end final[id] is the row of the
    vocabulary, or -1.
    """

    def __init__(self) -> None:
        self.map: Any = None
        self.into: Any = None
        self.final: Any = None


class Block:
    """Buffers for ids and for the ends of their sentences, and the numbering of the ids."""

    def __init__(self) -> None:
        self.ids = np.frombuffer(_mapping(BLOCK_IDS), dtype=np.int32)
        self.ends = np.frombuffer(_mapping(BLOCK_IDS + 1), dtype=np.int32)
        self.n = self.n_ends = 0
        self.numbering: Any = None


class _Memory:
    """A resizable array of int32, which grows without a copy where the system has mremap."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.map = _mapping(n)

    def array(self) -> Int32:
        """The whole array; it must be released before `resize`."""
        return np.frombuffer(self.map, dtype=np.int32)

    def resize(self, n: int) -> None:
        try:
            self.map.resize(n * 4)
        except (SystemError, OSError, ValueError):  # this system has no mremap
            if n < self.n:
                return
            moved = _mapping(n)
            moved[: self.n * 4] = self.map
            self.map = moved
        self.n = n


class _Chunk:
    """What is kept of a stored block: the number of ids, the sentence ends, the numbering."""

    def __init__(self, n: int, ends: Int32, numbering: Any) -> None:
        self.n, self.numbering = n, numbering
        self.ends: Any = ends  # None after they have been used


class Spool:
    """The provisional ids of a corpus, in its order."""

    def __init__(self, spill_bytes: int) -> None:
        self.spill_bytes = spill_bytes
        self.chunks: list[_Chunk] = []
        self.memory: Any = _Memory(BLOCK)  # None when the ids are in the file
        self.file: Any = None
        self.n = 0  # ids
        self.n_ends = 0

    def add(self, block: Block) -> None:
        """Append the ids of a block, which the caller may then reuse."""
        ids, ends = block.ids[: block.n], block.ends[: block.n_ends]
        before, self.n = self.n, self.n + block.n
        if self.file is None and self.n * 4 > self.spill_bytes:
            with _files.spooling():
                self.file = tempfile.TemporaryFile(prefix="w2vext-")
            _write(self.file, self.memory.array()[:before])
            self.memory = None
        if self.file is not None:
            _write(self.file, ids)
        else:
            if self.n > self.memory.n:
                self.memory.resize(max(self.n, min(self.memory.n * 2, self.spill_bytes // 4)))
            self.memory.array()[before : self.n] = ids
        self.n_ends += len(ends)
        self.chunks.append(_Chunk(block.n, ends.copy(), block.numbering))

    def finish(self, kept: int) -> tuple[Int32, Int64]:
        """Replace each id by `final` of its numbering, and return the ids and the offsets.

        `kept` is the number of ids that remain. The spool is empty afterwards.
        """
        offsets = np.zeros(self.n_ends + 1, dtype=np.int64)
        with contextlib.nullcontext() if self.file is None else _files.spooling():
            sentences = (self._in_memory if self.file is None else self._in_file)(offsets)
        offsets.resize(sentences + 1, refcheck=False)
        if self.file is None:
            self.memory.resize(max(kept, 1))
            ids = self.memory.array()[:kept]
        else:
            with _files.spooling():
                self.file.truncate(kept * 4)
            try:
                ids = np.memmap(self.file, dtype=np.int32, mode="r+", shape=(kept,))
            except OSError as error:
                if error.errno != errno.ENOMEM:
                    raise
                raise MemoryError(f"no address space for the ids of {kept:,} words") from error
        self.close()  # the array keeps the memory or the file alive
        return ids, offsets

    def _in_memory(self, offsets: Int64) -> int:
        """Replace the provisional ids in memory; returns the number of sentences."""
        ids = self.memory.array()
        chunks = [(chunk.n, chunk.ends, chunk.numbering.final) for chunk in self.chunks]
        # In place: the write position never passes the read position.
        return remap(ids, chunks, ids, offsets)[1]

    def _in_file(self, offsets: Int64) -> int:
        """Replace the provisional ids in the temporary file; returns the number of sentences."""
        block = np.empty(BLOCK + 1, dtype=np.int32)
        written = sentences = read = 0
        for chunk in self.chunks:
            parts = range(0, max(chunk.n, 1), BLOCK)
            for at in parts:
                ids = block[: min(BLOCK, chunk.n - at)]
                self.file.seek(read * 4)
                if self.file.readinto(ids.data.cast("B")) != len(ids) * 4:
                    raise OSError("another process has shortened the temporary file of the ids")
                low, high = np.searchsorted(chunk.ends, (at, at + len(ids)), side="right")
                ends = chunk.ends[low if at else 0 : high] - np.int32(at)
                before = written
                stored = [(len(ids), ends, chunk.numbering.final)]
                written, sentences = remap(ids, stored, block, offsets, written, sentences)
                read += len(ids)
                self.file.seek(before * 4)
                _write(self.file, block[: written - before])
            chunk.ends = None
        self.file.flush()
        return sentences

    def close(self) -> None:
        """Release everything that `finish` did not return."""
        self.chunks = []
        self.memory = None
        if self.file is not None:
            with contextlib.suppress(OSError):  # from buffered data, which is not needed
                self.file.close()
            self.file = None


def _write(file: IO[bytes], ids: Int32) -> None:
    with _files.spooling():
        if len(ids):
            file.write(ids.data.cast("B"))
