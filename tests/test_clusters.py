"""Clusters of words: k-means, the file of classes, and invalid arguments."""

import numpy as np
import pytest
from sklearn.cluster import KMeans

from w2vext import KeyedVectors

NAMES = [f"{group}{i}" for i in range(20) for group in "xyz"]


@pytest.fixture
def wv():
    """Three groups of directions, of very different norms; rarer words first."""
    rng = np.random.default_rng(5)
    centers = np.repeat(np.eye(3, 6)[None], 20, axis=0).reshape(-1, 6)
    vectors = (centers + 0.05 * rng.normal(size=(60, 6))) * rng.uniform(0.1, 30, size=(60, 1))
    return KeyedVectors(NAMES, vectors, counts=np.arange(7, 67))


def groups(clusters):
    return {frozenset(words) for words in clusters}


def test_groups_are_found(wv):
    clusters = wv.cluster(3, random_state=0)
    assert groups(clusters) == {frozenset(n for n in NAMES if n[0] == g) for g in "xyz"}
    assert len(clusters) == 3 and clusters.words == NAMES
    assert clusters.labels.shape == (60,) and clusters.labels.dtype == np.int32
    assert clusters.centers.shape == (3, 6)
    assert clusters.to_dict() == {n: clusters.label(n) for n in NAMES}
    assert clusters.label("x0") == clusters.label("x19") != clusters.label("y0")
    assert repr(clusters) == "Clusters(60 words in 3)"


def test_words_are_in_the_order_of_their_distance_from_the_centre(wv):
    clusters = wv.cluster(3, random_state=0)
    for number in range(3):
        cosines = [wv.get_vector(w, norm=True) @ clusters.centers[number] for w in clusters[number]]
        assert len(cosines) == 20 and cosines == sorted(cosines, reverse=True)
    assert clusters[-1] == clusters[2]
    with pytest.raises(IndexError):
        clusters[3]


def test_the_result_equals_that_of_scikit_learn(wv):
    clusters = wv.cluster(4, norm=False, random_state=3, n_init=2, max_iter=7)
    expected = KMeans(4, n_init=2, random_state=3, max_iter=7).fit(wv.vectors)
    np.testing.assert_array_equal(clusters.labels, expected.labels_)
    assert clusters.inertia == expected.inertia_


def test_the_same_random_state_gives_the_same_clusters(wv):
    one, two = (wv.cluster(7, random_state=9) for _ in range(2))
    np.testing.assert_array_equal(one.labels, two.labels)


def test_restrict_vocab_keeps_the_most_frequent_words(wv):
    clusters = wv.cluster(2, restrict_vocab=12, random_state=0)
    assert clusters.words == NAMES[-12:]  # the counts grow with the row
    with pytest.raises(KeyError):
        clusters.label("x0")


def test_zeros_and_a_single_cluster():
    wv = KeyedVectors(["a", "b", 7], [[0, 0], [1, 0], [0, 1]])
    assert set(wv.cluster(1)[0]) == {"a", "b", 7}
    assert len(groups(wv.cluster(3, random_state=0))) == 3


def test_the_file_of_classes(wv, tmp_path):
    clusters = wv.cluster(3, random_state=0)
    clusters.save(tmp_path / "classes")
    lines = [line.split() for line in (tmp_path / "classes").read_text().splitlines()]
    assert {word: int(number) for word, number in lines} == clusters.to_dict()
    bad = KeyedVectors(["a b", "c"], np.eye(2)).cluster(2)
    with pytest.raises(ValueError, match="'a b'"):
        bad.save(tmp_path / "bad")
    assert not (tmp_path / "bad").exists()


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"n_clusters": 0}, ValueError, "n_clusters=0: give 1 to 60"),
        ({"n_clusters": 61}, ValueError, "n_clusters=61: give 1 to 60"),
        ({"n_clusters": 5, "restrict_vocab": 4}, ValueError, "n_clusters=5: give 1 to 4"),
        ({"n_clusters": 2.5}, TypeError, "n_clusters=2.5"),
        ({"n_clusters": True}, TypeError, "n_clusters=True"),
        ({"n_clusters": 2, "restrict_vocab": 0}, ValueError, "restrict_vocab=0"),
        ({"n_clusters": 2, "random_state": "x"}, ValueError, "random_state"),
        ({"n_clusters": 2, "n_init": 0}, ValueError, "n_init"),
    ],
)
def test_invalid_arguments(wv, arguments, error, message):
    with pytest.raises(error, match=message):
        wv.cluster(**arguments)
