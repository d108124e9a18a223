"""How many numbers a Parquet file declares, read from its footer.

pyarrow ends the process where some parts of a footer do not fit together, so its objects for
columns are not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Damaged(Exception):
    """The footer is not valid."""


_DEEPEST = 20  # structs and lists inside of each other
# Fields of FileMetaData: row_groups, their columns, of these meta_data, and its fields.
_PATH_IN_SCHEMA, _NUM_VALUES = (4, 1, 3, 3), (4, 1, 3, 5)


def numbers_of(content: memoryview, column: bytes) -> int:
    """The numbers that all row groups have for a column, or for what is inside of it.

    Parameters
    ----------
    content : memoryview
        The bytes of the file.
    column : bytes
        The column's name.

    Raises
    ------
    Damaged
    """
    size = int.from_bytes(content[-8:-4], "little")
    if size + 8 > len(content):
        raise Damaged("the footer is longer than the file")
    total = 0
    path: list[int | bytes] = []
    try:
        for field, value in _Compact(bytes(content[-8 - size : -8])).struct(()):
            if field == _PATH_IN_SCHEMA:
                path.append(value)
            elif field == _NUM_VALUES:
                if path[:1] == [column] and isinstance(value, int):
                    total += max(0, value)
                path = []
    except IndexError:
        raise Damaged("the footer ends too early") from None
    return total


class _Compact:
    """Reads Thrift's compact protocol; IndexError at the end of the data.

    https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
    https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
    """

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def struct(self, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], int | bytes]]:
        """Yield (numbers of the fields from the outermost one, value) of all that it contains."""
        if len(path) > _DEEPEST:
            raise Damaged("the footer is nested too deeply")
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._integer()
            yield from self._value(head & 15, (*path, field))

    def _value(
        self, kind: int, path: tuple[int, ...]
    ) -> Iterator[tuple[tuple[int, ...], int | bytes]]:
        if kind in (1, 2):  # a bool, whose value is its type
            return
        if kind == 3:
            yield path, self._byte()
        elif kind in (4, 5, 6):
            yield path, self._integer()
        elif kind == 7:
            self._bytes(8)
        elif kind == 8:
            yield path, self._bytes(self._varint())
        elif kind in (9, 10):
            head = self._byte()
            size, item = head >> 4, head & 15
            for _ in range(self._varint() if size == 15 else size):
                yield from self._value(3 if item in (1, 2) else item, path)
        elif kind == 12:
            yield from self.struct(path)
        else:  # maps, which no footer has, and what does not exist
            raise Damaged(f"the footer has a field of type {kind}")

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _bytes(self, size: int) -> bytes:
        found = self._data[self._at : self._at + size]
        if len(found) != size:
            raise IndexError
        self._at += size
        return found

    def _varint(self) -> int:
        value = shift = 0
        while shift < 70:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise Damaged("the footer has a number of more than 64 bits")

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
