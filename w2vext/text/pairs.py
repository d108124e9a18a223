"""Pairs of a centre and a context word, which are trained in place of the windows of a text."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

from w2vext._arguments.arrays import as_list
from w2vext._arguments.messages import kind_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from typing_extensions import Self

    from w2vext._arguments.types import FilePath


class Pairs:
    """Pairs of a centre and a context word, with weights, in place of the windows of sentences.

    They may be passed to `fit`, `partial_fit` and `mean_loss` of Word2Vec and FastText, and as
    `validation`. Skip-gram learns to predict the centre of each pair from its context word.

    Parameters
    ----------
    center, context : list, array, or column of pandas, Polars or pyarrow
        The words of each pair, as many in both: str or other hashable objects.
    weight : array of numbers or None, default=None
        The weight of each pair, at least 0. None means 1.

    Raises
    ------
    TypeError
        The words are not in a list or an array.
    ValueError
        There are not as many centres as context words. The words and weights themselves are checked
        when the pairs are used.

    Notes
    -----
    With the input vector v of the context word o, the output vectors u, and K negatives k of the
    centre c, the loss of a pair of weight w is, for ``loss="neg"``,

        J = w (-log σ(u_c·v_o) - Σ_k log σ(-u_k·v_o)),

    and with hierarchical softmax w times that of the path of c. The gradient has the factor w, too.
    A pair is trained ⌈w⌉ times in each epoch, each time with the weight w / ⌈w⌉, because a step
    with a larger weight than 1 could overshoot. The mean loss is Σ J / Σ w.

    Every pair is one step with negatives of its own; `window` and `sample` have no effect. The
    pairs are in a random order. The learning rate decreases with the number of steps.

    The count of a word is the sum of the weights of its pairs, rounded; `min_count` applies to it.
    Negatives are drawn by the sum of the weights of the pairs in which a word is the centre, to the
    power of `ns_exponent`, so words that are never centres are never negatives.

    References
    ----------
    O. Levy, Y. Goldberg. "Dependency-based word embeddings". ACL 2014, in which arbitrary contexts
    replace windows.

    Examples
    --------
    >>> from w2vext import Pairs, Word2Vec
    >>> pairs = Pairs(["tea", "milk", "tea"], ["cup", "cup", "spoon"], [5, 3, 0.5])
    >>> model = Word2Vec(min_count=1, workers=1, random_state=1).fit(pairs)
    >>> dict(zip(model.vocabulary_, model.counts_.tolist()))
    {'cup': 8, 'tea': 6, 'milk': 3}
    """

    def __init__(self, center: Any, context: Any, weight: Any = None) -> None:
        self.center, self.context = _column("center", center), _column("context", context)
        self.weight = weight
        if len(self.center) != len(self.context):
            raise ValueError(
                f"center has {len(self.center)} words, and context {len(self.context)}: give as "
                "many"
            )

    @classmethod
    def from_tuples(cls, pairs: Iterable[Any]) -> Self:
        """Make Pairs of tuples.

        Parameters
        ----------
        pairs : iterable of (center, context) or (center, context, weight)
            All of the same length. The rows of an array of shape (n, 2) or (n, 3) are tuples too.

        Returns
        -------
        Pairs

        Raises
        ------
        TypeError, ValueError
            The tuples are not of this form; the message names the first one.
        """
        rows = _column("pairs", pairs)
        sizes = {len(row) if isinstance(row, (tuple, list)) else 0 for row in rows}
        if len(sizes) != 1 or not sizes <= {2, 3}:
            size = next(iter(sizes & {2, 3}), 2)
            wrong = next((row for row in rows if not _is_tuple(row, size)), None)
            raise ValueError(
                f"pairs: {shown(wrong)}: give tuples (center, context) or (center, context, "
                "weight), all of the same length"
            )
        return cls(*([list(column) for column in zip(*rows, strict=True)]))

    @classmethod
    def from_files(
        cls,
        files: FilePath | Sequence[FilePath],
        center: str,
        context: str,
        weight: str | None = None,
    ) -> Self:
        """Read Pairs from columns of files.

        Parameters
        ----------
        files : path, URL, pattern, folder, or list of these
            Parquet (.parquet), CSV (.csv, .tsv) with names in the first line, or JSON Lines
            (.jsonl, .ndjson); the last two may be compressed. Needs ``w2vext[tables]``.
        center, context : str
            The names of the columns that contain the words.
        weight : str or None, default=None
            The name of the column that contains the weights.

        Returns
        -------
        Pairs
            The words of CSV files are str, those of other files have the type of the column.

        Raises
        ------
        TypeError
            The name of a column is not a str.
        ValueError
            A file has no such column, or is damaged.
        FileNotFoundError
            A file does not exist.
        """
        from w2vext.text import table_files
        from w2vext.text.paths import listed

        names = (center, context) if weight is None else (center, context, weight)
        for name in names:
            if not isinstance(name, str):
                raise TypeError(f"{shown(name)} is {kind_of(name)}: give the name of a column")
        given = [files] if isinstance(files, (str, PathLike)) else files
        found = [file for each in given for file in listed(each).files]
        return cls(*table_files.values(found, names[:2], names[2:]))

    def __len__(self) -> int:
        return len(self.center)

    def __repr__(self) -> str:
        return f"Pairs of {len(self):,}"


def _is_tuple(row: Any, size: int) -> bool:
    return isinstance(row, (tuple, list)) and len(row) == size


def _column(name: str, values: Any) -> list[Any]:
    found = as_list(values)
    if found is None:
        raise TypeError(f"{name}={shown(values)} is {kind_of(values)}: give a list or an array")
    return found
