"""A tour of the `w2vext` command: train, query, evaluate, plot, explore, convert.

The script trains on a text, evaluates the vectors, draws three pictures and writes the explorer
page. It then converts the vectors to every file format and back, which must not change a bit. Each
command is printed with its output. Needs extras: pip install '.[plot,pages,parquet]'.

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
    """Print and run a command; exit if it fails."""
    print(f"\n$ w2vext {shlex.join(map(str, words))}", flush=True)
    start = time.perf_counter()
    command = [sys.executable, "-m", "w2vext", *map(str, words)]
    subprocess.run(command, check=True, stderr=subprocess.STDOUT)
    print(f"({time.perf_counter() - start:.1f} s)", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, help="a text, plain or compressed")
    parser.add_argument("eval", type=Path, help="folder of questions-words.txt and wordsim353.txt")
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
            converted, back = folder / f"converted{suffix}", folder / "back.txt"
            w2vext("convert", vectors, converted)
            w2vext("convert", converted, back)
            same = back.read_bytes() == vectors.read_bytes()
            print(f"{suffix} and back: {'identical' if same else 'DIFFERENT'}")
            if not same:
                sys.exit(1)
    print(f"\n{len(FORMATS)} formats, all identical")


if __name__ == "__main__":
    main()
