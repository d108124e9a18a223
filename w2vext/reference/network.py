"""A network with one hidden layer, sigmoid units and a squared error, the precursor of word2vec.

It follows document 002, section 3, and Rong 2014, appendix A: one example at a time, no bias terms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext.reference.basics import sigmoid, sigmoid_derivative

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class MultiLayer(NamedTuple):
    """Every variable of a forward and backward pass, in the order of computation."""

    u: np.ndarray  # (N,)   x W
    h: np.ndarray  # (N,)   σ(u)
    u_out: np.ndarray  # (M,)   h W'
    y: np.ndarray  # (M,)   σ(u')
    loss: float  # E = ½ Σ (t - y)²
    e: np.ndarray  # (M,)   ∂E/∂y = y - t
    ei_out: np.ndarray  # (M,)   EI' = ∂E/∂u' = (y - t) y (1 - y)
    grad_w_out: np.ndarray  # (N, M)   ∂E/∂W' = h ⊗ EI'
    eh: np.ndarray  # (N,)   ∂E/∂h = W' EI'
    ei: np.ndarray  # (N,)   EI = ∂E/∂u = ∂E/∂h h (1 - h)
    grad_w: np.ndarray  # (K, N)   ∂E/∂W = x ⊗ EI


def multilayer(x: ArrayLike, w: ArrayLike, w_out: ArrayLike, t: ArrayLike) -> MultiLayer:
    """Forward and backward pass: u = xW, h = σ(u), u' = hW', y = σ(u'), E = ½ Σ (t - y)².

    Parameters
    ----------
    x : array_like (K,)
    w : array_like (K, N)
        W
    w_out : array_like (N, M)
        W', one column per output unit, as in document 002.
    t : array_like (M,)
        The target values.

    Returns
    -------
    MultiLayer
        The loss, the gradients and all intermediate values.

    Raises
    ------
    ValueError
        The shapes do not match.

    Notes
    -----
    Document 002, section 3. It once prints ∂y/∂u' as y (y - t); it means and uses y (1 - y).
    """
    x, w, w_out, t = (np.asarray(a, dtype=np.float64) for a in (x, w, w_out, t))
    if w.shape != (x.size, w_out.shape[0]) or w_out.shape[1] != t.size:
        raise ValueError(
            f"the shapes do not match: x {x.shape}, w {w.shape}, w_out {w_out.shape}, t {t.shape}; "
            "give (K,), (K, N), (N, M), (M,)"
        )
    u = x @ w
    h = sigmoid(u)
    u_out = h @ w_out
    y = sigmoid(u_out)
    e = y - t
    ei_out = e * sigmoid_derivative(y)
    eh = w_out @ ei_out
    ei = eh * sigmoid_derivative(h)
    return MultiLayer(
        u=u,
        h=h,
        u_out=u_out,
        y=y,
        loss=float(0.5 * np.sum(e**2)),
        e=e,
        ei_out=ei_out,
        grad_w_out=np.outer(h, ei_out),
        eh=eh,
        ei=ei,
        grad_w=np.outer(x, ei),
    )
