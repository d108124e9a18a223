"""Named arrays in a safetensors file, and JSON in its header: checkpoints of a run, and phrases.

Everything in the file has a checksum, so that a damaged one is recognized. Nothing in it is ever
executed.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext._arguments.messages import damaged_native
from w2vext.formats import _tensors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import FilePath

NAME, VERSION = "w2vext checkpoint", "1"


def write(
    path: FilePath,
    arrays: Mapping[str, NDArray[Any]],
    content: dict[str, Any],
    name: str = NAME,
) -> None:
    """Write a file, all or nothing; it is on the disk when the call returns.

    Parameters
    ----------
    path : str or path-like
    arrays : mapping of str to ndarray
        C-contiguous ones are written without a copy.
    content : dict
        What JSON can hold; float numbers keep their value.
    name : str
        Of this kind of file.
    """
    text = json.dumps(content, allow_nan=False)
    checksums = {n: [list(a.shape), _tensors.checksum(a)] for n, a in arrays.items()}
    metadata = {
        "format": name,
        "version": VERSION,
        "content": text,
        "checksum": json.dumps({"content": _digest(text), "arrays": checksums}),
    }
    with _files.writing(path) as file:
        _tensors.write(file, arrays, metadata)


def read(path: FilePath, name: str = NAME) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read a file of the kind that has this name.

    Returns
    -------
    arrays : dict of str to ndarray
        Read-only views of the mapped file.
    content : dict

    Raises
    ------
    ValueError
        The file is damaged, or of another kind or version.
    """
    file = _tensors.Tensors(path)
    found = file.metadata.get("format"), file.metadata.get("version")
    if found[0] != name:
        raise ValueError(
            f"{path}: a safetensors file, but not a {name} file: read it with the class "
            "that wrote it"
        )
    if found[1] != VERSION:
        raise ValueError(
            f"{path}: version {found[1]!r} of a {name} file; this w2vext reads version "
            f"{VERSION}: read it with the w2vext that wrote it, or a newer one"
        )
    try:
        text, checksums = file.metadata["content"], json.loads(file.metadata["checksum"])
        if checksums["content"] != _digest(text):
            raise ValueError
        content, expected = json.loads(text), dict(checksums["arrays"])
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError(damaged_native(path, "the header is not valid")) from None
    arrays = {each: file.map(each) for each in file.names}
    if sorted(arrays) != sorted(expected):
        raise ValueError(damaged_native(path, "the list of arrays is not valid"))
    for each, array in arrays.items():
        if expected[each] != [list(array.shape), _tensors.checksum(array)]:
            raise ValueError(damaged_native(path, f"the checksum of {each!r} differs"))
    return arrays, content


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
