from w2vext._sampling import Noise, Tree
from w2vext._types import Float32, Int32, Int64, UInt8, UInt32

class Job:
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
        tree: Tree | None = None,
        window: int = 5,
        shrink_windows: bool = True,
        negative: int = 5,
        block: bool = True,
        cbow: bool = False,
        average: bool = True,
        hot: int = 0,
        merge_every: int = 16_384,
        frozen: UInt8 | None = None,
    ) -> None: ...
    def stop(self) -> None: ...

class Worker:
    done: int
    pairs: int
    def __init__(self, job: Job) -> None: ...
    def merge(self) -> None: ...
    def take_loss(self) -> tuple[float, int]: ...
    def train(
        self, begin: int, end: int, piece: int, lr_begin: float, lr_end: float, key: int
    ) -> None: ...
    def open(
        self, begin: int, end: int, piece: int, lr_begin: float, lr_end: float, key: int
    ) -> None: ...
    def collect(self, centres: Int32, starts: Int64, contexts: Int32) -> tuple[int, float]: ...
