"""The loop of a cluster training: rounds, losses, checkpoints, and recovery from lost workers.

It does not depend on the engine. When a worker is lost, the run returns to the last merge of all
rows: the replicas differ in rows that were not merged since, and one of the replicas is lost.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads
from w2vext._arguments.messages import warn
from w2vext.distributed.engine import ATTEMPTS, WorkerLost, repeated
from w2vext.distributed.pace import Pace
from w2vext.training.memory import compact, matrix
from w2vext.training.run import Result, mean
from w2vext.training.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from w2vext._arguments.types import Float32
    from w2vext.distributed.engine import Engine
    from w2vext.distributed.plan import Plan, Step
    from w2vext.distributed.replica import Trained
    from w2vext.training.settings import Settings
    from w2vext.training.snapshot import Saver

    T = TypeVar("T")


class Rounds:
    """A training in rounds.

    Parameters
    ----------
    engine : Engine
        Its workers follow the plan, and have the initial vectors.
    plan : Plan
    settings : Settings
    prepare : callable
        Brings the workers into that state again, after some of them were lost.
    saver : Saver, optional
    """

    def __init__(
        self,
        engine: Engine,
        plan: Plan,
        settings: Settings,
        prepare: Callable[[], None],
        saver: Saver | None = None,
    ) -> None:
        self.engine, self.plan, self.settings = engine, plan, settings
        self.prepare, self.saver = prepare, saver
        self.pace = Pace(plan.rounds * plan.epochs)
        self._has_kept = False  # whether the engine keeps the rows of a merge of all rows

    def train(self) -> Result:
        """Train all rounds, or those that are left.

        Ctrl-C ends the training with the rows of the last merge of all rows.
        """
        plan = self.plan
        at, interrupted = self._begin(), False
        if at.finished:
            return self._result(at, False)
        kept, lost = _copy(at), 0
        total, done = plan.all_words * plan.epochs, self._done(at)
        with _threads.Progress(total, "training", "word", self.settings.verbose, done) as bar:
            try:
                while at.epoch < plan.epochs:
                    step = plan.step(at.epoch, at.unit)
                    try:
                        self._round(step, at)
                        if step.level == plan.top:
                            self.engine.keep()
                            self._has_kept = True
                            kept, lost = _copy(at), 0
                            if self.saver is not None and self.saver.due():
                                self._save(self.saver, at)
                    except WorkerLost as error:
                        lost += 1
                        if lost == ATTEMPTS:
                            raise
                        warn(f"{error}: the training is repeated from {_place(kept)} on")
                        self._go_back()
                        at = _copy(kept)
                        continue
                    facts = {"loss": f"{at.losses[-1]:.4f}"} if at.losses else {}
                    bar.to(self._done(at), epoch=step.epoch + 1, **facts)
                if (saver := self.saver) is not None:
                    self.recovering(lambda: self._save(saver, replace(at, finished=True)))
            except KeyboardInterrupt:
                if not self._has_kept:
                    raise
                at, interrupted = kept, True
        return self._result(at, interrupted)

    def recovering(self, function: Callable[[], T]) -> T:
        """Call a function after the training; after a lost worker restore its state, call again."""

        def recover(error: WorkerLost) -> None:
            warn(f"{error}, after the training: its state is restored")
            self._go_back()

        return repeated(function, recover)

    def _round(self, step: Step, at: Snapshot) -> None:
        """Train one round."""
        began = time.perf_counter()
        trained = self.engine.round(self.plan, step)
        elapsed = time.perf_counter() - began
        self._add(at, step, trained)
        if self.plan.is_warmup(step):
            return
        for message in self.pace.add([each.seconds for each in trained], elapsed):
            warn(message)

    def _begin(self) -> Snapshot:
        """The state to start from: that of a checkpoint, or the initial one."""
        found = None if self.saver is None else self.saver.load()
        if found is None:
            nothing = np.empty((0, 0), dtype=np.float32)  # the engine has the matrices
            return Snapshot(nothing, nothing)
        rows = self._cut(found.w_in, found.w_out)
        self.engine.load(self.plan, rows)
        self._has_kept = True
        return replace(found, losses=list(found.losses))

    def _cut(self, *matrices: Float32) -> list[list[Float32]]:
        """The rows of both matrices as the engine passes them."""
        plan = self.plan
        return [
            [matrices[s.matrix][s.begin : s.end] for s in plan.slices(plan.top, worker)]
            for worker in range(plan.workers)
        ]

    def _go_back(self) -> None:
        """Give all workers the rows of the last merge of all rows."""

        def restore() -> None:
            self.engine.revive()
            self.prepare()
            self.engine.reload(self.plan)

        repeated(restore, lambda error: None)

    def _add(self, at: Snapshot, step: Step, trained: list[Trained]) -> None:
        """Add the losses of a round to the state."""
        plan = self.plan
        for each in trained:  # in a fixed order: sums of floats depend on it
            at.loss, at.pairs = at.loss + each.loss, at.pairs + each.pairs
        at.unit = step.round + 1
        at.words = plan.words_before(step.epoch, at.unit)
        if not plan.is_last(step):
            return
        at.losses.append(mean(at))
        place = f"in epoch {at.epoch + 1} of {plan.epochs}"
        doubt = self.engine.first("judged", at.losses, at.pairs, place)
        at.doubt = at.doubt or doubt
        at.epoch, at.unit, at.words, at.loss, at.pairs = at.epoch + 1, 0, 0, 0.0, 0

    def _save(self, saver: Saver, at: Snapshot) -> None:
        w_in, w_out = self._matrices()
        saver.save(replace(at, w_in=w_in, w_out=w_out))

    def _done(self, at: Snapshot) -> int:
        """The words of all epochs that have been trained."""
        return at.epoch * self.plan.all_words + at.words

    def _matrices(self) -> tuple[Float32, Float32]:
        """Both matrices after the last merge of all rows."""
        found = [matrix(rows, self.settings.vector_size) for rows in self.plan.rows]
        for views, values in zip(self._cut(*found), self.engine.kept(), strict=True):
            for view, value in zip(views, values, strict=True):
                view[:] = value
        return found[0], found[1]

    def _result(self, at: Snapshot, interrupted: bool) -> Result:
        d = self.settings.vector_size
        w_in, w_out = (compact(w, d) for w in self.recovering(self._matrices))
        return Result(w_in, w_out, at.losses, interrupted, doubt=at.doubt)


def _copy(at: Snapshot) -> Snapshot:
    return replace(at, losses=list(at.losses))


def _place(at: Snapshot) -> str:
    return f"round {at.unit + 1} of epoch {at.epoch + 1}"
