"""`w2vext explain`: one self-contained page that steps through training, every variable visible.

The numbers come from `w2vext.reference` and are embedded as data; the page asks no server for
anything. It refuses texts that are too long to be followed by eye.
"""

import argparse
import json
import os
import sys
from html import escape
from importlib.resources import files
from pathlib import Path

__all__ = ["Page", "explain", "main"]


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

    every = [
        lessons.network(),
        lessons.softmax(),
        words.skipgram_example(),
        words.ned_stark(),
        words.rows_that_move(),
    ]
    if text is not None:
        own = words.own_text(
            text, window=window, dim=dim, loss=loss, negative_words=negative, step=step, seed=seed
        )
        every.insert(0, own)
    return Page(every)


def main(args=None):
    """`w2vext explain`; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="w2vext explain", description="A page that steps through training."
    )
    parser.add_argument("-o", "--output", default="explain.html", help="the page (explain.html)")
    parser.add_argument("--text", help="a sentence of your own, at most 24 words")
    parser.add_argument("--window", type=int, default=2, help="words to each side (2)")
    parser.add_argument("--dim", type=int, default=4, help="dimensions (4)")
    parser.add_argument("--loss", choices=["neg", "softmax"], default="neg")
    parser.add_argument("--negative", type=int, default=3, help="words drawn beside a pair (3)")
    parser.add_argument("--step", type=float, default=0.2, help="step size (0.2)")
    parser.add_argument("--seed", type=int, default=0)
    options = vars(parser.parse_args(args))
    output = options.pop("output")
    try:
        path = explain(**options).save(output)
    except (OSError, ValueError) as error:
        print(f"w2vext explain: {error}", file=sys.stderr)
        return 1
    print(f"{path}: open it in a browser")
    return 0
