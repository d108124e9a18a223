"""`w2vext config`: what this installation runs on."""

from w2vext.cli.options import Parser


def main(argv):
    Parser(
        prog="w2vext config",
        description="Show versions, BLAS, threads, kernel and instruction set.",
    ).parse_args(argv)
    from w2vext import show_config

    print(show_config())
