"""What measuring found, as objects that print as tables and turn into frames.

Refuses to measure: evaluation.py does. A value of nan is one that is not defined; tables show "-".
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any, ClassVar

_COUNT, _PART, _CORRELATION, _CHANCE = ",", ".1%", ".4f", ".1e"
_FORMATS = {
    "right": _COUNT,
    "asked": _COUNT,
    "pairs": _COUNT,
    "words": _COUNT,
    "accuracy": _PART,
    "coverage": _PART,
    "purity": _PART,
    "spearman": _CORRELATION,
    "pearson": _CORRELATION,
    "spearman p": _CHANCE,
    "pearson p": _CHANCE,
}


class Statistic(NamedTuple):
    """A correlation and its two-sided p-value."""

    statistic: float
    pvalue: float


class _Table:
    """Prints as a table and turns into frames: `_columns` is both."""

    _named_rows: ClassVar[bool]

    def _columns(self) -> dict[str, list[Any]]:
        raise NotImplementedError

    def __str__(self) -> str:
        columns = [
            [name, *(_text(value, _FORMATS.get(name, "")) for value in values)]
            for name, values in self._columns().items()
        ]
        widths = [max(map(len, column)) for column in columns]
        rows = (
            "  ".join(
                cell.ljust(width) if at == 0 and self._named_rows else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in zip(*columns, strict=True)
        )
        return "\n".join(rows)

    def to_pandas(self) -> Any:
        """The table as a pandas.DataFrame; accuracies and coverages as fractions."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_pandas needs pandas: pip install pandas") from error
        return pandas.DataFrame(self._columns())

    def to_polars(self) -> Any:
        """The table as a polars.DataFrame."""
        try:
            import polars
        except ImportError as error:
            raise ImportError("to_polars needs polars: pip install polars") from error
        return polars.DataFrame(self._columns())


def _text(value: Any, form: str) -> str:
    return "-" if isinstance(value, float) and math.isnan(value) else format(value, form)


def ratio(part: float, whole: float) -> float:
    """part / whole, nan where the whole is nothing."""
    return part / whole if whole else math.nan


@dataclass(frozen=True, repr=False)
class Section:
    """The questions of one section, or of several together.

    Attributes
    ----------
    name : str
    questions : list of (a, b, c, expected)
        All of them, as the file has them.
    answers : list
        The word found for each; None where a word of the question is unknown.
    correct : list of bool or None
        None where the question was not asked.
    """

    name: str
    questions: list[tuple[Any, ...]]
    answers: list[Any]
    correct: list[bool | None]

    @property
    def right(self) -> int:
        """How many questions were answered as expected."""
        return self.correct.count(True)

    @property
    def asked(self) -> int:
        """How many questions counted."""
        return len(self.correct) - self.correct.count(None)

    @property
    def accuracy(self) -> float:
        """The part of the questions asked that was answered as expected; nan where none was."""
        return ratio(self.right, self.asked)

    @property
    def coverage(self) -> float:
        """The part of the questions whose four words are known."""
        return 1 - ratio(self.answers.count(None), len(self.answers))

    def __repr__(self) -> str:
        return f"Section({self.name!r}, {self.right:,} of {self.asked:,} right)"


class AnalogyScores(_Table):
    """What `evaluate_analogies` found; `print` shows the table.

    Attributes
    ----------
    sections : list of Section
    semantic, syntactic : Section or None
        Together the sections whose names start with "gram" (syntactic), and the others.
    total : Section
    accuracy, coverage : float
        The total's.
    """

    _named_rows = True

    def __init__(self, sections: list[Section]) -> None:
        self.sections = sections
        gram = [s for s in sections if s.name.startswith("gram")]
        other = [s for s in sections if not s.name.startswith("gram")]
        self.semantic = _together("semantic", other) if gram and other else None
        self.syntactic = _together("syntactic", gram) if gram and other else None
        self.total = _together("total", sections)

    @property
    def accuracy(self) -> float:
        """The total's."""
        return self.total.accuracy

    @property
    def coverage(self) -> float:
        """The total's."""
        return self.total.coverage

    def _columns(self) -> dict[str, list[Any]]:
        groups = (self.semantic, self.syntactic, self.total)
        rows = [*self.sections, *(group for group in groups if group is not None)]
        return {
            "section": [row.name for row in rows],
            "right": [row.right for row in rows],
            "asked": [row.asked for row in rows],
            "accuracy": [row.accuracy for row in rows],
            "coverage": [row.coverage for row in rows],
        }

    def __repr__(self) -> str:
        return f"AnalogyScores({self.total.right:,} of {self.total.asked:,} right)"


def _together(name: str, sections: list[Section]) -> Section:
    joined = (list(chain.from_iterable(getattr(s, field) for s in sections)) for field in _LISTS)
    return Section(name, *joined)


_LISTS = ("questions", "answers", "correct")


@dataclass(frozen=True, repr=False)
class PairScores(_Table):
    """What `evaluate_pairs` found; `print` shows the table.

    Attributes
    ----------
    spearman, pearson : Statistic
        (statistic, pvalue), of scipy.stats; nan for fewer than two known pairs or equal values.
    pairs : list of (word, word, score)
        All of them, as the file has them.
    cosines : list of float
        nan where a word is unknown.
    known : int
    coverage : float
    """

    spearman: Statistic
    pearson: Statistic
    pairs: list[tuple[Any, Any, float]]
    cosines: list[float]

    _named_rows = False

    @property
    def known(self) -> int:
        """How many pairs have a cosine."""
        return sum(not math.isnan(cosine) for cosine in self.cosines)

    @property
    def coverage(self) -> float:
        """The part of the pairs that have a cosine."""
        return ratio(self.known, len(self.pairs))

    def _columns(self) -> dict[str, list[Any]]:
        return {
            "pairs": [self.known],
            "spearman": [self.spearman.statistic],
            "spearman p": [self.spearman.pvalue],
            "pearson": [self.pearson.statistic],
            "pearson p": [self.pearson.pvalue],
            "coverage": [self.coverage],
        }

    def __repr__(self) -> str:
        return f"PairScores(spearman={self.spearman.statistic:.4f}, {self.known:,} pairs)"


@dataclass(frozen=True, repr=False)
class CategoryScores(_Table):
    """What `evaluate_categories` found; `print` shows the table.

    Attributes
    ----------
    purity : float
        The part of the words that belong to the commonest category of their cluster.
    clusters : list of list of (word, category)
    total : int
        Words of the test; `known` of them are in the vocabulary.
    """

    purity: float
    clusters: list[list[tuple[Any, str]]]
    total: int

    _named_rows = True

    @property
    def known(self) -> int:
        """How many words are in the vocabulary."""
        return sum(map(len, self.clusters))

    @property
    def coverage(self) -> float:
        """The part of the words that are in the vocabulary."""
        return ratio(self.known, self.total)

    def _columns(self) -> dict[str, list[Any]]:
        majorities = [commonest(cluster) for cluster in self.clusters]
        sizes = [*map(len, self.clusters), self.known]
        right = [number for _, number in majorities]
        right.append(sum(right))
        return {
            "cluster": [*(name for name, _ in majorities), "total"],
            "words": sizes,
            "right": right,
            "purity": [ratio(*both) for both in zip(right, sizes, strict=True)],
            "coverage": [math.nan] * len(self.clusters) + [self.coverage],
        }

    def __repr__(self) -> str:
        return f"CategoryScores(purity={self.purity:.4f}, {self.known:,} words)"


def commonest(cluster: list[tuple[Any, str]]) -> tuple[str, int]:
    """The category that most words of a cluster belong to, and how many do."""
    return Counter(category for _, category in cluster).most_common(1)[0]
