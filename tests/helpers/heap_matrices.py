"""A pytest plugin of the debug tier: allocates weight matrices and tables on the heap.

The address sanitizer cannot check the bounds of the memory mappings that are used normally.
"""

import ctypes
import weakref

from w2vext.training import memory

ALIGNMENT = 64


def pages(size):
    """A replacement of `memory.pages`: aligned zeros."""
    libc = ctypes.CDLL(None)
    address = ctypes.c_void_p()
    wanted = ctypes.c_size_t(ALIGNMENT), ctypes.c_size_t(size)
    if libc.posix_memalign(ctypes.byref(address), *wanted):
        raise MemoryError(f"no memory for {size:,} bytes")
    ctypes.memset(address, 0, size)
    buffer = (ctypes.c_ubyte * size).from_address(address.value)
    weakref.finalize(buffer, libc.free, address)
    return buffer


def pytest_configure():
    memory.pages = pages
