"""Weights of sentences, and the weights and groups by which words are drawn as noise."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.arrays import as_list
from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator.documents import documents
from w2vext._estimator.streams import given_vocabulary
from w2vext.text import vocabulary as vocab
from w2vext.text.corpus import open_corpus
from w2vext.text.tokenizer import Tokenizer
from w2vext.training.settings import has_negatives

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import CorpusLike, Float64, Int32, Int64
    from w2vext._estimator.parameters import Parameters


def of_negatives(
    words: vocab.Vocabulary, params: Parameters, noise: Any = None, noise_groups: Any = None
) -> dict[str, Any]:
    """The settings of the negatives that the arguments of `fit` give, by field name."""
    found: dict[str, Any] = {}
    if noise is not None:
        found["noise"] = _noise_weights(noise, words, params)
    if noise_groups is not None:
        found["noise_groups"] = _noise_groups(noise_groups, words, params)
    return found


def _noise_weights(noise: Any, words: vocab.Vocabulary, params: Parameters) -> Float64:
    """The weight of each word among the negatives, float64 (V,), from the argument `noise`.

    Words that a mapping does not contain have the weight 0.
    """
    _check_negatives("noise", params)
    mapping = _as_mapping(noise)
    if mapping is not None:
        values: list[Any] = [mapping.get(word, 0) for word in words.words]
        found = numbers("noise", values, words.words)
        if not found.any():
            raise ValueError(
                f"noise={shown(noise)} has no weight above 0 for any of the {len(words)} words of "
                "the vocabulary: check its keys"
            )
    else:
        found = numbers("noise", noise)
        if len(found) != len(words):
            raise ValueError(
                f"noise has {len(found)} weights, but the vocabulary has {len(words)} words: give "
                "a mapping of word to weight, or an array in the order of the vocabulary"
            )
        if not found.any():
            raise ValueError("noise: all weights are 0: give at least one above 0")
    return found


def _noise_groups(groups: Any, words: vocab.Vocabulary, params: Parameters) -> Int32:
    """The number of each word's group, int32 (V,), from the argument `noise_groups`.

    Groups are numbered in the order of their first words; -1 is a word without a group.
    """
    _check_negatives("noise_groups", params)
    mapping = _as_mapping(groups)
    if mapping is not None:
        labels = [mapping.get(word) for word in words.words]
    else:
        labels = _labels(groups)
        if len(labels) != len(words):
            raise ValueError(
                f"noise_groups has {len(labels)} groups, but the vocabulary has {len(words)} "
                "words: give a mapping of word to group, or an array in the order of the vocabulary"
            )
    numbers: dict[Any, int] = {}
    found = np.full(len(words), -1, dtype=np.int32)
    for row, label in enumerate(labels):
        if not _is_missing(label):
            found[row] = numbers.setdefault(label, len(numbers))
    if not numbers:
        raise ValueError(
            f"noise_groups={shown(groups)} has no group for any of the {len(words)} words of the "
            "vocabulary: check its keys"
        )
    return found


def _as_mapping(values: Any) -> Mapping[Any, Any] | None:
    """The values by word if they are a mapping, or a Series of pandas with words as its index."""
    if isinstance(values, Mapping):
        return values
    index = getattr(values, "index", None)
    library = type(values).__module__.partition(".")[0]
    if library == "pandas" and type(index).__name__ != "RangeIndex":
        return dict(values.items())
    return None


def _labels(groups: Any) -> list[Any]:
    """The elements of an array or a column as objects of Python."""
    found = as_list(groups)
    if found is None:
        raise TypeError(
            f"noise_groups={shown(groups)} is {kind_of(groups)}: give a mapping of word to group, "
            "or an array in the order of the vocabulary"
        )
    return found


def _is_missing(label: Any) -> bool:
    """Whether the label of a group is None, NaN or another missing value."""
    try:
        hash(label)
    except TypeError:
        raise TypeError(
            f"noise_groups contains {shown(label)}, {kind_of(label)}: give groups that are "
            "hashable, such as str or int"
        ) from None
    try:
        return label is None or bool(label != label)
    except TypeError:  # pandas.NA
        return True


def _check_negatives(name: str, params: Parameters) -> None:
    """Raise if the loss draws no negatives, to which the argument `name` applies."""
    if not has_negatives(params.loss):
        raise ValueError(
            f"{name} with loss={params.loss!r}, which draws no negatives: leave it out, or choose "
            "loss='neg'"
        )


def numbers(name: str, values: Any, words: Sequence[Any] | None = None) -> Float64:
    """A 1-D array of weights, checked: finite and at least 0. Messages name the word, if given."""

    def place(at: int) -> str:
        return f"weight {at}" if words is None else f"the weight of {shown(words[at])}"

    try:
        found = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        for at, value in enumerate(values if isinstance(values, (list, tuple)) else ()):
            if not isinstance(value, Real):
                raise TypeError(f"{name}: {place(at)} is {shown(value)}: give numbers") from None
        raise TypeError(f"{name}={shown(values)} is {kind_of(values)}: give numbers") from None
    if found.ndim != 1:
        raise ValueError(
            f"{name} has {found.ndim} dimensions: give a list or an array of one dimension"
        )
    wrong = np.flatnonzero(~(np.isfinite(found) & (found >= 0)))
    if len(wrong):
        at = int(wrong[0])
        raise ValueError(f"{name}: {place(at)} is {found[at]:g}: give finite numbers of at least 0")
    return found


def counted(
    params: Parameters, X: CorpusLike, sample_weight: Any, vocabulary: Any, seed: int
) -> tuple[vocab.Vocabulary, vocab.Stream]:
    """The vocabulary and the stream of a corpus whose sentences have weights.

    A sentence of weight w occurs floor(w) times, and once more with a probability of w - floor(w),
    so that it occurs w times in expectation. The count of a word is the rounded sum of
    the weights of its occurrences.
    """
    if params.max_vocab_size is not None:
        raise ValueError(
            f"max_vocab_size={params.max_vocab_size} with sample_weight, which counts all words "
            "first: give max_vocab_size=None"
        )
    weights = numbers("sample_weight", sample_weight)
    lengths: list[int] = []

    def measured() -> Iterator[list[Any]]:
        for document in documents(open_corpus(X, Tokenizer.of(params))):
            lengths.append(len(document))
            yield document

    every, stream = vocab.build(open_corpus(measured()), min_count=1)
    with stream:
        if len(weights) != len(lengths):
            raise ValueError(
                f"sample_weight has {len(weights)} weights, but X has {len(lengths)} sentences: "
                "give one weight for each"
            )
        weights = weights[np.array(lengths) > 0]  # the stream has no empty sentences
        ids, sizes = np.asarray(stream.ids), np.diff(stream.offsets)
        positions = np.repeat(weights, sizes)
        words = selected("sample_weight", params, every, ids, positions, vocabulary)
        times = np.floor(weights).astype(np.int64)
        times += np.random.default_rng(seed).random(len(times)) < weights - times
        rows = np.array([words.index.get(word, words.unk_row) for word in every.words], np.int32)
        return words, repeated(rows[ids], stream.offsets, times)


def selected(
    name: str,
    params: Parameters,
    every: vocab.Vocabulary,
    ids: Int32,
    weights: Float64,
    vocabulary: Any,
) -> vocab.Vocabulary:
    """The words to learn, with weighted counts; `weights` has the weight of each position.

    `name` is the argument that has the weights.
    """
    if vocabulary is not None:
        return given_vocabulary(vocabulary, params)
    counts, first = weighted_counts(every, ids, weights)
    order = np.argsort(first).tolist()  # words with equal counts by first occurrence
    mapping = {every.words[i]: int(counts[i]) for i in order if counts[i] > 0}
    if not mapping:
        raise ValueError(
            f"{name}: the weighted counts of all words are rounded to 0: give larger weights"
        )
    return given_vocabulary(mapping, params)


def weighted_counts(every: vocab.Vocabulary, ids: Int32, weights: Float64) -> tuple[Int64, Int64]:
    """The rounded sum of the weights of each word's positions, and its first position."""
    counts = np.rint(np.bincount(ids, weights, minlength=len(every))).astype(np.int64)
    first = np.full(len(every), len(ids), dtype=np.int64)
    np.minimum.at(first, ids, np.arange(len(ids)))
    return counts, first


def repeated(ids: NDArray[Any], offsets: Int64, times: Int64) -> vocab.Stream:
    """The stream in which sentence s occurs times[s] times; ids below 0 are left out."""
    order = np.repeat(np.arange(len(times)), times)
    sizes = np.diff(offsets)[order]
    ends = np.cumsum(sizes)
    places = np.arange(sizes.sum()) + np.repeat(offsets[order] - (ends - sizes), sizes)
    found = ids[places]
    known = found >= 0
    kept = np.append(0, np.cumsum(known))[np.append(0, ends)]
    kept = kept[np.append(True, np.diff(kept) > 0)]
    return vocab.Stream(np.ascontiguousarray(found[known]), kept, len(found))
