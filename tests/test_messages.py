"""Values in error messages: one line, at most 80 characters, whatever the value is."""

import numpy as np
import pytest

from w2vext import FastText, Vocabulary, Word2Vec, _files
from w2vext._arguments.messages import WIDTH, kind_of, printable, shown
from w2vext._files import _replacing


@pytest.mark.parametrize(
    "value",
    [
        1, None, "a word", b"bytes", "it's", [], [1, "a"], (1,), (1, 2), (), {1}, {"a": [1]}, {},
        np.float32(2), range(3), [["a", "b"], ["c"]], "a\nb",
    ],
)  # fmt: skip
def test_a_short_value_is_its_repr(value):
    assert shown(value) == repr(value)


@pytest.mark.parametrize(
    "value",
    [
        "x" * 1000,
        b"x" * 1000,
        [["king", "queen"]] * 1000,
        {i: str(i) for i in range(1000)},
        range(10**80, 10**81),
        tuple(range(1000)),
    ],
)
def test_a_long_value_is_cut(value):
    text = shown(value)
    assert len(text) == WIDTH
    assert text.endswith("...")
    assert repr(value).startswith(text[:-3])


@pytest.mark.parametrize(("value", "kind"), [(1, "an int"), ("a", "a str"), (len, "a builtin")])
def test_a_type_has_an_article(value, kind):
    assert kind_of(value).startswith(kind)


def test_an_array_is_one_line():
    assert shown(np.eye(2)) == "array([[1., 0.], [0., 1.]])"


def test_a_list_that_contains_itself():
    value = []
    value.append(value)
    assert len(shown(value)) == WIDTH


def test_a_long_list_is_not_formatted_whole():
    class Counted:
        formatted = 0

        def __repr__(self):
            Counted.formatted += 1
            return "counted"

    shown([Counted() for _ in range(10_000)])
    assert Counted.formatted < 20


def test_printable_words():
    for word in ("", "a", "naïve", "🙂", 42, ("x", 1)):
        assert printable(word) == str(word)
    assert printable("caf\udcc3") == "caf\ufffd"
    assert printable("\udcc3\udca4🙂\ud800x") == "\ufffd\ufffd🙂\ufffdx"


def in_a_folder_that_accepts_no_files(tmp_path, monkeypatch):
    def closed(*args):
        raise PermissionError(13, "no new files")

    path = tmp_path / "page.html"
    path.write_text("old")
    monkeypatch.setattr(_replacing, "Temporary", closed)
    with _files.writing(path) as file:
        file.write(b"new")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda *_: Word2Vec(min_count=1).fit([["a"]]), "nothing was learned"),
        (lambda *_: FastText(min_count=1).fit_transform([["a"]]), "nothing was learned"),
        (lambda *_: Vocabulary.from_counts({"a": 9}, unk_token="?"), "is not added"),
        (
            lambda *_: Word2Vec(max_vocab_size=9, min_count=1).fit([["a", i] for i in range(99)]),
            "distinct words",
        ),
        (in_a_folder_that_accepts_no_files, "is written in place"),
    ],
    ids=["fit", "fit_transform", "unk_token", "max_vocab_size", "in place"],
)
def test_a_warning_is_about_the_line_of_the_caller(act, message, tmp_path, monkeypatch):
    with pytest.warns(UserWarning, match=message) as caught:
        act(tmp_path, monkeypatch)
    assert {each.filename for each in caught} == {__file__}
