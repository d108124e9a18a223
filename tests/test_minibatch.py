"""The compiled minibatch step against its NumPy reference."""

import numpy as np
import pytest

from w2vext import reference
from w2vext.lessons import minibatch

V, P, K = 13, 40, 6


def problem(seed, d, dtype, scale=1.0):
    rng = np.random.default_rng(seed)
    w_in, w_out = (rng.normal(scale=scale, size=(V, d)).astype(dtype) for _ in range(2))
    # 40 pairs over 13 rows, so every row repeats as a centre, a target and a negative.
    return w_in, w_out, rng.integers(0, V, P), rng.integers(0, V, (P, 1 + K))


def both(w_in, w_out, centres, targets, lr):
    ref_in, ref_out = w_in.astype(np.float64), w_out.astype(np.float64)
    expected = reference.train_batch(ref_in, ref_out, centres, targets, lr)
    got = minibatch.train_batch(w_in, w_out, centres, targets, lr)
    return got, expected, ref_in, ref_out


@pytest.mark.parametrize("d", [1, 7, 10, 16, 100])
def test_double_equals_the_reference(d):
    w_in, w_out, *rest = problem(1, d, np.float64)
    got, expected, ref_in, ref_out = both(w_in, w_out, *rest, 0.3)
    assert got == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(w_in, ref_in, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(w_out, ref_out, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("d", [1, 7, 10, 100])
def test_float_is_close_to_the_reference(d):
    w_in, w_out, *rest = problem(2, d, np.float32, scale=0.3)
    got, expected, ref_in, ref_out = both(w_in, w_out, *rest, 0.3)
    assert got == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(w_in, ref_in, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(w_out, ref_out, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturation_stays_finite(dtype):
    w_in, w_out, *rest = problem(3, 10, dtype, scale=40)
    got, expected, ref_in, _ = both(w_in, w_out, *rest, 0.3)
    assert got == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(w_in, ref_in, rtol=1e-3, atol=1e-3)


def test_score_of_minus_one_is_finite():
    w_in, w_out = np.array([[1.0], [0.5]]), np.array([[-1.0], [2.0]])
    got, expected, ref_in, _ = both(w_in, w_out, [0], [[0, 0]], 0.1)
    assert got == pytest.approx(expected)
    np.testing.assert_allclose(w_in, ref_in, rtol=1e-14)


def test_gradcheck_minibatch():
    """The update divided by -lr, against central differences of the loss, both compiled."""
    w_in, w_out, centres, targets = problem(4, 5, np.float64)

    def f(x):
        moved = x.copy()
        loss = minibatch.train_batch(moved[:V], moved[V:], centres, targets, 1e-3)
        return loss, (x - moved) / 1e-3

    assert reference.gradcheck(f, np.concatenate([w_in, w_out]), h=3e-5) < 1e-8


def test_no_pairs_change_nothing():
    w_in, w_out, *_ = problem(5, 3, np.float64)
    before = w_in.copy()
    assert minibatch.train_batch(w_in, w_out, [], np.zeros((0, 3), int), 0.1) == 0.0
    assert np.array_equal(w_in, before)


def test_errors_name_the_argument_and_change_nothing():
    w_in, w_out, centres, targets = problem(6, 4, np.float64)
    step, kept = minibatch.train_batch, (w_in.copy(), w_out.copy())
    with pytest.raises(TypeError, match="w_in must be a writeable C-contiguous"):
        step(w_in.tolist(), w_out, centres, targets, 0.1)
    with pytest.raises(TypeError, match="w_out must be"):
        step(w_in, w_out.T.copy().T, centres, targets, 0.1)
    with pytest.raises(TypeError, match="w_in is float64, w_out is float32"):
        step(w_in, w_out.astype(np.float32), centres, targets, 0.1)
    with pytest.raises(ValueError, match="w_in has 4 columns, w_out 3"):
        step(w_in, np.zeros((V, 3)), centres, targets, 0.1)
    with pytest.raises(ValueError, match="centres has ids from 0 to 13: use 0 to 12"):
        step(w_in, w_out, [0, 13], targets[:2], 0.1)
    with pytest.raises(ValueError, match="targets has ids from -1"):
        step(w_in, w_out, centres[:1], [[-1, 2]], 0.1)
    with pytest.raises(ValueError, match="centres has 1 pairs, targets 2"):
        step(w_in, w_out, [1], targets[:2], 0.1)
    with pytest.raises(ValueError, match="targets must be an integer array with 2 dimensions"):
        step(w_in, w_out, centres, centres, 0.1)
    assert np.array_equal(w_in, kept[0]) and np.array_equal(w_out, kept[1])
