"""Self-contained HTML pages that step through training and show every variable.

`w2vext.reference` computes the numbers, which are embedded as data. A page needs no server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext.plots.page import Page, as_json, filled, from_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Literal

    from w2vext import Word2Vec
    from w2vext.lessons.pages.lesson import Lesson

__all__ = ["Page", "explain", "explain_model"]


def _page_of(lessons: Iterable[Lesson]) -> Page:
    html = filled(
        "w2vext.lessons.pages",
        "page.html",
        CSS=from_files("w2vext.plots", "page.css") + from_files("w2vext.lessons.pages", "page.css"),
        JS=from_files("w2vext.lessons.pages", "page.js"),
        LESSONS=as_json([lesson.data() for lesson in lessons]),
    )
    return Page(html, "word2vec, step by step")


def explain(
    text: str | None = None,
    *,
    window: int = 2,
    dim: int = 4,
    loss: Literal["neg", "softmax"] = "neg",
    negative: int = 3,
    alpha: float = 0.2,
    seed: int = 0,
) -> Page:
    """Make the page of all lessons, starting with a lesson on `text` if it is given.

    Parameters
    ----------
    text : str, optional
        A sentence of at most 24 words, separated by white space. The parameters below apply to its
        lesson only.
    window : int
        Context words to each side, 1 to 5.
    dim : int
        Dimensions of the vectors, 1 to 8.
    loss : {"neg", "softmax"}
        Negative sampling or the full softmax.
    negative : int
        Negative samples per pair, fewer than the text has distinct words.
    alpha : float
        The learning rate.
    seed : int
        Seed of the initial vectors and of the negative samples.

    Returns
    -------
    Page
        Displayed inline by notebooks; `save(path)` writes it to a file.

    Raises
    ------
    ValueError
        The text has fewer than two distinct words, or an argument is out of range.

    Examples
    --------
    >>> explain("tea follows rain and snow", dim=2).save("explain.html")  # doctest: +SKIP
    """
    from w2vext.lessons.pages import networks, word_lessons

    own = []
    if text is not None:
        own.append(
            word_lessons.own_text(
                text, window=window, dim=dim, loss=loss, negative=negative, alpha=alpha, seed=seed
            )
        )
    return _page_of(
        [
            *own,
            networks.network(),
            networks.softmax(),
            word_lessons.skipgram_example(),
            word_lessons.ned_stark(),
            word_lessons.updated_rows(),
        ]
    )


def explain_model(model: Word2Vec, sentence: str | Sequence[Any]) -> Page:
    """Make the page of one more training pass of a fitted model over a sentence.

    Parameters
    ----------
    model : Word2Vec
        A fitted skip-gram model with loss "neg" or "softmax", without subwords and without
        `global_context`.
    sentence : str or sequence of words
        2 to 24 words of the vocabulary. Other words are left out.

    Returns
    -------
    Page
        Displayed inline by notebooks; `save(path)` writes it to a file.

    Raises
    ------
    ValueError
        The model has another architecture or loss, subwords or a `global_context`, or the sentence
        has fewer than two distinct known words.
    """
    from w2vext.lessons.pages import word_lessons

    return _page_of([word_lessons.model_text(model, sentence)])
