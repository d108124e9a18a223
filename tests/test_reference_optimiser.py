"""Gradient descent of the reference: annealing, smoothed loss, checkpoints and resuming."""

import random

import numpy as np
import pytest

from w2vext import reference as ref


def draws(x):
    """A loss that draws from `random`: a resumed run must continue the same stream."""
    noise = random.random()
    return float(np.sum(x**2) + noise), 2 * x + 0.01 * noise


def test_sgd_smooths_and_anneals():
    seen, steps = [], []

    def f(x):
        steps.append(float(x[0]))
        return float(x[0]), np.ones(1)

    ref.sgd(f, [10.0], 1.0, 6, anneal_every=2, print_every=2, report=lambda *row: seen.append(row))
    assert np.diff(steps).tolist() == [-1, -1, -0.5, -0.5, -0.25]
    assert seen[0] == (2, 9.0)
    assert seen[1] == (4, pytest.approx(0.95 * 9.0 + 0.05 * 7.5))


def test_sgd_resumed_equals_an_uninterrupted_run(tmp_path):
    checkpoint, whole, halves = tmp_path / "run.npz", [], []
    random.seed(5)
    end = ref.sgd(draws, [[1.0, -2.0]], 0.1, 40, anneal_every=15, report=lambda *r: whole.append(r))
    random.seed(5)
    keep = dict(anneal_every=15, checkpoint=checkpoint, checkpoint_every=5, resume=True)
    ref.sgd(draws, [[1.0, -2.0]], 0.1, 27, report=lambda *r: halves.append(r), **keep)
    random.seed(99)
    again = ref.sgd(draws, [[1.0, -2.0]], 0.1, 40, report=lambda *r: halves.append(r), **keep)
    assert np.array_equal(end, again)
    assert halves == whole
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


def test_sgd_raises_for_a_damaged_checkpoint_or_one_of_another_shape(tmp_path):
    checkpoint = tmp_path / "run.npz"
    ref.sgd(draws, [1.0, 2.0], 0.1, 5, checkpoint=checkpoint, checkpoint_every=5)
    keep = dict(checkpoint=checkpoint, resume=True)
    with pytest.raises(ValueError, match=r"shape \(2,\), this run needs \(3,\)"):
        ref.sgd(draws, [1.0, 2.0, 3.0], 0.1, 9, **keep)
    whole = checkpoint.read_bytes()
    for damaged in (b"", whole[:100], whole[: len(whole) // 2], b"not a zip at all"):
        checkpoint.write_bytes(damaged)
        with pytest.raises(ValueError, match="not a valid checkpoint"):
            ref.sgd(draws, [1.0, 2.0], 0.1, 9, **keep)


def test_checkpoint_with_a_pickle_raises(tmp_path):
    checkpoint = tmp_path / "run.npz"
    np.savez(checkpoint, x=np.array([object()], dtype=object), state=np.array("{}"))
    with pytest.raises(ValueError, match="not a valid checkpoint"):
        ref.load_checkpoint(checkpoint)


def test_failed_save_keeps_the_old_checkpoint(tmp_path, monkeypatch):
    checkpoint = tmp_path / "run.npz"
    ref.save_checkpoint(checkpoint, np.ones(2), 5, 0.1, None)
    before = checkpoint.read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        ref.save_checkpoint(checkpoint, np.zeros(2), 10, 0.1, None)
    assert checkpoint.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


def test_sgd_raises_if_the_loss_is_not_finite():
    with pytest.raises(FloatingPointError, match=r"inf at iteration 1 with lr=0\.5: lower"):
        ref.sgd(lambda x: (np.inf, x), [1.0], 0.5, 3)
