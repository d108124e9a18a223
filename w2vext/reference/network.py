"""The multi-layer network that word2vec grew from: one hidden layer, sigmoid units, squared error.

Document 002, section 3; Rong 2014, appendix A. No bias, no batches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from w2vext.reference.basics import sigmoid, sigmoid_derivative

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class MultiLayer(NamedTuple):
    """Every variable of one pass, in the order in which it is computed."""

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
    """Forward and back through u = xW, h = σ(u), u' = hW', y = σ(u'), E = ½ Σ (t - y)².

    Parameters
    ----------
    x : array_like (K,)
    w : array_like (K, N)
        W
    w_out : array_like (N, M)
        W', as document 002 stores it: one column for each output unit.
    t : array_like (M,)

    Returns
    -------
    MultiLayer
        Every intermediate value by name; `loss`, `grad_w` and `grad_w_out` among them.

    Raises
    ------
    ValueError
        Shapes do not fit.

    Notes
    -----
    Document 002, section 3. It prints ∂y/∂u' as y (y - t) once, where y (1 - y) is meant and used.
    """
    x, w, w_out, t = (np.asarray(a, dtype=np.float64) for a in (x, w, w_out, t))
    if w.shape != (x.size, w_out.shape[0]) or w_out.shape[1] != t.size:
        raise ValueError(
            f"shapes do not chain: x {x.shape}, w {w.shape}, w_out {w_out.shape}, t {t.shape}; "
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
