"""Word Mover's Distance: the cost of moving one document's words to another's, by POT.

M. Kusner, Y. Sun, N. Kolkin, K. Weinberger: From Word Embeddings To Document Distances, ICML 2015.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.search import exact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from w2vext._arguments.types import Float32


def word_movers_distance(
    vectors: Float32, document1: Sequence[int], document2: Sequence[int], norm: bool = True
) -> float:
    """The distance between two documents, given as rows of `vectors`.

    Parameters
    ----------
    vectors : ndarray of shape (V, d)
    document1, document2 : sequence of int
    norm : bool, default=True
        Compare unit vectors.

    Returns
    -------
    float
        Infinity if a document is empty.

    Raises
    ------
    ImportError
        POT is not installed.
    """
    try:
        from ot import emd2
    except ImportError as error:
        raise ImportError("wmdistance needs POT: pip install 'w2vext[wmd]'") from error
    documents = (document1, document2)
    if not all(documents):
        return float("inf")
    rows, places = np.unique(np.concatenate(documents), return_inverse=True)
    if len(rows) == 1:
        return 0.0
    split = len(document1)
    weights = [
        np.bincount(side, minlength=len(rows)) / len(side)
        for side in (places[:split], places[split:])
    ]
    points = vectors[rows].astype(np.float64)
    if norm:
        points = exact.unit_rows(points).astype(np.float64)
    costs = np.linalg.norm(points[:, None] - points[None], axis=2)
    return float(emd2(*weights, costs))
