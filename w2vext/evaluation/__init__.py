"""Evaluation of word vectors by analogies, scored word pairs and categories."""

from w2vext.evaluation.measures import (
    evaluate,
    evaluate_analogies,
    evaluate_categories,
    evaluate_pairs,
    evaluate_word_analogies,
    evaluate_word_pairs,
)
from w2vext.evaluation.results import (
    AnalogyScores,
    CategoryScores,
    PairScores,
    Section,
    Statistic,
)

__all__ = [
    "AnalogyScores",
    "CategoryScores",
    "PairScores",
    "Section",
    "Statistic",
    "evaluate",
    "evaluate_analogies",
    "evaluate_categories",
    "evaluate_pairs",
    "evaluate_word_analogies",
    "evaluate_word_pairs",
]
