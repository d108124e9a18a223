"""`w2vext train`: learn word vectors from text files and write them to a file."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from w2vext.cli import CommandError, Interrupted
from w2vext.cli.console import report
from w2vext.cli.options import Parser, input_path, input_place, one_of, or_none, output_path
from w2vext.cli.output import check_output, output_format, unfinished_paths
from w2vext.cli.reading import check_stdin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from w2vext._estimator.fitted import Fitted
    from w2vext._estimator.parameters import Parameters

# Parameters of Word2Vec that are not options: functions, what continues an earlier fit, what needs
# validation text, and what concerns `transform`.
NOT_OPTIONS = {
    "trim_rule", "callbacks", "warm_start", "patience", "unknown", "pooling", "sif_smoothing",
}  # fmt: skip
DETERMINISTIC: dict[str, bool | str] = {"auto": "auto", "yes": True, "no": False}


def parser() -> tuple[Parser, list[str]]:
    """The parser and the names of the options that are parameters of Word2Vec."""
    made = Parser(
        prog="w2vext train",
        usage="%(prog)s CORPUS [CORPUS ...] -o FILE [options]",
        description="Train word vectors on text: one sentence per line, words between white space "
        "unless --tokenizer says otherwise.",
        epilog="Defaults are in brackets. The page docs/parameters.md explains the options, and\n"
        "help(w2vext.Word2Vec) has the details of each. w2vext convert --help lists the\n"
        "formats. After Ctrl-C the vectors learned so far are written; the status is 130.\n\n"
        "example: w2vext train corpus.txt.gz -o vectors.bin --vector-size 300",
    )
    made.add_argument(
        "corpus",
        nargs="+",
        type=input_place,
        metavar="CORPUS",
        help="text file (.gz, .bz2, .xz too), folder, pattern or URL; - is stdin",
    )
    tables = made.add_mutually_exclusive_group()
    tables.add_argument(
        "--column",
        metavar="NAME",
        help="CORPUS are Parquet, CSV or JSON Lines files: the column to read",
    )
    tables.add_argument(
        "--pairs",
        type=_columns,
        metavar="NAMES",
        help="the columns center,context or center,context,weight: train pairs of words",
    )
    made.add_argument(
        "--noise",
        type=input_path,
        metavar="WEIGHTS",
        help="file of word, tab, weight: draw negatives by these weights",
    )
    made.add_argument(
        "--noise-groups",
        type=input_path,
        metavar="GROUPS",
        help="file of word, tab, group: draw the negatives of a word from its group",
    )
    made.add_argument(
        "-o",
        "--output",
        required=True,
        type=output_path,
        metavar="FILE",
        help="output; the suffix selects the format; - is stdout",
    )
    formats = made.add_mutually_exclusive_group()
    formats.add_argument("--format", metavar="NAME", help="the format of FILE [by its suffix]")
    formats.add_argument(
        "--binary",
        dest="format",
        action="store_const",
        const="word2vec-binary",
        help="the same as --format word2vec-binary",
    )
    names: list[str] = []
    for title, add in (
        ("model", _add_model),
        ("text", _add_text),
        ("vocabulary", _add_vocabulary),
        ("optimization", _add_optimization),
        ("run time", _add_run_time),
    ):
        names += add(Group(made.add_argument_group(title)))
    return made, names


class Group:
    """A group of options that take their names and defaults from the parameters of a model.

    Parameters
    ----------
    group : argparse group
    defaults : object, optional
        Its attributes are the defaults; those of Word2Vec if it is left out.
    """

    def __init__(self, group: argparse._ArgumentGroup, defaults: Any = None) -> None:
        from w2vext._estimator.parameters import CHOICES, Parameters
        from w2vext.text import tokenizer
        from w2vext.training import schedule

        self.group, self.defaults = group, defaults or Parameters()
        self.choices = {
            **CHOICES,
            "schedule": schedule.NAMES,
            "tokenizer": tokenizer.NAMES,
            "sentences": tokenizer.SENTENCES,
        }
        self.names: list[str] = []

    def add(self, name: str, read: Callable[[str], Any], text: str) -> None:
        """An option with a value."""
        default = getattr(self.defaults, name)
        if default is None:
            read = or_none(read)
        shown = "none" if default is None else default
        self._add(name, f"{text} [{shown}]", type=read, metavar=read.__name__.upper())

    def add_choice(self, name: str, text: str) -> None:
        """An option whose value is one of several names."""
        default = getattr(self.defaults, name)
        how: dict[str, Any] = {"choices": self.choices[name]}
        if default is None:
            how, default = {"type": or_none(one_of(self.choices[name]))}, "none"
        self._add(name, f"{text} [{default}]", metavar="NAME", **how)

    def add_flag(self, name: str, text: str) -> None:
        """An option without a value, which turns the parameter to the other of True and False."""
        action = "store_false" if getattr(self.defaults, name) else "store_true"
        self._add(name, text, prefix="no-" if action == "store_false" else "", action=action)

    def _add(self, name: str, text: str, prefix: str = "", **options: Any) -> None:
        self.group.add_argument(
            f"--{prefix}{name.replace('_', '-')}",
            dest=name,
            default=getattr(self.defaults, name),
            help=text.replace("%", "%%"),
            **options,
        )
        self.names.append(name)


def _add_model(group: Group) -> list[str]:
    group.add_choice("architecture", "skipgram or cbow")
    group.add_choice("loss", "neg, hs, hs+neg or softmax")
    group.add("vector_size", int, "dimensions of a vector")
    group.add("window", int, "context words on each side")
    group.add_flag("shrink_windows", "give all windows their full width")
    group.add_choice("global_context", "first or last: that word is in all windows")
    group.add("negative", int, "negative samples per pair (neg, hs+neg)")
    group.add("ns_exponent", float, "negative samples: power of word counts")
    group.add_choice("cbow_gradient", "mean or word2vec")
    group.add("min_n", int, "shortest n-gram of subwords, with --max-n")
    group.add("max_n", int, "longest n-gram of subwords; 0: none")
    group.add("bucket", int, "buckets that n-grams are hashed to")
    group.add_choice("subword_update", "damped or fasttext")
    return group.names


def _add_text(group: Group) -> list[str]:
    group.add_choice("tokenizer", "whitespace, words or characters")
    group.add_flag("lowercase", "convert text to lower case")
    group.add_flag("strip_accents", "remove the accents of letters")
    group.add_choice("sentences", "line or document: where sentences end")
    return group.names


def _add_vocabulary(group: Group) -> list[str]:
    group.add("min_count", int, "leave out rarer words")
    group.add("max_final_vocab", int, "keep only the most frequent words")
    group.add("max_vocab_size", int, "bound on words while counting")
    group.add("unk_token", str, "a token for all words left out")
    group.add("sample", float, "subsampling of frequent words; 0: off")
    return group.names


def _add_optimization(group: Group) -> list[str]:
    group.add("epochs", int, "passes over the corpus")
    group.add("alpha", float, "initial learning rate; none: by model")
    group.add("min_alpha", float, "learning rate at the end")
    group.add_choice("schedule", "linear, constant or cosine")
    group.add_flag("shuffle", "a new order of sentences in each epoch")
    return group.names


def _add_run_time(group: Group) -> list[str]:
    group.add("workers", int, "threads; none: all cores")
    group.add("deterministic", deterministic, "auto, yes or no: same result every run")
    group.add("random_state", int, "seed; none: a random one")
    group.add_choice("kernel", "auto, pair or block")
    group.add("verbose", int, "1: always show the progress bar")
    group.group.add_argument(
        "--checkpoint",
        metavar="FOLDER",
        help="continue here after a crash, by the same command",
    )
    group.group.add_argument(
        "--checkpoint-every",
        type=_time,
        default="10min",
        metavar="TIME",
        help="as 10min, 2h, or a number of seconds [10min]",
    )
    return group.names


def deterministic(text: str) -> bool | str:
    if text not in DETERMINISTIC:
        raise argparse.ArgumentTypeError(f"invalid choice: {text!r} (choose auto, yes or no)")
    return DETERMINISTIC[text]


deterministic.__name__ = "name"


def _columns(text: str) -> list[str]:
    names = text.split(",")
    if len(names) not in (2, 3):
        raise argparse.ArgumentTypeError(
            f"{text!r}: give the names of two or three columns, as in --pairs item,user,times"
        )
    return names


def _time(text: str) -> float:
    from w2vext._estimator.checkpoint import seconds

    return seconds(text)


_time.__name__ = "time"


def main(argv: list[str]) -> None:
    from w2vext._estimator import fit
    from w2vext._estimator.checkpoint import Checkpoints
    from w2vext._estimator.parameters import Parameters
    from w2vext.cli.negatives import groups_of, weights_of
    from w2vext.text.column import Column
    from w2vext.text.pairs import Pairs

    made, names = parser()
    args = made.parse_args(argv)
    negatives = {
        name: (getattr(args, name), read)
        for name, read in (("noise", weights_of), ("noise_groups", groups_of))
        if getattr(args, name) is not None
    }
    check_stdin([*args.corpus, *(path for path, _ in negatives.values())])
    kind = output_format(args.output, args.format, "--format")
    if kind == "word2vec-binary" and args.max_n and not args.format:
        kind = "fasttext-bin"  # as KeyedVectors.save
    if args.output.name.endswith(".ftz"):
        raise CommandError(
            f"{args.output}: a .ftz is quantized: write a .bin, and use KeyedVectors.quantize"
        )
    if kind == "floret" and not args.max_n:
        raise CommandError(f"{args.output}: a table of floret is made of subwords: give --max-n")
    check_output(args.output, args.corpus, kind)
    params = Parameters(**{name: getattr(args, name) for name in names})
    checkpoints = None
    if args.checkpoint is not None:
        checkpoints = Checkpoints(args.checkpoint, args.checkpoint_every)
    corpus: Any = args.corpus if args.column is None else Column(args.corpus, args.column)
    if args.pairs is not None:
        corpus = Pairs.from_files(args.corpus, *args.pairs)
    given: dict[str, Any] = {name: read(path) for name, (path, read) in negatives.items()}
    fitted = fit.fit(params, corpus, checkpoints=checkpoints, **given)
    finish(args.output, lambda path: _save(path, kind, params, fitted), fitted, params.epochs)


def finish(
    path: Path,
    save: Callable[[Path], object],
    fitted: Fitted,
    epochs: int,
    what: str = "words",
) -> None:
    """Write what was learned and report it; after Ctrl-C to another name, and raise Interrupted."""
    rows, size = fitted.vectors.shape
    if fitted.interrupted:
        (path,) = unfinished_paths(path)
        save(path)
        raise Interrupted(
            f"interrupted after {fitted.n_iter} of {epochs} epochs: {path} holds the "
            f"vectors learned so far, {rows:,} {what}, {size} dimensions"
        )
    save(path)
    report(
        f"{path}: {rows:,} {what}, {size} dimensions; "
        f"mean loss {fitted.loss_history[-1]:.4g} in the last of {fitted.n_iter} epochs"
    )


def _save(path: Path, kind: str, params: Parameters, fitted: Fitted) -> None:
    from w2vext import KeyedVectors
    from w2vext._estimator import fasttext_files, persistence, subwords

    words = fitted.words
    if kind == "native":
        persistence.save(path, params, fitted, "float32")
    elif kind == "fasttext-bin":
        fasttext_files.save(path, params, fitted)
    else:
        grams = subwords.of_fit(params, fitted)
        KeyedVectors(words.words, fitted.vectors, words.counts, subwords=grams).save(path, kind)
