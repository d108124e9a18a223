"""`w2vext config`: what this installation runs on."""

from __future__ import annotations

from w2vext.cli.options import Parser


def main(argv: list[str]) -> None:
    Parser(
        prog="w2vext config",
        description="Show versions, BLAS, threads, kernel and instruction set.",
    ).parse_args(argv)
    from w2vext import show_config

    print(show_config())
