"""The numbers that the source documents print, to their printed digits.

Printed with three decimals, a number must lie within half a unit of the last one. Every number of
document 004 does. The documents' mistakes are in their words and formulas, and each that touches a
number is shown here: the right formula passes the gradient check, the printed one fails it.
"""

import numpy as np
import pytest

from w2vext import reference as ref
from w2vext.pages import documents as doc

HALF_UNIT = 0.0005 + 1e-9


def printed(text):
    return np.array([[float(n) for n in row.split()] for row in text.strip().split("\n")])


def assert_printed(got, text):
    expected = printed(text)
    np.testing.assert_allclose(np.reshape(got, expected.shape), expected, rtol=0, atol=HALF_UNIT)


def ned(pair, w_in, w_out):
    """One pair of document 004's example, with everything that its figures show."""
    positive, negatives = doc.NED_PAIRS[pair]
    centre = doc.NED_TOKENS.index(doc.NED_CENTRE)
    rows = [doc.NED_TOKENS.index(word) for word in (positive, *negatives)]
    h = w_in[centre].copy()
    score = w_out[rows] @ h
    _, grad_h, grad_out = ref.negative_sampling(h, rows[0], rows[1:], w_out)
    new_in, new_out = w_in.copy(), w_out.copy()
    ref.train_inputs_pair(new_in, new_out, [centre], [rows], [[1, 0, 0, 0]], doc.NED_STEP)
    return {
        "h": h,
        "score": score,
        "sigmoid": ref.sigmoid(score),
        "error": ref.sigmoid(score) - [1, 0, 0, 0],
        "grad_in": grad_h,
        "grad_out": grad_out[rows],
        "new_in": new_in[centre],
        "new_out": new_out[rows],
        "matrices": (new_in, new_out),
        "still": np.flatnonzero(~(new_out != w_out).any(axis=1)),
    }


@pytest.fixture(scope="module")
def first():
    return ned(0, doc.NED_W_IN, doc.NED_W_OUT)


@pytest.fixture(scope="module")
def second(first):
    return ned(1, *first["matrices"])


FIRST = [
    ("h", "-0.018 0.404 -0.317"),  # figure 10
    ("error", "-0.376 0.553 0.534 0.467"),  # figure 14
    ("grad_in", "-0.932 0.319 0.655"),  # figure 15
    (
        "grad_out",  # figure 14
        "0.007 -0.152 0.119\n-0.010 0.223 -0.175\n-0.010 0.216 -0.169\n-0.008 0.189 -0.148",
    ),
    ("new_in", "0.029 0.388 -0.350"),  # figure 15
    (
        "new_out",  # figure 16
        "0.116 0.731 -0.695\n-0.940 0.590 0.155\n-0.622 0.800 0.648\n-0.077 -0.384 -0.049",
    ),
]
SECOND = [
    ("h", "0.029 0.388 -0.350"),  # figure 17
    ("score", "0.157 -0.102 -0.539 -0.055"),  # figure 18
    ("sigmoid", "0.539 0.475 0.368 0.486"),  # figure 18
    ("error", "-0.461 0.475 0.368 0.486"),  # figure 19
    ("grad_in", "-0.843 -0.148 0.756"),
    (
        "grad_out",  # figure 21
        "-0.013 -0.179 0.161\n0.014 0.184 -0.166\n0.011 0.143 -0.129\n0.014 0.189 -0.170",
    ),
    ("new_in", "0.071 0.395 -0.388"),
    (
        "new_out",
        "0.744 -0.385 -0.832\n-0.029 -0.253 0.026\n-0.412 -0.900 0.524\n-0.692 0.227 0.372",
    ),
]


@pytest.mark.parametrize(("name", "text"), FIRST, ids=[name for name, _ in FIRST])
def test_ned_stark(first, name, text):
    assert_printed(first[name], text)


@pytest.mark.parametrize(("name", "text"), SECOND, ids=[name for name, _ in SECOND])
def test_ned_is(second, name, text):
    assert_printed(second[name], text)


def test_ned_moves_four_output_rows_a_pair(first, second):
    assert len(first["still"]) == len(second["still"]) == len(doc.NED_TOKENS) - 4


def test_ned_document_carries_unrounded_numbers():
    """From its own printed matrices two of figure 18's scores would read -0.540 and -0.056."""
    first = ned(0, doc.NED_W_IN, doc.NED_W_OUT)
    again = ned(1, *(np.round(matrix, 3) for matrix in first["matrices"]))
    assert np.round(again["score"], 3).tolist() == [0.157, -0.102, -0.540, -0.056]


def test_eleven_rows_full_softmax_touches_all():
    new = doc.ELEVEN_W_OUT - doc.ELEVEN_STEP * doc.ELEVEN_GRAD_SOFTMAX
    assert (new != doc.ELEVEN_W_OUT).any(axis=1).sum() == 11
    assert_printed(
        new,
        """
        -0.563 0.336 0.161
        -0.915 -0.441 1.557
        -1.213 -0.134 -1.322
        1.669 -0.154 -1.034
        1.721 -1.463 0.726
        0.005 1.394 -0.125
        -0.056 1.524 -0.786
        0.798 1.854 -1.667
        -1.368 1.324 -0.481
        0.673 1.985 -1.852
        -1.524 -1.743 -1.864
        """,
    )


def test_eleven_rows_negative_sampling_touches_four():
    new = doc.ELEVEN_W_OUT.copy()
    new[doc.ELEVEN_ROWS] -= doc.ELEVEN_STEP * doc.ELEVEN_GRAD_NEGATIVE
    assert (new != doc.ELEVEN_W_OUT).any(axis=1).sum() == 4
    assert_printed(
        new[doc.ELEVEN_ROWS],
        "0.798 1.849 -1.672\n-1.366 1.318 -0.477\n0.667 1.985 -1.847\n-1.523 -1.744 -1.858",
    )


def test_lecture_weight_counts():
    """10,000 words in 300 dimensions: 3,000,000 weights, of which K + 1 rows move a step."""
    w_out = np.zeros((10_000, 300))
    assert w_out.size == 3_000_000
    grad = ref.negative_sampling(np.ones(300), 17, [4, 9, 99, 5, 8], w_out)[2]
    assert np.count_nonzero(grad) == 300 * (5 + 1)


# --- document 003: the loss over C context words --------------------------------------------------


def test_document_003_loss_and_gradients():
    rng = np.random.default_rng(31)
    h, w_out, context = rng.normal(size=3), rng.normal(size=(6, 3)), [5, 2, 5, 0]
    u = w_out @ h
    loss, grad_h, grad_out = ref.skipgram_matrix(h, context, w_out)
    assert loss == pytest.approx(-sum(u[j] for j in context) + 4 * np.log(np.exp(u).sum()))
    t = np.bincount(context, minlength=6)
    e = 4 * ref.softmax(u) - t
    np.testing.assert_allclose(grad_out, np.outer(e, h), rtol=1e-12)
    np.testing.assert_allclose(grad_h, w_out.T @ e, rtol=1e-12)


# --- document 002: the network and skip-gram, every variable --------------------------------------


def test_document_002_network_shapes_and_chain():
    rng = np.random.default_rng(32)
    x, w, w_out, t = np.eye(5)[1], rng.normal(size=(5, 3)), rng.normal(size=(3, 5)), np.eye(5)[3]
    net = ref.multilayer(x, w, w_out, t)
    for j in range(5):
        assert net.ei_out[j] == pytest.approx((net.y[j] - t[j]) * net.y[j] * (1 - net.y[j]))
        for i in range(3):
            assert net.grad_w_out[i, j] == pytest.approx(net.ei_out[j] * net.h[i])
    for i in range(3):
        ei = sum(net.ei_out[j] * w_out[i, j] for j in range(5)) * net.h[i] * (1 - net.h[i])
        assert net.ei[i] == pytest.approx(ei)
        for k in range(5):
            assert net.grad_w[k, i] == pytest.approx(ei * x[k])


def test_document_002_skipgram_by_elements():
    """V = 5, N = 3: EI_j = Σ_c e_cj, ∂E/∂w'_ij = EI_j h_i, ∂E/∂w_ki = Σ_j EI_j w'_ij x_k."""
    rng = np.random.default_rng(33)
    w, w_prime, centre, context = rng.normal(size=(5, 3)), rng.normal(size=(3, 5)), 2, [1, 3]
    x = np.eye(5)[centre]
    h = x @ w
    y = ref.softmax(h @ w_prime)
    ei = sum(y - np.eye(5)[c] for c in context)
    loss, grad_in, grad_out = ref.skipgram_window(centre, context, w, w_prime.T)
    assert loss == pytest.approx(sum(ref.cross_entropy(np.eye(5)[c], y) for c in context))
    np.testing.assert_allclose(grad_out.T, np.outer(h, ei), rtol=1e-12)
    np.testing.assert_allclose(grad_in, np.outer(x, w_prime @ ei), rtol=1e-12)


# --- what the documents themselves got wrong ------------------------------------------------------


def worst(printed_gradient, f, x):
    return ref.gradcheck(lambda a: (f(a), printed_gradient(a)), x)


def test_erratum_000_derivative_of_the_sigmoid():
    """000 (d) begins with e^x / (1 + e^-x); e^-x / (1 + e^-x)² is right."""
    x, f = np.array([0.5, -1.0, 2.0]), lambda a: ref.sigmoid(a).sum()
    assert worst(lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2, f, x) < 1e-8
    assert worst(lambda a: np.exp(a) / (1 + np.exp(-a)), f, x) > 0.1


def test_erratum_001_derivative_of_sigmoid_of_minus_x():
    """001 (d), by hand: ∂σ(-x)/∂x = σ(-x)(1 - σ(-x)) lacks its minus; σ(x) + σ(1 - x) is not 1."""
    x, f = np.array([0.5, -1.0, 2.0]), lambda a: ref.sigmoid(-a).sum()
    assert worst(lambda a: -ref.sigmoid_derivative(ref.sigmoid(-a)), f, x) < 1e-8
    assert worst(lambda a: ref.sigmoid_derivative(ref.sigmoid(-a)), f, x) > 0.1
    assert abs(ref.sigmoid(0.3) + ref.sigmoid(1 - 0.3) - 1) > 0.1


def test_erratum_002_derivative_of_an_output_unit():
    """002, section 3, prints ∂y/∂u' = y (y - t); y (1 - y) is right, and used further down."""
    u, t = np.array([0.4, -0.7]), np.array([1.0, 0.0])
    assert worst(
        lambda a: ref.sigmoid(a) * (1 - ref.sigmoid(a)), lambda a: ref.sigmoid(a).sum(), u
    ) < (1e-8)
    assert worst(
        lambda a: ref.sigmoid(a) * (ref.sigmoid(a) - t), lambda a: ref.sigmoid(a).sum(), u
    ) > (0.1)


def test_erratum_003_factor_of_the_context_size():
    """003 ends with ∂E/∂u_j = y_j - t_j; over C context words it is C y_j - t_j."""
    u, context = np.array([0.3, -0.5, 1.2, 0.0]), [1, 3]
    t = np.bincount(context, minlength=4)

    def loss(a):
        return -a[context].sum() + 2 * np.log(np.exp(a).sum())

    assert worst(lambda a: 2 * ref.softmax(a) - t, loss, u) < 1e-8
    assert worst(lambda a: ref.softmax(a) - t, loss, u) > 0.1


def test_erratum_004_equation_25_lacks_h():
    """004, equation 25, moves c_neg by η σ(c_neg·h), a number; its equation 23 has the h."""
    h, c = np.array([-0.018, 0.404, -0.317]), np.array([-0.94, 0.601, 0.146])

    def f(a):
        return -ref.log_sigmoid(-(a @ h))

    assert worst(lambda a: ref.sigmoid(a @ h) * h, f, c) < 1e-8
    assert worst(lambda a: ref.sigmoid(a @ h) * np.ones(3), f, c) > 0.1
