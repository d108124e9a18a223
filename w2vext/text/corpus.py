"""Corpora: sentences from iterables and arrays, or text from files and folders.

A corpus yields sentences of tokens, documents that are str, or blocks of bytes; the vocabulary is
not known here. Input that would silently train on letters or dict keys is an error: a str that is
not the name of a file, a dict, or, without a tokenizer, sentences that are str.
"""

from __future__ import annotations

import os
import queue
import stat
import threading
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from w2vext import _files, _threads
from w2vext._arguments.messages import COPY_AGAIN, kind_of, shown
from w2vext._files import compression
from w2vext.text import column
from w2vext.text.column import Column
from w2vext.text.paths import Listing, is_file, is_source, listed
from w2vext.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from typing import Any, Literal

    from w2vext._arguments.types import CorpusLike, FilePath

BLOCK = 1 << 22  # bytes of decompressed text at a time
AHEAD = 3  # blocks decompressed in advance

_SPLIT = "[s.split() for s in sentences]"
_SPLIT_LINES = "[s.split() for s in text.splitlines()]"


def read(path: FilePath, tell: Callable[[int], None]) -> Generator[bytes, None, None]:
    """Yield the decompressed text of a file in blocks; tell(n) reports the bytes read so far."""
    with _files.Reader(path) as file:
        kind = compression.kind_of(file.peek(compression.HEAD))
        text = compression.decompressing(file, kind, file.name) if kind else file
        try:
            while block := text.read(BLOCK):
                yield block
                tell(0 if file.size is None else file.position)
            file.check_length()
        except compression.ERRORS as error:
            if kind is None or not compression.is_damage(error):
                raise
            raise ValueError(f"{file.name}: damaged {kind} data ({error}): {COPY_AGAIN}") from error


def _ahead(blocks: Generator[bytes, None, None]) -> Iterator[bytes]:
    """The same blocks, read up to `AHEAD` in advance by a thread; empty blocks while it waits.

    The thread is never joined, because it may be blocked by a pipe that nobody writes to.
    """
    ready: queue.Queue[tuple[bytes | None, BaseException | None]] = queue.Queue(AHEAD)
    stopped = threading.Event()

    def hand_over(block: bytes | None, error: BaseException | None = None) -> None:
        while not stopped.is_set():
            try:
                return ready.put((block, error), timeout=0.1)
            except queue.Full:
                pass

    def make() -> None:
        try:
            for block in blocks:
                hand_over(block)
                if stopped.is_set():
                    break
            hand_over(None)
        except BaseException as error:
            hand_over(None, error)
        finally:
            blocks.close()

    _threads.start(threading.Thread(target=make, name="w2vext-ahead", daemon=True))
    try:
        while True:
            try:
                block, error = ready.get(timeout=0.1)
            except queue.Empty:
                yield b""
                continue
            if error is not None:
                raise error
            if block is None:
                return
            yield block
    finally:
        stopped.set()


class Extent(NamedTuple):
    """What is read of a file: bytes [start, stop), or if `stop` is None the whole file.

    `number` orders first occurrences, and `size` is the number of bytes. `inode` is 0 for
    remote files, and where it is not known. An `unopened` file may be compressed, although it has
    a `stop`.
    """

    file: Any
    number: int
    start: int
    stop: int | None
    size: int
    inode: int = 0
    unopened: bool = False


class Corpus:
    """Sentences of tokens, documents that are str, files of text, or a column; see `open_corpus`.

    Attributes
    ----------
    kind : {"tokens", "texts", "files", "columns"}
    one_shot : bool
        Whether the sentences can be read only once, like those of a generator or a pipe.
    files : list of Path or file object
        Empty for tokens and texts.
    tokenizer : Tokenizer
        How texts and files become words.

    Parameters
    ----------
    kind : {"tokens", "files", "columns"}
    source : iterable, column or None
        The items, or the column; None for files.
    files : iterable of path or file object
    extents : sequence of Extent, optional
        What is read of the files; by default all.
    special : iterable of path, optional
        The files that may be pipes, devices or open descriptors; by default all.
    """

    def __init__(
        self,
        kind: Literal["tokens", "files", "columns"],
        source: Any,
        files: Iterable[Any] = (),
        extents: Sequence[Extent] | None = None,
        special: Iterable[Any] | None = None,
    ) -> None:
        self.kind: Literal["tokens", "texts", "files", "columns"] = kind
        self.files = list(files)
        self.tokenizer = Tokenizer()
        self._source = source
        self._extents = extents
        self._plain: dict[Any, bool] = {}  # of files at URLs
        self._first: Any = None  # an iterator for the first pass
        if kind == "tokens":
            # Kept, because some objects give an iterator once only.
            self._first = iter(source)
            self.one_shot = self._first is source
        elif kind == "columns":
            self.one_shot = source.one_shot
        else:
            unsure = self.files if special is None else special
            self.one_shot = any(map(_files.is_one_shot, unsure))

    def tokenized_by(self, tokenizer: Tokenizer) -> Corpus:
        """Set the tokenizer. If it takes text and the first item is a str, the items are texts."""
        self.tokenizer = tokenizer
        if self.kind == "tokens" and tokenizer.takes_text:
            for first in self._first:
                self._first = chain([first], self._first)
                value = first.as_py() if hasattr(first, "as_py") else first
                self.kind = "texts" if isinstance(value, str) else "tokens"
                break
        return self

    @property
    def calls(self) -> bool:
        """Whether a function of the user finds the words, so that they are Python objects."""
        return self.kind != "tokens" and callable(self.tokenizer.kind)

    @property
    def column(self) -> Any:
        """The column, if the kind is "columns"."""
        return self._source

    def sentences(self) -> Iterator[Any]:
        """An iterator over the sentences, each an iterable of tokens; of texts, over documents.

        The rows of a column are lists or str.
        """
        if self.kind == "columns":
            return self._source.rows()
        first, self._first = self._first, None
        return iter(self._source) if first is None else first

    def items(self) -> list[Any] | Iterator[Any]:
        """What `sentences` iterates over, if it is a list; otherwise the iterator."""
        iterator = self.sentences()
        return self._source if type(self._source) is list else iterator

    def plain(self, path: FilePath, found: os.stat_result | None = None) -> bool:
        """Whether this is a regular, uncompressed file, which can be read in pieces.

        An open descriptor such as /dev/stdin is read from its position, so it is not. `found` is
        the status of a local file, if it is known.
        """
        if isinstance(path, _files.Remote):
            return path.ranges and self._plain_remote(path)
        if self.one_shot and _files.is_one_shot(path):
            return False
        if not stat.S_ISREG((found or os.stat(path)).st_mode):
            return False
        with opened(path) as file:
            return compression.kind_of(file.read(compression.HEAD)) is None

    def _plain_remote(self, path: Any) -> bool:
        if not self._plain:  # the first bytes of all files, which are requested together
            files = [file for file in self.files if isinstance(file, _files.Remote) and file.ranges]
            for file, head in zip(files, _files.heads(files, compression.HEAD), strict=True):
                self._plain[file] = compression.kind_of(head) is None
        return self._plain[path]

    def size(self, path: FilePath) -> int:
        """The size of the file in bytes; 0 if it is not known."""
        if isinstance(path, _files.Remote):
            return path.size or 0
        return 0 if _files.is_file_object(path) else os.stat(path).st_size

    def extents(self, small: int = 0) -> Iterator[Extent]:
        """What is read of each file; a file that is not plain is read as a whole.

        Regular local files of at most `small` bytes are not opened to find out.
        """
        if self.kind == "columns":
            yield from self._source.extents
            return
        if self._extents is not None:
            yield from self._extents
            return
        for number, path in enumerate(self.files):
            local = not (isinstance(path, _files.Remote) or _files.is_file_object(path))
            found = os.stat(path) if local else None
            size = found.st_size if found else self.size(path)
            is_small = found is not None and stat.S_ISREG(found.st_mode) and size <= small
            unopened = is_small and not self.one_shot
            stop = size if unopened or self.plain(path, found) else None
            yield Extent(path, number, 0, stop, size, found.st_ino if found else 0, unopened)

    @property
    def unit(self) -> str:
        """What `total` counts."""
        if self.kind == "columns" and not self.calls:
            return str(self._source.unit)
        return "B" if self.kind == "files" and not self.calls else "word"

    @property
    def total(self) -> int | None:
        """How much is read, as far as it is known; None if it is not."""
        if self.unit == "word":
            return None
        if self.kind == "columns":
            return self.column.total
        if self._extents is not None:
            return sum(extent.size for extent in self._extents)
        return sum(map(self.size, self.files))

    def buffers(self, path: FilePath, tell: Callable[[int], None] | None = None) -> Iterator[bytes]:
        """Yield the decompressed text of a file in blocks of a few MiB.

        A block may be empty or end in the middle of a word. A thread reads ahead and calls
        tell(bytes of the file read so far), if it is given.
        """
        yield from _ahead(read(path, tell or (lambda position: None)))


def opened(path: FilePath) -> Any:
    """A plain file, open for reading at any position."""
    if isinstance(path, _files.Remote):
        return path.seekable()
    return open(path, "rb", buffering=0)


def open_corpus(X: CorpusLike | Corpus, tokenizer: Tokenizer | None = None) -> Corpus:
    """A Corpus from any of the supported sources of sentences.

    Parameters
    ----------
    X : iterable of sentences, str, Path, file object, list of paths, column, or Column
        A sentence is a list (or any iterable, or 1-D array) of hashable tokens. A one-shot iterator
        is read once. Each row of a 2-D integer array is a sentence; a 1-D integer array is one
        sentence. A str must be the path of an existing file or folder, a pattern that matches
        files, such as ``"texts/*.txt"``, or a URL that fsspec opens, such as
        ``"s3://bucket/texts"``. Files have one sentence per line, in UTF-8, with words separated by
        ASCII white space. Files compressed by gzip, bzip2, xz (and zstd from Python 3.14 on) are
        recognized by their first bytes. Pipes and file objects are read once. A folder means all
        files in it and in its subfolders, in sorted order, without hidden ones. A column of
        pyarrow, Polars, pandas, DuckDB or another library with Arrow's C data interface contains
        lists or strings; `Column` chooses one of a table or of files of tables.
    tokenizer : Tokenizer, optional
        How files become words. With one that takes text, the items may be documents that are str; a
        list of str is then a list of paths only if every item is a URL or names an existing file.

    Returns
    -------
    Corpus

    Raises
    ------
    TypeError
        The corpus is a str that is not the path of a file, a dict, or a list of str; its letters or
        keys would be the words.
    FileNotFoundError
        A Path does not exist, or there is nothing at a URL.
    ImportError
        fsspec, or the package that it needs for a URL, is not installed.
    OSError
        A URL cannot be read.
    """
    if isinstance(X, Corpus):
        return X
    tokenizer = tokenizer or Tokenizer()
    return _opened(X, tokenizer.takes_text).tokenized_by(tokenizer)


def _opened(X: Any, takes_text: bool) -> Corpus:
    if isinstance(X, Column):
        return _column(X, takes_text)
    if isinstance(X, os.PathLike):
        return _of_files(listed(X))
    if isinstance(X, str):
        if is_source(X):
            return _of_files(listed(X))
        raise TypeError(
            f"the corpus is a str, {shown(X)}, and no file or folder has that name: give a path "
            "that exists, or "
            + ("[text]" if takes_text else f"token lists, such as {_SPLIT_LINES}")
        )
    if _files.is_file_object(X):
        return Corpus("files", None, [X])
    if isinstance(X, (bytes, bytearray, memoryview)):
        raise TypeError(
            f"the corpus is {type(X).__name__}, {shown(X)}: give a path, or token lists, such as "
            + _SPLIT_LINES
        )
    if isinstance(X, Mapping):
        raise TypeError(
            "the corpus is a dict, whose keys would be the sentences: give list(X.values()) if its "
            "values are token lists; a {word: count} mapping goes to Vocabulary.from_counts"
        )
    if column.is_pandas_frame(X):
        return _opened(column.series_of(X, None), takes_text)
    if (found := column.in_memory(X)) is not None:
        return Corpus("columns", found)
    if hasattr(X, "columns") and (hasattr(X, "to_numpy") or hasattr(X, "to_pandas")):
        raise TypeError(
            f"the corpus is {kind_of(X)}, whose columns would be the sentences: give one "
            "column of token lists, such as frame['tokens'], or a 2-D array of the rows"
        )
    if hasattr(X, "__array_interface__"):
        return _array(X, takes_text)
    if not isinstance(X, Iterable) and not hasattr(X, "__getitem__"):
        raise TypeError(
            f"the corpus is {kind_of(X)}, {shown(X)}: give a list of token lists, any "
            "iterable of them, or a path"
        )
    if (
        isinstance(X, (list, tuple))
        and X
        and (isinstance(X[0], (str, os.PathLike)) or _files.is_file_object(X[0]))
    ):
        if takes_text and isinstance(X[0], str):
            if not all(isinstance(x, (str, os.PathLike)) and is_file(x) for x in X):
                return Corpus("tokens", X)  # whose items are then recognized as texts
        return _paths(X)
    return Corpus("tokens", X)


def _column(X: Column, takes_text: bool) -> Corpus:
    """The column of a table or of files."""
    source = X.source
    if isinstance(source, (str, os.PathLike)):
        source = [source]
    if isinstance(source, (list, tuple)) and all(isinstance(x, (str, os.PathLike)) for x in source):
        from w2vext.text.table_files import FileColumn

        files = [file for item in source for file in listed(item).files]
        return Corpus("columns", FileColumn(files, X.name))
    if column.is_pandas_frame(source):
        return _opened(column.series_of(source, X.name), takes_text)
    found = column.in_memory(source, X.name)
    if found is None:
        raise TypeError(
            f"{X!r}: the source is {kind_of(source)}: give a table, or the paths of files"
        )
    return Corpus("columns", found)


def _array(X: Any, takes_text: bool) -> Corpus:
    """The sentences of an array."""
    if X.ndim == 1 and X.dtype.kind in "iu":
        return Corpus("tokens", [X])
    if X.ndim not in (1, 2):
        raise TypeError(
            f"the corpus is an array of {X.ndim} dimensions: give a 2-D array with a sentence "
            "in each row, or a list of 1-D arrays"
        )
    if X.ndim == 1 and len(X) and isinstance(X[0], bytes if takes_text else (str, bytes)):
        raise TypeError(
            f"sentence 0 is a str, {shown(X[0])}: give token lists: {_SPLIT}, or set "
            "tokenizer='words'"
        )
    return Corpus("tokens", X)


def _paths(items: Sequence[FilePath]) -> Corpus:
    """The files of a list of paths; raise TypeError if one of the items is not a path."""
    paths = not isinstance(items[0], str) or is_source(items[0])
    files: list[Any] = []
    special: list[Any] = []
    for i, item in enumerate(items):
        if _files.is_file_object(item):
            found = Listing([item], [item])
        elif isinstance(item, os.PathLike) or (isinstance(item, str) and paths and is_source(item)):
            found = listed(item)
        elif not isinstance(item, str):
            raise TypeError(
                f"item 0 is {shown(items[0])} and item {i} is {kind_of(item)}: give paths "
                "only, or token lists only"
            )
        else:
            raise TypeError(
                f"sentence {i} is a str, {shown(item)}, and no file or folder has that name: its "
                f"letters would be the words. Give token lists: {_SPLIT}; or paths that exist; or "
                "set tokenizer='words', which splits strings"
            )
        files += found.files
        special += found.special
    return _of_files(Listing(files, special))


def _of_files(found: Listing) -> Corpus:
    return Corpus("files", None, found.files, special=found.special)
