"""Everything after the training, by the `w2vext` command: measure, draw, explore, convert.

Trains on a text, evaluates, draws three pictures, writes the page that explores the vectors, and
takes them through every file format and back, where not a bit may be lost. Prints each command
and what it printed. Needs the extras: pip install 'w2vext[plot,pages,parquet]'.

    python tour.py text8.txt.xz eval/ -o results/
"""

import argparse
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FORMATS = (
    ".txt .txt.gz .txt.xz .bin .bin.gz .glove.txt .glove.txt.xz .vec .vec.gz .safetensors "
    ".parquet .arrow .npz .tsv .tsv.gz .model2vec"
).split()


def w2vext(*words):
    """Run a command and show it; an error of its ends the tour."""
    print(f"\n$ w2vext {shlex.join(map(str, words))}", flush=True)
    start = time.perf_counter()
    command = [sys.executable, "-m", "w2vext", *map(str, words)]
    subprocess.run(command, check=True, stderr=subprocess.STDOUT)
    print(f"({time.perf_counter() - start:.1f} s)", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, help="a text, plain or compressed")
    parser.add_argument("eval", type=Path, help="questions-words.txt and wordsim353.txt are here")
    parser.add_argument("-o", "--output", type=Path, help="keep the results in this folder")
    parser.add_argument("--words", nargs="+", default=["king", "france", "water", "two"])
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.output or Path(scratch)
        folder.mkdir(exist_ok=True)
        vectors, words = folder / "vectors.txt", options.words
        w2vext("train", options.text, "-o", vectors, "--epochs", options.epochs)
        w2vext("similar", vectors, *words, "-n", 5)
        tests = [options.eval / "questions-words.txt", options.eval / "wordsim353.txt"]
        w2vext("evaluate", vectors, *tests, "--restrict-vocab", 30_000)
        w2vext("plot", vectors, "-o", folder / "frequent.png")
        w2vext("plot", vectors, "-o", folder / "neighbors.png", "--neighbors", *words)
        w2vext("plot", vectors, "-o", folder / "similarities.png", "--similarities", *words)
        w2vext("explore", vectors, "-o", folder / "explore.html")
        for suffix in FORMATS:
            there, back = folder / f"there{suffix}", folder / "back.txt"
            w2vext("convert", vectors, there)
            w2vext("convert", there, back)
            same = back.read_bytes() == vectors.read_bytes()
            print(f"{suffix} and back: {'nothing lost' if same else 'NOT THE SAME'}")
            if not same:
                sys.exit(1)
    print(f"\n{len(FORMATS)} formats, nothing lost")


if __name__ == "__main__":
    main()
