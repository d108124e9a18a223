"""Small training runs, and scripts in separate processes."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from w2vext import Word2Vec
from w2vext.training import deterministic, pieces, softmax
from w2vext.training import run as training

TESTS = Path(__file__).resolve().parent.parent
BOTH = pytest.param("hs+neg", marks=pytest.mark.slow)
KINDS = [
    pytest.param(
        loss,
        architecture,
        kernel,
        id=f"{loss}-{architecture}-{kernel}",
        marks=[pytest.mark.slow] if loss == "hs+neg" else [],
    )
    for loss in ("neg", "hs", "hs+neg")
    for architecture in ("skipgram", "cbow")
    for kernel in ("block", "pair")
] + [pytest.param("softmax", "skipgram", "auto", id="softmax")]
each_kind = pytest.mark.parametrize(("loss", "architecture", "kernel"), KINDS)
ODD = {
    "one word": ([[0] * 9] * 4, {}),
    "one word once": ([[0]], {}),
    "two words": ([[1, 0, 1, 1]] * 5, {}),
    "three words": ([[2, 0, 1]] * 5, {}),
    "sentences of one word": ([[2], [0], [1]] * 7, {}),
    "a window larger than any sentence": ([[3, 1, 2, 0]] * 5, {"window": 400}),
    "a window far larger": ([[3, 1, 2, 0]] * 5, {"window": 20_000}),
    "more negatives than words": ([[3, 1, 2, 0]] * 5, {"negative": 50}),
    "more negatives than are drawn at once": (
        [[3, 1, 2, 0]] * 5,
        {"negative": 3000, "alpha": 1e-4},
    ),
    "d = 1": ([[3, 1, 2, 0]] * 5, {"vector_size": 1}),
    "more workers than work": ([[3, 1, 2, 0]] * 5, {"workers": 64}),
    "everything subsampled": ([[3, 1, 2, 0]] * 50, {"sample": 1e-30}),
    "shuffled": ([[3, 1, 2, 0], [2]] * 5, {"shuffle": True}),
    "one long sentence": ([[3, 1, 2, 0] * 5000], {"workers": 2, "epochs": 1}),
}


def topics(n=20_000, words=60, seed=3):
    """Sentences about one of three topics each; a word's id is independent of its count."""
    rng = np.random.default_rng(seed)
    shares = rng.permutation(1.0 / np.arange(2, words // 3 + 2))
    ids = np.concatenate(
        [3 * rng.choice(words // 3, 10, p=shares / shares.sum()) + rng.integers(3)
         for _ in range(n // 10)]
    ).astype(np.int32)  # fmt: skip
    counts = np.maximum(np.bincount(ids, minlength=words), 1)
    return SimpleNamespace(ids=ids, offsets=np.arange(0, n + 1, 10, dtype=np.int64)), counts


def shorten_parts(monkeypatch):
    """Several parts and shards for a few thousand words."""
    monkeypatch.setattr(pieces, "PART", 2_048)
    monkeypatch.setattr(softmax, "PART", 2)
    monkeypatch.setattr(deterministic, "SHARD_WORDS", 1_500)
    monkeypatch.setattr(deterministic, "LONGEST", 128)


def settings(**choices):
    return training.Settings(
        **{"vector_size": 20, "window": 3, "epochs": 2, "sample": 0.0, "workers": 1, "seed": 8,
           **choices}
    )  # fmt: skip


def with_subwords(**options):
    """A small model with subwords, not yet fitted."""
    given = {"min_n": 2, "max_n": 4, "vector_size": 12, "min_count": 1, "bucket": 500}
    return Word2Vec(**given | {"random_state": 4, "workers": 1} | options)


def finished(script, *arguments, timeout=200, **environment):
    """Run a script in a new process, which imports the tested package; returns the process.

    It starts outside the source folder, which may have no compiled modules.
    """
    path = [str(TESTS), *sys.path]
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path), **environment},
        cwd=TESTS,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def process(script, *arguments, **environment):
    """The output of a script in a new process that must succeed."""
    ran = finished(script, *arguments, **environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
