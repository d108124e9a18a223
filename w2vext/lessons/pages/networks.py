"""Lessons on a multi-layer network and on softmax with cross-entropy."""

from __future__ import annotations

import numpy as np

from w2vext import reference as ref
from w2vext.lessons.pages.lesson import Lesson, initial_values, one_to


def network(lr: float = 0.5) -> Lesson:
    """Lesson on one hidden layer with sigmoid units and squared error: K = 5, N = 3, M = 5."""
    x, t, w, w_out = np.eye(5)[1], np.eye(5)[3], initial_values(2, 5, 3), initial_values(3, 3, 5)
    net = ref.multilayer(x, w, w_out, t)
    new_w_out, new_w = w_out - lr * net.grad_w_out, w - lr * net.grad_w
    after = ref.multilayer(x, new_w, new_w_out, t)
    lesson = Lesson(
        "network",
        "The multi-layer network",
        "Document 002, section 3: K = 5, N = 3, M = 5",
        "A network with one hidden layer, sigmoid units and a squared error. Its gradients follow "
        "from the chain rule, one factor per step.",
    )
    k, n, m = one_to(5), one_to(3), one_to(5)
    for name, label, rows, cols in (
        ("x", "x", [""], k),
        ("W", "W", k, n),
        ("u", "u", [""], n),
        ("h", "h", [""], n),
        ("W2", "W'", n, m),
        ("u2", "u'", [""], m),
        ("y", "y", [""], m),
        ("t", "t", [""], m),
        ("E", "E", [""], [""]),
        ("e", r"\frac{\partial E}{\partial y}", [""], m),
        ("EI2", "E I'", [""], m),
        ("dW2", r"\frac{\partial E}{\partial W'}", n, m),
        ("dh", r"\frac{\partial E}{\partial h}", [""], n),
        ("EI", "E I", [""], n),
        ("dW", r"\frac{\partial E}{\partial W}", k, n),
        ("E2", r"E \text{ after the update}", [""], [""]),
    ):
        lesson.variable(name, label, rows, cols)
    add = lesson.step
    add("The input", "x", x, text="One-hot: the second of five inputs is 1.")
    add("The input weights", "W", w)
    add(
        "The net input of the hidden layer",
        "u",
        net.u,
        text="With a one-hot x, u is one row of W.",
        math=r"u_i = \sum_{k=1}^{K} x_k w_{k i}",
        op="dot",
        sources=[("x", 0, "*"), ("W", "*", "j")],
    )
    add(
        "The hidden units",
        "h",
        net.h,
        math=r"h_i = \sigma(u_i) = \frac{1}{1 + e^{- u_i}}",
        op="sigma",
        sources=[("u", 0, "j")],
    )
    add("The output weights", "W2", w_out)
    add(
        "The net input of the output layer",
        "u2",
        net.u_out,
        math=r"u'_j = \sum_{i=1}^{N} h_i w'_{i j}",
        op="dot",
        sources=[("h", 0, "*"), ("W2", "*", "j")],
    )
    add(
        "The output",
        "y",
        net.y,
        math=r"y_j = \sigma(u'_j)",
        op="sigma",
        sources=[("u2", 0, "j")],
    )
    add("The target", "t", t)
    add(
        "The error",
        "E",
        net.loss,
        math=r"E = ½ \sum_{j=1}^{M} (t_j - y_j)^2",
        op="square",
        sources=[("t", 0, "*"), ("y", 0, "*")],
    )
    add(
        "The derivative by the output",
        "e",
        net.e,
        math=r"\frac{\partial E}{\partial y_j} = y_j - t_j",
        op="minus",
        sources=[("y", 0, "j"), ("t", 0, "j")],
    )
    add(
        "The derivative by the net input of the output layer",
        "EI2",
        net.ei_out,
        text="The derivative of the sigmoid is y (1 - y). The document has y (y - t) in one place.",
        math=r"E I'_j = (y_j - t_j) y_j (1 - y_j)",
        op="slope",
        sources=[("e", 0, "j"), ("y", 0, "j")],
    )
    add(
        "The gradient of the output weights",
        "dW2",
        net.grad_w_out,
        math=r"\frac{\partial E}{\partial w'_{i j}} = h_i E I'_j",
        op="times",
        sources=[("h", 0, "i"), ("EI2", 0, "j")],
    )
    add(
        "The derivative by the hidden units",
        "dh",
        net.eh,
        text="Each hidden unit affects every output, so its derivative is a sum over the outputs.",
        math=r"\frac{\partial E}{\partial h_i} = \sum_{j=1}^{M} E I'_j w'_{i j}",
        op="dot",
        sources=[("EI2", 0, "*"), ("W2", "j", "*")],
    )
    add(
        "The derivative by the net input of the hidden layer",
        "EI",
        net.ei,
        math=r"E I_i = \frac{\partial E}{\partial h_i} h_i (1 - h_i)",
        op="slope",
        sources=[("dh", 0, "j"), ("h", 0, "j")],
    )
    add(
        "The gradient of the input weights",
        "dW",
        net.grad_w,
        text="Only the row of the input that is 1 is not zero.",
        math=r"\frac{\partial E}{\partial w_{k i}} = E I_i x_k",
        op="times",
        sources=[("x", 0, "i"), ("EI", 0, "j")],
    )
    lesson.update("Update the output weights", "W2", new_w_out, "dW2", "W'", lr)
    lesson.update("Update the input weights", "W", new_w, "dW", "W", lr)
    add(
        "The error after the update",
        "E2",
        after.loss,
        text=f"For the same input, E falls from {net.loss:.4f} to {after.loss:.4f}.",
        op="other",
        sources=[("W", "*", "*"), ("W2", "*", "*"), ("x", 0, "*"), ("t", 0, "*")],
    )
    return lesson


def softmax() -> Lesson:
    """Lesson on softmax and cross-entropy, and on why their gradient is y - t."""
    u, t = np.array([1.2, -0.4, 0.3, 2.1, -1.0]), np.eye(5)[0]
    y = ref.softmax(u)
    lesson = Lesson(
        "softmax",
        "Softmax with cross-entropy",
        "Document 002, section 4; 001, equations 1 to 3",
        "The softmax turns scores into a distribution, and the cross-entropy compares it with the "
        "true one. The gradient by the scores is the difference of the two.",
    )
    m = one_to(5)
    for name, label, rows in (
        ("u", "u", [""]),
        ("p", r"\exp(u - \text{max})", [""]),
        ("S", r"\text{sum}", None),
        ("y", "y", [""]),
        ("t", "t", [""]),
        ("E", "E", None),
        ("e", "e = y - t", [""]),
        ("n", r"\frac{\partial E}{\partial u} \text{ numerically}", [""]),
    ):
        lesson.variable(name, label, rows or [""], m if rows else [""])
    powers = np.exp(u - u.max())
    add = lesson.step
    add("The scores", "u", u, text="The outputs of the previous layer; they can be any numbers.")
    add(
        "Their exponentials",
        "p",
        powers,
        text="The largest score is subtracted first. This prevents overflow and cancels out below.",
        math=r"p_j = \exp(u_j - \text{max})",
        op="other",
        sources=[("u", 0, "*")],
    )
    add("Their sum", "S", powers.sum(), op="sum", sources=[("p", 0, "*")])
    add(
        "Softmax",
        "y",
        y,
        math=r"y_j = \frac{\exp(u_j)}{\sum_{i=1}^{V} \exp(u_i)}",
        op="divide",
        sources=[("p", 0, "j"), ("S", 0, 0)],
    )
    add("The true distribution", "t", t, text="One-hot: the first word is the correct one.")
    add(
        "Cross-entropy",
        "E",
        ref.cross_entropy(t, y),
        text="One term remains: E is minus the log of the probability of the correct word.",
        math=r"E = - \sum_j t_j \log y_j = - \log y_o",
        op="entropy",
        sources=[("t", 0, "*"), ("y", 0, "*")],
    )
    add(
        "Its gradient",
        "e",
        y - t,
        text="The predicted minus the true distribution.",
        math=r"\frac{\partial E}{\partial u_j} = y_j - t_j = e_j",
        op="minus",
        sources=[("y", 0, "j"), ("t", 0, "j")],
    )
    add(
        "The gradient, computed numerically",
        "n",
        ref.numerical_gradient(lambda a: ref.cross_entropy(t, ref.softmax(a)), u),
        text="Change each score by ±0.0001 and divide the change of E: the same numbers result.",
        math=r"\frac{E(u_j + h) - E(u_j - h)}{2 h}",
        op="other",
        sources=[("u", 0, "j"), ("e", 0, "j")],
    )
    return lesson
