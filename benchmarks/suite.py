"""word2phrase and compute-accuracy beside the originals: the same bytes, the same totals.

    python benchmarks/suite.py text.txt --programs bin/ --eval eval/ --words 2000000

`bin/` holds the originals, under their own names or PyPI's (word2vec-compute-accuracy). The text is
cut and gets a final newline; phrases are joined twice, thresholds 100 and 50; the vectors whose
analogies are counted are the original's own. Shows the seconds of the processor that each took.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from demos import find
from texts import cut

OURS = [sys.executable, "-m", "w2vext"]


def run(*command, **how):
    """What a command prints, and its seconds of the processor."""
    before = os.times()
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, **how)
    after = os.times()
    if done.returncode not in (0, 1):  # the originals' main returns what it likes
        sys.exit(f"{command[0]}: status {done.returncode}")
    return done.stdout, after.children_user - before.children_user


def phrases(text, folder, programs):
    sources = [text, text]
    for number, threshold in enumerate((100, 50), 1):
        outputs = [folder / f"theirs{number}", folder / f"ours{number}"]
        commands = [[find(programs, "word2phrase")], [*OURS, "word2phrase"]]
        took = [
            run(*command, "-train", source, "-output", output, "-threshold", threshold)[1]
            for command, source, output in zip(commands, sources, outputs, strict=True)
        ]
        sums = [hashlib.md5(path.read_bytes()).hexdigest() for path in outputs]
        same = "the same bytes" if sums[0] == sums[1] else "NOT the same"
        print(
            f"word2phrase, threshold {threshold:3}: {sums[0]} {sums[1]} {same}; "
            f"{took[0]:.1f} s, {took[1]:.1f} s",
            flush=True,
        )
        sources = outputs


def accuracy(text, folder, programs, questions):
    vectors = folder / "vectors.bin"
    how = "-cbow 0 -size 100 -binary 1 -threads 4 -iter 3 -debug 0".split()
    run(find(programs, "word2vec"), "-train", text, "-output", vectors, *how)
    for words in ("30000", "0"):
        said = []
        for command in ([find(programs, "compute-accuracy")], [*OURS, "compute-accuracy"]):
            with open(questions, "rb") as file:
                said.append(run(*command, vectors, words, stdin=file))
        (theirs, theirs_took), (ours, ours_took) = said
        same = "the same" if theirs == ours else "NOT the same"
        print(f"compute-accuracy, {words} words: {same}; {theirs_took:.1f} s, {ours_took:.1f} s")
        for line in theirs.decode().splitlines()[-2:]:
            print(f"    original  {line}")
        for line in ours.decode().splitlines()[-2:]:
            print(f"    w2vext    {line}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--programs", type=Path, required=True, help="folder of the originals")
    parser.add_argument("--eval", type=Path, required=True, help="folder of questions-words.txt")
    parser.add_argument("--words", type=int, default=2_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text, _ = cut(options.text, folder / "texts", options.words)
        with open(text, "ab") as file:
            file.write(b"\n")
        phrases(text, folder, options.programs)
        accuracy(text, folder, options.programs, options.eval / "questions-words.txt")


if __name__ == "__main__":
    main()
