"""The mean loss of fixed weights: read-only matrices, memory, and the number of workers."""

from itertools import pairwise

import numpy as np
import pytest
from helpers.runs import each_kind, settings, topics

from w2vext.training import heldout, memory
from w2vext.training import run as training


@pytest.fixture(scope="module")
def held_out():
    return topics(9_000, seed=4)[0]


def trained(d=20, **choices):
    """The arguments of `mean_loss` after a short training, with read-only matrices (V, d)."""
    stream, counts = topics(5_000)
    chosen = settings(**{"vector_size": d, "window": 3, **choices})
    result = training.train(stream, counts, chosen)
    for w in (result.w_in, result.w_out):
        w.flags.writeable = False
    return counts, chosen, result.w_in, result.w_out


@each_kind
@pytest.mark.parametrize("d", [16, 20])
def test_read_only_rows_without_padding_give_the_same_loss(held_out, d, loss, architecture, kernel):
    arguments = trained(d, loss=loss, architecture=architecture, kernel=kernel)
    counts, chosen, w_in, w_out = arguments
    padded = [np.zeros((len(w), 32), dtype=np.float32) for w in (w_in, w_out)]
    for w, values in zip(padded, (w_in, w_out), strict=True):
        w[:, :d] = values
    found = heldout.mean_loss(held_out, *arguments)
    assert found > 0
    assert found == pytest.approx(heldout.mean_loss(held_out, counts, chosen, *padded), rel=1e-6)


@each_kind
def test_no_matrices_are_allocated(held_out, loss, architecture, kernel, monkeypatch):
    arguments = trained(loss=loss, architecture=architecture, kernel=kernel)

    def fails(*arguments):
        raise AssertionError("a matrix is allocated or filled")

    for module in (memory, training):
        monkeypatch.setattr(module, "matrix", fails)
        monkeypatch.setattr(module, "fill_uniform", fails)
    assert heldout.mean_loss(held_out, *arguments) > 0


@each_kind
def test_any_number_of_workers_gives_the_same_loss(held_out, loss, architecture, kernel):
    kind = {"loss": loss, "architecture": architecture, "kernel": kernel}
    counts, _, w_in, w_out = trained(**kind)
    found = {
        heldout.mean_loss(held_out, counts, settings(workers=n, **kind), w_in, w_out)
        for n in (1, 2, 5)
    }
    assert len(found) == 1


@pytest.mark.parametrize("groups", [None, 4])
def test_the_loss_is_near_its_expectation_over_the_noise(held_out, groups):
    """Compared with the expectation over all negatives, for full windows of two words."""
    size = len(topics(10)[1])
    labels = None if groups is None else np.arange(size, dtype=np.int32) % groups
    counts, chosen, w_in, w_out = trained(
        window=1, shrink_windows=False, negative=4, noise_groups=labels
    )
    scores = w_in.astype(float) @ w_out.T.astype(float)
    noise = np.tile(counts**0.75, (size, 1))  # [target, negative]
    if labels is not None:
        noise *= labels == labels[:, None]
    noise /= noise.sum(axis=1, keepdims=True)
    np.fill_diagonal(noise, 0)
    wrong = np.logaddexp(0, scores) @ noise.T  # [input, target]
    ids = held_out.ids.reshape(-1, 10)
    pairs = [(a, b) for line in ids for a, b in pairwise(line)]
    losses = [
        np.logaddexp(0, -scores[h, o]) + 4 * wrong[h, o]
        for a, b in pairs
        for h, o in ((a, b), (b, a))
    ]
    found = heldout.mean_loss(held_out, counts, chosen, w_in, w_out)
    assert found == pytest.approx(np.mean(losses), rel=0.01)
