"""Training as steps of a lesson: every window of a text, or every pair of words.

The examples of the documents and the lessons on a given text share these steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext import reference as ref
from w2vext.lessons.pages.lesson import one_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from w2vext._arguments.types import Float64
    from w2vext.lessons.pages.lesson import Lesson


def skipgram(
    tokens: Sequence[Any], window: int, w: Float64, w_prime: Float64, lr: float, lesson: Lesson
) -> Lesson:
    """Add the steps of skip-gram with the naive softmax over every window, as in document 002."""
    words = list(dict.fromkeys(tokens))
    v, n = len(words), w.shape[1]
    dims = one_to(n)
    widest = max(len(around) for _, around in windows(tokens, window))
    for name, label, rows, cols in (
        ("x", "x", [""], words),
        ("W", "W", words, dims),
        ("h", "h", [""], dims),
        ("W2", "W'", dims, words),
        ("u", "u", [""], words),
        ("y", "y", [""], words),
        ("t", "t", [f"c = {c}" for c in one_to(widest)], words),
        ("e", "e", [f"c = {c}" for c in one_to(widest)], words),
        ("E", "E", [""], [""]),
        ("EI", "E I", [""], words),
        ("dW2", r"\frac{\partial E}{\partial W'}", dims, words),
        ("dh", r"\frac{\partial E}{\partial h}", [""], dims),
        ("dW", r"\frac{\partial E}{\partial W}", words, dims),
    ):
        lesson.variable(name, label, rows, cols)
    add = lesson.step
    add("The input vectors", "W", w, text="One row per word: the word vectors.")
    add("The output vectors", "W2", w_prime, text="One column per word.")
    for pos, around in windows(tokens, window):
        centre, context = words.index(tokens[pos]), [words.index(tokens[at]) for at in around]
        x, t = np.eye(v)[centre], np.zeros((widest, v))
        t[range(len(context)), context] = 1
        h = w[centre]
        u = h @ w_prime
        y = ref.softmax(u)
        e = np.zeros((widest, v))
        e[: len(context)] = y - t[: len(context)]
        loss, grad_in, grad_out = ref.skipgram_window(centre, context, w, w_prime.T)
        context_words = ", ".join(tokens[at] for at in around)
        add(
            f"Centre {tokens[pos]}, context {context_words}",
            "x",
            x,
            text="The one-hot vector of the centre.",
            clear=["h", "u", "y", "t", "e", "E", "EI", "dW2", "dh", "dW"],
        )
        add(
            "Its input vector",
            "h",
            h,
            text="A one-hot vector times W is one row of W.",
            math=r"h_i = \sum_{k=1}^{V} x_k w_{k i}",
            op="dot",
            sources=[("x", 0, "*"), ("W", "*", "j")],
        )
        add(
            "A score for every word",
            "u",
            u,
            math=r"u_j = \sum_{i=1}^{N} h_i w'_{i j}",
            op="dot",
            sources=[("h", 0, "*"), ("W2", "*", "j")],
        )
        add(
            "A probability for every word",
            "y",
            y,
            math=r"y_j = \frac{\exp(u_j)}{\sum_{k=1}^{V} \exp(u_k)}",
            op="softmax",
            sources=[("u", 0, "j"), ("u", 0, "*")],
        )
        add("The context words", "t", t, text="One row per context word c, one-hot.")
        add(
            "The errors",
            "e",
            e,
            text="The same y predicts every context word.",
            math=r"e_{c, j} = y_j - t_{c, j}",
            op="minus",
            sources=[("y", 0, "j"), ("t", "i", "j")],
            rows=len(context),
        )
        add(
            "The loss",
            "E",
            loss,
            math=r"E = - \sum_{c=1}^{C} u_{c} + C \log \sum_{j=1}^{V} \exp(u_j)",
            op="other",
            sources=[("t", "*", "*"), ("u", 0, "*")],
        )
        add(
            "The sum of the errors",
            "EI",
            e.sum(axis=0),
            math=r"E I_j = \sum_{c=1}^{C} e_{c, j}",
            op="sum",
            sources=[("e", "*", "j")],
        )
        add(
            "The gradient of the output vectors",
            "dW2",
            grad_out.T,
            math=r"\frac{\partial E}{\partial w'_{i j}} = E I_j h_i",
            op="times",
            sources=[("EI", 0, "j"), ("h", 0, "i")],
        )
        add(
            "The gradient of h",
            "dh",
            grad_in[centre],
            math=r"\frac{\partial E}{\partial h_i} = \sum_{j=1}^{V} E I_j w'_{i j}",
            op="dot",
            sources=[("EI", 0, "*"), ("W2", "j", "*")],
        )
        add(
            "The gradient of the input vectors",
            "dW",
            grad_in,
            text="Only the row of the centre is not zero.",
            math=r"\frac{\partial E}{\partial W} = x \otimes (W' E I^{\top})",
            op="times",
            sources=[("x", 0, "i"), ("dh", 0, "j")],
        )
        w, w_prime = w - lr * grad_in, w_prime - lr * grad_out.T
        lesson.update("Update the output vectors", "W2", w_prime, "dW2", "W'", lr)
        lesson.update("Update the input vectors", "W", w, "dW", "W", lr)
    return lesson


def windows(tokens: Sequence[Any], window: int) -> Iterator[tuple[int, list[int]]]:
    """Yield (position of the centre, positions of its context words) for every window."""
    for pos in range(len(tokens)):
        around = [
            at
            for at in range(max(0, pos - window), min(len(tokens), pos + window + 1))
            if at != pos
        ]
        if around:
            yield pos, around


def negative_sampling(
    words: Sequence[Any],
    pairs: Sequence[tuple[Any, Any, Sequence[Any]]],
    w_in: Float64,
    w_out: Float64,
    lr: float,
    lesson: Lesson,
) -> Lesson:
    """Add the steps of negative sampling for pairs of (centre, positive word, negatives)."""
    dims = one_to(w_in.shape[1])
    slot_count = 1 + max(len(negatives) for _, _, negatives in pairs)
    slots = ["positive", *(f"negative {k}" for k in range(1, slot_count))]
    for name, label, names, cols in (
        ("Win", r"W_{\text{input}}", words, dims),
        ("h", "h", [""], dims),
        ("Wout", r"W_{\text{output}}", words, dims),
        ("s", r"c_j \cdot h", slots, [""]),
        ("p", r"\sigma(c_j \cdot h)", slots, [""]),
        ("t", "t_j", slots, [""]),
        ("e", r"\sigma(c_j \cdot h) - t_j", slots, [""]),
        ("J", "J", [""], [""]),
        ("dh", r"\frac{\partial J}{\partial h}", [""], dims),
        ("dWout", r"\frac{\partial J}{\partial W_{\text{output}}}", words, dims),
    ):
        lesson.variable(name, label, names, cols)
    add = lesson.step
    add("The input vectors", "Win", w_in, text="One row per word.")
    add("The output vectors", "Wout", w_out, text="One row per word.")
    for centre, positive, negatives in pairs:
        rows = [words.index(word) for word in (positive, *negatives)]
        at = words.index(centre)
        n = len(rows)
        h = w_in[at]
        t, score = np.zeros((slot_count, 1)), np.zeros((slot_count, 1))
        t[0] = 1
        score[:n, 0] = w_out[rows] @ h
        p = ref.sigmoid(score)
        p[n:] = 0
        loss, grad_h, grad_out = ref.negative_sampling(h, rows[0], rows[1:], w_out)
        note = f"{positive}; negatives: {', '.join(negatives)}"
        row_of = [("Wout", row, "*") for row in rows]
        add(
            f"{centre} with {note}",
            "h",
            h,
            text=f"The input vector of {centre}.",
            op="copy",
            sources=[("Win", at, "j")],
            clear=["s", "p", "t", "e", "J", "dh", "dWout"],
        )
        add(
            "The scores",
            "s",
            score,
            math=r"c_j \cdot h",
            op="dot",
            sources=[("h", 0, "*"), ("Wout", "rows", "*")],
            map=rows,
            rows=n,
        )
        add(
            "The probabilities",
            "p",
            p,
            math=r"\sigma(c_j \cdot h) = \frac{1}{1 + e^{- c_j \cdot h}}",
            op="sigma",
            sources=[("s", "i", 0)],
            rows=n,
        )
        add("The labels", "t", t, text="1 for the positive word, 0 for the negatives.", rows=n)
        add(
            "The errors",
            "e",
            np.where(np.arange(slot_count)[:, None] < n, p - t, 0),
            math=r"\sigma(c_j \cdot h) - t_j",
            op="minus",
            sources=[("p", "i", 0), ("t", "i", 0)],
            rows=n,
        )
        add(
            "The loss",
            "J",
            loss,
            math=r"J = - \log \sigma(c_{\text{pos}} \cdot h)"
            r" - \sum_{k=1}^{K} \log \sigma(- c_k \cdot h)",
            op="other",
            sources=[("s", "*", 0)],
        )
        add(
            "The gradient of the input vector",
            "dh",
            grad_h,
            math=r"\frac{\partial J}{\partial h} = \sum_j (\sigma(c_j \cdot h) - t_j) c_j",
            op="mix",
            sources=[("e", "*", 0), *[(name, row, "j") for name, row, _ in row_of]],
        )
        add(
            "The gradient of the output vectors",
            "dWout",
            grad_out,
            text=f"{len(set(rows))} of {len(words)} rows. The other rows are not computed.",
            math=r"\frac{\partial J}{\partial c_j} = (\sigma(c_j \cdot h) - t_j) h",
            op="outer",
            sources=[("e", "slot", 0), ("h", 0, "j")],
            map=rows,
        )
        new_in, new_out = w_in.copy(), w_out - lr * grad_out
        new_in[at] -= lr * grad_h
        add(
            "Update the output vectors",
            "Wout",
            new_out,
            text=f"The learning rate is {lr}.",
            math=r"c_j \leftarrow c_j - \eta \frac{\partial J}{\partial c_j}",
            op="update",
            lr=lr,
            sources=[("Wout", "i", "j"), ("dWout", "i", "j")],
        )
        add(
            f"Update the input vector of {centre}",
            "Win",
            new_in,
            math=r"w \leftarrow w - \eta \frac{\partial J}{\partial h}",
            op="update",
            lr=lr,
            sources=[("Win", "i", "j"), ("dh", "own", "j")],
            own=at,
        )
        w_in, w_out = new_in, new_out
    return lesson
