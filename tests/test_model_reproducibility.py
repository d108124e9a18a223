"""Reproducible fits: `deterministic` and its default "auto"; and the caches of a fit."""

import pickle

import numpy as np
import pytest
from helpers.runs import BOTH
from helpers.topics import topical

from w2vext import Word2Vec
from w2vext._estimator import heldout, parameters
from w2vext._estimator.parameters import Parameters
from w2vext.text import vocabulary


def small(**params):
    return Word2Vec(**{"vector_size": 8, "min_count": 1, "epochs": 2, **params})


@pytest.mark.parametrize(
    ("params", "meaning"),
    [
        ({"random_state": 1, "workers": 2}, True),
        ({"random_state": np.int64(1), "workers": 2}, True),
        ({"random_state": 0, "workers": 8}, True),
        ({"random_state": 1, "workers": 1}, False),
        ({"random_state": None, "workers": 2}, False),
        ({"random_state": np.random.RandomState(1), "workers": 2}, False),
        ({"random_state": np.random.default_rng(1), "workers": 2}, False),
        ({"random_state": None, "workers": 2, "deterministic": True}, True),
        ({"random_state": 1, "workers": 2, "deterministic": False}, False),
        ({"random_state": 1, "workers": 1, "deterministic": True}, True),
        ({"random_state": 1, "workers": 2, "deterministic": np.False_}, False),
    ],
)
def test_values_of_deterministic(params, meaning):
    assert parameters.is_deterministic(Parameters(**params)) is meaning
    assert small(**params).fit(topical()).deterministic_ is meaning


def test_all_cores_are_several_workers(monkeypatch):
    for cores in (1, 4):
        monkeypatch.setattr(parameters.workers, "resolve", lambda workers, cores=cores: cores)
        assert parameters.is_deterministic(Parameters(random_state=1)) is (cores > 1)


@pytest.mark.parametrize("loss", ["neg", "hs", BOTH, "softmax"])
def test_a_seed_gives_the_same_result_for_any_number_of_workers(loss):
    models = [small(loss=loss, random_state=5, workers=n).fit(topical()) for n in (2, 2, 3)]
    for model in models[1:]:
        assert model.vectors_.tobytes() == models[0].vectors_.tobytes()
        assert model.output_vectors_.tobytes() == models[0].output_vectors_.tobytes()
        assert model.loss_history_ == models[0].loss_history_


def test_one_worker_does_not_train_in_rounds():
    seeded = small(random_state=5, workers=1).fit(topical())
    free = small(random_state=5, workers=1, deterministic=False).fit(topical())
    assert seeded.vectors_.tobytes() == free.vectors_.tobytes()


def test_mean_loss_uses_the_mode_of_the_fit():
    model = small(random_state=5, workers=2).fit(topical(), validation=topical(40, 9))
    loss = model.mean_loss(topical(40, 9))
    assert loss == pytest.approx(model.validation_loss_history_[-1], rel=1e-9)
    assert model.set_params(workers=1, deterministic=False).mean_loss(topical(40, 9)) == loss


@pytest.mark.parametrize(
    ("params", "lr"),
    [
        ({}, 0.05),
        ({"loss": "hs"}, 0.025),
        ({"architecture": "cbow"}, 0.2),
        ({"architecture": "cbow", "loss": "hs"}, 0.1),
        ({"architecture": "cbow", "cbow_gradient": "word2vec"}, 0.05),
        ({"alpha": 0.07}, 0.07),
        ({"alpha": np.float32(0.5)}, 0.5),
    ],
)
def test_alpha_is_the_initial_learning_rate(params, lr):
    model = small(workers=1, **params).fit(topical(40))
    assert model.alpha_ == lr and type(model.alpha_) is float


# ---- caches of a fit


def counted(monkeypatch, home, name):
    """A list of the calls of a function."""
    calls, function = [], getattr(home, name)

    def wrapper(*args, **kwargs):
        calls.append(args)
        return function(*args, **kwargs)

    monkeypatch.setattr(home, name, wrapper)
    return calls


def test_predictions_build_the_tree_and_the_words_once(monkeypatch):
    model = small(loss="hs", workers=1, random_state=1).fit(topical())
    trees = counted(monkeypatch, heldout, "huffman_tree")
    words = counted(monkeypatch, vocabulary.Vocabulary, "of_index")
    first = model.predict_output_word(["king"])
    assert model.predict_output_word(["king"]) == first
    model.mean_loss(topical(9))
    model.transform(topical(9))
    assert len(trees) == len(words) == 1
    model.fit(topical(100, 8))
    model.predict_output_word(["king"])
    assert len(trees) == len(words) == 2


def test_caches_are_neither_pickled_nor_saved(tmp_path):
    model = small(loss="hs", workers=1, random_state=1).fit(topical())
    pickled = pickle.dumps(model)
    model.save(tmp_path / "before")
    predicted, _ = model.predict_output_word(["king"]), model.wv
    assert pickle.dumps(model) == pickled
    model.save(tmp_path / "after")
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()
    assert pickle.loads(pickled).predict_output_word(["king"]) == predicted


def test_predictions_after_a_refit_are_those_of_the_new_fit():
    model = small(loss="hs", workers=1, random_state=1).fit(topical())
    model.predict_output_word(["king"])
    other = [["tea", "milk", "sugar"], ["tea", "rum"]] * 40
    again = small(loss="hs", workers=1, random_state=1).fit(other)
    assert model.fit(other).predict_output_word(["tea"]) == again.predict_output_word(["tea"])
