"""`w2vext explore`: write the page that explores vectors."""

from __future__ import annotations

from pathlib import Path

from w2vext.cli.options import Parser
from w2vext.cli.output import check_output
from w2vext.cli.reading import add_vectors, count, read_vectors


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="w2vext explore",
        description="Write one page, which needs no network, to explore vectors in a browser: "
        "search, neighbours, analogies, a map. Needs plotly: pip install 'w2vext[pages]'.",
    )
    add_vectors(parser)
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("explore.html"), help="the page (explore.html)"
    )
    parser.add_argument(
        "--words",
        type=count,
        default=20_000,
        metavar="N",
        help="the N most frequent words, at most 20000; without counts, the first N [20000]",
    )
    parser.add_argument(
        "--map",
        choices=["pca", "tsne"],
        default="pca",
        help="principal components, or t-SNE, which takes minutes for thousands of words [pca]",
    )
    args = parser.parse_args(argv)
    check_output(args.output, inputs=[args.vectors])
    from w2vext import explore

    wv = read_vectors(args)
    page = explore(wv, words=args.words, map=args.map, title=args.vectors.name)
    print(f"{page.save(args.output)}: open it in a browser")
