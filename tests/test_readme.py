"""README's promises: its Python runs, its commands exist, its links and folders are there."""

import importlib.util
import re
import shlex

import pytest

from w2vext.cli import COMMANDS, train

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def readme(project):
    return (project / "README.md").read_text(encoding="utf-8")


def blocks(readme, language):
    return [text for kind, text in BLOCK.findall(readme) if kind == language]


def test_python_blocks_run_in_an_empty_folder(readme, tmp_path, monkeypatch, capsys):
    """In one namespace and in their order, as a reader types them."""
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for number, text in enumerate(blocks(readme, "python"), 1):
        if "gensim" in text and importlib.util.find_spec("gensim") is None:
            continue
        exec(compile(text, f"README.md, Python block {number}", "exec"), namespace)
    model = namespace["model"]
    assert model.loss_history_[-1] < model.loss_history_[0]
    neighbours = [word for word, _ in model.wv.most_similar("eigenvalues", topn=3)]
    assert "eigenvectors" in neighbours
    assert model.wv.most_similar(["rows", "column"], ["row"], topn=1)[0][0] == "columns"
    assert {path.name for path in tmp_path.iterdir()} == {
        "corpus.txt",
        "vectors.txt",
        "vectors.bin",
    }
    assert "(100,)" in capsys.readouterr().out


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


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there(name, readme):
    assert f"w2vext {name}" in readme


def test_links_and_folders_are_there(readme, project):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", readme)
    folders = re.findall(r"^\| `([^`]+/)` \|", readme, re.MULTILINE)
    assert targets and folders
    for name in targets + folders:
        assert (project / name).exists(), name


def test_every_requirement_is_explained(readme, project):
    listed = re.search(
        r"^dependencies = \[\n(.*?)^\]", (project / "pyproject.toml").read_text(), re.DOTALL | re.M
    )[1]
    for name in re.findall(r'"([\w-]+)', listed):
        assert re.search(rf"^\|[^|]*\b{name}\b", readme, re.MULTILINE), name
