"""The examples: each is run as a user would run it, and its results are checked."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

import w2vext

pytestmark = pytest.mark.docs


def run(project, folder, name, *args):
    """Return the output of `python examples/NAME ARGS`."""
    package = os.path.dirname(os.path.dirname(w2vext.__file__))
    done = subprocess.run(
        [sys.executable, project / "examples" / name, *map(str, args)],
        env={**os.environ, "PYTHONPATH": package, "PYTHONIOENCODING": "utf-8"},
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []
    return done.stdout


def number(pattern, text):
    found = re.search(pattern, text)
    assert found, text
    return float(found[1])


def test_every_example_has_a_test_and_is_listed(project):
    names = {path.name for path in (project / "examples").glob("*.py")}
    tests = (project / "tests" / "test_examples.py").read_text(encoding="utf-8")
    page = (project / "docs" / "index.md").read_text(encoding="utf-8")
    assert names
    for name in names:
        assert f'"{name}"' in tests
        assert f"`examples/{name}`" in page


def test_baskets(project, tmp_path):
    out = run(project, tmp_path, "baskets.py")
    assert number(r"same occasion: (\d+) of 64", out) >= 60
    neighbours = re.search(r"pasta +spaghetti +(.*)", out)[1]
    assert any(item in neighbours for item in ("parmesan", "basil", "tomatoes", "pine-nuts"))
    missing = set(re.search(r"what is missing\? (.*)", out)[1].split(", "))
    assert missing <= {"vanilla", "baking-powder", "icing-sugar", "butter", "walnuts"}


def test_listings(project, tmp_path):
    out = run(project, tmp_path, "listings.py")
    default, groups, booking = (
        number(rf"{label}: +([\d.]+) of the nearest", out)
        for label in ("the defaults", "negatives of the market", "and the booking in all windows")
    )
    assert default < 0.9 and groups > 0.95 and booking >= groups


def test_proteins(project, tmp_path):
    out = run(project, tmp_path, "proteins.py")
    assert number(r"is correct: (\d+) of 120", out) >= 108


def test_graph_with_two_known_communities(project, tmp_path):
    """Two rings of triangles joined by one link, with a file of labels."""
    files = tmp_path / "files"
    files.mkdir()
    links = [f"{s}{i} {s}{(i + k) % 12}" for s in "ab" for i in range(12) for k in (1, 2)]
    (files / "links").write_text("\n".join([*links, "a0 b0", "b0 a0", "a1 a1"]))
    (files / "labels").write_text("\n".join(f"{s}{i} {s}" for s in "ab" for i in range(12)))
    work = tmp_path / "work"
    work.mkdir()
    out = run(project, work, "graph.py", files / "links", "--labels", files / "labels")
    assert "24 nodes, 49 links; communities of 12, 12" in out
    assert number(r"modularity: ([\d.]+)", out) == pytest.approx(48 / 49 - 0.5, abs=1e-3)
    assert "agreement with the known division: 24 of 24 nodes" in out
    assert number(r"Rand index: ([\d.]+)", out) == 1


def test_graph_of_the_karate_club(project, tmp_path, data):
    out = run(project, tmp_path, "graph.py", data / "graph" / "karate.edgelist")
    assert number(r"known division: (\d+) of 34", out) >= 31
    assert number(r"modularity: ([\d.]+)", out) > 0.33


def test_graph_of_citations(project, tmp_path, data):
    out = run(project, tmp_path, "graph.py", data / "graph" / "cora.cites", "--communities", 7)
    assert "2,708 nodes, 5,278 links" in out
    assert number(r"modularity: ([\d.]+)", out) > 0.65
    assert number(r"inside a community: ([\d.]+)%", out) > 80


def test_malformed_graph_gives_a_one_line_error(project, tmp_path):
    (tmp_path / "links").write_text("a b\nc\n")
    done = subprocess.run(
        [sys.executable, project / "examples" / "graph.py", tmp_path / "links"],
        env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(w2vext.__file__))},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 1
    assert "line 2: expected two names" in done.stderr and "Traceback" not in done.stderr


def test_sentiment(project, tmp_path, data):
    out = run(project, tmp_path, "sentiment.py", data / "sst")
    assert number(r"test: 1,821 sentences, accuracy ([\d.]+)%", out) > 72
    good, bad = (number(rf"{word}.*': (\d+)% positive", out) for word in ("moving", "dull"))
    assert good > 75 > 25 > bad


def test_tour(project, data, tmp_path):
    """Every command and every format, on a small corpus to save time."""
    for name in ("matplotlib", "plotly", "pyarrow"):
        pytest.importorskip(name, reason="the tour needs the extras [plot,pages,parquet]")
    text = tmp_path / "text.txt"
    text.write_text("the king of france met the queen and drank two cups of water\n" * 200)
    folder = tmp_path / "empty"
    folder.mkdir()
    results = tmp_path / "results"
    out = run(project, folder, "tour.py", text, data / "eval", "-o", results, "--epochs", 1)
    assert "16 formats, all identical" in out
    for name in ("frequent.png", "neighbors.png", "similarities.png", "explore.html"):
        assert (results / name).stat().st_size > 10_000
    assert "questions-words.txt" in out and "spearman" in out


def test_heldout(project, tmp_path, data):
    out = run(project, tmp_path, "heldout.py", data / "sst")
    rows = re.findall(r"^ +\d+ +([\d.]+) +([\d.]+)( +best)?$", out, re.MULTILINE)
    held = [float(row[1]) for row in rows]
    best = [at for at, row in enumerate(rows) if row[2]]
    assert best == [held.index(min(held))]
    assert len(rows) == best[0] + 4 == number(r"stopped after (\d+) of 40", out)
    assert float(rows[0][0]) > float(rows[-1][0])
    assert number(r"best weights ([\d.]+)", out) < number(r"without early stopping ([\d.]+)", out)
    before, after = re.search(r"old words from ([\d.]+) to ([\d.]+)", out).groups()
    assert float(before) > float(after)


def test_sessions(project, tmp_path, tmp_path_factory):
    """On a small file of the same form; the docstring of the example says where the data are."""
    rng = np.random.default_rng(2)
    lines = ["user_id:token\titem_id:token\trating:float\ttimestamp:float"]
    for user in range(60):
        start = int(rng.integers(50))
        for k in range(8):
            lines.append(f"{user}\t{(start + k) % 50}\t3\t{86_400 * (1 + k // 6) + k}")
    file = tmp_path_factory.mktemp("data") / "ratings.inter"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = run(project, tmp_path, "sessions.py", file, 1)
    assert number(r"hit rate at 10 on (\d+) sessions", out) == 60  # the second ones are too short
    assert number(r"by default, ([\d.]+) tuned", out) > 0.2
