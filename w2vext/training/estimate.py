"""The memory that a training run needs, before it is allocated."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from w2vext.kernels.pages import mapped
from w2vext.training.memory import PAD
from w2vext.training.settings import outputs

if TYPE_CHECKING:
    from w2vext.training.settings import Settings

# OpenBLAS allocates a buffer for each thread that is inside a level-3 routine. If it gets no
# memory it retries forever, so the memory is checked before the first call.
BLAS_BUFFER = 33 << 20
BLAS_LIBRARY = 96 << 20  # SciPy's OpenBLAS when it is loaded, with buffers for its own threads


def matrices(
    settings: Settings, size: int, *, rows: int | None = None, validation: bool = False
) -> list[tuple[str, int]]:
    """The parts of the memory of a run, largest first: pairs of a description and bytes.

    Parameters
    ----------
    settings : Settings
    size : int
        The number V of words.
    rows : int, optional
        With subwords, the rows of w_in: those of words and of n-grams.
    validation : bool
        Whether the weights of the best epoch are kept.
    """
    d = settings.vector_size
    n_in, n_out = size if rows is None else rows, outputs(size, settings.loss)
    stride = -(-d // PAD) * PAD
    weights = (n_in + n_out) * stride * 4
    parts = [(f"two matrices of {n_in:,} and {n_out:,} rows by vector_size={d}", weights)]
    if validation:
        parts.append(("a copy of both for the best epoch", weights))
    if rows is not None:
        parts.append((f"{size:,} vectors made of subwords", size * d * 4))
    return sorted(parts, key=lambda part: -part[1])


def shown(parts: list[tuple[str, int]]) -> str:
    """One line about the memory of a run."""
    total = sum(size for _, size in parts)
    text = ", ".join(
        what if len(parts) == 1 else f"{what} ({in_bytes(size)})" for what, size in parts
    )
    return f"{in_bytes(total)} for {text}"


def in_bytes(size: int) -> str:
    """A size in the largest unit of which there is at least one: "1.2 GB"."""
    number = float(size)
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:,.1f} GB"


def check_blas(workers: int) -> None:
    """Raise MemoryError if BLAS cannot allocate a buffer for each worker.

    If it is not loaded yet, the memory for loading it is needed as well.
    """
    loaded = "w2vext.kernels._softmax" in sys.modules
    size = workers * BLAS_BUFFER + (0 if loaded else BLAS_LIBRARY)
    try:
        mapped(size).close()
    except OSError as error:
        raise MemoryError(
            f"no memory for BLAS, which needs {in_bytes(size)} with loss='softmax' and workers="
            f"{workers}: set workers to a smaller number, or use loss='neg'"
        ) from error
