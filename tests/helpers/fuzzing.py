"""Runs cases of tests/fuzz.py in a child process, which receives tasks as lines of JSON.

    python tests/helpers/fuzzing.py MODULE PROGRESS FOLDER

MODULE has the readers. The number of the current case is in the file PROGRESS, so that the parent
knows which one crashed.
"""

import contextlib
import ctypes
import faulthandler
import gc
import importlib
import json
import mmap
import os
import random
import struct
import sys
import time
import traceback
import warnings
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TIMES, PLUS = 4, 100 << 20  # the bound of memory
ADDRESS_SPACE = 3 << 30  # bytes for one case, so that a fault does not exhaust the machine
PROGRESS = struct.Struct("<qdd")  # case, its start in seconds of the clock and of the processor


def fresh(path, data):
    """Write a file under a new inode: an earlier one may still be mapped."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    path.write_bytes(data)


def memory(field):
    """VmRSS or VmHWM of this process in bytes; 0 if the system does not report it."""
    try:
        with open("/proc/self/status", "rb") as file:
            text = file.read()
    except OSError:
        return 0
    at = text.find(field.encode())
    return int(text[at:].split(None, 2)[1]) << 10 if at >= 0 else 0


def reset_peak():
    """Reset VmHWM to the present memory; False if the system cannot."""
    try:
        with open("/proc/self/clear_refs", "wb", buffering=0) as file:
            file.write(b"5")
    except OSError:
        return False
    return True


def trim():
    """Give the heap's free memory back to the system."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def limit_address_space():
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory("VmSize") + ADDRESS_SPACE, -1))


class Child:
    """One reader's valid files in memory, and the cases made of them."""

    def __init__(self, name, make, folder, progress):
        self.name, self.progress, self.idle = name, progress, 0
        folder.mkdir()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.reader = make(folder)
            self.files = {
                file: file.read_bytes() for _, files in self.reader.seeds for file in files
            }
            for path, _ in self.reader.seeds:  # reads valid files and imports modules
                for number in range(8):
                    with contextlib.suppress(ValueError, OSError):
                        self.reader.read(path, random.Random(number))

    def case(self, task, number):
        """Run a case; the fault as (kind, text, place), or None."""
        from helpers import mutations

        draw = random.Random(f"{task['seed']} {self.name} {number}")
        keep = None if task["keep"] is None else Path(task["keep"])
        path, files = draw.choice(self.reader.seeds)
        file = draw.choice(files)
        data = mutations.mutated(self.files[file], draw)
        if keep is not None:
            for each in files:
                kept = keep / each.relative_to(path.parent)
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(data if each == file else self.files[each])
        fresh(file, data)
        size = len(data) + sum(len(self.files[each]) for each in files if each != file)
        start = time.process_time()
        PROGRESS.pack_into(self.progress, 0, number, time.monotonic(), start)
        state = draw.getstate()
        fault, peak = self.measured(path, files, draw)
        seconds = time.process_time() - start
        if peak > TIMES * size + PLUS:  # or what earlier cases left in the heap
            self.idle = 0
            draw.setstate(state)
            fault, peak = self.measured(path, files, draw)
        if fault is None and peak > TIMES * size + PLUS:
            fault = "memory", f"{peak >> 20} MiB for {size:,} bytes", self.name
        if fault is None and seconds > task["seconds"]:
            fault = "hang", f"{seconds:.1f} s for {size:,} bytes", self.name
        if len(files) > 1:
            fresh(file, self.files[file])
        return fault

    def measured(self, path, files, draw):
        """(fault or None, bytes at the peak above those of the idle process)."""
        if not self.idle:
            trim()
            self.idle = memory("VmRSS")
        known = reset_peak()
        fault = self.outcome(path, files, draw)
        return fault, memory("VmHWM") - self.idle if known else 0

    def outcome(self, path, files, draw):
        from helpers.readers import Accepted

        try:
            self.reader.read(path, draw)
        except (ValueError, OSError) as error:
            text = str(error)
            if not any(os.fspath(each) in text for each in (path, *files)):
                return "no file name", shown(error), place(error)
        except Accepted as error:
            return "accepted", str(error), self.name
        except MemoryError as error:
            return "memory", shown(error), place(error)
        except Exception as error:
            return "wrong type", shown(error), place(error)
        return None


def shown(error):
    return f"{type(error).__name__}: {error}"[:300]


def place(error):
    """The last line of the package that an error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "w2vext" in Path(frame.filename).parts] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"


def child(module, progress_path, folder):
    """Run the tasks that come as lines of JSON, and answer with faults and an end for each."""
    faulthandler.enable()
    warnings.simplefilter("ignore")
    sys.path[:0] = [str(TESTS.parent)] if any((TESTS.parent / "w2vext").rglob("*.so")) else []
    readers = importlib.import_module(module).READERS
    with open(progress_path, "r+b") as file:
        progress = mmap.mmap(file.fileno(), PROGRESS.size)
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a reader prints goes to the log
    ready = {}
    for line in sys.stdin:
        task = json.loads(line)
        name = task["reader"]
        PROGRESS.pack_into(progress, 0, -1, time.monotonic() + 60, time.process_time() + 60)
        if name not in ready:
            ready[name] = Child(name, readers[name], Path(folder, name), progress)
            limit_address_space()
        for number in range(task["start"], task["stop"]):
            fault = ready[name].case(task, number)
            if fault is not None:
                out.write(json.dumps([number, *fault]) + "\n")
        out.write("null\n")


if __name__ == "__main__":
    sys.path[:0] = [str(TESTS)]
    child(*sys.argv[1:])
