"""Where a fit's vectors begin: given vectors, an earlier fit, and which rows stay as they are.

Refuses vectors of another length, vectors that are not finite, and words that nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from w2vext.keyedvectors import KeyedVectors
from w2vext.text.vocabulary import Vocabulary
from w2vext.training.run import Start
from w2vext.training.settings import outputs

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from typing import Any, TypeAlias

    from w2vext._types import Bool, Float32, Token

    Given: TypeAlias = tuple[dict[Token, int], Float32, Float32 | None, str | None]


def vectors_of(init: Any, size: int) -> Given | None:
    """`init` as (index dict, vectors (n, size), output vectors or None, loss or None), or None."""
    if init is None:
        return None
    outer, loss = None, None
    if isinstance(init, (str, PathLike)):
        init = KeyedVectors.load_word2vec_format(init, binary=None)
    if isinstance(init, KeyedVectors):
        index, vectors = init.key_to_index, init.vectors
    elif hasattr(init, "context_vectors_"):
        index, vectors = init.vocabulary_, init.vectors_
        outer, loss = init.context_vectors_, init.loss
    elif isinstance(init, Mapping):
        index = {word: row for row, word in enumerate(init)}
        vectors = _stacked(init)
    else:
        raise TypeError(
            f"init={init!r} is a {type(init).__name__}: give KeyedVectors, a fitted Word2Vec, a "
            "mapping of word to vector, a file in word2vec's format, or None"
        )
    if vectors.shape[1] != size:
        raise ValueError(
            f"init holds vectors of {vectors.shape[1]} numbers and vector_size={size}: "
            f"give vector_size={vectors.shape[1]}"
        )
    return index, vectors, outer, loss


def _stacked(mapping: Mapping[Any, Any]) -> Float32:
    try:
        vectors = np.array([np.asarray(v, dtype=np.float32) for v in mapping.values()])
    except ValueError:
        vectors = np.empty(0)
    if vectors.ndim != 2:
        raise ValueError("init: give each word a vector of numbers, all of one length")
    return vectors


def of_words(given: Given | None, words: Vocabulary, loss: str) -> Start | None:
    """The Start that `vectors_of` gives the words of a Vocabulary, or None."""
    if given is None:
        return None
    index, vectors, outer, outer_loss = given
    found = [(row, index[word]) for row, word in enumerate(words.words) if word in index]
    if not found:
        raise ValueError(
            f"init: none of its {len(index)} words is among the {len(words)} of the vocabulary"
        )
    rows, sources = np.array(found, dtype=np.int64).T
    chosen = vectors[sources]
    if not np.isfinite(chosen).all():
        raise ValueError("init holds NaN or infinity: give finite vectors")
    if outer is None or "hs" in (loss, outer_loss):
        return Start(chosen, rows=rows)
    return Start(chosen, outer[sources], rows, rows)


def check_earlier(model: Any, vocabulary: Any, init: Any) -> None:
    """Raise where a fitted model cannot be trained further."""
    for name, value in (("vocabulary", vocabulary), ("init", init)):
        if value is not None:
            raise ValueError(
                f"{name} is given and warm_start=True continues an earlier fit: leave {name} out, "
                "or set warm_start=False"
            )
    size = model.vectors_.shape[1]
    if model.vector_size != size:
        raise ValueError(
            f"vector_size={model.vector_size}, but the earlier fit has vectors of {size} numbers: "
            f"set vector_size={size}, or fit a new estimator"
        )
    if len(model.context_vectors_) != outputs(len(model.counts_), model.loss):
        raise ValueError(
            f"loss={model.loss!r}, but the earlier fit's output vectors are another loss's: set it "
            "back, or fit a new estimator"
        )


def after(model: Any, words: Vocabulary) -> tuple[Vocabulary, Start]:
    """(Vocabulary, Start) of training a fitted model further; `words` is the grown Vocabulary."""
    known = len(model.vectors_)
    rows = np.arange(known)
    if model.loss != "hs":
        return words, Start(model.vectors_, model.context_vectors_, rows, rows)
    if len(words) > known:
        return words, Start(model.vectors_, rows=rows)
    # The same tree as before: its inner nodes are what the output vectors stand for.
    same = Vocabulary(words.words, model.counts_, words.unk)
    return same, Start(model.vectors_, model.context_vectors_)


def frozen(
    freeze: Iterable[Hashable] | bool | None, words: Vocabulary, start: Start | None
) -> Bool | None:
    """Which rows stay as they begin: bool (V,), or None."""
    if freeze is None or freeze is False:
        return None
    mask = np.zeros(len(words), dtype=bool)
    if freeze is True:
        if start is None:
            raise ValueError(
                "freeze=True without init or an earlier fit: there is no word whose vector is known"
            )
        mask[slice(None) if start.rows is None else start.rows] = True
        return mask
    if isinstance(freeze, (str, bytes)) or not hasattr(freeze, "__iter__"):
        raise TypeError(f"freeze={freeze!r}: give a list of words, or True")
    for word in freeze:
        row = words.index.get(word)
        if row is None:
            raise ValueError(f"freeze holds {word!r}, which is not among the {len(words)} words")
        mask[row] = True
    return mask
