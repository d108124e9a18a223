"""Reading compressed files, which are recognized by their first bytes."""

from __future__ import annotations

import bz2
import gzip
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
_ERRORS = (EOFError, zlib.error, lzma.LZMAError, OSError)
ERRORS = (*_ERRORS, zstd.ZstdError) if zstd else _ERRORS


def kind_of(head: bytes) -> str | None:
    """Which program compressed a file that starts with these bytes; None for any other file."""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    # A text may start with "BZh9"; a block or the end of the stream follows it in bzip2's files.
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
        return lzma.LZMAFile(file)
    if zstd is None:
        raise ValueError(
            f"{path} is compressed by zstd, which needs Python 3.14 or later: decompress it first "
            "(zstd -d)"
        )
    return zstd.ZstdFile(file)


def is_damage(error: BaseException) -> bool:
    """Whether one of `ERRORS` is about the compressed data rather than about reading the file."""
    return not (isinstance(error, OSError) and error.errno is not None)
