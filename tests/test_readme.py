"""README: its code runs, and its commands, links and folders exist."""

import re
import shlex

import pytest
from helpers import pages

from w2vext.cli import COMMANDS, train

pytestmark = pytest.mark.docs

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def readme(project):
    return (project / "README.md").read_text(encoding="utf-8")


def blocks(readme, language):
    return [text for kind, text in BLOCK.findall(readme) if kind == language]


def test_every_block_runs(project, tmp_path, monkeypatch, demo_once):
    """The blocks run in an empty folder, one after the other, as a reader would type them."""
    model = pages.run_page(project / "README.md", tmp_path, monkeypatch)["model"]
    assert model.loss_history_[-1] < model.loss_history_[0]
    neighbours = [word for word, _ in model.wv.most_similar("eigenvalues", topn=3)]
    assert "eigenvectors" in neighbours
    assert model.wv.most_similar(["rows", "column"], ["row"], topn=1)[0][0] == "columns"


def test_the_two_commands_stand_alone(readme):
    lines = readme.splitlines()
    assert "pip install . && w2vext demo" in lines
    assert "pip install '.[test]' && pytest" in lines


def test_the_commands_exist(readme):
    shown = []
    for text in blocks(readme, "sh"):
        parts = [part for line in text.splitlines() for part in line.split("&&")]
        shown += [args for program, *args in map(shlex.split, parts) if program == "w2vext"]
    assert {args[0] for args in shown} <= set(COMMANDS)
    trained = [args[1:] for args in shown if args[0] == "train"]
    assert trained and all(train.parser()[0].parse_args(args) for args in trained)


def test_links_and_folders_are_there(readme, project):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", readme)
    folders = re.findall(r"^\| `([^`]+/)` \|", readme, re.MULTILINE)
    assert targets
    for name in targets + folders:
        assert (project / name).exists(), name


def test_statements_about_gensim(tmp_path):
    word2vec = pytest.importorskip("gensim.models.word2vec")
    assert word2vec.MAX_WORDS_IN_BATCH == 10_000
    model = word2vec.Word2Vec([["a", "b"]] * 9, min_count=1, vector_size=4)
    with pytest.raises(RuntimeError, match="hierarchical softmax"):
        model.score([["a", "b"]])
    model.save(str(tmp_path / "model"))
    assert (tmp_path / "model").read_bytes()[:1] == b"\x80"  # pickle's
    assert not hasattr(model, "get_params")
