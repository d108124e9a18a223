"""Reading compressed files, and what else a file may be, recognized by the first bytes."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import FilePath

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


_ARCHIVES = {
    b"PK\x03\x04": "a zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
}
_TAR_AT = 257  # where a tar archive has its magic number
WHOLE_HEAD = 512  # bytes that `archive_of` and `wide_encoding_of` need


def archive_of(head: bytes) -> str | None:
    """The kind of archive that starts with these bytes, after decompression."""
    if head[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return "a tar archive"
    return next((name for magic, name in _ARCHIVES.items() if head.startswith(magic)), None)


def wide_encoding_of(head: bytes) -> str | None:
    """The encoding of text in UTF-16 or UTF-32 that starts with these bytes."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for at, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) >= 4 and not any(head[at:8:2]) and all(head[1 - at : 8 : 2]):
            return name
    return None


def instead_of_text(head: bytes) -> str | None:
    """What a file with these first bytes is, if it is known not to be UTF-8, and the remedy."""
    if head.startswith(b"PAR1"):
        return "the file is a Parquet table: name a column of it, as in Column(path, 'name')"
    archive, encoding = archive_of(head), wide_encoding_of(head)
    if archive is not None:
        return f"the file is {archive}: unpack it first"
    if encoding is not None:
        return (
            f"the file is text in {encoding.upper()}: convert it, for example with iconv -f "
            f"{encoding} -t utf-8"
        )
    return None


def is_damage(error: BaseException) -> bool:
    """Whether one of `ERRORS` is about the compressed data rather than about reading the file."""
    return not (isinstance(error, OSError) and error.errno is not None)
