"""Selects the words of a vocabulary from the counts of a corpus.

Words are selected by `min_count`, by a rule of the caller and by `max_final_vocab`. One token may
replace all other words.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import kind_of, shown, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import Bool, Int64, TrimRule

KEEP, DISCARD, DEFAULT = 1, -1, 0
# The values of gensim's RULE_DEFAULT, RULE_DISCARD and RULE_KEEP are 0, 1 and 2.
_VERDICTS = {
    "keep": KEEP, "discard": DISCARD, "default": DEFAULT, None: DEFAULT,
    2: KEEP, 1: DISCARD, 0: DEFAULT,
}  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """The limits of a vocabulary, as `Vocabulary.from_counts` documents them."""

    min_count: int
    max_final_vocab: int | None = None
    trim_rule: TrimRule | None = None
    unk_token: Hashable = None

    def __post_init__(self) -> None:
        if operator.index(self.min_count) < 0:
            raise ValueError(f"min_count={shown(self.min_count)}: give an integer of at least 0")
        check_limit("max_final_vocab", self.max_final_vocab)
        check_rule(self.trim_rule)
        check_unk_token(self.unk_token)
        if self.unk_token is not None and self.max_final_vocab == 1:
            raise ValueError(
                f"max_final_vocab=1 with unk_token={shown(self.unk_token)}: give at least 2, "
                "because the token takes one row"
            )

    @property
    def needs_words(self) -> bool:
        """Whether the selection depends on the words themselves and not only on their counts."""
        return self.trim_rule is not None or self.unk_token is not None

    @property
    def protected(self) -> Callable[[list[Any], Int64], Bool] | None:
        """A function (words, counts) that marks the words that a scan must keep, or None.

        A scan whose memory is bounded drops rare words before the selection is made.
        """
        if self.trim_rule is None:
            return None
        return lambda words, counts: self._verdicts(words, counts) == KEEP

    def candidates(
        self, counts: Int64, first: NDArray[Any], words: list[Any], among: Bool | None = None
    ) -> tuple[NDArray[np.intp], Bool]:
        """The words to retain before `max_final_vocab` is applied.

        Parameters
        ----------
        counts, first : ndarray of shape (n,)
            The count of each word, and a number that orders the words by first occurrence.
        words : list or None
            Needed only if `needs_words`.
        among : ndarray of shape (n,), bool, optional
            Select among these words.

        Returns
        -------
        ndarray of int, ndarray of bool
            The words by descending count and then by first occurrence, and whether the rule keeps
            each of them.
        """
        retained, by_rule = counts >= self.min_count, np.zeros(len(counts), dtype=bool)
        if self.trim_rule is not None:
            verdicts = self._verdicts(words, counts)
            by_rule = verdicts == KEEP
            retained = (retained & (verdicts != DISCARD)) | by_rule
        if self.unk_token is not None:
            retained &= np.fromiter((word != self.unk_token for word in words), bool, len(words))
        if among is not None:
            retained &= among
        found = np.flatnonzero(retained)
        found = found[np.lexsort((first[found], -counts[found]))]
        return found, by_rule[found]

    def rows(
        self, counts: Int64, first: NDArray[Any], words: list[Any], total: int
    ) -> tuple[NDArray[np.intp], Int64, int]:
        """(the word of each row, its count, the row of `unk_token` or -1).

        `total` is the number of words in the text. If `unk_token` has a row, the word of that row
        is len(counts).
        """
        candidates = self.candidates(counts, first, words)
        found = cut(*candidates, self.max_final_vocab)
        rest = total - int(counts[found].sum())
        if self.unk_token is None or not len(found):
            return found, counts[found], -1
        if not rest:
            self._warn_that_nothing_is_left_out()
            return found, counts[found], -1
        if len(found) == self.max_final_vocab:
            found = cut(*candidates, self.max_final_vocab - 1)
            rest = total - int(counts[found].sum())
        row = int(np.searchsorted(-counts[found], -rest, side="right"))
        return np.insert(found, row, len(counts)), np.insert(counts[found], row, rest), row

    def _warn_that_nothing_is_left_out(self) -> None:
        warn(
            f"unk_token={shown(self.unk_token)}: every word of the text is kept, so the token does "
            "not occur and is not added to the vocabulary: raise min_count, or give no unk_token"
        )

    def _verdicts(self, words: list[Any], counts: Int64) -> NDArray[np.int8]:
        """The answer of the rule to each word: int8 (n,)."""
        verdicts = (
            self._verdict(word, count) for word, count in zip(words, counts.tolist(), strict=True)
        )
        return np.fromiter(verdicts, np.int8, len(counts))

    def _verdict(self, word: Any, count: int) -> int:
        """The decision of `trim_rule` on a word, checked."""
        rule: Any = self.trim_rule
        answer = rule(word, count, self.min_count)
        try:
            if not isinstance(answer, (bool, np.bool_)):  # True equals 1, which means discard
                return _VERDICTS[answer]
        except (KeyError, TypeError):
            pass
        raise ValueError(
            f"trim_rule={shown(rule)} returned {shown(answer)} for {shown(word)}: let it return "
            "'keep', 'discard' or 'default' (or gensim's 2, 1 and 0)"
        )


def cut(words: NDArray[np.intp], by_rule: Bool, size: int | None) -> NDArray[np.intp]:
    """The first `size` words; words that the rule keeps are removed only after all others."""
    if size is None or len(words) <= size:
        return words
    return words[np.sort(np.argsort(~by_rule, kind="stable")[:size])]


def check_limit(name: str, limit: int | None) -> None:
    """Raise unless the limit is None or an integer of at least 1."""
    if limit is not None and operator.index(limit) < 1:
        raise ValueError(
            f"{name}={shown(limit)}: give an integer of at least 1, or None for no limit"
        )


def check_rule(rule: object) -> None:
    """Raise unless the trim rule is a function or None."""
    if rule is not None and not callable(rule):
        raise TypeError(
            f"trim_rule={shown(rule)} is {kind_of(rule)}: give a function of word, count "
            "and min_count that returns 'keep', 'discard' or 'default', or None"
        )


def check_unk_token(token: object) -> None:
    """Raise unless the token can be a word of a corpus, or is None."""
    try:
        hash(token)
    except TypeError:
        raise TypeError(
            f"unk_token={shown(token)} is {kind_of(token)}: give a word such as '<unk>', or None"
        ) from None
    if isinstance(token, (str, bytes)) and token.split() != [token]:
        raise ValueError(
            f"unk_token={shown(token)}: give a word without white space, such as '<unk>', or None"
        )
