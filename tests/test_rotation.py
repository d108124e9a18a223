"""Vectors centred, rotated to others and averaged, with the definitions computed in NumPy."""

import numpy as np
import pytest
from helpers.topics import topical
from scipy import stats
from scipy.linalg import orthogonal_procrustes

from w2vext import KeyedVectors, Word2Vec

N, D = 60, 6


def named(vectors, step=7, first=2, counts=None):
    """KeyedVectors whose words are not in the order of their numbers."""
    n = len(vectors)
    return KeyedVectors([f"w{(step * i + first) % n}" for i in range(n)], vectors, counts)


def random(seed, n=N, d=D):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) * rng.uniform(0.3, 4, size=(n, 1))


def orthogonal(seed, d=D):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


def unit(v):
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def rows(wv, words):
    return wv.vectors[[wv.key_to_index[word] for word in words]].astype(np.float64)


def test_centred_vectors(monkeypatch):
    monkeypatch.setattr("w2vext.search.rotation._AT_ONCE", 16)
    wv = named(random(1) + 5, counts=np.arange(N))
    got = wv.centered()
    np.testing.assert_allclose(got.vectors, wv.vectors - wv.vectors.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(got.vectors.mean(axis=0), np.zeros(D), atol=1e-6)
    assert got.index_to_key == wv.index_to_key
    np.testing.assert_array_equal(got.counts, wv.counts)


# ---- align


def test_a_rotation_is_undone():
    """Also a reflection, and lengths do not matter."""
    turn = orthogonal(3)
    turn[:, 0] *= -np.sign(np.linalg.det(turn))
    vectors, scale = random(2), np.random.default_rng(5).uniform(0.1, 9, size=(N, 1))
    one, two = named(vectors), named(scale * (vectors @ turn))
    rotated, residual = one.align(two)
    assert residual == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(rotated.vectors, vectors @ turn, atol=1e-5)
    assert rotated.similarity("w3", "w9") == pytest.approx(one.similarity("w3", "w9"), abs=1e-6)


@pytest.mark.parametrize("words", [None, [f"w{i}" for i in range(3, 40, 2)] + ["unknown"]])
def test_the_rotation_is_scipys(words):
    """From the unit vectors of the words in common, whose rows differ; all words are rotated."""
    one, two = named(random(4)), named(random(6, n=50), step=3, first=11)
    shared = [w for w in one.index_to_key if w in two and (words is None or w in words)]
    assert 10 < len(shared) < N
    a, b = unit(rows(one, shared)), unit(rows(two, shared))
    expected, _ = orthogonal_procrustes(a, b)
    got = one.align(two, words)
    np.testing.assert_allclose(got.wv.vectors, one.vectors @ expected, atol=1e-5)
    distances = np.linalg.norm(a @ expected - b, axis=1)
    assert got.residual == pytest.approx(np.sqrt((distances**2).mean()), rel=1e-6)
    assert got.wv.index_to_key == one.index_to_key
    assert 0.9 < got.residual < 1.5  # the vectors are unrelated


def test_no_other_rotation_is_nearer():
    one, two = named(random(4)), named(random(6))
    best = one.align(two).residual
    for seed in range(5):
        turned = named(one.vectors @ orthogonal(seed))
        assert turned.align(two).residual == pytest.approx(best, rel=1e-6)
        words = two.index_to_key
        distances = unit(rows(turned, words)) - unit(rows(two, words))
        assert np.sqrt((distances**2).sum(axis=1).mean()) > best


def test_vectors_that_cannot_be_aligned():
    one = named(random(1))
    with pytest.raises(ValueError, match="have 6 and 7 dimensions"):
        one.align(named(random(2, d=7)))
    with pytest.raises(ValueError, match="0 words in common, but a rotation of 6 dim"):
        one.align(KeyedVectors(range(N), random(2)))
    with pytest.raises(ValueError, match="1 of these words in common, but"):
        one.align(named(random(2)), words="w3")


# ---- the mean of several models


def noisy(n_models, noise, seed=9):
    """Rotated copies of vectors with noise; the last copy has other words, too."""
    rng, base = np.random.default_rng(seed + 1), unit(random(seed))
    found = []
    for i in range(n_models):
        vectors = unit(base + rng.normal(scale=noise, size=base.shape)) @ orthogonal(50 + i)
        found.append(named(vectors * (1 + i), counts=np.arange(N)))
    words = [*found[-1].index_to_key[::-1], "other"]
    last = np.vstack([found[-1].vectors[::-1], np.ones(D)])
    return base, [*found[:-1], KeyedVectors(words, last)]


def test_the_mean_of_rotated_copies_is_the_original():
    _, models = noisy(3, noise=0)
    mean = KeyedVectors.mean_of(models)
    assert mean.wv.index_to_key == models[0].index_to_key  # without "other"
    np.testing.assert_allclose(mean.wv.vectors, unit(models[0].vectors), atol=1e-5)
    np.testing.assert_allclose(mean.spread, 0, atol=1e-3)
    assert mean.wv.counts.tolist() == list(range(N))
    assert mean.similarity("w3", "w9").value == pytest.approx(models[0].similarity("w3", "w9"))


def test_the_spread_by_definition():
    _, models = noisy(4, noise=0.2)
    mean = KeyedVectors.mean_of(models)
    aligned = np.array([rows(each, mean.wv.index_to_key) for each in mean.models])
    np.testing.assert_allclose(np.linalg.norm(aligned, axis=2), 1, atol=1e-5)
    np.testing.assert_allclose(mean.wv.vectors, aligned.mean(axis=0), atol=1e-6)
    distances = np.linalg.norm(aligned - aligned.mean(axis=0), axis=2)
    np.testing.assert_allclose(mean.spread, np.sqrt((distances**2).mean(axis=0)), rtol=1e-4)
    assert mean.spread_of("w3") == mean.spread[mean.wv.key_to_index["w3"]]
    # Of unit vectors, the squared length of the mean and the squared spread add up to 1.
    lengths = np.linalg.norm(mean.wv.vectors, axis=1)
    np.testing.assert_allclose(lengths**2 + mean.spread**2, 1, atol=1e-5)
    for model, before in zip(mean.models, models, strict=True):  # rotations keep all cosines
        assert model.similarity("w3", "w9") == pytest.approx(
            before.similarity("w3", "w9"), abs=1e-5
        )


def test_the_mean_is_nearer_to_the_truth_than_each_model():
    base, models = noisy(8, noise=0.2)
    truth = named(base)
    mean = KeyedVectors.mean_of(models)
    errors = [model.align(truth).residual for model in models]
    assert mean.wv.align(truth).residual < 0.6 * min(errors)
    assert mean.models[0].align(mean.wv).residual == pytest.approx(
        np.sqrt(((rows(mean.models[0], mean.wv.index_to_key) - unit(mean.wv.vectors)) ** 2)
                .sum(axis=1).mean()), rel=1e-2,
    )  # fmt: skip


@pytest.mark.parametrize("level", [0.95, 0.5])
def test_intervals_are_students(level):
    _, models = noisy(5, noise=0.2)
    mean = KeyedVectors.mean_of(models)
    values = np.array([model.similarity("w3", "w9") for model in models])
    low, high = stats.t.interval(level, 4, values.mean(), stats.sem(values))
    got = mean.similarity("w3", "w9", level)
    assert got == pytest.approx((values.mean(), low, high), abs=1e-5)
    assert mean.interval(lambda wv: wv.similarity("w3", "w9"), level) == got
    found = mean.most_similar("w3", topn=N, level=level)
    assert len(found) == N - 1
    assert dict(found)["w9"] == pytest.approx(got, abs=1e-5)
    scores = [interval.value for _, interval in found]
    assert scores == sorted(scores, reverse=True)
    assert mean.most_similar("w3", topn=3, level=level) == found[:3]
    several = mean.most_similar([("w3", 2.0), "w9"], ["w5"], topn=N)
    assert len(several) == N - 3
    assert not {"w3", "w9", "w5"} & {word for word, _ in several}


@pytest.mark.slow
def test_an_interval_has_its_probability():
    """With 3 models, 90 % of the intervals have the value that many models have on average."""
    _, models = noisy(240, noise=0.3)
    values = np.array([model.similarity("w3", "w9") for model in models])
    inside = 0
    for i in range(0, 240, 3):
        mean = KeyedVectors.mean_of(models[i : i + 3])
        interval = mean.similarity("w3", "w9", level=0.9)
        inside += interval.low <= values.mean() <= interval.high
    assert 0.8 <= inside / 80 <= 0.98


def test_models_without_a_mean():
    _, models = noisy(2, noise=0.1)
    with pytest.raises(ValueError, match="models has 1 KeyedVectors: give at least two"):
        KeyedVectors.mean_of(models[:1])
    with pytest.raises(TypeError, match=r"models contains a str: give KeyedVectors"):
        KeyedVectors.mean_of(["a", "b"])
    with pytest.raises(ValueError, match="2 and 6 dimensions"):
        KeyedVectors.mean_of([models[0], KeyedVectors("ab", np.eye(2))])
    mean = KeyedVectors.mean_of(models)
    for level in (0, 1, "x", True):
        with pytest.raises(ValueError, match="level="):
            mean.similarity("w3", "w9", level)
    with pytest.raises(ValueError, match="topn=0"):
        mean.most_similar("w3", topn=0)
    with pytest.raises(KeyError, match="'king'"):
        mean.similarity("w3", "king")
    with pytest.raises(TypeError, match=r"score=.* returned .*: let it return one number"):
        mean.interval(lambda wv: wv["w3"])


# ---- input and output vectors


@pytest.mark.parametrize("loss", ["neg", "hs+neg", "softmax"])
def test_input_and_output_vectors_combined(loss):
    model = Word2Vec(loss=loss, vector_size=8, min_count=1, workers=1, random_state=1, epochs=2)
    model.fit(topical())
    outputs = model.output_vectors_[: len(model.vectors_)]
    got = model.combined(output_weight=0.5)
    np.testing.assert_allclose(got.vectors, unit(model.vectors_) + 0.5 * unit(outputs), atol=1e-6)
    assert got.index_to_key == model.wv.index_to_key
    np.testing.assert_array_equal(got.counts, model.counts_)
    assert model.combined().similarity("king", "queen") != got.similarity("king", "queen")
    with pytest.raises(ValueError, match="output_weight=nan"):
        model.combined(np.nan)
    with pytest.raises(ValueError, match="loss='hs': its output vectors belong to inner nodes"):
        model.set_params(loss="hs").combined()
