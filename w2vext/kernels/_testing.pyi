from typing import Any

from numpy.typing import NDArray

def sigmoid_cells() -> list[float]: ...
def table_sigmoid(score: float) -> float: ...
def lanes(isa: str) -> int: ...
def exp_row(x: NDArray[Any], isa: str) -> tuple[float, float]: ...
def train_pair(
    h: NDArray[Any], o: NDArray[Any], dh: NDArray[Any], label: int, lr: float
) -> float: ...
def train_step(
    w_in: NDArray[Any],
    w_out: NDArray[Any],
    inputs: NDArray[Any],
    targets: NDArray[Any],
    labels: NDArray[Any],
    lr: float,
    kernel: str = "pair",
    keep_dh: bool = False,
    hints: bool = True,
) -> Any: ...
