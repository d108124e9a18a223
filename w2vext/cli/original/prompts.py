"""What distance, word-analogy and compute-accuracy share: vectors of length 1, and the prompt.

Scores come from one matrix product; those that are shown or decide are summed again term by term in
float32, as the originals sum, so that their last digit is the same.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from w2vext.cli import complain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from w2vext._types import FilePath, Float32, Int64

SHOWN = 40
SLACK = 1e-5  # more than a product of matrices and a sum term by term differ by
ROWS = 4096


class Vectors:
    """The words (bytes) of a vector file and their vectors, each of length 1."""

    def __init__(self, path: FilePath, limit: int | None = None) -> None:
        from w2vext import KeyedVectors

        # Words are bytes to the originals, in whatever encoding.
        how: Any = {"binary": None, "limit": limit, "errors": "surrogateescape"}
        loaded = KeyedVectors.load_word2vec_format(path, **how)
        self.words = [word.encode("utf-8", "surrogateescape") for word in loaded.index_to_key]
        self.rows = {word: row for row, word in enumerate(self.words)}
        self.unit = np.array(loaded.vectors, dtype=np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            for at in range(0, len(self.unit), ROWS):
                part = self.unit[at : at + ROWS]
                part /= length(part)[:, None]

    def best(
        self, target: Float32, n: int, floor: float, without: Iterable[int] = ()
    ) -> list[tuple[int, float]]:
        """The n rows with the highest scores above the floor, the first row first among equals."""
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
        """For each target the row of the highest score above 0, -1 where there is none."""
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
    return np.sqrt(serial_sum(vectors * vectors))


def answers(question: str) -> Iterator[list[bytes]]:
    """Lines of stdin (bytes) until EXIT or the end, each after the question."""
    while True:
        write(question)
        sys.stdout.flush()
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
    """The originals' table: words in 50 bytes, their scores; `missing` where rows lack."""
    write(f"\n{' ' * 46}Word{heading}\n{'-' * 72}\n")
    lines = [(vectors.words[row], score) for row, score in found]
    lines += [(b"", missing)] * (SHOWN - len(lines))
    write(b"".join(b"%s\t\t%f\n" % (word.rjust(50), score) for word, score in lines))


def write(text: str | bytes) -> None:
    """To stdout; words are bytes there, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode())
    sys.stdout.buffer.flush()


def one_file(program: str, argv: list[str], most: int = 1) -> list[str] | None:
    """The arguments, or None after the help."""
    if not argv or argv[0] in ("-h", "--help"):
        return None
    if len(argv) > most or argv[0].startswith("-"):
        raise SystemExit(complain(program, f"one FILE of vectors (see {program} --help)", 2))
    return argv
