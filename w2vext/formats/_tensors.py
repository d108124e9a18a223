"""Safetensors files: eight bytes of length, a JSON header, the bytes of the tensors.

The safetensors package reads and checks the header. Its NumPy interface copies tensors, so they are
mapped here. Its writer orders the metadata differently in each run, so ours writes: the same model
gives the same bytes, and each matrix starts on a cache line.
https://github.com/huggingface/safetensors
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
import sys
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import CHECK_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO, Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import FilePath

_DTYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "I64": np.int64,
    "I32": np.int32,
    "I8": np.int8,
    "U8": np.uint8,
}
_NAMES = {np.dtype(dtype): name for name, dtype in _DTYPES.items()}


def write(file: IO[bytes], tensors: Mapping[str, NDArray[Any]], metadata: dict[str, str]) -> None:
    """Write named arrays and a dict of str to a binary file."""
    header: dict[str, Any] = {"__metadata__": metadata}
    place = 0
    ordered = sorted(tensors.items(), key=lambda item: -item[1].dtype.itemsize)
    for name, tensor in ordered:
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [place, place + tensor.nbytes],
        }
        place += tensor.nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)  # so that a mapped matrix starts on a cache line
    file.write(len(text).to_bytes(8, "little"))
    file.write(text)
    for _, tensor in ordered:
        if tensor.nbytes:
            file.write(little_endian(tensor).data.cast("B"))


def little_endian(tensor: NDArray[Any]) -> NDArray[Any]:
    """The tensor in the byte order of files."""
    if sys.byteorder == "big":
        return np.ascontiguousarray(tensor.astype(tensor.dtype.newbyteorder("<")))
    return np.ascontiguousarray(tensor)


def checksum(tensor: NDArray[Any]) -> str:
    """The SHA-256 of a tensor's bytes, as they are in a file."""
    flat = little_endian(tensor).reshape(-1)
    return hashlib.sha256(flat.view(np.uint8).data).hexdigest()


class Tensors:
    """An open safetensors file.

    Attributes
    ----------
    path : str
    metadata : dict of str
    names : dict
        Tensor's name -> (dtype, shape).
    """

    def __init__(self, path: FilePath) -> None:
        from safetensors import SafetensorError, safe_open

        self.path = str(path)
        try:
            with safe_open(os.fsdecode(path), framework="np") as file:
                self.metadata = file.metadata() or {}
                views = {name: file.get_slice(name) for name in file.offset_keys()}
                self.names = {n: (v.get_dtype(), tuple(v.get_shape())) for n, v in views.items()}
        except SafetensorError as error:
            size = os.path.getsize(path)
            what = f"not a valid safetensors file ({error}; it has {size:,} bytes)"
            raise ValueError(f"{self.path}: {what}: {CHECK_PATH}") from None
        with open(path, "rb") as file:
            place = 8 + int.from_bytes(file.read(8), "little")
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        # The package accepts only files in which each tensor starts where the last one ends.
        self._places = {}
        for name, (kind, shape) in self.names.items():
            if kind not in _DTYPES:
                raise ValueError(
                    f"{self.path}: tensor {name!r} has the unsupported type {kind}: "
                    f"convert it to one of {', '.join(_DTYPES)}"
                )
            self._places[name] = place
            place += math.prod(shape) * np.dtype(_DTYPES[kind]).itemsize

    def map(self, name: str) -> NDArray[Any]:
        """A read-only view of the tensor in the mapped file."""
        kind, shape = self.names[name]
        dtype = np.dtype(_DTYPES[kind]).newbyteorder("<")
        if 0 in shape:
            return np.empty(shape, dtype.newbyteorder("="))
        view = np.frombuffer(self._data, dtype, math.prod(shape), self._places[name])
        view = view.reshape(shape)
        return view if sys.byteorder == "little" else view.astype(dtype.newbyteorder("="))
