"""How all commands read vectors, and properties of all help texts."""

import re

import numpy as np
import pytest
from helpers import commands, waiting

from w2vext import KeyedVectors, Word2Vec, cli

WORDS = ["north", "south", "east", "west"]


@pytest.fixture
def wv():
    rows = [[1, 0.1, 0.5], [1, 0.2, -0.5], [-0.1, 1, 0.5], [-0.2, 1, -0.5]]
    return KeyedVectors(WORDS, rows, counts=[4, 3, 2, 1])


def arguments(name, vectors, folder):
    """The arguments of a command that reads `vectors`."""
    (folder / "pairs.txt").write_text("north\tsouth\t9\neast\twest\t8\nnorth\twest\t1\n")
    return {
        "similar": [vectors, "north"],
        "evaluate": [vectors, folder / "pairs.txt"],
        "plot": [vectors, "-o", folder / "plot.png"],
        "explore": [vectors, "-o", folder / "page.html"],
        "convert": [vectors, folder / "out.npz"],
    }[name]


def run(name, *args):
    return cli.main([name, *map(str, args)])


READING = pytest.mark.parametrize("name", ["similar", "evaluate", "plot", "explore", "convert"])


@pytest.fixture(autouse=True)
def _needs_extras(request):
    extra = {"plot": "matplotlib", "explore": "plotly"}
    callspec = getattr(request.node, "callspec", None)
    if callspec and (package := extra.get(callspec.params.get("name"))):
        pytest.importorskip(package)


def test_these_are_all_commands_that_read_vectors():
    found = {name for name in cli.COMMANDS if "--format" in commands.options_of(name)}
    assert found - {"train", "demo", "node2vec"} == {
        "similar",
        "evaluate",
        "plot",
        "explore",
        "convert",
    }


@READING
@pytest.mark.parametrize("format", ["glove", "word2vec-binary", "npz"])
def test_the_content_decides(name, format, wv, tmp_path, capsys):
    wv.save(tmp_path / "vectors.txt", format)
    assert run(name, *arguments(name, tmp_path / "vectors.txt", tmp_path)) == 0, capsys.readouterr()


@READING
@pytest.mark.parametrize("suffix", [".bin", ".ftz"])
def test_models_of_fasttext_are_read(name, suffix, tmp_path, capsys):
    rows = np.random.default_rng(1).normal(size=(260, 4)).astype(np.float32)
    large = KeyedVectors([*WORDS, *map(str, range(256))], rows)
    (large.quantize().wv if suffix == ".ftz" else large).save(
        tmp_path / f"m{suffix}", "fasttext-bin"
    )
    assert run(name, *arguments(name, tmp_path / f"m{suffix}", tmp_path)) == 0, capsys.readouterr()


def test_similar_words_of_an_unknown_word(tmp_path, capsys):
    model = Word2Vec(min_n=2, max_n=3, vector_size=4, min_count=1, random_state=1, workers=1)
    model.fit([WORDS] * 20).save(tmp_path / "m.bin")
    assert run("similar", tmp_path / "m.bin", "northern", "-n", "2") == 0
    assert capsys.readouterr().out.startswith("northern\n  ")
    assert run("similar", tmp_path / "m.bin", "northern", "ξξξ") == 1
    assert "'ξξξ': not among the 4 words" in capsys.readouterr().err


@READING
def test_the_format_can_be_named(name, wv, tmp_path, capsys):
    (tmp_path / "vectors").write_text("2 1\nb 1\n")  # word2vec's or GloVe's
    assert run(name, *arguments(name, tmp_path / "vectors", tmp_path), "--format", "npz") == 1
    assert "not a numpy archive" in capsys.readouterr().err
    wv.save(tmp_path / "vectors", "glove")
    assert run(name, *arguments(name, tmp_path / "vectors", tmp_path), "--format", "glove") == 0
    assert run(name, *arguments(name, tmp_path / "vectors", tmp_path), "--format", "excel") == 1
    assert "--format excel: choose one of" in capsys.readouterr().err


@READING
def test_an_unknown_format(name, tmp_path, capsys):
    (tmp_path / "vectors").write_text("hello\n")
    assert run(name, *arguments(name, tmp_path / "vectors", tmp_path)) == 1
    err = capsys.readouterr().err
    assert "neither its content nor its suffix" in err and err.count("\n") == 1


@READING
def test_odd_rows(name, tmp_path, capsys):
    """The remedy in the message is an option that works for this very file."""
    words = "north south east west spring autumn".split()
    rows = "".join(f"{word} {i}.5 {7 - i} 1\n" for i, word in enumerate(words))
    (tmp_path / "v.txt").write_text(f"8 3\n{rows}north 1 2 3\nNew York 1 2 3\n")
    used = arguments(name, tmp_path / "v.txt", tmp_path)
    assert run(name, *used) == 1
    err = capsys.readouterr().err
    assert "line 9: expected 3 numbers, found 4" in err and "--on-bad-rows skip takes" in err
    assert run(name, *used, "--on-bad-rows", "skip") == 0
    err = capsys.readouterr().err
    assert "left out 1 row: 1 with a word that occurred before (first: line 8, 'north')" in err
    assert "read 1 with a word that contains blanks" in err and "UserWarning" not in err


@READING
def test_words_in_another_encoding_or_cut(name, tmp_path, capsys):
    text = "6 2\nnorth 1 2\nsouth 3 1\neast 1 4\nwest 5 5\ncaf\xe9 1 3\nna\xefve 7 1\n"
    (tmp_path / "v.txt").write_bytes(text.encode("latin-1"))
    used = arguments(name, tmp_path / "v.txt", tmp_path)
    assert run(name, *used) == 1
    assert "--errors surrogateescape keeps its bytes" in capsys.readouterr().err
    for option in (["--encoding", "latin-1"], ["--errors", "replace"], ["--on-bad-rows", "skip"]):
        assert run(name, *used, *option) == 0, capsys.readouterr()
    if name == "evaluate":  # the others would print stray bytes, which pytest cannot capture
        assert run(name, *used, "--errors", "surrogateescape") == 0, capsys.readouterr()
    (tmp_path / "v.txt").write_bytes(text.encode("utf-16"))
    assert run(name, *used) == 1
    assert "--encoding utf-16 reads it" in capsys.readouterr().err
    assert run(name, *used, "--encoding", "utf-16") == 0, capsys.readouterr()


def test_words_that_are_cut_are_printed_and_converted_as_their_bytes(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"2 2\nnorth 1 2\ncaf\xc3 1 2.5\n")
    keep = ["--errors", "surrogateescape"]
    run = commands.start(tmp_path, "similar", "v.txt", "north", *keep, text=False)
    assert b"  caf\xc3  0." in waiting.ended(run)[0] and run.returncode == 0
    run = commands.start(tmp_path, "convert", "v.txt", "w.txt", *keep, text=False)
    told = waiting.ended(run)
    assert run.returncode == 0, told
    assert (tmp_path / "w.txt").read_bytes() == (tmp_path / "v.txt").read_bytes()


@READING
def test_the_memory_can_be_bounded(name, wv, tmp_path, capsys):
    wv.save(tmp_path / "v.txt")
    used = arguments(name, tmp_path / "v.txt", tmp_path)
    assert run(name, *used, "--max-memory", "100") == 1
    assert "take more than --max-memory 100 bytes" in capsys.readouterr().err
    assert run(name, *used, "--max-memory", "1000000") == 0


def test_an_encoding_for_a_format_that_has_its_own(wv, tmp_path, capsys):
    wv.save(tmp_path / "v.npz")
    for name, *more in (["similar", "north"], ["convert", "o.txt"], ["distance"]):
        assert run(name, tmp_path / "v.npz", *more, "--encoding", "latin-1") == 1
        err = capsys.readouterr().err
        assert "the format 'npz' stores Unicode: leave --encoding out" in err


def test_remedies_name_options(tmp_path, capsys):
    (tmp_path / "v").write_text("hello\n")
    assert run("similar", tmp_path / "v", "a") == 1
    assert "Give --format, one of" in capsys.readouterr().err
    (tmp_path / "v").write_bytes(b"2 1\na \0\0\0\0\nb \0\0\0\0\n")
    assert run("similar", tmp_path / "v", "a", "--format", "word2vec") == 1
    assert "--format word2vec-binary reads it" in capsys.readouterr().err


# ---- help


@pytest.mark.parametrize("name", sorted(set(cli.COMMANDS) - {"train"}))
def test_help_is_ascii(name, capsys):
    assert run(name, "--help") == 0
    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize(
    "name", [n for n in cli.COMMANDS if n != "train" and commands.parser_of(n)]
)
def test_help_of_options(name):
    """One short line for each option, which ends with the default in brackets if there is one."""
    for action in commands.parser_of(name)._actions:
        option = action.option_strings or action.dest
        assert action.help and len(action.help) <= 65, (option, action.help)
        has_default = action.default not in (None, False, True, "==SUPPRESS==")
        if has_default and action.nargs != 0:
            assert re.search(r"\[[^]]+\]$", action.help), (option, action.help)
