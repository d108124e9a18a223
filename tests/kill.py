"""Kills processes while they save, and checks the files that remain.

    python tests/kill.py --kills 1000                   all writers in turns
    python tests/kill.py --kills 200 --writer projector

A forked child saves a new file over an old one, or trains and saves, and is killed by SIGKILL at a
random moment. Afterwards the old or the new file must be complete, and the next save must leave
nothing else in the folder, and no spool in the folder of temporary files. Prints the seed, and a
line for each writer; the status is 1 if there was a fault.
"""

import argparse
import os
import random
import secrets
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)] if str(HERE) not in sys.path else []

from helpers import figures  # noqa: E402

ROWS = 3000
TRIES = 20  # children for each one that is killed before it ends, at most


def child_saves(target, version):
    """Fork a child that saves; its process id."""
    pid = os.fork()
    if not pid:
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            target.save(version)
        finally:
            os._exit(0)
    return pid


def duration(target):
    """Seconds that a child takes to save, the median of five."""
    found = []
    for version in ("new", "old", "new", "new", "old"):
        start = time.perf_counter()
        os.waitpid(child_saves(target, version), 0)
        found.append(time.perf_counter() - start)
    return sorted(found)[2]


def kill_once(target, seconds, draw):
    """Kill a child that saves the other version; whether it was killed before it had ended."""
    version = "new" if target.state() == "old" else "old"
    pid = child_saves(target, version)
    time.sleep(draw.uniform(0, 1.1 * seconds))
    os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def kills(target, n, draw, spools):
    """(killed, of them with the new file, with leftovers, faults) of one writer."""
    seconds = duration(target)
    killed = new = left = 0
    faults = []
    for _ in range(n * TRIES):
        if killed == n:
            break
        before = target.state()
        if not kill_once(target, seconds, draw):
            seconds *= 0.8  # perhaps the machine was busy when the duration was measured
            continue
        killed += 1
        left += bool(target.leftovers())
        state = target.state()
        new += state not in (before, None)
        if state is None:
            faults.append(f"kill {killed}: neither the old nor the new file is there")
        target.save(before)
        if target.state() != before or target.leftovers():
            faults.append(f"kill {killed}: the next save left {target.leftovers()}")
        stray = [name for name in os.listdir(spools) if name.startswith("w2vext")]
        if stray:
            faults.append(f"kill {killed}: {stray} in the folder of temporary files")
    if killed < n:
        faults.append(f"only {killed} of {n} children could be killed before they ended")
    return killed, new, left, faults


def run(options, show=print):
    """One row for each writer."""
    from helpers import writers

    names = options.writer or writers.available()
    rows = []
    with tempfile.TemporaryDirectory(prefix="kill-") as folder:
        spools = Path(folder, "spools")
        spools.mkdir()
        tempfile.tempdir = str(spools)
        try:
            for i, name in enumerate(names):
                n = options.kills // len(names) + (i < options.kills % len(names))
                if not n:
                    continue
                draw = random.Random(f"{options.seed} {name}")
                target = writers.Target(name, folder, options.rows)
                killed, new, left, faults = kills(target, n, draw, spools)
                rows.append({"writer": name, "kills": killed, "new": new, "leftovers": left,
                             "faults": len(faults)})  # fmt: skip
                show(
                    f"{name:22} {killed:6,} killed: {killed - new:6,} old, {new:4,} new, "
                    f"{left:4,} with leftovers, {len(faults)} faults"
                )
                for fault in faults[:5]:
                    show(f"    {fault}")
        finally:
            tempfile.tempdir = None
    return rows


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=1000, help="in all [1000]")
    parser.add_argument("--writer", action="append", help="only this one; may be repeated")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows that are saved [{ROWS}]")
    parser.add_argument("--seed", type=int, help="[drawn, and printed]")
    parser.add_argument("--results", type=Path, help="folder in which to store the figures")
    options = parser.parse_args(arguments)
    options.seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
    return options


def main(arguments=None):
    warnings.simplefilter("ignore")
    options = parse(arguments)
    print(f"seed {options.seed}", flush=True)
    rows = run(options, lambda line: print(line, flush=True))
    killed, faults = (sum(row[name] for row in rows) for name in ("kills", "faults"))
    print(f"{killed:,} kills, {faults} faults")
    if options.results is not None:
        figures.store(options, [{"seed": options.seed, **row} for row in rows])
    return int(faults > 0)


if __name__ == "__main__":
    if any((HERE.parent / "w2vext").rglob("*.so")):
        sys.path[:0] = [str(HERE.parent)]
    sys.exit(main())
