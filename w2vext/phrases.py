"""Phrases: words that stand together more often than chance has it become one token.

An estimator to put in front of `Word2Vec`; pairs are counted and joined in C on id streams. Refuses
tokens that are no str, since a phrase's name is made of its words' names.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from w2vext._estimator import renamed
from w2vext._estimator.documents import documents
from w2vext.text import vocabulary as vocab
from w2vext.text._phrases import Lexicon, Pairs, decode
from w2vext.text.corpus import open_corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any, Literal

    from typing_extensions import Self

    from w2vext._types import CorpusLike, Int32, Int64

BATCH = 1 << 13  # tokens that are joined together, while they are in the nearest caches
THRESHOLDS = {"word2phrase": 100.0, "npmi": 0.5}


class Phrases(TransformerMixin, BaseEstimator):
    """Finds phrases such as "new_york", and joins them in documents.

    Parameters
    ----------
    scoring : {"word2phrase", "npmi"}, default="word2phrase"
        A pair's score: (count(ab) - min_count) · N / (count(a) · count(b)) with N words in the
        corpus, equation (6) of [1]_ times N as word2phrase has it; or normalised pointwise mutual
        information [2]_, ln(p(ab) / (p(a) p(b))) / -ln p(ab), from -1 to 1.
    min_count : int, default=5
        Rarer pairs are no phrases.
    threshold : float, sequence of float or None, default=None
        A phrase's score is above it. A sequence has one for each pass. None means 100, with "npmi"
        0.5.
    passes : int, default=1
        With each further pass phrases may become parts of longer ones.
    delimiter : str, default="_"
        What stands between the words of a phrase.
    connector_words : collection of str, default=()
        Words such as "of" that may stand inside a phrase: they neither begin nor end one, and the
        pair around them is what is scored.

    Attributes
    ----------
    phrases_ : dict
        Phrase to score, of all passes.
    n_words_ : int
        Words in the corpus.

    References
    ----------
    .. [1] T. Mikolov, I. Sutskever, K. Chen, G. Corrado, J. Dean. "Distributed representations of
       words and phrases and their compositionality". NIPS 2013.
    .. [2] G. Bouma. "Normalized (pointwise) mutual information in collocation extraction". GSCL
       2009.

    Examples
    --------
    >>> from w2vext import Phrases
    >>> text = [["i", "like", "new", "york"], ["new", "york", "is", "far"]] * 3
    >>> Phrases(min_count=1, threshold=1).fit_transform(text)[0]
    ['i', 'like', 'new_york']
    """

    @renamed.keyword_only(renamed.PHRASES_RENAMED, renamed.PHRASES_REPLACED)
    def __init__(
        self,
        *,
        scoring: Literal["word2phrase", "npmi"] = "word2phrase",
        min_count: int = 5,
        threshold: float | Sequence[float] | None = None,
        passes: int = 1,
        delimiter: str = "_",
        connector_words: Collection[str] = (),
    ) -> None:
        self.scoring = scoring
        self.min_count = min_count
        self.threshold = threshold
        self.passes = passes
        self.delimiter = delimiter
        self.connector_words = connector_words

    def fit(self, X: CorpusLike, y: object = None) -> Self:
        """Find the phrases of a corpus.

        Parameters
        ----------
        X : iterable of sentences, path, or list of paths
            As for ``Word2Vec.fit``; tokens are str.
        y : None
            Ignored.

        Returns
        -------
        Phrases
            The estimator itself.
        """
        with self._fit(X):
            return self

    def _fit(self, X: Any) -> vocab.Stream:
        """Fits; returns the corpus as ids, to be closed."""
        thresholds = self._thresholds()
        vocabulary, stream = vocab.build(open_corpus(X), min_count=1)
        with ExitStack() as stack:
            stack.enter_context(stream)
            names: list[Any] = list(vocabulary.words)
            other = next((name for name in names if not isinstance(name, str)), None)
            if other is not None:
                raise TypeError(
                    f"token {other!r} is a {type(other).__name__}: phrases are made of str"
                )
            index = dict(vocabulary.index)
            inside = np.zeros(len(names), dtype=np.uint8)
            inside[[index[word] for word in set(self.connector_words) & index.keys()]] = 1
            ids, offsets, n_words = stream.ids, stream.offsets, len(stream.ids)
            tables: list[Any] = []
            found: dict[str, float] = {}
            for number, threshold in enumerate(thresholds, 1):
                pairs = Pairs(inside)
                pairs.count(ids, offsets)
                table, scores = self._choose(pairs, ids, len(inside), threshold)
                prefixes = table[0]
                left_names = _prefix_names(names, prefixes, self.delimiter)
                chosen = []
                for left, right, score in zip(*(a.tolist() for a in table[1]), scores, strict=True):
                    name = f"{left_names(left)}{self.delimiter}{names[right]}"
                    if name not in index:
                        index[name] = len(names)
                        names.append(name)
                    found[name] = max(score, found.get(name, score))
                    chosen.append(index[name])
                table = prefixes, (*table[1], np.array(chosen, dtype=np.int64)), inside
                tables.append(table)
                inside = np.concatenate([inside, np.zeros(len(names) - len(inside), np.uint8)])
                if number < len(thresholds):
                    ids, _, offsets = _joiner(table).join(ids, offsets)
            self.phrases_, self.n_words_ = found, n_words
            self._names, self._tables = names, tables
            # Words that are in no phrase need no id from here on.
            self._index = {names[row]: row for row in _parts(tables, len(vocabulary))}
            self._ready: tuple[Lexicon, list[Pairs]] | None = None
            stack.pop_all()
        return stream

    def transform(self, X: CorpusLike) -> list[list[str]]:
        """The documents with their phrases joined.

        Parameters
        ----------
        X : iterable of documents, path, or list of paths
            In a file every line is a document, an empty one too.

        Returns
        -------
        list of list of str
        """
        check_is_fitted(self, "phrases_")
        lexicon, joiners = self._prepared()
        out, batch, size = [], [], 0
        for document in documents(open_corpus(X)):
            batch.append(document)
            size += len(batch[-1])
            if size >= BATCH:
                out += self._joined(batch, *lexicon.encode(batch), joiners)
                batch, size = [], 0
        return out + self._joined(batch, *lexicon.encode(batch), joiners)

    def fit_transform(self, X: CorpusLike, y: object = None) -> list[list[str]]:
        """Fit, then transform the same documents; what can be read only once is held in memory."""
        corpus = open_corpus(X)
        if corpus.kind == "files" and not corpus.one_shot:
            return self.fit(X).transform(X)
        X = list(documents(corpus))
        with self._fit(X) as stream:  # which has the ids of all but the empty documents
            _, joiners = self._prepared()
            full = [each for each in X if each]
            joined = iter(self._joined(full, stream.ids, stream.offsets, joiners))
            return [next(joined) if each else [] for each in X]

    def _joined(
        self, batch: list[list[str]], ids: Int32, before: Int64, joiners: list[Pairs]
    ) -> list[list[str]]:
        """A batch of documents, whose ids these are, with their phrases joined."""
        offsets = before
        starts: Any = None
        for joiner in joiners:
            ids, at, offsets = joiner.join(ids, offsets)
            starts = at if starts is None else starts[at]
        return decode(batch, before, self._names, ids, starts, offsets)

    def _prepared(self) -> tuple[Lexicon, list[Pairs]]:
        """The words of phrases, and what joins them in each pass."""
        if self._ready is None:
            self._ready = Lexicon(self._index), [_joiner(table) for table in self._tables]
        return self._ready

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        return state | {"_ready": None} if "_ready" in state else state

    def _choose(
        self, pairs: Pairs, ids: Int32, n_ids: int, threshold: float
    ) -> tuple[Any, list[float]]:
        """The pairs above the threshold as (prefixes, (left, right)), and their scores."""
        prefixes, (left, right, count) = pairs.prefixes(), pairs.pairs(self.min_count)
        counts = np.bincount(ids, minlength=n_ids).astype(np.float64)
        first = np.concatenate([np.arange(n_ids), np.zeros(len(prefixes[0]), dtype=np.int64)])
        order = np.argsort(prefixes[2])
        first[n_ids:] = prefixes[0][order]
        while (first >= n_ids).any():  # a prefix of a prefix: up to the word that begins it
            first = np.where(first >= n_ids, first[first], first)
        a, b, ab = counts[first[left]], counts[right], count.astype(np.float64)
        if self.scoring == "npmi":
            with np.errstate(divide="ignore", invalid="ignore"):
                scores = np.log(ab * len(ids) / (a * b)) / -np.log(ab / len(ids))
        else:
            scores = (ab - self.min_count) / a / b * len(ids)
        keep = np.flatnonzero(scores > threshold)
        keep = keep[np.lexsort((right[keep], left[keep]))]  # whatever the table's order
        needed = np.zeros(len(order), dtype=bool)  # prefixes, by their numbers
        reached = left[keep]
        while len(reached := reached[reached >= n_ids] - n_ids):
            needed[reached] = True
            reached = prefixes[0][order][reached]
        kept = tuple(column[needed[prefixes[2]]] for column in prefixes)
        return (kept, (left[keep], right[keep])), scores[keep].tolist()

    def _thresholds(self) -> list[float]:
        if self.scoring not in THRESHOLDS:
            raise ValueError(f"scoring={self.scoring!r}: give one of {', '.join(THRESHOLDS)}")
        for name, low in (("min_count", 1), ("passes", 1)):
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or value < low:
                raise ValueError(f"{name}={value!r}: give an integer >= {low}")
        if not isinstance(self.delimiter, str):
            raise TypeError(f"delimiter={self.delimiter!r}: give a str")
        if isinstance(self.connector_words, str):
            raise TypeError(f"connector_words={self.connector_words!r}: give a collection of words")
        given: Any = THRESHOLDS[self.scoring] if self.threshold is None else self.threshold
        if isinstance(given, Real):
            given = [given] * self.passes
        given = [float(each) for each in given]
        if len(given) != self.passes or any(math.isnan(each) for each in given):
            raise ValueError(
                f"threshold={self.threshold!r}: give a number, or one for each of the "
                f"{self.passes} passes"
            )
        return given


def _parts(tables: list[Any], words: int) -> list[int]:
    """The rows, of so many words, that are part of any phrase."""
    rows = [
        ids[ids < words]
        for prefixes, (left, right, _), inside in tables
        for ids in (left[left < len(inside)], right, prefixes[0][prefixes[0] < len(inside)],
                    prefixes[1])
    ]  # fmt: skip
    return np.unique(np.concatenate(rows)).tolist()


def _joiner(table: Any) -> Pairs:
    prefixes, pairs, inside = table
    joiner = Pairs(inside)
    joiner.choose(prefixes, pairs)
    return joiner


def _prefix_names(names: list[str], prefixes: Any, delimiter: str) -> Callable[[int], str]:
    """A function: a prefix → its words with delimiters between."""
    words = len(names)
    parents = {n: pair for *pair, n in zip(*(a.tolist() for a in prefixes), strict=True)}

    def name(prefix: int) -> str:
        parts = []
        while prefix >= words:
            prefix, connector = parents[prefix - words]
            parts.append(names[connector])
        return delimiter.join([names[prefix], *reversed(parts)])

    return name
