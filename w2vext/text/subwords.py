"""Subwords: the n-grams of words, their rows, and vectors composed from these rows (D15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.cached import cached_property
from w2vext._arguments.messages import kind_of, shown
from w2vext._threads import each_part
from w2vext.kernels._subwords import NgramRows, count_ngrams, ngrams, numbered
from w2vext.kernels.means import mean_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from typing_extensions import Self

    from w2vext._arguments.types import Bool, Float32, Int32, Int64

END_OF_LINE = b"</s>"  # fastText's word for the end of a line, which has no n-grams
BATCH = 4_096  # words or lines that are composed at a time


@dataclass(frozen=True)
class Buckets:
    """The buckets of n-grams that have rows of the input matrix.

    Attributes
    ----------
    min_n, max_n : int
        Lengths of the n-grams in characters.
    bucket : int
        The number of buckets.
    n_words : int
        The number of rows before those of buckets.
    keys : int32 (n_buckets,), ascending, or None
        The buckets that have a row. None means that all buckets have one, in order.
    slots : int32 (n_buckets,) or None
        The row of ``keys[i]`` is ``n_words + slots[i]``.
    """

    min_n: int
    max_n: int
    bucket: int
    n_words: int
    keys: Int32 | None
    slots: Int32 | None

    @classmethod
    def by_row(
        cls, min_n: int, max_n: int, bucket: int, n_words: int, buckets: Int32 | None
    ) -> Buckets:
        """Convert the bucket of each row after those of words; None means all, in order."""
        if buckets is None:
            return cls(min_n, max_n, bucket, n_words, None, None)
        slots = np.argsort(buckets, kind="stable").astype(np.int32)
        return cls(min_n, max_n, bucket, n_words, buckets[slots], slots)

    @property
    def n_rows(self) -> int:
        """The number of rows of the input matrix."""
        return self.n_words + (self.bucket if self.keys is None else len(self.keys))

    @property
    def buckets(self) -> Int32 | None:
        """The bucket of each row after those of words; None means all, in order."""
        if self.keys is None or self.slots is None:
            return None
        found = np.empty(len(self.keys), dtype=np.int32)
        np.put(found, self.slots, self.keys)  # an assignment crashes in NumPy without memory
        return found

    @cached_property
    def table(self) -> NgramRows:
        """The rows of the n-grams of any word."""
        return NgramRows(self.min_n, self.max_n, self.bucket, self.n_words, self.keys, self.slots)

    def row_of(self, hashes: Int64) -> Int64:
        """The rows of n-grams with these hashes; -1 for a bucket without a row."""
        buckets = hashes % self.bucket
        if self.keys is None or self.slots is None:
            return self.n_words + buckets
        if not len(self.keys):
            return np.full(len(hashes), -1, dtype=np.int64)
        places = np.searchsorted(self.keys, buckets).clip(max=len(self.keys) - 1)
        return np.where(self.keys[places] == buckets, self.n_words + self.slots[places], -1)


@dataclass(frozen=True)
class Subwords(Buckets):
    """The n-grams of the words of a vocabulary, hashed to buckets as fastText does.

    The input matrix has a row for each word, followed by a row for each bucket that contains an
    n-gram of one of these words, in the order of first use. Other buckets would never be trained,
    so they have no row.

    Attributes
    ----------
    starts, parts : int64 (n_words + 1,), int32 (starts[n_words],)
        The rows of the n-grams of word w are ``parts[starts[w]:starts[w + 1]]``.
    """

    starts: Int64
    parts: Int32

    @classmethod
    def of(
        cls, words: Iterable[Any], min_n: int, max_n: int, bucket: int, workers: int | None = 1
    ) -> Subwords:
        """The subwords of a list of words, which do not depend on the number of workers.

        Raises
        ------
        TypeError
            A word is not a str.
        """
        try:
            raw = [bytes_of(word) for word in words]
        except TypeError as error:
            raise TypeError(f"{error}, or max_n=0 to train without subwords") from None
        starts, buckets = _buckets_of(raw, NgramRows(min_n, max_n, bucket, 0), workers)
        distinct, parts = numbered(buckets, bucket)
        slots = np.argsort(distinct).astype(np.int32)
        parts += len(raw)
        return cls(min_n, max_n, bucket, len(raw), distinct[slots], slots, starts, parts)


def _buckets_of(raw: list[bytes], table: NgramRows, workers: int | None) -> tuple[Int64, Int64]:
    """(offsets, buckets): the buckets of word w are buckets[offsets[w]:offsets[w + 1]]."""
    parts = [raw[at : at + BATCH] for at in range(0, len(raw), BATCH)]
    found = each_part(table.rows, parts, workers)
    starts = np.zeros(len(raw) + 1, dtype=np.int64)
    np.cumsum(np.concatenate([[0], *(np.diff(offsets) for offsets, _ in found)]), out=starts)
    return starts, np.concatenate([np.zeros(0, np.int64), *(buckets for _, buckets in found)])


def bytes_of(word: Any) -> bytes:
    """The UTF-8 bytes of a word; the inverse of `text_of`."""
    if not isinstance(word, str):
        raise TypeError(
            f"the word {shown(word)} is {kind_of(word)}: subwords are made of characters, so give "
            "a str"
        )
    return word.encode("utf-8", "surrogateescape")


def text_of(raw: bytes) -> str:
    """Bytes of a word as a str; bytes that are not UTF-8 become lone surrogates."""
    return raw.decode("utf-8", "surrogateescape")


def named_ngrams(raw: bytes, min_n: int, max_n: int, table: NgramRows) -> list[tuple[str, int]]:
    """The n-grams of a word in fastText's order, each with its row, or -1 if it has none."""
    if raw == END_OF_LINE or max_n <= 0:
        return []
    found = ngrams(raw, max(min_n, 1), max_n)
    rows = table.rows([raw])[1].tolist() or [-1] * len(found)
    return [(text_of(gram), row) for (gram, _), row in zip(found, rows, strict=True)]


def means_of(
    items: Sequence[Any],
    rows_of: Callable[[Any], tuple[Int64, Int64]],
    matrix: Any,
    *,
    count_absent: bool = False,
) -> Float32:
    """The mean of the rows of each word or line, (n, d).

    `rows_of` returns the offsets and rows of a batch, as `NgramRows.rows` does. The matrix and
    `count_absent` are those of `mean_rows`.
    """
    out = np.zeros((len(items), matrix.shape[1]), dtype=np.float32)
    for begin in range(0, len(items), BATCH):
        part = slice(begin, begin + BATCH)
        mean_rows(matrix, *rows_of(items[part]), out[part], count_absent=count_absent)
    return out


class SubwordVectors:
    """Composes the vectors of known and unknown words from the rows of words and n-grams.

    Parameters
    ----------
    subwords : Buckets
    rows : float32 (subwords.n_rows, d), or an object with ``shape`` and ``take(rows)``
        Rows of words, then those of buckets. They may be in a mapped file, or quantized.
    index : dict
        Word to row.
    count_absent : bool, default=True
        N-grams without a row count as zeros. False leaves them out, as fastText does with pruned
        n-grams.
    """

    def __init__(
        self, subwords: Buckets, rows: Any, index: dict[Any, int], count_absent: bool = True
    ) -> None:
        self.subwords = subwords
        self.rows = rows
        self.index = index
        self.count_absent = count_absent
        self.hash_count = 0  # of floret

    @classmethod
    def of_stored(cls, words: list[Any], stored: dict[str, Any]) -> Self:
        """Convert the entry of a file, as `stored` returns it."""
        buckets, rows = stored["buckets"], stored["rows"]
        n_words = rows.shape[0] - (stored["bucket"] if buckets is None else len(buckets))
        min_n, max_n, bucket = (stored[name] for name in ("min_n", "max_n", "bucket"))
        index = dict(zip(words, stored["own"].tolist(), strict=True))
        found = Buckets.by_row(min_n, max_n, bucket, n_words, buckets)
        return cls(found, rows, index, stored["count_absent"])

    def stored(self, words: Sequence[Any]) -> dict[str, Any]:
        """The entry of a file that stores the subwords of these words.

        Returns
        -------
        dict
            `min_n`, `max_n`, `bucket` and `count_absent`; `rows`, the matrix; `own`, int64 (n,),
            the row of each word; `buckets`, int32, the bucket of each row after those of words, or
            None if all buckets have a row, in order.
        """
        s = self.subwords
        return {
            "min_n": s.min_n,
            "max_n": s.max_n,
            "bucket": s.bucket,
            "count_absent": self.count_absent,
            "buckets": s.buckets,
            "own": np.array([self.index[word] for word in words], dtype=np.int64),
            "rows": self.rows,
        }

    def restricted(self, words: Iterable[Any]) -> SubwordVectors:
        """The same for fewer words, with all n-grams; the matrix is shared."""
        index = {word: self.index[word] for word in words}
        return SubwordVectors(self.subwords, self.rows, index, self.count_absent)

    def compose(self, words: Sequence[Any]) -> tuple[Float32, Bool]:
        """The vectors of some words, (n, d), and whether each word has one.

        A word's vector is the mean of its own row, if it is in the vocabulary, and of the rows of
        its n-grams. N-grams that no word of the vocabulary has count as zeros. An unknown word has
        no vector if it is not a str, or if no row of its n-grams differs from zero; its row is
        zeros.
        """
        out = means_of(words, self._rows_of, self.rows, count_absent=self.count_absent)
        known = np.fromiter((word in self.index for word in words), bool, len(words))
        is_str = np.fromiter((isinstance(word, str) for word in words), bool, len(words))
        has = known | (is_str & out.any(axis=1))
        out[~has] = 0
        return out, has

    def _rows_of(self, words: Sequence[Any]) -> tuple[Int64, Int64]:
        raw = [bytes_of(word) if isinstance(word, str) else b"" for word in words]
        own = np.array([self.index.get(word, -1) for word in words], dtype=np.int64)
        return self.subwords.table.rows(raw, own)

    def ngrams(self, word: str) -> list[tuple[str, int]]:
        """The n-grams of a word in fastText's order, each with its row, or -1 if it has none."""
        s = self.subwords
        return named_ngrams(bytes_of(word), s.min_n, s.max_n, s.table)

    def counts(self, words: Sequence[str], counts: Int64 | None) -> dict[str, tuple[int, int]]:
        """The number of occurrences and the row of each n-gram of some words.

        The occurrences in a word are multiplied by the count of the word; without counts, each
        word counts once. The most frequent n-gram comes first.
        """
        numbers = [1] * len(words) if counts is None else counts.tolist()
        raw = [bytes_of(word) for word in words]
        if END_OF_LINE in raw:
            del numbers[raw.index(END_OF_LINE)]
            raw.remove(END_OF_LINE)
        lengths = max(self.subwords.min_n, 1), self.subwords.max_n
        totals, hashes = count_ngrams(raw, numbers, *lengths)
        rows = self.subwords.row_of(np.array(hashes, dtype=np.int64))
        order = np.argsort(-np.fromiter(totals.values(), np.int64, len(totals)), kind="stable")
        found = list(zip(totals.items(), rows.tolist(), strict=True))
        return {text_of(found[i][0][0]): (found[i][0][1], found[i][1]) for i in order.tolist()}

    @property
    def has_ngrams(self) -> bool:
        """Whether words have n-grams; quantized vectors may have none."""
        return self.subwords.bucket > 0

    @staticmethod
    def without_ngrams(n_words: int) -> Buckets:
        """The `Buckets` of a matrix that has rows of words only."""
        return Buckets(1, 0, 0, n_words, np.zeros(0, np.int32), np.zeros(0, np.int32))

    def all_rows(self) -> Float32:
        """The complete matrix as float32."""
        array = isinstance(self.rows, np.ndarray)
        return np.ascontiguousarray(self.rows) if array else self.rows.take()

    def rows_at(self, rows: Int64) -> Float32:
        """A copy of some rows of the matrix."""
        array = isinstance(self.rows, np.ndarray)
        return np.array(self.rows[rows] if array else self.rows.take(rows), dtype=np.float32)


def words_of_line(text: str) -> list[str]:
    """The words of a line, which is split at ASCII white space, as in fastText.

    Raises
    ------
    ValueError
        The text contains a line break.
    """
    if "\n" in text:
        raise ValueError(
            f"the text {shown(text)} contains a line break: give one line at a time, such as "
            "text.splitlines()"
        )
    return [text_of(raw) for raw in bytes_of(text).split()]
