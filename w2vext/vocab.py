"""Vocabularies and id streams: counts and encodes a corpus in one pass.

While the corpus is read its words get provisional ids (`_scan.py`); then they are sorted by count,
cut, and the ids rewritten in place (`_spool.py`). Refuses to know weights, models or where files
come from.
"""

import operator
from collections.abc import Mapping

import numpy as np

from w2vext._scan import Scan
from w2vext._text import lookup


class Vocabulary:
    """Words by row, most frequent first.

    Attributes
    ----------
    words : list
        The token of each row.
    counts : ndarray of int64, shape (V,)
    index : dict
        Token -> row.
    """

    def __init__(self, words, counts):
        self.words = list(words)
        self.counts = np.asarray(counts, dtype=np.int64)
        self._index = None
        if self.counts.shape != (len(self.words),):
            raise ValueError(
                f"counts has shape {self.counts.shape} for {len(self.words)} words: give one each"
            )

    @classmethod
    def from_counts(cls, mapping, *, min_count=1, max_vocab=None):
        """A vocabulary of known counts, such as a Counter.

        Parameters
        ----------
        mapping : mapping
            {token: count}; equal counts keep the mapping's order.
        min_count : int
            Rarer words are left out.
        max_vocab : int, optional
            How many words are kept at most.
        """
        if not isinstance(mapping, Mapping):
            raise TypeError(
                f"the counts are a {type(mapping).__name__}: give a mapping {{word: count}}"
            )
        _check_limits(min_count, max_vocab)
        counts = np.empty(len(mapping), dtype=np.int64)
        for i, (word, count) in enumerate(mapping.items()):
            try:
                counts[i] = operator.index(count)
            except (TypeError, OverflowError):
                raise TypeError(f"the count of {word!r} is {count!r}: give an integer") from None
            if counts[i] < 0:
                raise ValueError(f"the count of {word!r} is {count!r}: give one >= 0")
        rows = _rows(counts, np.arange(len(counts)), min_count, max_vocab)
        if not len(rows):
            raise ValueError(_nothing_left(int(counts.sum()), counts, min_count))
        words = list(mapping)
        return cls([words[i] for i in rows.tolist()], counts[rows])

    @property
    def index(self):
        if self._index is None:
            self._index = dict(zip(self.words, range(len(self.words)), strict=True))
        return self._index

    def __len__(self):
        return len(self.words)

    def __contains__(self, word):
        return word in self.index

    def lookup(self, sentence):
        """The rows of a sentence's known words, in order: int32, shape (n,)."""
        if isinstance(sentence, (str, bytes)):
            raise TypeError(
                f"the sentence is a {type(sentence).__name__}, {sentence[:40]!r}: its letters "
                "would be the words. Give a list of tokens, such as sentence.split()"
            )
        tokens = sentence.tolist() if hasattr(sentence, "tolist") else list(sentence)
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

    def __init__(self, ids, offsets, raw_words):
        self.ids = ids
        self.offsets = offsets
        self.raw_words = raw_words

    def close(self):
        """Lets go of the ids, and with them of the temporary file, if there was one."""
        self.ids = np.empty(0, dtype=np.int32)
        self.offsets = np.zeros(1, dtype=np.int64)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def build(corpus, *, min_count=5, max_vocab=None, max_scan_vocab=None, workers=1,
          spill_bytes=1 << 30, progress=None):
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
        forgotten, counts become approximate and a UserWarning says so. One worker then reads.
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
    _check_limits(min_count, max_vocab, max_scan_vocab)
    with Scan(corpus, workers, max_scan_vocab, spill_bytes, progress) as scan:
        words = scan.read()
        counts, first = scan.tally()
        rows = _rows(counts, first, min_count, max_vocab)
        if not len(rows):
            raise ValueError(_nothing_left(scan.spool.n, counts, min_count))
        final = np.full(len(counts) + 1, -1, dtype=np.int32)
        final[rows] = np.arange(len(rows), dtype=np.int32)
        vocabulary = Vocabulary(words.strings(rows), counts[rows])
        return vocabulary, Stream(*scan.stream(final, int(vocabulary.counts.sum())))


def encode(corpus, vocabulary, *, workers=1, spill_bytes=1 << 30, progress=None):
    """Encodes a corpus by a vocabulary from outside; words that it lacks are left out.

    Parameters and progress as in `build`.

    Returns
    -------
    Stream
    """
    with Scan(corpus, workers, None, spill_bytes, progress) as scan:
        words = scan.read()
        counts, _ = scan.tally()
        final = np.full(len(counts) + 1, -1, dtype=np.int32)
        for i, word in enumerate(words.strings(np.arange(len(counts)))):
            final[i] = vocabulary.index.get(word, -1)
        kept = int(counts[final[:-1] >= 0].sum())
        if not kept:
            raise ValueError(
                f"none of the corpus's {scan.spool.n} words ({len(counts)} distinct) is among the "
                f"vocabulary's {len(vocabulary)}"
            )
        return Stream(*scan.stream(final, kept))


def extend(
    corpus,
    vocabulary,
    *,
    min_count=5,
    max_vocab=None,
    max_scan_vocab=None,
    workers=1,
    spill_bytes=1 << 30,
    progress=None,
):
    """Counts and encodes a corpus in one pass, adding its words to a vocabulary.

    Known words keep their rows; new ones follow, by count, where they occur min_count times, up to
    max_vocab words in all. Counts are those of the vocabulary and the corpus together. Parameters
    and progress as in `build`.

    Returns
    -------
    Vocabulary, Stream
    """
    _check_limits(min_count, max_vocab, max_scan_vocab)
    with Scan(corpus, workers, max_scan_vocab, spill_bytes, progress) as scan:
        words = scan.read()
        counts, first = scan.tally()
        tokens = words.strings(np.arange(len(counts)))
        final = np.full(len(counts) + 1, -1, dtype=np.int32)
        final[:-1] = [vocabulary.index.get(token, -1) for token in tokens]
        known = np.flatnonzero(final[:-1] >= 0)
        unknown = np.flatnonzero(final[:-1] < 0)
        room = None if max_vocab is None else max(0, max_vocab - len(vocabulary))
        new = unknown[_rows(counts[unknown], first[unknown], min_count, room)]
        if not len(known) + len(new):
            raise ValueError(_nothing_left(scan.spool.n, counts, min_count))
        final[new] = len(vocabulary) + np.arange(len(new), dtype=np.int32)
        total = np.append(vocabulary.counts, counts[new])
        total[final[known]] += counts[known]
        grown = Vocabulary([*vocabulary.words, *(tokens[i] for i in new.tolist())], total)
        kept = int(counts[known].sum() + counts[new].sum())
        return grown, Stream(*scan.stream(final, kept))


def _check_limits(min_count, max_vocab, max_scan_vocab=None):
    if operator.index(min_count) < 0:
        raise ValueError(f"min_count={min_count!r}: give an integer >= 0")
    for name, limit in (("max_vocab", max_vocab), ("max_scan_vocab", max_scan_vocab)):
        if limit is not None and operator.index(limit) < 1:
            raise ValueError(f"{name}={limit!r}: give an integer >= 1, or None for no limit")


def _rows(counts, first, min_count, max_vocab):
    """Which words stay, in the order of their rows: by count, then by first occurrence."""
    kept = np.flatnonzero(counts >= min_count)
    return kept[np.lexsort((first[kept], -counts[kept]))][:max_vocab]


def _nothing_left(total, counts, min_count):
    if not total:
        return "the corpus is empty: it holds no word at all"
    if not len(counts):
        return f"no word is left: max_scan_vocab was too small for the {total} words read: raise it"
    return (
        f"no word is left: of {total} words, {len(counts)} distinct, the most frequent occurs "
        f"{counts.max()} times, and min_count={min_count}: lower min_count or give more text"
    )
