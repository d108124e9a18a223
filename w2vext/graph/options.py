"""The parameters of Node2Vec for its estimator and its command: defaults and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w2vext._arguments.flags import is_bool
from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator import parameters
from w2vext._estimator.parameters import Parameters
from w2vext.graph.random_walks import check_bias

if TYPE_CHECKING:
    from typing import Any

# The parameters that Node2Vec shares with Word2Vec.
WORD2VEC = (
    "vector_size", "window", "architecture", "loss", "negative", "ns_exponent", "sample", "epochs",
    "alpha", "min_alpha", "schedule", "callbacks", "workers", "deterministic", "random_state",
    "verbose",
)  # fmt: skip


def parameters_of(estimator: Any) -> Parameters:
    """The parameters of the training on the walks."""
    return Parameters(**{name: getattr(estimator, name) for name in WORD2VEC}, min_count=1)


def check(estimator: Any, params: Parameters) -> None:
    """Raise for the first parameter that `fit` cannot use."""
    check_bias(estimator.p, estimator.q)
    parameters.check_whole("walk_length", estimator.walk_length, 2, more="; 80 is usual")
    parameters.check_whole("walks_per_node", estimator.walks_per_node, 1)
    directed = estimator.directed
    if directed is not None and not is_bool(directed):
        raise TypeError(
            f"directed={shown(directed)} is {kind_of(directed)}: give True, False, or None for "
            "what the graph says"
        )
    parameters.check(params)
