"""fastText's skipgram and cbow: its flags and defaults on the block kernels; writes .bin and .vec.

Differences from fastText: the ends of lines are not trained as a word, tokens that begin like
labels are left out, and vectors of -pretrainedVectors are used for words of the text only.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from w2vext.cli import Interrupted
from w2vext.cli.fasttext import _output
from w2vext.cli.options import input_path
from w2vext.cli.original.flags import MOST, Flag, parse, required, wrong
from w2vext.cli.output import check_output, unfinished_paths

if TYPE_CHECKING:
    from pathlib import Path
    from types import SimpleNamespace
    from typing import Any

LOSSES = {"ns": "neg", "hs": "hs", "softmax": "softmax"}
FLAGS = [
    Flag("-input", str, None, "text to train on, one sentence per line; - is stdin"),
    Flag("-output", str, None, "writes NAME.bin and NAME.vec", value="<NAME>"),
    Flag("-lr", float, 0.05, "initial learning rate", 0, 1e6),
    Flag("-dim", int, 100, "dimensions of a vector", 1, MOST),
    Flag("-ws", int, 5, "context words on each side, at most", 1, MOST),
    Flag("-epoch", int, 5, "passes over the text", 1, MOST),
    Flag("-minCount", int, 5, "leave out rarer words", 1),
    Flag("-neg", int, 5, "negative samples per pair, with -loss ns", 0, MOST),
    Flag("-loss", str, None, "ns, hs or softmax; default ns", value="<name>"),
    Flag("-bucket", int, 2_000_000, "buckets that n-grams are hashed to", 0, MOST),
    Flag("-minn", int, 3, "shortest n-gram, in characters", 0, MOST),
    Flag("-maxn", int, 6, "longest n-gram; 0: no n-grams", 0, MOST),
    Flag("-t", float, 1e-4, "subsampling of frequent words", 0, 1),
    Flag("-thread", int, None, "threads; default all cores", 1, 10_000),
    Flag("-seed", int, 0, "seed of all draws", 0, MOST),
    Flag("-label", str, None, "prefix of labels; default __label__", value="<text>"),
    Flag("-pretrainedVectors", str, None, "initial vectors, in any format"),
    Flag("-verbose", int, 2, "0: show nothing; 2: show progress"),
    Flag("-wordNgrams", int, 1, "for classifiers; only 1 is accepted", 1, 1),
    Flag("-minCountLabel", int, 0, "for classifiers; has no effect"),
    Flag("-lrUpdateRate", int, 100, "has no effect"),
]
ABOUT = (
    "Train word vectors with subwords by fastText's flags. -saveOutput, without a value, also\n"
    "writes the output vectors to NAME.output."
)
EXAMPLE = "-input text.txt -output model -dim 100"


def main(command: str, argv: list[str]) -> None:
    program = f"w2vext fasttext {command}"
    save_output = "-saveOutput" in argv
    argv = [argument for argument in argv if argument != "-saveOutput"]
    options = parse(program, argv, FLAGS, ABOUT, EXAMPLE)
    if options is None:
        return
    required(program, options, "input", "output")
    _check(program, options)
    names = [f"{options.output}{suffix}" for suffix in (".bin", ".vec")]
    names += [f"{options.output}.output"] * save_output
    text = input_path(options.input)
    for name in names:
        check_output(name, [text])
    params, fitted = _fit(command, options, text)
    from w2vext._estimator import fasttext_files

    if fitted.interrupted:
        names = list(map(str, unfinished_paths(*names)))
    fasttext_files.save(names[0], params, fitted)
    _write_text(names[0], names[1:])
    if fitted.interrupted:
        raise Interrupted(f"interrupted: {', '.join(names)} hold the vectors learned so far")


def _check(program: str, options: SimpleNamespace) -> None:
    """Check options whose valid values depend on others."""
    options.loss = options.loss or "ns"
    if options.loss not in LOSSES:
        raise wrong(program, f"-loss {options.loss!r}: choose {', '.join(LOSSES)}")
    if options.loss == "ns" and not options.neg:
        raise wrong(program, "-neg 0 with -loss ns trains nothing: give 1 or more")
    if not options.lr:
        raise wrong(program, "-lr 0 trains nothing: give a number above 0")
    if options.maxn and options.minn > options.maxn:
        raise wrong(
            program,
            f"-minn {options.minn} is above -maxn {options.maxn}: give at most {options.maxn}, "
            "or -maxn 0 for no n-grams",
        )
    if options.maxn and not options.bucket:
        raise wrong(program, "-bucket 0 with n-grams: give 1 or more, or -maxn 0 for no n-grams")


def _fit(command: str, options: SimpleNamespace, text: Path) -> tuple[Any, Any]:
    """Train with the parameters that correspond to the options; returns them and the fit."""
    from w2vext._estimator import fit
    from w2vext._estimator.parameters import Parameters

    prefix = options.label or "__label__"

    def rule(word: str, count: int, least: int) -> str:
        return "discard" if word.startswith(prefix) else "default"

    params = Parameters(
        architecture="cbow" if command == "cbow" else "skipgram",
        loss=LOSSES[options.loss],  # type: ignore[arg-type]
        vector_size=options.dim,
        window=options.ws,
        negative=options.neg,
        ns_exponent=0.5,
        cbow_gradient="word2vec",
        min_n=options.minn if options.maxn else 0,
        max_n=options.maxn,
        bucket=max(1, options.bucket),
        min_count=options.minCount,
        trim_rule=rule,
        sample=options.t,
        epochs=options.epoch,
        alpha=options.lr,
        min_alpha=0.0,
        workers=options.thread,
        deterministic=False,
        random_state=options.seed,
        verbose=int(options.verbose > 1),
    )
    fitted = fit.fit(params, text, init=options.pretrainedVectors)
    if options.verbose > 0:
        print(f"Number of words:  {len(fitted.words):,}", file=sys.stderr)
    return params, fitted


def _write_text(model_name: str, names: list[str]) -> None:
    """The words' vectors, and their output vectors, as fastText prints them."""
    from w2vext import _files
    from w2vext.fasttext.model import load_fasttext

    model = load_fasttext(model_name, mmap=True)
    words, outputs = model.file.words, model.file.outputs
    for name in names:
        with _files.writing(name) as file:
            file.write(b"%d %d\n" % (len(words), model.vector_size))
            for begin in range(0, len(words), 1_000):
                part = slice(begin, begin + 1_000)
                if name.endswith(".vec"):
                    rows = model.word_vectors(model.words[part])
                else:
                    rows = outputs.take(part)
                file.write(b"".join(map(_output.row, words[part], rows)))
