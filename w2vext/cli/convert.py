"""`w2vext convert`: write a file of vectors in another format and report what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext.cli import CommandError
from w2vext.cli.console import report
from w2vext.cli.options import (
    Parser,
    add_reading,
    checked_reading,
    input_place,
    output_place,
    positive,
    reading,
)
from w2vext.cli.output import check_output, output_format

if TYPE_CHECKING:
    import argparse
    from typing import Any

    from w2vext import KeyedVectors

FORMATS = """suffixes, and the names of formats for --format and --to:
  .txt                        word2vec         word2vec's text
  .bin                        word2vec-binary  word2vec's binary
  .glove.txt                  glove            GloVe's text
  .vec                        fasttext         fastText's text
  .bin with subwords, .ftz    fasttext-bin     fastText's models
  .floret                     floret           floret's table, for spaCy
  .safetensors                native           both matrices, counts, parameters
  .parquet, .arrow, .feather  parquet          tables, with counts
  .npz                        npz              numpy arrays, with counts
  .tsv                        projector        words and counts in .metadata.tsv
  .model2vec                  model2vec        a folder
  (none)                      sentence-transformers  a folder
  (none)                      spacy            a folder for spacy.load
.txt, .bin, .vec and .tsv may be followed by .gz, .xz or .bz2."""

# How the report names what a format does not store.
LOST = {
    "counts": "the words' counts",
    "output_vectors": "the output vectors",
    "parameters": "the training parameters",
    "arrays": "the weights of the model's pooling",
    "word_types": "which words were numbers (they are text now)",
    "subword_vectors": "the vectors of n-grams, for unknown words",
    "labels": "the labels of a classifier",
}


# Smaller types of numbers, and the formats that store them.
DTYPES = {
    "float16": ("native", "model2vec", "sentence-transformers"),
    "int8": ("model2vec",),
}


def parser() -> Parser:
    parser = Parser(
        prog="w2vext convert",
        description="Write the vectors of IN to OUT. The content of IN decides how it is read, the "
        "suffix of OUT how it is written.",
        epilog=FORMATS,
    )
    parser.add_argument(
        "source",
        type=input_place,
        metavar="IN",
        help="a file of vectors in any format, or a URL; - is stdin",
    )
    parser.add_argument(
        "target", type=output_place, metavar="OUT", help="the file to write, or a URL; - is stdout"
    )
    parser.add_argument("--to", metavar="NAME", help="the format of OUT [by its suffix]")
    parser.add_argument("--limit", type=positive, metavar="N", help="take the first N words")
    add_reading(parser, "IN", "--from")
    smaller = parser.add_argument_group(
        "smaller vectors", "These print the sizes before and after, and the loss of accuracy."
    )
    smaller.add_argument("--dtype", choices=DTYPES, help="the type of the numbers [float32]")
    smaller.add_argument(
        "--dimensions", type=positive, metavar="K", help="project on K principal directions [all]"
    )
    smaller.add_argument(
        "--top", type=positive, metavar="N", help="keep the N most frequent words [all]"
    )
    smaller.add_argument(
        "--min-count", type=positive, metavar="N", help="keep words that occur N times or more [1]"
    )
    return parser


def main(argv: list[str]) -> None:
    args = parser().parse_args(argv)
    from w2vext import convert

    format = output_format(args.target, args.to, "--to")
    check_output(args.target, [args.source], format)
    how = reading(args)
    if any((args.dtype, args.dimensions, args.top, args.min_count)):
        _check_dtype(args.dtype, format)
        with checked_reading():
            _write_smaller(args, how, format)
        return
    with checked_reading():
        done = convert(
            args.source, args.target, how.pop("format"), args.to, limit=args.limit, **how
        )
    report(
        f"{args.target}: {done['words']:,} words, {done['dimensions']} dimensions "
        f"({done['source']} to {done['target']})"
    )
    if done["lost"]:
        lost = ", ".join(LOST[name] for name in done["lost"])
        report(f"{args.target} does not store all that {args.source} does: {lost}")


def _check_dtype(dtype: str | None, format: str) -> None:
    if dtype is not None and format not in DTYPES[dtype]:
        names = " or ".join(f"--to {name}" for name in DTYPES[dtype])
        raise CommandError(
            f"--dtype {dtype}: the format {format!r} does not store such numbers: give {names}, or "
            "leave --dtype out"
        )


def _write_smaller(args: argparse.Namespace, how: dict[str, Any], format: str) -> None:
    """Write compressed vectors and print their size and the loss of accuracy."""
    from w2vext import KeyedVectors

    wv = KeyedVectors.load(args.source, limit=args.limit, **how)
    dtype = {} if args.dtype is None else {"dtype": args.dtype}
    small = wv.compress(dimensions=args.dimensions, words=_words_to_keep(wv, args), **dtype)
    small.wv.save(args.target, args.to, **dtype)
    report(
        f"{args.target}: {len(small.wv):,} of {len(wv):,} words, {small.wv.vector_size} of "
        f"{wv.vector_size} dimensions, {args.dtype or 'float32'} ({format})"
    )
    for line in str(small).splitlines():
        report(line)
    if wv.subwords is not None:
        report(f"{args.target} does not store {LOST['subword_vectors']}")


def _words_to_keep(wv: KeyedVectors, args: argparse.Namespace) -> int | None:
    """How many of the most frequent words are kept; None for all."""
    kept = len(wv) if args.top is None else min(args.top, len(wv))
    if args.min_count is not None:
        if wv.counts is None:
            raise CommandError(
                f"--min-count {args.min_count}: {args.source} has no counts of words: give --top"
            )
        kept = min(kept, int((wv.counts >= args.min_count).sum()))
        if not kept:
            raise CommandError(
                f"--min-count {args.min_count}: no word of {args.source} occurs so often: give at "
                f"most {int(wv.counts.max(initial=0))}, the count of the most frequent one"
            )
    return None if kept == len(wv) else kept
