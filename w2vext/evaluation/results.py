"""Results of evaluations, which print as tables and convert to data frames.

Undefined values are nan, which the tables show as "-".
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any, ClassVar

_COUNT, _FRACTION, _CORRELATION, _P_VALUE = ",", ".1%", ".4f", ".1e"
_FORMATS = {
    "right": _COUNT,
    "asked": _COUNT,
    "pairs": _COUNT,
    "words": _COUNT,
    "accuracy": _FRACTION,
    "coverage": _FRACTION,
    "purity": _FRACTION,
    "spearman": _CORRELATION,
    "pearson": _CORRELATION,
    "spearman p": _P_VALUE,
    "pearson p": _P_VALUE,
}


class Statistic(NamedTuple):
    """A correlation and its two-sided p-value."""

    statistic: float
    pvalue: float


class _Table:
    """A result that prints as a table and converts to data frames, both made of `_columns`."""

    _named_rows: ClassVar[bool]

    def _columns(self) -> dict[str, list[Any]]:
        raise NotImplementedError

    def __str__(self) -> str:
        columns = [
            [name, *(_cell(value, _FORMATS.get(name, "")) for value in values)]
            for name, values in self._columns().items()
        ]
        widths = [max(map(len, column)) for column in columns]
        rows = (
            "  ".join(
                cell.ljust(width) if i == 0 and self._named_rows else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in zip(*columns, strict=True)
        )
        return "\n".join(rows)

    def to_pandas(self) -> Any:
        """Return the table as a pandas.DataFrame, with accuracies and coverages as fractions."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_pandas needs pandas: pip install pandas") from error
        return pandas.DataFrame(self._columns())

    def to_polars(self) -> Any:
        """Return the table as a polars.DataFrame, with accuracies and coverages as fractions."""
        try:
            import polars
        except ImportError as error:
            raise ImportError("to_polars needs polars: pip install polars") from error
        return polars.DataFrame(self._columns())


def _cell(value: Any, spec: str) -> str:
    return "-" if isinstance(value, float) and math.isnan(value) else format(value, spec)


def ratio(part: float, whole: float) -> float:
    """part / whole, or nan if the whole is 0."""
    return part / whole if whole else math.nan


@dataclass(frozen=True, repr=False)
class Section:
    """The questions of one section, or of several sections together.

    Attributes
    ----------
    name : str
    questions : list of (a, b, c, expected)
        All questions, in the order of the file.
    answers : list
        The answer to each question; None if a word of the question is unknown.
    correct : list of bool or None
        None if the question was not counted.
    """

    name: str
    questions: list[tuple[Any, ...]]
    answers: list[Any]
    correct: list[bool | None]

    @property
    def right(self) -> int:
        """The number of questions that were answered correctly."""
        return self.correct.count(True)

    @property
    def asked(self) -> int:
        """The number of questions that were counted."""
        return len(self.correct) - self.correct.count(None)

    @property
    def accuracy(self) -> float:
        """The fraction of the counted questions that were answered correctly, or nan."""
        return ratio(self.right, self.asked)

    @property
    def coverage(self) -> float:
        """The fraction of the questions whose four words are known."""
        return 1 - ratio(self.answers.count(None), len(self.answers))

    def __repr__(self) -> str:
        return f"Section({self.name!r}, {self.right:,} of {self.asked:,} right)"


class AnalogyScores(_Table):
    """The result of `evaluate_analogies`, which prints as a table.

    Attributes
    ----------
    sections : list of Section
    semantic, syntactic : Section or None
        The sections whose names start with "gram" are syntactic, the others semantic. None if the
        file has only one kind.
    total : Section
    accuracy, coverage : float
        Those of `total`.
    """

    _named_rows = True

    def __init__(self, sections: list[Section]) -> None:
        self.sections = sections
        gram = [s for s in sections if s.name.startswith("gram")]
        other = [s for s in sections if not s.name.startswith("gram")]
        self.semantic = _joined("semantic", other) if gram and other else None
        self.syntactic = _joined("syntactic", gram) if gram and other else None
        self.total = _joined("total", sections)

    @property
    def accuracy(self) -> float:
        """The accuracy of `total`."""
        return self.total.accuracy

    @property
    def coverage(self) -> float:
        """The coverage of `total`."""
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


def _joined(name: str, sections: list[Section]) -> Section:
    fields = ("questions", "answers", "correct")
    return Section(
        name, *(list(chain.from_iterable(getattr(s, field) for s in sections)) for field in fields)
    )


@dataclass(frozen=True, repr=False)
class PairScores(_Table):
    """The result of `evaluate_pairs`, which prints as a table.

    Attributes
    ----------
    spearman, pearson : Statistic
        (statistic, pvalue) by scipy.stats; nan if fewer than two pairs are known or all values are
        equal.
    pairs : list of (word, word, score)
        All pairs, in the order of the file.
    cosines : list of float
        nan if a word is unknown.
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
        """The number of pairs whose words are known."""
        return sum(not math.isnan(cosine) for cosine in self.cosines)

    @property
    def coverage(self) -> float:
        """The fraction of the pairs whose words are known."""
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
    """The result of `evaluate_categories`, which prints as a table.

    Attributes
    ----------
    purity : float
        The fraction of the words that belong to the most common category of their cluster.
    clusters : list of list of (word, category)
    total : int
        The number of words in the file, of which `known` are in the vocabulary.
    """

    purity: float
    clusters: list[list[tuple[Any, str]]]
    total: int

    _named_rows = True

    @property
    def known(self) -> int:
        """The number of words that are in the vocabulary."""
        return sum(map(len, self.clusters))

    @property
    def coverage(self) -> float:
        """The fraction of the words that are in the vocabulary."""
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
            "purity": [ratio(*counts) for counts in zip(right, sizes, strict=True)],
            "coverage": [math.nan] * len(self.clusters) + [self.coverage],
        }

    def __repr__(self) -> str:
        return f"CategoryScores(purity={self.purity:.4f}, {self.known:,} words)"


def commonest(cluster: list[tuple[Any, str]]) -> tuple[str, int]:
    """The most common category of a cluster, and its number of words."""
    return Counter(category for _, category in cluster).most_common(1)[0]
