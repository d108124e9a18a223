"""Callbacks, which observe a training run and may stop it.

They get read-only views of the weights. An exception in a callback ends the run and is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from w2vext._arguments.types import Float32, Token


class Callback:
    """Base class of callbacks; override the methods you need. Each one gets a `TrainingState`.

    Attributes
    ----------
    every_words : int or None
        The number of trained words between calls of `on_words`, which is called at most about ten
        times a second. None: `on_words` is never called.

    Examples
    --------
    >>> from w2vext import Callback, Word2Vec
    >>> class Enough(Callback):
    ...     def on_epoch_end(self, state):
    ...         if state.loss_history[-1] < 4.2:
    ...             state.stop()
    >>> model = Word2Vec(epochs=100, callbacks=[Enough()])
    """

    every_words: int | None = None

    def on_train_begin(self, state: TrainingState) -> None:
        """Called before the first epoch."""

    def on_epoch_begin(self, state: TrainingState) -> None:
        """Called before each epoch."""

    def on_words(self, state: TrainingState) -> None:
        """Called about every `every_words` words, while the other threads keep training."""

    def on_epoch_end(self, state: TrainingState) -> None:
        """Called after each epoch, when its loss is known."""

    def on_train_end(self, state: TrainingState) -> None:
        """Called after the last epoch or after a stop, but not after an error."""


class TrainingState:
    """The state of a training run, as a callback sees it.

    Attributes
    ----------
    epoch, epochs : int
        The current epoch, counted from 1, and the number of epochs.
    words, total_words : int
        The number of words trained so far over all epochs, and that of the whole run.
    lr : float
        The current learning rate.
    loss_history, validation_loss_history : tuple of float
        The losses of the epochs that have ended.
    index_to_key : tuple or None
        The word of each row.
    vectors, output_vectors : ndarray of shape (V, d), (n_outputs, d), float32
        The vectors of the words and the output vectors, read-only. Training changes them, so copy
        what you need after the call. With subwords each access to `vectors` computes the means.
    rows : ndarray of shape (n_rows, d), float32
        The rows that are trained, read-only: those of `vectors`, or with subwords those of words
        and n-grams, of which equal ones may be one.
    stopped : bool
        Whether a callback has called `stop`.
    """

    def __init__(
        self,
        w_in: Float32,
        w_out: Float32,
        dim: int,
        epochs: int,
        total_words: int,
        index_to_key: tuple[Token, ...] | None = None,
        compose: Callable[[], Float32] | None = None,
    ) -> None:
        self.rows, self.output_vectors = read_only(w_in)[:, :dim], read_only(w_out)[:, :dim]
        self._compose = compose
        self.epoch, self.epochs = 0, epochs
        self.words, self.total_words = 0, total_words
        self.lr = 0.0
        self.loss_history: tuple[float, ...] = ()
        self.validation_loss_history: tuple[float, ...] = ()
        self.index_to_key = index_to_key
        self.stopped = False

    @property
    def vectors(self) -> Float32:
        """The vectors of the words."""
        if self._compose is None:
            return self.rows
        return read_only(self._compose())[:, : self.rows.shape[1]]

    def stop(self) -> None:
        """End the run: the model keeps what it has learnt so far."""
        self.stopped = True


class Stopped(Exception):
    """Raised in the middle of an epoch after a callback has called `TrainingState.stop`."""


class Watch:
    """Calls the callbacks and updates the progress bar."""

    def __init__(
        self,
        callbacks: Iterable[Callback],
        state: TrainingState,
        bar: Any,
        lr: Callable[[int], float],
    ) -> None:
        self.callbacks = list(callbacks)
        self.state = state
        self._bar = bar
        self._lr = lr
        self._next = [_next(callback.every_words, state.words) for callback in self.callbacks]

    def event(self, name: str) -> bool:
        """Call one method of every callback; return whether a callback has stopped the run."""
        for callback in self.callbacks:
            getattr(callback, name)(self.state)
        return self.state.stopped

    def to(self, done: int, **facts: object) -> None:
        """Update the progress bar, and call each `on_words` that is due."""
        self._bar.to(done, **facts)
        self.state.words, self.state.lr = done, self._lr(done)
        for i, callback in enumerate(self.callbacks):
            due, every = self._next[i], callback.every_words
            if due is not None and every is not None and done >= due:
                self._next[i] = _next(every, done)
                callback.on_words(self.state)
        if self.state.stopped:
            raise Stopped


def _next(every: int | None, done: int) -> int | None:
    """The number of words at which a callback is called next."""
    return None if every is None else (done // every + 1) * every


def read_only(array: Float32) -> Float32:
    """A view that cannot be made writable again."""
    return np.asarray(array.data.toreadonly())
