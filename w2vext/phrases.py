"""Phrases: joins words that occur together more often than by chance into one token.

The estimator is a step before `Word2Vec`. Pairs are counted and joined in C on streams of ids. All
tokens must be str, because the name of a phrase consists of the names of its words.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from w2vext._arguments.messages import kind_of, shown, warn
from w2vext._estimator import phrase_files, phrase_scores, renamed
from w2vext._estimator.documents import documents, readable_twice
from w2vext._estimator.parameters import check_tokenizer, check_whole
from w2vext._estimator.phrase_scores import THRESHOLDS
from w2vext.text import vocabulary as vocab
from w2vext.text._phrases import Lexicon, Pairs, decode
from w2vext.text.corpus import open_corpus
from w2vext.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import Any, Literal

    from typing_extensions import Self

    from w2vext._arguments.types import CorpusLike, FilePath, Int32, Int64

__all__ = ["ENGLISH_CONNECTOR_WORDS", "Phrases"]

BATCH = 1 << 13  # tokens that are joined at a time, few enough for the first-level caches

#: Articles, prepositions and conjunctions of English, for ``Phrases(connector_words=...)``.
ENGLISH_CONNECTOR_WORDS = frozenset(
    "a an and at by for from in into of on onto or over per than the to under upon versus via with "
    "within without".split()
)


class Phrases(TransformerMixin, BaseEstimator):
    """Finds phrases such as "new_york", and joins them in documents.

    Parameters
    ----------
    scoring : {"word2phrase", "gensim", "npmi"} or callable, default="word2phrase"
        The score of a pair. "word2phrase" is (count(ab) - min_count) · N / (count(a) · count(b)),
        where N is the number of words in the corpus: equation (6) of [1]_ times N, as in
        word2phrase. "gensim" is gensim's "default": the same with the number of distinct words and
        pairs in place of N. "npmi" is the normalized pointwise mutual information [2]_,
        ln(p(ab) / (p(a) p(b))) / -ln p(ab), from -1 to 1. A function is called for each pair with
        gensim's keywords ``worda_count``, ``wordb_count``, ``bigram_count``, ``len_vocab`` (the
        number of distinct words and pairs), ``min_count`` and ``corpus_word_count``, and returns a
        number.
    min_count : int, default=5
        Pairs that occur less often are not joined.
    threshold : float, sequence of float or None, default=None
        Pairs with a score above it become phrases. A sequence has one threshold for each pass. None
        means 100, 10 with "gensim", or 0.5 with "npmi"; a function needs a threshold.
    passes : int, default=1
        Number of passes over the corpus. In each further pass, phrases can become parts of longer
        phrases.
    delimiter : str, default="_"
        The string between the words of a phrase.
    connector_words : collection of str, default=()
        Words such as "of" that may occur inside a phrase, but not at its ends. The words around
        them are scored as a pair. ``w2vext.phrases.ENGLISH_CONNECTOR_WORDS`` is such a list.
    max_pairs : int or None, default=None
        Bound on the number of distinct pairs held in memory while counting; a pair takes 32 to 64
        bytes. If the text has more, the rarest are dropped while reading, the counts are
        approximate, and a warning is issued.
    tokenizer, lowercase, strip_accents, sentences
        How text becomes words, as for `Word2Vec`. With a `tokenizer` other than "whitespace"
        documents may be str.

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
        scoring: Literal["word2phrase", "gensim", "npmi"] | Callable[..., float] = "word2phrase",
        min_count: int = 5,
        threshold: float | Sequence[float] | None = None,
        passes: int = 1,
        delimiter: str = "_",
        connector_words: Collection[str] = (),
        max_pairs: int | None = None,
        tokenizer: Literal["whitespace", "words", "characters"] | Callable[[str], Iterable[str]] = (
            "whitespace"
        ),
        lowercase: bool = False,
        strip_accents: bool = False,
        sentences: Literal["line", "document"] = "line",
    ) -> None:
        self.scoring = scoring
        self.min_count = min_count
        self.threshold = threshold
        self.passes = passes
        self.delimiter = delimiter
        self.connector_words = connector_words
        self.max_pairs = max_pairs
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.strip_accents = strip_accents
        self.sentences = sentences

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
        self._thresholds()  # checks the parameters before the corpus is read
        corpus = open_corpus(X, Tokenizer.of(self))
        return self._fit_ids(*vocab.build(corpus, min_count=1))

    def _fit_ids(self, vocabulary: vocab.Vocabulary, stream: vocab.Stream) -> vocab.Stream:
        """Fit a corpus that has been encoded, and return its stream."""
        thresholds = self._thresholds()
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
                pairs = Pairs(inside, self.max_pairs or 0)
                pairs.count(ids, offsets)
                self._warn_if_pruned(pairs)
                how: Any = {"scoring": self.scoring, "min_count": self.min_count}
                table, scores = phrase_scores.choose(pairs, ids, inside, threshold, **how)
                prefixes = table[0]
                left_names = prefix_names(names, prefixes, self.delimiter)
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
            self._keep(phrase_files.Fitted(found, n_words, names, tables))
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
        return list(self._stream(X))

    def _stream(self, X: CorpusLike) -> Iterator[list[str]]:
        lexicon, joiners = self._prepared()
        for batch in _batches(documents(open_corpus(X, Tokenizer.of(self)))):
            yield from self._joined(batch, *lexicon.encode(batch), joiners)

    def fit_transform(self, X: CorpusLike, y: object = None) -> list[list[str]]:
        """Fit, then transform the same documents; an iterator is read once and held in memory."""
        check_tokenizer(self)
        X = readable_twice(X, Tokenizer.of(self))
        corpus = open_corpus(X, Tokenizer.of(self))
        if corpus.kind in ("texts", "files"):
            return self.fit(X).transform(X)
        X = list(documents(corpus))
        with self._fit(X) as stream:  # it has no ids for empty documents
            _, joiners = self._prepared()
            full = [each for each in X if each]
            joined = iter(self._joined(full, stream.ids, stream.offsets, joiners))
            return [next(joined) if each else [] for each in X]

    def iter_transform(self, X: CorpusLike) -> Iterable[list[str]]:
        """Join the phrases in documents one batch at a time, without storing the result.

        Parameters
        ----------
        X : iterable of documents, path, or list of paths
            In a file every line is a document, also an empty one.

        Returns
        -------
        iterable of list of str
            Each iteration reads `X` again; an iterator can be read only once.

        Examples
        --------
        >>> Word2Vec().fit(phrases.iter_transform("text.txt"))  # doctest: +SKIP
        """
        check_is_fitted(self, "phrases_")
        return _Joined(self, X)

    def find_phrases(self, X: CorpusLike) -> dict[str, float]:
        """Find which phrases occur in documents.

        Parameters
        ----------
        X : iterable of documents, path, or list of paths
            In a file every line is a document.

        Returns
        -------
        dict
            The score of each phrase that `transform` would join.
        """
        check_is_fitted(self, "phrases_")
        lexicon, joiners = self._prepared()
        found: dict[str, float] = {}
        for batch in _batches(documents(open_corpus(X, Tokenizer.of(self)))):
            before = lexicon.encode(batch)
            ids, starts, _ = _join(*before, joiners)
            joined = ids[np.diff(starts, append=before[1][-1]) > 1]
            for row in np.unique(joined).tolist():
                found[self._names[row]] = self.phrases_[self._names[row]]
        return found

    def export_phrases(self) -> dict[str, float]:
        """Return a copy of `phrases_`: the score of each phrase."""
        check_is_fitted(self, "phrases_")
        return dict(self.phrases_)

    def save(self, path: FilePath) -> None:
        """Write the fitted phrases to a file, completely or not at all.

        Parameters
        ----------
        path : str or path-like
            A safetensors file, whatever its suffix.

        Raises
        ------
        NotFittedError
            The estimator is not fitted.
        ValueError
            A word contains a lone surrogate.
        OSError
            The file cannot be written; an existing file is unchanged.

        Warns
        -----
        UserWarning
            `scoring` is a function, which is not saved, because files contain no code. A loaded
            estimator has the default.
        """
        check_is_fitted(self, "phrases_")
        phrase_files.save(path, self.get_params(), self._fitted())

    @classmethod
    def load(cls, path: FilePath) -> Self:
        """Read what `save` wrote.

        Parameters
        ----------
        path : str or path-like

        Returns
        -------
        Phrases
            It joins the same phrases as the one that was saved.

        Raises
        ------
        ValueError
            The file is damaged, of a newer version, or of another kind; the message says which.
        """
        params, fitted = phrase_files.load(path)
        found = cls(**params)
        found._keep(fitted)
        return found

    def _fitted(self) -> phrase_files.Fitted:
        return phrase_files.Fitted(self.phrases_, self.n_words_, self._names, self._tables)

    def _keep(self, fitted: phrase_files.Fitted) -> None:
        self.phrases_, self.n_words_ = fitted.phrases, fitted.words
        self._names, self._tables = fitted.names, fitted.tables
        # `transform` needs the ids of words in phrases only.
        self._index = {fitted.names[row]: row for row in fitted.parts()}
        self._ready: tuple[Lexicon, list[Pairs]] | None = None

    def _joined(
        self, batch: list[list[str]], ids: Int32, before: Int64, joiners: list[Pairs]
    ) -> list[list[str]]:
        """A batch of documents with their phrases joined; `ids` and `before` encode the batch."""
        return decode(batch, before, self._names, *_join(ids, before, joiners))

    def _sizes(self, document: list[str]) -> list[int]:
        """The number of words of each token that `transform` makes of a document."""
        lexicon, joiners = self._prepared()
        _, starts, _ = _join(*lexicon.encode([document]), joiners)
        return np.diff(starts, append=len(document)).tolist()

    def _prepared(self) -> tuple[Lexicon, list[Pairs]]:
        """The words that are part of a phrase, and the pairs to join in each pass."""
        if self._ready is None:
            self._ready = Lexicon(self._index), [_joiner(table) for table in self._tables]
        return self._ready

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        return state | {"_ready": None} if "_ready" in state else state

    def _warn_if_pruned(self, pairs: Pairs) -> None:
        if pairs.pruned:
            warn(
                f"more than max_pairs={self.max_pairs} distinct pairs: pairs that had occurred at "
                f"most {pairs.pruned:,} times were dropped while reading, so the counts are "
                "approximate: raise max_pairs"
            )

    def _thresholds(self) -> list[float]:
        """The threshold of each pass, after checks of all parameters."""
        if not callable(self.scoring) and self.scoring not in THRESHOLDS:
            raise ValueError(
                f"scoring={shown(self.scoring)}: give one of {', '.join(THRESHOLDS)}, or a function"
            )
        check_whole("min_count", self.min_count, 1)
        check_whole("passes", self.passes, 1)
        check_whole("max_pairs", self.max_pairs, 1, or_none=True, more=" or None for no limit")
        if not isinstance(self.delimiter, str):
            raise TypeError(f"delimiter={shown(self.delimiter)}: give a str")
        if isinstance(self.connector_words, str):
            raise TypeError(
                f"connector_words={shown(self.connector_words)}: give a collection of words"
            )
        check_tokenizer(self)
        given: Any = self.threshold
        if given is None:
            if callable(self.scoring):
                raise ValueError(
                    f"threshold=None with scoring={shown(self.scoring)}: give a number, since a "
                    "function has no default"
                )
            given = THRESHOLDS[self.scoring]
        if isinstance(given, Real):
            given = [given] * self.passes
        given = [float(each) for each in given]
        if len(given) != self.passes or any(math.isnan(each) for each in given):
            raise ValueError(
                f"threshold={shown(self.threshold)}: give a number, or one for each of the "
                f"{self.passes} passes"
            )
        return given


class _Joined:
    """The documents of a corpus with their phrases joined, read again in each iteration."""

    def __init__(self, phrases: Phrases, X: CorpusLike) -> None:
        self._phrases, self._X = phrases, X

    def __iter__(self) -> Iterator[list[str]]:
        return self._phrases._stream(self._X)


def _batches(texts: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    """Documents in batches of at least `BATCH` tokens, except the last."""
    batch, size = [], 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    yield batch


def _join(ids: Int32, offsets: Int64, joiners: list[Pairs]) -> tuple[Int32, Int64, Int64]:
    """(ids, index where each begins in the given ids, offsets) after all passes."""
    starts: Any = None
    for joiner in joiners:
        ids, at, offsets = joiner.join(ids, offsets)
        starts = at if starts is None else starts[at]
    return ids, starts, offsets


def _joiner(table: Any) -> Pairs:
    prefixes, pairs, inside = table
    joiner = Pairs(inside)
    joiner.choose(prefixes, pairs)
    return joiner


def prefix_names(names: list[str], prefixes: Any, delimiter: str) -> Callable[[int], str]:
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
