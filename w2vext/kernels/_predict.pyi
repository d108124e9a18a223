from typing import Any

from numpy.typing import NDArray

from w2vext._arguments.types import Float32, Int64
from w2vext.kernels._subwords import NgramRows

class Lines:
    def __init__(
        self,
        words: list[bytes],
        n_words: int,
        characters: NgramRows,
        sequences: NgramRows,
        word_ngrams: int,
        label: bytes,
    ) -> None: ...
    def rows(self, lines: list[bytes]) -> tuple[Int64, Int64]: ...

def label_scores(outputs: Float32, hidden: Float32, scores: Float32) -> None: ...
def k_best(
    scores: Float32, values: Float32, threshold: float, order: NDArray[Any], k: int
) -> list[tuple[list[int], list[float]]]: ...
