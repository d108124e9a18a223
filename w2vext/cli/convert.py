"""`w2vext convert`: a file of vectors in another format. Says what the new file does not hold."""

from __future__ import annotations

import sys
from pathlib import Path

from w2vext.cli.options import Parser, positive
from w2vext.cli.output import check_output

FORMATS = """formats by the end of the name, and their names for --from and --to:
  .txt                        word2vec         word2vec's text
  .bin                        word2vec-binary  word2vec's binary
  .glove.txt                  glove            GloVe's text
  .vec                        fasttext         fastText's text
  .safetensors                native           both matrices, counts, parameters
  .parquet, .arrow, .feather  parquet          tables, with counts
  .npz                        npz              numpy arrays, with counts
  .tsv                        projector        words and counts in .metadata.tsv
  .model2vec                  model2vec        a folder
A .gz, .xz or .bz2 after .txt, .bin, .vec and .tsv compresses."""

# What `convert` calls it: what the user reads.
LOST = {
    "counts": "the words' counts",
    "context_vectors": "the output vectors",
    "parameters": "the training parameters",
    "arrays": "the weights of the model's pooling",
    "word_types": "which words were numbers (they are text now)",
}


def parser() -> Parser:
    parser = Parser(
        prog="w2vext convert",
        description="Write the vectors of IN to OUT; the names' ends say in which formats.",
        epilog=FORMATS,
    )
    parser.add_argument("source", type=Path, metavar="IN")
    parser.add_argument("target", type=Path, metavar="OUT")
    parser.add_argument(
        "--from", dest="source_format", metavar="FORMAT", help="whatever IN ends in"
    )
    parser.add_argument("--to", dest="target_format", metavar="FORMAT", help="whatever OUT ends in")
    parser.add_argument("--limit", type=positive, metavar="N", help="take the first N words only")
    parser.add_argument(
        "--errors",
        choices=["strict", "replace", "ignore"],
        default="strict",
        help="what to do with words that are not UTF-8 [strict]",
    )
    return parser


def main(argv: list[str]) -> None:
    args = parser().parse_args(argv)
    from w2vext import convert

    if not args.target.is_dir():  # a Model2Vec folder is replaced by its writer, which looks at it
        check_output(args.target, inputs=[args.source])
    done = convert(
        args.source,
        args.target,
        args.source_format,
        args.target_format,
        limit=args.limit,
        errors=args.errors,
    )
    print(
        f"{args.target}: {done['words']:,} words, {done['dimensions']} numbers each "
        f"({done['source']} to {done['target']})",
        file=sys.stderr,
    )
    if done["lost"]:
        lost = ", ".join(LOST[name] for name in done["lost"])
        print(f"{args.target} does not hold what {args.source} does: {lost}", file=sys.stderr)
