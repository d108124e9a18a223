"""Files of models under gensim's names, conversion from gensim, predictions and scores."""

from __future__ import annotations

import inspect
from dataclasses import replace
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import damaged_native, shown, text_of, warn
from w2vext._estimator import fit as fitting
from w2vext._estimator import heldout, persistence
from w2vext._estimator.fitted import Fitted
from w2vext._estimator.parameters import SEEDS
from w2vext.formats import native
from w2vext.gensim.models import _training, _vector_files, _vocabularies
from w2vext.training.heldout import sentence_losses

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from w2vext._arguments.types import FilePath, Float64, Neighbors

# Arguments of the constructor that a file stores, and what a model has learned besides vectors.
_ARGUMENTS = (
    "vector_size alpha window min_count max_vocab_size sample seed workers min_alpha sg hs "
    "negative ns_exponent epochs batch_words compute_loss comment max_final_vocab shrink_windows "
    "min_n max_n bucket"
).split()
_STATE = (
    "corpus_count corpus_total_words train_count effective_min_count min_alpha_yet_reached"
).split()


def fitted(model: Any) -> Fitted:
    """The state of a model with a vocabulary."""
    return Fitted(
        words=_vocabularies.of_vectors(model.wv),
        vectors=model.wv.vectors,
        subword_vectors=model._subword_rows(),
        output_vectors=model._outputs(),
        loss_history=list(model._losses),
        n_iter=len(model._losses),
        alpha=float(model.alpha),
        deterministic=False,
        seed=int(model.seed or 0) % SEEDS,
    )


def save(model: Any, path: FilePath, separately: Any, ignore: Iterable[str]) -> None:
    """Write a model; `Word2Vec.save` documents the parameters."""
    _vector_files.check_save(separately, ignore)
    if not model._has_outputs():
        raise RuntimeError("there is no vocabulary to save: call build_vocab first")
    contents, _ = persistence.contents(_training.parameters(model), state := fitted(model))
    arguments = {}
    for name in _arguments(type(model)):
        try:
            arguments[name] = persistence.json_value(getattr(model, name))
        except TypeError:
            raise ValueError(
                f"{name}={shown(getattr(model, name))} cannot be stored: set it to a str or number"
            ) from None
    wv = model.wv
    contents["parameters"]["gensim"] = {
        "class": model._kind,
        "arguments": arguments,
        "state": {name: persistence.json_value(getattr(model, name)) for name in _STATE},
        "vecattrs": _vector_files.plain_attributes(wv),
        "frozen": np.flatnonzero(np.asarray(wv.vectors_lockf) == 0).tolist(),
        "n_lockf": len(wv.vectors_lockf),
    }
    native.write(path, state.words.words, state.vectors, contents)


def _arguments(cls: Any) -> list[str]:
    """The stored arguments of a class's constructor."""
    known = inspect.signature(cls.__init__).parameters
    return [name for name in _ARGUMENTS if name in known]


def load(cls: Any, path: FilePath, mmap: Any) -> Any:
    """Read a model that `save` wrote; `Word2Vec.load` documents the errors."""
    mapped = _vector_files.check_mmap(mmap)
    with _vector_files.advising():
        entry = native.read(path, mmap=True)[2]["parameters"]
    stored = entry.get("gensim") if isinstance(entry, dict) else None
    if not isinstance(stored, dict) or "arguments" not in stored:
        raise AttributeError(
            f"{path}: the file contains no model of w2vext.gensim: KeyedVectors.load reads "
            "vectors, and w2vext.Word2Vec.load its own models"
        )
    if stored.get("class") != cls._kind:
        raise AttributeError(
            f"{path}: a model of {stored.get('class')}: load it with that class, not {cls._kind}"
        )
    _, found = persistence.load(path, mapped)
    try:
        model = cls(**stored["arguments"])
        for name in _STATE:
            setattr(model, name, stored["state"][name])
        factors = np.ones(stored["n_lockf"], np.float32)
        factors[stored["frozen"]] = 0
        attributes = dict(stored["vecattrs"])
    except (TypeError, ValueError, KeyError, IndexError) as error:
        what = f"the stored arguments are not valid ({text_of(error)})"
        raise ValueError(damaged_native(path, what)) from None
    model._restore(found)
    model.wv.vectors_lockf = factors
    model.wv.expandos |= {
        name: _vector_files.attribute_array(values) for name, values in attributes.items()
    }
    model._losses = list(found.loss_history)
    return model


def from_gensim(cls: Any, theirs: Any) -> Any:
    """Convert a model of gensim; `Word2Vec.from_gensim` documents the errors."""
    kind = "FastText" if hasattr(theirs.wv, "vectors_ngrams") else "Word2Vec"
    if kind != cls._kind:
        raise TypeError(f"a model of gensim's {kind}: convert it by {kind}.from_gensim")
    if theirs.hs:
        raise ValueError(
            "the model has hierarchical softmax, whose output vectors belong to the inner nodes of "
            "gensim's Huffman tree: words with equal counts have other paths in the tree of this "
            "package. Convert its vectors by KeyedVectors.from_gensim(theirs.wv)"
        )
    of_vectors = ("min_n", "max_n", "bucket")
    model = cls(
        **{
            name: getattr(theirs.wv if name in of_vectors else theirs, name)
            for name in _arguments(cls)
        }
    )
    for name in (name for name in _STATE if hasattr(theirs, name)):
        setattr(model, name, getattr(theirs, name))
    model._take_vectors(theirs.wv)
    model.syn1neg = np.array(theirs.syn1neg, np.float32)
    model._output_words = model.wv.index_to_key
    return model


def predicted(model: Any, context: Iterable[Any], topn: int | None) -> Neighbors | None:
    """The most probable words in a context; `Word2Vec.predict_output_word` documents it."""
    if not model.negative or getattr(model, "syn1neg", None) is None:
        raise RuntimeError(
            "predict_output_word needs output vectors of negative sampling: train a model with "
            "negative above 0"
        )
    wv = model.wv
    words = [
        wv.index_to_key[wv.get_index(word)] if isinstance(word, Integral) else word
        for word in ([context] if isinstance(context, str) else context)
    ]
    if not any(word in wv.key_to_index for word in words):
        warn(
            f"context_words_list={shown(words)} contains no word of the vocabulary: give at least "
            "one known word"
        )
        return None
    state = replace(fitted(model), output_vectors=model.syn1neg)
    return heldout.most_probable(state, words, topn)


def scores(model: Any, sentences: Iterable[Any], total: int) -> Float64:
    """The log-likelihood of each sentence; `Word2Vec.score` documents it."""
    if not model.hs or model.negative:
        raise RuntimeError("score needs a model with hierarchical softmax: hs=1, negative=0")
    words = _vocabularies.of_vectors(model.wv)
    ids = [words.lookup(sentence) for sentence, _ in zip(sentences, range(total), strict=False)]
    params = _training.parameters(model, shrink_windows=False)
    return -sentence_losses(
        ids,
        words.counts,
        fitting.settings(params, 0, False),
        model.wv.vectors,
        model._outputs(),
    )
