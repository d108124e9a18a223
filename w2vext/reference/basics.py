"""Sigmoid, softmax, cross-entropy, and the numerical gradient check."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from w2vext._arguments.types import Float64


def sigmoid(x: ArrayLike) -> Float64:
    """σ(x) = 1 / (1 + exp(-x)), finite for every finite x.

    Parameters
    ----------
    x : array_like of any shape

    Returns
    -------
    ndarray of float64, shape of `x`

    Notes
    -----
    Document 001, equation 4; 000 (d); 004, equation 7. Only exp(-\\|x\\|) is computed, which
    cannot overflow.
    """
    x = np.asarray(x, dtype=np.float64)
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, decay) / (1.0 + decay)


def sigmoid_derivative(s: ArrayLike) -> Float64:
    """σ'(x) = σ(x) (1 - σ(x)), computed from s = σ(x); same shape as `s`.

    Notes
    -----
    Document 001 (d), elementwise. The derivation printed in document 000 (d) contains errors.
    """
    s = np.asarray(s, dtype=np.float64)
    return s * (1.0 - s)


def log_sigmoid(x: ArrayLike) -> Float64:
    """log σ(x) = -log(1 + exp(-x)), same shape as `x`; finite even where σ(x) rounds to 0."""
    return -np.logaddexp(0.0, -np.asarray(x, dtype=np.float64))


def softmax(x: ArrayLike) -> Float64:
    """y_j = exp(x_j) / Σ exp(x_i) over the last axis; same shape as `x`.

    Notes
    -----
    Document 001, equation 1; 003. The largest entry is subtracted first, which prevents overflow
    and does not change the result.
    """
    x = np.asarray(x, dtype=np.float64)
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def log_softmax(x: ArrayLike) -> Float64:
    """log y_j = x_j - log Σ exp(x_i) over the last axis; same shape as `x`."""
    x = np.asarray(x, dtype=np.float64)
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def cross_entropy(t: ArrayLike, y: ArrayLike) -> float:
    """-Σ t_i log y_i; terms with t_i = 0 contribute 0, even where y_i = 0.

    Parameters
    ----------
    t : array_like (n,)
        The true distribution. In word2vec it is one-hot, so the sum is -log y_o.
    y : array_like (n,)
        The predicted distribution.

    Returns
    -------
    float

    Notes
    -----
    Document 001, equation 3 and footnote 2; 000 (a); 002, section 4.
    """
    t, y = np.asarray(t, dtype=np.float64), np.asarray(y, dtype=np.float64)
    occurs = t != 0
    with np.errstate(divide="ignore"):
        return float(-np.sum(t[occurs] * np.log(y[occurs])))


def normalize_rows(x: ArrayLike) -> Float64:
    """Each row of `x` (n, d) divided by its length; rows of zeros are left as they are."""
    x = np.asarray(x, dtype=np.float64)
    length = np.sqrt(np.sum(x**2, axis=1, keepdims=True))
    return x / np.where(length > 0, length, 1.0)


def numerical_gradient(f: Callable[[Float64], float], x: ArrayLike, h: float = 1e-4) -> Float64:
    """∂f/∂x by central differences, (f(x + h) - f(x - h)) / 2h for each entry.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x` and returns a float. It must not keep a reference to the
        array, which is changed between calls.
    x : array_like of any shape
        Not changed.
    h : float
        The distance to each side. The error is about h² f'''/6 from the method and 1e-16 f/h from
        rounding.

    Returns
    -------
    ndarray, shape of `x`

    Notes
    -----
    The state of `random` is restored before each evaluation, so an `f` that draws windows draws the
    same ones every time. Afterwards the state is that after one evaluation.
    """
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    state = random.getstate()
    for at in np.ndindex(x.shape):
        kept = x[at]
        sides = []
        for moved in (kept + h, kept - h):
            x[at] = moved
            random.setstate(state)
            sides.append(float(f(x)))
        x[at] = kept
        gradient[at] = (sides[0] - sides[1]) / (2 * h)
    return gradient


def gradcheck(
    f: Callable[[Float64], tuple[float, Float64]], x: ArrayLike, h: float = 1e-4
) -> float:
    """The error of an analytic gradient relative to central differences.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x` and returns (loss, gradient).
    x : array_like of any shape
    h : float
        The distance to each side, as for `numerical_gradient`.

    Returns
    -------
    float
        The largest \\|a - b\\| / max(1, \\|a\\|, \\|b\\|); the assignment accepts 1e-5.

    Raises
    ------
    ValueError
        The shape of the gradient differs from that of `x`.

    Examples
    --------
    >>> gradcheck(lambda x: ((x**2).sum(), 2 * x), [1.0, -3.0]) < 1e-8
    True
    """
    x = np.array(x, dtype=np.float64)
    state = random.getstate()
    analytic = np.array(f(x)[1], dtype=np.float64)
    if analytic.shape != x.shape:
        raise ValueError(
            f"the gradient has shape {analytic.shape}, x has {x.shape}: "
            "f must return one derivative for each entry of x"
        )
    random.setstate(state)
    numeric = numerical_gradient(lambda at: f(at)[0], x, h)
    scale = np.maximum(1.0, np.maximum(np.abs(analytic), np.abs(numeric)))
    return float(np.max(np.abs(analytic - numeric) / scale, initial=0.0))
