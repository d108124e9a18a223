"""Word vectors made of input and output vectors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from w2vext._arguments.messages import shown
from w2vext._estimator.parameters import is_real
from w2vext.search import rotation

if TYPE_CHECKING:
    from w2vext._arguments.types import Float32
    from w2vext._estimator.fitted import Fitted


def vectors(fitted: Fitted, loss: str, output_weight: float) -> Float32:
    """The sum of unit input and output vectors; `Word2Vec.combined` documents it."""
    if not is_real(output_weight) or not math.isfinite(output_weight):
        raise ValueError(f"output_weight={shown(output_weight)}: give a finite number, such as 0.3")
    if loss == "hs":
        raise ValueError(
            "loss='hs': its output vectors belong to inner nodes, not to words: train with loss="
            "'neg', 'hs+neg' or 'softmax'"
        )
    outputs = fitted.output_vectors[: len(fitted.vectors)]
    return rotation.summed(fitted.vectors, outputs, output_weight)
