"""A pytest plugin that puts the classes of w2vext.gensim into the installed gensim.

With it, the tests that gensim installs run with our classes; what w2vext.gensim does not have
remains gensim's.
"""

import importlib

import w2vext.gensim

for name in ("word2vec", "keyedvectors", "phrases", "fasttext", "callbacks"):
    theirs = importlib.import_module(f"gensim.models.{name}")
    ours = importlib.import_module(f"w2vext.gensim.models.{name}")
    for each in ours.__all__:
        assert hasattr(theirs, each), f"gensim.models.{name} has no {each}"
        setattr(theirs, each, getattr(ours, each))
for name in ("Word2Vec", "KeyedVectors", "Phrases", "FastText"):
    setattr(importlib.import_module("gensim.models"), name, getattr(w2vext.gensim.models, name))
