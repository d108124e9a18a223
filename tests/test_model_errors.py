"""Errors of the estimator: invalid parameters, invalid corpora, and its state afterwards."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from w2vext import Word2Vec
from w2vext._arguments.messages import kind_of
from w2vext.training import memory as matrices
from w2vext.training import run as training

TEXT = [["king", "queen", "throne"], ["rain", "snow", "hail"]] * 10


def small(**params):
    return Word2Vec(**{"vector_size": 8, "min_count": 1, "epochs": 1, "workers": 1, **params})


# name, value, and a pattern of the message besides both
OUT_OF_RANGE = [
    ("loss", "negative", r"'neg', 'hs', 'hs\+neg' or 'softmax'"),
    ("architecture", "skip-gram", "'skipgram' or 'cbow'"),
    ("kernel", "gpu", "'auto'"),
    ("tokenizer", "word", "'words'"),
    ("sentences", "lines", "'line'"),
    ("cbow_gradient", "median", "'mean'"),
    ("unknown", "ignore", "'skip'"),
    ("min_n", -1, "at least 0"),
    ("max_n", -1, "0 trains without subwords"),
    ("bucket", 0, "at least 1"),
    ("bucket", 2**31, "at most 2,147,483,647"),
    ("global_context", "middle", "'first', 'last' or None"),
    ("subword_update", "sum", "'damped' or 'fasttext'"),
    ("pooling", "max", "'mean', 'sum', 'idf', 'sif' or 'zipf'"),
    ("sif_smoothing", 0, "above 0"),
    ("sif_smoothing", float("nan"), "above 0"),
    ("vector_size", 0, "at least 1"),
    ("vector_size", 2**40, "at most 1,048,576"),
    ("window", 0, "at least 1"),
    ("window", 2**40, "at most 1,048,576"),
    ("window", -5, "at least 1"),
    ("min_count", 0, "1 keeps every word"),
    ("max_final_vocab", 0, "None for no limit"),
    ("max_vocab_size", 0, "None for no limit"),
    ("epochs", 0, "at least 1"),
    ("negative", 0, "loss='hs'"),
    ("negative", -1, "at least 0"),
    ("negative", 2**40, "at most 1,048,576"),
    ("verbose", -1, "at least 0"),
    ("schedule", "exponential", "'linear', 'constant', 'cosine' or a function"),
    ("deterministic", "yes", "True, False or 'auto'"),
    ("patience", 0, "None to run every epoch"),
    ("workers", 0, "None or -1"),
    ("workers", -2, "None or -1"),
    ("sample", -1e-3, "from 0"),
    ("sample", 1.5, "to 1"),
    ("sample", float("nan"), "from 0"),
    ("alpha", 0, "above 0"),
    ("alpha", -0.1, "above 0"),
    ("alpha", float("inf"), "finite"),
    ("alpha", float("nan"), "finite"),
    ("min_alpha", -1e-4, "from 0"),
    ("min_alpha", 0.5, "alpha=0.05"),
    ("min_alpha", float("nan"), "from 0"),
    ("ns_exponent", float("inf"), "finite"),
    ("ns_exponent", float("nan"), "finite"),
    ("random_state", -1, "from 0 to 2\\*\\*64 - 1"),
    ("random_state", 2**64, "from 0 to 2\\*\\*64 - 1"),
]

WRONG_TYPE = [
    ("loss", None, "'neg'"),
    ("loss", 1, "'neg'"),
    ("architecture", ["cbow"], "'cbow'"),
    ("lowercase", 1, "True or False"),
    ("strip_accents", "unicode", "True or False"),
    ("sif_smoothing", "1e-3", "number"),
    ("vector_size", 100.0, "integer"),
    ("vector_size", "100", "integer"),
    ("vector_size", True, "integer"),
    ("vector_size", None, "integer"),
    ("window", 2.5, "integer"),
    ("window", (2, 5), "integer"),
    ("shrink_windows", 1, "True or False"),
    ("shrink_windows", "yes", "True or False"),
    ("global_context", True, "'first', 'last' or None"),
    ("shuffle", 0, "True or False"),
    ("warm_start", None, "True or False"),
    ("deterministic", 1, "True, False or 'auto'"),
    ("schedule", None, "function of progress"),
    ("patience", 2.0, "integer"),
    ("callbacks", None, "list of Callback"),
    ("callbacks", print, "list of Callback"),
    ("negative", 5.0, "integer"),
    ("negative", np.True_, "integer"),
    ("min_count", None, "1 keeps every word"),
    ("max_final_vocab", 1e4, "None for no limit"),
    ("trim_rule", "discard", "'discard' or 'default'"),
    ("unk_token", ["<unk>"], "'<unk>'"),
    ("epochs", "5", "integer"),
    ("workers", 1.0, "number of threads"),
    ("workers", True, "number of threads"),
    ("workers", "all", "number of threads"),
    ("sample", "1e-3", "number"),
    ("sample", None, "0 \\(no subsampling\\)"),
    ("alpha", True, "number"),
    ("alpha", 1j, "number"),
    ("min_alpha", None, "number"),
    ("ns_exponent", "0.75", "number"),
    ("random_state", "0", "Generator"),
    ("random_state", 1.5, "Generator"),
    ("random_state", True, "Generator"),
    ("verbose", None, "integer"),
]


@pytest.mark.parametrize(("name", "value", "remedy"), OUT_OF_RANGE)
def test_value_out_of_range(name, value, remedy):
    with pytest.raises(ValueError, match=rf"^{name}={value!r}.*{remedy}"):
        small(**{name: value}).fit(TEXT)


@pytest.mark.parametrize(("name", "value", "remedy"), WRONG_TYPE)
def test_wrong_type(name, value, remedy):
    model = small(**{name: value})
    with pytest.raises(TypeError) as caught:
        model.fit(TEXT)
    assert str(caught.value).startswith(f"{name}={value!r} is {kind_of(value)}: give ")
    assert caught.match(remedy)


@pytest.mark.parametrize("value", [-1.0, float("nan"), None, "fast"])
def test_schedule_that_returns_no_learning_rate(value):
    with pytest.raises(ValueError, match=r"schedule=.* at progress 0: .*at least 0"):
        small(schedule=lambda progress: value).fit(TEXT)


def test_callbacks_must_be_callbacks():
    with pytest.raises(TypeError, match=r"callbacks=.*builtin_function.*w2vext\.Callback"):
        small(callbacks=[print]).fit(TEXT)


def test_every_parameter_is_checked():
    named = {name for name, *_ in OUT_OF_RANGE + WRONG_TYPE}
    assert named == set(Word2Vec().get_params())


def test_init_checks_nothing():
    assert Word2Vec(vector_size=-1, loss=None).vector_size == -1


def test_parameters_are_checked_before_the_corpus_is_read():
    def explode():
        raise AssertionError("read")
        yield

    with pytest.raises(ValueError, match="epochs=0"):
        small(epochs=0).fit(explode())


def test_softmax_with_cbow():
    with pytest.raises(ValueError, match=r"architecture='cbow' with loss='softmax'.*skipgram"):
        small(loss="softmax", architecture="cbow").fit(TEXT)


def test_negative_is_not_checked_without_negative_sampling():
    assert small(loss="softmax", negative=0).fit(TEXT).vectors_.shape == (6, 8)


def test_numpy_scalars_are_numbers():
    model = small(
        vector_size=np.int64(8),
        alpha=np.float32(0.025),
        shrink_windows=np.True_,
        workers=np.int32(1),
    )
    assert model.fit(TEXT).vectors_.shape == (6, 8)


# ---- corpora


@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_a_str_is_not_a_corpus(method):
    with pytest.raises(TypeError, match=r"split\(\)|\[\["):
        getattr(small(), method)("the quick brown fox")


def test_a_missing_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.txt"):
        small().fit(tmp_path / "missing.txt")
    with pytest.raises((TypeError, FileNotFoundError), match=r"missing\.txt"):
        small().fit("missing.txt")


def test_a_dict_is_not_a_corpus():
    with pytest.raises(TypeError, match=r"dict.*\{word: count\}"):
        small().fit({"king": 3})


@pytest.mark.parametrize("corpus", [["king queen", "rain snow"], iter(["king queen"])])
def test_strings_are_not_sentences(corpus):
    with pytest.raises(TypeError, match=r"split\(\)|\[\["):
        small().fit(corpus)


def test_strings_are_not_documents():
    model = small().fit(TEXT)
    with pytest.raises(TypeError, match=r"split\(\)|\[\["):
        model.transform(["king", "queen"])
    with pytest.raises(TypeError, match=r"split\(\)|\[\["):
        model.transform("king queen")


@pytest.mark.parametrize("corpus", [[], [[]], iter([]), [[], []]])
def test_empty_corpus(corpus):
    with pytest.raises(ValueError, match=r"(?i)empty|no (words|tokens|sentences)"):
        small().fit(corpus)


def test_no_word_left_after_min_count():
    with pytest.raises(ValueError, match=r"min_count.*50"):
        small(min_count=50).fit(TEXT)


@pytest.mark.parametrize("corpus", [5, None, 2.5])
def test_a_corpus_must_be_iterable(corpus):
    with pytest.raises(TypeError):
        small().fit(corpus)


def test_corpus_without_a_word_of_the_vocabulary():
    with pytest.raises(ValueError, match="vocabulary"):
        small().fit(TEXT, vocabulary={"unseen": 5})


@pytest.mark.parametrize("vocabulary", [["king"], "king", 3, {"king"}])
def test_vocabulary_of_a_wrong_type(vocabulary):
    with pytest.raises(TypeError, match=r"vocabulary.*(mapping|Vocabulary)"):
        small().fit(TEXT, vocabulary=vocabulary)


# ---- before fit, and after a fit that failed


def test_not_fitted():
    model = small()
    with pytest.raises(NotFittedError):
        model.transform(TEXT)
    with pytest.raises(NotFittedError):
        model.get_feature_names_out()
    with pytest.raises(NotFittedError):
        _ = model.wv
    assert not hasattr(model, "wv")


@pytest.mark.parametrize(
    ("name", "value"), [("unknown", "ignore"), ("pooling", "max"), ("sif_smoothing", -1)]
)
def test_transform_checks_its_own_parameters(name, value):
    model = small().fit(TEXT).set_params(**{name: value})
    with pytest.raises(ValueError, match=f"{name}={value!r}"):
        model.transform(TEXT)


@pytest.mark.parametrize("pooling", ["idf", "sif"])
def test_pooling_that_needs_another_fit(pooling):
    model = small().fit(TEXT).set_params(pooling=pooling)
    with pytest.raises(ValueError, match=rf"pooling=.{pooling}.*fit again"):
        model.transform(TEXT)


def broken():
    yield from TEXT
    raise OSError("the line went dead")


@pytest.mark.parametrize(
    ("corpus", "error"), [([[]], ValueError), (broken(), OSError), ("no such file", TypeError)]
)
def test_a_failed_fit_leaves_the_model_unfitted(corpus, error):
    model = small()
    with pytest.raises(error):
        model.fit(corpus)
    with pytest.raises(NotFittedError):
        model.transform(TEXT)
    assert {k for k in vars(model) if k.endswith("_")} == set()


def test_a_failed_fit_keeps_the_earlier_fit():
    model = small(random_state=1).fit(TEXT)
    before, vectors = dict(vars(model)), model.vectors_.copy()
    with pytest.raises(OSError, match="went dead"):
        model.fit(broken())
    assert vars(model) == before
    np.testing.assert_array_equal(model.vectors_, vectors)


def test_weights_that_are_not_finite():
    model = small(alpha=1e30, min_alpha=1e30, epochs=5, sample=0)
    with pytest.raises(FloatingPointError, match=r"(?i)epoch.*(learning rate|alpha)"):
        model.fit(TEXT * 20)
    with pytest.raises(NotFittedError):
        model.transform(TEXT)


def test_interrupt_leaves_a_usable_model(monkeypatch):
    train = training.train

    def interrupted(*args, **kwargs):
        result = train(*args, **kwargs)
        fields = {name: getattr(result, name) for name in ("w_in", "w_out", "loss_history")}
        return type(result)(**fields, interrupted=True)

    monkeypatch.setattr(training, "train", interrupted)
    model = small()
    with pytest.raises(KeyboardInterrupt):
        model.fit(TEXT)
    assert model.transform(TEXT).shape == (20, 8)


def test_a_matrix_that_does_not_fit_into_memory():
    with pytest.raises(
        MemoryError, match=r"1,000,000,000,000 words by 1,000 .* GB: .*max_final_vocab"
    ):
        matrices.matrix(10**12, 1000)


@pytest.mark.parametrize("sentences", [[["tea"]] * 9, [["tea"], ["rain"]] * 9])
def test_a_corpus_without_a_pair_is_reported(sentences):
    with pytest.warns(
        UserWarning, match=r"nothing was learned.*sample=0 in place of 0.001"
    ) as caught:
        model = small(min_count=1).fit(sentences)
    assert not any(model.loss_history_)
    assert "min_count" not in str(caught[0].message)
    with pytest.warns(UserWarning, match=r"several words, or lower min_count=2$"):
        small(min_count=2, sample=0).fit(sentences)
