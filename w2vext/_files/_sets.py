"""Files and folders that change together: journals of renames, and exchanged folders.

A journal is the commit point of a set of files: once the journal has its name, the set counts as
changed, and the next process that reads or writes the set finishes the renames that the journal
lists. The name of the journal is derived from that of the first file.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import stat
import sys
import time
from typing import TYPE_CHECKING

from w2vext._files import _temporary
from w2vext._files._temporary import JOURNAL, PREFIX, RETIRED, Temporary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

_PATIENCE = 10.0  # seconds to wait for another writer of the same set
_LARGEST = 1 << 16  # bytes of a journal


def _journal_of(real: str) -> str:
    """The path of the journal of a set whose first file is at `real`."""
    folder, name = os.path.split(real)
    stem = 0xCBF29CE484222325  # FNV-1a; hashlib would load OpenSSL
    for byte in os.fsencode(name):
        stem = (stem ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return os.path.join(folder, f"{PREFIX}{stem:016x}{JOURNAL}")


def commit(temporaries: Sequence[Temporary], targets: Sequence[str]) -> None:
    """Rename each temporary file to its target; with `recover`, all are renamed or none."""
    journal = _journal_of(targets[0])
    folder = os.path.dirname(journal)
    names = [
        [os.path.relpath(made.path, folder), os.path.relpath(target, folder)]
        for made, target in zip(temporaries, targets, strict=True)
    ]
    with _journal(journal, names):
        renamed = 0
        try:
            for made, target in zip(temporaries, targets, strict=True):
                made.rename(target)
                renamed += 1
        except BaseException:
            if renamed:
                for made in temporaries:
                    made.keep()  # `recover` finishes the change
            else:
                os.unlink(journal)  # the old set is still whole
            raise
        for each in sorted({os.path.dirname(target) for target in targets}):
            _temporary.sync_folder(each)


@contextlib.contextmanager
def _journal(path: str, renames: list[list[str]]) -> Iterator[None]:
    """Write a journal, and remove it when the block has finished the renames."""
    folder = os.path.dirname(path)
    made = Temporary(folder)
    try:
        os.write(made.handle, json.dumps(renames).encode())
        os.fsync(made.handle)
        _place(made.path, path)
        with contextlib.suppress(OSError):
            os.unlink(made.path)
        _temporary.sync_folder(folder)
        yield  # after an error the journal stays, and `recover` decides
        os.unlink(path)
    finally:
        made.discard()


def _place(source: str, journal: str) -> None:
    """Give a journal its name when no other process is writing the set."""
    end = time.monotonic() + _PATIENCE
    while True:
        _recover(journal)
        try:
            os.link(source, journal)  # unlike a rename, fails if the name exists
            return
        except FileExistsError:
            if time.monotonic() > end:
                raise OSError(
                    errno.EBUSY,
                    "another process is writing the same files: try again when it has finished",
                    journal,
                ) from None
            time.sleep(0.01)
        except OSError:  # the file system does not have hard links
            os.replace(source, journal)
            return


def recover(path: str) -> None:
    """Finish an interrupted change of the set whose first file or folder is at `path`.

    Waits for a writer that is about to finish.

    Raises
    ------
    OSError
        The change cannot be finished.
    """
    journal = _journal_of(os.path.realpath(path))
    end = time.monotonic() + _PATIENCE
    while os.path.lexists(journal):
        if _recover(journal):
            return
        if time.monotonic() > end:
            raise OSError(
                errno.EBUSY,
                "another process is writing the file: try again when it has finished",
                path,
            )
        time.sleep(0.01)


def recover_all(journals: list[str]) -> tuple[list[str], list[OSError]]:
    """Finish the changes whose writers have ended; returns the other journals, and the errors."""
    waiting, failures = [], []
    for journal in journals:
        try:
            if not _recover(journal):
                waiting.append(journal)
        except OSError as error:
            failures.append(error)
    return waiting, failures


def _recover(journal: str) -> bool:
    """Finish the renames of a journal; returns False if its writer is still running."""
    with _temporary.abandoned(journal, _PATIENCE) as handle:
        if handle is None:
            return not os.path.lexists(journal)
        found = os.fstat(handle)
        try:
            same = os.path.samestat(found, os.lstat(journal))
        except FileNotFoundError:
            return True
        if not same:  # its writer has finished, and another one has started
            return False
        folder = os.path.dirname(journal)
        if not stat.S_ISREG(found.st_mode) or not _trusted(found, folder):
            raise PermissionError(
                errno.EACCES, "a change of these files was interrupted; its owner has to repeat it",
                journal,
            )  # fmt: skip
        for source, target in _read(handle):
            _finish(os.path.join(folder, source), os.path.join(folder, target))
        _temporary.sync_folder(folder)
        os.unlink(journal)
    return True


def _trusted(found: os.stat_result, folder: str) -> bool:
    """Whether to follow a journal: in a shared folder, any user may create one."""
    if not hasattr(os, "geteuid"):
        return True
    return found.st_uid in (os.geteuid(), os.stat(folder).st_uid, 0)


def _read(handle: int) -> list[tuple[str, str]]:
    """The renames that a journal lists; none if this package did not write it."""
    try:
        renames = json.loads(os.read(handle, _LARGEST))
        return [
            (source, target)
            for source, target in renames
            if os.path.basename(source).startswith(PREFIX) and isinstance(target, str)
        ]
    except (ValueError, TypeError):
        return []


def _finish(source: str, target: str) -> None:
    """Rename a file or folder to its target, unless this was done before the crash."""
    if not os.path.lexists(source):
        return
    if os.path.isdir(source) and os.path.isdir(target):
        os.rename(target, _temporary.new_name(os.path.dirname(target), RETIRED))
    os.replace(source, target)


# ---- folders


class NewFolder:
    """A folder that is being written; `open` creates a file in it."""

    def __init__(self, path: str, old: str | None) -> None:
        self.path, self._old = path, old

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Create a file with the permissions of the old folder's file; it is synced to the disk.

        The name may be in a folder of the new folder, "folder/file".
        """
        mode = 0o666
        inner = os.path.dirname(name)
        if inner:
            os.makedirs(os.path.join(self.path, inner), exist_ok=True)
        if self._old is not None:
            with contextlib.suppress(OSError):
                mode = stat.S_IMODE(os.stat(os.path.join(self._old, name)).st_mode) & 0o777
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        handle = os.open(os.path.join(self.path, name), flags, mode)
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(handle)


@contextlib.contextmanager
def folder_in_place(real: str) -> Iterator[NewFolder]:
    """A new folder that replaces the one at `real` when the block ends without an error.

    The old folder must not contain folders. The two are exchanged in one step if the system can do
    this; otherwise `recover` finishes the change after a crash.
    """
    parent = os.path.dirname(real)
    old = os.stat(real) if os.path.lexists(real) else None
    mode = 0o777 if old is None else stat.S_IMODE(old.st_mode) & 0o700
    new, handle = _temporary.new_folder(parent, mode)
    try:
        if old is not None and hasattr(os, "fchmod") and handle >= 0:
            with contextlib.suppress(OSError):
                made = os.fstat(handle)
                if (made.st_uid, made.st_gid) != (old.st_uid, old.st_gid):
                    os.fchown(handle, old.st_uid, old.st_gid)
            os.fchmod(handle, stat.S_IMODE(old.st_mode))
        yield NewFolder(new, None if old is None else real)
        if handle >= 0:
            os.fsync(handle)
        if old is None:
            os.rename(new, real)
        elif not _exchange(new, real):
            _replace_by_renames(new, real)
    finally:
        if os.path.lexists(new):  # the unfinished folder, or the old one after the exchange
            _remove(new)
        if handle >= 0:
            os.close(handle)
    _temporary.sync_folder(parent)


def _open_folder(path: str) -> int:
    """A locked descriptor of a folder, or -1 if the system cannot open folders."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return -1
    _temporary.lock(handle)
    return handle


def _remove(folder: str) -> None:
    with contextlib.suppress(OSError):
        _temporary.remove_flat(folder)


def _replace_by_renames(new: str, real: str) -> None:
    """Replace a folder by two renames under a journal."""
    folder = os.path.dirname(real)
    retired = _temporary.new_name(folder, RETIRED)
    handle = _open_folder(real)
    try:
        with _journal(_journal_of(real), [[os.path.basename(new), os.path.basename(real)]]):
            os.rename(real, retired)
            try:
                os.rename(new, real)
            except BaseException:
                os.rename(retired, real)
                raise
    finally:
        if handle >= 0:
            os.close(handle)
    _remove(retired)


def _exchange(a: str, b: str) -> bool:
    """Exchange the names of two folders in one step; returns False if the system cannot."""
    names = os.fsencode(a), os.fsencode(b)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = libc.renamex_np(*names, ctypes.c_uint(2))
        else:
            here = ctypes.c_int(-100)
            failed = libc.renameat2(here, names[0], here, names[1], ctypes.c_uint(2))
    except (AttributeError, OSError, TypeError):  # a C library without this function, or Windows
        return False
    if not failed:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), b)
