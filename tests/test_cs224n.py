"""The numbers of CS224n's assignment 2 (document 001), from the same random streams."""

import random

import numpy as np
import pytest

from w2vext import reference as ref
from w2vext.course.draws import TreebankSource, draw_batch, draw_negatives, flat_start
from w2vext.datasets import load_sst

TOKENS = {token: id for id, token in enumerate("abcde")}


class Dummy:
    """The assignment's data set without data: five words, any of them anywhere."""

    def context(self, size):
        centre = random.randint(0, 4)
        return centre, [random.randint(0, 4) for _ in range(2 * size)]

    def negative(self):
        return random.randint(0, 4)


def batch_loss(x, negative):
    """The mean over 50 drawn windows of the loss and of its gradient; x holds w_in over w_out."""
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


# (centre, outside words), loss, centre gradient, outside gradient by rows a..e
SOFTMAX = [
    (
        ("c", "abedbc"),
        11.16610900153398,
        [-1.26947339, -1.36873189, 2.45158957],
        [
            [-0.41045956, 0.18834851, 1.43272264],
            [0.38202831, -0.17530219, -1.33348241],
            [0.07009355, -0.03216399, -0.24466386],
            [0.09472154, -0.04346509, -0.33062865],
            [-0.13638384, 0.06258276, 0.47605228],
        ],
    ),
    (
        ("b", "abedbc"),
        9.87714910003414,
        [-0.14586705, -1.34158321, -0.29291951],
        [
            [-0.30342672, 0.19808298, 0.19587419],
            [-0.41359958, 0.27000601, 0.26699522],
            [-0.08192272, 0.05348078, 0.05288442],
            [0.6981188, -0.4557458, -0.45066387],
            [0.10083022, -0.06582396, -0.06508997],
        ],
    ),
    (
        ("a", "abedbc"),
        10.810758628593335,
        [-1.1790274, -1.35861865, 1.53590492],
        [
            [-0.79603595, -0.0179609, 0.20776133],
            [1.40175316, 0.03162765, -0.36585044],
            [-0.19969126, -0.00450562, 0.0521184],
            [0.020256, 0.00045703, -0.00528671],
            [-0.42628195, -0.00961817, 0.11125742],
        ],
    ),
]
NEGATIVE = [
    (
        ("c", "ab"),
        16.15119285363322,
        [-4.54650789, -1.85942252, 0.76397441],
        [
            [-0.69148188, 0.31730185, 2.41364029],
            [-0.22716495, 0.10423969, 0.79292674],
            [-0.45528438, 0.20891737, 1.58918512],
            [-0.31602611, 0.14501561, 1.10309954],
            [-0.80620296, 0.36994417, 2.81407799],
        ],
    ),
    (
        ("c", "abca"),
        28.653567707668795,
        [-6.42994865, -2.16396482, -1.89240934],
        [
            [-0.80413277, 0.36899421, 2.80685192],
            [-0.9277269, 0.42570813, 3.23826131],
            [-0.7511534, 0.34468345, 2.62192569],
            [-0.94807832, 0.43504684, 3.30929863],
            [-1.12868414, 0.51792184, 3.93970919],
        ],
    ),
    (
        ("a", "abedbc"),
        60.648705494891914,
        [-17.89425315, -7.36940626, -1.23364121],
        [
            [-6.4780819, -0.14616449, 1.69074639],
            [-0.86337952, -0.01948037, 0.22533766],
            [-9.59525734, -0.21649709, 2.5043133],
            [-6.02261515, -0.13588783, 1.57187189],
            [-9.69010072, -0.21863704, 2.52906694],
        ],
    ),
]


@pytest.fixture(scope="module")
def run():
    """The assignment's own check, in its order, since the negatives depend on every draw before."""
    random.seed(31415)
    np.random.seed(9265)
    x = ref.normalize_rows(np.random.randn(10, 3))
    w_in, w_out = x[:5], x[5:]
    found = {"gradcheck softmax": ref.gradcheck(lambda a: batch_loss(a, 0), x)}
    for n, (call, *_) in enumerate(SOFTMAX):
        centre, outside = TOKENS[call[0]], [TOKENS[o] for o in call[1]]
        found["softmax", n] = ref.skipgram_window(centre, outside, w_in, w_out), centre
    found["gradcheck negative"] = ref.gradcheck(lambda a: batch_loss(a, 10), x)
    for n, (call, *_) in enumerate(NEGATIVE):
        centre, outside = TOKENS[call[0]], [TOKENS[o] for o in call[1]]
        negatives = [draw_negatives(Dummy(), o, 10) for o in outside]
        found["negative", n] = ref.skipgram_window(centre, outside, w_in, w_out, negatives), centre
    return found


@pytest.mark.parametrize("loss", ["softmax", "negative"])
def test_gradcheck_of_the_assignment(run, loss):
    assert run[f"gradcheck {loss}"] < 1e-8


@pytest.mark.parametrize(
    ("loss", "n"), [("softmax", n) for n in range(3)] + [("negative", n) for n in range(3)]
)
def test_assignment_row(run, loss, n):
    (got_loss, grad_in, grad_out), centre = run[loss, n]
    call, expected, centre_gradient, outside_gradient = (SOFTMAX, NEGATIVE)[loss == "negative"][n]
    assert centre == TOKENS[call[0]]
    assert got_loss == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(grad_in[centre], centre_gradient, rtol=0, atol=5.1e-9)
    assert not np.delete(grad_in, centre, axis=0).any()
    np.testing.assert_allclose(grad_out, outside_gradient, rtol=0, atol=5.1e-9)


@pytest.mark.parametrize(
    ("start", "end"), [(0.5, 8.414836786079764e-10), (0.0, 0.0), (-1.5, -2.524451035823933e-09)]
)
def test_optimiser_check(start, end):
    x = ref.sgd(lambda x: (np.sum(x**2), 2 * x), start, 0.01, 1000)
    assert float(x) == pytest.approx(end, rel=1e-12, abs=0)


@pytest.fixture(scope="module")
def source(data):
    random.seed(314)
    return TreebankSource(load_sst(data / "sst").sentences)


def test_treebank_vocabulary(source):
    assert len(source.words) == 19539 and sum(source.counts) == 227246
    assert source.words[-1] == "UNK" and source.counts[-1] == 1


def test_treebank_first_ten_costs(source):
    random.seed(31415)
    both, v = flat_start(len(source.words), 10), len(source.words)
    printed = []

    def advance(x, step, _):
        centres, targets = draw_batch(source)
        return ref.train_batch(x[:v], x[v:], centres, targets, step / 50) / 50

    ref.descend(advance, both, 0.3, 100, report=lambda i, cost: printed.append((i, f"{cost:.6f}")))
    costs = (
        "19.061546 19.114918 19.287617 19.352559 19.559119 "
        "19.717223 19.829304 19.829040 19.912663 19.847231"
    )
    assert printed == list(zip(range(10, 101, 10), costs.split(), strict=True))


def test_train_batch_is_the_gradient_of_the_batch():
    """The assignment's minibatch as one update, against the losses written out pair by pair."""
    rng = np.random.default_rng(21)
    x = rng.normal(size=(10, 3))
    random.seed(77)
    loss, gradient = batch_loss(x, 4)
    random.seed(77)
    centres, targets = draw_batch(Dummy(), negative=4)
    moved = x.copy()
    assert ref.train_batch(moved[:5], moved[5:], centres, targets, 0.3 / 50) / 50 == pytest.approx(
        loss, rel=1e-13
    )
    np.testing.assert_allclose(moved, x - 0.3 * gradient, rtol=1e-12)


# --- the draws ------------------------------------------------------------------------------------


def test_draws_follow_the_assignments_order():
    calls = []

    class Recorder(Dummy):
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


def test_source_counts_removes_and_keeps():
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


def test_source_refuses_text_without_windows():
    with pytest.raises(ValueError, match="1 distinct words"):
        TreebankSource([["a", "a"], ["a"]])
    lonely = TreebankSource([["a"], ["b"]], sample=1.0)
    with pytest.raises(ValueError, match="no window with an outside word"):
        lonely.context(2)
