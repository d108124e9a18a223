"""Plots: the contents of the axes, the placement of labels, and the command."""

import itertools
import warnings

import numpy as np
import pytest

from w2vext import KeyedVectors
from w2vext.cli import main

matplotlib = pytest.importorskip("matplotlib", reason="draws")
matplotlib.use("Agg")
pyplot = pytest.importorskip("matplotlib.pyplot")
from w2vext import plots  # noqa: E402
from w2vext.plots._labels import place_labels  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


@pytest.fixture
def wv():
    rng = np.random.default_rng(2)
    words = [f"word{n}" for n in rng.permutation(90)]
    return KeyedVectors(words, rng.normal(size=(90, 7)), counts=rng.permutation(90) + 1)


def boxes(axes):
    axes.figure.draw_without_rendering()
    return [text.get_window_extent() for text in axes.texts if text.get_text()]


def overlapping(axes):
    shrunk = [box.padded(-0.5) for box in boxes(axes)]
    return sum(one.overlaps(other) for one, other in itertools.combinations(shrunk, 2))


def labels(axes):
    return [text.get_text() for text in axes.texts if text.get_text()]


# ---- labels


def test_labels_do_not_overlap_and_stay_inside():
    rng = np.random.default_rng(0)
    axes = pyplot.subplots(figsize=(7, 6), layout="constrained")[1]
    points = rng.normal(size=(60, 2))
    axes.scatter(*points.T)
    axes.margins(0.1)
    notes = place_labels(axes, points, [f"label {n}" for n in range(60)])
    assert overlapping(axes) == 0
    frame = axes.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes(axes))
    distances = np.linalg.norm([note.get_position() for note in notes], axis=1)
    assert distances.max() < 72  # points: no label is far from its word


def test_labels_of_equal_points_do_not_overlap():
    axes = pyplot.subplots(layout="constrained")[1]
    points = np.zeros((12, 2))
    axes.scatter(*points.T)
    place_labels(axes, points, ["word"] * 12)
    assert overlapping(axes) == 0


def test_more_labels_than_fit():
    axes = pyplot.subplots(figsize=(2, 2))[1]
    points = np.zeros((40, 2))
    axes.scatter(*points.T)
    assert len(place_labels(axes, points, ["much too long a label"] * 40)) == 40


def test_labels_do_not_overlap_at_another_resolution(wv, tmp_path):
    axes = wv.plot()
    axes.figure.savefig(tmp_path / "one.png", dpi=220)
    axes.figure.set_dpi(220)
    assert overlapping(axes) == 0


def test_words_are_not_parsed_as_formulas():
    names = ["$x", "a$b$", "\\frac$"]
    axes = plots.plot(KeyedVectors(names, np.eye(3)))
    axes.figure.draw_without_rendering()
    assert labels(axes) == names
    plots.plot_similarities(KeyedVectors(names, np.eye(3)), names).figure.draw_without_rendering()


# ---- words


def test_words_are_at_their_principal_components(wv):
    axes = wv.plot()
    frequent = [wv.index_to_key[row] for row in np.sort(np.argsort(-wv.counts)[:60])]
    assert labels(axes) == frequent
    at = np.asarray(axes.collections[0].get_offsets())
    units = np.stack([wv.get_vector(word, norm=True) for word in frequent]).astype(np.float64)
    centred = units - units.mean(axis=0)
    _, singular, directions = np.linalg.svd(centred, full_matrices=False)
    assert np.abs(at) == pytest.approx(np.abs(centred @ directions[:2].T), abs=1e-6)
    share = (singular[:2] ** 2).sum() / (singular**2).sum()
    assert f"{share:.0%}" in axes.get_title()
    assert axes.get_legend() is None and overlapping(axes) == 0


def test_groups_and_given_axes(wv):
    parts = pyplot.figure().subfigures(1, 2)
    given = parts[0].subplots()
    axes = wv.plot({"some": ["word3", "word5", "word3"], "other": ["word7", "word2"]}, ax=given)
    assert axes is given
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["some", "other"]
    assert labels(axes) == ["word3", "word5", "word7", "word2"]
    assert len({text.get_color() for text in axes.texts if text.get_text()}) == 2


def test_neighbors(wv):
    axes = wv.plot_neighbors(["word3", "word5"], topn=4)
    wanted = {"word3", "word5"}
    for word in ("word3", "word5"):
        wanted |= {near for near, _ in wv.most_similar(word, topn=4)}
    assert set(labels(axes)) == wanted and len(labels(axes)) == len(wanted)
    bold = {text.get_text() for text in axes.texts if text.get_fontweight() == "bold"}
    assert bold == {"word3", "word5"}
    assert labels(wv.plot_neighbors("word3", topn=3))[0] == "word3"


def test_vectors_of_rank_less_than_two(wv):
    flat = KeyedVectors(["a", "b", "c"], [[1.0], [2], [-3]])
    assert labels(plots.plot(flat)) == ["a", "b", "c"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        zeros = KeyedVectors(["a", "b", "c"], np.zeros((3, 4)))
        assert labels(plots.plot(zeros)) == ["a", "b", "c"]
        assert plots.plot_similarities(zeros, ["a"]).images[0].get_array() == 0


@pytest.mark.parametrize(
    "words, error, message",
    [
        (["word1", "nowhere", "word2"], KeyError, "'nowhere' is not among the 90 words"),
        ([], ValueError, "0 different words; give 3 to 2,000"),
        (["word1", "word1", "word2"], ValueError, "2 different words"),
        ("word1 word2", TypeError, "give a list of words"),
        ({"group": "word1"}, TypeError, "give a list of words"),
    ],
)
def test_invalid_words(wv, words, error, message):
    with pytest.raises(error, match=message):
        wv.plot(words)


def test_unknown_words_are_errors_for_every_value_of_unknown(wv):
    zeros = KeyedVectors(wv.index_to_key, wv.vectors, unknown="zero")
    with pytest.raises(KeyError, match="nowhere"):
        zeros.plot(["word1", "nowhere", "word2"])


# ---- similarities and losses


def test_similarities(wv):
    axes = wv.plot_similarities(["word1", "word2"], ["word3", "word4", "word5"])
    shown = np.asarray(axes.images[0].get_array())
    wanted = [[wv.similarity(f"word{a}", f"word{b}") for b in (3, 4, 5)] for a in (1, 2)]
    assert shown == pytest.approx(np.array(wanted), abs=1e-6)
    assert [t.get_text() for t in axes.get_xticklabels()] == ["word3", "word4", "word5"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["word1", "word2"]
    assert float(labels(axes)[4].replace("−", "-")) == round(wanted[1][1], 2)
    with pytest.raises(ValueError, match="words is empty"):
        wv.plot_similarities([])
    with pytest.raises(ValueError, match="words is empty"):
        wv.plot_neighbors([])


class Fitted:
    loss_history_ = (2.5, 2.0, 1.75)
    validation_loss_history_ = (2.75, 2.25, 2.125)


def test_loss():
    axes = plots.plot_loss(Fitted())
    assert [line.get_label() for line in axes.lines] == ["training", "held out"]
    assert axes.lines[0].get_xydata().tolist() == [[1, 2.5], [2, 2.0], [3, 1.75]]
    axes = plots.plot_loss({"a": Fitted(), "b": Fitted()})
    assert [line.get_label() for line in axes.lines] == ["a", "a held out", "b", "b held out"]
    with pytest.raises(ValueError, match="no losses: call fit first"):
        plots.plot_loss(object())


def test_loss_of_a_model():
    from w2vext import Word2Vec

    model = Word2Vec(vector_size=4, min_count=1, epochs=3, workers=1).fit([["a", "b", "c"]] * 9)
    axes = plots.plot_loss(model)
    assert axes.lines[0].get_ydata().tolist() == list(model.loss_history_)
    assert axes.get_legend() is None


# ---- the command


@pytest.mark.parametrize(
    "options, start",
    [
        (["-o", "map.png"], b"\x89PNG"),
        (["-o", "map.svg", "--words", "word1", "word2", "word3"], b"<?xml"),
        (["-o", "near.pdf", "--neighbors", "word1", "--topn", "4"], b"%PDF"),
        (["-o", "heat.png", "--similarities", "word1", "word2", "--dpi", "50"], b"\x89PNG"),
    ],
)
def test_command(wv, tmp_path, monkeypatch, capsys, options, start):
    monkeypatch.chdir(tmp_path)
    wv.save("vectors.txt")
    assert main(["plot", "vectors.txt", *options]) == 0
    assert capsys.readouterr().out.startswith(options[1])
    assert (tmp_path / options[1]).read_bytes().startswith(start)
    assert {path.name for path in tmp_path.iterdir()} == {"vectors.txt", options[1]}


@pytest.mark.parametrize(
    "options, message",
    [
        (["-o", "map.txty"], "'txty' is not supported"),
        (["-o", "map"], "end the picture's name in .png"),
        (["-o", "nowhere/map.png"], "there is no folder"),
        (["-o", "vectors.txt"], "one of the inputs"),
        (["-o", "map.png", "--words", "word1", "mars"], "'mars': not among the 90 words"),
        (["-o", "map.png", "--words", "word1"], "give 3 to 2,000"),
    ],
)
def test_errors_of_the_command(wv, tmp_path, monkeypatch, capsys, options, message):
    monkeypatch.chdir(tmp_path)
    wv.save("vectors.txt")
    assert main(["plot", "vectors.txt", *options]) == 1
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.txt"]
