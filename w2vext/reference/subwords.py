"""Character n-grams of a word and their hash, as fastText defines them, in plain Python.

P. Bojanowski, E. Grave, A. Joulin, T. Mikolov. "Enriching word vectors with subword information".
TACL 2017.
"""

from __future__ import annotations


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

    A bracket alone is not an n-gram; the word with both brackets is one, where it is short enough.
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
