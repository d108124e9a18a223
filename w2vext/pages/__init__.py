"""One self-contained page that steps through training, every variable visible.

The numbers come from `w2vext.reference` and are embedded as data; the page asks no server for
anything. It refuses texts that are too long to be followed by eye.
"""

import json
import os
from html import escape
from importlib.resources import files
from pathlib import Path

__all__ = ["Page", "explain", "explain_model"]


class Page:
    """A page: shown inline in a notebook, or written to a file.

    Attributes
    ----------
    html : str
    """

    def __init__(self, lessons):
        here = files("w2vext.pages")
        data = json.dumps(
            [lesson.data() for lesson in lessons], ensure_ascii=False, allow_nan=False
        )
        page = here.joinpath("page.html").read_text("utf-8")
        for mark, text in (
            ("/*CSS*/", here.joinpath("page.css").read_text("utf-8")),
            ("/*JS*/", here.joinpath("page.js").read_text("utf-8")),
            # Nothing in the data can end the element that it stands in.
            ("/*LESSONS*/", data.replace("<", "\\u003c")),
        ):
            page = page.replace(mark, text)
        self.html = page

    def _repr_html_(self):
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="word2vec, step by step" '
            'style="width:100%;height:46rem;border:0"></iframe>'
        )

    def save(self, path):
        """Write the page to `path`, whole or not at all; returns the path."""
        path = Path(path)
        beside = path.with_name(path.name + ".part")
        try:
            beside.write_text(self.html, encoding="utf-8")
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
        return path


def explain(text=None, *, window=2, dim=4, loss="neg", negative=3, step=0.2, seed=0):
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
    return Page(
        [
            *own,
            lessons.network(),
            lessons.softmax(),
            words.skipgram_example(),
            words.ned_stark(),
            words.rows_that_move(),
        ]
    )


def explain_model(model, sentence):
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

    return Page([words.model_text(model, sentence)])
