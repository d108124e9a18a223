"""fastText's predict, predict-prob and test."""

from __future__ import annotations

from itertools import islice

from w2vext.cli.fasttext import _output
from w2vext.fasttext.model import load_fasttext
from w2vext.text.subwords import bytes_of

BATCH = 4_096


def _arguments(argv: list[str]) -> tuple[int, float]:
    """k and the threshold, which follow the model and the file."""
    k = _output.whole("K", argv[2], -1) if len(argv) > 2 else 1
    return k, _output.real("THRESHOLD", argv[3]) if len(argv) > 3 else 0.0


def main(name: str, argv: list[str]) -> None:
    k, threshold = _arguments(argv)
    model = load_fasttext(argv[0])
    lines = _output.lines(argv[1])
    while batch := list(islice(lines, BATCH)):
        for labels, probabilities in zip(*model.predict(batch, k, threshold), strict=True):
            found = [bytes_of(label) for label in labels]
            if name == "predict-prob":
                pairs = zip(found, probabilities.tolist(), strict=True)
                found = [b"%s %g" % pair for pair in pairs]
            _output.write(b" ".join(found) + b"\n")


def test(_: str, argv: list[str]) -> None:
    k, threshold = _arguments(argv)
    n, precision, recall = load_fasttext(argv[0]).test(_output.lines(argv[1]), k, threshold)
    print(f"N\t{n}\nP@{k}\t{precision:.3g}\nR@{k}\t{recall:.3g}")
