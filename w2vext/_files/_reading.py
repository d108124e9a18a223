"""Opening files, pipes and file objects for reading, each as one forward stream of bytes."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat
import tempfile
from typing import TYPE_CHECKING

from w2vext._arguments.messages import kind_of
from w2vext._files import _streams, _temporary
from w2vext._files._remote import Remote
from w2vext._files._streams import Spooled, path_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Reader(io.RawIOBase):
    """A binary stream with `peek`, which reads ahead without moving the position.

    Parameters
    ----------
    source : str, path-like, Remote or file object
        ``~`` is expanded. A file object is read from its current position and stays open; one that
        returns str is encoded as UTF-8.

    Attributes
    ----------
    name : str
        The name of the source in messages.
    size : int or None
        Bytes of a regular file; None for everything else.
    position : int
        Bytes read so far.
    """

    name: str

    def __init__(self, source: Any) -> None:
        super().__init__()
        self.name = shown(source)
        self.size: int | None = None
        self.position = 0
        self._head = b""
        self._owned = isinstance(source, (str, bytes, os.PathLike))
        if self._owned:
            path = path_of(source)
            descriptor = _streams.descriptor_of(path)
            with named_reading(path):
                opened = path if descriptor is None else os.dup(descriptor)
                self._file: Any = open(opened, "rb", buffering=0)
                found = os.fstat(self._file.fileno())
            if descriptor is None and stat.S_ISREG(found.st_mode):
                self.size = found.st_size
        elif isinstance(source, Remote):
            self._file, self._owned, self.size = source.stream(), True, source.size
        else:
            self._file = _binary(source)
        self._into = getattr(self._file, "readinto", None)

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end of the stream; the position does not change."""
        while len(self._head) < size:
            with named_reading(self.name):
                more = self._file.read(size - len(self._head))
            if not more:
                break
            self._head += more
        return self._head[:size]

    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer).cast("B") as view:
            if self._head:
                taken = min(len(self._head), len(view))
                view[:taken] = self._head[:taken]
                self._head = self._head[taken:]
            else:
                with named_reading(self.name):
                    if self._into is not None:
                        taken = self._into(view) or 0
                    else:
                        data = self._file.read(len(view))
                        taken = len(data)
                        view[:taken] = data
        self.position += taken
        return taken

    def readall(self) -> bytes:
        parts = [self._head]
        self._head = b""
        with named_reading(self.name):
            while part := self._file.read(1 << 22):
                parts.append(part)
        self.position += sum(map(len, parts))
        return b"".join(parts)

    def check_length(self) -> None:
        """Raise if another process has made the file shorter since it was opened.

        Raises
        ------
        ValueError
            A regular file has fewer bytes than it had.
        """
        if self.size is None:
            return
        local = isinstance(self._file, io.FileIO)
        found = os.fstat(self.fileno()).st_size if local else self.position
        if found < self.size:
            raise shorter(self.name, found, self.size)

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        if self._owned and not self.closed:
            self._file.close()
        super().close()


def shorter(name: str, found: int, expected: int) -> ValueError:
    """The error of a file that was made shorter while it was read."""
    return ValueError(
        f"{name}: the file was made shorter while it was read: it ends after {found:,} bytes and "
        f"had at least {expected:,}: read it again when it no longer changes"
    )


@contextlib.contextmanager
def named_reading(path: str) -> Iterator[None]:
    """Add the file's name to errors of reading that do not have one."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or not error.errno:
            raise
        raise OSError(error.errno, f"cannot read it ({error.strerror})", path) from None


def _binary(source: Any) -> Any:
    """The binary file behind a file object."""
    if isinstance(source, io.TextIOBase):
        buffer = getattr(source, "buffer", None)
        return io.BytesIO(source.read().encode("utf-8")) if buffer is None else buffer
    if not hasattr(source, "read"):
        raise TypeError(
            f"cannot read from {kind_of(source)}: give a path, or a file open for reading"
        )
    if isinstance(source.read(0), str):
        return io.BytesIO(source.read().encode("utf-8"))
    return source


def is_file_object(source: Any) -> bool:
    """Whether something is an open file rather than a path or data."""
    return hasattr(source, "read") and not isinstance(source, (str, bytes, os.PathLike))


def is_one_shot(source: Any) -> bool:
    """Whether the source can be read only once: a pipe, an open descriptor, a file object."""
    if isinstance(source, (str, bytes, os.PathLike)):
        return _streams.is_stream(path_of(source))
    return is_file_object(source)


@contextlib.contextmanager
def as_path(source: Any) -> Iterator[Any]:
    """A path that can be opened several times: the source's own, or that of a copy.

    A stream is copied to a temporary file, which is removed when the block ends.

    Yields
    ------
    path-like
        ``str()`` of it is the name for messages.
    """
    if not is_one_shot(source) and isinstance(source, (str, bytes, os.PathLike)):
        yield source if isinstance(source, Spooled) else path_of(source)
        return
    with private_folder() as folder:
        path = os.path.join(folder, "stream")
        with Reader(source) as reader:
            name = reader.name
            with spooling(), open(path, "wb") as copy:
                shutil.copyfileobj(reader, copy, 1 << 20)
        yield Spooled(path, name)


@contextlib.contextmanager
def private_folder() -> Iterator[str]:
    """A new folder for temporary files, after removing those of processes that were killed."""
    parent = tempfile.gettempdir()
    for path in _temporary.leftovers(parent):
        _temporary.remove(path)
    with spooling():
        folder, handle = _temporary.new_folder(parent, 0o700)
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):  # Windows does not remove a mapped file
            _temporary.remove_flat(folder)
        if handle >= 0:
            os.close(handle)


@contextlib.contextmanager
def spooling() -> Iterator[None]:
    """Make errors of temporary files say where they are and how to move them."""
    where = tempfile.gettempdir()
    try:
        yield
    except OSError as error:
        if not error.errno or not str(error.filename or where).startswith(where):
            raise
        raise OSError(
            error.errno,
            f"cannot write a temporary file in {where} ({error.strerror}); set the environment "
            "variable TMPDIR to a folder with more space",
        ) from None
