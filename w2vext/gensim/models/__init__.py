"""gensim's models: `Word2Vec`, `FastText`, `KeyedVectors` and `Phrases`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext.gensim.models import callbacks, fasttext, keyedvectors, phrases, word2vec
from w2vext.gensim.models.fasttext import FastText
from w2vext.gensim.models.keyedvectors import KeyedVectors
from w2vext.gensim.models.phrases import Phrases
from w2vext.gensim.models.word2vec import Word2Vec

if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "FastText", "KeyedVectors", "Phrases", "Word2Vec",
    "callbacks", "fasttext", "keyedvectors", "phrases", "word2vec",
]  # fmt: skip

_OTHERS = (
    "AuthorTopicModel BM25ABC CoherenceModel Doc2Vec EnsembleLda HdpModel LdaModel LdaMulticore "
    "LdaSeqModel LogEntropyModel LsiModel LuceneBM25Model NormModel Nmf OkapiBM25Model "
    "PoincareModel RpModel TfidfModel TranslationMatrix"
).split()


def __getattr__(name: str) -> Any:
    if name in _OTHERS:
        raise AttributeError(
            f"w2vext.gensim has no {name}: import it from gensim, which can be installed as well"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
