"""How good word vectors are: analogies, word pairs that people scored, categories.

Totals are gensim's on the same vectors. Refuses nothing that a test file may hold beyond what
testsets.py refuses: what cannot be measured (no known question, all cosines the same) is nan and
stands as "-" in the tables, beside a coverage that says why.
"""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from w2vext import testsets
from w2vext.queries import check_count

_AT_ONCE = 8192  # questions: bounds what one call of most_similar holds
_METHODS = {"3cosadd": "most_similar", "3cosmul": "most_similar_cosmul"}


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

    def __str__(self):
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

    def to_pandas(self):
        """The table as a pandas.DataFrame; accuracies and coverages as fractions."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_pandas needs pandas: pip install pandas") from error
        return pandas.DataFrame(self._columns())

    def to_polars(self):
        """The table as a polars.DataFrame."""
        try:
            import polars
        except ImportError as error:
            raise ImportError("to_polars needs polars: pip install polars") from error
        return polars.DataFrame(self._columns())


def _text(value, form):
    return "-" if isinstance(value, float) and math.isnan(value) else format(value, form)


def _ratio(part, whole):
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
    questions: list
    answers: list
    correct: list

    @property
    def right(self):
        """How many questions were answered as expected."""
        return self.correct.count(True)

    @property
    def asked(self):
        """How many questions counted."""
        return len(self.correct) - self.correct.count(None)

    @property
    def accuracy(self):
        return _ratio(self.right, self.asked)

    @property
    def coverage(self):
        """The part of the questions whose four words are known."""
        return 1 - _ratio(self.answers.count(None), len(self.answers))

    def __repr__(self):
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

    def __init__(self, sections):
        self.sections = sections
        gram = [s for s in sections if s.name.startswith("gram")]
        other = [s for s in sections if not s.name.startswith("gram")]
        self.semantic = _together("semantic", other) if gram and other else None
        self.syntactic = _together("syntactic", gram) if gram and other else None
        self.total = _together("total", sections)

    @property
    def accuracy(self):
        return self.total.accuracy

    @property
    def coverage(self):
        return self.total.coverage

    def _columns(self):
        rows = [*self.sections, self.semantic, self.syntactic, self.total]
        rows = [row for row in rows if row is not None]
        return {
            "section": [row.name for row in rows],
            "right": [row.right for row in rows],
            "asked": [row.asked for row in rows],
            "accuracy": [row.accuracy for row in rows],
            "coverage": [row.coverage for row in rows],
        }

    def __repr__(self):
        return f"AnalogyScores({self.total.right:,} of {self.total.asked:,} right)"


def _together(name, sections):
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
    pairs: list
    cosines: list

    _named_rows = False

    @property
    def known(self):
        return sum(not math.isnan(cosine) for cosine in self.cosines)

    @property
    def coverage(self):
        return _ratio(self.known, len(self.pairs))

    def _columns(self):
        return {
            "pairs": [self.known],
            "spearman": [self.spearman.statistic],
            "spearman p": [self.spearman.pvalue],
            "pearson": [self.pearson.statistic],
            "pearson p": [self.pearson.pvalue],
            "coverage": [self.coverage],
        }

    def __repr__(self):
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
    clusters: list
    total: int

    _named_rows = True

    @property
    def known(self):
        return sum(map(len, self.clusters))

    @property
    def coverage(self):
        return _ratio(self.known, self.total)

    def _columns(self):
        commonest = [_commonest(cluster) for cluster in self.clusters]
        sizes = [*map(len, self.clusters), self.known]
        right = [number for _, number in commonest]
        right.append(sum(right))
        return {
            "cluster": [*(name for name, _ in commonest), "total"],
            "words": sizes,
            "right": right,
            "purity": [_ratio(*both) for both in zip(right, sizes, strict=True)],
            "coverage": [math.nan] * len(self.clusters) + [self.coverage],
        }

    def __repr__(self):
        return f"CategoryScores(purity={self.purity:.4f}, {self.known:,} words)"


def _commonest(cluster):
    return Counter(category for _, category in cluster).most_common(1)[0]


# ---- the measurements


def evaluate(
    wv, path, *, delimiter="\t", method="3cosadd", restrict_vocab=300_000, case_insensitive=True
):
    """Measure by an evaluation file of any kind, recognised by its first line.

    Parameters
    ----------
    wv : KeyedVectors
    path : str or path-like
        Analogies (``: section``, then four words a line), pairs (word, word, number) or categories
        (word, category).
    delimiter : str
        Between the fields of pairs and categories.
    method, restrict_vocab, case_insensitive
        As for `evaluate_analogies`.

    Returns
    -------
    AnalogyScores, PairScores or CategoryScores

    Raises
    ------
    ValueError
        The file is of no such kind, or a line does not fit; the message names file and line.
    """
    how = {"restrict_vocab": restrict_vocab, "case_insensitive": case_insensitive}
    found = testsets.read(path, delimiter)
    if isinstance(found, testsets.Analogies):
        return evaluate_analogies(wv, found, method=method, **how)
    if isinstance(found, testsets.Pairs):
        return evaluate_pairs(wv, found, **how)
    return evaluate_categories(wv, found, **how)


def evaluate_analogies(
    wv,
    analogies,
    *,
    restrict_vocab=300_000,
    case_insensitive=True,
    dummy4unknown=False,
    method="3cosadd",
):
    """Answer analogies: a is to b as c is to which word?

    Right is a question whose expected word is the nearest that is none of a, b and c. All
    questions go through matrix products together.

    Parameters
    ----------
    wv : KeyedVectors
    analogies : str, path-like, iterable of (a, b, c, expected), or {section: such an iterable}
    restrict_vocab : int or None, default=300000
        Know and search the most frequent so many words only; without counts, the first rows.
    case_insensitive : bool, default=True
        A word is its first spelling in the vocabulary.
    dummy4unknown : bool, default=False
        Count questions with unknown words as wrong, instead of leaving them out.
    method : {"3cosadd", "3cosmul"}
        The sum of cosines, or the product of shifted ones (Levy and Goldberg, CoNLL 2014).

    Returns
    -------
    AnalogyScores

    Raises
    ------
    ValueError
        A line that is no question; the message names file and line.
    """
    if method not in _METHODS:
        raise ValueError(f"method={method!r}: choose one of {', '.join(map(repr, _METHODS))}")
    found = testsets.read_analogies(analogies)
    fold = _folding(case_insensitive)
    known, spellings = _known(wv, restrict_vocab, fold)
    questions = [question for _, some in found.sections for question in some]
    folded = [tuple(map(fold, question)) for question in questions]
    asked = [at for at, words in enumerate(folded) if all(word in known for word in words)]
    # Other spellings of a question's own words are no answers either.
    topn = 1 + 3 * (spellings - 1)
    ask = getattr(wv, _METHODS[method])
    answers, correct = [None] * len(questions), [False if dummy4unknown else None] * len(questions)
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        words = [[known[word] for word in folded[at][:3]] for at in some]
        nearest = ask(
            [[b, c] for _, b, c in words],
            [[a] for a, _, _ in words],
            topn=topn,
            restrict_vocab=restrict_vocab,
        )
        for at, near in zip(some, nearest, strict=True):
            own, expected = folded[at][:3], folded[at][3]
            answers[at] = next((word for word, _ in near if fold(word) not in own), None)
            correct[at] = answers[at] is not None and fold(answers[at]) == expected
    return AnalogyScores(_sections(found.sections, questions, answers, correct))


def _sections(sections, *columns):
    made, start = [], 0
    for name, some in sections:
        stop = start + len(some)
        made.append(Section(name, *(column[start:stop] for column in columns)))
        start = stop
    return made


def evaluate_pairs(
    wv,
    pairs,
    *,
    delimiter="\t",
    restrict_vocab=300_000,
    case_insensitive=True,
    dummy4unknown=False,
):
    """Correlate the cosines of word pairs with the scores that people gave.

    Parameters
    ----------
    wv : KeyedVectors
    pairs : str, path-like, or iterable of (word, word, score)
    delimiter : str
        Between the three fields of a line.
    restrict_vocab, case_insensitive
        As for `evaluate_analogies`.
    dummy4unknown : bool, default=False
        Take a cosine of 0 for pairs with unknown words, instead of leaving them out.

    Returns
    -------
    PairScores

    Raises
    ------
    ValueError
        A line that does not fit; the message names file and line.
    """
    found = testsets.read_pairs(pairs, delimiter)
    fold = _folding(case_insensitive)
    known, _ = _known(wv, restrict_vocab, fold)
    cosines = [
        wv.similarity(known[fold(a)], known[fold(b)])
        if fold(a) in known and fold(b) in known
        else math.nan
        for a, b, _ in found.pairs
    ]
    compared = np.nan_to_num(cosines, nan=0.0 if dummy4unknown else math.nan)
    kept = ~np.isnan(compared)
    scores = np.array([score for _, _, score in found.pairs], np.float64)
    return PairScores(*_correlations(scores[kept], compared[kept]), found.pairs, cosines)


def _correlations(scores, cosines):
    from scipy import stats

    if len(scores) < 2 or np.ptp(scores) == 0 or np.ptp(cosines) == 0:
        return (Statistic(math.nan, math.nan),) * 2
    found = stats.spearmanr(scores, cosines), stats.pearsonr(scores, cosines)
    return tuple(Statistic(float(each.statistic), float(each.pvalue)) for each in found)


def evaluate_categories(
    wv,
    categories,
    *,
    delimiter="\t",
    restrict_vocab=300_000,
    case_insensitive=True,
    random_state=0,
):
    """Cluster words (k-means of unit vectors) and compare the clusters with known categories.

    Parameters
    ----------
    wv : KeyedVectors
    categories : str, path-like, or {category: words}
        A file has a word and its category in each line.
    delimiter, restrict_vocab, case_insensitive
        As for `evaluate_pairs`.
    random_state : int, default=0
        Of k-means, the best of ten starts.

    Returns
    -------
    CategoryScores
        As many clusters as there are categories with known words.

    Raises
    ------
    ValueError
        A line that does not fit; the message names file and line.
    """
    categories = testsets.read_categories(categories, delimiter)
    fold = _folding(case_insensitive)
    known, _ = _known(wv, restrict_vocab, fold)
    kept = [(word, name) for word, name in categories.words if fold(word) in known]
    if not kept:
        return CategoryScores(math.nan, [], len(categories.words))
    from sklearn.cluster import KMeans

    units = np.stack([wv.get_vector(known[fold(word)], norm=True) for word, _ in kept])
    count = min(len({name for _, name in kept}), len(np.unique(units, axis=0)))
    labels = KMeans(count, n_init=10, random_state=random_state).fit_predict(units)
    clusters = [
        [kept[at] for at in np.flatnonzero(labels == label)] for label in range(labels.max() + 1)
    ]
    clusters = sorted((each for each in clusters if each), key=lambda c: (_commonest(c)[0], len(c)))
    right = sum(_commonest(cluster)[1] for cluster in clusters)
    return CategoryScores(right / len(kept), clusters, len(categories.words))


def _folding(case_insensitive):
    """gensim compares in upper case; tokens that are no text are themselves."""
    if not case_insensitive:
        return lambda word: word
    return lambda word: word.upper() if isinstance(word, str) else word


def _known(wv, restrict_vocab, fold):
    """({folded word: its first spelling}, the largest number of spellings of one)."""
    check_count("restrict_vocab", restrict_vocab)
    words = [wv.index_to_key[row] for row in wv.frequent_rows(restrict_vocab)]
    folded = list(map(fold, words))
    known = dict(zip(reversed(folded), reversed(words), strict=True))
    return known, max(Counter(folded).values(), default=1)


# ---- gensim's names and results


def evaluate_word_analogies(wv, analogies, restrict_vocab, case_insensitive, dummy4unknown):
    """gensim's result: (accuracy, sections), each {"section", "correct", "incorrect"}."""
    scores = evaluate_analogies(
        wv,
        analogies,
        restrict_vocab=restrict_vocab,
        case_insensitive=case_insensitive,
        dummy4unknown=dummy4unknown,
    )
    fold = _folding(case_insensitive)
    sections = []
    for section in [*scores.sections, scores.total]:
        sides = {True: [], False: [], None: []}
        for question, correct in zip(section.questions, section.correct, strict=True):
            sides[correct].append(tuple(map(fold, question)))
        name = "Total accuracy" if section is scores.total else section.name
        sections.append({"section": name, "correct": sides[True], "incorrect": sides[False]})
    return (scores.accuracy if scores.total.asked else 0.0), sections
