"""Node vectors of graphs: node2vec and DeepWalk, on random walks that are not stored.

The names are imported when they are first used: the command does not need scikit-learn.
"""

from importlib import import_module

_HOMES = {"EdgeFeatures": "edge_features", "Node2Vec": "node2vec", "walks": "random_walks"}

__all__ = ["EdgeFeatures", "Node2Vec", "walks"]


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(f"w2vext.graph.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'w2vext.graph' has no attribute {name!r}")
