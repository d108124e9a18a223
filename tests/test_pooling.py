"""Sums and means of documents' rows against a loop in float64."""

import numpy as np
import pytest

from w2vext._estimator import pooling


def by_hand(vectors, documents, unknown, weights, divide):
    vectors = vectors.astype(np.float64)
    out = np.zeros((len(documents), vectors.shape[1]))
    for i, document in enumerate(documents):
        total, size = 0, 0.0
        for row in document:
            if row < 0 and unknown == "skip":
                continue
            factor = 1 if weights is None else weights[row]
            vector = vectors[row]
            if row < 0:
                vector = vectors.mean(axis=0) if unknown == "mean" else 0 * vectors[0]
            total = total + factor * vector
            size += factor if divide == "weights" else 1
        out[i] = total / (size if divide and size else 1)
    return out


def packed(documents):
    offsets = np.cumsum([0, *map(len, documents)])
    return np.array([row for d in documents for row in d], dtype=np.int32), offsets


@pytest.fixture
def vectors():
    return np.random.default_rng(5).standard_normal((31, 7)).astype(np.float32)


@pytest.mark.parametrize("unknown", ["skip", "zero", "mean"])
@pytest.mark.parametrize(
    ("weighted", "divide"),
    [(False, "count"), (False, None), (True, "count"), (True, "weights"), (True, None)],
)
@pytest.mark.parametrize("rows_at_once", [1, 3, 10_000])
def test_pool_equals_the_loop(vectors, unknown, weighted, divide, rows_at_once, monkeypatch):
    monkeypatch.setattr(pooling, "BLOCK_BYTES", rows_at_once * 28)
    rng = np.random.default_rng(8)
    documents = [rng.integers(-1, 31, size=n).tolist() for n in [4, 0, 0, 17, 1, 0, 9]]
    documents += [[-1], [-1, -1], [30], []]
    weights = rng.random(32) + 0.1 if weighted else None
    got = pooling.pool(vectors, *packed(documents), unknown=unknown, weights=weights, divide=divide)
    expected = by_hand(vectors, documents, unknown, weights, divide)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_pool_of_no_documents(vectors):
    assert pooling.pool(vectors, *packed([])).shape == (0, 7)


def test_pool_of_known_words_only(vectors):
    for unknown in ("skip", "zero", "mean"):
        got = pooling.pool(vectors, *packed([[3, 5], [4]]), unknown=unknown)
        np.testing.assert_array_equal(got[1], vectors[4])


def test_long_documents_add_up_in_double(vectors):
    many = np.full(3_000_000, 2, dtype=np.int32)
    narrow = np.ascontiguousarray(vectors[:, :1])
    got = pooling.pool(narrow, many, np.array([0, len(many)]))
    np.testing.assert_array_equal(got[0], narrow[2])


@pytest.mark.parametrize("tokens", [1, 4, 1 << 20])
def test_document_frequencies(tokens, monkeypatch):
    monkeypatch.setattr(pooling, "TOKENS", tokens)
    rng = np.random.default_rng(4)
    documents = [rng.integers(0, 9, size=n).tolist() for n in (30, 1, 7, 2, 2, 12)]
    got = pooling.document_frequencies(*packed(documents), 11)
    assert got.tolist() == [sum(word in d for d in documents) for word in range(11)]


def test_idf_weights_are_those_of_scikit_learn():
    text = pytest.importorskip("sklearn.feature_extraction.text")
    documents = [["a", "b"], ["a"], ["a", "c", "c"], ["b", "a"]]
    theirs = text.TfidfVectorizer(analyzer=lambda d: d).fit(documents).idf_
    got = pooling.idf_weights(np.array([4, 2, 1]), 4)
    np.testing.assert_allclose(got[:3], theirs)
    assert got[3] == np.log(5) + 1


def test_sif_weights():
    got = pooling.sif_weights(np.array([70, 30]), 0.1)
    np.testing.assert_allclose(got, [0.1 / 0.8, 0.1 / 0.4, 1])


def test_common_direction_is_the_first_singular_vector(vectors):
    documents = [[1, 2, 3], [4], [5, 6], [30, 2], [9, 9, 9]]
    weights = np.linspace(1, 2, 32)
    means = by_hand(vectors, documents, "skip", weights, "count")
    expected = np.linalg.svd(means)[2][0]
    got = pooling.common_direction(pooling.second_moments(vectors, *packed(documents), weights))
    np.testing.assert_allclose(got * np.sign(got @ expected), expected, atol=1e-5)
    left = pooling.without(means.astype(np.float32), got)
    np.testing.assert_allclose(left @ got, 0, atol=1e-5)


# ---- whitening


def test_whitened_words_have_mean_zero_and_covariance_one(vectors):
    counts = np.random.default_rng(3).integers(1, 500, size=31)
    mean, transform = pooling.zipf_whitening(vectors, counts)
    rows = np.repeat((vectors - mean) @ transform, counts, axis=0)  # each as often as it occurs
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(np.cov(rows.T, bias=True), np.eye(7), atol=1e-5)


def test_whitening_in_blocks(vectors, monkeypatch):
    counts = np.arange(31, 0, -1)
    expected = pooling.zipf_whitening(vectors, counts)
    monkeypatch.setattr(pooling, "BLOCK_BYTES", 3 * 56)
    for got, whole in zip(pooling.zipf_whitening(vectors, counts), expected, strict=True):
        np.testing.assert_allclose(got, whole, atol=1e-12)


@pytest.mark.parametrize("rows", [1, 5])
def test_directions_without_spread_are_mapped_to_zero(vectors, rows):
    mean, transform = pooling.zipf_whitening(vectors[:rows], np.arange(rows) + 2)
    assert np.isfinite(transform).all()
    assert np.linalg.matrix_rank(transform) == rows - 1
    assert np.abs((vectors[:rows] - mean) @ transform).max() < 10


@pytest.mark.parametrize("unknown", ["skip", "zero", "mean"])
def test_whitened_documents_equal_the_loop(vectors, unknown):
    documents = [[4, 0, 30], [], [-1], [9, -1, -1, 9], [7]]
    whitening = pooling.zipf_whitening(vectors, np.arange(31, 0, -1) * 3)
    rows = (vectors - whitening.mean) @ whitening.transform
    shares = pooling.pool(np.ones((31, 1), dtype=np.float32), *packed(documents), unknown=unknown)
    means = pooling.pool(vectors, *packed(documents), unknown=unknown)
    got = pooling.whitened(means, shares[:, 0].astype(np.float64), whitening)
    expected = by_hand(rows, documents, unknown, None, "count")
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, atol=1e-5)
