"""How good word vectors are: analogies, word pairs that people scored, categories.

Totals are gensim's on the same vectors. Refuses nothing that a test file may hold beyond what
testsets.py refuses: what cannot be measured (no known question, all cosines the same) is nan and
stands as "-" in the tables, beside a coverage that says why.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from w2vext.evaluation import testsets
from w2vext.evaluation.results import (
    AnalogyScores,
    CategoryScores,
    PairScores,
    Section,
    Statistic,
    commonest,
)
from w2vext.search.query import check_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from w2vext._types import FilePath, Float64, Method

_AT_ONCE = 4096  # questions answered in one call
_METHODS = {"3cosadd": "most_similar", "3cosmul": "most_similar_cosmul"}


def evaluate(
    wv: Any,
    path: FilePath,
    *,
    delimiter: str = "\t",
    method: Method = "3cosadd",
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
) -> AnalogyScores | PairScores | CategoryScores:
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
    how: Any = {"restrict_vocab": restrict_vocab, "case_insensitive": case_insensitive}
    found = testsets.read(path, delimiter)
    if isinstance(found, testsets.Analogies):
        return evaluate_analogies(wv, found, method=method, **how)
    if isinstance(found, testsets.Pairs):
        return evaluate_pairs(wv, found, **how)
    return evaluate_categories(wv, found, **how)


def evaluate_analogies(
    wv: Any,
    analogies: FilePath
    | testsets.Analogies
    | Mapping[str, Iterable[Sequence[Any]]]
    | Iterable[Sequence[Any]],
    *,
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
    method: Method = "3cosadd",
) -> AnalogyScores:
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


def _sections(sections: Sequence[tuple[str, Any]], *columns: list[Any]) -> list[Section]:
    made, start = [], 0
    for name, some in sections:
        stop = start + len(some)
        made.append(Section(name, *(column[start:stop] for column in columns)))
        start = stop
    return made


def evaluate_pairs(
    wv: Any,
    pairs: FilePath | testsets.Pairs | Iterable[tuple[Any, Any, float]],
    *,
    delimiter: str = "\t",
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> PairScores:
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


def _correlations(scores: Float64, cosines: Float64) -> tuple[Statistic, Statistic]:
    from scipy import stats

    if len(scores) < 2 or np.ptp(scores) == 0 or np.ptp(cosines) == 0:
        return Statistic(math.nan, math.nan), Statistic(math.nan, math.nan)
    rank, linear = stats.spearmanr(scores, cosines), stats.pearsonr(scores, cosines)
    return (
        Statistic(float(rank.statistic), float(rank.pvalue)),
        Statistic(float(linear.statistic), float(linear.pvalue)),
    )


def evaluate_categories(
    wv: Any,
    categories: FilePath | testsets.Categories | Mapping[str, Iterable[Any]],
    *,
    delimiter: str = "\t",
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    random_state: int = 0,
) -> CategoryScores:
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
    clusters = sorted((each for each in clusters if each), key=lambda c: (commonest(c)[0], len(c)))
    right = sum(commonest(cluster)[1] for cluster in clusters)
    return CategoryScores(right / len(kept), clusters, len(categories.words))


def _folding(case_insensitive: bool) -> Callable[[Any], Any]:
    """gensim compares in upper case; tokens that are no text are themselves."""
    if not case_insensitive:
        return lambda word: word
    return lambda word: word.upper() if isinstance(word, str) else word


def _known(
    wv: Any, restrict_vocab: int | None, fold: Callable[[Any], Any]
) -> tuple[dict[Any, Any], int]:
    """({folded word: its first spelling}, the largest number of spellings of one)."""
    check_count("restrict_vocab", restrict_vocab)
    words = [wv.index_to_key[row] for row in wv.frequent_rows(restrict_vocab)]
    folded = list(map(fold, words))
    known = dict(zip(reversed(folded), reversed(words), strict=True))
    return known, max(Counter(folded).values(), default=1)


# ---- gensim's names and results


def evaluate_word_analogies(
    wv: Any, analogies: Any, restrict_vocab: int | None, case_insensitive: bool, dummy4unknown: bool
) -> tuple[float, list[dict[str, Any]]]:
    """gensim's result: (accuracy, sections), each {"section", "correct", "incorrect"}.

    Parameters as for `evaluate_analogies`.
    """
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
        sides: dict[bool | None, list[Any]] = {True: [], False: [], None: []}
        for question, correct in zip(section.questions, section.correct, strict=True):
            sides[correct].append(tuple(map(fold, question)))
        name = "Total accuracy" if section is scores.total else section.name
        sections.append({"section": name, "correct": sides[True], "incorrect": sides[False]})
    return (scores.accuracy if scores.total.asked else 0.0), sections


def evaluate_word_pairs(
    wv: Any,
    pairs: Any,
    delimiter: str,
    restrict_vocab: int | None,
    case_insensitive: bool,
    dummy4unknown: bool,
) -> tuple[Statistic, Statistic, float]:
    """gensim's result: (pearson, spearman, percentage of pairs with unknown words).

    Parameters as for `evaluate_pairs`.
    """
    scores = evaluate_pairs(
        wv,
        pairs,
        delimiter=delimiter,
        restrict_vocab=restrict_vocab,
        case_insensitive=case_insensitive,
        dummy4unknown=dummy4unknown,
    )
    return scores.pearson, scores.spearman, 100 * (1 - scores.coverage)
