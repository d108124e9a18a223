"""The numbers of CS224n assignment 2 (document 001), from the same random streams."""

import random

import numpy as np
import pytest

from w2vext import reference as ref
from w2vext.cli import main as command
from w2vext.datasets import load_sst
from w2vext.lessons.course import numbers, printed
from w2vext.lessons.course.draws import TreebankSource, draw_batch

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def check():
    return {number.what: number for number in numbers.assignment()}


@pytest.mark.parametrize("loss", ["softmax", "negative sampling"])
def test_gradcheck_of_the_assignment(check, loss):
    assert float(check[f"{loss}: gradient check"].obtained) < 1e-8


@pytest.mark.parametrize(
    ("loss", "call", "outside"),
    [
        (loss, f"{loss} ({centre}; {' '.join(outside)})", text)
        for loss, calls in (
            ("softmax", printed.SOFTMAX),
            ("negative sampling", printed.NEGATIVE),
        )
        for (centre, outside), _, _, text in calls
    ],
)
def test_assignment_row(check, loss, call, outside):
    """The loss agrees to 1e-14, each vector of the gradients to eight decimals."""
    of_call = [check[what] for what in check if what.startswith(f"{call}: ")]
    assert len(of_call) == 1 + 1 + 5
    assert [number.expected for number in of_call[2:]] == [
        line.strip() for line in outside.strip().split("\n")
    ]
    assert [number for number in of_call if not number.agrees] == []


def test_only_the_centre_vector_has_an_input_gradient():
    rng = np.random.default_rng(5)
    w_in, w_out = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    for negatives in (None, [[1, 3], [2, 2]]):
        grad_in = ref.skipgram_window(2, [0, 4], w_in, w_out, negatives)[1]
        assert np.flatnonzero(grad_in.any(axis=1)).tolist() == [2]


def test_optimiser_check():
    assert [number for number in numbers.optimiser() if not number.agrees] == []


def test_treebank_numbers_to_iteration_100(data):
    found = list(numbers.treebank_run(load_sst(data / "sst").sentences, 100))
    assert len(found) == 2 + 10 + 10
    assert [number for number in found if not number.agrees] == []


def test_treebank_vocabulary(data):
    source = TreebankSource(load_sst(data / "sst").sentences)
    assert len(source.words) == 19539 and sum(source.counts) == 227246
    assert source.words[-1] == "UNK" and source.counts[-1] == 1


def test_table_is_printed(capsys):
    assert command(["course", "numbers"]) == 0
    output = capsys.readouterr().out
    assert "optimiser from 0.5" in output and "8.414836786079764e-10" in output
    assert "-1.524 -1.743 -1.864" in output and "-1.524 -1.7425 -1.864" in output  # a tie
    assert "90 of 90 rows agree" in output and "course numbers DATA" in output


def test_a_number_that_differs_is_marked(capsys, monkeypatch):
    monkeypatch.setitem(printed.NED[1], "scores", "0.157 -0.102 -0.540 -0.055")
    assert command(["course", "numbers"]) == 1
    output = capsys.readouterr().out
    assert [line for line in output.splitlines() if "DIFFERS" in line] == [
        line for line in output.splitlines() if "(Ned, is): scores" in line
    ]
    assert "89 of 90 rows agree" in output


@pytest.mark.parametrize(
    ("text", "got", "agrees", "obtained"),
    [
        ("0.157 -0.102", [0.15749, -0.1024], True, "0.157 -0.102"),
        ("0.157", [0.1575], True, "0.1575"),
        ("0.157", [0.15751], False, "0.158"),
        ("0.157 1.000", [0.157, 0.9994], False, "0.157 0.999"),
    ],
)
def test_tolerance_is_half_a_unit_of_the_last_digit(text, got, agrees, obtained):
    number = numbers._row("x", text, got)
    assert (number.agrees, number.obtained) == (agrees, obtained)


def test_train_batch_is_the_gradient_of_the_batch():
    """A minibatch step equals a gradient step on the sum of the pair losses."""
    rng = np.random.default_rng(21)
    x = rng.normal(size=(10, 3))
    random.seed(77)
    loss, gradient = numbers.batch_loss(x, 4)
    random.seed(77)
    centres, targets = draw_batch(numbers.Dummy(), negative=4)
    moved = x.copy()
    assert ref.train_batch(moved[:5], moved[5:], centres, targets, 0.3 / 50) / 50 == pytest.approx(
        loss, rel=1e-13
    )
    np.testing.assert_allclose(moved, x - 0.3 * gradient, rtol=1e-12)


# --- the draws ------------------------------------------------------------------------------------


def test_draws_follow_the_order_of_the_assignment():
    calls = []

    class Recorder(numbers.Dummy):
        def context(self, size):
            calls.append(("context", size))
            return 3, [1, 4]

        def negative(self):
            calls.append("negative")
            return len(calls) % 5

    random.seed(6)
    centres, targets = draw_batch(Recorder(), size=1, window=5, negative=2)
    assert calls[0][0] == "context" and calls[1:].count("negative") >= 4
    assert centres.tolist() == [3, 3] and targets[:, 0].tolist() == [1, 4]
    assert all(row[0] not in row[1:] for row in targets.tolist())


def test_source_counts_words_and_draws_negatives_by_frequency():
    text = [["b", "a", "b"], ["c", "b"], ["a"]]
    source = TreebankSource(text, sample=1.0, copies=2, slots=1000)
    assert source.words == ["b", "a", "c", "UNK"] and source.counts == [3, 2, 1, 1]
    random.seed(2)
    for _ in range(200):
        centre, outside = source.context(1)
        assert outside and centre not in outside
    drawn = np.bincount([source.negative() for _ in range(4000)], minlength=4) / 4000
    power = np.array([3, 2, 1, 1]) ** 0.75
    np.testing.assert_allclose(drawn, power / power.sum(), atol=0.03)


def test_source_raises_without_windows():
    with pytest.raises(ValueError, match="has 1 distinct words"):
        TreebankSource([["a", "a"], ["a"]])
    lonely = TreebankSource([["a"], ["b"]], sample=1.0)
    with pytest.raises(ValueError, match="no window contains an outside word"):
        lonely.context(2)
