"""Where provisional ids wait until the vocabulary is known, and are then rewritten in place.

In memory first; above a bound all of them go to a temporary file, by plain writes: a full disk is
an OSError, where a mapping would die of SIGBUS. The file has no name where the system allows it, so
no exit leaves it behind. Refuses to know words.
"""

from __future__ import annotations

import errno
import mmap
import tempfile
from typing import TYPE_CHECKING

import numpy as np

from w2vext.text._words import remap

if TYPE_CHECKING:
    from typing import IO, Any

    from w2vext._types import Int32, Int64

BLOCK = 1 << 20  # ids rewritten at a time in the file


def _mapping(n: int) -> mmap.mmap:
    """Room for n int32, all zero, that the system has back as soon as it is let go."""
    private = (
        {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
    )
    try:
        return mmap.mmap(-1, n * 4, **private)
    except OSError as error:
        raise MemoryError(f"no memory for the ids of {n:,} words of the corpus") from error


class Block:
    """Encoded ids, where sentences end among them, and the numbering that they are of."""

    def __init__(self, room: int) -> None:
        self.ids = np.frombuffer(_mapping(room), dtype=np.int32)
        self.ends = np.frombuffer(_mapping(room + 1), dtype=np.int32)
        self.n = self.n_ends = 0
        self.numbering: Any = None


class _Room:
    """int32 in a private mapping, which grows without a copy where the system can move pages."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.map = _mapping(n)

    def array(self) -> Int32:
        """All of it. It must be let go before the room is resized."""
        return np.frombuffer(self.map, dtype=np.int32)

    def resize(self, n: int) -> None:
        try:
            self.map.resize(n * 4)
        except (SystemError, OSError, ValueError):  # no mremap here
            if n < self.n:
                return
            moved = _mapping(n)
            moved[: self.n * 4] = self.map
            self.map = moved
        self.n = n


class _Chunk:
    """What stays of a block: how many ids, where sentences end among them, the numbering."""

    def __init__(self, n: int, ends: Int32, numbering: Any) -> None:
        self.n, self.numbering = n, numbering
        self.ends: Any = ends  # None once they are rewritten


class Spool:
    """Ids in the corpus's order."""

    def __init__(self, spill_bytes: int) -> None:
        self.spill_bytes = spill_bytes
        self.chunks: list[_Chunk] = []
        self.room: Any = _Room(BLOCK)  # None once the ids are in the file
        self.file: Any = None
        self.n = 0  # ids
        self.n_ends = 0

    def add(self, block: Block) -> None:
        """Appends a block's ids; the block may be filled again."""
        ids, ends = block.ids[: block.n], block.ends[: block.n_ends]
        before, self.n = self.n, self.n + block.n
        if self.file is None and self.n * 4 > self.spill_bytes:
            self.file = tempfile.TemporaryFile(prefix="w2vext-")
            _write(self.file, self.room.array()[:before])
            self.room = None
        if self.file is not None:
            _write(self.file, ids)
        else:
            if self.n > self.room.n:
                self.room.resize(max(self.n, min(self.room.n * 2, self.spill_bytes // 4)))
            self.room.array()[before : self.n] = ids
        self.n_ends += len(ends)
        self.chunks.append(_Chunk(block.n, ends.copy(), block.numbering))

    def finish(self, kept: int) -> tuple[Int32, Int64]:
        """Rewrites the ids by their numberings' `final`, which leaves `kept` of them.

        Returns ids and offsets; the spool is empty afterwards.
        """
        offsets = np.zeros(self.n_ends + 1, dtype=np.int64)
        sentences = (self._in_memory if self.file is None else self._in_file)(offsets)
        offsets.resize(sentences + 1, refcheck=False)
        if self.file is None:
            self.room.resize(max(kept, 1))
            ids = self.room.array()[:kept]
        else:
            self.file.truncate(kept * 4)
            try:
                ids = np.memmap(self.file, dtype=np.int32, mode="r+", shape=(kept,))
            except OSError as error:
                if error.errno != errno.ENOMEM:
                    raise
                raise MemoryError(f"no address space for the ids of {kept:,} words") from error
        self.close()  # the array holds the mapping, and that the file
        return ids, offsets

    def _in_memory(self, offsets: Int64) -> int:
        ids = self.room.array()
        written = sentences = read = 0
        for chunk in self.chunks:
            # In place: what is written never passes what is still to be read.
            written, sentences = remap(
                ids[read : read + chunk.n], chunk.ends, chunk.numbering.final,
                ids[written:], offsets, written, sentences,
            )  # fmt: skip
            read += chunk.n
            chunk.ends = None
        return sentences

    def _in_file(self, offsets: Int64) -> int:
        block = np.empty(BLOCK + 1, dtype=np.int32)
        written = sentences = read = 0
        for chunk in self.chunks:
            parts = range(0, max(chunk.n, 1), BLOCK)
            for at in parts:
                ids = block[: min(BLOCK, chunk.n - at)]
                self.file.seek(read * 4)
                if self.file.readinto(ids.data.cast("B")) != len(ids) * 4:
                    raise OSError("the temporary file of the id stream has become shorter")
                low, high = np.searchsorted(chunk.ends, (at, at + len(ids)), side="right")
                ends = chunk.ends[low if at else 0 : high] - np.int32(at)
                before = written
                written, sentences = remap(
                    ids, ends, chunk.numbering.final, block, offsets, written, sentences
                )
                read += len(ids)
                self.file.seek(before * 4)
                _write(self.file, block[: written - before])
            chunk.ends = None
        self.file.flush()
        return sentences

    def close(self) -> None:
        """Drops all that was not handed out."""
        self.chunks = []
        self.room = None
        if self.file is not None:
            self.file.close()
            self.file = None


def _write(file: IO[bytes], ids: Int32) -> None:
    if len(ids):
        file.write(ids.data.cast("B"))
