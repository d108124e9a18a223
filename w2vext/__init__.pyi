from w2vext import clusters as clusters
from w2vext import datasets as datasets
from w2vext import demo as demo
from w2vext import distributed as distributed
from w2vext import evaluation as evaluation
from w2vext import exact as exact
from w2vext import fasttext as fasttext
from w2vext import formats as formats
from w2vext import gensim as gensim
from w2vext import graph as graph
from w2vext import keyedvectors as keyedvectors
from w2vext import lessons as lessons
from w2vext import phrases as phrases
from w2vext import plots as plots
from w2vext import reference as reference
from w2vext import search as search
from w2vext import word2vec as word2vec
from w2vext.evaluation.tuning import tune as tune
from w2vext.fasttext.estimator import FastText as FastText
from w2vext.fasttext.model import load_fasttext as load_fasttext
from w2vext.formats import convert as convert
from w2vext.kernels.config import show_config as show_config
from w2vext.keyedvectors import KeyedVectors as KeyedVectors
from w2vext.lessons import explain as explain
from w2vext.phrases import Phrases as Phrases
from w2vext.plots.explorer import explore as explore
from w2vext.text.column import Column as Column
from w2vext.text.pairs import Pairs as Pairs
from w2vext.text.vocabulary import Vocabulary as Vocabulary
from w2vext.training.callbacks import Callback as Callback
from w2vext.training.callbacks import TrainingState as TrainingState
from w2vext.word2vec import Word2Vec as Word2Vec

__version__: str

__all__ = [
    "Callback",
    "Column",
    "FastText",
    "KeyedVectors",
    "Pairs",
    "Phrases",
    "TrainingState",
    "Vocabulary",
    "Word2Vec",
    "__version__",
    "convert",
    "explain",
    "explore",
    "load_fasttext",
    "show_config",
    "tune",
]
