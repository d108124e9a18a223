"""How commands read vectors: the content decides the format, or `--format` names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext import _files
from w2vext.cli import CommandError
from w2vext.cli.options import add_reading, checked_reading, input_place, reading

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from w2vext import KeyedVectors
    from w2vext._arguments.types import FilePath


def add_vectors(parser: argparse.ArgumentParser) -> None:
    """Add the argument VECTORS and the options that say how it is read."""
    parser.add_argument(
        "vectors",
        metavar="VECTORS",
        type=input_place,
        help="a file of vectors in any format; - is stdin",
    )
    add_reading(parser, "VECTORS")


def read_vectors(args: argparse.Namespace, words: Iterable[str] = ()) -> KeyedVectors:
    """The vectors that the arguments name.

    Raises
    ------
    CommandError
        One of `words` has no vector.
    """
    from w2vext import KeyedVectors

    with checked_reading():
        wv = KeyedVectors.load(args.vectors, **reading(args))
    unknown = [word for word in words if word not in wv]
    if wv.subwords is not None:
        composed = wv.subwords.compose(unknown)[1]
        unknown = [word for word, has in zip(unknown, composed, strict=True) if not has]
    if unknown:
        names = ", ".join(map(repr, unknown))
        raise CommandError(
            f"{names}: not among the {len(wv):,} words of {args.vectors}: check the spelling and "
            "the case"
        )
    return wv


def check_stdin(paths: Iterable[FilePath]) -> None:
    """Raise if the standard input, which can be read once only, is given more than once."""
    if sum(map(_files.is_stdin, paths)) > 1:
        raise CommandError(
            "the standard input is given twice, and it can be read only once: give a file for one "
            "of them"
        )
