"""Self-contained pages: one steps through training, every variable visible; one explores vectors.

The numbers come from `w2vext.reference` or from the vectors and are embedded as data; a page asks
no server for anything. Refuses what a page has no room for: texts too long to be followed by eye,
vocabularies over 20,000 words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext.pages.page import Page, as_json, filled, from_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Literal

    from w2vext import KeyedVectors, Trainer
    from w2vext.pages.lessons import Lesson

__all__ = ["Page", "explain", "explain_model", "explore"]


def _lessons(lessons: Iterable[Lesson]) -> Page:
    html = filled(
        "page.html",
        CSS=from_files("style.css", "page.css"),
        JS=from_files("page.js"),
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
    from w2vext.pages import lessons, words

    own = []
    if text is not None:
        own.append(
            words.own_text(
                text, window=window, dim=dim, loss=loss, negative=negative, step=step, seed=seed
            )
        )
    return _lessons(
        [
            *own,
            lessons.network(),
            lessons.softmax(),
            words.skipgram_example(),
            words.ned_stark(),
            words.rows_that_move(),
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
    from w2vext.pages import words

    return _lessons([words.model_text(model, sentence)])


def explore(
    wv: KeyedVectors,
    *,
    words: int = 20_000,
    map: Literal["pca", "tsne"] = "pca",
    title: str = "Word vectors",
    random_state: int = 0,
) -> Page:
    """The page on which one explores vectors: search, neighbours, analogies, a map.

    Parameters
    ----------
    wv : KeyedVectors
    words : int, default=20000
        The most frequent so many, at most 20,000; without counts, the first rows.
    map : {"pca", "tsne"}
        What places the words: principal components, in a second, or t-SNE, which keeps neighbours
        together and takes minutes for thousands of words.
    title : str
    random_state : int
        Of t-SNE.

    Returns
    -------
    Page
        A notebook shows it; `save(path)` writes it. The vectors are kept as 8-bit numbers, so
        cosines may differ from the exact ones in the third digit.

    Raises
    ------
    ValueError
        `words` or `map` is out of range, or there is no word.
    ImportError
        plotly is missing: ``pip install 'w2vext[pages]'``.
    """
    from w2vext.pages import explorer

    return explorer.page(wv, words, map, title, random_state)
