"""`w2vext convert`: write a file of vectors in another format and report what is lost."""

from __future__ import annotations

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
    return parser


def main(argv: list[str]) -> None:
    args = parser().parse_args(argv)
    from w2vext import convert

    format = output_format(args.target, args.to, "--to")
    check_output(args.target, [args.source], format)
    how = reading(args)
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
