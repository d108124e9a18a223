"""`w2vext train`: corpora in, a file of vectors out. The options are Word2Vec's parameters."""

from __future__ import annotations

import sys
from pathlib import Path

from w2vext.cli.options import Parser, add_options
from w2vext.cli.output import check_format, check_output
from w2vext.cli.reading import format_by_name

# They say how documents become vectors, which this command does not do.
NOT_OPTIONS = {"unknown", "pooling", "sif_smoothing"}


def parser() -> tuple[Parser, list[str]]:
    """The parser and the names of the options that are Word2Vec's parameters."""
    from w2vext import Trainer

    parser = Parser(
        prog="w2vext train",
        usage="%(prog)s CORPUS [CORPUS ...] -o FILE [options]",
        description="Train word vectors on text: one sentence per line, words between white space.",
        epilog="example: w2vext train corpus.txt.gz -o vectors.bin --vector-size 300",
    )
    parser.add_argument(
        "corpus",
        nargs="+",
        type=Path,
        metavar="CORPUS",
        help="a text file, plain or compressed (.gz, .bz2, .xz), or a folder of them",
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=Path,
        metavar="FILE",
        help="where the vectors go, in the format that its end stands for, as for convert: .bin is "
        "word2vec's binary, .safetensors keeps the whole model; word2vec's text otherwise",
    )
    parser.add_argument("--binary", action="store_true", help="binary, whatever FILE ends in")
    group = parser.add_argument_group("training", "Word2Vec's parameters, with their defaults")
    return parser, add_options(group, Trainer, skip=NOT_OPTIONS)


def main(argv: list[str]) -> None:
    from w2vext import Trainer

    made, names = parser()
    args = made.parse_args(argv)
    check_output(args.output, inputs=args.corpus)
    binary = args.binary or args.output.suffix.lower() == ".bin"
    kind = "word2vec-binary" if binary else format_by_name(args.output)
    check_format(kind)
    model = Trainer(**{name: getattr(args, name) for name in names})
    model.fit(args.corpus)
    if kind == "native":
        model.save(args.output)
    else:
        model.wv.save(args.output, kind)
    words, size = model.vectors_.shape
    print(
        f"{args.output}: {words:,} words, {size} numbers each; "
        f"mean loss {model.loss_history_[-1]:.4g} in the last of {model.n_iter_} epochs",
        file=sys.stderr,
    )
