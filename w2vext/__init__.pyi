from w2vext._version import __version__ as __version__
from w2vext.callbacks import Callback as Callback
from w2vext.config import show_config as show_config
from w2vext.formats import convert as convert
from w2vext.model import Word2Vec as Word2Vec
from w2vext.pages import explain as explain
from w2vext.pages import explore as explore
from w2vext.phrases import Phrases as Phrases
from w2vext.trainer import Trainer as Trainer
from w2vext.vectors import KeyedVectors as KeyedVectors
from w2vext.vocab import Vocabulary as Vocabulary

__all__ = [
    "Callback",
    "KeyedVectors",
    "Phrases",
    "Trainer",
    "Vocabulary",
    "Word2Vec",
    "__version__",
    "convert",
    "explain",
    "explore",
    "show_config",
]
