"""The saturation of output rows: its counts of updates, compared with those of a training."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers.runs import settings

from w2vext.training import run as training
from w2vext.training.saturation import CURVATURE

CENTRES, NEGATIVES = 8, 6  # words that are only centres, and words that are only negatives
WORDS = 40_000
RATE = 1e-8


def updates_of(**choices):
    """How often a training updates each output row, and how often `saturation` expects it to.

    All components of the input vectors are 1/2, and the learning rate is so small that scores stay
    0. So each update of a centre adds RATE / 4 to its row, and each of a negative subtracts it.
    """
    rng = np.random.default_rng(5)
    share = rng.permutation(1.0 / np.arange(1, CENTRES + 1))
    ids = rng.choice(CENTRES, WORDS, p=share / share.sum()).astype(np.int32)
    ids = np.append(0, ids)[: len(ids)].astype(np.int32)
    stream = SimpleNamespace(ids=ids, offsets=np.array([0, WORDS], dtype=np.int64))
    counts = np.bincount(ids, minlength=CENTRES + NEGATIVES)
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
    return found, run.saturation() * WORDS / CURVATURE


GROUPS = np.array([0, 0, 1, 1, -1, 0, 1, -1, 0, 1, 0, 1, -1, 0], dtype=np.int32)


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"window": 2, "shrink_windows": False},
        {"sample": 0.02},
        {"architecture": "cbow"},
        {"noise_groups": GROUPS},
    ],
    ids=["skipgram", "whole windows", "subsampled", "cbow", "groups"],
)
def test_the_expected_updates_are_those_of_a_training(choices):
    found, expected = updates_of(**choices)
    np.testing.assert_allclose(found, expected, rtol=0.1)


@pytest.mark.parametrize("loss", ["hs", "softmax"])
def test_other_losses_have_none(loss):
    stream = SimpleNamespace(ids=np.zeros(9, np.int32), offsets=np.array([0, 9], dtype=np.int64))
    assert training.Run(stream, np.array([9, 3]), settings(loss=loss)).saturation() is None
