"""The command `w2vext node2vec`."""

import inspect

import numpy as np
import pytest
from helpers import commands, waiting

from w2vext import KeyedVectors, cli
from w2vext.cli import node2vec
from w2vext.graph import Node2Vec
from w2vext.graph.options import Options

SETTINGS = ["--vector-size", "8", "--walks-per-node", "2", "--workers", "1", "--random-state", "4"]
EDGES = "# who knows whom\nann bob 2\nbob cai 1\ncai ann 3\ncai dan 1\n"


@pytest.fixture
def edges(tmp_path):
    path = tmp_path / "edges.txt"
    path.write_text(EDGES)
    return path


def test_options_are_the_parameters():
    _, names = node2vec.parser()
    parameters = inspect.signature(Node2Vec).parameters
    assert sorted([*names, *node2vec.NOT_OPTIONS]) == sorted(parameters)
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    assert vars(Options()) == defaults


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.safetensors", "v.txt.gz"])
def test_the_vectors_are_those_of_node2vec(name, edges, capsys):
    output = edges.parent / name
    more = ["--p", "0.5", "--q", "2", "--directed"]
    assert cli.main(["node2vec", str(edges), "-o", str(output), *SETTINGS, *more]) == 0
    err = capsys.readouterr().err
    assert f"{output}: 4 nodes, 8 dimensions; mean loss " in err
    wv = KeyedVectors.load(output)
    model = Node2Vec(
        p=0.5, q=2, directed=True, vector_size=8, walks_per_node=2, workers=1, random_state=4
    ).fit(edges)
    nodes = ["ann", "bob", "cai", "dan"]
    assert sorted(wv.index_to_key) == nodes
    np.testing.assert_allclose([wv[node] for node in nodes], model.transform(nodes), rtol=1e-6)


def test_streams(edges):
    process = commands.start(
        edges.parent,
        "node2vec",
        "-",
        "-o",
        "-",
        "--format",
        "word2vec",
        *SETTINGS,
        stdin=edges.open("rb"),
    )
    out, err = waiting.ended(process)
    assert process.returncode == 0, err
    assert out.splitlines()[0] == "4 8"


@pytest.mark.parametrize(
    "text, args, says",
    [
        ("ann bob\ncai\n", [], "edges.txt: line 2 has 1 words: give two nodes"),
        ("ann bob -1\n", [], "edges.txt: line 1: the weight is -1.0: give finite numbers"),
        ("", [], "edges.txt: the graph has no edges"),
        (EDGES, ["--p", "0"], "p=0.0: give a finite number above 0"),
        (EDGES, ["--q", "nan"], "q=nan: give"),
        (EDGES, ["--walk-length", "1"], "walk_length=1: give an integer of at least 2"),
        (EDGES, ["--format", "floret"], "the format floret has subwords"),
    ],
)
def test_errors(text, args, says, edges, capsys):
    edges.write_text(text)
    output = edges.parent / "v.txt"
    assert cli.main(["node2vec", str(edges), "-o", str(output), *SETTINGS, *args]) == 1
    err = capsys.readouterr().err
    assert err.startswith("w2vext node2vec: error: ") and err.count("\n") == 1
    assert says in err
    assert not output.exists()


def test_the_output_may_not_be_the_input(edges, capsys):
    assert cli.main(["node2vec", str(edges), "-o", str(edges), *SETTINGS]) == 1
    assert "is one of the inputs" in capsys.readouterr().err
    assert edges.read_text() == EDGES
    assert cli.main(["node2vec", "nothing.txt", "-o", "v.txt"]) == 1
    assert "no file 'nothing.txt' with the edges" in capsys.readouterr().err


@pytest.mark.slow
def test_ctrl_c_keeps_the_vectors(edges):
    endless = ["--epochs", "100000000", "--workers", "1", "--verbose", "1", "--vector-size", "8"]
    process = commands.start(edges.parent, "node2vec", edges, "-o", "v.txt", *endless)
    commands.interrupt(process)
    _, err = waiting.ended(process)
    assert process.returncode == 130
    assert "interrupted after " in err and "4 nodes" in err
    (kept,) = edges.parent.glob("v*.txt")
    assert len(KeyedVectors.load(kept)) == 4
