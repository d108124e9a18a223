"""Compare `w2vext word2vec -exact 1` with word2vec.c: the same bytes, and CPU seconds.

    python benchmarks/exact.py text8-prefix.txt

The original is compiled with -O2 (see peers.py); --program names another build. The text is copied
with a final newline, and each model is trained with one thread.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import peers
import tables
from results import Results, children_cpu, environment, parser

MODELS = {
    "skip-gram, negative sampling": "-cbow 0 -hs 0 -negative 5",
    "skip-gram, hierarchical softmax": "-cbow 0 -hs 1 -negative 0",
    "CBOW, negative sampling": "-cbow 1 -hs 0 -negative 5",
    "CBOW, hierarchical softmax": "-cbow 1 -hs 1 -negative 0",
    "skip-gram, both": "-cbow 0 -hs 1 -negative 5",
}


def main():
    made = parser(__doc__)
    made.add_argument("text", type=Path)
    made.add_argument("--program", type=Path, help="the original [compiled by peers.py]")
    made.add_argument("--epochs", default="1")
    options = made.parse_args()
    original = options.program.resolve() if options.program else peers.programs()["word2vec-O2"]
    programs = {
        "word2vec.c": [original],
        "w2vext": [sys.executable, "-m", "w2vext", "word2vec", "-exact", "1"],
    }
    results = Results(options)
    with tempfile.TemporaryDirectory() as name:
        text, out = Path(name, "text"), Path(name, "vectors")
        shutil.copy(options.text, text)
        if not text.read_bytes().endswith(b"\n"):
            with open(text, "ab") as file:
                file.write(b"\n")
        common = ["-train", text, "-output", out, "-threads", "1", "-iter", options.epochs]
        for model, flags in MODELS.items():
            for program, command in programs.items():
                whole = [*command, *common, "-binary", "1", "-debug", "0", *flags.split()]
                settings = {"check": True, "stdout": subprocess.DEVNULL, "env": environment()}
                seconds, _ = children_cpu(lambda: subprocess.run(whole, **settings))  # noqa: B023
                md5 = hashlib.md5(out.read_bytes()).hexdigest()
                results.add(model=model, program=program, md5=md5, cpu_s=seconds)
    tables.show(results.content)


if __name__ == "__main__":
    main()
