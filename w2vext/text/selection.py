"""Which words stay: min_count, a rule of the caller's, max_vocab, and one word for all others.

Knows counts and the order of first occurrences; refuses to know a corpus, and a rule's answer that
could mean two things.
"""

from __future__ import annotations

import operator
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._types import Bool, Int64, TrimRule

# What a rule may answer; gensim's RULE_DEFAULT, RULE_DISCARD and RULE_KEEP are 0, 1 and 2.
_ANSWERS = {"keep": 1, "discard": -1, "default": 0, None: 0, 2: 1, 1: -1, 0: 0}
KEEP, DISCARD = 1, -1


@dataclass(frozen=True)
class Choice:
    """The limits of a vocabulary; `Vocabulary.from_counts` documents them."""

    min_count: int
    max_vocab: int | None = None
    trim_rule: TrimRule | None = None
    unk: Hashable = None

    def __post_init__(self) -> None:
        if operator.index(self.min_count) < 0:
            raise ValueError(f"min_count={self.min_count!r}: give an integer >= 0")
        check_limit("max_vocab", self.max_vocab)
        check_rule(self.trim_rule)
        check_unk(self.unk)
        if self.unk is not None and self.max_vocab == 1:
            raise ValueError(f"max_vocab=1 with unk={self.unk!r}: give at least 2, one is for unk")

    @property
    def asks(self) -> bool:
        """Whether the words themselves matter, not their counts alone."""
        return self.trim_rule is not None or self.unk is not None

    @property
    def spared(self) -> Callable[[list[Any], Int64], Bool] | None:
        """For a scan that forgets words: a function that says which ones the rule keeps."""
        if self.trim_rule is None:
            return None
        return lambda words, counts: self._verdicts(words, counts) == KEEP

    def staying(
        self, counts: Int64, first: NDArray[Any], words: list[Any], among: Bool | None = None
    ) -> tuple[NDArray[np.intp], Bool]:
        """The words that stay, by count, then by occurrence, and which of these the rule keeps.

        Parameters
        ----------
        counts, first : ndarray of shape (n,)
            How often, and a number that grows with the first occurrence.
        words : list or None
            Needed where `asks`.
        among : ndarray of shape (n,), bool, optional
            Choose among these.
        """
        stays, sure = counts >= self.min_count, np.zeros(len(counts), dtype=bool)
        if self.trim_rule is not None:
            verdicts = self._verdicts(words, counts)
            sure = verdicts == KEEP
            stays = (stays & (verdicts != DISCARD)) | sure
        if self.unk is not None:
            stays &= np.fromiter((word != self.unk for word in words), bool, len(words))
        if among is not None:
            stays &= among
        kept = np.flatnonzero(stays)
        kept = kept[np.lexsort((first[kept], -counts[kept]))]
        return kept, sure[kept]

    def rows(
        self, counts: Int64, first: NDArray[Any], words: list[Any], total: int
    ) -> tuple[NDArray[np.intp], Int64, int]:
        """(the word of each row, its count, the row of `unk` or -1), of `total` words of text.

        Where `unk` has a row, its word is len(counts).
        """
        staying = self.staying(counts, first, words)
        kept = cut(*staying, self.max_vocab)
        rest = total - int(counts[kept].sum())
        if self.unk is None or not len(kept):
            return kept, counts[kept], -1
        if not rest:
            self.unused()
            return kept, counts[kept], -1
        if len(kept) == self.max_vocab:
            kept = cut(*staying, self.max_vocab - 1)
            rest = total - int(counts[kept].sum())
        at = int(np.searchsorted(-counts[kept], -rest, side="right"))
        return np.insert(kept, at, len(counts)), np.insert(counts[kept], at, rest), at

    def unused(self) -> None:
        """Warn that `unk` would stand for nothing."""
        warnings.warn(
            f"unk={self.unk!r}: every word of the text is kept, so there is nothing that it could "
            "learn from, and the vocabulary is without it",
            UserWarning,
            stacklevel=2,
        )

    def _verdicts(self, words: list[Any], counts: Int64) -> NDArray[np.int8]:
        """What the rule says of each word: int8, shape (n,)."""
        answers = (
            self._verdict(word, count) for word, count in zip(words, counts.tolist(), strict=True)
        )
        return np.fromiter(answers, np.int8, len(counts))

    def _verdict(self, word: Any, count: int) -> int:
        rule: Any = self.trim_rule
        answer = rule(word, count, self.min_count)
        try:
            if not isinstance(answer, (bool, np.bool_)):  # True is 1, which means discard
                return _ANSWERS[answer]
        except (KeyError, TypeError):
            pass
        raise ValueError(
            f"trim_rule={self.trim_rule!r} gave {answer!r} for {word!r}: let it return 'keep', "
            "'discard' or 'default' (gensim's 2, 1 and 0 will do)"
        )


def cut(kept: NDArray[np.intp], sure: Bool, room: int | None) -> NDArray[np.intp]:
    """The first `room` of the words, those that are sure before others, in the same order."""
    if room is None or len(kept) <= room:
        return kept
    return kept[np.sort(np.argsort(~sure, kind="stable")[:room])]


def check_limit(name: str, limit: int | None) -> None:
    if limit is not None and operator.index(limit) < 1:
        raise ValueError(f"{name}={limit!r}: give an integer >= 1, or None for no limit")


def check_rule(rule: object) -> None:
    if rule is not None and not callable(rule):
        raise TypeError(
            f"trim_rule={rule!r} is a {type(rule).__name__}: give a function of word, count and "
            "min_count that returns 'keep', 'discard' or 'default', or None"
        )


def check_unk(unk: object) -> None:
    try:
        hash(unk)
    except TypeError:
        raise TypeError(
            f"unk={unk!r} is a {type(unk).__name__}: give a word such as '<unk>', or None"
        ) from None
    if isinstance(unk, (str, bytes)) and unk.split() != [unk]:
        raise ValueError(f"unk={unk!r}: give a word without white space, such as '<unk>', or None")
