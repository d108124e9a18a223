"""`w2vext fasttext`: compared with the output of fastText, and errors."""

import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import commands, waiting
from helpers.pipes import piped

from w2vext import KeyedVectors, Word2Vec, cli, load_fasttext
from w2vext.cli.fasttext import COMMANDS
from w2vext.formats import fasttext_bin

FOLDER = Path(__file__).resolve().parent / "fasttext_files"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))["models"]
LINES = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))["lines"]
BIN = FOLDER / "skipgram_ns.bin"


def run(*args):
    return cli.main(["fasttext", *map(str, args)])


@pytest.fixture
def ask(monkeypatch, capsysbinary):
    """The output of a command for a text on its standard input."""

    def answer(text, *args):
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert run(*args) == 0
        return capsysbinary.readouterr().out

    return answer


def printed(vector):
    return "".join(f"{x:.5g} " for x in vector)


# ---- queries


def test_word_vectors_have_five_digits(ask):
    seen = EXPECTED["skipgram_ns.bin"]
    words = [word for word in seen["words"] if word]
    out = ask("\n".join(words[:9]) + " " + " ".join(words[9:]), "print-word-vectors", BIN)
    vectors = dict(zip(seen["words"], seen["vectors"], strict=True))
    lines = out.decode().splitlines()
    assert [line.split(" ")[0] for line in lines] == words
    for line, word in zip(lines, words, strict=True):
        assert line.endswith(" ")
        np.testing.assert_allclose(list(map(float, line.split()[1:])), vectors[word], rtol=1e-4)
    assert lines[0] == f"{words[0]} {printed(load_fasttext(BIN)[words[0]])}"


def test_words_that_the_input_cuts_are_whole(monkeypatch, capsysbinary):
    class Slow(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            part = parts.pop(0) if parts else b""
            buffer[: len(part)] = part
            return len(part)

    parts = [b"te", b"a k", b"a\nmo", b"re"]
    stdin = io.TextIOWrapper(io.BufferedReader(Slow()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run("print-word-vectors", BIN) == 0
    words = [line.split(b" ")[0] for line in capsysbinary.readouterr().out.splitlines()]
    assert words == [b"tea", b"ka", b"more"]


@pytest.mark.parametrize("name", ["skipgram_ns.bin", "sup_ngrams.bin", "q_ns.ftz"])
def test_sentence_vectors(name, ask):
    out = ask("\n".join(LINES) + "\n", "print-sentence-vectors", FOLDER / name).decode()
    found = [list(map(float, line.split())) for line in out.split("\n")[:-1]]
    assert len(found) == len(LINES)
    np.testing.assert_allclose(found, EXPECTED[name]["sentences"], rtol=1e-4, atol=1e-6)


def test_ngrams_come_with_the_rows_that_they_have(ask):
    model = load_fasttext(BIN)
    word = model.words[0]
    lines = ask("", "print-ngrams", BIN, word).decode().splitlines()
    names = [word, *(gram for gram, _ in model.ngrams(word))]
    rows = [0, *(row for _, row in model.ngrams(word))]
    inputs = model.file.inputs.take()
    assert lines == [f"{n} {printed(inputs[r])}" for n, r in zip(names, rows, strict=True)]
    unknown = ask("", "print-ngrams", BIN, "tea").decode().splitlines()
    assert len(unknown) == len(model.ngrams("tea")) and unknown[0].startswith("<t ")
    pruned = ask("", "print-ngrams", FOLDER / "cut_ns.ftz", "tea").decode().splitlines()
    there = [gram for gram, row in load_fasttext(FOLDER / "cut_ns.ftz").ngrams("tea") if row >= 0]
    assert [line.split(" ")[0] for line in pruned] == there


def test_neighbors_and_analogies(ask, capsysbinary):
    wv = KeyedVectors.load(BIN)
    a, b, c = wv.index_to_key[2:5]
    expected = [f"{w} {s:g}" for w, s in wv.most_similar(a, topn=4)]
    out = ask(f"{a}\ntea", "nn", BIN, 4).decode()
    prompt = "Query word? "
    assert out.count(prompt) == 3 and out.startswith(prompt)
    first, second = out.removeprefix(prompt).split(prompt)[:2]
    assert first.splitlines() == expected
    assert second.splitlines() == [f"{w} {s:g}" for w, s in wv.most_similar("tea", topn=4)]
    out = ask(f"{a} {b}\n{c} tea", "analogies", BIN, 3).decode()
    prompt = "Query triplet (A - B + C)? "
    found = out.removeprefix(prompt).split(prompt)
    expected = wv.most_similar(positive=[a, c], negative=[b], topn=3)
    assert found == ["".join(f"{w} {s:g}\n" for w, s in expected), ""]


def test_a_word_without_vector_has_no_neighbors(monkeypatch, capsysbinary):
    data = io.BytesIO(b"nosuchword\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
    assert run("nn", FOLDER / "no_subwords.bin") == 0
    shown = capsysbinary.readouterr()
    assert shown.out == b"Query word? Query word? "
    assert b"'nosuchword' has neither a row nor an n-gram" in shown.err


def test_dump(ask):
    model = load_fasttext(FOLDER / "sup_ova.bin")
    args = dict(line.split() for line in ask("", "dump", FOLDER / "sup_ova.bin", "args").decode()
                .splitlines())  # fmt: skip
    assert list(args) == [
        "dim", "ws", "epoch", "minCount", "neg", "wordNgrams", "loss", "model", "bucket", "minn",
        "maxn", "lrUpdateRate", "t",
    ]  # fmt: skip
    assert (args["loss"], args["model"], args["dim"], args["t"]) == (
        "one-vs-all", "sup", "6", "0.0001",
    )  # fmt: skip
    lines = ask("", "dump", FOLDER / "sup_ova.bin", "dict").decode().splitlines()
    assert lines[0] == str(len(model.words) + len(model.labels)) == str(len(lines) - 1)
    assert lines[1] == f"{model.words[0]} {model.counts[0]} word"
    assert lines[-1].endswith(" label")
    for what in ("input", "output"):
        matrix = getattr(model.file, f"{what}s").take()
        lines = ask("", "dump", FOLDER / "sup_ova.bin", what).decode().splitlines()
        assert lines[0] == f"{len(matrix)} {matrix.shape[1]}" and len(lines) == len(matrix) + 1
        assert lines[2] == " ".join(f"{x:g}" for x in matrix[1])
    words = ask("", "dump", FOLDER / "invalid_utf8.bin", "dict")
    with pytest.raises(UnicodeDecodeError):
        words.decode()


# ---- prediction


@pytest.mark.parametrize("name", ["sup_softmax.bin", "sup_hs.bin", "qout_ova.ftz"])
def test_predictions(name, ask, tmp_path):
    (tmp_path / "lines").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    top = EXPECTED[name]["top"]
    for source, text in ((tmp_path / "lines", ""), ("-", "\n".join(LINES) + "\n")):
        out = ask(text, "predict", FOLDER / name, source, 3).decode()
        assert out.split("\n")[:-1] == [" ".join(labels) for labels, _ in top]
    out = ask("", "predict-prob", FOLDER / name, tmp_path / "lines", 3).decode().splitlines()
    for line, (labels, values) in zip(out, top, strict=True):
        fields = line.split()
        assert fields[::2] == labels
        np.testing.assert_allclose(list(map(float, fields[1::2])), values, rtol=1e-5)
    above = ask("", "predict", FOLDER / name, tmp_path / "lines", -1, 0.3).decode()
    wanted = [" ".join(labels) for labels, _ in EXPECTED[name]["above"]]
    assert above.split("\n")[:-1] == wanted


def test_precision_and_recall(ask):
    model = load_fasttext(FOLDER / "sup_softmax.bin")
    labels = model.labels
    lines = [
        f"{labels[0]} ka mo", f"{labels[1]} {labels[2]} ri", f"{labels[3]}", "ka mo ri",
        "__label__unknown ka", f"{labels[0]}\tžu\x0b{labels[0]}",
    ]  # fmt: skip
    n = right = predicted = gold = 0
    for line in lines:
        own = [word for word in line.split() if word in labels]
        if own:
            found = model.predict(line, k=2)[0]
            n, gold, predicted = n + 1, gold + len(own), predicted + len(found)
            right += len(set(found) & set(own))
    assert 0 < right < predicted
    assert model.test(lines, k=2) == (n, right / predicted, right / gold)
    out = ask("\n".join(lines), "test", FOLDER / "sup_softmax.bin", "-", 2).decode()
    assert out == f"N\t{n}\nP@2\t{right / predicted:.3g}\nR@2\t{right / gold:.3g}\n"
    none = ask("ka mo\n", "test", FOLDER / "sup_softmax.bin", "-").decode()
    assert none == "N\t0\nP@1\tnan\nR@1\tnan\n"


# ---- training


@pytest.fixture
def text(tmp_path):
    words = ["tea", "teas", "team", "coffee", "coffees", "日本", "日本語", "naïve"]
    lines = [" ".join(words[(i * j + i) % 8] for j in range(9)) for i in range(90)]
    (tmp_path / "text.txt").write_text("\n".join(["__label__x tea", *lines]), encoding="utf-8")
    return tmp_path / "text.txt"


@pytest.mark.parametrize("command", ["skipgram", "cbow"])
@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_training_writes_a_model_and_its_vectors(command, loss, text, tmp_path, ask):
    flags = "-dim 8 -minn 2 -maxn 3 -bucket 300 -minCount 1 -epoch 2 -ws 3 -thread 1 -verbose 0"
    ask("", command, "-input", text, "-output", tmp_path / "m", "-loss", loss, "-t", "0.01",
        *flags.split(), "-saveOutput")  # fmt: skip
    model = load_fasttext(tmp_path / "m.bin")
    assert (model.model, model.loss) == (command, loss)
    settings = model.file.settings
    wanted = {"dim": 8, "minn": 2, "maxn": 3, "bucket": 300, "ws": 3, "epoch": 2, "t": 0.01}
    assert wanted.items() <= settings.items()
    assert "tea" in model and "__label__x" not in model and len(model.words) == 8
    lines = (tmp_path / "m.vec").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "8 8"
    assert lines[1:] == [f"{w} {printed(model[w])}" for w in model.words]
    assert KeyedVectors.load(tmp_path / "m.vec").index_to_key == model.words
    outputs = (tmp_path / "m.output").read_text(encoding="utf-8").splitlines()
    last = model.file.outputs.take()[-1]
    assert len(outputs) == 9 and outputs[-1] == f"{model.words[-1]} {printed(last)}"
    again = Word2Vec.load(tmp_path / "m.bin").partial_fit([["tea", "teapot"]] * 20)
    assert "teapot" in again.vocabulary_


def test_training_without_ngrams_and_from_given_vectors(text, tmp_path, ask):
    ask("", "skipgram", "-input", text, "-output", tmp_path / "m", "-maxn", 0, "-dim", 4,
        "-minCount", 1, "-verbose", 0)  # fmt: skip
    model = load_fasttext(tmp_path / "m.bin")
    assert model.file.settings["bucket"] == 0 and model.ngrams("tea") == []
    ask("", "skipgram", "-input", text, "-output", tmp_path / "n", "-maxn", 0, "-dim", 4,
        "-minCount", 1, "-verbose", 0, "-lr", "1e-30",
        "-pretrainedVectors", tmp_path / "m.vec")  # fmt: skip
    np.testing.assert_allclose(load_fasttext(tmp_path / "n.bin")["tea"], model["tea"], rtol=1e-4)


# ---- errors


@pytest.mark.parametrize(
    "args, message",
    [
        ("skipgrm", "unknown command 'skipgrm': did you mean 'skipgram'?"),
        ("supervised -input x", "supervised is not available: train a classifier"),
        ("quantize -input x", "quantize is not available: KeyedVectors.quantize"),
        ("nn", None),
        ("print-ngrams m.bin", "print-ngrams: give MODEL WORD"),
        ("nn m.bin 3 4", "nn: give MODEL [K]"),
        ("skipgram -input x", "-output <file> is missing"),
        ("skipgram -input x -output y -loss ova", "-loss 'ova': choose ns, hs, softmax"),
        ("skipgram -input x -output y -minn 6 -maxn 3", "-minn 6 is above -maxn 3: give at most 3"),
        ("skipgram -input x -output y -bucket 0", "-bucket 0 with n-grams"),
        ("skipgram -input x -output y -neg 0", "-neg 0 with -loss ns trains nothing"),
        ("skipgram -input x -output y -lr 0", "-lr 0 trains nothing"),
        ("skipgram -input x -output y -dims 3", "did you mean -dim?"),
    ],
)
def test_wrong_usage(args, message, capsys):
    if message is None:
        assert run(*args.split()) == 0
        assert capsys.readouterr().out == "usage: w2vext fasttext nn MODEL [K]\n"
        return
    assert run(*args.split()) == 2
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1


@pytest.mark.parametrize(
    "args, message",
    [
        (["nn", BIN, "x"], "K 'x': give an integer of at least 1"),
        (["predict", BIN, "-"], "predict needs a supervised model, and this is a skipgram"),
        (["predict", FOLDER / "sup_hs.bin", "-", "0"], "k=0: give a number of labels"),
        (["predict", FOLDER / "sup_hs.bin", "-", "1", "7"], "THRESHOLD '7': give a number from 0"),
        (["dump", BIN, "all"], "dump 'all': choose args, dict, input or output"),
        (["dump", FOLDER / "qout_ns.ftz", "output"], "the matrix is quantized"),
        (["test", "nosuch.bin", "-"], "nosuch.bin: No such file"),
        (["cbow", "-input", "nosuch.txt", "-output", "m"], "nosuch.txt"),
    ],
)
def test_errors(args, message, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"ka\n")))
    assert run(*args) == 1
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_help_names_every_command(capsys):
    assert run() == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)


def test_a_damaged_model_is_named(tmp_path, capsys):
    (tmp_path / "cut.bin").write_bytes(BIN.read_bytes()[:500])
    assert run("dump", tmp_path / "cut.bin", "args") == 1
    assert "cut.bin: the file ends within" in capsys.readouterr().err
    with pytest.raises(ValueError, match=r"cut\.bin: the file ends"):
        fasttext_bin.read_model(tmp_path / "cut.bin")


def test_train_writes_a_model_of_fasttext(text, tmp_path, capsys):
    options = "--min-n 3 --max-n 6 --vector-size 8 --min-count 1 --epochs 1".split()
    assert cli.main(["train", str(text), "-o", str(tmp_path / "m.bin"), *options]) == 0
    model = load_fasttext(tmp_path / "m.bin")
    assert (model.file.settings["minn"], model.file.settings["maxn"]) == (3, 6)
    named = ["--format", "word2vec-binary"]
    assert cli.main(["train", str(text), "-o", str(tmp_path / "w.bin"), *named, *options]) == 0
    assert KeyedVectors.load(tmp_path / "w.bin").subwords is None
    assert cli.main(["convert", str(tmp_path / "m.bin"), str(tmp_path / "b.vec")]) == 0
    assert "the vectors of n-grams, for unknown words" in capsys.readouterr().err
    assert KeyedVectors.load(tmp_path / "b.vec").index_to_key == model.words
    for name, more, message in (
        ("m.ftz", options, "a .ftz is quantized"),
        ("m.floret", [], "give --max-n"),
    ):
        assert cli.main(["train", str(text), "-o", str(tmp_path / name), *more]) == 1
        assert message in capsys.readouterr().err
        assert not (tmp_path / name).exists()


@pytest.mark.skipif(os.name == "nt", reason="SIGINT to one process is POSIX")
def test_ctrl_c_keeps_what_was_learned(tmp_path):
    """The files of one training begin alike, and none of them replaces an earlier one."""
    (tmp_path / "text").write_text("north wind east sea\nsea salt north star\n" * 40)
    (tmp_path / "m.vec").write_text("mine\n")
    how = ["-dim", 4, "-bucket", 100, "-epoch", 100_000_000, "-input", "text", "-output", "m"]
    process = commands.start(tmp_path, "fasttext", "skipgram", *how)
    commands.interrupt(process)
    said = waiting.ended(process)[1].splitlines()[-1]
    assert process.returncode == 130
    assert "interrupted: interrupted-m.bin, interrupted-m.vec hold the vectors" in said
    assert sorted(os.listdir(tmp_path)) == [
        "interrupted-m.bin",
        "interrupted-m.vec",
        "m.vec",
        "text",
    ]
    assert (tmp_path / "m.vec").read_text() == "mine\n"
    model = load_fasttext(tmp_path / "interrupted-m.bin")
    text = KeyedVectors.load(tmp_path / "interrupted-m.vec")
    assert text.index_to_key == list(model.words)
    np.testing.assert_allclose(text["sea"], model["sea"], rtol=1e-4)


def test_a_text_from_a_pipe(tmp_path):
    how = ["-dim", 4, "-bucket", 100, "-epoch", 1, "-verbose", 0, "-output", tmp_path / "m"]
    with piped(b"north wind east sea\nsea salt north star\n" * 40) as pipe:
        assert run("skipgram", *how, "-input", pipe) == 0
    assert "sea" in load_fasttext(tmp_path / "m.bin")
