"""w2vext: fast training of word vectors, with every gradient checked.

Public names are imported when they are first used, so that `import w2vext` is fast.
"""

from importlib import import_module

from w2vext._version import __version__

_HOMES = {
    "Callback": "training.callbacks",
    "FastText": "fasttext",
    "KeyedVectors": "keyedvectors",
    "Phrases": "phrases",
    "TrainingState": "training.callbacks",
    "Vocabulary": "text.vocabulary",
    "Word2Vec": "word2vec",
    "convert": "formats",
    "explain": "lessons",
    "explore": "plots.explorer",
    "load_fasttext": "fasttext_model",
    "show_config": "_show_config",
}

# The public packages and modules; docs/architecture.md has the rule.
_PUBLIC = (
    "clusters",
    "datasets",
    "demo",
    "evaluation",
    "exact",
    "fasttext",
    "fasttext_model",
    "formats",
    "keyedvectors",
    "lessons",
    "phrases",
    "plots",
    "reference",
    "search",
    "word2vec",
)

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(f"w2vext.{_HOMES[name]}"), name)
    if name in _PUBLIC:
        return import_module(f"w2vext.{name}")
    raise AttributeError(f"module 'w2vext' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_HOMES, *_PUBLIC])
