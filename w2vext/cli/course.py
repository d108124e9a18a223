"""`w2vext course`: the assignment on data that the user has, and every number of the documents."""

from __future__ import annotations

from pathlib import Path

from w2vext.cli.options import Parser
from w2vext.cli.output import check_output


def main(argv: list[str]) -> int | None:
    parser = Parser(
        prog="w2vext course",
        description="sst: the CS224n assignment on the Stanford Sentiment Treebank, training, "
        "picture and sentiment classifier. numbers: every number that the course's documents "
        "print, beside what comes out here; with DATA those of the treebank run too (a minute).",
    )
    parser.add_argument("what", choices=["sst", "numbers"], help="the treebank, or the numbers")
    parser.add_argument(
        "data", nargs="?", metavar="DATA", help="the treebank's folder, with datasetSentences.txt"
    )
    parser.add_argument("-o", "--output", default=".", help="folder for the results (here)")
    parser.add_argument(
        "--engine", choices=["compiled", "numpy"], default="compiled", help="(compiled)"
    )
    parser.add_argument(
        "--draws",
        choices=["own", "assignment"],
        default="own",
        help="assignment: its own random stream, and its costs to the last digit (own)",
    )
    parser.add_argument("--dtype", choices=["float64", "float32"], default="float64")
    parser.add_argument("--iterations", type=int, default=40_000, help="of 50 windows (40000)")
    parser.add_argument("--seed", type=int, default=0, help="of --draws own (0)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    parser.add_argument(
        "--no-picture", dest="picture", action="store_false", help="do without matplotlib"
    )
    options = vars(parser.parse_args(argv))
    what, data = options.pop("what"), options.pop("data")
    if what == "numbers":
        from w2vext.lessons import report_numbers

        return 0 if report_numbers(data, options["iterations"]) else 1
    if data is None:
        parser.error("the following arguments are required: DATA")
    from w2vext.lessons import run_sst
    from w2vext.lessons.course import CHECKPOINT

    if Path(options["output"]).is_dir():
        check_output(Path(options["output"], CHECKPOINT))
    run_sst(data, **options)
    return 0
