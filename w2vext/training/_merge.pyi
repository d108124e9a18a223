from w2vext._arguments.types import Float32

def merge_rows(
    base: Float32, replicas: list[Float32], out: Float32, saturation: Float32 | None = None
) -> None: ...
