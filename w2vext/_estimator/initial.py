"""The initial vectors of a fit, from `init` or from an earlier fit, and which rows are frozen."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import kind_of, shown
from w2vext.text.vocabulary import Vocabulary
from w2vext.training.run import Start
from w2vext.training.settings import has_tree, outputs

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from typing import Any

    from w2vext._arguments.types import Bool, FilePath, Float32, Token
    from w2vext._estimator.fitted import Fitted
    from w2vext._estimator.parameters import Parameters


class Given(NamedTuple):
    """Vectors to start from: `vectors[rows[word]]` is the vector of a word."""

    rows: Mapping[Token, int]
    vectors: Float32  # (n, d)
    output_vectors: Float32 | None = None  # of a fitted model
    loss: str | None = None  # the loss of that model


def given_vectors(init: Any, size: int) -> Given | None:
    """The initial vectors that `init` names, checked against `vector_size`.

    Parameters
    ----------
    init : Given, mapping of word to vector, path, or None
    size : int
    """
    if init is None:
        return None
    if isinstance(init, Given):
        given = init
    elif isinstance(init, (str, PathLike)):
        given = _from_file(init)
    elif isinstance(init, Mapping):
        given = Given({word: row for row, word in enumerate(init)}, _stacked(init))
    else:
        raise TypeError(
            f"init={shown(init)} is {kind_of(init)}: give KeyedVectors, a fitted Word2Vec, "
            "a mapping of word to vector, a file of vectors, or None"
        )
    found = given.vectors.shape[1]
    if found != size:
        raise ValueError(
            f"init has vectors of {found} dimensions, but vector_size={size}: give "
            f"vector_size={found}"
        )
    return given


def _from_file(path: FilePath) -> Given:
    from w2vext import formats

    words, vectors, _ = formats.read(path)
    return Given({word: row for row, word in enumerate(words)}, vectors)


def _stacked(mapping: Mapping[Any, Any]) -> Float32:
    try:
        vectors = np.array([np.asarray(v, dtype=np.float32) for v in mapping.values()])
    except ValueError:
        vectors = np.empty(0)
    if vectors.ndim != 2:
        raise ValueError("init: give each word a vector of numbers, all of the same length")
    return vectors


def placed(given: Given | None, words: Vocabulary, loss: str) -> Start | None:
    """The initial vectors of the words of a vocabulary as a `Start`, or None."""
    if given is None:
        return None
    found = [(row, given.rows[word]) for row, word in enumerate(words.words) if word in given.rows]
    if not found:
        raise ValueError(
            f"init: none of its {len(given.rows)} words is among the {len(words)} of the "
            "vocabulary: check the spelling and case of its words"
        )
    rows, sources = np.array(found, dtype=np.int64).T
    vectors = given.vectors[sources]
    if not np.isfinite(vectors).all():
        raise ValueError("init contains NaN or infinity: give finite vectors")
    # With "hs" the output vectors belong to inner nodes, not to words; with "hs+neg" the first do.
    if given.output_vectors is None or "hs" in (loss, given.loss):
        return Start(vectors, rows=rows)
    return Start(vectors, given.output_vectors[sources], rows, rows)


# ---- from an earlier fit


def check_earlier(params: Parameters, earlier: Fitted, vocabulary: Any, init: Any) -> None:
    """Raise if the training cannot continue from an earlier fit with these parameters."""
    for name, value in (("vocabulary", vocabulary), ("init", init)):
        if value is not None:
            raise ValueError(
                f"{name} cannot be given when warm_start=True continues an earlier fit: leave "
                f"{name} out, or set warm_start=False"
            )
    size = earlier.vectors.shape[1]
    if params.vector_size != size:
        raise ValueError(
            f"vector_size={params.vector_size}, but the earlier fit has vectors of {size} "
            f"dimensions: set vector_size={size}, or fit a new estimator"
        )
    if bool(params.max_n) != (earlier.subword_vectors is not None):
        raise ValueError(
            f"max_n={params.max_n}, but the earlier fit was trained "
            f"{'without' if params.max_n else 'with'} subwords: set max_n back, or fit a new "
            "estimator"
        )
    if len(earlier.output_vectors) != outputs(len(earlier.words), params.loss):
        raise ValueError(
            f"loss={params.loss!r}, but the earlier fit used another loss: set loss back, or fit a "
            "new estimator"
        )


def continued(params: Parameters, earlier: Fitted, words: Vocabulary) -> tuple[Vocabulary, Start]:
    """The vocabulary and Start of a fit that continues an earlier one.

    `words` is the earlier vocabulary extended by the new corpus.
    """
    known = len(earlier.vectors)
    rows = np.arange(known)
    if not has_tree(params.loss):
        return words, Start(earlier.vectors, earlier.output_vectors, rows, rows)
    if len(words) > known and params.loss == "hs":
        return words, Start(earlier.vectors, rows=rows)
    if len(words) > known:  # the new tree's nodes start at 0
        return words, Start(earlier.vectors, earlier.output_vectors[:known], rows, rows)
    # The output vectors belong to the inner nodes of the earlier tree, so its counts are kept.
    same = Vocabulary(words.words, earlier.words.counts, words.unk_token)
    return same, Start(earlier.vectors, earlier.output_vectors)


# ---- frozen rows


def frozen(
    freeze: Iterable[Hashable] | bool | None, words: Vocabulary, start: Start | None
) -> Bool | None:
    """The mask of the rows that training must not change: bool (V,), or None."""
    if freeze is None or freeze is False:
        return None
    mask = np.zeros(len(words), dtype=bool)
    if freeze is True:
        if start is None:
            raise ValueError(
                "freeze=True needs init or an earlier fit, whose vectors are kept: give init, or "
                "leave freeze out"
            )
        mask[slice(None) if start.rows is None else start.rows] = True
        return mask
    if isinstance(freeze, (str, bytes)) or not hasattr(freeze, "__iter__"):
        raise TypeError(f"freeze={shown(freeze)}: give a list of words, or True")
    for word in freeze:
        row = words.index.get(word)
        if row is None:
            raise ValueError(
                f"freeze contains {shown(word)}, which is not among the {len(words)} words of the "
                "vocabulary: leave it out"
            )
        mask[row] = True
    return mask


def check_freeze_output(params: Parameters, freeze_output: Any) -> None:
    """Raise if the output vectors cannot be frozen with these parameters."""
    check_flags(freeze_output=freeze_output)
    if freeze_output and params.loss != "neg":
        raise ValueError(
            f"freeze_output=True with loss={params.loss!r}: give loss='neg', whose output vectors "
            "belong to words"
        )


def check_output_vectors(start: Start | None, words: Vocabulary) -> None:
    """Raise unless every word has an initial output vector, which then can be frozen."""
    if start is None or start.w_out is None:
        raise ValueError(
            "freeze_output=True needs output vectors: give a fitted Word2Vec as init, or continue "
            "an earlier fit"
        )
    has = np.zeros(len(words), dtype=bool)
    has[slice(None) if start.out_rows is None else start.out_rows] = True
    if not has.all():
        raise ValueError(
            f"freeze_output=True: {shown(words.words[int(np.argmin(has))])} and "
            f"{int((~has).sum()) - 1:,} other words have no output vector: give the vocabulary of "
            "the earlier model, as in fit(X, vocabulary=vocabulary, init=model)"
        )
