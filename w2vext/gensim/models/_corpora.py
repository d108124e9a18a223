"""Corpora in the forms that gensim accepts: sentences from files, and checks of arguments."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext._arguments.messages import kind_of, shown
from w2vext.text.corpus import Corpus, open_corpus

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from typing import Any

    from w2vext._arguments.types import FileLike, FilePath

MAX_WORDS_IN_BATCH = 10_000
_BLOCK = 1 << 20  # bytes of a file object that are read at a time


class LineSentence:
    """The sentences of a text file: one on each line, the words separated by white space.

    Parameters
    ----------
    source : str, path-like or binary file object
        The text is UTF-8; files compressed by gzip, bzip2 or xz are decompressed.
    max_sentence_length : int, default=10000
        A longer line is cut into several sentences.
    limit : int, optional
        Read only this many lines.
    """

    def __init__(
        self,
        source: FileLike,
        max_sentence_length: int = MAX_WORDS_IN_BATCH,
        limit: int | None = None,
    ) -> None:
        self.source = source
        self.max_sentence_length = max_sentence_length
        self.limit = limit

    def __iter__(self) -> Iterator[list[str]]:
        for line in islice(lines(self.source), self.limit):
            yield from cut(line.split(), self.max_sentence_length)


class PathLineSentences:
    """The sentences of all files of a folder, in the order of their names; see `LineSentence`.

    Parameters
    ----------
    source : str or path-like
        A folder, whose subfolders are ignored, or a file.
    max_sentence_length, limit
        As for `LineSentence`; the limit is that of each file.
    """

    def __init__(
        self,
        source: FilePath,
        max_sentence_length: int = MAX_WORDS_IN_BATCH,
        limit: int | None = None,
    ) -> None:
        path = _files.path_of(source)
        if os.path.isfile(path):
            self.input_files = [path]
        elif os.path.isdir(path):
            names = sorted(os.listdir(path))
            self.input_files = [p for n in names if os.path.isfile(p := os.path.join(path, n))]
        else:
            raise ValueError(f"source={shown(source)}: there is no such file or folder")
        self.source = source
        self.max_sentence_length = max_sentence_length
        self.limit = limit

    def __iter__(self) -> Iterator[list[str]]:
        for path in self.input_files:
            yield from LineSentence(path, self.max_sentence_length, self.limit)


class Text8Corpus:
    """The words of a file without lines, such as text8, cut into sentences of equal length.

    Parameters
    ----------
    fname : str, path-like or binary file object
    max_sentence_length : int, default=10000
    """

    def __init__(self, fname: FileLike, max_sentence_length: int = MAX_WORDS_IN_BATCH) -> None:
        self.fname = fname
        self.max_sentence_length = max_sentence_length

    def __iter__(self) -> Iterator[list[str]]:
        words: list[str] = []
        rest = ""  # the last word of a block, which may continue in the next one
        for text in texts(self.fname):
            found = (rest + text).split()
            rest = found.pop() if found and not text[-1:].isspace() else ""
            words += found
            whole = len(words) - len(words) % self.max_sentence_length
            if whole:
                yield from cut(words[:whole], self.max_sentence_length)
                words = words[whole:]
        if rest:
            words.append(rest)
        if words:
            yield words


class BrownCorpus:
    """The sentences of the Brown corpus as NLTK stores it: a folder of files of ``word/tag``.

    Words are in lower case, followed by the first two letters of their tags, as in gensim.

    Parameters
    ----------
    dirname : str or path-like
    """

    def __init__(self, dirname: FilePath) -> None:
        self.dirname = dirname

    def __iter__(self) -> Iterator[list[str]]:
        for path in PathLineSentences(self.dirname).input_files:
            for line in lines(path):
                pairs = [token.split("/") for token in line.split()]
                words = [
                    f"{pair[0].lower()}/{pair[1][:2]}"
                    for pair in pairs
                    if len(pair) == 2 and pair[1][:1].isalpha()
                ]
                if words:
                    yield words


def lines(source: FileLike) -> Iterator[str]:
    """The lines of a file without their ends; a file object is read from its beginning."""
    if isinstance(source, (str, os.PathLike)):
        rest = b""
        for block in _blocks(source):
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield line.decode("utf-8")
        if rest:
            yield rest.decode("utf-8")
        return
    if source.seekable():
        source.seek(0)
    for line in source:
        text: Any = line
        yield (text if isinstance(text, str) else text.decode("utf-8")).rstrip("\n")


def texts(source: FileLike) -> Iterator[str]:
    """The text of a file in blocks; a file object is read from its beginning."""
    blocks: Iterator[Any]
    if isinstance(source, (str, os.PathLike)):
        blocks = _blocks(source)
    else:
        if source.seekable():
            source.seek(0)
        blocks = iter(partial(source.read, _BLOCK), source.read(0))
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in blocks:
        yield block if isinstance(block, str) else decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _blocks(source: FilePath) -> Iterator[bytes]:
    """The decompressed text of a file in blocks of a few MiB."""
    path = _files.path_of(source)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path}: no such file")
    return Corpus("files", None, [path]).buffers(path)


def cut(words: list[str], length: int) -> Iterator[list[str]]:
    """A sentence in parts of at most `length` words; an empty one is kept."""
    for at in range(0, max(len(words), 1), length):
        yield words[at : at + length]


class Counting:
    """Sentences, and how many were read in the last pass."""

    def __init__(self, sentences: Iterable[Any]) -> None:
        self.sentences = sentences
        self.read = 0

    def __iter__(self) -> Iterator[Iterable[Hashable]]:
        self.read = 0
        for sentence in self.sentences:
            self.read += 1
            yield sentence


def opened(corpus_iterable: Any, corpus_file: Any) -> tuple[Corpus, Counting | None]:
    """A corpus, and a counter of its sentences if it has tokens.

    Raises
    ------
    TypeError
        Both or neither of the two are given, or one has a wrong type.
    """
    if (corpus_iterable is None) == (corpus_file is None):
        raise TypeError(
            "corpus_iterable and corpus_file are "
            f"{'both None' if corpus_file is None else 'both given'}: give one of them"
        )
    if corpus_file is not None:
        if not isinstance(corpus_file, (str, os.PathLike)) or not os.path.isfile(
            _files.path_of(corpus_file)
        ):
            raise TypeError(f"corpus_file={shown(corpus_file)}: give the path of an existing file")
        path = _files.path_of(corpus_file)
        return Corpus("files", None, [path]), None
    if isinstance(corpus_iterable, (str, bytes, os.PathLike)) or not (
        isinstance(corpus_iterable, Iterable) or hasattr(corpus_iterable, "__getitem__")
    ):
        raise TypeError(
            f"corpus_iterable={shown(corpus_iterable)} is {kind_of(corpus_iterable)}: give a list "
            "of token lists; corpus_file takes a path"
        )
    corpus = open_corpus(corpus_iterable)
    if corpus.kind == "files":
        raise TypeError(
            f"corpus_iterable={shown(corpus_iterable)} contains paths: give token lists, or "
            "corpus_file=path"
        )
    counting = Counting(_Sentences(corpus))
    return Corpus("tokens", counting), counting


class _Sentences:
    """The sentences of a `Corpus`, which may be read again."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    def __iter__(self) -> Iterator[Iterable[Hashable]]:
        return iter(self.corpus.sentences())


def count_lines(corpus: Corpus) -> int:
    """The number of lines of the files of a corpus."""
    found = 0
    for path in corpus.files:
        last = b"\n"
        for block in corpus.buffers(path):
            found += block.count(b"\n")
            last = block[-1:] or last
        found += last != b"\n"
    return found
