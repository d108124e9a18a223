"""w2vext: fast training of word vectors, with every gradient checked.

Public names are imported when they are first used, so that `import w2vext` is fast.
"""

from importlib import import_module
from os.path import dirname

__version__ = "0.1.0"

_HOMES = {
    "Callback": "training.callbacks",
    "Column": "text.column",
    "FastText": "fasttext.estimator",
    "KeyedVectors": "keyedvectors",
    "Pairs": "text.pairs",
    "Phrases": "phrases",
    "TrainingState": "training.callbacks",
    "Vocabulary": "text.vocabulary",
    "Word2Vec": "word2vec",
    "convert": "formats",
    "explain": "lessons",
    "explore": "plots.explorer",
    "load_fasttext": "fasttext.model",
    "show_config": "kernels.config",
    "tune": "evaluation.tuning",
}

# The public packages and modules; docs/architecture.md has the rule.
_PUBLIC = (
    "clusters",
    "datasets",
    "demo",
    "distributed",
    "evaluation",
    "exact",
    "fasttext",
    "formats",
    "gensim",
    "graph",
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
    try:
        if name in _HOMES:
            return getattr(import_module(f"w2vext.{_HOMES[name]}"), name)
        if name in _PUBLIC:
            return import_module(f"w2vext.{name}")
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("w2vext."):
            raise
        raise ImportError(
            f"{dirname(dirname(__file__))} is a source folder that is not built: start Python in "
            "another folder, or build it with: pip install -e .",
            name=error.name,
        ) from error
    raise AttributeError(f"module 'w2vext' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_HOMES, *_PUBLIC])
