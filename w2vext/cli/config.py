"""`w2vext config`: print versions, BLAS, threads, kernels and instruction set."""

from __future__ import annotations

from w2vext.cli.options import Parser


def main(argv: list[str]) -> None:
    Parser(
        prog="w2vext config",
        description="Print versions, BLAS, threads, kernels and instruction set.",
    ).parse_args(argv)
    from w2vext import show_config

    print(show_config())
