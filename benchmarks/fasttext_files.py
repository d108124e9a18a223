"""Measure opening a fastText model: CPU seconds and peak memory, mapped and read as a whole.

A model of random numbers is written first: 35,901 words, 2,000,000 buckets and 100 dimensions take
829 MB. Each program opens it in a process of its own and reads the vector of an unknown word. The
time and the memory of its imports are measured apart and not counted.
"""

import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import tables
from results import Results, alternate, clocked, environment, parser

IMPORT = {
    "w2vext": "from w2vext import KeyedVectors, load_fasttext",
    "fastText": "import fasttext; fasttext.FastText.eprint = lambda *_: None",
    "gensim": "from gensim.models.fasttext import load_facebook_vectors",
}
# What a process runs: (program, code). The code opens `path` and takes a vector of `word`.
OPENED = {
    "load_fasttext, mapped": ("w2vext", "load_fasttext(path, mmap=True)[word]"),
    "load_fasttext": ("w2vext", "load_fasttext(path)[word]"),
    "KeyedVectors.load, mapped": ("w2vext", "KeyedVectors.load(path, mmap=True)[word]"),
    "KeyedVectors.load": ("w2vext", "KeyedVectors.load(path)[word]"),
    "load_model": ("fastText", "fasttext.load_model(path)[word]"),
    "load_facebook_vectors": ("gensim", "load_facebook_vectors(path)[word]"),
}
CHILD = """
import json, resource, sys, time
path, word = sys.argv[1:]
{imported}
def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
def resident():
    lines = open("/proc/self/status").read().splitlines()
    found = dict(line.split(":", 1) for line in lines)
    return [int(found[name].split()[0]) / 1024 for name in ("VmHWM", "RssAnon")]
before = used()
kept = {code}
print(json.dumps([used() - before, *resident()]))
"""


def write(path, words, buckets, size):
    """Write a model of random numbers."""
    import numpy as np

    from w2vext.formats import _matrices, fasttext_bin

    rng = np.random.default_rng(1)
    names = sorted(
        {"".join(map(chr, rng.integers(97, 123, n))) for n in rng.integers(4, 14, words)}
    )
    while len(names) < words:
        names.append(f"w{len(names)}")

    def blocks():
        for begin in range(0, words + buckets, 1 << 16):
            n = min(1 << 16, words + buckets - begin)
            yield rng.random((n, size), dtype=np.float32) - 0.5

    settings = {
        "dim": size, "ws": 5, "epoch": 5, "min_count": 5, "neg": 5, "word_ngrams": 1, "loss": 2,
        "model": 2, "bucket": buckets, "minn": 3, "maxn": 6, "lr_update_rate": 100, "t": 1e-4,
    }  # fmt: skip
    outputs = _matrices.Dense(np.zeros((words, size), np.float32).data, (words, size))
    file = fasttext_bin.FastTextFile(
        settings=settings,
        words=[name.encode() for name in names],
        counts=np.arange(words, 0, -1),
        labels=[],
        label_counts=np.zeros(0, np.int64),
        tokens=words * (words + 1) // 2,
        kept_buckets=None,
        inputs=_matrices.Blocks((words + buckets, size), blocks),
        outputs=outputs,
    )
    fasttext_bin.write_model(path, file)


def process(what, path):
    """A call that opens the model in a new process; returns what that measured."""
    program, code = OPENED[what]
    script = CHILD.format(imported=IMPORT[program], code=code)
    command = [sys.executable, "-c", script, str(path), "unseenword"]
    options = {"check": True, "capture_output": True, "text": True, "env": environment()}
    return lambda: json.loads(subprocess.run(command, **options).stdout.splitlines()[-1])


def main():
    made = parser(__doc__)
    made.add_argument("--words", type=int, default=35_901)
    made.add_argument("--buckets", type=int, default=2_000_000)
    made.add_argument("--size", type=int, default=100)
    made.add_argument("--repeats", type=int, default=3)
    made.add_argument("--folder", type=Path, help="where the model is written [a temporary folder]")
    options = made.parse_args()
    results = Results(options)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder, "model.bin")
        seconds = clocked(lambda: write(path, options.words, options.buckets, options.size))[1]
        size = path.stat().st_size / 1e6
        results.add(what="making and writing it", program="w2vext", file_mb=size, cpu_s=seconds)
        installed = {"fastText": "fasttext", "gensim": "gensim", "w2vext": "w2vext"}
        calls = {
            what: process(what, path)
            for what, (program, _) in OPENED.items()
            if program == "w2vext" or find_spec(installed[program])
        }
        for _, what, found in alternate(calls, options.repeats):
            cpu_s, peak_mb, own_mb = found
            results.add(
                what=what, program=OPENED[what][0], file_mb=size, cpu_s=cpu_s, peak_mb=peak_mb,
                anonymous_mb=own_mb,
            )  # fmt: skip
    tables.show(results.content)


if __name__ == "__main__":
    main()
