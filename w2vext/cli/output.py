"""Checks where an output file goes before hours of work are spent on it."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from w2vext import _files

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from w2vext._types import FilePath


def check_output(path: FilePath, inputs: Iterable[FilePath] = ()) -> None:
    """Raise where `path` cannot be written or is one of `inputs`; leaves nothing behind.

    Raises
    ------
    OSError
        There is no such folder, a folder has this name, or the folder takes no files.
    ValueError
        Writing it would destroy an input.
    """
    name = _files.path_of(path)
    for source in map(_files.path_of, inputs):
        if os.path.isfile(source) and os.path.exists(name) and os.path.samefile(source, name):
            raise ValueError(f"the output {name} is one of the inputs: name another file")
    _files.check_writable(path)


def check_format(name: str) -> None:
    """Write one word in a format and drop it: a missing package is reported before the training.

    Raises
    ------
    ImportError
        A package of an extra is missing.
    """
    from w2vext import KeyedVectors

    with tempfile.TemporaryDirectory() as folder:
        KeyedVectors(["a"], [[1.0]]).save(Path(folder, "a"), name)


def output_path(text: str) -> Any:
    """The output that a command line names: ``-`` is the standard output."""
    return Path("/dev/stdout") if text == "-" else Path(text)


def announce(path: FilePath, message: str) -> None:
    """Print a message about a finished output; to stderr where the output is stdout itself."""
    print(message, file=sys.stderr if _files.is_stdout(path) else sys.stdout)
