from typing import Any

from w2vext._arguments.types import Float32, Int32, Int64

def hash_of(word: bytes) -> int: ...
def ngrams(word: bytes, min_n: int, max_n: int) -> list[tuple[bytes, int]]: ...
def count_ngrams(
    words: list[bytes], numbers: list[int], min_n: int, max_n: int
) -> tuple[dict[bytes, int], list[int]]: ...
def murmur_rows(texts: list[bytes], seed: int, n: int, buckets: int) -> Int64: ...
def numbered(buckets: Int64, most: int) -> tuple[Int32, Int32]: ...
def classes(starts: Int64, parts: Int32, n_rows: int) -> Int32: ...

class NgramRows:
    def __init__(
        self,
        min_n: int,
        max_n: int,
        buckets: int,
        first: int,
        keys: Int32 | None = None,
        slots: Int32 | None = None,
    ) -> None: ...
    def rows(self, words: list[bytes], own: Int64 | None = None) -> tuple[Int64, Int64]: ...

def means(
    matrix: Any,
    dim: int,
    offsets: Int64,
    rows: Int64,
    out: Float32,
    count_absent: bool = False,
) -> None: ...
