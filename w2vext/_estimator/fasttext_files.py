"""Reads and writes trainable models in fastText's file format (.bin)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import damaged, shown
from w2vext._estimator import parameters, subwords
from w2vext._estimator.fitted import Fitted
from w2vext._estimator.parameters import Parameters
from w2vext.text.subwords import text_of
from w2vext.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import FilePath

_LOSSES = {"ns": "neg", "hs": "hs", "softmax": "softmax"}


def is_model(path: FilePath) -> bool:
    """Whether a file is a fastText model."""
    from w2vext.formats import fasttext_bin

    if not isinstance(path, (str, os.PathLike)) or not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        head = file.read(fasttext_bin.HEAD)
    return fasttext_bin.is_model(head) or fasttext_bin.is_old_model(head)


def save(path: FilePath, params: Parameters, fitted: Fitted) -> None:
    """Write a model as a .bin."""
    from w2vext.formats import fasttext_model

    composed = subwords.of_fit(params, fitted)
    meta = {
        "counts": fitted.words.counts,
        "output_vectors": fitted.output_vectors,
        "parameters": {"params": vars(params)},
        "subwords": None if composed is None else composed.stored(fitted.words.words),
    }
    fasttext_model.write(path, fitted.words.words, fitted.vectors, meta)


def load(path: FilePath, mmap: bool = False) -> tuple[dict[str, Any], Fitted]:
    """The parameters and the fit of a model written by fastText or `save`.

    Only buckets with an n-gram of the vocabulary have rows, since fastText never trains the others.
    """
    from w2vext.formats import fasttext_bin, fasttext_model

    file = fasttext_bin.read_model(path, mmap=mmap)
    _check_trainable(path, file)
    s = file.settings
    has_ngrams = fasttext_model.has_ngrams(file)
    found: dict[str, Any] = {
        "architecture": file.model,
        "loss": _LOSSES[file.loss],
        "vector_size": s["dim"],
        "window": s["ws"],
        "negative": s["neg"],
        "ns_exponent": 0.5,
        "cbow_gradient": "word2vec",
        "min_n": max(s["minn"], 1) if has_ngrams else 0,
        "max_n": s["maxn"] if has_ngrams else 0,
        "min_count": max(s["min_count"], 1),
        "sample": s["t"],
        "epochs": s["epoch"],
        "alpha": 0.05,
    }
    if has_ngrams:
        found["bucket"] = s["bucket"]
    try:
        params = Parameters(**found)
        parameters.check(params)
        words = [text_of(word) for word in file.words]
        vocabulary = Vocabulary(words, file.counts.copy(), None)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None
    n, grams = len(words), subwords.of(params, vocabulary)
    rows = np.arange(n)
    if grams is not None and grams.buckets is not None:
        rows = np.concatenate([rows, n + grams.buckets.astype(np.int64)])
    inputs, outputs = file.inputs.take(rows), file.outputs.take()
    if file.loss == "hs":  # fastText's labels are the opposite of word2vec.c's
        outputs = -outputs[: max(1, n - 1)]
    return found, Fitted(
        words=vocabulary,
        vectors=subwords.vectors(inputs, grams),
        subword_vectors=None if grams is None else inputs,
        output_vectors=outputs,
        loss_history=[],
        n_iter=s["epoch"],
        alpha=params.alpha or 0.0,
        deterministic=False,
        seed=0,
    )


def _check_trainable(path: FilePath, file: Any) -> None:
    """Raise ValueError if training cannot continue from a model."""
    if file.model == "supervised":
        raise ValueError(
            f"{path}: a supervised model, whose outputs are labels: load_fasttext predicts with "
            "it, and KeyedVectors.load reads its word vectors"
        )
    if file.quantized:
        raise ValueError(
            f"{path}: a quantized model cannot be trained: KeyedVectors.load reads its vectors"
        )
    if file.loss not in _LOSSES:
        raise ValueError(
            f"{path}: Word2Vec does not have the loss {shown(file.loss)}: KeyedVectors.load reads "
            "the vectors"
        )
    if not file.words:
        raise ValueError(damaged(path, "the model has no words"))
