"""A training run: initial matrices, epochs, losses, validation and callbacks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads
from w2vext.training import hogwild
from w2vext.training import schedule as schedules
from w2vext.training._sampling import hash_position
from w2vext.training.callbacks import Stopped, TrainingState, Watch
from w2vext.training.composed import composed
from w2vext.training.deterministic import Deterministic
from w2vext.training.early_stopping import Best
from w2vext.training.heldout import mean_loss
from w2vext.training.memory import compact, fill_uniform, is_finite, matrix
from w2vext.training.pieces import Epoch
from w2vext.training.settings import Settings, job_of, outputs
from w2vext.training.shuffle import Shuffled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext._types import Bool, Float32, Float64, Int32, Int64
    from w2vext.training._plan import Job
    from w2vext.training.callbacks import Callback
    from w2vext.training.pieces import Strategy


@dataclass
class Result:
    """The result of a run.

    Attributes
    ----------
    w_in, w_out : float32 (V, d), (n_out, d)
        C-contiguous.
    loss_history : list of float
        The mean loss per pair of each epoch.
    interrupted : bool
        Whether Ctrl-C ended the run.
    validation_history : list of float
    best_epoch : int or None
        The epoch, counted from 0, whose weights these are; None without a validation stream.
    """

    w_in: Float32
    w_out: Float32
    loss_history: list[float]
    interrupted: bool = False
    validation_history: list[float] = field(default_factory=list)
    best_epoch: int | None = None


@dataclass
class Start:
    """Initial vectors of the rows that do not start at random values.

    Attributes
    ----------
    w_in : float32 (k, d)
        The initial w_in[rows].
    w_out : float32, optional
        The initial w_out[out_rows]; without it, w_out starts at 0.
    rows, out_rows : int array, optional
        All rows if None.
    """

    w_in: Float32
    w_out: Float32 | None = None
    rows: Int64 | None = None
    out_rows: Int64 | None = None

    def place(self, w_in: Float32, w_out: Float32, columns: int) -> None:
        """Write the initial vectors into the matrices of a run."""
        w_in[slice(None) if self.rows is None else self.rows, :columns] = self.w_in
        if self.w_out is not None:
            rows = slice(None) if self.out_rows is None else self.out_rows
            w_out[rows, :columns] = self.w_out


def train(
    stream: Any,
    counts: Int64,
    settings: Settings,
    *,
    start: Start | None = None,
    frozen: Bool | None = None,
    parts: tuple[Int64, Int32] | None = None,
    validation: Any = None,
    patience: int | None = None,
    callbacks: Sequence[Callback] = (),
    index_to_key: tuple[Any, ...] | None = None,
) -> Result:
    """Train word vectors on an id stream.

    Parameters
    ----------
    stream : object with ids int32 (N,) and offsets int64 (S + 1,)
    counts : int64 (V,)
    settings : Settings
    start : Start, optional
        Without it, w_in starts uniform in [-0.5, 0.5) / d and w_out at 0, as in word2vec.c.
    frozen : bool (rows of w_in,), optional
        Rows of w_in that must not change.
    parts : (int64 (V + 1,), int32 (n,)), optional
        Subwords: word w is the mean of its own row and of the rows part[start[w]:start[w + 1]].
    validation : stream, optional
        Its mean loss is computed after each epoch, and the weights of the best epoch are kept.
    patience : int, optional
        Stop after this many epochs without a lower validation loss.
    callbacks : sequence of Callback
    index_to_key : tuple, optional
        The words, for callbacks.

    Returns
    -------
    Result

    Raises
    ------
    FloatingPointError
        If a weight becomes infinite or NaN. The message names the epoch and the learning rate.
    """
    run = Run(stream, counts, settings, start=start, frozen=frozen, parts=parts)
    return run.train(validation, patience, callbacks, index_to_key)


class Run:
    """The state of one training run between its epochs."""

    def __init__(
        self,
        stream: Any,
        counts: Int64,
        settings: Settings,
        *,
        start: Start | None = None,
        frozen: Bool | None = None,
        parts: tuple[Int64, Int32] | None = None,
    ) -> None:
        self.settings = settings
        self.stream = Shuffled(stream) if settings.shuffle else stream
        self.counts = np.ascontiguousarray(counts, dtype=np.int64)
        self.frozen = None if frozen is None else np.ascontiguousarray(frozen, dtype=np.uint8)
        self.words = len(stream.ids)
        self.workers = _threads.resolve(settings.workers)
        self.parts = parts
        d, size, out = settings.vector_size, len(counts), outputs(len(counts), settings.loss)
        if parts is not None and len(parts[1]):
            size = max(size, int(parts[1].max()) + 1)
        self.w_in, self.w_out = matrix(size, d), matrix(out, d)
        # The mean of several random rows is shorter than one row, so the interval is twice as wide.
        fill_uniform(self.w_in, d, settings.seed, 1.0 if parts is None else 2.0)
        if start is not None:
            start.place(self.w_in, self.w_out, d)

    def train(
        self,
        validation: Any = None,
        patience: int | None = None,
        callbacks: Sequence[Callback] = (),
        index_to_key: tuple[Any, ...] | None = None,
    ) -> Result:
        """Train all epochs; the arguments are those of `train`."""
        s, d = self.settings, self.settings.vector_size
        losses: list[float] = []
        best, interrupted = Best(self.w_in, self.w_out), False
        total = self.words * s.epochs
        state = TrainingState(self.w_in, self.w_out, d, s.epochs, total, index_to_key)
        strategy = self.strategy()
        with (
            _threads.Interrupts() as interrupts,
            _threads.Progress(total, "training", "word", s.verbose) as bar,
        ):
            watch = Watch(callbacks, state, bar, self._learning_rate)
            watch.event("on_train_begin")
            try:
                for number in range(s.epochs):
                    interrupts.check()
                    state.epoch = number + 1
                    if watch.event("on_epoch_begin"):
                        break
                    loss = self._epoch(strategy, number, watch, losses[-1] if losses else None)
                    losses.append(loss)
                    state.loss_history = tuple(losses)
                    if validation is not None:
                        vectors = (
                            self.w_in if self.parts is None else composed(self.w_in, *self.parts)
                        )
                        best.offer(
                            number, mean_loss(validation, self.counts, s, vectors, self.w_out)
                        )
                        state.validation_loss_history = tuple(best.history)
                    if watch.event("on_epoch_end") or best.exhausted(patience):
                        break
            except Stopped:
                pass
            except KeyboardInterrupt:
                interrupted = True
            best.restore()
            watch.event("on_train_end")
            w_in, w_out = compact(self.w_in, d), compact(self.w_out, d)
            interrupted = interrupted or interrupts.pending
        return Result(w_in, w_out, losses, interrupted, best.history, best.epoch)

    def _epoch(self, strategy: Strategy, number: int, watch: Watch, earlier: float | None) -> float:
        """Train one epoch and return its mean loss; `earlier` is the loss of the epoch before."""
        if isinstance(self.stream, Shuffled):
            self.stream.shuffle(self.settings.seed, number)
        before = number * self.words

        def report(done: int, loss: float | None = None) -> None:
            latest = earlier if loss is None else loss
            facts = {} if latest is None else {"loss": f"{latest:.4f}"}
            watch.to(before + done, epoch=number + 1, **facts)

        total, pairs = strategy.epoch(self.epoch(number), report)
        loss = total / pairs if pairs else 0.0
        if not (np.isfinite(loss) and is_finite(self.w_in) and is_finite(self.w_out)):
            raise FloatingPointError(
                f"training diverged in epoch {number + 1} of {self.settings.epochs} at learning "
                f"rate {self._learning_rate(before):.4g} (loss {loss:.4g}): use a smaller alpha "
                f"than {self.settings.alpha:g}"
            )
        return loss

    def epoch(self, number: int) -> Epoch:
        """An epoch of this run: its key, and its part of the schedule."""

        def learning_rates(done: Float64) -> Float64:
            return self._learning_rates(number * self.words + done)

        return Epoch(hash_position(self.settings.seed, number), self.words, learning_rates)

    def _learning_rates(self, done: Float64) -> Float64:
        """The learning rates (float64 (n,)) after the given numbers of words of all epochs."""
        s = self.settings
        progress = done / (self.words * s.epochs)
        return schedules.learning_rates(s.schedule, s.alpha, s.min_alpha, progress)

    def _learning_rate(self, done: int) -> float:
        return float(self._learning_rates(np.array([done], dtype=np.float64))[0])

    def strategy(self) -> Strategy:
        """The strategy that the settings select."""
        s = self.settings
        if s.loss == "softmax":
            from w2vext.training.softmax import Softmax  # imports SciPy's BLAS, which takes long

            return Softmax(
                self._job(),
                self.w_in,
                self.w_out,
                dim=s.vector_size,
                window=s.window,
                workers=self.workers,
                frozen=self.frozen,
            )
        if s.deterministic:
            return Deterministic(self._job(), self.words, self.workers)
        rows = hogwild.replicas(s.loss, self.words, self.workers)
        return hogwild.Hogwild(self._job(rows), self.words, self.workers)

    def _job(self, rows: int = 0) -> Job:
        return job_of(
            self.stream,
            self.counts,
            self.settings,
            self.w_in,
            self.w_out,
            frozen=self.frozen,
            parts=self.parts,
            replicas=rows,
            merge_every=hogwild.MERGE_EVERY,
        )
