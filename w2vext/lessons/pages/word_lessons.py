"""Lessons on words: skip-gram, negative sampling, which rows a loss updates, and a given text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import shown
from w2vext.lessons.pages import document_data as doc
from w2vext.lessons.pages.lesson import Lesson, initial_values, one_to
from w2vext.lessons.pages.training_steps import negative_sampling, skipgram, windows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext import Word2Vec

MAX_WORDS, MAX_DIMENSIONS, MAX_WINDOW, MAX_ALPHA = 24, 8, 5, 100.0
SENTENCE = "tea follows rain and snow"


def skipgram_example(lr: float = 0.2) -> Lesson:
    """Lesson on skip-gram with V = 5, N = 3, window 1."""
    tokens = SENTENCE.split()
    lesson = Lesson(
        "skipgram",
        "Skip-gram",
        "Document 002, section 6; 003: V = 5, N = 3, window 1",
        f"Each word of “{SENTENCE}” predicts its neighbours. The steps show every variable of the "
        "five windows.",
    )
    return skipgram(tokens, 1, initial_values(4, 5, 3), initial_values(5, 3, 5), lr, lesson)


def ned_stark() -> Lesson:
    """Lesson on negative sampling: both pairs of the example in document 004."""
    lesson = Lesson(
        "negative",
        "Negative sampling",
        "Document 004, figures 10 to 21: d = 3, K = 3, learning rate 0.05",
        "“Ned” has two context words. For each of the two pairs three negatives are drawn at "
        "random, and only the rows of these words change.",
    )
    pairs = [(doc.NED_CENTRE, positive, drawn) for positive, drawn in doc.NED_PAIRS]
    return negative_sampling(
        doc.NED_TOKENS, pairs, doc.NED_W_IN, doc.NED_W_OUT, doc.NED_LEARNING_RATE, lesson
    )


def updated_rows() -> Lesson:
    """Lesson on which of 11 rows the full softmax and negative sampling update."""
    lesson = Lesson(
        "rows",
        "Which rows change",
        "Document 004, “Vanilla Skip-Gram” and “Negative Sampling”: 11 words, d = 3",
        "A step of each loss on the same output vectors, with learning rate 0.05. The softmax "
        "changes every row, negative sampling K + 1 rows.",
    )
    rows, dims = one_to(11), one_to(3)
    gradient = np.zeros((11, 3))
    gradient[doc.ELEVEN_ROWS] = doc.ELEVEN_GRAD_NEGATIVE
    for name, label in (
        ("W", r"W_{\text{output}}"),
        ("G1", r"\text{gradient, softmax}"),
        ("W1", r"\text{new, softmax}"),
        ("G2", r"\text{gradient, negative sampling}"),
        ("W2", r"\text{new, negative sampling}"),
    ):
        lesson.variable(name, label, rows, dims)
    lesson.variable(
        "N", r"\text{numbers that change}", ["softmax", "negative"], ["here", "V 10,000"]
    )
    add, lr = lesson.step, doc.ELEVEN_LEARNING_RATE
    add("The output vectors", "W", doc.ELEVEN_W_OUT, text="Eleven words in three dimensions.")
    for name, grad, new, title, text in (
        ("G1", doc.ELEVEN_GRAD_SOFTMAX, "W1", "the full softmax", "All 11 rows change."),
        (
            "G2",
            gradient,
            "W2",
            "negative sampling",
            "Row 8 is the positive word, rows 9 to 11 are the negatives.",
        ),
    ):
        add(f"The gradient of {title}", name, grad, text="As printed in the document.")
        add(
            f"After a step of {title}",
            new,
            doc.ELEVEN_W_OUT - lr * grad,
            text=text,
            math=r"W \leftarrow W - \eta \frac{\partial J}{\partial W}",
            op="update",
            lr=lr,
            sources=[("W", "i", "j"), (name, "i", "j")],
        )
    add(
        "The cost of a step",
        "N",
        [[11 * 3, 10_000 * 300], [4 * 3, 6 * 300]],
        text="With 10,000 words, 300 dimensions and K = 5, the softmax changes 3,000,000 numbers "
        "per pair, negative sampling 1,800.",
        digits=0,
    )
    return lesson


def own_text(
    text: str,
    *,
    window: int = 2,
    dim: int = 4,
    loss: str = "neg",
    negative: int = 3,
    alpha: float = 0.2,
    seed: int = 0,
) -> Lesson:
    """Lesson on every window of a given text; the initial values have two decimals.

    Raises
    ------
    ValueError
        The text has fewer than two distinct words, or a value exceeds what a page can show.
    """
    for name, value, most in (("window", window, MAX_WINDOW), ("dim", dim, MAX_DIMENSIONS)):
        if not 1 <= value <= most:
            raise ValueError(f"{name}={value}: choose 1 to {most}")
    if loss not in ("neg", "softmax"):
        raise ValueError(f"loss={shown(loss)}: choose 'neg' or 'softmax'")
    if not 0 < alpha <= MAX_ALPHA:
        raise ValueError(f"alpha={alpha}: choose a number above 0, at most {MAX_ALPHA:g}")
    tokens = text.split()
    known = distinct_words(tokens)
    rng = np.random.default_rng(seed)
    w_in, w_out = (np.round(rng.uniform(-1, 1, (len(known), dim)), 2) for _ in range(2))
    lesson = Lesson(
        "own",
        "Your text",
        f"“{text}”: window {window}, {dim} dimensions, loss {loss}",
        "The initial values are random, with two decimals. The steps go through every window.",
    )
    if loss == "softmax":
        return skipgram(tokens, window, w_in, w_out.T, alpha, lesson)
    pairs = drawn_pairs(tokens, known, window, negative, rng)
    return negative_sampling(known, pairs, w_in, w_out, alpha, lesson)


def model_text(model: Word2Vec, sentence: str | Sequence[Any]) -> Lesson:
    """Lesson on one more pass over a sentence, starting from the vectors of a fitted model."""
    if model.architecture != "skipgram" or model.loss not in ("neg", "softmax"):
        raise ValueError(
            f"architecture={model.architecture!r}, loss={model.loss!r}: give a skip-gram model "
            "with loss 'neg' or 'softmax'"
        )
    if model.max_n:
        raise ValueError(f"max_n={model.max_n}: give a model without subwords (max_n=0)")
    if model.global_context is not None:
        raise ValueError(
            f"global_context={model.global_context!r}: give a model without it, because the page "
            "shows windows only"
        )
    tokens = sentence.split() if isinstance(sentence, str) else list(sentence)
    row = model.wv.key_to_index
    tokens = [token for token in tokens if token in row]
    known = distinct_words(tokens)
    rows = [row[token] for token in known]
    w_in, w_out = (
        np.asarray(matrix, dtype=np.float64)[rows]
        for matrix in (model.vectors_, model.output_vectors_)
    )
    names, known = [str(token) for token in tokens], [str(token) for token in known]
    window, negative = min(model.window, MAX_WINDOW), min(model.negative, len(known) - 1)
    lesson = Lesson(
        "model",
        "Your model",
        f"“{' '.join(names)}”: window {window}, {w_in.shape[1]} dimensions, loss {model.loss}",
        "One more training pass from the current vectors of the model, as if the vocabulary were "
        "the words of this sentence.",
    )
    lr = model.alpha_
    if model.loss == "softmax":
        return skipgram(names, window, w_in, w_out.T, lr, lesson)
    pairs = drawn_pairs(names, known, window, negative, np.random.default_rng(0))
    return negative_sampling(known, pairs, w_in, w_out, lr, lesson)


def distinct_words(tokens: Sequence[Any]) -> list[Any]:
    """The distinct words in order of first occurrence; raise if a page cannot show them."""
    known = list(dict.fromkeys(tokens))
    if not tokens or len(tokens) > MAX_WORDS:
        raise ValueError(f"the text has {len(tokens)} known words: give 2 to {MAX_WORDS}")
    if len(known) < 2:
        raise ValueError(f"the text has one distinct word, {shown(known[0])}: give at least two")
    return known


def drawn_pairs(
    tokens: Sequence[Any],
    known: Sequence[Any],
    window: int,
    negative: int,
    rng: np.random.Generator,
) -> list[tuple[Any, Any, list[Any]]]:
    """(centre, positive, negatives) for every pair of every window."""
    if not 1 <= negative < len(known):
        raise ValueError(
            f"negative={negative}: choose 1 to {len(known) - 1}, since the text has {len(known)} "
            "distinct words"
        )
    pairs = []
    for pos, around in windows(tokens, window):
        for at in around:
            others = [word for word in known if word != tokens[at]]
            drawn = rng.choice(len(others), negative, replace=False)
            pairs.append((tokens[pos], tokens[at], [others[k] for k in drawn]))
    return pairs
