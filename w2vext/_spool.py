"""Where provisional ids wait until the vocabulary is known, and where they are rewritten.

Chunks stay in memory, each in a mapping of its own that is let go as soon as it is rewritten; above a
bound all of them go to a temporary file, by plain writes: a full disk is an OSError, where a mapping
would die of SIGBUS. The file has no name where the system allows it, so no exit leaves it behind.
Refuses to know words.
"""

import mmap
import tempfile

import numpy as np

from w2vext._text import remap

BLOCK = 1 << 20  # ids rewritten at a time in the file


def private(n):
    """Room for n int32, zero, that goes back to the system as soon as it is let go."""
    size = max(n, 1) * 4
    if hasattr(mmap, "MAP_PRIVATE"):
        room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if size >= 1 << 22 and hasattr(mmap, "MADV_HUGEPAGE"):
            try:
                room.madvise(mmap.MADV_HUGEPAGE)
            except OSError:  # a kernel without them
                pass
    else:
        room = mmap.mmap(-1, size)
    return np.frombuffer(room, dtype=np.int32)[:n]


class Chunk:
    """Some ids, where sentences end among them, and the numbering that they are of."""

    def __init__(self, ids, ends, numbering):
        self.n = len(ids)
        self.ids = private(self.n)
        self.ids[:] = ids
        self.ends = ends.copy()
        self.numbering = numbering


class Spool:
    """Chunks in the corpus's order."""

    def __init__(self, spill_bytes):
        self.spill_bytes = spill_bytes
        self.chunks = []
        self.file = None
        self.n = 0  # ids
        self.n_ends = 0

    def add(self, chunk):
        self.chunks.append(chunk)
        self.n += chunk.n
        self.n_ends += len(chunk.ends)
        if self.file is not None:
            self._spill(chunk)
        elif self.n * 4 > self.spill_bytes:
            self.file = tempfile.TemporaryFile(prefix="w2vext-")
            for each in self.chunks:
                self._spill(each)

    def _spill(self, chunk):
        _write(self.file, chunk.ids)
        chunk.ids = None

    def finish(self, kept):
        """Rewrites the ids by their numberings' `final`; `kept` of them are left.

        Returns ids and offsets; the spool is empty afterwards.
        """
        offsets = np.zeros(self.n_ends + 2, dtype=np.int64)
        rewrite = self._in_memory if self.file is None else self._in_file
        ids, sentences = rewrite(kept, offsets)
        offsets.resize(sentences + 1, refcheck=False)
        return ids, offsets

    def _in_memory(self, kept, offsets):
        ids = private(kept + 1)  # remap writes one ahead
        written = sentences = 0
        self.chunks.reverse()
        while self.chunks:
            chunk = self.chunks.pop()
            written, sentences = remap(
                chunk.ids, chunk.ends, chunk.numbering.final, ids[written:], offsets, written, sentences
            )
        return ids[:kept], sentences

    def _in_file(self, kept, offsets):
        """In place: what is written never passes what is still to be read."""
        written = sentences = read = 0
        for chunk in self.chunks:
            for at in range(0, max(chunk.n, 1), BLOCK):
                n = min(BLOCK, chunk.n - at)
                block = np.empty(n + 1, dtype=np.int32)
                self.file.seek((read + at) * 4)
                if self.file.readinto(memoryview(block[:n]).cast("B")) != n * 4:
                    raise OSError("the temporary file of the id stream came back shorter")
                low, high = np.searchsorted(chunk.ends, (at, at + n), side="right")
                ends = chunk.ends[low:high] - np.int32(at)
                if at == 0:
                    ends = chunk.ends[:high]
                before = written
                written, sentences = remap(
                    block[:n], ends, chunk.numbering.final, block, offsets, written, sentences
                )
                self.file.seek(before * 4)
                _write(self.file, block[: written - before])
            read += chunk.n
            chunk.ends = None
        self.chunks = []
        self.file.truncate(kept * 4)
        self.file.flush()
        ids = np.memmap(self.file, dtype=np.int32, mode="r+", shape=(kept,))
        self.file.close()  # the mapping holds it from here on
        self.file = None
        return ids, sentences

    def close(self):
        """Drops everything that was not handed out."""
        self.chunks = []
        if self.file is not None:
            self.file.close()
            self.file = None


def _write(file, ids):
    if len(ids):
        file.write(memoryview(ids).cast("B"))
