"""The argument parser that all commands share, and the types of its arguments."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from w2vext import _files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, NoReturn

    from w2vext._arguments.types import FilePath


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that reports an error on one line and accepts no abbreviations."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_Formatter, **options)

    def error(self, message: str) -> NoReturn:
        from w2vext.cli import complain

        raise SystemExit(complain(self.prog, f"{message} (see {self.prog} --help)", 2))


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:  # it has its own line breaks
            return text
        return super()._fill_text(text, width, indent)


def positive(text: str) -> int:
    """An integer of at least 1, as the type of an argument."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{count}: give 1 or more")
    return count


positive.__name__ = "int"  # argparse prints it: "invalid int value: 'x'"


def or_none(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """The type of an argument that may also be "none"."""

    def value(text: str) -> Any:
        return None if text.lower() == "none" else read(text)

    value.__name__ = read.__name__
    return value


def one_of(names: Sequence[str]) -> Callable[[str], str]:
    """The type of an argument that is one of several names or, with `or_none`, "none"."""

    def name(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(
                f"invalid choice: {text!r} (choose from {', '.join(names)}, none)"
            )
        return text

    return name


READING = ("format", "encoding", "errors", "on_bad_rows", "max_memory")
_PARAMETER = re.compile(rf"\b({'|'.join(READING)})='?([^' ]+)'?")


def add_reading(parser: argparse.ArgumentParser, file: str, *format_names: str) -> None:
    """Add the options that say how a file of vectors is read.

    Parameters
    ----------
    parser : ArgumentParser
    file : str
        The name of the argument in help texts.
    *format_names : str
        Further names of the option --format.
    """
    parser.add_argument(
        "--format",
        *format_names,
        metavar="NAME",
        help=f"the format of {file} [found from its content]",
    )
    parser.add_argument(
        "--encoding", metavar="NAME", help=f"the encoding of text in {file} [utf-8]"
    )
    parser.add_argument(
        "--errors",
        choices=["strict", "replace", "ignore", "surrogateescape"],
        default="strict",
        help="for words that are not in this encoding [strict]",
    )
    parser.add_argument(
        "--on-bad-rows",
        choices=["error", "skip"],
        default="error",
        help="skip: leave out malformed rows and count them [error]",
    )
    parser.add_argument(
        "--max-memory",
        type=positive,
        metavar="BYTES",
        help=f"for the vectors [4 times the size of {file} + 64 MB]",
    )


def reading(args: argparse.Namespace) -> dict[str, Any]:
    """The values of `add_reading`'s options, as keyword arguments of `KeyedVectors.load`.

    Defaults are left out, because not every format has every option.
    """
    values = {name: getattr(args, name) for name in READING}
    return {
        name: value
        for name, value in values.items()
        if name == "format" or value not in (None, "strict", "error")
    }


@contextlib.contextmanager
def checked_reading() -> Iterator[None]:
    """The error of an option that a format does not have, as one that a command reports."""
    try:
        yield
    except TypeError as error:
        if not _PARAMETER.match(str(error)):
            raise
        raise ValueError(str(error)) from error


def as_options(message: str) -> str:
    """A message that names parameters of `KeyedVectors.load` with the names of the options."""
    message = message.replace("give max_memory, a number of", "give --max-memory, a number of")
    message = re.sub(r"\b([Gg]ive) (format|encoding)\b", r"\1 --\2", message)
    message = re.sub(r"\bleave encoding out\b", "leave --encoding out", message)
    message = message.replace(" (or binary=True)", "")
    message = re.sub(r", as in Column\((table|path), 'name'\)", " by --column", message)
    return _PARAMETER.sub(lambda found: f"--{found[1].replace('_', '-')} {found[2]}", message)


def input_path(text: str) -> Path:
    """A file to read; ``-`` is the standard input."""
    return Path("/dev/stdin" if text == "-" else text)


def output_path(text: str) -> Path:
    """A file to write; ``-`` is the standard output."""
    return Path("/dev/stdout" if text == "-" else text)


def input_place(text: str) -> FilePath:
    """What is read: a path, a pattern, a URL, or ``-`` for the standard input."""
    return text if _files.is_url(text) else input_path(text)


def output_place(text: str) -> FilePath:
    """A file or folder to write: a path, a URL, or ``-`` for the standard output."""
    return text if _files.is_url(text) else output_path(text)


def word(text: str) -> str:
    """A word in UTF-8, which a locale such as C does not decode."""
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            return os.fsencode(text).decode()
        except UnicodeError:
            pass
    return text
