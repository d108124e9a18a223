"""Checks that parameters are True or False; otherwise a non-empty str would silently mean True."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import kind_of, shown

if TYPE_CHECKING:
    from typing import Any


def is_bool(value: object) -> bool:
    """Whether `value` is True or False, as Python's or NumPy's type."""
    return isinstance(value, (bool, np.bool_))


def check_flags(**flags: Any) -> None:
    """Raise TypeError for the first of some parameters that is not True or False."""
    for name, value in flags.items():
        if not is_bool(value):
            raise TypeError(f"{name}={shown(value)} is {kind_of(value)}: give True or False")
