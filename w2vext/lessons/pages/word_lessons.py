"""The lessons over words: skip-gram, negative sampling, rows that move, the reader's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.lessons.pages import document_data as doc
from w2vext.lessons.pages.lesson import Lesson, numbers, small
from w2vext.lessons.pages.training_steps import negative_sampling, skipgram, windows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext import Trainer

MOST_WORDS, MOST_DIMENSIONS, MOST_WINDOW, MOST_STEP = 24, 8, 5, 100.0
SENTENCE = "tea follows rain and snow"


def skipgram_example(step: float = 0.2) -> Lesson:
    """(c) Skip-gram with V = 5, N = 3, window 1."""
    tokens = SENTENCE.split()
    lesson = Lesson(
        "skipgram",
        "Skip-gram",
        "Document 002, section 6; 003: V = 5, N = 3, window 1",
        f"Each word of “{SENTENCE}” predicts the words beside it. Every variable of the "
        "five windows, one after the other.",
    )
    return skipgram(tokens, 1, small(4, 5, 3), small(5, 3, 5), step, lesson)


def ned_stark() -> Lesson:
    """(d) Document 004's example, both pairs."""
    lesson = Lesson(
        "negative",
        "Negative sampling",
        "Document 004, figures 10 to 21: d = 3, K = 3, step 0.05",
        "Ned has two words beside him. Each pair is told apart from three words that were drawn at "
        "random, and only those rows move.",
    )
    pairs = [(doc.NED_CENTRE, positive, drawn) for positive, drawn in doc.NED_PAIRS]
    return negative_sampling(
        doc.NED_TOKENS, pairs, doc.NED_W_IN, doc.NED_W_OUT, doc.NED_STEP, lesson
    )


def rows_that_move() -> Lesson:
    """(e) Full softmax against negative sampling: which of 11 rows move."""
    lesson = Lesson(
        "rows",
        "Which rows move",
        "Document 004, “Vanilla Skip-Gram” and “Negative Sampling”: 11 words, d = 3, step 0.05",
        "The same output vectors under both losses. The softmax has a say in every row, negative "
        "sampling in K + 1 of them.",
    )
    rows, dims = numbers(11), numbers(3)
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
    lesson.variable("N", r"\text{numbers that move}", ["softmax", "negative"], ["here", "V 10,000"])
    add, step = lesson.step, doc.ELEVEN_STEP
    add("The output vectors", "W", doc.ELEVEN_W_OUT, text="Eleven words in three dimensions.")
    for name, grad, new, title, text in (
        ("G1", doc.ELEVEN_GRAD_SOFTMAX, "W1", "the full softmax", "All 11 rows move."),
        (
            "G2",
            gradient,
            "W2",
            "negative sampling",
            "Row 8 is the positive word, 9 to 11 were drawn.",
        ),
    ):
        add(f"The gradient of {title}", name, grad, text="As the document gives it.")
        add(
            f"After a step of {title}",
            new,
            doc.ELEVEN_W_OUT - step * grad,
            text=text,
            math=r"W \leftarrow W - \eta \frac{\partial J}{\partial W}",
            op="update",
            lr=step,
            sources=[("W", "i", "j"), (name, "i", "j")],
        )
    add(
        "What it costs",
        "N",
        [[11 * 3, 10_000 * 300], [4 * 3, 6 * 300]],
        text="With 10,000 words in 300 dimensions and K = 5, the softmax moves 3,000,000 numbers "
        "for one pair, negative sampling 1,800.",
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
    step: float = 0.2,
    seed: int = 0,
) -> Lesson:
    """(f) The reader's own sentence, every window of it, from start values with two decimals.

    Raises
    ------
    ValueError
        Nothing to learn from it, or more than a page can show.
    """
    for name, value, most in (("window", window, MOST_WINDOW), ("dim", dim, MOST_DIMENSIONS)):
        if not 1 <= value <= most:
            raise ValueError(f"{name}={value}: a page shows 1 to {most}")
    if loss not in ("neg", "softmax"):
        raise ValueError(f"loss={loss!r}: choose 'neg' or 'softmax'")
    if not 0 < step <= MOST_STEP:
        raise ValueError(f"step={step}: give a step above 0, at most {MOST_STEP:g}")
    tokens = text.split()
    known = shown_words(tokens)
    rng = np.random.default_rng(seed)
    start = [np.round(rng.uniform(-1, 1, (len(known), dim)), 2) for _ in range(2)]
    lesson = Lesson(
        "own",
        "Your own text",
        f"“{text}”: window {window}, {dim} dimensions, loss {loss}",
        "Start values are drawn with two decimals; every window of the text is one round.",
    )
    if loss == "softmax":
        return skipgram(tokens, window, start[0], start[1].T, step, lesson)
    pairs = drawn_pairs(tokens, known, window, negative, rng)
    return negative_sampling(known, pairs, start[0], start[1], step, lesson)


def model_text(model: Trainer, sentence: str | Sequence[Any]) -> Lesson:
    """One more round over a sentence, from the vectors of a fitted model."""
    if model.architecture != "skipgram" or model.loss not in ("neg", "softmax"):
        raise ValueError(
            f"architecture={model.architecture!r}, loss={model.loss!r}: the page shows skip-gram "
            "with loss 'neg' or 'softmax'"
        )
    tokens = sentence.split() if isinstance(sentence, str) else list(sentence)
    row = model.wv.key_to_index
    tokens = [token for token in tokens if token in row]
    known = shown_words(tokens)
    rows = [row[token] for token in known]
    w_in, w_out = (
        np.asarray(matrix, dtype=np.float64)[rows]
        for matrix in (model.vectors_, model.context_vectors_)
    )
    names, known = [str(token) for token in tokens], [str(token) for token in known]
    window, negative = min(model.window, MOST_WINDOW), min(model.negative, len(known) - 1)
    lesson = Lesson(
        "model",
        "Your model",
        f"“{' '.join(names)}”: window {window}, {w_in.shape[1]} dimensions, loss {model.loss}",
        "One more round of training from where the model stands, as if the words of this sentence "
        "were all the words there are.",
    )
    step = 0.025 if model.alpha is None else model.alpha  # skip-gram's own
    if model.loss == "softmax":
        return skipgram(names, window, w_in, w_out.T, step, lesson)
    pairs = drawn_pairs(names, known, window, negative, np.random.default_rng(0))
    return negative_sampling(known, pairs, w_in, w_out, step, lesson)


def shown_words(tokens: Sequence[Any]) -> list[Any]:
    """The distinct words in order of first occurrence, if a page can show them."""
    known = list(dict.fromkeys(tokens))
    if not tokens or len(tokens) > MOST_WORDS:
        raise ValueError(f"the text has {len(tokens)} known words: a page shows 2 to {MOST_WORDS}")
    if len(known) < 2:
        raise ValueError(f"the text holds one word alone, {known[0]!r}: nothing stands beside it")
    return known


def drawn_pairs(
    tokens: Sequence[Any],
    known: Sequence[Any],
    window: int,
    negative: int,
    rng: np.random.Generator,
) -> list[tuple[Any, Any, list[Any]]]:
    """(centre, positive, words drawn beside it) for every pair of every window."""
    if not 1 <= negative < len(known):
        raise ValueError(
            f"negative={negative}: {len(known)} distinct words leave 1 to {len(known) - 1} to draw "
            "beside a positive one; give less, or more text"
        )
    pairs = []
    for pos, around in windows(tokens, window):
        for at in around:
            others = [word for word in known if word != tokens[at]]
            drawn = rng.choice(len(others), negative, replace=False)
            pairs.append((tokens[pos], tokens[at], [others[k] for k in drawn]))
    return pairs
