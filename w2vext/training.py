"""Epochs over an id stream: matrices, learning-rate schedule, workers, losses, what diverges.

Takes ids and counts, returns matrices. Knows neither words nor files.
"""

import mmap
from dataclasses import dataclass

import numpy as np

from w2vext import workers
from w2vext._sampling import Noise, Tree, hash_position, keep_thresholds
from w2vext._softmax import SoftmaxBatch
from w2vext._train import Job, Worker

# A piece's draws depend on its number (D6), so its size may not depend on the number of workers.
PIECE = 16_384
PAD = 16
# A softmax step takes this many centres (D12), fewer where their scores would pass so many bytes.
CENTRES = 32
SCORE_BYTES = 1 << 26


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


@dataclass
class Result:
    """What a run gives: both matrices (float32, C-contiguous), each epoch's mean loss per pair."""

    w_in: np.ndarray
    w_out: np.ndarray
    loss_history: list
    interrupted: bool = False


def train(stream, counts, settings, *, init=None, callbacks=()):
    """Trains word vectors on an id stream.

    Parameters
    ----------
    stream : object with ids int32 (N,) and offsets int64 (S + 1,)
    counts : int64 (V,)
        Descending.
    settings : Settings
    init : tuple of arrays (w_in (V, d), w_out (n_out, d)), optional
        Start here; else w_in is uniform in (-0.5, 0.5) / d and w_out is 0, as in word2vec.c.
    callbacks : sequence of callable (epoch, mean_loss)
        Called after each epoch; one that returns True stops the training.

    Returns
    -------
    Result

    Raises
    ------
    FloatingPointError
        The weights are no longer finite: names the epoch and the learning rate.
    """
    run = Run(stream, counts, settings, init)
    return run.train(callbacks)


class Run:
    """One training run's state between its epochs."""

    def __init__(self, stream, counts, settings, init=None):
        self.settings = settings
        self.stream = stream
        self.counts = np.ascontiguousarray(counts, dtype=np.int64)
        self.words = len(stream.ids)
        self.workers = workers.resolve(settings.workers)
        size, out = len(self.counts), outputs(len(self.counts), settings.loss)
        self.w_in = matrix(size, settings.vector_size)
        self.w_out = matrix(out, settings.vector_size)
        if init is None:
            fill_uniform(self.w_in, settings.vector_size, settings.seed)
        else:
            self.w_in[:, : settings.vector_size] = init[0]
            self.w_out[:, : settings.vector_size] = init[1]

    def lr(self, words_done):
        """The learning rate after so many words: linear from alpha to min_alpha over all epochs."""
        s = self.settings
        progress = words_done / (self.words * s.epochs)
        return max(s.min_alpha, s.alpha - (s.alpha - s.min_alpha) * progress)

    def train(self, callbacks=()):
        s = self.settings
        losses, interrupted = [], False
        trainer = self._trainer()
        with workers.Progress(self.words * s.epochs, "training", "word", s.verbose) as progress:
            for epoch in range(s.epochs):
                interrupted, loss = trainer.epoch(epoch, progress, losses)
                if interrupted:
                    break
                losses.append(loss)
                self._check_finite(epoch, loss)
                if any([callback(epoch, loss) for callback in callbacks]):
                    break
        d = s.vector_size
        return Result(compact(self.w_in, d), compact(self.w_out, d), losses, interrupted)

    def _trainer(self):
        return Softmax(self) if self.settings.loss == "softmax" else Hogwild(self)

    def job(self):
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
            tree=Tree(self.counts) if tree else None,
            window=s.window,
            shrink_windows=s.shrink_windows,
            negative=s.negative,
            block=s.kernel != "pair",
            cbow=s.architecture == "cbow",
            average=s.cbow_gradient == "mean",
        )

    def piece(self, epoch, piece):
        """A piece's ends, its number, and the learning rate at both ends."""
        begin = piece * PIECE
        end = min(self.words, begin + PIECE)
        before = epoch * self.words
        return begin, end, piece, self.lr(before + begin), self.lr(before + end)

    @property
    def pieces(self):
        return -(-self.words // PIECE)

    def _check_finite(self, epoch, loss):
        if np.isfinite(loss) and is_finite(self.w_in) and is_finite(self.w_out):
            return
        raise FloatingPointError(
            f"training diverged in epoch {epoch + 1} of {self.settings.epochs} at learning rate "
            f"{self.lr(self.words * epoch):.4g} (loss {loss:.4g}): use a smaller alpha than "
            f"{self.settings.alpha:g}"
        )


class Hogwild:
    """Workers that update the shared matrices without locks (D6; Recht et al. 2011)."""

    def __init__(self, run):
        self.run = run
        self.job = run.job()
        self.crew = [Worker(self.job) for _ in range(min(run.workers, run.pieces))]

    def epoch(self, epoch, progress, losses):
        """One pass over the stream; returns (interrupted, mean loss per pair)."""
        run, words = self.run, self.run.words
        key = hash_position(run.settings.seed, epoch)
        before = epoch * words
        done = sum(worker.done for worker in self.crew)

        def task(worker, piece):
            self.crew[worker].train(*run.piece(epoch, piece), key)

        def poll():
            now = sum(worker.done for worker in self.crew) - done
            facts = {"loss": f"{losses[-1]:.4f}"} if losses else {}
            progress.to(before + now, epoch=epoch + 1, **facts)

        interrupted = workers.run(
            task, run.pieces, len(self.crew), stop=self.job.stop, poll=poll
        )
        poll()
        taken = [worker.take_loss() for worker in self.crew]
        pairs = sum(n for _, n in taken)
        return interrupted, sum(loss for loss, _ in taken) / pairs if pairs else 0.0


class Softmax:
    """Naive softmax: one batch of centres after another, the workers share its vocabulary tiles (D12)."""

    def __init__(self, run):
        self.run = run
        self.job = run.job()
        self.worker = Worker(self.job)
        words, window = len(run.counts), run.settings.window
        most = max(1, min(CENTRES, SCORE_BYTES // (4 * words)))
        self.centres = np.empty(most, dtype=np.int32)
        self.starts = np.empty(most + 1, dtype=np.int64)
        self.contexts = np.empty(most * 2 * window, dtype=np.int32)
        self.batch = SoftmaxBatch(
            run.w_in, run.w_out, run.settings.vector_size, most, len(self.contexts)
        )

    def epoch(self, epoch, progress, losses):
        """One pass over the stream; returns (interrupted, mean loss per pair)."""
        run = self.run
        key = hash_position(run.settings.seed, epoch)
        before, start = epoch * run.words, self.worker.done
        total, pairs, interrupted = 0.0, 0, False
        with workers.Crew(run.workers) as crew:
            try:
                for piece in range(run.pieces):
                    self.worker.open(*run.piece(epoch, piece), key)
                    while True:
                        n, lr = self.worker.collect(self.centres, self.starts, self.contexts)
                        if not n:
                            break
                        loss, count = self._step(crew, n, lr)
                        total, pairs = total + loss, pairs + count
                    facts = {"loss": f"{total / pairs:.4f}"} if pairs else {}
                    progress.to(before + self.worker.done - start, epoch=epoch + 1, **facts)
            except KeyboardInterrupt:
                interrupted = True
        return interrupted, total / pairs if pairs else 0.0

    def _step(self, crew, n, lr):
        batch = self.batch
        batch.load(self.centres, self.starts, self.contexts, n, lr)
        crew.each(batch.score, batch.groups)
        taken = batch.normalise()
        crew.each(batch.update, batch.groups)
        batch.scatter()
        return taken


def outputs(size, loss):
    """The number of output rows: hierarchical softmax has one less than there are words."""
    return max(1, size - 1) if loss == "hs" else size


def noise_weights(counts, exponent):
    """count(w)^exponent (float64), not normalised (Mikolov et al. 2013b, section 2.2)."""
    return counts.astype(np.float64) ** exponent


def matrix(rows, columns):
    """A float32 matrix of zeros (rows, columns padded to whole cache lines), page-aligned, lazily
    allocated, on huge pages where the system has them."""
    stride = -(-columns // PAD) * PAD
    memory = mmap.mmap(-1, rows * stride * 4)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, dtype=np.float32).reshape(rows, stride)


def fill_uniform(w, columns, seed):
    """w[:, :columns] uniform in [-0.5, 0.5) / columns, in blocks so that memory stays bounded."""
    rng = np.random.default_rng(seed)
    for block in blocks(w):
        block[:, :columns] = (rng.random((len(block), columns), dtype=np.float32) - 0.5) / columns


def compact(w, columns):
    """The rows of w without their padding, moved together in place: (rows, columns), no copy."""
    rows, stride = w.shape
    if stride == columns:
        return w
    flat = w.reshape(-1)
    for at, block in zip(range(0, rows, BLOCK), blocks(w), strict=True):
        flat[at * columns : (at + len(block)) * columns] = block[:, :columns].ravel()
    return flat[: rows * columns].reshape(rows, columns)


BLOCK = 4096


def blocks(w):
    """Views of BLOCK rows at a time."""
    return (w[at : at + BLOCK] for at in range(0, len(w), BLOCK))


def is_finite(w):
    """Whether every weight is a number; a sum is not finite where any of its terms is not."""
    return all(np.isfinite(block.sum(dtype=np.float64)) for block in blocks(w))
