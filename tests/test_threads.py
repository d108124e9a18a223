"""Thread pools: each task is run once, errors are raised at the end, and no thread is left."""

import _thread
import os
import queue
import signal
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from itertools import chain

import numpy as np
import pytest
from helpers import waiting
from helpers.runs import finished
from threadpoolctl import threadpool_info

from w2vext import _threads


@pytest.fixture(autouse=True)
def no_thread_is_left():
    # A reader thread of an earlier test may not have ended yet.
    before = threading.enumerate()
    yield
    after = [thread for thread in threading.enumerate() if thread not in before]
    assert not [thread for thread in after if thread.name.startswith("w2vext")]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


class Failing(threading.Thread):
    """A thread that fails to start if its name ends with one of `numbers`."""

    numbers = ()

    def start(self):
        if self.name.rpartition("-")[2] in self.numbers:
            raise RuntimeError("can't start new thread")
        super().start()


@pytest.fixture
def second_thread_does_not_start(monkeypatch):
    monkeypatch.setattr(threading, "Thread", Failing)
    monkeypatch.setattr(Failing, "numbers", ("2",))


def blas_threads():
    return [blas["num_threads"] for blas in threadpool_info() if blas["user_api"] == "blas"]


@pytest.fixture
def blas():
    """The number of threads of each BLAS library."""
    assert np.ones(2) @ np.ones(2) == 2
    return blas_threads()


# --- resolve --------------------------------------------------------------------------------------


@pytest.mark.parametrize("everything", [None, -1])
def test_all_cores_are_those_of_the_affinity(everything, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {4, 9, 11}, raising=False)
    assert _threads.resolve(everything) == 3


def test_all_cores_without_affinity(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert _threads.resolve(None) == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert _threads.resolve(None) == 1


def test_a_number_is_returned_as_int():
    assert _threads.resolve(1) == 1
    assert _threads.resolve(500) == 500
    assert type(_threads.resolve(np.int64(3))) is int


@pytest.mark.parametrize("number", [0, -2, -100])
def test_a_number_below_one_is_an_error(number):
    with pytest.raises(ValueError, match=rf"workers={number}: give a number of threads >= 1"):
        _threads.resolve(number)


@pytest.mark.parametrize("value", ["2", 2.0, True, [2], "2" * 1000])
def test_other_types_are_an_error(value):
    with pytest.raises(TypeError, match=r"workers=.*: give a number of threads") as raised:
        _threads.resolve(value)
    assert len(str(raised.value)) < 160


# --- run_tasks ------------------------------------------------------------------------------------


class Tasks:
    """Records which worker ran which task; `errors` maps task numbers to what they raise."""

    def __init__(self, errors=None):
        self.taken, self.stops, self.running = [], 0, 0
        self.errors = errors or {}
        self.lock = threading.Lock()

    def __call__(self, worker, number):
        with self.lock:
            self.taken.append((worker, number))
            self.running += 1
        try:
            if number in self.errors:
                raise self.errors[number]
        finally:
            with self.lock:
                self.running -= 1

    def stop(self):
        self.stops += 1


@pytest.mark.parametrize("count", [0, 1, 2, 100])
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_every_task_is_run_once(count, workers):
    tasks = Tasks()
    assert _threads.run_tasks(tasks, count, workers, stop=tasks.stop) is False
    assert sorted(number for _, number in tasks.taken) == list(range(count))
    assert {worker for worker, _ in tasks.taken} <= set(range(min(workers, count)))
    assert tasks.stops == 0


def test_one_worker_takes_tasks_in_order():
    tasks = Tasks()
    _threads.run_tasks(tasks, 30, 1, stop=tasks.stop)
    assert tasks.taken == [(0, number) for number in range(30)]


def test_a_free_worker_takes_the_next_task():
    """Task 0 lasts until the other worker has done all other tasks."""
    rest = threading.Event()
    done = []

    def task(worker, number):
        if number == 0:
            assert rest.wait(60)
        done.append(number)
        if len(done) == 19:
            rest.set()

    _threads.run_tasks(task, 20, 2, stop=lambda: None)
    assert done[-1] == 0 and sorted(done) == list(range(20))


def test_workers_run_at_the_same_time():
    both = threading.Barrier(2, timeout=60)
    _threads.run_tasks(lambda worker, number: both.wait(), 2, 2, stop=lambda: None)


def test_threads_get_each_number_once():
    """The interpreter switches threads after nearly every instruction."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        numbers, taken = _threads._Numbers(20_000), [[] for _ in range(8)]
        for thread in [waiting.start(mine.extend, numbers) for mine in taken]:
            waiting.join(thread)
    finally:
        sys.setswitchinterval(interval)
    assert sorted(chain.from_iterable(taken)) == list(range(20_000))


@pytest.mark.parametrize("error", [ValueError("broken"), MemoryError(), SystemExit(3)])
@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_of_a_task_ends_the_run(workers, error):
    tasks = Tasks({5: error})
    with pytest.raises(type(error)) as raised:
        _threads.run_tasks(tasks, 10_000, workers, stop=tasks.stop)
    assert raised.value is error
    assert tasks.running == 0 and tasks.stops == 1
    assert len(tasks.taken) < 10_000


def test_an_error_waits_for_the_other_tasks():
    stopped, returned = threading.Event(), []

    def task(worker, number):
        if number == 3:
            raise ValueError("broken")
        if number == 0:
            assert stopped.wait(60)
            returned.append(worker)

    with pytest.raises(ValueError, match="broken"):
        _threads.run_tasks(task, 10, 2, stop=stopped.set)
    assert len(returned) == 1


def test_the_first_error_is_raised():
    second = threading.Event()

    def task(worker, number):
        if number == 0:
            assert second.wait(60)
            raise ValueError("late")
        raise KeyError("early")

    with pytest.raises(KeyError, match="early"):
        _threads.run_tasks(task, 2, 2, stop=second.set)


def test_a_thread_that_does_not_start_stops_the_others(second_thread_does_not_start, blas):
    """The started threads have returned before the error is raised."""
    stopped, returned = threading.Event(), []

    def task(worker, number):
        assert stopped.wait(60)
        returned.append(worker)

    with pytest.raises(MemoryError, match=r"cannot start another thread, .*: set workers to a"):
        _threads.run_tasks(task, 50, 4, stop=stopped.set, interval=0.001)
    assert sorted(returned) == [0, 1]
    assert blas_threads() == blas


def test_poll_is_called_while_tasks_run():
    polled = threading.Event()
    _threads.run_tasks(
        lambda worker, number: polled.wait(60), 1, 1, stop=None, poll=polled.set, interval=0.001
    )
    assert polled.is_set()


def test_an_error_of_poll_stops_the_tasks():
    stopped = threading.Event()

    def poll():
        raise ZeroDivisionError("poll")

    def task(worker, number):
        assert stopped.wait(60)

    with pytest.raises(ZeroDivisionError, match="poll"):
        _threads.run_tasks(task, 50, 2, stop=stopped.set, poll=poll, interval=0.001)


def test_ctrl_c_stops_the_tasks_and_is_reported():
    stopped, taken = threading.Event(), []

    def task(worker, number):
        taken.append(number)
        _thread.interrupt_main()
        assert stopped.wait(60)

    assert _threads.run_tasks(task, 50, 1, stop=stopped.set, interval=0.001) is True
    assert taken == [0]


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to a thread")
def test_ctrl_c_twice_at_once_still_waits_for_the_tasks(monkeypatch):
    """The second one is raised inside run_tasks before the first one has been seen."""
    waits, stopped, returned = threading.Event(), threading.Event(), []

    class Queue(queue.SimpleQueue):
        def get(self, timeout):
            waits.set()
            while True:  # a signal that comes just before a wait is handled after it
                with suppress(queue.Empty):
                    return super().get(timeout=0.01)

    monkeypatch.setattr(queue, "SimpleQueue", Queue)

    def task(worker, number):
        assert waits.wait(60)  # until the main thread waits for the task
        interrupts = signal.getsignal(signal.SIGINT).__self__
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        assert interrupts._flag.wait(60)  # until it has handled the first signal
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        assert stopped.wait(60)
        time.sleep(0.05)
        returned.append(number)

    assert _threads.run_tasks(task, 50, 1, stop=stopped.set, interval=60) is True
    assert returned == [0]


def test_a_handler_of_the_program_is_kept():
    heard = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        _threads.run_tasks(lambda worker, number: _thread.interrupt_main(), 1, 1, stop=None)
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard and set(heard) == {signal.SIGINT}


def test_runs_outside_the_main_thread():
    tasks = Tasks()
    waiting.join(waiting.start(partial(_threads.run_tasks, tasks, 20, 2, stop=tasks.stop)))
    assert len(tasks.taken) == 20


def test_nested_interrupts_share_a_flag_and_the_second_ctrl_c_is_raised():
    with _threads.Interrupts() as outer, _threads.Interrupts() as inner:
        assert not outer.pending
        inner.check()
        signal.raise_signal(signal.SIGINT)
        assert outer.pending and inner.pending
        with pytest.raises(KeyboardInterrupt):
            outer.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


# --- ThreadPool -----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 50])
@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("busy_wait", [0.0, 1e-3])
def test_a_pool_runs_every_task_once(monkeypatch, busy_wait, size, count):
    monkeypatch.setattr(_threads, "BUSY_WAIT", busy_wait)
    with _threads.ThreadPool(size) as pool:
        for pause in (0, 0, 0.005):  # after the last pause, the threads have blocked
            time.sleep(pause)
            done = []
            pool.run(done.append, count)
            assert sorted(done) == list(range(count))


def test_a_pool_waits_for_the_last_task():
    with _threads.ThreadPool(2) as pool:
        first, done = threading.Event(), []

        def task(number):
            if number == 0:
                assert first.wait(60)
                time.sleep(0.01)
            first.set()
            done.append(number)

        pool.run(task, 2)
        assert sorted(done) == [0, 1]


@pytest.mark.parametrize("size", [1, 3])
def test_a_pool_raises_the_error_of_a_task_and_can_be_used_again(size):
    def task(number):
        if number == 7:
            raise ValueError("task 7")

    with _threads.ThreadPool(size) as pool:
        for _ in range(2):
            with pytest.raises(ValueError, match="task 7"):
                pool.run(task, 20)
        done = []
        pool.run(done.append, 20)
        assert sorted(done) == list(range(20))


def test_an_error_ends_the_loop_of_a_pool():
    """The other thread does not take another task."""
    failed, taken = threading.Event(), []

    def task(number):
        taken.append(number)
        if number == 0:
            failed.set()
            raise ValueError("task 0")
        assert failed.wait(60)
        time.sleep(0.001)

    with _threads.ThreadPool(2) as pool, pytest.raises(ValueError, match="task 0"):
        pool.run(task, 100_000)
    assert len(taken) < 100_000


def test_a_pool_that_is_not_entered_changes_nothing(blas):
    before = threading.active_count()
    _threads.ThreadPool(3)
    assert blas_threads() == blas and threading.active_count() == before


def test_a_pool_whose_threads_do_not_all_start_changes_nothing(second_thread_does_not_start, blas):
    """The thread that did start has ended, and BLAS has its threads again."""
    before = threading.active_count()
    with (
        pytest.raises(MemoryError, match=r"cannot start another thread, .*: set workers to a"),
        _threads.ThreadPool(4),
    ):
        pass
    assert blas_threads() == blas and threading.active_count() == before


def test_blas_is_single_threaded_inside_and_restored_afterwards(blas):
    inside = []
    _threads.run_tasks(lambda worker, number: inside.append(blas_threads()), 1, 1, stop=None)
    with _threads.ThreadPool(2):
        inside.append(blas_threads())
    assert all(set(numbers) <= {1} for numbers in inside)
    assert blas_threads() == blas


def test_overlapping_pools_leave_blas_as_it_was(blas):
    first, second = _threads.ThreadPool(1), _threads.ThreadPool(1)
    first.__enter__()
    second.__enter__()
    first.__exit__()
    assert set(blas_threads()) <= {1}
    second.__exit__()
    assert blas_threads() == blas


LATE = """
from threadpoolctl import threadpool_info
from w2vext._threads import SINGLE_THREADED_BLAS

def threads():
    return {blas["filepath"]: blas["num_threads"] for blas in threadpool_info()
            if blas["user_api"] == "blas"}

with SINGLE_THREADED_BLAS:
    early = threads()
    import scipy.linalg.cython_blas
    unset = {path: n for path, n in threads().items() if path not in early}
    with SINGLE_THREADED_BLAS:
        assert set(threads().values()) <= {1}, threads()
    assert set(threads().values()) <= {1}, threads()
after = threads()
assert all(after[path] == n for path, n in unset.items()), (unset, after)
"""


def test_a_blas_that_is_loaded_later_is_single_threaded_too():
    """SciPy's BLAS is loaded by the first kernel that needs it, perhaps during another fit."""
    done = finished(LATE)
    assert done.returncode == 0, done.stderr


# --- progress -------------------------------------------------------------------------------------


def test_progress_is_hidden_if_stderr_is_not_a_terminal(capsys):
    with _threads.Progress(10, "training", "word", 0) as bar:
        bar.to(5, loss="1.0")
    assert capsys.readouterr() == ("", "")


def test_progress_shows_the_facts_on_stderr(capsys):
    with _threads.Progress(1000, "training", "word", 1) as bar:
        bar.to(1000, epoch=2, loss="1.2345")
    out, err = capsys.readouterr()
    assert out == ""
    assert "training: 100%" in err and "loss=1.2345" in err and "epoch=2" in err
    assert "tqdm" in sys.modules
