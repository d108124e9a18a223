"""The bytes of a file of vectors, decompressed and read forward through one growing buffer.

The buffer grows as data is read, never to a size that a header claims.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from w2vext import _compression, _files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from typing_extensions import Self

    from w2vext._types import FilePath

BLOCK = 1 << 22
HEAD = 16  # bytes that `foreign` needs

_FOREIGN = {
    b"\x80\x02": "a Python pickle",
    b"\x80\x03": "a Python pickle",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"PK\x03\x04": "a zip archive (or .npz)",
    b"\x93NUMPY": "a numpy array (.npy)",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"FEA1": "an Arrow file",
    b"\x89HDF": "an HDF5 file",
    b"\xba\x16\x4f\x2f": "a fastText model (.bin)",
    b"SQLite format 3\x00": "an SQLite database",
    b"%PDF": "a PDF document",
}


_ADVICE = {
    "a Python pickle": ", which could run code when it is loaded, and is never opened here",
    "a fastText model (.bin)": ": read it with w2vext.load_fasttext",
}


def foreign(head: bytes) -> str | None:
    """The kind of file that starts with these bytes, if it is not text or word2vec's binary."""
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            return name + _ADVICE.get(name, "")
    return None


def check_not_foreign(path: FilePath, head: bytes, expected: str) -> None:
    """Raise ValueError if the first bytes are those of another kind of file."""
    name = foreign(head)
    if name:
        raise ValueError(f"{path}: expected {expected}, found {name}")


class Source:
    """Reads a file forward; `data[start:end]` has been read and not yet consumed.

    Parameters
    ----------
    path : str, path-like or file object
    expected : str or None
        What the file should be, for error messages. None accepts every kind of file.
    """

    def __init__(self, path: Any, expected: str | None) -> None:
        self._file: Any = _files.Reader(path)
        self.path: str = self._file.name
        self.name = self.path
        self.data = bytearray(BLOCK)
        self.start = self.end = 0
        self.consumed = 0  # bytes before data[0]
        self._raw: Any = None  # the file that a decompressor reads
        try:
            self.compression = _compression.kind_of(self._file.peek(HEAD))
            self.size: int | None = self._file.size  # unknown for compressed data and pipes
            if self.compression is not None:
                self.size = None
                self._raw, self._file = (
                    self._file,
                    _compression.decompressing(self._file, self.compression, self.path),
                )
            while self.end < HEAD and self.fill():
                pass
            self.head = bytes(self.data[: min(self.end, HEAD)])
            self.check(expected)
        except BaseException:
            self.close()
            raise

    def check(self, expected: str | None) -> None:
        """Raise ValueError if the file is empty, or is known to be something else."""
        if expected is not None:
            check_not_foreign(self.path, self.head, expected)
        if not self.head:
            raise ValueError(
                f"{self.path}: expected {expected or 'word vectors'}, found an empty file"
            )

    def __str__(self) -> str:
        return self.path

    def read(self, size: int = -1) -> bytes:
        """The next bytes of the (decompressed) file, for readers that take a file object."""
        while (size < 0 or self.end - self.start < size) and self.fill():
            pass
        end = self.end if size < 0 else min(self.end, self.start + size)
        data = bytes(self.data[self.start : end])
        self.start = end
        return data

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
        """The offset of data[start] in the (decompressed) file."""
        return self.consumed + self.start

    @property
    def rest(self) -> int | None:
        """The number of bytes from data[start] to the end of the file; None if it is unknown."""
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
        except _compression.ERRORS as error:
            if self.compression is None or not _compression.is_damage(error):
                raise
            raise ValueError(
                f"{self.path}: {self.compression} data is damaged or cut off after byte "
                f"{self.consumed + self.end} of its content ({error})"
            ) from error
        self.end += got
        return got > 0

    def line(self, longest: int = 1 << 16) -> bytes | None:
        """The next line without its end, not consumed; None if it is longer than `longest`."""
        while True:
            newline = self.data.find(b"\n", self.start, self.end)
            if newline >= 0:
                return bytes(self.data[self.start : newline])
            if self.end - self.start > longest:
                return None
            if not self.fill():
                return bytes(self.data[self.start : self.end])


@contextlib.contextmanager
def reading(path: Any, expected: str) -> Iterator[Source]:
    """A file of vectors as a `Source`; one that was opened before is read on from where it is."""
    if isinstance(path, Source):
        path.check(expected)
        yield path
    else:
        with Source(path, expected) as source:
            yield source


@contextlib.contextmanager
def opened(path: Any) -> Iterator[Any]:
    """What `detect` and then `read` take: a path, or the `Source` of what is read once only."""
    if _files.is_one_shot(path) and not isinstance(path, Source):
        with Source(path, None) as source:
            yield source
    else:
        yield path if isinstance(path, Source) else _files.path_of(path)
