"""What distance, word-analogy and compute-accuracy share: unit vectors, the prompt, the output.

Scores come from one matrix product. Those that are printed or decide an answer are summed again
term by term in float32, in the order of the originals, so that their last digit is the same.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext import _files
from w2vext.cli import CommandError, complain
from w2vext.cli.options import checked_reading, input_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Int64

SHOWN = 40
# More than a matrix product and a sum term by term differ by.
SLACK = 1e-5
ROWS = 4096
USAGE = "FILE [--format NAME] [--encoding NAME] [--on-bad-rows skip] [--max-memory BYTES]"
FILE_HELP = "FILE holds vectors in any format. Its content tells which, or --format NAME does."
_OPTIONS: dict[str, type] = {
    "--format": str,
    "--encoding": str,
    "--on-bad-rows": str,
    "--max-memory": int,
}


class Arguments(NamedTuple):
    vectors: Path
    how: dict[str, Any]  # keyword arguments of KeyedVectors.load
    more: list[str]


class Vectors:
    """The words (bytes) of a vector file and their vectors, each of length 1."""

    def __init__(self, path: FilePath, limit: int | None = None, **how: Any) -> None:
        from w2vext import KeyedVectors

        # The originals take words as bytes in any encoding.
        with checked_reading():
            loaded = KeyedVectors.load(path, limit=limit, errors="surrogateescape", **how)
        self.words = [str(word).encode("utf-8", "surrogateescape") for word in loaded.index_to_key]
        self.rows = {word: row for row, word in enumerate(self.words)}
        self.unit = np.array(loaded.vectors, dtype=np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            for at in range(0, len(self.unit), ROWS):
                part = self.unit[at : at + ROWS]
                part /= length(part)[:, None]

    def best(
        self, target: Float32, n: int, floor: float, without: Iterable[int] = ()
    ) -> list[tuple[int, float]]:
        """The n rows with the highest scores above the floor; of equal scores the first row."""
        scores = self.unit @ target
        scores[list(without)] = -np.inf
        scores[np.isnan(scores)] = -np.inf
        count = min(n, len(scores))
        least = np.partition(scores, -count)[-count] if count else np.inf
        rows = np.flatnonzero((scores >= least - SLACK) & (scores > -np.inf))
        exact = serial_sum(self.unit[rows] * target)
        order = np.lexsort((rows, -exact))[:n]
        return [(int(rows[i]), float(exact[i])) for i in order if exact[i] > floor]

    def nearest(self, targets: Float32, without: Int64) -> Int64:
        """For each target the row with the highest score above 0, or -1."""
        scores = targets @ self.unit.T
        np.put_along_axis(scores, without, -np.inf, axis=1)
        np.nan_to_num(scores, copy=False, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
        found, highest = scores.argmax(axis=1), scores.max(axis=1)
        close = (scores >= (highest - SLACK)[:, None]).sum(axis=1) > 1
        for i in np.flatnonzero(close | (highest < SLACK)):
            best = self.best(targets[i], 1, 0.0, without[i])
            found[i] = best[0][0] if best else -1
        return found


def serial_sum(terms: Float32) -> Any:
    """Sums along the last axis in float32, from the first term to the last."""
    return np.add.accumulate(terms, axis=-1, dtype=np.float32)[..., -1]


def length(vectors: Float32) -> Any:
    """The Euclidean norm along the last axis, summed as the originals do."""
    return np.sqrt(serial_sum(vectors * vectors))


def answers(question: str) -> Iterator[list[bytes]]:
    """The words of each line of stdin until EXIT or the end, each after the question."""
    while True:
        write(question)
        line = sys.stdin.buffer.readline()
        if not line:
            print()
            return
        words = line.split()
        if words == [b"EXIT"]:
            return
        if words:
            yield words


def show(vectors: Vectors, found: list[tuple[int, float]], heading: str, missing: float) -> None:
    """Print the originals' table of words and scores; missing rows are empty, with `missing`."""
    write(f"\n{' ' * 46}Word{heading}\n{'-' * 72}\n")
    lines = [(vectors.words[row], score) for row, score in found]
    lines += [(b"", missing)] * (SHOWN - len(lines))
    write(b"".join(b"%s\t\t%f\n" % (word.rjust(50), score) for word, score in lines))


def write(text: str | bytes) -> None:
    """Write to stdout: bytes as they are, but escaped if it is a terminal."""
    if isinstance(text, bytes):
        if not sys.stdout.isatty():
            sys.stdout.flush()
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
            return
        text = text.decode("utf-8", "surrogateescape")
    sys.stdout.write(text)
    sys.stdout.flush()


def arguments(program: str, argv: list[str], most: int = 1) -> Arguments | None:
    """The arguments of a program that reads its questions from stdin; None if it is to show help.

    Raises
    ------
    SystemExit
        With status 2, after one line that says what is wrong.
    CommandError
        The vectors would be read from stdin too.
    """
    if not argv or argv[0] in ("-h", "--help"):
        return None
    given: list[str] = list(argv)
    how: dict[str, Any] = {}
    for option, read in _OPTIONS.items():
        if option in given:
            at = given.index(option)
            if at + 1 == len(given):
                raise SystemExit(complain(program, f"{option}: its value is missing", 2))
            try:
                how[option.removeprefix("--").replace("-", "_")] = read(given[at + 1])
            except ValueError:
                message = f"{option} {given[at + 1]!r}: give an integer"
                raise SystemExit(complain(program, message, 2)) from None
            del given[at : at + 2]
    if not 1 <= len(given) <= most or any(each.startswith("-") and each != "-" for each in given):
        raise SystemExit(complain(program, f"give one FILE of vectors (see {program} --help)", 2))
    path = input_path(given[0])
    if _files.is_stdin(path):
        raise CommandError(
            f"{given[0]}: the questions are read from the standard input: give a file of vectors"
        )
    return Arguments(path, how, given[1:])
