"""The losses of word2vec and their gradients; `kernels` holds the updates.

Gradients are those of the loss, so a descent step subtracts them. They are returned as full (V, d)
arrays even where most rows are zero, which keeps the code short. A word id that occurs twice counts
twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.reference.basics import log_sigmoid, log_softmax, sigmoid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from w2vext._arguments.types import Float64


def naive_softmax(h: ArrayLike, target: int, w_out: ArrayLike) -> tuple[float, Float64, Float64]:
    """-log P(o | c) and its gradients.

    J = -log y_o with y = softmax(U v_c), and with e = y - (one-hot of o)

        ∂J/∂v_c = Uᵀ e        ∂J/∂U = e v_cᵀ

    Parameters
    ----------
    h : array_like (d,)
        v_c, the input vector.
    target : int
        o, the row to predict.
    w_out : array_like (V, d)
        U.

    Returns
    -------
    loss : float
    grad_h : ndarray (d,)
    grad_w_out : ndarray (V, d)

    Notes
    -----
    Document 001, equations 1-3 and parts (a)-(c); 000 (a)-(c), whose U has the vectors in columns.
    """
    loss, grad_h, grad_w_out = skipgram_matrix(h, [target], w_out)
    return loss, grad_h, grad_w_out


def negative_sampling_parts(
    h: ArrayLike, target: int, negatives: Sequence[int], w_out: ArrayLike
) -> tuple[float, Float64, Float64, Float64]:
    """The negative-sampling loss, and its gradient for each vector involved.

    J = -log σ(u_o·v_c) - Σ_k log σ(-u_k·v_c)

        ∂J/∂v_c = (σ(u_o·v_c) - 1) u_o + Σ_k σ(u_k·v_c) u_k
        ∂J/∂u_o = (σ(u_o·v_c) - 1) v_c
        ∂J/∂u_k = σ(u_k·v_c) v_c

    Parameters
    ----------
    h : array_like (d,)
    target : int
    negatives : sequence of K ints
        Rows of the negative samples. A repeated one counts each time.
    w_out : array_like (V, d)

    Returns
    -------
    loss : float
    grad_h : ndarray (d,)
    grad_target : ndarray (d,)
    grad_negatives : ndarray (K, d)
        Row k is the gradient for negatives[k].

    Notes
    -----
    Document 001, equation 5 and part (e); 000 (e); 004, equations 19-28. Equation 4 of Mikolov et
    al. 2013b is the same with the opposite sign.
    """
    h, w_out = np.asarray(h, dtype=np.float64), np.asarray(w_out, dtype=np.float64)
    rows = np.concatenate([[target], np.asarray(negatives, dtype=np.int64)]).astype(np.int64)
    label = np.zeros(len(rows))
    label[0] = 1.0
    score = w_out[rows] @ h
    error = sigmoid(score) - label
    loss = -np.sum(log_sigmoid(np.where(label == 1, score, -score)))
    grad_rows = np.outer(error, h)
    return float(loss), error @ w_out[rows], grad_rows[0], grad_rows[1:]


def negative_sampling(
    h: ArrayLike, target: int, negatives: Sequence[int], w_out: ArrayLike
) -> tuple[float, Float64, Float64]:
    """`negative_sampling_parts` with the output gradients added up in one matrix.

    Parameters are as for `negative_sampling_parts`.

    Returns
    -------
    loss : float
    grad_h : ndarray (d,)
    grad_w_out : ndarray (V, d)
        At most K + 1 rows are not zero. A repeated negative is added each time.
    """
    loss, grad_h, grad_target, grad_negatives = negative_sampling_parts(h, target, negatives, w_out)
    grad_w_out = np.zeros(np.shape(w_out))
    grad_w_out[target] += grad_target
    np.add.at(grad_w_out, np.asarray(negatives, dtype=np.int64), grad_negatives)
    return loss, grad_h, grad_w_out


def weighted_pairs(
    contexts: Sequence[int],
    centres: Sequence[int],
    weights: Sequence[float],
    negatives: Sequence[Sequence[int]],
    w_in: ArrayLike,
    w_out: ArrayLike,
) -> tuple[float, Float64, Float64]:
    """The weighted sum of the negative-sampling losses of some pairs.

    J = Σ_i w_i J(v_i, c_i, U), with the context word of pair i as the input v_i

    Parameters
    ----------
    contexts, centres : sequences of n ints
        Rows of `w_in` and of `w_out`.
    weights : sequence of n floats
    negatives : sequence of n sequences of ints
        Rows of `w_out`.
    w_in, w_out : array_like (V, d)

    Returns
    -------
    loss : float
    grad_w_in, grad_w_out : ndarray (V, d)
        A row that occurs in several pairs receives the sum of their gradients.
    """
    w_in = np.asarray(w_in, dtype=np.float64)
    loss, grad_w_in, grad_w_out = 0.0, np.zeros_like(w_in), np.zeros(np.shape(w_out))
    for context, centre, weight, its_negatives in zip(
        contexts, centres, weights, negatives, strict=True
    ):
        one, grad_h, grad_out = negative_sampling(w_in[context], centre, its_negatives, w_out)
        loss += weight * one
        grad_w_in[context] += weight * grad_h
        grad_w_out += weight * grad_out
    return loss, grad_w_in, grad_w_out


def skipgram_window(
    centre: int,
    outside: Sequence[int],
    w_in: ArrayLike,
    w_out: ArrayLike,
    negatives: Sequence[Sequence[int]] | None = None,
) -> tuple[float, Float64, Float64]:
    """The sum of the losses over the words around a centre word.

    J(v_c, w_{t-m} .. w_{t+m}, U) = Σ_j J(v_c, w_{t+j}, U)

    Parameters
    ----------
    centre : int
        c, the row of `w_in`.
    outside : sequence of ints, at least one
        The words of the window except the centre.
    w_in, w_out : array_like (V, d)
    negatives : sequence of sequences of ints, optional
        One list for each outside word. None selects the naive softmax.

    Returns
    -------
    loss : float
    grad_w_in : ndarray (V, d)
        Only the row of the centre is not zero.
    grad_w_out : ndarray (V, d)

    Raises
    ------
    ValueError
        `outside` is empty, or `negatives` and `outside` differ in length.

    Notes
    -----
    Document 001, equation 6 and part (f); 000 (f).
    """
    outside = list(outside)
    if not outside:
        raise ValueError("outside is empty: give at least one word besides the centre")
    if negatives is not None and len(negatives) != len(outside):
        raise ValueError(
            f"negatives has {len(negatives)} lists for {len(outside)} outside words: "
            "give one for each"
        )
    w_in = np.asarray(w_in, dtype=np.float64)
    total, grad_w_in, grad_w_out = 0.0, np.zeros_like(w_in), np.zeros(np.shape(w_out))
    for j, target in enumerate(outside):
        if negatives is None:
            loss, grad_h, grad = naive_softmax(w_in[centre], target, w_out)
        else:
            loss, grad_h, grad = negative_sampling(w_in[centre], target, negatives[j], w_out)
        total += loss
        grad_w_in[centre] += grad_h
        grad_w_out += grad
    return total, grad_w_in, grad_w_out


def skipgram_matrix(
    h: ArrayLike, context: ArrayLike, w_out: ArrayLike
) -> tuple[float, Float64, Float64]:
    """The naive-softmax loss over C context words, computed from a single softmax.

    With u = U h, y = softmax(u), and t_j the number of times word j is among the C context words:

        E = -Σ_c u_{j*c} + C log Σ_j exp(u_j)
        EI = Σ_c e_c = C y - t        ∂E/∂h = Uᵀ EI        ∂E/∂U = EI hᵀ

    Parameters
    ----------
    h : array_like (d,)
    context : sequence of C ints
    w_out : array_like (V, d)

    Returns
    -------
    loss : float
        E
    grad_h : ndarray (d,)
    grad_w_out : ndarray (V, d)

    Raises
    ------
    ValueError
        `context` is empty.

    Notes
    -----
    Document 003 (whose ∂E/∂u omits the factor C of y); 002, section 6 (EI); Rong 2014, equations
    29-35. The result equals the sum of C calls of `naive_softmax`.
    """
    h, w_out = np.asarray(h, dtype=np.float64), np.asarray(w_out, dtype=np.float64)
    context = np.asarray(context, dtype=np.int64)
    if not len(context):
        raise ValueError("context is empty: give at least one word besides the centre")
    log_y = log_softmax(w_out @ h)
    t = np.zeros(len(w_out))
    np.add.at(t, context, 1.0)
    ei = len(context) * np.exp(log_y) - t
    return float(-(t @ log_y)), ei @ w_out, np.outer(ei, h)


def cbow(
    context: ArrayLike,
    target: int,
    w_in: ArrayLike,
    w_out: ArrayLike,
    negatives: Sequence[int] | None = None,
    gradient: str = "mean",
) -> tuple[float, Float64, Float64]:
    """CBOW: the mean of the context words' vectors predicts the centre word.

    With h = 1/C Σ_c v_c and the loss of `naive_softmax` or `negative_sampling` for this h, the
    gradient of each context word is

        ∂J/∂v_c = 1/C ∂J/∂h        (gradient="mean")

    Parameters
    ----------
    context : sequence of C ints, at least one
    target : int
    w_in, w_out : array_like (V, d)
    negatives : sequence of K ints, optional
        None selects the naive softmax.
    gradient : {"mean", "word2vec"}
        "word2vec" omits the factor 1/C, as word2vec.c, gensim and fastText do. The result is then
        not the gradient of J.

    Returns
    -------
    loss : float
    grad_w_in : ndarray (V, d)
    grad_w_out : ndarray (V, d)

    Raises
    ------
    ValueError
        `context` is empty, or `gradient` is unknown.

    Notes
    -----
    Mikolov et al. 2013a, section 3.1; Rong 2014, equations 16-24.
    """
    context = np.asarray(context, dtype=np.int64)
    if not len(context):
        raise ValueError("context is empty: give at least one context word")
    w_in = np.asarray(w_in, dtype=np.float64)
    h = w_in[context].mean(axis=0)
    if negatives is None:
        loss, grad_h, grad_w_out = naive_softmax(h, target, w_out)
    else:
        loss, grad_h, grad_w_out = negative_sampling(h, target, negatives, w_out)
    grad_w_in = np.zeros_like(w_in)
    np.add.at(grad_w_in, context, grad_h * cbow_share(len(context), gradient))
    return loss, grad_w_in, grad_w_out


def cbow_share(size: int, gradient: str) -> float:
    """The factor of ∂J/∂h for each of `size` context words: 1/size, or 1 for "word2vec"."""
    if gradient not in ("mean", "word2vec"):
        raise ValueError(f"gradient={gradient!r}: choose 'mean' or 'word2vec'")
    return 1.0 / size if gradient == "mean" else 1.0


def hierarchical_softmax(
    h: ArrayLike, path: ArrayLike, codes: ArrayLike, w_out: ArrayLike
) -> tuple[float, Float64, Float64]:
    """-log P(word | h) along the path of the word in the Huffman tree, and its gradients.

    P = Π_n σ(±θ_n·h) over the nodes of the path, with + where the code is 0. The label of a node
    is 1 - code:

        E = -Σ_n log σ((1 - 2 code_n) θ_n·h)
        ∂E/∂h = Σ_n (σ(θ_n·h) - label_n) θ_n        ∂E/∂θ_n = (σ(θ_n·h) - label_n) h

    Parameters
    ----------
    h : array_like (d,)
    path : sequence of L ints
        The inner nodes from the root to the word, as rows of `w_out`.
    codes : sequence of L ints
        The branch taken at each node, 0 or 1.
    w_out : array_like (V - 1, d)
        One vector θ for each inner node.

    Returns
    -------
    loss : float
    grad_h : ndarray (d,)
    grad_w_out : ndarray (V - 1, d)

    Raises
    ------
    ValueError
        `path` and `codes` differ in length.

    Notes
    -----
    Mikolov et al. 2013b, equation 3; Rong 2014, equations 45-55. Document 002 mentions it in its
    conclusion.
    """
    h, w_out = np.asarray(h, dtype=np.float64), np.asarray(w_out, dtype=np.float64)
    path, codes = np.asarray(path, dtype=np.int64), np.asarray(codes, dtype=np.float64)
    if path.shape != codes.shape:
        raise ValueError(
            f"path has {path.size} nodes, codes has {codes.size}: give one code per node"
        )
    score = w_out[path] @ h
    error = sigmoid(score) - (1.0 - codes)
    grad_w_out = np.zeros_like(w_out)
    np.add.at(grad_w_out, path, np.outer(error, h))
    return float(-np.sum(log_sigmoid((1 - 2 * codes) * score))), error @ w_out[path], grad_w_out


def negative_and_hierarchical(
    h: ArrayLike,
    target: int,
    negatives: Sequence[int],
    path: ArrayLike,
    codes: ArrayLike,
    w_out: ArrayLike,
) -> tuple[float, Float64, Float64]:
    """The sum of the negative-sampling loss and that of hierarchical softmax, and its gradients.

    Both losses have the same input vector and output vectors of their own, so that the sum is a
    loss over the target, its negatives and the nodes of its path.

    Parameters
    ----------
    h : array_like (d,)
    target, negatives : int, sequence of ints
        As in `negative_sampling`: rows below V of `w_out`.
    path, codes : sequences of ints
        As in `hierarchical_softmax`, with node n in row V + n of `w_out`.
    w_out : array_like (2 V - 1, d)
        The output vectors of the V words, then those of the inner nodes.

    Returns
    -------
    loss : float
    grad_h : ndarray (d,)
    grad_w_out : ndarray (2 V - 1, d)

    Notes
    -----
    word2vec.c with ``-hs 1 -negative 5`` trains this loss: it computes both gradients before it
    changes h. gensim changes h by the gradient of the path before it computes that of the
    negatives.
    """
    w_out = np.asarray(w_out, dtype=np.float64)
    words = (len(w_out) + 1) // 2
    one, grad_one, grad_words = negative_sampling(h, target, negatives, w_out[:words])
    two, grad_two, grad_nodes = hierarchical_softmax(h, path, codes, w_out[words:])
    return one + two, grad_one + grad_two, np.concatenate([grad_words, grad_nodes])
