"""Training runs in separate processes, which are killed at random moments and continued.

Run as a script, it trains one case: ``python -m helpers.kills CASE TEXT FOLDER``, where the folder
is that of the checkpoints, or "-".
"""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parent.parent
# Of each case: the estimator, its parameters, and whether there is validation text.
CASES = {
    "one worker": ("Word2Vec", {"workers": 1}, False),
    "deterministic": ("Word2Vec", {"workers": 2, "deterministic": True}, False),
    "FastText": ("FastText", {"workers": 1, "bucket": 5_000}, False),
    "validation": ("Word2Vec", {"workers": 1, "alpha": 0.1, "patience": 3}, True),
}
COMMON = {"vector_size": 48, "min_count": 1, "epochs": 6, "random_state": 7}


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


def train(case, text, folder):
    """Train a case with a checkpoint after every part; prints when it starts, and its result."""
    import w2vext
    from w2vext._estimator.checkpoint import Checkpoints
    from w2vext.training import pieces

    pieces.PART = 16_384
    load = Checkpoints.load

    def loaded(self):
        found = load(self)
        print("continues" if found is not None else "begins", flush=True)
        return found

    Checkpoints.load = loaded
    name, parameters, validates = CASES[case]
    model = getattr(w2vext, name)(**COMMON, **parameters)
    options = {} if folder == "-" else {"checkpoint": folder, "checkpoint_every": 0}
    if validates:
        lines = Path(text).read_text(encoding="utf-8").splitlines()
        options["validation"] = [line.split() for line in lines[::10]]
    model.fit(text, **options)
    print(digest(model), flush=True)


def digest(model):
    """The weights and losses of a model, as one line."""
    losses = [*model.loss_history_, *getattr(model, "validation_loss_history_", [])]
    whole = model.vectors_.tobytes() + model.output_vectors_.tobytes()
    return json.dumps([hashlib.sha256(whole).hexdigest(), [loss.hex() for loss in losses]])


def start(case, text, folder):
    path = os.pathsep.join([str(TESTS), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-m", "helpers.kills", case, text, folder],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )


class Killed:
    """What became of the runs of one case.

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
    expected = _result(start(case, text, "-"))
    duration = _duration(case, text, folder)
    while True:
        process = start(case, text, folder)
        first = process.stdout.readline()
        found.continued += first == "continues\n"
        if found.kills < kills:
            time.sleep(rng.uniform(0, duration))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                found.kills += 1
                continue
        found.runs += 1
        found.different += _result(process) != expected
        shutil.rmtree(folder)
        if found.kills >= kills:
            return found


def _duration(case, text, folder):
    """Seconds of an uninterrupted run from its first part on."""
    process = start(case, text, folder)
    process.stdout.readline()
    begin = time.monotonic()
    _result(process)
    shutil.rmtree(folder)
    return time.monotonic() - begin


def _result(process):
    printed, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"a run ended with status {process.returncode}")
    return printed.splitlines()[-1]


if __name__ == "__main__":
    train(*sys.argv[1:])
