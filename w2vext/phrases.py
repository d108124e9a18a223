"""Phrases: joins words that occur together more often than by chance into one token.

The estimator is a step before `Word2Vec`. Pairs are counted and joined in C on streams of ids. All
tokens must be str, because the name of a phrase consists of the names of its words.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator import renamed
from w2vext._estimator.documents import documents
from w2vext.text import vocabulary as vocab
from w2vext.text._phrases import Lexicon, Pairs, decode
from w2vext.text.corpus import open_corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any, Literal

    from typing_extensions import Self

    from w2vext._arguments.types import CorpusLike, Int32, Int64

__all__ = ["Phrases"]

BATCH = 1 << 13  # tokens that are joined at a time, few enough for the first-level caches
THRESHOLDS = {"word2phrase": 100.0, "npmi": 0.5}


class Phrases(TransformerMixin, BaseEstimator):
    """Finds phrases such as "new_york", and joins them in documents.

    Parameters
    ----------
    scoring : {"word2phrase", "npmi"}, default="word2phrase"
        The score of a pair. "word2phrase" is (count(ab) - min_count) · N / (count(a) · count(b)),
        where N is the number of words in the corpus: equation (6) of [1]_ times N, as in
        word2phrase. "npmi" is the normalized pointwise mutual information [2]_,
        ln(p(ab) / (p(a) p(b))) / -ln p(ab), from -1 to 1.
    min_count : int, default=5
        Pairs that occur less often are not joined.
    threshold : float, sequence of float or None, default=None
        Pairs with a score above it become phrases. A sequence has one threshold for each pass. None
        means 100, or 0.5 with "npmi".
    passes : int, default=1
        Number of passes over the corpus. In each further pass, phrases can become parts of longer
        phrases.
    delimiter : str, default="_"
        The string between the words of a phrase.
    connector_words : collection of str, default=()
        Words such as "of" that may occur inside a phrase, but not at its ends. The words around
        them are scored as a pair.

    Attributes
    ----------
    phrases_ : dict
        The score of each phrase, from all passes.
    n_words_ : int
        The number of words in the corpus.

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
            As for ``Word2Vec.fit``, but all tokens must be str.
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
        """Fit, and return the corpus as a stream of ids, which the caller closes."""
        thresholds = self._thresholds()
        vocabulary, stream = vocab.build(open_corpus(X), min_count=1)
        with ExitStack() as stack:
            stack.enter_context(stream)
            names: list[Any] = list(vocabulary.words)
            other = next((name for name in names if not isinstance(name, str)), None)
            if other is not None:
                raise TypeError(
                    f"token {shown(other)} is {kind_of(other)}: give tokens that are str, "
                    "since their names are joined"
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
            # `transform` needs the ids of words in phrases only.
            self._index = {names[row]: row for row in _parts(tables, len(vocabulary))}
            self._ready: tuple[Lexicon, list[Pairs]] | None = None
            stack.pop_all()
        return stream

    def transform(self, X: CorpusLike) -> list[list[str]]:
        """Join the phrases in documents.

        Parameters
        ----------
        X : iterable of documents, path, or list of paths
            In a file every line is a document, also an empty one.

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
        """Fit, then transform the same documents; an iterator is read once and held in memory."""
        corpus = open_corpus(X)
        if corpus.kind == "files" and not corpus.one_shot:
            return self.fit(X).transform(X)
        X = list(documents(corpus))
        with self._fit(X) as stream:  # it has no ids for empty documents
            _, joiners = self._prepared()
            full = [each for each in X if each]
            joined = iter(self._joined(full, stream.ids, stream.offsets, joiners))
            return [next(joined) if each else [] for each in X]

    def _joined(
        self, batch: list[list[str]], ids: Int32, before: Int64, joiners: list[Pairs]
    ) -> list[list[str]]:
        """A batch of documents with their phrases joined; `ids` and `before` encode the batch."""
        offsets = before
        starts: Any = None
        for joiner in joiners:
            ids, at, offsets = joiner.join(ids, offsets)
            starts = at if starts is None else starts[at]
        return decode(batch, before, self._names, ids, starts, offsets)

    def _prepared(self) -> tuple[Lexicon, list[Pairs]]:
        """The words that are part of a phrase, and the pairs to join in each pass."""
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
        while (first >= n_ids).any():  # follow nested prefixes to their first word
            first = np.where(first >= n_ids, first[first], first)
        a, b, ab = counts[first[left]], counts[right], count.astype(np.float64)
        if self.scoring == "npmi":
            with np.errstate(divide="ignore", invalid="ignore"):
                scores = np.log(ab * len(ids) / (a * b)) / -np.log(ab / len(ids))
        else:
            scores = (ab - self.min_count) / a / b * len(ids)
        keep = np.flatnonzero(scores > threshold)
        keep = keep[np.lexsort((right[keep], left[keep]))]  # independent of the table's order
        needed = np.zeros(len(order), dtype=bool)  # for each prefix, by its number
        reached = left[keep]
        while len(reached := reached[reached >= n_ids] - n_ids):
            needed[reached] = True
            reached = prefixes[0][order][reached]
        kept = tuple(column[needed[prefixes[2]]] for column in prefixes)
        return (kept, (left[keep], right[keep])), scores[keep].tolist()

    def _thresholds(self) -> list[float]:
        """The threshold of each pass, after checks of all parameters."""
        if self.scoring not in THRESHOLDS:
            raise ValueError(f"scoring={shown(self.scoring)}: give one of {', '.join(THRESHOLDS)}")
        for name, low in (("min_count", 1), ("passes", 1)):
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or value < low:
                raise ValueError(f"{name}={shown(value)}: give an integer of at least {low}")
        if not isinstance(self.delimiter, str):
            raise TypeError(f"delimiter={shown(self.delimiter)}: give a str")
        if isinstance(self.connector_words, str):
            raise TypeError(
                f"connector_words={shown(self.connector_words)}: give a collection of words"
            )
        given: Any = THRESHOLDS[self.scoring] if self.threshold is None else self.threshold
        if isinstance(given, Real):
            given = [given] * self.passes
        given = [float(each) for each in given]
        if len(given) != self.passes or any(math.isnan(each) for each in given):
            raise ValueError(
                f"threshold={shown(self.threshold)}: give a number, or one for each of the "
                f"{self.passes} passes"
            )
        return given


def _parts(tables: list[Any], words: int) -> list[int]:
    """The rows below `words` that are part of a phrase."""
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
    """A function from a prefix to its words, joined by the delimiter."""
    words = len(names)
    parents = {n: pair for *pair, n in zip(*(a.tolist() for a in prefixes), strict=True)}

    def name(prefix: int) -> str:
        parts = []
        while prefix >= words:
            prefix, connector = parents[prefix - words]
            parts.append(names[connector])
        return delimiter.join([names[prefix], *reversed(parts)])

    return name
