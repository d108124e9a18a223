"""Writes unicode_tables.h: the properties of characters that the tokenizer needs.

    python3.11 csrc/make_unicode.py > csrc/unicode_tables.h

Everything is computed from Python's unicodedata module and from str.lower; no file of the Unicode
Character Database is copied. The version of Python determines that of Unicode: 3.11 has 14.0.0.
The tests compare the tables with the Python that runs them, and the classes with the Word_Break
property as the package regex knows it.
"""

import sys
import unicodedata

SHIFT = 7  # a block has 2**SHIFT code points
HEAD = """\
/* Properties of characters, of Unicode {version}. Do not edit. Written by
 * python{python} csrc/make_unicode.py > csrc/unicode_tables.h
 */
#ifndef W2V_UNICODE_TABLES_H
#define W2V_UNICODE_TABLES_H

#include <stdint.h>

enum {{ W2V_CHAR_SHIFT = {shift} }};

"""
# The classes of characters, after the Word_Break property of Unicode Standard Annex #29.
CLASSES = (
    "OTHER",  # not part of a word
    "SPACE",  # white space and control characters
    "LETTER",
    "HEBREW",
    "DIGIT",
    "KATAKANA",
    "CONNECTOR",  # such as the underscore
    "ALONE",  # of scripts written without spaces: each is a word
    "MARK",  # combining marks and format characters, which belong to the character before
    "MID_LETTER",  # joins letters
    "MID_NUMBER",  # joins digits
    "MID",  # joins letters, and joins digits
    "QUOTE",  # the same, and may follow a Hebrew letter
    "DOUBLE_QUOTE",  # joins Hebrew letters
)
CLASS = {name: number for number, name in enumerate(CLASSES)}
FLAGS = {"ACCENT": 1, "CASED": 2, "IGNORABLE": 4}

# The colon is left out, as in the locales of CLDR except Swedish.
MID = {
    "MID_LETTER": "\xb7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a",
    "MID_NUMBER": ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe50\ufe54\uff0c\uff1b",
    "MID": ".\u2018\u2019\u2024\ufe52\uff07\uff0e",
    "QUOTE": "'",
    "DOUBLE_QUOTE": '"',
}
JOINERS = {character: name for name, characters in MID.items() for character in characters}
# The beginnings of the names of letters in scripts that are written without spaces.
ALONE = (
    "CJK ", "HANGZHOU ", "HENTAIGANA ", "HIRAGANA ", "IDEOGRAPHIC ", "TANGUT ", "NUSHU ",
    "KHITAN ", "THAI ", "LAO ", "KHMER ", "MYANMAR ", "TAI LE ", "NEW TAI LUE ", "TAI THAM ",
    "TAI VIET ", "AHOM ",
)  # fmt: skip
KATAKANA = ("KATAKANA ", "KATAKANA-HIRAGANA ", "HALFWIDTH KATAKANA", "VERTICAL KANA ")
# Letters that are attached to the character before them like marks.
ATTACHED = "\uff9e\uff9f"
# Combining classes of accents: overlays, points of Hebrew, Arabic and Syriac, marks above and below
# a letter. The others are parts of letters in the scripts of India, Japan and Tibet.
ACCENTS = {1, *range(10, 37), *range(200, 241)}


def class_of(character):
    """The name of the class of a character."""
    category = unicodedata.category(character)
    if character in JOINERS:
        return JOINERS[character]
    if category[0] == "Z" or category == "Cc":
        return "SPACE"
    if category[0] == "M" or character in ATTACHED:
        return "MARK"
    if category == "Cf":
        return "OTHER" if character == "\u200b" else "MARK"
    if category == "Nd":
        return "DIGIT"
    if category == "Pc":
        return "CONNECTOR"
    if category[0] != "L" and category != "Nl":
        return "OTHER"
    name = unicodedata.name(character, "")
    if name.startswith(KATAKANA):
        return "KATAKANA"
    # Versions of Python before 3.12 do not name the ideographs of Tangut.
    if name.startswith(ALONE) or (not name and category == "Lo"):
        return "ALONE"
    return "HEBREW" if name.startswith("HEBREW ") and category == "Lo" else "LETTER"


def is_accent(character):
    """Whether a combining mark is one that strip_accents removes."""
    return unicodedata.combining(character) in ACCENTS


def stripped(character):
    """The character without its accents, or "" for an accent."""
    whole = unicodedata.normalize("NFD", character)
    if not any(map(is_accent, whole)):
        return character
    return unicodedata.normalize("NFC", "".join(c for c in whole if not is_accent(c)))


def flags_of(character):
    """The flags of a character, read off the rule by which str.lower treats a final sigma."""
    ignorable = ("A\u03a3" + character + "A").lower()[1] == "\u03c3"
    cased = ("A\u03a3" + character).lower()[1] == "\u03c3"
    flags = FLAGS["ACCENT"] * is_accent(character)
    return flags + FLAGS["CASED"] * cased + FLAGS["IGNORABLE"] * (ignorable and not cased)


def lower(character):
    """The code point of the lower-case character; that of U+0130 is its first."""
    return ord(character.lower()[0])


def properties(code):
    """(class, flags, lower-case code point minus the code point)."""
    character = chr(code)
    return CLASS[class_of(character)], flags_of(character), lower(character) - code


def two_levels(values, shift):
    """(the block of each range of 2**shift values, the distinct blocks)."""
    size = 1 << shift
    blocks, index = [], {}
    for at in range(0, len(values), size):
        block = tuple(values[at : at + size])
        blocks.append(index.setdefault(block, len(index)))
    return blocks, list(index)


def numbers(values):
    """The numbers of an array, on lines of at most 100 characters."""
    line, lines = "   ", []
    for value in values:
        if len(line) + len(f" {value},") > 100:
            lines.append(line)
            line = "   "
        line += f" {value},"
    return "\n".join([*lines, line])


def array(kind, name, values, comment):
    return (
        f"/* {comment} */\nstatic const {kind} {name}[{len(values)}] = {{\n{numbers(values)}\n}};\n"
    )


def main():
    codes = range(sys.maxunicode + 1)
    found = [properties(code) for code in codes]
    records = sorted(set(found))
    number = {record: i for i, record in enumerate(records)}
    blocks, properties_of = two_levels([number[record] for record in found], SHIFT)
    base = [ord(stripped(chr(code)) or "\0") for code in codes]
    base = [0 if target == code else target for code, target in zip(codes, base, strict=True)]
    base_blocks, bases = two_levels(base, SHIFT)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    print(HEAD.format(version=unicodedata.unidata_version, python=python, shift=SHIFT), end="")
    print("enum {")
    for i, name in enumerate(CLASSES):
        print(f"    W2V_CHAR_{name}{'' if i else ' = 0'},")
    print("    W2V_CHAR_CLASSES")
    print("};\n")
    print(
        "enum {",
        ", ".join(f"W2V_CHAR_{name} = {flag << 4}" for name, flag in FLAGS.items()),
        "};\n",
    )
    packed = [(delta << 8) + (flags << 4) + kind for kind, flags, delta in records]
    for kind, name, values, comment in (
        ("int32_t", "records", packed, "256 * (lower case - code point) + flags + class"),
        ("uint8_t", "blocks", blocks, "the block of properties of each range of code points"),
        (
            "uint8_t",
            "properties",
            [v for block in properties_of for v in block],
            "blocks of records",
        ),
        ("uint8_t", "base_blocks", base_blocks, "the block of bases of each range of code points"),
        (
            "uint32_t",
            "bases",
            [v for block in bases for v in block],
            "characters without accents, or 0",
        ),
    ):
        print(array(kind, f"w2v_char_{name}", values, comment))
    print("#endif")


if __name__ == "__main__":
    main()
