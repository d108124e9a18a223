"""Documents to look up: the sentences of a corpus one by one, and their rows in a vocabulary.

Unlike in the stream that training reads, nothing is dropped: an empty line is a document too, and
an unknown word keeps its place as -1. Refuses a str as a document: its letters would be the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from w2vext._types import FilePath, Int32, Int64

BLOCK = 1 << 22  # bytes of a mapped file that are looked at together
BATCH = 1 << 16  # tokens that are handed on together
# ASCII blanks for str, but not for bytes: no separators in our files.
ONLY_STR_SPLITS = (b"\x1c", b"\x1d", b"\x1e", b"\x1f")


def documents(corpus: Any) -> Iterator[Iterable[Any]]:
    """Yield each document's tokens: for text files a list of str for every line.

    Parameters
    ----------
    corpus : Corpus

    Raises
    ------
    TypeError
        For a document that is a str or no iterable.
    ValueError
        For a line that is not UTF-8 or holds a NUL; names file and line.
    """
    if corpus.kind == "files":
        for path in corpus.files:
            for number, line in enumerate(_lines(corpus.buffers(path)), start=1):
                yield _words(line, path, number)
        return
    for number, document in enumerate(corpus.sentences()):
        if isinstance(document, (str, bytes)) or not hasattr(document, "__iter__"):
            raise TypeError(
                f"document {number} is a {type(document).__name__}, {repr(document)[:60]}: "
                "give token lists, such as [s.split() for s in sentences]"
            )
        yield document.tolist() if isinstance(document, np.ndarray) else document


def rows(
    corpus: Any, index: dict[Any, int], *, absent: int = -1, must_know: bool = False
) -> Iterator[tuple[Int32, Int64]]:
    """Yield (ids int32 (N,), offsets int64 (n + 1,)) of some documents at a time.

    Parameters
    ----------
    corpus : Corpus
    index : dict
        Word to row.
    absent : int
        What other words become.
    must_know : bool
        Raise KeyError for other words.
    """
    row = index.get
    ids, offsets = [], [0]
    for number, document in enumerate(documents(corpus)):
        tokens = document if isinstance(document, (list, tuple)) else list(document)
        try:
            found = [row(token, absent) for token in tokens]
        except TypeError as error:
            raise TypeError(
                f"document {number} holds a token that no dict takes: {error}"
            ) from None
        if must_know and -1 in found:
            raise KeyError(
                f"document {number} holds {tokens[found.index(-1)]!r}, which is not in the "
                "vocabulary: set unknown to 'skip', 'zero' or 'mean'"
            )
        ids += found
        offsets.append(len(ids))
        if len(ids) >= BATCH or len(offsets) > BATCH:
            yield np.array(ids, dtype=np.int32), np.array(offsets, dtype=np.int64)
            ids, offsets = [], [0]
    if len(offsets) > 1:
        yield np.array(ids, dtype=np.int32), np.array(offsets, dtype=np.int64)


def _lines(buffers: Iterable[Any]) -> Iterator[bytes]:
    """The lines of a text that comes in blocks; a newline at the very end begins no line."""
    begun = []
    for buffer in buffers:
        for at in range(0, len(buffer), BLOCK):
            first, *others = bytes(buffer[at : at + BLOCK]).split(b"\n")
            begun.append(first)
            if others:
                yield b"".join(begun)
                yield from others[:-1]
                begun = others[-1:]
    if last := b"".join(begun):
        yield last


def _words(line: bytes, path: FilePath, number: int) -> list[str]:
    if number == 1:
        line = line.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in line:
        raise ValueError(f"{path}, line {number}: holds a NUL byte: this is no text")
    # One decoding for all words of the line; where str parts words as bytes do, it may do that too.
    if line.isascii() and not any(blank in line for blank in ONLY_STR_SPLITS):
        return line.decode().split()
    words = line.split()
    try:
        return b"\n".join(words).decode().split("\n") if words else []
    except UnicodeDecodeError as error:
        word = error.object[: error.start].count(b"\n")
        raise ValueError(
            f"{path}, line {number}: {words[word]!r} is not UTF-8 ({error.reason}): "
            "convert the file, with iconv for example"
        ) from None
