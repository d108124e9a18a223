"""Around the training loop: text to ids, token lists to ids, vectors to disk and back.

    python text.py wiki.txt --repeats 5

Each measurement runs in a process of its own, programs take turns, medians are printed. w2vext both
counts and encodes; gensim's scan only counts, since it encodes in every epoch. It trains nothing.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import texts
from programs import environment


def encode_file(path, workers):
    """Megabytes per second of counting and encoding a text file."""
    from w2vext.text.corpus import open_corpus
    from w2vext.text.vocabulary import build

    start = time.perf_counter()
    build(open_corpus(Path(path)), min_count=5, workers=int(workers))
    return os.path.getsize(path) / 1e6 / (time.perf_counter() - start)


def scan_file(path):
    """Megabytes per second of gensim's vocabulary scan."""
    from gensim.models import Word2Vec

    model = Word2Vec(min_count=5)
    start = time.perf_counter()
    model.scan_vocab(corpus_file=path)
    return os.path.getsize(path) / 1e6 / (time.perf_counter() - start)


def token_lists(path, length=20, tokens=1_000_000):
    words = Path(path).read_text(encoding="utf-8").split()[:tokens]
    return [words[at : at + length] for at in range(0, len(words), length)]


def encode_lists(path):
    """Seconds per million tokens of counting and encoding a list of token lists."""
    from w2vext.text.corpus import open_corpus
    from w2vext.text.vocabulary import build

    sentences = token_lists(path)
    start = time.perf_counter()
    build(open_corpus(sentences), min_count=5, workers=1)
    return (time.perf_counter() - start) / sum(map(len, sentences)) * 1e6


def scan_lists(path):
    from gensim.models import Word2Vec

    sentences = token_lists(path)
    model = Word2Vec(min_count=5)
    start = time.perf_counter()
    model.scan_vocab(corpus_iterable=sentences)
    return (time.perf_counter() - start) / sum(map(len, sentences)) * 1e6


def vectors_class(program):
    if program == "gensim":
        from gensim.models import KeyedVectors
    else:
        from w2vext import KeyedVectors
    return KeyedVectors


def made_up(program, rows=200_000, size=100):
    import numpy as np

    matrix = np.random.default_rng(1).standard_normal((rows, size), np.float32) / 10
    words = [f"word{row}" for row in range(rows)]
    if program == "w2vext":
        return vectors_class(program)(words, matrix)
    vectors = vectors_class(program)(size)
    vectors.add_vectors(words, matrix)
    return vectors


def save(program, binary):
    """Seconds to save 200,000 vectors of 100 numbers."""
    vectors = made_up(program)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        vectors.save_word2vec_format(os.path.join(folder, "v"), binary=binary == "binary")
        return time.perf_counter() - start


def load(program, binary):
    """Seconds to load 200,000 vectors of 100 numbers, which gensim saved."""
    vectors = made_up("gensim")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "v")
        vectors.save_word2vec_format(path, binary=binary == "binary")
        start = time.perf_counter()
        vectors_class(program).load_word2vec_format(path, binary=binary == "binary")
        return time.perf_counter() - start


def measurements(one, lines):
    """(what, unit, {program: the call as arguments})."""
    yield "text file to ids", "MB/s", {
        "w2vext, one worker": ("encode_file", one, "1"),
        "w2vext, two workers": ("encode_file", one, "2"),
        "gensim, counting only": ("scan_file", lines),
    }  # fmt: skip
    yield "list of token lists to ids", "s per million tokens", {
        "w2vext": ("encode_lists", one), "gensim, counting only": ("scan_lists", one),
    }  # fmt: skip
    for kind in ("text", "binary"):
        for verb in ("save", "load"):
            yield f"{verb} word2vec {kind}, 200,000 × 100", "s", {
                program: (verb, program, kind) for program in ("w2vext", "gensim")
            }  # fmt: skip


def ask(call):
    done = subprocess.run(
        [sys.executable, __file__, "--call", *call],
        env=environment(), check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def main():
    if sys.argv[1:2] == ["--call"]:
        print(globals()[sys.argv[2]](*sys.argv[3:]))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, help="a text file, words separated by spaces")
    parser.add_argument("--words", type=int, help="only the first so many (default: all)")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path("bench-speed"), help="work folder")
    options = parser.parse_args()
    one, lines = texts.cut(options.text, options.folder, options.words)
    print("| what | program | median | least to most | unit |\n|---|---|---|---|---|")
    for what, unit, calls in measurements(one, lines):
        found = {program: [] for program in calls}
        for _ in range(options.repeats):
            for program, call in calls.items():
                found[program].append(ask(call))
        for program, values in found.items():
            middle = statistics.median(values)
            print(f"| {what} | {program} | {middle:.3g} | {min(values):.3g}–{max(values):.3g} "
                  f"| {unit} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
