"""The parameters of Node2Vec for its estimator and its command: defaults, checks and walks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from w2vext._arguments.flags import is_bool
from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator import parameters
from w2vext._estimator.parameters import Parameters
from w2vext.graph.random_walks import check_bias
from w2vext.graph.walk_stream import WalkStream

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext._arguments.types import RandomState, Schedule
    from w2vext.graph.adjacency import Adjacency
    from w2vext.training.callbacks import Callback


@dataclass(frozen=True, kw_only=True)
class Options:
    """The constructor parameters of `Node2Vec`, which documents each of them."""

    p: float = 1.0
    q: float = 1.0
    walk_length: int = 80
    walks_per_node: int = 10
    directed: bool | None = None
    vector_size: int = 128
    window: int = 10
    architecture: Any = "skipgram"
    loss: Any = "neg"
    negative: int = 5
    ns_exponent: float = 0.75
    sample: float = 0.0
    epochs: int = 1
    alpha: float | None = None
    min_alpha: float = 1e-4
    schedule: Schedule = "linear"
    callbacks: Sequence[Callback] = ()
    workers: int | None = None
    deterministic: Any = "auto"
    random_state: RandomState = None
    verbose: int = 0

    @classmethod
    def of(cls, estimator: Any) -> Options:
        """The parameters of an estimator, read from its attributes."""
        return cls(**{field.name: getattr(estimator, field.name) for field in fields(cls)})

    def training(self) -> Parameters:
        """The parameters of the training on the walks, checked with all others."""
        check_bias(self.p, self.q)
        parameters.check_whole("walk_length", self.walk_length, 2, more="; 80 is usual")
        parameters.check_whole("walks_per_node", self.walks_per_node, 1)
        if self.directed is not None and not is_bool(self.directed):
            raise TypeError(
                f"directed={shown(self.directed)} is {kind_of(self.directed)}: give True, False, "
                "or None for the default of the graph"
            )
        shared = {name: getattr(self, name) for name in SHARED}
        if self.alpha is None and self.architecture == "skipgram":
            shared["alpha"] = SKIPGRAM_ALPHA
        params = Parameters(**shared, min_count=1)
        parameters.check(params)
        return params

    def walks(self, adjacency: Adjacency, seed: int) -> WalkStream:
        """The walks on a graph, as a stream for the training."""
        return WalkStream(
            adjacency,
            p=self.p,
            q=self.q,
            length=self.walk_length,
            per_node=self.walks_per_node,
            seed=seed,
            workers=self.workers,
            verbose=self.verbose,
        )


# A walk visits each node hundreds of times, however large the graph is. With the learning rates of
# texts the vectors fit the known edges closely, and predict the others less well.
SKIPGRAM_ALPHA = 0.015
# The parameters that Word2Vec has too.
SHARED = tuple(field.name for field in fields(Options) if field.name in parameters.NAMES)
