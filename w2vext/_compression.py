"""Reading compressed files, which are recognized by their first bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from w2vext._types import FilePath

try:
    from compression import zstd
except ImportError:  # before Python 3.14
    zstd = None

HEAD = 10  # bytes that `kind_of` needs
# The memory that the decompressor of xz may take: a little more than files of `xz -9` need.
_XZ_MEMORY = 72 << 20
_ERRORS = (EOFError, zlib.error, lzma.LZMAError, OSError)
ERRORS = (*_ERRORS, zstd.ZstdError) if zstd else _ERRORS


def kind_of(head: bytes) -> str | None:
    """The program that compressed a file that starts with these bytes, or None."""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    # A text may start with "BZh9" too. In bzip2's files a block or the end of the stream follows.
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    return None


def decompressing(file: Any, kind: str, path: FilePath) -> Any:
    """A file that reads the decompressed content of an open one."""
    if kind == "gzip":
        return gzip.GzipFile(fileobj=file, mode="rb")
    if kind == "bzip2":
        return bz2.BZ2File(file)
    if kind == "xz":
        return _Xz(file, path)
    if zstd is None:
        raise ValueError(
            f"{path} is compressed by zstd, which needs Python 3.14 or later: decompress it first "
            "(zstd -d)"
        )
    return zstd.ZstdFile(file)


class _Xz(io.RawIOBase):
    """What `lzma.LZMAFile` reads, with a bound on the memory that a file may ask for."""

    def __init__(self, file: Any, path: FilePath) -> None:
        super().__init__()
        self._file, self._path = file, path
        self._decompressor = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer).cast("B") as view:
            while True:
                data = self._some(len(view))
                if data is None:
                    return 0
                if data:
                    view[: len(data)] = data
                    return len(data)

    def _some(self, size: int) -> bytes | None:
        """Up to so many bytes, perhaps none; None at the end."""
        unpacker = self._decompressor
        if unpacker.eof:
            more = unpacker.unused_data.lstrip(b"\0") or self._file.read(1 << 16)
            if not more:
                return None
            more = more.lstrip(b"\0")  # padding between streams
            if not more:
                return b""
            unpacker = self._decompressor = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
        elif unpacker.needs_input:
            more = self._file.read(1 << 16)
            if not more:
                raise EOFError("the end of the stream is missing")
        else:
            more = b""
        try:
            return unpacker.decompress(more, max_length=size)
        except lzma.LZMAError as error:
            if "limit" in str(error):
                raise ValueError(
                    f"{self._path}: unpacking it takes more memory than xz -9 needs: unpack it "
                    "first (xz -d)"
                ) from None
            raise


def is_damage(error: BaseException) -> bool:
    """Whether one of `ERRORS` is about the compressed data rather than about reading the file."""
    return not (isinstance(error, OSError) and error.errno is not None)
