"""Phrases: scores computed by hand and compared with gensim and word2phrase; joining; errors."""

import math
import pickle
from itertools import pairwise

import numpy as np
import pytest
from helpers.exact_text import text
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import NotFittedError

from w2vext import Phrases, Word2Vec, cli
from w2vext.formats import _checkpoint
from w2vext.phrases import ENGLISH_CONNECTOR_WORDS

CITY = [["i", "like", "new", "york"], ["new", "york", "is", "far"], ["new", "things"]] * 3


def sentences(seed=5, n=400):
    """Sentences with repeated pairs and connectors."""
    rng = np.random.default_rng(seed)
    pairs = ["new york", "bank of america", "state of the art", "ice cream", "a b c"]
    words = [f"w{i}" for i in range(30)] + ["of", "the", "new", "york", "bank"]
    out = []
    for _ in range(n):
        parts = rng.choice(words, size=rng.integers(0, 9)).tolist()
        for _ in range(rng.integers(0, 3)):
            parts[rng.integers(len(parts) + 1) : 0] = rng.choice(pairs).split()
        out.append(parts)
    return out


def test_scores_by_hand():
    model = Phrases(min_count=1, threshold=1).fit(CITY)
    assert model.n_words_ == 30
    # new 9, york 6, new york 6; i 3, like 3, i like 3
    assert model.phrases_["new_york"] == pytest.approx((6 - 1) / (9 * 6) * 30)
    assert model.phrases_["i_like"] == pytest.approx((3 - 1) / (3 * 3) * 30)
    model = Phrases(scoring="npmi", min_count=4).fit(CITY)
    expected = math.log(6 / 30 / (9 / 30 * 6 / 30)) / -math.log(6 / 30)
    assert model.phrases_ == {"new_york": pytest.approx(expected)}


def test_a_score_equal_to_the_threshold_is_not_a_phrase():
    score = Phrases(min_count=1, threshold=1).fit(CITY).phrases_["new_york"]
    assert "new_york" not in Phrases(min_count=1, threshold=score).fit(CITY).phrases_
    below = Phrases(min_count=1, threshold=np.nextafter(score, 0)).fit(CITY)
    assert "new_york" in below.phrases_
    assert "new_york" not in Phrases(min_count=7, threshold=-1).fit(CITY).phrases_


def test_joining_new_documents():
    model = Phrases(min_count=4, threshold=1).fit(CITY)
    documents = [["new", "york", "new", "york"], [], ["New", "new", "?", "york"], ["york"]]
    expected = [["new_york", "new_york"], [], ["New", "new", "?", "york"], ["york"]]
    assert model.transform(documents) == expected
    assert model.transform(iter(documents)) == expected
    assert documents[0] == ["new", "york", "new", "york"]


def test_several_passes_and_their_thresholds():
    long = [["a", "b", "c", "d", "x"], ["y", "a", "b", "c", "d"], ["x", "y"]] * 5
    model = Phrases(min_count=2, threshold=1, passes=2)
    assert model.fit_transform(long)[0] == ["a_b_c_d", "x"]
    assert Phrases(min_count=2, threshold=1).fit_transform(long)[0] == ["a_b", "c_d", "x"]
    model = Phrases(min_count=2, threshold=(1, 1e9), passes=2, delimiter=" ").fit(long)
    assert model.transform(long)[0] == ["a b", "c d", "x"]


def test_a_phrase_with_the_name_of_a_word():
    both = [["new_york", "new", "york"], ["new", "york", "x"]] * 4
    model = Phrases(min_count=2, threshold=2)
    assert model.fit_transform(both)[0] == ["new_york", "new_york"]
    assert model.transform([["new_york"]]) == [["new_york"]]


def test_fit_transform_is_fit_then_transform(tmp_path):
    data = sentences()
    assert [] in data
    how = dict(min_count=3, threshold=3, passes=2, connector_words={"of", "the"})
    expected = Phrases(**how).fit(data).transform(data)
    assert any("state_of_the_art" in each for each in expected)
    assert Phrases(**how).fit_transform(data) == expected
    assert Phrases(**how).fit_transform(iter(data)) == expected
    assert Phrases(**how).fit_transform([tuple(each) for each in data]) == expected
    path = tmp_path / "text"
    path.write_text("".join(" ".join(each) + "\n" for each in data))
    assert Phrases(**how).fit_transform(path) == expected


def test_only_ascii_spaces_separate_words_of_files(tmp_path):
    """str.split also separates words at the last of these characters."""
    path = tmp_path / "text"
    path.write_text("new\tyork \x0b new\x1cyork\n\nnew york\xa0 é\u3000 new york\n" * 3)
    first = ["new_york", "new\x1cyork"]
    expected = [first, [], ["new", "york\xa0", "é\u3000", "new_york"]] * 3
    model = Phrases(min_count=3, threshold=1).fit([["new", "york"], ["x", "y", "z"]] * 9)
    assert model.transform(path) == expected


def test_many_batches_and_words_without_phrases(monkeypatch):
    monkeypatch.setattr("w2vext.phrases.BATCH", 5)
    data = sentences(8)
    how = dict(min_count=3, threshold=3, passes=2, connector_words={"of", "the"})
    model = Phrases(**how).fit(data)
    assert set(model._index) < {word for each in data for word in each}
    strange = [[*each, f"new{i}", ("no", "str"), 5] for i, each in enumerate(data)]
    joined = model.transform(strange)
    assert [each[:-3] for each in joined] == Phrases(**how).fit_transform(data)
    assert [each[-3:] for each in joined] == [each[-3:] for each in strange]
    with pytest.raises(TypeError, match=r"document 0, token 1 is a list, .*not hashable"):
        model.transform([["a", []]])


@pytest.mark.parametrize("connectors", [(), ("of", "the")])
@pytest.mark.parametrize("seed", [1, 2])
def test_npmi_equals_gensims(connectors, seed):
    gensim = pytest.importorskip("gensim.models.phrases", exc_type=ImportError)
    data = sentences(seed)
    theirs = gensim.Phrases(
        data, min_count=3, threshold=0.2, scoring="npmi", connector_words=frozenset(connectors)
    )
    model = Phrases(scoring="npmi", min_count=3, threshold=0.2, connector_words=connectors).fit(
        data
    )
    expected = theirs.export_phrases()
    assert len(expected) > 3
    assert model.phrases_ == pytest.approx(expected)
    assert model.transform(data) == [theirs[each] for each in data]


@pytest.mark.parametrize("connectors", [(), ("of", "the")])
def test_gensims_default_score_equals_gensims(connectors):
    gensim = pytest.importorskip("gensim.models.phrases", exc_type=ImportError)
    data = sentences(3)
    how = dict(min_count=3, threshold=0.7, connector_words=frozenset(connectors))
    theirs = gensim.Phrases(data, scoring="default", **how)
    model = Phrases(scoring="gensim", **how).fit(data)
    expected = theirs.export_phrases()
    assert len(expected) > 5
    assert model.phrases_ == pytest.approx(expected)
    assert model.transform(data) == [theirs[each] for each in data]
    some = data[:40]
    assert model.find_phrases(some) == pytest.approx(theirs.find_phrases(some))
    own = Phrases(scoring=gensim.original_scorer, **how).fit(data)
    assert own.phrases_ == pytest.approx(expected)


def test_the_units_of_gensims_threshold():
    """Its score is ours times the number of distinct words and pairs, divided by N."""
    model = Phrases(min_count=1, threshold=-1).fit(CITY)
    pairs = {pair for each in CITY for pair in pairwise(each)}
    distinct = len({word for each in CITY for word in each}) + len(pairs)
    theirs = Phrases(scoring="gensim", min_count=1, threshold=-1).fit(CITY)
    assert theirs.phrases_ == pytest.approx(
        {name: score * distinct / 30 for name, score in model.phrases_.items()}
    )
    assert Phrases(scoring="gensim", min_count=1).fit(CITY).phrases_ == {}  # none is above 10


def test_a_function_as_the_score():
    calls = []

    def score(worda_count, wordb_count, bigram_count, len_vocab, min_count, corpus_word_count):
        calls.append((worda_count, wordb_count, bigram_count))
        assert (len_vocab, min_count, corpus_word_count) == (7 + 6, 2, 30)
        return math.nan if bigram_count == 6 else worda_count

    model = Phrases(scoring=score, min_count=2, threshold=5).fit(CITY)
    # new 9, york 6, things 3, i 3, like 3, is 3, far 3; "new york" has a score of NaN
    assert sorted(calls) == [(3, 3, 3), (3, 3, 3), (3, 9, 3), (6, 3, 3), (9, 3, 3), (9, 6, 6)]
    assert model.phrases_ == {"new_things": 9, "york_is": 6}
    with pytest.raises(ValueError, match=r"threshold=None .*a function has no default"):
        Phrases(scoring=score).fit(CITY)
    with pytest.raises(TypeError, match=r"scoring returned 'x' for a pair that occurs \d times"):
        Phrases(scoring=lambda **_: "x", min_count=1, threshold=1).fit(CITY)


def test_connector_words_of_english():
    assert {"of", "the", "and"} <= ENGLISH_CONNECTOR_WORDS
    data = [["bank", "of", "the", "west"]] * 5 + [["west", "bank"]]
    model = Phrases(min_count=2, threshold=1, connector_words=ENGLISH_CONNECTOR_WORDS)
    assert model.fit_transform(data)[0] == ["bank_of_the_west"]


def test_a_bound_on_the_number_of_pairs():
    rng = np.random.default_rng(6)
    rare = [[f"r{a}", f"r{b}"] for a, b in rng.integers(0, 900, size=(3000, 2))]
    data = [sentence for pair in rare for sentence in (pair, ["new", "york"])]
    how = dict(min_count=20, threshold=1)
    expected = Phrases(**how).fit(data).phrases_
    assert expected.keys() == {"new_york"}
    with pytest.warns(UserWarning, match="more than max_pairs=100 distinct pairs: .*at most 1 tim"):
        model = Phrases(**how, max_pairs=100).fit(data)
    assert model.phrases_ == pytest.approx(expected)
    assert Phrases(**how, max_pairs=100_000).fit(data).phrases_ == expected  # without a warning


# ---- streams and files


def test_documents_are_joined_when_they_are_read(tmp_path):
    data = sentences(7)
    model = Phrases(min_count=3, threshold=3, passes=2).fit(data)
    joined = model.iter_transform(data)
    assert list(joined) == list(joined) == model.transform(data)
    path = tmp_path / "text"
    path.write_text("".join(" ".join(each) + "\n" for each in data))
    assert list(model.iter_transform(path)) == model.transform(data)
    read = iter(data * 1_000)
    assert next(iter(model.iter_transform(read))) == model.transform(data[:1])[0]
    assert sum(1 for _ in read) > 300_000  # only one batch was read
    how = dict(vector_size=4, min_count=2, epochs=1, workers=1, random_state=0)
    one, two = (Word2Vec(**how).fit(each) for each in (joined, model.transform(data)))
    np.testing.assert_array_equal(one.vectors_, two.vectors_)
    with pytest.raises(NotFittedError):
        Phrases().iter_transform(data)


def test_phrases_of_some_documents():
    model = Phrases(min_count=4, threshold=1).fit(CITY)
    assert model.find_phrases([["in", "new", "york"], [], ["new"]]) == {
        "new_york": model.phrases_["new_york"]
    }
    assert model.find_phrases([["new_york"], ["york", "new"]]) == model.find_phrases([]) == {}
    assert model.export_phrases() == model.phrases_
    assert model.export_phrases() is not model.phrases_


@pytest.mark.parametrize("passes", [1, 3])
def test_saving_and_loading(passes, tmp_path):
    data = sentences(9)
    how = dict(min_count=3, threshold=[3.5] * passes, passes=passes, max_pairs=50_000)
    model = Phrases(**how, connector_words={"the", "of"}, delimiter="+").fit(data)
    assert any(name.count("+") > 1 for name in model.phrases_)
    path = tmp_path / "phrases.safetensors"
    model.save(path)
    again = Phrases.load(path)
    assert again.transform(data) == model.transform(data)
    assert again.phrases_ == model.phrases_
    assert again.n_words_ == model.n_words_
    assert again.get_params() == model.get_params() | {
        "connector_words": ["of", "the"],
        "threshold": (3.5,) * passes,
    }
    again.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()
    assert again.fit(data).phrases_ == model.phrases_


def test_saving_what_is_unusual(tmp_path):
    path = tmp_path / "phrases"
    with pytest.raises(NotFittedError):
        Phrases().save(path)
    nothing = Phrases().fit([["a"]])
    nothing.save(path)
    assert Phrases.load(path).transform([["a", "b"]]) == [["a", "b"]]
    endless = Phrases(scoring="npmi", min_count=1).fit([["a", "b"]])
    endless.phrases_["a_b"] = math.inf
    own = Phrases(scoring=lambda **_: math.inf, min_count=1, threshold=1).fit([["a", "b"]])
    with pytest.warns(
        UserWarning,
        match="scoring=.*not saved, because files contain no code.*set the parameter again",
    ):
        own.save(path)
    assert Phrases.load(path).scoring == "word2phrase"
    assert Phrases.load(path).transform([["a", "b"]]) == [["a_b"]]
    assert Phrases.load(path).phrases_ == {"a_b": math.inf}
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"cannot write '\\udc80': it contains a lone surrogate"):
        Phrases(min_count=1, threshold=0).fit([["\udc80", "b"]] * 9).save(path)
    assert path.read_bytes() == before


def damaged(path, arrays=None, content=None):
    """Write a file again, with a correct checksum, after changes."""
    found = _checkpoint.read(path, "w2vext phrases")
    found = {name: array.copy() for name, array in found[0].items()}, found[1]
    (arrays or (lambda _: None))(found[0])
    (content or (lambda _: None))(found[1])
    _checkpoint.write(path, *found, "w2vext phrases")


@pytest.mark.parametrize(
    "change",
    [
        dict(arrays=lambda a: a["pairs.0"].__setitem__((2, 0), 10**6)),  # the id of a phrase
        dict(arrays=lambda a: a["pairs.0"].__setitem__((1, 0), 10**6)),  # of a word
        dict(arrays=lambda a: a["pairs.0"].__setitem__((0, 0), 10**6)),  # of a prefix
        dict(arrays=lambda a: a["pairs.1"].__setitem__((2, 0), -1)),
        dict(arrays=lambda a: a["prefixes.0"].__setitem__((1, 0), 10**6)),
        dict(arrays=lambda a: a["prefixes.0"].__setitem__((2, 0), 2**31)),
        dict(arrays=lambda a: a["inside.0"].__setitem__(0, 2)),
        dict(arrays=lambda a: a.__setitem__("inside.0", np.zeros(999, np.uint8))),
        dict(arrays=lambda a: a.__setitem__("pairs.0", a["pairs.0"][:2])),
        dict(arrays=lambda a: a.__setitem__("pairs.0", a["pairs.0"].astype(np.int32))),
        dict(arrays=lambda a: a.__setitem__("names", a["names"][:-1])),
        dict(arrays=lambda a: a.__setitem__("names", np.frombuffer(b"{}", np.uint8))),
        dict(arrays=lambda a: a.__setitem__("names", np.frombuffer(b'["a"]', np.uint8))),
        dict(arrays=lambda a: a.__setitem__("scores", a["scores"][1:])),
        dict(arrays=lambda a: a.pop("names")),
        dict(content=lambda c: c.pop("words")),
        dict(content=lambda c: c.update(words="many")),
        dict(content=lambda c: c.update(params=[])),
        dict(content=lambda c: c["params"].update(other=1)),
        dict(content=lambda c: c["phrases"].__setitem__(0, "other")),
    ],
)
def test_files_with_wrong_ids(change, tmp_path):
    """The compiled functions would read outside of their arrays."""
    path = tmp_path / "phrases"
    how = dict(min_count=3, threshold=3.5, passes=2, connector_words={"the", "of"})
    Phrases(**how).fit(sentences(9)).save(path)
    Phrases.load(path)
    damaged(path, **change)
    with pytest.raises(
        ValueError, match=r"phrases: the phrases are inconsistent; .*copy or save it"
    ):
        Phrases.load(path)


def test_files_of_another_kind(tmp_path):
    path = tmp_path / "phrases"
    Phrases().fit(CITY).save(path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(
        ValueError, match=r"phrases: not a valid safetensors file.*: check the path"
    ):
        Phrases.load(path)
    Word2Vec(vector_size=2, min_count=1, sample=0, workers=1).fit(CITY).save(path)
    with pytest.raises(ValueError, match="not a w2vext phrases file: read it with the class"):
        Phrases.load(path)
    with pytest.raises(FileNotFoundError):
        Phrases.load(tmp_path / "nothing")


def test_as_word2phrase(tmp_path):
    """On one line without a phrase's name among the words."""
    source, output = tmp_path / "text", tmp_path / "out"
    words = [word.replace("_", "") for word in text().decode().split() if word != "</s>"]
    source.write_text(" ".join(words))
    how = ["-min-count", "3", "-threshold", "20", "-debug", "0"]
    assert cli.main(["word2phrase", "-train", str(source), "-output", str(output), *how]) == 0
    expected = output.read_text().split()
    assert len(expected) < len(words)
    assert Phrases(min_count=3, threshold=20).fit_transform([words]) == [expected]


def test_in_a_pipeline():
    data = sentences()
    model = make_pipeline(
        Phrases(min_count=3, threshold=3),
        Word2Vec(vector_size=4, min_count=2, epochs=1, workers=1, random_state=0),
    ).fit(data)
    assert "ice_cream" in model[-1].vocabulary_
    assert model.transform([["ice", "cream"]])[0] == pytest.approx(model[-1].wv["ice_cream"])


def test_copies():
    model = Phrases(min_count=4, threshold=1, connector_words=("of",)).fit(CITY)
    again = pickle.loads(pickle.dumps(model))
    assert again.transform(CITY) == model.transform(CITY)
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        clone(model).transform(CITY)


@pytest.mark.parametrize(
    "how, error, says",
    [
        ({"scoring": "pmi"}, ValueError, "scoring='pmi': give one of word2phrase, gensim, npmi"),
        ({"min_count": 0}, ValueError, "min_count=0"),
        ({"min_count": 2.5}, TypeError, "min_count=2.5"),
        ({"max_pairs": 0}, ValueError, "max_pairs=0: give an integer of at least 1 or None"),
        ({"passes": 0}, ValueError, "passes=0"),
        ({"threshold": (1, 2)}, ValueError, "threshold="),
        ({"threshold": math.nan}, ValueError, "threshold=nan"),
        ({"delimiter": None}, TypeError, "delimiter=None"),
        ({"connector_words": "of"}, TypeError, "connector_words='of'"),
    ],
)
def test_invalid_arguments(how, error, says):
    with pytest.raises(error, match=says.replace("(", r"\(")):
        Phrases(**how).fit(CITY)


def test_tokens_must_be_str():
    with pytest.raises(TypeError, match="token 7 is an int"):
        Phrases().fit([["a", 7]])
