"""A page for exploring vectors in a browser; the vectors are embedded in it.

Unit vectors are quantized to 8 bits, scaled by the largest number of each vector. Cosines keep two
digits, and 20,000 words of 100 dimensions take 2.7 MB.
"""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import printable, shown
from w2vext.plots import _layout
from w2vext.plots.page import Page, as_json, filled, from_files
from w2vext.search.exact import unit_rows_double

if TYPE_CHECKING:
    from typing import Any, Literal

    from numpy.typing import NDArray

    from w2vext import KeyedVectors
    from w2vext._arguments.types import Float64

MAX_WORDS = 20_000
MAPS = {"tsne": "t-SNE", "pca": "Two principal components"}


def explore(
    wv: KeyedVectors,
    *,
    words: int = 20_000,
    map: Literal["tsne", "pca"] = "tsne",
    title: str = "Word vectors",
    random_state: int = 0,
) -> Page:
    """Make a page with search, neighbours, analogies and a map of words.

    Parameters
    ----------
    wv : KeyedVectors
    words : int, default=20000
        The number of most frequent words, at most 20,000; without counts, the first rows.
    map : {"tsne", "pca"}, default="tsne"
        The layout of the map: t-SNE, which keeps neighbours together and takes some seconds per
        thousand words, or two principal components, which take a second in all. Words are coloured
        by cluster (k-means).
    title : str
    random_state : int, default=0
        Seed of t-SNE and of the clusters.

    Returns
    -------
    Page
        A notebook shows it inline, and `save` writes it to a file. The vectors are stored as 8-bit
        numbers, so the third digit of a cosine may be wrong.

    Raises
    ------
    TypeError
        `words` is not an integer.
    ValueError
        `words` or `map` is invalid, or `wv` is empty.
    ImportError
        plotly or openTSNE is not installed: ``pip install 'w2vext[pages]'``.
    """
    if isinstance(words, bool) or not isinstance(words, (int, np.integer)):
        raise TypeError(f"words={shown(words)}: give an integer from 1 to {MAX_WORDS:,}")
    if not 1 <= words <= MAX_WORDS:
        raise ValueError(f"words={words:,}: give 1 to {MAX_WORDS:,}")
    if map not in MAPS:
        raise ValueError(f"map={shown(map)}: choose 'tsne' or 'pca'")
    if not len(wv):
        raise ValueError("wv is empty: give KeyedVectors with at least one word")
    plotly = _plotly()
    rows = wv.frequent_rows(words)
    if wv.counts is not None:
        rows = rows[np.argsort(-wv.counts[rows], kind="stable")]
    units = unit_rows_double(wv.vectors[rows])
    places = _layout.tsne(units, random_state) if map == "tsne" else _layout.pca(units)
    places = places - (places.max(axis=0) + places.min(axis=0)) / 2
    data = {
        "words": [printable(wv.index_to_key[row]) for row in rows],
        "size": wv.vector_size,
        "rows": _base64(quantized(units, np.int8)),
        "places": _base64(quantized(places.ravel()[None], "<i2")),
        "groups": _base64(_layout.groups(units, random_state)),
    }
    html = filled(
        "w2vext.plots",
        "explore.html",
        TITLE=escape(str(title)),
        ABOUT=f"{len(rows):,} words, {wv.vector_size} dimensions",
        MAP=f"{MAPS[map]}, coloured by cluster",
        CSS=from_files("w2vext.plots", "page.css", "explore.css"),
        PLOTLY=plotly,
        DATA=as_json(data),
        JS=from_files("w2vext.plots", "explore.js"),
    )
    return Page(html, str(title))


def _plotly() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise ImportError("the page needs plotly: pip install 'w2vext[pages]'") from error
    return get_plotlyjs().replace("</script", "<\\/script")


def quantized(rows: Float64, dtype: Any) -> NDArray[Any]:
    """Each row as integers, scaled so that its largest number becomes the maximum of dtype."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    scale = np.divide(np.iinfo(dtype).max, largest, out=np.zeros_like(largest), where=largest > 0)
    return np.rint(rows * scale).astype(dtype)


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
