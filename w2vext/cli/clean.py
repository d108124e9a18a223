"""`w2vext clean`: finish or remove what programs that were killed left in a folder."""

from __future__ import annotations

import os

from w2vext import _files
from w2vext.cli.options import Parser


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="w2vext clean",
        description="Remove the temporary files (.w2vext-*) that programs left in FOLDER when they "
        "were killed or the machine went down. If several files were being replaced together, the "
        "change is finished first. Files of programs that still run are not touched. Saving to "
        "FOLDER does the same.",
        epilog="example: w2vext clean models",
    )
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="subfolders are not searched")
    for folder in parser.parse_args(argv).folders:
        _clean(_files.path_of(folder))


def _clean(folder: str) -> None:
    """Clean one folder and print what was removed."""
    os.listdir(folder)  # raises where the folder cannot be read
    before = _files.leftovers(folder)
    removed, failures = _files.clean(folder)
    left = _files.leftovers(folder)
    for path, size in removed:
        print(f"{path}: removed, {size:,} bytes")
    for path in before:
        if path.endswith(_files.JOURNAL) and path not in left:
            print(f"{path}: the interrupted change is finished")
    if failures:
        raise failures[0]
    total = sum(size for _, size in removed)
    running = f", {len(left)} of running programs left" if left else ""
    print(f"{folder}: {len(removed)} removed, {total:,} bytes{running}")
