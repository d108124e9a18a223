"""Saves while system calls fail, one after the other, with the library made of failing.c loaded.

tests/faults.py runs this program:

    python tests/helpers/failing.py FOLDER KIND ... [--writer NAME] [--most N]

KIND is a key of `KINDS` or one of `OTHERS`. Each case runs in a forked child: the n-th call of its
kind fails while a writer replaces an old file by a new one, for every n up to the number of calls
that the save makes, or for N of them, from the first to the last at equal distances. Afterwards the
error must name the file, the old file must be complete, and the next save must leave nothing else
in the folder. "full" limits the size of files instead, and "tmpfs" saves to a full file system, in
a mount namespace of its own.
Prints JSON: for each kind and writer the number of cases, and the faults.
"""

import argparse
import ctypes
import errno
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import time
import warnings
from functools import cache, partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATIENCE = 120.0  # seconds for one save
ROWS = 24
# Number in failing.c, the error, and whether all later calls fail as well.
KINDS = {
    "open": (1, errno.EMFILE, False),
    "write": (2, errno.EIO, False),
    "full disk": (2, errno.ENOSPC, True),
    "fsync": (3, errno.EIO, False),
    "rename": (4, errno.EIO, False),
    "malloc": (5, errno.ENOMEM, False),
    "mmap": (6, errno.ENOMEM, False),
}
OTHERS = ("full", "tmpfs")
# Libraries that end the process when they have no memory, which is as if it were killed: Apache
# Arrow, and SciPy's product of a sparse and a dense matrix.
KILLING = {"parquet": signal.SIGABRT, "arrow": signal.SIGABRT, "floret": signal.SIGSEGV}
DRAWING = ("picture",)  # matplotlib leaves out what it has no memory for
PRINTING = ("costs",)  # print a line after the file is complete, for which there may be no memory


@cache
def preloaded():
    found = ctypes.CDLL(os.environ["W2VEXT_FAILING"])
    found.faults_arm.argtypes = [ctypes.c_int, ctypes.c_long, ctypes.c_int, ctypes.c_int]
    found.faults_disarm.restype = ctypes.c_long
    return found


def forked(act):
    """What `act` returns in a forked child; {"status": ...} if the child dies or hangs."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(read)
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            answer = json.dumps(act()).encode()
        except BaseException as error:
            answer = json.dumps({"status": f"the test failed: {error!r}"}).encode()
        os.write(write, answer)
        os._exit(0)
    os.close(write)
    answer, end = b"", time.monotonic() + PATIENCE
    while True:
        ready, _, _ = select.select([read], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(read)
            return {"status": f"hangs for more than {PATIENCE:.0f} s"}
        part = os.read(read, 1 << 16)
        if not part:
            break
        answer += part
    os.close(read)
    _, status = os.waitpid(pid, 0)
    return json.loads(answer) if answer else {"status": f"died with status {status}"}


def attempt(target, arm, disarm):
    """Save with calls that fail; {"error", "named", "calls"}."""
    error = None
    try:
        arm()
        target.save("new")
        calls = disarm()
    except BaseException as caught:
        calls = disarm()
        error = caught
    if error is None:
        return {"error": None, "calls": calls}
    return {
        "error": f"{type(error).__name__}: {error}"[:300],
        "named": names_the_file(target, error),
        "calls": calls,
    }


def names_the_file(target, error):
    """Whether an error says which file is concerned; one about memory need not."""
    if isinstance(error, MemoryError):
        return True
    if not isinstance(error, (OSError, ValueError)):
        return False
    text = str(error)
    if ".w2vext-" in text:
        return False
    # The error may name another file that the save reads, such as a font of a picture.
    other = getattr(error, "filename", None)
    return (
        (other is not None and os.path.exists(other))
        or str(target.path) in text
        or "TMPDIR" in text
    )


def verdict(target, found, named=True):
    """What is wrong after a save that failed; None if nothing is."""
    from helpers.writers import SETS

    if "status" in found:
        return found["status"]
    state = target.state()
    if state is None:
        return f"neither the old nor the new file is there; {found['error']}"
    if found["error"] is None:
        return None if state == "new" else "no error, and the old file is there"
    if state == "new" and target.name not in SETS:
        return f"an error, and the new file is there: {found['error']}"
    if named and not found["named"]:
        return f"wrong type or no file name: {found['error']}"
    return None


def cleaned(target):
    """What the next save leaves behind; None if nothing."""
    target.save("new")
    target.save("old")
    left = target.leftovers()
    return f"the next save left {left}" if left else None


def injected(target, kind, most):
    """Cases and faults of one kind of call, at most `most` cases."""
    number, code, later = KINDS[kind]
    lib, faults, cases = preloaded(), [], 0

    def fail(n):
        arm = partial(lib.faults_arm, number, n, code, later)
        return forked(partial(attempt, target, arm, lib.faults_disarm))

    step = max(1, -(-fail(1 << 30).get("calls", 0) // most))
    target.save("old")
    for n in range(1, 1_000_000, step):
        found = fail(n)
        without_memory = kind in ("malloc", "mmap")
        killed = f"died with status {int(KILLING.get(target.name, 0))}"
        if without_memory and found.get("status") == killed:
            wrong = None if target.state() == "old" else "the old file is not there"
        elif without_memory and target.name in PRINTING and target.state() == "new":
            wrong = None
        elif without_memory and target.name in DRAWING and found.get("error") is None:
            wrong = None
        else:
            # NumPy, OpenSSL and Python raise errors of several types, without a name.
            wrong = verdict(target, found, not without_memory)
        wrong = wrong or cleaned(target)
        if "calls" in found and found["calls"] < n:
            break  # the save makes fewer calls
        cases += 1
        if wrong:
            faults.append(f"call {n}: {wrong}")
            if target.state() != "old":
                target.save("old")
    return cases, faults


def full(target):
    """Cases and faults with a limit on the size of files."""
    faults = []
    sizes = sorted({0, 1, target.largest() // 2, target.largest() - 1})
    for size in sizes:

        def arm(size=size):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, -1))

        def disarm():
            resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
            return 0

        found = forked(partial(attempt, target, arm, disarm))
        wrong = verdict(target, found) or cleaned(target)
        if wrong is None and found["error"] is None:
            wrong = f"no error, although files may have {size:,} bytes only"
        if wrong:
            faults.append(f"{size:,} bytes: {wrong}")
    return len(sizes), faults


def on_tmpfs(target):
    """Cases and faults where the target's file system has little or no space left."""
    filler, faults, cases = target.folder / "filler", [], 0
    block = b"x" * 4096
    for spare in (0, 1):
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(block)
            except OSError:
                pass
            file.truncate(max(0, file.tell() - spare * 4096))
        found = forked(lambda: attempt(target, lambda: None, lambda: 0))
        left = target.leftovers()
        filler.unlink()
        if left:
            faults.append(f"left {left}")
        cases += found.get("error") is not None
        wrong = verdict(target, found) or cleaned(target)
        if wrong:
            faults.append(wrong)
    if not cases:
        faults.append("the disk was never full")
    return cases, faults


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("kind", nargs="+", choices=(*KINDS, *OTHERS))
    parser.add_argument("--writer", action="append")
    parser.add_argument("--most", type=int, default=1_000_000)
    options = parser.parse_args()
    sys.path[:0] = [str(HERE.parent)]
    if any((HERE.parents[1] / "w2vext").rglob("*.so")):
        sys.path[:0] = [str(HERE.parents[1])]
    warnings.simplefilter("ignore")
    from helpers import writers

    if "tmpfs" in options.kind:
        mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", options.folder]
        subprocess.run(mount, check=True)
    answer = {kind: {} for kind in options.kind}
    for name in options.writer or writers.available():
        target = writers.Target(name, options.folder, ROWS)
        for kind in options.kind:
            if kind == "full":
                answer[kind][name] = full(target)
            elif kind == "tmpfs":
                answer[kind][name] = on_tmpfs(target)
            else:
                answer[kind][name] = injected(target, kind, options.most)
        shutil.rmtree(options.folder / name)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
