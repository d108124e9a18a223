"""`w2vext course`: run the CS224n assignment, and check the numbers of the documents."""

from __future__ import annotations

from pathlib import Path

from w2vext.cli.options import Parser
from w2vext.cli.output import check_output


def main(argv: list[str]) -> int | None:
    parser = Parser(
        prog="w2vext course",
        description="sst: run the CS224n assignment on the Stanford Sentiment Treebank: training, "
        "picture and sentiment classifier. numbers: compare every number that the source documents "
        "print with the one computed here; with DATA, also those of the treebank run (one minute).",
    )
    parser.add_argument("what", choices=["sst", "numbers"], help="what to run")
    parser.add_argument(
        "data", nargs="?", metavar="DATA", help="folder of the treebank, with datasetSentences.txt"
    )
    parser.add_argument(
        "-o", "--output", default=".", metavar="FOLDER", help="folder for the results [.]"
    )
    parser.add_argument(
        "--engine",
        choices=["compiled", "numpy"],
        default="compiled",
        help="the compiled training step or its NumPy reference [compiled]",
    )
    parser.add_argument(
        "--draws",
        choices=["own", "assignment"],
        default="own",
        help="random stream; that of the assignment reproduces its costs [own]",
    )
    parser.add_argument(
        "--dtype", choices=["float64", "float32"], default="float64", help="number type [float64]"
    )
    parser.add_argument(
        "--iterations", type=int, default=40_000, help="number of iterations [40000]"
    )
    parser.add_argument("--seed", type=int, default=0, help="random seed for --draws own [0]")
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoint")
    parser.add_argument(
        "--no-picture",
        dest="picture",
        action="store_false",
        help="do not draw the picture",
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
