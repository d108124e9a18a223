"""The commands of the original programs: compared with the originals' output, and their errors.

tests/golden/exact-* were made by the originals; see tests/helpers/exact_text.py.
"""

import gzip
import io
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from helpers import waiting
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
    """A UTF-8 text without a newline at its end."""
    path = tmp_path / "clean.txt"
    path.write_text("north wind east sea\nsea salt north star\neast star wind salt\n" * 40 + "sea")
    return path


def run(*args):
    return cli.main([str(arg) for arg in args])


def ask(monkeypatch, capsysbinary, command, questions, *args):
    """The output of a command for questions on its standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(questions)))
    assert run(command, *args) == 0
    return capsysbinary.readouterr().out


def one_error(capsys):
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "error: " in err
    return err


# ---- help and errors


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
        ("word2vec -train {0}/gone.gz -output {0}/o", "gone.gz: No such file"),
        ("word2vec -train {0} -output {0}/o", "plain text file"),
        ("word2phrase -train {0} -output {0}/o", "Is a directory"),
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
        assert loaded.index_to_key[:2] == ["</s>", "sea"]  # "sea" is in the last line, too
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


def test_one_thread_is_reproducible(clean):
    files = [clean.with_name(name) for name in "ab"]
    for file in files:
        how = ["-output", file, "-threads", 1, "-debug", 0]
        assert run("word2vec", "-train", clean, *how) == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_vocabulary_is_saved_and_read(clean, capsys):
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


def test_classes_are_those_of_scikit_learn_unless_exact(clean):
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
def test_ctrl_c_keeps_what_was_learned(flags, stream, progress, clean):
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
    with waiting.limited(process):
        while progress not in shown:  # until it trains
            read = getattr(process, stream).read1()
            assert read, waiting.ended(process)
            shown += read
    process.send_signal(signal.SIGINT)
    said = waiting.ended(process)[1].splitlines()[-1].decode()
    kept = clean.with_name("interrupted-out")
    assert said == f"w2vext word2vec: interrupted: {kept} holds the vectors learned so far"
    assert process.returncode == 130
    assert output.read_text() == "old\n"
    assert kept.read_bytes().startswith(b"7 100\n</s> ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["word2vec -exact 1", "word2vec", "word2phrase"])
def test_a_full_disk(command, clean, capsys):
    assert run(*command.split(), "-train", clean, "-output", "/dev/full", "-debug", 0) == 1
    assert "No space left" in one_error(capsys)


BOM = b"\xef\xbb\xbf"


def test_a_byte_order_mark(clean, capsys):
    """It is not a part of the first word; with -exact 1 it is, as in the original."""
    marked = clean.with_name("marked.txt")
    marked.write_bytes(BOM + clean.read_bytes())
    how = ["-threads", 1, "-size", 4, "-debug", 0, "-min-count", 1]
    for source in (clean, marked):
        for command, more in (("word2vec", how), ("word2phrase", ["-threshold", 0.5])):
            out = source.with_name(f"{command}-{source.stem}")
            assert run(command, "-train", source, "-output", out, *more) == 0
    for command in ("word2vec", "word2phrase"):
        ours, expected = (clean.with_name(f"{command}-{name}") for name in ("marked", "clean"))
        assert ours.read_bytes() == expected.read_bytes()
    vocab = clean.with_name("vocab")
    assert run("word2vec", "-train", marked, "-save-vocab", vocab, *how, "-exact", 1) == 0
    assert BOM + b"north 1\n" in vocab.read_bytes()
    out = clean.with_name("phrases")
    assert run("word2phrase", "-train", marked, "-output", out, "-exact", 1) == 0
    assert out.read_bytes().startswith(b" " + BOM + b"north")


@pytest.mark.parametrize("form", ["with", "without", "last", "marked"])
def test_a_vocabulary_by_hand(form, clean):
    """Its most frequent word is trained, wherever </s> is."""
    rows = ["sea 81", "salt 80", "star 80", "north 80"]
    text = {
        "with": ["</s> 0", *rows],
        "without": rows,
        "last": [*rows, "</s> 0"],
        "marked": [BOM.decode() + rows[0], *rows[1:]],
    }[form]
    vocab, out = clean.with_name("vocab"), clean.with_name("out")
    vocab.write_text("\n".join(text) + "\n", encoding="utf-8")
    how = ["-train", clean, "-read-vocab", vocab, "-output", out, "-size", 4, "-binary", 1]
    assert run("word2vec", *how, "-sample", 0, "-threads", 1, "-alpha", 0.5) == 0
    wv = w2vext.KeyedVectors.load(out)
    assert wv.index_to_key == ["</s>", "sea", "salt", "star", "north"]
    assert np.array_equal(wv.vectors[0], w2vext.exact.initial_vectors(1, 4)[0])
    assert (abs(wv.vectors[1:]).max(axis=1) > 0.5 / 4).all()  # not the initial ones


@same_bits
def test_exact_takes_the_first_word_for_the_end_of_a_line(clean):
    """As the original does."""
    vocab, out = clean.with_name("vocab"), clean.with_name("out")
    vocab.write_text("sea 81\nsalt 80\n</s> 120\nstar 80\n")
    how = ["-train", clean, "-read-vocab", vocab, "-output", out, "-size", 4, "-exact", 1]
    assert run("word2vec", *how, "-threads", 1) == 0
    wv = w2vext.KeyedVectors.load(out)
    assert wv.index_to_key == ["sea", "</s>", "salt", "star"]
    assert abs(wv.vectors[0] - w2vext.exact.initial_vectors(1, 4)[0]).max() < 1e-6


@pytest.mark.parametrize("exact", [0, 1])
def test_a_word_twice_in_a_vocabulary(exact, clean, capsys):
    vocab = clean.with_name("vocab")
    vocab.write_text("</s> 0\nsea 81\nsalt 80\nsea 7\n")
    how = ["-train", clean, "-read-vocab", vocab, "-output", clean.with_name("out")]
    assert run("word2vec", *how, "-exact", exact) == 1
    err = one_error(capsys)
    assert f"{vocab}, line 4: 'sea 7': the word is also in line 2" in err
    assert not clean.with_name("out").exists()


def test_a_vocabulary_that_is_not_utf8(clean, capsys):
    vocab = clean.with_name("vocab")
    vocab.write_bytes(b"</s> 0\nsea 81\nth\xe9 9\n")
    how = ["-train", clean, "-read-vocab", vocab, "-output", clean.with_name("out"), "-size", 4]
    assert run("word2vec", *how) == 1
    assert "the word b'th\\xe9' is not UTF-8" in one_error(capsys)
    assert run("word2vec", *how, "-exact", 1) == 0


@pytest.mark.parametrize("command", ["word2vec", "word2vec -exact 1", "word2phrase"])
def test_compressed_text(command, clean, capsys):
    packed = clean.with_name("packed")
    packed.write_bytes(gzip.compress(clean.read_bytes()))
    out = clean.with_name("out")
    assert run(*command.split(), "-train", packed, "-output", out) == 1
    assert "packed: gzip data: decompress it to plain text first" in one_error(capsys)
    assert not out.exists()


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


@pytest.mark.parametrize("text", [b"", b"\n\n", b" \t\r\n", BOM])
def test_a_text_without_words(text, tmp_path, capsys):
    source, output = tmp_path / "text", tmp_path / "out"
    source.write_bytes(text)
    assert run("word2phrase", "-train", source, "-output", output) == 1
    assert "text: the text has no words" in one_error(capsys)
    assert not output.exists()


# ---- the prompts


@same_bits
@pytest.mark.parametrize("command", QUERIES)
def test_answers_equal_the_originals(command, monkeypatch, capsysbinary):
    out = ask(monkeypatch, capsysbinary, command, QUERIES[command], GOLDEN / "exact-model")
    assert out == (GOLDEN / f"exact-{command}").read_bytes()


@pytest.mark.parametrize("command", ["distance", "word-analogy"])
@pytest.mark.parametrize("format", ["glove", "npz", "fasttext", "word2vec-binary"])
def test_vectors_in_other_formats(command, format, tmp_path, monkeypatch, capsysbinary):
    wv = w2vext.KeyedVectors(["</s>", "a", "b", "c", "d"], np.eye(5)[:, :3] + 0.1)
    outputs = []
    for name in ("word2vec", format):
        wv.save(tmp_path / "v", name)
        for more in ((), ("--format", name)):
            out = ask(monkeypatch, capsysbinary, command, b"a b c\n", tmp_path / "v", *more)
            outputs.append(out)
    assert len(set(outputs)) == 1
    assert b"\t\t" in outputs[0]
    (tmp_path / "v").write_text("5 3\n</s> 1 2 3\na 1 0 1\nb 0 1 2\nc 3 1 1\nd d 1 2 2\n")
    assert run(command, tmp_path / "v") == 1
    assert b"--on-bad-rows skip takes the last 3" in capsysbinary.readouterr().err
    skip = ("--on-bad-rows", "skip", "--encoding", "utf-8", "--max-memory", "10000")
    assert b"\t\t" in ask(monkeypatch, capsysbinary, command, b"a b c\n", tmp_path / "v", *skip)
    assert run(command, tmp_path / "v", "--max-memory", "x") == 2
    assert b"--max-memory 'x': give an integer" in capsysbinary.readouterr().err
    assert run(command, tmp_path / "v", "--format") == 2
    assert run(command, tmp_path / "v", "--format", "excel") == 1
    assert b"--format excel: choose one of" in capsysbinary.readouterr().err


@pytest.mark.parametrize("command", ["distance", "word-analogy"])
def test_a_text_file_and_the_end_of_the_input(command, tmp_path, monkeypatch, capsysbinary):
    path = tmp_path / "v.txt"
    path.write_text("5 2\n</s> 0 0\na 1 0\nb 0 1\nc 1 1\nd -1 2\n")
    out = ask(monkeypatch, capsysbinary, command, b"\n  a  b c\n", path).decode()
    assert out.count("(EXIT to break): ") == 3 and out.endswith("\n")
    assert f"{'d':>50}\t\t" in out
    assert out.count("\t\t") == 40  # missing rows are empty, as in the original


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
    assert "questions, line 3: 'a b c' is not four words: give" in one_error(capsys)


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell's")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
@pytest.mark.parametrize("command", ["distance", "compute-accuracy"])
def test_closed_streams_count_as_empty(command, closed, tmp_path):
    program = f"{sys.executable} -m w2vext {command} {GOLDEN / 'exact-model'} {closed}"
    folder = os.path.dirname(os.path.dirname(w2vext.__file__))
    done = subprocess.run(
        ["sh", "-c", program if "<" in closed else f"{program} </dev/null"],
        env={**os.environ, "PYTHONPATH": folder},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        check=False,
        timeout=600,
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
            timeout=600,
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
    with waiting.limited(process):
        process.stdout.read(6)
    process.stdout.close()
    assert process.communicate(b"w1\nw2\nEXIT\n", timeout=120)[1] == b""
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
