"""Pictures of word vectors, by matplotlib (the extra [plot]). Each returns the axes it drew on.

A map shows the first two principal components of the words it shows, nothing more: its title says
how much of their differences that is. Refuses to draw words that are not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.plots._labels import place_labels

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

    from w2vext._types import Float64

# Okabe and Ito's colours, told apart by colour-blind readers, without the ones too light for text.
_COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56a0d3", "#555555"]
_MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
_MOST = 2_000


def plot(
    wv: Any,
    words: Sequence[Any] | Mapping[Any, Sequence[Any]] | None = None,
    *,
    ax: Any = None,
    bold: Collection[Any] = (),
) -> Any:
    """Draw words on their first two principal components, labelled.

    Parameters
    ----------
    wv : KeyedVectors
    words : list of words, or {group: list of words}, optional
        The 60 most frequent by default. Groups get colours, marks and a legend.
    ax : matplotlib.axes.Axes, optional
        A new figure by default.
    bold : collection of words
        Labelled in bold.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownWordError
        A KeyError that names a word which is not there.
    ValueError
        Fewer than 3 words, or more than 2,000: a picture has no room for them.
    ImportError
        matplotlib is missing: ``pip install 'w2vext[plot]'``.
    """
    if words is None:
        words = [wv.index_to_key[row] for row in wv.frequent_rows(60)]
    groups = _grouped(words)
    names = list(dict.fromkeys(word for some in groups.values() for word in some))
    if not 3 <= len(names) <= _MOST:
        raise ValueError(
            f"words: {len(names):,} different words; a map needs 3 and has room for {_MOST:,}"
        )
    at, share = _plane(_vectors(wv, names))
    place = dict(zip(names, at, strict=True))
    ax = _axes(ax, (8, 7))
    labels = _scatter(ax, place, groups)
    ax.set_title(f"two principal components: {share:.0%} of the variance", fontsize=10)
    if len(groups) > 1:
        ax.legend(loc="best", fontsize=9)
    place_labels(ax, *labels, bold=bold)
    return ax


def plot_neighbors(wv: Any, words: Any, topn: int = 12, *, ax: Any = None) -> Any:
    """Draw words with their nearest neighbours, each word and its neighbours in a colour.

    Parameters
    ----------
    wv : KeyedVectors
    words : word, or list of words
    topn : int, default=12
        Neighbours of each.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        There is no word.
    """
    words = list(words) if isinstance(words, list) else [words]
    if not words:
        raise ValueError("words is empty: give a word to draw with its neighbours")
    groups, seen = {}, set(words)
    for word, near in zip(words, wv.most_similar([[w] for w in words], topn=topn), strict=True):
        new = [other for other, _ in near if other not in seen]
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
        The rows.
    others : list of words, optional
        The columns; `words` by default.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        There is no word.
    """
    rows, columns = list(words), list(words if others is None else others)
    if not rows or not columns:
        raise ValueError("words is empty: give the words to compare")
    cosines = _units(_vectors(wv, rows)) @ _units(_vectors(wv, columns)).T
    inches = (2.5 + 0.45 * len(columns), 1.6 + 0.36 * len(rows))
    ax = _axes(ax, tuple(np.clip(inches, 4, 24)))
    image = ax.imshow(cosines, vmin=-1, vmax=1, cmap="RdBu_r", aspect="auto")
    size = 9 if max(len(rows), len(columns)) <= 40 else 6
    ax.set_xticks(range(len(columns)), map(str, columns), rotation=90, parse_math=False)
    ax.set_yticks(range(len(rows)), map(str, rows), parse_math=False)
    ax.tick_params(labelsize=size, length=0)
    if len(rows) * len(columns) <= 400:
        for (row, column), cosine in np.ndenumerate(cosines):
            color = "white" if abs(cosine) > 0.6 else "black"
            text = f"{round(cosine, 2) + 0.0:.2f}".replace("0.", ".").replace("-", "−")
            ax.text(column, row, text, ha="center", va="center", fontsize=size - 1, color=color)
    ax.figure.colorbar(image, ax=ax, label="cosine")
    return ax


def plot_loss(models: Any, *, ax: Any = None) -> Any:
    """Draw the mean loss per pair of each epoch.

    Parameters
    ----------
    models : Word2Vec, or {name: Word2Vec}
        Fitted.
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
            raise ValueError(f"{type(model).__name__} {name} has no losses yet: fit it first")
        lines[name or "training"] = model.loss_history_
        if len(getattr(model, "validation_loss_history_", ())):
            lines[f"{name} held out".strip()] = model.validation_loss_history_
    ax = _axes(ax, (6.5, 4))
    for n, (name, losses) in enumerate(lines.items()):
        epochs = range(1, len(losses) + 1)
        ax.plot(epochs, losses, color=_of(_COLORS, n), marker=_of(_MARKERS, n), ms=4, label=name)
    ax.set_xlabel("epoch")
    ax.set_ylabel("mean loss per pair")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(alpha=0.25)
    if len(lines) > 1:
        ax.legend()
    return ax


# ---- how


def _grouped(words: Any) -> dict[Any, list[Any]]:
    groups = words if isinstance(words, dict) else {"": words}
    for name, some in groups.items():
        if isinstance(some, (str, bytes)):
            raise TypeError(f"words={some!r}: give a list of words, {some!r}.split()")
        groups = {**groups, name: list(dict.fromkeys(some))}
    return groups


def _vectors(wv: Any, words: Sequence[Any]) -> Float64:
    """The words' vectors; an unknown one is an error here, whatever the policy of look-up."""
    return wv.vectors[[wv.get_index(word) for word in words]].astype(np.float64)


def _units(vectors: Float64) -> Float64:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)


def _plane(vectors: Float64) -> tuple[Float64, float]:
    """Coordinates (n, 2) of the unit vectors, and the share of their variance that they show."""
    from sklearn.decomposition import PCA

    if vectors.shape[1] == 1:
        return np.column_stack([vectors[:, 0], np.zeros(len(vectors))]), 1.0
    units = _units(vectors)
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
        raise ImportError("pictures need matplotlib: pip install 'w2vext[plot]'") from error
    return pyplot.subplots(figsize=inches, layout="constrained")[1]


def _scatter(
    ax: Any, place: dict[Any, Float64], groups: dict[Any, list[Any]]
) -> tuple[Float64, list[Any], list[str], float]:
    """Draw the groups' points; returns the points, words, colours and font size of the labels."""
    dots, words, colors = [], [], []
    for n, (name, some) in enumerate(groups.items()):
        at = np.array([place[word] for word in some]).reshape(-1, 2)
        color = _of(_COLORS, n)
        ax.scatter(*at.T, s=16, color=color, marker=_of(_MARKERS, n), label=str(name), zorder=2)
        dots.append(at)
        words += some
        colors += [color if len(groups) > 1 else "black"] * len(some)
    ax.margins(0.08)
    ax.set_xticks([])
    ax.set_yticks([])
    return np.concatenate(dots), words, colors, _font(len(words))


def _font(count: int) -> float:
    return 9.0 if count <= 80 else 7.0 if count <= 250 else 5.0


def _of(choices: list[str], n: int) -> str:
    return choices[n % len(choices)]
