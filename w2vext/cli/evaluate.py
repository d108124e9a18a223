"""`w2vext evaluate`: print the scores of vectors on test files as tables."""

from __future__ import annotations

from w2vext.cli.options import Parser, input_path, positive
from w2vext.cli.reading import add_vectors, check_stdin, read_vectors


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="w2vext evaluate",
        description="Evaluate vectors by test files: analogies (': section', then four words per "
        "line), scored pairs (word, word, number) or categories (word, category).",
        epilog="example: w2vext evaluate vectors.txt questions-words.txt wordsim353.txt",
    )
    add_vectors(parser)
    parser.add_argument(
        "tests",
        nargs="+",
        type=input_path,
        metavar="TEST",
        help="a test file of any kind; - is stdin",
    )
    parser.add_argument(
        "--restrict-vocab",
        type=positive,
        default=300_000,
        metavar="N",
        help="use the N most frequent words [300000]",
    )
    parser.add_argument(
        "--method",
        choices=["3cosadd", "3cosmul"],
        default="3cosadd",
        help="for analogies [3cosadd]",
    )
    parser.add_argument(
        "--delimiter", default="\t", metavar="TEXT", help="between fields of a line [a tab]"
    )
    parser.add_argument("--case-sensitive", action="store_true", help="do not ignore case")
    parser.add_argument(
        "--unknown",
        choices=["skip", "subwords"],
        default="skip",
        help="unknown words: skip, or compose them from n-grams [skip]",
    )
    args = parser.parse_args(argv)
    check_stdin([args.vectors, *args.tests])
    wv = read_vectors(args)
    words = min(len(wv), args.restrict_vocab)
    print(f"{args.vectors}: {words:,} of {len(wv):,} words, {wv.vector_size} dimensions")
    for path in args.tests:
        scores = wv.evaluate(
            path,
            delimiter=args.delimiter,
            method=args.method,
            restrict_vocab=args.restrict_vocab,
            case_insensitive=not args.case_sensitive,
            unknown=args.unknown,
        )
        print(f"\n{path}\n{scores}")
