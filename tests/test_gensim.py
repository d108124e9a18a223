"""w2vext.gensim: gensim's constructors, methods and errors on this package's engine.

tests/test_gensim_itself.py compares with gensim where it is installed.
"""

import copy
import io
import pickle
from itertools import pairwise

import numpy as np
import pytest
from helpers.runs import finished

import w2vext
from w2vext.formats import native
from w2vext.gensim import utils
from w2vext.gensim.models import KeyedVectors, Word2Vec, _corpora, word2vec
from w2vext.gensim.models.callbacks import CallbackAny2Vec

TEXT = [["tea", "milk", "cup"], ["tea", "sugar", "cup"], ["rain", "snow", "cold", "cup"]] * 10
MORE = [["tea", "lemon"], ["snow", "hail", "lemon"]] * 5
SMALL = {"vector_size": 6, "min_count": 1, "workers": 1, "sample": 0}


def model(**arguments):
    return Word2Vec(TEXT, **SMALL | arguments)


def vectors():
    kv = KeyedVectors(2)
    kv.add_vectors(["north", "south", "tea"], [[1, 0], [1, 0.5], [0, 1]])
    return kv


# ---- imports


def test_gensim_itself_is_not_imported():
    code = (
        "import sys, w2vext.gensim; from w2vext.gensim.models import Word2Vec;"
        "print([name for name in sys.modules if name.startswith('gensim')])"
    )
    assert finished(code).stdout.strip() == "[]"


def test_the_modules_have_gensims_names():
    from w2vext.gensim import models

    assert models.Word2Vec is models.word2vec.Word2Vec
    assert models.KeyedVectors is models.keyedvectors.KeyedVectors
    with pytest.raises(AttributeError, match="Doc2Vec: import it from gensim"):
        _ = models.Doc2Vec


# ---- training


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("loss", [{}, {"hs": 1, "negative": 0}, {"hs": 1}])
def test_two_steps_give_the_model_of_the_constructor(sg, loss):
    at_once = model(sg=sg, **loss)
    steps = Word2Vec(**SMALL, sg=sg, **loss)
    steps.build_vocab(TEXT)
    begin = steps.wv.vectors.copy()
    result = steps.train(TEXT, total_examples=steps.corpus_count, epochs=steps.epochs)
    assert result == (5 * 100, 5 * 100)
    assert (steps.corpus_count, steps.corpus_total_words) == (30, 100)
    assert np.array_equal(at_once.wv.vectors, steps.wv.vectors)
    assert not np.array_equal(begin, steps.wv.vectors)
    assert np.array_equal(at_once._outputs(), steps._outputs()) and steps._outputs().any()


def test_training_is_that_of_the_native_class():
    ours = model(sg=1, seed=7)
    native = w2vext.Word2Vec(
        vector_size=6, min_count=1, workers=1, sample=0, random_state=7, alpha=0.025
    ).fit(TEXT)
    assert ours.wv.index_to_key == native.wv.index_to_key
    assert np.array_equal(ours.wv.vectors, native.vectors_)
    assert np.array_equal(ours.syn1neg, native.output_vectors_)


def test_both_losses_together_are_those_of_the_native_class():
    ours = model(hs=1, negative=5, seed=7)
    native = w2vext.Word2Vec(
        vector_size=6, min_count=1, workers=1, sample=0, random_state=7, alpha=0.025,
        architecture="cbow", cbow_gradient="word2vec", loss="hs+neg",
    ).fit(TEXT)  # fmt: skip
    n = len(ours.wv)
    assert np.array_equal(ours.wv.vectors, native.vectors_)
    assert np.array_equal(ours.syn1neg, native.output_vectors_[:n])
    assert np.array_equal(ours.syn1[:-1], native.output_vectors_[n:]) and ours.syn1.shape == (n, 6)
    ours.build_vocab(MORE, update=True)
    assert not ours.syn1.any() and ours.syn1neg[:n].any() and len(ours.syn1) == n + 2
    ours.train(MORE, total_examples=10, epochs=1, start_alpha=1e-4)
    assert ours.predict_output_word(["tea"], topn=1)


def test_a_file_gives_the_model_of_its_sentences(tmp_path):
    path = tmp_path / "text.txt"
    utils.save_as_line_sentence([*TEXT, []], path)
    from_file = Word2Vec(corpus_file=str(path), **SMALL)
    assert np.array_equal(from_file.wv.vectors, model().wv.vectors)
    assert (from_file.corpus_count, from_file.corpus_total_words) == (31, 100)
    from_file.train(
        corpus_file=path, total_words=from_file.corpus_total_words, epochs=1, start_alpha=1e-4
    )
    assert from_file.train_count == 2


def test_training_changes_the_array_of_wv_in_place():
    trained = model()
    held, wv = trained.wv.vectors, trained.wv
    before = held.copy()
    wv.most_similar("tea")
    trained.train(TEXT, total_examples=30, epochs=1, start_alpha=1e-4)
    assert trained.wv is wv and wv.vectors is held and not np.array_equal(held, before)
    assert wv.similarity("tea", "milk") == pytest.approx(
        KeyedVectors._of(wv.index_to_key, held).similarity("tea", "milk")
    )


def test_training_starts_from_the_current_vectors():
    trained = model()
    trained.wv.vectors[:] = 0.25
    trained.syn1neg[:] = 0
    trained.train(TEXT, total_examples=30, epochs=1, start_alpha=1e-9, end_alpha=1e-9)
    assert np.allclose(trained.wv.vectors, 0.25, atol=1e-6)


def test_successive_calls_draw_differently():
    first, second = model(), model()
    for _ in range(2):
        first.train(TEXT, total_examples=30, epochs=1, start_alpha=1e-4)
    second.train(TEXT, total_examples=30, epochs=2, start_alpha=1e-4)
    assert first.train_count == 3 and not np.array_equal(first.wv.vectors, second.wv.vectors)


def test_new_words_are_added_and_known_ones_keep_their_rows():
    trained = model()
    before = trained.wv.vectors.copy()
    rows, known = trained.wv.key_to_index.copy(), len(trained.wv)
    trained.build_vocab(MORE, update=True)
    assert trained.wv.index_to_key[:known] == list(rows)
    assert set(trained.wv.index_to_key[known:]) == {"lemon", "hail"}
    assert np.array_equal(trained.wv.vectors[:known], before)
    assert trained.syn1neg.shape == trained.wv.vectors.shape
    assert trained.syn1neg[:known].any() and not trained.syn1neg[known:].any()
    assert trained.wv.get_vecattr("tea", "count") == 25
    trained.train(MORE, total_examples=trained.corpus_count, epochs=3, start_alpha=1e-4)
    assert np.isfinite(trained.wv["lemon"]).all()


def test_known_counts_make_a_vocabulary():
    made = Word2Vec(**SMALL)
    made.build_vocab_from_freq({"rare": 2, "tea": 9, "snow": 4}, corpus_count=6)
    assert made.wv.index_to_key == ["tea", "snow", "rare"] and made.corpus_count == 6
    made.build_vocab_from_freq({"snow": 3, "hail": 8}, update=True)
    assert made.wv.index_to_key == ["tea", "snow", "rare", "hail"]
    assert made.wv.counts.tolist() == [9, 7, 2, 8]


def test_the_least_count_rises_until_few_words_are_left():
    counts = {"a": 9, "b": 5, "c": 5, "d": 2}
    made = Word2Vec(**SMALL, max_final_vocab=2)
    made.build_vocab_from_freq(counts)
    assert made.wv.index_to_key == ["a"] and made.effective_min_count == 6
    made = Word2Vec(TEXT, **SMALL, max_final_vocab=2)
    assert made.wv.index_to_key == ["cup", "tea"]


def test_scanning_and_preparing_report_the_words():
    made = Word2Vec(**SMALL | {"min_count": 15, "sample": 0.001})
    assert made.scan_vocab(TEXT) == (100, 30) and made.raw_vocab["cup"] == 30
    dry = made.prepare_vocab(dry_run=True)
    assert len(made.wv) == 0 and made.raw_vocab
    found = made.prepare_vocab()
    assert found == dry and made.wv.index_to_key == ["cup", "tea"]
    assert (found["drop_unique"], found["retain_total"], found["num_retained_words"]) == (5, 50, 2)
    assert found["downsample_unique"] == 2 and 0 < found["downsample_total"] < 50


def test_the_report_of_an_update_is_about_the_counted_words():
    made = Word2Vec(**SMALL)
    made.build_vocab(TEXT)
    made.raw_vocab = {"tea": 2, "lemon": 3, "hail": 1}
    found = made.prepare_vocab(update=True, min_count=2)
    assert (found["drop_unique"], found["retain_total"], found["num_retained_words"]) == (1, 5, 2)
    made.raw_vocab = {"zest": 1}
    assert set(made.prepare_vocab(update=True).values()) == {0, 1}
    assert "zest" not in made.wv


@pytest.mark.parametrize("update", [False, True])
def test_counts_are_kept_in_one_pass(update):
    made, other = Word2Vec(**SMALL), Word2Vec(**SMALL)
    for each, options in ((made, {"keep_raw_vocab": True}), (other, {})):
        if update:
            each.build_vocab(TEXT)
        each.build_vocab(iter(MORE), update=update, min_count=6, **options)
    assert made.raw_vocab == {"tea": 5, "lemon": 10, "snow": 5, "hail": 5} and not other.raw_vocab
    assert (made.corpus_count, made.corpus_total_words) == (10, 25)
    assert made.wv.index_to_key == other.wv.index_to_key and made.min_count == 6
    assert np.array_equal(made.wv.counts, other.wv.counts)
    assert np.array_equal(made.wv.vectors, other.wv.vectors)


def test_a_rule_selects_words():
    def rule(word, count, min_count):
        return utils.RULE_DISCARD if word == "tea" else utils.RULE_DEFAULT

    assert "tea" not in Word2Vec(TEXT, **SMALL, trim_rule=rule).wv
    made = Word2Vec(**SMALL)
    made.build_vocab(TEXT, trim_rule=rule)
    assert "tea" not in made.wv and "cup" in made.wv


def test_rare_words_are_dropped_while_reading():
    text = [["graph", "system"], ["graph", "system"], ["system", "eps"], ["graph", "system"]]
    made = Word2Vec(text, **SMALL, max_vocab_size=2)
    assert dict(zip(made.wv.index_to_key, made.wv.counts, strict=True)) == {"system": 4, "graph": 3}


def test_callbacks_get_the_model_with_its_current_vectors():
    seen = []

    class Watch(CallbackAny2Vec):
        def on_train_begin(self, model):
            seen.append(("train", model.wv.vectors.copy()))

        def on_epoch_end(self, model):
            seen.append((model.get_latest_training_loss(), model.wv.vectors.copy()))

        def on_train_end(self, model):
            seen.append(("end", model.wv.vectors.copy()))

    trained = model(callbacks=[Watch()], epochs=3)
    assert seen[0][0] == "train" and len(seen) == 5
    losses = [loss for loss, _ in seen[1:4]]
    assert losses[-1] == trained.get_latest_training_loss() > 0
    assert all(not np.array_equal(a[1], b[1]) for a, b in pairwise(seen[:4]))
    assert np.array_equal(seen[-1][1], trained.wv.vectors)
    assert np.array_equal(trained.wv.vectors, model(epochs=3).wv.vectors)


def test_a_subclass_may_replace_the_sentences():
    class Backwards(Word2Vec):
        def _do_train_job(self, sentences, alpha, inits):
            sizes.append(len(sentences))
            return super()._do_train_job([s[::-1] for s in sentences], alpha, inits)

    sizes = []
    made = Backwards(**SMALL, batch_words=25)
    made.build_vocab(TEXT)
    made.train(iter(TEXT), total_examples=30, epochs=1)
    assert sum(sizes) == 30 and len(sizes) == 4
    other = Word2Vec(**SMALL)
    other.build_vocab(TEXT)
    other.train([s[::-1] for s in TEXT], total_examples=30, epochs=1)
    assert np.array_equal(made.wv.vectors, other.wv.vectors)
    made.train(TEXT, total_examples=30, epochs=2, start_alpha=1e-4)
    assert sum(sizes) == 90


def test_a_subclass_is_trained_epoch_by_epoch():
    class Same(Word2Vec):
        def _do_train_job(self, sentences, alpha, inits):
            seen.append(("job", alpha))
            return super()._do_train_job(sentences, alpha, inits)

    class Watch(CallbackAny2Vec):
        def on_train_begin(self, model):
            seen.append(("train begin", None))

        def on_epoch_begin(self, model):
            seen.append(("begin", model.wv.vectors.copy()))

        def on_epoch_end(self, model):
            seen.append(("end", model.get_latest_training_loss()))

        def on_train_end(self, model):
            seen.append(("train end", None))

    seen = []
    made = Same(TEXT, **SMALL, epochs=3, alpha=0.04, min_alpha=0.01, callbacks=[Watch()])
    events = ["train begin", *["begin", "job", "end"] * 3, "train end"]
    assert [event for event, _ in seen] == events
    assert [rate for event, rate in seen if event == "job"] == pytest.approx([0.04, 0.03, 0.02])
    losses = [loss for event, loss in seen if event == "end"]
    assert len(set(losses)) == 3 and losses == made._losses
    begins = [matrix for event, matrix in seen if event == "begin"]
    assert not np.array_equal(begins[0], begins[1]) and not np.array_equal(begins[1], begins[2])
    assert made.train_count == 1
    result = made.train(TEXT, total_examples=30, epochs=2, start_alpha=0.01)
    assert result == (200, 200)
    with pytest.raises(TypeError, match="can be read only once"):
        made.train(iter(TEXT), total_examples=30, epochs=2, start_alpha=0.01)


def test_frozen_words_do_not_change():
    made = Word2Vec(**SMALL)
    made.build_vocab(TEXT)
    before = made.wv.vectors.copy()
    made.wv.vectors_lockf = np.ones(len(made.wv), np.float32)
    made.wv.vectors_lockf[2] = 0
    made.train(TEXT, total_examples=30, epochs=1)
    same = (made.wv.vectors == before).all(axis=1)
    assert same.tolist() == [row == 2 for row in range(len(made.wv))]
    made.wv.vectors_lockf[2] = 0.5
    with pytest.raises(ValueError, match=r"vectors_lockf contains 0\.5"):
        made.train(TEXT, total_examples=30, epochs=1, start_alpha=1e-4)


def test_scores_are_the_losses_of_single_sentences():
    trained = model(hs=1, negative=0, sg=1, window=10)
    native = w2vext.Word2Vec(
        loss="hs", vector_size=6, min_count=1, workers=1, sample=0, random_state=1, window=10,
        shrink_windows=False, alpha=0.025,
    ).fit(TEXT)  # fmt: skip
    native.vectors_, native.output_vectors_ = trained.wv.vectors, trained._outputs()
    texts = [["tea", "cup", "milk"], ["unknown"], ["snow", "cold", "x"]]
    scores = trained.score(texts)
    assert scores.shape == (3,) and scores[1] == 0
    assert scores[0] == pytest.approx(-6 * native.mean_loss(texts[:1]), rel=1e-5)
    assert scores[2] == pytest.approx(-2 * native.mean_loss(texts[2:]), rel=1e-5)
    assert len(trained.score(texts, total_sentences=2)) == 2
    with pytest.raises(RuntimeError, match="hierarchical softmax"):
        model().score(texts)


def test_predictions_of_words():
    trained = model()
    found = trained.predict_output_word(["tea", "nowhere", "milk"], topn=3)
    assert len(found) == 3 and found[0][1] >= found[1][1]
    rows = [trained.wv.get_index(word) for word in ("tea", "milk")]
    assert trained.predict_output_word(rows, topn=3) == found
    with pytest.warns(UserWarning, match="no word of the vocabulary: give"):
        assert trained.predict_output_word(["nowhere"]) is None
    with pytest.raises(RuntimeError, match="negative sampling"):
        model(hs=1, negative=0).predict_output_word(["tea"])


def test_a_model_can_take_the_words_of_another():
    other = Word2Vec(MORE, **SMALL)
    made = model()
    made.reset_from(other)
    assert made.wv.key_to_index == other.wv.key_to_index and made.corpus_count == 10
    assert not np.array_equal(made.wv.vectors, other.wv.vectors) and not made.syn1neg.any()
    made.train(MORE, total_examples=10, epochs=1)


# ---- errors


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"cbow_mean": 0}, ValueError, "cbow_mean=0 is not available"),
        ({"null_word": 1}, ValueError, "null_word=1 is not available"),
        ({"sorted_vocab": 0}, ValueError, "sorted_vocab=0 is not available"),
        ({"hs": 0, "negative": 0}, ValueError, "negative=0 train nothing"),
        ({"sg": 2}, ValueError, "sg=2"),
        ({"hashfxn": 5}, TypeError, "hashfxn=5"),
        ({"batch_words": 0}, ValueError, "batch_words=0"),
        ({"vector_size": 0}, ValueError, "vector_size=0"),
        ({"workers": 0}, ValueError, "workers=0"),
        ({"alpha": "x"}, TypeError, "alpha"),
        ({"foo": 1}, TypeError, "foo"),
    ],
)
def test_arguments_that_are_not_available_are_named(arguments, error, match):
    with pytest.raises(error, match=match):
        Word2Vec(**SMALL | arguments)


def test_missing_arguments_of_train():
    made = Word2Vec(**SMALL)
    with pytest.raises(RuntimeError, match="call build_vocab first"):
        made.train(TEXT, total_examples=30, epochs=1)
    made.build_vocab(TEXT)
    with pytest.raises(ValueError, match="total_examples and total_words"):
        made.train(TEXT, epochs=1)
    with pytest.raises(ValueError, match="epochs=None"):
        made.train(TEXT, total_examples=30)
    with pytest.raises(ValueError, match="word_count=5"):
        made.train(TEXT, total_examples=30, epochs=1, word_count=5)
    with pytest.raises(TypeError, match="no argument 'foo'"):
        made.train(TEXT, total_examples=30, epochs=1, foo=1)
    with pytest.raises(TypeError, match="contains an int without the method on_train_begin"):
        made.train(TEXT, total_examples=30, epochs=1, callbacks=[5])


def test_the_corpus_must_be_given_once(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("tea cup\n")
    for call in (Word2Vec, Word2Vec(**SMALL).build_vocab):
        with pytest.raises(TypeError, match="both given"):
            call(TEXT, path)
        with pytest.raises(TypeError, match="corpus_iterable=5"):
            call(5)
        with pytest.raises(TypeError, match="corpus_file takes a path"):
            call(str(path))
        with pytest.raises(TypeError, match="path of an existing file"):
            call(corpus_file=tmp_path / "none")
    with pytest.raises(TypeError, match="both None"):
        Word2Vec(**SMALL).build_vocab()
    with pytest.raises(TypeError, match="sentence 0 is a str"):
        Word2Vec(["tea", "cup"], **SMALL)


def test_a_corpus_without_words():
    for corpus in ([], [["once"]]):
        with pytest.raises(RuntimeError, match="there is no vocabulary to train"):
            Word2Vec(corpus, min_count=2)
    once = iter(TEXT)
    made = Word2Vec(**SMALL)
    made.build_vocab(once)
    with pytest.raises(ValueError, match="the corpus is empty"):
        made.train(once, total_examples=30, epochs=1)


def test_a_higher_learning_rate_than_before_is_a_warning():
    made = model()
    with pytest.warns(UserWarning, match=r"alpha=0\.025 is higher"):
        made.train(TEXT, total_examples=30, epochs=1, start_alpha=0.025)


@pytest.mark.parametrize(
    "rates",
    [{"start_alpha": 5e-5}, {"end_alpha": 0.5}, {"start_alpha": -1}],
)
def test_rates_that_are_refused_do_not_change_the_model(tmp_path, rates):
    made = model()
    with pytest.raises(ValueError, match="alpha="):
        made.train(TEXT, **{"total_examples": 30, "epochs": 1} | rates)
    assert (made.alpha, made.min_alpha) == (0.025, 0.0001)
    made.save(tmp_path / "m")
    assert Word2Vec.load(tmp_path / "m").alpha == 0.025


# ---- files


@pytest.mark.parametrize("name, value", [("epochs", 0), ("alpha", 5e-5)])
def test_parameters_that_cannot_be_loaded_are_not_saved(tmp_path, name, value):
    made = model()
    setattr(made, name, value)
    with pytest.raises(ValueError, match=f"{value}"):
        made.save(tmp_path / "m")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("loss", [{}, {"hs": 1, "negative": 0}, {"hs": 1}])
def test_a_saved_model_continues_its_training(tmp_path, loss):
    path = tmp_path / "any.model"
    saved = model(comment="tea", seed=5, **loss)
    saved.wv.set_vecattr("tea", "sort", 3)
    saved.wv.vectors_lockf = np.ones(len(saved.wv), np.float32)
    saved.wv.vectors_lockf[1] = 0
    saved.save(path)
    loaded = Word2Vec.load(path)
    assert np.array_equal(saved.wv.vectors, loaded.wv.vectors)
    assert (loaded.comment, loaded.seed, loaded.hs, loaded.corpus_count) == ("tea", 5, saved.hs, 30)
    assert loaded.wv.get_vecattr("tea", "sort") == 3 and loaded.wv.vectors_lockf[1] == 0
    for each in (saved, loaded):
        each.train(TEXT, total_examples=30, epochs=1, start_alpha=1e-4)
    assert np.array_equal(saved.wv.vectors, loaded.wv.vectors)
    assert np.array_equal(saved._outputs(), loaded._outputs())


def test_counts_of_numpy_are_saved(tmp_path):
    made = Word2Vec(**SMALL)
    counts = dict(zip(["tea", "cup"], np.array([200, 100], np.uint8), strict=True))
    made.build_vocab_from_freq(counts, corpus_count=np.int64(9))
    assert made.corpus_total_words == 300
    made.train_count = np.int64(0)
    made.save(tmp_path / "m")
    loaded = Word2Vec.load(tmp_path / "m")
    assert (loaded.corpus_count, loaded.wv.counts.tolist()) == (9, [200, 100])


def test_attributes_of_text_keep_their_length_after_loading(tmp_path):
    saved = model()
    for word in saved.wv.index_to_key:
        saved.wv.set_vecattr(word, "note", "x")
        saved.wv.set_vecattr(word, "rank", 2)
    saved.save(tmp_path / "m")
    saved.wv.save(tmp_path / "v")
    for wv in (Word2Vec.load(tmp_path / "m").wv, KeyedVectors.load(tmp_path / "v")):
        wv.set_vecattr("tea", "note", "a long note")
        assert [wv.get_vecattr(word, "note") for word in ("tea", "cup")] == ["a long note", "x"]
        assert wv.expandos["rank"].dtype == np.int64


def test_the_native_classes_read_a_saved_model(tmp_path):
    path = tmp_path / "saved.safetensors"
    saved = model(sg=1)
    saved.save(path)
    native = w2vext.Word2Vec.load(path)
    assert np.array_equal(native.vectors_, saved.wv.vectors)
    assert w2vext.KeyedVectors.load(path).most_similar("tea") == native.wv.most_similar("tea")
    assert not KeyedVectors.load(path, mmap="r").vectors.flags.writeable
    native.save(path)
    with pytest.raises(AttributeError, match=r"contains no model of w2vext\.gensim"):
        Word2Vec.load(path)


@pytest.mark.parametrize(
    "load, entry, change, message",
    [
        (Word2Vec.load, "state", [], "stored arguments are not valid"),
        (Word2Vec.load, "frozen", [99], "stored arguments are not valid"),
        (KeyedVectors.load, "vecattrs", {"sort": [1]}, "the attribute 'sort' is not a list"),
    ],
)
def test_damaged_entries_of_a_saved_model(tmp_path, load, entry, change, message):
    path = tmp_path / "saved.safetensors"
    model().save(path)
    words, matrix, meta = native.read(path)
    meta["parameters"]["gensim"][entry] = change
    native.write(path, words, matrix, meta)
    with pytest.raises(ValueError, match=rf"saved\.safetensors: .*{message}.* or save it again$"):
        load(path)


def test_a_pickle_is_never_opened(tmp_path):
    path = tmp_path / "old.model"
    path.write_bytes(pickle.dumps({"a": 1}))
    for read in (Word2Vec.load, KeyedVectors.load, KeyedVectors.load_word2vec_format):
        with pytest.raises(ValueError, match=r"pickle.* load it with gensim, and convert"):
            read(path)


def test_arguments_of_files_that_are_not_available(tmp_path):
    saved = model()
    for arguments, match in (
        ({"separately": ["vectors"]}, "separately"),
        ({"ignore": ["x"]}, "ignore"),
    ):
        for each in (saved, saved.wv):
            with pytest.raises(ValueError, match=match):
                each.save(tmp_path / "x", **arguments)
    with pytest.raises(ValueError, match="mmap='c'"):
        KeyedVectors.load(tmp_path / "x", mmap="c")
    with pytest.raises(RuntimeError, match="call build_vocab first"):
        Word2Vec().save(tmp_path / "x")
    with pytest.raises(AttributeError, match="call it on the class"):
        saved.load(tmp_path / "x")


def test_models_can_be_copied_and_pickled():
    trained = model()
    for other in (copy.deepcopy(trained), pickle.loads(pickle.dumps(trained))):
        assert other.wv.most_similar("tea") == trained.wv.most_similar("tea")
        other.train(TEXT, total_examples=30, epochs=1, start_alpha=1e-4)
        assert not np.array_equal(other.wv.vectors, trained.wv.vectors)


# ---- KeyedVectors


def test_words_are_added_to_empty_vectors():
    kv = KeyedVectors(2)
    assert len(kv) == 0 and kv.vectors.shape == (0, 2)
    for i in range(40):
        assert kv.add_vector(f"w{i}", [i, 1]) == i
    kv["w3"] = [7, 7]
    kv[["w3", "new"]] = [[8, 8], [9, 9]]
    assert len(kv) == 41 and kv["w3"].tolist() == [8, 8] and kv["new"].tolist() == [9, 9]
    kv.add_vectors(["w3", "other"], [[0, 0], [1, 1]])
    assert kv["w3"].tolist() == [8, 8] and kv["other"].tolist() == [1, 1]
    assert kv.most_similar("new", topn=1)[0][0] in ("w1", "w3", "other")
    with pytest.raises(ValueError, match="weights has shape"):
        kv.add_vectors(["a"], [[1, 2, 3]])


def test_allocated_rows_are_filled():
    kv = KeyedVectors(2, count=2)
    assert kv.vectors.shape == (2, 2) and kv.index_to_key == [None, None]
    assert [kv.add_vector(word, [1, 2]) for word in "abc"] == [0, 1, 2]
    assert kv.index_to_key == ["a", "b", "c"]


def test_attributes_of_words():
    kv = vectors()
    kv.set_vecattr("south", "count", 5)
    kv.set_vecattr("tea", "kind", "drink")
    assert kv.counts.tolist() == [0, 5, 0] and kv.get_vecattr("north", "kind") is None
    kv.add_vectors(["milk"], [[0, 2]], extras={"count": [7]})
    assert kv.get_vecattr("milk", "count") == 7
    with pytest.raises(KeyError, match="no attribute 'absent'"):
        kv.get_vecattr("tea", "absent")
    kv.sort_by_descending_frequency()
    assert kv.index_to_key == ["milk", "south", "north", "tea"]
    assert kv["south"].tolist() == [1, 0.5] and kv.get_vecattr("tea", "kind") == "drink"


def test_sorting_keeps_what_belongs_to_each_word():
    made = model(hs=1, negative=2, sg=1)
    rows = made.wv.key_to_index
    for word, count in (("milk", 40), ("tea", 35)):
        made.wv.set_vecattr(word, "count", count)
    made.wv.vectors_lockf = np.arange(len(rows)) % 2
    inner, before = made.syn1.copy(), {w: (made.syn1neg[r].copy(), r % 2) for w, r in rows.items()}
    path = made.wv.get_vecattr("rain", "code")
    made.wv.sort_by_descending_frequency()
    assert made.wv.index_to_key[:2] == ["milk", "tea"] != list(rows)[:2]
    assert np.array_equal(path, made.wv.get_vecattr("rain", "code"))
    made._outputs()
    for row, word in enumerate(made.wv.index_to_key):
        assert np.array_equal(made.syn1neg[row], before[word][0])
        assert made.wv.vectors_lockf[row] == before[word][1]
    assert np.array_equal(made.syn1, inner)
    made.build_vocab(MORE, update=True)
    assert np.array_equal(made.syn1neg[0], before["milk"][0])


def test_a_model_is_trained_and_saved_after_sorting(tmp_path):
    made = model(negative=2)
    made.wv.set_vecattr("rain", "count", 99)
    expected = dict(made.predict_output_word(["tea", "milk"], topn=None))
    made.wv.sort_by_descending_frequency()
    made.save(tmp_path / "m")
    loaded = Word2Vec.load(tmp_path / "m")
    for each in (made, loaded):
        assert dict(each.predict_output_word(["tea", "milk"], topn=None)) == pytest.approx(expected)
        each.train(TEXT, total_examples=30, epochs=1, start_alpha=1e-4)
    assert np.array_equal(made.wv.vectors, loaded.wv.vectors)
    assert np.array_equal(made.syn1neg, loaded.syn1neg)


def test_integers_name_rows_unless_they_are_words():
    kv = vectors()
    assert kv[1].tolist() == [1, 0.5] and kv.get_index(2) == 2
    assert kv.most_similar(0, topn=1) == kv.most_similar("north", topn=1)
    nodes = KeyedVectors(1)
    nodes.add_vectors([5, 1], [[1], [2]])
    assert nodes[5].tolist() == [1] and nodes[1].tolist() == [2]
    with pytest.raises(KeyError):
        nodes[0]


def test_neighbours_with_gensims_arguments():
    kv = vectors()
    assert kv.most_similar("north", topn=0) == [] and len(kv.most_similar("tea", topn=None)) == 3
    assert kv.most_similar(kv.vectors[:2], topn=1)[0][0] in ("north", "south")
    assert [w for w, _ in kv.most_similar("north", restrict_vocab=2)] == ["south"]
    assert [w for w, _ in kv.most_similar("north", clip_start=2)] == ["tea"]
    assert [w for w, _ in kv.most_similar("north", clip_start=1, clip_end=2)] == ["south"]
    assert kv.similar_by_word("north") == kv.similar_by_key("north") == kv.most_similar("north")
    assert kv.similar_by_vector(kv["tea"], topn=1)[0][0] == "tea"
    with pytest.raises(TypeError, match="indexer"):
        kv.most_similar("north", indexer=object())
    assert kv.doesnt_match(["north", "tea", "south", "nowhere"]) == "tea"
    assert kv.closer_than("north", "tea") == kv.words_closer_than("north", "tea") == ["south"]
    with pytest.raises(ZeroDivisionError, match="ws1 is empty"):
        kv.n_similarity([], ["tea"])
    with pytest.raises(AttributeError, match="use index_to_key"):
        _ = kv.index2word


def test_half_the_precision():
    kv = KeyedVectors(2, dtype=np.float16)
    kv.add_vectors(["north", "south", "tea"], [[1, 0], [1, 0.5], [0, 1]])
    assert kv.vectors.dtype == np.float16
    assert kv.most_similar("north", topn=1) == vectors().most_similar("north", topn=1)
    with pytest.raises(ValueError, match=r"dtype=.*float64.* not available"):
        KeyedVectors(2, dtype=np.float64)


def test_unit_vectors_replace_the_vectors():
    kv = vectors()
    kv.unit_normalize_all()
    assert np.allclose(np.linalg.norm(kv.vectors, axis=1), 1) and np.allclose(kv.norms, 1)


@pytest.mark.parametrize("binary", [False, True])
def test_files_of_word2vecs_format(tmp_path, binary):
    kv = vectors()
    kv.expandos["count"] = np.array([3, 9, 4])
    kv.save_word2vec_format(tmp_path / "v", fvocab=tmp_path / "c", binary=binary, prefix="x_")
    read = KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary)
    assert read.index_to_key == ["x_south", "x_tea", "x_north"]
    assert read.counts.tolist() == [3, 2, 1]
    read = KeyedVectors.load_word2vec_format(tmp_path / "v", tmp_path / "c", binary=binary, limit=2)
    assert read.counts.tolist() == [9, 4] and read.index_to_key == ["x_south", "x_tea"]
    kv.save_word2vec_format(tmp_path / "v", tmp_path / "c", binary=binary)
    read = KeyedVectors.load_word2vec_format(tmp_path / "v", tmp_path / "c", binary=binary)
    assert read.counts.tolist() == [9, 4, 3] and read["tea"].tolist() == [0, 1]
    for arguments, match in (
        ({"append": True}, "append"),
        ({"total_vec": 7}, "total_vec=7"),
        ({"binary": True, "write_header": False}, "write_header"),
    ):
        with pytest.raises(ValueError, match=match):
            kv.save_word2vec_format(tmp_path / "v", **arguments)


def test_rows_are_written_in_the_order_of_an_attribute(tmp_path):
    kv = vectors()
    for values, dtype in (([1, 2, 0], "u1"), ([0.5, 0.7, 0.1], "f4"), ([False, True, False], "?")):
        kv.expandos["rank"] = np.array(values, dtype)
        kv.save_word2vec_format(tmp_path / "v", sort_attr="rank")
        read = KeyedVectors.load_word2vec_format(tmp_path / "v")
        assert read.index_to_key == ["south", "north", "tea"]
    kv.expandos["count"] = np.array([1, 2, 0], np.uint8)
    kv.sort_by_descending_frequency()
    assert kv.index_to_key == ["south", "north", "tea"]
    kv.set_vecattr("tea", "note", "x")
    with pytest.raises(ValueError, match="sort_attr='note'"):
        kv.save_word2vec_format(tmp_path / "v", sort_attr="note")


def test_files_without_a_header(tmp_path):
    vectors().save_word2vec_format(tmp_path / "v", write_header=False)
    read = KeyedVectors.load_word2vec_format(tmp_path / "v", no_header=True)
    assert np.array_equal(read.vectors, vectors().vectors)


def test_vectors_of_a_file_replace_those_of_a_model(tmp_path):
    given = KeyedVectors(6)
    given.add_vectors(["tea", "unheard"], np.full((2, 6), 0.5))
    given.save_word2vec_format(tmp_path / "v")
    made = Word2Vec(**SMALL)
    made.build_vocab(TEXT)
    made.wv.intersect_word2vec_format(tmp_path / "v", lockf=0.0)
    made.train(TEXT, total_examples=30, epochs=1)
    assert (made.wv["tea"] == 0.5).all() and "unheard" not in made.wv
    with pytest.raises(ValueError, match=r"lockf=0\.5"):
        made.wv.intersect_word2vec_format(tmp_path / "v", lockf=0.5)


# ---- corpora and utils


def test_sentences_from_files(tmp_path):
    (tmp_path / "b.txt").write_text("tea cup\n\nsnow rain hail\n")
    (tmp_path / "a.txt").write_text("first line")
    lines = list(word2vec.LineSentence(tmp_path / "b.txt"))
    assert lines == [["tea", "cup"], [], ["snow", "rain", "hail"]]
    assert list(word2vec.LineSentence(tmp_path / "b.txt", 2, limit=3))[-1] == ["hail"]
    with open(tmp_path / "b.txt", "rb") as file:
        assert list(word2vec.LineSentence(file)) == lines == list(word2vec.LineSentence(file))
    assert list(word2vec.PathLineSentences(tmp_path)) == [["first", "line"], *lines]
    assert next(iter(word2vec.Text8Corpus(tmp_path / "b.txt", 3))) == ["tea", "cup", "snow"]
    with pytest.raises(ValueError, match="no such file or folder"):
        word2vec.PathLineSentences(tmp_path / "none")


@pytest.mark.parametrize("block", [1, 2, 3, 7, 100])
def test_a_file_without_lines_is_read_in_blocks(tmp_path, monkeypatch, block):
    words = ["t\u00e9", "a", "cup\u2003of", "snow", "\u96ea", "rain"] * 3
    text = "  ".join(words) + "\n hail"
    (tmp_path / "t").write_text(text, encoding="utf-8")
    data = text.encode()
    parts = [data[at : at + block] for at in range(0, len(data), block)]
    monkeypatch.setattr(_corpora.Corpus, "buffers", lambda self, path: iter(parts))
    monkeypatch.setattr(_corpora, "_BLOCK", block)
    with open(tmp_path / "t", encoding="utf-8") as file:
        for source in (tmp_path / "t", io.BytesIO(data), file):
            for length in (1, 4, 22, 50):
                found = list(word2vec.Text8Corpus(source, length))
                assert [word for sentence in found for word in sentence] == text.split()
                assert {len(sentence) for sentence in found[:-1]} <= {length}
                assert 0 < len(found[-1]) <= length
    monkeypatch.setattr(_corpora.Corpus, "buffers", lambda self, path: iter([b"a \xc3"]))
    with pytest.raises(UnicodeDecodeError):
        list(word2vec.Text8Corpus(tmp_path / "t"))


def test_texts_become_words():
    assert utils.simple_preprocess("The 2 Rivers, a _x y_z d'Été!") == [
        "the",
        "rivers",
        "y_z",
        "été",
    ]
    assert utils.simple_preprocess("Été".encode(), deacc=True) == ["ete"]
    assert utils.simple_preprocess("abc abcd", min_len=4, max_len=4) == ["abcd"]
    with pytest.raises(TypeError, match="text=5"):
        utils.to_unicode(5)
