"""`transform`: documents of a corpus as rows of a vocabulary, and one vector for each document.

Unlike the id stream of training, nothing is dropped: an empty line is a document too, and an
unknown word has the id -1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import kind_of, shown
from w2vext._arguments.sentences import PLAIN, sentence_of, words_of
from w2vext._estimator import pooling
from w2vext._estimator.parameters import check_tokenizer, unknown_policy
from w2vext.text import tokenized
from w2vext.text.corpus import open_corpus
from w2vext.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from w2vext._arguments.types import CorpusLike, Float32, Int32, Int64
    from w2vext._estimator.fitted import Fitted
    from w2vext._estimator.parameters import Parameters
    from w2vext.text.subwords import SubwordVectors

BATCH = 1 << 16  # tokens that are pooled at a time


def transform(
    params: Parameters,
    fitted: Fitted,
    X: CorpusLike,
    subwords: SubwordVectors | None = None,
    whitening: pooling.Whitening | None = None,
) -> Float32:
    """One vector per document: float32 (n_documents, vector_size)."""
    policy = unknown_policy(params)
    arguments = _pooling_arguments(params, fitted, policy)

    def pooled(table: Any, ids: Int32, offsets: Int64) -> Float32:
        out = pooling.pool(table, ids, offsets, **arguments)
        if whitening is None:
            return out
        ones = np.broadcast_to(np.float32(1), (len(table), 1))  # a view of one number
        shares = pooling.pool(ones, ids, offsets, **arguments)[:, 0]
        return pooling.whitened(out, shares.astype(np.float64), whitening)

    absent = fitted.words.unk_row
    corpus = open_corpus(X, Tokenizer.of(params))
    if policy == "subwords" and subwords is not None:
        parts = [
            pooled(table, ids, offsets)
            for table, ids, offsets in _composed_rows(corpus, fitted, subwords, absent)
        ]
    else:
        must_know = policy == "error" and absent < 0
        batches = rows(corpus, fitted.words.index, absent=absent, must_know=must_know)
        parts = [pooled(fitted.vectors, *batch) for batch in batches]
    if not parts:
        return np.zeros((0, fitted.vectors.shape[1]), dtype=np.float32)
    out = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if params.pooling == "sif" and fitted.sif_component is not None:
        return pooling.without(out, fitted.sif_component)
    return out


class _Extended:
    """The vectors of known words, followed by those of the unknown words of a batch."""

    def __init__(self, vectors: Float32, more: Float32) -> None:
        self.vectors, self.more = vectors, more
        self.shape = (len(vectors) + len(more), vectors.shape[1])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, ids: Any) -> Float32:
        known = len(self.vectors)
        out = self.vectors[np.where(ids < known, ids, 0)]
        out[ids >= known] = self.more[ids[ids >= known] - known]
        return out


def _composed_rows(
    corpus: Any, fitted: Fitted, subwords: SubwordVectors, absent: int
) -> Iterator[tuple[Any, Int32, Int64]]:
    """Yield (vectors, ids, offsets) of each batch; unknown words are composed from n-grams."""
    known = len(fitted.vectors)

    class Numbers(dict):  # type: ignore[type-arg]
        """The rows of known words, and a number above them for each unknown word of a batch."""

        def get(self, word: Any, default: Any = None) -> int:
            row = fitted.words.index.get(word)
            return self.setdefault(word, known + len(self)) if row is None else row

    numbers = Numbers()
    for ids, offsets in rows(corpus, numbers):
        vectors, has = subwords.compose(list(numbers))
        if not has.all():
            places = np.where(has, np.arange(known, known + len(has)), absent)
            beyond = ids >= known
            ids[beyond] = places[ids[beyond] - known]
        yield _Extended(fitted.vectors, vectors), ids, offsets
        numbers.clear()


def _pooling_arguments(params: Parameters, fitted: Fitted, policy: str) -> dict[str, Any]:
    """The keyword arguments of `pooling.pool` for the parameter `pooling`."""
    needed = {"idf": ("idf_", fitted.idf), "sif": ("sif_component_", fitted.sif_component)}
    attribute, value = needed.get(params.pooling, ("", True))
    if value is None:
        raise ValueError(
            f"pooling={params.pooling!r} needs {attribute}, which is computed only by a fit with "
            "this pooling: fit again, or choose 'mean' or 'sum'"
        )
    unknown = "skip" if policy in ("error", "subwords") else policy
    if params.pooling == "idf":
        return {"unknown": unknown, "weights": fitted.idf, "divide": "weights"}
    if params.pooling in ("sif", "zipf"):
        weights = pooling.sif_weights(fitted.words.counts, params.sif_smoothing)
        return {"unknown": unknown, "weights": weights}
    return {"unknown": unknown, "divide": None if params.pooling == "sum" else "count"}


def tokenized_text(params: Any, text: Any) -> list[Any]:
    """The words of one document, a str."""
    check_tokenizer(params)
    if not isinstance(text, str):
        raise TypeError(f"text={shown(text)} is {kind_of(text)}: give a str")
    return Tokenizer.of(params).words_of(text, "text")


def documents(corpus: Any) -> Iterator[list[Any]]:
    """Yield the tokens of each document as a list; a line of a text file is a document.

    Parameters
    ----------
    corpus : Corpus

    Raises
    ------
    TypeError
        A document is a str, a dict or not iterable, or a token is not a word.
    ValueError
        A line is not UTF-8 or contains a NUL byte; the message names file and line.
    """
    if corpus.kind != "tokens":
        yield from tokenized.documents(corpus)
        return
    for number, document in enumerate(corpus.sentences()):
        if type(document) is list and PLAIN.issuperset(map(type, document)):
            yield document  # what most documents are, without the checks of the others
            continue
        tokens = sentence_of(document, f"document {number}")
        if type(tokens) is not list:
            tokens = tokens.tolist() if hasattr(tokens, "tolist") else list(tokens)
        yield words_of(tokens, f"document {number}")


def readable_twice(X: CorpusLike, tokenizer: Tokenizer) -> Any:
    """`X` itself, or a list of its documents if it may be readable only once.

    An object that wraps an iterator, such as a progress bar, cannot be recognized; only arrays and
    lists of lists are certain to be the same when they are read again.
    """
    corpus = open_corpus(X, tokenizer)
    if corpus.kind in ("files", "columns"):
        return list(documents(corpus)) if corpus.one_shot else X
    if corpus.kind == "texts":
        return X if isinstance(X, (list, tuple)) else list(tokenized.texts(corpus))
    if isinstance(X, np.ndarray) or (
        isinstance(X, (list, tuple)) and all(isinstance(d, (list, tuple, np.ndarray)) for d in X)
    ):
        return X
    return list(documents(corpus))


def rows(
    corpus: Any, index: dict[Any, int], *, absent: int = -1, must_know: bool = False
) -> Iterator[tuple[Int32, Int64]]:
    """Yield (ids int32 (N,), offsets int64 (n + 1,)) for one batch of documents at a time.

    Parameters
    ----------
    corpus : Corpus
    index : dict
        The row of each known word.
    absent : int
        The id of unknown words.
    must_know : bool
        Raise KeyError for an unknown word.
    """
    row = index.get
    ids, offsets = [], [0]
    for number, document in enumerate(documents(corpus)):
        try:
            found = [row(token, absent) for token in document]
        except TypeError as error:
            raise TypeError(
                f"document {number} contains a token that cannot be looked up ({error}): give "
                "str, int or another hashable"
            ) from None
        if must_know and -1 in found:
            unknown = document[found.index(-1)]
            raise KeyError(
                f"document {number} contains {shown(unknown)}, which is not in the vocabulary: set "
                "unknown to 'skip', 'zero' or 'mean'"
            )
        ids += found
        offsets.append(len(ids))
        if len(ids) >= BATCH or len(offsets) > BATCH:
            yield np.array(ids, dtype=np.int32), np.array(offsets, dtype=np.int64)
            ids, offsets = [], [0]
    if len(offsets) > 1:
        yield np.array(ids, dtype=np.int32), np.array(offsets, dtype=np.int64)
