"""The state of a training run at the end of a part, and the interface to store it (D17)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from w2vext._arguments.types import Float32


@dataclass
class Snapshot:
    """All that a run needs, besides its arguments, to continue from the end of a part.

    It has no state of a random generator, because draws depend only on the seed, the epoch and the
    number of the piece (D6).

    Attributes
    ----------
    w_in, w_out : float32 (rows, stride)
        The matrices with their padding.
    epoch : int
        The number of epochs that are complete.
    unit : int
        The number of units of the next epoch that are trained; see `Strategy`.
    words, loss, pairs : int, float, int (with weights of pairs float)
        The words of these units, their summed loss and pairs.
    losses : list of float
        The mean loss of each complete epoch.
    validation_losses : list of float
    best_epoch : int or None
        The epoch with the lowest validation loss.
    best : (float32 (rows, stride), float32 (rows, stride)) or None
        The matrices after that epoch.
    doubt : str or None
        Why the training may have diverged.
    finished : bool
        Whether the run has ended, and the matrices are its result.
    """

    w_in: Float32
    w_out: Float32
    epoch: int = 0
    unit: int = 0
    words: int = 0
    loss: float = 0.0
    pairs: float = 0
    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    best_epoch: int | None = None
    best: tuple[Float32, Float32] | None = None
    doubt: str | None = None
    finished: bool = False


class Saver(Protocol):
    """Stores the snapshots of a run."""

    def load(self) -> Snapshot | None:
        """The snapshot to continue from, or None to start from the initial vectors."""

    def due(self) -> bool:
        """Whether to store a snapshot at the end of this part."""

    def save(self, snapshot: Snapshot) -> None:
        """Store a snapshot; the arrays must not be kept, because training changes them."""
