"""Threads over pieces of work: progress, stop flag, Ctrl-C, errors. Knows neither words nor weights."""

import itertools
import os
import sys
import threading

from threadpoolctl import threadpool_limits


def resolve(workers):
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


def run(task, pieces, workers, *, stop, poll=None, interval=0.1):
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
        The first error of any task, after all workers have returned.
    """
    queue = itertools.count()
    errors = []
    interrupted = False
    halted = threading.Event()

    def work(worker):
        try:
            while not halted.is_set():
                piece = next(queue)
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
    with threadpool_limits(1, user_api="blas"):
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                try:
                    thread.join(interval)
                    if poll:
                        poll()
                except KeyboardInterrupt:
                    interrupted = True
                    halted.set()
                    stop()
    if errors:
        raise errors[0]
    return interrupted


class Progress:
    """A tqdm bar on stderr; silent where stderr is no terminal, unless verbose asks for it."""

    def __init__(self, total, label, unit, verbose):
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

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self._bar is not None:
            self._bar.close()

    def to(self, done, **facts):
        """Shows the amount done so far, with facts such as the loss."""
        if self._bar is not None:
            self._bar.set_postfix(facts, refresh=False)
            self._bar.update(done - self._bar.n)
