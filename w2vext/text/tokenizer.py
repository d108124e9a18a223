"""Tokenizers: from raw text to words, by the rules of csrc/split or by a function of the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from w2vext._arguments.cached import cached_property
from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import kind_of, shown
from w2vext._arguments.sentences import is_missing, sentence_of, words_of
from w2vext.text._split import KINDS, Splitter, room
from w2vext.text._words import LONGEST, BadText, Run, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Literal

    from w2vext._arguments.types import Buffer, Int32

PART = LONGEST  # bytes that are split at a time
NAMES = tuple(KINDS)
SENTENCES = ("line", "document")


@dataclass(frozen=True)
class Tokenizer:
    """How raw text becomes words; `Word2Vec` documents the values.

    Attributes
    ----------
    kind : {"whitespace", "words", "characters"} or callable
    lowercase, strip_accents : bool
    sentences : {"line", "document"}
    """

    kind: str | Callable[[str], Iterable[Any]] = "whitespace"
    lowercase: bool = False
    strip_accents: bool = False
    sentences: Literal["line", "document"] = "line"

    @classmethod
    def of(cls, params: Any) -> Tokenizer:
        """The tokenizer of an estimator or of its parameters."""
        return cls(params.tokenizer, params.lowercase, params.strip_accents, params.sentences)

    @property
    def takes_text(self) -> bool:
        """Whether a document may be a str."""
        return self.kind != "whitespace"

    @property
    def is_default(self) -> bool:
        """Whether the words are those between white space, and lines are sentences."""
        return self == Tokenizer()

    def described(self) -> dict[str, Any]:
        """The rules for tokenizer.json, with regular expressions of words and accents.

        Raises
        ------
        ValueError
            The tokenizer is a function.
        """
        from w2vext.text import patterns

        if callable(self.kind):
            raise ValueError(
                f"tokenizer={shown(self.kind)} is a function, which tokenizer.json cannot hold: "
                "set wv.tokenizer to None to write a tokenizer that splits at white space"
            )
        return {
            "tokenizer": self.kind,
            "lowercase": self.lowercase,
            "strip_accents": self.strip_accents,
            "words": patterns.words_pattern(self.kind),
            "accents": patterns.accents_pattern() if self.strip_accents else None,
        }

    def splitter(self, documents: bool = False) -> Splitter:
        """The splitter of csrc/split; NUL bytes end documents, or are errors."""
        return Splitter(
            str(self.kind),
            lowercase=self.lowercase,
            strip_accents=self.strip_accents,
            lines=self.sentences == "line",
            documents=documents,
        )

    @cached_property
    def _splitter(self) -> Splitter:
        return self.splitter()

    def words(self, text: bytes) -> list[Any]:
        """The words of a text in UTF-8; raises BadText if a built-in tokenizer cannot read it."""
        if callable(self.kind):
            return _words_by(self.kind, text.decode())
        return self._splitter.words(text)

    def words_of(self, text: str, where: str) -> list[Any]:
        """The words of a document; errors name it `where`."""
        if callable(self.kind):
            return _words_by(self.kind, text)
        try:
            return self._splitter.words(text.encode())
        except (BadText, UnicodeEncodeError):
            raise _unusable(text, where) from None

    def sentences_of(self, text: str) -> Iterator[list[Any]]:
        """The words of each sentence of a document, by a function of the user."""
        for part in text.split("\n") if self.sentences == "line" else [text]:
            yield _words_by(self.kind, part)


def check(kind: Any, lowercase: Any, strip_accents: Any, sentences: Any) -> None:
    """Raise for the first of these parameters that is not valid."""
    wanted = "'whitespace', 'words', 'characters' or a function from a str to its words"
    if not callable(kind):
        if not isinstance(kind, str):
            raise TypeError(f"tokenizer={shown(kind)} is {kind_of(kind)}: give {wanted}")
        if kind not in NAMES:
            raise ValueError(f"tokenizer={shown(kind)} is unknown: give {wanted}")
    check_flags(lowercase=lowercase, strip_accents=strip_accents)
    for name, value in (("lowercase", lowercase), ("strip_accents", strip_accents)):
        if value and callable(kind):
            raise ValueError(f"{name}=True with a function as tokenizer: let the function do it")
    if not isinstance(sentences, str):
        raise TypeError(
            f"sentences={shown(sentences)} is {kind_of(sentences)}: give 'line' or 'document'"
        )
    if sentences not in SENTENCES:
        raise ValueError(f"sentences={shown(sentences)} is unknown: give 'line' or 'document'")


def text_of(document: Any, number: int) -> str:
    """A document of a corpus whose first document is a str; raises TypeError for others."""
    if isinstance(document, str):
        return document
    if hasattr(document, "as_py"):  # a scalar of pyarrow
        return text_of(document.as_py(), number)
    if is_missing(document):
        raise TypeError(
            f"document {number} is {shown(document)}, a missing value: leave it out, or put '' in "
            "its place"
        )
    raise TypeError(
        f"document {number} is {kind_of(document)}, and the first is a str: give strings only, or "
        "token lists only"
    )


def unusable(text: str, number: int) -> ValueError:
    """The error of document `number`, a str that is not text."""
    return _unusable(text, f"document {number}")


def _unusable(text: str, where: str) -> ValueError:
    """The error of a str that is not text."""
    if "\0" in text:
        what, at, old = "the character NUL", text.index("\0"), "\\0"
        remedy = f"remove it, for example with text.replace('{old}', ' ')"
    else:
        at = next(i for i, character in enumerate(text) if "\ud800" <= character <= "\udfff")
        what, remedy = "half of a surrogate pair", "decode the text with errors='replace'"
    return ValueError(f"{where} has {what} at index {at}: {remedy}")


def _words_by(function: Any, text: str) -> list[Any]:
    """The words that a function of the user finds in a text, checked."""
    found = function(text)
    if isinstance(found, (str, bytes)) or found is None:
        raise TypeError(
            f"tokenizer={shown(function)} returned {kind_of(found)}, {shown(found)}, for "
            f"{shown(text)}: let it return a list of words"
        )
    where = f"what tokenizer={shown(function)} returned for {shown(text)}"
    words = sentence_of(found, where)
    return words_of(words.tolist() if hasattr(words, "tolist") else list(words), where)


class SplitRun:
    """Splits one text into words and feeds them to `Words`: the counterpart of `Run` for raw text.

    The text is cut at boundaries of the splitter. What follows the last one is carried over to the
    next block. The first occurrence of a word is ordered by twice the index of its part, because
    splitting at most doubles the number of bytes.
    """

    def __init__(self, splitter: Splitter) -> None:
        self.splitter = splitter
        self._run = Run()
        self._carry = b""
        self._searched = 0  # bytes of it that the boundary after it is not among
        self._out = bytearray(room(PART))
        self._view = memoryview(self._out)
        self._at = self._end = 0  # the part of the output that is not yet counted
        self._base = 0

    @property
    def carried(self) -> int:
        """The length in bytes of the text that waits for the next block."""
        return len(self._carry)

    @property
    def pending(self) -> bool:
        """Whether words have been split but not counted."""
        return self._at < self._end

    def feed(
        self,
        words: Words,
        data: Buffer,
        at: int,
        end: int,
        *,
        base: int,
        more: bool,
        limit: int,
        ids: Int32,
        ends: Int32,
        n: int = 0,
        n_ends: int = 0,
    ) -> tuple[int, int, int]:
        """As `Run.feed`; call it again while `pending`."""
        if not self.pending:
            at = self._split_next(data, at, end, base, more)
        if not self.pending:
            return at, n, n_ends
        self._at, n, n_ends = self._run.feed(
            words, self._view[: self._end], self._at, self._end,
            base=self._base, more=False, limit=limit, ids=ids, ends=ends, n=n, n_ends=n_ends,
        )  # fmt: skip
        return at, n, n_ends

    def _split_next(self, data: Buffer, at: int, end: int, base: int, more: bool) -> int:
        """Split the next part of data[at:end]; returns its end."""
        if self._carry:
            return self._finish_carried(data, at, end, base, more)
        stop = min(at + PART, end)
        if stop < end:
            cut = self.splitter.boundary_before(data, at, stop)
            stop = cut if cut > at else self.splitter.boundary(data, at + 1)
            if stop - at > max(PART, LONGEST):
                raise BadText(at, "long")
        if stop == end and more:
            stop = self.splitter.boundary_before(data, at, end)
            self._carry = bytes(data[stop:end])
            self._searched = len(self._carry)
        self._split(data, at, stop, base, 0)
        return stop + len(self._carry)

    def _finish_carried(self, data: Buffer, at: int, end: int, base: int, more: bool) -> int:
        """Split the text that was carried over, and what belongs to it in the next block.

        If no part of data[at:end] follows, as in the tail of a piece, the first boundary counts
        even if its character began in an earlier block: there the next piece begins.
        """
        before = len(self._carry)
        if end > at:
            self._searched = before
        whole = self._carry + bytes(data[at : at + LONGEST + 4])
        stop = self.splitter.boundary(whole, self._searched)
        if stop - before > LONGEST or before > LONGEST:
            raise BadText(at - before, "long")
        if stop == len(whole) and more:
            self._carry = whole
            self._searched = max(self._searched, len(whole) - _incomplete(whole))
            return at + len(whole) - before
        self._carry = b""
        try:
            self._split(whole, 0, stop, base, at - before)
        except BadText as error:
            raise BadText(error.at + at - before, error.kind) from None
        return max(at + stop - before, at)

    def _split(self, data: Buffer, at: int, end: int, base: int, shift: int) -> None:
        if room(end - at) > len(self._out):
            self._out = bytearray(room(end - at))
            self._view = memoryview(self._out)
        self._base = 2 * max(base + at + shift, 0)
        self._at, self._end = 0, self.splitter.split(data, at, end, self._out)


def _incomplete(data: bytes) -> int:
    """The number of bytes of an incomplete character at the end of data."""
    for length, byte in enumerate(reversed(data[-3:]), 1):
        if byte >= 0xC0:
            return length if length < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) else 0
        if byte < 0x80:
            return 0
    return 0
