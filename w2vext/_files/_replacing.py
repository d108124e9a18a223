"""Replaces a file by a new one that is renamed over it, or writes it in place."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from typing import TYPE_CHECKING

from w2vext._arguments.messages import warn
from w2vext._files import _sets, _streams, _temporary
from w2vext._files._reading import spooling
from w2vext._files._streams import path_of
from w2vext._files._temporary import JOURNAL, Temporary, leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO, Any

    from w2vext._arguments.types import FilePath

# Errors if a folder does not accept a new file, and if a file cannot be replaced by renaming.
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_FIXED = (errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM)


def clean(folder: FilePath) -> tuple[list[tuple[str, int]], list[OSError]]:
    """Finish or remove what crashed writers left in a folder.

    Files of a writer that is still running are not changed.

    Returns
    -------
    removed : list of (path, bytes)
    failures : list of OSError
        Changes of several files that cannot be finished. Nothing is removed then.
    """
    found = leftovers(path_of(folder) or os.curdir)
    waiting, failures = _sets.recover_all([p for p in found if p.endswith(JOURNAL)])
    if waiting or failures:  # they need the temporary files
        return [], failures
    sizes = [(path, _temporary.remove(path)) for path in found]
    return [(path, size) for path, size in sizes if size is not None], []


@contextlib.contextmanager
def named(path: str) -> Iterator[None]:
    """Add the file's name to errors without a name, or with that of its temporary file."""
    try:
        yield
    except BrokenPipeError:  # the reader of a pipe has left, which is how `| head` works
        raise
    except OSError as error:
        name = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else None
        if name is not None and os.sep + _temporary.PREFIX not in name:
            raise
        why = error.strerror or str(error)
        raise OSError(error.errno or 0, f"cannot write the file ({why})", path) from None


def check(path: str, real: str) -> os.stat_result | None:
    """The status of the file to replace, or None; raises if the file cannot be written."""
    with named(path):
        old = _streams.stat_of(real)
    if old is not None and stat.S_ISDIR(old.st_mode):
        raise IsADirectoryError(
            errno.EISDIR, "cannot write the file: a folder has this name; name a file in it", path
        )
    # The superuser may write any file, but the permissions still express what its owner wants.
    if old is not None and not (old.st_mode & 0o222 and os.access(real, os.W_OK)):
        raise PermissionError(
            errno.EACCES,
            "cannot write the file: it is write-protected; change its permissions or name "
            "another file",
            path,
        )
    folder = os.path.dirname(real)
    if old is None and not os.path.isdir(folder):
        raise FileNotFoundError(
            errno.ENOENT, f"cannot write the file: there is no folder {folder}; make it first", path
        )
    return old


@contextlib.contextmanager
def replacing(path: str) -> Iterator[Any]:
    """Open a new file that replaces the one at `path`; `writing` documents errors and warnings."""
    real = os.path.realpath(path)
    old = check(path, real)
    folder = os.path.dirname(real)
    clean(folder)
    try:
        with named(path):
            temporary = Temporary(folder, old)
    except OSError as error:
        if old is None or error.errno not in CLOSED:
            raise
        with _in_place(path, real, "its folder does not accept new files") as file:
            yield file
        return
    try:
        with named(path):
            with open(temporary.handle, "wb", closefd=False) as file:
                yield file
            os.fsync(temporary.handle)
            try:
                temporary.rename(real)
            except OSError as error:
                if old is None or error.errno not in _FIXED:
                    raise
                _copy_in_place(path, real, temporary.path, error)
    finally:
        temporary.discard()
    _temporary.sync_folder(folder)


def _warn_in_place(path: str, why: str) -> None:
    warn(
        f"{path} cannot be replaced, {why}: it is written in place, and its old content is lost "
        "even if that fails"
    )


@contextlib.contextmanager
def _in_place(path: str, real: str, why: str) -> Iterator[Any]:
    """Open a temporary file, which is copied over the file at `real` when the block ends."""
    with named(path), _opened_in_place(real) as target, contextlib.ExitStack() as stack:
        with spooling():
            spool = tempfile.TemporaryFile()
            stack.callback(_close_quietly, spool)
            yield spool
            spool.flush()
        _warn_in_place(path, why)
        spool.seek(0)
        _copy_over(spool, target)


def _close_quietly(file: IO[bytes]) -> None:
    """Close a temporary file; what it could not write has been reported."""
    with contextlib.suppress(OSError):
        file.close()


def _copy_in_place(path: str, real: str, source: str, why: OSError) -> None:
    """Copy a temporary file over a file that cannot be replaced; on failure raise `why`."""
    try:
        target = _opened_in_place(real)
    except OSError:
        raise why from None
    with target, open(source, "rb") as content:
        _warn_in_place(path, str(why.strerror))
        _copy_over(content, target)


def _opened_in_place(real: str) -> IO[bytes]:
    return open(os.open(real, os.O_WRONLY | getattr(os, "O_BINARY", 0)), "wb")


def _copy_over(source: IO[bytes], target: IO[bytes]) -> None:
    shutil.copyfileobj(source, target, 1 << 20)
    target.truncate()
    target.flush()
    os.fsync(target.fileno())
