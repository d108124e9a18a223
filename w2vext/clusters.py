"""Word classes: k-means over the vectors, by scikit-learn, and word2vec.c's file of classes.

Refuses to move a word: the vectors are read only, and zeros belong to a class as all others do.
"""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext.search import exact as nearest
from w2vext.search.query import check_count

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any

    from w2vext._types import FilePath, Float32, Floats, Int32, RandomState, Token


class Clusters:
    """What `KeyedVectors.cluster` finds; ``clusters[i]`` are the words of one, the nearest first.

    Attributes
    ----------
    words : list
        The words that were looked at, in the order of their rows.
    labels : ndarray of shape (n_words,), int32
        The cluster of each.
    centers : ndarray of shape (n_clusters, d), float32
    inertia : float
        The sum of the squared distances to the centres.

    Examples
    --------
    >>> from w2vext import KeyedVectors
    >>> wv = KeyedVectors(["tea", "milk", "north", "south"], [[1, 0], [1, 0.1], [0, 1], [0.1, 1]])
    >>> clusters = wv.cluster(2, random_state=0)
    >>> sorted(clusters[clusters.label("tea")])
    ['milk', 'tea']
    """

    def __init__(
        self, words: list[Token], labels: Int32, centers: Float32, inertia: float, distances: Floats
    ) -> None:
        self.words = words
        self.labels = labels
        self.centers = centers
        self.inertia = inertia
        order = np.lexsort((distances, labels))
        ends = np.searchsorted(labels[order], np.arange(len(centers) + 1))
        self._order, self._ends = order, ends
        self._rows: dict[Token, int] | None = None

    def __len__(self) -> int:
        return len(self.centers)

    def __getitem__(self, cluster: int) -> list[Token]:
        """The words of a cluster, the nearest to its centre first."""
        cluster = range(len(self))[cluster]  # IndexError, and -1 is the last
        return [self.words[i] for i in self._order[self._ends[cluster] : self._ends[cluster + 1]]]

    def __repr__(self) -> str:
        return f"Clusters({len(self.words):,} words in {len(self):,})"

    def label(self, word: Hashable) -> int:
        """The cluster of a word; KeyError for one that was not looked at."""
        if self._rows is None:
            self._rows = {word: row for row, word in enumerate(self.words)}
        return int(self.labels[self._rows[word]])

    def to_dict(self) -> dict[Token, int]:
        """{word: cluster}."""
        return dict(zip(self.words, self.labels.tolist(), strict=True))

    def save(self, path: FilePath) -> None:
        """Write a line "word cluster" for each word, as word2vec.c's ``-classes`` does.

        Raises
        ------
        ValueError
            A word is empty or holds white space; no file is written.
        """
        from w2vext.formats import _rows

        lines = zip(_rows.encode_words(self.words), self.labels.tolist(), strict=True)
        text = b"".join(b"%s %d\n" % line for line in lines)
        with _files.writing(path, compress=True) as file:
            file.write(text)


def cluster(
    wv: Any,
    n_clusters: int,
    *,
    restrict_vocab: int | None = None,
    norm: bool = True,
    random_state: RandomState = None,
    n_init: int = 1,
    **how: Any,
) -> Clusters:
    """k-means over word vectors.

    Parameters
    ----------
    wv : KeyedVectors
    n_clusters : int
        At most as many as there are words.
    restrict_vocab : int, optional
        Look at the most frequent so many words only.
    norm : bool, default=True
        Cluster the vectors scaled to norm 1, whose distances order as cosines do; False takes them
        as they are.
    random_state : int, RandomState or None
        scikit-learn's: an int gives the same clusters each time.
    n_init : int, default=1
        Beginnings, of which the best result stays.
    **how
        More of ``sklearn.cluster.KMeans``'s parameters, such as ``max_iter``.

    Returns
    -------
    Clusters
        Labels, and the words of each cluster.

    Raises
    ------
    TypeError, ValueError
        A number that cannot be used; names it.
    """
    check_count("restrict_vocab", restrict_vocab)
    if isinstance(n_clusters, bool) or not isinstance(n_clusters, numbers.Integral):
        raise TypeError(f"n_clusters={n_clusters!r}: give a whole number of 1 or more")
    rows = wv.frequent_rows(restrict_vocab)
    if not 1 <= n_clusters <= len(rows):
        raise ValueError(f"n_clusters={n_clusters}: give 1 to {len(rows)}, for {len(rows)} words")
    from sklearn.cluster import KMeans

    vectors = nearest.unit_rows(wv.vectors[rows]) if norm else wv.vectors[rows]
    found = KMeans(int(n_clusters), n_init=n_init, random_state=random_state, **how).fit(vectors)
    centers = found.cluster_centers_.astype(np.float32)
    distances = np.linalg.norm(vectors - centers[found.labels_], axis=1)
    words = [wv.index_to_key[row] for row in rows.tolist()]
    labels = found.labels_.astype(np.int32)
    return Clusters(words, labels, centers, float(found.inertia_), distances)
