"""`-exact 1` beside the original word2vec.c: the same bytes, and how long each takes.

    python benchmarks/exact.py text8-prefix.txt                  # builds PyPI's word2vec with -O2
    python benchmarks/exact.py text.txt --program bin/word2vec   # another build: cosines too

The text is copied with a final newline. Each member is trained for one epoch with one thread.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

MEMBERS = {
    "skip-gram ns": "-cbow 0 -hs 0 -negative 5",
    "skip-gram hs": "-cbow 0 -hs 1 -negative 0",
    "CBOW ns": "-cbow 1 -hs 0 -negative 5",
    "CBOW hs": "-cbow 1 -hs 1 -negative 0",
    "both at once": "-cbow 0 -hs 1 -negative 5",
}


def build(folder):
    """word2vec.c of PyPI's word2vec, compiled with -O2; its path."""
    get = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "word2vec==0.11.1"]
    version = {**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": "0.11.1"}
    subprocess.run([sys.executable, "-m", "pip", *get], cwd=folder, env=version, check=True)
    with tarfile.open(next(folder.glob("word2vec-*.tar.gz"))) as tar:
        source = next(name for name in tar.getnames() if name.endswith("includes/word2vec.c"))
        (folder / "word2vec.c").write_bytes(tar.extractfile(source).read())
    flags = "-lm -pthread -O2 -w".split()
    subprocess.run(["gcc", "word2vec.c", "-o", "word2vec", *flags], cwd=folder, check=True)
    return folder / "word2vec"


def timed(*command):
    """Seconds of the processor that the command takes."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user - before.children_user


def vectors(path):
    from w2vext import KeyedVectors

    return KeyedVectors.load_word2vec_format(path, binary=True, errors="replace").vectors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--program", type=Path, help="the original; built here by default")
    parser.add_argument("--epochs", default="1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = options.program.resolve() if options.program else build(folder)
        text = folder / "text"
        shutil.copy(options.text, text)
        if not text.read_bytes().endswith(b"\n"):
            with open(text, "ab") as file:
                file.write(b"\n")
        theirs, ours = folder / "theirs", folder / "ours"
        common = ["-train", text, "-threads", "1", "-iter", options.epochs, "-binary", "1"]
        for member, flags in MEMBERS.items():
            args = [*common, "-debug", "0", *flags.split()]
            original = timed(program, *args, "-output", theirs)
            module = [sys.executable, "-m", "w2vext", "word2vec", "-exact", "1"]
            exact = timed(*module, *args, "-output", ours)
            sums = [hashlib.md5(path.read_bytes()).hexdigest() for path in (theirs, ours)]
            same = sums[0] == sums[1]
            said = "the same bytes" if same else cosines(vectors(theirs), vectors(ours))
            print(f"{member:13} {sums[0]} {sums[1]} {said}; {original:.1f} s, {exact:.1f} s")


def cosines(a, b):
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return f"least cosine of a row {((a * b).sum(axis=1) / norms).min():.7f}"


if __name__ == "__main__":
    main()
