"""Streams of (centre, context word) pairs, which are trained in place of the windows of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.cached import cached_property

if TYPE_CHECKING:
    from typing_extensions import Self

    from w2vext._arguments.types import Float32, Int32, Int64


@dataclass(frozen=True)
class PairStream:
    """Pairs in random order. Training cuts this stream into pieces and permutes the pieces (D6).

    Attributes
    ----------
    ids : int32 (N,)
        The centre of each pair, which is the target.
    contexts : int32 (N,)
        The context word of each pair, which is the input.
    weights : float32 (N,), optional
        The factor of the loss of each pair, and of its gradient.
    """

    ids: Int32
    contexts: Int32
    weights: Float32 | None = None

    @cached_property
    def offsets(self) -> Int64:
        """All pairs are one sentence."""
        return np.array([0, len(self.ids)], dtype=np.int64)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass
