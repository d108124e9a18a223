from w2vext.graph.edge_features import EdgeFeatures as EdgeFeatures
from w2vext.graph.node2vec import Node2Vec as Node2Vec
from w2vext.graph.random_walks import walks as walks

__all__ = ["EdgeFeatures", "Node2Vec", "walks"]
