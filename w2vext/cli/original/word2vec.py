"""`w2vext word2vec`: word2vec.c's flags, defaults and files, on the fast engine.

`-exact 1`, and `-hs 1` with negatives, run the original's own loop (w2vext.exact). Refuses what the
original is wrong in: unknown flags, files that are not there, words that are cut, a last line lost.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from w2vext.cli import CommandError
from w2vext.cli.original.flags import MOST, Flag, parse, required, wrong
from w2vext.cli.output import check_output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import SimpleNamespace
    from typing import Any

    from w2vext._types import Float32, Int64

PROGRAM = "w2vext word2vec"
FLAGS = [
    Flag("-train", str, None, "text to train on: plain, words between blanks"),
    Flag("-output", str, None, "where the vectors or classes go"),
    Flag("-size", int, 100, "numbers in a vector", 1, MOST),
    Flag("-window", int, 5, "words to each side, at most", 1, MOST),
    Flag("-sample", float, 1e-3, "subsampling of frequent words; 0 keeps all", 0, 1),
    Flag("-hs", int, 0, "1: hierarchical softmax; beside negatives in the original's loop"),
    Flag("-negative", int, 5, "negatives for each pair; 0: none", 0, MOST),
    Flag("-threads", int, None, "threads; default all cores", 1, 10_000),
    Flag("-iter", int, 5, "passes over the text", 1, MOST),
    Flag("-min-count", int, 5, "rarer words are left out", 0),
    Flag("-alpha", float, None, "first learning rate; default 0.05, with -cbow 0 0.025", 0, 1e6),
    Flag("-classes", int, 0, "write so many k-means classes in place of vectors", 0, MOST),
    Flag("-debug", int, 2, "0: say little; 2: show progress"),
    Flag("-binary", int, 0, "1: write float32 in place of text"),
    Flag("-save-vocab", str, None, "write the vocabulary here"),
    Flag("-read-vocab", str, None, "take the vocabulary from here, not from the text"),
    Flag("-cbow", int, 1, "1: continuous bag of words; 0: skip-gram"),
    Flag("-exact", int, 0, "1: the original's arithmetic; -threads 1 gives its very bytes"),
]
ABOUT = "Train word vectors with word2vec.c's flags and file formats."
EXAMPLE = "-train text.txt -output vectors.txt -size 200 -sample 1e-4 -cbow 0 -iter 3"
COMPRESSED = {".gz", ".bz2", ".xz"}


def main(argv: list[str]) -> None:
    options = parse(PROGRAM, argv, FLAGS, ABOUT, EXAMPLE)
    if options is None:
        return
    required(PROGRAM, options, "train")
    if options.train.endswith(tuple(COMPRESSED)) or Path(options.train).is_dir():
        raise CommandError(
            f"{options.train}: give one plain text file (`w2vext train` reads folders and "
            "compressed files)"
        )
    if not options.exact and not options.hs and not options.negative:
        raise wrong(PROGRAM, "-hs 0 with -negative 0 trains nothing: leave one of them on")
    if options.alpha == 0:
        raise wrong(PROGRAM, "-alpha 0 trains nothing: give a number above 0")
    if options.output and options.output == options.save_vocab:
        raise wrong(PROGRAM, f"-save-vocab {options.save_vocab}: -output names the same file")
    inputs = [options.train, *filter(None, [options.read_vocab])]
    for output in filter(None, [options.output, options.save_vocab]):
        check_output(output, inputs)
    if options.alpha is None:
        options.alpha = 0.05 if options.cbow else 0.025
    from w2vext import exact

    print(f"Starting training using file {options.train}", flush=True)
    if options.read_vocab:
        vocabulary = exact.read_vocabulary(options.read_vocab)
        with open(options.train, "rb"):  # is it there?
            pass
    else:
        vocabulary = None
    words, counts = exact.count_words(
        options.train,
        min_count=options.min_count,
        faithful=bool(options.exact),
        vocabulary=vocabulary,
    )
    if options.debug > 0:
        print(f"Vocab size: {len(words)}\nWords in train file: {counts.sum()}", flush=True)
    if options.save_vocab:
        exact.write_vocabulary(options.save_vocab, words, counts)
    if not options.output:
        return
    if options.classes > len(words):
        raise CommandError(f"-classes {options.classes}: there are {len(words):,} words only")
    if options.exact or (options.hs and options.negative):
        vectors = _exact(exact, options, words, counts)
    else:
        words, vectors = _fast(exact, options, words, counts)
    if options.classes:
        exact.write_classes(options.output, words, _classes(exact, options, words, vectors))
    else:
        exact.write_vectors(options.output, words, vectors, binary=bool(options.binary))


def _classes(
    exact: Any, options: SimpleNamespace, words: Sequence[Any], vectors: Float32
) -> Sequence[int]:
    """The class of each word: by scikit-learn's k-means, or by the original's ten rounds."""
    if options.exact:
        return exact.classes(vectors, options.classes)
    from w2vext import KeyedVectors

    return KeyedVectors(words, vectors).cluster(options.classes, random_state=1).labels.tolist()


def _exact(exact: Any, options: SimpleNamespace, words: list[bytes], counts: Int64) -> Float32:
    """The vectors of the original's loop."""

    def report(lr: float, done: int, total: int) -> None:
        if options.debug > 1:
            share = min(done / (total + 1), 1.0)
            print(f"\rAlpha: {lr:f}  Progress: {share:.2%}  ", end="", flush=True)

    trained = exact.train(
        options.train,
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
        vocabulary=(words, counts),
        faithful=bool(options.exact),
        report=report,
    )
    if options.debug > 1:
        print()
    if trained.interrupted:
        raise KeyboardInterrupt
    return trained.vectors


def _fast(
    exact: Any, options: SimpleNamespace, words: list[bytes], counts: Int64
) -> tuple[list[bytes], Float32]:
    """The words and vectors of the fast engine; </s>, which no loop trains, as it begins."""
    import numpy as np

    from w2vext._estimator import fit
    from w2vext._estimator.parameters import Parameters

    if len(words) < 2:
        raise CommandError(
            f"{options.train}: no word occurs {options.min_count} times: lower -min-count"
        )
    params = Parameters(
        loss="hs" if options.hs else "neg",
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
    known = (word.decode("utf-8", "replace") for word in words[1:])
    vocabulary = dict(zip(known, counts[1:].tolist(), strict=True))
    fitted = fit.fit(params, Path(options.train), vocabulary=vocabulary)
    if fitted.interrupted:
        raise KeyboardInterrupt
    names = [word.encode() for word in fitted.words.words]
    return [words[0], *names], np.vstack([exact.initial_vectors(1, options.size), fitted.vectors])
