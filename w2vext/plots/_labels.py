"""Places the labels of points so that they overlap as little as possible.

Candidate positions are on rings around the point. Labels are placed one after the other. Each takes
the position that overlaps least with earlier labels, with points, and with the outside of the axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from numpy.typing import ArrayLike

    from w2vext._arguments.types import Float64, Int64

# Candidate positions: distances from the point in font sizes, and directions.
_RINGS = (0.45, 1.3, 2.4, 3.8, 5.4)
_DIRECTIONS = [(1, 0), (1, 1), (1, -1), (-1, 0), (-1, 1), (-1, -1), (0, 1), (0, -1)]
# The costs of covering a whole label, of covering a point, of being outside, and of distance.
_LABEL, _POINT, _OUTSIDE, _DISTANCE = 10.0, 3.0, 20.0, 0.1


def place_labels(
    axes: Any,
    points: ArrayLike,
    words: Sequence[Any],
    colors: Sequence[Any] | None = None,
    size: float = 9.0,
    bold: Collection[Any] = (),
) -> list[Any]:
    """Label each point with its word.

    Call it last: it fixes the limits of the axes, since the placement depends on the scale.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    points : ndarray of shape (n, 2)
        In data coordinates. Labels are placed in this order.
    words : list of n words
    colors : list of n colours, optional
    size : float, default=9.0
        Font size in points.
    bold : collection of words
        Words whose labels are bold.

    Returns
    -------
    list of matplotlib.text.Annotation
    """
    figure = axes.figure.figure  # the parent of a subfigure
    figure.draw_without_rendering()  # computes the layout and the scale
    axes.autoscale(False)
    per_point = figure.dpi / 72
    points = np.asarray(points, np.float64)
    dots = axes.transData.transform(points)
    frame = axes.get_window_extent()
    notes = [
        axes.annotate(
            printable(word),
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
    placed = np.empty((0, 4))
    for note, dot in zip(notes, dots, strict=True):
        extent = note.get_window_extent()
        half = np.array([extent.width, extent.height]) / 2
        offsets, costs = _candidates(half / per_point, size)
        centres = dot + offsets * per_point
        boxes = np.hstack([centres - half, centres + half])
        costs = costs + _LABEL * _overlaps(boxes, placed) / (4 * half.prod())
        costs += _POINT * _covered(boxes, dots, 2 * per_point)
        costs += _OUTSIDE * _outside(boxes, (frame.x0, frame.y0, frame.x1, frame.y1))
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
        placed = np.vstack([placed, boxes[best]])
    return notes


def _candidates(half: Float64, size: float) -> tuple[Float64, Float64]:
    """Offsets of a label's centre from its point, in points, and the costs of their distances."""
    offsets, costs = [], []
    for ring, distance in enumerate(_RINGS):
        for rank, (x, y) in enumerate(_DIRECTIONS):
            gap = distance * size * (0.7 if x and y else 1.0)
            offsets.append((x * (half[0] + gap), y * (half[1] * (1 if y else 0) + gap)))
            costs.append(_DISTANCE * (10 * ring + rank) / 10)
    return np.array(offsets), np.array(costs)


def _overlaps(boxes: Float64, others: Float64) -> Float64:
    """The sum of the areas that each box shares with the others."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.clip(high - low, 0, None).prod(axis=2).sum(axis=1)


def _covered(boxes: Float64, dots: Float64, margin: float) -> Int64:
    """The number of dots in each box."""
    inside = (dots > boxes[:, None, :2] - margin) & (dots < boxes[:, None, 2:] + margin)
    return inside.all(axis=2).sum(axis=1)


def _outside(boxes: Float64, frame: tuple[float, float, float, float]) -> Float64:
    """The fractions of each box's width and height that are outside the frame, summed."""
    size = boxes[:, 2:] - boxes[:, :2]
    out = np.clip(frame[:2] - boxes[:, :2], 0, None) + np.clip(boxes[:, 2:] - frame[2:], 0, None)
    return (out / size).sum(axis=1)
