"""Looks at the place an output file shall have, before hours of work go into it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from w2vext._types import FilePath


def check_output(path: FilePath, inputs: Iterable[FilePath] = ()) -> None:
    """Raise where `path` cannot be written or is one of `inputs`; nothing is left behind.

    Raises
    ------
    OSError
        No such folder, a folder in its place, or a folder that takes no files.
    ValueError
        Writing it would destroy an input.
    """
    path = Path(os.path.realpath(path))
    for source in map(Path, inputs):
        if source.exists() and path.exists() and source.samefile(path):
            raise ValueError(f"the output {path} is one of the inputs: name another file")
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder; name a file in it")
    if path.exists() and not path.is_file():  # a pipe or a device is written to as it is
        return
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: there is no folder {path.parent}; make it")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OSError(f"cannot write into {path.parent}: {error.strerror}") from None


def check_format(name: str) -> None:
    """Write a word in a format, to no avail: what it needs must be there before the training.

    Raises
    ------
    ImportError
        A package of an extra is missing.
    """
    from w2vext import KeyedVectors

    with tempfile.TemporaryDirectory() as folder:
        KeyedVectors(["a"], [[1.0]]).save(Path(folder, "a"), name)
