"""A training run: initial matrices, epochs, losses, validation and callbacks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads
from w2vext._arguments.cached import cached_property
from w2vext.training import hogwild
from w2vext.training import schedule as schedules
from w2vext.training.callbacks import Stopped, TrainingState, Watch
from w2vext.training.composed import Merged, Parts, composed
from w2vext.training.deterministic import Deterministic
from w2vext.training.divergence import Divergence
from w2vext.training.drawn import Drawn, DrawnStream
from w2vext.training.early_stopping import Best
from w2vext.training.estimate import check_blas
from w2vext.training.heldout import mean_loss
from w2vext.training.memory import compact, fill_uniform, matrix, repeated
from w2vext.training.pieces import Epoch, epoch_key, parts
from w2vext.training.saturation import saturation_per_word
from w2vext.training.settings import Settings, has_negatives, job_of, outputs
from w2vext.training.shuffle import Shuffled, shuffled
from w2vext.training.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from w2vext._arguments.types import Bool, Float32, Float64, Int32, Int64
    from w2vext.training._plan import Job
    from w2vext.training.callbacks import Callback
    from w2vext.training.pieces import Strategy
    from w2vext.training.snapshot import Saver


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
    doubt : str or None
        Why the training may have diverged although all numbers are finite.
    """

    w_in: Float32
    w_out: Float32
    loss_history: list[float]
    interrupted: bool = False
    validation_history: list[float] = field(default_factory=list)
    best_epoch: int | None = None
    doubt: str | None = None


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
    of_words : bool
        Whether w_in has vectors of words, which with subwords are means of rows. The rows of
        n-grams keep their values, and the row of each word makes the mean the given vector.
    """

    w_in: Float32
    w_out: Float32 | None = None
    rows: Int64 | None = None
    out_rows: Int64 | None = None
    of_words: bool = False

    def place(
        self,
        w_in: Float32,
        w_out: Float32,
        columns: int,
        parts: Parts | None = None,
        workers: int | None = 1,
    ) -> None:
        """Write the initial vectors into the matrices of a run."""
        rows = slice(None) if self.rows is None else self.rows
        vectors = self.w_in
        if self.of_words and parts is not None:
            w_in[rows, :columns] = 0
            of_ngrams = composed(w_in, parts.starts, parts.parts, workers)[rows, :columns]
            n_rows = 1 + np.diff(parts.starts)[rows]
            vectors = (vectors - of_ngrams) * n_rows[:, None].astype(np.float32)
        w_in[rows, :columns] = vectors
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
    saver: Saver | None = None,
) -> Result:
    """Train word vectors on an id stream.

    Parameters
    ----------
    stream : object with ids int32 (N,) and offsets int64 (S + 1,), DrawnStream or PairStream
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
    saver : Saver, optional
        Stores snapshots at the ends of parts, and has that of an earlier run to continue from.

    Returns
    -------
    Result

    Raises
    ------
    FloatingPointError
        If a weight becomes infinite or NaN, or the loss is more than ten times that of the
        untrained model. The message names the epoch and the learning rate.
    """
    given = None if parts is None else Parts(*parts)
    if given is None or start is not None:
        run = Run(stream, counts, settings, start=start, frozen=frozen, parts=given)
        return run.train(validation, patience, callbacks, index_to_key, saver)
    merged = Merged.of(given)
    if frozen is not None:
        frozen = frozen[merged.first]
    run = Run(stream, counts, settings, frozen=frozen, parts=merged.parts, room=given.n_rows)
    result = run.train(validation, patience, callbacks, index_to_key, saver)
    return replace(result, w_in=repeated(result.w_in, run.room, merged.row))


def mean(at: Snapshot) -> float:
    """The mean loss of the pairs that are trained in the current epoch."""
    return at.loss / at.pairs if at.pairs else 0.0


class Run:
    """The state of one training run between its parts.

    `sentence_length` is the mean length of the sentences of a text of which the stream is only a
    part. The other arguments are those of `train`.
    """

    def __init__(
        self,
        stream: Any,
        counts: Int64,
        settings: Settings,
        *,
        start: Start | None = None,
        frozen: Bool | None = None,
        parts: Parts | None = None,
        room: int = 0,
        sentence_length: float | None = None,
    ) -> None:
        self.settings = settings
        self._sentence_length = sentence_length
        self.stream = shuffled(stream) if settings.shuffle else stream
        self.counts = np.ascontiguousarray(counts, dtype=np.int64)
        self.frozen = None if frozen is None else np.ascontiguousarray(frozen, dtype=np.uint8)
        drawn = isinstance(stream, DrawnStream)
        self.words = int(stream.words.sum()) if drawn else len(stream.ids)
        self.workers = _threads.resolve(settings.workers)
        self.parts = parts
        d, size, out = settings.vector_size, len(counts), outputs(len(counts), settings.loss)
        if parts is not None:
            size = max(size, parts.n_rows)
        self.room, self.w_out = matrix(max(size, room), d), matrix(out, d)
        self.w_in = self.room[:size]
        # The mean of several random rows is shorter than one row, so the interval is twice as wide.
        fill_uniform(self.w_in, d, settings.seed, 1.0 if parts is None else 2.0, self.workers)
        if start is not None:
            start.place(self.w_in, self.w_out, d, parts, self.workers)
        self.divergence = Divergence(settings, self.counts, self.w_in, self.w_out)

    def train(
        self,
        validation: Any = None,
        patience: int | None = None,
        callbacks: Sequence[Callback] = (),
        index_to_key: tuple[Any, ...] | None = None,
        saver: Saver | None = None,
    ) -> Result:
        """Train all epochs, or those that are left; the arguments are those of `train`."""
        s, d = self.settings, self.settings.vector_size
        best = Best(self.w_in, self.w_out)
        finished = interrupted = False
        at = self._begin(saver, best)
        if at.finished:
            return self._result(at, best, False)
        total = self.words * s.epochs
        strategy = self.strategy()
        done = at.epoch * self.words + at.words
        p, compose = self.parts, None
        if p is not None:
            compose = partial(composed, self.w_in, p.starts, p.parts, self.workers, p.sizes)
        state = TrainingState(self.w_in, self.w_out, d, s.epochs, total, index_to_key, compose)
        state.words, state.lr = done, self._learning_rate(done)
        state.loss_history = tuple(at.losses)
        state.validation_loss_history = tuple(best.history)

        def save(now: bool = False, finished: bool = False) -> None:
            if saver is not None and (now or saver.due()) and self._is_sound(mean(at)):
                saver.save(best.added(replace(at, finished=finished)))

        with (
            _threads.Interrupts() as interrupts,
            _threads.Progress(total, "training", "word", s.verbose, done) as bar,
        ):
            watch = Watch(callbacks, state, bar, self._learning_rate)
            watch.event("on_train_begin")
            try:
                while at.epoch < s.epochs:
                    interrupts.check()
                    state.epoch = at.epoch + 1
                    if watch.event("on_epoch_begin"):
                        save(now=True)
                        break
                    self._epoch(strategy, at, watch, save)
                    state.loss_history = tuple(at.losses)
                    if validation is not None:
                        vectors = self.w_in if compose is None else compose()
                        loss = mean_loss(validation, self.counts, s, vectors, self.w_out)
                        best.offer(at.epoch - 1, loss)
                        state.validation_loss_history = tuple(best.history)
                    stopped = watch.event("on_epoch_end")
                    if at.epoch == s.epochs or best.exhausted(patience):
                        finished = True
                        break
                    save(now=stopped)
                    if stopped:
                        break
            except Stopped:
                pass
            except KeyboardInterrupt:
                interrupted = True
            best.restore()
            watch.event("on_train_end")
            if finished:
                save(now=True, finished=True)
            result = self._result(at, best, interrupted or interrupts.pending)
        return result

    def _begin(self, saver: Saver | None, best: Best) -> Snapshot:
        """The state to start from: that of an earlier run of the same kind, or the initial one."""
        found = None if saver is None else saver.load()
        if found is None:
            return Snapshot(self.w_in, self.w_out)
        self.w_in[:], self.w_out[:] = found.w_in, found.w_out
        best.resume(found)
        return replace(found, w_in=self.w_in, w_out=self.w_out)

    def _result(self, at: Snapshot, best: Best, interrupted: bool) -> Result:
        d = self.settings.vector_size
        w_in, w_out = compact(self.w_in, d), compact(self.w_out, d)
        return Result(w_in, w_out, at.losses, interrupted, best.history, best.epoch, at.doubt)

    def _epoch(
        self, strategy: Strategy, at: Snapshot, watch: Watch, save: Callable[[], None]
    ) -> None:
        """Train the rest of an epoch, part by part, and append its mean loss to the losses."""
        number = at.epoch
        if isinstance(self.stream, Shuffled):
            self.stream.shuffle(self.settings.seed, number)
        before, epoch = number * self.words, self.epoch(number)

        def report(done: int, loss: float | None = None) -> None:
            at.words = done
            latest = at.losses[-1] if loss is None and at.losses else loss
            facts = {} if latest is None else {"loss": f"{latest:.4f}"}
            watch.to(before + done, epoch=number + 1, **facts)

        with strategy:
            cuts = strategy.cuts(epoch)
            for first, stop in parts(cuts, at.unit):
                loss, pairs = strategy.part(epoch, first, stop, report)
                at.loss, at.pairs, at.unit = at.loss + loss, at.pairs + pairs, stop
                if stop < cuts[-1]:
                    save()
        at.losses.append(mean(at))
        place = (
            f"in epoch {number + 1} of {self.settings.epochs} at learning rate "
            f"{self._learning_rate(before):.4g}"
        )
        doubt = self.divergence.judged(at.losses, at.pairs, place)
        at.doubt = at.doubt or doubt
        at.epoch, at.unit, at.words, at.loss, at.pairs = number + 1, 0, 0, 0.0, 0

    def _is_sound(self, loss: float) -> bool:
        """Whether a mean loss and all weights are finite, and the run has not diverged."""
        return not self.divergence.is_lost(loss)

    def epoch(self, number: int) -> Epoch:
        """An epoch of this run: its key, and its part of the schedule."""

        def learning_rates(done: Float64) -> Float64:
            return self._learning_rates(number * self.words + done)

        return Epoch(
            epoch_key(self.settings.seed, number, self.settings.window), self.words, learning_rates
        )

    def _learning_rates(self, done: Float64) -> Float64:
        """The learning rates (float64 (n,)) after the given numbers of words of all epochs."""
        return self.learning_rates(done / (self.words * self.settings.epochs))

    def learning_rates(self, progress: Float64) -> Float64:
        """The learning rates (float64 (n,)) when these shares of the run have been trained."""
        s = self.settings
        return schedules.learning_rates(s.schedule, s.alpha, s.min_alpha, progress)

    def _learning_rate(self, done: int) -> float:
        return float(self._learning_rates(np.array([done], dtype=np.float64))[0])

    @cached_property
    def saturation_per_word(self) -> Float32 | None:
        """Saturation per word of the first V output rows; that of other rows is infinite.

        None if the loss has no negatives: then all rows have an infinite saturation.
        """
        if not has_negatives(self.settings.loss):
            return None
        return saturation_per_word(self.stream, self.counts, self.settings, self._sentence_length)

    def strategy(self) -> Strategy:
        """The strategy that the settings select."""
        make = self._strategies()
        if isinstance(self.stream, DrawnStream):
            return Drawn(self.stream, make)
        return make(self.words)

    def _strategies(self) -> Callable[[int], Strategy]:
        """A function that makes a strategy for a stream, or a part of it, of so many words."""
        s = self.settings
        if s.loss == "softmax":
            check_blas(self.workers)
            from w2vext.training.softmax import Softmax  # imports SciPy's BLAS, which takes long

            softmax = Softmax(
                self._job(),
                self.w_in,
                self.w_out,
                dim=s.vector_size,
                window=s.window,
                workers=self.workers,
                frozen=self.frozen,
            )
            return lambda words: softmax
        if s.deterministic:
            job = self._job(saturation_per_word=self.saturation_per_word)
            return lambda words: Deterministic(job, words, self.workers, self.words)
        job = self._job(hogwild.replicas(s.loss, self.words, self.workers), self.workers)
        return lambda words: hogwild.Hogwild(job, words, self.workers)

    def _job(
        self, rows: int = 0, workers: int = 1, saturation_per_word: Float32 | None = None
    ) -> Job:
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
            saturation_per_word=saturation_per_word,
            workers=workers,
        )
