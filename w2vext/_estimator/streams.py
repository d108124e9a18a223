"""Corpora as streams of word ids: counted for a fit, or encoded with a known vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads as workers
from w2vext._arguments.messages import kind_of, shown
from w2vext.text import vocabulary as vocab
from w2vext.text.corpus import open_corpus
from w2vext.text.tokenizer import Tokenizer
from w2vext.training.drawn import DrawnStream
from w2vext.training.settings import has_tree

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import CorpusLike
    from w2vext._estimator.parameters import Parameters


def counted(
    params: Parameters, X: CorpusLike, vocabulary: Any, earlier: vocab.Vocabulary | None
) -> tuple[vocab.Vocabulary, vocab.Stream]:
    """The vocabulary and the stream of a corpus, read in one pass with a progress bar.

    Parameters
    ----------
    params : Parameters
    X : corpus or DrawnStream
        A drawn stream comes with its vocabulary.
    vocabulary : Vocabulary, mapping of word to count, or None
        The words to keep; None counts those of the corpus.
    earlier : Vocabulary or None
        The words of an earlier fit, which keep their rows.
    """
    if isinstance(X, DrawnStream):
        return X.vocabulary, X
    corpus = open_corpus(X, Tokenizer.of(params))
    limits = _limits(params)
    with workers.Progress(corpus.total, "counting", corpus.unit, params.verbose) as bar:
        reading: dict[str, Any] = {
            "workers": params.workers,
            "progress": lambda done, total: bar.to(done),
        }
        if vocabulary is not None:
            words = given_vocabulary(vocabulary, params)
            return words, vocab.encode(corpus, words, **reading)
        limits["max_vocab_size"] = params.max_vocab_size
        if earlier is not None and earlier.unk_token is not None:
            limits["unk_token"] = earlier.unk_token
        return vocab.build(corpus, earlier=earlier, **limits, **reading)


def _limits(params: Parameters) -> dict[str, Any]:
    names = ("min_count", "max_final_vocab", "trim_rule", "unk_token")
    return {name: getattr(params, name) for name in names}


def given_vocabulary(vocabulary: Any, params: Parameters) -> vocab.Vocabulary:
    """The vocabulary of the argument `vocabulary`: a Vocabulary, or a mapping of word to count."""
    if isinstance(vocabulary, vocab.Vocabulary):
        # A copy, so that the fitted attributes do not change when the caller's object does.
        words = vocab.Vocabulary(vocabulary.words, vocabulary.counts, vocabulary.unk_token)
    elif isinstance(vocabulary, Mapping):
        words = vocab.Vocabulary.from_counts(vocabulary, **_limits(params))
    else:
        raise TypeError(
            f"vocabulary={shown(vocabulary)} is {kind_of(vocabulary)}: give a Vocabulary, "
            "a mapping of word to count, or None"
        )
    if has_tree(params.loss) and words.counts.min(initial=1) < 1:
        word = words.words[int(words.counts.argmin())]
        raise ValueError(
            f"vocabulary: the count of {shown(word)} is 0, and loss={params.loss!r} needs "
            "counts of at least 1: leave the word out"
        )
    return words


def encoded(name: str, X: CorpusLike, words: vocab.Vocabulary, params: Parameters) -> vocab.Stream:
    """The stream of a text that is evaluated; errors name the parameter `name`."""
    try:
        corpus = open_corpus(X, Tokenizer.of(params))
        stream = vocab.encode(corpus, words, workers=params.workers)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if np.diff(stream.offsets).max() < 2:
        stream.close()
        raise ValueError(
            f"{name}: no sentence contains two words of the vocabulary, so the loss of its pairs "
            "cannot be computed: give text with more words of the model"
        )
    return stream
