"""FastText, which trains with subwords, and models written by fastText.

The names are imported when they are first used: prediction does not need scikit-learn.
"""

from importlib import import_module

_HOMES = {"FastText": "estimator", "FastTextModel": "model", "load_fasttext": "model"}

__all__ = ["FastText", "FastTextModel", "load_fasttext"]


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(f"w2vext.fasttext.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'w2vext.fasttext' has no attribute {name!r}")
