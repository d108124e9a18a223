"""Saved models: everything is restored, version 1 stays readable, and no code is run."""

import base64
import json
import lzma
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.topics import MODELS, TOPICS
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import w2vext
from w2vext import Callback, KeyedVectors, Word2Vec
from w2vext.formats import native

# A model in version 1 of the format (xz, base64), which every later version must load.
VERSION_1 = lzma.decompress(
    base64.b64decode(
        "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AfkA+5dABwBvBszgXBOomBSjJ8Ta7Ld0HuvM1OsEn1XwnEefyNBWGuw"
        "ITlJ1qa+tZVpoP8GgGUL2xMbppK4ANnPfnIUw+MAUaQhvAjB6lL7oH6MeEd9aVoMpuTGggTSAP0mcYftAyZ+Ch2A"
        "7W7r/WO2iExVaEzjxTBBKl/WaYcO1noAvVwigvlnIl+t1O7zcWq43uPzL7o/S+Qk8ppw6FWGMqgZhEq9f9ULso5A"
        "wKpTW05ttI4C9IAj8hrJG5RIsEDs4AFboEKUwbNHvIpG5rezMuuoib0NfPHloYjzxw56xW3mnOAKy9qz34WM+QdN"
        "2qV5J1/1b7E2IVtetUlT++WorZirv8O/cfVSN6pQSA7EG9T/6iIsFvxfiSYo5QGDEfM//BUyAf0ipHRSNIuoVLY5"
        "yWi3N19+sL7G1fQKDYcr96cF5u1VAOGVcTeghEnaqVo8zReOuf02PXNzOIa5HuPcrWd/XGUNrWEAWpgdjfFUhpU9"
        "6DhVEzV+q5Jx8tAWntwvxTEQlAgVALTI6noXKgStkQkgyBMg9gTAszDX2l9RjQuY+tVnnS8s3plv1S3xfzQIjzNF"
        "GB5/wiA6X/l9XAKeUMpQ+4e8AsY7sSABA8w7pnPJnnJ68xOBI6sgKsCvQfmrwKwa2SJcV1bzgZJXSIaJpnfZHlQ3"
        "e7KjQTsG9N81GZYtYJkLa3/egciejGEjiQBB8lBG486TxAGPXYLu2JFxsqDcXe8qI6Wz7oNHiGxoThHNnBDKuaVl"
        "vsaCHYXWs5BGK1pIHApTigUEam1XxYgey2MKndQhpJbgG2vSQoTgoWnNYLIE7QWhsIL5aQ25d6WK8ZaDFgGNwfcK"
        "Sw/qKEcd3gaAy+kur/Hiu8rVZ8lr5UYACiUsIV/Vovce2LAwxBKd748ZKBe0mGUrv4s1JsmWYtbNcPy90jaQJfjV"
        "FWWhA6iw4+H33zVLQhfsaC6vq/WXxlzVeiWsQlYXwI6N/msx9dMnHlw0EECxkRW/O11i8GsdGHD6sAv6G2btz8AI"
        "4zp9vhJOlvwLjfWQRqgOh77GMupY932UtGGR4tv/FyifcKNRyreIpQE8Ad52x3xAzVrmgFpH8rZEJM6ILajHzxjf"
        "wIkd5NFryFNDUDELS1J6MLO3AFiTdfbP1n+n5YvHAUjjcHSsDSLALD6P+poR2Ofev1i+9lpk02avd4dDWyVx6VI7"
        "8g67rKRa7A7gbEintqzYCNAvEV1QCLPgdbgRWZwi1i3kS+lPzHE1gCdV73XhBFfL7xVgUF0Tx9rAxKma7o4sPRoD"
        "bBwnB3hCd1zokB5drRsbfXYujweB4y5OgmMIB/Yd0W4lhYwisKNoEfGWQwUBnHUAAAB5KiMrtfKuWAABigjlDwAA"
        "lV7zprHEZ/sCAAAAAARZWg=="
    )
)


def topical(sentences=60, seed=3):
    rng = np.random.default_rng(seed)
    return [[str(w) for w in rng.permutation(TOPICS[i % 2])] for i in range(sentences)]


def small(**params):
    params = {"vector_size": 9, "min_count": 1, "workers": 1, "random_state": 7, **params}
    return Word2Vec(**{"sample": 0, "alpha": 0.05, "epochs": 2, **params})


def assert_same(one, other):
    """Every parameter and every fitted attribute, by type and value."""
    assert one.get_params() == other.get_params()
    fitted = [n for n in vars(one) if n.endswith("_")]
    assert sorted(fitted) == sorted(n for n in vars(other) if n.endswith("_"))
    for name in fitted:
        mine, theirs = getattr(one, name), getattr(other, name)
        assert type(mine) is type(theirs), name
        if isinstance(mine, np.ndarray):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)
        else:
            assert mine == theirs, name
    assert list(one.vocabulary_.items()) == list(other.vocabulary_.items())


def saved(model, folder):
    model.save(folder / "model.safetensors")
    return Word2Vec.load(folder / "model.safetensors")


# ---- everything is restored


@pytest.mark.parametrize(("loss", "architecture"), MODELS)
@pytest.mark.parametrize("mmap", [False, True])
def test_everything_is_restored_and_training_continues(loss, architecture, mmap, tmp_path):
    model = small(loss=loss, architecture=architecture).fit(topical())
    model.save(tmp_path / "m.safetensors")
    loaded = Word2Vec.load(tmp_path / "m.safetensors", mmap=mmap)
    assert_same(model, loaded)
    assert loaded.vectors_.flags.writeable is not mmap
    text = [["king", "snow", "nowhere"], []]
    np.testing.assert_array_equal(model.transform(text), loaded.transform(text))
    assert model.wv.most_similar("hail") == loaded.wv.most_similar("hail")
    assert loaded.wv.counts.tolist() == model.counts_.tolist()
    assert model.mean_loss(topical(9, 5)) == loaded.mean_loss(topical(9, 5))
    more = [["comet", "rain", "storm"]] * 20
    assert_same(model.partial_fit(more), loaded.partial_fit(more))


@pytest.mark.parametrize("pooling", ["sum", "idf", "sif", "zipf"])
def test_the_weights_of_the_pooling_are_saved(pooling, tmp_path):
    model = small(pooling=pooling).fit(topical())
    loaded = saved(model, tmp_path)
    assert_same(model, loaded)
    text = [["king", "snow", "nowhere"], ["rain"]]
    np.testing.assert_array_equal(model.transform(text), loaded.transform(text))


def test_a_fit_with_validation(tmp_path):
    model = small(patience=2).fit(topical(), validation=topical(9, 5))
    loaded = saved(model, tmp_path)
    assert loaded.validation_loss_history_ == model.validation_loss_history_
    assert_same(model, loaded)


def test_every_parameter_is_saved(tmp_path):
    """Values that differ from the defaults, including NumPy scalars."""
    model = small(
        window=np.int64(3),
        alpha=np.float32(0.5),
        shuffle=np.True_,
        schedule="cosine",
        random_state=2**64 - 1,
        max_final_vocab=11,
        unknown="mean",
    ).fit(topical())
    loaded = saved(model, tmp_path)
    assert loaded.get_params() == model.get_params()
    assert type(loaded.window) is int and loaded.shuffle is True
    assert loaded.seed_ == 2**64 - 1
    assert clone(loaded).get_params() == model.get_params()


def test_tokens_that_are_numbers(tmp_path):
    sentences = [[int(i) for i in np.random.default_rng(s).permutation(9) + 70] for s in range(30)]
    model = small().fit(sentences)
    assert_same(model, saved(model, tmp_path))


def test_float16_and_the_same_bytes_twice(tmp_path):
    model = small().fit(topical())
    model.save(tmp_path / "half", dtype="float16")
    half = Word2Vec.load(tmp_path / "half")
    np.testing.assert_array_equal(half.vectors_, model.vectors_.astype(np.float16))
    np.testing.assert_array_equal(half.output_vectors_, model.output_vectors_.astype(np.float16))
    model.save(tmp_path / "one")
    model.save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_vectors_can_be_read_without_the_model(tmp_path):
    model = small().fit(topical())
    model.save(tmp_path / "m.safetensors")
    wv = KeyedVectors.load(tmp_path / "m.safetensors")
    assert wv.most_similar("king") == model.wv.most_similar("king")
    assert wv.counts.tolist() == model.counts_.tolist()


def test_a_model_of_both_losses(tmp_path):
    """It has an output vector for each of 12 words, then for each of 11 inner nodes."""
    how = dict(min_n=3, max_n=4, bucket=900, min_count=1, workers=1, random_state=2, vector_size=9)
    model = Word2Vec(**how, loss="hs+neg").fit(topical())
    path = tmp_path / "m.safetensors"
    model.save(path)
    again = Word2Vec.load(path)
    assert again.output_vectors_.shape == (23, 9)
    np.testing.assert_array_equal(again.output_vectors_, model.output_vectors_)
    for each in (model, again):
        each.partial_fit(topical(seed=4))
    np.testing.assert_array_equal(again.output_vectors_, model.output_vectors_)
    predicted = again.predict_output_word(["king"], topn=None)
    assert predicted == model.predict_output_word(["king"], topn=None)
    assert sum(p for _, p in predicted) == pytest.approx(1)  # the tree's, which is a distribution
    with pytest.raises(ValueError, match=r"loss='hs\+neg' does not exist in fastText: write"):
        model.save(tmp_path / "m.bin")
    with pytest.raises(ValueError, match="12 output vectors, but the model has 23"):
        clone_with(model, loss="neg").save(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_subclass_loads_as_itself(tmp_path):
    class Mine(Word2Vec):
        pass

    small().fit(topical()).save(tmp_path / "m")
    assert type(Mine.load(tmp_path / "m")) is Mine


def test_version_1_is_still_loaded(tmp_path):
    (tmp_path / "m").write_bytes(VERSION_1)
    model = Word2Vec.load(tmp_path / "m")
    assert list(model.vocabulary_) == ["rain", "wörd", "snow", 7]
    assert model.counts_.tolist() == [30, 20, 10, 5]
    np.testing.assert_array_equal(model.vectors_, np.arange(12).reshape(4, 3) / np.float32(8) - 1)
    np.testing.assert_array_equal(model.output_vectors_, 1 - np.arange(9).reshape(3, 3) / 8)
    assert (model.loss, model.window, model.pooling, model.schedule) == ("hs", 3, "sif", "cosine")
    assert model.loss_history_ == [0.75, 0.5] and model.n_iter_ == 2 and model.seed_ == 2**63
    assert model.sif_component_.tolist() == [0.6, 0.0, 0.8]
    assert model.transform([["rain", 7]]).shape == (1, 3)
    assert len(model.partial_fit([["rain", "snow", "storm"]] * 9).vocabulary_) == 5


# ---- parts that are not saved


def test_code_and_state_are_left_out_with_a_warning(tmp_path):
    model = small(
        callbacks=[Callback()],
        schedule=lambda progress: 0.01,
        random_state=np.random.default_rng(4),
    ).fit(topical())
    with pytest.warns(UserWarning) as caught:
        model.save(tmp_path / "m")
    message = str(caught[0].message)
    assert all(name in message for name in ("callbacks=", "schedule=<function", "random_state="))
    assert caught[0].filename == __file__
    loaded = Word2Vec.load(tmp_path / "m")
    assert (loaded.callbacks, loaded.schedule, loaded.random_state) == ((), "linear", None)
    assert loaded.seed_ == model.seed_


def test_an_unknown_token_that_json_would_change_is_left_out(tmp_path):
    with pytest.warns(UserWarning, match="every word of the text is kept"):
        model = small(unk_token=("a", 1)).fit(topical())
    with pytest.warns(UserWarning, match=r"unk_token=\('a', 1\): not saved"):
        model.save(tmp_path / "m")
    assert Word2Vec.load(tmp_path / "m").unk_token is None


def test_values_that_cannot_be_saved(tmp_path):
    with pytest.raises(NotFittedError):
        small().save(tmp_path / "m")
    model = small().fit([["a", b"b"]] * 5)
    with pytest.raises(ValueError, match="b'b': the native format holds str and int"):
        model.save(tmp_path / "m")
    model = small().fit(topical())
    for name in ("m.txt", "m.glove.txt", "m.bin", "m.npz"):
        with pytest.raises(ValueError, match=r"written as .safetensors.*model\.wv\.save"):
            model.save(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        model.save(tmp_path / "nowhere" / "m")
    with pytest.raises(
        ValueError, match="vector_size=4, but the vectors have 9 dimensions: set it back"
    ):
        clone_with(model, vector_size=4).save(tmp_path / "m")
    with pytest.raises(ValueError, match="11 output vectors, but the model has 12"):
        clone_with(model, loss="hs").save(tmp_path / "m")
    with pytest.raises(ValueError, match="window=0"):
        clone_with(model, window=0).save(tmp_path / "m")
    with pytest.raises(ValueError, match="random_state=-1"):
        clone_with(model, random_state=-1).save(tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def clone_with(model, **params):
    other = pickle.loads(pickle.dumps(model))
    return other.set_params(**params)


def test_a_failed_save_leaves_the_old_file(tmp_path):
    model = small().fit(topical())
    model.save(tmp_path / "m")
    before = (tmp_path / "m").read_bytes()
    model.output_vectors_[0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        model.save(tmp_path / "m")
    assert (tmp_path / "m").read_bytes() == before
    assert os.listdir(tmp_path) == ["m"]


# ---- files that are not loaded


def test_a_pickle_is_not_loaded_or_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "run",))

    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        (tmp_path / "m").write_bytes(pickle.dumps({"model": Trap()}, protocol))
        with pytest.raises(ValueError, match=r"m[:,]"):
            Word2Vec.load(tmp_path / "m")
    assert not (tmp_path / "run").exists()


def test_loading_neither_unpickles_nor_evaluates(tmp_path):
    small().fit(topical()).save(tmp_path / "m")
    code = (
        "import builtins, sys; from w2vext import Word2Vec\n"
        "Word2Vec.load(sys.argv[1])\n"  # imports what loading needs
        "def refuse(*a, **k): raise AssertionError(a[:1])\n"
        "import pickle; pickle.load = pickle.loads = pickle.Unpickler = refuse\n"
        "builtins.eval = builtins.exec = refuse\n"
        "print(len(Word2Vec.load(sys.argv[1]).vocabulary_))\n"
    )
    package = os.path.dirname(os.path.dirname(w2vext.__file__))
    out = subprocess.check_output(
        [sys.executable, "-c", code, str(tmp_path / "m")],
        env={**os.environ, "PYTHONPATH": package},
        cwd=tmp_path,
        text=True,
        timeout=600,
    )
    assert out == "12\n"


def test_vectors_without_a_model(tmp_path):
    small().fit(topical()).wv.save(tmp_path / "v.safetensors")
    with pytest.raises(
        ValueError, match="contains vectors but no model: read it with KeyedVectors"
    ):
        Word2Vec.load(tmp_path / "v.safetensors")
    with pytest.raises(FileNotFoundError):
        Word2Vec.load(tmp_path / "nowhere")


EDITS = [
    (lambda p: p.update(version=2), "a saved model of version 2, but this w2vext reads version 1"),
    (lambda p: p.pop("version"), "version None"),
    (lambda p: p.update(params=[1]), "parameters of the model are not valid"),
    (lambda p: p["params"].update(future=1), "does not know the parameter 'future'"),
    (lambda p: p["params"].update(window=-1), "window=-1"),
    (lambda p: p["params"].update(window="x"), "window='x' is a str"),
    (lambda p: p["params"].update(vector_size=4), "vector_size=4"),
    (lambda p: p["params"].update(loss="hs"), "loss='hs'"),
    (lambda p: p["fitted"].pop("seed_"), "has no seed_"),
    (lambda p: p["fitted"].update(seed_=-1), "seed_=-1"),
    (lambda p: p["fitted"].update(n_iter_="2"), "n_iter_='2'"),
    (lambda p: p["fitted"].update(loss_history_=[None]), r"loss_history_=\[None\]"),
    (lambda p: p["fitted"].update(__class__="x"), "__class__='x' is not a valid fitted attribute"),
    (lambda p: p["fitted"].update(vectors_=[[1.0]]), "vectors_="),
]


@pytest.mark.parametrize(("edit", "message"), EDITS)
def test_invalid_parameters_in_a_file(edit, message, tmp_path):
    small().fit(topical()).save(tmp_path / "m")
    words, matrix, meta = native.read(tmp_path / "m")
    edit(meta["parameters"])
    native.write(tmp_path / "m", words, matrix, meta)
    with pytest.raises(ValueError, match=message) as error:
        Word2Vec.load(tmp_path / "m")
    assert str(tmp_path / "m") in str(error.value)
    assert re.search("copy or save it again$|read .* the w2vext that wrote it", str(error.value))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counts": None}, "has no counts"),
        ({"output_vectors": None}, "has no output_vectors"),
        (
            {"output_vectors": np.ones((5, 9), "f")},
            "12 output vectors, but the model has 5",
        ),
        ({"counts": np.full(12, -1)}, r"m, row 1 .*counts\[0\] is -1"),
        ({"arrays": {"idf_": np.ones(12)}}, r"'idf_' of shape \(12,\)"),
        ({"arrays": {"other": np.ones(12)}}, "'other'"),
    ],
)
def test_parts_that_are_inconsistent(change, message, tmp_path, monkeypatch):
    small().fit(topical()).save(tmp_path / "m")
    words, matrix, meta = native.read(tmp_path / "m")
    monkeypatch.setattr(native, "check_counts", lambda counts, n: counts)  # write them anyway
    native.write(tmp_path / "m", words, matrix, meta | change)
    with pytest.raises(
        ValueError, match=rf"{message}.*(copy or save it again|on_bad_rows=.skip. leaves .*)$"
    ):
        Word2Vec.load(tmp_path / "m")


def test_a_flipped_byte_is_detected(tmp_path):
    small().fit(topical()).save(tmp_path / "m")
    data = bytearray((tmp_path / "m").read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    assert json.loads(data[8:start])["__metadata__"]["version"] == "1"
    for place in (start, start + 100, len(data) - 1):
        broken = bytearray(data)
        broken[place] ^= 1
        (tmp_path / "m").write_bytes(broken)
        with pytest.raises(ValueError, match=r"the file is damaged: copy or save it again$"):
            Word2Vec.load(tmp_path / "m")
