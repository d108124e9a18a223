"""The settings of a training run, and what follows from them and the word counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from w2vext.training._plan import Job
from w2vext.training._sampling import Noise, NoiseGroups, Tree, keep_thresholds

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import Float32, Float64, Int32, Int64, Schedule, UInt8
    from w2vext.training.composed import Parts

# The changes of a row that k words share are multiplied by at most DAMPING/sqrt(k). With n workers
# that train at the same time, a row receives the changes of about n times as many words, so k is
# replaced by n k (D15).
DAMPING = sqrt(2)


@dataclass(frozen=True)
class Settings:
    """The settings of a training run; `Word2Vec` documents and checks each."""

    loss: str = "neg"
    architecture: str = "skipgram"
    vector_size: int = 100
    window: int = 5
    shrink_windows: bool = True
    global_context: str | None = None
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
    subword_update: str = "damped"
    noise: Float64 | None = field(default=None, compare=False)  # (V,): weights of negatives
    # (V,): the number of each word's group, in which its negatives are drawn, or -1
    noise_groups: Int32 | None = field(default=None, compare=False)
    freeze_output: bool = False


def has_tree(loss: str) -> bool:
    """Whether the targets of a window include the inner nodes of the centre's Huffman path."""
    return loss in ("hs", "hs+neg")


def has_negatives(loss: str) -> bool:
    """Whether the targets of a window include the centre and its negatives."""
    return loss in ("neg", "hs+neg")


def outputs(size: int, loss: str) -> int:
    """The number of output rows; a Huffman tree of V words has V - 1 inner nodes.

    With "hs+neg" the rows of the words come first, then those of the inner nodes.
    """
    if loss == "hs":
        return max(1, size - 1)
    return 2 * size - 1 if loss == "hs+neg" else size


def huffman(counts: Int64, first: int = 0) -> Tree:
    """The Huffman tree of words whose counts may be in any order.

    `first` is the row of w_out at which the inner nodes begin.
    """
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(counts), dtype=np.int32)
    rank[order] = np.arange(len(counts), dtype=np.int32)
    return Tree(np.ascontiguousarray(counts[order]), rank, first)


def noise_weights(counts: Int64, exponent: float) -> Float64:
    """count(w)^exponent (float64), not normalized (Mikolov et al. 2013b, section 2.2)."""
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        weights = counts.astype(np.float64) ** exponent
        total = weights.sum()
    if not 0 < total < np.inf:
        raise ValueError(
            f"ns_exponent={exponent!r}: counts from {counts.min()} to {counts.max()} to this power "
            f"add up to {total:g}: give an exponent nearer to 0, such as 0.75"
        )
    return weights


def noise_of(counts: Int64, settings: Settings) -> Float64:
    """The weights of the words as negatives (float64 (V,))."""
    if settings.noise is not None:
        return settings.noise
    return noise_weights(counts, settings.ns_exponent)


def job_of(
    stream: Any,
    counts: Int64,
    settings: Settings,
    w_in: Float32,
    w_out: Float32,
    *,
    frozen: UInt8 | None = None,
    parts: Parts | None = None,
    replicas: int = 0,
    merge_every: int = 0,
    saturation_per_word: Float32 | None = None,
    read_only: bool = False,
    workers: int = 1,
) -> Job:
    """What all workers of a run share; `Job` documents the arguments.

    `workers` is the number of workers that train at the same time without seeing each other's
    changes.
    """
    keep = np.empty(len(counts), dtype=np.uint32)
    keep_thresholds(counts, settings.sample, keep)
    noise = groups = tree = None
    contexts = getattr(stream, "contexts", None)
    if settings.loss != "hs":
        weights = noise_of(counts, settings)
        noise = Noise(weights)
        if settings.noise_groups is not None:
            groups = NoiseGroups(weights, settings.noise_groups)
    if has_tree(settings.loss):
        tree = huffman(counts, 0 if noise is None else len(counts))
    return Job(
        stream.ids,
        stream.offsets,
        w_in,
        w_out,
        dim=settings.vector_size,
        keep=keep,
        noise=noise,
        groups=groups,
        tree=tree,
        window=settings.window if contexts is None else 1,
        shrink_windows=settings.shrink_windows,
        negative=settings.negative,
        pool=settings.kernel != "pair" and not read_only,
        block=settings.kernel != "pair",
        cbow=settings.architecture == "cbow",
        global_context=settings.global_context,
        contexts=contexts,
        weights=getattr(stream, "weights", None),
        average=settings.cbow_gradient == "mean",
        frozen=frozen,
        frozen_out=settings.freeze_output,
        saturation_per_word=saturation_per_word,
        part_start=None if parts is None else parts.starts,
        part=None if parts is None else parts.parts,
        part_size=None if parts is None else parts.sizes,
        damping=DAMPING / sqrt(workers) if settings.subword_update == "damped" else 0,
        replicas=replicas,
        merge_every=merge_every,
        read_only=read_only,
    )
