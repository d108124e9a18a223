"""Scores of word vectors on analogies, word pairs and categories.

For the same vectors the totals are equal to gensim's. An undefined score, such as that of a file
without known words, is nan and is printed as "-".
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import shown
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
    from typing import Any, Literal

    from w2vext._arguments.types import FilePath, Float64, Method

    Unknown = Literal["skip", "subwords"]

_QUESTIONS_AT_ONCE = 4096
_METHODS = {"3cosadd": "most_similar", "3cosmul": "most_similar_cosmul"}


def evaluate(
    wv: Any,
    path: FilePath,
    *,
    delimiter: str = "\t",
    method: Method = "3cosadd",
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    unknown: Unknown = "skip",
) -> AnalogyScores | PairScores | CategoryScores:
    """Evaluate by a test file, whose kind is recognized from its first line.

    Parameters
    ----------
    wv : KeyedVectors
    path : str or path-like
        Analogies (``: section``, then four words in a line), pairs (word, word, number) or
        categories (word, category).
    delimiter : str, default="\t"
        Separates the fields of pairs and categories.
    method, restrict_vocab, case_insensitive, unknown
        As for `evaluate_analogies`.

    Returns
    -------
    AnalogyScores, PairScores or CategoryScores

    Raises
    ------
    ValueError
        The kind of the file is unknown, or a line is malformed; the message names file and line.
        Or ``unknown="subwords"`` is given and the vectors have no subwords.
    """
    options: Any = {
        "restrict_vocab": restrict_vocab,
        "case_insensitive": case_insensitive,
        "unknown": unknown,
    }
    test = testsets.read(path, delimiter)
    if isinstance(test, testsets.Analogies):
        return evaluate_analogies(wv, test, method=method, **options)
    if isinstance(test, testsets.Pairs):
        return evaluate_pairs(wv, test, **options)
    return evaluate_categories(wv, test, **options)


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
    unknown: Unknown = "skip",
) -> AnalogyScores:
    """Answer analogies: a is to b as c is to which word?

    A question is answered correctly if the expected word is the nearest word that is not a, b or c.

    Parameters
    ----------
    wv : KeyedVectors
    analogies : str, path-like, iterable of (a, b, c, expected), or {section: such an iterable}
    restrict_vocab : int or None, default=300000
        Use only this many of the most frequent words; without counts, the first rows.
    case_insensitive : bool, default=True
        Ignore case. If spellings differ only in case, the first one in the vocabulary is used.
    dummy4unknown : bool, default=False
        Count questions with unknown words as wrong instead of leaving them out.
    method : {"3cosadd", "3cosmul"}
        The sum of cosines, or the product of shifted cosines (Levy and Goldberg, CoNLL 2014).
    unknown : {"skip", "subwords"}, default="skip"
        "subwords" composes the vectors of unknown words a, b and c from their n-grams. Answers are
        known words, so a question whose expected word is unknown, or with a word that has no
        vector, is still treated as `dummy4unknown` says.

    Returns
    -------
    AnalogyScores

    Raises
    ------
    ValueError
        A line is not a question; the message names file and line. Or ``unknown="subwords"`` is
        given and the vectors have no subwords.
    """
    _check_unknown(wv, unknown)
    if method not in _METHODS:
        raise ValueError(f"method={shown(method)}: choose one of {', '.join(map(repr, _METHODS))}")
    check_flags(case_insensitive=case_insensitive, dummy4unknown=dummy4unknown)
    test = testsets.read_analogies(analogies)
    fold = _fold_function(case_insensitive)
    known, spellings = _known_words(wv, restrict_vocab, fold)
    questions = [question for _, section in test.sections for question in section]
    folded = [tuple(map(fold, question)) for question in questions]
    answerable = [i for i, words in enumerate(folded) if words[3] in known]
    if unknown == "subwords":
        known |= _composed_words(wv, known, fold, (w for i in answerable for w in questions[i][:3]))
    asked = [i for i in answerable if all(word in known for word in folded[i])]
    # Other spellings of the words of a question are not answers either.
    topn = 1 + 3 * (spellings - 1)
    most_similar = getattr(wv, _METHODS[method])
    answers, correct = [None] * len(questions), [False if dummy4unknown else None] * len(questions)

    for start in range(0, len(asked), _QUESTIONS_AT_ONCE):
        batch = asked[start : start + _QUESTIONS_AT_ONCE]
        words = [[known[word] for word in folded[i][:3]] for i in batch]
        found = most_similar(
            [[b, c] for _, b, c in words],
            [[a] for a, _, _ in words],
            topn=topn,
            restrict_vocab=restrict_vocab,
        )
        for i, neighbors in zip(batch, found, strict=True):
            own, expected = folded[i][:3], folded[i][3]
            answers[i] = next((word for word, _ in neighbors if fold(word) not in own), None)
            correct[i] = answers[i] is not None and fold(answers[i]) == expected
    return AnalogyScores(_sections(test.sections, questions, answers, correct))


def _sections(sections: Sequence[tuple[str, Any]], *columns: list[Any]) -> list[Section]:
    """Split columns, which are lists over all questions, into sections."""
    result, start = [], 0
    for name, questions in sections:
        stop = start + len(questions)
        result.append(Section(name, *(column[start:stop] for column in columns)))
        start = stop
    return result


def evaluate_pairs(
    wv: Any,
    pairs: FilePath | testsets.Pairs | Iterable[tuple[Any, Any, float]],
    *,
    delimiter: str = "\t",
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
    unknown: Unknown = "skip",
) -> PairScores:
    """Correlate the cosines of word pairs with human scores.

    Parameters
    ----------
    wv : KeyedVectors
    pairs : str, path-like, or iterable of (word, word, score)
    delimiter : str, default="\t"
        Separates the three fields of a line.
    restrict_vocab, case_insensitive
        As for `evaluate_analogies`.
    dummy4unknown : bool, default=False
        Use a cosine of 0 for pairs with unknown words instead of leaving them out.
    unknown : {"skip", "subwords"}, default="skip"
        "subwords" composes the vectors of unknown words from their n-grams. Pairs with a word that
        has no vector then are treated as `dummy4unknown` says.

    Returns
    -------
    PairScores

    Raises
    ------
    ValueError
        A line is malformed; the message names file and line. Or ``unknown="subwords"`` is given and
        the vectors have no subwords.
    """
    _check_unknown(wv, unknown)
    check_flags(case_insensitive=case_insensitive, dummy4unknown=dummy4unknown)
    test = testsets.read_pairs(pairs, delimiter)
    fold = _fold_function(case_insensitive)
    known, _ = _known_words(wv, restrict_vocab, fold)
    if unknown == "subwords":
        known |= _composed_words(wv, known, fold, (w for a, b, _ in test.pairs for w in (a, b)))
    cosines = [
        wv.similarity(known[fold(a)], known[fold(b)])
        if fold(a) in known and fold(b) in known
        else math.nan
        for a, b, _ in test.pairs
    ]
    compared = np.nan_to_num(cosines, nan=0.0 if dummy4unknown else math.nan)
    kept = ~np.isnan(compared)
    scores = np.array([score for _, _, score in test.pairs], np.float64)
    return PairScores(*_correlations(scores[kept], compared[kept]), test.pairs, cosines)


def _correlations(scores: Float64, cosines: Float64) -> tuple[Statistic, Statistic]:
    """Spearman's and Pearson's correlation; NaN if they are not defined."""
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
    unknown: Unknown = "skip",
) -> CategoryScores:
    """Cluster words (k-means of unit vectors) and compare the clusters with known categories.

    Parameters
    ----------
    wv : KeyedVectors
    categories : str, path-like, or {category: words}
        Each line of a file has a word and its category.
    delimiter, restrict_vocab, case_insensitive
        As for `evaluate_pairs`.
    random_state : int, default=0
        Seed of k-means, which runs from ten initializations.
    unknown : {"skip", "subwords"}, default="skip"
        "subwords" composes the vectors of unknown words from their n-grams. Words that have no
        vector are left out.

    Returns
    -------
    CategoryScores
        With one cluster for each category that has words with vectors.

    Raises
    ------
    ValueError
        A line is malformed; the message names file and line. Or ``unknown="subwords"`` is given and
        the vectors have no subwords.
    """
    _check_unknown(wv, unknown)
    check_flags(case_insensitive=case_insensitive)
    test = testsets.read_categories(categories, delimiter)
    fold = _fold_function(case_insensitive)
    known, _ = _known_words(wv, restrict_vocab, fold)
    if unknown == "subwords":
        known |= _composed_words(wv, known, fold, (word for word, _ in test.words))
    kept = [(word, name) for word, name in test.words if fold(word) in known]
    if not kept:
        return CategoryScores(math.nan, [], len(test.words))
    from sklearn.cluster import KMeans

    units = np.stack([wv.get_vector(known[fold(word)], norm=True) for word, _ in kept])
    count = min(len({name for _, name in kept}), len(np.unique(units, axis=0)))
    labels = KMeans(count, n_init=10, random_state=random_state).fit_predict(units)
    clusters = [
        [kept[i] for i in np.flatnonzero(labels == label)] for label in range(labels.max() + 1)
    ]
    clusters = sorted((c for c in clusters if c), key=lambda c: (commonest(c)[0], len(c)))
    right = sum(commonest(cluster)[1] for cluster in clusters)
    return CategoryScores(right / len(kept), clusters, len(test.words))


def _fold_function(case_insensitive: bool) -> Callable[[Any], Any]:
    """The function that normalizes a word for comparison: to upper case, as in gensim, or not."""
    if not case_insensitive:
        return lambda word: word
    return lambda word: word.upper() if isinstance(word, str) else word


def _known_words(
    wv: Any, restrict_vocab: int | None, fold: Callable[[Any], Any]
) -> tuple[dict[Any, Any], int]:
    """({normalized word: first spelling}, the largest number of spellings of a word)."""
    check_count("restrict_vocab", restrict_vocab)
    words = [wv.index_to_key[row] for row in wv.frequent_rows(restrict_vocab)]
    folded = list(map(fold, words))
    known = dict(zip(reversed(folded), reversed(words), strict=True))
    return known, max(Counter(folded).values(), default=1)


def _check_unknown(wv: Any, unknown: Any) -> None:
    """Check the parameter `unknown`, and that the vectors have the subwords that it asks for."""
    if unknown not in ("skip", "subwords"):
        raise ValueError(f"unknown={shown(unknown)}: choose 'skip' or 'subwords'")
    if unknown == "subwords" and (wv.subwords is None or not wv.subwords.has_ngrams):
        raise ValueError(
            "unknown='subwords': these vectors have no subwords: train with max_n above 0, or load "
            "a fastText model"
        )


def _composed_words(
    wv: Any, known: Mapping[Any, Any], fold: Callable[[Any], Any], words: Iterable[Any]
) -> dict[Any, Any]:
    """{normalized word: word} of the unknown words whose vectors can be composed."""
    first: dict[Any, Any] = {}
    for word in words:
        if fold(word) not in known:
            first.setdefault(fold(word), word)
    has = wv.subwords.compose(list(first.values()))[1]
    return {key: word for (key, word), one in zip(first.items(), has, strict=True) if one}


# ---- gensim's functions, with gensim's results


def evaluate_word_analogies(
    wv: Any,
    analogies: Any,
    restrict_vocab: int | None,
    case_insensitive: bool,
    dummy4unknown: bool,
    method: Method = "3cosadd",
) -> tuple[float, list[dict[str, Any]]]:
    """Answer analogies; gensim's name for `evaluate_analogies`, with gensim's result.

    Parameters
    ----------
    wv : KeyedVectors
    analogies, restrict_vocab, case_insensitive, dummy4unknown, method
        As for `evaluate_analogies`.

    Returns
    -------
    accuracy : float
    sections : list of dict
        ``{"section": name, "correct": questions, "incorrect": questions}``.
    """
    scores = evaluate_analogies(
        wv,
        analogies,
        restrict_vocab=restrict_vocab,
        case_insensitive=case_insensitive,
        dummy4unknown=dummy4unknown,
        method=method,
    )
    fold = _fold_function(case_insensitive)
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
    """Correlate cosines with human scores; gensim's name for `evaluate_pairs`.

    Parameters
    ----------
    wv : KeyedVectors
    pairs, delimiter, restrict_vocab, case_insensitive, dummy4unknown
        As for `evaluate_pairs`.

    Returns
    -------
    pearson, spearman : Statistic
    unknown : float
        The percentage of pairs with unknown words.
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
