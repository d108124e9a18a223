"""The memory of a fit: printed before it is allocated, and named in the error if it runs out."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING

from w2vext._arguments.messages import shown
from w2vext.training import estimate

if TYPE_CHECKING:
    from typing_extensions import Self

    from w2vext._estimator.parameters import Parameters
    from w2vext.text.subwords import Subwords
    from w2vext.training.settings import Settings


class Memory:
    """Context manager that converts a lack of memory to a MemoryError that names the parameters.

    After `show` was called, the message gives the memory that the training needs.
    """

    def __init__(self, params: Parameters) -> None:
        self._params = params
        self._needed: str | None = None

    def show(
        self, settings: Settings, words: int, grams: Subwords | None, validation: bool
    ) -> None:
        """Estimate the memory of the training; print it if the progress bar is shown."""
        rows = None if grams is None else grams.n_rows
        parts = estimate.matrices(settings, words, rows=rows, validation=validation)
        self._needed = estimate.shown(parts)
        if self._params.verbose or sys.stderr.isatty():
            print(f"memory: {self._needed}", file=sys.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or not _is_lack_of_memory(error):
            return
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        workers = shown(self._params.workers)
        if self._needed is None:
            text = (
                f"this was before the training, with workers={workers} and max_vocab_size="
                f"{shown(self._params.max_vocab_size)}: use fewer workers or a smaller "
                "max_vocab_size"
            )
        else:
            text = (
                f"the fit needs {self._needed}, and buffers for workers={workers}: use fewer "
                "workers, a smaller vector_size, a higher min_count or a max_final_vocab"
            )
        raise MemoryError(f"{reason or 'not enough memory'}; {text}") from error


def _is_lack_of_memory(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    # For a library that is loaded on first use, only the text of the error tells.
    return isinstance(error, MemoryError) or (
        isinstance(error, ImportError) and "annot allocate memory" in str(error)
    )
