"""The saturation of output rows: its counts of updates, compared with those of a training."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers.runs import settings

from w2vext.training import run as training
from w2vext.training import settings as settings_module
from w2vext.training._plan import Job
from w2vext.training.pairs import PairStream
from w2vext.training.saturation import CURVATURE

CENTRES, NEGATIVES = 8, 6  # words that are only centres, and words that are only negatives
WORDS = 40_000
RATE = 1e-8


def updates_of(stream_of, **choices):
    """How often a training updates each output row, and how often it is expected to.

    All components of the input vectors are 1/2, and the learning rate is so small that scores stay
    0. So each update of a centre adds RATE / 4 to its row, and each of a negative subtracts it.
    """
    rng = np.random.default_rng(5)
    share = rng.permutation(1.0 / np.arange(1, CENTRES + 1))
    ids = rng.choice(CENTRES, WORDS, p=share / share.sum()).astype(np.int32)
    stream = stream_of(ids)
    counts = np.maximum(np.bincount(ids, minlength=CENTRES + NEGATIVES), 1)
    noise = np.zeros(len(counts))
    noise[CENTRES:] = 1 + rng.permutation(NEGATIVES)
    run = training.Run(
        stream,
        counts,
        settings(alpha=RATE, min_alpha=RATE, epochs=1, negative=4, noise=noise, **choices),
    )
    run.w_in[:, :20] = 0.5
    with run.strategy() as strategy:
        epoch = run.epoch(0)
        strategy.part(epoch, 0, strategy.cuts(epoch)[-1], lambda done, loss=None: None)
    found = np.abs(run.w_out[:, 0]) / (RATE / 4)
    return found, run.saturation_per_word * WORDS / CURVATURE


def sentences(length):
    """Makes a stream of sentences of this length."""
    offsets = np.arange(0, WORDS + 1, length, dtype=np.int64)
    return lambda ids: SimpleNamespace(ids=ids[: offsets[-1]], offsets=offsets)


def pairs(ids):
    return PairStream(ids, np.roll(ids, 1))


GROUPS = np.array([0, 0, 1, 1, -1, 0, 1, -1, 0, 1, 0, 1, -1, 0], dtype=np.int32)


@pytest.mark.parametrize(
    ("stream_of", "choices"),
    [
        (sentences(WORDS), {}),
        (sentences(WORDS), {"window": 2, "shrink_windows": False}),
        (sentences(WORDS), {"sample": 0.02}),
        (sentences(WORDS), {"architecture": "cbow"}),
        (sentences(WORDS), {"noise_groups": GROUPS}),
        (sentences(WORDS), {"loss": "hs+neg"}),
        (sentences(3), {"window": 20}),
        (pairs, {"sample": 0.02}),
    ],
    ids=["skipgram", "whole windows", "subsampled", "cbow", "groups", "both", "short", "pairs"],
)
def test_the_expected_updates_are_those_of_a_training(stream_of, choices):
    found, expected = updates_of(stream_of, **choices)
    np.testing.assert_allclose(found[: len(expected)], expected, rtol=0.1)


@pytest.mark.parametrize("deterministic", [True, False])
def test_only_deterministic_jobs_have_it(deterministic, monkeypatch):
    given = []

    def recorded(*arguments, **options):
        given.append(options["saturation_per_word"])
        return Job(*arguments, **options)

    monkeypatch.setattr(settings_module, "Job", recorded)
    stream = sentences(10)(np.resize(np.arange(30, dtype=np.int32), WORDS))
    run = training.Run(stream, np.arange(40, 10, -1), settings(deterministic=deterministic))
    run.strategy()
    expected = run.saturation_per_word if deterministic else None
    np.testing.assert_array_equal(given[0], expected)


@pytest.mark.parametrize("loss", ["hs", "softmax"])
def test_other_losses_have_none(loss):
    stream = SimpleNamespace(ids=np.zeros(9, np.int32), offsets=np.array([0, 9], dtype=np.int64))
    assert training.Run(stream, np.array([9, 3]), settings(loss=loss)).saturation_per_word is None
