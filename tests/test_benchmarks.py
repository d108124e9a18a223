"""The benchmark scripts: their imports, their options, and one small comparison.

Their results are stored in benchmarks/results; test_figures.py compares the pages with them.
"""

import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import w2vext
from w2vext.cli import train

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "benchmarks"
SCRIPTS = sorted(
    path.name for path in FOLDER.glob("*.py") if "__main__" in path.read_text(encoding="utf-8")
)
NEEDS = {"phrases.py": "gensim"}  # modules that a script imports at its top


@pytest.fixture(autouse=True)
def folder_on_path(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))


def run(script, *arguments, cwd=None):
    command = [sys.executable, FOLDER / script, *arguments]
    where = os.pathsep.join(
        [str(Path(w2vext.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    )
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env={**os.environ, "PYTHONPATH": where}
    )


@pytest.mark.docs
@pytest.mark.parametrize(
    "script", [name for name in SCRIPTS if name not in ("peers.py", "texts.py")]
)
def test_help(script):
    """The imports of a script work. (peers.py and texts.py do not have options.)"""
    if script == "programs.py":
        pytest.skip("it is started by compare.py")
    if script in NEEDS and importlib.util.find_spec(NEEDS[script]) is None:
        pytest.skip(f"{NEEDS[script]} is not installed")
    done = run(script, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: ")


def variants():
    """The w2vext options of the comparisons in all.py."""
    import all as benchmarks
    from programs import parse_options

    lines = [command for _, command in benchmarks.STEPS.values()]
    return [parse_options(text) for line in lines for text in re.findall(r"--variant (\S+)", line)]


def test_the_command_line_of_w2vext_is_valid():
    """Otherwise a renamed option would be noticed only at the next measurement."""
    from compare import changed
    from programs import MODELS, Job, w2vext_arguments

    parser, _ = train.parser()
    jobs = [Job("w2vext", "text", "", "out", model, workers=2, alpha=None) for model in MODELS]
    jobs += [changed(job, variant) for job in jobs for variant in variants()]
    assert len(jobs) == 3 * len(MODELS)
    for job in jobs:
        arguments = parser.parse_args(w2vext_arguments(job))
        assert (arguments.loss, arguments.architecture) == (job.loss, job.architecture)
        assert arguments.workers == 2


def test_parameters_exist():
    import parameters

    known = set(w2vext.Word2Vec().get_params())
    settings = [setting for group in parameters.TRIED.values() for setting in group]
    assert {name for setting in settings for name in setting} <= known
    assert set(parameters.DEFAULTS) <= known


def test_a_call_is_resumed(tmp_path, monkeypatch):
    """Runs that are stored are not needed again; the first date and command are kept."""
    import results

    machine = {"cpu": "C", "microarchitecture": None, "isa": "avx2"}
    monkeypatch.setattr(results, "facts", lambda: (machine, {}))

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["frontier.py", "--results", str(tmp_path), *arguments])
        return results.Results(results.parser("", resume=True).parse_args(sys.argv[1:]))

    def stored():
        (path,) = tmp_path.glob("frontier-*.json")
        return json.loads(path.read_text(encoding="utf-8"))

    first = call()
    first.add(setting="a", seed=1, score=1.5)
    again = call("--resume", "--at-most", "1")
    assert [again.needs(setting=x, seed=1) for x in "abc"] == [False, True, False]
    again.add(setting="b", seed=1, score=2.5)
    assert [run["setting"] for run in stored()["runs"]] == ["a", "b"]
    assert "--" not in stored()["command"]
    assert call().needs(setting="a", seed=1)  # without --resume everything is measured again


def test_leads_and_picture_of_the_frontier():
    """The gain over another program, and a label and a point for each setting."""
    import frontier_picture
    import frontier_tables

    names = (*frontier_tables.CHOSEN, *frontier_tables.ASIDE)

    def run(program, setting, cpu_s, score):
        scores = dict.fromkeys(names, score)
        return {"group": "peers", "program": program, "setting": setting, "words": 1000} | {
            "cpu_s": cpu_s, **scores
        }  # fmt: skip

    content = {
        "machine": {"cpu": "C", "microarchitecture": None, "isa": "avx2", "cores": 2},
        "runs": [
            run("w2vext", "defaults", 2.0, 31.0),
            run("w2vext", "epochs=10", 4.0, 33.0),
            run("gensim", "alpha=0.05", 30.0, 28.5),
        ],
    }
    (*_, row) = frontier_tables.leads([{"frontier": content}]).splitlines()
    assert (
        row == "| 1,000 | gensim, `alpha=0.05` | 1 | `defaults` | 1 | 15.0× | +2.5 | +2.5 | +2.5 |"
    )
    picture = frontier_picture.draw({"frontier": content})
    assert [picture.count(mark) for mark in ("<circle", "gensim: alpha=0.05", "1,000 words")] == [
        2, 1, 1
    ]  # fmt: skip


def test_labels_of_the_picture_do_not_overlap():
    import frontier_picture

    places = frontier_picture.spread([10, 11, 50, 98, 99, 100], 0, 110)
    assert all(b - a >= frontier_picture.LINE for a, b in itertools.pairwise(places))
    assert places[0] == 10 and places[-1] <= 110


def test_steps_name_scripts_and_tables():
    import all as benchmarks
    import tables

    results = {name for names, _ in tables.TABLES.values() for name in names}
    assert set(benchmarks.STEPS) <= results
    assert {command.split()[0] for _, command in benchmarks.STEPS.values()} <= set(SCRIPTS)


@pytest.mark.docs
def test_a_small_comparison(tmp_path):
    """Two runs of w2vext in separate processes are stored and shown."""
    text = tmp_path / "text.txt"
    text.write_text("the cat sat on the mat and the dog sat on the rug " * 40, encoding="utf-8")
    asked = ["--programs", "w2vext", "--models", "sg-ns", "--rounds", "2", "--epochs", "2"]
    done = run("compare.py", text, *asked, "--results", tmp_path / "results", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "results").iterdir()
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["command"] == f"python benchmarks/compare.py text.txt {' '.join(asked)}"
    first, second = content["runs"]
    assert (first["seed"], second["seed"]) == (1, 2)
    assert first["loss"] != second["loss"]
    assert first["known_words"] == 13 * 40 and first["alpha"] == 0.025
    assert 0 < first["train_s"] < first["total_s"]
    assert first["words_per_s"] == pytest.approx(2 * 13 * 40 / first["train_s"], rel=1e-4)
    assert "| skip-gram, negative sampling | 100 | 1 | w2vext |" in done.stdout
