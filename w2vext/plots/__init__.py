"""Plots of word vectors and of losses, by matplotlib (extra [plot]).

Each function returns the axes that it drew on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import printable, shown
from w2vext.plots._labels import place_labels
from w2vext.search.exact import unit_rows_double

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import Float64

__all__ = ["plot", "plot_loss", "plot_neighbors", "plot_similarities"]

# Okabe and Ito's colours for colour-blind readers, without those that are too light for text.
_COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56a0d3", "#555555"]
_MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
_MAX_WORDS = 2_000


def plot(
    wv: Any,
    words: Sequence[Any] | Mapping[Any, Sequence[Any]] | None = None,
    *,
    ax: Any = None,
    bold: Collection[Any] = (),
) -> Any:
    """Draw words on the first two principal components of their unit vectors.

    The title gives the share of the variance that these components explain.

    Parameters
    ----------
    wv : KeyedVectors
    words : list of words, or {group: list of words}, optional
        By default the 60 most frequent words. Groups have colours, markers and a legend.
    ax : matplotlib.axes.Axes, optional
        By default a new figure is made.
    bold : collection of words
        Words with bold labels.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownWordError
        A word is unknown. It is a KeyError.
    ValueError
        There are fewer than 3 or more than 2,000 different words.
    ImportError
        matplotlib is not installed: ``pip install 'w2vext[plot]'``.
    """
    if words is None:
        words = [wv.index_to_key[row] for row in wv.frequent_rows(60)]
    groups = _groups(words)
    names = list(dict.fromkeys(word for members in groups.values() for word in members))
    if not 3 <= len(names) <= _MAX_WORDS:
        raise ValueError(f"words has {len(names):,} different words; give 3 to {_MAX_WORDS:,}")
    points, share = _project(_vectors(wv, names))
    point_of = dict(zip(names, points, strict=True))
    ax = _axes(ax, (8, 7))
    labels = _scatter(ax, point_of, groups)
    ax.set_title(f"two principal components: {share:.0%} of the variance", fontsize=10)
    if len(groups) > 1:
        ax.legend(loc="best", fontsize=9)
    place_labels(ax, *labels, bold=bold)
    return ax


def plot_neighbors(wv: Any, words: Any, topn: int = 12, *, ax: Any = None) -> Any:
    """Draw words and their nearest neighbours, in one colour for each word.

    Parameters
    ----------
    wv : KeyedVectors
    words : word, or list of words
    topn : int, default=12
        The number of neighbours of each word.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        `words` is empty.
    """
    words = list(words) if isinstance(words, list) else [words]
    if not words:
        raise ValueError("words is empty: give a word")
    groups, seen = {}, set(words)
    found = wv.most_similar([[word] for word in words], topn=topn)
    for word, neighbors in zip(words, found, strict=True):
        new = [other for other, _ in neighbors if other not in seen]
        seen.update(new)
        groups[f"near {word}"] = [word, *new]
    return plot(wv, groups, ax=ax, bold=words)


def plot_similarities(
    wv: Any, words: Iterable[Any], others: Iterable[Any] | None = None, *, ax: Any = None
) -> Any:
    """Draw the cosines between words as a heat map.

    Parameters
    ----------
    wv : KeyedVectors
    words : list of words
        The words of the rows.
    others : list of words, optional
        The words of the columns; by default those of the rows.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        `words` is empty.
    """
    rows, columns = list(words), list(words if others is None else others)
    if not rows or not columns:
        raise ValueError("words is empty: give words to compare")
    cosines = unit_rows_double(_vectors(wv, rows)) @ unit_rows_double(_vectors(wv, columns)).T
    inches = (2.5 + 0.45 * len(columns), 1.6 + 0.36 * len(rows))
    ax = _axes(ax, tuple(np.clip(inches, 4, 24)))
    image = ax.imshow(cosines, vmin=-1, vmax=1, cmap="RdBu_r", aspect="auto")
    size = 9 if max(len(rows), len(columns)) <= 40 else 6
    ax.set_xticks(range(len(columns)), map(printable, columns), rotation=90, parse_math=False)
    ax.set_yticks(range(len(rows)), map(printable, rows), parse_math=False)
    ax.tick_params(labelsize=size, length=0)
    if len(rows) * len(columns) <= 400:
        for (row, column), cosine in np.ndenumerate(cosines):
            color = "white" if abs(cosine) > 0.6 else "black"
            text = f"{round(cosine, 2) + 0.0:.2f}".replace("0.", ".").replace("-", "−")
            ax.text(column, row, text, ha="center", va="center", fontsize=size - 1, color=color)
    ax.figure.colorbar(image, ax=ax, label="cosine")
    return ax


def plot_loss(models: Any, *, ax: Any = None) -> Any:
    """Draw the mean loss per pair against the epoch, and the validation loss if there is one.

    Parameters
    ----------
    models : Word2Vec, or {name: Word2Vec}
        Fitted models.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        A model is not fitted.
    """
    models = models if isinstance(models, dict) else {"": models}
    lines = {}
    for name, model in models.items():
        if not len(getattr(model, "loss_history_", ())):
            raise ValueError(f"{type(model).__name__} {name} has no losses: call fit first")
        lines[name or "training"] = model.loss_history_
        if len(getattr(model, "validation_loss_history_", ())):
            lines[f"{name} held out".strip()] = model.validation_loss_history_
    ax = _axes(ax, (6.5, 4))
    for n, (name, losses) in enumerate(lines.items()):
        epochs = range(1, len(losses) + 1)
        color, marker = _cycle(_COLORS, n), _cycle(_MARKERS, n)
        ax.plot(epochs, losses, color=color, marker=marker, ms=4, label=name)
    ax.set_xlabel("epoch")
    ax.set_ylabel("mean loss per pair")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(alpha=0.25)
    if len(lines) > 1:
        ax.legend()
    return ax


def _groups(words: Any) -> dict[Any, list[Any]]:
    """{group: distinct words}; a plain list is one group without a name."""
    groups = words if isinstance(words, dict) else {"": words}
    for members in groups.values():
        if isinstance(members, (str, bytes)):
            raise TypeError(f"words={shown(members)}: give a list of words, such as text.split()")
    return {name: list(dict.fromkeys(members)) for name, members in groups.items()}


def _vectors(wv: Any, words: Sequence[Any]) -> Float64:
    """The vectors of the words; an unknown word is an error, whatever `wv.unknown` is."""
    return wv.vectors[[wv.get_index(word) for word in words]].astype(np.float64)


def _project(vectors: Float64) -> tuple[Float64, float]:
    """The unit vectors' first two principal components, (n, 2), and their share of the variance."""
    from sklearn.decomposition import PCA

    if vectors.shape[1] == 1:
        return np.column_stack([vectors[:, 0], np.zeros(len(vectors))]), 1.0
    units = unit_rows_double(vectors)
    if np.ptp(units, axis=0).max() == 0:
        return np.zeros((len(units), 2)), 1.0
    pca = PCA(2, svd_solver="full").fit(units)
    return pca.transform(units), float(pca.explained_variance_ratio_.sum())


def _axes(ax: Any, inches: tuple[float, ...]) -> Any:
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install 'w2vext[plot]'") from error
    return pyplot.subplots(figsize=inches, layout="constrained")[1]


def _scatter(
    ax: Any, point_of: dict[Any, Float64], groups: dict[Any, list[Any]]
) -> tuple[Float64, list[Any], list[str], float]:
    """Draw the points; return the points, words, colours and font size of the labels."""
    dots, words, colors = [], [], []
    for n, (name, members) in enumerate(groups.items()):
        points = np.array([point_of[word] for word in members]).reshape(-1, 2)
        color, marker = _cycle(_COLORS, n), _cycle(_MARKERS, n)
        ax.scatter(*points.T, s=16, color=color, marker=marker, label=printable(name), zorder=2)
        dots.append(points)
        words += members
        colors += [color if len(groups) > 1 else "black"] * len(members)
    ax.margins(0.08)
    ax.set_xticks([])
    ax.set_yticks([])
    font_size = 9.0 if len(words) <= 80 else 7.0 if len(words) <= 250 else 5.0
    return np.concatenate(dots), words, colors, font_size


def _cycle(choices: list[str], n: int) -> str:
    return choices[n % len(choices)]
