"""fastText's commands that print vectors, n-grams, neighbours and the contents of a model."""

from __future__ import annotations

import sys
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from w2vext.cli import CommandError
from w2vext.cli.fasttext import _output
from w2vext.fasttext.model import load_fasttext
from w2vext.text.subwords import bytes_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from w2vext.fasttext.model import FastTextModel

AT_ONCE = 1 << 16  # bytes of stdin
ROWS = 1_000
_LOSSES = {"ova": "one-vs-all"}
_MODELS = {"skipgram": "sg", "supervised": "sup"}
# fastText's names of the settings, in its order.
_ARGS = {
    "dim": "dim", "ws": "ws", "epoch": "epoch", "minCount": "min_count", "neg": "neg",
    "wordNgrams": "word_ngrams", "loss": "loss", "model": "model", "bucket": "bucket",
    "minn": "minn", "maxn": "maxn", "lrUpdateRate": "lr_update_rate", "t": "t",
}  # fmt: skip


def _batches() -> Iterator[list[str]]:
    """The words of stdin, in batches of those that are available without waiting."""
    rest = b""  # a word that may continue
    stdin: Any = sys.stdin.buffer
    while data := stdin.read1(AT_ONCE):
        words = (rest + data).split()
        rest = b"" if data[-1:].isspace() or not words else words.pop()
        if words:
            yield [text_of(word) for word in words]
    if rest:
        yield [text_of(rest)]


def word_vectors(_: str, argv: list[str]) -> None:
    model = load_fasttext(argv[0], mmap=True)
    for words in _batches():
        vectors = model.word_vectors(words)
        _output.write(b"".join(map(_output.row, map(bytes_of, words), vectors)))
        _output.flush()


def sentence_vectors(_: str, argv: list[str]) -> None:
    model = load_fasttext(argv[0], mmap=True)
    for line in _output.lines("-"):
        _output.write(_output.numbers(model.sentence_vector(line)))


def ngrams(_: str, argv: list[str]) -> None:
    model, word = load_fasttext(argv[0], mmap=True), argv[1]
    found = [(word, model.words.index(word))] if word in model else []
    found += [(gram, row) for gram, row in model.ngrams(word) if row >= 0]
    vectors = model.input_vectors(np.array([row for _, row in found], dtype=np.int64))
    for (gram, _row), vector in zip(found, vectors, strict=True):
        _output.write(_output.row(bytes_of(gram), vector))


def neighbors(_: str, argv: list[str]) -> None:
    prompt = "Query word? "
    model, k = _model_and_k(argv)
    _output.write(prompt.encode())
    _output.flush()
    for word in chain.from_iterable(_batches()):
        _show(model, [word], [], k)
        _output.write(prompt.encode())
        _output.flush()


def analogies(_: str, argv: list[str]) -> None:
    prompt = "Query triplet (A - B + C)? "
    model, k = _model_and_k(argv)
    words = chain.from_iterable(_batches())
    _output.write(prompt.encode())
    _output.flush()
    while len(three := list(islice(words, 3))) == 3:
        _show(model, [three[0], three[2]], [three[1]], k)
        _output.write(prompt.encode())
        _output.flush()


def _model_and_k(argv: list[str]) -> tuple[FastTextModel, int]:
    k = _output.whole("K", argv[1], 1) if len(argv) > 1 else 10
    return load_fasttext(argv[0], mmap=True), k


def _show(model: FastTextModel, positive: list[str], negative: list[str], k: int) -> None:
    """Print the words nearest to a sum of unit vectors, with their cosines."""
    given = [*positive, *negative]
    vectors = model.word_vectors(given)
    for word, vector in zip(given, vectors, strict=True):
        if not vector.any():
            print(f"{word!r} has neither a row nor an n-gram in the model", file=sys.stderr)
            return
    known = [word for word in given if word in model]
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    signs = np.array([1.0] * len(positive) + [-1.0] * len(negative), dtype=np.float32)
    found: Any = model.wv.most_similar([signs @ units], topn=k, exclude=known)
    for word, cosine in found:
        _output.write(bytes_of(word) + b" %g\n" % cosine)


def dump(_: str, argv: list[str]) -> None:
    """Print the settings, the dictionary or a matrix of a model."""
    model, what = load_fasttext(argv[0], mmap=True), argv[1]
    file = model.file
    if what == "args":
        settings = dict(file.settings)
        settings["loss"] = _LOSSES.get(file.loss, file.loss)
        settings["model"] = _MODELS.get(file.model, file.model)
        for theirs, ours in _ARGS.items():
            value = settings[ours]
            print(theirs, f"{value:g}" if isinstance(value, float) else value)
    elif what == "dict":
        print(len(file.words) + len(file.labels))
        for words, counts, kind in (
            (file.words, file.counts, b"word"),
            (file.labels, file.label_counts, b"label"),
        ):
            for word, count in zip(words, counts.tolist(), strict=True):
                _output.write(b"%s %d %s\n" % (word, count, kind))
    elif what in ("input", "output"):
        matrix: Any = file.inputs if what == "input" else file.outputs
        if file.quantized and (what == "input" or file.quantized_outputs):
            raise CommandError(f"{argv[0]}: the matrix is quantized, so it cannot be dumped")
        print(*matrix.shape)
        for begin in range(0, matrix.shape[0], ROWS):
            for row in matrix.rows[begin : begin + ROWS].tolist():
                _output.write((b"%g " * len(row))[:-1] % tuple(row) + b"\n")
    else:
        raise CommandError(f"dump {what!r}: choose args, dict, input or output")
