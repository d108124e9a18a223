"""How every command reads vectors, and what all help texts have in common."""

import re

import pytest
from helpers import commands

from w2vext import KeyedVectors, cli

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
    assert found - {"train", "demo"} == {"similar", "evaluate", "plot", "explore", "convert"}


@READING
@pytest.mark.parametrize("format", ["glove", "word2vec-binary", "npz"])
def test_the_content_decides(name, format, wv, tmp_path, capsys):
    wv.save(tmp_path / "vectors.txt", format)
    assert run(name, *arguments(name, tmp_path / "vectors.txt", tmp_path)) == 0, capsys.readouterr()


@READING
def test_the_format_can_be_named(name, wv, tmp_path, capsys):
    (tmp_path / "vectors").write_text("2 1\nb 1\n")  # word2vec's or GloVe's
    assert run(name, *arguments(name, tmp_path / "vectors", tmp_path), "--format", "npz") == 1
    assert "not a numpy archive" in capsys.readouterr().err
    wv.save(tmp_path / "vectors", "glove")
    assert run(name, *arguments(name, tmp_path / "vectors", tmp_path), "--format", "glove") == 0
    assert run(name, *arguments(name, tmp_path / "vectors", tmp_path), "--format", "excel") == 1
    assert "format='excel': choose one of" in capsys.readouterr().err


@READING
def test_what_is_not_recognized(name, tmp_path, capsys):
    (tmp_path / "vectors").write_text("hello\n")
    assert run(name, *arguments(name, tmp_path / "vectors", tmp_path)) == 1
    err = capsys.readouterr().err
    assert "neither its content nor its suffix" in err and err.count("\n") == 1


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
