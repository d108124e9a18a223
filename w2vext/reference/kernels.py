"""NumPy reference of each compiled kernel: the same updates in the same order, without a table.

Each function changes the given matrices in place and returns the loss before the change. The tests
compare the compiled kernels with these functions, which are too slow to train on much text. A step
gathers rows into h, computes the updates, and scatters them back to the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.reference.basics import log_sigmoid, log_softmax, sigmoid
from w2vext.reference.losses import cbow_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from w2vext._arguments.types import Float64, Floats


def sgd_pair(h: Floats, o: Floats, dh: Floats, label: int, lr: float) -> float:
    """One input and one target, in the order of word2vec.c: dh is computed before o changes.

    score = h·o;  e = lr (label - σ(score));  dh += e o;  o += e h

    Parameters
    ----------
    h : ndarray (d,)
        The input vector; not changed.
    o : ndarray (d,)
        The target's row, changed in place.
    dh : ndarray (d,)
        Changed in place. The caller adds it to the input's row after the last target.
    label : 1 or 0
        1 for a word that occurs in the text, 0 for a negative.
    lr : float

    Returns
    -------
    float
        -log σ(score) for label 1, -log σ(-score) for label 0.

    Notes
    -----
    Document 004, equations 26-29; 001 (e).
    """
    score = float(h @ o)
    e = lr * (label - float(sigmoid(score)))
    dh += e * o
    o += e * h
    return float(-log_sigmoid(score if label else -score))


def train_inputs_pair(
    w_in: Floats,
    w_out: Floats,
    inputs: Sequence[int],
    targets: Sequence[Sequence[int]],
    labels: Sequence[Sequence[int]],
    lr: float,
) -> float:
    """Train each input with each of its targets; its row is updated after the last target.

    Parameters
    ----------
    w_in, w_out : ndarray (V, d), (n_out, d)
        Changed in place.
    inputs : sequence of n ints
    targets : sequence of n sequences of ints
        The targets of each input: words, or the inner nodes of a path.
    labels : sequence of n sequences of 0 or 1
        For the nodes of a path, 1 - code.
    lr : float

    Returns
    -------
    float
        The sum of the pairs' losses.
    """
    loss = 0.0
    for row, its_targets, its_labels in zip(inputs, targets, labels, strict=True):
        dh = np.zeros(w_in.shape[1])
        for target, label in zip(its_targets, its_labels, strict=True):
            loss += sgd_pair(w_in[row], w_out[target], dh, label, lr)
        w_in[row] += dh
    return loss


def train_window_pair(
    w_in: Floats,
    w_out: Floats,
    context_ids: Sequence[int],
    centre: int,
    negatives_per_context: Sequence[Sequence[int]],
    lr: float,
) -> float:
    """One window of skip-gram with negative sampling, pair by pair, in the order of word2vec.c.

    Parameters
    ----------
    w_in, w_out : ndarray (V, d)
        Changed in place.
    context_ids : sequence of n ints
        Each is an input. One that occurs twice is updated twice, one update after the other.
    centre : int
        The positive target of every input.
    negatives_per_context : sequence of n sequences of ints
        A negative equal to the centre is skipped and not redrawn. A repeated one is trained again.
    lr : float

    Returns
    -------
    float
        The sum of the pairs' losses.
    """
    targets = [
        [centre, *(k for k in negatives if k != centre)] for negatives in negatives_per_context
    ]
    labels = [[1] + [0] * (len(row) - 1) for row in targets]
    return train_inputs_pair(w_in, w_out, context_ids, targets, labels, lr)


def step_block(
    h: ArrayLike, o: ArrayLike, labels: ArrayLike, lr: float, weight: ArrayLike = 1.0
) -> tuple[Float64, Float64, float]:
    """n inputs with m shared targets, all computed from the values before the step.

    score = H Oᵀ;  e = weight (label - σ(score));  dH = lr e O;  dO = lr eᵀ H

    Parameters
    ----------
    h : array_like (n, d)
    o : array_like (m, d)
    labels : array_like (m,)
    lr : float
    weight : float or array_like (m,)
        The multiplicity of each target: weight 2 equals listing the target twice.

    Returns
    -------
    dh : ndarray (n, d)
    do : ndarray (m, d)
    loss : float
        Σ weight · pair loss over all n·m pairs.
    """
    h, o = np.asarray(h, dtype=np.float64), np.asarray(o, dtype=np.float64)
    labels, weight = np.asarray(labels, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    score = h @ o.T
    e = weight * (labels - sigmoid(score))
    loss = -np.sum(weight * log_sigmoid(np.where(labels == 1, score, -score)))
    return lr * (e @ o), lr * (e.T @ h), float(loss)


def train_window_block(
    w_in: Floats,
    w_out: Floats,
    inputs: ArrayLike,
    targets: ArrayLike,
    labels: Sequence[int],
    lr: float,
) -> float:
    """Gather rows, apply `step_block`, scatter. A row that occurs twice receives both updates.

    Parameters
    ----------
    w_in, w_out : ndarray (V, d), (n_out, d)
        Changed in place.
    inputs : sequence of n ints
    targets, labels : sequences of m ints
        Shared by all inputs.
    lr : float

    Returns
    -------
    float
        The sum of the n·m pair losses.
    """
    inputs, targets = np.asarray(inputs, dtype=np.int64), np.asarray(targets, dtype=np.int64)
    dh, do, loss = step_block(w_in[inputs], w_out[targets], labels, lr)
    np.add.at(w_in, inputs, dh)
    np.add.at(w_out, targets, do)
    return loss


def train_pairs(
    w_in: Floats,
    w_out: Floats,
    contexts: Sequence[int],
    targets: Sequence[Sequence[int]],
    labels: Sequence[Sequence[int]],
    weights: Sequence[float],
    lr: float,
    block: bool = True,
) -> float:
    """Train pairs with weights one after the other, each with its own targets.

    Parameters
    ----------
    w_in, w_out : ndarray (V, d), (n_out, d)
        Changed in place.
    contexts : sequence of n ints
        The inputs.
    targets, labels : sequences of n sequences of ints
        The centre of each pair and its negatives, or the nodes of a path.
    weights : sequence of n floats
        A weight multiplies the loss of a pair and its gradient.
    lr : float
    block : bool
        As for `train_window_cbow`.

    Returns
    -------
    float
        The sum of the weighted losses.
    """
    loss = 0.0
    for row, its_targets, its_labels, weight in zip(
        contexts, targets, labels, weights, strict=True
    ):
        if block:
            rows = np.asarray(its_targets, dtype=np.int64)
            dh, do, one = step_block(w_in[[row]], w_out[rows], its_labels, lr, weight)
            w_in[row] += dh[0]
            np.add.at(w_out, rows, do)
            loss += one
        else:
            one = train_inputs_pair(w_in, w_out, [row], [its_targets], [its_labels], lr * weight)
            loss += weight * one
    return loss


def train_batch(
    w_in: Floats, w_out: Floats, centres: ArrayLike, targets: ArrayLike, lr: float
) -> float:
    """One minibatch step of skip-gram with negative sampling, as in CS224n.

    Parameters
    ----------
    w_in, w_out : ndarray (V, d)
        Changed in place. A row that occurs twice receives both updates.
    centres : array_like of int (P,)
        The input of each pair. Here the centre is the input; in word2vec.c it is the target.
    targets : array_like of int (P, 1 + K)
        The outside word of each pair, then its negatives.
    lr : float
        To train on the mean over B windows, pass the learning rate divided by B.

    Returns
    -------
    float
        The sum of the P losses.

    Notes
    -----
    Document 001, equations 5 and 6, summed over a batch: the gradients of P calls of
    `losses.negative_sampling`, all computed from the matrices before the step.
    """
    centres, targets = np.asarray(centres), np.asarray(targets)
    h, o = w_in[centres], w_out[targets]
    sign = np.ones(o.shape[1])
    sign[1:] = -1.0
    score = sign * np.einsum("pd,pkd->pk", h, o)
    e = lr * sign * sigmoid(-score)
    np.add.at(w_in, centres, np.einsum("pk,pkd->pd", e, o))
    np.add.at(w_out, targets, e[:, :, None] * h[:, None, :])
    return float(-np.sum(log_sigmoid(score)))


def softmax_batch(
    h: ArrayLike, w_out: Floats, counts: Sequence[tuple[ArrayLike, ArrayLike]], lr: float
) -> tuple[Float64, float]:
    """One step of the naive softmax for B centres, with one softmax per centre.

    score = H Uᵀ;  y = softmax(score);  e = t - C y;  dH = lr e U;  U += lr eᵀ H

    Parameters
    ----------
    h : array_like (B, d)
        The vectors of the centres; not changed.
    w_out : ndarray (V, d)
        Changed in place, after dh is computed.
    counts : sequence of B pairs (ids, times)
        The distinct context words of each centre, and how often each occurs. C is the sum of times.
    lr : float

    Returns
    -------
    dh : ndarray (B, d)
    loss : float
        -Σ t log y over the batch.

    Notes
    -----
    The gradients are those of `losses.skipgram_matrix` for each centre, all from the same U.
    """
    h = np.asarray(h, dtype=np.float64)
    log_y = log_softmax(h @ w_out.T)
    t = np.zeros_like(log_y)
    for row, (ids, times) in enumerate(counts):
        np.add.at(t[row], np.asarray(ids, dtype=np.int64), np.asarray(times, dtype=np.float64))
    e = t - t.sum(axis=1, keepdims=True) * np.exp(log_y)
    dh = lr * (e @ w_out)
    w_out += lr * (e.T @ h)
    return dh, float(-np.sum(t * log_y))


def train_window_cbow(
    w_in: Floats,
    w_out: Floats,
    context_ids: ArrayLike,
    targets: Sequence[int],
    labels: Sequence[int],
    lr: float,
    gradient: str = "mean",
    block: bool = False,
) -> float:
    """One window of CBOW: train the mean of the context, then update every context word.

    Parameters
    ----------
    w_in, w_out : ndarray (V, d), (n_out, d)
        Changed in place.
    context_ids : sequence of C ints
        One that occurs twice has twice the weight in the mean and is updated twice.
    targets, labels : sequences of m ints
        The centre and its negatives, or the nodes of a path with labels 1 - code.
    lr : float
    gradient : {"mean", "word2vec"}
        "mean" adds dh / C to each context word, which is the gradient. "word2vec" adds all of dh,
        as word2vec.c does.
    block : bool
        Compute all updates from the targets' values before the step. The result differs only where
        a target is repeated.

    Returns
    -------
    float
        The sum of the m pair losses.
    """
    context_ids = np.asarray(context_ids, dtype=np.int64)
    share = cbow_share(len(context_ids), gradient)
    h = w_in[context_ids].mean(axis=0)
    if block:
        rows = np.asarray(targets, dtype=np.int64)
        dh, do, loss = step_block(h[None], w_out[rows], labels, lr)
        np.add.at(w_out, rows, do)
        dh = dh[0]
    else:
        dh, loss = np.zeros_like(h), 0.0
        for target, label in zip(targets, labels, strict=True):
            loss += sgd_pair(h, w_out[target], dh, label, lr)
    np.add.at(w_in, context_ids, share * dh)
    return loss
