"""`w2vext explain`: write the page that steps through training."""

from __future__ import annotations

from pathlib import Path

from w2vext.cli.options import Parser
from w2vext.cli.output import check_output


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="w2vext explain",
        description="Write a page that steps through training, every variable visible.",
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("explain.html"), help="the page (explain.html)"
    )
    parser.add_argument("--text", help="a sentence of your own, at most 24 words")
    parser.add_argument("--window", type=int, default=2, help="words to each side (2)")
    parser.add_argument("--dim", type=int, default=4, help="dimensions (4)")
    parser.add_argument("--loss", choices=["neg", "softmax"], default="neg", help="(neg)")
    parser.add_argument("--negative", type=int, default=3, help="words drawn beside a pair (3)")
    parser.add_argument("--step", type=float, default=0.2, help="step size (0.2)")
    parser.add_argument("--seed", type=int, default=0, help="of the start values (0)")
    options = vars(parser.parse_args(argv))
    output = options.pop("output")
    check_output(output)
    from w2vext import explain

    print(f"{explain(**options).save(output)}: open it in a browser")
