"""Where sentences come from: lists, iterables, generators, arrays; files, folders, archives.

Refuses what would train on letters or keys in silence: a str that names no file, a dict, sentences
that are str. Knows no vocabulary: it hands over sentences of tokens, or blocks of bytes.
"""

from __future__ import annotations

import os
import queue
import stat
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from w2vext import _compression, _files, _threads

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
    from typing import Any, Literal, NoReturn

    from w2vext._types import CorpusLike, FilePath

BLOCK = 1 << 22  # bytes of decompressed text at a time
AHEAD = 3  # blocks decompressed before they are asked for

_SPLIT = "[s.split() for s in sentences]"


def _read(path: FilePath, tell: Callable[[int], None]) -> Generator[bytes, None, None]:
    """Yields a file's text, decompressed, in blocks; tell(bytes of the file read)."""
    with _files.Reader(path) as file:
        kind = _compression.kind_of(file.peek(_compression.HEAD))
        text = _compression.decompressing(file, kind, file.name) if kind else file
        try:
            while block := text.read(BLOCK):
                yield block
                tell(0 if file.size is None else file.position)
            file.check_length()
        except _compression.ERRORS as error:
            if kind is None or not _compression.is_damage(error):
                raise
            raise ValueError(f"{file.name}: damaged {kind} data ({error})") from error


def _ahead(blocks: Generator[bytes, None, None]) -> Iterator[bytes]:
    """The same blocks, made up to AHEAD in advance by a thread; empty ones while none has come.

    The thread is not waited for: it may be blocked by a pipe into which nobody writes.
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


class Corpus:
    """Sentences of tokens (kind "tokens") or files of text (kind "files"); see `open_corpus`.

    Attributes
    ----------
    kind : {"tokens", "files"}
    one_shot : bool
        Whether the sentences can be read once only, as a generator's or a pipe's.
    files : list of Path or file object
        Empty for tokens.
    """

    def __init__(
        self, kind: Literal["tokens", "files"], source: Any, files: Iterable[Any] = ()
    ) -> None:
        self.kind = kind
        self.files = list(files)
        self._source = source
        self._first: Any = None  # an iterator for the first pass
        if kind == "tokens":
            # Kept, because some objects give an iterator once only.
            self._first = iter(source)
            self.one_shot = self._first is source
        else:
            self.one_shot = any(map(_files.is_one_shot, self.files))

    def sentences(self) -> Iterator[Iterable[Hashable]]:
        """An iterator over the sentences, each an iterable of tokens."""
        first, self._first = self._first, None
        return iter(self._source) if first is None else first

    def plain(self, path: FilePath) -> bool:
        """Whether the file is text as it stands, whose length is known: not compressed, no pipe."""
        if _files.is_file_object(path) or not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as file:
            return _compression.kind_of(file.read(_compression.HEAD)) is None

    def size(self, path: FilePath) -> int:
        """The bytes of the file, 0 if nobody knows."""
        return 0 if _files.is_file_object(path) else os.stat(path).st_size

    def buffers(self, path: FilePath, tell: Callable[[int], None] | None = None) -> Iterator[bytes]:
        """Yields a file's text in blocks of some MiB.

        They may be empty or end in the middle of a word. A thread that runs ahead reads, unpacks
        and calls tell(bytes of the file read), if given.
        """
        yield from _ahead(_read(path, tell or (lambda position: None)))


def _is_path(thing: FilePath) -> bool:
    """Whether a str or Path names a file or folder that is there."""
    try:
        return os.path.exists(_files.path_of(thing))
    except (OSError, ValueError):
        return False


def _listed(path: FilePath) -> list[Any]:
    """The files that a path stands for."""
    if isinstance(path, _files.Spooled):
        return [path]
    path = Path(_files.path_of(path))
    if not _is_path(path):
        raise FileNotFoundError(f"no file or folder {str(path)!r}")
    if not path.is_dir():
        return [path]
    files: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += (Path(folder, name) for name in names if not name.startswith("."))
    files = sorted(file for file in files if file.is_file())
    if not files:
        raise ValueError(f"the folder {str(path)!r} holds no file (hidden ones are left out)")
    return files


def _raise(error: OSError) -> NoReturn:
    raise error


def _shown(thing: object) -> str:
    text = repr(thing)
    return text if len(text) <= 60 else text[:57] + "..."


def open_corpus(X: CorpusLike | Corpus) -> Corpus:
    """Makes a Corpus of whatever holds sentences.

    Parameters
    ----------
    X : iterable of sentences, str, Path, file object, or list of paths
        A sentence is a list (or any iterable, or 1-D array) of hashable tokens. A one-shot iterator
        is read once. A 2-D integer array has a sentence in each row; a 1-D one is one sentence. A
        str is a path only where such a file or folder exists. Files hold one sentence per line, in
        UTF-8, words separated by ASCII white space; gzip, bzip2, xz (and zstd from Python 3.14 on)
        are recognised by their first bytes; pipes and file objects are read once. A folder stands
        for all its files, in its subfolders too, sorted, without hidden ones.

    Returns
    -------
    Corpus

    Raises
    ------
    TypeError
        For what would train on letters or keys: a str that is no path, a dict, sentences that are
        str.
    FileNotFoundError
        For a Path that does not exist.
    """
    if isinstance(X, Corpus):
        return X
    if isinstance(X, os.PathLike):
        return Corpus("files", None, _listed(X))
    if isinstance(X, str):
        if _is_path(X):
            return Corpus("files", None, _listed(X))
        raise TypeError(
            f"the corpus is a str, {_shown(X)}, and no file or folder has that name: give a path "
            "that exists, or token lists, such as [s.split() for s in text.splitlines()]"
        )
    if _files.is_file_object(X):
        return Corpus("files", None, [X])
    if isinstance(X, (bytes, bytearray, memoryview)):
        raise TypeError(
            f"the corpus is {type(X).__name__}, {_shown(X)}: give a path, or token lists, such as "
            "[s.split() for s in text.splitlines()]"
        )
    if isinstance(X, Mapping):
        raise TypeError(
            "the corpus is a dict, whose keys would be the sentences: give list(X.values()) if its "
            "values are token lists; a {word: count} mapping goes to Vocabulary.from_counts"
        )
    if hasattr(X, "columns") and (hasattr(X, "to_numpy") or hasattr(X, "to_pandas")):
        raise TypeError(
            f"the corpus is a {type(X).__name__}, whose columns would be the sentences: give one "
            "column of token lists, such as frame['tokens'], or a 2-D array of the rows"
        )
    if hasattr(X, "__array_interface__"):
        return _array(X)
    if not isinstance(X, Iterable) and not hasattr(X, "__getitem__"):
        raise TypeError(
            f"the corpus is a {type(X).__name__}, {_shown(X)}: give a list of token lists, any "
            "iterable of them, or a path"
        )
    if (
        isinstance(X, (list, tuple))
        and X
        and (isinstance(X[0], (str, os.PathLike)) or _files.is_file_object(X[0]))
    ):
        return _paths(X)
    return Corpus("tokens", X)


def _array(X: Any) -> Corpus:
    """The sentences in an array."""
    if X.ndim == 1 and X.dtype.kind in "iu":
        return Corpus("tokens", [X])
    if X.ndim not in (1, 2):
        raise TypeError(
            f"the corpus is an array of {X.ndim} dimensions: give a 2-D array with a sentence "
            "in each row, or a list of 1-D arrays"
        )
    if X.ndim == 1 and len(X) and isinstance(X[0], (str, bytes)):
        raise TypeError(f"sentence 0 is a str, {_shown(X[0])}: give token lists: {_SPLIT}")
    return Corpus("tokens", X)


def _paths(items: Sequence[FilePath]) -> Corpus:
    """A list that begins with a str or a Path: paths, all of them, or a mistake."""
    paths = not isinstance(items[0], str) or _is_path(items[0])
    files: list[Any] = []
    for i, item in enumerate(items):
        if _files.is_file_object(item):
            files.append(item)
        elif isinstance(item, os.PathLike):
            files += _listed(item)
        elif not isinstance(item, str):
            raise TypeError(
                f"item 0 is {_shown(items[0])} and item {i} is a {type(item).__name__}: give paths "
                "only, or token lists only"
            )
        elif paths and _is_path(item):
            files += _listed(item)
        else:
            raise TypeError(
                f"sentence {i} is a str, {_shown(item)}, and no file or folder has that name: its "
                f"letters would be the words. Give token lists: {_SPLIT}; or paths that exist"
            )
    return Corpus("files", None, files)
