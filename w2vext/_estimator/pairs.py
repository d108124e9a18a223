"""Pairs in place of sentences: their vocabulary, their stream, and their noise distribution."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator import streams, weights
from w2vext.text import vocabulary as vocab
from w2vext.text.corpus import open_corpus
from w2vext.text.pairs import Pairs
from w2vext.text.selection import Selection, cut
from w2vext.training import settings as training
from w2vext.training.pairs import PairStream

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import Float64, Int32
    from w2vext._estimator.parameters import Parameters


class Read(NamedTuple):
    """All words of some pairs; ids (n, 2) has the centre and the context word of each."""

    words: vocab.Vocabulary
    ids: Int32
    weights: Float64


def check(params: Parameters) -> None:
    """Raise if pairs cannot be trained with these parameters."""
    for name, wrong, remedy in (
        ("architecture", ("cbow",), "architecture='skipgram', because a pair has no window"),
        ("loss", ("softmax",), "loss='neg' or loss='hs'"),
        (
            "global_context",
            ("first", "last"),
            "global_context=None, because a pair has no sentence",
        ),
        ("pooling", ("idf", "sif"), "pooling='mean', because pairs are not documents"),
    ):
        value = getattr(params, name)
        if value in wrong:
            raise ValueError(f"{name}={value!r} with Pairs: give {remedy}")
    if params.max_vocab_size is not None:
        raise ValueError(
            f"max_vocab_size={params.max_vocab_size} with Pairs, whose words are all held in "
            "memory: give max_vocab_size=None"
        )


def counted(
    params: Parameters, X: Pairs, vocabulary: Any, earlier: vocab.Vocabulary | None, seed: int
) -> tuple[vocab.Vocabulary, PairStream]:
    """The vocabulary and the stream of some pairs, for training.

    A pair of weight w is repeated ⌈w⌉ times, with weights of w / ⌈w⌉. The order is random.
    """
    check(params)
    every, ids, pair_weights = read(X)
    both = np.repeat(pair_weights, 2)
    if earlier is None:
        words = weights.selected("weight", params, every, ids.ravel(), both, vocabulary)
    else:
        words = _extended(params, every, ids, both, earlier)
    rows, kept = _rows(every, ids, words)
    times = np.ceil(pair_weights).astype(np.int64) * kept
    order = np.repeat(np.arange(len(times)), times)
    if not len(order):
        raise ValueError(
            "X: no pair of a weight above 0 has two words of the vocabulary: give more pairs, or "
            f"lower min_count={shown(params.min_count)}"
        )
    np.random.default_rng(seed).shuffle(order)
    share = (pair_weights[order] / times[order]).astype(np.float32)
    return words, _stream(rows[order], None if (share == 1).all() else share)


def encoded(name: str, X: Any, words: vocab.Vocabulary, params: Parameters) -> Any:
    """The stream of a text or of pairs that are evaluated; errors name the parameter `name`."""
    if not isinstance(X, Pairs):
        return streams.encoded(name, X, words, params)
    check(params)
    every, ids, pair_weights = read(X)
    rows, kept = _rows(every, ids, words)
    if not kept.any():
        raise ValueError(
            f"{name}: no pair of a weight above 0 has two words of the vocabulary: give more pairs"
        )
    found = pair_weights[kept].astype(np.float32)
    return _stream(rows[kept], None if (found == 1).all() else found)


def noise(stream: PairStream, words: int, exponent: float) -> Float64:
    """The weights of the words as negatives: those of the pairs of which they are the centre."""
    counts = np.bincount(stream.ids, stream.weights, minlength=words)
    found = np.zeros(words)
    found[counts > 0] = training.noise_weights(counts[counts > 0], exponent)
    return found


def read(X: Pairs) -> Read:
    """The words of all pairs, and the pairs of a weight above 0 as numbers."""
    for name, column in (("center", X.center), ("context", X.context)):
        for at, word in enumerate(column):
            if not isinstance(word, Hashable) or word is None or word != word:
                raise ValueError(
                    f"{name}: the word of pair {at} is {shown(word)}, {kind_of(word)}: give str or "
                    "other hashable objects, and leave out missing values"
                )
    if not len(X):
        raise ValueError("X has no pairs: give at least one")
    found = np.ones(len(X)) if X.weight is None else weights.numbers("weight", X.weight)
    if len(found) != len(X):
        raise ValueError(f"weight has {len(found)} numbers for {len(X)} pairs: give one for each")
    corpus = open_corpus(list(pair) for pair in zip(X.center, X.context, strict=True))
    words, stream = vocab.build(corpus, min_count=1)
    with stream:
        ids = np.array(stream.ids).reshape(-1, 2)
    return Read(words, ids[found > 0], found[found > 0])


def _rows(every: vocab.Vocabulary, ids: Int32, words: vocab.Vocabulary) -> tuple[Int32, Any]:
    """The rows of the words of each pair, (n, 2), and whether it has two: bool (n,)."""
    table = [words.index.get(word, words.unk_row) for word in every.words]
    rows = np.array(table, dtype=np.int32)[ids]
    return rows, (rows >= 0).all(axis=1)


def _stream(rows: Int32, pair_weights: Any) -> PairStream:
    return PairStream(
        np.ascontiguousarray(rows[:, 0]), np.ascontiguousarray(rows[:, 1]), pair_weights
    )


def _extended(
    params: Parameters,
    every: vocab.Vocabulary,
    ids: Int32,
    both: Float64,
    earlier: vocab.Vocabulary,
) -> vocab.Vocabulary:
    """The vocabulary of an earlier fit with the new words, and the sums of the counts."""
    counts, first = weights.weighted_counts(every, ids.ravel(), both)
    token = earlier.unk_token
    selection = Selection(params.min_count, params.max_final_vocab, params.trim_rule, token)
    rows = np.array([earlier.index.get(word, -1) for word in every.words])
    free = params.max_final_vocab
    if free is not None:
        free = max(0, free - len(earlier))
    new = cut(*selection.candidates(counts, first, every.words, rows < 0), free)
    new = new[counts[new] > 0]
    total = np.append(earlier.counts, counts[new])
    np.add.at(total, rows[rows >= 0], counts[rows >= 0])
    if token is not None:
        rest = counts[rows < 0].sum() - counts[new].sum()
        total[earlier.index[token]] += rest
    return vocab.Vocabulary([*earlier.words, *(every.words[i] for i in new.tolist())], total, token)
