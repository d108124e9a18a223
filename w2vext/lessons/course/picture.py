"""The picture of the assignment: 24 words in the plane of their two main directions.

Drawing needs matplotlib (the extra [plot]) and no display.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext.plots._labels import place_labels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float64, Floats

PICTURED = (
    "great cool brilliant wonderful well amazing worth sweet enjoyable boring bad dumb annoying "
    "female male queen king man woman rain snow hail coffee tea"
).split()


def plane(vectors: Float64) -> Float64:
    """Coordinates (n, 2) along the first two singular directions of the covariance."""
    centred = vectors - vectors.mean(axis=0)
    directions, _, _ = np.linalg.svd(centred.T @ centred / len(centred))
    return centred @ directions[:, :2]


def require() -> Any:
    """Return matplotlib's Figure class; raise ImportError with the remedy if it is missing."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("the picture needs matplotlib: pip install 'w2vext[plot]'") from error
    return Figure


def word_picture(
    words: Sequence[str], vectors: Floats, path: FilePath, pictured: Sequence[str] = PICTURED
) -> Any:
    """Draw those words of `pictured` that are in `words`, and write the picture to `path`.

    Parameters
    ----------
    words : list of V str
    vectors : ndarray (V, d)
    path : path
        A PNG file. An existing one is replaced only after the new picture is complete.
    pictured : sequence of str

    Returns
    -------
    dict
        The coordinates (x, y) of each word drawn.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    ValueError
        Fewer than 3 of the words are known, or the vectors have fewer than 2 dimensions.
    """
    Figure = require()
    row = {word: at for at, word in enumerate(words)}
    found = [word for word in pictured if word in row]
    if len(found) < 3 or vectors.shape[1] < 2:
        raise ValueError(
            f"pictured: {len(found)} of {len(pictured)} words are known, in {vectors.shape[1]} "
            "dimensions: a picture needs 3 words and 2 dimensions"
        )
    at = plane(np.asarray(vectors, dtype=np.float64)[[row[word] for word in found]])
    figure = Figure(figsize=(7, 7), layout="constrained")
    axes = figure.subplots()
    axes.scatter(*at.T, s=8, color="#2b6cb0")
    axes.margins(0.12)
    axes.set_xlabel("first direction")
    axes.set_ylabel("second direction")
    place_labels(axes, at, found, size=10)
    with _files.writing(path) as file:
        figure.savefig(file, format="png", dpi=120)
    return dict(zip(found, map(tuple, at.tolist()), strict=True))
