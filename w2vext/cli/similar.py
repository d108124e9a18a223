"""`w2vext similar`: the nearest words of each given word."""

from __future__ import annotations

from w2vext.cli.options import Parser, positive, word
from w2vext.cli.reading import add_vectors, read_vectors


def parser() -> Parser:
    parser = Parser(
        prog="w2vext similar",
        description="Show the words whose vectors have the largest cosine with each WORD's.",
        epilog="example: w2vext similar vectors.txt king queen -n 5",
    )
    add_vectors(parser)
    parser.add_argument(
        "words", nargs="+", type=word, metavar="WORD", help="a word to find neighbours of"
    )
    parser.add_argument(
        "-n", type=positive, default=10, metavar="N", help="neighbours of each word [10]"
    )
    return parser


def main(argv: list[str]) -> None:
    args = parser().parse_args(argv)
    wv = read_vectors(args, args.words)
    for asked in args.words:
        neighbors = wv.most_similar(asked, topn=args.n)
        width = max((len(name) for name, _ in neighbors), default=0)
        print(asked)
        for name, cosine in neighbors:
            print(f"  {name:{width}}  {cosine:.4f}")
