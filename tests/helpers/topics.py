"""A small corpus of two topics, and the models: pairs of a loss and an architecture."""

import numpy as np
import pytest

TOPICS = [
    "king queen throne crown palace prince".split(),
    "rain snow hail storm cloud wind".split(),
]
MODELS = [
    ("neg", "skipgram"),
    ("neg", "cbow"),
    ("hs", "skipgram"),
    ("hs", "cbow"),
    pytest.param("hs+neg", "skipgram", marks=pytest.mark.slow),
    pytest.param("hs+neg", "cbow", marks=pytest.mark.slow),
    ("softmax", "skipgram"),
]
each_model = pytest.mark.parametrize(("loss", "architecture"), MODELS)


def topical(sentences=200, seed=3, topics=TOPICS):
    rng = np.random.default_rng(seed)
    return [[str(w) for w in rng.permutation(topics[i % 2])] for i in range(sentences)]
