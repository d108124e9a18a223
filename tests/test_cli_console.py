"""What commands print: in any encoding, safe on a terminal, and warnings on one line."""

import io
import os
import re
import sys
import warnings

import numpy as np
import pytest
from helpers import commands, waiting

import w2vext
from w2vext import KeyedVectors, cli
from w2vext.cli import console
from w2vext.cli.options import word

WORDS = ["x", "naïve", "日本", "🙂", "ещё"]
ENCODINGS = ["cp1252", "cp437", "latin-1", "ascii", "shift_jis", "gbk", "cp037", "utf-16", "utf-8"]
EVIL = "evil\x1b[2J\x07\x9b31m"


class Stream(io.TextIOWrapper):
    """A stream in an encoding; the bytes that were written to it are in `written`."""

    def __init__(self, encoding="utf-8", terminal=False):
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")
        self.terminal = terminal

    def isatty(self):
        return self.terminal

    @property
    def written(self):
        self.flush()
        return self.buffer.getvalue()


@pytest.fixture
def vectors(tmp_path):
    path = tmp_path / "v.npz"
    KeyedVectors(WORDS, np.eye(5) + 0.1).save(path)
    return path


@pytest.fixture
def evil(tmp_path):
    path = tmp_path / "v.npz"
    KeyedVectors(["a", EVIL, "a\tb"], np.eye(3) + 0.1).save(path)
    return path


def printed(monkeypatch, stream, *args):
    monkeypatch.setattr(sys, "stdout", stream)
    assert cli.main([str(arg) for arg in args]) == 0
    assert sys.stdout is stream and stream.errors == "strict"
    return stream.written


def unescaped(text):
    return re.sub(r"\\[xuU]([0-9a-f]+)", lambda found: chr(int(found[1], 16)), text)


# ---- encodings


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_word_is_printed(encoding, vectors, monkeypatch):
    out = printed(monkeypatch, Stream(encoding), "similar", vectors, "x").decode(encoding)
    assert sorted(line.split()[0] for line in unescaped(out).splitlines()) == sorted(WORDS)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_tables_are_complete(encoding, vectors, tmp_path, monkeypatch):
    test = tmp_path / "q.txt"
    test.write_text(": s\n日本 x naïve ещё\n: 日本\nx naïve ещё 🙂\n", encoding="utf-8")
    out = printed(monkeypatch, Stream(encoding), "evaluate", vectors, test).decode(encoding)
    assert "日本 " in unescaped(out) and out.splitlines()[-1].startswith("total")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_is_printed(name, monkeypatch):
    assert printed(monkeypatch, Stream("ascii"), name, "--help").startswith(b"usage: w2vext ")


def test_bytes_that_are_not_utf8_are_printed_as_they_are(monkeypatch):
    for encoding, expected in [
        ("utf-8", "é".encode() + b"\xff\xe9\n"),
        ("ascii", b"\\xe9\xff\xe9\n"),
        ("shift_jis", b"\\xe9\xff\xe9\n"),
        ("utf-16-le", "é\\udcff\\udce9\n".encode("utf-16-le")),
    ]:
        stream = Stream(encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        with console.prepared("test"):
            print("é\udcff\udce9")
        assert stream.written == expected


def test_words_in_a_locale_without_encoding(tmp_path, vectors):
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    process = commands.start(tmp_path, "similar", vectors, "日本", "-n", "1", env=plain)
    out, err = waiting.ended(process)
    assert (process.returncode, err) == (0, "")
    assert unescaped(out).startswith("日本\n")


def test_words_of_a_command_line(monkeypatch):
    assert word("日本") == "日本" and word("x") == "x"
    assert word("\udce6\udc97\udca5") == "日"  # its bytes, undecoded
    assert word("\udcff") == "\udcff"


# ---- terminals


def test_control_characters_are_escaped_on_a_terminal(evil, tmp_path, monkeypatch):
    out = printed(monkeypatch, Stream(terminal=True), "similar", evil, "a").decode()
    assert r"evil\x1b[2J\x07\x9b31m" in out and "a\tb" in out
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", out)
    assert EVIL in printed(monkeypatch, Stream(), "similar", evil, "a").decode()
    test = tmp_path / "q.txt"
    test.write_text(f": {EVIL}\na a a a\n", encoding="utf-8")
    out = printed(monkeypatch, Stream(terminal=True), "evaluate", evil, test).decode()
    assert r"evil\x1b[2J" in out and "\x1b" not in out


@pytest.mark.parametrize("terminal", [False, True])
def test_the_prompts_escape_too(terminal, evil, monkeypatch):
    for command, question in [
        ("distance", b"a\nb\xe9\x1b\n"),
        ("word-analogy", b"a\tb a\tb a\tb\n\x1b x y\n"),
        ("compute-accuracy", f": {EVIL}\n".encode()),
    ]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(question)))
        out = printed(monkeypatch, Stream(terminal=terminal), command, evil)
        assert (b"\x1b" in out) is not terminal
        assert (b"\\x1b" in out) is terminal
        if command == "distance":
            assert (rb"Word: b\xe9\x1b" if terminal else b"Word: b\xe9\x1b") in out


def test_errors_escape_on_a_terminal(monkeypatch):
    for terminal in (False, True):
        stream = Stream(terminal=terminal)
        monkeypatch.setattr(sys, "stderr", stream)
        assert cli.main(["similar", "gone\x1b[2J", "a"]) == 1
        assert cli.main(["similar", "x", "a", "--gone\x1b"]) == 2
        assert (b"\x1b" in stream.written) is not terminal
        assert stream.written.count(b"\n") == 2


def test_reports_escape_on_a_terminal(tmp_path, monkeypatch):
    source, target = tmp_path / "a\x1b[2J.npz", tmp_path / "b\x1b[2J.txt"
    KeyedVectors(["a"], [[1, 2]], counts=[3]).save(source)
    monkeypatch.chdir(tmp_path)
    for terminal in (False, True):
        stream = Stream(terminal=terminal)
        monkeypatch.setattr(sys, "stderr", stream)
        assert cli.main(["convert", str(source), str(target)]) == 0
        (tmp_path / "t\x1b").write_text("a b\n" * 9)
        how = ["-threads", "1", "-iter", "1", "-debug", "0"]
        assert cli.main(["word2vec", "-train", "t\x1b", "-output", os.devnull, *how]) == 0
        assert cli.main(["word2vec", "-train", "t\x1b", "-save-vocab", "/dev/stdout", *how]) == 0
        assert (b"\x1b" in stream.written) is not terminal
        assert (rb"a\x1b[2J.npz" in stream.written) is terminal
        assert (rb"using file t\x1b" in stream.written) is terminal


def test_the_progress_of_training_stays_on_its_line(tmp_path, monkeypatch):
    (tmp_path / "t.txt").write_text("a b\n" * 9)
    how = ["-train", tmp_path / "t.txt", "-output", tmp_path / "o", "-exact", 1, "-iter", 1]
    assert b"\rAlpha: " in printed(monkeypatch, Stream(terminal=True), "word2vec", *how)


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_real_terminal(evil, tmp_path):
    controller, terminal = os.openpty()
    process = commands.start(tmp_path, "similar", evil, "a", stdout=terminal)
    os.close(terminal)
    told = waiting.ended(process)
    assert process.returncode == 0, told
    out = os.read(controller, 10_000)
    os.close(controller)
    assert rb"evil\x1b[2J" in out and b"\x1b" not in out


# ---- warnings


def test_a_warning_is_one_line(monkeypatch, capsys):
    def warn(module, argv):
        warnings.simplefilter("always")
        warnings.warn("first line\nsecond\x1bline", UserWarning, stacklevel=1)

    monkeypatch.setattr(cli, "_run", warn)
    before = warnings.showwarning
    assert cli.main(["config"]) == 0
    assert capsys.readouterr() == ("", "w2vext config: warning: first line second\x1bline\n")
    assert warnings.showwarning is before


def test_a_warning_of_training(tmp_path):
    (tmp_path / "t.txt").write_text("a\n" * 9)
    process = commands.start(tmp_path, "train", "t.txt", "-o", "v.txt", "--min-count", "1")
    warned, summary = waiting.ended(process)[1].splitlines()
    assert warned.startswith("w2vext train: warning: nothing was learned")
    assert ".py" not in warned and summary.startswith("v.txt: 1 words")


def test_a_closed_stdout_is_restored_without_an_error(monkeypatch):
    class Closed(Stream):
        def reconfigure(self, **_):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    assert cli.main(["--version"]) == 0
    assert w2vext.__version__.encode() in sys.stdout.written
