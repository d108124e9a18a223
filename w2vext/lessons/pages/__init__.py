"""Self-contained pages that step through training with every variable visible.

The numbers come from `w2vext.reference` and are embedded as data; a page needs no server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext._page import Page, as_json, filled, from_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Literal

    from w2vext import Trainer
    from w2vext.lessons.pages.lesson import Lesson

__all__ = ["Page", "explain", "explain_model"]


def _lessons(lessons: Iterable[Lesson]) -> Page:
    html = filled(
        "w2vext.lessons.pages",
        "page.html",
        CSS=from_files("w2vext", "_page.css") + from_files("w2vext.lessons.pages", "page.css"),
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
    step: float = 0.2,
    seed: int = 0,
) -> Page:
    """The page of all lessons, with the reader's own sentence first where `text` gives one.

    Parameters
    ----------
    text : str, optional
        Words between white space, at most 24.
    window : int
        1 to 5 words to each side.
    dim : int
        1 to 8 dimensions.
    loss : {"neg", "softmax"}
    negative : int
        Words drawn beside each pair, fewer than the text has distinct ones.
    step : float
    seed : int
        Of the start values and of what is drawn.

    Returns
    -------
    Page
        A notebook shows it; `save(path)` writes it.

    Raises
    ------
    ValueError
        The text has no two words side by side, or a number is out of range.

    Examples
    --------
    >>> explain("tea follows rain and snow", dim=2).save("explain.html")  # doctest: +SKIP
    """
    from w2vext.lessons.pages import networks, word_lessons

    own = []
    if text is not None:
        own.append(
            word_lessons.own_text(
                text, window=window, dim=dim, loss=loss, negative=negative, step=step, seed=seed
            )
        )
    return _lessons(
        [
            *own,
            networks.network(),
            networks.softmax(),
            word_lessons.skipgram_example(),
            word_lessons.ned_stark(),
            word_lessons.rows_that_move(),
        ]
    )


def explain_model(model: Trainer, sentence: str | Sequence[Any]) -> Page:
    """The page of one more round of training on a sentence, from where a fitted model stands.

    Parameters
    ----------
    model : Word2Vec
        Skip-gram with loss "neg" or "softmax".
    sentence : str or sequence of words
        Words that the model does not know are left out.

    Returns
    -------
    Page

    Raises
    ------
    ValueError
        The model's loss is not shown, or the sentence leaves nothing to show.
    """
    from w2vext.lessons.pages import word_lessons

    return _lessons([word_lessons.model_text(model, sentence)])
