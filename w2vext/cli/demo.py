"""`w2vext demo`: train on the documentation that is installed with Python."""

from __future__ import annotations

import contextlib
from pathlib import Path

from w2vext.cli.options import Parser, output_path
from w2vext.cli.output import check_output, log_of, output_format


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="w2vext demo",
        description="Train on the installed documentation of Python, NumPy and SciPy, print "
        "neighbours and analogies, and write the vectors. Nothing is downloaded.",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=output_path,
        metavar="FILE",
        help="output file [vectors.txt, or vectors-2.txt ... if that exists]",
    )
    parser.add_argument("--format", metavar="NAME", help="the format of FILE [by its suffix]")
    args = parser.parse_args(argv)
    from w2vext import demo

    output = args.output or demo.free_name(Path("vectors.txt"))
    format = output_format(output, args.format, "--format")
    check_output(output, format=format)
    with contextlib.redirect_stdout(log_of(output)):
        demo.run(output, format)
