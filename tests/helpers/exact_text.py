"""The text and the command lines from which the original programs wrote tests/golden/exact-*.

`python tests/helpers/exact_text.py FOLDER` writes them again with the programs in FOLDER: the C
sources of PyPI's word2vec 0.11.1, each compiled with `gcc NAME.c -o NAME -lm -pthread -O2` (gcc
12.2, x86-64, glibc 2.36).
"""

import platform
import subprocess
import sys
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
# Other platforms round pow and exp differently, so the bits differ.
SAME_BITS = sys.platform == "linux" and platform.machine() == "x86_64"
COMMON = "-size 9 -window 4 -threads 1 -iter 2 -min-count 4 -sample 1e-2 -debug 0".split()
RUNS = {
    "skipgram-ns": "-cbow 0 -hs 0 -negative 5 -binary 1",
    "skipgram-hs": "-cbow 0 -hs 1 -negative 0 -binary 1",
    "cbow-ns": "-cbow 1 -hs 0 -negative 9 -binary 1",
    "cbow-hs": "-cbow 1 -hs 1 -negative 0 -binary 1",
    "both": "-cbow 0 -hs 1 -negative 5 -binary 1 -alpha 0.3",
    "text": "-cbow 1 -hs 0 -negative 5 -sample 0",
    "classes": "-cbow 1 -hs 0 -negative 5 -classes 13",
}


def text():
    """25,000 words, most of them from a set of 400, and all special cases of word2vec.c."""
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
            word = b"long" * 24 + word * 2  # cut at 98 bytes, sometimes before the words differ
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


QUERIES = {
    "distance": b"w3\nw7 w1\nnowhere\nw2 nowhere w3\n</s>\nEXIT\n",
    "word-analogy": b"w1 w2 w3\nw5 w6\nw1 nowhere w2\n</s> w1 w2\nw9 w8 w7 w6\nEXIT\n",
    "compute-accuracy": (
        b": first\nw1 w2 w3 w4\nW5 w6 w7 w8\n: unknown\nw1 w2 w3 nowhere\n: many\n"
        + b"".join(b"w%d W3 w%d w%d\n" % (i % 9, i % 7, i // 9) for i in range(900))
        + b": none\n: five\nw1 w5 w1 w2\n: grammar\n"
        + b"".join(b"w1 w%d w5 w%d\n" % (i % 9, i // 9) for i in range(900))
    ),
}
MODEL = "-size 9 -min-count 20 -cbow 0 -threads 1 -iter 5 -debug 0 -binary 1"
PHRASES = "-min-count 2 -threshold 15 -debug 0"


def phrase_text():
    """A shorter text, without a newline after its last word."""
    return text()[:40_000]


def make(folder):
    folder, source = Path(folder).resolve(), Path("exact-text.txt").resolve()

    def run(program, *args, **kwargs):
        subprocess.run([folder / program, *args], check=True, **kwargs)

    source.write_bytes(text())
    train = ["word2vec", "-train", source, "-output"]
    for name, flags in RUNS.items():
        more = ["-save-vocab", GOLDEN / "exact-vocab"] if name == "text" else []
        run(*train, GOLDEN / f"exact-{name}", *flags.split(), *COMMON, *more)
    run(*train, GOLDEN / "exact-model", *MODEL.split())
    for name, questions in QUERIES.items():
        with open(GOLDEN / f"exact-{name}", "wb") as output:
            run(name, GOLDEN / "exact-model", input=questions, stdout=output)
    source.write_bytes(phrase_text())
    phrases = ["-output", GOLDEN / "exact-phrases", *PHRASES.split()]
    run("word2phrase", "-train", source, *phrases)
    source.unlink()


if __name__ == "__main__":
    make(sys.argv[1])
