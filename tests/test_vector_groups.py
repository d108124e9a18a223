"""Means and orders of groups of words, compared with gensim, and parameters that are flags."""

import numpy as np
import pytest

from w2vext import Word2Vec, clusters, datasets, evaluation, exact
from w2vext.formats import fasttext_bin, native
from w2vext.keyedvectors import KeyedVectors
from w2vext.search import UnknownWordError

N, D = 90, 7
WORDS = ["w3", "w9", "w20", "w41"]


@pytest.fixture(scope="module")
def wv():
    rng = np.random.default_rng(8)
    vectors = rng.normal(size=(N, D)) * rng.uniform(0.2, 3, size=(N, 1))
    return KeyedVectors([f"w{(i * 11 + 4) % N}" for i in range(N)], vectors, np.arange(N)[::-1])


def unit(v):
    return np.asarray(v, np.float64) / np.linalg.norm(v, axis=-1, keepdims=True)


# ---- the definitions


def test_mean_vector(wv):
    vectors, weights = wv[WORDS].astype(np.float64), [1, -2, 0.5, 0]
    expected = weights @ unit(vectors) / 3.5
    np.testing.assert_allclose(wv.get_mean_vector(WORDS, weights), expected, atol=1e-6)
    got = wv.get_mean_vector(WORDS, weights, post_normalize=True)
    np.testing.assert_allclose(got, unit(expected), atol=1e-6)
    got = wv.get_mean_vector(tuple(WORDS), pre_normalize=False)
    np.testing.assert_allclose(got, vectors.mean(axis=0), atol=1e-6)
    given = np.arange(D, dtype=np.float32)  # a given vector is not scaled
    got = wv.get_mean_vector(["w3", given])
    np.testing.assert_allclose(got, (unit(vectors[0]) + given) / 2, rtol=1e-6)


def test_mean_vector_without_some_words(wv):
    np.testing.assert_array_equal(
        wv.get_mean_vector(["w3", "king", "w9"], [1, 5, 2]),
        wv.get_mean_vector(["w3", "w9"], [1, 2]),
    )
    np.testing.assert_array_equal(wv.get_mean_vector(["king"]), np.zeros(D))
    np.testing.assert_array_equal(wv.get_mean_vector("w3", [0]), np.zeros(D))
    with pytest.raises(UnknownWordError, match="'king'"):
        wv.get_mean_vector(["w3", "king"], ignore_missing=False)
    with pytest.raises(ValueError, match="keys is empty"):
        wv.get_mean_vector([])
    for weights in ([1], [1, np.nan], [[1], [2]]):
        with pytest.raises(ValueError, match="weights has shape"):
            wv.get_mean_vector(["w3", "w9"], weights)
    replaced = KeyedVectors(["a", "b"], np.eye(2), unk_token="b")
    np.testing.assert_array_equal(replaced.get_mean_vector(["a", "c"]), [0.5, 0.5])


def test_unit_vectors(wv, monkeypatch):
    monkeypatch.setattr("w2vext.search.exact._ROWS_AT_ONCE", 16)
    vectors = wv.vectors.copy()
    vectors[5] = 0
    got = KeyedVectors(wv.index_to_key, vectors).get_normed_vectors()
    vectors[5, 0] = 1
    expected = unit(vectors)
    expected[5] = 0
    np.testing.assert_allclose(got, expected, atol=1e-7)
    assert got.dtype == np.float32


def test_vectors_for_all(wv):
    got = wv.vectors_for_all(["w9", "king", "w3", "w9"])
    assert got.index_to_key == ["w9", "w3"]
    np.testing.assert_array_equal(got.vectors, wv[["w9", "w3"]])
    assert got.counts is None
    got = wv.vectors_for_all(iter(["w9", "w3"]), copy_vecattrs=True)
    assert got.counts.tolist() == [wv.get_vecattr(word, "count") for word in ("w9", "w3")]
    assert len(wv.vectors_for_all(["king"])) == 0
    assert wv.vectors_for_all("w9").index_to_key == ["w9"]


def test_vectors_for_all_composes_unknown_words():
    text = [["walk", "walking", "talk", "talking"]] * 30
    how = dict(vector_size=6, min_n=3, max_n=4, min_count=1, epochs=1, workers=1)
    wv = Word2Vec(**how, random_state=3).fit(text).wv
    got = wv.vectors_for_all(["talked", "walk", "qqqqq"], copy_vecattrs=True)
    assert got.index_to_key == ["talked", "walk"]
    np.testing.assert_array_equal(got.vectors, [wv["talked"], wv["walk"]])
    assert got.counts.tolist() == [0, 30]
    only = wv.vectors_for_all(["talked", "walk"], allow_inference=False)
    assert only.index_to_key == ["walk"]
    np.testing.assert_allclose(wv.get_mean_vector(["talked"]), unit(wv["talked"]), atol=1e-6)


def test_most_similar_to_given(wv):
    cosines = [wv.similarity("w3", word) for word in WORDS[1:]]
    assert wv.most_similar_to_given("w3", WORDS[1:]) == WORDS[1:][int(np.argmax(cosines))]
    assert wv.most_similar_to_given(wv["w3"], WORDS) == "w3"
    with pytest.raises(ValueError, match="words is empty"):
        wv.most_similar_to_given("w3", [])


def test_relative_similarity(wv):
    total = sum(cosine for _, cosine in wv.most_similar("w3", topn=4))
    got = wv.relative_cosine_similarity("w3", "w9", topn=4)
    assert got == pytest.approx(wv.similarity("w3", "w9") / total)
    with pytest.raises(ValueError, match="no neighbours to compare with"):
        wv.relative_cosine_similarity("w3", "w9", topn=0)


def test_order_by_centrality(wv):
    found = wv.rank_by_centrality([*WORDS, "king"])
    units = unit(wv[WORDS])
    scores = units @ unit(units.mean(axis=0))
    assert [word for _, word in found] == [WORDS[i] for i in np.argsort(-scores)]
    np.testing.assert_allclose([score for score, _ in found], sorted(scores)[::-1], atol=1e-6)
    assert found[-1][1] == wv.doesnt_match(WORDS)
    with pytest.raises(ValueError, match=r"words has no known word: \['king'\]"):
        wv.rank_by_centrality(["king"])


def test_cosines_of_given_vectors():
    rng = np.random.default_rng(4)
    one, many = rng.normal(size=5), rng.normal(size=(6, 5))
    expected = unit(many) @ unit(one)
    many[2] = expected[2] = 0
    np.testing.assert_allclose(KeyedVectors.cosine_similarities(one, many), expected, atol=1e-12)
    for wrong in (one[:3], many):
        with pytest.raises(ValueError, match=r"give one of shape \(d,\)"):
            KeyedVectors.cosine_similarities(wrong, many)


def test_a_cosine_with_itself_is_at_most_one():
    rng = np.random.default_rng(2)
    wv = KeyedVectors(range(200), rng.normal(size=(200, 50)))
    for word in wv:
        assert wv.similarity(word, word) <= 1
        assert wv.distance(word, word) >= 0
        assert wv.distances(word).min() >= 0
        assert np.isfinite(np.arccos(wv.similarity(word, word)))


def test_the_same_as_gensim(wv, theirs):
    weights = [1, -2, 0.5, 3]
    for options in ({}, {"pre_normalize": False}, {"post_normalize": True}):
        np.testing.assert_allclose(
            wv.get_mean_vector(WORDS, weights, **options),
            theirs.get_mean_vector(WORDS, weights, **options),
            atol=1e-6,
        )
    np.testing.assert_allclose(wv.get_normed_vectors(), theirs.get_normed_vectors(), atol=1e-6)
    for use_norm in (True, False):
        ours, others = (each.rank_by_centrality(WORDS, use_norm) for each in (wv, theirs))
        assert [word for _, word in ours] == [word for _, word in others]
        np.testing.assert_allclose([s for s, _ in ours], [s for s, _ in others], rtol=1e-5)
    assert wv.relative_cosine_similarity("w3", "w9") == pytest.approx(
        theirs.relative_cosine_similarity("w3", "w9"), rel=1e-5
    )
    for words in (WORDS[1:], WORDS[2:]):
        assert wv.most_similar_to_given("w3", words) == theirs.most_similar_to_given("w3", words)
    assert wv.words_closer_than("w3", "w9") == theirs.closer_than("w3", "w9")
    ours, others = (each.vectors_for_all(["w9", "no", "w3", "w9"]) for each in (wv, theirs))
    assert ours.index_to_key == others.index_to_key
    np.testing.assert_array_equal(ours.vectors, others.vectors)
    rows = wv.vectors[3:9]
    np.testing.assert_allclose(
        wv.cosine_similarities(wv["w3"], rows),
        theirs.cosine_similarities(wv["w3"], rows),
        rtol=1e-5,
    )


# ---- flags


FLAGS = {
    "norm": lambda wv, flag: wv.get_vector("w3", norm=flag),
    "force": lambda wv, flag: wv.fill_norms(force=flag),
    "binary": lambda wv, flag: wv.save_word2vec_format("vectors.txt", binary=flag),
    "binary ": lambda wv, flag: KeyedVectors.load_word2vec_format("vectors.txt", flag),
    "binary  ": lambda wv, flag: exact.write_vectors("a", [b"a"], np.eye(1), binary=flag),
    "pre_normalize": lambda wv, flag: wv.get_mean_vector("w3", pre_normalize=flag),
    "post_normalize": lambda wv, flag: wv.get_mean_vector("w3", post_normalize=flag),
    "ignore_missing": lambda wv, flag: wv.get_mean_vector("w3", ignore_missing=flag),
    "allow_inference": lambda wv, flag: wv.vectors_for_all(["w3"], flag),
    "copy_vecattrs": lambda wv, flag: wv.vectors_for_all(["w3"], copy_vecattrs=flag),
    "use_norm": lambda wv, flag: wv.rank_by_centrality(["w3"], flag),
    "norm ": lambda wv, flag: wv.wmdistance(["w3"], ["w9"], norm=flag),
    "norm  ": lambda wv, flag: clusters.cluster(wv, 2, norm=flag),
    "qnorm": lambda wv, flag: wv.quantize(qnorm=flag),
    "case_insensitive": lambda wv, flag: wv.evaluate_pairs([], case_insensitive=flag),
    "case_insensitive ": lambda wv, flag: wv.evaluate_categories({}, case_insensitive=flag),
    "dummy4unknown": lambda wv, flag: evaluation.evaluate_analogies(wv, [], dummy4unknown=flag),
    "mmap": lambda wv, flag: native.read("vectors", mmap=flag),
    "mmap ": lambda wv, flag: fasttext_bin.read_model("vectors", mmap=flag),
    "mmap  ": lambda wv, flag: Word2Vec.load("vectors", mmap=flag),
    "mmap   ": lambda wv, flag: wv.load_index("vectors", mmap=flag),
    "lower": lambda wv, flag: datasets.load_sst("folder", lower=flag),
    "hs": lambda wv, flag: exact.train("text", hs=flag),
    "faithful": lambda wv, flag: exact.count_words("text", faithful=flag),
    "faithful ": lambda wv, flag: exact.read_vocabulary("text", faithful=flag),
    "shuffle": lambda wv, flag: Word2Vec(shuffle=flag).fit([["a"]]),
}


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_is_true_or_false(wv, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for wrong in ("vocab.txt", 1):
        message = rf"^{name.strip()}={wrong!r} is an? (str|int): give True or False$"
        with pytest.raises(TypeError, match=message):
            FLAGS[name](wv, wrong)
    assert list(tmp_path.iterdir()) == []
