"""The bytes of a file of vectors, decompressed by their magic, through one buffer that grows as
data comes.

Refuses what is recognised as something else (a pickle, a zip archive, an HDF5 file ...), by its
name. Memory follows the data that was read, never what a header claims.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self

    from w2vext._types import FilePath

BLOCK = 1 << 22

_COMPRESSED: dict[bytes, tuple[str, Any]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ\x00": ("xz", lzma.open),
}
try:
    from compression import zstd

    _COMPRESSED[b"\x28\xb5\x2f\xfd"] = ("zstd", zstd.open)
except ImportError:
    pass

_OTHERS = {
    b"\x80\x02": "a Python pickle",
    b"\x80\x03": "a Python pickle",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"PK\x03\x04": "a zip archive (or .npz)",
    b"\x93NUMPY": "a numpy array (.npy)",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"\x89HDF": "an HDF5 file",
    b"\xba\x16\x4f\x2f": "a fastText model (.bin)",
    b"\x28\xb5\x2f\xfd": "zstd data, which this Python cannot unpack",
    b"SQLite format 3\x00": "an SQLite database",
    b"%PDF": "a PDF document",
}


def foreign(head: bytes) -> str | None:
    """What these first bytes of a file are known to be, if they are no vectors; else None."""
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            if name == "a Python pickle":
                return f"{name}, which could run code when loaded and is never opened here"
            return name
    return None


def refuse_foreign(path: FilePath, head: bytes, expected: str) -> None:
    """Raise ValueError where the file's first bytes are those of another kind of file."""
    name = foreign(head)
    if name:
        raise ValueError(f"{path}: expected {expected}, found {name}")


class Source:
    """Reads path forward; `data[start:end]` is what has been read and not yet consumed."""

    def __init__(self, path: FilePath, expected: str) -> None:
        self.path = os.fspath(path)
        self.data = bytearray(BLOCK)
        self.start = self.end = 0
        self.consumed = 0  # bytes before data[0]
        self._raw: Any = None  # what a decompressor reads from
        self._file: Any = open(path, "rb")
        try:
            head = self._file.read(16)
            self._file.seek(0)
            self.compression: str | None = None
            self.size: int | None = os.fstat(self._file.fileno()).st_size
            for magic, (name, opener) in _COMPRESSED.items():
                if head.startswith(magic):
                    self.compression, self.size = name, None
                    self._raw, self._file = self._file, opener(self._file)
            if self.compression is None:
                refuse_foreign(self.path, head, expected)
                if not head:
                    raise ValueError(f"{self.path}: expected {expected}, found an empty file")
            else:
                self.fill()
                refuse_foreign(self.path, bytes(self.data[: self.end][:16]), expected)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        if self._raw is not None:
            self._raw.close()

    @property
    def offset(self) -> int:
        """The place in the (decompressed) file of data[start]."""
        return self.consumed + self.start

    @property
    def rest(self) -> int | None:
        """How many bytes may still come, or None where compression hides it."""
        return None if self.size is None else self.size - self.offset

    def fill(self) -> bool:
        """Read more behind the unconsumed bytes; False at the end of the file."""
        left = self.end - self.start
        if self.start:
            self.data[:left] = self.data[self.start : self.end]
            self.consumed += self.start
            self.start, self.end = 0, left
        if self.end == len(self.data):
            self.data.extend(bytes(len(self.data)))
        try:
            with memoryview(self.data) as view:
                got = self._file.readinto(view[self.end :])
        except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
            if self.compression is None:
                raise
            raise ValueError(
                f"{self.path}: {self.compression} data is damaged or cut off after byte "
                f"{self.consumed + self.end} of its content ({error})"
            ) from error
        self.end += got
        return got > 0

    def line(self, longest: int = 1 << 16) -> bytes | None:
        """The next line's bytes without its end, not consumed; None where it is too long."""
        while True:
            newline = self.data.find(b"\n", self.start, self.end)
            if newline >= 0:
                return bytes(self.data[self.start : newline])
            if self.end - self.start > longest:
                return None
            if not self.fill():
                return bytes(self.data[self.start : self.end])
