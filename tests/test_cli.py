"""The command line: its output, its exit status, and that its options are Word2Vec's parameters."""

import errno
import inspect
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from helpers import commands, waiting

import w2vext
from w2vext import cli
from w2vext._estimator import fit, streams
from w2vext.cli import train
from w2vext.cli.output import check_output

SETTINGS = ["--vector-size", "8", "--min-count", "2", "--epochs", "2", "--workers", "1"]


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("north wind east sea\nsea salt north star\neast star wind salt\n" * 40)
    return path


def one_error(capsys):
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and "error: " in err
    return err


# ---- the main function


def test_the_process_skips_garbage_collection_at_its_end(monkeypatch, capsys):
    registered = []
    monkeypatch.setattr(cli.atexit, "register", registered.append)
    monkeypatch.setattr(sys, "argv", ["w2vext", "--version"])
    assert cli.main(["--version"]) == 0 and registered == []  # called by another program
    assert cli.main() == 0 and registered == [cli.gc.freeze]


def test_help_lists_every_command(capsys):
    assert cli.main([]) == cli.main(["--help"]) == cli.main(["-h"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in cli.COMMANDS)


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"w2vext {w2vext.__version__}\n"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_its_help(name, capsys):
    assert cli.main([name, "--help"]) == 0
    assert f"w2vext {name}" in capsys.readouterr().out


@pytest.mark.parametrize("wrong, hint", [("trian", "did you mean 'train'"), ("--vers", "option")])
def test_unknown_command(wrong, hint, capsys):
    assert cli.main([wrong]) == 2
    assert hint in one_error(capsys)


def test_help_needs_no_training_code(tmp_path):
    code = "import sys, w2vext.cli; w2vext.cli.main([]); print('sklearn' in sys.modules)"
    package = os.path.dirname(os.path.dirname(w2vext.__file__))
    env = {**os.environ, "PYTHONPATH": package}
    out = subprocess.check_output(
        [sys.executable, "-c", code], env=env, cwd=tmp_path, text=True, timeout=600
    )
    assert out.endswith("False\n")


def test_as_a_module(tmp_path):
    process = commands.start(tmp_path, "--version")
    assert waiting.ended(process)[0] == f"w2vext {w2vext.__version__}\n"
    assert process.returncode == 0


# ---- train


def test_options_are_the_parameters():
    parser, names = train.parser()
    parameters = inspect.signature(w2vext.Word2Vec).parameters
    assert sorted([*names, *train.NOT_OPTIONS]) == sorted(parameters)
    defaults = parser.parse_args(["x", "-o", "y"])
    for name in names:
        assert getattr(defaults, name) == parameters[name].default


def test_values_reach_the_estimator():
    parser, _ = train.parser()
    args = parser.parse_args(
        "x -o y --no-shrink-windows --max-final-vocab none --sample 1e-4 --workers -1 "
        "--window 7 --global-context last --loss softmax --shuffle --unk-token <unk> "
        "--deterministic yes".split()
    )
    assert (args.shrink_windows, args.max_final_vocab, args.sample) == (False, None, 1e-4)
    assert (args.workers, args.window, args.loss) == (-1, 7, "softmax")
    assert args.global_context == "last"
    assert parser.parse_args("x -o y --global-context none".split()).global_context is None
    assert (args.shuffle, args.unk_token, args.deterministic) == (True, "<unk>", True)


def test_help_has_one_line_per_option_in_groups(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    cli.main(["train", "--help"])
    out = capsys.readouterr().out
    _, names = train.parser()
    titles = re.findall(r"^(\w[\w ]*):$", out, re.MULTILINE)
    assert titles[-5:] == ["model", "text", "vocabulary", "optimization", "run time"]
    options = out.split("\nmodel:\n")[1].split("\n\nDefaults are")[0]
    lines = [line for line in options.splitlines() if line and not line.endswith(":")]
    assert len(lines) == len(names) + 2  # --checkpoint and --checkpoint-every
    assert all(re.match(r"  --[\w-]+( [A-Z]+)?  +\S", line) for line in lines), options
    assert "docs/parameters.md" in out


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_prints_in_any_encoding(name, capsys):
    cli.main([name, "--help"])
    assert capsys.readouterr().out.isascii()


def test_train_on_raw_text(tmp_path, capsys):
    raw, output = tmp_path / "raw.txt", tmp_path / "v.safetensors"
    raw.write_text("The CAT's mat. A dog!\n" * 20, encoding="utf-8")
    options = ["--tokenizer", "words", "--lowercase", *SETTINGS]
    assert cli.main(["train", str(raw), "-o", str(output), *options]) == 0
    model = w2vext.Word2Vec.load(output)
    assert sorted(model.vocabulary_) == ["a", "cat's", "dog", "mat", "the"]
    assert (model.tokenizer, model.lowercase) == ("words", True)


def test_negatives_from_files(tmp_path):
    """Numbers of a column, too; a word may be in the files of the negatives only."""
    pytest.importorskip("pyarrow", reason="columns of files")
    rows = [[1, 2, 3], [4, 5], [2, 1, 5]] * 30
    table = tmp_path / "table.jsonl"
    table.write_text("".join(f'{{"items": {row}}}\n' for row in rows), encoding="utf-8")
    weights, groups = tmp_path / "weights.tsv", tmp_path / "groups.tsv"
    weights.write_bytes(b"\xef\xbb\xbf1\t2\r\n\r\n2\t.5\r\n5\t1\r\nunheard\t3")
    groups.write_text("1\tred\n3\tdark blue\n2\tred\n5\tdark blue\n1\tred\n", encoding="utf-8")
    options = ["--column", "items", "--noise", weights, "--noise-groups", groups]
    output = tmp_path / "model.safetensors"
    arguments = ["train", table, *options, "-o", output, *SETTINGS, "--random-state", "1"]
    assert cli.main(list(map(str, arguments))) == 0
    found = w2vext.Word2Vec.load(output)
    expected = w2vext.Word2Vec(**found.get_params()).fit(
        rows, noise={1: 2, 2: 0.5, 5: 1}, noise_groups={1: "r", 2: "r", 3: "b", 5: "b"}
    )
    assert sorted(found.vocabulary_) == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(found.noise_, expected.noise_)
    np.testing.assert_array_equal(found.noise_groups_, expected.noise_groups_)
    np.testing.assert_array_equal(found.vectors_, expected.vectors_)


@pytest.mark.parametrize(
    "option, text, says",
    [
        ("noise", "king\n", "negatives.tsv, line 1: 'king' is not a word, a tab and a weight"),
        ("noise", "king\t2\nrain\tmuch\n", "line 2: the weight 'much' is not a number"),
        ("noise", "king\t-1\n", "line 1: the weight is -1: give a finite number of at least 0"),
        ("noise", "king\tnan\n", "line 1: the weight is nan: give a finite number"),
        ("noise", "unheard\t1\n", "noise={'unheard': 1.0} has no weight above 0"),
        ("noise-groups", "", "negatives.tsv: the file is empty: give lines of a word, a tab and a"),
        ("noise-groups", "king\ta\nking\tb\n", "line 2: 'king' has the group 'b', and 'a' in"),
        ("noise-groups", "king\ta\tb\n", "line 1: 'king\\ta\\tb' is not a word, a tab and a"),
        ("noise-groups", "king\t\n", "line 1: 'king\\t' is not a word, a tab and a group"),
        ("noise-groups", "\udcff\ta\n", "line 1: byte 1 is not UTF-8: save the file as UTF-8"),
    ],
)
def test_bad_files_of_negatives(option, text, says, corpus, capsys):
    path = corpus.with_name("negatives.tsv")
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    output = corpus.with_name("v.txt")
    assert cli.main(["train", str(corpus), "-o", str(output), f"--{option}", str(path)]) == 1
    assert says in one_error(capsys)
    assert not output.exists()


def test_the_standard_input_is_read_once(capsys):
    assert cli.main(["train", "-", "-o", "v.txt", "--noise", "-"]) == 1
    assert "the standard input is given twice" in one_error(capsys)


@pytest.mark.parametrize("name, binary", [("v.txt", False), ("v.bin", True)])
def test_train_and_similar(name, binary, corpus, capsys):
    output = corpus.parent / name
    assert cli.main(["train", str(corpus), "-o", str(output), *SETTINGS]) == 0
    out, err = capsys.readouterr()
    assert out == "" and "6 words, 8 dimensions" in err
    loaded = w2vext.KeyedVectors.load_word2vec_format(output, binary=binary)
    assert set(loaded.index_to_key) == {"north", "wind", "east", "sea", "salt", "star"}
    assert cli.main(["similar", str(output), "north", "sea", "-n", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["north", "sea"]
    word, cosine = lines[1].split()
    expected = loaded.most_similar("north", topn=1)[0]
    assert word == expected[0] and abs(float(cosine) - expected[1]) < 1e-4


def test_binary_on_request(corpus):
    output = corpus.parent / "vectors"
    assert cli.main(["train", str(corpus), "-o", str(output), "--binary", *SETTINGS]) == 0
    assert len(w2vext.KeyedVectors.load_word2vec_format(output, binary=True)) == 6


@pytest.mark.parametrize("suffix", [".safetensors", ".vec", ".glove.txt", ".npz", ".model2vec"])
def test_the_suffix_selects_the_format(suffix, corpus, capsys):
    output = corpus.parent / f"v{suffix}"
    assert cli.main(["train", str(corpus), "-o", str(output), *SETTINGS]) == 0
    assert len(w2vext.KeyedVectors.load(output)) == 6
    if suffix == ".safetensors":
        assert w2vext.Word2Vec.load(output).vector_size == 8
    capsys.readouterr()
    assert cli.main(["similar", str(output), "north"]) == 0
    assert capsys.readouterr().out.startswith("north\n  ")


def test_missing_packages_are_reported_before_training(corpus, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    output = corpus.parent / "v.parquet"
    assert cli.main(["train", str(corpus), "-o", str(output), *SETTINGS]) == 1
    assert "w2vext[parquet]" in capsys.readouterr().err
    assert not output.exists()


def test_same_bytes_as_the_estimator(corpus):
    output = corpus.parent / "v.txt"
    seed = ["--random-state", "7", "--window", "2"]
    assert cli.main(["train", str(corpus), "-o", str(output), *SETTINGS, *seed]) == 0
    model = w2vext.Word2Vec(
        vector_size=8, min_count=2, epochs=2, workers=1, random_state=7, window=2
    ).fit([corpus])
    loaded = w2vext.KeyedVectors.load_word2vec_format(output)
    np.testing.assert_array_equal(loaded.vectors, model.vectors_)


@pytest.mark.parametrize(
    "args, says",
    [
        ([], "required"),
        (["--vector-size", "many"], "invalid int value: 'many'"),
        (["--loss", "hinge"], "invalid choice: 'hinge'"),
        (["--deterministic", "maybe"], "invalid choice: 'maybe'"),
        (["--unk", "?"], "unrecognized arguments: --unk"),
        (["--vec", "5"], "unrecognized arguments: --vec"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(args, says, corpus, capsys):
    output = ["-o", str(corpus.parent / "v.txt")] if args else []
    assert cli.main(["train", str(corpus), *output, *args]) == 2
    err = one_error(capsys)
    assert says in err and err.startswith("w2vext train: error: ")


@pytest.mark.parametrize(
    "args, says",
    [
        (["--workers", "0"], "workers=0"),
        (["--vector-size", "0"], "vector_size=0"),
        (["--min-count", "1000"], "1000"),
        (["--loss", "softmax", "--architecture", "cbow"], "softmax"),
    ],
)
def test_a_bad_value_names_the_parameter(args, says, corpus, capsys):
    output = corpus.parent / "v.txt"
    assert cli.main(["train", str(corpus), "-o", str(output), *args]) == 1
    assert says in one_error(capsys)
    assert not output.exists()


def test_a_missing_corpus(corpus, capsys):
    gone = corpus.parent / "gone.txt"
    assert cli.main(["train", str(gone), "-o", str(corpus.parent / "v.txt")]) == 1
    assert "gone.txt" in one_error(capsys)


def test_the_output_is_checked_before_the_training(corpus, monkeypatch, capsys):
    monkeypatch.setattr(fit, "fit", lambda *_: pytest.fail("it trained"))
    folder = corpus.parent
    (folder / "folder.txt").mkdir()
    for output, says in [
        (folder / "none" / "v.txt", "there is no folder"),
        (folder / "folder.txt", "a folder has this name"),
        (corpus, "is one of the inputs"),
    ]:
        assert cli.main(["train", str(corpus), "-o", str(output)]) == 1
        assert says in one_error(capsys)
    assert corpus.read_text().startswith("north")


def test_a_folder_that_is_not_writable(tmp_path, monkeypatch):
    def fail(path, *_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(OSError, match=r"cannot write the file .*Read-only.*v\.txt"):
        check_output(tmp_path / "v.txt")


def test_the_check_leaves_no_file(tmp_path):
    check_output(tmp_path / "v.txt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="SIGINT to one process is POSIX")
@pytest.mark.parametrize("suffix", [".txt", ".safetensors"])
def test_ctrl_c_keeps_what_was_learned(suffix, corpus):
    """It is in the output, or next to it if there was an earlier output."""
    folder = corpus.parent
    output = folder / f"v{suffix}"
    for number, found in enumerate(["v", "interrupted-v", "interrupted-2-v"]):
        endless = [*SETTINGS, "--epochs", "100000000", "--verbose", "1"]
        process = commands.start(folder, "train", corpus, "-o", output, *endless)
        commands.interrupt(process)
        shown = waiting.ended(process)[1].splitlines()[-1]
        assert process.returncode == 130
        assert shown.startswith("w2vext train: interrupted after ") and "6 words" in shown
        assert str(folder / f"{found}{suffix}") in shown
        if not number:
            old = output.read_bytes()
        assert output.read_bytes() == old
        wv = w2vext.KeyedVectors.load(folder / f"{found}{suffix}")
        assert abs(wv.vectors).max() > 0.5 / 8  # they are not the initial ones
        assert len(os.listdir(folder)) == 2 + number


def test_ctrl_c_while_counting_writes_nothing(corpus, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(streams, "counted", interrupted)
    assert cli.main(["train", str(corpus), "-o", str(corpus.parent / "v.txt")]) == 130
    assert capsys.readouterr().err == "w2vext train: interrupted\n"
    assert os.listdir(corpus.parent) == ["corpus.txt"]


# ---- similar


@pytest.fixture
def vectors(tmp_path):
    path = tmp_path / "v.txt"
    rows = "\n".join(f"w{i} {i % 7 + 1} {i % 5 - 2} {i % 3}" for i in range(5000))
    path.write_text(f"5000 3\n{rows}\n")
    return path


def test_unknown_words_are_named(vectors, capsys):
    assert cli.main(["similar", str(vectors), "w1", "nowhere", "none"]) == 1
    assert "'nowhere', 'none': not among the 5,000 words" in one_error(capsys)


@pytest.mark.parametrize("n", ["0", "-3", "x"])
def test_a_wrong_number_of_neighbours(n, vectors, capsys):
    assert cli.main(["similar", str(vectors), "w1", "-n", n]) == 2
    assert "argument -n" in one_error(capsys)


def test_a_missing_or_malformed_file(tmp_path, capsys):
    assert cli.main(["similar", str(tmp_path / "gone.txt"), "x"]) == 1
    assert "gone.txt: No such file" in one_error(capsys)
    (tmp_path / "bad.txt").write_text("2 3\na 1 2 3\nb 1 2\n")
    assert cli.main(["similar", str(tmp_path / "bad.txt"), "a"]) == 1
    assert "bad.txt" in one_error(capsys)


@pytest.mark.skipif(os.name == "nt", reason="pipes close differently")
def test_a_closed_pipe_is_silent(vectors):
    process = commands.start(vectors.parent, "similar", vectors, "w1", "w2", "w3", "-n", "4999")
    with waiting.limited(process):
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_one_line(tmp_path):
    with open("/dev/full", "w") as full:
        process = commands.start(tmp_path, "--version", stdout=full)
        err = waiting.ended(process)[1]
    assert process.returncode == 1
    assert err.count("\n") == 1 and "No space left" in err


# ---- errors in the main function


def raising(monkeypatch, error):
    def run(module, argv):
        raise error

    monkeypatch.setattr(cli, "_run", run)
    return cli.main(["config"])


def test_a_bug_keeps_its_traceback(monkeypatch):
    with pytest.raises(KeyError):
        raising(monkeypatch, KeyError("x"))


@pytest.mark.parametrize("name", ["w2vext.text._words", "w2vext"])
def test_source_without_compiled_modules(name, monkeypatch, capsys):
    error = ModuleNotFoundError("No module named 'w2vext.text._words'", name=name)
    assert raising(monkeypatch, error) == 1
    assert "is a source folder that is not built" in one_error(capsys)


def test_an_error_of_several_lines_is_printed_on_one(monkeypatch, capsys):
    assert raising(monkeypatch, ValueError("one\ntwo")) == 1
    assert "error: one two\n" in one_error(capsys)


def test_config_command(capsys):
    assert cli.main(["config"]) == 0
    assert f"w2vext           {w2vext.__version__}" in capsys.readouterr().out
