"""Measure splitting raw text into words: CPU seconds, next to scikit-learn's analyzer.

    python benchmarks/tokenizer.py            # the docstrings of all installed packages
    python benchmarks/tokenizer.py raw.txt

w2vext splits, counts and encodes with one worker: from a file, and from a list with the lines of
the text as str. The analyzer of scikit-learn's `CountVectorizer` only splits; it is applied to each
line. The words of both are compared on the text without the characters that may join two parts of a
word for one of them only, and without words of one character.
"""

import ast
import re
import tempfile
from pathlib import Path

import numpy as np
import results as recording
import tables
from results import alternate, clocked
from sklearn.feature_extraction.text import CountVectorizer

from w2vext.text.corpus import open_corpus
from w2vext.text.tokenizer import Tokenizer
from w2vext.text.vocabulary import build

WORDS = Tokenizer("words", lowercase=True)
JOINERS = re.compile(r"[^\w\s]|_")


def docstrings(limit):
    """The docstrings of installed packages, up to a number of characters."""
    parts, size = [], 0
    for path in sorted(Path(np.__file__).parent.parent.rglob("*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (OSError, SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                text = ast.get_docstring(node) or ""
                if text and all(not "\ud800" <= c <= "\udfff" and c for c in text):
                    parts.append(text.replace("\0", " "))
                    size += len(text)
        if size >= limit:
            break
    return "\n".join(parts)


def encode(X):
    """Count and encode a corpus with one worker."""
    _, stream = build(open_corpus(X, WORDS), min_count=1, workers=1)
    stream.close()


def agreement(lines):
    """(the words of scikit-learn on the text without joiners, how many of them ours has)."""
    analyze = CountVectorizer().build_analyzer()
    theirs = equal = 0
    for line in lines:
        plain = JOINERS.sub(" ", line)
        found = [word for word in WORDS.words_of(plain, "line") if len(word) > 1]
        expected = analyze(plain)
        theirs += len(expected)
        equal += len(expected) if found == expected else len(set(found) & set(expected))
    return theirs, equal


def main():
    made = recording.parser(__doc__)
    made.add_argument("text", nargs="?", type=Path, help="raw text [docstrings]")
    made.add_argument("--megabytes", type=float, default=20, help="use only so much [20]")
    made.add_argument("--repeats", type=int, default=5)
    options = made.parse_args()
    limit = int(options.megabytes * 1e6)
    text = options.text.read_text(encoding="utf-8")[:limit] if options.text else docstrings(limit)
    lines = text.splitlines()
    size = len(text.encode())
    analyze = CountVectorizer().build_analyzer()
    stored = recording.Results(options)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "raw.txt")
        path.write_text(text, encoding="utf-8")
        calls = {
            ("file to ids", "w2vext"): lambda: encode(path),
            ("list of str to ids", "w2vext"): lambda: encode(lines),
            ("list of str to words", "scikit-learn"): lambda: [analyze(line) for line in lines],
        }
        timed = {key: (lambda call=call: clocked(call)[1]) for key, call in calls.items()}
        for _, (what, program), seconds in alternate(timed, options.repeats):
            speed = size / 1e6 / seconds
            stored.add(what=what, program=program, megabytes=size / 1e6, cpu_s=seconds, speed=speed)
    theirs, equal = agreement(lines)
    print(f"{equal:,} of scikit-learn's {theirs:,} words are ours too")
    tables.show(stored.content)


if __name__ == "__main__":
    main()
