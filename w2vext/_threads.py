"""Threads that work through a list of tasks, with progress, Ctrl-C and errors."""

from __future__ import annotations

import mmap
import os
import queue
import signal
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from w2vext._arguments.messages import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType
    from typing import Any

    from typing_extensions import Self


def resolve(workers: int | None) -> int:
    """The number of threads for a value of the parameter `workers`.

    None and -1 mean all cores that this process may use (its affinity, not the machine's size).
    """
    if workers is None or workers == -1:
        if hasattr(os, "sched_getaffinity"):
            return max(1, len(os.sched_getaffinity(0)))
        return os.cpu_count() or 1
    if isinstance(workers, bool) or not hasattr(workers, "__index__"):
        raise TypeError(
            f"workers={shown(workers)}: give a number of threads, or None for all cores"
        )
    workers = workers.__index__()
    if workers < 1:
        raise ValueError(
            f"workers={workers}: give a number of threads >= 1, or None (or -1) for all cores"
        )
    return workers


STACK = 8 << 20  # bytes of a thread's stack, if the system does not tell
FIRST_CODE = 4 << 20  # bytes that Python may need before a thread runs any code


def start(thread: threading.Thread) -> None:
    """Start a thread.

    Raises
    ------
    MemoryError
        The system does not start another thread, usually because there is no memory for its stack.
    """
    try:
        # Python would wait forever for a thread that has a stack, but no memory to run any code.
        mmap.mmap(-1, _stack_size() + FIRST_CODE).close()
        thread.start()
    except (OSError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "can't start new thread" not in str(error):
            raise
        raise MemoryError(
            f"cannot start another thread, {threading.active_count()} are running: set workers to "
            "a smaller number, or raise the limits on memory and threads (ulimit -v and -u)"
        ) from error


def _stack_size() -> int:
    """The bytes of the stack of a new thread."""
    if size := threading.stack_size():
        return size
    try:
        import resource

        size = resource.getrlimit(resource.RLIMIT_STACK)[0]
    except ImportError:  # Windows
        return STACK
    return size if 0 < size < 1 << 30 else STACK


class _Numbers:
    """The numbers 0 to stop - 1, each given to only one thread.

    Threads cannot share a plain iterator: without the GIL, CPython does not guarantee that it
    yields each item once.
    """

    def __init__(self, stop: int) -> None:
        self._lock = threading.Lock()
        self._next, self._stop = 0, stop

    def __iter__(self) -> Iterator[int]:
        while True:
            with self._lock:
                number = self._next
                if number >= self._stop:
                    return
                self._next += 1
            yield number

    def close(self) -> None:
        """Stop giving out numbers."""
        with self._lock:
            self._stop = 0


def each_part(
    function: Callable[[Any], Any], parts: Sequence[Any], workers: int | None
) -> list[Any]:
    """Call function(part) for each part, in several threads, and return the results in order.

    The function should release the GIL for most of its time. With one worker or one part no thread
    is started.
    """
    found: list[Any] = [None] * len(parts)

    def task(_: int, number: int) -> None:
        found[number] = function(parts[number])

    threads = min(resolve(workers), len(parts))
    if threads < 2:
        return [function(part) for part in parts]
    if run_tasks(task, len(parts), threads, stop=lambda: None):
        raise KeyboardInterrupt
    return found


def run_tasks(
    task: Callable[[int, int], object],
    tasks: int,
    workers: int,
    *,
    stop: Callable[[], object],
    poll: Callable[[], object] | None = None,
    interval: float = 0.1,
) -> bool:
    """Call task(worker, number) for each number in range(tasks); free workers take the next number.

    Parameters
    ----------
    task : callable (worker index, task number)
        Should release the GIL for most of its time.
    tasks, workers : int
    stop : callable ()
        Makes running tasks return soon. Called on Ctrl-C and on an error.
    poll : callable (), optional
        Called in the calling thread about every `interval` seconds.
    interval : float, default=0.1
        In seconds.

    Returns
    -------
    bool
        Whether Ctrl-C ended the run early.

    Raises
    ------
    BaseException
        The first error of a task, of `poll`, or of starting a thread, after all started threads
        have returned.
    """
    numbers = _Numbers(tasks)
    errors: list[BaseException] = []
    interrupted = False
    # Not Thread.join: on Python 3.11, a join that Ctrl-C interrupts marks the thread as ended.
    returned: list[int] = []
    wake: queue.SimpleQueue[None] = queue.SimpleQueue()

    def halt() -> None:
        numbers.close()
        stop()

    def work(worker: int) -> None:
        try:
            for number in numbers:
                task(worker, number)
        except BaseException as error:
            errors.append(error)
            halt()
        finally:
            returned.append(worker)
            wake.put(None)

    def watch(interrupts: Interrupts) -> None:
        if not errors and not interrupted:
            interrupts.check()
        if poll:
            poll()

    started: list[threading.Thread] = []
    # BLAS's own threads would compete with the workers for the cores.
    with Interrupts() as interrupts, SINGLE_THREADED_BLAS:
        try:
            for worker in range(min(workers, tasks)):
                name = f"w2vext-{worker}"
                thread = threading.Thread(target=work, args=(worker,), name=name, daemon=True)
                start(thread)
                started.append(thread)
        except BaseException as error:
            errors.append(error)
            halt()
        while len(returned) < len(started):
            try:
                with suppress(queue.Empty):
                    wake.get(timeout=interval)
                watch(interrupts)
            except KeyboardInterrupt:
                if interrupted:  # the tasks do not stop, so a second Ctrl-C ends the wait
                    raise
                interrupted = True
                halt()
            except BaseException as error:
                errors.append(error)
                halt()
        for thread in started:
            thread.join()
        interrupted = interrupted or interrupts.pending
    if errors:
        raise errors[0]
    return interrupted


class _SingleThreadedBLAS:
    """Reentrant context manager that limits BLAS to one thread while any thread is inside.

    The limit applies to the process, so the last thread to leave restores what the first one found.
    If each thread restored what it had found, two that overlap could leave the limit in place.
    Each thread that enters sets the limit again, because another BLAS may have been loaded.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: list[int] = []  # threads, once for each time that they entered
        self._limits: list[Any] = []

    def __enter__(self) -> None:
        with self._lock:
            self._limits.append(threadpool_limits(1, user_api="blas"))
            self._inside.append(threading.get_ident())

    def __exit__(self, *exc: object) -> None:
        with self._lock:
            self._inside.remove(threading.get_ident())
            self._restore()

    def _restore(self) -> None:
        while not self._inside and self._limits:
            self._limits.pop().restore_original_limits()

    def after_fork(self) -> None:
        """Called in a forked child: forget the threads that do not exist there, and their lock."""
        self._lock = threading.Lock()
        self._inside = [i for i in self._inside if i == threading.get_ident()]
        self._restore()


SINGLE_THREADED_BLAS = _SingleThreadedBLAS()


def _after_fork() -> None:
    SINGLE_THREADED_BLAS.after_fork()
    outer = getattr(signal.getsignal(signal.SIGINT), "__self__", None)
    if isinstance(outer, Interrupts) and outer.thread != threading.get_ident():
        signal.signal(signal.SIGINT, signal.default_int_handler)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Interrupts:
    """Context manager that turns Ctrl-C into a flag, so that it interrupts only at safe points.

    Code at a safe point calls `check`. A second Ctrl-C raises KeyboardInterrupt at once. The class
    does nothing outside the main thread, or if the program has its own handler for SIGINT. A nested
    instance shares the flag of the outer one.
    """

    def __init__(self) -> None:
        self._flag = threading.Event()
        self._installed = False
        self.thread = threading.get_ident()

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            outer = getattr(handler, "__self__", None)
            if isinstance(outer, Interrupts):
                self._flag = outer._flag
            elif handler is signal.default_int_handler:
                signal.signal(signal.SIGINT, self._handle)
                self._installed = True
        return self

    def __exit__(self, *exc: object) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._flag.is_set():
            raise KeyboardInterrupt
        self._flag.set()

    @property
    def pending(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._flag.is_set()

    def check(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed."""
        if self.pending:
            raise KeyboardInterrupt


# Seconds for which an idle thread of a pool busy-waits before it blocks. Waking a blocked thread
# costs about as much as a small task.
BUSY_WAIT = 2e-4


class ThreadPool:
    """Context manager with threads for short parallel loops; BLAS is single-threaded inside.

    The calling thread is one of the workers, so a pool of one worker starts no thread.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        # With more threads than cores, busy-waiting would take cores from threads that work.
        self._busy_wait = BUSY_WAIT if workers <= resolve(None) else 0.0
        self._loops: queue.SimpleQueue[Any] = queue.SimpleQueue()  # (task, numbers); None: exit
        self._done: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.enter_context(SINGLE_THREADED_BLAS)
            undo.callback(self._join)
            for i in range(1, self._workers):
                thread = threading.Thread(target=self._serve, name=f"w2vext-{i}", daemon=True)
                start(thread)
                self._threads.append(thread)
            self._exit = undo.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._exit.close()

    def _join(self) -> None:
        for _ in self._threads:
            self._loops.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _serve(self) -> None:
        while (loop := self._get(self._loops)) is not None:
            self._done.put(self._work(*loop))

    def _get(self, items: queue.SimpleQueue[Any]) -> Any:
        """The next item of a queue, after a busy wait if there is none yet."""
        until = time.perf_counter() + self._busy_wait
        while items.empty() and time.perf_counter() < until:
            time.sleep(0)  # releases the GIL
        return items.get()

    @staticmethod
    def _work(task: Callable[[int], object], numbers: _Numbers) -> BaseException | None:
        """Run tasks until none is left; return the error that ended the work, or None."""
        try:
            for number in numbers:
                task(number)
        except BaseException as error:
            numbers.close()
            return error
        return None

    def run(self, task: Callable[[int], object], tasks: int) -> None:
        """Call task(number) for each number in range(tasks), in parallel, and wait for all.

        The first error found is raised after all threads have finished their current task.
        """
        if not self._threads or tasks == 1:
            for number in range(tasks):
                task(number)
            return
        numbers = _Numbers(tasks)
        for _ in self._threads:
            self._loops.put((task, numbers))
        errors = [self._work(task, numbers)]
        errors += [self._get(self._done) for _ in self._threads]
        for error in filter(None, errors):
            raise error


_hidden = ContextVar("hidden", default=False)  # whether progress is hidden


@contextmanager
def hidden_progress() -> Iterator[None]:
    """Hide the progress of what is done inside, which the caller shows in its own way."""
    token = _hidden.set(True)
    try:
        yield
    finally:
        _hidden.reset(token)


def is_shown(verbose: int) -> bool:
    """Whether to show progress: on a terminal, or if `verbose` is not 0."""
    return not _hidden.get() and (bool(verbose) or sys.stderr.isatty())


class Progress:
    """A tqdm bar on stderr; hidden if stderr is not a terminal and `verbose` is 0."""

    def __init__(
        self, total: int | None, label: str, unit: str, verbose: int, done: int = 0
    ) -> None:
        self._bar = None
        if is_shown(verbose):
            from tqdm import tqdm

            self._bar = tqdm(
                total=total,
                initial=done,
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
        """Show the amount done so far, with facts such as the loss."""
        if self._bar is not None:
            self._bar.set_postfix(facts, refresh=False)
            self._bar.update(done - self._bar.n)
