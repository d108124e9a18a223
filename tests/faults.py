"""Saves every kind of file while system calls fail or the disk is full.

    python tests/faults.py                          all kinds of faults, all writers
    python tests/faults.py --kind write --writer npz

In each case one call of the C library fails (the n-th open, write, fsync, rename, malloc or mmap,
for every n), or a limit on the size of files or a full file system stops the save. The error must
name the file, the old file must be complete, and after the next save the folder must not contain
other files. A library made of helpers/failing.c is loaded before the C library, which needs Linux
and a compiler. Prints a line for each kind; the status is 1 if there was a fault.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)] if str(HERE) not in sys.path else []

from helpers import failing, figures  # noqa: E402


class Missing(Exception):
    """This kind of fault cannot be simulated here; the message says why."""


def library(folder):
    """Compile the library that makes calls fail; returns its path."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    if not sys.platform.startswith("linux") or not shutil.which(compiler[0]):
        raise Missing("needs Linux and a C compiler")
    path, source = Path(folder, "failing.so"), HERE / "helpers" / "failing.c"
    command = [*compiler, "-shared", "-fPIC", "-O1", source, "-o", path, "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise Missing(f"failing.c cannot be compiled: {done.stderr[-300:]}")
    return path


def mounting(folder):
    """A command prefix with which another command may mount a separate file system."""
    before = ["unshare", "--mount"]
    probe = [*before, "mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder]
    try:
        done = subprocess.run(probe, capture_output=True, check=False, timeout=600)
    except FileNotFoundError:
        raise Missing("no unshare") from None
    if done.returncode:
        raise Missing("cannot mount here")
    return before


def run(kinds, folder, *options):
    """{kind: {writer: (number of cases, [fault])}}; the kinds need the same preparation."""
    if not hasattr(os, "fork"):
        raise Missing("needs fork")
    environment, before = {**os.environ, "MPLBACKEND": "Agg"}, []
    work = Path(folder, "work")
    work.mkdir()
    if failing.KINDS.keys() & set(kinds):
        path = str(library(folder))
        environment |= {"LD_PRELOAD": path, "W2VEXT_FAILING": path}
    if "tmpfs" in kinds:
        before = mounting(work)
    command = [*before, sys.executable, failing.__file__, work, *kinds, *options]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = [*failing.KINDS, *failing.OTHERS]
    parser.add_argument("--kind", action="append", choices=kinds, help="may be repeated")
    parser.add_argument("--writer", action="append", help="may be repeated")
    parser.add_argument(
        "--most", default="1000000", metavar="N", help="for each writer, N of the calls fail [all]"
    )
    parser.add_argument("--results", type=Path, help="folder in which to store the figures")
    options = parser.parse_args(arguments)
    chosen = ["--most", options.most]
    for name in options.writer or ():
        chosen += ["--writer", name]
    rows = []
    asked = options.kind or kinds
    # Those that need no mount of their own share the preparation of the writers.
    groups = [kind for kind in asked if kind != "tmpfs"], [k for k in asked if k == "tmpfs"]
    for group in groups:
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            try:
                answer = run(group, folder, *chosen) if group else {}
            except Missing as why:
                print(f"{', '.join(group)}: not tested: {why}")
                continue
        for kind, found in answer.items():
            cases = sum(count for count, _ in found.values())
            faults = [f"{name}, {each}" for name, (_, some) in found.items() for each in some]
            row = {"kind": kind, "writers": len(found), "cases": cases, "faults": len(faults)}
            rows.append(row)
            print(f"{kind:10} {len(found)} writers, {cases:7,} cases, {len(faults)} faults")
            for each in faults:
                print(f"    {each}")
    if options.results is not None:
        figures.store(options, rows)
    return int(any(row["faults"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
