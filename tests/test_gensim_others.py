"""w2vext.gensim: FastText and Phrases with gensim's constructors and methods."""

import itertools
import pickle

import numpy as np
import pytest

import w2vext
from w2vext.formats import _checkpoint
from w2vext.gensim.models import FastText, Phrases, fasttext
from w2vext.gensim.models.fasttext import FastTextKeyedVectors
from w2vext.gensim.models.phrases import FrozenPhrases, npmi_scorer, original_scorer

TEXT = [["teapot", "milk", "teacup"], ["teapot", "sugar"], ["rain", "snow", "raincoat"]] * 10
SMALL = {"vector_size": 6, "min_count": 1, "workers": 1, "sample": 0, "bucket": 50, "max_n": 4}
PAIRS = [["graph", "minors", "survey"], ["graph", "minors"], ["lack", "of", "interest"]] * 3


def model(**arguments):
    return FastText(TEXT, **SMALL | arguments)


# ---- FastText


@pytest.mark.parametrize("loss", [{}, {"hs": 1, "negative": 0}])
def test_two_steps_give_the_model_of_the_constructor(loss):
    at_once, steps = model(**loss), FastText(**SMALL, **loss)
    steps.build_vocab(TEXT)
    rows, begin = steps.wv._rows, steps.wv._rows.copy()
    steps.train(TEXT, total_examples=30, epochs=5)
    assert steps.wv._rows is rows and not np.array_equal(rows, begin)
    assert np.array_equal(at_once.wv.vectors, steps.wv.vectors)
    assert np.array_equal(at_once.wv.vectors_ngrams, steps.wv.vectors_ngrams)


def test_training_is_that_of_the_native_class():
    # With few buckets no two n-grams are in the same words. A native fit gives such n-grams the
    # same initial vectors, and trains them as one.
    ours = model(sg=1, seed=7, bucket=3)
    native = w2vext.FastText(
        vector_size=6, min_count=1, workers=1, sample=0, bucket=3, max_n=4, random_state=7,
        alpha=0.025, ns_exponent=0.75,
    ).fit(TEXT)  # fmt: skip
    assert np.array_equal(ours.wv.vectors, native.vectors_)
    assert np.array_equal(ours.wv._rows, native.subword_vectors_)


def test_unknown_words_have_vectors():
    wv = model().wv
    assert "raining" in wv and "raining" not in wv.key_to_index and not wv.has_index_for("raining")
    assert wv["raining"].any() and np.array_equal(wv[["raining"]][0], wv["raining"])
    assert not wv[""].any() and not model(bucket=2_000_000).wv["zzzz"].any()
    assert wv.most_similar("raining", topn=1)[0][0] in wv.key_to_index
    assert wv.vectors_ngrams.shape == (50, 6) and wv.vectors_vocab.shape == wv.vectors.shape
    grams = wv.buckets_word[wv.key_to_index["snow"]]
    mean = (wv.vectors_vocab[wv.key_to_index["snow"]] + wv.vectors_ngrams[grams].sum(0)) / (
        1 + len(grams)
    )
    assert np.allclose(wv["snow"], mean, atol=1e-6)
    sentence = wv.get_sentence_vector(["snow", "raining"])
    units = [wv.get_vector(word, norm=True) for word in ("snow", "raining")]
    assert np.allclose(sentence, np.mean(units, axis=0), atol=1e-6)


def test_without_subwords_unknown_words_are_errors():
    for without in ({"bucket": 0}, {"max_n": 0}):
        wv = model(**without).wv
        assert "raining" not in wv
        with pytest.raises(KeyError):
            wv["raining"]


def test_new_words_keep_the_rows_of_known_ones_and_of_their_ngrams():
    trained = model()
    wv = trained.wv
    known, before, unknown = len(wv), wv.vectors.copy(), wv["raining"].copy()
    trained.build_vocab([["rainbow", "snowman"]] * 2, update=True)
    assert len(trained.wv) == known + 2 and trained.wv.vectors_ngrams.shape == (50, 6)
    assert np.allclose(trained.wv.vectors[:known], before, atol=1e-6)
    assert np.allclose(trained.wv["raining"], unknown, atol=0.2)
    trained.train([["rainbow", "snowman"]], total_examples=1, epochs=2, start_alpha=1e-4)
    changed = trained.wv.vectors.copy()
    trained.wv.vectors[:] = 0
    trained.wv.adjust_vectors()
    assert np.allclose(trained.wv.vectors, changed, atol=1e-6)


def test_the_memory_of_ngrams_is_counted():
    trained = model()
    found = trained.estimate_memory()
    matrices = (trained.wv.vectors, trained.syn1neg, trained.wv._rows)
    assert found["total"] == sum(matrix.nbytes for matrix in matrices)
    assert found["vectors_ngrams"] == 24 * (len(trained.wv._rows) - len(trained.wv))
    assert trained.estimate_memory(1000)["vectors_ngrams"] == 24 * 50
    assert FastText(**SMALL).estimate_memory()["vectors_ngrams"] == 24 * 50
    assert "vectors_ngrams" not in model(max_n=0).estimate_memory()


def test_callbacks_see_the_vectors_of_words():
    seen = []

    class Watch(w2vext.gensim.models.callbacks.CallbackAny2Vec):
        def on_epoch_end(self, model):
            seen.append(model.wv["snow"].copy())

    trained = model(epochs=2, callbacks=[Watch()])
    assert len(seen) == 2 and np.allclose(seen[-1], trained.wv["snow"], atol=1e-6)


def test_a_saved_model_continues_its_training(tmp_path):
    saved = model()
    saved.save(tmp_path / "m")
    loaded = FastText.load(tmp_path / "m")
    assert (loaded.bucket, loaded.wv.bucket, loaded.wv.max_n) == (50, 50, 4)
    assert np.array_equal(saved.wv["raining"], loaded.wv["raining"])
    for each in (saved, loaded):
        each.train(TEXT, total_examples=30, epochs=1, start_alpha=1e-4)
    assert np.array_equal(saved.wv.vectors, loaded.wv.vectors)
    with pytest.raises(AttributeError, match="a model of FastText"):
        w2vext.gensim.models.Word2Vec.load(tmp_path / "m")
    saved.wv.save(tmp_path / "v")
    vectors = FastTextKeyedVectors.load(tmp_path / "v")
    assert np.array_equal(vectors["raining"], saved.wv["raining"]) and vectors.bucket == 50


@pytest.mark.parametrize("loss", [{}, {"hs": 1, "negative": 0}])
def test_files_of_fasttext(tmp_path, loss):
    saved = model(sg=1, **loss)
    fasttext.save_facebook_model(saved, tmp_path / "m.bin")
    loaded = fasttext.load_facebook_model(tmp_path / "m.bin")
    assert (loaded.sg, loaded.hs, loaded.negative) == (1, saved.hs, saved.negative)
    assert (loaded.window, loaded.wv.bucket, loaded.min_count) == (5, 50, 1)
    for word in ("snow", "raining"):
        assert np.allclose(saved.wv[word], loaded.wv[word], atol=1e-6)
    assert np.allclose(saved._outputs(), loaded._outputs())
    loaded.train(TEXT, total_examples=30, epochs=1)
    vectors = fasttext.load_facebook_vectors(tmp_path / "m.bin")
    assert np.allclose(vectors["raining"], saved.wv["raining"], atol=1e-6)
    with pytest.raises(ValueError, match="encoding='cp852'"):
        fasttext.load_facebook_model(tmp_path / "m.bin", encoding="cp852")


def test_supervised_models_and_other_arguments_are_refused():
    supervised = "tests/fasttext_files/sup_ns.bin"
    with pytest.raises(NotImplementedError, match="supervised"):
        fasttext.load_facebook_model(supervised)
    with pytest.raises(ValueError, match="word_ngrams=2"):
        FastText(word_ngrams=2)


def test_vectors_are_added():
    wv = FastTextKeyedVectors(vector_size=2, min_n=3, max_n=6, bucket=100)
    wv.add_vectors(["one", "two"], np.array([[0, 0], [1, 1]]))
    assert wv.vectors.tolist() == [[0, 0], [1, 1]] and wv.key_to_index == {"one": 0, "two": 1}


def test_added_words_have_no_rows_of_their_own():
    wv = model().wv
    rows, snow = wv.vectors_vocab.copy(), wv["snow"].copy()
    wv.add_vector("hailstone", np.ones(6))
    assert np.array_equal(wv.vectors_vocab, rows)
    wv.adjust_vectors()
    assert (wv["hailstone"] == 1).all() and np.allclose(wv["snow"], snow, atol=1e-6)
    with pytest.raises(ValueError, match="sort before adding words"):
        wv.sort_by_descending_frequency()


@pytest.mark.parametrize("loaded", [False, True])
def test_sorting_keeps_the_rows_of_words_and_ngrams(tmp_path, loaded):
    trained = model()
    wv = trained.wv
    if loaded:
        wv.save(tmp_path / "v")
        wv = FastTextKeyedVectors.load(tmp_path / "v")
    wv.set_vecattr("rain", "count", 99)
    own = dict(zip(wv.index_to_key, wv.vectors_vocab.copy(), strict=True))
    vectors, unknown = {word: wv[word].copy() for word in own}, wv["raining"].copy()
    ngrams = wv.vectors_ngrams
    wv.sort_by_descending_frequency()
    assert wv.index_to_key[0] == "rain" != next(iter(own))
    wv.adjust_vectors()
    for row, word in enumerate(wv.index_to_key):
        assert np.allclose(wv[word], vectors[word], atol=1e-6)
        assert np.array_equal(wv.vectors_vocab[row], own[word])
    assert np.array_equal(wv.vectors_ngrams, ngrams)
    assert np.allclose(wv["raining"], unknown, atol=1e-6)
    if not loaded:
        trained.train(TEXT, total_examples=30, epochs=1, start_alpha=1e-9, end_alpha=1e-10)
        assert all(np.allclose(wv[word], vectors[word], atol=1e-6) for word in own)


# ---- Phrases


def test_sentences_are_joined_lazily():
    phrases = Phrases(PAIRS, min_count=1, threshold=1)
    assert phrases[["graph", "minors", "x"]] == ["graph_minors", "x"]
    joined = phrases[PAIRS]
    assert list(joined) == list(joined) and len(list(joined)) == 9
    assert next(iter(phrases[iter(PAIRS)])) == ["graph_minors", "survey"]
    generators = ((word for word in sentence) for sentence in PAIRS)
    assert next(iter(phrases[generators])) == ["graph_minors", "survey"]
    assert phrases[[]] == [] and list(phrases[[[], []]]) == [[], []]
    longer = Phrases(joined, min_count=1, threshold=0.1)
    assert longer[phrases[["graph", "minors", "survey"]]] == ["graph_minors_survey"]
    assert phrases[np.array(PAIRS[0])] == ["graph_minors", "survey"]


def test_scores_are_those_of_the_function():
    phrases = Phrases(PAIRS, min_count=1, threshold=1)
    vocab = phrases.vocab
    assert vocab["graph"] == 6 and vocab["graph_minors"] == 6 and vocab["minors_survey"] == 3
    score = original_scorer(6, 6, 6, len(vocab), 1, phrases.corpus_word_count)
    assert phrases.export_phrases()["graph_minors"] == pytest.approx(score)
    assert phrases.find_phrases([["graph", "minors"]]) == {"graph_minors": pytest.approx(score)}
    assert phrases.score_candidate("graph", "minors", []) == ("graph_minors", pytest.approx(score))
    assert phrases.score_candidate("graph", "x", []) == (None, None)
    found = list(phrases.analyze_sentence(["x", "graph", "minors"]))
    assert found == [("x", None), ("graph_minors", pytest.approx(score))]
    npmi = Phrases(PAIRS, min_count=1, threshold=0.1, scoring="npmi")
    assert npmi.export_phrases()["graph_minors"] == pytest.approx(npmi_scorer(6, 6, 6, 9, 1, 24))
    by_function = Phrases(PAIRS, min_count=1, threshold=0.1, scoring=npmi_scorer)
    assert by_function.export_phrases() == npmi.export_phrases()
    own = Phrases(PAIRS, min_count=1, threshold=0.5, scoring=lambda **counts: 1)
    assert set(own.export_phrases().values()) == {1.0}


def test_changed_parameters_find_other_phrases(tmp_path):
    phrases = Phrases(PAIRS, min_count=1, threshold=1)
    phrases.save(tmp_path / "p")
    phrases.freeze().save(tmp_path / "frozen")
    for each in (phrases, Phrases.load(tmp_path / "p")):
        for name, value in (("threshold", 100), ("min_count", 4), ("delimiter", "+")):
            each.export_phrases()
            options = {"min_count": 1, "threshold": 1, "delimiter": "_"} | {name: value}
            for option in options.items():
                setattr(each, *option)
            assert each.export_phrases() == Phrases(PAIRS, **options).export_phrases()
        assert each[["graph", "minors"]] == ["graph+minors"]
        assert next(each.analyze_sentence(["graph", "minors"]))[0] == "graph+minors"
        assert each.score_candidate("graph", "minors", [])[0] == "graph+minors"
    loaded = Phrases.load(tmp_path / "frozen")
    loaded.threshold = 100
    with pytest.raises(RuntimeError, match="no sentences to find phrases in"):
        loaded.export_phrases()


def test_frozen_phrases_keep_their_delimiter():
    frozen = Phrases(PAIRS, min_count=1, threshold=1).freeze()
    frozen.delimiter = "+"
    found = frozen.analyze_sentence(["graph", "minors", "x"])
    assert [word for word, _ in itertools.islice(found, 5)] == ["graph_minors", "x"]
    empty = Phrases([["", "a"]] * 5, min_count=1, threshold=0.1, delimiter="")
    found = list(itertools.islice(empty.analyze_sentence(["a", "", "a"]), 5))
    assert [word for word, _ in found] == ["a", "a"] and found[1][1] > 0


def test_sentences_are_added():
    parts = Phrases(min_count=1, threshold=1)
    assert parts[["graph", "minors"]] == ["graph", "minors"] and parts.vocab == {}
    parts.add_vocab(PAIRS[:4])
    parts.add_vocab([])
    parts.add_vocab(iter(PAIRS[4:]))
    whole = Phrases(PAIRS, min_count=1, threshold=1)
    assert parts.vocab == whole.vocab and parts.corpus_word_count == 24
    assert parts.export_phrases() == pytest.approx(whole.export_phrases())


def test_connectors_join_the_words_around_them():
    phrases = Phrases(PAIRS, min_count=1, threshold=1, connector_words={"of"})
    assert phrases[["lack", "of", "interest"]] == ["lack_of_interest"]
    assert list(phrases.analyze_sentence(["lack", "of", "interest", "of"]))[1] == ("of", None)
    assert phrases.vocab["lack_of_interest"] == 3 and "of" not in phrases.vocab


def test_phrases_are_frozen_and_saved(tmp_path):
    phrases = Phrases(PAIRS, min_count=1, threshold=1, connector_words={"of"}, delimiter=" ")
    frozen = phrases.freeze()
    assert frozen.phrasegrams == phrases.export_phrases()
    for each in (phrases, frozen):
        each.save(tmp_path / "p")
        loaded = type(each).load(tmp_path / "p")
        assert loaded[["graph", "minors"]] == ["graph minors"]
        assert (loaded.delimiter, loaded.connector_words) == (" ", frozenset({"of"}))
        assert loaded.find_phrases(PAIRS) == phrases.find_phrases(PAIRS)
        (tmp_path / "p").write_bytes(pickle.dumps([]))
        with pytest.raises(ValueError, match=r"pickle.* make the phrases again"):
            type(each).load(tmp_path / "p")
    assert isinstance(frozen, FrozenPhrases)


def test_sentences_are_added_after_loading(tmp_path):
    for options in ({}, {"scoring": "npmi", "threshold": 0.1}, {"connector_words": {"of"}}):
        options = {"min_count": 1, "threshold": 1} | options
        parts = Phrases(PAIRS[:4], **options)
        parts.save(tmp_path / "p")
        loaded = Phrases.load(tmp_path / "p")
        assert (loaded.vocab, loaded.corpus_word_count) == (parts.vocab, parts.corpus_word_count)
        loaded.add_vocab(PAIRS[4:])
        whole = Phrases(PAIRS, **options)
        assert loaded.export_phrases() == whole.export_phrases() != parts.export_phrases()
        assert loaded.vocab == whole.vocab
    assert w2vext.Phrases.load(tmp_path / "p").export_phrases() == parts.export_phrases()


def test_sentences_are_not_added_to_files_without_counts(tmp_path):
    phrases = Phrases(PAIRS, min_count=1, threshold=1)
    phrases.freeze().save(tmp_path / "frozen")
    own = Phrases(PAIRS, min_count=1, threshold=1, scoring=lambda **counts: 2.0)
    with pytest.warns(UserWarning, match="scoring=.*not saved"):
        own.save(tmp_path / "own")
    for name in ("frozen", "own"):
        loaded = Phrases.load(tmp_path / name)
        assert loaded.corpus_word_count == phrases.corpus_word_count
        with pytest.raises(RuntimeError, match="add_vocab is not available, because the file"):
            loaded.add_vocab(PAIRS)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a["corpus.ids"].__setitem__(0, 10**6),
        lambda a: a["corpus.ids"].__setitem__(0, -1),
        lambda a: a["corpus.offsets"].__setitem__(-1, 10**6),
        lambda a: a["corpus.offsets"].__setitem__(1, -1),
        lambda a: a.__setitem__("corpus.ids", a["corpus.ids"].astype(np.int64)),
        lambda a: a.__setitem__("corpus.counts", a["corpus.counts"][1:]),
        lambda a: a.__setitem__("corpus.words", a["corpus.words"][:-1]),
        lambda a: a.pop("corpus.offsets"),
    ],
)
def test_files_with_damaged_sentences(tmp_path, change):
    path = tmp_path / "p"
    Phrases(PAIRS, min_count=1, threshold=1).save(path)
    arrays, content = _checkpoint.read(path, "w2vext phrases")
    arrays = {name: array.copy() for name, array in arrays.items()}
    change(arrays)
    _checkpoint.write(path, arrays, content, "w2vext phrases")
    with pytest.raises(ValueError, match="the phrases are inconsistent; the file is damaged"):
        Phrases.load(path)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"min_count": 0}, "min_count=0"),
        ({"threshold": -1}, "threshold=-1"),
        ({"scoring": "tfidf"}, "scoring='tfidf'"),
        ({"connector_words": "of"}, "connector_words='of'"),
        ({"max_vocab_size": 0}, "max_pairs=0"),
    ],
)
def test_bad_parameters_of_phrases(arguments, match):
    with pytest.raises((ValueError, TypeError), match=match):
        Phrases(PAIRS, **arguments)


def test_the_counts_are_bounded():
    with pytest.warns(UserWarning, match="max_pairs=5"):
        text = [list("abcdefgh"), list("hgfedcba")] * 3
        phrases = Phrases(text, min_count=1, threshold=1, max_vocab_size=5)
        phrases.export_phrases()
    assert len(phrases.vocab) <= 5
