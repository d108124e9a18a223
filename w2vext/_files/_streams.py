"""Paths of streams: pipes, devices, and open descriptors such as /dev/stdout."""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import FilePath

_DESCRIPTOR = re.compile(r"/(?:dev|proc/(self|thread-self|\d+)(?:/task/\d+)?)/fd/(\d+)")

# These names work on systems without such files, too.
_NAMED = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


def path_of(path: FilePath | bytes | os.PathLike[Any]) -> str:
    """The path as a str, with `~` expanded."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(f"{type(path).__name__} is not a path: give a str, a Path or an open file")
    return os.path.expanduser(os.fsdecode(path))


class Spooled:
    """A temporary copy of a stream: the path of the copy, and the stream's name for messages."""

    def __init__(self, path: str, name: str) -> None:
        self._path, self._name = path, name

    def __fspath__(self) -> str:
        return self._path

    def __str__(self) -> str:
        return self._name


def shown(target: Any) -> str:
    """The name of a file in messages: its path, or the name of an open file object."""
    if isinstance(target, Spooled):
        return str(target)
    if isinstance(target, (str, bytes, os.PathLike)):
        return path_of(target)
    name = getattr(target, "name", None)
    return name if isinstance(name, str) else f"<{type(target).__name__}>"


def descriptor_of(path: str) -> int | None:
    """The open descriptor of this process that a path such as /dev/stdout or /dev/fd/3 names."""
    if path in _NAMED:
        return _NAMED[path]
    for _ in range(40):
        folder, name = os.path.split(path)
        link = _link_of(path)
        if link is None and not name.isdecimal():  # of most files; realpath takes longer
            return None
        path = os.path.join(os.path.realpath(folder), name)
        match = _DESCRIPTOR.fullmatch(path)
        if match:
            own = match[1] in (None, "self", "thread-self", str(os.getpid()))
            return int(match[2]) if own else None
        if link is None:
            return None
        path = os.path.join(os.path.dirname(path), link)
    return None


def _link_of(path: str) -> str | None:
    """What a symbolic link contains; None if the path is none."""
    try:
        return os.readlink(path)
    except OSError:
        return None


def stat_of(path: str) -> os.stat_result | None:
    """The status of a path, with links followed; None if it does not exist.

    Raises
    ------
    OSError
        The status cannot be read.
    """
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, str(error), path) from None


def open_to_write(path: str) -> int:
    """A descriptor for writing to a stream: a copy of our own descriptor, or the opened pipe."""
    descriptor = descriptor_of(path)
    for stream in (sys.stdout, sys.stderr):  # so that earlier output comes first
        if stream is not None:
            stream.flush()
    if descriptor is not None:
        return os.dup(descriptor)
    return os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0))


def is_stream(path: str) -> bool:
    """Whether writing to the path must not replace it: a pipe, a device, an open descriptor."""
    if descriptor_of(path) is not None:
        return True
    found = stat_of(path)
    return found is not None and not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode)


class Counted:
    """A binary stream for writing with `tell`, which some writers call."""

    def __init__(self, file: Any) -> None:
        self._file, self._at = file, 0
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """Not supported; numpy recognizes a file by this method."""
        raise io.UnsupportedOperation("read")

    def write(self, data: Any) -> int:
        rest = memoryview(data).cast("B")
        size = len(rest)
        while len(rest):  # an unbuffered file may write only a part
            taken = self._file.write(rest)
            rest = rest[size if taken is None else taken :]
        self._at += size
        return size

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        if hasattr(self._file, "flush"):
            self._file.flush()

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        """Flush; the stream belongs to the caller and stays open."""
        self.flush()
        self.closed = True
