"""The map of the explorer's page: a place in the plane and a group for each word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads

if TYPE_CHECKING:
    from w2vext._arguments.types import Float64, UInt8

PERPLEXITY = 30.0
EARLY, LATE = 250, 500  # iterations with and without exaggeration, as openTSNE's defaults
EVERY = 10  # iterations between two steps of the progress bar
PARALLEL = 2_000  # words; below, threads wait longer than they compute
GROUPS = 12  # explore.css has as many colours


def pca(units: Float64) -> Float64:
    """The first two principal components of unit vectors (V, d), float64 (V, 2)."""
    if min(units.shape) < 2 or np.ptp(units, axis=0).max() == 0:
        first = units[:, 0] - units[:, 0].mean()
        return np.column_stack([first, np.zeros(len(units))])
    from sklearn.decomposition import PCA

    places: Float64 = PCA(2, svd_solver="covariance_eigh").fit_transform(units)
    return places


def tsne(units: Float64, random_state: int) -> Float64:
    """A layout of unit vectors (V, d) that keeps neighbours together, float64 (V, 2).

    t-SNE (van der Maaten and Hinton 2008) by openTSNE, which interpolates the repulsive forces
    (Linderman et al. 2019), from the principal components. A progress bar is shown on a terminal.
    """
    start = pca(units)
    if len(units) < 5 or not start.any():
        return start
    try:
        from openTSNE import TSNEEmbedding, affinity, nearest_neighbors
    except ImportError as error:
        raise ImportError(
            "map='tsne' needs openTSNE: pip install 'w2vext[pages]', or choose map='pca'"
        ) from error
    from sklearn.neighbors import NearestNeighbors

    perplexity = min(PERPLEXITY, (len(units) - 1) / 3)
    count = min(len(units) - 1, int(3 * perplexity))
    index = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(units)
    distances, neighbors = index.kneighbors()  # without the words themselves
    affinities = affinity.PerplexityBasedNN(
        perplexity=perplexity,
        knn_index=nearest_neighbors.PrecomputedNeighbors(neighbors, distances),
    )
    rng = np.random.RandomState(random_state)
    start = start / start[:, 0].std() + rng.normal(0, 1e-2, start.shape)  # equal words move apart
    embedding = TSNEEmbedding(
        1e-4 * start,
        affinities,
        n_jobs=_threads.resolve(None) if len(units) >= PARALLEL else 1,
        random_state=random_state,
    )
    done = 0
    with _threads.Progress(EARLY + LATE, "layout", "step", verbose=0) as bar:

        def report(iteration: int, error: float, places: Float64) -> None:
            nonlocal done
            done += EVERY
            bar.to(done)

        options = {"callbacks": report, "callbacks_every_iters": EVERY}
        embedding = embedding.optimize(EARLY, exaggeration=12, momentum=0.5, **options)
        embedding = embedding.optimize(LATE, momentum=0.8, **options)
    return np.asarray(embedding, dtype=np.float64)


def groups(units: Float64, random_state: int) -> UInt8:
    """A cluster for each unit vector by k-means, uint8 (V,); the largest cluster is 0."""
    from sklearn.cluster import KMeans

    count = min(GROUPS, len(np.unique(units, axis=0)))
    labels = KMeans(count, n_init=1, random_state=random_state).fit_predict(units)
    order = np.argsort(-np.bincount(labels, minlength=count), kind="stable")
    ranks = np.empty(count, dtype=np.uint8)
    ranks[order] = np.arange(count)
    return ranks[labels]
