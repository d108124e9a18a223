"""`w2vext demo`: trains on the documentation that is installed here; the work is w2vext.demo's."""

from __future__ import annotations

from pathlib import Path

from w2vext.cli.options import Parser
from w2vext.cli.output import check_output


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="w2vext demo",
        description="Train on the documentation of Python, numpy and scipy that is installed here, "
        "show neighbours and analogies, and write the vectors. Downloads nothing.",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="where the vectors go [vectors.txt, or vectors-2.txt … where that is taken]",
    )
    args = parser.parse_args(argv)
    from w2vext import demo

    output = args.output or demo.free_name(Path("vectors.txt"))
    check_output(output)
    demo.run(output)
