"""Which values can be sentences and words, in every method that takes them."""

import decimal
import io

import numpy as np
import pytest
from tqdm import tqdm

from w2vext import KeyedVectors, Phrases, Vocabulary, Word2Vec

TEXT = [["x", "y", "z"], ["z", "x"], ["y", "z", "x", "y"]] * 4
OPTIONS = dict(vector_size=4, min_count=1, sample=0, epochs=1, workers=1, random_state=1)


def model():
    return Word2Vec(**OPTIONS)


METHODS = {
    "fit": lambda X: model().fit(X),
    "first partial_fit": lambda X: model().partial_fit(X),
    "partial_fit": lambda X: model().fit(TEXT).partial_fit(X),
    "fit_transform": lambda X: model().fit_transform(X),
    "transform": lambda X: model().fit(TEXT).transform(X),
    "transform with subwords": lambda X: Word2Vec(**OPTIONS, max_n=3).fit(TEXT).transform(X),
    "mean_loss": lambda X: model().fit(TEXT).mean_loss(X),
    "validation": lambda X: model().fit(TEXT, validation=X),
    "Phrases.fit": lambda X: Phrases().fit(X),
    "Phrases.transform": lambda X: Phrases(min_count=1, threshold=0.0).fit(TEXT).transform(X),
    "Phrases.fit_transform": lambda X: Phrases().fit_transform(X),
}


def missing_values():
    return [
        None,
        float("nan"),
        np.float32("nan"),
        np.datetime64("NaT"),
        np.ma.masked,
        decimal.Decimal("nan"),
    ]


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_value_is_named_with_its_place(method):
    for missing in missing_values():
        corpus = [["x", "y"], ["y", "x", missing, "x"]]
        with pytest.raises(
            TypeError, match=r"^(sentence|document) 1, token 2 is .*, a missing value: leave it out"
        ):
            METHODS[method](corpus)


@pytest.mark.parametrize("method", METHODS)
def test_missing_values_of_pandas(method):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"i": ["x", "y", "z"], "j": ["y", None, "x"], "k": [None, None, "y"]})
    with pytest.raises(TypeError, match=r" 0, token 2 is (None|nan), a missing value"):
        METHODS[method](frame.to_numpy())
    for missing in (pandas.NA, pandas.NaT):
        with pytest.raises(TypeError, match=r" 0, token 1 is (<NA>|NaT), a missing value"):
            METHODS[method]([["x", missing]])
    series = pandas.Series(["x", "y", None], index=[7, 8, 9])
    with pytest.raises(TypeError, match=r" 1, token 2 is (None|nan), a missing value"):
        METHODS[method]([["y"], series])


@pytest.mark.parametrize("method", ["fit", "transform", "partial_fit"])
@pytest.mark.parametrize("dtype", [int, float, np.uint64])
def test_masked_entries(method, dtype):
    array = np.ma.masked_equal(np.array([[1, 2, 3], [2, 9, 1]], dtype), 9)
    for corpus in (array, [array[0], array[1]]):
        with pytest.raises(TypeError, match=r" 1, token 1 is None, a missing value"):
            METHODS[method](corpus)
    assert sorted(model().fit(array[:1]).vocabulary_) == [1, 2, 3]


@pytest.mark.parametrize("method", ["fit", "transform", "Phrases.fit", "Phrases.transform"])
def test_a_missing_sentence(method):
    for missing in (None, float("nan")):
        with pytest.raises(TypeError, match=r" 1 is (None|nan), a missing value: leave it out"):
            METHODS[method]([["x"], missing])


@pytest.mark.parametrize(
    "make",
    [lambda words: KeyedVectors(words, np.eye(3)), lambda words: Vocabulary(words, [3, 2, 1])],
)
def test_a_missing_word(make):
    for missing in missing_values():
        with pytest.raises(TypeError, match=r"token 1 is .*, a missing value: leave it out"):
            make(["x", missing, "y"])
    assert len(make([Scalar("x"), "y", 5])) == 3
    assert "x" in make([Scalar("x"), "y", 5])


# ---- scalars of other libraries


class Scalar:
    """Equal to no other object, as a tensor without dimensions."""

    ndim = 0

    def __init__(self, value):
        self.value = value

    def item(self):
        return self.value


class Unhashable(Scalar):
    __hash__ = None


class Tensor:
    """Hashable by identity, as PyTorch's."""

    def __init__(self, rows):
        self.rows = rows

    @property
    def ndim(self):
        return np.ndim(self.rows)

    def __iter__(self):
        return map(Scalar if self.ndim == 1 else Tensor, self.rows)


@pytest.mark.parametrize("wrap", [Scalar, Unhashable])
def test_scalars_stand_for_their_values(wrap):
    corpus = [[wrap(word) for word in sentence] for sentence in TEXT]
    found, expected = model().fit(corpus), model().fit(TEXT)
    assert found.vocabulary_ == expected.vocabulary_
    assert np.array_equal(found.vectors_, expected.vectors_)
    assert np.array_equal(found.transform(corpus), expected.transform(TEXT))
    joined = Phrases(min_count=1, threshold=0.0).fit_transform(corpus)
    assert joined == Phrases(min_count=1, threshold=0.0).fit_transform(TEXT)


def test_tensors_of_ids():
    ids = [[4, 7, 9], [7, 4, 4]]
    assert model().fit(Tensor(ids)).vocabulary_ == model().fit(ids).vocabulary_
    with pytest.raises(TypeError, match=r"sentence 0, token 0 is a Tensor of 1 dimensions"):
        model().fit(Tensor([ids, ids]))


def test_scalars_of_pyarrow():
    arrow = pytest.importorskip("pyarrow")
    expected = model().fit(TEXT)
    words = arrow.array(TEXT)
    chunks = arrow.chunked_array([words[:5], words[5:]])
    for corpus in (words, chunks, list(words), [list(sentence) for sentence in words]):
        found = model().fit(corpus)
        assert found.vocabulary_ == expected.vocabulary_
        assert {type(word) for word in found.vocabulary_} == {str}
        assert np.array_equal(found.transform(corpus), expected.transform(TEXT))
    for missing in ([["x"], ["y", None]], [["x"], None]):
        with pytest.raises(TypeError, match="the column, row 1: a missing value: leave it out"):
            model().fit(arrow.array(missing))
    counts = {arrow.scalar("x"): 3, arrow.scalar("y"): 2}
    assert Vocabulary.from_counts(counts).words == ["x", "y"]


def test_an_object_with_a_text_is_not_its_text():
    class Token:
        text = "x"

    with pytest.raises(TypeError, match=r"sentence 0, token 1 is a Token.*: give the text"):
        model().fit([["y", Token()]])


@pytest.mark.parametrize("method", METHODS)
def test_an_unhashable_token(method):
    for token in (["x"], ("x", ["y"]), {"x": 1}, np.array(["x"])):
        with pytest.raises(TypeError, match=r" 1.*(token 1 is a|token that cannot be)"):
            METHODS[method]([["y"], ["x", token]])


# ---- tables


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_a_table_is_not_a_corpus(library):
    module = pytest.importorskip(library)
    make = module.table if library == "pyarrow" else module.DataFrame
    table = make({"i": ["x", "y"], "j": ["y", "x"]})
    for method in METHODS.values():
        with pytest.raises(TypeError, match="has the columns 'i', 'j': choose one, as in Column"):
            method(table)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_column_of_token_lists_is_a_corpus(library):
    module = pytest.importorskip(library)
    column = module.DataFrame({"tokens": TEXT})["tokens"]
    assert model().fit(column).vocabulary_ == model().fit(TEXT).vocabulary_
    assert model().fit_transform(column).shape == (12, 4)


# ---- corpora that can be read once


class Wrapped:
    """Gives the same iterator every time."""

    def __init__(self, iterator):
        self.iterator = iterator

    def __iter__(self):
        return self.iterator


class Once:
    """Gives an iterator once only."""

    def __init__(self, iterator):
        self.iterator = iterator

    def __iter__(self):
        taken, self.iterator = self.iterator, None
        return iter(taken)


ONCE = {
    "iterator": iter,
    "map": lambda text: map(list, text),
    "wrapped": lambda text: Wrapped(iter(text)),
    "once": Once,
    "progress bar": lambda text: tqdm(iter(text), disable=True),
    "list of iterators": lambda text: [iter(sentence) for sentence in text],
    "wrapped in a sequence": lambda text: dict(enumerate(map(iter, text))).values(),
    "file": lambda text: io.BytesIO(b"\n".join(" ".join(words).encode() for words in text)),
    "list of files": lambda text: [
        io.StringIO("\n".join(map(" ".join, part))) for part in (text[:5], text[5:])
    ],
}


@pytest.mark.parametrize("kind", ONCE)
def test_what_can_be_read_once_is_read_once(kind):
    once = ONCE[kind]
    expected = model().fit(TEXT)
    assert model().fit(once(TEXT)).vocabulary_ == expected.vocabulary_
    assert np.array_equal(model().fit_transform(once(TEXT)), expected.transform(TEXT))
    assert np.array_equal(expected.transform(once(TEXT)), expected.transform(TEXT))
    phrases = Phrases(min_count=1, threshold=0.0)
    assert phrases.fit_transform(once(TEXT)) == phrases.fit(TEXT).transform(TEXT)


# ---- frames of vectors


def test_a_frame_with_missing_words():
    pandas = pytest.importorskip("pandas")
    csv = "word,0,1\ncat,1,2\nnull,3,4\nNA,5,6\n"
    frame = pandas.read_csv(io.StringIO(csv), index_col=0)
    with pytest.raises(ValueError, match=r"row 1 of the frame has no word but nan: .*keep_default"):
        KeyedVectors.from_frame(frame)
    frame = pandas.read_csv(io.StringIO(csv), index_col=0, keep_default_na=False)
    assert KeyedVectors.from_frame(frame).index_to_key == ["cat", "null", "NA"]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"count": [3, None]}, "the frame's count of 'b' is (nan|None): give integers"),
        ({"count": [3.0, 1.5]}, "the frame's count of 'a' is 3.0: give integers"),
        ({"0": ["1", "q"]}, r"the frame's columns \['0'\] are not all numbers"),
        ({"0": [1.0, 1e300]}, "the frame's vector of 'b' contains NaN or infinity"),
        ({}, r"the frame has no numbers; its columns are \['word'\]"),
    ],
)
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_that_are_refused(library, column, message):
    module = pytest.importorskip(library)
    numbers = {"0": [1.0, 2.0]} if "count" in column else {}
    frame = module.DataFrame({"word": ["a", "b"]} | numbers | column)
    with pytest.raises(ValueError, match=message):
        KeyedVectors.from_frame(frame)
