"""The demo: it reads installed sources and does not overwrite files."""

import re

import pytest

import w2vext
from w2vext import demo
from w2vext.cli import main

pytestmark = pytest.mark.slow

SOURCE = '''
"""Of the module."""

class Thing:
    """Of the class."""

    def method(self):
        """Of the method,
        two lines."""

    async def later(self):
        "Of the coroutine."

def bare():
    return """of no one"""

add_newdoc("numpy", "sin", """Trigonometric sine, element-wise.""")
'''


def test_docstrings_of_a_source():
    found = [" ".join(text.split()) for text in demo.docstrings_of(SOURCE)]
    assert {"Of the module.", "Of the class.", "Of the method, two lines."} <= set(found)
    assert "Of the coroutine." in found and "Trigonometric sine, element-wise." in found
    assert "of no one" not in found


@pytest.mark.parametrize("source", ["def f(:", "print 1", "x = '\0'"])
def test_source_that_does_not_parse_has_no_docstrings(source):
    assert list(demo.docstrings_of(source)) == []


def test_sentences_of_a_folder(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text('"""One TWO three\'s.\n\nFour five"""\n')
    # One repeated and one short paragraph.
    (tmp_path / "b.py").write_text('"""Four  five.\n\nsix"""\n')
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "c.py").write_text('"""Never read me."""\n')
    (tmp_path / "latin.py").write_bytes(b'"""Caf\xe9 au lait."""\n')
    monkeypatch.setattr(demo, "_sources", lambda: [("here", demo._docstrings(tmp_path))])
    reports = []
    assert demo.sentences(lambda *row: reports.append(row)) == [
        ["one", "two", "three's"],
        ["four", "five"],
    ]
    assert reports == [("here", 5)]


def test_free_name(tmp_path):
    path = tmp_path / "vectors.txt"
    assert demo.free_name(path) == path
    path.touch()
    assert demo.free_name(path) == tmp_path / "vectors-2.txt"
    (tmp_path / "vectors-2.txt").symlink_to(tmp_path / "nowhere")
    assert demo.free_name(path) == tmp_path / "vectors-3.txt"


def test_command_on_a_small_corpus(tmp_path, monkeypatch, capsys):
    def few(report):
        report("few", 600)
        return [["max", "maximum", "min", "minimum", "file", "files"]] * 100

    monkeypatch.setattr(demo, "sentences", few)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vectors.txt").write_text("mine\n")
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    assert "6 words occur at least 5 times" in out and "Wrote vectors-2.txt;" in out
    assert re.search(r"^  file  ", out, re.MULTILINE)
    assert re.search(r"max is to maximum as min is to \w+", out)
    assert (tmp_path / "vectors.txt").read_text() == "mine\n"
    assert len(w2vext.KeyedVectors.load_word2vec_format(tmp_path / "vectors-2.txt")) == 6


def test_wrong_output_is_reported_before_reading(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "sentences", lambda *_: pytest.fail("read before the check"))
    assert main(["demo", "-o", str(tmp_path / "none" / "v.txt")]) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_real_text():
    """NumPy and SciPy are always installed, and their text has all words that the demo shows."""
    words_of = {}
    corpus = demo.sentences(words_of.__setitem__)
    assert words_of["numpy"] > 50_000 and words_of["scipy"] > 200_000
    words = {word for sentence in corpus for word in sentence}
    assert set(demo.SHOWN) <= words
    assert all(word in words for analogy in demo.ANALOGIES for word in analogy)
