"""The `w2vext demo` command: train on installed documentation; `w2vext.demo` does the work."""

from __future__ import annotations

from pathlib import Path

from w2vext.cli.options import Parser
from w2vext.cli.output import check_output


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="w2vext demo",
        description="Train on the installed documentation of Python, NumPy and SciPy, print "
        "neighbours and analogies, and write the vectors. Nothing is downloaded.",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="output file [vectors.txt, or vectors-2.txt ... if that exists]",
    )
    args = parser.parse_args(argv)
    from w2vext import demo

    output = args.output or demo.free_name(Path("vectors.txt"))
    check_output(output)
    demo.run(output)
