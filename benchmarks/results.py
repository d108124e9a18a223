"""Store the results of a benchmark: the machine, the versions, the command and every run.

Each script, of this folder or of tests/, writes one file, ``results/NAME-MACHINE-DATE.json``, again
after every run, so that an interrupted script loses nothing. The same name, machine and date
replace an earlier file.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import re
import resource
import shlex
import subprocess
import sys
import time
from pathlib import Path

import peers

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
FOLDER = HERE / "results"
BUILT_IN_PLACE = any((PROJECT / "w2vext" / "kernels").glob("_dispatch*.so"))

# As in tests/conftest.py: a build in place is measured, the installed package otherwise.
if BUILT_IN_PLACE:
    sys.path.insert(0, str(PROJECT))

# Names for the numbers in /proc/cpuinfo: vendor, family, first and last model.
MICROARCHITECTURES = [
    ("AuthenticAMD", 0x17, 0x00, 0x2F, "Zen"),
    ("AuthenticAMD", 0x17, 0x30, 0xFF, "Zen 2"),
    ("AuthenticAMD", 0x19, 0x10, 0x1F, "Zen 4"),
    ("AuthenticAMD", 0x19, 0x60, 0xAF, "Zen 4"),
    ("AuthenticAMD", 0x19, 0x00, 0xFF, "Zen 3"),
    ("AuthenticAMD", 0x1A, 0x00, 0xFF, "Zen 5"),
    ("GenuineIntel", 0x06, 0x3C, 0x46, "Haswell"),
    ("GenuineIntel", 0x06, 0x4F, 0x4F, "Broadwell"),
    ("GenuineIntel", 0x06, 0x55, 0x55, "Skylake or Cascade Lake"),
    ("GenuineIntel", 0x06, 0x6A, 0x6C, "Ice Lake"),
    ("GenuineIntel", 0x06, 0x8F, 0x8F, "Sapphire Rapids"),
    ("GenuineIntel", 0x06, 0xCF, 0xCF, "Emerald Rapids"),
]
PACKAGES = ("numpy", "scipy", "scikit-learn", "gensim", "fasttext")
THREADS = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM")
COMPILER = re.compile(rb"GCC: \([^)]*\) [\d.]+|clang version [\d.]+")
# Runs in another process, because a child's peak memory includes that of its parent.
SHOW_W2VEXT = """
import json, os, w2vext
from w2vext.kernels import _dispatch
config = {key: value for key, value in w2vext.show_config().items()}
print(json.dumps({"config": config, "module": _dispatch.__file__}))
"""


def environment(**more):
    """Variables for a child process: every BLAS on one thread, and the w2vext to be measured."""
    variables = {**os.environ, **{f"{name}_NUM_THREADS": "1" for name in THREADS}, **more}
    if BUILT_IN_PLACE:
        variables["PYTHONPATH"] = str(PROJECT)
    return variables


def output(*command):
    """The output of a command, or None where it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def cpu():
    """The processor's name and microarchitecture, from /proc/cpuinfo where there is one."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return {"cpu": platform.processor() or platform.machine(), "microarchitecture": None}
    fields = dict(re.findall(r"^([^\t\n:]+?)\s*: (.*)$", text.split("\n\n")[0], re.MULTILINE))
    vendor, name = fields.get("vendor_id"), fields.get("model name", platform.machine())
    family, model = (int(fields.get(key, -1)) for key in ("cpu family", "model"))
    known = [
        called
        for by, generation, first, last, called in MICROARCHITECTURES
        if (by, generation) == (vendor, family) and first <= model <= last
    ]
    return {
        "cpu": re.sub(r"\((R|TM)\)|\s+CPU|\s+@.*", "", name).strip(),
        "family": family,
        "model": model,
        "microarchitecture": known[0] if known else None,
    }


def caches():
    """Sizes of the first core's caches: {"L1d": "48K", "L2": "1024K", …}."""
    found = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = (
            (index / name).read_text().strip() for name in ("level", "type", "size")
        )
        found["L" + level + {"Data": "d", "Instruction": "i"}.get(kind, "")] = size
    return found


def facts():
    """(machine, versions) of this measurement."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW_W2VEXT],
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    w2vext = json.loads(done.stdout)
    config = w2vext["config"]
    compilers = COMPILER.findall(Path(w2vext["module"]).read_bytes())
    machine = {
        **cpu(),
        "isa": config["available"][0],
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "caches": caches(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    versions = {
        "w2vext": config["w2vext"],
        "commit": None,
        "word2vec.c": peers.VERSION,
        "python": platform.python_version(),
        "compiler": compilers[0].decode() if compilers else None,
        "blas": config["blas"],
    }
    if BUILT_IN_PLACE and (commit := output("git", "rev-parse", "HEAD")):
        changed = output("git", "status", "--porcelain", "--untracked-files=no")
        versions["commit"] = commit[:12] + (" with changes" if changed else "")
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    return machine, versions


def slug(machine):
    """A machine's part of the file's name: amd-epyc-zen-5-avx512."""
    parts = (machine["cpu"], machine["microarchitecture"], machine["isa"])
    words = re.findall(r"[a-z0-9]+", " ".join(part for part in parts if part).lower())
    return "-".join(words)


def shown(arguments):
    """A command line without folders of this machine and names of results."""
    rest = iter(arguments)
    for argument in rest:
        if argument in ("--results", "--work", "--name", "--at-most"):
            next(rest)
        elif argument != "--resume":
            yield Path(argument).name if os.sep in argument else argument


def parser(doc, resume=False):
    """A command line that describes itself by the script's docstring and can name its results.

    With `resume` it can also continue an earlier call; the script asks `Results.needs`.
    """
    made = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "--results", type=Path, default=FOLDER, help="folder of the result files [results/]"
    )
    made.add_argument("--name", help="first part of the file's name [the script's]")
    if resume:
        made.add_argument(
            "--resume", action="store_true", help="keep the runs of the newest file, do the others"
        )
        made.add_argument("--at-most", type=int, metavar="N", help="stop after N further runs")
    return made


class Results:
    """The result file of one measurement.

    Parameters
    ----------
    options : argparse.Namespace
        The command line that `parser` read.
    """

    def __init__(self, options):
        script = Path(sys.argv[0]).name
        folder = Path(sys.argv[0]).resolve().parent.name  # benchmarks, or tests
        machine, versions = facts()
        date = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        name = options.name or Path(script).stem
        self.path = options.results / f"{name}-{slug(machine)}-{date}.json"
        self.content = {
            "name": name,
            "script": script,
            "command": shlex.join(["python", f"{folder}/{script}", *shown(sys.argv[1:])]),
            "date": date,
            "machine": machine,
            "versions": versions,
            "load": [round(os.getloadavg()[0], 2)] * 2,  # before and after
            "failures": [],
            "runs": [],
        }
        self.left = getattr(options, "at_most", None)
        if getattr(options, "resume", False):
            self._resume(f"{name}-{slug(machine)}-*.json")

    def _resume(self, pattern):
        """Continue the newest file of these results, whose date and versions are kept."""
        earlier = sorted(self.path.parent.glob(pattern))
        if earlier:
            self.path = earlier[-1]
            self.content = json.loads(self.path.read_text(encoding="utf-8"))

    def needs(self, **key):
        """Whether no run with these fields is stored, and `--at-most` allows a further one."""
        found = any(all(run.get(k) == v for k, v in key.items()) for run in self.content["runs"])
        if not found and self.left is not None:
            self.left -= 1
        return not found and (self.left is None or self.left >= 0)

    def add(self, **run):
        """Store one run, with the time at which it ended."""
        self._store("runs", run)

    def fail(self, **run):
        """Store that a run failed, and why. No table counts it."""
        self._store("failures", run)

    def _store(self, kind, run):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%H:%M:%S")
        self.content[kind].append({**rounded(run), "ended": now})
        self.content["load"][1] = round(os.getloadavg()[0], 2)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        head = json.dumps({**self.content, "runs": []}, indent=1, ensure_ascii=False)
        runs = ",\n  ".join(json.dumps(run, ensure_ascii=False) for run in self.content["runs"])
        text = head.replace(' "runs": []', f' "runs": [\n  {runs}\n ]') + "\n"
        part = self.path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(self.path)
        print(json.dumps(self.content[kind][-1], ensure_ascii=False), file=sys.stderr, flush=True)


def rounded(value):
    """Floats with six significant digits, so that files stay readable."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


def alternate(calls, repeats):
    """Call each of `calls` in turn, `repeats` times: yields (round, name, result).

    Parameters
    ----------
    calls : dict of str to callable
        What is measured, by name.
    repeats : int
        How many times each is called.
    """
    for number in range(1, repeats + 1):
        for name, call in calls.items():
            yield number, name, call()


def clocked(call):
    """(elapsed seconds, CPU seconds, result) of a call in this process."""
    wall, processor = time.perf_counter(), time.process_time()
    result = call()
    return time.perf_counter() - wall, time.process_time() - processor, result


def children_cpu(call):
    """(CPU seconds of the child processes that a call waits for, result)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = call()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, result
