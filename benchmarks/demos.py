"""The original suite's four demo scripts, run by the original and by `w2vext `, side by side.

    python benchmarks/demos.py wiki.txt --programs bin/ --eval eval/ --words 5000000

`bin/` holds the originals, under their own names or PyPI's (word2vec-distance …). Each command line
is that of the script, after "w2vext " in the second run; a line that two scripts share is run once.
The scripts wait at a prompt: here they are asked for a word. Shows the ends of what both print.
Takes the originals an hour of two cores for 5,000,000 words.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from itertools import zip_longest
from pathlib import Path

from texts import cut

TRAIN = "-cbow 1 -size 200 -window 8 -negative 25 -hs 0 -sample 1e-4 -threads 20"
VECTORS = f"word2vec -train text8 -output vectors.bin {TRAIN} -binary 1 -iter 15"
DEMOS = {
    "demo-word.sh": [VECTORS, "distance vectors.bin"],
    "demo-word-accuracy.sh": [VECTORS, "compute-accuracy vectors.bin 30000 < questions-words.txt"],
    "demo-classes.sh": [
        f"word2vec -train text8 -output classes.txt {TRAIN} -iter 15 -classes 500",
        "sort classes.txt -k 2 -n > classes.sorted.txt",
        "tail -n 4000 classes.sorted.txt | head -n 25",
    ],
    "demo-phrases.sh": [
        "word2phrase -train text8 -output text8-phrase0 -threshold 200 -debug 2",
        "word2phrase -train text8-phrase0 -output text8-phrase1 -threshold 100 -debug 2",
        "tr A-Z a-z < text8-phrase1 > text8-norm1-phrase1",
        "word2vec -train text8-norm1-phrase1 -output vectors-phrase.bin -cbow 1 -size 200 "
        "-window 10 -negative 25 -hs 0 -sample 1e-5 -threads 20 -binary 1 -iter 15",
        "distance vectors-phrase.bin",
    ],
}
QUESTIONS = "questions-words.txt"
PROGRAMS = {"word2vec", "word2phrase", "distance", "compute-accuracy"}
ASKED = {"distance vectors.bin": "france", "distance vectors-phrase.bin": "new_york"}


def find(folder, name):
    """The path of one of the originals."""
    for each in (name, f"word2vec-{name}"):
        if (folder / each).exists():
            return folder.resolve() / each
    sys.exit(f"{folder}: neither {name} nor word2vec-{name} is there")


def original(folder):
    """A function: the beginning of a command that runs one of the originals."""
    return lambda name: shlex.quote(str(find(folder, name)))


def ours(name):
    return f"{shlex.quote(sys.executable)} -m w2vext {name}"


def run(line, command, folder):
    """The lines that a command line prints, and the seconds it took, by clock and processors."""
    name, _, rest = line.partition(" ")
    shell = f"{command(name)} {rest}" if name in PROGRAMS else line
    asked = f"{ASKED[line]}\nEXIT\n" if line in ASKED else ""
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(
        ["sh", "-c", shell], cwd=folder, input=asked.encode(), stdout=subprocess.PIPE, check=False
    )
    after = os.times()
    spent = after.children_user - before.children_user
    if done.returncode not in (0, 1):  # the original's main returns what it likes
        sys.exit(f"{shell}: status {done.returncode}")
    lines = done.stdout.decode("utf-8", "replace").rstrip().split("\n")
    said = [line.rstrip("\r").rpartition("\r")[2] for line in lines]  # as a terminal shows it
    return said, time.perf_counter() - began, spent


def beside(left, right, lines, width=62):
    """The ends of two outputs in two columns."""
    tidy = [[" ".join(line.split())[:width] for line in side[-lines:]] for side in (left, right)]
    for one, other in zip_longest(*tidy, fillvalue=""):
        print(f"    {one:{width}} | {other}".rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--programs", type=Path, required=True, help="folder of the originals")
    parser.add_argument("--eval", type=Path, required=True, help="folder of questions-words.txt")
    parser.add_argument("--words", type=int, default=5_000_000)
    parser.add_argument("--lines", type=int, default=43, help="shown of each output")
    parser.add_argument("--only", nargs="+", choices=DEMOS, default=list(DEMOS))
    parser.add_argument("--work", type=Path, help="folder of the files; a temporary one by default")
    options = parser.parse_args()
    work = (options.work or Path(tempfile.mkdtemp())).resolve()
    text, _ = cut(options.text, work / "texts", options.words)
    sides = {"original": original(options.programs), "w2vext": ours}
    for side in sides:
        (work / side).mkdir(exist_ok=True)
        for name, target in [("text8", text), (QUESTIONS, options.eval / QUESTIONS)]:
            if not (work / side / name).exists():
                (work / side / name).symlink_to(Path(target).resolve())
    seen = {}
    for demo in options.only:
        print(f"== {demo}, first {options.words:,} words")
        for line in DEMOS[demo]:
            print(f"  $ {line}", flush=True)
            if line in seen:
                print(f"    as in {seen[line]}")
                continue
            seen[line] = demo
            said, took = {}, []
            for side, command in sides.items():
                said[side], wall, spent = run(line, command, work / side)
                took.append(f"{side} {wall:.0f} s ({spent:.0f} s of the processors)")
            beside(*said.values(), options.lines)
            print(f"    {'; '.join(took)}", flush=True)


if __name__ == "__main__":
    main()
