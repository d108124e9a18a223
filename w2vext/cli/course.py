"""`w2vext course`: the lessons that train, on data that the user has."""

from w2vext.cli.options import Parser


def main(argv):
    parser = Parser(
        prog="w2vext course",
        description="The CS224n assignment on the Stanford Sentiment Treebank: training, picture "
        "and sentiment classifier.",
    )
    parser.add_argument("what", choices=["sst"], help="the Stanford Sentiment Treebank")
    parser.add_argument("data", metavar="DATA", help="its folder, with datasetSentences.txt")
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
    from w2vext.course import run_sst

    del options["what"]
    run_sst(options.pop("data"), **options)
