from typing import Any

from numpy.typing import NDArray

from w2vext._arguments.types import Buffer, Int32, Int64, UInt8

NO_LIMIT: int
LONGEST: int

class BadText(Exception):
    at: int
    kind: str
    def __init__(self, at: int, kind: str) -> None: ...

class NotAColumn(TypeError): ...

class Words:
    size: int
    @property
    def kind(self) -> str | None: ...
    def __init__(self, max_words: int | None = None) -> None: ...
    def __len__(self) -> int: ...
    def tally(self, counts: Int64, first: NDArray[Any]) -> None: ...
    def strings(self, ids: Int64) -> list[Any]: ...
    def set_kind(self, kind: str) -> None: ...
    def merge(self, other: Words, map: Int32) -> None: ...
    def pack(self, lengths: Int32, data: UInt8) -> None: ...
    def merge_packed(
        self, lengths: Int32, data: UInt8, counts: Int64, first: NDArray[Any], map: Int32
    ) -> None: ...
    def prune(self, max_count: int, map: Int32, keep: UInt8 | None = None) -> None: ...

class Run:
    @property
    def carried(self) -> int: ...
    @property
    def pending(self) -> bool: ...
    def feed(
        self,
        words: Words,
        data: Buffer,
        at: int,
        end: int,
        *,
        base: int,
        more: bool,
        limit: int,
        ids: Int32,
        ends: Int32,
        n: int = 0,
        n_ends: int = 0,
    ) -> tuple[int, int, int]: ...

def word_end(data: Buffer, at: int) -> int: ...
def remap(
    ids: Int32,
    chunks: list[tuple[int, Int32, Int32]],
    out: Int32,
    offsets: Int64,
    written: int = 0,
    sentences: int = 0,
) -> tuple[int, int]: ...
