"""Threads over pieces of work: progress, stop flag, Ctrl-C, errors.

Knows neither words nor weights.
"""

from __future__ import annotations

import itertools
import os
import queue
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType
    from typing import Any

    from typing_extensions import Self


def resolve(workers: int | None) -> int:
    """The number of workers that `workers` asks for.

    None and -1 mean all cores that this process may use (its affinity, not the machine's size).
    """
    if workers is None or workers == -1:
        if hasattr(os, "sched_getaffinity"):
            return max(1, len(os.sched_getaffinity(0)))
        return os.cpu_count() or 1
    if isinstance(workers, bool) or not hasattr(workers, "__index__"):
        raise TypeError(f"workers={workers!r}: give a number of threads, or None for all cores")
    workers = workers.__index__()
    if workers < 1:
        raise ValueError(
            f"workers={workers}: give a number of threads >= 1, or None (or -1) for all cores"
        )
    return workers


def run(
    task: Callable[[int, int], object],
    pieces: int,
    workers: int,
    *,
    stop: Callable[[], object],
    poll: Callable[[], object] | None = None,
    interval: float = 0.1,
) -> bool:
    """Calls task(worker, piece) for every piece, each worker taking the next one when it is free.

    Parameters
    ----------
    task : callable (worker index, piece index)
        Releases the GIL for most of its time.
    pieces, workers : int
    stop : callable ()
        Makes running tasks return soon; called on Ctrl-C and on an error.
    poll : callable (), optional
        Called in the main thread about every `interval` seconds.

    Returns
    -------
    bool
        True where Ctrl-C cut the work short.

    Raises
    ------
    BaseException
        The first error of any task, or of `poll`, after all workers have returned.
    """
    numbers = itertools.count()
    errors = []
    interrupted = False
    halted = threading.Event()

    def work(worker: int) -> None:
        try:
            while not halted.is_set():
                piece = next(numbers)
                if piece >= pieces:
                    return
                task(worker, piece)
        except BaseException as error:
            errors.append(error)
            halted.set()
            stop()

    threads = [
        threading.Thread(target=work, args=(worker,), name=f"w2vext-{worker}", daemon=True)
        for worker in range(min(workers, pieces))
    ]
    # BLAS threads of its own would fight with the workers for the cores.
    with Interrupts() as ctrl_c, LONE_BLAS:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(interval)
                try:
                    if not halted.is_set():
                        ctrl_c.check()
                    if poll:
                        poll()
                except BaseException as error:
                    if isinstance(error, KeyboardInterrupt):
                        interrupted = True
                    else:
                        errors.append(error)
                    halted.set()
                    stop()
        interrupted = interrupted or ctrl_c.pending
    if errors:
        raise errors[0]
    return interrupted


class _LoneBlas:
    """A `with` inside which BLAS uses one thread, whoever asks for it and however many at once.

    The setting is the process's: the last one out restores what the first one in found. Two that
    each restored what they had found could leave BLAS with one thread for good. Everyone who comes
    in sets it: another BLAS may have been loaded since.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0
        self._limits: list[Any] = []

    def __enter__(self) -> None:
        with self._lock:
            self._limits.append(threadpool_limits(1, user_api="blas"))
            self._inside += 1

    def __exit__(self, *exc: object) -> None:
        with self._lock:
            self._inside -= 1
            while self._inside == 0 and self._limits:
                self._limits.pop().restore_original_limits()


LONE_BLAS = _LoneBlas()


class Interrupts:
    """Ctrl-C as a flag for the time of a `with`, so that it cuts nothing in two.

    Whoever stands at a safe place calls `check`. A second Ctrl-C is raised where it falls. In a
    thread that is not the main one, and where the program has a handler of its own, nothing
    changes. One inside another shares its flag.
    """

    def __init__(self) -> None:
        self._flag = threading.Event()
        self._installed = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            outer = getattr(handler, "__self__", None)
            if isinstance(outer, Interrupts):
                self._flag = outer._flag
            elif handler is signal.default_int_handler:
                signal.signal(signal.SIGINT, self._note)
                self._installed = True
        return self

    def __exit__(self, *exc: object) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._flag.is_set():
            raise KeyboardInterrupt
        self._flag.set()

    @property
    def pending(self) -> bool:
        """Whether Ctrl-C has been pressed."""
        return self._flag.is_set()

    def check(self) -> None:
        """Raise KeyboardInterrupt if it has."""
        if self.pending:
            raise KeyboardInterrupt


# A thread of a crew that has nothing to do asks so many seconds for work before it sleeps: waking
# it takes the system as long as a small part takes.
PATIENCE = 2e-4


class Crew:
    """Threads that share the parts of one step and wait for each other: `each` is a parallel loop.

    With one worker, or one part, it is a plain loop. BLAS runs single-threaded inside.
    """

    def __init__(self, workers: int) -> None:
        LONE_BLAS.__enter__()
        # Where threads share cores, one that waits must not take them from one that works.
        self._patience = PATIENCE if workers <= resolve(None) else 0.0
        self._todo: queue.SimpleQueue[Any] = queue.SimpleQueue()  # (task, parts), None at the end
        self._done: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"w2vext-{i}", daemon=True)
            for i in range(1, workers)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while (work := self._next(self._todo)) is not None:
            self._done.put(self._take(*work))

    def _next(self, waiting: queue.SimpleQueue[Any]) -> Any:
        """What is put there next."""
        until = time.perf_counter() + self._patience
        while waiting.empty() and time.perf_counter() < until:
            time.sleep(0)  # lets others have the interpreter
        return waiting.get()

    @staticmethod
    def _take(task: Callable[[int], object], parts: Iterable[int]) -> BaseException | None:
        """Runs parts until none is left; the error that ended it, or None."""
        try:
            for part in parts:
                task(part)
        except BaseException as error:
            return error
        return None

    def each(self, task: Callable[[int], object], parts: int) -> None:
        """Calls task(part) for part in range(parts), spread over threads; waits for the last."""
        if not self._threads or parts == 1:
            for part in range(parts):
                task(part)
            return
        shared = iter(list(range(parts)))
        for _ in self._threads:
            self._todo.put((task, shared))
        errors = [self._take(task, shared)]
        errors += [self._next(self._done) for _ in self._threads]
        for error in filter(None, errors):
            raise error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()
        LONE_BLAS.__exit__()


class Progress:
    """A tqdm bar on stderr; silent where stderr is no terminal, unless verbose asks for it."""

    def __init__(self, total: int | None, label: str, unit: str, verbose: int) -> None:
        self._bar = None
        if verbose or sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=total,
                desc=label,
                unit=unit,
                unit_scale=True,
                dynamic_ncols=True,
                file=sys.stderr,
                mininterval=0.2,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def to(self, done: int, **facts: object) -> None:
        """Shows the amount done so far, with facts such as the loss."""
        if self._bar is not None:
            self._bar.set_postfix(facts, refresh=False)
            self._bar.update(done - self._bar.n)
