"""Tables of counted words as arrays, which can be sent to another process and merged there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext.text._words import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from w2vext._arguments.types import Int32, Int64, UInt8


class Table(NamedTuple):
    """The distinct words of a text, in the order of their provisional ids.

    Attributes
    ----------
    lengths : int32 (n,)
        The bytes of each word.
    data : uint8 (sum of lengths,)
        The words in UTF-8, one after the other.
    counts : int64 (n,)
    first : uint64 (n,)
        The position of the first occurrence: the number of the file, and the byte in it.
    kind : {"text", "int64", "uint64"} or None
        What the words are; None means text. Integers have 8 bytes.
    """

    lengths: Int32
    data: UInt8
    counts: Int64
    first: NDArray[np.uint64]
    kind: str | None


def packed(words: Words) -> Table:
    """A table of words as arrays."""
    n = len(words)
    table = Table(
        np.empty(n, dtype=np.int32),
        np.empty(words.size, dtype=np.uint8),
        np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.uint64),
        words.kind,
    )
    words.tally(table.counts, table.first)
    words.pack(table.lengths, table.data)
    return table


def merge(words: Words, table: Table) -> Int32:
    """Add all words of a table to `words`; returns the id of each of them there: int32 (n,)."""
    ids = np.empty(len(table.lengths), dtype=np.int32)
    if table.kind is not None:
        words.set_kind(table.kind)
    words.merge_packed(table.lengths, table.data, table.counts, table.first, ids)
    return ids
