"""Reads damaged files with every reader of the package, and reports faults.

    python tests/fuzz.py --cases 1000000 --workers 2     all readers, in turns
    python tests/fuzz.py --reader npz --cases 5000       one of them
    python tests/fuzz.py --reader npz --seed 7 --first 1234 --cases 1 --keep folder

A reader returns valid values, or raises ValueError or OSError with the file's name. Everything else
is a fault: a crash, a hang, another exception, an error without the name, a number that is not
finite or a negative count, and more memory than 4 times the file's size plus 100 MB. A case is a
function of the seed, the reader and the number of the case; for each fault a command is printed
that repeats it. The cases run in child processes. The status is 1 if there was a fault.
"""

import argparse
import contextlib
import importlib
import importlib.util
import json
import math
import mmap
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)] if str(HERE) not in sys.path else []

from helpers import figures, fuzzing  # noqa: E402
from helpers.together import run_together  # noqa: E402

BATCH = 500  # cases between two changes of the reader
SECONDS = 5.0  # of processor time for one case
PATIENCE = 12  # a case hangs if its elapsed time is this many times as long
KINDS = ("crash", "hang", "wrong type", "no file name", "accepted", "memory")
SHOWN = 3  # faults of one kind and place that are printed


class Worker:
    """A child process and the thread that watches it."""

    def __init__(self, options, folder):
        self.options, self.folder = options, Path(folder)
        self.process = None
        self.starts = 0

    def start(self):
        self.starts += 1
        self.home = self.folder / str(self.starts)
        self.home.mkdir(parents=True)
        progress = self.home / "progress"
        progress.write_bytes(bytes(fuzzing.PROGRESS.size))
        with open(progress, "r+b") as file:
            self.progress = mmap.mmap(file.fileno(), fuzzing.PROGRESS.size)
        arguments = [self.options.module, str(progress), str(self.home)]
        settings = {
            "MALLOC_MMAP_THRESHOLD_": str(64 << 20),  # new pages for each case would cost time
            "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
        }
        self.log = open(self.home / "log", "w+b")
        self.process = subprocess.Popen(
            [sys.executable, fuzzing.__file__, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
            env={**os.environ, **settings}, text=True,
        )  # fmt: skip
        self.killed = None
        threading.Thread(target=self.watch, args=(self.process,), daemon=True).start()

    def watch(self, process):
        """Kill the child when a case takes too long."""
        while process.poll() is None:
            time.sleep(0.25)
            case = fuzzing.PROGRESS.unpack_from(self.progress)
            _, wall, cpu = case
            used, waited = cpu_seconds(process.pid) - cpu, time.monotonic() - wall
            seconds = self.options.seconds
            if wall and (used > seconds + 1 or waited > PATIENCE * seconds):
                time.sleep(0.05)
                if case != fuzzing.PROGRESS.unpack_from(self.progress):
                    continue  # it was read while the child wrote it
                self.killed = f"{used:.0f} s of the processor, {waited:.0f} s in all"
                process.kill()
                return

    def run(self, name, start, stop, found):
        """Run cases of a reader; calls found(number, kind, text, place) for each fault."""
        options = self.options
        while start < stop:
            if self.process is None:
                self.start()
            task = {
                "reader": name, "seed": options.seed, "start": start, "stop": stop,
                "keep": options.keep, "seconds": options.seconds,
            }  # fmt: skip
            try:
                self.process.stdin.write(json.dumps(task) + "\n")
                self.process.stdin.flush()
            except BrokenPipeError:
                pass
            for line in self.process.stdout:
                fault = json.loads(line)
                if fault is None:
                    return
                found(*fault)
            status = self.process.wait(timeout=60)
            number = fuzzing.PROGRESS.unpack_from(self.progress)[0]
            self.log.seek(0)
            log = self.log.read().decode("utf-8", "replace")
            if number < 0:
                raise SystemExit(f"the reader {name} could not be prepared:\n{log[-3000:]}")
            kind = "hang" if self.killed else "crash"
            found(number, kind, self.killed or f"exit status {status}", crashed_at(log))
            self.close()
            start = number + 1

    def close(self):
        if self.process is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait(timeout=60)
            self.log.close()
            self.process = None
            shutil.rmtree(self.home, ignore_errors=True)


def cpu_seconds(pid):
    """Processor time of a process; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def crashed_at(log):
    """The place of a crash: the innermost line of the package, or the end of the log."""
    lines = [line.strip() for line in log.splitlines() if "w2vext" in line and "File" in line]
    return lines[0] if lines else log.strip()[-200:]


class Report:
    """Counts cases and faults, and prints the first ones of each place."""

    def __init__(self, options):
        self.options = options
        self.cases, self.faults, self.places = Counter(), Counter(), Counter()
        self.seconds = Counter()
        self.lock = threading.Lock()

    def found(self, name, number, kind, text, where):
        with self.lock:
            self.faults[name, kind] += 1
            self.places[name, kind, where] += 1
            if self.places[name, kind, where] <= SHOWN:
                module = self.options.module
                more = "" if module == "helpers.readers" else f" --module {module}"
                print(
                    f"{name}, case {number}: {kind}: {text} [{where}]\n"
                    f"    python tests/fuzz.py --reader {shlex.quote(name)} "
                    f"--seed {self.options.seed} --first {number} --cases 1 --keep folder{more}",
                    flush=True,
                )

    def count(self, name, cases, seconds):
        with self.lock:
            self.cases[name] += cases
            self.seconds[name] += seconds

    def rows(self):
        """{reader, cases, faults of each kind, seconds} of each reader."""
        for name in sorted(self.cases):
            faults = {kind: self.faults[name, kind] for kind in KINDS}
            yield {"reader": name, "cases": self.cases[name], **faults,
                   "seconds": self.seconds[name]}  # fmt: skip


def tasks(names, cases, first):
    """(reader, start, stop): batches of all readers in turns."""
    shares = {name: cases // len(names) + (i < cases % len(names)) for i, name in enumerate(names)}
    for at in range(0, max(shares.values()), BATCH):
        for name, share in shares.items():
            if at < share:
                yield name, first + at, first + min(at + BATCH, share)


def run(options):
    """Run all cases and return the report."""
    readers = importlib.import_module(options.module)
    missing = {
        name for name, module in getattr(readers, "NEEDS", {}).items()
        if importlib.util.find_spec(module) is None
    }  # fmt: skip
    names = options.reader or [name for name in readers.READERS if name not in missing]
    for name in names:
        if name not in readers.READERS or name in missing:
            known = ", ".join(readers.READERS)
            raise SystemExit(
                f"--reader {name}: not one of {known}"
                if name not in missing else f"--reader {name}: {readers.NEEDS[name]} is missing"
            )  # fmt: skip
    report = Report(options)
    waiting = iter(list(tasks(names, options.cases, options.first)))
    lock = threading.Lock()
    stopped = threading.Event()
    end = time.monotonic() + 60 * options.minutes

    def work(folder):
        worker = Worker(options, folder)
        try:
            while not stopped.is_set():
                with lock:
                    task = next(waiting, None)
                if task is None or time.monotonic() > end:
                    return
                name, start, stop = task
                began = time.monotonic()
                worker.run(name, start, stop, lambda *fault, name=name: report.found(name, *fault))
                report.count(name, stop - start, time.monotonic() - began)
        except BaseException:
            stopped.set()
            raise
        finally:
            worker.close()

    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        folders = [os.path.join(folder, str(i)) for i in range(options.workers)]
        run_together([partial(work, each) for each in folders], seconds=None)
    return report


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=2000, help="in all [2000]")
    parser.add_argument("--reader", action="append", help="only this one; may be repeated")
    parser.add_argument("--seed", type=int, help="[drawn, and printed]")
    parser.add_argument("--first", type=int, default=0, help="number of each reader's first case")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after these")
    parser.add_argument("--workers", type=int, default=1, help="child processes [1]")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for one case [5]")
    parser.add_argument("--keep", help="folder for the damaged file of a single case")
    parser.add_argument("--results", type=Path, help="folder in which to store the figures")
    parser.add_argument("--module", default="helpers.readers", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
    options.keep = None if options.keep is None else os.path.abspath(options.keep)
    return options


def main(arguments=None):
    options = parse(arguments)
    print(f"seed {options.seed}", flush=True)
    report = run(options)
    if options.results is not None:
        figures.store(options, [{"seed": options.seed, **row} for row in report.rows()])
    for row in report.rows():
        faults = ", ".join(f"{row[kind]} {kind}" for kind in KINDS if row[kind]) or "no fault"
        print(f"{row['reader']:18} {row['cases']:9,} cases {row['seconds']:8.1f} s  {faults}")
    total = sum(report.faults.values())
    print(f"{sum(report.cases.values()):,} cases, {total:,} faults")
    return int(total > 0)


if __name__ == "__main__":
    sys.exit(main())
