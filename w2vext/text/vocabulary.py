"""Vocabularies, and corpora as streams of ids.

A corpus is counted and encoded in one pass: `scan` assigns provisional ids to its words, then the
words are selected and sorted by count, and `spool` replaces the provisional ids in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.arrays import LARGEST_COUNT, check_word_counts
from w2vext._arguments.messages import kind_of, shown
from w2vext._arguments.sentences import words_of
from w2vext._threads import each_part
from w2vext.text._tokens import lookup
from w2vext.text.scan import Scan, tally
from w2vext.text.selection import Selection, check_limit, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from typing import Any, SupportsIndex

    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self

    from w2vext._arguments.types import Int32, Int64, Progress, Token, TrimRule
    from w2vext.text._tokens import Tokens
    from w2vext.text._words import Words


LARGE = 1 << 20  # words of a corpus from which another thread pays off

_EMPTY = "the corpus is empty: give text with at least one word"


class Vocabulary:
    """Words and their counts, one row per word, the most frequent word first.

    Parameters
    ----------
    words : iterable of hashable
        The token of each row.
    counts : array of shape (V,)
        The number of occurrences of each word.
    unk_token : hashable, optional
        One of the words, which replaces all words that are not in the vocabulary.

    Attributes
    ----------
    words : list
        The token of each row.
    counts : ndarray of shape (V,), int64
    index : dict
        The row of each token.
    unk_token : hashable or None

    Raises
    ------
    TypeError
        A word is missing (None, NaN), or a count is not an integer.
    ValueError
        The number of counts is not the number of words, a count is negative, the sum of the counts
        is not below 2**63, or `unk_token` is not one of the words.
    """

    def __init__(
        self, words: Iterable[Hashable], counts: ArrayLike, unk_token: Hashable = None
    ) -> None:
        self.words: list[Token] = words_of(list(words), "the vocabulary")
        self.counts = check_word_counts(counts, self.words)
        self.unk_token = unk_token
        self._index: dict[Token, int] | None = None
        if unk_token is not None and unk_token not in self.index:
            raise ValueError(
                f"unk_token={shown(unk_token)} is not among the {len(self.words)} words: add it"
            )

    @classmethod
    def of_index(
        cls, index: dict[Token, int], counts: ArrayLike, unk_token: Hashable = None
    ) -> Self:
        """Make a vocabulary that shares an existing dict of word to row, in the order of rows.

        Parameters
        ----------
        index : dict
        counts, unk_token
            As for `Vocabulary`.

        Returns
        -------
        Vocabulary
        """
        vocabulary = cls(index, counts)
        vocabulary._index, vocabulary.unk_token = index, unk_token
        return vocabulary

    @classmethod
    def from_counts(
        cls,
        mapping: Mapping[Any, SupportsIndex],
        *,
        min_count: int = 1,
        max_final_vocab: int | None = None,
        trim_rule: TrimRule | None = None,
        unk_token: Hashable = None,
    ) -> Self:
        """Make a vocabulary from known counts, such as a Counter.

        Parameters
        ----------
        mapping : mapping
            {token: count}. Tokens with equal counts keep the order of the mapping.
        min_count : int
            Leave out words that occur less often.
        max_final_vocab : int, optional
            Keep at most this many words, the most frequent ones.
        trim_rule : callable (word, count, min_count), optional
            A function that returns ``"keep"`` or ``"discard"`` whatever the count is, or
            ``"default"`` (or None) to apply `min_count`. The values of gensim's RULE_KEEP,
            RULE_DISCARD and RULE_DEFAULT are accepted as well. If `max_final_vocab` is exceeded,
            other words are dropped before those that the rule keeps.
        unk_token : hashable, optional
            A token such as ``"<unk>"`` that replaces all words that are left out and has the sum of
            their counts. It is included in `max_final_vocab`. If no word is left out, it is not
            added and a warning is issued.

        Returns
        -------
        Vocabulary

        Raises
        ------
        TypeError
            The counts are not a mapping, or a count is not an integer.
        ValueError
            A count is negative, a limit is out of range, or no word is left.
        """
        if not isinstance(mapping, Mapping):
            raise TypeError(f"the counts are {kind_of(mapping)}: give a mapping {{word: count}}")
        selection = Selection(min_count, max_final_vocab, trim_rule, unk_token)
        words = words_of(list(mapping), "the counts")
        numbers: list[Any] = list(mapping.values())
        counts = check_word_counts(numbers, words)
        if not counts.any():
            what = f"the {len(counts)} counts are all 0" if len(counts) else "the mapping is empty"
            raise ValueError(f"{what}: give at least one word with a count above 0")
        total = int(counts.sum())
        rows, row_counts, unk_row = selection.rows(counts, np.arange(len(counts)), words, total)
        if not len(rows):
            raise ValueError(_nothing_left(total, counts, selection))
        token = None if unk_row < 0 else unk_token
        return cls(_named(rows, words, unk_token), row_counts, token)

    @property
    def index(self) -> dict[Token, int]:
        """The row of each word, as a dict that is built on first use."""
        if self._index is None:
            self._index = dict(zip(self.words, range(len(self.words)), strict=True))
        return self._index

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: Hashable) -> bool:
        return word in self.index

    @property
    def unk_row(self) -> int:
        """The row of `unk_token`, or -1."""
        return -1 if self.unk_token is None else self.index[self.unk_token]

    def lookup(self, sentence: Iterable[Hashable]) -> Int32:
        """Return the rows of the known words of a sentence, in order: int32 (n,).

        If there is an `unk_token`, every word is known.
        """
        if isinstance(sentence, (str, bytes)):
            raise TypeError(
                f"the sentence is {kind_of(sentence)}, {shown(sentence)}: its letters "
                "would be the words. Give a list of tokens, such as sentence.split()"
            )
        tokens = sentence.tolist() if hasattr(sentence, "tolist") else list(sentence)
        tokens = words_of(tokens, "the sentence")
        if self.unk_token is not None:
            tokens = [token if token in self.index else self.unk_token for token in tokens]
        ids = np.empty(len(tokens), dtype=np.int32)
        return ids[: lookup(self.index, tokens, ids)]


class Stream:
    """A corpus as the ids of a vocabulary.

    Attributes
    ----------
    ids : ndarray of shape (N,), int32
        A memmap if the stream is stored in a temporary file.
    offsets : ndarray of shape (S + 1,), int64
        Sentence s is ids[offsets[s]:offsets[s + 1]]. No sentence is empty.
    raw_words : int
        The number of words read, including those that are not in the vocabulary.
    """

    def __init__(self, ids: Int32, offsets: Int64, raw_words: int) -> None:
        self.ids = ids
        self.offsets = offsets
        self.raw_words = raw_words

    def close(self) -> None:
        """Release the ids and the temporary file, if there is one."""
        self.ids = np.empty(0, dtype=np.int32)
        self.offsets = np.zeros(1, dtype=np.int64)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def build(
    corpus: Any,
    *,
    earlier: Vocabulary | None = None,
    min_count: int = 5,
    max_final_vocab: int | None = None,
    max_vocab_size: int | None = None,
    trim_rule: TrimRule | None = None,
    unk_token: Hashable = None,
    workers: int | None = 1,
    spill_bytes: int = 1 << 30,
    progress: Progress = None,
) -> tuple[Vocabulary, Stream]:
    """Count and encode a corpus in one pass.

    Parameters
    ----------
    corpus : Corpus
    earlier : Vocabulary, optional
        Extend this vocabulary. Its words keep their rows, and their counts in the corpus are added.
        New words that occur at least `min_count` times in the corpus follow by count, up to
        `max_final_vocab` words in all. `unk_token` keeps its row if it is one of the words;
        otherwise it is appended as the last row, unless `max_final_vocab` is reached.
    min_count : int
        Leave out words that occur less often.
    max_final_vocab : int, optional
        Keep at most this many of the words that `min_count` leaves; of words with equal counts the
        one that occurs first.
    max_vocab_size : int, optional
        Bound on the number of distinct words held while reading. If there are more, the rarer half
        is dropped, the counts become approximate and a UserWarning is issued. The corpus is then
        read by one worker. Words that `trim_rule` keeps are not dropped.
    trim_rule : callable, optional
    unk_token : hashable, optional
        As for `Vocabulary.from_counts`. Dropped words become `unk_token` too.
    workers : int, optional
        Number of threads that read the files; the result does not depend on it.
    spill_bytes : int
        A larger stream is written to a temporary file.
    progress : callable (done, total), optional
        Called with bytes for files; for other corpora with tokens, and None for the total.

    Returns
    -------
    Vocabulary, Stream
    """
    selection = Selection(min_count, max_final_vocab, trim_rule, unk_token)
    check_limit("max_vocab_size", max_vocab_size)
    with Scan(corpus, workers, max_vocab_size, spill_bytes, progress, selection.protected) as scan:
        scan.read()
        if earlier is not None:
            extended, final, kept = _extended(scan, selection, earlier)
            return extended, Stream(*scan.stream(final, kept))
        make, final, kept = selected(scan.words, scan.spool.n, selection)

        def encoded() -> Stream:
            return Stream(*scan.stream(final, kept))

        if scan.spool.n < LARGE or scan.workers < 2:
            return make(), encoded()
        # One thread renumbers the ids, without the GIL, while another makes the Python strings.
        stream, vocabulary = each_part(lambda function: function(), [encoded, make], 2)
        return vocabulary, stream


def selected(
    table: Words | Tokens, read: int, selection: Selection
) -> tuple[Callable[[], Vocabulary], Int32, int]:
    """Select the words of a vocabulary from the table of all words.

    Parameters
    ----------
    table : Words or Tokens
    read : int
        The number of words of the corpus.
    selection : Selection

    Returns
    -------
    callable () -> Vocabulary
        Makes the vocabulary, with a Python object for each word.
    int32 (n + 1,)
        The row of each provisional id, or -1; the last item applies to words that were dropped.
    int
        The number of words of the corpus that have a row.
    """
    counts, first = tally(table)
    all_words: Any = None
    if selection.needs_words:
        all_words = table.strings(np.arange(len(counts)))
    rows, row_counts, unk_row = selection.rows(counts, first, all_words, read)
    if not len(rows):
        raise ValueError(_nothing_left(read, counts, selection))
    final = np.full(len(counts) + 1, unk_row, dtype=np.int32)
    final[rows] = np.arange(len(rows), dtype=np.int32)
    token = selection.unk_token

    def make() -> Vocabulary:
        words = _named(rows, all_words, token) if selection.needs_words else table.strings(rows)
        return Vocabulary(words, row_counts, None if unk_row < 0 else token)

    return make, final, int(row_counts.sum())


def _extended(
    scan: Scan, selection: Selection, earlier: Vocabulary
) -> tuple[Vocabulary, Int32, int]:
    """The same for a vocabulary that extends an earlier one."""
    counts, first = scan.tally()
    words = scan.words.strings(np.arange(len(counts)))
    final = np.full(len(counts) + 1, -1, dtype=np.int32)
    final[:-1] = [earlier.index.get(word, -1) for word in words]
    known, unknown = np.flatnonzero(final[:-1] >= 0), final[:-1] < 0
    limit, token = selection.max_final_vocab, selection.unk_token
    free = None if limit is None else max(0, limit - len(earlier))
    candidates = selection.candidates(counts, first, words, unknown)
    new = cut(*candidates, free)
    if not len(known) + len(new):
        raise ValueError(_nothing_left(scan.spool.n, counts, selection))
    unk_row = None if token is None else earlier.index.get(token)
    rest = scan.spool.n - int(counts[known].sum() + counts[new].sum())
    append_token = token is not None and unk_row is None and rest > 0 and free != 0
    if append_token and len(new) == free:  # the token takes the last free row
        new = cut(*candidates, free - 1)
        rest = scan.spool.n - int(counts[known].sum() + counts[new].sum())
    if int(earlier.counts.sum()) + scan.spool.n > LARGEST_COUNT:
        raise ValueError(
            f"the counts of the vocabulary and the {scan.spool.n:,} words of the corpus add up to "
            "more than 2**63 - 1: fit a new model, or give a Vocabulary with smaller counts"
        )
    names = [*earlier.words, *(words[i] for i in new.tolist())]
    total = np.append(earlier.counts, counts[new])
    total[final[known]] += counts[known]
    final[new] = len(earlier) + np.arange(len(new), dtype=np.int32)
    if append_token:
        unk_row, names, total = len(names), [*names, token], np.append(total, 0)
    if unk_row is not None:
        final[final < 0] = unk_row
        total[unk_row] += rest
    kept = scan.spool.n - (rest if unk_row is None else 0)
    return Vocabulary(names, total, None if unk_row is None else token), final, kept


def encode(
    corpus: Any,
    vocabulary: Vocabulary,
    *,
    workers: int | None = 1,
    spill_bytes: int = 1 << 30,
    progress: Progress = None,
) -> Stream:
    """Encode a corpus with an existing vocabulary.

    Words that it does not contain become its `unk_token`, or are left out if it has none. The
    parameters are those of `build`.

    Returns
    -------
    Stream
    """
    with Scan(corpus, workers, None, spill_bytes, progress) as scan:
        words = scan.read()
        counts, _ = scan.tally()
        final = np.full(len(counts) + 1, vocabulary.unk_row, dtype=np.int32)
        known = np.zeros(len(counts), dtype=bool)
        for i, word in enumerate(words.strings(np.arange(len(counts)))):
            row = vocabulary.index.get(word)
            if row is not None:
                final[i], known[i] = row, True
        kept = int(counts[final[:-1] >= 0].sum())
        if not scan.spool.n:
            raise ValueError(_EMPTY)
        if not known.any():
            raise ValueError(
                f"none of the corpus's {scan.spool.n} words ({len(counts)} distinct) is among the "
                f"{len(vocabulary)} of the vocabulary: check that both have the same language, "
                "case and tokenization"
            )
        return Stream(*scan.stream(final, kept))


def _named(rows: NDArray[Any], words: list[Any], unk_token: Hashable) -> list[Any]:
    """The word of each row; the index after that of the last word means `unk_token`."""
    return [words[i] if i < len(words) else unk_token for i in rows.tolist()]


def _nothing_left(total: int, counts: Int64, selection: Selection) -> str:
    """The message of the error that a vocabulary would have no words."""
    if not total:
        return _EMPTY
    if not len(counts):
        return f"no word is left: max_vocab_size is too small for the {total} words read: raise it"
    remedy = "lower min_count or give more text"
    if selection.trim_rule is not None:
        remedy += f", and check trim_rule={shown(selection.trim_rule)}"
    return (
        f"no word is left: of {total} words, {len(counts)} distinct, the most frequent occurs "
        f"{counts.max()} times, and min_count={selection.min_count}: {remedy}"
    )
