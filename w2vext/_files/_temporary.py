"""Temporary files and folders next to their targets, and the removal of those left by a crash.

Every name starts with `PREFIX`. A temporary file is locked while it is being written, so that
another process can tell it from a leftover.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows does not need the lock: an open file cannot be removed
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = ".w2vext-"
FILE, FOLDER, RETIRED, JOURNAL = ".tmp", ".new", ".old", ".set"
# Without locks, a file counts as abandoned this many seconds after its last change.
_ABANDONED = 3600.0
_BINARY = getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)


def new_name(folder: str, kind: str) -> str:
    """An unused, unpredictable path in the folder; the name has 28 bytes."""
    return os.path.join(folder, f"{PREFIX}{os.urandom(8).hex()}{kind}")


def lock(handle: int) -> bool | None:
    """Lock an open file or folder until it is closed.

    Returns
    -------
    bool or None
        False if another writer holds the lock, None if the system cannot lock it.
    """
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EWOULDBLOCK, errno.EACCES) else None
    return True


def new_folder(parent: str, mode: int) -> tuple[str, int]:
    """Make a folder that is locked while it is filled.

    Returns
    -------
    path : str
    handle : int
        Its descriptor, to be closed at the end; -1 if the system cannot open folders.
    """
    while True:
        path = new_name(parent, FOLDER)
        os.mkdir(path, mode)
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:  # removed by a cleaner that saw it before it was locked
            continue
        except OSError:
            return path, -1
        if lock(handle) is not False and (fcntl is None or os.fstat(handle).st_nlink):
            return path, handle
        os.close(handle)


class Temporary:
    """A new file that is locked, and removed by `discard` unless it was renamed to its target.

    Attributes
    ----------
    path : str
    handle : int
        The open descriptor, -1 after `close`.
    """

    def __init__(self, folder: str, old: os.stat_result | None = None) -> None:
        """Create the file with the permissions (and the owner, where allowed) of `old`."""
        mode = 0o666 if old is None else stat.S_IMODE(old.st_mode) & 0o777
        while True:
            self.path = new_name(folder, FILE)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _BINARY
            try:
                self.handle = os.open(self.path, flags, mode if old is None else mode & 0o700)
            except FileExistsError:
                continue
            try:
                # `clean` in another process may have removed the file before it was locked.
                if lock(self.handle) is not False and (
                    fcntl is None or os.fstat(self.handle).st_nlink
                ):
                    break
            except BaseException:
                self.discard()
                raise
            self.discard()
        try:
            if old is not None and hasattr(os, "fchmod"):
                with contextlib.suppress(OSError):
                    made = os.fstat(self.handle)
                    if (made.st_uid, made.st_gid) != (old.st_uid, old.st_gid):
                        os.fchown(self.handle, old.st_uid, old.st_gid)
                os.fchmod(self.handle, mode)
        except BaseException:
            self.discard()
            raise

    def rename(self, target: str) -> None:
        """Rename the file to its target, which is replaced, and close it."""
        if fcntl is None:
            self.close()  # Windows cannot rename an open file
        os.replace(self.path, target)
        self.keep()

    def keep(self) -> None:
        """Close the file, so that `discard` does not remove it."""
        self.path = ""
        self.close()

    def close(self) -> None:
        if self.handle >= 0:
            handle, self.handle = self.handle, -1
            os.close(handle)

    def discard(self) -> None:
        """Close and remove the file."""
        with contextlib.suppress(OSError):
            self.close()
        if self.path:
            with contextlib.suppress(OSError):
                os.unlink(self.path)


def sync_folder(folder: str) -> None:
    """Sync a rename to the disk. The rename has already succeeded, so failures are ignored."""
    with contextlib.suppress(OSError):  # Windows cannot open folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


# ---- files left by a crash


def leftovers(folder: str) -> list[str]:
    """The paths in a folder that have our prefix; none if the folder cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            return sorted(e.path for e in entries if e.name.startswith(PREFIX))
    except OSError:
        return []


@contextlib.contextmanager
def abandoned(path: str, age: float = _ABANDONED) -> Iterator[int | None]:
    """Lock a leftover; yields its descriptor, or None if it may still be written.

    Parameters
    ----------
    path : str
    age : float
        If files cannot be locked, one counts as abandoned this many seconds after its last change.
    """
    flags = os.O_RDONLY | _NOFOLLOW | _NONBLOCK | _BINARY
    try:
        handle = os.open(path, flags)
    except OSError:
        yield None
        return
    try:
        locked = lock(handle)
        old = time.time() - os.fstat(handle).st_mtime > age
        yield handle if locked or (locked is None and old) else None
    finally:
        os.close(handle)


def remove(path: str) -> int | None:
    """Remove a leftover that is not being written; returns its size in bytes, or None."""
    with abandoned(path) as handle, contextlib.suppress(OSError):
        if handle is None:
            return None
        found = os.fstat(handle)
        if path.endswith(FILE) and stat.S_ISREG(found.st_mode):
            os.unlink(path)
            return found.st_size
        if path.endswith((FOLDER, RETIRED)) and stat.S_ISDIR(found.st_mode):
            return remove_flat(path)
    return None


def remove_flat(folder: str) -> int:
    """Remove a folder of files and of folders of files; returns their total size in bytes.

    Raises
    ------
    OSError
        A folder in it contains a folder. Then nothing is removed.
    """
    files, inner = _entries(folder)
    for path in inner:
        more, deeper = _entries(path)
        if deeper:
            raise OSError(errno.ENOTEMPTY, "holds folders within folders", folder)
        files += more
    for path, _ in files:
        os.unlink(path)
    for path in (*inner, folder):
        os.rmdir(path)
    return sum(size for _, size in files)


def _entries(folder: str) -> tuple[list[tuple[str, int]], list[str]]:
    """(path, bytes) of the files in a folder, and the paths of the folders in it."""
    with os.scandir(folder) as entries:
        found = [(entry.path, entry.stat(follow_symlinks=False)) for entry in entries]
    files = [(path, each.st_size) for path, each in found if not stat.S_ISDIR(each.st_mode)]
    return files, [path for path, each in found if stat.S_ISDIR(each.st_mode)]
