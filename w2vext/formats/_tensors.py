"""The safetensors layout: eight bytes of length, a JSON header, the tensors' bytes.

Written in a stream (nothing is copied) and read by mapping, which the safetensors package's numpy
side does not offer; the tests hold it against that package. Refuses headers that promise what the
file does not hold, overlapping tensors and holes. https://github.com/huggingface/safetensors
"""

import json
import math
import mmap
import os
import sys

import numpy as np

_LONGEST_HEADER = 100_000_000  # as in the safetensors package
_DTYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "I64": np.int64,
    "I32": np.int32,
    "U8": np.uint8,
}
_NAMES = {np.dtype(dtype): name for name, dtype in _DTYPES.items()}


def write(file, tensors, metadata):
    """Write arrays by name, and a dict of str to str, to a binary file."""
    header, place = {"__metadata__": metadata}, 0
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
            file.write(memoryview(little_endian(tensor)).cast("B"))


def little_endian(tensor):
    """The tensor with its bytes as they stand in a file."""
    if sys.byteorder == "big":
        return np.ascontiguousarray(tensor.astype(tensor.dtype.newbyteorder("<")))
    return np.ascontiguousarray(tensor)


class Tensors:
    """An open safetensors file; `names` maps each tensor's name to its dtype and shape."""

    def __init__(self, path):
        self.path = os.fspath(path)
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or length > min(size - 8, _LONGEST_HEADER):
                self._fail(
                    f"byte 0: this is no safetensors file: its header would take {length:,} of "
                    f"{size:,} bytes"
                )
            text = file.read(length)
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._start = 8 + length
        header = self._parse(text)
        self.metadata = header.pop("__metadata__", {})
        self._places, self.names = {}, {}
        self._check(header, size - self._start)

    def _fail(self, message):
        raise ValueError(f"{self.path}, {message}")

    def _parse(self, text):
        def once(pairs):
            if len(dict(pairs)) != len(pairs):
                self._fail("byte 8: a name stands twice in the safetensors header")
            return dict(pairs)

        try:
            header = json.loads(text.decode("utf-8"), object_pairs_hook=once)
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise ValueError(
                f"{self.path}, byte 8: the safetensors header is no JSON ({error})"
            ) from None
        metadata = header.get("__metadata__", {}) if isinstance(header, dict) else None
        if not isinstance(metadata, dict):
            self._fail("byte 8: the safetensors header is no JSON object")
        return header

    def _check(self, header, room):
        spans = []
        for name, entry in header.items():
            try:
                kind, shape = entry["dtype"], entry["shape"]
                first, last = entry["data_offsets"]
                if not all(type(n) is int and n >= 0 for n in (*shape, first, last)):
                    raise ValueError
                dtype = np.dtype(_DTYPES[kind]).newbyteorder("<")
            except (TypeError, KeyError, ValueError):
                self._fail(f"byte 8: the header's entry for tensor {name!r} is malformed: {entry}")
            if last > room or last - first != math.prod(shape) * dtype.itemsize:
                self._fail(
                    f"byte 8: tensor {name!r} of shape {shape} does not fit bytes {first:,} to "
                    f"{last:,} of the {room:,} that follow the header: is the file cut off?"
                )
            spans.append((first, last, name))
            self._places[name] = (dtype, tuple(shape), first)
            self.names[name] = (kind, tuple(shape))
        end = 0
        for first, last, name in sorted(spans):
            if first != end:
                self._fail(f"byte 8: tensor {name!r} starts at {first:,}, not at {end:,}")
            end = last
        if end != room:
            self._fail(f"byte {self._start + end:,}: {room - end:,} bytes belong to no tensor")

    def map(self, name):
        """A read-only view of the tensor in the mapped file."""
        dtype, shape, first = self._places[name]
        if 0 in shape:
            return np.empty(shape, dtype.newbyteorder("="))
        view = np.frombuffer(self._data, dtype, math.prod(shape), self._start + first)
        view = view.reshape(shape)
        return view if sys.byteorder == "little" else view.astype(dtype.newbyteorder("="))
