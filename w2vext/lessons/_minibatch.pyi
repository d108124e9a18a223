from w2vext._arguments.types import Floats, Int32

def train_batch(
    w_in: Floats, w_out: Floats, centres: Int32, targets: Int32, lr: float
) -> float: ...
