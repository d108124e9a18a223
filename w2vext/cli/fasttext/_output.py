"""How fastText prints: words as bytes, numbers with 5 or 6 significant digits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from w2vext.cli import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from w2vext._arguments.types import Float32


def write(data: bytes) -> None:
    """Write bytes to stdout, unchanged; a terminal shows them escaped."""
    if sys.stdout.isatty():
        sys.stdout.write(data.decode("utf-8", "surrogateescape"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)


def flush() -> None:
    """Show what was written, for a prompt or the reader of a pipe."""
    sys.stdout.flush()
    sys.stdout.buffer.flush()


def row(word: bytes, vector: Float32) -> bytes:
    """A word and its vector: 5 digits, a space after each number."""
    return word + b" " + numbers(vector)


def numbers(vector: Float32) -> bytes:
    """A vector as fastText prints it."""
    return (b"%.5g " * len(vector)) % tuple(vector.tolist()) + b"\n"


def lines(path: str) -> Iterator[str]:
    """The lines of a file, or of stdin for "-"; bytes that are not UTF-8 become surrogates."""
    if path == "-":
        yield from _lines(sys.stdin.buffer)
    else:
        with open(path, "rb") as file:
            yield from _lines(file)


def _lines(file: Any) -> Iterator[str]:
    for line in file:
        yield line.removesuffix(b"\n").decode("utf-8", "surrogateescape")


def whole(name: str, text: str, low: int) -> int:
    """An integer argument of at least `low`."""
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if value < low:
        raise CommandError(f"{name} {text!r}: give an integer of at least {low}")
    return value


def real(name: str, text: str) -> float:
    """A number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise CommandError(f"{name} {text!r}: give a number from 0 to 1")
    return value
