"""word2vec.c and word2phrase.c reproduced bit by bit.

With one thread, `train` gives the same bytes as the original compiled with -O2 for x86-64. It
reproduces the random numbers, tables, sentence blocks, learning rates, saturated scores and
truncated words of the original. Use it to verify results of the original, and `Word2Vec` to train.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import shutil
import tempfile
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files, _threads
from w2vext._arguments import messages
from w2vext._arguments.flags import check_flags
from w2vext._files import compression
from w2vext.exact import _exact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from numpy.typing import ArrayLike

    from w2vext._arguments.types import FileLike, FilePath, Float32, Int32, Int64
    from w2vext.keyedvectors import KeyedVectors

__all__ = [
    "Trained",
    "classes",
    "count_words",
    "initial_vectors",
    "phrases",
    "read_vocabulary",
    "train",
    "write_classes",
    "write_vectors",
    "write_vocabulary",
]

MAX_BYTES = 98  # word2vec.c truncates words to this length
PHRASES_MAX_BYTES = 58  # word2phrase.c truncates words to this length
MAX_WORDS = 21_000_000  # distinct words at which word2vec.c starts to remove rare ones
PHRASES_MAX_WORDS = 350_000_000
ROWS = 1024  # rows written at a time
BLOCK = 1 << 18  # bytes of text read at a time


@dataclass
class Trained:
    """The result of `train`.

    Attributes
    ----------
    words : list of bytes
        The word of each row; the first is ``</s>``, which marks the end of a line.
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
    path: FileLike,
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
    path : str, path-like or file object
        Plain text. It is copied to a temporary file first. It can therefore be a pipe, and it can
        be changed during training.
    vector_size, window, epochs, min_count, threads : int
        With more than one thread the result is not reproducible, as in the original.
    sample : float
        Threshold of the subsampling of frequent words; 0 keeps all words.
    hs, negative, cbow : bool, int, bool
        Hierarchical softmax (`hs`) and negative sampling (`negative` > 0) are independent; both may
        be used, or neither.
    alpha : float, optional
        The initial learning rate, by default 0.05 for CBOW and 0.025 for skip-gram.
    vocabulary : (list of bytes, counts), optional
        As returned by `read_vocabulary`. By default the words of the text are counted.
    faithful : bool
        False also trains a last line without a newline, does not truncate words to 98 bytes, and
        skips a byte order mark.
    counted : callable (words, counts), optional
        Called before training starts.
    report : callable (learning rate, words read, words in all epochs), optional
        Called ten times a second and at the end.

    Returns
    -------
    Trained

    Raises
    ------
    ValueError
        A value is out of range, no word occurs `min_count` times, or the file is compressed or was
        changed while it was copied.
    FloatingPointError
        A vector is not finite after training.
    """
    check_flags(hs=hs, cbow=cbow, faithful=faithful)
    _check_range(1, vector_size=vector_size, window=window, epochs=epochs, threads=threads)
    _check_range(0, negative=negative)
    alpha = (0.05 if cbow else 0.025) if alpha is None else alpha
    text = _copy(path, faithful)
    words = _table(*vocabulary) if vocabulary else _count([text], faithful)
    words = words.select(_rows(words.counts, min_count))
    if len(words) < 2:
        raise ValueError(
            f"{_files.shown(path)}: no word occurs min_count={min_count} times: lower min_count, "
            "or train on a longer text"
        )
    names, counts = words.strings(), words.counts
    if counted:
        counted(names, counts)
    vectors = initial_vectors(len(words), vector_size)
    run = _exact.Run(
        text, words, vectors, alpha=alpha, sample=sample, window=window, negative=negative,
        hs=bool(hs), cbow=bool(cbow), epochs=epochs, threads=threads,
        longest=MAX_BYTES if faithful else 0, tail=not faithful,
    )  # fmt: skip
    total = epochs * run.train_words
    interrupted = _threads.run_tasks(
        lambda _, thread: run.train(thread), threads, threads, stop=run.stop,
        poll=report and (lambda: report(run.lr, run.done, total)),
    )  # fmt: skip
    if report:
        report(run.lr, run.done, total)
    if run.diverged or not np.isfinite(vectors).all():
        raise FloatingPointError(f"training diverged with alpha={alpha:g}: use a smaller alpha")
    return Trained(names, counts, vectors, interrupted)


def initial_vectors(n: int, vector_size: int) -> Float32:
    """Return the vectors of word2vec.c before training: float32, shape (n, vector_size)."""
    return _exact.initial_vectors(n, vector_size)


def count_words(
    path: FileLike,
    *,
    min_count: int = 5,
    faithful: bool = True,
    vocabulary: tuple[Sequence[bytes], Iterable[int]] | None = None,
) -> tuple[list[bytes], Int64]:
    """Count the words of a text as word2vec.c does.

    Parameters
    ----------
    path : str, path-like or file object
        Plain text, which is read once.
    min_count : int
        Words that occur less often are left out, except ``</s>``, which counts the lines.
    faithful : bool
        False also counts a last word without a newline, does not truncate words to 98 bytes, and
        skips a byte order mark.
    vocabulary : (list of bytes, counts), optional
        Used instead of the words of the text.

    Returns
    -------
    words : list of bytes
        ``</s>`` first, then by descending count.
    counts : ndarray of int64, shape (V,)

    Raises
    ------
    ValueError
        The file is compressed, or was changed while it was read.
    """
    check_flags(faithful=faithful)
    words = _table(*vocabulary) if vocabulary else _count(_blocks(path, faithful), faithful)
    words = words.select(_rows(words.counts, min_count))
    return words.strings(), words.counts


def read_vocabulary(path: FileLike, *, faithful: bool = True) -> tuple[list[bytes], Int64]:
    """Read words (bytes) and counts from a file written by `write_vocabulary` or ``-save-vocab``.

    A byte order mark is skipped.

    Parameters
    ----------
    path : str, path-like or file object
    faithful : bool
        True keeps the order of the file. word2vec.c takes the first word, whatever it is, as the
        end of a sentence and never trains it. False puts ``</s>`` first, with a count of 0 if it is
        missing.

    Returns
    -------
    words : list of bytes
    counts : ndarray of int64, shape (V,)

    Raises
    ------
    ValueError
        A line is not a word and its count, or a word occurs twice.
    """
    check_flags(faithful=faithful)
    counts: dict[bytes, int] = {}
    lines: dict[bytes, int] = {}
    with _files.Reader(path) as reader:
        name = reader.name
        if reader.peek(len(BOM_UTF8)) == BOM_UTF8:
            reader.read(len(BOM_UTF8))
        for number, line in enumerate(io.BufferedReader(reader), 1):
            fields = line.split()
            if not fields:
                continue
            shown = messages.shown(line.decode("utf-8", "replace").strip())
            if len(fields) != 2 or not fields[1].isdigit() or len(fields[1]) > 18:
                raise ValueError(
                    f"{name}, line {number}: {shown} is not a word and its count; separate them "
                    "with a space"
                )
            word, count = fields
            if word in lines:
                raise ValueError(
                    f"{name}, line {number}: {shown}: the word is also in line {lines[word]}; "
                    "give each word once, with the sum of its counts"
                )
            lines[word], counts[word] = number, int(count)
    if not counts:
        raise ValueError(f"{name}: the vocabulary is empty; expected a word and a count per line")
    if not faithful:
        counts = {b"</s>": counts.pop(b"</s>", 0), **counts}
    return list(counts), np.array(list(counts.values()), dtype=np.int64)


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
    """Write vectors as word2vec.c does: as float32, or with six decimals and a space after each.

    Parameters
    ----------
    path : path
    words : sequence of bytes
    vectors : array of shape (V, d)
    binary : bool
        Whether to write float32 instead of text.
    """
    check_flags(binary=binary)
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
    """Return the class of each row by word2vec.c's ten rounds of k-means, bit by bit."""
    _check_range(1, number=number)
    return _exact.classes(np.ascontiguousarray(vectors, dtype=np.float32), number)


def write_classes(path: FilePath, words: Iterable[bytes], labels: Iterable[int]) -> None:
    """Write words with their classes as word2vec.c's ``-classes`` does.

    Parameters
    ----------
    path : path
    words : iterable of bytes
    labels : iterable of int
        The class of each word, as returned by `classes`.
    """
    with _files.writing(path, compress=True) as file:
        for word, label in zip(words, labels, strict=True):
            file.write(b"%s %d\n" % (word, label))


def phrases(
    path: FileLike,
    output: FileLike,
    *,
    threshold: float = 100.0,
    min_count: int = 5,
    faithful: bool = False,
    counted: Callable[[int, int], object] | None = None,
) -> None:
    """Write a text with its phrases joined by "_", as word2phrase.c does.

    Parameters
    ----------
    path, output : str, path-like or file object
        The text is read twice, so the text of a pipe is copied to a temporary file first.
    threshold : float
        The score above which a pair is joined: higher thresholds give fewer phrases.
    min_count : int
        Words and pairs that occur less often are not joined.
    faithful : bool
        True omits a last word without a newline, truncates words to 58 bytes, and takes a byte
        order mark as a part of the first word.
    counted : callable (words and pairs kept, words in the text), optional
        Called before writing starts.

    Raises
    ------
    MemoryError
        The text has more than 350,000,000 distinct words and pairs.
    ValueError
        The text has no words, is compressed, or was changed while it was read.
    """
    check_flags(faithful=faithful)
    how: Any = {"longest": PHRASES_MAX_BYTES if faithful else 0, "tail": not faithful}
    table = _exact.Phrases(min_count, threshold)
    with _files.as_path(path) as text:
        before = os.stat(text)
        for block in _blocks(text, faithful):
            if not table.count(_exact.Text(block, **how), PHRASES_MAX_WORDS):
                raise MemoryError(
                    f"{text}: more than {PHRASES_MAX_WORDS:,} distinct words and pairs: give a "
                    "shorter text"
                )
        if not table.train_words:
            raise ValueError(f"{text}: the text has no words: give text with at least one word")
        if counted:
            counted(_as_shown(table.counts(), min_count), table.train_words)
        with _files.writing(output, compress=True) as file:
            table.begin()
            for block in _blocks(text, faithful):
                for joined in table.write(_exact.Text(block, **how)):
                    file.write(joined)
            _check_unchanged(str(text), before, os.stat(text))


def _as_shown(counts: Int64, min_count: int) -> int:
    """The size of the vocabulary as printed by the original, which skips every other rare word."""
    if counts[0] >= min_count:
        return int((counts >= min_count).sum())
    kept = int((counts[1:] >= min_count).sum()) + 1
    left = len(counts) - 1
    return left - max(0, left - kept + 1) // 2


@contextlib.contextmanager
def _reading(path: FileLike, faithful: bool) -> Iterator[_files.Reader]:
    """The text as a stream of bytes, without a byte order mark unless `faithful`."""
    with _files.Reader(path) as reader:
        kind = compression.kind_of(reader.peek(compression.HEAD))
        if kind is not None:
            raise ValueError(f"{reader.name}: {kind} data: decompress it to plain text first")
        if not faithful and reader.peek(len(BOM_UTF8)) == BOM_UTF8:
            reader.read(len(BOM_UTF8))
        before = None if reader.size is None else os.fstat(reader.fileno())
        yield reader
        if before is not None:
            _check_unchanged(reader.name, before, os.fstat(reader.fileno()))


def _check_unchanged(name: str, before: os.stat_result, after: os.stat_result) -> None:
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ValueError(
            f"{name}: the file was changed while it was read: run again when it is complete"
        )


def _blocks(path: FileLike, faithful: bool) -> Iterator[bytes]:
    """The text in blocks, all of which but the last end with a separator of words."""
    parts: list[Any] = []
    with _reading(path, faithful) as reader:
        while part := reader.read(BLOCK):
            end = 1 + max(map(part.rfind, (b" ", b"\n", b"\t")))
            if end:
                parts.append(memoryview(part)[:end])
                yield b"".join(parts)
                parts = []
            parts.append(part[end:])
    yield b"".join(parts)


def _copy(path: FileLike, faithful: bool) -> bytes | mmap.mmap:
    """A private copy of the text, because shortening a mapped file kills the process."""
    with _reading(path, faithful) as reader, _files.spooling():
        with tempfile.TemporaryFile(prefix="w2vext-") as copy:
            shutil.copyfileobj(reader, copy, BLOCK)
            if not copy.tell():
                return b""
            copy.flush()
            return mmap.mmap(copy.fileno(), 0, access=mmap.ACCESS_READ)


def _check_range(least: int, **values: int) -> None:
    for name, value in values.items():
        if not least <= value < 2**31:
            shown = messages.shown(value)
            raise ValueError(f"{name}={shown}: give an integer from {least} to 2**31 - 1")


def _count(blocks: Iterable[bytes | mmap.mmap], faithful: bool) -> _exact.Words:
    """The words of a text, ``</s>`` first; a full table drops its rare words, as in word2vec.c."""
    words, max_count = _exact.Words(), 1
    words.add(b"</s>", 0)
    for block in blocks:
        text = _exact.Text(block, longest=MAX_BYTES if faithful else 0, tail=not faithful)
        while not words.count(text, MAX_WORDS):
            words = words.select(np.flatnonzero(words.counts > max_count))
            max_count += 1
    return words


def _table(names: Iterable[bytes], counts: Iterable[int]) -> _exact.Words:
    words = _exact.Words()
    for name, count in zip(names, counts, strict=True):
        words.add(name, int(count))
    return words


def _rows(counts: Int64, min_count: int) -> Int64:
    """The first row, then the others by descending count, in stable order."""
    rows = np.argsort(-counts[1:], kind="stable") + 1
    return np.concatenate([[0], rows[counts[rows] >= min_count]]).astype(np.int64)
