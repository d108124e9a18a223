"""gensim's callbacks, which get the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["CallbackAny2Vec"]


class CallbackAny2Vec:
    """Base class of callbacks; override the methods you need. Each one gets the model.

    When a method is called, ``model.wv`` and the output vectors have the current values. An
    exception ends the training and is raised.
    """

    def on_train_begin(self, model: Any) -> None:
        """Called before the first epoch."""

    def on_epoch_begin(self, model: Any) -> None:
        """Called before each epoch."""

    def on_epoch_end(self, model: Any) -> None:
        """Called after each epoch, when its loss is known."""

    def on_train_end(self, model: Any) -> None:
        """Called after the last epoch."""
