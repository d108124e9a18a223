"""Memory in whole pages, straight from the system."""

from __future__ import annotations

import contextlib
import mmap

# A mapping is shared by default, and Linux seldom uses huge pages for shared memory.
_PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}


def mapped(size: int) -> mmap.mmap:
    """`size` bytes of zeros, aligned to pages, which are huge where the system has them.

    They are allocated lazily, and return to the system as soon as they are released. A processor
    holds the addresses of few pages, so random access is faster in huge ones, and there are fewer
    page faults.
    """
    memory = mmap.mmap(-1, size, **_PRIVATE)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # the system has no huge pages
            memory.madvise(mmap.MADV_HUGEPAGE)
    return memory
