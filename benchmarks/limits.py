"""Measure the machine without w2vext: arithmetic, memory and the distance between two cores.

A large sgemm; random rows of 400 and 1,200 bytes read, changed and written back, with and without
prefetch; memory read in order; a cache line passed from core to core. The C part is limits.c.
"""

import ctypes
import mmap
import os
import subprocess
import tempfile
from pathlib import Path

os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS")})

import numpy as np
import tables
from results import Results, clocked, parser
from scipy.linalg.blas import sgemm


def seconds(work, repeats):
    """Seconds of each call, after one call that is not counted."""
    work()
    return [clocked(work)[0] for _ in range(repeats)]


def sgemm_gflops(n=2048, repeats=5):
    """GFLOP/s of one (n, n) by (n, n) product of float32, of each run."""
    rng = np.random.default_rng(1)
    a, b, c = (np.asfortranarray(rng.random((n, n), np.float32)) for _ in range(3))
    taken = seconds(lambda: sgemm(1, a, b, 0, c, overwrite_c=1), repeats)
    return [2 * n**3 / each / 1e9 for each in taken]


def compiled(folder):
    library = Path(folder, "limits.so")
    source = Path(__file__).with_name("limits.c")
    flags = ["-O3", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC", "-pthread"]
    subprocess.run([os.environ.get("CC", "cc"), *flags, "-o", library, source], check=True)
    loaded = ctypes.CDLL(str(library))
    size, pointer = ctypes.c_size_t, ctypes.c_void_p
    loaded.update_rows.argtypes = [pointer, size, size, size, size, size]
    loaded.update_rows.restype = None
    loaded.read_in_order.argtypes = [pointer, size]
    loaded.read_in_order.restype = ctypes.c_float
    loaded.line_ns.argtypes = [ctypes.c_int] * 3
    loaded.line_ns.restype = ctypes.c_double
    return loaded


def aligned(rows, stride):
    """float32 (rows, stride) that starts at a huge page, backed by huge pages where possible."""
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS  # shared mappings do not get huge pages
    held = mmap.mmap(-1, rows * stride * 4 + (2 << 20), flags=private)
    held.madvise(mmap.MADV_HUGEPAGE)
    whole = np.frombuffer(held, np.float32)
    skip = -whole.ctypes.data % (2 << 20) // 4
    table = whole[skip : skip + rows * stride].reshape(rows, stride)
    table[:] = 0
    return table


def rows_per_second(library, rows, size, ahead, count=2_000_000, repeats=5):
    stride = -(-size // 16) * 16
    table = aligned(rows, stride)
    at = table.ctypes.data
    taken = seconds(lambda: library.update_rows(at, rows, stride, size, count, ahead), repeats)
    return [count / each for each in taken]


def read_gb_per_second(library, n=1 << 28, repeats=5):
    array = aligned(1 << 8, n >> 8)
    taken = seconds(lambda: library.read_in_order(array.ctypes.data, n), repeats)
    return [4 * n / each / 1e9 for each in taken]


def line_ns(library, times=20_000):
    """Nanoseconds to pass a cache line between the first two cores; None on a single core."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    return library.line_ns(*cores, times) if len(cores) == 2 else None


def measure(rows, repeats):
    """(limit, unit, values of all runs) for this machine, one thread."""
    yield "sgemm, 2048 × 2048", "GFLOP/s", sgemm_gflops(repeats=repeats)
    with tempfile.TemporaryDirectory() as folder:
        library = compiled(folder)
        for n_rows in rows:
            for size in (100, 300):
                for ahead, how in ((0, "without prefetch"), (8, "with prefetch")):
                    rates = rows_per_second(library, n_rows, size, ahead, repeats=repeats)
                    name = f"random rows of {4 * size:,} bytes updated, of {n_rows:,}, {how}"
                    yield name, "M rows/s", [rate / 1e6 for rate in rates]
        yield "memory read in order", "GB/s", read_gb_per_second(library, repeats=repeats)
        handed = [line_ns(library) for _ in range(repeats)]
        if None not in handed:
            yield "a cache line from core to core", "ns", handed


def main():
    made = parser(__doc__)
    made.add_argument("--rows", type=int, nargs="+", default=[68_000, 1_000_000])
    made.add_argument("--repeats", type=int, default=5)
    options = made.parse_args()
    results = Results(options)
    for limit, unit, values in measure(options.rows, options.repeats):
        for value in values:
            results.add(limit=limit, unit=unit, value=value)
    tables.show(results.content)


if __name__ == "__main__":
    main()
