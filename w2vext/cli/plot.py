"""`w2vext plot`: a picture of words, of their neighbours or of their similarities."""

from __future__ import annotations

import os

from w2vext import _files
from w2vext.cli.options import Parser, positive
from w2vext.cli.output import announce, check_output, output_path
from w2vext.cli.reading import add_vectors, read_vectors


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="w2vext plot",
        description="Draw words on their first two principal components, by default the most "
        "frequent ones. Needs matplotlib: pip install 'w2vext[plot]'.",
        epilog="example: w2vext plot vectors.txt -o picture.png --words king queen man woman",
    )
    add_vectors(parser)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=output_path,
        metavar="FILE",
        help="the picture: .png, .svg, .pdf or another of matplotlib's formats",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--words", nargs="+", metavar="WORD", help="draw these words")
    what.add_argument("--neighbors", nargs="+", metavar="WORD", help="add their neighbours")
    what.add_argument("--similarities", nargs="+", metavar="WORD", help="draw a heat map of these")
    parser.add_argument(
        "--topn", type=positive, default=12, metavar="N", help="neighbours of each word [12]"
    )
    parser.add_argument(
        "--dpi", type=positive, default=150, metavar="N", help="dots per inch [150]"
    )
    args = parser.parse_args(argv)
    kind = args.output.suffix[1:].lower()
    if not kind:
        raise ValueError(f"{args.output}: end the picture's name in .png, .svg or .pdf")
    check_output(args.output, inputs=[args.vectors])
    os.environ.setdefault("MPLBACKEND", "Agg")  # opens no window
    wv = read_vectors(args, args.words or args.neighbors or args.similarities or ())
    if args.neighbors:
        axes = wv.plot_neighbors(args.neighbors, args.topn)
    elif args.similarities:
        axes = wv.plot_similarities(args.similarities)
    else:
        axes = wv.plot(args.words)
    with _files.writing(args.output) as file:
        axes.figure.savefig(file, format=kind, dpi=args.dpi)
    announce(args.output, f"{args.output}: {axes.get_title() or 'cosines'}")
