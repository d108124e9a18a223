"""Reads the record batches of Arrow files, and how large they are before they are decompressed.

A file is read as the stream that it contains, so that each byte of it is used once; its footer may
name a batch many times.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from w2vext._arguments.messages import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_MAGIC, _END = b"ARROW1\0\0", b"ARROW1"
_RECORD_BATCH, _DICTIONARY_BATCH = 3, 2  # the types of messages


def batches(arrow: Any, content: Any, rows: Any) -> Iterator[Any]:
    """The record batches of a file.

    Parameters
    ----------
    arrow : module
        pyarrow.
    content : pyarrow.Buffer
    rows : object
        Its method `check_schema` gives the columns, `check_memory` raises for too many bytes, and
        `path` is the file's name.
    """
    if content[: len(_MAGIC)].to_pybytes() != _MAGIC:  # Feather's version 1, never compressed
        table = arrow.feather.read_table(arrow.BufferReader(content), use_threads=False)
        rows.check_schema(table.schema)
        yield from table.to_batches()
        return
    if content.slice(max(0, content.size - len(_END))).to_pybytes() != _END:
        raise ValueError(damaged(rows.path, "the Arrow data is cut off"))
    stream = content.slice(len(_MAGIC))
    _check_sizes(arrow, stream, rows)
    options = arrow.ipc.IpcReadOptions(use_threads=False)
    with arrow.ipc.open_stream(stream, options=options) as reader:
        columns = rows.check_schema(reader.schema)
        for batch in reader:
            yield batch.select(columns)


def _check_sizes(arrow: Any, stream: Any, rows: Any) -> None:
    """Add up the rows of the batches, and what they contain after decompression."""
    total = 0
    for message in arrow.ipc.MessageReader.open_stream(stream):
        if message.body is not None and message.metadata is not None:
            count, size = _size_of(bytes(message.metadata), message.body)
            rows.expected += count
            total += size
            rows.check_memory(total)


def _size_of(metadata: bytes, body: Any) -> tuple[int, int]:
    """The rows of a message, and the bytes of its buffers after decompression.

    https://github.com/apache/arrow/blob/main/format/Message.fbs
    """
    table = _Table.root(metadata)
    (kind,) = table.unpack(1, "B") or (0,)
    if kind not in (_RECORD_BATCH, _DICTIONARY_BATCH):
        return 0, 0
    batch = table.child(2)
    if batch is not None and kind == _DICTIONARY_BATCH:
        batch = batch.child(1)
    if batch is None:
        return 0, 0
    (rows,) = batch.unpack(0, "q") or (0,)
    rows = max(0, rows) if kind == _RECORD_BATCH else 0
    if batch.child(3) is None:  # not compressed
        return rows, 0
    size = 0
    for offset, length in batch.structs(2, "qq"):
        if length >= 8:
            (unpacked,) = struct.unpack_from("<q", body, offset)
            size += length if unpacked < 0 else unpacked
    return rows, size


class _Table:
    """A table of a flatbuffer; struct.error where it points outside."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data, self._place = data, place
        (back,) = struct.unpack_from("<i", data, place)
        self._slots = place - back
        if self._slots < 0:
            raise struct.error("a table outside of its message")

    @classmethod
    def root(cls, data: bytes) -> _Table:
        return cls(data, *struct.unpack_from("<I", data))

    def _field(self, slot: int) -> int | None:
        (size,) = struct.unpack_from("<H", self._data, self._slots)
        if 4 + 2 * slot >= size:
            return None
        (offset,) = struct.unpack_from("<H", self._data, self._slots + 4 + 2 * slot)
        return self._place + offset if offset else None

    def _target(self, slot: int) -> int | None:
        field = self._field(slot)
        if field is None:
            return None
        return field + int(struct.unpack_from("<I", self._data, field)[0])

    def unpack(self, slot: int, layout: str) -> tuple[Any, ...] | None:
        """The values of a field, None if it is absent."""
        field = self._field(slot)
        return None if field is None else struct.unpack_from("<" + layout, self._data, field)

    def child(self, slot: int) -> _Table | None:
        """The table that a field names."""
        place = self._target(slot)
        return None if place is None else _Table(self._data, place)

    def structs(self, slot: int, layout: str) -> Iterator[tuple[Any, ...]]:
        """The items of a vector of structs."""
        place = self._target(slot)
        if place is None:
            return
        (count,) = struct.unpack_from("<I", self._data, place)
        for i in range(count):
            yield struct.unpack_from(
                "<" + layout, self._data, place + 4 + i * struct.calcsize("<" + layout)
            )
