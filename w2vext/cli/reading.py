"""How commands read vectors: any format, by the file's suffix or by `--format`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from w2vext import KeyedVectors
    from w2vext._types import FilePath


def add_vectors(parser: argparse.ArgumentParser) -> None:
    """The argument VECTORS and what says how to read it."""
    parser.add_argument(
        "vectors", metavar="VECTORS", type=Path, help="a file of vectors, of any format"
    )
    parser.add_argument(
        "--format", metavar="NAME", help="its format, where the suffix does not say it"
    )


def count(text: str) -> int:
    """A whole number of 1 or more, for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError(number)
    return number


def read_vectors(args: argparse.Namespace, limit: int | None = None) -> KeyedVectors:
    """The KeyedVectors that the arguments name."""
    from w2vext import KeyedVectors

    return KeyedVectors.load(args.vectors, args.format, limit=limit)


def format_by_name(path: Path) -> str:
    """The format that a file's name stands for; word2vec's where it says nothing."""
    from w2vext import formats

    try:
        return formats.format_of(path)
    except ValueError:
        return "word2vec"


def known_only(words: Iterable[str], wv: KeyedVectors, path: FilePath) -> None:
    """Raise a ValueError that names the words which are not there."""
    unknown = ", ".join(repr(word) for word in words if word not in wv)
    if unknown:
        raise ValueError(f"{unknown}: not among the {len(wv):,} words of {path}")
