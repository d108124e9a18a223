"""`w2vext explore`: write an HTML page to explore vectors in a browser."""

from __future__ import annotations

from pathlib import Path

from w2vext.cli.options import Parser, output_path, positive
from w2vext.cli.output import check_output, log_of
from w2vext.cli.reading import add_vectors, read_vectors


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="w2vext explore",
        description="Write a page to explore vectors in a browser: search, neighbours, analogies "
        "and a map. It needs no network. Needs plotly and openTSNE: pip install 'w2vext[pages]'.",
        epilog="example: w2vext explore vectors.txt -o explore.html",
    )
    add_vectors(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=output_path,
        default=Path("explore.html"),
        metavar="FILE",
        help="the page; - is stdout [explore.html]",
    )
    parser.add_argument(
        "--words",
        type=positive,
        default=20_000,
        metavar="N",
        help="show the N most frequent words, at most 20000 [20000]",
    )
    parser.add_argument(
        "--map",
        choices=["tsne", "pca"],
        default="tsne",
        help="layout; tsne keeps neighbours together and takes longer [tsne]",
    )
    args = parser.parse_args(argv)
    check_output(args.output, inputs=[args.vectors])
    from w2vext import explore

    wv = read_vectors(args)
    page = explore(wv, words=args.words, map=args.map, title=Path(args.vectors).name)
    print(f"{page.save(args.output)}: open it in a browser", file=log_of(args.output))
