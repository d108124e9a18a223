"""The mean loss of fixed weights over a stream, and the words that they predict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext import _threads
from w2vext.training._sampling import hash_position
from w2vext.training._shard import Shard
from w2vext.training.estimate import check_blas
from w2vext.training.pieces import Epoch
from w2vext.training.settings import job_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext._arguments.types import Float32, Float64, Int32, Int64
    from w2vext.training._plan import Job
    from w2vext.training._sampling import Tree
    from w2vext.training.settings import Settings

# Takes the place of the epoch's number in the key of the draws, so that held-out losses share no
# draws with a training epoch.
HELD_OUT = 1 << 63
PIECE = 4_096  # words in a piece, and the maximum number of negatives that are drawn for it


def mean_loss(
    stream: Any, counts: Int64, settings: Settings, w_in: Float32, w_out: Float32
) -> float:
    """The mean loss per pair over a stream, with fixed weights and without subsampling.

    Negatives and window sizes are drawn from settings.seed, so equal weights have equal losses,
    whatever the number of workers. The matrices are only read: pieces are trained with a learning
    rate of 0 on copies of their rows, which are then discarded.

    Parameters
    ----------
    stream : object with ids int32 (N,) and offsets int64 (S + 1,), or PairStream
    counts : int64 (V,)
    settings : Settings
    w_in, w_out : float32 (V, stride), (n_out, stride)
        May be read-only; stride is at least settings.vector_size.

    Returns
    -------
    float
    """
    settings = replace(settings, sample=0.0)
    total: float
    pairs: float
    job = job_of(stream, counts, settings, w_in, w_out, read_only=True)
    key = hash_position(settings.seed, HELD_OUT)
    workers = _threads.resolve(settings.workers)
    if settings.loss == "softmax":
        check_blas(workers)
        from w2vext.training.softmax import Softmax  # imports SciPy's BLAS, which takes long

        softmax = Softmax(
            job, w_in, w_out, dim=settings.vector_size, window=settings.window, workers=workers
        )
        total, pairs = softmax.loss(Epoch(key, len(stream.ids), np.zeros_like))
    else:
        total, pairs = _loss(job, len(stream.ids), settings.negative, key, workers)
    return total / pairs if pairs else 0.0


def _loss(job: Job, words: int, negative: int, key: int, workers: int) -> tuple[float, float]:
    """The (summed loss, pairs) of a stream of `words` words."""
    count, length = -(-words // PIECE), min(words, PIECE)
    losses, pairs = np.zeros(count), np.zeros(count)
    pool = min(length * negative, PIECE)
    shards = [Shard(job, length, pool) for _ in range(min(workers, count))]

    def task(worker: int, number: int) -> None:
        shard, begin = shards[worker], number * PIECE
        shard.train(begin, min(begin + PIECE, words), number, 0.0, 0.0, key)
        losses[number], pairs[number] = shard.loss, shard.pairs

    if _threads.run_tasks(task, count, len(shards), stop=job.stop):
        raise KeyboardInterrupt
    return float(losses.sum()), float(pairs.sum())


def sentence_losses(
    sentences: Sequence[Int32], counts: Int64, settings: Settings, w_in: Float32, w_out: Float32
) -> Float64:
    """The summed loss of each sentence (float64 (S,)), with fixed weights.

    Parameters
    ----------
    sentences : sequence of int32 arrays
        The rows of the words of each sentence; they may be empty.
    counts, settings, w_in, w_out
        As for `mean_loss`. The loss is "hs", which draws no negatives.
    """
    lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
    losses = np.zeros(len(sentences))
    if not lengths.any():
        return losses
    full = np.flatnonzero(lengths).tolist()
    ids = np.concatenate([sentences[i] for i in full]).astype(np.int32)
    offsets = np.append(0, np.cumsum(lengths[full]))
    stream = Encoded(ids, offsets)
    job = job_of(stream, counts, replace(settings, sample=0.0), w_in, w_out, read_only=True)
    shard = Shard(job, int(lengths.max()), 0)
    for number, sentence in enumerate(full):
        begin, end = int(offsets[number]), int(offsets[number + 1])
        shard.train(begin, end, number, 0.0, 0.0, settings.seed)
        losses[sentence] = shard.loss
    return losses


class Encoded(NamedTuple):
    """A stream of ids and the offsets of its sentences."""

    ids: Int32
    offsets: Int64


def output_probabilities(
    rows: Int32, w_in: Float32, w_out: Float32, tree: Tree | None = None
) -> Float64:
    """The probability of each output word (float64 (V,)) given the words of some rows.

    The mean h of their input vectors is the hidden layer of CBOW. P(w) is the softmax of w_out h
    or, with a Huffman tree, the product of the sigmoids on the path of w.
    """
    h = w_in[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
    scores = (w_out @ h).astype(np.float64)
    if tree is not None:
        logs = np.empty(tree.size)
        tree.log_probabilities(scores, logs)
        return np.exp(logs)
    odds = np.exp(scores - scores.max())
    return odds / odds.sum()
