"""Malicious texts, texts that change while they are read, and texts that can be read only once."""

import bz2
import contextlib
import gzip
import io
import lzma
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import collisions

from w2vext import Word2Vec, _files, cli
from w2vext.text import pieces, workers
from w2vext.text._words import LONGEST
from w2vext.text.corpus import open_corpus
from w2vext.text.scan import Scan


@pytest.fixture(scope="module")
def times(tmp_path_factory):
    return {
        name: (slow, fast)
        for name, slow, fast in collisions.compare(30_000, tmp_path_factory.mktemp("words"))
    }


@pytest.mark.slow
@pytest.mark.parametrize("table", ["text", "exact", "numbers"])
def test_colliding_words_take_no_longer_than_others(table, times):
    """If all of the 30,000 words were in one bucket, they would take hundreds of times as long."""
    slow, fast = times[table]
    assert slow <= 10 * fast + 0.05


# ---- files that change while they are read

# Makes a text shorter as soon as a worker opens it: reading a mapped file would end in SIGBUS.
SHORTER = """
import builtins, os, sys
import numpy as np
from w2vext import Word2Vec

path, real = sys.argv[1], open

def opened(name, *args, **options):
    file = real(name, *args, **options)
    if os.fspath(name) == path and options.get("buffering") == 0:
        os.truncate(path, 100_000)
    return file

builtins.open = opened
try:
    Word2Vec(vector_size=2, epochs=1, min_count=1, workers=2).fit(path)
except ValueError as error:
    print(error)
"""


def test_a_text_that_gets_shorter_is_an_error(tmp_path):
    text = tmp_path / "t.txt"
    text.write_text("some words of a text\n" * 500_000)
    how = [sys.executable, "-c", SHORTER, str(text)]
    done = subprocess.run(how, capture_output=True, text=True, cwd=tmp_path, timeout=600)
    assert done.returncode == 0, done.stderr[-300:]
    assert f"{text}: the file was made shorter while it was read: it ends after" in done.stdout


@pytest.fixture
def shorter_when_read(monkeypatch):
    """Makes a file shorter once its first bytes have been read by a `Reader`."""
    real = _files.Reader.readinto

    def install(path, size):
        def readinto(self, buffer):
            taken = real(self, buffer)
            if self.name == str(path) and taken:
                os.truncate(path, size)
            return taken

        monkeypatch.setattr(_files.Reader, "readinto", readinto)

    return install


COMMANDS = {
    "word2vec": "word2vec -train {0} -output {1} -size 2 -iter 1 -threads 2",
    "word2vec -exact 1": "word2vec -train {0} -output {1} -size 2 -iter 1 -exact 1",
    "word2vec -hs 1": "word2vec -train {0} -output {1} -size 2 -iter 1 -hs 1",
    "word2phrase": "word2phrase -train {0} -output {1}",
    "train": "train {0} -o {1} --vector-size 2 --epochs 1",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_whose_text_gets_shorter(
    command, shorter_when_read, tmp_path, monkeypatch, capsys
):
    text, output = tmp_path / "t.txt", tmp_path / "o.txt"
    text.write_text("some words of a text\n" * 100_000)
    output.write_text("earlier")
    monkeypatch.setattr(pieces, "PIECE", 1 << 16)
    if command == "train":
        real = workers.Table.read

        def read(*args):
            os.truncate(text, 100_000)
            return real(*args)

        monkeypatch.setattr(workers.Table, "read", read)
    else:
        shorter_when_read(text, 100_000)
    assert cli.main(COMMANDS[command].format(text, output).split()) == 1
    error = capsys.readouterr().err
    assert re.search(rf"{text}: the file was (made shorter|changed) while it was read", error)
    assert output.read_text() == "earlier"


@pytest.mark.parametrize(
    "pack", [None, lambda data: gzip.compress(data, 1), lambda data: lzma.compress(data, preset=0)]
)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_methods_whose_text_gets_shorter(pack, method, shorter_when_read, tmp_path):
    text = tmp_path / "t"
    words = np.random.default_rng(0).integers(0, 10**8, 500_000)
    data = " ".join(map(str, words)).encode()
    text.write_bytes(data if pack is None else pack(data))
    model = Word2Vec(vector_size=2, epochs=1, min_count=1, sample=0).fit([["1", "2"]])
    if method == "fit" and pack is None:
        pytest.skip("read in pieces, see above")
    shorter_when_read(text, 1_000_000)
    with pytest.raises(ValueError, match=rf"^{text}: (the file was made shorter|damaged)"):
        getattr(model, method)(text)


def test_a_text_that_is_replaced_while_it_is_read(tmp_path, monkeypatch):
    text, other = tmp_path / "t", tmp_path / "u"
    text.write_text("a b\n" * 50_000)
    other.write_text("c d\n" * 50_000)
    monkeypatch.setattr(pieces, "PIECE", 1 << 16)
    real = workers.Table.read

    def read(*args):
        if other.exists():
            other.replace(text)
        return real(*args)

    monkeypatch.setattr(workers.Table, "read", read)
    with pytest.raises(ValueError, match=rf"^{text}: the file was replaced while it was read"):
        Word2Vec(vector_size=2, min_count=1, workers=1).fit(text)


# ---- very long words


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("before", [b"", b"a line\nand more "])
def test_the_length_of_a_word_is_limited(pack, before, tmp_path):
    path = tmp_path / "t"
    longest = b"x" * LONGEST
    path.write_bytes(pack(before + longest + b" end\n"))
    assert "x" * LONGEST in read_words(path)
    for rest in (b"x end\n", b"x", b"x" * 10_000_000):
        path.write_bytes(pack(before + longest + rest))
        with pytest.raises(ValueError, match=r"a word of more than 1,048,576 bytes") as error:
            read_words(path)
        line = before.count(b"\n") + 1
        assert f"{path}, line {line}, byte " in str(error.value)
        assert f"(offset {len(before)})" in str(error.value)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("before", [b"", b"a b\nand more "])
def test_the_length_of_a_word_is_limited_in_documents(pack, before, tmp_path):
    path = tmp_path / "t"
    model = Word2Vec(vector_size=2, min_count=1).fit([["a", "b"]])
    number = before.count(b"\n") + 1
    path.write_bytes(pack(before + b"x" * LONGEST + b" end"))
    assert len(model.transform(path)) == number
    for rest in (b"x end\n", b"x", b"x" * 10_000_000, b"x" * 10_000_000 + b" end\na\n"):
        path.write_bytes(pack(before + b"x" * LONGEST + rest))
        with pytest.raises(ValueError, match=r"a word of more than 1,048,576 bytes") as error:
            model.transform(path)
        assert str(error.value).startswith(f"{path}, line {number}: ")


def test_a_long_line_of_short_words_is_one_document(tmp_path):
    (tmp_path / "t").write_bytes(b"ab c\td " * 2_000_000)
    model = Word2Vec(vector_size=2, min_count=1).fit([["ab", "c", "d"]])
    assert np.allclose(model.transform(tmp_path / "t"), model.transform([["ab", "c", "d"]]))


def test_a_long_word_does_not_hide_an_earlier_error(tmp_path):
    path = tmp_path / "t"
    path.write_bytes(b"ok \xff bad " + b"x" * 2_000_000)
    with pytest.raises(ValueError, match=r"line 1, byte 4 .*not UTF-8"):
        read_words(path)


def read_words(path):
    with Scan(open_corpus(path), 2, None, 1 << 30, None) as scan:
        words = scan.read()
        return words.strings(np.arange(len(words)))


# ---- corpora that can be read only once


@pytest.mark.parametrize("kind", ["bytes", "str", "file", "gzip", "list"])
def test_file_objects(kind, tmp_path):
    text = "α b a\nb α\n" * 20
    (tmp_path / "t").write_text(text, encoding="utf-8")
    options = dict(vector_size=4, min_count=1, sample=0, random_state=1)
    expected = Word2Vec(**options).fit(tmp_path / "t")
    with contextlib.ExitStack() as stack:
        source = {
            "bytes": lambda: io.BytesIO(text.encode()),
            "str": lambda: io.StringIO(text),
            "file": lambda: stack.enter_context(open(tmp_path / "t", "rb")),
            "gzip": lambda: io.BytesIO(gzip.compress(text.encode())),
            "list": lambda: [io.BytesIO(text[:60].encode()), io.BytesIO(text[60:].encode())],
        }[kind]()
        model = Word2Vec(**options).fit(source)
    assert model.vocabulary_ == expected.vocabulary_
    assert np.array_equal(model.vectors_, expected.vectors_)


def test_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "t").write_text("a b\n")
    for corpus in ("~/t", ["~/t"], Path("~/t")):
        assert sorted(read_words(corpus)) == ["a", "b"]


def test_an_error_in_a_file_object_names_it():
    with pytest.raises(ValueError, match=r"<BytesIO>, line 2, byte 1 \(offset 2\): not UTF-8"):
        read_words(io.BytesIO(b"a\n\xff"))
