from collections.abc import Callable, Iterator
from typing import Any

from numpy.typing import NDArray

from w2vext._arguments.types import Buffer

KINDS: dict[str, int]

def room(n: int) -> int: ...
def classes() -> bytes: ...
def is_accent(code: int) -> bool: ...

class Packer:
    packed: bytearray
    def __init__(
        self,
        documents: list[Any] | Iterator[Any],
        text_of: Callable[[Any, int], str],
        unusable: Callable[[str, int], Exception],
    ) -> None: ...
    def pack(self, most: int) -> tuple[int, int]: ...

class Splitter:
    def __init__(
        self,
        kind: str,
        *,
        lowercase: bool,
        strip_accents: bool,
        lines: bool,
        documents: bool = False,
    ) -> None: ...
    def boundary(self, data: Buffer, at: int) -> int: ...
    def boundary_before(self, data: Buffer, start: int, at: int) -> int: ...
    def split(self, data: Buffer, at: int, end: int, out: bytearray | NDArray[Any]) -> int: ...
    def words(self, text: bytes) -> list[str]: ...
