"""Choosing the parameters of a model by held-out sessions or text, with successive halving."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _threads
from w2vext._arguments.messages import kind_of, shown
from w2vext._estimator import fit, heldout, parameters
from w2vext._estimator.documents import documents
from w2vext._estimator.parameters import Parameters, seed_of
from w2vext._estimator.weights import repeated
from w2vext.text.corpus import open_corpus
from w2vext.text.pairs import Pairs
from w2vext.text.tokenizer import Tokenizer
from w2vext.text.vocabulary import Stream
from w2vext.word2vec import Word2Vec

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import Any, Literal

    from numpy.typing import ArrayLike

    from w2vext._arguments.types import CorpusLike
    from w2vext._estimator.fitted import Fitted

__all__ = ["Tuning", "tune"]

SHARES = (1 / 9, 1 / 3, 1.0)  # of the sentences, in each round
KEPT = 3  # the best one of this many candidates stays in the next round
BLOCK = 512  # sessions that are scored at a time


def _log(low: float, high: float) -> Callable[[Any, Parameters], float]:
    return lambda rng, params: float(f"{math.exp(rng.uniform(math.log(low), math.log(high))):.2g}")


def _one_of(*values: Any) -> Callable[[Any, Parameters], Any]:
    return lambda rng, params: values[rng.integers(len(values))]


# Parameter: a function that draws a value.
SPACES: dict[str, Callable[[Any, Parameters], Any]] = {
    "ns_exponent": lambda rng, params: round(float(rng.uniform(-1, 1.25)), 2),
    "window": _one_of(2, 3, 5, 10, 20),
    "sample": _one_of(0.0, 1e-5, 1e-4, 1e-3, 1e-2),
    "alpha": lambda rng, params: parameters.first_alpha(params) * _log(0.2, 4)(rng, params),
    "epochs": lambda rng, params: params.epochs * _one_of(1, 2, 4)(rng, params),
    "negative": _one_of(2, 5, 10, 20),
    "vector_size": _one_of(16, 32, 64, 100, 200),
}


@dataclass(frozen=True)
class Tuning:
    """The result of `tune`; ``str`` gives the table of all trainings.

    Attributes
    ----------
    model : Word2Vec
        A new model with the best parameters, fitted to all sentences.
    best_params : dict
        The parameters that differ from those of the given model.
    score, default_score : float
        The scores of the best parameters and of the given ones, on all sentences. A higher score is
        better: the hit rate, or the negative of the loss.
    table : list of dict
        Each training: its parameters, ``share`` (of the sentences) and ``score``.
    """

    model: Word2Vec
    best_params: dict[str, Any]
    score: float
    default_score: float
    table: list[dict[str, Any]]

    def __str__(self) -> str:
        names = list(dict.fromkeys(name for row in self.table for name in row))
        names.sort(key=lambda name: name in ("share", "score"))
        cells = [names] + [[_cell(row.get(name, "")) for name in names] for row in self.table]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in cells
        )


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def tune(
    model: Word2Vec,
    X: CorpusLike,
    *,
    validation: CorpusLike,
    budget: float = 10,
    parameters: Sequence[str] | Mapping[str, Sequence[Any]] = tuple(SPACES),
    metric: Literal["next_item", "loss"] = "next_item",
    topn: int = 10,
    random_state: int | None = None,
    sample_weight: ArrayLike | None = None,
    noise: Mapping[Any, float] | ArrayLike | None = None,
    noise_groups: Mapping[Any, Hashable] | ArrayLike | None = None,
) -> Tuning:
    """Search parameters by successive halving: many short trainings, and few on all sentences.

    About ``3 * budget`` random choices of the parameters are trained on a ninth of the sentences,
    the best third of them on a third, and the best ninth on all. The parameters of the given model
    take part in all three rounds.

    Parameters
    ----------
    model : Word2Vec
        The model whose parameters are searched. Parameters that are not searched keep its values.
        The model is not changed.
    X : iterable of sentences, path, or list of paths
        As for ``Word2Vec.fit``.
    validation : iterable of sentences, path, or list of paths
        Held-out text, or sessions whose last item is predicted.
    budget : float, default=10
        The total work, at least 1, in units of one training on all sentences.
    parameters : sequence of str, or mapping of str to sequence of values
        The parameters to search: names of ``ns_exponent``, ``window``, ``sample``, ``alpha``,
        ``epochs``, ``negative`` and ``vector_size``, or the values to try of any parameter. More
        epochs take more time than the budget says.
    metric : {"next_item", "loss"}, default="next_item"
        "next_item" is the share of sessions whose last item is among the `topn` nearest neighbours
        of the item before it; sessions with unknown items count as failures. "loss" is the mean
        loss, with the `negative`, `ns_exponent` and `window` of the given model.
    topn : int, default=10
        The number of neighbours with ``metric="next_item"``.
    random_state : int or None, default=None
        Seed of the random choices. The models are trained with the `random_state` of `model`.
    sample_weight, noise, noise_groups
        As for ``Word2Vec.fit``; used in every training.

    Returns
    -------
    Tuning

    Raises
    ------
    TypeError, ValueError
        An argument cannot be used; the message names it.
    FloatingPointError
        Every training on all sentences diverged.

    References
    ----------
    K. Jamieson, A. Talwalkar. "Non-stochastic best arm identification and hyperparameter
    optimization". AISTATS 2016.
    H. Caselles-Dupré, F. Lesaint, J. Royo-Letelier. "Word2vec applied to recommendation:
    hyperparameters matter". RecSys 2018.
    """
    if not isinstance(model, Word2Vec):
        raise TypeError(f"model={shown(model)} is {kind_of(model)}: give a Word2Vec")
    for name, corpus in (("X", X), ("validation", validation)):
        if isinstance(corpus, Pairs):
            raise TypeError(f"{name}={shown(corpus)}: tune needs sentences: fit the pairs directly")
    base = Parameters.of(model)
    draw = _checked(base, budget, parameters, metric, topn)
    rng = np.random.default_rng(random_state)
    held_out = list(documents(open_corpus(validation, Tokenizer.of(base))))
    score = _next_item(held_out, topn) if metric == "next_item" else _loss(held_out, base)
    seed = seed_of(base.random_state)
    words, stream = fit.counted(base, X, sample_weight, None, None, seed)
    negatives = {"noise": noise, "noise_groups": noise_groups}
    candidates: list[dict[str, Any]] = [{}]
    candidates += [draw(rng) for _ in range(max(KEPT, round(KEPT * budget)) - 1)]
    table: list[dict[str, Any]] = []
    order = rng.permutation(len(stream.offsets) - 1)
    total = _trainings(len(candidates))
    with stream, _threads.Progress(total, "tuning", " trainings", base.verbose) as bar:
        for share in SHARES:
            chosen = np.zeros(len(order), dtype=np.int64)
            chosen[order[: max(1, math.ceil(share * len(order)))]] = 1
            part = repeated(np.asarray(stream.ids), stream.offsets, chosen)
            scored: list[tuple[float, int, Fitted | None]] = []
            for number, candidate in enumerate(candidates):
                with _threads.hidden_progress():
                    found = _trained(replace(base, **candidate), words, part, negatives)
                value = -math.inf if found is None else score(found)
                scored.append((value, -number, found if share == 1 else None))
                table.append({**_shown(base, candidate), "share": share, "score": value})
                bar.to(len(table), best=f"{max(each[0] for each in scored):.4g}")
            default = scored[0][0]
            scored.sort(key=lambda each: each[:2], reverse=True)
            best = [candidates[-number] for _, number, _ in scored]
            candidates = [{}, *(c for c in best if c)][: 1 + math.ceil(len(best) / KEPT)]
    value, _, fitted = scored[0]
    if fitted is None:
        raise FloatingPointError("every training diverged: give a model with a smaller alpha")
    tuned = type(model)(**{**model.get_params(), **best[0]})
    tuned._keep(fitted)
    return Tuning(tuned, best[0], value, default, table)


def _trainings(candidates: int) -> int:
    total = 0
    for _ in SHARES:
        total, candidates = total + candidates, min(candidates, 1 + math.ceil(candidates / KEPT))
    return total


def _checked(
    base: Parameters, budget: Any, searched: Any, metric: Any, topn: Any
) -> Callable[[Any], dict[str, Any]]:
    """Check the arguments; return a function that draws the parameters of a candidate."""
    parameters.check(base)
    if not parameters.is_real(budget) or not 1 <= budget < math.inf:
        raise ValueError(f"budget={shown(budget)}: give a number of trainings, at least 1")
    parameters.check_choice("metric", metric, ("next_item", "loss"))
    parameters.check_whole("topn", topn, 1)
    if isinstance(searched, str) or not searched:
        raise ValueError(f"parameters={shown(searched)}: give a list of names")
    given = searched if isinstance(searched, Mapping) else {}
    for name in searched:
        if name not in (parameters.NAMES if given else SPACES):
            known = "a parameter of Word2Vec" if given else f"one of {', '.join(SPACES)}"
            raise ValueError(f"parameters: {shown(name)} is unknown: give {known}")
        for value in given.get(name, ()):
            parameters.check(replace(base, **{name: value}))

    def draw(rng: Any) -> dict[str, Any]:
        if given:
            return {name: values[rng.integers(len(values))] for name, values in given.items()}
        return {name: SPACES[name](rng, base) for name in searched}

    return draw


def _shown(base: Parameters, candidate: dict[str, Any]) -> dict[str, Any]:
    return candidate or {"alpha": parameters.first_alpha(base)}


def _trained(
    params: Parameters, words: Any, part: Stream, negatives: dict[str, Any]
) -> Fitted | None:
    """A fit to some sentences; None if it diverged."""
    copy = Stream(part.ids, part.offsets, part.raw_words)  # a fit closes its stream
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            return fit.fit(params, None, corpus=(words, copy), **negatives)
        except FloatingPointError:
            return None


def _loss(held_out: list[list[Any]], base: Parameters) -> Callable[[Fitted], float]:
    def score(fitted: Fitted) -> float:
        size = fitted.vectors.shape[1]
        return -heldout.mean_loss(replace(base, vector_size=size), fitted, held_out)

    return score


def _next_item(held_out: list[list[Any]], topn: int) -> Callable[[Fitted], float]:
    """The share of sessions whose last item is a near neighbour of the one before."""
    pairs = [tuple(session[-2:]) for session in held_out if len(session) > 1]
    if not pairs:
        raise ValueError("validation: no session has two items: give sessions of at least two")

    def score(fitted: Fitted) -> float:
        index = fitted.words.index
        known = [(index[a], index[b]) for a, b in pairs if a in index and b in index]
        norms = np.linalg.norm(fitted.vectors, axis=1, keepdims=True)
        units = fitted.vectors / np.maximum(norms, np.finfo(np.float32).tiny)
        hits = 0
        for at in range(0, len(known), BLOCK):
            before, last = np.array(known[at : at + BLOCK]).T
            scores = units[before] @ units.T
            scores[np.arange(len(before)), before] = -np.inf  # an item is not its own neighbour
            target = scores[np.arange(len(last)), last]
            hits += int(((scores > target[:, None]).sum(axis=1) < topn)[before != last].sum())
        return hits / len(pairs)

    return score
