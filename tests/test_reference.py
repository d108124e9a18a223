"""The NumPy reference: gradients against central differences, kernels against the gradients."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2vext import reference as ref

V, D = 11, 4
CENTRE, TARGET = 7, 3
OUTSIDE = [3, 9, 3, 0]
NEGATIVES = [5, 2, 5, 10, 5]


@pytest.fixture
def w_in():
    return np.random.default_rng(11).normal(size=(V, D))


@pytest.fixture
def w_out():
    return np.random.default_rng(12).normal(size=(V, D))


@pytest.fixture
def h():
    return np.random.default_rng(13).normal(size=D)


# --- basics ---------------------------------------------------------------------------------------


def test_sigmoid_values_and_symmetry():
    x = np.linspace(-40, 40, 801)
    assert ref.sigmoid(0) == 0.5
    np.testing.assert_allclose(ref.sigmoid(x) + ref.sigmoid(-x), 1.0, rtol=0, atol=1e-15)
    np.testing.assert_allclose(ref.sigmoid(x), np.exp(x) / (np.exp(x) + 1), rtol=1e-14)


@given(st.floats(-1e300, 1e300))
def test_sigmoid_and_its_log_stay_finite(x):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert 0 <= ref.sigmoid(x) <= 1
        assert np.isfinite(ref.log_sigmoid(x))


def test_log_sigmoid_equals_the_log_of_the_sigmoid():
    x = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(ref.log_sigmoid(x), np.log(ref.sigmoid(x)), rtol=1e-12, atol=1e-15)


def test_softmax_sums_to_one_and_ignores_a_shift():
    x = np.random.default_rng(3).normal(size=(5, 8))
    y = ref.softmax(x)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_allclose(ref.softmax(x + 1000), y, rtol=1e-12)
    np.testing.assert_allclose(np.exp(ref.log_softmax(x)), y, rtol=1e-13)
    assert np.all(np.isfinite(ref.softmax([1e300, -1e300, 0])))


def test_cross_entropy_of_a_one_hot_is_minus_log():
    y = ref.softmax([0.3, -1.0, 2.0])
    assert ref.cross_entropy([0, 0, 1], y) == -np.log(y[2])
    assert ref.cross_entropy([1, 0], [1.0, 0.0]) == 0.0
    assert ref.cross_entropy([0, 1], [1.0, 0.0]) == np.inf


def test_normalize_rows():
    rows = ref.normalize_rows([[3.0, 4.0], [1.0, 2.0], [0.0, 0.0]])
    np.testing.assert_allclose(rows[0], [0.6, 0.8])
    np.testing.assert_allclose(rows[1], [0.4472135954999579, 0.8944271909999159])
    assert not rows[2].any()


# --- pairs with weights ---------------------------------------------------------------------------

PAIRS = {
    "contexts": [3, 9, 3, 5],
    "centres": [7, 1, 5, 5],
    "weights": [2.5, 0.1, 1.0, 0.7],
    "negatives": [[5, 2, 5], [1, 10], [7], [3, 3]],
}


def test_gradcheck_weighted_pairs(w_in, w_out):
    def of_w_in(values):
        loss, grad, _ = ref.weighted_pairs(**PAIRS, w_in=values, w_out=w_out)
        return loss, grad

    def of_w_out(values):
        loss, _, grad = ref.weighted_pairs(**PAIRS, w_in=w_in, w_out=values)
        return loss, grad

    assert ref.gradcheck(of_w_in, w_in) < 1e-8
    assert ref.gradcheck(of_w_out, w_out) < 1e-8


@pytest.mark.parametrize("block", [True, False])
def test_a_step_of_a_pair_is_the_weighted_gradient(w_in, w_out, block):
    one = {"contexts": [9], "centres": [7], "weights": [2.5], "negatives": [[5, 2, 10]]}
    loss, grad_in, grad_out = ref.weighted_pairs(**one, w_in=w_in, w_out=w_out)
    moved_in, moved_out = w_in.copy(), w_out.copy()
    found = ref.train_pairs(
        moved_in, moved_out, [9], [[7, 5, 2, 10]], [[1, 0, 0, 0]], [2.5], 0.1, block
    )
    assert found == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(moved_in, w_in - 0.1 * grad_in, rtol=1e-12)
    np.testing.assert_allclose(moved_out, w_out - 0.1 * grad_out, rtol=1e-12)


# --- gradcheck itself -----------------------------------------------------------------------------


def test_gradcheck_finds_a_wrong_gradient():
    x = np.random.default_rng(5).normal(size=(3, 2))
    assert ref.gradcheck(lambda a: (np.sum(a**2), 2 * a), x) < 1e-9
    assert ref.gradcheck(lambda a: (np.sum(a**2), 2.01 * a), x) > 1e-3
    assert ref.gradcheck(lambda a: (np.sum(a**2), -2 * a), x) > 0.5


def test_gradcheck_raises_for_a_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r"shape \(3,\), x has \(2,\)"):
        ref.gradcheck(lambda a: (0.0, np.zeros(3)), np.zeros(2))


def test_gradcheck_gives_every_evaluation_the_same_draws():
    def noisy(x):
        factor = random.random()
        return factor * np.sum(x**2), 2 * factor * x

    random.seed(8)
    assert ref.gradcheck(noisy, [1.0, 2.0, 3.0]) < 1e-9
    after = random.random()
    random.seed(8)
    random.random()
    assert after == random.random()


# --- every analytic gradient against central differences ------------------------------------------


def test_gradcheck_sigmoid():
    x = np.linspace(-4, 4, 9)
    assert (
        ref.gradcheck(lambda a: (ref.sigmoid(a).sum(), ref.sigmoid_derivative(ref.sigmoid(a))), x)
        < 1e-8
    )


def test_gradcheck_softmax_cross_entropy():
    t = np.eye(6)[4]
    x = np.random.default_rng(1).normal(size=6)
    assert (
        ref.gradcheck(lambda a: (ref.cross_entropy(t, ref.softmax(a)), ref.softmax(a) - t), x)
        < 1e-8
    )


def test_gradcheck_naive_softmax_h(h, w_out):
    assert ref.gradcheck(lambda a: ref.naive_softmax(a, TARGET, w_out)[:2], h) < 1e-8


def test_gradcheck_naive_softmax_w_out(h, w_out):
    assert ref.gradcheck(lambda a: ref.naive_softmax(h, TARGET, a)[::2], w_out) < 1e-8


def test_gradcheck_negative_sampling_h(h, w_out):
    assert ref.gradcheck(lambda a: ref.negative_sampling(a, TARGET, NEGATIVES, w_out)[:2], h) < 1e-8


def test_gradcheck_negative_sampling_w_out_with_repeats(h, w_out):
    assert (
        ref.gradcheck(lambda a: ref.negative_sampling(h, TARGET, NEGATIVES, a)[::2], w_out) < 1e-8
    )


def test_gradcheck_negative_sampling_target_among_the_negatives(h, w_out):
    drawn = [TARGET, 5, TARGET]
    assert ref.gradcheck(lambda a: ref.negative_sampling(h, TARGET, drawn, a)[::2], w_out) < 1e-8


def test_gradcheck_negative_sampling_parts(h, w_out):
    negatives = [5, 2, 10]
    _, _, grad_target, grad_negatives = ref.negative_sampling_parts(h, TARGET, negatives, w_out)

    def of_row(row, gradient):
        def f(u):
            moved = w_out.copy()
            moved[row] = u
            return ref.negative_sampling(h, TARGET, negatives, moved)[0], gradient

        return ref.gradcheck(f, w_out[row])

    assert of_row(TARGET, grad_target) < 1e-8
    for k, row in enumerate(negatives):
        assert of_row(row, grad_negatives[k]) < 1e-8


@pytest.mark.parametrize(
    "negatives", [None, [NEGATIVES, [1], [], [0, 0, 9]]], ids=["softmax", "neg"]
)
@pytest.mark.parametrize("which", ["w_in", "w_out"])
def test_gradcheck_skipgram_window(w_in, w_out, negatives, which):
    def f(a):
        matrices = (a, w_out) if which == "w_in" else (w_in, a)
        loss, grad_in, grad_out = ref.skipgram_window(CENTRE, OUTSIDE, *matrices, negatives)
        return loss, grad_in if which == "w_in" else grad_out

    assert ref.gradcheck(f, w_in if which == "w_in" else w_out) < 1e-8


def test_gradcheck_skipgram_matrix(h, w_out):
    assert ref.gradcheck(lambda a: ref.skipgram_matrix(a, OUTSIDE, w_out)[:2], h) < 1e-8
    assert ref.gradcheck(lambda a: ref.skipgram_matrix(h, OUTSIDE, a)[::2], w_out) < 1e-8


@pytest.mark.parametrize("negatives", [None, NEGATIVES], ids=["softmax", "neg"])
def test_gradcheck_cbow(w_in, w_out, negatives):
    args = (OUTSIDE, CENTRE)
    assert ref.gradcheck(lambda a: ref.cbow(*args, a, w_out, negatives)[:2], w_in) < 1e-8
    assert ref.gradcheck(lambda a: ref.cbow(*args, w_in, a, negatives)[::2], w_out) < 1e-8


def test_gradcheck_hierarchical_softmax(h, w_out):
    path, codes = [10, 4, 6, 1], [0, 1, 1, 0]
    assert ref.gradcheck(lambda a: ref.hierarchical_softmax(a, path, codes, w_out)[:2], h) < 1e-8
    assert ref.gradcheck(lambda a: ref.hierarchical_softmax(h, path, codes, a)[::2], w_out) < 1e-8


def test_gradcheck_of_both_losses(h):
    both = np.random.default_rng(12).normal(size=(13, len(h)))  # 7 words, 6 inner nodes
    args = 5, [3, 1, 1], [5, 2, 0], [0, 1, 1]
    assert ref.gradcheck(lambda a: ref.negative_and_hierarchical(a, *args, both)[:2], h) < 1e-8
    assert ref.gradcheck(lambda a: ref.negative_and_hierarchical(h, *args, a)[::2], both) < 1e-8


def test_gradcheck_multilayer():
    rng = np.random.default_rng(4)
    x, w, w_out, t = (
        rng.normal(size=5),
        rng.normal(size=(5, 3)),
        rng.normal(size=(3, 5)),
        np.eye(5)[1],
    )

    def of_w(a):
        net = ref.multilayer(x, a, w_out, t)
        return net.loss, net.grad_w

    def of_w_out(a):
        net = ref.multilayer(x, w, a, t)
        return net.loss, net.grad_w_out

    assert ref.gradcheck(of_w, w) < 1e-8
    assert ref.gradcheck(of_w_out, w_out) < 1e-8


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(2, 9), st.integers(1, 6))
def test_gradcheck_any_shape(seed, d, v, k):
    rng = np.random.default_rng(seed)
    h, w_out = rng.normal(size=d), rng.normal(size=(v, d))
    target, negatives = int(rng.integers(v)), rng.integers(0, v, k)
    assert ref.gradcheck(lambda a: ref.negative_sampling(a, target, negatives, w_out)[:2], h) < 1e-7
    assert (
        ref.gradcheck(lambda a: ref.negative_sampling(h, target, negatives, a)[::2], w_out) < 1e-7
    )
    assert ref.gradcheck(lambda a: ref.naive_softmax(h, target, a)[::2], w_out) < 1e-7


# --- identities -----------------------------------------------------------------------------------


def test_one_softmax_equals_the_sum_over_context_words(h, w_out):
    each = [ref.naive_softmax(h, target, w_out) for target in OUTSIDE]
    loss, grad_h, grad_w_out = ref.skipgram_matrix(h, OUTSIDE, w_out)
    u = w_out @ h
    assert loss == pytest.approx(
        -u[OUTSIDE].sum() + len(OUTSIDE) * np.log(np.exp(u).sum()), rel=1e-13
    )
    np.testing.assert_allclose(loss, sum(one[0] for one in each), rtol=1e-13)
    np.testing.assert_allclose(grad_h, sum(one[1] for one in each), rtol=1e-12)
    np.testing.assert_allclose(grad_w_out, sum(one[2] for one in each), rtol=1e-12, atol=1e-15)


def test_naive_softmax_is_the_cross_entropy(h, w_out):
    y = ref.softmax(w_out @ h)
    assert ref.naive_softmax(h, TARGET, w_out)[0] == pytest.approx(
        ref.cross_entropy(np.eye(V)[TARGET], y)
    )


def test_window_gradient_is_zero_except_for_the_centre(w_in, w_out):
    _, grad_in, _ = ref.skipgram_window(CENTRE, OUTSIDE, w_in, w_out)
    assert np.flatnonzero(grad_in.any(axis=1)).tolist() == [CENTRE]


def test_hierarchical_softmax_is_a_distribution(h, w_out):
    leaves = [([2], [0]), ([2, 5], [1, 0]), ([2, 5, 8], [1, 1, 0]), ([2, 5, 8], [1, 1, 1])]
    total = sum(np.exp(-ref.hierarchical_softmax(h, *leaf, w_out)[0]) for leaf in leaves)
    assert total == pytest.approx(1, rel=1e-13)


def test_repeated_negatives_count_each_time(h, w_out):
    twice = ref.negative_sampling(h, TARGET, [5, 5], w_out)
    once = ref.negative_sampling(h, TARGET, [5], w_out)
    none = ref.negative_sampling(h, TARGET, [], w_out)
    assert twice[0] - once[0] == pytest.approx(once[0] - none[0])
    np.testing.assert_allclose(twice[2][5], 2 * once[2][5], rtol=1e-14)


def test_cbow_word2vec_gradient_is_the_mean_times_the_context_size(w_in, w_out):
    mean = ref.cbow(OUTSIDE, CENTRE, w_in, w_out, NEGATIVES)
    word2vec = ref.cbow(OUTSIDE, CENTRE, w_in, w_out, NEGATIVES, gradient="word2vec")
    np.testing.assert_allclose(word2vec[1], len(OUTSIDE) * mean[1], rtol=1e-14)
    np.testing.assert_array_equal(word2vec[2], mean[2])


@pytest.mark.parametrize("size", [50, -50, 700])
def test_saturation_stays_finite(size):
    h, w_out = np.array([float(size)]), np.array([[1.0], [-1.0], [0.5]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for loss, *gradients in (
            ref.naive_softmax(h, 1, w_out),
            ref.negative_sampling(h, 1, [0, 2, 0], w_out),
            ref.hierarchical_softmax(h, [0, 1, 2], [1, 0, 1], w_out),
        ):
            assert np.isfinite(loss)
            assert all(np.all(np.isfinite(g)) for g in gradients)
        o, dh = w_out[0].copy(), np.zeros(1)
        assert ref.sgd_pair(h, o, dh, 0, 0.1) == pytest.approx(max(size, 0), abs=1e-12)
        assert np.isfinite(dh).all() and np.isfinite(o).all()


def test_errors_name_the_argument(w_in, w_out, h):
    with pytest.raises(ValueError, match="context is empty"):
        ref.skipgram_matrix(np.ones(3), [], np.ones((4, 3)))
    with pytest.raises(ValueError, match="outside is empty"):
        ref.skipgram_window(CENTRE, [], w_in, w_out)
    with pytest.raises(ValueError, match="1 lists for 2 outside words"):
        ref.skipgram_window(CENTRE, [0, 1], w_in, w_out, [[2]])
    with pytest.raises(ValueError, match="context is empty"):
        ref.cbow([], CENTRE, w_in, w_out)
    with pytest.raises(ValueError, match="gradient='sum'"):
        ref.cbow([1], CENTRE, w_in, w_out, gradient="sum")
    with pytest.raises(ValueError, match="path has 2 nodes, codes has 1"):
        ref.hierarchical_softmax(h, [0, 1], [1], w_out)
    with pytest.raises(ValueError, match="the shapes do not match"):
        ref.multilayer(np.zeros(5), np.zeros((4, 3)), np.zeros((3, 5)), np.zeros(5))


# --- kernels against the gradients ----------------------------------------------------------------


def test_sgd_pair_computes_dh_from_the_old_target(h):
    o, dh = np.array([0.5, -1.0, 0.25, 2.0]), np.full(D, 0.125)
    old = o.copy()
    e = 0.3 * (1 - ref.sigmoid(h @ old))
    assert ref.sgd_pair(h, o, dh, 1, 0.3) == -ref.log_sigmoid(h @ old)
    np.testing.assert_allclose(dh, 0.125 + e * old, rtol=1e-15)
    np.testing.assert_allclose(o, old + e * h, rtol=1e-15)


def test_train_window_pair_is_a_gradient_step_for_distinct_rows(w_in, w_out):
    lr, negatives = 0.2, [5, 2, 10]
    loss, grad_h, grad_out = ref.negative_sampling(w_in[4], CENTRE, negatives, w_out)
    moved_in, moved_out = w_in.copy(), w_out.copy()
    assert ref.train_window_pair(
        moved_in, moved_out, [4], CENTRE, [negatives], lr
    ) == pytest.approx(loss)
    np.testing.assert_allclose(moved_in[4], w_in[4] - lr * grad_h, rtol=1e-13)
    np.testing.assert_allclose(moved_out, w_out - lr * grad_out, rtol=1e-13)
    assert np.array_equal(np.delete(moved_in, 4, 0), np.delete(w_in, 4, 0))


def test_train_window_pair_skips_a_negative_equal_to_the_centre(w_in, w_out):
    a_in, a_out, b_in, b_out = w_in.copy(), w_out.copy(), w_in.copy(), w_out.copy()
    a = ref.train_window_pair(a_in, a_out, [4, 6], CENTRE, [[CENTRE, 5], [5, CENTRE]], 0.2)
    b = ref.train_window_pair(b_in, b_out, [4, 6], CENTRE, [[5], [5]], 0.2)
    assert a == b and np.array_equal(a_in, b_in) and np.array_equal(a_out, b_out)


def test_train_window_pair_trains_repeats_one_after_the_other(w_in, w_out):
    a_in, a_out, b_in, b_out = w_in.copy(), w_out.copy(), w_in.copy(), w_out.copy()
    a = ref.train_window_pair(a_in, a_out, [4, 4], CENTRE, [[5, 5], [5]], 0.2)
    b = ref.train_window_pair(b_in, b_out, [4], CENTRE, [[5, 5]], 0.2)
    b += ref.train_window_pair(b_in, b_out, [4], CENTRE, [[5]], 0.2)
    assert a == pytest.approx(b, rel=1e-14)  # the same terms, summed in another order
    assert np.array_equal(a_in, b_in) and np.array_equal(a_out, b_out)


def test_step_block_is_the_sum_of_the_pair_gradients(w_in, w_out):
    inputs, targets, labels = [4, 6, 0], [CENTRE, 5, 2], [1, 0, 0]
    dh, do, loss = ref.step_block(w_in[inputs], w_out[targets], labels, 0.2)
    each = [ref.negative_sampling(w_in[i], CENTRE, [5, 2], w_out) for i in inputs]
    assert loss == pytest.approx(sum(one[0] for one in each), rel=1e-13)
    np.testing.assert_allclose(dh, [-0.2 * one[1] for one in each], rtol=1e-12)
    np.testing.assert_allclose(do, -0.2 * sum(one[2] for one in each)[targets], rtol=1e-12)


def test_step_block_weight_is_a_multiplicity(w_in, w_out):
    merged = ref.step_block(w_in[[4, 6]], w_out[[CENTRE, 5]], [1, 0], 0.2, weight=[1, 3])
    repeated = ref.step_block(w_in[[4, 6]], w_out[[CENTRE, 5, 5, 5]], [1, 0, 0, 0], 0.2)
    np.testing.assert_allclose(merged[0], repeated[0], rtol=1e-13)
    np.testing.assert_allclose(merged[1][1], repeated[1][1:].sum(axis=0), rtol=1e-13)
    assert merged[2] == pytest.approx(repeated[2], rel=1e-14)


def test_train_window_block_gives_repeated_rows_both_updates(w_in, w_out):
    moved_in, moved_out = w_in.copy(), w_out.copy()
    inputs, targets, labels = [4, 6, 4], [CENTRE, 5, 5], [1, 0, 0]
    dh, do, loss = ref.step_block(w_in[inputs], w_out[targets], labels, 0.2)
    assert ref.train_window_block(moved_in, moved_out, inputs, targets, labels, 0.2) == loss
    np.testing.assert_allclose(moved_in[4], w_in[4] + dh[0] + dh[2], rtol=1e-14)
    np.testing.assert_allclose(moved_in[6], w_in[6] + dh[1], rtol=1e-14)
    np.testing.assert_allclose(moved_out[5], w_out[5] + do[1] + do[2], rtol=1e-14)


def test_train_window_block_equals_pair_for_one_input_and_distinct_targets(w_in, w_out):
    a_in, a_out, b_in, b_out = w_in.copy(), w_out.copy(), w_in.copy(), w_out.copy()
    a = ref.train_window_block(a_in, a_out, [4], [CENTRE, 5, 2], [1, 0, 0], 0.2)
    b = ref.train_window_pair(b_in, b_out, [4], CENTRE, [[5, 2]], 0.2)
    assert a == pytest.approx(b, rel=1e-14)
    np.testing.assert_allclose(a_in, b_in, rtol=1e-14)
    np.testing.assert_allclose(a_out, b_out, rtol=1e-14)


def test_softmax_batch_is_a_gradient_step_for_all_centres_at_once(w_in, w_out):
    centres, contexts = [7, 2], [[3, 9, 3, 0], [7]]
    counts = [([3, 9, 0], [2, 1, 1]), ([7], [1])]
    each = [
        ref.skipgram_matrix(w_in[c], words, w_out)
        for c, words in zip(centres, contexts, strict=True)
    ]
    moved = w_out.copy()
    dh, loss = ref.softmax_batch(w_in[centres], moved, counts, 0.2)
    assert loss == pytest.approx(sum(one[0] for one in each), rel=1e-13)
    np.testing.assert_allclose(dh, [-0.2 * one[1] for one in each], rtol=1e-12)
    np.testing.assert_allclose(moved, w_out - 0.2 * sum(one[2] for one in each), rtol=1e-12)


@pytest.mark.parametrize("gradient", ["mean", "word2vec"])
@pytest.mark.parametrize("block", [False, True])
def test_train_window_cbow_is_a_gradient_step(w_in, w_out, gradient, block):
    negatives = [5, 2, 10]
    loss, grad_in, grad_out = ref.cbow(OUTSIDE, CENTRE, w_in, w_out, negatives, gradient)
    a_in, a_out = w_in.copy(), w_out.copy()
    args = (OUTSIDE, [CENTRE, *negatives], [1, 0, 0, 0], 0.2, gradient, block)
    assert ref.train_window_cbow(a_in, a_out, *args) == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(a_in, w_in - 0.2 * grad_in, rtol=1e-12)
    np.testing.assert_allclose(a_out, w_out - 0.2 * grad_out, rtol=1e-12)


def test_train_inputs_pair_on_both_kinds_of_targets_is_a_gradient_step(w_in):
    both = np.random.default_rng(12).normal(size=(13, w_in.shape[1]))
    path, codes = [5, 2, 0], np.array([0, 1, 1])
    loss, grad_h, grad_out = ref.negative_and_hierarchical(w_in[4], 5, [3, 1], path, codes, both)
    targets, labels = [5, 3, 1, *(7 + np.array(path))], [1, 0, 0, *(1 - codes)]
    a_in, a_out = w_in.copy(), both.copy()
    got = ref.train_inputs_pair(a_in, a_out, [4], [targets], [labels], 0.2)
    assert got == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(a_in[4], w_in[4] - 0.2 * grad_h, rtol=1e-12)
    np.testing.assert_allclose(a_out, both - 0.2 * grad_out, rtol=1e-12)


def test_train_inputs_pair_on_a_path_is_a_gradient_step(w_in, w_out):
    path, codes = [10, 4, 6, 1], np.array([0, 1, 1, 0])
    loss, grad_h, grad_out = ref.hierarchical_softmax(w_in[4], path, codes, w_out)
    a_in, a_out = w_in.copy(), w_out.copy()
    got = ref.train_inputs_pair(a_in, a_out, [4], [path], [1 - codes], 0.2)
    assert got == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(a_in[4], w_in[4] - 0.2 * grad_h, rtol=1e-12)
    np.testing.assert_allclose(a_out, w_out - 0.2 * grad_out, rtol=1e-12)
