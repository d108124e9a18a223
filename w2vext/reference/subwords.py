"""Subwords in plain Python and NumPy: n-grams and their hash, composed rows and their updates.

P. Bojanowski, E. Grave, A. Joulin, T. Mikolov. "Enriching word vectors with subword information".
TACL 2017.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def characters(text: bytes) -> list[bytes]:
    """Each byte that is not a UTF-8 continuation byte, with all continuation bytes after it.

    Continuation bytes at the very beginning are skipped.
    """
    found: list[bytes] = []
    for byte in text:
        if byte & 0xC0 != 0x80:
            found.append(bytes([byte]))
        elif found:
            found[-1] += bytes([byte])
    return found


def ngrams(word: bytes, min_n: int, max_n: int) -> list[bytes]:
    """The n-grams of min_n to max_n characters of ``<word>``, by start, then by length.

    A bracket alone is not an n-gram. The word with both brackets is one if it is short enough.
    """
    letters = characters(b"<" + word + b">")
    found = []
    for start in range(len(letters)):
        for n in range(min_n, max_n + 1):
            at_edge = start == 0 or start + n == len(letters)
            if start + n <= len(letters) and not (n == 1 and at_edge):
                found.append(b"".join(letters[start : start + n]))
    return found


def ngram_hash(ngram: bytes) -> int:
    """FNV-1a in 32 bits over bytes that are sign-extended, as a signed char is."""
    h = 2166136261
    for byte in ngram:
        h ^= byte | (0xFFFFFF00 if byte >= 0x80 else 0)
        h = h * 16777619 % 2**32
    return h


def compose(w_in: NDArray[Any], rows: Sequence[int]) -> NDArray[Any]:
    """The vector of a word: the mean of its own row and of its n-grams' rows, shape (d,)."""
    return np.asarray(w_in)[list(rows)].mean(axis=0)


def row_gradient(dh: NDArray[Any], rows: Sequence[int]) -> dict[int, NDArray[Any]]:
    """∂L/∂row for each row of a word, given ∂L/∂h of its vector h: dh/G for each occurrence.

    G is the number of rows, with repeats. Training adds the whole change of h to each row instead,
    as fastText does. This is G times a step along the true gradient; it moves h by one full update.
    """
    gradient: dict[int, NDArray[Any]] = {}
    for row in rows:
        gradient[row] = gradient.get(row, 0) + dh / len(rows)
    return gradient


def flush(
    w_in: NDArray[Any],
    changes: Mapping[int, NDArray[Any]],
    rows_of: Mapping[int, Sequence[int]],
    damping: float = 2**0.5,
    times: Mapping[int, int] | None = None,
) -> None:
    """Add the changes of composed rows to the rows that they are means of, in place.

    Parameters
    ----------
    w_in : (n_rows, d)
    changes : mapping of word to (d,)
        The change of each word's composed row.
    rows_of : mapping of word to its rows
    damping : float
        Multiply a row's changes by min(1, damping/sqrt(k), 24 damping/u), where k is the number of
        words in `changes` that hold the row, and u how often they were trained. With 0, multiply
        them by 1.
    times : mapping of word to int, optional
        How often each word was trained; without it, u does not limit the changes.
    """
    holders: dict[int, list[int]] = {}
    for word in changes:
        for row in set(rows_of[word]):
            holders.setdefault(row, []).append(word)
    for word, change in changes.items():
        for row in rows_of[word]:
            scale = 1.0
            if damping:
                scale = min(scale, damping / np.sqrt(len(holders[row])))
            if damping and times is not None:
                scale = min(scale, 24 * damping / sum(times[w] for w in holders[row]))
            w_in[row] += scale * change
