"""Checks of arguments of gensim that have one possible value here; the message names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import shown

if TYPE_CHECKING:
    from typing import Any


def check_default(name: str, value: Any, only: Any, remedy: str) -> None:
    """Raise ValueError unless a parameter has the only value that is available."""
    if value is not only and value != only:
        raise ValueError(f"{name}={shown(value)} is not available, only {name}={only!r}: {remedy}")


def check_type_of_numbers(name: str, dtype: Any) -> None:
    """Raise ValueError unless the type of numbers is float32 or float16."""
    if np.dtype(dtype) not in (np.float32, np.float16):
        raise ValueError(
            f"{name}={shown(dtype)} is not available: give float32 or float16; vectors.astype "
            "converts a copy to another type"
        )
