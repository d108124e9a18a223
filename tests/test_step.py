"""The block step of every instruction set that runs here, compared with the reference in float64.

Documented errors: e = lr (label - sigmoid(score)) is within 3e-7 lr of the exact one, and within
5e-7 of it relatively where it is above 1e-37; a pair's loss is within 1e-6 of the exact one, and up
to 0.0025 above it where the score is wrong by more than 6.
"""

import numpy as np
import pytest

from w2vext import reference as ref
from w2vext.kernels import _dispatch, _testing

ISAS = _dispatch.isas()
PAD = 16
V = 41
each_isa = pytest.mark.parametrize("isa", ISAS)


def rows(seed, d, size=1.0, pad=PAD):
    """Random float32 rows (V, d padded) whose dot products are about `size` for every d."""
    w = np.zeros((V, -(-d // pad) * pad), dtype=np.float32)
    w[:, :d] = np.random.default_rng(seed).normal(size=(V, d)) * np.sqrt(size) * d**-0.25
    return w


def ids(numbers):
    return np.asarray(numbers, dtype=np.int32)


def tolerance(n, m, w_in, w_out, lr):
    """A bound of the rounding errors of a row.

    It receives the updates of all inputs or all targets, each rounded to 24 bits. A score is
    rounded to 24 bits of |h| |o|, and the derivative of the sigmoid is at most a quarter.
    """
    longest = max(1.0, np.linalg.norm(w_in, axis=1).max() * np.linalg.norm(w_out, axis=1).max())
    biggest = max(np.abs(w_in).max(), np.abs(w_out).max())
    return 3e-7 * biggest * (1 + lr * (n + m) * longest)


def check(isa, d, inputs, targets, labels, lr=0.3, size=1.0, seed=1, pad=PAD):
    w_in, w_out = rows(seed, d, size, pad), rows(seed + 1, d, size, pad)
    inputs, targets, labels = ids(inputs), ids(targets), ids(labels)
    near = tolerance(len(inputs), len(targets), w_in, w_out, lr)
    expected_in, expected_out = w_in.astype(np.float64), w_out.astype(np.float64)
    kept_in, kept_out = w_in.copy(), w_out.copy()
    before, before_out = expected_in.copy(), expected_out.copy()
    loss = _testing.train_step(w_in, w_out, inputs, targets, labels, lr, kernel=isa)
    expected = ref.train_window_block(expected_in, expected_out, inputs, targets, labels, lr)
    np.testing.assert_allclose(w_in, expected_in, rtol=0, atol=near)
    np.testing.assert_allclose(w_out, expected_out, rtol=0, atol=near)
    score = (2 * labels - 1) * (before[inputs] @ before_out[targets].T)
    rounding = 1e-6 * expected + 3e-6 * score.size
    assert -rounding <= loss - expected <= rounding + 0.0025 * np.sum(score < -6)
    assert not w_in[:, d:].any() and not w_out[:, d:].any()

    kept = _testing.train_step(
        kept_in, kept_out, inputs, targets, labels, lr, kernel=isa, keep_dh=True, hints=False
    )
    assert kept[0] == loss
    np.testing.assert_array_equal(kept_in, before)
    np.testing.assert_allclose(kept_out, expected_out, rtol=0, atol=near)
    dh, _, _ = ref.step_block(before[inputs], before_out[targets], labels, lr)
    np.testing.assert_allclose(kept[1], dh, rtol=0, atol=near)


@pytest.mark.parametrize("n", [*range(1, 11), 13, 40])
@each_isa
def test_step_equals_the_reference_for_all_numbers_of_targets(isa, n):
    rng = np.random.default_rng(n)
    for m in range(1, 27):
        d = (1, 7, 16, 33, 100, 300)[(n + m) % 6]
        repeat = m % 3 == 0
        inputs = rng.choice(4 if repeat else V, n, replace=repeat)
        targets = rng.choice(5 if repeat else V, m, replace=repeat)
        check(isa, d, inputs, targets, rng.integers(0, 2, m), seed=m)


@each_isa
def test_step_equals_the_reference_for_all_dimensions(isa):
    rng = np.random.default_rng(8)
    for d in range(1, 402):
        n, m = 1 + d % 10, 1 + d % 8
        check(isa, d, rng.choice(V, n, False), rng.choice(V, m, False), rng.integers(0, 2, m))


@each_isa
def test_rows_need_whole_vectors_only(isa):
    """Rows padded to whole vectors only; the row after each is not changed."""
    rng = np.random.default_rng(9)
    lanes = _testing.lanes(isa)
    for d in (1, 3, 4, 5, 8, 12, 24, 40, 100, 104, 136, 300):
        n, m = 1 + d % 9, 1 + d % 13
        labels = rng.integers(0, 2, m)
        check(isa, d, rng.choice(V, n, False), rng.choice(V, m, False), labels, pad=lanes)


REPEATS = {
    "one input": ([7, 7], [3, 5, 9]),
    "all inputs": ([7] * 9, [3, 5, 9, 1, 2, 8]),
    "inputs two apart": ([7, 4, 7, 2, 4], [3, 5, 9]),
    "a target": ([7, 4, 2], [3, 5, 3, 9]),
    "all targets": ([7, 4, 2], [3] * 6),
    "all targets, many tiles": ([7, 4, 2], [3] * 26),
    "a target in the next tile": ([7, 4, 2], [3, 5, 9, 1, 2, 8, 6, 0, 3, 10]),
    "a target two tiles on": ([7, 4, 2], [3, *range(20, 40), 3]),
    "two targets, tiles apart": ([7, 4, 2, 9], [3, 5, *range(20, 36), 5, 3, 5]),
    "both": ([7, 4, 7, 7], [3, 5, *range(20, 30), 5, 3]),
    "the same id on both sides": ([6, 6, 1], [6, 1, 6, 6]),
}


@pytest.mark.parametrize("repeat", REPEATS)
@pytest.mark.parametrize("d", [1, 16, 100])
@each_isa
def test_a_row_that_occurs_twice_receives_both_updates(isa, d, repeat):
    inputs, targets = REPEATS[repeat]
    labels = [1] + [0] * (len(targets) - 1)
    check(isa, d, inputs, targets, labels)
    check(isa, d, inputs, targets, [1 - label for label in labels], lr=0.05, seed=5)


@each_isa
def test_labels_in_any_order(isa):
    """A path of hierarchical softmax: 26 nodes, any code."""
    for bits in range(40):
        labels = [bits * 2654435761 >> j & 1 for j in range(26)]
        check(isa, 16, [4, 9, 30], range(14, 40), labels, seed=bits)


# --- the sigmoid's polynomial ---------------------------------------------------------------------


def errors_of(isa, scores, label):
    """label - sigmoid(score) as the step computes it, and the losses."""
    w_in = np.zeros((len(scores), PAD), dtype=np.float32)
    w_in[:, 0] = scores
    w_out = np.zeros((1, PAD), dtype=np.float32)
    w_out[0, 0] = 1
    losses = [
        _testing.train_step(w_in[i : i + 1], w_out, ids([0]), ids([0]), ids([label]), 0.0, isa)
        for i in range(0, len(scores), 7)
    ]
    _, dh = _testing.train_step(
        w_in, w_out, ids(range(len(scores))), ids([0]), ids([label]), 1.0, isa, keep_dh=True
    )
    return np.array(dh)[:, 0], np.array(losses)


@pytest.mark.parametrize("label", [0, 1])
@each_isa
def test_sigmoid_error_is_as_documented(isa, label):
    scores = np.concatenate([np.linspace(-84, 84, 4001), np.linspace(-7, 7, 4001)])
    scores = scores.astype(np.float32)
    e, losses = errors_of(isa, scores, label)
    right = (scores if label else -scores).astype(np.float64)
    exact = (2 * label - 1) * ref.sigmoid(-right)
    assert np.max(np.abs(e - exact)) <= 3e-7
    assert np.max(np.abs(e / exact - 1)) <= 5e-7
    over = losses + ref.log_sigmoid(right[::7])
    inside = right[::7] >= -6
    assert np.max(np.abs(over[inside])) <= 1e-6
    assert np.all(over[~inside] >= -3e-5) and np.all(over[~inside] <= 0.0025)


@pytest.mark.parametrize("score", [88.0, 500.0, 1e9, 3e38])
@each_isa
def test_far_outside_the_sigmoid_saturates(isa, score):
    for label, right in ((1, score), (0, -score)):
        e, (loss,) = errors_of(isa, np.array([right]), label)
        assert abs(e[0]) < 1e-37 and loss == pytest.approx(0, abs=1e-6)
        e, (loss,) = errors_of(isa, np.array([-right]), label)
        assert e[0] == 2 * label - 1
        assert loss == pytest.approx(score, rel=1e-3)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (10, 6), (13, 26), (40, 26)])
@each_isa
def test_saturated_losses_add_up_over_tiles(isa, n, m):
    rng = np.random.default_rng(4)
    inputs, targets = ids(rng.integers(0, V, n)), ids(rng.integers(0, V, m))
    labels = ids(rng.integers(0, 2, m))
    w_in, w_out = rows(3, 16, 12.0), rows(4, 16, 12.0)
    expected = ref.step_block(w_in[inputs], w_out[targets], labels, 0.3)[2]
    loss = _testing.train_step(w_in, w_out, inputs, targets, labels, 0.3, kernel=isa)
    assert -1e-5 * expected - 1e-6 <= loss - expected <= 0.0025 * n * m
    assert np.all(np.isfinite(w_in)) and np.all(np.isfinite(w_out))


@each_isa
def test_a_nan_affects_only_the_rows_of_its_step(isa):
    w_in, w_out = rows(3, 40), rows(4, 40)
    w_in[5, 3] = np.nan
    others_in, others_out = np.setdiff1d(range(V), [5]), np.setdiff1d(range(V), [2, 8])
    before_in, before_out = w_in.copy(), w_out.copy()
    _testing.train_step(w_in, w_out, ids([5]), ids([2, 8]), ids([1, 0]), 0.3, kernel=isa)
    assert np.isnan(w_out[[2, 8]]).any() and np.isnan(w_in[5]).any()
    np.testing.assert_array_equal(w_in[others_in], before_in[others_in])
    np.testing.assert_array_equal(w_out[others_out], before_out[others_out])


@each_isa
def test_learning_rate_zero_changes_nothing(isa):
    w_in, w_out = rows(3, 40), rows(4, 40)
    before = w_in.tobytes(), w_out.tobytes()
    loss = _testing.train_step(
        w_in, w_out, ids([5, 5, 9]), ids(range(20)), ids([1] * 20), 0.0, kernel=isa
    )
    assert loss > 0 and (w_in.tobytes(), w_out.tobytes()) == before


# --- the block as one minibatch -------------------------------------------------------------------


@pytest.mark.parametrize("side", ["w_in", "w_out"])
@pytest.mark.parametrize(("inputs", "targets"), [([5, 8, 2], [7, 4, 9, 1]), ([5, 8, 5], [7, 4, 4])])
def test_gradcheck_reference_of_the_block(side, inputs, targets):
    """The sum of the pairs' losses in double, with repeated rows, against central differences."""
    whole = {"w_in": rows(1, 7)[:12, :7].astype(float), "w_out": rows(2, 7)[:12, :7].astype(float)}

    def reference(x):
        w = {name: w.copy() for name, w in whole.items()}
        w[side][:] = x
        labels = [1] + [0] * (len(targets) - 1)
        loss = ref.train_window_block(w["w_in"], w["w_out"], inputs, targets, labels, 1.0)
        return loss, x - w[side]

    assert ref.gradcheck(reference, whole[side]) < 1e-8


@pytest.mark.parametrize("side", ["w_in", "w_out"])
@each_isa
def test_gradcheck_block(isa, side):
    """The kernel's step against central differences of its own loss.

    Rounding of float32 scores over h = 0.01 gives an error of 1e-3 of the largest derivative.
    """
    whole = {"w_in": rows(1, 16)[:12], "w_out": rows(2, 16)[:12]}

    def kernel(x):
        w = {name: w.copy() for name, w in whole.items()}
        w[side][:] = x
        inputs, targets, labels = ids([5, 8, 5]), ids([7, 4, 9, 4, 1, 0, 10]), ids([1] + [0] * 6)
        loss = _testing.train_step(w["w_in"], w["w_out"], inputs, targets, labels, 1.0, kernel=isa)
        return loss, x - w[side]

    assert ref.gradcheck(kernel, whole[side], h=1e-2) < 1e-3


@each_isa
def test_the_result_does_not_depend_on_alignment(isa):
    inputs, targets, labels = ids([5, 9, 5, 2, 0, 7, 1]), ids(range(20)), ids([1] * 20)
    runs = set()
    for shift in (0, 1, 4, 8):
        memory = np.zeros(2 * V * 112 + shift, dtype=np.float32)[shift:].reshape(2, V, 112)
        memory[0], memory[1] = rows(1, 100), rows(2, 100)
        loss = _testing.train_step(memory[0], memory[1], inputs, targets, labels, 0.3, isa)
        runs.add((loss, memory.tobytes()))
    assert len(runs) == 1


# --- exp of a row ---------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [*range(1, 35), 512, 5003])
@each_isa
def test_exp_row(isa, n):
    x = np.random.default_rng(n).normal(scale=8, size=n).astype(np.float32)
    exact = np.exp((x - x.max()).astype(np.float64))  # the difference is rounded first
    y = x.copy()
    total, peak = _testing.exp_row(y, isa)
    assert peak == x.max()
    np.testing.assert_allclose(y, exact, rtol=4e-7)
    assert total == pytest.approx(exact.sum(), rel=1e-6)


@each_isa
def test_exp_row_of_extremes(isa):
    x = np.array([-500, 500, 499, -3e38, 0, 500] * 7, dtype=np.float32)
    total, peak = _testing.exp_row(x, isa)
    assert peak == 500 and total == pytest.approx(14 + 7 / np.e, rel=1e-6)
    assert np.all(np.isfinite(x)) and np.all(x[0::6] < 1e-37)
