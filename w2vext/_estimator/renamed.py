"""Hints for names of gensim and of earlier versions: the name or call to use instead."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar, cast

from w2vext._arguments.messages import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

Init = TypeVar("Init", bound="Callable[..., None]")

# Old name: new name with the same meaning.
WORD2VEC_RENAMED = {
    "size": "vector_size",
    "iter": "epochs",
    "seed": "random_state",
    "unk": "unk_token",
    "max_vocab": "max_final_vocab",
    "max_scan_vocab": "max_vocab_size",
}
# Name: what to write instead; a dict has a hint for each value.
WORD2VEC_REPLACED: dict[str, str | dict[int, str]] = {
    "sentences": "pass the sentences to fit: Word2Vec().fit(sentences)",
    "corpus_file": "pass the path to fit: Word2Vec().fit(path)",
    "sg": {0: 'use architecture="cbow"', 1: 'use architecture="skipgram"'},
    "hs": {
        0: 'use loss="neg", the default',
        1: 'use loss="hs", or loss="hs+neg" for negative samples as well',
    },
    "cbow_mean": {
        0: "CBOW always takes the mean of the context; leave it out",
        1: "CBOW always takes the mean of the context; leave it out",
    },
    "compute_loss": "the loss is always computed, see loss_history_; leave it out",
    "sorted_vocab": "words are always sorted by count; leave it out",
    "batch_words": "sentences of any length are trained completely; leave it out",
    "hashfxn": "initial vectors depend on random_state only; leave it out",
    "null_word": "a null word is not used; leave it out",
    "comment": "comments are not stored; leave it out",
}
WORD2VEC_ATTRIBUTES = {
    "context_vectors_": "output_vectors_",
    "unk_": "unk_token_",
    "syn1": "output_vectors_",
    "syn1neg": "output_vectors_",
    "corpus_count": "counts_",
    "train": "partial_fit",
    "build_vocab": "fit",
    "get_latest_training_loss": "loss_history_",
    "index2word": "wv.index_to_key",
    "index_to_key": "wv.index_to_key",
    "most_similar": "wv.most_similar",
}

PHRASES_RENAMED = {"common_terms": "connector_words", "max_vocab_size": "max_pairs"}
PHRASES_REPLACED: dict[str, str | dict[int, str]] = {
    "sentences": "pass the sentences to fit: Phrases().fit(sentences)",
    "progress_per": "nothing is logged; leave it out",
}


def answer(
    name: str,
    value: object,
    renamed: Mapping[str, str],
    replaced: Mapping[str, str | dict[int, str]],
) -> str | None:
    """One line that says what to write instead of a parameter; None for other names."""
    if name in renamed:
        return f"{name} was renamed: use {renamed[name]}={shown(value)}"
    is_corpus = isinstance(value, Iterable) and not isinstance(value, str)
    if name not in replaced or (name == "sentences" and not is_corpus):
        return None  # gensim's parameter of this name is the corpus, and ours is a str
    text = replaced[name]
    if isinstance(text, dict):
        answers = " or ".join(dict.fromkeys(text.values()))
        text = text.get(value, answers) if isinstance(value, int) else answers
    return f"{name} is not a parameter: {text}"


def keyword_only(
    renamed: Mapping[str, str], replaced: Mapping[str, str | dict[int, str]]
) -> Callable[[Init], Init]:
    """Make `__init__` raise a helpful TypeError for positional arguments and for old names.

    The signature stays visible to `inspect` and thereby to scikit-learn.
    """

    def decorate(init: Init) -> Init:
        @functools.wraps(init)
        def checked(*args: Any, **params: Any) -> None:
            if len(args) > 1:
                name = type(args[0]).__name__
                raise TypeError(
                    f"{name}() takes no positional arguments; pass the sentences to fit: "
                    f"{name}().fit(sentences)"
                )
            for name, value in params.items():
                text = answer(name, value, renamed, replaced)
                if text is not None:
                    raise TypeError(text)
            init(*args, **params)

        return cast("Init", checked)

    return decorate
