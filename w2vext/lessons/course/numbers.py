"""Recomputes every number that is printed in the source documents, and compares the two.

`w2vext.reference` computes the numbers; the compiled engine also computes those of the long
treebank run. Two numbers agree if they differ by at most half a unit of the last printed digit.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext import reference as ref
from w2vext.lessons.course import printed
from w2vext.lessons.course.draws import draw_batch, draw_negatives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from numpy.typing import ArrayLike

    from w2vext._arguments.types import Float64
    from w2vext.datasets import Treebank

_TOKENS = "abcde"


class Number(NamedTuple):
    """A printed number or row of numbers, and the computed one."""

    what: str
    expected: str
    obtained: str
    agrees: bool


def table(
    treebank: Treebank | None = None,
    iterations: int = 40_000,
    progress: Callable[[int, float], object] | None = None,
) -> list[Number]:
    """Compute all numbers.

    Parameters
    ----------
    treebank : datasets.Treebank, optional
        None leaves out the numbers of the treebank run.
    iterations : int
        Length of the treebank run. Costs at later iterations are left out.
    progress : callable, optional
        Called as progress(iteration, smoothed cost) during the treebank run.

    Returns
    -------
    list of Number
    """
    found = [*assignment(), *optimiser(), *ned_stark(), *eleven_rows()]
    if treebank is not None:
        found += treebank_run(treebank.sentences, iterations, progress)
    return found


# ---- document 001: the check of the assignment


class Dummy:
    """The dummy data set of the assignment: five words, drawn uniformly."""

    def context(self, size: int) -> tuple[int, list[int]]:
        centre = random.randint(0, 4)
        return centre, [random.randint(0, 4) for _ in range(2 * size)]

    def negative(self) -> int:
        return random.randint(0, 4)


def batch_loss(x: Float64, negative: int) -> tuple[float, Float64]:
    """Mean loss and gradient over 50 drawn windows; x is w_in stacked on w_out."""
    w_in, w_out = x[:5], x[5:]
    total, grad = 0.0, np.zeros_like(x)
    for centre, (target, *negatives) in zip(*draw_batch(Dummy(), negative=negative), strict=True):
        if negative:
            loss, grad_h, grad_out = ref.negative_sampling(w_in[centre], target, negatives, w_out)
        else:
            loss, grad_h, grad_out = ref.naive_softmax(w_in[centre], target, w_out)
        total += loss
        grad[centre] += grad_h
        grad[5:] += grad_out
    return total / 50, grad / 50


def assignment() -> Iterator[Number]:
    """The checks in their original order, since the negatives depend on all earlier draws."""
    random.seed(31415)
    x = ref.normalize_rows(np.random.RandomState(9265).randn(10, 3))
    w_in, w_out = x[:5], x[5:]
    for name, calls, negative in (
        ("softmax", printed.SOFTMAX, 0),
        ("negative sampling", printed.NEGATIVE, 10),
    ):
        worst = ref.gradcheck(partial(batch_loss, negative=negative), x)
        yield Number(f"{name}: gradient check", "at most 1e-5", f"{worst:.1e}", worst <= 1e-5)
        for (centre, outside), loss, gradient, gradients in calls:
            ids = [_TOKENS.index(word) for word in outside]
            drawn = [draw_negatives(Dummy(), word, negative) for word in ids] if negative else None
            row = _TOKENS.index(centre)
            got = ref.skipgram_window(row, ids, w_in, w_out, drawn)
            what = f"{name} ({centre}; {' '.join(outside)})"
            yield _exactly(f"{what}: loss", loss, got[0], 1e-14)
            yield _row(f"{what}: centre", gradient, got[1][row])
            for token, line, vector in zip(_TOKENS, _lines(gradients), got[2], strict=True):
                yield _row(f"{what}: outside {token}", line, vector)


def optimiser() -> Iterator[Number]:
    """Gradient descent on x² for 1,000 iterations."""
    for start, end in printed.OPTIMISER.items():
        x = ref.sgd(lambda x: (np.sum(x**2), 2 * x), start, 0.01, 1000)
        yield _exactly(f"optimiser from {start:g}", end, float(x), 1e-12)


# ---- document 004: Ned Stark, and eleven rows


def pair_of_ned(
    pair: int, w_in: Float64, w_out: Float64
) -> tuple[dict[str, Float64], Float64, Float64]:
    """One pair of the example: the values in its figures by name, and the updated matrices."""
    from w2vext.lessons.pages import document_data as doc

    positive, negatives = doc.NED_PAIRS[pair]
    centre = doc.NED_TOKENS.index(doc.NED_CENTRE)
    rows = [doc.NED_TOKENS.index(word) for word in (positive, *negatives)]
    h, labels = w_in[centre].copy(), [1, 0, 0, 0]
    scores = w_out[rows] @ h
    _, grad_h, grad_out = ref.negative_sampling(h, rows[0], rows[1:], w_out)
    new_in, new_out = w_in.copy(), w_out.copy()
    ref.train_inputs_pair(new_in, new_out, [centre], [rows], [labels], doc.NED_LEARNING_RATE)
    shown = {
        "input vector": h,
        "scores": scores,
        "probabilities": ref.sigmoid(scores),
        "errors": ref.sigmoid(scores) - labels,
        "input gradient": grad_h,
        "output gradients": grad_out[rows],
        "new input vector": new_in[centre],
        "new output vectors": new_out[rows],
    }
    return shown, new_in, new_out


def ned_stark() -> Iterator[Number]:
    """Both pairs; the second starts from the unrounded matrices of the first."""
    from w2vext.lessons.pages import document_data as doc

    w_in, w_out = doc.NED_W_IN, doc.NED_W_OUT
    for pair, expected in enumerate(printed.NED):
        positive, negatives = doc.NED_PAIRS[pair]
        shown, w_in, w_out = pair_of_ned(pair, w_in, w_out)
        for name, text in expected.items():
            lines = _lines(text)
            words = (positive, *negatives) if len(lines) > 1 else ("",)
            for word, line, got in zip(words, lines, np.atleast_2d(shown[name]), strict=True):
                yield _row(f"(Ned, {positive}): {name} {word}".rstrip(), line, got)


def eleven_rows() -> Iterator[Number]:
    """The 11 × 3 output matrix after a step of each loss, and the number of rows that change."""
    from w2vext.lessons.pages import document_data as doc

    old = doc.ELEVEN_W_OUT
    softmax = old - doc.ELEVEN_LEARNING_RATE * doc.ELEVEN_GRAD_SOFTMAX
    negative = old.copy()
    negative[doc.ELEVEN_ROWS] -= doc.ELEVEN_LEARNING_RATE * doc.ELEVEN_GRAD_NEGATIVE
    for name, new, count, rows, text in (
        ("softmax", softmax, 11, range(11), printed.ELEVEN_SOFTMAX),
        ("negative sampling", negative, 4, doc.ELEVEN_ROWS, printed.ELEVEN_NEGATIVE),
    ):
        yield _whole(f"11 rows, {name}: rows changed", count, (new != old).any(axis=1).sum())
        for row, line in zip(rows, _lines(text), strict=True):
            yield _row(f"11 rows, {name}: row {row + 1}", line, new[row])


# ---- document 001: the treebank


def treebank_run(
    sentences: Sequence[Sequence[str]],
    iterations: int = 40_000,
    progress: Callable[[int, float], object] | None = None,
) -> Iterator[Number]:
    """Runs with the draws of the assignment: 100 iterations by NumPy, and all compiled."""
    from w2vext.lessons.course import treebank

    short = min(100, iterations)
    textbook = treebank.train(sentences, engine="numpy", draws="assignment", iterations=short)
    yield _whole("treebank: words in the vocabulary", printed.VOCABULARY, len(textbook.words))
    yield _whole("treebank: words", printed.WORDS, 1 + sum(map(len, sentences)))
    yield from _costs("numpy", textbook.costs)
    compiled = treebank.train(
        sentences, draws="assignment", iterations=iterations, progress=progress
    )
    yield from _costs("compiled", compiled.costs)


def _costs(engine: str, costs: Iterable[tuple[int, float]]) -> Iterator[Number]:
    ours = dict(costs)
    for iteration, text in printed.COSTS.items():
        if iteration in ours:
            yield _row(f"smoothed cost, {engine}, {iteration:,}", text, [ours[iteration]])


# ---- comparison


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")]


def _row(what: str, text: str, got: ArrayLike) -> Number:
    """Compare numbers with a printed row, to as many decimals as the row has."""
    fields = text.split()
    decimals = len(fields[0].partition(".")[2])
    expected, values = np.array(fields, np.float64), np.asarray(got, np.float64)
    near = np.abs(values - expected) <= 0.5 * 10.0**-decimals * (1 + 1e-6)
    shown = [f"{value:.{decimals}f}" for value in values]
    # A value half-way between two last digits may be rounded either way: show one more digit.
    for at in np.flatnonzero(near):
        if float(shown[at]) != expected[at]:
            shown[at] = f"{values[at]:.{decimals + 1}f}"
    return Number(what, text, " ".join(shown), bool(near.all()))


def _exactly(what: str, expected: float, got: float, relative: float) -> Number:
    agrees = abs(got - expected) <= relative * abs(expected)
    return Number(what, repr(float(expected)), repr(float(got)), bool(agrees))


def _whole(what: str, expected: int, got: Any) -> Number:
    return Number(what, f"{expected:,}", f"{int(got):,}", int(got) == expected)
