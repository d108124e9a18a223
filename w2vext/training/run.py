"""Epochs over an id stream: matrices, learning-rate schedule, workers, losses, what diverges.

Takes ids and counts, returns matrices. Knows neither words nor files.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads as workers
from w2vext.training import schedule as schedules
from w2vext.training._loop import Worker
from w2vext.training._plan import Job
from w2vext.training._sampling import Noise, Tree, hash_position, keep_thresholds
from w2vext.training.callbacks import Stopped, TrainingState, Watch
from w2vext.training.deterministic import Shards
from w2vext.training.early_stopping import Best, Shuffled, Silent
from w2vext.training.memory import compact, fill_uniform, is_finite, matrix

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext._types import Bool, Float32, Float64, Int32, Int64, Schedule
    from w2vext.training.callbacks import Callback
    from w2vext.training.softmax import Softmax

# A piece's draws depend on its number (D6), so its size may not depend on the number of workers.
# Pieces are visited in random order: what stands together speaks of one thing, and a model that
# follows each subject in turn forgets the last. Short ones mix more, and each begins with draws of
# its own and rows that nobody asked for.
PIECE = 1_024
TURNS = 32  # at most so many pieces are trained in one call, since calls wait for Python's lock,
CALLS = 8  # but each worker has at least so many calls, so that none is without work at the end
# With several workers each has its own copy of so many rows, merged after so many words (D13): rows
# that all of them write travel between the cores, slowly where these share no cache. Where an epoch
# has few merges, copies learn less.
HOT = {"neg": 32, "hs": 256}
MERGE_EVERY = 4_096
MERGES = 100  # at least so many by each worker in an epoch, or no copies
# The number of an epoch that no training reaches: held-out losses draw other negatives.
HELD_OUT = 1 << 32


@dataclass(frozen=True)
class Settings:
    """The choices of a training run; `Word2Vec` documents and checks each."""

    loss: str = "neg"
    architecture: str = "skipgram"
    vector_size: int = 100
    window: int = 5
    shrink_windows: bool = True
    negative: int = 5
    ns_exponent: float = 0.75
    sample: float = 1e-3
    alpha: float = 0.025
    min_alpha: float = 1e-4
    epochs: int = 5
    workers: int | None = None
    kernel: str = "auto"
    cbow_gradient: str = "mean"
    seed: int = 0
    verbose: int = 0
    schedule: Schedule = "linear"
    shuffle: bool = False
    deterministic: bool = False


@dataclass
class Result:
    """What a run gives: both matrices (float32, C-contiguous), each epoch's mean loss per pair."""

    w_in: np.ndarray
    w_out: np.ndarray
    loss_history: list[float]
    interrupted: bool = False
    validation_history: list[float] = field(default_factory=list)
    best_epoch: int | None = None


@dataclass
class Start:
    """Where training begins, for the rows that do not begin at random.

    w_in[rows] = w_in and w_out[out_rows] = w_out, where w_out is given; else w_out is 0.
    None stands for all rows.
    """

    w_in: np.ndarray
    w_out: np.ndarray | None = None
    rows: np.ndarray | None = None
    out_rows: np.ndarray | None = None

    def place(self, w_in: Float32, w_out: Float32, columns: int) -> None:
        """Write the beginning into the matrices of a run."""
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
    validation: Any = None,
    patience: int | None = None,
    callbacks: Sequence[Callback] = (),
    index_to_key: tuple[Any, ...] | None = None,
) -> Result:
    """Trains word vectors on an id stream.

    Parameters
    ----------
    stream : object with ids int32 (N,) and offsets int64 (S + 1,)
    counts : int64 (V,)
    settings : Settings
    start : Start, optional
        Else w_in is uniform in (-0.5, 0.5) / d and w_out is 0, as in word2vec.c.
    frozen : bool (V,), optional
        Rows of w_in that stay as they are.
    validation : stream, optional
        Its mean loss is taken after each epoch, and the weights of the best epoch are kept.
    patience : int, optional
        Stop after so many epochs without a better one.
    callbacks : sequence of Callback
    index_to_key : tuple, optional
        What callbacks see as the words.

    Returns
    -------
    Result

    Raises
    ------
    FloatingPointError
        The weights are no longer finite: names the epoch and the learning rate.
    """
    run = Run(stream, counts, settings, start=start, frozen=frozen)
    return run.train(validation, patience, callbacks, index_to_key)


def mean_loss(
    stream: Any, counts: Int64, settings: Settings, w_in: Float32, w_out: Float32
) -> float:
    """The mean loss per pair over a stream, the weights fixed, without subsampling.

    Negatives and window sizes are drawn from settings.seed: equal weights have equal losses.
    """
    return Run(stream, counts, settings, start=Start(w_in, w_out)).mean_loss()


def output_probabilities(
    rows: Int32, counts: Int64, loss: str, w_in: Float32, w_out: Float32
) -> Float64:
    """The probability of each output word (float64 (V,)) given the words of some rows.

    Their mean input vector h is what CBOW has as its hidden layer. P(w) is the softmax of w_out h,
    or with loss="hs" the product of the sigmoids on the path of w.
    """
    h = w_in[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
    scores = (w_out @ h).astype(np.float64)
    if loss == "hs":
        logs = np.empty(len(counts))
        huffman(counts).log_probabilities(scores, logs)
        return np.exp(logs)
    odds = np.exp(scores - scores.max())
    return odds / odds.sum()


class Run:
    """One training run's state between its epochs."""

    def __init__(
        self,
        stream: Any,
        counts: Int64,
        settings: Settings,
        *,
        start: Start | None = None,
        frozen: Bool | None = None,
    ) -> None:
        self.settings = settings
        self.stream = Shuffled(stream) if settings.shuffle else stream
        self.counts = np.ascontiguousarray(counts, dtype=np.int64)
        self.frozen = None if frozen is None else np.ascontiguousarray(frozen, dtype=np.uint8)
        self.words = len(stream.ids)
        self.workers = workers.resolve(settings.workers)
        d, size, out = settings.vector_size, len(counts), outputs(len(counts), settings.loss)
        self.w_in, self.w_out = matrix(size, d), matrix(out, d)
        fill_uniform(self.w_in, d, settings.seed)
        if start is not None:
            start.place(self.w_in, self.w_out, d)

    def lr(self, words_done: int) -> float:
        """The learning rate after so many words of all epochs."""
        s = self.settings
        progress = words_done / (self.words * s.epochs)
        return schedules.rate(s.schedule, s.alpha, s.min_alpha, progress)

    def rates(self, words_done: Float64) -> Float64:
        """The learning rates (float64 (n,)) after so many words of all epochs."""
        s = self.settings
        progress = words_done / (self.words * s.epochs)
        return schedules.rates(s.schedule, s.alpha, s.min_alpha, progress)

    def train(
        self,
        validation: Any = None,
        patience: int | None = None,
        callbacks: Sequence[Callback] = (),
        index_to_key: tuple[Any, ...] | None = None,
    ) -> Result:
        s, d = self.settings, self.settings.vector_size
        losses: list[float] = []
        best, interrupted = Best(self), False
        total = self.words * s.epochs
        state = TrainingState(self.w_in, self.w_out, d, s.epochs, total, index_to_key)
        trainer = self._trainer()
        with (
            workers.Interrupts() as self.ctrl_c,
            workers.Progress(total, "training", "word", s.verbose) as bar,
        ):
            watch = Watch(callbacks, state, bar, self.lr)
            watch.event("on_train_begin")
            try:
                for epoch in range(s.epochs):
                    self.ctrl_c.check()
                    state.epoch = epoch + 1
                    if watch.event("on_epoch_begin"):
                        break
                    if s.shuffle:
                        self.stream.shuffle(s.seed, epoch)
                    interrupted, loss = trainer.epoch(epoch, watch, losses)
                    if interrupted:
                        break
                    self._check_finite(epoch, loss)
                    losses.append(loss)
                    state.loss_history = tuple(losses)
                    if validation is not None:
                        best.offer(epoch, self.mean_loss(validation))
                        state.validation_loss_history = tuple(best.history)
                    if watch.event("on_epoch_end") or best.age(patience):
                        break
            except Stopped:
                pass
            except KeyboardInterrupt:
                interrupted = True
            best.restore()
            watch.event("on_train_end")
            w_in, w_out = compact(self.w_in, d), compact(self.w_out, d)
            interrupted = interrupted or self.ctrl_c.pending
        return Result(w_in, w_out, losses, interrupted, best.history, best.epoch)

    def mean_loss(self, stream: Any = None) -> float:
        """The mean loss per pair over a stream, the weights fixed, nothing subsampled."""
        run = copy.copy(self)
        run.stream = self.stream if stream is None else stream
        run.words, run.frozen = len(run.stream.ids), None
        # A step of size 0 leaves every weight as it is, and its loss is that of training.
        run.settings = replace(
            self.settings, alpha=0.0, min_alpha=0.0, schedule="constant", sample=0.0, shuffle=False
        )
        with workers.Interrupts() as run.ctrl_c:
            interrupted, loss = run._trainer().epoch(HELD_OUT, Silent(), [])
        if interrupted:
            raise KeyboardInterrupt
        return loss

    def _trainer(self) -> Hogwild | Shards | Softmax:
        if self.settings.loss == "softmax":
            from w2vext.training.softmax import Softmax  # brings BLAS, whose import takes long

            return Softmax(self)
        return Shards(self) if self.settings.deterministic else Hogwild(self)

    def job(self) -> Job:
        """The shared side of the workers' loop."""
        s = self.settings
        keep = np.empty(len(self.counts), dtype=np.uint32)
        keep_thresholds(self.counts, s.sample, keep)
        tree = s.loss == "hs"
        return Job(
            self.stream.ids,
            self.stream.offsets,
            self.w_in,
            self.w_out,
            dim=s.vector_size,
            keep=keep,
            noise=None if tree else Noise(noise_weights(self.counts, s.ns_exponent)),
            tree=huffman(self.counts) if tree else None,
            window=s.window,
            shrink_windows=s.shrink_windows,
            negative=s.negative,
            block=s.kernel != "pair",
            cbow=s.architecture == "cbow",
            average=s.cbow_gradient == "mean",
            frozen=self.frozen,
            hot=self.copies,
            merge_every=MERGE_EVERY,
        )

    @property
    def copies(self) -> int:
        """The number of rows, of either matrix, of which every worker has its own."""
        s = self.settings
        often = self.words >= self.workers * MERGES * MERGE_EVERY
        return HOT.get(s.loss, 0) if often and self.workers > 1 and not s.deterministic else 0

    @property
    def pieces(self) -> int:
        return -(-self.words // PIECE)

    def turns(self, epoch: int) -> Turns:
        """The pieces of one epoch, in the order of their visits."""
        return Turns(self, epoch)

    def _check_finite(self, epoch: int, loss: float) -> None:
        if np.isfinite(loss) and is_finite(self.w_in) and is_finite(self.w_out):
            return
        raise FloatingPointError(
            f"training diverged in epoch {epoch + 1} of {self.settings.epochs} at learning rate "
            f"{self.lr(self.words * epoch):.4g} (loss {loss:.4g}): use a smaller alpha than "
            f"{self.settings.alpha:g}"
        )


class Turns:
    """The pieces of one epoch in the order of their visits, which the seed draws.

    Item t is what a worker takes: the ends of the piece whose turn it is, its number, and the
    learning rate at both ends, which falls with the words that were visited before.

    Attributes
    ----------
    key : int
        The epoch's; all draws come from it, those of the order too.
    pieces : int64 (P, 3)
        Begin, end and number of each piece.
    """

    def __init__(self, run: Run, epoch: int) -> None:
        self.run = run
        self.key = hash_position(run.settings.seed, epoch)
        order = np.random.default_rng(self.key).permutation(run.pieces).astype(np.int64)
        begin = order * PIECE
        end = np.minimum(begin + PIECE, run.words)
        self.pieces = np.stack([begin, end, order], axis=1)
        # In float64: the epoch of held-out losses lies beyond int64's words.
        self._done = float(epoch * run.words) + np.append(0, np.cumsum(end - begin))

    def __len__(self) -> int:
        return len(self.pieces)

    def __getitem__(self, turn: int) -> tuple[int, int, int, float, float]:
        ((begin, end, number),), (before, after) = (a.tolist() for a in self.part(turn, turn + 1))
        return begin, end, number, before, after

    def part(self, first: int, stop: int) -> tuple[Int64, Float64]:
        """The pieces (k, 3) of turns first to stop, and the learning rates (k + 1,) around them."""
        return self.pieces[first:stop], self.run.rates(self._done[first : stop + 1])


class Hogwild:
    """Workers that update the shared matrices without locks (D6; Recht et al. 2011)."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.job = run.job()
        self.crew = [Worker(self.job) for _ in range(min(run.workers, run.pieces))]

    def epoch(self, epoch: int, progress: Any, losses: list[float]) -> tuple[bool, float]:
        """One pass over the stream; returns (interrupted, mean loss per pair)."""
        turns = self.run.turns(epoch)
        before = epoch * self.run.words
        done = sum(worker.done for worker in self.crew)
        each = max(1, min(TURNS, len(turns) // (CALLS * len(self.crew))))

        def task(worker: int, call: int) -> None:
            part = turns.part(call * each, min((call + 1) * each, len(turns)))
            self.crew[worker].train_pieces(*part, turns.key)

        def poll() -> None:
            now = sum(worker.done for worker in self.crew) - done
            facts = {"loss": f"{losses[-1]:.4f}"} if losses else {}
            progress.to(before + now, epoch=epoch + 1, **facts)

        calls = -(-len(turns) // each)
        try:
            interrupted = workers.run_tasks(
                task, calls, len(self.crew), stop=self.job.stop, poll=poll
            )
        finally:  # what a callback stops keeps what it has learnt
            for worker in self.crew:
                worker.merge()
        poll()
        taken = [worker.take_loss() for worker in self.crew]
        pairs = sum(n for _, n in taken)
        return interrupted, sum(loss for loss, _ in taken) / pairs if pairs else 0.0


def outputs(size: int, loss: str) -> int:
    """The number of output rows: hierarchical softmax has one less than there are words."""
    return max(1, size - 1) if loss == "hs" else size


def huffman(counts: Int64) -> Tree:
    """The Huffman tree, whatever order the words stand in."""
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(counts), dtype=np.int32)
    rank[order] = np.arange(len(counts), dtype=np.int32)
    return Tree(np.ascontiguousarray(counts[order]), rank)


def noise_weights(counts: Int64, exponent: float) -> Float64:
    """count(w)^exponent (float64), not normalised (Mikolov et al. 2013b, section 2.2)."""
    return counts.astype(np.float64) ** exponent
