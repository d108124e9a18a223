from w2vext.graph.random_walks import walks as walks

__all__ = ["walks"]
