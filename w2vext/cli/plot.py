"""`w2vext plot`: draw words, their neighbours or their similarities."""

from __future__ import annotations

import os

from w2vext import _files
from w2vext.cli.options import Parser, output_path, positive, word
from w2vext.cli.output import check_output, log_of
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
        help="the picture: .png, .svg, .pdf ...; - is stdout, as .png",
    )
    what = parser.add_mutually_exclusive_group()
    for name, text in (
        ("--words", "draw these words"),
        ("--neighbors", "draw these words and their neighbours"),
        ("--similarities", "draw a heat map of the cosines of these words"),
    ):
        what.add_argument(name, nargs="+", type=word, metavar="WORD", help=text)
    parser.add_argument(
        "--topn", type=positive, default=12, metavar="N", help="neighbours of each word [12]"
    )
    parser.add_argument(
        "--dpi", type=positive, default=150, metavar="N", help="dots per inch [150]"
    )
    args = parser.parse_args(argv)
    kind = args.output.suffix[1:].lower()
    if not kind and _files.is_one_shot(args.output):
        kind = "png"
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
    print(f"{args.output}: {axes.get_title() or 'cosines'}", file=log_of(args.output))
