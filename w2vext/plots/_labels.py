"""Labels beside points, none on another where that can be avoided.

Each label takes the place, of some on rings around its point, that covers the least of the labels
placed before it, of points and of what lies outside the axes. Refuses to move points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from numpy.typing import ArrayLike

    from w2vext._types import Float64, Int64

# Where a label may stand: distance from the point in font sizes, and directions.
_RINGS = (0.45, 1.3, 2.4, 3.8, 5.4)
_DIRECTIONS = [(1, 0), (1, 1), (1, -1), (-1, 0), (-1, 1), (-1, -1), (0, 1), (0, -1)]
_LABEL, _POINT, _OUTSIDE, _FAR = 10.0, 3.0, 20.0, 0.1


def place_labels(
    axes: Any,
    points: ArrayLike,
    words: Sequence[Any],
    colors: Sequence[Any] | None = None,
    size: float = 9.0,
    bold: Collection[Any] = (),
) -> list[Any]:
    """Write each word beside its point.

    Call it last: the limits of the axes are fixed by it, since labels fit at one scale only.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    points : ndarray of shape (n, 2)
        In data coordinates. Earlier words choose first.
    words : list of n words
    colors : list of n colours, optional
    size : float
        Of the font, in points.
    bold : collection of words

    Returns
    -------
    list of matplotlib.text.Annotation
    """
    figure = axes.figure.figure  # of a subfigure the whole
    figure.draw_without_rendering()  # settles the layout, and with it the scale
    axes.autoscale(False)
    per_point = figure.dpi / 72
    points = np.asarray(points, np.float64)
    dots = axes.transData.transform(points)
    frame = axes.get_window_extent()
    notes = [
        axes.annotate(
            str(word),
            point,
            (0, 0),
            textcoords="offset points",
            fontsize=size,
            fontweight="bold" if word in bold else None,
            color="black" if colors is None else colors[n],
            ha="center",
            va="center",
            parse_math=False,
            annotation_clip=False,
        )
        for n, (word, point) in enumerate(zip(words, points, strict=True))
    ]
    taken = np.empty((0, 4))
    for note, here in zip(notes, dots, strict=True):
        extent = note.get_window_extent()
        half = np.array([extent.width, extent.height]) / 2
        offsets, costs = _places(half / per_point, size)
        middles = here + offsets * per_point
        boxes = np.hstack([middles - half, middles + half])
        costs = costs + _LABEL * _overlaps(boxes, taken) / (4 * half.prod())
        costs += _POINT * _covered(boxes, dots, 2 * per_point)
        costs += _OUTSIDE * _beyond(boxes, (frame.x0, frame.y0, frame.x1, frame.y1))
        best = int(np.argmin(costs))
        note.set_position(offsets[best])
        if best >= len(_DIRECTIONS):
            axes.annotate(
                "",
                note.xy,
                offsets[best] - np.clip(offsets[best], -half / per_point, half / per_point),
                textcoords="offset points",
                arrowprops={"arrowstyle": "-", "lw": 0.6, "color": "0.6", "shrinkA": 0},
                zorder=1,
            )
        taken = np.vstack([taken, boxes[best]])
    return notes


def _places(half: Float64, size: float) -> tuple[Float64, Float64]:
    """Offsets of a label's middle from its point, in points, and what each costs by itself."""
    offsets, costs = [], []
    for ring, far in enumerate(_RINGS):
        for rank, (x, y) in enumerate(_DIRECTIONS):
            gap = far * size * (0.7 if x and y else 1.0)
            offsets.append((x * (half[0] + gap), y * (half[1] * (1 if y else 0) + gap)))
            costs.append(_FAR * (10 * ring + rank) / 10)
    return np.array(offsets), np.array(costs)


def _overlaps(boxes: Float64, others: Float64) -> Float64:
    """The area of each box that other boxes cover, counted once for each of them."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.clip(high - low, 0, None).prod(axis=2).sum(axis=1)


def _covered(boxes: Float64, dots: Float64, margin: float) -> Int64:
    """How many dots lie in each box."""
    inside = (dots > boxes[:, None, :2] - margin) & (dots < boxes[:, None, 2:] + margin)
    return inside.all(axis=2).sum(axis=1)


def _beyond(boxes: Float64, frame: tuple[float, float, float, float]) -> Float64:
    """The part of each box's width and height that is outside the frame."""
    size = boxes[:, 2:] - boxes[:, :2]
    out = np.clip(frame[:2] - boxes[:, :2], 0, None) + np.clip(boxes[:, 2:] - frame[2:], 0, None)
    return (out / size).sum(axis=1)
