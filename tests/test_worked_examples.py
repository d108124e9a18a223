"""The numbers that the source documents print, to the last printed digit.

A number printed with three decimals must differ by at most half a unit of the last one, which holds
for every number of document 004. The errors of the documents are in their words and formulas. For
each one that affects a number, a test shows that the corrected formula passes the gradient check
and the printed one fails it.
"""

import numpy as np
import pytest

from w2vext import reference as ref
from w2vext.lessons.course import numbers, printed
from w2vext.lessons.pages import document_data as doc


def test_every_figure_of_ned_stark():
    found = list(numbers.ned_stark())
    assert len(found) == sum(
        len(text.strip().split("\n")) for pair in printed.NED for text in pair.values()
    )
    assert [number for number in found if not number.agrees] == []


def test_each_pair_of_ned_updates_four_output_rows():
    w_in, w_out = doc.NED_W_IN, doc.NED_W_OUT
    for pair in (0, 1):
        _, new_in, new_out = numbers.pair_of_ned(pair, w_in, w_out)
        assert (new_out != w_out).any(axis=1).sum() == 4
        assert np.flatnonzero((new_in != w_in).any(axis=1)).tolist() == [4]
        w_in, w_out = new_in, new_out


def test_document_004_uses_unrounded_values():
    """From the printed matrices, two scores of figure 18 would be -0.540 and -0.056."""
    _, *matrices = numbers.pair_of_ned(0, doc.NED_W_IN, doc.NED_W_OUT)
    shown, _, _ = numbers.pair_of_ned(1, *(np.round(matrix, 3) for matrix in matrices))
    assert np.round(shown["scores"], 3).tolist() == [0.157, -0.102, -0.540, -0.056]


def test_eleven_rows():
    found = list(numbers.eleven_rows())
    assert [number.obtained for number in found if "changed" in number.what] == ["11", "4"]
    assert len(found) == 2 + 11 + 4
    assert [number for number in found if not number.agrees] == []


def test_lecture_weight_counts():
    """10,000 words in 300 dimensions are 3,000,000 weights; a step updates K + 1 rows."""
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


# --- errors in the documents ----------------------------------------------------------------------


def worst(printed_gradient, f, x):
    return ref.gradcheck(lambda a: (f(a), printed_gradient(a)), x)


def test_erratum_000_derivative_of_the_sigmoid():
    """000 (d) begins with e^x / (1 + e^-x); correct is e^-x / (1 + e^-x)²."""
    x, f = np.array([0.5, -1.0, 2.0]), lambda a: ref.sigmoid(a).sum()
    assert worst(lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2, f, x) < 1e-8
    assert worst(lambda a: np.exp(a) / (1 + np.exp(-a)), f, x) > 0.1


def test_erratum_001_derivative_of_sigmoid_of_minus_x():
    """001 (d), handwritten: ∂σ(-x)/∂x lacks a minus sign, and σ(x) + σ(1 - x) is not 1."""
    x, f = np.array([0.5, -1.0, 2.0]), lambda a: ref.sigmoid(-a).sum()
    assert worst(lambda a: -ref.sigmoid_derivative(ref.sigmoid(-a)), f, x) < 1e-8
    assert worst(lambda a: ref.sigmoid_derivative(ref.sigmoid(-a)), f, x) > 0.1
    assert abs(ref.sigmoid(0.3) + ref.sigmoid(1 - 0.3) - 1) > 0.1


def test_erratum_002_derivative_of_an_output_unit():
    """002, section 3, prints ∂y/∂u' = y (y - t); correct, and used later, is y (1 - y)."""
    u, t = np.array([0.4, -0.7]), np.array([1.0, 0.0])
    assert worst(
        lambda a: ref.sigmoid(a) * (1 - ref.sigmoid(a)), lambda a: ref.sigmoid(a).sum(), u
    ) < (1e-8)
    assert worst(
        lambda a: ref.sigmoid(a) * (ref.sigmoid(a) - t), lambda a: ref.sigmoid(a).sum(), u
    ) > (0.1)


def test_erratum_003_factor_of_the_context_size():
    """003 ends with ∂E/∂u_j = y_j - t_j; for C context words it is C y_j - t_j."""
    u, context = np.array([0.3, -0.5, 1.2, 0.0]), [1, 3]
    t = np.bincount(context, minlength=4)

    def loss(a):
        return -a[context].sum() + 2 * np.log(np.exp(a).sum())

    assert worst(lambda a: 2 * ref.softmax(a) - t, loss, u) < 1e-8
    assert worst(lambda a: ref.softmax(a) - t, loss, u) > 0.1


def test_erratum_004_equation_25_lacks_h():
    """004, equation 25, updates c_neg by η σ(c_neg·h), a scalar; equation 23 has the factor h."""
    h, c = np.array([-0.018, 0.404, -0.317]), np.array([-0.94, 0.601, 0.146])

    def f(a):
        return -ref.log_sigmoid(-(a @ h))

    assert worst(lambda a: ref.sigmoid(a @ h) * h, f, c) < 1e-8
    assert worst(lambda a: ref.sigmoid(a @ h) * np.ones(3), f, c) > 0.1
