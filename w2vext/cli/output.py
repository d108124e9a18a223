"""Checks the outputs of a command before it spends time on their content."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext._arguments.messages import shown
from w2vext.cli import console

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from w2vext._arguments.types import FilePath

# Formats that a pipe cannot hold.
FOLDERS = ("model2vec", "sentence-transformers", "spacy")
SEVERAL_FILES = (*FOLDERS, "projector")


def check_output(
    path: FilePath, inputs: Iterable[FilePath] = (), format: str | None = None
) -> None:
    """Raise if `path` cannot be written or is one of `inputs`; leaves nothing behind.

    An earlier folder of the format "model2vec" is checked by its writer, which replaces it.

    Raises
    ------
    OSError
        There is no such folder, a folder has this name, or the folder does not accept new files.
    ValueError
        Writing it would destroy an input.
    """
    name = _files.path_of(path)
    for source in map(_files.path_of, inputs):
        if os.path.isfile(source) and os.path.exists(name) and os.path.samefile(source, name):
            raise ValueError(f"the output {name} is one of the inputs: name another file")
    if format not in FOLDERS or not os.path.isdir(name):
        _files.check_writable(path)


def output_format(path: FilePath, name: str | None, option: str) -> str:
    """The format of vectors to write: what the option names, otherwise what the suffix names.

    Raises
    ------
    ValueError
        The suffix or the name is unknown, or a stream cannot hold the format.
    ImportError
        A package of an extra is missing.
    """
    from w2vext import formats

    if name is None:
        try:
            name = formats.by_suffix(path)
        except ValueError as error:
            raise ValueError(str(error).replace("give format", f"give {option}")) from None
    if name not in formats.FORMATS:
        known = ", ".join(formats.FORMATS)
        raise ValueError(f"{option} {shown(name)}: choose one of {known}")
    if name in SEVERAL_FILES and _files.is_one_shot(path):
        raise ValueError(
            f"{path}: the format {name!r} is more than one file, and a stream cannot hold it: "
            "name a file, or choose another format"
        )
    _try(name)
    return name


def _try(name: str) -> None:
    """Write one word in a format and drop it, which needs the packages that the format needs."""
    from w2vext import KeyedVectors

    # A format that needs more than vectors raises ValueError.
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(ValueError):
        KeyedVectors(["a"], [[1.0]]).save(Path(folder, "a"), name)


def unfinished_paths(*paths: FilePath) -> list[Path]:
    """Where the result of an interrupted training goes: to `paths`, unless it would replace files.

    Then it goes to free names next to them, which all begin alike.
    """
    wanted = [Path(_files.path_of(path)) for path in paths]
    if all(map(_files.is_one_shot, wanted)):
        return wanted
    numbered = (f"interrupted-{n}-" for n in itertools.count(2))
    for prefix in itertools.chain(["", "interrupted-"], numbered):
        names = [path.with_name(prefix + path.name) for path in wanted]
        if not any(map(os.path.lexists, names)):
            return names
    raise AssertionError("not reached")


def log_of(*outputs: FilePath | None) -> Any:
    """Where messages go: to stdout, or to stderr if one of the outputs is stdout."""
    used = any(path is not None and _files.is_stdout(path) for path in outputs)
    return console.stderr() if used else sys.stdout
