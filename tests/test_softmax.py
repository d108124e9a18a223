"""The full softmax step: equal to the reference and the gradient in double, rounded in float."""

from types import SimpleNamespace

import numpy as np
import pytest

from w2vext import _threads as workers
from w2vext import reference as ref
from w2vext.kernels._softmax import SoftmaxBatch
from w2vext.training import run as training

# Words: less than a tile (512), exactly one tile, several, and more tiles than groups (8).
SIZES = (1, 2, 30, 512, 513, 1300, 512 * 9 + 3)
# Centres with their context words: repeated centres, repeated contexts, a centre among its own.
WINDOWS = [
    (4, [9, 9, 2]),
    (11, [0]),
    (4, [25, 4, 9, 9, 9]),
    (29, [11, 29, 3]),
    (4, [7]),
]


def weights(V, d, dtype=np.float64, seed=3, stride=None):
    w = np.zeros((V, stride or d), dtype)
    w[:, :d] = np.random.default_rng(seed).normal(size=(V, d)) * d**-0.25
    return w


def pack(windows, V):
    """centres, starts and contexts, the arguments of `load`, with ids modulo V."""
    centres = np.array([centre % V for centre, _ in windows], dtype=np.int32)
    starts = np.cumsum([0, *(len(context) for _, context in windows)], dtype=np.int64)
    contexts = np.array([word % V for _, context in windows for word in context], dtype=np.int32)
    return centres, starts, contexts


def batch_of(w_in, w_out, d, windows):
    return SoftmaxBatch(w_in, w_out, d, len(windows), sum(len(context) for _, context in windows))


def step(w_in, w_out, d, windows, lr):
    return batch_of(w_in, w_out, d, windows).step(*pack(windows, len(w_in)), len(windows), lr)


def reference_step(w_in, w_out, windows, lr):
    V = len(w_in)
    centres = [centre % V for centre, _ in windows]
    counts = [([word % V for word in context], [1] * len(context)) for _, context in windows]
    dh, loss = ref.softmax_batch(w_in[centres], w_out, counts, lr)
    np.add.at(w_in, centres, dh)
    return loss


@pytest.mark.parametrize("d", [1, 7, 16, 100])
@pytest.mark.parametrize("V", SIZES)
def test_double_batch_equals_the_reference(V, d):
    w_in, w_out = weights(V, d), weights(V, d, seed=4)
    expected_in, expected_out = w_in.copy(), w_out.copy()
    loss, pairs = step(w_in, w_out, d, WINDOWS, 0.4)
    assert loss == pytest.approx(
        reference_step(expected_in, expected_out, WINDOWS, 0.4), rel=1e-12, abs=1e-12
    )
    assert pairs == 13
    np.testing.assert_allclose(w_in, expected_in, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(w_out, expected_out, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("d", [1, 7, 100])
@pytest.mark.parametrize("V", SIZES)
def test_float_batch_within_rounding(V, d):
    """Scores, and so y, are rounded to 24 bits of |h| |o|; 1e-5 is above this error."""
    stride = -(-d // 16) * 16
    w_in, w_out = (weights(V, d, np.float32, seed, stride) for seed in (3, 4))
    expected_in, expected_out = w_in[:, :d].astype(np.float64), w_out[:, :d].astype(np.float64)
    loss, _ = step(w_in, w_out, d, WINDOWS, 0.4)
    assert loss == pytest.approx(
        reference_step(expected_in, expected_out, WINDOWS, 0.4), rel=1e-5, abs=1e-5
    )
    np.testing.assert_allclose(w_in[:, :d], expected_in, rtol=0, atol=1e-5)
    np.testing.assert_allclose(w_out[:, :d], expected_out, rtol=0, atol=1e-5)
    assert not w_in[:, d:].any() and not w_out[:, d:].any()


@pytest.mark.parametrize("side", ["w_in", "w_out"])
@pytest.mark.parametrize(("V", "d"), [(30, 7), (530, 1)])
def test_gradcheck_double_batch(V, d, side):
    """The step compared with differences of the loss, with repeated centres and contexts."""
    whole = {"w_in": weights(V, d), "w_out": weights(V, d, seed=4)}
    some = list(range(30)) + list(range(500, V))

    def kernel(x):
        w = {name: w.copy() for name, w in whole.items()}
        w[side][some] = x
        loss, _ = step(w["w_in"], w["w_out"], d, WINDOWS, 1.0)
        return loss, x - w[side][some]

    assert ref.gradcheck(kernel, whole[side][some]) < 1e-8


def test_one_centre_gets_the_gradient_of_its_window():
    """One softmax is computed for all context words, and y counts C times."""
    w_in, w_out = weights(30, 7), weights(30, 7, seed=4)
    loss, grad_h, grad_out = ref.skipgram_matrix(w_in[4], [25, 4, 9, 9, 9], w_out)
    moved_in, moved_out = w_in.copy(), w_out.copy()
    assert step(moved_in, moved_out, 7, WINDOWS[2:3], 1.0)[0] == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(w_in[4] - moved_in[4], grad_h, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(w_out - moved_out, grad_out, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [500.0, 1e4])
def test_extreme_scores_stay_finite(size, dtype):
    V = 700
    w_in, w_out = np.zeros((V, 1), dtype), np.zeros((V, 1), dtype)
    w_in[4], w_out[:] = 1, -size
    w_out[9], w_out[600] = size, size
    loss, _ = step(w_in, w_out, 1, [(4, [9, 1, 600])], 0.0)
    assert loss == pytest.approx(3 * np.log(2) + 2 * size, rel=1e-6)
    loss, _ = step(w_in, w_out, 1, [(4, [9, 1, 600])], 0.5)
    assert np.all(np.isfinite(w_in)) and np.all(np.isfinite(w_out))
    assert w_out[1, 0] == pytest.approx(-size + 0.5, rel=1e-6)
    assert w_out[9, 0] == pytest.approx(size + 0.5 * (1 - 3 / 2), rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_order_of_groups_does_not_matter(dtype):
    V, d, found = 512 * 9 + 3, 16, set()
    for order in (range(8), range(7, -1, -1), [3, 0, 7, 5, 1, 6, 2, 4]):
        w_in, w_out = weights(V, d, dtype), weights(V, d, dtype, seed=4)
        batch = batch_of(w_in, w_out, d, WINDOWS)
        assert batch.groups == 8
        batch.load(*pack(WINDOWS, V), len(WINDOWS), 0.3)
        for group in order:
            batch.score(group)
        batch.normalise()
        taken = batch.loss()
        for group in order:
            batch.update(group)
        batch.scatter()
        found.add((taken, w_in.tobytes(), w_out.tobytes()))
    assert len(found) == 1


def test_groups_in_threads_equal_the_step():
    V, d, found = 512 * 9 + 3, 16, set()
    for threads in (1, 2, 5):
        w_in, w_out = weights(V, d, np.float32), weights(V, d, np.float32, seed=4)
        batch = batch_of(w_in, w_out, d, WINDOWS)
        with workers.ThreadPool(threads) as pool:
            batch.load(*pack(WINDOWS, V), len(WINDOWS), 0.3)
            pool.run(batch.score, batch.groups)
            batch.normalise()
            taken = batch.loss()
            pool.run(batch.update, batch.groups)
            batch.scatter()
        found.add((taken, w_in.tobytes(), w_out.tobytes()))
    assert len(found) == 1


def test_a_batch_can_be_used_again_with_fewer_centres():
    w_in, w_out = weights(700, 7), weights(700, 7, seed=4)
    expected_in, expected_out = w_in.copy(), w_out.copy()
    batch = batch_of(w_in, w_out, 7, WINDOWS)
    for some in (WINDOWS, WINDOWS[1:3], WINDOWS[4:]):
        loss, pairs = batch.step(*pack(some, 700), len(some), 0.4)
        assert loss == pytest.approx(
            reference_step(expected_in, expected_out, some, 0.4), rel=1e-12
        )
        assert pairs == sum(len(context) for _, context in some)
    np.testing.assert_allclose(w_in, expected_in, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(w_out, expected_out, rtol=1e-12, atol=1e-12)


def test_more_than_the_capacity_is_an_error():
    w_in, w_out = weights(30, 7), weights(30, 7, seed=4)
    batch = batch_of(w_in, w_out, 7, WINDOWS[:2])
    with pytest.raises(ValueError, match="5 centres with 13 contexts, at most 2, 4"):
        batch.load(*pack(WINDOWS, 30), 5, 0.1)
    with pytest.raises(ValueError, match="1 centres with 5 contexts, at most 2, 4"):
        batch.load(*pack(WINDOWS[2:3], 30), 1, 0.1)
    with pytest.raises(ValueError, match="for dim 8"):
        SoftmaxBatch(w_in, w_out, 8, 2, 2)


# --- in training ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def english():
    """12,000 words of pydoc's topics; the rarest third of the vocabulary is mapped to one word."""
    from pydoc_data.topics import topics

    words = " ".join(topics[name] for name in sorted(topics)).split()[:12_000]
    names, ids, counts = np.unique(words, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")[: len(names) * 2 // 3]
    rank = np.full(len(names), len(order))
    rank[order] = np.arange(len(order))
    ids = rank[ids].astype(np.int32)
    offsets = np.append(np.arange(0, len(ids), 23), len(ids)).astype(np.int64)
    return SimpleNamespace(ids=ids, offsets=offsets), np.bincount(ids)


def softmax(english, **changes):
    stream, counts = english
    choices = training.Settings(
        **{"loss": "softmax", "vector_size": 16, "window": 3, "epochs": 1, "sample": 0.0,
           "workers": 1, **changes}
    )  # fmt: skip
    return training.train(stream, counts, choices)


def test_batches_lose_no_more_than_one_percent(english, monkeypatch):
    """The loss after one epoch with CENTRES centres per step, and with one per step (D12)."""
    together = softmax(english).loss_history[-1]
    monkeypatch.setattr("w2vext.training.softmax.CENTRES", 1)
    alone = softmax(english).loss_history[-1]
    untrained = np.log(len(english[1]))
    assert alone < 0.98 * untrained
    assert abs(together / alone - 1) < 0.01


def test_the_number_of_workers_does_not_change_the_result(english):
    runs = [softmax(english, workers=n, sample=1e-2, shrink_windows=True) for n in (1, 2, 3)]
    assert len({(r.w_in.tobytes(), r.w_out.tobytes(), *r.loss_history) for r in runs}) == 1


def test_the_score_memory_is_bounded(english, monkeypatch):
    """If the scores would need more than SCORE_BYTES, a step has fewer centres."""
    monkeypatch.setattr("w2vext.training.softmax.SCORE_BYTES", 4 * len(english[1]) * 3)
    run = training.Run(*english, training.Settings(loss="softmax", vector_size=16, workers=1))
    assert run.strategy().batch.capacity == 3


@pytest.mark.parametrize("limit", [0.0, 0.05, 0.3, 1e9])
def test_a_batch_is_cut_at_the_stability_limit(limit):
    rng = np.random.default_rng(17)
    words, d, lr = 1200, 8, 0.3
    w_in, w_out = rng.normal(size=(words, d)), rng.normal(size=(words, d))
    centres = rng.integers(0, words, 12).tolist()
    windows = [(c, rng.integers(0, words, 1 + c % 4).tolist()) for c in centres]
    batch = batch_of(w_in, w_out, d, windows)
    batch.load(*pack(windows, words), len(windows), lr)
    for group in range(batch.groups):
        batch.score(group)
    batch.normalise()
    for group in range(batch.groups):
        batch.check_stability(group, limit)
    h = w_in[[c for c, _ in windows]]
    y = np.exp(h @ w_out.T)
    y /= y.sum(axis=1, keepdims=True)
    many = np.array([len(context) for _, context in windows])
    curvature = np.cumsum(lr * (many * (h * h).sum(axis=1))[:, None] * y, axis=0).max(axis=1)
    wanted = max(1, int((curvature <= limit).sum()))
    assert batch.keep_stable() == wanted
    loss, pairs = batch.loss()
    assert pairs == many[:wanted].sum()
    expected = -sum(np.log(y[b][context]).sum() for b, (_, context) in enumerate(windows[:wanted]))
    assert loss == pytest.approx(expected, rel=1e-10)


def test_read_only_matrices_give_the_loss_and_are_not_updated():
    w_in, w_out = weights(700, 7, np.float32), weights(700, 7, np.float32, seed=4)
    expected = step(w_in.copy(), w_out.copy(), 7, WINDOWS, 0.4)
    w_in.flags.writeable = False
    batch = batch_of(w_in, w_out, 7, WINDOWS)
    batch.load(*pack(WINDOWS, 700), len(WINDOWS), 0.4)
    for group in range(batch.groups):
        batch.score(group)
    batch.normalise()
    assert batch.loss() == expected
    for update in (lambda: batch.update(0), batch.scatter):
        with pytest.raises(ValueError, match="read-only"):
            update()


def test_a_batch_without_contexts_can_be_shortened():
    batch = SoftmaxBatch(weights(30, 7), weights(30, 7, seed=4), 7, 2, 4)
    batch.load(np.array([4, 9], dtype=np.int32), np.zeros(3, np.int64), np.empty(0, np.int32), 2, 1)
    for group in range(batch.groups):
        batch.score(group)
    batch.normalise()
    for group in range(batch.groups):
        batch.check_stability(group, 0.5)
    assert batch.keep_stable() == 2 and batch.loss() == (0.0, 0)
