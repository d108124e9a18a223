"""Training runs in separate processes, which are killed at random moments and continued."""

import hashlib
import multiprocessing
import multiprocessing.forkserver
import os
import random
import shutil
import sys
import time
from pathlib import Path

import numpy as np

from helpers.waiting import SECONDS
from w2vext._estimator import fit
from w2vext._estimator.checkpoint import Checkpoints
from w2vext._estimator.parameters import Parameters
from w2vext.training import pieces

COMMON = {"vector_size": 48, "min_count": 1, "epochs": 6, "random_state": 7, "workers": 1}
# Of each case: its parameters. "validation" also has validation text.
CASES = {
    "one worker": {},
    "deterministic": {"workers": 2, "deterministic": True},
    "FastText": {"min_n": 3, "max_n": 6, "bucket": 5_000, "sample": 1e-4, "alpha": 0.05},
    "validation": {"alpha": 0.1, "patience": 3},
}
PART = 16_384  # words
# A server that has imported the package starts the processes, which saves most of their time.
PROCESSES = multiprocessing.get_context(
    "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
)
PROCESSES.set_forkserver_preload(["w2vext._estimator.fit", "w2vext.training.deterministic"])


def _start_server():
    """Start the server outside the source folder, which may have no compiled modules."""
    folder, path = os.getcwd(), os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    os.chdir(Path(__file__).parent)
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        os.chdir(folder)
        if path is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = path


def write_text(path, sentences=6_000, seed=1):
    """Sentences of words with the counts of natural language, each about one of 20 topics."""
    rng = np.random.default_rng(seed)
    names = np.array([f"word{i:04d}" for i in rng.permutation(2_000)])
    share = 1.0 / np.arange(2, 102)
    lines = []
    for _ in range(sentences):
        topic = rng.integers(20)
        words = topic * 100 + rng.choice(100, 18, p=share / share.sum())
        lines.append(" ".join(names[words]))
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


class Told(Checkpoints):
    """Tells the parent process whether the run begins or continues."""

    tell = None

    def load(self):
        found = super().load()
        Told.tell("begins" if found is None else "continues")
        return found


def train(case, text, folder, tell):
    """Train a case with a checkpoint after every part, or without any; tell its result."""
    pieces.PART = PART
    Told.tell = tell
    options = {}
    if case == "validation":
        lines = Path(text).read_text(encoding="utf-8").splitlines()
        options["validation"] = [line.split() for line in lines[::10]]
    if folder is not None:
        options["checkpoints"] = Told(folder, 0)
    fitted = fit.fit(Parameters(**{**COMMON, **CASES[case]}), Path(text), **options)
    losses = [*fitted.loss_history, *(fitted.validation_loss_history or [])]
    whole = fitted.vectors.tobytes() + fitted.output_vectors.tobytes()
    tell([hashlib.sha256(whole).hexdigest(), [loss.hex() for loss in losses]])


def _child(connection, *arguments):
    train(*arguments, connection.send)


class Run:
    """A process that trains a case."""

    def __init__(self, case, text, folder):
        if PROCESSES.get_start_method() == "forkserver":
            _start_server()
        self._answers, theirs = PROCESSES.Pipe(duplex=False)
        self.process = PROCESSES.Process(target=_child, args=(theirs, case, text, folder))
        self.process.start()
        theirs.close()

    def answer(self):
        """The next message of the process; EOFError if it ends without one."""
        if not self._answers.poll(SECONDS):
            self.process.kill()
            raise TimeoutError(f"the process has told nothing for {SECONDS} seconds")
        return self._answers.recv()

    def end(self):
        """Wait for its end."""
        self.process.join(SECONDS)
        assert self.process.exitcode is not None, f"it has not ended after {SECONDS} seconds"
        self._answers.close()


class Killed:
    """The outcomes of the runs of one case.

    Attributes
    ----------
    kills : int
        Processes that were killed while they trained.
    continued : int
        Processes that continued from a checkpoint.
    runs, different : int
        Runs that were finished in the end, and those of them with another result than a run
        without checkpoints.
    """

    def __init__(self, case):
        self.case, self.kills, self.continued, self.runs, self.different = case, 0, 0, 0, 0


def kill_at_random(case, text, folder, kills, seed):
    """Kill and continue runs until there were so many kills and the last run is finished."""
    rng, found, folder = random.Random(seed), Killed(case), str(folder)
    run = Run(case, text, None)
    expected = run.answer()
    run.end()
    duration = _duration(case, text, folder)
    while found.kills < kills or found.runs == 0 or Path(folder).exists():
        run = Run(case, text, folder)
        found.continued += run.answer() == "continues"
        if found.kills < kills:
            time.sleep(rng.uniform(0, duration))
            run.process.kill()
            run.process.join(SECONDS)
            if run.process.exitcode < 0:  # not if it had ended before
                found.kills += 1
                run.end()
                continue
        found.runs += 1
        found.different += run.answer() != expected
        run.end()
        shutil.rmtree(folder)
    return found


def _duration(case, text, folder):
    """Seconds of an uninterrupted run from its first part on."""
    run = Run(case, text, folder)
    run.answer()
    begin = time.monotonic()
    run.answer()
    run.end()
    shutil.rmtree(folder)
    return time.monotonic() - begin
