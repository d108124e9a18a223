"""Find figures on a page that look measured but were not generated from stored results."""

import re

GENERATED = re.compile(r"(?<!`)<!-- (table|figure) \S+ -->.*?<!-- end -->", re.DOTALL)
FENCE = re.compile(r"^( *)```.*?^\1```[ ]*$", re.DOTALL | re.MULTILINE)
NOT_PROSE = re.compile(r"`[^`\n]*`|\]\([^)\n]*\)|<!--.*?-->", re.DOTALL)
AMOUNT = r"(?<![\w.,])\d(?:[\d,.]*\d)?(?:(?: to | and |–)\d(?:[\d,.]*\d)?)?"
UNIT = (
    r"(?:[kM] |thousand |million )?words(?:/s| a second| per second)|[kMG]B(?:/s)?|[KMG]iB|GFLOP/s"
    r"|M rows/s|ns|µs|ms|s|seconds?|minutes?|hours?|%|percent|points?"
)
COUNT = r"(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|twenty|fifty) times"
PART = r"(?:half|twice|double|thirds?|quarters?|fifth|sixth|seventh|eighth|tenth)"
PATTERNS = [
    re.compile(rf"{AMOUNT} ?×(?! ?(?:\d|\w\b))"),  # 20.7×, but not 200,000 × 100
    re.compile(rf"{AMOUNT}[ -]?(?:{UNIT})(?![\w/])"),
    re.compile(
        rf"{COUNT} (?:as (?:fast|slow|long|many|much)|faster|slower|smaller|the (?:speed|time))\b"
    ),
    re.compile(rf"{PART} (?:as (?:fast|slow|long)|(?:of )?(?:the|its) (?:speed|time|memory))"),
    re.compile(r"± ?\d[\d.]*"),
    # A number with a decimal point in a line about scores.
    re.compile(
        r"(?:analogies|WordSim|SimLex|relatedness|likeness)[^|]*?(?<![\w.])\d+\.\d+(?![\w.])"
    ),
]
CELL = re.compile(r"(?<=\|) *-?(?:\d{1,3}(?:,\d{3})+|\d*\.\d+)(?: \([^|]*\))? *(?=\|)")


def blanked(text, pattern):
    """The text with all matches of a pattern replaced by spaces; line numbers do not change."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def unsourced(text):
    """(line number, figure, line) of each figure outside generated parts and code."""
    rest = text
    for pattern in (GENERATED, FENCE, NOT_PROSE):
        rest = blanked(rest, pattern)
    lines = text.splitlines()
    found = []
    for number, line in enumerate(rest.splitlines(), 1):
        for pattern in (*PATTERNS, CELL):
            for match in pattern.finditer(line):
                found.append((number, match[0].strip(), lines[number - 1]))
    return found
