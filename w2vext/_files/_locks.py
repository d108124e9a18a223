"""A lock on a folder that several processes may use, but only one at a time."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from w2vext._files import _temporary

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "lock"


@contextlib.contextmanager
def holding(folder: str, what: str) -> Iterator[None]:
    """Hold the lock of a folder until the block ends.

    The system releases the lock when the process ends for any reason. The lock's file is not
    removed, because a process that has it open could then lock a file that others cannot see.

    Parameters
    ----------
    folder : str
    what : str
        Who holds the lock, for messages: "another training run".

    Raises
    ------
    BlockingIOError
        Another process, or another thread of this one, holds the lock.
    OSError
        The lock's file cannot be created.
    """
    path = os.path.join(folder, NAME)
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, 0o666)
    try:
        if _temporary.lock(handle) is False:
            holder = os.read(handle, 20).decode("ascii", "replace").strip()
            raise BlockingIOError(
                errno.EAGAIN,
                f"{what} (process {holder or 'unknown'}) uses this folder: wait until it has "
                "ended, or give another folder",
                folder,
            )
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)
