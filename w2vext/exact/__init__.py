"""word2vec.c and word2phrase.c once more, bit by bit: for proofs, and for what only they can do.

With one thread `train` gives the bytes of the original compiled with -O2 for x86-64: its generator,
tables, sentence blocks, learning-rate steps, saturated scores and cut words (csrc/exact*). Refuses
speed at the cost of a bit; `Word2Vec` is the estimator to train with.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext import _threads as workers
from w2vext.exact import _exact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from numpy.typing import ArrayLike

    from w2vext._types import FilePath, Float32, Int32, Int64
    from w2vext.keyedvectors import KeyedVectors

LONGEST = 98  # bytes that word2vec.c keeps of a word
LONGEST_IN_PHRASES = 58
MOST = 21_000_000  # words at which word2vec.c begins to forget rare ones
MOST_IN_PHRASES = 350_000_000
ROWS = 1024  # written at a time


@dataclass
class Trained:
    """What a run gives.

    Attributes
    ----------
    words : list of bytes
        In the order of the rows; the first is ``</s>``, the end of a line.
    counts : ndarray of int64, shape (V,)
    vectors : ndarray of float32, shape (V, vector_size)
    interrupted : bool
        Whether Ctrl-C ended the run.
    """

    words: list[bytes]
    counts: Int64
    vectors: Float32
    interrupted: bool = False

    @property
    def wv(self) -> KeyedVectors:
        """The vectors as KeyedVectors; bytes that are not UTF-8 become U+FFFD."""
        from w2vext.keyedvectors import KeyedVectors

        words = [word.decode("utf-8", "replace") for word in self.words]
        return KeyedVectors(words, self.vectors, self.counts)


def train(
    path: FilePath,
    *,
    vector_size: int = 100,
    window: int = 5,
    sample: float = 1e-3,
    hs: bool = False,
    negative: int = 5,
    cbow: bool = True,
    epochs: int = 5,
    min_count: int = 5,
    alpha: float | None = None,
    threads: int = 1,
    vocabulary: tuple[Sequence[bytes], Iterable[int]] | None = None,
    faithful: bool = True,
    counted: Callable[[list[bytes], Int64], object] | None = None,
    report: Callable[[float, int, int], object] | None = None,
) -> Trained:
    """Train as word2vec.c does.

    Parameters
    ----------
    path : path
        A plain text file, read in place.
    vector_size, window, epochs, min_count, threads : int
        With more than one thread the result is no longer exact, as in the original.
    sample : float
        Subsampling; 0 keeps all.
    hs, negative, cbow : bool, int, bool
        Hierarchical softmax and negative sampling may be on both at once, or both off.
    alpha : float, optional
        The first learning rate; 0.05 for CBOW and 0.025 for skip-gram by default.
    vocabulary : (list of bytes, counts), optional
        As `read_vocabulary` returns it; else the text's words are counted.
    faithful : bool
        False trains the last line without a newline too, and cuts no word at 98 bytes.
    counted : callable (words, counts), optional
        Called before training begins.
    report : callable (learning rate, words done, words in all), optional
        Called ten times a second, and at the end.

    Returns
    -------
    Trained

    Raises
    ------
    ValueError
        No word is left, or a value is out of range.
    FloatingPointError
        The vectors are no longer finite.
    """
    ranges = dict(vector_size=vector_size, window=window, epochs=epochs, threads=threads)
    for name, value in ranges.items():
        if not 1 <= value < 2**31:
            raise ValueError(f"{name}={value}: give a number >= 1")
    alpha = (0.05 if cbow else 0.025) if alpha is None else alpha
    text = open_text(path)
    words = _table(*vocabulary) if vocabulary else _count(text, faithful)
    words = words.take(_rows(words.counts, min_count))
    if len(words) < 2:
        raise ValueError(
            f"{os.fspath(path)}: no word occurs min_count={min_count} times: lower min_count, or "
            "give more text"
        )
    names, counts = words.strings(), words.counts
    if counted:
        counted(names, counts)
    vectors = begin(len(words), vector_size)
    run = _exact.Run(
        text, words, vectors, alpha=alpha, sample=sample, window=window, negative=negative,
        hs=bool(hs), cbow=bool(cbow), epochs=epochs, threads=threads,
        longest=LONGEST if faithful else 0, tail=not faithful,
    )  # fmt: skip
    total = epochs * run.train_words
    interrupted = workers.run_tasks(
        lambda _, thread: run.train(thread), threads, threads, stop=run.stop,
        poll=report and (lambda: report(run.lr, run.done, total)),
    )  # fmt: skip
    if report:
        report(run.lr, run.done, total)
    if run.diverged or not np.isfinite(vectors).all():
        raise FloatingPointError(f"training diverged: use a smaller alpha than {alpha:g}")
    return Trained(names, counts, vectors, interrupted)


def begin(n: int, vector_size: int) -> Float32:
    """word2vec.c's vectors before training: float32, shape (n, vector_size)."""
    return _exact.begin(n, vector_size)


def open_text(path: FilePath) -> bytes | mmap.mmap:
    """A file's bytes, mapped."""
    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def count_words(
    path: FilePath,
    *,
    min_count: int = 5,
    faithful: bool = True,
    vocabulary: tuple[Sequence[bytes], Iterable[int]] | None = None,
) -> tuple[list[bytes], Int64]:
    """A text's words (bytes) and their counts, ``</s>`` first, then by count.

    ``</s>`` counts the lines, and stays where there is none. A vocabulary that was read stands for
    the text's. Parameters as for `train`.
    """
    words = _table(*vocabulary) if vocabulary else _count(open_text(path), faithful)
    words = words.take(_rows(words.counts, min_count))
    return words.strings(), words.counts


def read_vocabulary(path: FilePath) -> tuple[list[bytes], Int64]:
    """The words (bytes) and counts of a file that `write_vocabulary` or ``-save-vocab`` wrote.

    Raises
    ------
    ValueError
        Names the line that is not a word and its count.
    """
    words, counts = [], []
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            fields = line.split()
            if not fields:
                continue
            if len(fields) != 2 or not fields[1].isdigit() or len(fields[1]) > 18:
                shown = line.decode("utf-8", "replace").strip()[:60]
                raise ValueError(f"{path}, line {number}: {shown!r} is no word with its count")
            words.append(fields[0])
            counts.append(int(fields[1]))
    if not words:
        raise ValueError(f"{path}: the vocabulary is empty")
    return words, np.array(counts, dtype=np.int64)


def write_vocabulary(path: FilePath, words: Iterable[bytes], counts: Iterable[int]) -> None:
    """Write words and counts as word2vec.c's ``-save-vocab`` does.

    Parameters
    ----------
    path : path
    words : iterable of bytes
    counts : iterable of int
    """
    with _files.writing(path, compress=True) as file:
        for word, count in zip(words, counts, strict=True):
            file.write(b"%s %d\n" % (word, count))


def write_vectors(
    path: FilePath, words: Sequence[bytes], vectors: ArrayLike, *, binary: bool = False
) -> None:
    """Write vectors as word2vec.c does: six decimals and a blank after each, or float32.

    Parameters
    ----------
    path : path
    words : sequence of bytes
    vectors : array of shape (V, d)
    binary : bool
        float32 in place of text.
    """
    vectors = np.ascontiguousarray(vectors, dtype="<f4")
    row = "%f " * vectors.shape[1] + "\n"
    with _files.writing(path, compress=True) as file:
        file.write(b"%d %d\n" % vectors.shape)
        for at in range(0, len(words), ROWS):
            rows = vectors[at : at + ROWS]
            if binary:
                numbers = [each.tobytes() + b"\n" for each in rows]
            else:
                numbers = [(row % tuple(each)).encode() for each in rows.tolist()]
            names = words[at : at + ROWS]
            file.write(b"".join(b"%s %s" % pair for pair in zip(names, numbers, strict=True)))


def classes(vectors: ArrayLike, number: int) -> Int32:
    """The class of each row: word2vec.c's ten rounds of k-means, bit by bit."""
    if not 1 <= number < 2**31:
        raise ValueError(f"number={number}: give a number of classes >= 1")
    return _exact.classes(np.ascontiguousarray(vectors, dtype=np.float32), number)


def write_classes(path: FilePath, words: Iterable[bytes], found: Iterable[int]) -> None:
    """Write words with their classes as word2vec.c's ``-classes`` does.

    Parameters
    ----------
    path : path
    words : iterable of bytes
    found : iterable of int
        The class of each word, from `classes`.
    """
    with _files.writing(path, compress=True) as file:
        for word, number in zip(words, found, strict=True):
            file.write(b"%s %d\n" % (word, number))


def phrases(
    path: FilePath,
    output: FilePath,
    *,
    threshold: float = 100.0,
    min_count: int = 5,
    faithful: bool = False,
    counted: Callable[[int, int], object] | None = None,
) -> None:
    """Write a text with its phrases joined by "_", as word2phrase does.

    Parameters
    ----------
    path, output : path
    threshold : float
        A higher one makes fewer phrases.
    min_count : int
        Rarer words and pairs make none.
    faithful : bool
        True loses the last word of a text without a final newline, and cuts words at 58 bytes.
    counted : callable (words and pairs kept, words in the text), optional
        Called before writing begins.

    Raises
    ------
    MemoryError
        The text has more than 350,000,000 distinct words and pairs.
    """
    how: Any = {"longest": LONGEST_IN_PHRASES if faithful else 0, "tail": not faithful}
    data = open_text(path)
    table = _exact.Phrases(min_count, threshold)
    if not table.count(_exact.Text(data, **how), MOST_IN_PHRASES):
        raise MemoryError(f"more than {MOST_IN_PHRASES:,} distinct words and pairs")
    if counted:
        counted(_as_shown(table.counts(), min_count), table.train_words)
    with _files.writing(output, compress=True) as file:
        for block in table.write(_exact.Text(data, **how)):
            file.write(block)


def _as_shown(counts: Int64, min_count: int) -> int:
    """The vocabulary's size as the original shows it, whose loop looks at every other rare word."""
    if counts[0] >= min_count:
        return int((counts >= min_count).sum())
    kept = int((counts[1:] >= min_count).sum()) + 1
    left = len(counts) - 1
    return left - max(0, left - kept + 1) // 2


def _count(text: bytes | mmap.mmap, faithful: bool) -> _exact.Words:
    """A table of a text's words, ``</s>`` first; word2vec.c forgets rare ones when it is full."""
    words, rare = _exact.Words(), 1
    words.add(b"</s>", 0)
    reader = _exact.Text(text, longest=LONGEST if faithful else 0, tail=not faithful)
    while not words.count(reader, MOST):
        words = words.take(np.flatnonzero(words.counts > rare))
        rare += 1
    return words


def _table(names: Iterable[bytes], counts: Iterable[int]) -> _exact.Words:
    words = _exact.Words()
    for name, count in zip(names, counts, strict=True):
        words.add(name, int(count))
    return words


def _rows(counts: Int64, min_count: int) -> Int64:
    """The first row, then the others by count; of equal counts the earlier one first."""
    rows = np.argsort(-counts[1:], kind="stable") + 1
    return np.concatenate([[0], rows[counts[rows] >= min_count]]).astype(np.int64)
