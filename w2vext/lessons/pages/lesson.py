"""Lessons as data: every variable of every step, computed by `w2vext.reference`.

A lesson is a list of steps. A step sets one variable, a matrix, and says from which entries of
which others each of its entries came. What it looks like is the page's affair; nothing is drawn
here. The lessons over words stand in `words`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.lessons.pages.mathml import mathml, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from numpy.typing import ArrayLike

    from w2vext._types import Float64


class Lesson:
    """A lesson under construction; `data()` is what the page embeds.

    A source of an entry is (variable, row, column), where "i" and "j" stand for the entry's own row
    and column, "*" for all, and an int for itself. With `map`, the rows that slots stand for:
    "rows" is the row of the entry's slot, "slot" the slots of the entry's row. With `own`: "own" is
    row 0 for the entries of that row, and nothing for others. With `rows`: later rows stay empty.
    """

    def __init__(self, id: str, title: str, source: str, intro: str) -> None:
        self.id, self.title, self.source, self.intro = id, title, source, intro
        self.variables: dict[str, dict[str, Any]] = {}
        self.steps: list[dict[str, Any]] = []

    def variable(
        self, name: str, label: str, rows: Iterable[Any], cols: Iterable[Any], about: str = ""
    ) -> None:
        """Declare a matrix: its name in formulas, the names of its rows and columns."""
        self.variables[name] = {
            "label": mathml(label, block=False),
            "plain": spoken(label),
            "rows": [str(row) for row in rows],
            "cols": [str(col) for col in cols],
            "about": about,
        }

    def step(
        self,
        title: str,
        target: str,
        value: ArrayLike,
        *,
        text: str = "",
        math: str | None = None,
        op: str = "given",
        sources: Iterable[Any] = (),
        **more: Any,
    ) -> None:
        """Set `target`; `op` says how the page writes the arithmetic of an entry."""
        value = np.atleast_2d(np.asarray(value, dtype=np.float64))
        shape = (len(self.variables[target]["rows"]), len(self.variables[target]["cols"]))
        if value.shape != shape:
            raise ValueError(f"{self.id}: {target} has shape {value.shape}, declared is {shape}")
        self.steps.append(
            {
                "title": title,
                "text": text,
                "math": mathml(math) if math else "",
                "target": target,
                "value": value.tolist(),
                "op": op,
                "from": [list(source) for source in sources],
                **more,
            }
        )

    def data(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "source": self.source,
            "intro": self.intro,
            "variables": self.variables,
            "steps": self.steps,
        }


def numbers(n: int) -> range:
    return range(1, n + 1)


def small(seed: int, *shape: int) -> Float64:
    """Start values with two decimals, so that they can be followed by hand."""
    return np.round(np.random.default_rng(seed).uniform(-1, 1, shape), 2)


def moved(symbol: str) -> str:
    """The formula of a step on a matrix."""
    return rf"{symbol} \leftarrow {symbol} - \eta \frac{{\partial E}}{{\partial {symbol}}}"
