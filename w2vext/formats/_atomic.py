"""Writing a file all or nothing: beside its place, synced, then renamed over it.

Whatever goes wrong, a file that was there stays as it was and no temporary file is left. Refuses to
make missing folders. What is there and is no regular file (a pipe, /dev/null) is written to as it
is.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO, Any

    from w2vext._types import FilePath


def compressing(file: IO[bytes], path: FilePath) -> Any:
    """The open binary file, or what compresses into it where path's suffix says so."""
    suffix = Path(path).suffix
    if suffix == ".gz":  # no name and no time in it: the same content gives the same bytes
        return gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6, mtime=0)
    if suffix == ".xz":
        return lzma.LZMAFile(file, "wb")
    if suffix == ".bz2":
        return bz2.BZ2File(file, "wb")
    return contextlib.nullcontext(file)


def _create_beside(path: Path) -> tuple[Path, int]:
    while True:
        beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
        with contextlib.suppress(FileExistsError):
            # Not tempfile: its files are private, and a new file should have the user's usual mode.
            return beside, os.open(
                beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
            )


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """An error about a temporary file as one about the file that the user named."""
    try:
        yield
    except OSError as error:
        raise type(error)(error.errno, f"cannot write it: {error.strerror}", str(path)) from None


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # Windows opens no folders; the rename stands without it
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def replacing(path: FilePath, mode: str = "wb") -> Iterator[Any]:
    """Open a file for writing that takes path's place when the block ends without an error.

    Parameters
    ----------
    path : str or path-like
        A link is followed. The old file's permissions are kept.
    mode : {"wb", "w"}
        "w" writes UTF-8 with "\\n".

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    """
    path = Path(os.path.realpath(path))
    text: Any = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder; name a file in it")
    if path.exists() and not path.is_file():
        with open(path, mode, **text) as file:
            yield file
        return
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"cannot write {path}: the folder {path.parent} does not exist; make it first"
        )
    with _named(path):
        beside, handle = _create_beside(path)
    try:
        with open(handle, mode, **text) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    _sync_folder(path.parent)


@contextlib.contextmanager
def replacing_folder(path: FilePath) -> Iterator[Path]:
    """A new folder that takes path's place when the block ends without an error.

    An old folder is moved aside first and removed last, so that one of the two is always there.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(f"cannot write the folder {path}: a file of this name is there")
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"cannot write {path}: the folder {path.parent} does not exist; make it first"
        )
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.old")
    with _named(path):
        beside.mkdir()
    try:
        yield beside
        if path.exists():
            os.replace(path, aside)
        try:
            os.replace(beside, path)
        except BaseException:
            if aside.exists():
                os.replace(aside, path)
            raise
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    shutil.rmtree(aside, ignore_errors=True)
    _sync_folder(path.parent)
