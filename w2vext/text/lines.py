"""Lines of text files, and the errors of lines that are not UTF-8 text."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext._arguments.messages import shown
from w2vext._files import compression
from w2vext.text._words import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from w2vext._arguments.types import FilePath

BLOCK = 1 << 22  # bytes that are split into lines at a time
BLANKS = b" \t\r\v\f"  # between words of a line
SEPARATORS = BLANKS + b"\n"  # between words of a text
# ASCII characters at which str.split splits but bytes.split does not; words may contain them.
ONLY_STR_SPLITS = (b"\x1c", b"\x1d", b"\x1e", b"\x1f")
TO_UTF8 = "convert the file, for example with iconv -f latin1 -t utf-8"


class Lines:
    """The lines of a small file in UTF-8: an iterable of (number from 1, text).

    The file is read once. ``str()`` returns its name. A line that is not UTF-8 is a ValueError.
    """

    def __init__(self, source: Any) -> None:
        with _files.Reader(source) as file:
            self.name, data = file.name, file.readall()
        if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            raise ValueError(f"{self.name}: the file is text in UTF-16: save it as UTF-8")
        self._lines = data.removeprefix(BOM_UTF8).split(b"\n")

    def __str__(self) -> str:
        return self.name

    def __iter__(self) -> Iterator[tuple[int, str]]:
        for number, line in enumerate(self._lines, 1):
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{self}, line {number}: byte {error.start + 1} is not UTF-8: save the file as "
                    "UTF-8"
                ) from None
            yield number, text


def lines(buffers: Iterable[Any]) -> Iterator[bytes]:
    """The lines of a text that is read in blocks; no line follows a newline at its end.

    A line ends early within a word that is too long, so that such a word takes little memory.
    """
    parts: list[bytes] = []  # of an incomplete line
    tail = 0  # the bytes of the word at its end
    for buffer in buffers:
        for at in range(0, len(buffer), BLOCK):
            first, *others = bytes(buffer[at : at + BLOCK]).split(b"\n")
            parts.append(first)
            if others:
                yield b"".join(parts)
                yield from others[:-1]
                parts, tail = others[-1:], 0
            start = 1 + max(parts[-1].rfind(blank) for blank in BLANKS)
            tail = len(parts[-1]) - start + (0 if start else tail)
            if tail > LONGEST:
                yield b"".join(parts)
                parts, tail = [], 0
    if last := b"".join(parts):
        yield last


def words(line: bytes, path: FilePath, number: int) -> list[str]:
    """The words of a line between white space; raises ValueError if it is not UTF-8 text."""
    line = checked(line, path, number)
    # Decode the whole line at once. For ASCII lines without \x1c to \x1f, str.split and bytes.split
    # agree, so the split may follow the decoding.
    if line.isascii() and not any(blank in line for blank in ONLY_STR_SPLITS):
        return line.decode().split()
    words = line.split()
    try:
        return b"\n".join(words).decode().split("\n") if words else []
    except UnicodeDecodeError as error:
        word = error.object[: error.start].count(b"\n")
        raise not_utf8(line, path, number, words[word], error.reason) from None


def checked(line: bytes, path: FilePath, number: int) -> bytes:
    """A line without the byte order mark; raises ValueError for a NUL byte or an endless word."""
    if number == 1:
        line = line.removeprefix(BOM_UTF8)
    if b"\0" in line:
        raise ValueError(
            f"{path}, line {number}: a NUL byte, so this is not UTF-8 text: "
            + (_other_kind(line, number) or "if it is UTF-16, convert it to UTF-8")
        )
    if len(line) > LONGEST and max(map(len, line.split()), default=0) > LONGEST:
        raise ValueError(
            f"{path}, line {number}: a word of more than {LONGEST:,} bytes: is it text, with white "
            "space between words?"
        )
    return line


def not_utf8(line: bytes, path: FilePath, number: int, part: bytes, reason: str) -> ValueError:
    """The error of a line with a part that is not UTF-8."""
    return ValueError(
        f"{path}, line {number}: {shown(part)} is not UTF-8 ({reason}): "
        + (_other_kind(line, number) or TO_UTF8)
    )


def _other_kind(line: bytes, number: int) -> str | None:
    """The kind of a file that is not UTF-8 text, recognized by its first line, or None."""
    return compression.instead_of_text(line) if number == 1 else None
