"""Opening files: a file is written completely or not at all, and a stream is used directly.

A regular file is written to a temporary file in the same folder, which is synced to the disk and
renamed over the old one. Pipes, devices, open descriptors (/dev/stdout) and open file objects are
written to directly.
"""

from __future__ import annotations

import bz2
import contextlib
import errno
import gzip
import io
import lzma
import os
import stat
from typing import TYPE_CHECKING

from w2vext._arguments.messages import kind_of
from w2vext._files import _sets, _streams, _uploading
from w2vext._files._locks import holding
from w2vext._files._reading import (
    Reader,
    as_path,
    is_file_object,
    is_one_shot,
    shorter,
    spooling,
)
from w2vext._files._remote import Remote, heads, is_url, listed, remote_file
from w2vext._files._replacing import CLOSED, check, clean, named, replacing
from w2vext._files._sets import NewFolder, recover
from w2vext._files._streams import Spooled, path_of, shown
from w2vext._files._temporary import JOURNAL, Temporary, leftovers
from w2vext._files._uploading import local_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import IO, Any

    from w2vext._arguments.types import FilePath

__all__ = [
    "JOURNAL",
    "Reader",
    "Remote",
    "Spooled",
    "as_path",
    "check_writable",
    "clean",
    "heads",
    "holding",
    "is_file_object",
    "is_one_shot",
    "is_stdin",
    "is_stdout",
    "is_url",
    "leftovers",
    "listed",
    "local_copy",
    "path_of",
    "recover",
    "remote_file",
    "shorter",
    "shown",
    "spooling",
    "writing",
    "writing_folder",
    "writing_set",
]

COMPRESSIONS = (".gz", ".xz", ".bz2")
# Suffixes of compressed files and archives that this package cannot write.
_OTHERS = (
    ".zst", ".zstd", ".lz4", ".lzma", ".lz", ".lzo", ".z", ".zip", ".7z", ".rar", ".br", ".sz",
    ".tar", ".tgz", ".tbz2", ".txz",
)  # fmt: skip


@contextlib.contextmanager
def writing(target: Any, *, text: bool = False, compress: bool | None = False) -> Iterator[Any]:
    """Open a file for writing; it replaces the old one when the block ends without an error.

    Parameters
    ----------
    target : str, path-like or binary file object
        ``~`` is expanded, and links are followed. A pipe, a device, an open descriptor such as
        ``/dev/stdout`` and a file object are written to directly. A file for a URL is made on the
        disk and uploaded when the block ends.
    text : bool
        The block writes str, stored as UTF-8 with "\\n".
    compress : bool or None
        True compresses a file whose name ends in .gz, .xz or .bz2; False raises an error for
        such a name; None ignores the name.

    Raises
    ------
    OSError
        The file cannot be written. The message names it, and the old file is unchanged.
    ValueError
        The name has the suffix of a compressed file that cannot be written.

    Warns
    -----
    UserWarning
        The file cannot be replaced (its folder is not writable, or it is a mount point) and is
        written in place.
    """
    suffix = compression_of(target, compress)
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(_binary(target))
        yield stack.enter_context(_layers(raw, suffix, text))


@contextlib.contextmanager
def writing_set(targets: Sequence[FilePath]) -> Iterator[list[Any]]:
    """Open several files that belong together; they replace the old ones when the block ends.

    If the process is killed at any moment, `recover` of the first one restores either the old files
    or the new ones, never a mixture. A name that ends in .gz, .xz or .bz2 is compressed.

    Raises
    ------
    OSError, ValueError
        As for `writing`; a stream cannot be one of several files.
    """
    suffixes = [compression_of(target, True) for target in targets]
    paths = [path_of(target) for target in targets]
    for path in paths:
        if is_url(path):
            raise ValueError(
                f"{path}: this format is {len(paths)} files, which are not written to URLs: write "
                "them to a folder of this machine, or choose another format"
            )
        if _streams.is_stream(path):
            raise ValueError(
                f"{path} is a stream, and this format is {len(paths)} files: name a regular file"
            )
    reals = [os.path.realpath(path) for path in paths]
    olds = [check(path, real) for path, real in zip(paths, reals, strict=True)]
    for folder in sorted({os.path.dirname(real) for real in reals}):
        clean(folder)
    temporaries: list[Temporary] = []
    try:
        for path, real, old in zip(paths, reals, olds, strict=True):
            with named(path):
                temporaries.append(Temporary(os.path.dirname(real), old))
        with contextlib.ExitStack() as stack:
            files = []
            for path, made, suffix in zip(paths, temporaries, suffixes, strict=True):
                stack.enter_context(named(path))
                raw = stack.enter_context(open(made.handle, "wb", closefd=False))
                files.append(stack.enter_context(_layers(raw, suffix, False)))
            yield files
        for path, made in zip(paths, temporaries, strict=True):
            with named(path):
                os.fsync(made.handle)
        with named(paths[0]):
            _sets.commit(temporaries, reals)
    finally:
        for made in temporaries:
            made.discard()


@contextlib.contextmanager
def writing_folder(
    path: FilePath, keep: Callable[[str], str | None], folders: Sequence[str] = ()
) -> Iterator[NewFolder]:
    """Make a folder of files that replaces the old one when the block ends without an error.

    If the process is killed at any moment, `recover` restores the old folder or the new one.

    Parameters
    ----------
    path : str or path-like
        Links are followed. The files for a URL are made on the disk and uploaded at the end.
    keep : callable
        Gets the path of an old folder that is not empty, and returns why it must not be replaced,
        or None. A folder that contains other folders than `folders` is never replaced.
    folders : sequence of str
        The names of the folders in the new one.

    Raises
    ------
    OSError
        The folder cannot be written. The message names it, and the old folder is unchanged.
    """
    place = _uploading.target_of(path_of(path))
    if isinstance(place, _uploading.Target):
        with _uploading.writing_folder(place, keep, folders) as folder:
            yield folder
        return
    path = place
    if _streams.is_stream(path):
        raise ValueError(f"{path} is a stream, and this format is a folder: name a folder")
    real = os.path.realpath(path)
    clean(os.path.dirname(real))
    recover(path)
    with named(path):
        old = _streams.stat_of(real)
        present = [] if old is None or not stat.S_ISDIR(old.st_mode) else os.listdir(real)
    if old is not None and not stat.S_ISDIR(old.st_mode):
        raise NotADirectoryError(
            errno.ENOTDIR, "cannot write the folder: a file has this name", path
        )
    if not os.path.isdir(os.path.dirname(real)):
        raise FileNotFoundError(
            errno.ENOENT,
            f"cannot write the folder: there is no folder {os.path.dirname(real)}; make it first",
            path,
        )
    if old is not None and not old.st_mode & 0o222:
        raise PermissionError(errno.EACCES, "cannot write the folder: it is write-protected", path)
    inner = [name for name in present if os.path.isdir(os.path.join(real, name))]
    others = sorted(set(inner) - set(folders))
    why = f"it holds the folder {others[0]!r}" if others else present and keep(real)
    if why:
        raise FileExistsError(
            errno.EEXIST, f"cannot write the folder: {why}; choose a new folder", path
        )
    with named(path), _sets.folder_in_place(real) as folder:
        yield folder


def is_stdin(target: FilePath) -> bool:
    """Whether reading from the path reads from the standard input."""
    return _streams.descriptor_of(path_of(target)) == 0


def is_stdout(target: FilePath) -> bool:
    """Whether writing to the path writes to the standard output."""
    return _streams.descriptor_of(path_of(target)) == 1


def check_writable(target: FilePath) -> None:
    """Raise the error that `writing` would raise for this path; no file is left.

    Of a URL, only the packages that it needs are checked.
    """
    path = _uploading.target_of(path_of(target))
    if isinstance(path, _uploading.Target):
        return
    if _streams.is_stream(path):
        return
    real = os.path.realpath(path)
    old = check(path, real)
    try:
        with named(path):
            Temporary(os.path.dirname(real), old).discard()
    except OSError as error:
        if old is None or error.errno not in CLOSED:
            raise


def compression_of(target: Any, compress: bool | None) -> str:
    """The suffix that names the compression of a file to write, or "".

    Raises
    ------
    ValueError
        The file cannot be written with this suffix.
    """
    if compress is None or not isinstance(target, (str, bytes, os.PathLike)):
        return ""
    path = path_of(target)
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in COMPRESSIONS + _OTHERS or _streams.is_stream(path):
        return ""
    inner = os.path.splitext(os.path.splitext(path)[0])[1].lower()
    if not compress:
        raise ValueError(
            f"{path}: this kind of file is not written compressed: leave out {suffix!r}"
        )
    if suffix in _OTHERS or inner == ".tar":
        raise ValueError(
            f"{path}: cannot write {inner if inner == '.tar' else ''}{suffix} files: end the name "
            f"in {', '.join(COMPRESSIONS)}, or leave the suffix out"
        )
    return suffix


@contextlib.contextmanager
def _layers(raw: IO[bytes], suffix: str, text: bool) -> Iterator[Any]:
    """The compressor and the encoder between the caller and the file."""
    with contextlib.ExitStack() as stack:
        file: Any = raw
        if suffix == ".gz":  # without name and time: the same content gives the same bytes
            file = stack.enter_context(
                gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0)
            )
        elif suffix == ".xz":
            file = stack.enter_context(lzma.LZMAFile(raw, "wb"))
        elif suffix == ".bz2":
            file = stack.enter_context(bz2.BZ2File(raw, "wb"))
        if text:
            file = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
            stack.callback(file.detach)
        yield file


def _binary(target: Any) -> contextlib.AbstractContextManager[Any]:
    if not isinstance(target, (str, bytes, os.PathLike)):
        return _object(target)
    path = _uploading.target_of(path_of(target))
    if isinstance(path, _uploading.Target):
        return _uploading.writing_file(path)
    return _stream(path) if _streams.is_stream(path) else replacing(path)


@contextlib.contextmanager
def _object(target: Any) -> Iterator[Any]:
    if not hasattr(target, "write"):
        raise TypeError(
            f"cannot write to {kind_of(target)}: give a path, or a file open for writing"
        )
    if isinstance(target, io.TextIOBase):
        if not hasattr(target, "buffer"):
            raise TypeError(
                f"{shown(target)} takes str and this writes bytes: open the file with mode 'wb'"
            )
        target.flush()
        target = target.buffer
    with named(shown(target)):
        file = _streams.Counted(target)
        yield file
        file.flush()


@contextlib.contextmanager
def _stream(path: str) -> Iterator[Any]:
    with named(path), open(_streams.open_to_write(path), "wb") as file:
        counted = _streams.Counted(file)
        yield counted
        counted.flush()
