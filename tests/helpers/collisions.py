"""Words whose hashes collide under fixed constants, for the tests of the tables of words.

A hash without a secret can be inverted: this module finds words of eight bytes that all have the
same slot. Counting them took quadratic time when the tables used these constants.

    python tests/helpers/collisions.py 60000     counts that many of them and as many random words
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WORD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
EXACT_START, EXACT = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFF51AFD7ED558CCD)
SLOT_BITS = 22  # equal bits of the hashes: more than the tables in these tests use


def inverse(odd):
    """The number whose product with an odd one is 1 modulo 2^64."""
    return np.uint64(pow(int(odd), -1, 1 << 64))


def printable(keys):
    """Those of the keys whose eight bytes are printable ASCII, as (n, 8) uint8."""
    letters = keys.view(np.uint8).reshape(-1, 8)
    return letters[((letters > 32) & (letters < 127)).all(axis=1)]


def collide(n, invert, draw):
    """n distinct words of eight bytes, whose keys are invert(hash) for drawn hashes."""
    found, rng = [], np.random.default_rng(1)
    while sum(map(len, found)) < n:
        with np.errstate(over="ignore"):
            found.append(printable(invert(draw(rng, 1 << 20))))
    words = np.unique(np.concatenate(found), axis=0)[:n]
    assert len(words) == n
    return [bytes(word) for word in words]


def words_of_text(n):
    """Words with the same highest bits under the hash that text.c had."""

    def invert(hashes):
        x = hashes * inverse(WORD[1])
        x ^= x >> np.uint64(32)
        return x * inverse(WORD[0])

    return collide(
        n, invert, lambda rng, k: rng.integers(0, 1 << (64 - SLOT_BITS), k, dtype=np.uint64)
    )


def words_of_exact(n):
    """Words with the same lowest bits under the hash that exact_words.c had."""

    def invert(hashes):
        x = hashes ^ hashes >> np.uint64(29)
        x ^= hashes >> np.uint64(58)
        x *= inverse(EXACT)  # the rest of the word is empty
        x ^= x >> np.uint64(32)
        return (x * inverse(EXACT)) ^ (EXACT_START ^ np.uint64(8))

    def draw(rng, k):
        low = np.uint64(12345)
        return (
            rng.integers(0, 1 << (64 - SLOT_BITS), k, dtype=np.uint64) << np.uint64(SLOT_BITS) | low
        )

    return collide(n, invert, draw)


def numbers(n):
    """Integers with the same lowest bits under the hash that the table of integers had."""
    rng = np.random.default_rng(1)
    hashes = rng.integers(0, 1 << (64 - SLOT_BITS), n, dtype=np.uint64) << np.uint64(SLOT_BITS)
    with np.errstate(over="ignore"):
        hashes ^= hashes >> np.uint64(32)
        return (hashes * inverse(EXACT_START)).view(np.int64)


def random_words(n):
    rng = np.random.default_rng(2)
    letters = rng.integers(33, 127, (n, 8), dtype=np.uint8)
    return [bytes(word) for word in letters]


def seconds(count, arguments, tries=5):
    """The minimum processor time of a call for each argument; the arguments alternate."""
    best = [float("inf")] * len(arguments)
    for _ in range(tries):
        for i, argument in enumerate(arguments):
            start = time.process_time()
            count(argument)
            best[i] = min(best[i], time.process_time() - start)
    return best


def count_file(path):
    from w2vext.text.corpus import open_corpus
    from w2vext.text.scan import Scan

    with Scan(open_corpus(path), 1, None, 1 << 30, None) as scan:
        scan.read()


def count_exactly(path):
    from w2vext import exact

    exact.count_words(path, min_count=1)


def count_numbers(array):
    from w2vext.text.corpus import open_corpus
    from w2vext.text.scan import Scan

    with Scan(open_corpus(array[None]), 1, None, 1 << 30, None) as scan:
        scan.read()


def compare(n, folder):
    """(name, seconds of the colliding words, seconds of as many random ones) of each table."""
    folder = Path(folder)
    folder.joinpath("random").write_bytes(b" ".join(random_words(n)) + b"\n")
    for name, words, count in (
        ("text", words_of_text, count_file),
        ("exact", words_of_exact, count_exactly),
    ):
        folder.joinpath(name).write_bytes(b" ".join(words(n)) + b"\n")
        yield name, *seconds(count, [folder / name, folder / "random"])
    plain = np.random.default_rng(3).integers(0, 1 << 62, n)
    yield "numbers", *seconds(count_numbers, [numbers(n), plain])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for name, slow, fast in compare(int(sys.argv[1]), folder):
            print(f"{name:8} {slow:.3f} s, random {fast:.3f} s: {slow / fast:.2f} times")
