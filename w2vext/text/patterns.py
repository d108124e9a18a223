"""The built-in tokenizers as regular expressions, for tokenizer.json of Hugging Face's tokenizers.

The classes of characters are those of csrc/split, so the words are the same, too. The syntax is
Oniguruma's.
"""

from __future__ import annotations

import re

from w2vext._arguments.sentences import BETWEEN_WHITESPACE
from w2vext.text._split import classes, is_accent

QUOTE, DOUBLE = b"'", b'"'  # the classes of these joiners, as csrc/split.h writes them


def words_pattern(kind: str) -> str:
    """A regular expression that matches the words of a text.

    Parameters
    ----------
    kind : {"whitespace", "words", "characters"}
    """
    if kind == "whitespace":
        return BETWEEN_WHITESPACE
    codes = classes()
    marks = f"{_one_of(codes, b'M')}*"
    if kind == "characters":
        return f"{_none_of(codes, b'sM')}{marks}"
    # UAX #29: WB4 attaches marks to the character before them.
    letter, digit = _one_of(codes, b"LH"), _one_of(codes, b"D")
    hebrew, katakana = _one_of(codes, b"H"), _one_of(codes, b"K")
    low = f"(?:{_one_of(codes, b'_')}{marks})"
    either = _one_of(codes, b"LHD")
    # WB6, WB7, WB11, WB12, WB7b and WB7c; what joins is followed by what it joins.
    part = (
        f"(?:{letter}{marks}{_one_of(codes, b':.' + QUOTE)}{marks}(?={letter})"
        f"|{digit}{marks}{_one_of(codes, b',.' + QUOTE)}{marks}(?={digit})"
        f"|{hebrew}{marks}{_one_of(codes, DOUBLE)}{marks}(?={hebrew})"
        f"|{either}{marks})"
    )
    run = f"(?:{part}+|(?:{katakana}{marks})+)"  # WB5, WB8 to WB10, WB13
    word = f"{low}*{run}(?:{low}+{run}?)*"  # WB13a, WB13b
    # WB7a; the letter may have at most two marks, because lengths before a place are fixed.
    mark = _one_of(codes, b"M")
    before = "|".join(hebrew + mark * count for count in range(3))
    tail = f"(?:(?<={before}){_one_of(codes, QUOTE)}{marks})?"
    return f"{word}{tail}|{_one_of(codes, b'A')}{marks}"


def accents_pattern() -> str:
    """A regular expression that matches the combining marks that `strip_accents` removes."""
    accents = bytearray(0x110000)
    for mark in re.finditer(b"M", classes()):
        accents[mark.start()] = is_accent(mark.start())
    return _one_of(bytes(accents), b"\x01")


def _one_of(codes: bytes, wanted: bytes) -> str:
    """A bracket expression of the characters of these classes."""
    return f"[{_ranges(codes, wanted)}]"


def _none_of(codes: bytes, unwanted: bytes) -> str:
    return f"[^{_ranges(codes, unwanted)}]"


def _ranges(codes: bytes, wanted: bytes) -> str:
    found = []
    for run in re.finditer(b"[%s]+" % re.escape(wanted), codes):
        first, last = run.start(), run.end() - 1
        found += [(first, min(last, 0xD7FF)), (max(first, 0xE000), last)]  # without surrogates
    return "".join(
        _code(first) if first == last else f"{_code(first)}-{_code(last)}"
        for first, last in found
        if first <= last
    )


def _code(code: int) -> str:
    return f"\\x{{{code:X}}}"
