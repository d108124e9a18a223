"""w2vext: the word2vec family, fast and checked number by number.

Public names are imported when they are first used, so that `import w2vext` costs next to nothing.
"""

from importlib import import_module

from w2vext._version import __version__

_HOMES = {
    "Callback": "callbacks",
    "KeyedVectors": "vectors",
    "Phrases": "phrases",
    "Trainer": "trainer",
    "Vocabulary": "vocab",
    "Word2Vec": "model",
    "convert": "formats",
    "explain": "pages",
    "explore": "pages",
    "show_config": "config",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(f"w2vext.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'w2vext' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_HOMES])
