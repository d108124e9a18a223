"""gensim's Phrases and FrozenPhrases; `w2vext.Phrases` counts, scores and joins the pairs."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator import phrase_files, phrase_scores
from w2vext._files import path_of
from w2vext.formats._source import check_not_foreign
from w2vext.gensim.models._vector_files import advising, check_save
from w2vext.phrases import ENGLISH_CONNECTOR_WORDS, prefix_names
from w2vext.phrases import Phrases as NativePhrases
from w2vext.text import vocabulary as vocab
from w2vext.text._phrases import Pairs
from w2vext.text.corpus import open_corpus
from w2vext.text.vocabulary import Stream, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from typing import Any

    from typing_extensions import Self

    from w2vext._arguments.types import FilePath

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "FrozenPhrases",
    "Phraser",
    "Phrases",
    "npmi_scorer",
    "original_scorer",
]


def original_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: float,
    min_count: float,
    corpus_word_count: float,
) -> float:
    """Score a pair as ``scoring="default"`` does; as for ``w2vext.Phrases(scoring="gensim")``."""
    return _score("gensim", worda_count, wordb_count, bigram_count, len_vocab, min_count, 1)


def npmi_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: float,
    min_count: float,
    corpus_word_count: float,
) -> float:
    """Score a pair as ``scoring="npmi"`` does; as for ``w2vext.Phrases(scoring="npmi")``."""
    counts = worda_count, wordb_count, bigram_count
    return _score("npmi", *counts, len_vocab, min_count, corpus_word_count)


def _score(scoring: str, a: Any, b: Any, both: Any, distinct: Any, least: Any, words: Any) -> float:
    counts: Any = (np.array([count]) for count in (a, b, both))
    found = phrase_scores.scores(scoring, *counts, distinct=distinct, min_count=least, words=words)
    return float(found[0])


_NAMES: dict[Any, Any] = {
    "default": "gensim",
    "npmi": "npmi",
    original_scorer: "gensim",
    npmi_scorer: "npmi",
}


class _Joining:
    """What `Phrases` and `FrozenPhrases` have in common: a native object that joins phrases."""

    delimiter: str
    threshold: float
    min_count: int
    connector_words: frozenset[str]
    scoring: Any

    def _native(self) -> NativePhrases | None:
        """The phrases that have been found; None before any corpus was read."""
        raise NotImplementedError

    def __getitem__(self, sentence: Iterable[Any]) -> Any:
        """Join the phrases in a sentence, as a list, or in sentences, lazily."""
        items, first = _peeked(sentence)
        if first is None:
            return []
        if isinstance(first, str):
            return next(iter(self._joined([list(items)])))
        return Joined(self, items)

    def _joined(self, sentences: Iterable[Iterable[str]]) -> Iterator[list[str]]:
        native = self._native()
        if native is None:
            return map(list, sentences)
        return iter(native.iter_transform(sentences))

    def find_phrases(self, sentences: Iterable[Iterable[str]]) -> dict[str, float]:
        """Return the phrases that occur in sentences, with their scores."""
        native = self._native()
        return {} if native is None else native.find_phrases(sentences)

    def analyze_sentence(self, sentence: Iterable[str]) -> Iterator[tuple[str, float | None]]:
        """Return pairs of a word and None, or of a joined phrase and its score."""
        words = list(sentence)
        native = self._native()
        if native is None or not words:
            yield from ((word, None) for word in words)
            return
        tokens = next(iter(native.iter_transform([words])))
        for token, size in zip(tokens, native._sizes(words), strict=True):
            yield token, None if size == 1 else native.phrases_[token]

    def score_candidate(
        self, word_a: str, word_b: str, in_between: Iterable[str]
    ) -> tuple[str | None, float | None]:
        """Return the phrase of two words and its score, or (None, None) if it is not a phrase."""
        native = self._native()
        if native is None:
            return None, None
        phrase = native.delimiter.join([word_a, *in_between, word_b])
        if phrase not in native.phrases_:
            return None, None
        return phrase, native.phrases_[phrase]

    def save(
        self,
        fname_or_handle: FilePath,
        separately: None = None,
        sep_limit: int = 10_485_760,
        ignore: Collection[str] = frozenset(),
        pickle_protocol: int = 4,
    ) -> None:
        """Write the phrases as one safetensors file, whatever the suffix is.

        `Phrases` stores the ids of its sentences, too, 4 bytes for each word; ``freeze().save()``
        does not. A function in `scoring` is not stored, but the scores are.

        Parameters
        ----------
        fname_or_handle : str or path-like
        separately, ignore
            Not available: everything is stored, in one file.
        sep_limit, pickle_protocol
            Have no effect, because there is one file and no pickle.
        """
        check_save(separately, ignore)
        native = self._native()
        if native is None:
            raise RuntimeError("there are no phrases to save: call add_vocab first")
        phrase_files.save(
            fname_or_handle, native.get_params(), native._fitted(), self._stored_corpus()
        )

    def _stored_corpus(self) -> tuple[Vocabulary, Stream] | None:
        """What `save` stores of the sentences."""
        return None

    @classmethod
    def load(cls, fname: FilePath, mmap: None = None) -> Self:
        """Read phrases that `save` wrote.

        Raises
        ------
        ValueError
            The file is damaged, or a pickle of gensim, which is never opened.
        """
        with advising("make the phrases again from the sentences"):
            with open(path_of(fname), "rb") as file:
                check_not_foreign(fname, file.read(16), "phrases of w2vext")
            params, fitted, corpus = phrase_files.load_with_corpus(fname)
        native = NativePhrases(**params)
        native._keep(fitted)
        made = cls.__new__(cls)
        made._take(native, corpus)
        return made

    def _take(self, native: NativePhrases, corpus: tuple[Vocabulary, Stream] | None) -> None:
        """Set the attributes from phrases and sentences that were loaded."""
        self.delimiter, self.min_count = native.delimiter, native.min_count
        self.connector_words = frozenset(native.connector_words)
        self.threshold = native.threshold  # type: ignore[assignment]
        self.scoring = "default" if native.scoring == "gensim" else native.scoring

    def add_lifecycle_event(self, event_name: str, log_level: int = 20, **event: Any) -> None:
        """Do nothing, because nothing is logged."""


class Phrases(_Joining):
    """Finds phrases such as "new_york" by the counts of pairs.

    Parameters
    ----------
    sentences : iterable of token lists, optional
    min_count : int, default=5
        Pairs that occur less often are not phrases.
    threshold : float, default=10.0
        Pairs with a score above it are phrases. It is positive unless `scoring` is "npmi".
    max_vocab_size : int, default=40000000
        Bound on the number of distinct pairs held in memory; the rarest are dropped.
    delimiter : str, default="_"
        The string between the words of a phrase.
    progress_per : int
        Has no effect, because nothing is logged.
    scoring : {"default", "npmi"} or callable, default="default"
        A function gets the arguments of `original_scorer` by name.
    connector_words : collection of str, default=()
        Words that may occur inside a phrase, such as `ENGLISH_CONNECTOR_WORDS`.

    Attributes
    ----------
    vocab : dict
        The counts of words and pairs, at most `max_vocab_size` of them.
    corpus_word_count : int
        The number of words that were read.
    """

    def __init__(
        self,
        sentences: Iterable[Iterable[str]] | None = None,
        min_count: int = 5,
        threshold: float = 10.0,
        max_vocab_size: int = 40_000_000,
        delimiter: str = "_",
        progress_per: int = 10_000,
        scoring: str | Callable[..., float] = "default",
        connector_words: Collection[str] = frozenset(),
    ) -> None:
        if not callable(scoring) and scoring not in ("default", "npmi"):
            raise ValueError(
                f"scoring={shown(scoring)}: give 'default', 'npmi' or a function of counts"
            )
        if scoring not in ("npmi", npmi_scorer) and not threshold > 0:
            raise ValueError(f"threshold={shown(threshold)}: give a number above 0")
        self.min_count = min_count
        self.threshold = threshold
        self.max_vocab_size = max_vocab_size
        self.delimiter = delimiter
        self.scoring = scoring
        self.progress_per = progress_per
        if isinstance(connector_words, str):
            raise TypeError(f"connector_words={shown(connector_words)}: give a set of words")
        self.connector_words = frozenset(connector_words)
        self._words: Vocabulary | None = None
        self._ids = Stream(np.zeros(0, np.int32), np.zeros(1, np.int64), 0)
        self._found: NativePhrases | None = None
        self._found_with: tuple[Any, ...] = ()  # the parameters of `_found`
        self._new()._thresholds()  # checks the arguments
        if sentences is not None:
            self.add_vocab(sentences)

    def _new(self) -> NativePhrases:
        return NativePhrases(
            scoring=_NAMES.get(self.scoring, self.scoring),
            min_count=self.min_count,
            threshold=float(self.threshold),
            delimiter=self.delimiter,
            connector_words=sorted(self.connector_words),
            max_pairs=self.max_vocab_size,
        )

    def add_vocab(self, sentences: Iterable[Iterable[str]]) -> None:
        """Count the words and pairs of further sentences, whose ids are kept."""
        if self._ids is None:
            raise RuntimeError(
                "add_vocab is not available, because the file that was loaded has no sentences, or "
                "no scoring since that was a function: make Phrases from all sentences"
            )
        items, first = _peeked(sentences)
        if first is None:
            return
        if isinstance(first, str):
            raise TypeError(
                f"sentences contains {kind_of(first)}, {shown(first)}: give a list of token lists"
            )
        words, stream = vocab.build(open_corpus(items), earlier=self._words, min_count=1)
        with stream:
            before = self._ids
            self._ids = Stream(
                np.concatenate([before.ids, stream.ids]),
                np.concatenate([before.offsets, before.offsets[-1] + stream.offsets[1:]]),
                before.raw_words + stream.raw_words,
            )
        self._words, self._found = words, None

    def _native(self) -> NativePhrases | None:
        if self._words is None and self._found is None:
            return None
        if self._found is None or self._found_with != self._parameters():
            if self._words is None:
                raise RuntimeError(
                    "a parameter was changed, but the file that was loaded has no sentences to "
                    "find phrases in: set it back, or make Phrases from all sentences"
                )
            found = self._new()
            found._fit_ids(self._words, self._ids)
            self._found, self._found_with = found, self._parameters()
        return self._found

    def _parameters(self) -> tuple[Any, ...]:
        """What the phrases depend on, besides the sentences."""
        return (
            self.scoring, self.min_count, self.threshold, self.delimiter, self.connector_words,
            self.max_vocab_size,
        )  # fmt: skip

    def _stored_corpus(self) -> tuple[Vocabulary, Stream] | None:
        return None if self._words is None else (self._words, self._ids)

    def _take(self, native: NativePhrases, corpus: tuple[Vocabulary, Stream] | None) -> None:
        super()._take(native, corpus)
        self.max_vocab_size = native.max_pairs or 40_000_000
        self.progress_per = 10_000
        self._words, self._found = None, native
        self._ids = None  # type: ignore[assignment]
        if corpus is not None and self.scoring in _NAMES:
            self._words, self._ids = corpus
        self._found_with = self._parameters()

    @property
    def corpus_word_count(self) -> int:
        """The number of words that were read."""
        return self._found.n_words_ if self._ids is None and self._found else self._ids.raw_words

    @property
    def vocab(self) -> dict[str, int]:
        """The counts of words and pairs, computed anew in each use."""
        if self._words is None:
            return {}
        words = self._words
        inside = np.array([word in self.connector_words for word in words.words], np.uint8)
        pairs = Pairs(inside, self.max_vocab_size)
        pairs.count(self._ids.ids, self._ids.offsets)
        left, right, counts = pairs.pairs(1)
        name = prefix_names(words.words, pairs.prefixes(), self.delimiter)
        single = zip(words.words, words.counts.tolist(), strict=True)
        found = {word: count for word, count in single if word not in self.connector_words}
        for a, b, count in zip(left.tolist(), right.tolist(), counts.tolist(), strict=True):
            found[f"{name(a)}{self.delimiter}{words.words[b]}"] = count
        if len(found) <= self.max_vocab_size:
            return found
        most = sorted(found.items(), key=lambda item: -item[1])
        return dict(most[: self.max_vocab_size])

    def export_phrases(self) -> dict[str, float]:
        """Return all phrases with their scores."""
        native = self._native()
        return {} if native is None else native.export_phrases()

    def freeze(self) -> FrozenPhrases:
        """Return the phrases without the counts."""
        return FrozenPhrases(self)

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{len(self.vocab)} vocab, min_count={self.min_count}, "
            f"threshold={self.threshold}, max_vocab_size={self.max_vocab_size}>"
        )


class FrozenPhrases(_Joining):
    """The phrases that a `Phrases` object has found, without its counts.

    Parameters
    ----------
    phrases_model : Phrases

    Attributes
    ----------
    phrasegrams : dict
        The score of each phrase.
    """

    def __init__(self, phrases_model: Phrases) -> None:
        self._found = phrases_model._native()
        self.delimiter, self.min_count = phrases_model.delimiter, phrases_model.min_count
        self.connector_words = phrases_model.connector_words
        self.threshold, self.scoring = phrases_model.threshold, phrases_model.scoring

    def _native(self) -> NativePhrases | None:
        return self._found

    def _take(self, native: NativePhrases, corpus: tuple[Vocabulary, Stream] | None) -> None:
        super()._take(native, corpus)
        self._found = native

    @property
    def phrasegrams(self) -> dict[str, float]:
        """The score of each phrase."""
        return {} if self._found is None else self._found.export_phrases()

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{len(self.phrasegrams)} phrases, min_count={self.min_count}, "
            f"threshold={self.threshold}>"
        )


Phraser = FrozenPhrases


class Joined:
    """Sentences with their phrases joined, read again in each iteration."""

    def __init__(self, phrases: _Joining, sentences: Iterable[Any]) -> None:
        self.phrases, self.sentences = phrases, sentences

    def __iter__(self) -> Iterator[list[str]]:
        return self.phrases._joined(self.sentences)


def _peeked(items: Iterable[Any]) -> tuple[Iterable[Any], Any]:
    """The items, and the first of them; None if there are none."""
    iterator = iter(items)
    first = next(iterator, None)
    if iterator is items and first is not None:
        return chain([first], iterator), first
    return items, first
