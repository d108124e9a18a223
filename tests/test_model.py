"""The estimator: fit and its attributes, corpora, random states, transform and pooling."""

import doctest
import hashlib
import os
import subprocess
import sys
import threading
from functools import partial

import numpy as np
import pytest
from helpers import waiting
from helpers.together import run_together

import w2vext._estimator.documents
import w2vext.word2vec
from w2vext import KeyedVectors, Vocabulary, Word2Vec

# Two topics without common words; every sentence has a topic's words in random order.
TOPICS = [
    "king queen throne crown palace prince".split(),
    "rain snow hail storm cloud wind".split(),
]


def topical(sentences=400, seed=3):
    rng = np.random.default_rng(seed)
    return [[str(w) for w in rng.permutation(TOPICS[i % 2])] for i in range(sentences)]


def small(**params):
    params = {"vector_size": 16, "min_count": 1, "workers": 1, "random_state": 7, **params}
    return Word2Vec(**params)


@pytest.fixture(scope="module")
def fitted():
    return small(epochs=10, sample=0, alpha=0.1).fit(topical())


# ---- fit


def test_fit_returns_the_estimator():
    model = small(epochs=1)
    assert model.fit(topical(40)) is model


def test_fitted_attributes(fitted):
    assert fitted.vectors_.shape == (12, 16)
    assert fitted.vectors_.dtype == np.float32
    assert fitted.vectors_.flags.c_contiguous
    assert fitted.output_vectors_.shape == (12, 16)
    assert fitted.counts_.dtype == np.int64
    assert fitted.counts_.tolist() == [200] * 12
    assert sorted(fitted.vocabulary_.values()) == list(range(12))
    assert isinstance(fitted.wv, KeyedVectors)
    assert fitted.n_iter_ == 10
    assert not hasattr(fitted, "n_features_in_")


def test_vocabulary_is_sorted_by_count_and_first_occurrence():
    model = small(epochs=1).fit([["b", "c", "a"], ["c", "a"], ["c", "d"]] * 3)
    assert list(model.vocabulary_) == ["c", "a", "b", "d"]
    assert model.vocabulary_ == {"c": 0, "a": 1, "b": 2, "d": 3}
    assert model.counts_.tolist() == [9, 6, 3, 3]


def test_words_of_a_topic_become_neighbours(fitted):
    for topic in TOPICS:
        for word in topic:
            near = [w for w, _ in fitted.wv.most_similar(word, topn=5)]
            assert set(near) == set(topic) - {word}


def test_loss_history_falls(fitted):
    history = fitted.loss_history_
    assert len(history) == 10
    assert all(isinstance(x, float) for x in history)
    assert history[-1] < 0.8 * history[0]


def test_the_first_loss_is_that_of_zero_output_vectors():
    # w_out starts at zero, so the first pairs cost 6 log 2.
    model = small(alpha=1e-6, min_alpha=0, epochs=1, sample=0).fit(topical(40))
    # A few negatives equal the target and are dropped, so their loss is 0.
    assert 4.5 * np.log(2) < model.loss_history_[0] <= 6 * np.log(2) + 1e-6


def test_softmax_learns_the_topics():
    model = small(loss="softmax", epochs=20, sample=0, alpha=0.05).fit(topical())
    assert model.loss_history_[-1] < model.loss_history_[0] <= np.log(12) * 1.01
    for topic in TOPICS:
        near = [w for w, _ in model.wv.most_similar(topic[0], topn=5)]
        assert set(near) == set(topic[1:])


def test_min_count_and_max_vocab():
    text = [["often"] * 8, ["often", "half"] * 4, ["rare", "often"]]
    assert list(small(min_count=2, epochs=1).fit(text).vocabulary_) == ["often", "half"]
    assert list(small(max_final_vocab=1, epochs=1).fit(text).vocabulary_) == ["often"]


def test_a_second_fit_replaces_the_first():
    model = small(epochs=1).fit([["old", "words"]] * 5)
    before = model.wv
    model.fit([["new", "tokens", "here"]] * 5)
    assert sorted(model.vocabulary_) == ["here", "new", "tokens"]
    assert model.wv is not before
    assert "old" not in model.wv


def test_wv_shares_memory_with_vectors(fitted):
    assert np.shares_memory(fitted.wv.vectors, fitted.vectors_)
    assert fitted.wv is fitted.wv
    assert fitted.wv.index_to_key == list(fitted.vocabulary_)
    np.testing.assert_array_equal(fitted.wv["king"], fitted.vectors_[fitted.vocabulary_["king"]])


# ---- kinds of corpora


def test_one_shot_generator_equals_the_list():
    text = topical(60)
    listed = small(epochs=2).fit(text)
    streamed = small(epochs=2).fit(iter(text))
    generated = small(epochs=2).fit(s for s in text)
    np.testing.assert_array_equal(listed.vectors_, streamed.vectors_)
    np.testing.assert_array_equal(listed.vectors_, generated.vectors_)


def test_restartable_iterable():
    class Corpus:
        def __iter__(self):
            return iter(topical(60))

    np.testing.assert_array_equal(
        small(epochs=2).fit(Corpus()).vectors_, small(epochs=2).fit(topical(60)).vectors_
    )


def test_file_equals_the_list(tmp_path):
    text = topical(60)
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(" ".join(s) for s in text), encoding="utf-8")
    expected = small(epochs=2).fit(text)
    for corpus in (path, str(path), [path], tmp_path):
        model = small(epochs=2).fit(corpus)
        assert model.vocabulary_ == expected.vocabulary_
        np.testing.assert_array_equal(model.vectors_, expected.vectors_)


@pytest.mark.parametrize(
    "tokens",
    [[b"ab", b"cd", b"ef"], [4, 700, -3], [("a", 1), ("b", 2), 1.5], [2.5, "mixed", frozenset()]],
    ids=["bytes", "int", "tuple", "mixed"],
)
def test_tokens_may_be_any_hashable(tokens):
    model = small(epochs=1).fit([tokens, tokens[::-1]] * 5)
    assert list(model.vocabulary_) == tokens
    assert model.transform([[tokens[1]]]).shape == (1, 16)
    np.testing.assert_array_equal(model.transform([[tokens[1]]])[0], model.wv[tokens[1]])


def test_integer_arrays_equal_integer_lists():
    rng = np.random.default_rng(0)
    lists = [rng.integers(50, 90, size=12).tolist() for _ in range(50)]
    arrays = [np.array(s) for s in lists]
    one, two = small(epochs=2).fit(lists), small(epochs=2).fit(arrays)
    assert one.vocabulary_ == two.vocabulary_
    np.testing.assert_array_equal(one.vectors_, two.vectors_)
    np.testing.assert_array_equal(one.transform(lists), two.transform(arrays))


def test_long_sentence_is_trained_whole():
    words = [f"w{i}" for i in range(25_000)]
    model = small(epochs=1, vector_size=4, sample=0).fit([words])
    # Words after the 10,000th are trained, too: all output rows differ from their initial 0.
    assert np.abs(model.output_vectors_).max(axis=1).min() > 0


# ---- a given vocabulary


def test_vocabulary_from_a_mapping():
    model = small(min_count=10, epochs=1).fit(
        topical(40), vocabulary={"king": 50, "queen": 900, "absent": 20, "rain": 3}
    )
    assert list(model.vocabulary_) == ["queen", "king", "absent"]
    assert model.counts_.tolist() == [900, 50, 20]


def test_vocabulary_object_is_not_changed():
    vocabulary = Vocabulary.from_counts({"king": 2, "queen": 1, "rain": 1})
    model = small(min_count=10, epochs=1).fit(topical(40), vocabulary=vocabulary)
    assert list(model.vocabulary_) == ["king", "queen", "rain"]


def test_vocabulary_and_one_shot_corpus():
    counts = {"king": 200, "queen": 200}
    one = small(epochs=1).fit(iter(topical(40)), vocabulary=counts)
    two = small(epochs=1).fit(topical(40), vocabulary=counts)
    np.testing.assert_array_equal(one.vectors_, two.vectors_)


# ---- random state


def test_the_same_seed_gives_the_same_bytes():
    one, two = small().fit(topical(60)), small().fit(topical(60))
    assert one.vectors_.tobytes() == two.vectors_.tobytes()
    assert one.output_vectors_.tobytes() == two.output_vectors_.tobytes()
    assert one.loss_history_ == two.loss_history_


def test_another_seed_gives_other_vectors():
    one, two = small().fit(topical(60)), small(random_state=8).fit(topical(60))
    assert np.abs(one.vectors_ - two.vectors_).max() > 1e-3


def test_the_seed_reproduces_a_fit_without_random_state():
    one = small(random_state=None).fit(topical(60))
    two = small(random_state=one.seed_).fit(topical(60))
    assert 0 <= one.seed_ < 2**64
    np.testing.assert_array_equal(one.vectors_, two.vectors_)


def test_without_random_state_every_fit_has_another_seed():
    assert (
        small(random_state=None, epochs=1).fit(topical(9)).seed_
        != small(random_state=None, epochs=1).fit(topical(9)).seed_
    )


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng])
def test_numpy_generators_as_random_state(make):
    one = small(random_state=make(5), epochs=1).fit(topical(40))
    two = small(random_state=make(5), epochs=1).fit(topical(40))
    np.testing.assert_array_equal(one.vectors_, two.vectors_)
    # The state of the generator has changed, so a second fit draws another seed.
    assert one.fit(topical(40)).seed_ != two.seed_


def test_extreme_seeds():
    for seed in (0, 2**64 - 1, np.uint64(2**63)):
        assert small(random_state=seed, epochs=1).fit(topical(9)).seed_ == int(seed)


SCRIPT = """
import hashlib, sys
from w2vext import Word2Vec
text = [[f"w{(i * i + 7 * j) % 41}" for j in range(9)] for i in range(300)]
model = Word2Vec(loss=sys.argv[1], vector_size=20, min_count=1, epochs=2, workers=1,
                 random_state=11).fit(text)
digest = hashlib.sha256(model.vectors_.tobytes() + model.output_vectors_.tobytes())
digest.update(repr((list(model.vocabulary_), model.loss_history_)).encode())
print(digest.hexdigest())
"""


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["neg", "softmax"])
def test_every_process_gives_the_same_bytes_for_any_hash_seed(loss, tmp_path):
    digests = set()
    for hash_seed in ("0", "1", "4242"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT, loss],
            env=env,
            cwd=tmp_path,  # the source folder may have no compiled modules
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert run.returncode == 0, run.stderr
        digests.add(run.stdout.strip())
    assert len(digests) == 1
    assert len(digests.pop()) == hashlib.sha256().digest_size * 2


def test_workers_minus_one_trains_like_none():
    # gensim's workers=-1 trained nothing.
    for workers in (-1, None, 2):
        model = small(workers=workers, epochs=3).fit(topical(200))
        assert model.loss_history_[-1] < model.loss_history_[0]
        assert np.abs(model.output_vectors_).max() > 0


# ---- transform


def test_transform_is_the_mean_of_the_known_words(fitted):
    got = fitted.transform([["king", "unseen", "rain", "king"], ["snow"]])
    rows = fitted.vectors_.astype(np.float64)
    king, rain, snow = (rows[fitted.vocabulary_[w]] for w in ("king", "rain", "snow"))
    assert got.dtype == np.float32
    assert got.shape == (2, 16)
    np.testing.assert_allclose(got[0], (2 * king + rain) / 3, rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(got[1], snow.astype(np.float32))


def test_document_without_a_known_word_gives_zeros(fitted):
    got = fitted.transform([["unseen"], [], ["king"], ["nor", "this"]])
    assert not got[[0, 1, 3]].any()
    assert got[2].any()


def unknown_as(fitted, unknown):
    model = small(unknown=unknown)
    model.__dict__.update({k: v for k, v in vars(fitted).items() if k.endswith("_")})
    return model


def test_unknown_zero_counts_unknown_words(fitted):
    got = unknown_as(fitted, "zero").transform([["king", "unseen", "nor"], ["unseen"], []])
    np.testing.assert_allclose(got[0], fitted.wv["king"] / 3, rtol=1e-6)
    assert not got[1:].any()


def test_unknown_mean_uses_the_average_vector(fitted):
    got = unknown_as(fitted, "mean").transform([["king", "unseen"], ["unseen", "nor"], []])
    mean = fitted.vectors_.mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(got[0], (fitted.wv["king"] + mean) / 2, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(got[1], mean, rtol=1e-5, atol=1e-7)
    assert not got[2].any()


def test_unknown_error_names_word_and_document(fitted):
    model = unknown_as(fitted, "error")
    np.testing.assert_array_equal(model.transform([["king"]]), fitted.transform([["king"]]))
    with pytest.raises(KeyError, match=r"document 1 contains 'unseen'.*skip"):
        model.transform([["king"], iter(["rain", "unseen"])])


def test_transform_accepts_what_fit_accepts(fitted, tmp_path):
    documents = [["king", "rain"], [], ["unseen"], ["snow", "snow", "hail"]]
    expected = fitted.transform(documents)
    path = tmp_path / "documents.txt"
    path.write_bytes(b"king rain\n\nunseen\r\nsnow  snow\thail")
    np.testing.assert_array_equal(fitted.transform(d for d in documents), expected)
    np.testing.assert_array_equal(fitted.transform(iter(d) for d in documents), expected)
    np.testing.assert_array_equal(fitted.transform(path), expected)
    np.testing.assert_array_equal(fitted.transform(str(path)), expected)
    np.testing.assert_array_equal(fitted.transform([path, path]), np.tile(expected, (2, 1)))


@pytest.mark.parametrize("pooling", ["mean", "sum", "idf", "sif", "zipf"])
def test_the_order_of_documents_does_not_change_their_vectors(pooling):
    documents = [["king", "rain"], [], ["unseen"], ["snow", "snow", "hail"], ["queen"]]
    model = small(pooling=pooling).fit(topical())
    order = [3, 0, 4, 2, 1]
    expected = model.transform(documents)[order]
    np.testing.assert_allclose(model.transform([documents[i] for i in order]), expected, atol=1e-6)
    np.testing.assert_allclose(model.transform([documents[3]]), expected[:1], atol=1e-6)


def test_a_fitted_model_can_change_to_zipf_pooling(fitted):
    model = unknown_as(fitted, "skip").set_params(pooling="zipf", sif_smoothing=1e9)
    p = fitted.counts_ / fitted.counts_.sum()
    words = list(fitted.vocabulary_)
    rows = model.transform([[word] for word in words])
    np.testing.assert_allclose(p @ rows, 0, atol=1e-4)
    np.testing.assert_allclose(np.trace((rows.T * p) @ rows), len(words) - 1, rtol=1e-3)
    got = model.transform([["king", "unseen", "rain", "king"], ["unseen"]])
    king, rain = (rows[words.index(word)] for word in ("king", "rain"))
    np.testing.assert_allclose(got[0], (2 * king + rain) / 3, atol=1e-4)
    assert not got[1].any()
    model.set_params(sif_smoothing=0.02)
    weights = dict(zip(words, 0.02 / (0.02 + p), strict=True))
    got = model.transform([["king", "unseen", "rain", "king"], ["unseen"]])
    expected = (2 * weights["king"] * king + weights["rain"] * rain) / 3
    np.testing.assert_allclose(got[0], expected, atol=1e-4)
    assert not got[1].any()
    model.set_params(pooling="mean")
    np.testing.assert_array_equal(model.transform([["king"]]), fitted.transform([["king"]]))


def test_a_final_newline_does_not_start_a_document(fitted, tmp_path):
    path = tmp_path / "documents.txt"
    path.write_text("king\nrain\n")
    assert fitted.transform(path).shape == (2, 16)


def test_transform_of_nothing(fitted):
    assert fitted.transform([]).shape == (0, 16)
    assert fitted.transform([]).dtype == np.float32


def test_transform_in_batches_equals_transform_at_once(fitted, monkeypatch):
    rng = np.random.default_rng(2)
    words = [*fitted.vocabulary_, "unseen"]
    documents = [list(rng.choice(words, size=n)) for n in rng.integers(0, 40, size=300)]
    expected = fitted.transform(documents)
    monkeypatch.setattr(w2vext._estimator.documents, "BATCH", 50)
    np.testing.assert_allclose(fitted.transform(documents), expected, rtol=1e-6, atol=1e-7)


def test_fit_transform_of_a_one_shot_generator():
    text = topical(40)
    expected = small(epochs=1).fit_transform(text)
    assert expected.shape == (40, 16)
    got = small(epochs=1).fit_transform(iter(s) for s in text)
    np.testing.assert_array_equal(got, expected)


# ---- threads


def test_two_fits_at_once_raise():
    model, entered, leave, errors = small(epochs=1), threading.Event(), threading.Event(), []

    def slow():
        yield ["a", "b"]
        entered.set()
        leave.wait(60)
        yield ["b", "c"]

    first = waiting.start(lambda: errors.append(model.fit(slow())))
    assert entered.wait(60)
    with pytest.raises(RuntimeError, match=r"another thread.*clone"):
        model.fit(topical(4))
    leave.set()
    waiting.join(first)
    assert errors == [model]
    assert sorted(model.vocabulary_) == ["a", "b", "c"]
    model.fit(topical(4))


def test_two_estimators_may_fit_at_once():
    models = [small(), small()]
    run_together([partial(each.fit, topical(60)) for each in models])
    np.testing.assert_array_equal(models[0].vectors_, models[1].vectors_)


def test_docstring_example():
    results = doctest.testmod(w2vext.word2vec)
    assert results.attempted >= 5
    assert results.failed == 0


# ---- other ways of pooling


def test_pooling_by_sum(fitted):
    model = unknown_as(fitted, "skip").set_params(pooling="sum")
    got = model.transform([["king", "unseen", "rain"], ["unseen"]])
    np.testing.assert_allclose(got[0], fitted.wv["king"] + fitted.wv["rain"], rtol=1e-6)
    assert not got[1].any()


def test_pooling_by_idf():
    text = [["a", "b"], ["a", "c"], ["a", "b"], ["a", "a"]] * 5
    model = small(pooling="idf", epochs=1, unknown="zero").fit(iter(text))
    idf = {"a": 1.0, "b": np.log(21 / 11) + 1, "c": np.log(21 / 6) + 1}
    assert model.idf_[[model.vocabulary_[w] for w in "abc"]].tolist() == pytest.approx(
        list(idf.values())
    )
    got = model.transform([["a", "c", "b", "unseen"]])[0]
    total = sum(idf[w] * model.wv[w].astype(np.float64) for w in "abc")
    np.testing.assert_allclose(got, total / (sum(idf.values()) + np.log(21) + 1), rtol=1e-5)
    assert not hasattr(model.set_params(pooling="mean").fit(text), "idf_")


def test_pooling_by_sif():
    model = small(pooling="sif", sif_smoothing=0.01, epochs=2).fit(topical())
    rows, weights = model.vectors_.astype(np.float64), 0.01 / (0.01 + model.counts_ / 2400)
    means = [
        np.mean([weights[model.vocabulary_[w]] * rows[model.vocabulary_[w]] for w in s], axis=0)
        for s in topical()
    ]
    common = np.linalg.svd(np.array(means))[2][0]
    np.testing.assert_allclose(abs(common @ model.sif_component_), 1, rtol=1e-6)
    expected = means[0] - common * (means[0] @ common)
    np.testing.assert_allclose(model.transform(topical()[:1])[0], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("params", "alpha"),
    [
        ({}, 0.05),
        ({"loss": "hs"}, 0.025),
        ({"architecture": "cbow"}, 0.2),
        ({"architecture": "cbow", "loss": "hs"}, 0.1),
        ({"architecture": "cbow", "loss": "hs+neg"}, 0.1),
        ({"architecture": "cbow", "cbow_gradient": "word2vec"}, 0.05),
    ],
)
def test_alpha_none_is_the_default_of_the_model(params, alpha):
    own, said = small(**params).fit(topical()), small(**params, alpha=alpha).fit(topical())
    assert (own.vectors_ == said.vectors_).all()
    other = small(**params, alpha=0.9 * alpha).fit(topical())
    assert (own.vectors_ != other.vectors_).any()
