"""Files at URLs, such as s3://bucket/corpus.txt, which fsspec lists and reads."""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING

from w2vext._arguments.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# One letter and a colon begin a path of Windows.
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+._-]*::)*[A-Za-z][A-Za-z0-9+._-]+://")
_MAGIC = re.compile(r"[*?[]")


def is_url(name: Any) -> bool:
    """Whether a str is a URL rather than a path."""
    return isinstance(name, str) and _URL.match(name) is not None


class Remote:
    """A file of one of fsspec's file systems. Nothing is kept open, and it can be pickled.

    Attributes
    ----------
    name : str
        Its URL.
    path : str
        Its path in the file system.
    size : int or None
        In bytes; None if the file system does not know it.
    ranges : bool
        Whether a part of the file can be read without the bytes before it.
    """

    def __init__(self, system: Any, path: str, info: dict[str, Any]) -> None:
        self._system, self.path = system, path
        self.name: str = system.unstrip_protocol(path)
        self.size: int | None = info.get("size")
        # Servers of HTTP may ignore the range of a request; fsspec says which do not.
        self.ranges = self.size is not None and (not _is_http(system) or bool(info.get("partial")))

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Remote) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def part(self, start: int, stop: int) -> bytes:
        """The bytes [start, stop), fewer at the end of the file."""
        if self.size is not None:
            stop = min(stop, self.size)
        if start >= stop:
            return b""
        with named_url(self.name):
            data: bytes = self._system.cat_file(self.path, start=start, end=stop)
        if len(data) > stop - start:
            raise OSError(
                f"{self.name}: the server sends the whole file in place of a range of bytes: "
                "download the file first"
            )
        return data

    def stream(self) -> Any:
        """The file, open for reading from its first to its last byte."""
        with named_url(self.name):
            return _Named(self._system.open(self.path, "rb"), self.name)

    def random(self) -> Any:
        """The file, open for reading at any position, with a cache of fsspec."""
        if not self.ranges:
            raise OSError(
                f"{self.name}: the server does not send parts of files, as a Parquet file needs: "
                "download the file first"
            )
        with named_url(self.name):
            return self._system.open(self.path, "rb")

    def seekable(self) -> RemoteBytes:
        """A file of which any part can be read; each call of `readinto` is one request."""
        return RemoteBytes(self)


class RemoteBytes(io.RawIOBase):
    """Reads a `Remote` at any position; see `Remote.seekable`."""

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        self._remote, self._at = remote, 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._remote.size or 0)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer).cast("B") as view:
            data = self._remote.part(self._at, self._at + len(view))
            view[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Named:
    """An open file of fsspec whose errors name the URL."""

    def __init__(self, file: Any, name: str) -> None:
        self._file, self.name = file, name

    def read(self, size: int = -1) -> bytes:
        with named_url(self.name):
            data: bytes = self._file.read(size)
        return data

    def close(self) -> None:
        self._file.close()


def listed(url: str) -> list[Any]:
    """The files of a URL: itself, those of a folder and its subfolders, or those of a pattern.

    Parameters
    ----------
    url : str
        ``*``, ``?``, ``[...]`` and ``**`` are wildcards, as fsspec expands them.

    Returns
    -------
    list of Remote, or of str for files of this machine
        In sorted order, without hidden files.

    Raises
    ------
    ImportError
        fsspec, or the package that it needs for this kind of URL, is not installed.
    FileNotFoundError
        The file does not exist, or the folder or the pattern contains no file.
    OSError
        The server cannot be reached, or does not allow it.
    """
    with named_url(url):
        system, path = system_of(url)
        if _MAGIC.search(path):
            found = system.glob(path, detail=True)
            files = {name: info for name, info in found.items() if info.get("type") == "file"}
            if not files:
                raise FileNotFoundError(f"no file has a name like {url}")
        else:
            try:
                info = system.info(path)
            except FileNotFoundError:
                raise FileNotFoundError(f"no file or folder {url}") from None
            if info.get("type") != "directory":
                files = {path: info}
            else:
                found = system.find(path, detail=True)
                start = len(path.rstrip("/")) + 1
                files = {
                    name: info
                    for name, info in found.items()
                    if "/." not in f"/{name[start:]}" and info.get("type") == "file"
                }
                if not files:
                    raise FileNotFoundError(
                        f"the folder {url} contains no files (hidden files are ignored)"
                    )
        if is_local(system):
            return sorted(files)
        return [Remote(system, name, files[name]) for name in sorted(files)]


def remote_file(url: str) -> Any:
    """The file at a URL: a `Remote`, a str for a file of this machine, None for a folder.

    Raises
    ------
    ImportError, OSError, ValueError
        As for `listed`.
    """
    with named_url(url):
        system, path = system_of(url)
        if is_local(system):
            return path
        try:
            info = system.info(path)
        except FileNotFoundError:
            raise FileNotFoundError(f"no file or folder {url}") from None
        return None if info.get("type") == "directory" else Remote(system, path, info)


def heads(files: list[Remote], size: int) -> list[bytes]:
    """The first bytes of files that can be read in parts, by as few round trips as possible."""
    out: dict[int, bytes] = {}
    systems: dict[int, list[int]] = {}
    for i, file in enumerate(files):
        if file.size == 0:  # a range of no bytes is not valid everywhere
            out[i] = b""
        else:
            systems.setdefault(id(file._system), []).append(i)
    for members in systems.values():
        chosen = [files[i] for i in members]
        with named_url(chosen[0].name):
            found = chosen[0]._system.cat_ranges(
                [file.path for file in chosen],
                [0] * len(chosen),
                [min(size, file.size or 0) for file in chosen],
                on_error="return",
            )
        for i, file, data in zip(members, chosen, found, strict=True):
            with named_url(file.name):
                if isinstance(data, BaseException):
                    raise data
            out[i] = bytes(data)
    return [out[i] for i in range(len(files))]


def system_of(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ImportError(f"{url}: URLs need fsspec: pip install 'w2vext[remote]'") from error
    try:
        system, path = url_to_fs(url)
    except ImportError as error:
        raise ImportError(f"{url}: this kind of URL needs another package: {error}") from error
    except ValueError as error:
        raise ValueError(f"{url}: fsspec cannot open this kind of URL: {error}") from error
    return system, path


def is_local(system: Any) -> bool:
    """Whether a file system is that of this machine."""
    return "file" in _protocols(system)


def _protocols(system: Any) -> tuple[str, ...]:
    protocol = system.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def _is_http(system: Any) -> bool:
    return not {"http", "https"}.isdisjoint(_protocols(system))


@contextlib.contextmanager
def named_url(url: str, verb: str = "read") -> Iterator[None]:
    """Make errors of a file system name the URL, which it was to read or to write.

    The clients of object stores raise exceptions of their own, which become OSError.
    """
    try:
        yield
    except (ImportError, MemoryError, KeyboardInterrupt):
        raise
    except (OSError, ValueError) as error:
        if url in str(error):
            raise
        kind = type(error) if isinstance(error, (FileNotFoundError, PermissionError)) else OSError
        raise kind(f"{url}: cannot {verb} it ({text_of(error)})") from error
    except Exception as error:
        raise OSError(f"{url}: cannot {verb} it ({text_of(error)})") from error
