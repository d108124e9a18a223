"""What the machine itself can do on one thread, so that a loop's distance from the wall is seen.

Large sgemm; random rows of 400 and 1,200 bytes gathered, changed and written back, plain and with
prefetch; memory read in order; a cache line handed from core to core. The compiled half is
limits.c. It measures nothing of w2vext.
"""

import argparse
import ctypes
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS")})

import numpy as np
from scipy.linalg.blas import sgemm


def median_seconds(work, repeats):
    work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def sgemm_gflops(n=2048, repeats=5):
    """GFLOP/s of one (n, n) by (n, n) product of float32."""
    rng = np.random.default_rng(1)
    a, b, c = (np.asfortranarray(rng.random((n, n), np.float32)) for _ in range(3))
    return 2 * n**3 / median_seconds(lambda: sgemm(1, a, b, 0, c, overwrite_c=1), repeats) / 1e9


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
    """float32 (rows, stride) that starts on a huge page, asked for as huge pages."""
    import mmap

    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS  # shared mappings get no huge pages
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
    work = lambda: library.update_rows(at, rows, stride, size, count, ahead)  # noqa: E731
    return count / median_seconds(work, repeats)


def read_gb_per_second(library, n=1 << 28, repeats=5):
    array = aligned(1 << 8, n >> 8)
    work = lambda: library.read_in_order(array.ctypes.data, n)  # noqa: E731
    return 4 * n / median_seconds(work, repeats) / 1e9


def line_ns(library, times=20_000):
    """How long a cache line takes between the first two cores, in ns; None on a single core."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    return library.line_ns(*cores, times) if len(cores) == 2 else None


def measure(rows, repeats):
    """{what: number and unit} for this machine, one thread."""
    found = {"sgemm 2048": f"{sgemm_gflops(repeats=repeats):.0f} GFLOP/s"}
    with tempfile.TemporaryDirectory() as folder:
        library = compiled(folder)
        for n_rows in rows:
            for size in (100, 300):
                for ahead in (0, 8):
                    rate = rows_per_second(library, n_rows, size, ahead, repeats=repeats)
                    how = "with prefetch" if ahead else "plain"
                    name = f"{4 * size:,}-byte rows of {n_rows:,}, {how}"
                    found[name] = f"{rate / 1e6:.1f} M rows/s"
        found["memory read in order"] = f"{read_gb_per_second(library, repeats=repeats):.1f} GB/s"
        handed = [line_ns(library) for _ in range(repeats)]
        if None not in handed:
            name = "a cache line from core to core"
            found[name] = f"{min(handed):.0f} to {max(handed):.0f} ns"
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[68_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print("| limit | measured |\n|---|---|")
    for name, figure in measure(options.rows, options.repeats).items():
        print(f"| {name} | {figure} |")


if __name__ == "__main__":
    main()
