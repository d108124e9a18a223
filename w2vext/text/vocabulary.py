"""Vocabularies and id streams: counts and encodes a corpus in one pass.

While the corpus is read its words get provisional ids (`_scan.py`); then they are sorted by count,
cut, and the ids rewritten in place (`_spool.py`). Refuses to know weights, models or where files
come from.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from w2vext.text._tokens import lookup
from w2vext.text.scan import Scan
from w2vext.text.selection import Choice, check_limit, cut

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from typing import Any, SupportsIndex

    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self

    from w2vext._types import Int32, Int64, Progress, Token, TrimRule


class Vocabulary:
    """Words by row, most frequent first.

    Attributes
    ----------
    words : list
        The token of each row.
    counts : ndarray of int64, shape (V,)
    index : dict
        Token -> row.
    unk : hashable or None
        The token that stands for all words that are not there, where there is one.

    Raises
    ------
    ValueError
        The counts are not one for each word, or `unk` is none of the words.
    """

    def __init__(self, words: Iterable[Hashable], counts: ArrayLike, unk: Hashable = None) -> None:
        self.words = list(words)
        self.counts = np.asarray(counts, dtype=np.int64)
        self.unk = unk
        self._index: dict[Token, int] | None = None
        if self.counts.shape != (len(self.words),):
            raise ValueError(
                f"counts has shape {self.counts.shape} for {len(self.words)} words: give one each"
            )
        if unk is not None and unk not in self.index:
            raise ValueError(f"unk={unk!r} is not among the {len(self.words)} words: add it")

    @classmethod
    def from_counts(
        cls,
        mapping: Mapping[Any, SupportsIndex],
        *,
        min_count: int = 1,
        max_vocab: int | None = None,
        trim_rule: TrimRule | None = None,
        unk: Hashable = None,
    ) -> Self:
        """A vocabulary of known counts, such as a Counter.

        Parameters
        ----------
        mapping : mapping
            {token: count}; equal counts keep the mapping's order.
        min_count : int
            Rarer words are left out.
        max_vocab : int, optional
            How many words are kept at most.
        trim_rule : callable (word, count, min_count), optional
            Says of each word ``"keep"`` or ``"discard"``, whatever its count, or ``"default"``
            (None too): what min_count says. gensim's RULE_KEEP, RULE_DISCARD and RULE_DEFAULT
            will do. Words that it keeps go before others where max_vocab cuts.
        unk : hashable, optional
            One more word, such as ``"<unk>"``, that stands for all that are not kept and has their
            counts; nothing where every word is kept, with a warning. max_vocab counts it.

        Returns
        -------
        Vocabulary

        Raises
        ------
        TypeError
            It is no mapping, or a count is no integer.
        ValueError
            A count is below 0, a limit is out of range, or no word is left.
        """
        if not isinstance(mapping, Mapping):
            raise TypeError(
                f"the counts are a {type(mapping).__name__}: give a mapping {{word: count}}"
            )
        choice = Choice(min_count, max_vocab, trim_rule, unk)
        counts = np.empty(len(mapping), dtype=np.int64)
        for i, (word, count) in enumerate(mapping.items()):
            try:
                counts[i] = operator.index(count)
            except (TypeError, OverflowError):
                raise TypeError(f"the count of {word!r} is {count!r}: give an integer") from None
            if counts[i] < 0:
                raise ValueError(f"the count of {word!r} is {count!r}: give one >= 0")
        words, total = list(mapping), int(counts.sum())
        rows, row_counts, at = choice.rows(counts, np.arange(len(counts)), words, total)
        if not len(rows):
            raise ValueError(_nothing_left(total, counts, choice))
        return cls(_named(rows, words, unk), row_counts, None if at < 0 else unk)

    @property
    def index(self) -> dict[Token, int]:
        """Word to row; made when it is first asked for."""
        if self._index is None:
            self._index = dict(zip(self.words, range(len(self.words)), strict=True))
        return self._index

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: Hashable) -> bool:
        return word in self.index

    @property
    def unk_row(self) -> int:
        """The row of `unk`, or -1."""
        return -1 if self.unk is None else self.index[self.unk]

    def lookup(self, sentence: Iterable[Hashable]) -> Int32:
        """The rows of a sentence's known words, in order: int32, shape (n,).

        With `unk` every word is known.
        """
        if isinstance(sentence, (str, bytes)):
            raise TypeError(
                f"the sentence is a {type(sentence).__name__}, {sentence[:40]!r}: its letters "
                "would be the words. Give a list of tokens, such as sentence.split()"
            )
        tokens = sentence.tolist() if hasattr(sentence, "tolist") else list(sentence)
        if self.unk is not None:
            tokens = [token if token in self.index else self.unk for token in tokens]
        ids = np.empty(len(tokens), dtype=np.int32)
        return ids[: lookup(self.index, tokens, ids)]


class Stream:
    """A corpus as ids of a vocabulary.

    Attributes
    ----------
    ids : ndarray of int32, shape (N,)
        A memmap where the stream was spilled to disk.
    offsets : ndarray of int64, shape (S + 1,)
        Sentence s is ids[offsets[s]:offsets[s + 1]]; none is empty.
    raw_words : int
        Words read, those out of the vocabulary too.
    """

    def __init__(self, ids: Int32, offsets: Int64, raw_words: int) -> None:
        self.ids = ids
        self.offsets = offsets
        self.raw_words = raw_words

    def close(self) -> None:
        """Lets go of the ids, and with them of the temporary file, if there was one."""
        self.ids = np.empty(0, dtype=np.int32)
        self.offsets = np.zeros(1, dtype=np.int64)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def build(
    corpus: Any,
    *,
    min_count: int = 5,
    max_vocab: int | None = None,
    max_scan_vocab: int | None = None,
    trim_rule: TrimRule | None = None,
    unk: Hashable = None,
    workers: int | None = 1,
    spill_bytes: int = 1 << 30,
    progress: Progress = None,
) -> tuple[Vocabulary, Stream]:
    """Counts and encodes a corpus in one pass.

    Parameters
    ----------
    corpus : Corpus
    min_count : int
        Words that occur less often are left out.
    max_vocab : int, optional
        The most frequent words that are kept, after min_count; of equal counts the earlier one.
    max_scan_vocab : int, optional
        Bounds the distinct words held while reading: when there are more, the rarer half is
        forgotten, counts become approximate and a UserWarning says so. One worker then reads. What
        trim_rule keeps is not forgotten.
    trim_rule : callable, optional
    unk : hashable, optional
        As in `Vocabulary.from_counts`; words forgotten become `unk` too.
    workers : int, optional
        Threads over pieces of files; the result does not depend on their number.
    spill_bytes : int
        A stream of more bytes goes to a temporary file.
    progress : callable (done, total), optional
        Bytes of files; of other corpora tokens, and None for the total.

    Returns
    -------
    Vocabulary, Stream
    """
    choice = Choice(min_count, max_vocab, trim_rule, unk)
    check_limit("max_scan_vocab", max_scan_vocab)
    how = (workers, max_scan_vocab, spill_bytes, progress, choice.spared)
    with Scan(corpus, *how) as scan:
        table = scan.read()
        counts, first = scan.tally()
        words: Any = table.strings(np.arange(len(counts))) if choice.asks else None
        rows, row_counts, at = choice.rows(counts, first, words, scan.spool.n)
        if not len(rows):
            raise ValueError(_nothing_left(scan.spool.n, counts, choice))
        final = np.full(len(counts) + 1, at, dtype=np.int32)
        final[rows] = np.arange(len(rows), dtype=np.int32)
        words = _named(rows, words, unk) if choice.asks else table.strings(rows)
        vocabulary = Vocabulary(words, row_counts, None if at < 0 else unk)
        return vocabulary, Stream(*scan.stream(final, int(row_counts.sum())))


def encode(
    corpus: Any,
    vocabulary: Vocabulary,
    *,
    workers: int | None = 1,
    spill_bytes: int = 1 << 30,
    progress: Progress = None,
) -> Stream:
    """Encodes a corpus by a vocabulary from outside.

    Words that it lacks become its `unk`, or are left out where it has none.

    Parameters and progress as in `build`.

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
        if not known.any():
            raise ValueError(
                f"none of the corpus's {scan.spool.n} words ({len(counts)} distinct) is among the "
                f"vocabulary's {len(vocabulary)}"
            )
        return Stream(*scan.stream(final, kept))


def extend(
    corpus: Any,
    vocabulary: Vocabulary,
    *,
    min_count: int = 5,
    max_vocab: int | None = None,
    max_scan_vocab: int | None = None,
    trim_rule: TrimRule | None = None,
    unk: Hashable = None,
    workers: int | None = 1,
    spill_bytes: int = 1 << 30,
    progress: Progress = None,
) -> tuple[Vocabulary, Stream]:
    """Counts and encodes a corpus in one pass, adding its words to a vocabulary.

    Known words keep their rows; new ones follow, by count, where they occur min_count times, up to
    max_vocab words in all. Counts are those of the vocabulary and the corpus together. Parameters
    and progress as in `build`; `unk` has its row where the vocabulary has it, else the last one,
    unless there is no room.

    Returns
    -------
    Vocabulary, Stream
    """
    choice = Choice(min_count, max_vocab, trim_rule, unk)
    check_limit("max_scan_vocab", max_scan_vocab)
    how = (workers, max_scan_vocab, spill_bytes, progress, choice.spared)
    with Scan(corpus, *how) as scan:
        table = scan.read()
        counts, first = scan.tally()
        words = table.strings(np.arange(len(counts)))
        final = np.full(len(counts) + 1, -1, dtype=np.int32)
        final[:-1] = [vocabulary.index.get(word, -1) for word in words]
        known, unknown = np.flatnonzero(final[:-1] >= 0), final[:-1] < 0
        room = None if max_vocab is None else max(0, max_vocab - len(vocabulary))
        staying = choice.staying(counts, first, words, unknown)
        new = cut(*staying, room)
        if not len(known) + len(new):
            raise ValueError(_nothing_left(scan.spool.n, counts, choice))
        here = vocabulary.index.get(unk) if unk is not None else None
        rest = scan.spool.n - int(counts[known].sum() + counts[new].sum())
        added = unk is not None and here is None and rest > 0 and room != 0
        if added and len(new) == room:  # one row of the room is for unk
            new = cut(*staying, room - 1)
            rest = scan.spool.n - int(counts[known].sum() + counts[new].sum())
        names = [*vocabulary.words, *(words[i] for i in new.tolist())]
        total = np.append(vocabulary.counts, counts[new])
        total[final[known]] += counts[known]
        final[new] = len(vocabulary) + np.arange(len(new), dtype=np.int32)
        if added:
            here, names, total = len(names), [*names, unk], np.append(total, 0)
        if here is not None:
            final[final < 0] = here
            total[here] += rest
        kept = scan.spool.n - (rest if here is None else 0)
        grown = Vocabulary(names, total, None if here is None else unk)
        return grown, Stream(*scan.stream(final, kept))


def _named(rows: NDArray[Any], words: list[Any], unk: Hashable) -> list[Any]:
    """The words of the rows; one beyond the words is `unk`."""
    return [words[i] if i < len(words) else unk for i in rows.tolist()]


def _nothing_left(total: int, counts: Int64, choice: Choice) -> str:
    if not total:
        return "the corpus is empty: it holds no word at all"
    if not len(counts):
        return f"no word is left: max_scan_vocab was too small for the {total} words read: raise it"
    remedy = "lower min_count or give more text"
    if choice.trim_rule is not None:
        remedy += f", and look at trim_rule={choice.trim_rule!r}"
    return (
        f"no word is left: of {total} words, {len(counts)} distinct, the most frequent occurs "
        f"{counts.max()} times, and min_count={choice.min_count}: {remedy}"
    )
