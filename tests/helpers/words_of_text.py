"""A plain, slow reference of the tokenizers, which applies the rules of UAX #29 pair by pair."""

import importlib.util
from pathlib import Path

_PATH = Path(__file__).resolve().parent.parent.parent / "csrc" / "make_unicode.py"
_SPEC = importlib.util.spec_from_file_location("make_unicode", _PATH)
unicode = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(unicode)

LETTERS = ("LETTER", "HEBREW")
IN_WORDS = (*LETTERS, "DIGIT", "KATAKANA", "ALONE")
JOIN_LETTERS = ("MID_LETTER", "MID", "QUOTE")
JOIN_DIGITS = ("MID_NUMBER", "MID", "QUOTE")
ASCII_BLANKS = " \t\n\r\v\f"


def normalized(text, lowercase, strip_accents):
    """The replacement of each character of a text."""
    parts = list(text)
    if lowercase:
        lower, at = text.lower(), 0
        for i, character in enumerate(text):
            length = len(character.lower())
            parts[i], at = lower[at : at + length], at + length
    if strip_accents:
        parts = ["".join(map(unicode.stripped, part)) for part in parts]
    return parts


def clusters(text):
    """(start, end, class) of each character with its marks (rule WB4)."""
    found = []
    for i, character in enumerate(text):
        kind = unicode.class_of(character)
        if kind == "MARK" and found and found[-1][2] != "SPACE":
            found[-1][1] = i + 1
        else:
            found.append([i, i + 1, kind])
    return found


def is_joined(kinds, i):
    """Whether the rules keep the clusters i and i + 1 together."""
    left, right = kinds[i], kinds[i + 1]
    before = kinds[i - 1] if i else None
    after = kinds[i + 2] if i + 2 < len(kinds) else None
    alphanumeric = (*LETTERS, "DIGIT")
    return (
        (left in alphanumeric and right in alphanumeric)  # WB5, WB8 to WB10
        or (left in LETTERS and right in JOIN_LETTERS and after in LETTERS)  # WB6
        or (before in LETTERS and left in JOIN_LETTERS and right in LETTERS)  # WB7
        or (left == "HEBREW" and right == "QUOTE")  # WB7a
        or (left == "HEBREW" and right == "DOUBLE_QUOTE" and after == "HEBREW")  # WB7b
        or (before == "HEBREW" and left == "DOUBLE_QUOTE" and right == "HEBREW")  # WB7c
        or (before == "DIGIT" and left in JOIN_DIGITS and right == "DIGIT")  # WB11
        or (left == "DIGIT" and right in JOIN_DIGITS and after == "DIGIT")  # WB12
        or (left == right == "KATAKANA")  # WB13
        or (left in (*alphanumeric, "KATAKANA", "CONNECTOR") and right == "CONNECTOR")  # WB13a
        or (left == "CONNECTOR" and right in (*alphanumeric, "KATAKANA"))  # WB13b
    )


def segments(text):
    """(start, end, classes) of each segment of a text between word boundaries."""
    found = clusters(text)
    kinds = [kind for _, _, kind in found]
    start = 0
    for i in range(len(found)):
        if i + 1 == len(found) or not is_joined(kinds, i):
            yield found[start][0], found[i][1], kinds[start : i + 1]
            start = i + 1


def spans(text, kind):
    """(start, end) of each word of a text."""
    if kind == "words":
        for start, end, kinds in segments(text):
            if any(each in IN_WORDS for each in kinds):
                yield start, end
    elif kind == "characters":
        for start, end, each in clusters(text):
            if each not in ("SPACE", "MARK"):
                yield start, end
    else:
        start = None
        for i, character in enumerate(text + " "):
            if character in ASCII_BLANKS:
                if start is not None:
                    yield start, i
                start = None
            elif start is None:
                start = i


def words(text, kind="words", lowercase=False, strip_accents=False):
    """The words of a text, as a list of str."""
    parts = normalized(text, lowercase, strip_accents)
    found = ("".join(parts[start:end]) for start, end in spans(text, kind))
    return [word for word in found if word]


def sentences(text, kind="words", lowercase=False, strip_accents=False, lines=True):
    """The words of each sentence with words."""
    parts = text.split("\n") if lines else [text]
    found = [words(part, kind, lowercase, strip_accents) for part in parts]
    return [sentence for sentence in found if sentence]
