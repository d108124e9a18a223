"""`w2vext course sst`: draws, engines, checkpoints, picture, classifier and command."""

import random
import sys

import numpy as np
import pytest
from helpers.treebanks import write_treebank

from w2vext import reference
from w2vext.cli import main as command
from w2vext.datasets import Treebank, load_sst
from w2vext.lessons import minibatch
from w2vext.lessons.course import sentiment, treebank
from w2vext.lessons.course.draws import FastDraws, TreebankSource, draw_batch, initial_matrices

pytestmark = pytest.mark.slow

TEXT = [["b", "a", "b", "c"], ["c", "d", "e"], ["a", "e", "d", "b", "f"], ["f"], ["a", "c"]]


@pytest.fixture
def small(tmp_path):
    write_treebank(tmp_path / "sst")
    return tmp_path / "sst"


# --- draws ----------------------------------------------------------------------------------------


def test_fast_draws_are_windows_of_the_text():
    source = TreebankSource(TEXT, sample=1.0, copies=3, slots=500)
    draws = FastDraws(source, seed=3, size=50, window=2, negative=4)
    near = set()
    for sentence in TEXT:
        ids = [source.words.index(word) for word in sentence]
        near |= {(a, b) for i, a in enumerate(ids) for b in ids[max(0, i - 2) : i + 3] if a != b}
    seen = set()
    for iteration in range(1, 41):
        centres, targets = draws.batch(iteration)
        assert targets.shape == (len(centres), 5) and len(centres) >= 50
        assert not (targets[:, :1] == targets[:, 1:]).any()
        seen |= set(zip(centres.tolist(), targets[:, 0].tolist(), strict=True))
    assert seen == near


def test_fast_draws_have_the_distribution_of_the_assignment():
    source = TreebankSource(TEXT, sample=0.05, copies=200, slots=1000)
    random.seed(9)
    theirs = [draw_batch(source, 50, 2, 3) for _ in range(200)]
    draws = FastDraws(source, seed=9, window=2, negative=3)
    ours = [draws.batch(i) for i in range(1, 201)]

    def shares(batches):
        pairs = np.zeros((7, 7))
        for centres, targets in batches:
            np.add.at(pairs, (centres, targets[:, 0]), 1 / 10_000)
        negatives = np.bincount(np.concatenate([t[:, 1:].ravel() for _, t in batches]), minlength=7)
        return pairs, negatives / negatives.sum()

    for a, b in zip(shares(theirs), shares(ours), strict=True):
        np.testing.assert_allclose(a, b, atol=0.02)


def test_fast_draws_depend_only_on_seed_and_iteration():
    source = TreebankSource(TEXT, sample=1.0)
    one, two, other = FastDraws(source, 5), FastDraws(source, 5), FastDraws(source, 6)
    two.batch(700)
    for iteration in (1, 200, 201, 650):
        a, b = one.batch(iteration), two.batch(iteration)
        assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
    assert not np.array_equal(one.batch(1)[1][:20], other.batch(1)[1][:20])


def test_fast_draws_raise_without_windows():
    source = TreebankSource([["a", "a"], ["b", "b"]], sample=1.0)
    with pytest.raises(ValueError, match="no window contains an outside word"):
        FastDraws(source)


# --- engines --------------------------------------------------------------------------------------


def test_engines_agree_on_the_draws_of_the_assignment(data):
    """To 1e-9 in double and 1e-3 in float, over the first 1,000 iterations."""
    random.seed(31415)
    source = TreebankSource(load_sst(data / "sst").sentences)
    batches = [draw_batch(source) for _ in range(1000)]
    v = len(source.words)

    def run(step_batch, dtype):
        x, losses = initial_matrices(v, 10).astype(dtype), []
        for batch in batches:
            losses.append(step_batch(x[:v], x[v:], *batch, 0.3 / 50) / 50)
        return x, np.array(losses)

    x, losses = run(reference.train_batch, np.float64)
    double, double_losses = run(minibatch.train_batch, np.float64)
    np.testing.assert_allclose(double_losses, losses, rtol=1e-9)
    np.testing.assert_allclose(double, x, rtol=1e-9, atol=1e-14)
    single, single_losses = run(minibatch.train_batch, np.float32)
    np.testing.assert_allclose(single_losses, losses, rtol=1e-3)
    np.testing.assert_allclose(single, x, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("draws", ["own", "assignment"])
def test_engines_agree_in_a_run(small, draws):
    sentences = load_sst(small).sentences
    runs = [
        treebank.train(sentences, engine=engine, draws=draws, iterations=60)
        for engine in ("numpy", "compiled")
    ]
    np.testing.assert_allclose(runs[0].w_in, runs[1].w_in, rtol=1e-9, atol=1e-14)
    assert [i for i, _ in runs[0].costs] == [10, 20, 30, 40, 50, 60]
    assert runs[0].costs[-1][1] == pytest.approx(runs[1].costs[-1][1], rel=1e-9)


@pytest.mark.parametrize("draws", ["own", "assignment"])
def test_resumed_run_equals_an_uninterrupted_run(small, tmp_path, monkeypatch, draws):
    sentences, checkpoint = load_sst(small).sentences, tmp_path / "run.npz"
    real, keep = reference.descend, {"checkpoint": checkpoint, "draws": draws}
    monkeypatch.setattr(
        reference, "descend", lambda *a, **k: real(*a, **k, checkpoint_every=30, anneal_every=40)
    )
    whole = treebank.train(sentences, draws=draws, iterations=80)
    treebank.train(sentences, iterations=45, **keep)
    resumed = treebank.train(sentences, iterations=80, resume=True, **keep)
    assert np.array_equal(whole.w_in, resumed.w_in) and np.array_equal(whole.w_out, resumed.w_out)
    assert resumed.costs == [row for row in whole.costs if row[0] > 30]
    anew = treebank.train(sentences, iterations=80, draws=draws, resume=True)
    assert anew.costs == whole.costs


def test_checkpoint_of_another_text_raises(small, tmp_path, monkeypatch):
    real, checkpoint = reference.descend, tmp_path / "run.npz"
    monkeypatch.setattr(reference, "descend", lambda *a, **k: real(*a, **k, checkpoint_every=5))
    treebank.train(load_sst(small).sentences, iterations=5, checkpoint=checkpoint)
    write_treebank(tmp_path / "other", n=20)
    other = load_sst(tmp_path / "other").sentences
    with pytest.raises(ValueError, match="choose another checkpoint"):
        treebank.train(other, iterations=9, checkpoint=checkpoint, resume=True)


@pytest.mark.parametrize(
    ("name", "value"), [("engine", "gpu"), ("draws", "mine"), ("dtype", "int8")]
)
def test_unknown_choice_raises(name, value):
    with pytest.raises(ValueError, match=f"{name}='{value}': choose one of"):
        treebank.train(TEXT, **{name: value})


# --- classifier and picture -----------------------------------------------------------------------


def test_classifier_learns_separable_labels():
    rng = np.random.default_rng(7)
    words = [f"{label}-{i}" for label in range(5) for i in range(10)]
    vectors = np.repeat(np.eye(5), 10, axis=0) + rng.normal(scale=0.1, size=(50, 5))
    labels = rng.integers(0, 5, 300)
    sentences = [[f"{label}-{i}" for i in rng.integers(0, 10, 4)] + ["unknown"] for label in labels]
    split = np.array(["train", "train", "dev", "test"] * 75)
    found = sentiment.classify(Treebank(sentences, split, labels), words, vectors)
    assert min(found.accuracy.values()) > 0.95
    often = np.bincount(labels[split == "train"]).argmax()
    assert found.frequent == np.mean(labels[split == "test"] == often)
    assert found.confusion.sum() == 75 and np.trace(found.confusion) > 70


def test_mean_vectors_ignore_unknown_words():
    means = sentiment.mean_vectors([["a", "x", "b"], ["x"]], ["b", "a"], np.array([[2.0], [4.0]]))
    assert means.tolist() == [[3.0], [0.0]]


def test_classifier_raises_without_a_split():
    data = Treebank([["a"], ["b"]], np.array(["train", "dev"]), np.array([0, 1]))
    with pytest.raises(ValueError, match="no test sentences"):
        sentiment.classify(data, ["a", "b"], np.eye(2))


def test_plane_has_the_two_directions_of_largest_variance():
    from w2vext.lessons.course.picture import plane

    rng = np.random.default_rng(8)
    points = rng.normal(size=(40, 4)) * [0.1, 5.0, 0.2, 2.0] + 3
    at = plane(points)
    np.testing.assert_allclose(at.mean(axis=0), 0, atol=1e-12)
    assert abs(np.corrcoef(at[:, 0], points[:, 1])[0, 1]) > 0.99
    assert abs(np.corrcoef(at[:, 1], points[:, 3])[0, 1]) > 0.99


def test_picture_is_complete_or_absent(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib", reason="the picture needs the extra [plot]")
    from w2vext.lessons.course.picture import word_picture

    words, vectors = ["tea", "queen", "x", "king"], np.random.default_rng(2).normal(size=(4, 3))
    path = tmp_path / "w.png"
    at = word_picture(words, vectors, path)
    assert set(at) == {"tea", "queen", "king"}
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with pytest.raises(ValueError, match="2 of 24 words"):
        word_picture(words[:2], vectors, path)
    assert [p.name for p in tmp_path.iterdir()] == ["w.png"]


def main(args):
    return command(["course", *args])


# --- the command ----------------------------------------------------------------------------------


def test_command_writes_its_results(small, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="the picture needs the extra [plot]")
    assert main(["sst", str(small), "-o", str(tmp_path), "--iterations", "50"]) == 0
    printed = capsys.readouterr().out
    for words in ("final smoothed cost", "CPU time per iteration", "sentiment from mean vectors"):
        assert words in printed
    assert (tmp_path / "word_vectors.png").is_file()
    assert len((tmp_path / "costs.txt").read_text().splitlines()) == 5


def test_command_resumes(small, tmp_path, capsys):
    args = ["sst", str(small), "-o", str(tmp_path), "--no-picture", "--iterations", "5000"]
    assert main(args) == 0
    whole = capsys.readouterr().out
    assert (tmp_path / "sst_checkpoint.npz").is_file() and "5,000" in whole
    assert main([*args, "--resume"]) == 0
    assert "nothing to do: the checkpoint" in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["datasetSentences.txt", "datasetSplit.txt", "trees"])
def test_command_reports_an_incomplete_treebank(small, tmp_path, capsys, missing):
    (small / missing).rename(tmp_path / "away")
    results = tmp_path / "results"
    results.mkdir()
    assert main(["sst", str(small), "-o", str(results)]) == 1
    printed = capsys.readouterr().err
    assert missing in printed and printed.count("\n") == 1
    assert not list(results.iterdir())


def test_command_reports_a_missing_folder(small, tmp_path, capsys):
    assert main(["sst", str(tmp_path / "nowhere")]) == 1
    assert "nowhere is not a folder" in capsys.readouterr().err
    assert main(["sst", str(small), "-o", str(tmp_path / "missing")]) == 1
    assert "create it first" in capsys.readouterr().err


def test_commands_check_their_output_before_they_train(small, tmp_path, capsys, monkeypatch):
    def fail(path, *_):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("w2vext._files._temporary.os.open", fail)
    monkeypatch.chdir(tmp_path)
    for args in (["course", "sst", str(small)], ["explain"]):
        assert command(args) == 1
        printed = capsys.readouterr()
        assert "cannot write the file (Permission denied)" in printed.err and not printed.out


@pytest.mark.parametrize("args", [["imdb", "x"], ["sst"], ["sst", "x", "--iterations", "a"]])
def test_command_usage_errors_exit_2(args, capsys):
    assert main(args) == 2
    assert "w2vext course: error" in capsys.readouterr().err


def test_command_reports_a_number_out_of_range(small, capsys):
    assert main(["sst", str(small), "--iterations", "0"]) == 1
    assert "iterations=0: give at least 1" in capsys.readouterr().err


def test_command_reports_missing_matplotlib_before_it_trains(small, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["sst", str(small), "-o", str(tmp_path)]) == 1
    assert "w2vext[plot]" in capsys.readouterr().err
    assert not (tmp_path / "costs.txt").exists()
