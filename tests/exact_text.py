"""The text that tests/golden/exact-* were made of, and the command lines that made them.

`python tests/exact_text.py PROGRAM` makes them anew; PROGRAM is PyPI's word2vec 0.11.1, its
word2vec.c compiled with `gcc -lm -pthread -O2` (12.2, x86-64, glibc 2.36).
"""

import subprocess
import sys
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
COMMON = "-size 9 -window 4 -threads 1 -iter 2 -min-count 4 -sample 1e-2 -debug 0".split()
RUNS = {
    "skipgram-ns": "-cbow 0 -hs 0 -negative 5 -binary 1",
    "skipgram-hs": "-cbow 0 -hs 1 -negative 0 -binary 1",
    "cbow-ns": "-cbow 1 -hs 0 -negative 9 -binary 1",
    "cbow-hs": "-cbow 1 -hs 1 -negative 0 -binary 1",
    "both": "-cbow 0 -hs 1 -negative 5 -binary 1 -alpha 0.3",
    "text": "-cbow 1 -hs 0 -negative 5 -sample 0",
    "classes": "-cbow 1 -hs 0 -negative 5 -classes 7",
}


def text():
    """25,000 words, most of them of 400 kinds, with everything that word2vec.c treats its own way."""
    state, words = 1, []

    def draw(n):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % n

    blanks = [b" "] * 30 + [b"\n"] * 2 + [b"\r\n", b"\n\n", b"\t", b"  ", b" \n ", b"\r", b"\r \n"]
    for i in range(25_000):
        word = b"w%d" % (draw(1 + draw(1 + draw(400))))
        kind = draw(400)
        if kind == 0:
            word = b"long" * 24 + word * 2  # cut at 98 bytes, some inside what tells them apart
        elif kind == 1:
            word = "größe-ü".encode() + word[-1:]
        elif kind == 2:
            word = b"</s>"
        elif kind == 3:
            word = word[:1] + b"\r" + word[1:]
        words.append(word)
        inside = 6_000 < i < 8_500  # a line of more than 1,000 words
        words.append(b" " if inside else blanks[draw(len(blanks))])
    return b"".join(words) + b"\nthis line has no end and w0 w1 w2 w0"


def make(program):
    source = Path("exact-text.txt").resolve()
    source.write_bytes(text())
    for name, flags in RUNS.items():
        more = ["-save-vocab", str(GOLDEN / "exact-vocab")] if name == "text" else []
        output = ["-train", str(source), "-output", str(GOLDEN / f"exact-{name}")]
        subprocess.run([program, *output, *flags.split(), *COMMON, *more], check=True)
    source.unlink()


if __name__ == "__main__":
    make(sys.argv[1])
