"""What watches a training run: it may read everything and stop the run, and it can change nothing.

Refuses to hand out writable weights. An error in a callback ends the run and is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from w2vext._types import Float32, Token


class Callback:
    """A watcher of training; override what is wanted. Each method gets a `TrainingState`.

    Attributes
    ----------
    every_words : int or None
        Call `on_words` about every so many trained words, at most some ten times a second; None:
        never.

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
        """Before the first epoch."""

    def on_epoch_begin(self, state: TrainingState) -> None:
        """Before each epoch."""

    def on_words(self, state: TrainingState) -> None:
        """In the middle of an epoch, about every `every_words` words; other threads train on."""

    def on_epoch_end(self, state: TrainingState) -> None:
        """After each epoch, its loss known."""

    def on_train_end(self, state: TrainingState) -> None:
        """After the last epoch, or after a stop; not after an error."""


class TrainingState:
    """What a callback sees.

    Attributes
    ----------
    epoch, epochs : int
        The epoch now, from 1, and how many there are to be.
    words, total_words : int
        Words of the stream trained so far over all epochs, and how many there are to be.
    lr : float
        The step size now.
    loss_history, validation_loss_history : tuple of float
        Of the epochs that ended.
    index_to_key : tuple or None
        The word of each row.
    vectors, output_vectors : ndarray of shape (V, d), (n_outputs, d), float32
        The weights as they change, read-only; copy what is to be kept beyond the call.
    stopped : bool
        Whether a callback has asked for the end.
    """

    def __init__(
        self,
        w_in: Float32,
        w_out: Float32,
        dim: int,
        epochs: int,
        total_words: int,
        index_to_key: tuple[Token, ...] | None = None,
    ) -> None:
        self.vectors, self.output_vectors = read_only(w_in)[:, :dim], read_only(w_out)[:, :dim]
        self.epoch, self.epochs = 0, epochs
        self.words, self.total_words = 0, total_words
        self.lr = 0.0
        self.loss_history: tuple[float, ...] = ()
        self.validation_loss_history: tuple[float, ...] = ()
        self.index_to_key = index_to_key
        self.stopped = False

    def stop(self) -> None:
        """End the run: the model keeps what it has learnt so far."""
        self.stopped = True


class Stopped(Exception):
    """A callback asked for the end in the middle of an epoch."""


class Watch:
    """Calls the callbacks and shows the progress; stands where training expects a progress bar."""

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
        self._next = [callback.every_words for callback in self.callbacks]

    def event(self, name: str) -> bool:
        """Call one method of every callback; says whether one of them asked for the end."""
        for callback in self.callbacks:
            getattr(callback, name)(self.state)
        return self.state.stopped

    def to(self, done: int, **facts: object) -> None:
        """Show the words done so far, and call whoever waited for them."""
        self._bar.to(done, **facts)
        self.state.words, self.state.lr = done, self._lr(done)
        for i, callback in enumerate(self.callbacks):
            due, every = self._next[i], callback.every_words
            if due is not None and every is not None and done >= due:
                self._next[i] = (done // every + 1) * every
                callback.on_words(self.state)
        if self.state.stopped:
            raise Stopped


def read_only(array: Float32) -> Float32:
    """A view that cannot be made writable again."""
    return np.asarray(array.data.toreadonly())
