"""`w2vext word2vec`: word2vec.c's flags, defaults and files, trained by the fast kernels.

`-exact 1` trains in the original's own loop (`w2vext.exact`). Without it, words of any length and a
last line without a newline are kept; the original truncates such words and drops such a line.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext.cli import CommandError, Interrupted
from w2vext.cli.console import show_progress
from w2vext.cli.options import input_path, output_path
from w2vext.cli.original.flags import MOST, Flag, parse, required, wrong
from w2vext.cli.output import check_output, log_of, unfinished_paths
from w2vext.cli.reading import check_stdin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import SimpleNamespace
    from typing import Any, Literal

    from w2vext._arguments.types import Float32, Int64

    Counted = Callable[[list[bytes], Int64], None]

PROGRAM = "w2vext word2vec"
FLAGS = [
    Flag("-train", str, None, "plain text, words separated by blanks; - is stdin"),
    Flag("-output", str, None, "where the vectors or classes are written; - is stdout"),
    Flag("-size", int, 100, "dimensions of a vector", 1, MOST),
    Flag("-window", int, 5, "context words on each side, at most", 1, MOST),
    Flag("-sample", float, 1e-3, "subsampling of frequent words; 0: off", 0, 1),
    Flag("-hs", int, 0, "1: hierarchical softmax; with negatives both"),
    Flag("-negative", int, 5, "negative samples per pair; 0: none", 0, MOST),
    Flag("-threads", int, None, "threads; default all cores", 1, 10_000),
    Flag("-iter", int, 5, "passes over the text", 1, MOST),
    Flag("-min-count", int, 5, "leave out rarer words", 0),
    Flag("-alpha", float, None, "learning rate; default 0.05, with -cbow 0 0.025", 0, 1e6),
    Flag("-classes", int, 0, "write this number of k-means classes instead of vectors", 0, MOST),
    Flag("-debug", int, 2, "0: print less; 2: show progress"),
    Flag("-binary", int, 0, "1: write float32 instead of text"),
    Flag("-save-vocab", str, None, "write the vocabulary to this file"),
    Flag("-read-vocab", str, None, "read the vocabulary from this file, not from the text"),
    Flag("-cbow", int, 1, "1: continuous bag of words; 0: skip-gram"),
    Flag("-exact", int, 0, "1: the original's arithmetic; with -threads 1 the same bytes"),
]
ABOUT = "Train word vectors with word2vec.c's flags and file formats."
EXAMPLE = "-train text.txt -output vectors.txt -size 200 -sample 1e-4 -cbow 0 -iter 3"


def main(argv: list[str]) -> None:
    options = parse(PROGRAM, argv, FLAGS, ABOUT, EXAMPLE)
    if options is None:
        return
    required(PROGRAM, options, "train")
    _check(options)
    text, output, save, read = _paths(options)
    if options.alpha is None:
        options.alpha = 0.05 if options.cbow else 0.025
    from w2vext import exact

    options.log = log_of(output, save)
    print(f"Starting training using file {options.train}", file=options.log, flush=True)
    faithful = bool(options.exact)
    options.vocabulary = exact.read_vocabulary(read, faithful=faithful) if read else None

    def counted(words: list[bytes], counts: Int64) -> None:
        if options.debug > 0:
            sizes = f"Vocab size: {len(words)}\nWords in train file: {counts.sum()}"
            print(sizes, file=options.log, flush=True)
        if save:
            exact.write_vocabulary(save, words, counts)
        if output and options.classes > len(words):
            raise CommandError(f"-classes {options.classes}: there are {len(words):,} words only")

    if read:
        os.stat(text)  # raises if the text, which is read after the vocabulary, does not exist
    if not output:
        counted(*_count(exact, options, text))
        return
    train = _original if options.exact else _fast
    words, vectors, interrupted = train(exact, options, text, counted)
    (target,) = unfinished_paths(output) if interrupted else [output]
    if options.classes:
        exact.write_classes(target, words, _classes(exact, options, words, vectors))
    else:
        exact.write_vectors(target, words, vectors, binary=bool(options.binary))
    if interrupted:
        raise Interrupted(f"interrupted: {target} holds the vectors learned so far")


def _check(options: SimpleNamespace) -> None:
    """Raise if the flags contradict each other."""
    if not options.exact and not options.hs and not options.negative:
        raise wrong(PROGRAM, "-hs 0 with -negative 0 trains nothing: leave one of them on")
    if options.alpha == 0:
        raise wrong(PROGRAM, "-alpha 0 trains nothing: give a number above 0")


def _paths(options: SimpleNamespace) -> tuple[Path, Path | None, Path | None, Path | None]:
    """The checked paths of -train, -output, -save-vocab and -read-vocab."""
    text = input_path(options.train)
    read = input_path(options.read_vocab) if options.read_vocab else None
    output, save = (
        output_path(name) if name else None for name in (options.output, options.save_vocab)
    )
    if text.is_dir():
        raise CommandError(
            f"{text}: a folder: give one plain text file (`w2vext train` reads folders)"
        )
    if output and save and (output == save or all(map(_files.is_stdout, (output, save)))):
        raise wrong(PROGRAM, f"-save-vocab {save}: -output names the same file")
    inputs = [path for path in (text, read) if path]
    check_stdin(inputs)
    for path in (output, save):
        if path:
            check_output(path, inputs)
    return text, output, save, read


def _count(exact: Any, options: SimpleNamespace, text: Any) -> tuple[list[bytes], Int64]:
    """The words and counts of the text, or of -read-vocab."""
    return exact.count_words(
        text,
        min_count=options.min_count,
        faithful=bool(options.exact),
        vocabulary=options.vocabulary,
    )


def _classes(
    exact: Any, options: SimpleNamespace, words: Sequence[Any], vectors: Float32
) -> Sequence[int]:
    """The class of each word, by scikit-learn's k-means or by the original's ten rounds."""
    if options.exact:
        return exact.classes(vectors, options.classes)
    from w2vext import KeyedVectors

    return KeyedVectors(words, vectors).cluster(options.classes, random_state=1).labels.tolist()


def _original(
    exact: Any, options: SimpleNamespace, text: Path, counted: Counted
) -> tuple[list[bytes], Float32, bool]:
    """The words and vectors of the original's loop, and whether Ctrl-C ended it."""

    def report(lr: float, done: int, total: int) -> None:
        if options.debug > 1:
            share = min(done / (total + 1), 1.0)
            show_progress(f"Alpha: {lr:f}  Progress: {share:.2%}  ", options.log)

    trained = exact.train(
        text,
        vector_size=options.size,
        window=options.window,
        sample=options.sample,
        hs=bool(options.hs),
        negative=options.negative,
        cbow=bool(options.cbow),
        epochs=options.iter,
        min_count=options.min_count,
        alpha=options.alpha,
        threads=options.threads or 12,
        vocabulary=options.vocabulary,
        faithful=bool(options.exact),
        counted=counted,
        report=report,
    )
    if options.debug > 1:
        print(file=options.log)
    return trained.words, trained.vectors, trained.interrupted


def _fast(
    exact: Any, options: SimpleNamespace, text: Path, counted: Counted
) -> tuple[list[bytes], Float32, bool]:
    """The words and vectors of the fast kernels, and whether Ctrl-C ended the training.

    </s> is not trained and keeps its initial vector.
    """
    import numpy as np

    from w2vext._estimator import fit
    from w2vext._estimator.parameters import Parameters

    params = Parameters(
        loss=_loss(options),
        architecture="cbow" if options.cbow else "skipgram",
        vector_size=options.size,
        window=options.window,
        negative=max(1, options.negative),
        min_count=1,
        sample=options.sample,
        alpha=options.alpha,
        min_alpha=options.alpha * 1e-4,
        epochs=options.iter,
        workers=options.threads,
        deterministic=False,
        random_state=1,
        cbow_gradient="word2vec",
        verbose=int(options.debug > 1),
    )
    with _files.as_path(text) as source:  # it is read twice
        words, counts = _count(exact, options, source)
        if len(words) < 2:
            raise CommandError(
                f"{text}: no word occurs {options.min_count} times: lower -min-count"
            )
        counted(words, counts)
        known = [_decoded(word, options) for word in words[1:]]
        vocabulary = dict(zip(known, counts[1:].tolist(), strict=True))
        fitted = fit.fit(params, source, vocabulary=vocabulary)
    names = [word.encode() for word in fitted.words.words]
    vectors = np.vstack([exact.initial_vectors(1, options.size), fitted.vectors])
    return [words[0], *names], vectors, fitted.interrupted


def _loss(options: SimpleNamespace) -> Literal["neg", "hs", "hs+neg"]:
    if options.hs:
        return "hs+neg" if options.negative else "hs"
    return "neg"


def _decoded(word: bytes, options: SimpleNamespace) -> str:
    """A word of the vocabulary as text. If the text is not UTF-8, the training names the line."""
    try:
        return word.decode()
    except UnicodeDecodeError:
        if options.read_vocab:
            raise CommandError(
                f"{options.read_vocab}: the word {word!r} is not UTF-8: convert the file, or train "
                "with -exact 1, which takes any encoding"
            ) from None
        return word.decode("utf-8", "replace")
