"""Measure reading and writing: from text to ids, and vectors to and from files.

    python benchmarks/text.py wiki.txt --repeats 5

Each measurement runs in a process of its own, and the programs take turns. w2vext counts and
encodes; gensim's scan only counts, since gensim encodes in every epoch.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import tables
import texts
from results import Results, alternate, clocked, environment, parser


def encode_file(path, workers):
    """Megabytes per second of counting and encoding a text file."""
    from w2vext.text.corpus import open_corpus
    from w2vext.text.vocabulary import build

    seconds, *_ = clocked(lambda: build(open_corpus(Path(path)), min_count=5, workers=int(workers)))
    return os.path.getsize(path) / 1e6 / seconds


def encode_files(path, workers):
    """The same for the text in 1,000 files."""
    from w2vext.text.corpus import open_corpus
    from w2vext.text.vocabulary import build

    with tempfile.TemporaryDirectory() as folder:
        data = Path(path).read_bytes()
        size, at = len(data) // 1000 + 1, 0
        for number in range(1000):
            end = data.find(b" ", at + size)
            end = len(data) if end < 0 else end
            Path(folder, f"{number:03}.txt").write_bytes(data[at:end])
            at = end
        corpus = open_corpus(Path(folder))
        seconds, *_ = clocked(lambda: build(corpus, min_count=5, workers=int(workers)))
    return len(data) / 1e6 / seconds


def scan_file(path):
    """Megabytes per second of gensim's vocabulary scan."""
    from gensim.models import Word2Vec

    model = Word2Vec(min_count=5)
    seconds, *_ = clocked(lambda: model.scan_vocab(corpus_file=path))
    return os.path.getsize(path) / 1e6 / seconds


def token_lists(path, length=20, tokens=1_000_000):
    words = Path(path).read_text(encoding="utf-8").split()[:tokens]
    return [words[at : at + length] for at in range(0, len(words), length)]


def encode_lists(path):
    """Seconds per million tokens of counting and encoding a list of token lists."""
    from w2vext.text.corpus import open_corpus
    from w2vext.text.vocabulary import build

    sentences = token_lists(path)
    seconds, *_ = clocked(lambda: build(open_corpus(sentences), min_count=5, workers=1))
    return seconds / sum(map(len, sentences)) * 1e6


def scan_lists(path):
    from gensim.models import Word2Vec

    sentences = token_lists(path)
    model = Word2Vec(min_count=5)
    seconds, *_ = clocked(lambda: model.scan_vocab(corpus_iterable=sentences))
    return seconds / sum(map(len, sentences)) * 1e6


def vectors_class(program):
    if program == "gensim":
        from gensim.models import KeyedVectors
    else:
        from w2vext import KeyedVectors
    return KeyedVectors


def random_vectors(program, rows=200_000, size=100):
    import numpy as np

    matrix = np.random.default_rng(1).standard_normal((rows, size), np.float32) / 10
    words = [f"word{row}" for row in range(rows)]
    if program == "w2vext":
        return vectors_class(program)(words, matrix)
    vectors = vectors_class(program)(size)
    vectors.add_vectors(words, matrix)
    return vectors


def save(program, kind):
    """Seconds to save 200,000 vectors of 100 numbers."""
    vectors = random_vectors(program)
    with tempfile.TemporaryDirectory() as folder:
        path, binary = os.path.join(folder, "v"), kind == "binary"
        return clocked(lambda: vectors.save_word2vec_format(path, binary=binary))[0]


def load(program, kind):
    """Seconds to load 200,000 vectors of 100 numbers, saved by gensim."""
    vectors, binary = random_vectors("gensim"), kind == "binary"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "v")
        vectors.save_word2vec_format(path, binary=binary)
        read = vectors_class(program).load_word2vec_format
        return clocked(lambda: read(path, binary=binary))[0]


def measurements(one, lines):
    """{(what, unit, program): the call as arguments}."""
    text, lists = ("text file to ids", "MB/s"), ("token lists to ids", "s per million tokens")
    files = "1,000 text files to ids", "MB/s"
    calls = {
        (*text, "w2vext, 1 worker"): ("encode_file", one, "1"),
        (*text, "w2vext, 2 workers"): ("encode_file", one, "2"),
        (*files, "w2vext, 1 worker"): ("encode_files", one, "1"),
        (*files, "w2vext, 2 workers"): ("encode_files", one, "2"),
        (*text, "gensim, counting only"): ("scan_file", lines),
        (*lists, "w2vext"): ("encode_lists", one),
        (*lists, "gensim, counting only"): ("scan_lists", one),
    }
    for kind in ("text", "binary"):
        for verb in ("save", "load"):
            for program in ("w2vext", "gensim"):
                what = f"{verb} 200,000 × 100 as {kind}"
                calls[what, "s", program] = (verb, program, kind)
    return calls


def process(call):
    """A function that makes the call in a new process."""

    def run():
        done = subprocess.run(
            [sys.executable, __file__, "--call", *call],
            env=environment(), check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return float(done.stdout.split()[-1])

    return run


def main():
    if sys.argv[1:2] == ["--call"]:
        print(globals()[sys.argv[2]](*sys.argv[3:]))
        return
    made = parser(__doc__)
    made.add_argument("text", type=Path, help="a text file, words separated by spaces")
    made.add_argument("--words", type=int, help="use only this many words [all]")
    made.add_argument("--repeats", type=int, default=5)
    made.add_argument("--work", type=Path, default=Path("bench-compare"), help="folder for texts")
    options = made.parse_args()
    one, lines = texts.cut(options.text, options.work, options.words)
    calls = {key: process(call) for key, call in measurements(one, lines).items()}
    results = Results(options)
    for _, (what, unit, program), value in alternate(calls, options.repeats):
        results.add(what=what, unit=unit, program=program, value=value)
    tables.show(results.content)


if __name__ == "__main__":
    main()
