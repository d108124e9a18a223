"""Compile the original word2vec programs, once, into a folder.

    python benchmarks/peers.py      # into build/peers

The source is that of PyPI's `word2vec`. `word2vec` is compiled with the flags of that package
(the fastest that we found), `word2vec-avx2` likewise for processors without AVX-512, and
`word2vec-O2` without changed floating-point arithmetic, which `-exact 1` reproduces.
gensim and fastText are installed by pip: see README.md in this folder.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "0.11.1"
FOLDER = Path(__file__).resolve().parent.parent / "build" / "peers"
FAST = "-Ofast -march=native -funroll-loops"
FLAGS = {
    "word2vec": FAST,
    "word2vec-avx2": "-Ofast -march=haswell -funroll-loops",
    "word2vec-O2": "-O2",
    "word2phrase": FAST,
    "distance": FAST,
    "compute-accuracy": FAST,
}


def source(folder):
    """Download and unpack the package's source; returns the folder of its C files."""
    download = [
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        "word2vec",
        f"word2vec=={VERSION}",
    ]
    subprocess.run(
        [sys.executable, "-m", "pip", *download],
        cwd=folder,
        env={**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": VERSION},
        check=True,
    )
    with tarfile.open(next(folder.glob("word2vec-*.tar.gz"))) as tar:
        tar.extractall(folder, filter="data")
    return next(folder.glob("word2vec-*/word2vec/includes"))


def programs(folder=FOLDER):
    """{name: path} of the compiled programs, made first where one is missing."""
    paths = {name: folder / name for name in FLAGS}
    if all(path.exists() for path in paths.values()):
        return paths
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        includes = source(Path(name))
        for program, path in paths.items():
            c = includes / (program.removesuffix("-avx2").removesuffix("-O2") + ".c")
            flags = [*FLAGS[program].split(), "-w", "-pthread", "-lm"]
            subprocess.run(["gcc", c, "-o", path, *flags], check=True)
    return paths


if __name__ == "__main__":
    for path in programs().values():
        print(path)
