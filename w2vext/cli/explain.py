"""`w2vext explain`: write the page that steps through training."""

from __future__ import annotations

from pathlib import Path

from w2vext.cli.options import Parser, output_path
from w2vext.cli.output import check_output, log_of


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="w2vext explain",
        description="Write a page that steps through training and shows every variable.",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=output_path,
        default=Path("explain.html"),
        metavar="FILE",
        help="the page; - is stdout [explain.html]",
    )
    parser.add_argument("--text", help="also explain this sentence of at most 24 words")
    parser.add_argument("--window", type=int, default=2, help="context words on each side [2]")
    parser.add_argument("--dim", type=int, default=4, help="dimensions of the vectors [4]")
    parser.add_argument(
        "--loss", choices=["neg", "softmax"], default="neg", help="loss function [neg]"
    )
    parser.add_argument("--negative", type=int, default=3, help="negative samples per pair [3]")
    parser.add_argument("--alpha", type=float, default=0.2, help="learning rate [0.2]")
    parser.add_argument("--seed", type=int, default=0, help="random seed [0]")
    options = vars(parser.parse_args(argv))
    output = options.pop("output")
    check_output(output)
    from w2vext import explain

    print(f"{explain(**options).save(output)}: open it in a browser", file=log_of(output))
