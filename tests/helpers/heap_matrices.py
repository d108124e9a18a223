"""A pytest plugin of the debug tier: allocates weight matrices on the heap.

The address sanitizer cannot check the bounds of the memory mappings that are used normally.
"""

import ctypes
import weakref

import numpy as np

from w2vext.training import memory, run

ALIGNMENT = 64


def matrix(rows, columns):
    """A replacement of `memory.matrix`: aligned zeros, rows padded to cache lines."""
    libc = ctypes.CDLL(None)
    stride = -(-columns // memory.PAD) * memory.PAD
    address = ctypes.c_void_p()
    size = ctypes.c_size_t(rows * stride * 4)
    if libc.posix_memalign(ctypes.byref(address), ctypes.c_size_t(ALIGNMENT), size):
        raise MemoryError(f"no memory for {size.value:,} bytes")
    ctypes.memset(address, 0, size.value)
    buffer = (ctypes.c_float * (rows * stride)).from_address(address.value)
    weakref.finalize(buffer, libc.free, address)
    return np.frombuffer(buffer, dtype=np.float32).reshape(rows, stride)


def pytest_configure():
    assert run.matrix is memory.matrix
    run.matrix = memory.matrix = matrix
