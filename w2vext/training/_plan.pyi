from w2vext._arguments.types import Float32, Int32, Int64, UInt8, UInt32
from w2vext.training._sampling import Noise, NoiseGroups, Tree

class Job:
    composed: bool
    def __init__(
        self,
        ids: Int32,
        offsets: Int64,
        w_in: Float32,
        w_out: Float32,
        *,
        dim: int,
        keep: UInt32,
        noise: Noise | None = None,
        groups: NoiseGroups | None = None,
        tree: Tree | None = None,
        window: int = 5,
        shrink_windows: bool = True,
        negative: int = 5,
        pool: bool = False,
        block: bool = True,
        cbow: bool = False,
        average: bool = True,
        global_context: str | None = None,
        contexts: Int32 | None = None,
        weights: Float32 | None = None,
        replicas: int = 0,
        merge_every: int = 0,
        frozen: UInt8 | None = None,
        frozen_out: bool = False,
        saturation_per_word: Float32 | None = None,
        part_start: Int64 | None = None,
        part: Int32 | None = None,
        part_size: Int32 | None = None,
        damping: float = 0,
        read_only: bool = False,
    ) -> None: ...
    def stop(self) -> None: ...
