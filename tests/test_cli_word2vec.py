"""The original suite's commands: against the originals' own output, and where they refuse.

tests/golden/exact-* were made by the originals; see tests/helpers/exact_text.py.
"""

import io
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from helpers.exact_text import (
    COMMON,
    GOLDEN,
    MODEL,
    PHRASES,
    QUERIES,
    RUNS,
    SAME_BITS,
    phrase_text,
    text,
)

import w2vext
from w2vext import cli

COMMANDS = ["word2vec", "word2phrase", "distance", "word-analogy", "compute-accuracy"]
same_bits = pytest.mark.skipif(not SAME_BITS, reason="made on x86-64 Linux")


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_bytes(text())
    return path


@pytest.fixture
def clean(tmp_path):
    """A text of UTF-8 alone, whose last line no newline ends."""
    path = tmp_path / "clean.txt"
    path.write_text("north wind east sea\nsea salt north star\neast star wind salt\n" * 40 + "sea")
    return path


def run(*args):
    return cli.main([str(arg) for arg in args])


def ask(monkeypatch, capsysbinary, command, questions, *args):
    """What a command prints for the questions on its standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(questions)))
    assert run(command, *args) == 0
    return capsysbinary.readouterr().out


def one_error(capsys):
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "error: " in err
    return err


# ---- the help and what is refused


@pytest.mark.parametrize("command", COMMANDS)
def test_no_arguments_print_the_help(command, capsys):
    assert run(command) == 0
    out = capsys.readouterr().out
    assert f"usage: w2vext {command}" in out and "example: " in out


@pytest.mark.parametrize(
    "args, says",
    [
        ("word2vec -size", "-size: its value is missing"),
        ("word2vec -train x -widnow 3", "did you mean -window?"),
        ("word2vec -train x -size ten", "-size 'ten': give an integer"),
        ("word2vec -train x -size 0", "-size 0: give an integer, >= 1"),
        ("word2vec -train x -size 9999999999", "-size 9999999999: give an integer, <= 2147483647"),
        ("word2vec -train x -alpha 0", "-alpha 0 trains nothing"),
        ("word2vec -train x -save-vocab y -output y", "-output names the same file"),
        ("word2phrase -threshold nan", "-threshold nan: give a number\n"),
        ("word2vec -train x -sample nan", "-sample nan: give a number, 0 to 1"),
        ("word2vec -train x -alpha 1e999", "-alpha 1e999: give a number, 0 to 1e+06"),
        ("word2vec -output x", "-train <file> is missing"),
        ("word2vec -train x -output y -negative 0", "trains nothing"),
        ("word2vec stray", "unknown flag 'stray'"),
        ("word2phrase -train x", "-output <file> is missing"),
        ("distance a b", "one FILE"),
        ("word-analogy -x", "one FILE"),
        ("compute-accuracy a many", "threshold 'many'"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(args, says, capsys):
    assert run(*args.split()) == 2
    assert says in one_error(capsys)


@pytest.mark.parametrize(
    "args, says",
    [
        ("word2vec -train {0}/gone -output {0}/o", "gone: No such file"),
        ("word2vec -train {0}/gone.gz -output {0}/o", "plain text file"),
        ("word2vec -train {0} -output {0}/o", "plain text file"),
        ("word2vec -train {0}/clean.txt -output {0}/none/o", "there is no folder"),
        ("word2vec -train {0}/clean.txt -output {0}/clean.txt", "one of the inputs"),
        ("word2vec -train {0}/clean.txt -output {0}/o -min-count 999", "lower -min-count"),
        ("word2vec -train {0}/clean.txt -output {0}/o -min-count 999 -exact 1", "min_count=999"),
        ("word2vec -train {0}/clean.txt -output {0}/o -classes 99", "there are 7 words only"),
        ("word2vec -train {0}/clean.txt -output {0}/o -read-vocab {0}/clean.txt", "line 1: "),
        ("word2vec -train {0}/gone -output {0}/o -read-vocab {1}/exact-vocab", "gone: No such"),
        ("word2phrase -train {0}/gone -output {0}/o", "gone: No such file"),
        ("distance {0}/gone", "gone: No such file"),
        ("word-analogy {0}/clean.txt", "clean.txt"),
        ("compute-accuracy {0}/clean.txt", "clean.txt"),
    ],
)
def test_an_error_is_one_line_and_status_1(args, says, clean, capsys):
    assert run(*args.format(clean.parent, GOLDEN).split()) == 1
    assert says in one_error(capsys)
    assert [path.name for path in clean.parent.iterdir()] == ["clean.txt"]


# ---- word2vec


@same_bits
@pytest.mark.parametrize("name", RUNS)
def test_exact_files(name, corpus, capsys):
    out, vocab = corpus.with_name("out"), corpus.with_name("vocab")
    args = ["-train", corpus, "-output", out, "-save-vocab", vocab, "-exact", 1]
    assert run("word2vec", *args, *RUNS[name].split(), *COMMON) == 0
    assert out.read_bytes() == (GOLDEN / f"exact-{name}").read_bytes()
    assert vocab.read_bytes() == (GOLDEN / "exact-vocab").read_bytes()
    assert capsys.readouterr().out == f"Starting training using file {corpus}\n"


@pytest.mark.parametrize("flags", ["-cbow 0", "-cbow 1", "-hs 1 -negative 0", "-hs 1 -negative 3"])
def test_the_layout_of_the_file(flags, clean):
    output = clean.with_name("out")
    how = ["-train", clean, "-size", 6, "-threads", 1, "-iter", 2, "-debug", 0]
    for binary in (0, 1):
        assert run("word2vec", *how, "-output", output, "-binary", binary, *flags.split()) == 0
        loaded = w2vext.KeyedVectors.load_word2vec_format(output, binary=bool(binary))
        assert loaded.index_to_key[:2] == ["</s>", "sea"]  # "sea" has the last line's too
        assert len(loaded) == 7
        assert abs(loaded.vectors[0]).max() <= 0.5 / 6
    assert output.read_bytes().endswith(loaded.vectors[6].tobytes() + b"\n")


def test_the_start_of_a_text_file(clean):
    output = clean.with_name("out")
    how = "-size 3 -iter 1 -threads 1 -debug 0".split()
    assert run("word2vec", "-train", clean, "-output", output, *how) == 0
    lines = output.read_bytes().split(b"\n")
    assert lines[0] == b"7 3"
    untrained = w2vext.exact.initial_vectors(1, 3)[0].tolist()
    assert lines[1] == b"</s> " + b"".join(b"%f " % x for x in untrained)
    assert len(lines) == 9 and lines[8] == b""


def test_one_thread_gives_the_same_bytes_again(clean):
    files = [clean.with_name(name) for name in "ab"]
    for file in files:
        how = ["-output", file, "-threads", 1, "-debug", 0]
        assert run("word2vec", "-train", clean, *how) == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_vocabulary_out_and_in(clean, capsys):
    vocab, first, second = (clean.with_name(name) for name in ("vocab", "1", "2"))
    how = ["-train", clean, "-threads", 1, "-size", 4, "-debug", 1]
    assert run("word2vec", *how, "-save-vocab", vocab) == 0
    assert vocab.read_text().splitlines()[:2] == ["</s> 120", "sea 81"]
    shown = f"Starting training using file {clean}\nVocab size: 7\nWords in train file: 601\n"
    assert capsys.readouterr().out == shown
    assert run("word2vec", *how, "-output", first) == 0
    assert run("word2vec", *how, "-output", second, "-read-vocab", vocab) == 0
    assert first.read_bytes() == second.read_bytes()


def test_classes_and_progress(clean, capsys):
    output = clean.with_name("out")
    how = ["-train", clean, "-output", output, "-classes", 2]
    assert run("word2vec", *how, "-exact", 1) == 0
    assert "\rAlpha: " in capsys.readouterr().out
    assert run("word2vec", *how) == 0
    rows = [line.split() for line in output.read_text().splitlines()]
    assert [row[0] for row in rows[:2]] == ["</s>", "sea"]
    assert {row[1] for row in rows} == {"0", "1"}


def test_classes_are_scikit_learns_but_for_exact(clean):
    classes, vectors = clean.with_name("classes"), clean.with_name("vectors")
    how = ["-train", clean, "-threads", 1, "-size", 5, "-debug", 0]
    for exact in (0, 1):
        more = [*how, "-exact", exact]
        assert run("word2vec", *more, "-output", classes, "-classes", 3) == 0
        assert run("word2vec", *more, "-output", vectors, "-binary", 1) == 0
        wv = w2vext.KeyedVectors.load_word2vec_format(vectors, binary=True)
        if exact:
            labels = w2vext.exact.classes(wv.vectors, 3)
        else:
            labels = wv.cluster(3, random_state=1).labels
        lines = [f"{w} {n}\n" for w, n in zip(wv.index_to_key, labels, strict=True)]
        assert classes.read_text() == "".join(lines)


@pytest.mark.skipif(os.name == "nt", reason="SIGINT to one process is POSIX")
@pytest.mark.parametrize(
    "flags, stream, progress",
    [(["-exact", "1"], "stdout", b"Progress"), ([], "stderr", b"epoch=")],
)
def test_ctrl_c_leaves_the_old_file(flags, stream, progress, clean):
    output = clean.with_name("out")
    output.write_text("old\n")
    folder = os.path.dirname(os.path.dirname(w2vext.__file__))
    command = [sys.executable, "-m", "w2vext", "word2vec", "-train", clean, "-output", output]
    process = subprocess.Popen(
        [*command, "-iter", "100000000", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=clean.parent,
        env={**os.environ, "PYTHONPATH": folder},
    )
    shown = b""
    while progress not in shown:  # until it trains
        read = getattr(process, stream).read1()
        assert read, process.communicate()
        shown += read
    process.send_signal(signal.SIGINT)
    assert b"w2vext word2vec: interrupted" in process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert output.read_text() == "old\n"
    assert sorted(path.name for path in clean.parent.iterdir()) == ["clean.txt", "out"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["word2vec -exact 1", "word2vec", "word2phrase"])
def test_a_full_disk(command, clean, capsys):
    assert run(*command.split(), "-train", clean, "-output", "/dev/full", "-debug", 0) == 1
    assert "No space left" in one_error(capsys)


# ---- word2phrase


def test_phrases_as_the_original_writes_them(tmp_path):
    source, output = tmp_path / "text", tmp_path / "out"
    source.write_bytes(phrase_text())
    args = ["word2phrase", "-train", source, "-output", output, *PHRASES.split()]
    assert run(*args, "-exact", 1) == 0
    assert output.read_bytes() == (GOLDEN / "exact-phrases").read_bytes()
    assert run(*args) == 0
    whole, cut = output.read_bytes(), (GOLDEN / "exact-phrases").read_bytes()
    assert whole.split()[-1] == b"w21"
    assert max(map(len, whole.split())) > 96 > max(map(len, cut.split()))


def test_words_across_lines_are_not_joined(tmp_path, capsys):
    source, output = tmp_path / "text", tmp_path / "out"
    source.write_text("new york\nnew york is\nnew\nyork x y z\n")
    how = ["-min-count", 1, "-threshold", 0.5]
    assert run("word2phrase", "-train", source, "-output", output, *how) == 0
    assert output.read_text() == " new_york\n new_york is\n new\n york x y z\n"
    assert "Words in train file: 10\n" in capsys.readouterr().out


# ---- the prompts


@same_bits
@pytest.mark.parametrize("command", QUERIES)
def test_answers_are_the_originals(command, monkeypatch, capsysbinary):
    out = ask(monkeypatch, capsysbinary, command, QUERIES[command], GOLDEN / "exact-model")
    assert out == (GOLDEN / f"exact-{command}").read_bytes()


@pytest.mark.parametrize("command", ["distance", "word-analogy"])
def test_a_text_file_and_the_end_of_the_input(command, tmp_path, monkeypatch, capsysbinary):
    path = tmp_path / "v.txt"
    path.write_text("5 2\n</s> 0 0\na 1 0\nb 0 1\nc 1 1\nd -1 2\n")
    out = ask(monkeypatch, capsysbinary, command, b"\n  a  b c\n", path).decode()
    assert out.count("(EXIT to break): ") == 3 and out.endswith("\n")
    assert f"{'d':>50}\t\t" in out
    assert out.count("\t\t") == 40  # the rows that lack are empty, as in the original


def test_words_in_another_encoding(tmp_path, monkeypatch, capsysbinary):
    path = tmp_path / "v.txt"
    path.write_bytes(b"4 2\n</s> 0 0\ncaf\xe9 1 0\nlait 1 1\nth\xe9 0 1\n")
    out = ask(monkeypatch, capsysbinary, "distance", b"caf\xe9\n", path)
    assert b"Word: caf\xe9  Position in vocabulary: 1" in out
    assert b"th\xe9".rjust(50) in out and b"lait".rjust(50) + b"\t\t0.7071" in out
    out = ask(monkeypatch, capsysbinary, "word-analogy", b"caf\xe9 lait th\xe9\n", path)
    assert out.count(b"Position in vocabulary") == 3


def test_accuracy_of_the_first_words_only(monkeypatch, capsysbinary):
    questions = QUERIES["compute-accuracy"]
    model = GOLDEN / "exact-model"
    out = ask(monkeypatch, capsysbinary, "compute-accuracy", questions, model, 10)
    seen, asked = out.splitlines()[-1].split()[4:6]
    assert 0 < int(seen) < int(asked)
    assert ask(monkeypatch, capsysbinary, "compute-accuracy", questions, model, 0) == ask(
        monkeypatch, capsysbinary, "compute-accuracy", questions, model
    )


def test_a_short_question_is_named(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b": x\na b c d\na b c\n")))
    assert run("compute-accuracy", GOLDEN / "exact-model") == 1
    assert "questions, line 3: 'a b c' is not four words" in one_error(capsys)


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell's")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
@pytest.mark.parametrize("command", ["distance", "compute-accuracy"])
def test_closed_streams_are_empty_ones(command, closed, tmp_path):
    program = f"{sys.executable} -m w2vext {command} {GOLDEN / 'exact-model'} {closed}"
    folder = os.path.dirname(os.path.dirname(w2vext.__file__))
    done = subprocess.run(
        ["sh", "-c", program if "<" in closed else f"{program} </dev/null"],
        env={**os.environ, "PYTHONPATH": folder},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["distance", "word-analogy", "compute-accuracy"])
def test_a_full_disk_behind_stdout(command, tmp_path):
    folder = os.path.dirname(os.path.dirname(w2vext.__file__))
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "w2vext", command, GOLDEN / "exact-model"],
            input=QUERIES[command],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": folder},
            cwd=tmp_path,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1 and b"No space left" in done.stderr


MALFORMED = {
    "empty": b"",
    "prose": b"hello world\n",
    "short row": b"3 2\na 1 2\nb 1\nc 1 2\n",
    "huge header": b"9999999999 5\na 1 2 3 4 5\n",
    "nan": b"2 2\na 1 nan\nb 1 2\n",
    "twice": b"2 2\na 1 2\na 1 2\n",
    "cut binary": b"3 4\na \1\0\2\0" + b"\0" * 9,
}


@pytest.mark.parametrize("command", ["distance", "word-analogy", "compute-accuracy"])
@pytest.mark.parametrize("kind", [*MALFORMED, "folder"])
def test_malformed_vectors_are_one_line(command, kind, tmp_path, monkeypatch, capsys):
    path = tmp_path / "vectors"
    path.mkdir() if kind == "folder" else path.write_bytes(MALFORMED[kind])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a b c d\n")))
    assert run(command, path) == 1
    assert "vectors" in one_error(capsys)


@pytest.mark.skipif(os.name == "nt", reason="pipes close differently")
def test_a_closed_pipe_is_silent(tmp_path):
    folder = os.path.dirname(os.path.dirname(w2vext.__file__))
    process = subprocess.Popen(
        [sys.executable, "-m", "w2vext", "distance", GOLDEN / "exact-model"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": folder},
    )
    process.stdout.read(6)
    process.stdout.close()
    assert process.communicate(b"w1\nw2\nEXIT\n", timeout=60)[1] == b""
    assert process.returncode == 141


@same_bits
def test_the_model_of_the_queries(corpus):
    output = corpus.with_name("out")
    how = ["-train", corpus, "-output", output, *MODEL.split(), "-exact", 1]
    assert run("word2vec", *how) == 0
    assert output.read_bytes() == (GOLDEN / "exact-model").read_bytes()


def test_equal_scores_are_settled_term_by_term():
    from w2vext.cli.original.prompts import serial_sum

    terms = np.random.default_rng(3).normal(size=(50, 77)).astype(np.float32)
    for row, total in zip(terms, serial_sum(terms), strict=True):
        expected = np.float32(0)
        for term in row:
            expected = np.float32(expected + term)
        assert total == expected
