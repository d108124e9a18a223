"""A lesson as data: a list of steps, each of which sets one matrix.

For every entry a step also names the entries from which it was computed, so that the page can
highlight them. Layout is up to the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext.lessons.pages.mathml import mathml, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from numpy.typing import ArrayLike

    from w2vext._arguments.types import Float64


class Lesson:
    """Builds a lesson; `data()` returns what the page embeds.

    A source of the entry (i, j) is a triple (variable, row, column). Row and column are an int,
    "i", "j", or "*" for all. Three more patterns for rows depend on keywords of `step`:

    - `map` lists the matrix row of each slot. Then "rows" is the matrix row of slot i, and "slot"
      is every slot whose matrix row is i.
    - `own` is a row. Then "own" is row 0 for entries of this row; other entries have no source.
    - `rows` is the number of rows in use; entries of later rows have no sources.
    """

    def __init__(self, id: str, title: str, source: str, intro: str) -> None:
        self.id, self.title, self.source, self.intro = id, title, source, intro
        self.variables: dict[str, dict[str, Any]] = {}
        self.steps: list[dict[str, Any]] = []

    def variable(self, name: str, label: str, rows: Iterable[Any], cols: Iterable[Any]) -> None:
        """Declare a matrix: its label as a formula, and the names of its rows and columns."""
        self.variables[name] = {
            "label": mathml(label, block=False),
            "plain": spoken(label),
            "rows": [str(row) for row in rows],
            "cols": [str(col) for col in cols],
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
        """Add a step that sets the variable `target`; `op` names the arithmetic of its entries."""
        value = np.atleast_2d(np.asarray(value, dtype=np.float64))
        shape = (len(self.variables[target]["rows"]), len(self.variables[target]["cols"]))
        if value.shape != shape:
            raise ValueError(f"{self.id}: {target} has shape {value.shape}, declared as {shape}")
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

    def update(
        self, title: str, target: str, value: ArrayLike, gradient: str, symbol: str, lr: float
    ) -> None:
        """Add the gradient step of the variable `target`; `symbol` is its name in the formula."""
        self.step(
            title,
            target,
            value,
            text=f"The learning rate is {lr}.",
            math=rf"{symbol} \leftarrow {symbol} - \eta \frac{{\partial E}}{{\partial {symbol}}}",
            op="update",
            lr=lr,
            sources=[(target, "i", "j"), (gradient, "i", "j")],
        )

    def data(self) -> dict[str, Any]:
        """The lesson in the form that the script of the page reads."""
        return {
            "id": self.id,
            "title": self.title,
            "source": self.source,
            "intro": self.intro,
            "variables": self.variables,
            "steps": self.steps,
        }


def one_to(n: int) -> range:
    """The names of n rows or columns that have no other name."""
    return range(1, n + 1)


def initial_values(seed: int, *shape: int) -> Float64:
    """Random values with two decimals, short enough to recalculate a step by hand."""
    return np.round(np.random.default_rng(seed).uniform(-1, 1, shape), 2)
