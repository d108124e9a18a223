"""Commands read and write pipes, the standard streams and `~`, or say why they cannot."""

import contextlib
import os
import subprocess
import sys

import pytest
from helpers import commands, waiting
from helpers.pipes import collected, piped

from w2vext import KeyedVectors, cli, demo, formats
from w2vext._estimator import fit
from w2vext.cli.output import SEVERAL_FILES

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX pipes")

TEXT = "north wind east sea\nsea salt north star\neast star wind salt\n" * 40
SETTINGS = ["--vector-size", "4", "--min-count", "2", "--epochs", "1", "--random-state", "3"]
ORIGINAL = ["-size", "4", "-iter", "1", "-threads", "1"]


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def vectors(tmp_path):
    path = tmp_path / "v.txt"
    path.write_text("4 2\na 1 2\nb 3 4\nc 2 1\nd -1 2\n")
    return path


@contextlib.contextmanager
def stdin_of(data):
    """The data as the standard input of this process."""
    kept = os.dup(0)
    with piped(data) as pipe:
        os.dup2(int(pipe.rpartition("/")[2]), 0)
        try:
            yield
        finally:
            os.dup2(kept, 0)
            os.close(kept)


def run(*args):
    return cli.main([str(arg) for arg in args])


# ---- reading


def reading(name, vectors, folder):
    """The arguments of a command that reads vectors, and the file that it writes."""
    (folder / "pairs.tsv").write_text("a\tb\t3\nb\tc\t4\na\tc\t1\n")
    return {
        "similar": ([vectors, "a"], None),
        "evaluate": ([vectors, folder / "pairs.tsv"], None),
        "convert": ([vectors, folder / "o.bin"], "o.bin"),
        "plot": ([vectors, "-o", folder / "o.svg"], "o.svg"),
        "explore": ([vectors, "-o", folder / "o.html"], "o.html"),
    }[name]


@pytest.mark.parametrize("name", ["similar", "evaluate", "convert", "plot", "explore"])
@pytest.mark.parametrize("given", ["pipe", "-"])
def test_vectors_from_a_stream(name, given, vectors, tmp_path, capfd):
    if name in ("plot", "explore"):
        pytest.importorskip({"plot": "matplotlib", "explore": "plotly"}[name])
    args, written = reading(name, vectors, tmp_path)
    assert run(name, *args) == 0
    expected = capfd.readouterr().out.replace(str(vectors), "FILE")
    with piped(vectors.read_bytes()) if given == "pipe" else stdin_of(vectors.read_bytes()) as path:
        args, _ = reading(name, path or "-", tmp_path)
        assert run(name, *args) == 0
        out = capfd.readouterr().out.replace(path or "/dev/stdin", "FILE")
    assert out == expected
    assert written is None or (tmp_path / written).stat().st_size > 0


def test_a_test_file_from_a_stream(vectors, tmp_path, capfd):
    args, _ = reading("evaluate", vectors, tmp_path)
    assert run("evaluate", *args) == 0
    expected = capfd.readouterr().out.splitlines()[-1]
    with stdin_of((tmp_path / "pairs.tsv").read_bytes()):
        assert run("evaluate", vectors, "-") == 0
    assert capfd.readouterr().out.splitlines()[-1] == expected


def test_a_corpus_from_a_stream(corpus, tmp_path):
    assert run("train", corpus, "-o", tmp_path / "a.txt", *SETTINGS) == 0
    with stdin_of(corpus.read_bytes()):
        assert run("train", "-", "-o", tmp_path / "b.txt", *SETTINGS) == 0
    with piped(corpus.read_bytes()) as pipe:
        assert run("train", pipe, "-o", tmp_path / "c.txt", *SETTINGS) == 0
    first = (tmp_path / "a.txt").read_bytes()
    assert (tmp_path / "b.txt").read_bytes() == (tmp_path / "c.txt").read_bytes() == first


@pytest.mark.parametrize("command", ["train", "word2vec", "word2phrase"])
def test_stdin_is_read_from_its_position(command, tmp_path):
    """As in `(read line; w2vext train - -o v.txt) < text`."""
    (tmp_path / "text").write_text("not read\n" + TEXT)
    args = {
        "train": ["-", "-o", "out.txt", "--min-count", 1, *SETTINGS[:2]],
        "word2vec": ["-train", "-", "-output", "out.txt", "-min-count", 1, *ORIGINAL],
        "word2phrase": ["-train", "-", "-output", "out.txt"],
    }[command]
    with open(tmp_path / "text", "rb", buffering=0) as stdin:
        stdin.seek(9)
        process = commands.start(tmp_path, command, *args, stdin=stdin)
        told = waiting.ended(process)
    assert process.returncode == 0, told
    out = (tmp_path / "out.txt").read_text()
    assert "north" in out and "not" not in out


@pytest.mark.parametrize("flags", ["", "-exact 1", "-hs 1"])
def test_word2vec_reads_a_stream(flags, corpus, tmp_path, capfd):
    how = [*ORIGINAL, *flags.split()]
    files = [tmp_path / name for name in "abc"]
    assert run("word2vec", "-train", corpus, "-output", files[0], *how) == 0
    with stdin_of(corpus.read_bytes()):
        assert run("word2vec", "-train", "-", "-output", files[1], *how) == 0
    with piped(corpus.read_bytes()) as pipe:
        assert run("word2vec", "-train", pipe, "-output", files[2], *how) == 0
    first, *others = (file.read_bytes() for file in files)
    assert first.startswith(b"7 4\n") and others == [first, first]


def test_a_vocabulary_from_a_stream(corpus, tmp_path):
    vocabulary = b"</s> 0\nsea 9\nsalt 8\nnorth 7\n"
    how = ["-train", corpus, *ORIGINAL]
    with piped(vocabulary) as pipe:
        assert run("word2vec", *how, "-read-vocab", pipe, "-output", tmp_path / "a") == 0
    assert (tmp_path / "a").read_bytes().startswith(b"4 4\n")
    with stdin_of(b""):
        assert run("word2vec", "-train", "-", "-read-vocab", "-", "-output", tmp_path / "b") == 1


def test_word2phrase_reads_a_stream(corpus, tmp_path):
    how = ["-min-count", 1, "-threshold", 0.5]
    files = [tmp_path / name for name in "ab"]
    assert run("word2phrase", "-train", corpus, "-output", files[0], *how) == 0
    with stdin_of(corpus.read_bytes()):
        assert run("word2phrase", "-train", "-", "-output", files[1], *how) == 0
    assert b"_" in files[0].read_bytes()
    assert files[0].read_bytes() == files[1].read_bytes()


def test_an_error_in_a_stream_names_it(tmp_path, capsys):
    with piped(b"north wind\nca\xff\xff\n" * 9) as pipe:
        assert run("word2vec", "-train", pipe, "-output", tmp_path / "o") == 1
    assert f"{pipe}, line 2" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("command", ["word2vec", "word2phrase", "train"])
def test_an_empty_stream_is_an_error(command, tmp_path, capsys):
    flag = [] if command == "train" else ["-train"]
    with piped(b"") as pipe:
        output = ["-o" if command == "train" else "-output", tmp_path / "o.txt"]
        assert run(command, *flag, pipe, *output) == 1
    said = "the corpus is empty" if command == "train" else f"{pipe}: "
    assert said in capsys.readouterr().err
    assert not (tmp_path / "o.txt").exists()


@pytest.mark.parametrize(
    "args",
    [
        ["train", "-", "-", "-o", "o.txt"],
        ["train", "-", "/dev/stdin", "-o", "o.txt"],
        ["evaluate", "-", "-"],
        ["word2vec", "-train", "-", "-read-vocab", "/dev/stdin", "-output", "o"],
    ],
)
def test_stdin_is_not_read_twice(args, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(*args) == 1
    assert "given twice, and it can be read only once: give a file" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("command", ["distance", "word-analogy", "compute-accuracy"])
def test_the_prompts_do_not_read_vectors_from_stdin(command, capsys):
    for name in ("-", "/dev/stdin"):
        assert run(command, name) == 1
        assert f"{name}: the questions are read from the standard" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["distance", "word-analogy", "compute-accuracy"])
def test_the_prompts_read_vectors_from_a_pipe(command, vectors, monkeypatch, capfdbinary):
    question = b": s\na b c d\n" if command == "compute-accuracy" else b"b c d\n"
    outputs = []
    for again in (False, True):
        with open(os.devnull) as null, piped(vectors.read_bytes()) as pipe:
            monkeypatch.setattr(sys, "stdin", null)
            with stdin_of(question), open(os.dup(0)) as stdin:
                monkeypatch.setattr(sys, "stdin", stdin)
                assert run(command, pipe if again else vectors) == 0
        outputs.append(capfdbinary.readouterr().out)
    assert outputs[0] == outputs[1] and len(outputs[0]) > 100


# ---- writing


def test_convert_to_stdout(vectors, capfd):
    for name in ("-", "/dev/stdout", "/dev/fd/1"):
        assert run("convert", vectors, name, "--to", "glove") == 0
        out, err = capfd.readouterr()
        assert out == "a 1 2\nb 3 4\nc 2 1\nd -1 2\n"
        assert "4 words, 2 dimensions" in err


def test_train_to_stdout(corpus, tmp_path, capfd):
    assert run("train", corpus, "-o", tmp_path / "a.txt", *SETTINGS) == 0
    capfd.readouterr()
    assert run("train", corpus, "-o", "-", "--format", "word2vec", *SETTINGS) == 0
    out, err = capfd.readouterr()
    assert out == (tmp_path / "a.txt").read_text()
    assert "6 words, 4 dimensions" in err


def test_a_model_to_a_pipe(corpus, tmp_path):
    with collected() as (pipe, found):
        assert run("train", corpus, "-o", pipe, "--format", "native", *SETTINGS) == 0
    (tmp_path / "m.safetensors").write_bytes(found[0])
    assert len(KeyedVectors.load(tmp_path / "m.safetensors")) == 6


def test_the_original_commands_write_to_stdout(corpus, tmp_path, capfd):
    how = ["-train", corpus, *ORIGINAL]
    for name in ("file", "-"):
        out = tmp_path / name if name == "file" else "-"
        assert run("word2vec", *how, "-output", out) == 0
        if name == "file":
            capfd.readouterr()
    out, err = capfd.readouterr()
    assert out.encode() == (tmp_path / "file").read_bytes()
    assert err.startswith(f"Starting training using file {corpus}\nVocab size: 7\n")
    assert run("word2vec", "-train", corpus, "-save-vocab", "/dev/stdout") == 0
    assert capfd.readouterr().out.startswith("</s> 120\n")
    assert run("word2vec", *how, "-exact", 1, "-output", "-", "-binary", 1) == 0
    out, err = capfd.readouterr()
    assert out.startswith("7 4\n") and "Progress" in err
    assert run("word2phrase", "-train", corpus, "-output", "-", "-min-count", 1) == 0
    out, err = capfd.readouterr()
    assert out.split() == TEXT.split() and "Words in train file: 480" in err


def test_two_outputs_to_stdout_are_refused(corpus, capsys):
    how = ["-train", corpus, "-output", "-", "-save-vocab", "/dev/stdout"]
    assert run("word2vec", *how) == 2
    assert "-output names the same file" in capsys.readouterr().err


def test_pages_and_pictures_to_stdout(vectors, capfdbinary):
    assert run("explain", "--dim", 2, "-o", "-") == 0
    out, err = capfdbinary.readouterr()
    assert out.startswith(b"<!") and b"open it in a browser" in err
    if pytest.importorskip("matplotlib"):
        assert run("plot", vectors, "-o", "-") == 0
        assert capfdbinary.readouterr().out.startswith(b"\x89PNG")


def test_the_demo_to_stdout(monkeypatch, capfd):
    def run_demo(output, format):
        print("examples")
        KeyedVectors(["a"], [[1, 2]]).save(output, format)

    monkeypatch.setattr(demo, "run", run_demo)
    assert run("demo", "-o", "-", "--format", "glove") == 0
    assert capfd.readouterr() == ("a 1 2\n", "examples\n")


def test_appending_to_a_file(vectors, tmp_path):
    """The shell opened the file; it is written where it is, not replaced."""
    (tmp_path / "log").write_text("my old line\n")
    with open(tmp_path / "log", "ab") as log:
        process = commands.start(
            tmp_path, "convert", vectors, "/dev/stdout", "--to", "glove", stdout=log
        )
        assert waiting.ended(process)[1].count("\n") == 1
    assert process.returncode == 0
    assert (tmp_path / "log").read_text() == "my old line\na 1 2\nb 3 4\nc 2 1\nd -1 2\n"


def test_a_named_pipe_is_written_to(vectors, tmp_path):
    fifo = tmp_path / "o.txt"
    os.mkfifo(fifo)
    reader = subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE)
    assert run("convert", vectors, fifo) == 0
    assert waiting.ended(reader)[0] == vectors.read_bytes()
    assert fifo.is_fifo()


def test_the_home_folder(corpus, monkeypatch):
    monkeypatch.setenv("HOME", str(corpus.parent))
    assert run("train", "~/corpus.txt", "-o", "~/v.txt", *SETTINGS) == 0
    assert run("similar", "~/v.txt", "sea") == 0
    assert run("word2vec", "-train", "~/corpus.txt", "-output", "~/w.txt", *ORIGINAL) == 0
    assert run("word2phrase", "-train", "~/corpus.txt", "-output", "~/p.txt") == 0
    assert {"v.txt", "w.txt", "p.txt"} <= set(os.listdir(corpus.parent))


# ---- the format of an output


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["-o", "v.dat"], "v.dat: the suffix does not tell which format to write"),
        (["-o", "v"], "give --format, one of word2vec"),
        (["-o", "-"], "/dev/stdout: the suffix does not tell"),
        (["-o", "v.npz.gz"], "only text and word2vec's binary format can be compressed"),
        (["-o", "v", "--format", "excel"], "--format 'excel': choose one of"),
        (["-o", "-", "--format", "projector"], "is more than one file"),
        (["-o", "/dev/stdout", "--format", "model2vec"], "is more than one file"),
    ],
)
def test_the_format_is_checked_before_the_training(args, says, corpus, monkeypatch, capsys):
    monkeypatch.chdir(corpus.parent)
    monkeypatch.setattr(fit, "fit", lambda *_: pytest.fail("it trained"))
    monkeypatch.setattr(demo, "run", lambda *_: pytest.fail("it trained"))
    for command in (["train", "corpus.txt"], ["demo"]):
        assert run(*command, *args) == 1
        err = capsys.readouterr().err
        assert says in err and err.count("\n") == 1
        assert os.listdir(corpus.parent) == ["corpus.txt"]


@pytest.mark.parametrize("format", formats.FORMATS)
def test_which_formats_a_stream_holds(format):
    if format in ("parquet", "arrow"):
        pytest.importorskip("pyarrow")
    if format == "spacy":
        pytest.importorskip("spacy")
    with open(os.devnull, "wb") as null:
        try:
            KeyedVectors(["a"], [[1, 2]]).save(f"/dev/fd/{null.fileno()}", format)
        except ValueError as error:
            assert ("is a stream" in str(error)) == (format in SEVERAL_FILES)
        else:
            assert format not in SEVERAL_FILES


def test_convert_names_its_own_option(vectors, tmp_path, capsys):
    assert run("convert", vectors, tmp_path / "o.dat") == 1
    assert "give --to, one of" in capsys.readouterr().err


def test_a_model2vec_folder_is_replaced(corpus, tmp_path):
    for size in (4, 5):
        more = ["--vector-size", size]
        assert run("train", corpus, "-o", tmp_path / "v.model2vec", *SETTINGS, *more) == 0
        assert KeyedVectors.load(tmp_path / "v.model2vec").vector_size == size


def test_train_writes_the_named_format(corpus, tmp_path):
    for more in (["--format", "word2vec-binary"], ["--binary"]):
        assert run("train", corpus, "-o", tmp_path / "v", *SETTINGS, *more) == 0
        assert len(KeyedVectors.load_word2vec_format(tmp_path / "v", binary=True)) == 6
    assert run("train", corpus, "-o", "v", "--binary", "--format", "glove") == 2


def test_the_demo_writes_what_its_name_says(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "sentences", lambda report: [["sine", "file", "row"]] * 9)
    assert run("demo", "-o", tmp_path / "v.npz") == 0
    assert (tmp_path / "v.npz").read_bytes().startswith(b"PK")
    assert len(KeyedVectors.load(tmp_path / "v.npz")) == 3
