"""Smaller vectors, and vectors as objects of other packages."""

import numpy as np
import pytest

from w2vext import KeyedVectors

WORDS = ["c", "a", "d", "b", "e"]
COUNTS = [2, 9, 1, 30, 5]


@pytest.fixture
def wv():
    rows = np.random.default_rng(7).normal(size=(5, 6)) * np.array([[1], [50], [1e-2], [3], [1]])
    return KeyedVectors(WORDS, rows, COUNTS)


# ---- compress


@pytest.mark.parametrize(("dtype", "size", "error"), [("float16", 60, 1e-3), ("int8", 50, 0.004)])
def test_numbers_are_rounded(wv, dtype, size, error):
    small = wv.compress(dtype=dtype)
    assert (small.size_before, small.size) == (120, size)
    largest = np.abs(wv.vectors).max(axis=1, keepdims=True)
    assert (np.abs(small.wv.vectors - wv.vectors) <= error * largest).all()
    assert 0.9999 < small.cosine < 1
    assert small.wv.index_to_key == WORDS and small.wv.counts.tolist() == COUNTS
    again = small.wv.compress(dtype=dtype)
    np.testing.assert_allclose(again.wv.vectors, small.wv.vectors, rtol=1e-6)


def test_principal_directions_are_the_best_of_their_number(wv):
    small = wv.compress(dimensions=4)
    assert small.wv.vectors.shape == (5, 4) and small.size == 80
    left, values, right = np.linalg.svd(wv.vectors.astype(float), full_matrices=False)
    best = (left[:, :4] * values[:4]) @ right[:4]
    np.testing.assert_allclose(
        small.wv.vectors @ small.wv.vectors.T, best @ best.T, rtol=1e-4, atol=1e-3
    )
    norms = np.linalg.norm(best, axis=1) / np.linalg.norm(wv.vectors, axis=1)
    assert small.cosine == pytest.approx(norms.mean(), abs=1e-4)
    whole = wv.compress(dimensions=6)
    assert whole.cosine == pytest.approx(1) and whole.neighbors == 1
    means = wv.vectors[[1, 3]].mean(axis=0), wv.vectors[[0, 2, 4]].mean(axis=0)
    projected = whole.wv.vectors[[1, 3]].mean(axis=0), whole.wv.vectors[[0, 2, 4]].mean(axis=0)
    assert np.dot(*projected) == pytest.approx(np.dot(*means), rel=1e-4)


def test_the_most_frequent_words_are_kept(wv):
    small = wv.compress(words=3)
    assert small.wv.index_to_key == ["a", "b", "e"]
    assert small.wv.counts.tolist() == [9, 30, 5]
    np.testing.assert_array_equal(small.wv["b"], wv["b"])
    assert (small.size_before, small.size) == (120, 72)
    text = str(wv.compress(words=3, dimensions=2, dtype="int8"))
    assert "size before" in text and "18 bytes" in text and "mean cosine" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "int4"}, "dtype='int4': choose 'float32', 'float16' or 'int8'"),
        ({"dimensions": 7}, "dimensions=7: give at most the 6 dimensions"),
        ({"dimensions": 0}, "dimensions=0"),
    ],
)
def test_bad_arguments(wv, options, message):
    with pytest.raises(ValueError, match=message):
        wv.compress(**options)


def test_numbers_beyond_float16():
    with pytest.raises(ValueError, match="beyond 65504"):
        KeyedVectors(["a"], [[1e6]]).compress(dtype="float16")


# ---- other packages


def test_to_arrow(wv):
    arrow = pytest.importorskip("pyarrow")
    table = wv.to_arrow()
    assert table.column_names == ["word", "vector", "count"]
    assert table.schema.field("vector").type == arrow.list_(arrow.float32(), 6)
    assert table["word"].to_pylist() == WORDS and table["count"].to_pylist() == COUNTS
    np.testing.assert_array_equal(np.array(table["vector"].to_pylist(), np.float32), wv.vectors)
    assert KeyedVectors(WORDS, wv.vectors).to_arrow().column_names == ["word", "vector"]
    with pytest.raises(ValueError, match=r"row 1.*lone surrogate"):
        KeyedVectors(["a", "b\udce4"], np.eye(2)).to_arrow()


def test_to_torch(wv):
    torch = pytest.importorskip("torch", reason="too large to be a test dependency")
    layer = wv.to_torch()
    rows = layer(torch.tensor([3, 0])).numpy()
    np.testing.assert_array_equal(rows, wv.vectors[[3, 0]])
    assert not layer.weight.requires_grad and wv.to_torch(freeze=False).weight.requires_grad
    layer.weight.data.zero_()
    assert wv.vectors.any()


def test_to_onnx(wv):
    pytest.importorskip("onnx", reason="the tests do not install onnx")
    from onnx.reference import ReferenceEvaluator

    vectors, mean = ReferenceEvaluator(wv.to_onnx()).run(None, {"ids": np.array([3, 0, 3])})
    np.testing.assert_array_equal(vectors, wv.vectors[[3, 0, 3]])
    np.testing.assert_allclose(mean, wv.vectors[[3, 0, 3]].mean(axis=0), rtol=1e-6)


@pytest.mark.parametrize("name", ["pyarrow", "torch", "onnx"])
def test_a_package_is_missing(wv, name, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, name, None)
    method = {"pyarrow": wv.to_arrow, "torch": wv.to_torch, "onnx": wv.to_onnx}[name]
    with pytest.raises(ImportError, match="pip install"):
        method()
