"""The loss of a fitted model on another text, and its predictions of words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import shown
from w2vext._estimator import fit as fitting
from w2vext._estimator.pairs import encoded
from w2vext.training import heldout
from w2vext.training.settings import huffman

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from typing import Any

    from w2vext._arguments.types import CorpusLike, Neighbors
    from w2vext._estimator.fitted import Fitted
    from w2vext._estimator.parameters import Parameters
    from w2vext.text.pairs import Pairs


def mean_loss(params: Parameters, fitted: Fitted, X: CorpusLike | Pairs) -> float:
    """The mean loss per pair over a text; the weights are not changed."""
    with encoded("X", X, fitted.words, params) as stream:
        return heldout.mean_loss(
            stream,
            fitted.words.counts,
            replace(
                fitting.settings(params, fitted.seed, fitted.deterministic),
                noise=fitted.noise,
                noise_groups=fitted.noise_groups,
            ),
            fitted.vectors,
            fitted.output_vectors,
        )


def huffman_tree(fitted: Fitted) -> Any:
    """The Huffman tree of a fit that has one, for `most_probable`."""
    return huffman(fitted.words.counts)


def most_probable(
    fitted: Fitted, context: Iterable[Hashable], topn: int | None, tree: Any = None
) -> Neighbors:
    """The most probable words in the middle of a context, with their probabilities.

    With h the mean input vector of the context, P(w) is the softmax of the scores w_out h or, with
    a Huffman tree, the product of the sigmoids on the path of w.
    """
    rows = fitted.words.lookup(context)
    if not len(rows):
        raise ValueError(
            f"context={shown(context)} contains no word of the vocabulary: give at least one "
            "known word"
        )
    outputs = fitted.output_vectors
    if tree is not None:
        outputs = outputs[1 - tree.size :]  # the inner nodes are last
    found = heldout.output_probabilities(rows, fitted.vectors, outputs, tree)
    best = np.argsort(-found, kind="stable")[:topn]
    words = fitted.words.words
    return [(words[row], float(found[row])) for row in best]
