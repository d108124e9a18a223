from w2vext._types import Buffer, Float32, Int64

STATUS: tuple[str, ...]

def parse_rows(
    data: Buffer,
    start: int,
    end: int,
    matrix: Float32,
    row: int,
    stop: int,
    spans: Int64,
    worded: bool = True,
) -> tuple[int, int, str, int]: ...
def parse_binary_rows(
    data: Buffer, start: int, end: int, matrix: Float32, row: int, stop: int, spans: Int64
) -> tuple[int, int]: ...
def decode_words(data: Buffer, spans: Int64, n: int, errors: str, words: list[str]) -> None: ...
def print_rows(words: list[bytes], matrix: Float32, start: int, stop: int) -> bytes: ...
def print_number(x: float) -> str: ...
def parse_number(text: bytes) -> float | None: ...
