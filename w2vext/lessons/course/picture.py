"""The assignment's picture: 24 words on the first two directions of their covariance.

It needs matplotlib, the extra [plot], and no display.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext.plots._labels import place_labels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext._types import FilePath, Float64, Floats

PICTURED = (
    "great cool brilliant wonderful well amazing worth sweet enjoyable boring bad dumb annoying "
    "female male queen king man woman rain snow hail coffee tea"
).split()


def plane(vectors: Float64) -> Float64:
    """Coordinates (n, 2): centred, on the first two singular directions of the covariance."""
    centred = vectors - vectors.mean(axis=0)
    directions, _, _ = np.linalg.svd(centred.T @ centred / len(centred))
    return centred @ directions[:, :2]


def require() -> Any:
    """matplotlib's Figure, or an error that says how to get it."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("the picture needs matplotlib: pip install 'w2vext[plot]'") from error
    return Figure


def word_picture(
    words: Sequence[str], vectors: Floats, path: FilePath, pictured: Sequence[str] = PICTURED
) -> Any:
    """Write the picture of those of `pictured` that are in `words` to `path`, a .png.

    Parameters
    ----------
    words : list of V str
    vectors : ndarray (V, d)
    path : path
        Replaced only by a whole picture.

    Returns
    -------
    dict
        word → (x, y)

    Raises
    ------
    ImportError
        matplotlib is not installed.
    ValueError
        Fewer than 3 of the words are there.
    """
    Figure = require()
    row = {word: at for at, word in enumerate(words)}
    found = [word for word in pictured if word in row]
    if len(found) < 3 or vectors.shape[1] < 2:
        raise ValueError(
            f"{len(found)} of the {len(pictured)} words are known, in {vectors.shape[1]} dimensions"
            ": a picture needs 3 words and 2 dimensions"
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
