"""Clusters of words by scikit-learn's k-means."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import shown
from w2vext.search import exact
from w2vext.search.query import check_count

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Floats, Int32, RandomState, Token


__all__ = ["Clusters", "cluster"]


class Clusters:
    """Clusters of words, as `KeyedVectors.cluster` returns them.

    ``clusters[i]`` is the list of words of cluster i, the nearest to its centre first.

    Attributes
    ----------
    words : list
        The clustered words, in the order of their rows.
    labels : ndarray of shape (n_words,), int32
        The cluster of each word.
    centers : ndarray of shape (n_clusters, d), float32
    inertia : float
        The sum of the squared distances of the vectors to their centres.

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
        cluster = range(len(self))[cluster]  # checks the index, which may be negative
        return [self.words[i] for i in self._order[self._ends[cluster] : self._ends[cluster + 1]]]

    def __repr__(self) -> str:
        return f"Clusters({len(self.words):,} words in {len(self):,})"

    def label(self, word: Hashable) -> int:
        """Return the cluster of a word; raises KeyError if the word was not clustered."""
        if self._rows is None:
            self._rows = {word: row for row, word in enumerate(self.words)}
        return int(self.labels[self._rows[word]])

    def to_dict(self) -> dict[Token, int]:
        """Return {word: cluster}."""
        return dict(zip(self.words, self.labels.tolist(), strict=True))

    def save(self, path: FilePath) -> None:
        """Write a line "word cluster" for each word, as word2vec.c's ``-classes`` does.

        Raises
        ------
        ValueError
            A word is empty or contains white space. No file is written.
        """
        from w2vext.formats import _rows

        lines = zip(_rows.encode_words(self.words, raw=True), self.labels.tolist(), strict=True)
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
    **options: Any,
) -> Clusters:
    """Cluster word vectors by k-means.

    Parameters
    ----------
    wv : KeyedVectors
    n_clusters : int
        At most the number of words.
    restrict_vocab : int, optional
        Cluster only this many of the most frequent words; without counts, the first rows.
    norm : bool, default=True
        Cluster unit vectors, so that distances correspond to cosines.
    random_state : int, RandomState or None
        Seed of k-means. An int gives the same clusters in each call.
    n_init : int, default=1
        The number of initializations; the result with the smallest inertia is kept.
    **options
        Other parameters of ``sklearn.cluster.KMeans``, such as ``max_iter``.

    Returns
    -------
    Clusters

    Raises
    ------
    TypeError, ValueError
        A parameter is invalid.
    """
    check_flags(norm=norm)
    check_count("restrict_vocab", restrict_vocab)
    if isinstance(n_clusters, bool) or not isinstance(n_clusters, numbers.Integral):
        raise TypeError(f"n_clusters={shown(n_clusters)}: give an integer of 1 or more")
    rows = wv.frequent_rows(restrict_vocab)
    if not 1 <= n_clusters <= len(rows):
        raise ValueError(
            f"n_clusters={n_clusters}: give 1 to {len(rows)}, since there are {len(rows)} words"
        )
    from sklearn.cluster import KMeans

    vectors = exact.unit_rows(wv.vectors[rows]) if norm else wv.vectors[rows]
    kmeans = KMeans(int(n_clusters), n_init=n_init, random_state=random_state, **options)
    kmeans.fit(vectors)
    centers = kmeans.cluster_centers_.astype(np.float32)
    distances = np.linalg.norm(vectors - centers[kmeans.labels_], axis=1)
    words = [wv.index_to_key[row] for row in rows.tolist()]
    labels = kmeans.labels_.astype(np.int32)
    return Clusters(words, labels, centers, float(kmeans.inertia_), distances)
