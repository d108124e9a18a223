from w2vext._show_config import show_config as show_config
from w2vext._version import __version__ as __version__
from w2vext.fasttext import FastText as FastText
from w2vext.fasttext import load_fasttext as load_fasttext
from w2vext.formats import convert as convert
from w2vext.keyedvectors import KeyedVectors as KeyedVectors
from w2vext.lessons import explain as explain
from w2vext.phrases import Phrases as Phrases
from w2vext.plots.explorer import explore as explore
from w2vext.text.vocabulary import Vocabulary as Vocabulary
from w2vext.training.callbacks import Callback as Callback
from w2vext.word2vec import Word2Vec as Word2Vec

__all__ = [
    "Callback",
    "FastText",
    "KeyedVectors",
    "Phrases",
    "Vocabulary",
    "Word2Vec",
    "__version__",
    "convert",
    "explain",
    "explore",
    "load_fasttext",
    "show_config",
]
