"""scikit-learn's conventions, which its checks cannot test because the input is not an array."""

import ast
import copy
import inspect
import io
import pickle
import re

import joblib
import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted

from w2vext import Word2Vec

TOPICS = [
    "king queen throne crown palace prince".split(),
    "rain snow hail storm cloud wind".split(),
]


def labelled(documents=120, seed=3):
    rng = np.random.default_rng(seed)
    labels = np.arange(documents) % 2
    return [[str(w) for w in rng.choice(TOPICS[label], size=5)] for label in labels], labels


def small(**params):
    params = {"vector_size": 12, "min_count": 1, "workers": 1, "random_state": 7, **params}
    return Word2Vec(**{"epochs": 3, "sample": 0, **params})


@pytest.fixture(scope="module")
def fitted():
    return small().fit(labelled()[0])


def assert_same_model(one, two):
    np.testing.assert_array_equal(one.vectors_, two.vectors_)
    np.testing.assert_array_equal(one.output_vectors_, two.output_vectors_)
    np.testing.assert_array_equal(one.counts_, two.counts_)
    assert one.vocabulary_ == two.vocabulary_
    assert list(one.vocabulary_) == list(two.vocabulary_)
    assert one.loss_history_ == two.loss_history_
    assert one.get_params() == two.get_params()
    np.testing.assert_array_equal(one.transform([["king"]]), two.transform([["king"]]))
    assert one.wv.most_similar("king") == two.wv.most_similar("king")


def test_is_an_estimator_and_a_transformer():
    assert isinstance(small(), BaseEstimator)
    assert isinstance(small(), TransformerMixin)


def test_check_estimator():
    with pytest.warns(Warning, match="Can't test estimator"):
        check_estimator(Word2Vec())


def test_init_stores_every_parameter_unchanged():
    defaults = inspect.signature(Word2Vec.__init__).parameters
    sentinel = {name: object() for name in defaults if name != "self"}
    model = Word2Vec(**sentinel)
    assert vars(model) == sentinel
    assert model.get_params() == sentinel


def test_defaults():
    wanted = {
        "loss": "neg",
        "architecture": "skipgram",
        "vector_size": 100,
        "window": 5,
        "shrink_windows": True,
        "negative": 5,
        "ns_exponent": 0.75,
        "min_count": 5,
        "max_final_vocab": None,
        "sample": 1e-3,
        "alpha": None,
        "min_alpha": 1e-4,
        "epochs": 5,
        "workers": None,
        "random_state": None,
        "verbose": 0,
        "unknown": "auto",
        "min_n": 0,
        "max_n": 0,
        "bucket": 2_000_000,
        "subword_update": "damped",
        "kernel": "auto",
    }
    assert wanted.items() <= Word2Vec().get_params().items()


def test_every_parameter_is_documented():
    text = inspect.getdoc(Word2Vec)  # without indentation, which Python 3.13 removes itself
    written = re.findall(r"^(\w+) : .*, default=(.+)$", text, flags=re.MULTILINE)
    documented = {name: ast.literal_eval(default) for name, default in written}
    assert documented == Word2Vec().get_params()


def test_get_and_set_params():
    model = small().set_params(window=3, loss="softmax")
    assert model.get_params()["window"] == 3
    assert model.loss == "softmax"
    with pytest.raises(ValueError, match="size"):
        model.set_params(size=3)


def test_fit_changes_no_parameter(fitted):
    assert fitted.get_params() == small().get_params()


def test_clone_is_unfitted_and_equal(fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not [name for name in vars(copy) if name.endswith("_")]
    assert_same_model(copy.fit(labelled()[0]), fitted)


def test_repr_shows_changed_parameters():
    assert repr(Word2Vec(window=3)) == "Word2Vec(window=3)"
    assert "Word2Vec" in small()._repr_html_()


def test_tags():
    tags = get_tags(small())
    assert not tags.input_tags.two_d_array
    assert tags.input_tags.string
    assert tags.no_validation
    assert tags.requires_fit
    assert not tags.non_deterministic
    assert not get_tags(small(workers=2)).non_deterministic
    assert not get_tags(small(workers=2, deterministic=True)).non_deterministic
    assert get_tags(small(workers=2, deterministic=False)).non_deterministic


def test_check_is_fitted(fitted):
    check_is_fitted(fitted)
    with pytest.raises(Exception, match="not fitted yet"):
        check_is_fitted(small())


def test_feature_names(fitted):
    names = fitted.get_feature_names_out()
    assert names.tolist() == [f"word2vec{i}" for i in range(12)]
    assert names.dtype == object


@pytest.mark.parametrize(
    "copied",
    [
        lambda m: pickle.loads(pickle.dumps(m)),
        lambda m: pickle.loads(pickle.dumps(m, protocol=2)),
        copy.deepcopy,
        copy.copy,
    ],
    ids=["pickle", "pickle-2", "deepcopy", "copy"],
)
def test_copies(fitted, copied):
    _ = fitted.wv
    copy = copied(fitted)
    assert_same_model(copy, fitted)
    assert np.shares_memory(copy.wv.vectors, copy.vectors_)
    assert_same_model(copy.fit(labelled()[0]), fitted)


def test_unfitted_copies():
    assert pickle.loads(pickle.dumps(small())).get_params() == small().get_params()


def test_pickle_stores_each_matrix_once():
    model = small(vector_size=2000).fit(labelled()[0])
    bare = len(pickle.dumps(model))
    _ = model.wv
    assert len(pickle.dumps(model)) == bare
    assert bare < 2.2 * model.vectors_.nbytes


def test_joblib_dump_and_memory_map(fitted, tmp_path):
    joblib.dump(fitted, tmp_path / "model.joblib")
    assert_same_model(joblib.load(tmp_path / "model.joblib"), fitted)
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    assert isinstance(mapped.vectors_, np.memmap)
    assert_same_model(mapped, fitted)


@pytest.mark.slow
def test_joblib_parallel(fitted):
    halves = joblib.Parallel(n_jobs=2)(
        joblib.delayed(fitted.transform)(half) for half in ([["king"]], [["rain"], ["snow"]])
    )
    np.testing.assert_array_equal(
        np.concatenate(halves), fitted.transform([["king"], ["rain"], ["snow"]])
    )


def test_pipeline_with_a_classifier():
    X, y = labelled()
    pipe = make_pipeline(small(), StandardScaler(), LogisticRegression()).fit(X[:80], y[:80])
    assert pipe.score(X[80:], y[80:]) > 0.9
    assert pipe[:-1].get_feature_names_out().tolist() == [f"word2vec{i}" for i in range(12)]


def test_pipeline_after_a_tokenizer():
    X, y = labelled()
    texts = [" ".join(words).upper() for words in X]
    split = FunctionTransformer(lambda texts: [text.lower().split() for text in texts])
    pipe = make_pipeline(split, small(), LogisticRegression()).fit(texts, y)
    assert pipe.score(texts, y) > 0.9


def test_feature_union():
    X, _ = labelled()
    union = FeatureUnion([("near", small(window=1)), ("far", small(window=4))]).fit(X)
    assert union.transform(X).shape == (120, 24)


def test_grid_search_over_a_pipeline():
    X, y = labelled()
    pipe = make_pipeline(small(), LogisticRegression())
    grid = {"word2vec__vector_size": [2, 10], "word2vec__loss": ["neg", "softmax"]}
    search = GridSearchCV(pipe, grid, cv=2, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert search.best_score_ > 0.9
    assert search.best_estimator_[0].vectors_.shape[1] in (2, 10)


def test_grid_search_of_the_estimator_with_a_scorer():
    X, _ = labelled()

    def topics_apart(model, X, y=None):
        return float(-model.wv.similarity("king", "rain"))

    search = GridSearchCV(
        small(),
        {"alpha": [1e-5, 0.1], "min_alpha": [0]},
        scoring=topics_apart,
        cv=2,
        error_score="raise",
    ).fit(X)
    assert search.best_params_["alpha"] == 0.1


@pytest.mark.slow
def test_cross_validation_in_processes():
    X, y = labelled()
    pipe = make_pipeline(small(), LogisticRegression())
    alone = cross_val_score(pipe, X, y, cv=3)
    np.testing.assert_array_equal(cross_val_score(pipe, X, y, cv=3, n_jobs=2), alone)


def test_set_output_pandas(fitted):
    pandas = pytest.importorskip("pandas")
    model = copy.deepcopy(fitted).set_output(transform="pandas")
    frame = model.transform([["king"], ["rain"]])
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == [f"word2vec{i}" for i in range(12)]
    assert (frame.dtypes == np.float32).all()
    np.testing.assert_array_equal(frame.to_numpy(), fitted.transform([["king"], ["rain"]]))
    series = pandas.Series([["king"], ["rain"]], index=[40, 30])
    assert list(model.transform(series).index) == [40, 30]
    assert isinstance(
        small().set_output(transform="pandas").fit_transform(labelled()[0]), type(frame)
    )


def test_set_output_by_configuration(fitted):
    pandas = pytest.importorskip("pandas")
    with config_context(transform_output="pandas"):
        assert isinstance(fitted.transform([["king"]]), pandas.DataFrame)


def test_metadata_routing_reaches_fit():
    X, _ = labelled()
    with config_context(enable_metadata_routing=True):
        model = small().set_fit_request(vocabulary=True)
        pipe = make_pipeline(model, StandardScaler()).fit(X, vocabulary={"king": 9, "queen": 9})
    assert list(pipe[0].vocabulary_) == ["king", "queen"]


def test_fit_transform_passes_the_vocabulary():
    model = small()
    out = model.fit_transform(labelled()[0], vocabulary={"king": 9, "rain": 9})
    assert out.shape == (120, 12)
    assert sorted(model.vocabulary_) == ["king", "rain"]


def test_fit_writes_nothing_to_stdout(capsys):
    small(verbose=1).fit(labelled()[0])
    assert capsys.readouterr().out == ""


def test_quiet_if_stderr_is_not_a_terminal(monkeypatch):
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    small(verbose=0).fit(labelled()[0])
    assert stderr.getvalue() == ""


def test_verbose_shows_the_progress(monkeypatch):
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    small(verbose=1).fit(labelled()[0])
    assert "words/s" in stderr.getvalue().replace("word/s", "words/s")
