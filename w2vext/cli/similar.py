"""`w2vext similar`: the nearest words of each given word."""

from __future__ import annotations

from pathlib import Path

from w2vext.cli import CommandError
from w2vext.cli.options import Parser, positive
from w2vext.cli.reading import format_by_name


def parser() -> Parser:
    parser = Parser(
        prog="w2vext similar",
        description="Show the words whose vectors have the largest cosine with each WORD's.",
    )
    parser.add_argument(
        "vectors",
        metavar="FILE",
        type=Path,
        help="any format, by its suffix; word2vec's, text or binary, where that says nothing",
    )
    parser.add_argument("words", nargs="+", metavar="WORD")
    parser.add_argument(
        "-n", type=positive, default=10, metavar="N", help="how many neighbours of each word [10]"
    )
    return parser


def main(argv: list[str]) -> None:
    args = parser().parse_args(argv)
    from w2vext import KeyedVectors

    if format_by_name(args.vectors).startswith("word2vec"):  # whatever the suffix, see its bytes
        vectors = KeyedVectors.load_word2vec_format(args.vectors, binary=None)
    else:
        vectors = KeyedVectors.load(args.vectors)
    unknown = [word for word in args.words if word not in vectors]
    if unknown:
        names = ", ".join(map(repr, unknown))
        raise CommandError(f"{names}: not among the {len(vectors):,} words of {args.vectors}")
    for word in args.words:
        found = vectors.most_similar(word, topn=args.n)
        width = max((len(name) for name, _ in found), default=0)
        print(word)
        for name, cosine in found:
            print(f"  {name:{width}}  {cosine:.4f}")
