"""Training with subwords: compared with the NumPy reference, and through Word2Vec."""

from functools import partial
from itertools import product

import numpy as np
import pytest
from helpers.runs import BOTH, with_subwords

import w2vext
from w2vext import Callback, KeyedVectors, Word2Vec
from w2vext import reference as plain
from w2vext.fasttext import FastText
from w2vext.kernels._subwords import NgramRows, classes
from w2vext.reference import subwords as ref
from w2vext.text.subwords import Subwords
from w2vext.training._compose import Composer
from w2vext.training._loop import Worker
from w2vext.training._merger import Merger
from w2vext.training._plan import Job
from w2vext.training._sampling import Noise
from w2vext.training._shard import Shard
from w2vext.training.composed import Merged, Parts, composed
from w2vext.training.memory import compact, matrix, repeated
from w2vext.training.settings import huffman

WORDS = ["aaaaa", "tea", "teas", "team", "coffee", "coffees", "a", "日本語", "naïve", "tean"]
D = 20


def subwords():
    return Subwords.of(WORDS, 2, 4, 300)


def rows_of(grams, word):
    return [word, *grams.parts[grams.starts[word] : grams.starts[word + 1]].tolist()]


# ---- gradient


@pytest.mark.parametrize("word", [0, 3])  # "aaaaa" has some rows several times
def test_gradient_of_a_row_is_that_of_the_mean_divided_by_its_rows(word):
    rng = np.random.default_rng(3)
    grams = subwords()
    rows = rows_of(grams, word)
    w_in, w_out = rng.normal(size=(grams.n_rows, 6)), rng.normal(size=(8, 6))

    def loss(flat):
        h = ref.compose(flat.reshape(w_in.shape), rows)
        return plain.negative_sampling(h, 5, [1, 7, 1], w_out)[0]

    dh = plain.negative_sampling(ref.compose(w_in, rows), 5, [1, 7, 1], w_out)[1]
    gradient = np.zeros_like(w_in)
    for row, each in ref.row_gradient(dh, rows).items():
        gradient[row] = each
    numerical = plain.numerical_gradient(loss, w_in.ravel()).reshape(w_in.shape)
    np.testing.assert_allclose(gradient, numerical, atol=1e-7)


# ---- compared with a worker on composed rows, which test_loop.py tests


def weighted_means(rows, grams, sizes):
    """The vectors of all words, with rows that count `sizes` times."""
    sizes = np.ones(len(rows)) if sizes is None else sizes
    each = (np.array(rows_of(grams, word)) for word in range(len(WORDS)))
    return np.array([np.average(rows[ids], axis=0, weights=sizes[ids]) for ids in each])


# The damping, and how often a row counts in a mean.
COMBINED = pytest.mark.parametrize("damping, most", [(0.7, 1), (2.0, 9), (0, 1)])


def sizes_up_to(most, grams):
    if most == 1:
        return None
    return np.random.default_rng(4).integers(1, most, grams.n_rows).astype(np.int32)


def job_for(grams, ids, w_in, w_out, *, parts=True, **options):
    options = dict(options)
    if options.pop("tree", False):
        options["tree"] = huffman(np.arange(len(WORDS), 0, -1))
    else:
        options["noise"] = Noise(np.arange(1.0, len(WORDS) + 1))
    if parts:
        options |= {"part_start": grams.starts, "part": grams.parts}
    keep = np.full(len(WORDS), 2**32 - 1, dtype=np.uint32)
    offsets = np.array([0, len(ids)], dtype=np.int64)
    return Job(ids, offsets, w_in, w_out, dim=D, keep=keep, window=3, merge_every=1, **options)


def padded(values):
    out = matrix(len(values), D)
    out[:, :D] = values
    return out


@COMBINED
@pytest.mark.parametrize(
    "options",
    [{}, {"tree": True}, {"cbow": True}, {"cbow": True, "tree": True}, {"block": False}],
    ids=["skipgram", "hs", "cbow", "cbow-hs", "pair"],
)
def test_a_chunk_is_trained_on_composed_rows_and_flushed(options, damping, most):
    rng = np.random.default_rng(5)
    grams = subwords()
    ids = rng.integers(0, len(WORDS), 200).astype(np.int32)
    first = rng.normal(scale=0.3, size=(grams.n_rows, D)).astype(np.float32)
    n_out = len(WORDS) - bool(options.get("tree"))
    outputs = rng.normal(scale=0.3, size=(n_out, D)).astype(np.float32)
    sizes = sizes_up_to(most, grams)
    composed = weighted_means(first, grams, sizes)

    expected_in, expected_out = padded(composed), padded(outputs)
    worker = Worker(job_for(grams, ids, expected_in, expected_out, parts=False, **options))
    worker.train(0, len(ids), 3, 0.05, 0.05, 17)
    loss = worker.take_loss()

    w_in, w_out = padded(first), padded(outputs)
    worker = Worker(job_for(grams, ids, w_in, w_out, damping=damping, part_size=sizes, **options))
    worker.train(0, len(ids), 3, 0.05, 0.05, 17)
    assert worker.take_loss() == (pytest.approx(loss[0], rel=1e-5), loss[1])
    np.testing.assert_allclose(w_out, expected_out, atol=2e-5)
    flushed = first.astype(np.float64)
    changes = {word: expected_in[word, :D] - composed[word] for word in range(len(WORDS))}
    times = dict(enumerate(np.bincount(ids, minlength=len(WORDS)).tolist()))
    ref.flush(flushed, changes, {w: rows_of(grams, w) for w in changes}, damping, times)
    np.testing.assert_allclose(w_in[:, :D], flushed, atol=5e-5)
    assert np.abs(w_in[:, :D] - first).max() > 0.01
    assert (w_in[:, D:] == 0).all()


@COMBINED
@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("options", [{}, {"tree": True}, {"cbow": True}], ids=["neg", "hs", "cbow"])
def test_a_deterministic_round_merges_composed_rows_and_flushes_them(options, parts, damping, most):
    rng = np.random.default_rng(8)
    grams = subwords()
    ids = rng.integers(0, len(WORDS), 200).astype(np.int32)
    first = rng.normal(scale=0.3, size=(grams.n_rows, D)).astype(np.float32)
    n_out = len(WORDS) - bool(options.get("tree"))
    outputs = rng.normal(scale=0.3, size=(n_out, D)).astype(np.float32)
    sizes = sizes_up_to(most, grams)
    composed = weighted_means(first, grams, sizes)

    def one_round(job):
        shards = [Shard(job, 100, 40) for _ in range(2)]
        for i, shard in enumerate(shards):
            shard.train(100 * i, 100 * i + 100, i, 0.05, 0.05, 17)
        merger = Merger(job, shards)
        for part in range(parts):
            merger.merge(part, parts, 1.0)
        for part in range(parts if merger.composed else 0):
            merger.flush(part, parts)

    expected_in, expected_out = padded(composed), padded(outputs)
    one_round(job_for(grams, ids, expected_in, expected_out, parts=False, **options))
    w_in, w_out = padded(first), padded(outputs)
    one_round(job_for(grams, ids, w_in, w_out, damping=damping, part_size=sizes, **options))
    np.testing.assert_allclose(w_out, expected_out, atol=2e-5)
    flushed = first.astype(np.float64)
    changes = {word: expected_in[word, :D] - composed[word] for word in range(len(WORDS))}
    ref.flush(flushed, changes, {w: rows_of(grams, w) for w in changes}, damping)
    np.testing.assert_allclose(w_in[:, :D], flushed, atol=5e-5)


# ---- rows that are trained as one


def holders(parts, n_rows):
    """For each row the words that hold it, each as often as it holds it."""
    found = [[] for _ in range(n_rows)]
    for word in range(len(parts.starts) - 1):
        for row in rows_of(parts, word):
            found[row].append(word)
    return found


def test_classes_of_rows_that_the_same_words_hold_equally_often():
    grams = Subwords.of([*WORDS, "teateatea", "coffeecoffee"], 1, 4, 300)
    first = classes(grams.starts, grams.parts, grams.n_rows)
    by_holders = {}
    for row, words in enumerate(holders(grams, grams.n_rows)):
        assert words and first[row] == by_holders.setdefault(tuple(sorted(words)), row)
    assert 20 < len(by_holders) < grams.n_rows - 20
    assert first[:12].tolist() == list(range(12))
    with pytest.raises(ValueError, match="row 5 of 4"):
        classes(np.array([0, 1]), np.array([5], np.int32), 4)
    with pytest.raises(ValueError, match="1 words with 2 rows"):
        classes(np.array([0, 1]), np.array([0, 1], np.int32), 4)


@pytest.mark.parametrize("damping", [0.7, 0])
@pytest.mark.parametrize("options", [{}, {"cbow": True}])
def test_rows_of_a_class_are_trained_as_one(options, damping):
    rng = np.random.default_rng(5)
    grams = subwords()
    merged = Merged.of(Parts(grams.starts, grams.parts))
    n = merged.parts.n_rows
    assert n < grams.n_rows and merged.parts.sizes.sum() == grams.n_rows
    np.testing.assert_array_equal(merged.row[merged.first], np.arange(n))
    ids = rng.integers(0, len(WORDS), 200).astype(np.int32)
    few = rng.normal(scale=0.3, size=(n, D)).astype(np.float32)
    outputs = rng.normal(scale=0.3, size=(len(WORDS), D)).astype(np.float32)
    found = []
    for parts, rows in ((grams, few[merged.row]), (merged.parts, few)):
        w_in, w_out = padded(rows), padded(outputs)
        sizes = getattr(parts, "sizes", None)
        job = job_for(parts, ids, w_in, w_out, part_size=sizes, damping=damping, **options)
        for _ in range(3):
            Worker(job).train(0, len(ids), 3, 0.05, 0.05, 17)
        vectors = composed(np.ascontiguousarray(w_in), parts.starts, parts.parts, 1, sizes)
        found.append((w_in, w_out, vectors))
    np.testing.assert_allclose(found[0][0], found[1][0][merged.row], atol=2e-5)
    np.testing.assert_allclose(found[0][1], found[1][1], atol=2e-5)
    np.testing.assert_allclose(found[0][2], found[1][2], atol=2e-5)
    assert np.abs(found[0][0][:, :D] - few[merged.row]).max() > 0.01


def test_rows_are_repeated_in_place(monkeypatch):
    monkeypatch.setattr("w2vext.training.memory.BLOCK", 4)
    rows = np.array([0, 1, 2, 0, 3, 1, 4, 4, 2, 5, 0], dtype=np.int64)
    room = matrix(11, 20)
    room[:6, :20] = np.random.default_rng(1).normal(size=(6, 20))
    expected = room[rows, :20].copy()
    found = repeated(compact(room[:6], 20), room, rows)
    np.testing.assert_array_equal(found, expected)
    assert np.shares_memory(found, room)


def test_weights_of_rows_that_do_not_fit():
    grams = subwords()
    w_in, w_out = padded(np.zeros((grams.n_rows, D))), padded(np.zeros((len(WORDS), D)))
    with pytest.raises(ValueError, match=f"weights of 3 rows, not of {grams.n_rows}"):
        job_for(grams, np.zeros(9, np.int32), w_in, w_out, part_size=np.ones(3, np.int32))


def test_rows_are_numbered_by_first_use_and_compact():
    grams = subwords()
    assert sorted(grams.slots.tolist()) == list(range(len(grams.keys)))
    seen = []
    for row in grams.parts.tolist():
        if row not in seen:
            seen.append(row)
    assert seen == list(range(len(WORDS), grams.n_rows))
    buckets = [ref.ngram_hash(g) % 300 for g in ref.ngrams(b"tea", 2, 4)]
    own = grams.parts[grams.starts[1] : grams.starts[2]] - len(WORDS)
    assert [int(grams.keys[grams.slots.tolist().index(slot)]) for slot in own] == buckets


def test_new_words_keep_the_rows_of_old_ones():
    old = Subwords.of(WORDS[:6], 2, 4, 300)
    new = Subwords.of(WORDS, 2, 4, 300)
    parts = new.parts[: new.starts[6]] - (new.n_words - old.n_words)
    np.testing.assert_array_equal(parts, old.parts)


def test_words_that_are_not_str():
    with pytest.raises(TypeError, match="the word 7 is an int: subwords are made of characters"):
        Subwords.of(["a", 7], 3, 6, 100)


# ---- the estimator

SENTENCES = [[WORDS[(i * j) % 10] for j in range(9)] for i in range(1, 80)]
fitted = partial(with_subwords, epochs=3)


@pytest.fixture(scope="module")
def model():
    return fitted().fit(SENTENCES)


@pytest.mark.parametrize("options", [{}, {"deterministic": True, "workers": 2}])
def test_a_new_model_has_equal_rows_where_the_same_words_hold_them(options):
    model = fitted(**options).fit(SENTENCES, validation=SENTENCES[:9])
    grams = Subwords.of(list(model.vocabulary_), 2, 4, 500)
    first = classes(grams.starts, grams.parts, grams.n_rows)
    assert (first != np.arange(len(first))).any()
    rows = model.subword_vectors_
    np.testing.assert_array_equal(rows, rows[first])
    assert len(np.unique(rows[first], axis=0)) == len(set(first.tolist()))
    validation = model.validation_loss_history_[model.best_epoch_]
    assert model.mean_loss(SENTENCES[:9]) == pytest.approx(validation, rel=1e-4)


def test_vectors_are_the_means_of_their_rows(model):
    grams = Subwords.of(list(model.vocabulary_), 2, 4, 500)
    assert model.subword_vectors_.shape == (grams.n_rows, 12)
    for word, row in model.vocabulary_.items():
        mean = ref.compose(model.subword_vectors_, rows_of(grams, row))
        np.testing.assert_allclose(model.vectors_[row], mean, atol=1e-6)
        np.testing.assert_array_equal(model.wv[word], model.vectors_[row])


def test_unknown_words_have_the_mean_of_their_ngrams(model):
    wv = model.wv
    grams = Subwords.of(list(model.vocabulary_), 2, 4, 500)
    buckets = [ref.ngram_hash(g) % 500 for g in ref.ngrams(b"teacup", 2, 4)]
    known = grams.keys.tolist()
    rows = [grams.n_words + int(grams.slots[known.index(b)]) for b in buckets if b in known]
    assert 0 < len(rows) < len(buckets)
    mean = model.subword_vectors_[rows].sum(axis=0) / len(buckets)
    assert "teacup" not in wv
    np.testing.assert_allclose(wv["teacup"], mean, atol=1e-6)
    np.testing.assert_allclose(wv[["tea", "teacup"]], [wv["tea"], mean], atol=1e-6)
    assert wv.similarity("teacup", "teacup") == pytest.approx(1)
    assert len(wv.most_similar("teacup", topn=3)) == 3
    assert wv.most_similar(["teacup"], ["tea"], topn=1)
    np.testing.assert_allclose(model.transform([["teacup"]])[0], mean, atol=1e-6)
    both = model.transform([["tea", "teacup", "tea"], [], ["ξξξξ"]])
    np.testing.assert_allclose(both[0], (2 * wv["tea"] + mean) / 3, atol=1e-6)
    assert not both[1:].any()


def test_words_without_ngrams_follow_the_policy(model):
    with pytest.raises(KeyError, match="shares no n-gram of 2 to 4 characters"):
        model.wv["ξξξξ"]
    zeros = KeyedVectors(
        list(model.vocabulary_), model.vectors_, unknown="zero", subwords=model.wv.subwords
    )
    assert not zeros["ξξξξ"].any() and zeros["teacup"].any()
    with pytest.raises(KeyError, match="document 0"):
        fitted(unknown="error").fit(SENTENCES).transform([["teacup"]])


def test_a_list_of_words_is_composed_in_one_batch(model, monkeypatch):
    wv = model.wv
    words = ["tea", "teacup", "ξξξξ", "teacups", "coffee", "teacup"]
    calls = []
    compose = type(wv.subwords).compose
    monkeypatch.setattr(
        type(wv.subwords), "compose", lambda self, w: calls.append(list(w)) or compose(self, w)
    )
    zeros = KeyedVectors(wv.index_to_key, wv.vectors, unknown="zero", subwords=wv.subwords)
    found = zeros[words]
    assert calls == [["teacup", "ξξξξ", "teacups", "teacup"]]
    np.testing.assert_array_equal(found, [zeros[word] for word in words])
    skip = KeyedVectors(wv.index_to_key, wv.vectors, unknown="skip", subwords=wv.subwords)
    np.testing.assert_array_equal(skip[words], found[[0, 1, 3, 4, 5]])
    mean = KeyedVectors(wv.index_to_key, wv.vectors, unknown="mean", subwords=wv.subwords)
    np.testing.assert_allclose(mean[words][2], wv.vectors.mean(axis=0), atol=1e-6)
    token = KeyedVectors(wv.index_to_key, wv.vectors, unk_token="tea", subwords=wv.subwords)
    np.testing.assert_array_equal(token[words][2], wv["tea"])
    with pytest.raises(KeyError, match="'ξξξξ' is not among"):
        wv[words]


def test_ngrams_have_rows_and_counts(model):
    wv = model.wv
    grams = Subwords.of(list(model.vocabulary_), 2, 4, 500)
    expected = {}
    for word, count in zip(wv.index_to_key, wv.counts.tolist(), strict=True):
        for gram in ref.ngrams(word.encode(), 2, 4):
            expected[gram] = expected.get(gram, 0) + count
    found = wv.ngrams("aaaaa")
    assert [gram.encode() for gram, _, _ in found] == list(ref.ngrams(b"aaaaa", 2, 4))
    row = model.vocabulary_["aaaaa"]
    assert [r for _, r, _ in found] == rows_of(grams, row)[1:]
    assert [count for _, _, count in found] == [expected[g.encode()] for g, _, _ in found]
    unknown = {gram: (row, count) for gram, row, count in wv.ngrams("teaξξ")}
    known = {gram: (row, count) for gram, row, count in wv.ngrams("tea")}
    assert unknown["ξξ"][1] == 0 and unknown["<te"] == known["<te"]
    assert wv.ngrams("</s>") == []

    every, rows = wv.ngram_vectors()
    assert {w.encode(): c for w, c in zip(every, every.counts.tolist(), strict=True)} == expected
    assert (np.diff(every.counts) <= 0).all()
    np.testing.assert_array_equal(every.vectors, model.subword_vectors_[rows])
    for gram, row, _ in found:
        assert rows[every.key_to_index[gram]] == row


def test_ngrams_that_share_a_bucket():
    wv = fitted(bucket=7).fit(SENTENCES).wv
    every, rows = wv.ngram_vectors()
    assert len(every) > 7 and set(rows.tolist()) == set(range(len(wv), len(wv) + 7))
    first = every.index_to_key[0]
    same = [gram for gram, row in zip(every, rows, strict=True) if row == rows[0]]
    assert len(same) > 1 and first in same
    np.testing.assert_array_equal(every[same], np.tile(every[first], (len(same), 1)))


def test_sentence_vector_is_the_mean_of_unit_vectors(model):
    wv = model.wv
    units = [wv.get_vector(word, norm=True) for word in ("tea", "teacup", "tea")]
    found = wv.sentence_vector(" tea\tteacup ξξξξ\x0btea ")
    np.testing.assert_allclose(found, np.mean(units, axis=0), atol=1e-6)
    assert not wv.sentence_vector("").any() and wv.sentence_vector("").shape == (12,)
    nbsp = wv.sentence_vector("tea\xa0teacup")  # not a blank to fastText
    np.testing.assert_allclose(nbsp, wv.get_vector("tea\xa0teacup", norm=True), atol=1e-6)
    with pytest.raises(ValueError, match="contains a line break"):
        wv.sentence_vector("tea\nteacup")
    plain = KeyedVectors(["a", "b", "zero"], [[2.0, 0], [0, 3], [0, 0]])
    np.testing.assert_allclose(plain.sentence_vector("a b zero unknown"), [0.5, 0.5])


def test_restricted_vectors_keep_the_ngrams(model):
    wv = model.wv
    few = wv.restrict(["coffee", "tea", "absent"])
    assert few.index_to_key == [word for word in wv if word in ("tea", "coffee")]
    assert few.counts.tolist() == [wv.get_vecattr(word, "count") for word in few]
    np.testing.assert_array_equal(few.vectors, wv[few.index_to_key])
    np.testing.assert_array_equal(few["teacup"], wv["teacup"])
    gone = next(word for word in wv if word not in few and len(wv.ngrams(word)) > 1)
    rows = [row for _, row, _ in wv.ngrams(gone)]
    mean = model.subword_vectors_[rows].mean(axis=0)  # the word's own row is gone
    np.testing.assert_allclose(few[gone], mean, atol=1e-6)
    assert few.subwords.rows is wv.subwords.rows
    assert few.restrict("tea").index_to_key == ["tea"]
    with pytest.raises(ValueError, match="none of the 2 words"):
        few.restrict(["absent"])
    plain = KeyedVectors(["a", "b"], np.eye(2), unk_token="b").restrict(["a"])
    assert plain.index_to_key == ["a", "b"] and plain.subwords is None


def test_pairs_with_unknown_words_are_evaluated_by_their_ngrams(model):
    wv = model.wv
    pairs = [("tea", "coffee", 3), ("tea", "teacup", 9), ("TEACUPS", "ξξξξ", 1), ("teaa", "a", 2)]
    plain = wv.evaluate_pairs(pairs)
    assert np.isnan(plain.cosines).tolist() == [False, True, True, True]
    found = wv.evaluate_pairs(pairs, unknown="subwords")
    assert np.isnan(found.cosines).tolist() == [False, False, True, False]
    assert found.cosines[1] == pytest.approx(wv.similarity("tea", "teacup"))
    assert found.cosines[3] == pytest.approx(wv.similarity("teaa", "a"))
    assert found.known == 3
    with pytest.raises(ValueError, match="unknown='zero': choose 'skip' or 'subwords'"):
        wv.evaluate_pairs(pairs, unknown="zero")
    with pytest.raises(ValueError, match="unknown='subwords': these vectors have no subwords"):
        KeyedVectors(["a", "b"], np.eye(2)).evaluate_pairs([("a", "b", 1)], unknown="subwords")


def test_vectors_without_subwords_have_no_ngrams():
    plain = KeyedVectors(["a", "b"], np.eye(2))
    for method in (plain.ngram_vectors, lambda: plain.ngrams("a")):
        with pytest.raises(ValueError, match="these vectors have no subwords: train with max_n"):
            method()


def test_words_of_one_character_and_ngrams_longer_than_any_word():
    """A word without n-grams is its own row alone; nothing is divided by zero."""
    wv = fitted(min_n=5, max_n=6).fit([["a", "b", "c", "tea"]] * 30).wv
    assert wv.ngrams("a") == [] and [g for g, _, _ in wv.ngrams("tea")] == ["<tea>"]
    assert np.isfinite(wv.vectors).all() and wv["a"].any()
    none = fitted(min_n=40, max_n=50).fit([["a", "b", "c", "tea"]] * 30).wv
    assert len(none.ngram_vectors()[0]) == 0
    assert np.isfinite(none.vectors).all()
    with pytest.raises(KeyError, match="shares no n-gram of 40 to 50 characters"):
        none["x" * 60]
    assert not none.sentence_vector("x y z").any()


@pytest.mark.parametrize("workers", [2, 3])
def test_rows_and_vectors_do_not_depend_on_the_number_of_workers(workers, monkeypatch):
    monkeypatch.setattr("w2vext.text.subwords.BATCH", 4)
    monkeypatch.setattr("w2vext.training.composed.WORDS", 3)
    one, several = (Subwords.of(WORDS, 2, 4, 300, n) for n in (1, workers))
    for name in ("keys", "slots", "starts", "parts"):
        np.testing.assert_array_equal(getattr(one, name), getattr(several, name))
    # The rows are numbered by first use, as those of ngrams() of the words one after another.
    table = NgramRows(2, 4, 300, 0)
    buckets = np.concatenate([table.rows([word.encode()])[1] for word in WORDS])
    first = {bucket: i for i, bucket in enumerate(dict.fromkeys(buckets.tolist()))}
    assert one.parts.tolist() == [len(WORDS) + first[bucket] for bucket in buckets.tolist()]
    np.testing.assert_array_equal(one.buckets, list(first))
    rows = np.random.default_rng(2).normal(size=(one.n_rows, 5)).astype(np.float32)
    vectors = composed(rows, one.starts, one.parts, workers)
    expected = [rows[rows_of(one, word)].mean(axis=0) for word in range(len(WORDS))]
    np.testing.assert_allclose(vectors, expected, atol=1e-6)


def test_a_row_that_many_words_hold_receives_all_changes():
    """More words than are added up at a time share the row of "<ab"."""
    words = [f"ab{i:03}" for i in range(150)]
    grams = Subwords.of(words, 3, 3, 5000)
    rng = np.random.default_rng(5)
    rows, outputs = rng.normal(size=(grams.n_rows, D)).astype(np.float32), np.zeros((150, D))
    shared = int(grams.parts[grams.starts[0]])
    ids = np.arange(150, dtype=np.int32)
    noise = Noise(np.arange(1.0, 151))
    keep = np.full(150, 2**32 - 1, dtype=np.uint32)
    for damping in (2.0, 0):
        w_in, w_out = padded(rows), padded(outputs)
        job = Job(
            ids, np.array([0, 150]), w_in, w_out, dim=D, keep=keep, window=3, merge_every=1,
            noise=noise, part_start=grams.starts, part=grams.parts, damping=damping,
        )  # fmt: skip
        composer = Composer(job, 150, 150)
        before = matrix(150, D)
        composer.compose_rows(ids, before)
        changes = rng.normal(size=(150, D)).astype(np.float32)
        after = before.copy()
        after[:, :D] += changes
        composer.flush_rows(after)
        holders = [w for w in range(150) if shared in rows_of(grams, w)]
        assert len(holders) == 150
        factor = 2 / np.sqrt(150) if damping else 1
        expected = rows[shared] + factor * changes.sum(axis=0)
        np.testing.assert_allclose(w_in[shared, :D], expected, atol=2e-4)


def test_changes_are_added_when_words_were_trained_eight_times_on_average():
    rng = np.random.default_rng(7)
    grams = subwords()
    n = len(WORDS)
    ids = np.concatenate([rng.permutation(n) for _ in range(40)]).astype(np.int32)
    offsets = np.arange(0, 41, 2) * n  # sentences of all words, each twice
    first = rng.normal(scale=0.3, size=(grams.n_rows, D)).astype(np.float32)
    outputs = rng.normal(scale=0.3, size=(n - 1, D)).astype(np.float32)
    found = []
    for step in (len(ids), 8 * n):  # the calls of `train` add the changes at their ends
        w_in, w_out = padded(first), padded(outputs)
        job = Job(
            ids, offsets, w_in, w_out, dim=D, keep=np.full(n, 2**32 - 1, dtype=np.uint32),
            window=3, shrink_windows=False, merge_every=1, tree=huffman(np.arange(n, 0, -1)),
            part_start=grams.starts, part=grams.parts, damping=2.0,
        )  # fmt: skip
        worker = Worker(job)
        for at in range(0, len(ids), step):
            worker.train(at, at + step, 3, 0.05, 0.05, 17)
        found.append(w_in)
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found[0][:, :D] - first).max() > 0.01


@pytest.mark.parametrize("kind", ["numbers", "codons"])
@pytest.mark.parametrize("line", [10, 20_000])
@pytest.mark.parametrize("workers", [1, 2])
def test_training_is_stable_if_all_words_share_their_n_grams(kind, line, workers):
    """The changes of words that share rows are limited in small vocabularies, where they add up."""
    rng = np.random.default_rng(1)
    words = [f"w{i:03}" for i in rng.permutation(40)]
    if kind == "codons":
        words = ["".join(codon) for codon in product("ACGT", repeat=6)]
    share = 1 / np.arange(2, len(words) + 2)
    ids = rng.choice(len(words), 60_000, p=share / share.sum())
    text = [[words[i] for i in ids[at : at + line]] for at in range(0, len(ids), line)]
    model = FastText(
        vector_size=20, epochs=1, min_count=1, sample=0, random_state=1, workers=workers,
        deterministic=False,
    ).fit(text)  # fmt: skip
    assert model.loss_history_[0] < 4.17  # the loss of the untrained model is 6 ln 2 = 4.159


@pytest.mark.parametrize("loss", ["neg", "hs", BOTH])
def test_deterministic_training_has_the_same_bytes_for_any_number_of_workers(loss):
    text = SENTENCES * 150
    models = [
        fitted(loss=loss, workers=n, deterministic=True, epochs=1).fit(text) for n in (1, 2, 3)
    ]
    for other in models[1:]:
        assert other.subword_vectors_.tobytes() == models[0].subword_vectors_.tobytes()
        assert other.loss_history_ == models[0].loss_history_
    free = fitted(loss=loss, epochs=1).fit(text)
    assert models[0].loss_history_[0] == pytest.approx(free.loss_history_[0], rel=0.3)


@pytest.mark.parametrize(
    "options", [{}, {"workers": 2, "deterministic": True}, {"loss": "softmax"}]
)
def test_frozen_words_keep_their_vectors(options, model):
    again = fitted(**options).fit(SENTENCES, init=model, freeze=["tea", "coffee"])
    start = fitted(**options, alpha=1e-30, min_alpha=0.0).fit(SENTENCES, init=model)
    for word in ("tea", "coffee"):
        np.testing.assert_array_equal(again.wv[word], start.wv[word])
    assert np.abs(again.wv["日本語"] - start.wv["日本語"]).max() > 1e-4


@pytest.mark.parametrize("options", [{"workers": 2}, {"deterministic": True}, {"bucket": 7}])
def test_initial_vectors_are_those_of_words(options):
    rng = np.random.default_rng(5)
    given = {word: rng.normal(size=D).astype(np.float32) for word in ("tea", "teas", "coffee")}
    options = {"vector_size": D, "epochs": 3, **options}
    frozen = fitted(**options).fit(SENTENCES, init=given, freeze=True)
    still = fitted(**options, alpha=1e-30, min_alpha=0.0).fit(SENTENCES, init=given)
    for word, vector in given.items():
        np.testing.assert_allclose(frozen.wv[word], vector, atol=1e-6)
        np.testing.assert_allclose(still.wv[word], vector, atol=1e-6)
    moved = fitted(**options).fit(SENTENCES, init=given, freeze=["tea"])
    np.testing.assert_array_equal(moved.wv["tea"], frozen.wv["tea"])
    assert np.abs(moved.wv["coffee"] - given["coffee"]).max() > 1e-4


@pytest.mark.parametrize("options", [{}, {"workers": 2}, {"loss": "softmax"}])
@pytest.mark.parametrize("given", [None, {"tea": np.ones(12, np.float32)}])
def test_callbacks_see_the_vectors_of_words(options, given):
    class Look(Callback):
        every_words = 1

        def on_words(self, state):
            assert state.vectors.shape == (len(state.index_to_key), 12)

        def on_epoch_end(self, state):
            self.last, self.rows = state.vectors.copy(), len(state.rows)
            with pytest.raises(ValueError, match="read-only"):
                state.vectors[0] = 1

    look = Look()
    model = fitted(vector_size=12, callbacks=[look], **options).fit(SENTENCES, init=given)
    np.testing.assert_allclose(look.last, model.vectors_, atol=1e-6)
    assert len(model.vectors_) < look.rows <= len(model.subword_vectors_)


def test_freeze_all_words_of_an_earlier_fit():
    model = fitted(warm_start=True).fit(SENTENCES)
    before = {word: model.wv[word].copy() for word in model.vocabulary_}
    model.partial_fit([*SENTENCES, ["tea", "teapot", "coffee"] * 9], freeze=True)
    for word, vector in before.items():
        np.testing.assert_array_equal(model.wv[word], vector)


@pytest.mark.parametrize("loss", ["neg", "hs", BOTH, "softmax"])
def test_partial_fit_continues_with_all_rows(loss):
    model = fitted(loss=loss).fit(SENTENCES)
    before, index = model.subword_vectors_.copy(), dict(model.vocabulary_)
    model.set_params(alpha=1e-30, min_alpha=0.0)
    model.partial_fit([["tea", "teapot", "teapots"]] * 9)
    assert {w: model.vocabulary_[w] for w in index} == index
    new = len(model.vocabulary_) - len(index)
    assert new == 2
    np.testing.assert_array_equal(model.subword_vectors_[: len(index)], before[: len(index)])
    moved = model.subword_vectors_[len(index) + new :]
    np.testing.assert_array_equal(moved[: len(before) - len(index)], before[len(index) :])


@pytest.mark.parametrize("dtype, error", [("float32", 0), ("float16", 1e-3)])
def test_saved_models_keep_their_subwords(model, dtype, error, tmp_path):
    model.save(tmp_path / "m.safetensors", dtype=dtype)
    for mmap in (False, True):
        loaded = Word2Vec.load(tmp_path / "m.safetensors", mmap=mmap)
        np.testing.assert_allclose(loaded.wv["teacup"], model.wv["teacup"], atol=error)
        assert loaded.mean_loss(SENTENCES) == pytest.approx(model.mean_loss(SENTENCES), rel=1e-2)
    loaded.partial_fit(SENTENCES)
    loaded.set_params(max_n=5)
    with pytest.raises(ValueError, match="max_n=5"):
        loaded.save(tmp_path / "n.safetensors")


def test_saved_vectors_keep_their_subwords(model, tmp_path):
    for name, written in {"wv": model.wv, "m": model}.items():
        written.save(tmp_path / f"{name}.safetensors")
        loaded = KeyedVectors.load(tmp_path / f"{name}.safetensors")
        np.testing.assert_array_equal(loaded["teacup"], model.wv["teacup"])
        assert loaded.subwords.ngrams("tea") == model.wv.subwords.ngrams("tea")
    fewer = KeyedVectors.load(tmp_path / "wv.safetensors", limit=3)
    assert len(fewer) == 3
    np.testing.assert_array_equal(fewer["teacup"], model.wv["teacup"])


def test_held_out_loss_uses_the_composed_vectors(model):
    plain_model = fitted(max_n=0).fit(SENTENCES)
    plain_model.vectors_, plain_model.output_vectors_ = model.vectors_, model.output_vectors_
    plain_model.vocabulary_, plain_model.counts_ = model.vocabulary_, model.counts_
    plain_model.__dict__.pop("_cache", None)
    assert plain_model.mean_loss(SENTENCES) == pytest.approx(model.mean_loss(SENTENCES), rel=1e-5)


def test_fasttext_is_word2vec_with_other_defaults():
    given = FastText().get_params()
    other = Word2Vec().get_params()
    different = {name: value for name, value in given.items() if other[name] != value}
    assert different == {
        "min_n": 3, "max_n": 6, "sample": 1e-4, "ns_exponent": 0.5, "alpha": 0.05,
    }  # fmt: skip
    assert w2vext.FastText is FastText
    model = FastText(vector_size=8, min_count=1, workers=1, epochs=1, sample=0).fit(SENTENCES)
    assert model.wv["teacup"].any()
    with pytest.raises(TypeError, match="use vector_size=5"):
        FastText(size=5)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"min_n": 5, "max_n": 3}, "min_n=5 is above max_n=3"),
        ({"bucket": 0}, "bucket=0: give an integer of at least 1"),
        ({"bucket": 2**31}, "bucket=2147483648: give at most 2,147,483,647"),
        ({"subword_update": "sum"}, "subword_update='sum' is unknown"),
        ({"max_n": -1}, "max_n=-1: give an integer of at least 0"),
    ],
)
def test_parameters_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        fitted(**options).fit(SENTENCES)


def test_continuing_needs_the_same_kind_of_model(model):
    other = fitted().fit(SENTENCES).set_params(max_n=0)
    with pytest.raises(ValueError, match="was trained with subwords"):
        other.partial_fit(SENTENCES)
    with pytest.raises(ValueError, match="unknown='subwords' needs a model with subwords"):
        fitted(max_n=0, unknown="subwords").fit(SENTENCES).transform(SENTENCES)
