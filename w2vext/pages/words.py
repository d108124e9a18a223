"""The lessons over words: skip-gram, negative sampling, rows that move, the reader's own text."""

import numpy as np

from w2vext.pages import documents as doc
from w2vext.pages.lessons import Lesson, numbers, small
from w2vext.pages.rounds import negative, skipgram, windows

MOST_WORDS, MOST_DIMENSIONS, MOST_WINDOW = 24, 8, 5
SENTENCE = "tea follows rain and snow"


def skipgram_example(step=0.2):
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


def ned_stark():
    """(d) Document 004's example, both pairs."""
    lesson = Lesson(
        "negative",
        "Negative sampling",
        "Document 004, figures 10 to 21: d = 3, K = 3, step 0.05",
        "Ned has two words beside him. Each pair is told apart from three words that were drawn at "
        "random, and only those rows move.",
    )
    pairs = [(doc.NED_CENTRE, positive, drawn) for positive, drawn in doc.NED_PAIRS]
    return negative(doc.NED_TOKENS, pairs, doc.NED_W_IN, doc.NED_W_OUT, doc.NED_STEP, lesson)


def rows_that_move():
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


def own_text(text, *, window=2, dim=4, loss="neg", negative_words=3, step=0.2, seed=0):
    """(f) The reader's own sentence, every window of it.

    Raises
    ------
    ValueError
        Nothing to learn from it, or more than a page can show.
    """
    tokens = text.split()
    known = list(dict.fromkeys(tokens))
    for name, value, least, most in (
        ("window", window, 1, MOST_WINDOW),
        ("dim", dim, 1, MOST_DIMENSIONS),
    ):
        if not least <= value <= most:
            raise ValueError(f"{name}={value}: a page shows {least} to {most}")
    if loss not in ("neg", "softmax"):
        raise ValueError(f"loss={loss!r}: choose 'neg' or 'softmax'")
    if not tokens or len(tokens) > MOST_WORDS:
        raise ValueError(f"text has {len(tokens)} words: a page shows 2 to {MOST_WORDS}")
    if len(known) < 2:
        raise ValueError(f"text holds one word alone, {known[0]!r}: nothing stands beside it")
    if loss == "neg" and not 1 <= negative_words < len(known):
        raise ValueError(
            f"negative={negative_words}: {len(known)} distinct words leave 1 to {len(known) - 1} "
            "to draw beside a positive one; give less, or more text"
        )
    rng = np.random.default_rng(seed)
    w_in, w_out = (np.round(rng.uniform(-1, 1, (len(known), dim)), 2) for _ in range(2))
    lesson = Lesson(
        "own",
        "Your own text",
        f"“{text}”: window {window}, {dim} dimensions, loss {loss}",
        "Start values are drawn with two decimals; every window of the text is one round.",
    )
    if loss == "softmax":
        return skipgram(tokens, window, w_in, w_out.T, step, lesson)
    pairs = []
    for pos, around in windows(tokens, window):
        for at in around:
            others = [word for word in known if word != tokens[at]]
            drawn = rng.choice(len(others), negative_words, replace=False)
            pairs.append((tokens[pos], tokens[at], [others[k] for k in drawn]))
    return negative(known, pairs, w_in, w_out, step, lesson)
