"""Cuts the files of a corpus into pieces, which workers read; describes faults in their text."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext._files import compression
from w2vext.text._words import LONGEST, BadText
from w2vext.text.lines import TO_UTF8

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from w2vext.text.corpus import Extent

PIECE = 1 << 22  # bytes of a plain file per piece, at most
PIECES, SMALL_PIECE = 4, 1 << 18  # pieces for each worker, unless they would be smaller than this
REMOTE_PIECE = 1 << 24  # the same for a file at a URL, where each piece is a request


class Piece:
    """A part of the corpus: the words that begin in bytes [at, end) of a plain file.

    For another file it is the whole file, and end is None.
    """

    def __init__(
        self,
        path: Path,
        number: int,
        at: int,
        end: int | None,
        size: int,
        last: bool,
        inode: int,
        unopened: bool = False,
    ) -> None:
        self.path, self.number, self.at = path, number, at
        self.end: Any = end
        self.size, self.last = size, last
        self.inode = inode  # of the file that the path named when the pieces were cut
        self.unopened = unopened  # it may be a compressed file


def cut(corpus: Any, workers: int) -> Iterator[list[Piece]]:
    """Cut plain files into pieces of bytes, and join small files; a compressed file is one piece.

    Small files are not opened here; the worker that reads one finds out whether it is compressed.
    A group has about as many bytes as a piece, so one of compressed files has more text.

    Yields
    ------
    list of Piece
        What a worker reads without a pause: a piece, or several small files.
    """
    size, extents = PIECE, list(corpus.extents(min(PIECE, SMALL_PIECE)))
    if workers > 1:
        of_all = sum(extent.size for extent in extents)
        size = min(PIECE, max(SMALL_PIECE, of_all // (PIECES * workers)))
    files: list[Piece] = []
    total = 0
    for piece in _pieces(extents, size):
        whole = piece.inode and piece.last and not piece.at  # a local file that is not cut
        if files and (not whole or total + piece.size > size):
            yield files
            files, total = [], 0
        if whole:
            files.append(piece)
            total += piece.size
        else:
            yield [piece]
    if files:
        yield files


def _pieces(extents: list[Extent], local: int) -> Iterator[Piece]:
    for path, number, start, stop, size, inode, unopened in extents:
        if stop is None:
            yield Piece(path, number, 0, None, size, True, 0)
            continue
        remote = isinstance(path, _files.Remote)
        step = REMOTE_PIECE if remote else local
        if not remote:
            inode = inode or os.stat(path).st_ino
        for at in range(start, stop, step):
            end = min(at + step, stop)
            yield Piece(path, number, at, end, end - at, end == stop, inode, unopened)


def complaint(
    path: Path, error: BadText, data: Any, offset: int = 0, lines: int = 0, start: int = 0
) -> ValueError:
    """The error for invalid text, with its line and byte.

    `data` begins at byte `offset` of the file, in the line after `lines` others; this line begins
    at byte `start`.
    """
    at = max(error.at, 0)  # below 0 the word began in the previous block, but in the same line
    newlines = sum(data[i : min(i + PIECE, at)].count(b"\n") for i in range(0, at, PIECE))
    if newlines:
        start = offset + data.rfind(b"\n", 0, at) + 1
    place = offset + error.at
    what, remedy = (
        ("a NUL byte, so this is not UTF-8 text", "if it is UTF-16, convert it to UTF-8")
        if error.kind == "NUL"
        else (
            f"a word of more than {LONGEST:,} bytes",
            "give text with white space between words",
        )
        if error.kind == "long"
        else ("not UTF-8", TO_UTF8)
    )
    if error.kind != "long":
        head = _head_of(path) or (bytes(data[: compression.WHOLE_HEAD]) if offset == 0 else b"")
        remedy = compression.instead_of_text(head) or remedy
    return ValueError(
        f"{_files.shown(path)}, line {lines + newlines + 1}, byte {place - start + 1} "
        f"(offset {place}): {what}: {remedy}"
    )


def _head_of(path: Path) -> bytes:
    """The first bytes of a file; empty for one-shot and compressed files."""
    if isinstance(path, _files.Remote):
        head = path.part(0, compression.WHOLE_HEAD) if path.ranges else b""
        return b"" if compression.kind_of(head) else head
    if _files.is_one_shot(path):
        return b""
    with open(path, "rb") as file:
        head = file.read(compression.WHOLE_HEAD)
    return b"" if compression.kind_of(head) else head
