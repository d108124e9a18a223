"""One worker of a cluster training: its share of the text, and its replica of the matrices.

It does not depend on the engine, which calls `count`, `encode`, `begin` and `follow` in this order,
and then `train`, `shares`, `reduce` and `assign` in every round; `restore` sets all rows.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext import __version__
from w2vext._estimator import checkpoint, pooling
from w2vext._threads import each_part
from w2vext.text import tables
from w2vext.text.ranges import corpus_of
from w2vext.text.scan import Scan
from w2vext.text.vocabulary import Stream
from w2vext.training._merge import merge_rows
from w2vext.training.composed import Parts, composed
from w2vext.training.pieces import Epoch, epoch_key
from w2vext.training.run import Run
from w2vext.training.settings import Settings
from w2vext.training.shuffle import Shuffled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from w2vext._arguments.types import Float32, Float64, Int32, Int64
    from w2vext.distributed.plan import Plan, Slice, Step
    from w2vext.text.ranges import Range
    from w2vext.text.tables import Table
    from w2vext.text.tokenizer import Tokenizer

PROBE = 1 << 18  # words of each thread that measure its speed
SPILL = 1 << 30  # bytes of ids in memory; more are stored in a temporary file
BLOCK = 1 << 22  # bytes of the rows that a thread merges or copies at once


class Counted(NamedTuple):
    """The words of a worker's share, and how many it read."""

    table: Table
    read: int


class Encoded(NamedTuple):
    """The size of a worker's encoded share, and a checksum of it."""

    words: int
    sentences: int
    checksum: str


class Trained(NamedTuple):
    """The summed loss and the pairs of a worker's part of a round, and how long it took."""

    loss: float
    pairs: int
    seconds: float


@dataclass(frozen=True)
class Setup:
    """What all workers of a training have in common.

    Attributes
    ----------
    settings : Settings
    counts : int64 (V,)
    sentence_length : float
        The mean length of the sentences of all workers.
    parts : (int64 (V + 1,), int32 (n,)) or None
        The rows of the n-grams of each word; see `training.run.train`.
    """

    settings: Settings
    counts: Int64
    sentence_length: float
    parts: tuple[Int64, Int32] | None = None


class Replica:
    """A worker.

    Parameters
    ----------
    number : int
        From 0. All draws of the first worker are those of a training on one machine.
    threads : int
    """

    def __init__(self, number: int, threads: int) -> None:
        self.number, self.threads = number, threads
        # Set by the methods below, in their order.
        self._scan: Any = None
        self._stream: Any = None
        self._setup: Any = None
        self._run: Any = None
        self._strategy: Any = None
        self._plan: Any = None
        self._epoch: Any = None  # the number of the current epoch, and the Epoch
        self._matrices: tuple[Float32, ...] = ()
        self._bases: dict[Slice, Float32] = {}  # the rows that this worker merges, as of then

    def version(self) -> str:
        """The version of the package."""
        return __version__

    def process(self) -> int:
        """The id of the worker's process."""
        return os.getpid()

    def is_ready(self) -> bool:
        """Whether the share of the text is encoded."""
        return self._stream is not None

    def speed(self) -> float:
        """Words per second that this worker trains, measured on a short artificial text."""
        words = PROBE * self.threads
        rng = np.random.default_rng(0)
        ids = (10_000 ** rng.random(words) - 1).astype(np.int32)  # about Zipf's frequencies
        stream = Stream(ids, np.arange(0, words + 1, 1_024, dtype=np.int64), words)
        run = Run(stream, np.bincount(ids, minlength=10_000), Settings(workers=self.threads))
        with run.strategy() as strategy:
            epoch = run.epoch(0)
            units = strategy.cuts(epoch)[-1]
            began = time.perf_counter()
            strategy.part(epoch, 0, units, _ignore)
        return words / (time.perf_counter() - began)

    # ---- the text

    def count(self, tokenizer: Tokenizer, ranges: Sequence[Range]) -> Counted:
        """Read the worker's share of the text, and count its words."""
        self._close()
        corpus = corpus_of(ranges).tokenized_by(tokenizer)
        self._scan = Scan(corpus, self.threads, None, SPILL, None)
        words = self._scan.read()
        return Counted(tables.packed(words), self._scan.spool.n)

    def encode(self, rows: Int32) -> Encoded:
        """Replace the provisional ids by rows of the vocabulary.

        rows (n + 1,) has the row of each word of the table, and of other words, or -1.
        """
        counts, _ = self._scan.tally()
        kept = int(counts[rows[:-1] >= 0].sum())
        with self._scan as scan:
            self._stream = Stream(*scan.stream(np.array(rows, dtype=np.int32), kept))
        self._scan = None
        ids, offsets = self._stream.ids, self._stream.offsets
        return Encoded(len(ids), len(offsets) - 1, checkpoint.digest(ids, offsets))

    def _close(self) -> None:
        for each in (self._scan, self._stream):
            if each is not None:
                each.__exit__()
        self._scan = self._stream = self._run = None

    # ---- training

    def begin(self, setup: Setup) -> int:
        """Set the initial vectors; returns the units of an epoch."""
        self._run = None  # releases the memory of an earlier training
        self._setup, self._plan = setup, None
        parts = None if setup.parts is None else Parts(*setup.parts)
        self._run = Run(
            self._stream,
            setup.counts,
            setup.settings,
            parts=parts,
            sentence_length=setup.sentence_length,
        )
        self._strategy = self._run.strategy() if len(self._stream.ids) else None
        self._matrices = (self._run.w_in, self._run.w_out)
        if self._strategy is None:
            return 0
        units: int = self._strategy.cuts(self._new_epoch(0))[-1]
        return units

    def follow(self, plan: Plan) -> None:
        """Take over the plan of the training."""
        self._plan, self._epoch = plan, None
        own = plan.slices(plan.top, self.number)
        self._bases = {s: self._matrices[s.matrix][s.begin : s.end].copy() for s in own}

    def train(self, epoch: int, round_: int) -> Trained:
        """Train the worker's part of a round."""
        first, stop = self._plan.part(self.number, epoch, round_)
        began = time.perf_counter()
        loss, pairs = 0.0, 0
        if first < stop:
            with self._strategy as strategy:
                loss, pairs = strategy.part(self._epoch_of(epoch), first, stop, _ignore)
        return Trained(loss, pairs, time.perf_counter() - began)

    def _epoch_of(self, number: int) -> Epoch:
        if self._epoch is None or self._epoch[0] != number:
            if isinstance(self._run.stream, Shuffled):
                self._run.stream.shuffle(self._setup.settings.seed, number)
            self._epoch = (number, self._new_epoch(number))
        found: Epoch = self._epoch[1]
        return found

    def _new_epoch(self, number: int) -> Epoch:
        settings, plan = self._setup.settings, self._plan

        def learning_rates(done: Float64) -> Float64:
            progress = plan.progress(number, self.number, done)
            return self._run.learning_rates(progress)

        key = epoch_key(settings.seed, number, settings.window, self.number)
        return Epoch(key, self._run.words, learning_rates)

    # ---- merging

    def shares(self, level: int) -> list[list[Float32]]:
        """For each worker, this replica's values of the rows that it merges; none for itself."""
        plan = self._plan
        return [
            [] if worker == self.number else self._views(plan.slices(level, worker))
            for worker in range(plan.workers)
        ]

    def _views(self, slices: Iterable[Slice]) -> list[Float32]:
        return [self._matrices[s.matrix][s.begin : s.end] for s in slices]

    def reduce(self, step: Step, *shares: list[Float32]) -> list[Float32]:
        """Merge the values of all replicas of the rows that this worker merges.

        shares[worker] is what `shares` of that worker returns for this one.
        """
        slices = self._plan.slices(step.level, self.number)
        replicas = list(shares)
        replicas[self.number] = self._views(slices)
        merged, parts = [], []
        for i, each in enumerate(slices):
            base, saturation = self._bases[each], self._saturation_of(each, step)
            values = [replica[i] for replica in replicas]
            parts += [(base, values, saturation, rows) for rows in _blocks(base)]
            merged.append(base)
        each_part(_merge, parts, self.threads)
        return merged

    def _saturation_of(self, rows: Slice, step: Step) -> Float32 | None:
        """The saturation of some rows; None if it is infinite."""
        per_word = self._run.saturation_per_word
        if rows.matrix == 0 or per_word is None:
            return None
        plan = self._plan
        rate = self._run.learning_rates(np.array([plan.progress_since(step, rows.tier)]))[0]
        known = per_word[rows.begin : rows.end]
        found = np.full(rows.end - rows.begin, np.inf, dtype=np.float32)
        found[: len(known)] = known * (rate * plan.words_since(step, rows.tier))
        return found

    def assign(self, level: int, *merged: list[Float32] | None) -> None:
        """Replace rows by merged ones.

        merged[worker] is what that worker has merged. This worker's own rows are not needed.
        """
        self._copy(level, [self._merged(level) if m is None else m for m in merged])

    def _merged(self, level: int) -> list[Float32]:
        """The rows that this worker has merged last."""
        return [self._bases[each] for each in self._plan.slices(level, self.number)]

    def restore(self, *rows: list[Float32]) -> None:
        """Replace all rows; rows[worker] has those that this worker merges."""
        level = self._plan.top
        self._copy(level, rows)
        for base, values in zip(self._merged(level), rows[self.number], strict=True):
            base[:] = values

    def _copy(self, level: int, rows: Sequence[list[Float32]]) -> None:
        parts = []
        for worker, values in enumerate(rows):
            views = self._views(self._plan.slices(level, worker))
            for view, value in zip(views, values, strict=True):
                parts += [(view[block], value[block]) for block in _blocks(view)]
        each_part(lambda part: np.copyto(*part), parts, self.threads)

    # ---- the state of the training; the replicas are equal

    def judged(self, losses: list[float], pairs: int, place: str) -> str | None:
        """Why the training may have diverged; see `training.divergence.Divergence.judged`."""
        return self._run.divergence.judged(losses, pairs, place)

    def document_frequencies(self) -> tuple[Int64, int]:
        """The number of this worker's documents with each word, and of all its documents."""
        ids, offsets = self._stream.ids, self._stream.offsets
        frequencies = pooling.document_frequencies(ids, offsets, len(self._setup.counts))
        return frequencies, len(offsets) - 1

    def second_moments(self, smoothing: float) -> Float64:
        """The sum of the outer products of the documents' means: float64 (d, d)."""
        ids, offsets = self._stream.ids, self._stream.offsets
        vectors = self._run.w_in[:, : self._setup.settings.vector_size]
        if self._setup.parts is not None:
            vectors = composed(vectors, *self._setup.parts)
        weights = pooling.sif_weights(self._setup.counts, smoothing)
        return pooling.second_moments(vectors, ids, offsets, weights)


def _blocks(rows: Float32) -> list[slice]:
    """The rows in blocks, each of which one thread merges or copies."""
    size = max(BLOCK // rows[:1].nbytes, 1)
    return [slice(begin, begin + size) for begin in range(0, len(rows), size)]


def _merge(part: tuple[Float32, list[Float32], Float32 | None, slice]) -> None:
    base, replicas, saturation, rows = part
    merge_rows(
        base[rows],
        [replica[rows] for replica in replicas],
        base[rows],
        None if saturation is None else saturation[rows],
    )


def _ignore(done: int, loss: float | None = None) -> None:
    pass
