"""Class methods that cannot be called on an instance, where their result would be lost."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class class_only:
    """Decorator of a class method; an instance does not have it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is not None:
            raise AttributeError(
                f"{self.name} returns a new object and does not change this one: call it on "
                f"the class, as in model = {owner.__name__}.{self.name}(path)"
            )
        return types.MethodType(self.function, owner)
