"""Phrases: scores computed by hand and compared with gensim and word2phrase; joining; errors."""

import math
import pickle

import numpy as np
import pytest
from helpers.exact_text import text
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import NotFittedError

from w2vext import Phrases, Word2Vec, cli

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
        ({"scoring": "pmi"}, ValueError, "scoring='pmi': give one of word2phrase, npmi"),
        ({"min_count": 0}, ValueError, "min_count=0"),
        ({"min_count": 2.5}, ValueError, "min_count=2.5"),
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
