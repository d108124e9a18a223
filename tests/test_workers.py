"""Threads over pieces of work: each piece once, errors after all have returned, no thread left."""

import _thread
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info

from w2vext import _threads as workers


@pytest.fixture(autouse=True)
def no_thread_is_left():
    # A reader that another test gave up may still be on its way out.
    before = threading.enumerate()
    yield
    after = [thread for thread in threading.enumerate() if thread not in before]
    assert not [thread for thread in after if thread.name.startswith("w2vext")]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# --- resolve --------------------------------------------------------------------------------------


@pytest.mark.parametrize("everything", [None, -1])
def test_all_cores_are_those_that_may_be_used(everything, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {4, 9, 11}, raising=False)
    assert workers.resolve(everything) == 3


def test_all_cores_where_there_is_no_affinity(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert workers.resolve(None) == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert workers.resolve(None) == 1


def test_a_number_is_itself():
    import numpy as np

    assert workers.resolve(1) == 1
    assert workers.resolve(500) == 500
    assert type(workers.resolve(np.int64(3))) is int


@pytest.mark.parametrize("number", [0, -2, -100])
def test_a_number_below_one_is_refused(number):
    with pytest.raises(ValueError, match=rf"workers={number}: give a number of threads >= 1"):
        workers.resolve(number)


@pytest.mark.parametrize("what", ["2", 2.0, True, [2]])
def test_what_is_no_number_is_refused(what):
    with pytest.raises(TypeError, match="workers="):
        workers.resolve(what)


# --- run ------------------------------------------------------------------------------------------


class Tasks:
    """Notes who did what; `fails` maps pieces to the errors they raise."""

    def __init__(self, **fails):
        self.taken, self.stops, self.running = [], 0, 0
        self.fails = {int(piece[1:]): error for piece, error in fails.items()}
        self.lock = threading.Lock()

    def __call__(self, worker, piece):
        with self.lock:
            self.taken.append((worker, piece))
            self.running += 1
        try:
            if piece in self.fails:
                raise self.fails[piece]
        finally:
            with self.lock:
                self.running -= 1

    def stop(self):
        self.stops += 1


@pytest.mark.parametrize("pieces", [0, 1, 2, 100])
@pytest.mark.parametrize("crew", [1, 2, 7])
def test_every_piece_is_done_exactly_once(pieces, crew):
    tasks = Tasks()
    assert workers.run(tasks, pieces, crew, stop=tasks.stop) is False
    assert sorted(piece for _, piece in tasks.taken) == list(range(pieces))
    assert {worker for worker, _ in tasks.taken} <= set(range(min(crew, pieces)))
    assert tasks.stops == 0


def test_one_worker_takes_pieces_in_order():
    tasks = Tasks()
    workers.run(tasks, 30, 1, stop=tasks.stop)
    assert tasks.taken == [(0, piece) for piece in range(30)]


def test_a_free_worker_takes_the_next_piece():
    """Worker 0's first piece lasts until the others have done all the rest."""
    rest = threading.Event()
    done = []

    def task(worker, piece):
        if piece == 0:
            assert rest.wait(60)
        done.append(piece)
        if len(done) == 19:
            rest.set()

    workers.run(task, 20, 2, stop=lambda: None)
    assert done[-1] == 0 and sorted(done) == list(range(20))


def test_workers_run_at_the_same_time():
    both = threading.Barrier(2, timeout=60)
    workers.run(lambda worker, piece: both.wait(), 2, 2, stop=lambda: None)


@pytest.mark.parametrize("error", [ValueError("broken"), MemoryError(), SystemExit(3)])
@pytest.mark.parametrize("crew", [1, 3])
def test_an_error_of_a_task_ends_the_run(crew, error):
    tasks = Tasks(p5=error)
    with pytest.raises(type(error)) as raised:
        workers.run(tasks, 10_000, crew, stop=tasks.stop)
    assert raised.value is error
    assert tasks.running == 0 and tasks.stops == 1
    assert len(tasks.taken) < 10_000


def test_an_error_waits_for_the_others():
    stopped, returned = threading.Event(), []

    def task(worker, piece):
        if piece == 3:
            raise ValueError("broken")
        if piece == 0:
            assert stopped.wait(60)
            returned.append(worker)

    with pytest.raises(ValueError, match="broken"):
        workers.run(task, 10, 2, stop=stopped.set)
    assert len(returned) == 1


def test_the_first_error_is_raised():
    second = threading.Event()

    def task(worker, piece):
        if piece == 0:
            assert second.wait(60)
            raise ValueError("late")
        raise KeyError("early")

    with pytest.raises(KeyError, match="early"):
        workers.run(task, 2, 2, stop=second.set)


def test_poll_is_called_while_tasks_run():
    polled = threading.Event()
    workers.run(
        lambda worker, piece: polled.wait(60), 1, 1, stop=None, poll=polled.set, interval=0.001
    )
    assert polled.is_set()


def test_an_error_of_poll_stops_the_tasks():
    stopped = threading.Event()

    def poll():
        raise ZeroDivisionError("poll")

    def task(worker, piece):
        assert stopped.wait(60)

    with pytest.raises(ZeroDivisionError, match="poll"):
        workers.run(task, 50, 2, stop=stopped.set, poll=poll, interval=0.001)


def test_ctrl_c_stops_the_tasks_and_is_told():
    stopped, taken = threading.Event(), []

    def task(worker, piece):
        taken.append(piece)
        _thread.interrupt_main()
        assert stopped.wait(60)

    assert workers.run(task, 50, 1, stop=stopped.set, interval=0.001) is True
    assert taken == [0]


def test_an_own_handler_of_ctrl_c_stays(monkeypatch):
    heard = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        workers.run(lambda worker, piece: _thread.interrupt_main(), 1, 1, stop=None)
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard and set(heard) == {signal.SIGINT}


def test_runs_in_a_thread_that_is_not_the_main_one():
    tasks = Tasks()
    thread = threading.Thread(target=workers.run, args=(tasks, 20, 2), kwargs={"stop": tasks.stop})
    thread.start()
    thread.join(60)
    assert len(tasks.taken) == 20


def test_interrupts_share_a_flag_and_the_second_is_raised():
    with workers.Interrupts() as outer, workers.Interrupts() as inner:
        assert not outer.pending
        inner.check()
        signal.raise_signal(signal.SIGINT)
        assert outer.pending and inner.pending
        with pytest.raises(KeyboardInterrupt):
            outer.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


# --- crew -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [0, 1, 2, 50])
@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("patience", [0.0, 1e-3])
def test_each_part_is_done_exactly_once(monkeypatch, patience, size, parts):
    monkeypatch.setattr(workers, "PATIENCE", patience)
    with workers.Crew(size) as crew:
        for pause in (0, 0, 0.005):  # the last finds the crew asleep
            time.sleep(pause)
            done = []
            crew.each(done.append, parts)
            assert sorted(done) == list(range(parts))


def test_each_waits_for_the_last_part():
    with workers.Crew(2) as crew:
        first, done = threading.Event(), []

        def task(part):
            if part == 0:
                assert first.wait(60)
                time.sleep(0.01)
            first.set()
            done.append(part)

        crew.each(task, 2)
        assert sorted(done) == [0, 1]


@pytest.mark.parametrize("size", [1, 3])
def test_an_error_of_a_part_is_raised_and_the_crew_goes_on(size):
    def task(part):
        if part == 7:
            raise ValueError("part 7")

    with workers.Crew(size) as crew:
        for _ in range(2):
            with pytest.raises(ValueError, match="part 7"):
                crew.each(task, 20)
        done = []
        crew.each(done.append, 20)
        assert sorted(done) == list(range(20))


def test_blas_has_one_thread_inside_and_its_own_afterwards():
    import numpy as np

    assert np.ones(2) @ np.ones(2) == 2  # BLAS is loaded

    def threads():
        return [blas["num_threads"] for blas in threadpool_info() if blas["user_api"] == "blas"]

    before, inside = threads(), []
    workers.run(lambda worker, piece: inside.append(threads()), 1, 1, stop=None)
    with workers.Crew(2):
        inside.append(threads())
    assert all(set(some) <= {1} for some in inside)
    assert threads() == before


def test_runs_that_overlap_leave_blas_as_it_was():
    import numpy as np

    assert np.ones(2) @ np.ones(2) == 2

    def threads():
        return [blas["num_threads"] for blas in threadpool_info() if blas["user_api"] == "blas"]

    before, first, second = threads(), workers.Crew(1), workers.Crew(1)
    first.__exit__()
    assert set(threads()) <= {1}
    second.__exit__()
    assert threads() == before


LATE = """
from threadpoolctl import threadpool_info
from w2vext._threads import LONE_BLAS

def threads():
    return {blas["filepath"]: blas["num_threads"] for blas in threadpool_info()
            if blas["user_api"] == "blas"}

with LONE_BLAS:
    early = threads()
    import scipy.linalg.cython_blas
    unset = {path: n for path, n in threads().items() if path not in early}
    with LONE_BLAS:
        assert set(threads().values()) <= {1}, threads()
    assert set(threads().values()) <= {1}, threads()
after = threads()
assert all(after[path] == n for path, n in unset.items()), (unset, after)
"""


def test_a_blas_that_comes_late_has_one_thread_too():
    """scipy's is loaded by the first kernel that calls it, perhaps while another fit goes on."""
    package = Path(workers.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", LATE],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


# --- progress -------------------------------------------------------------------------------------


def test_progress_is_silent_where_stderr_is_no_terminal(capsys):
    with workers.Progress(10, "training", "word", 0) as bar:
        bar.to(5, loss="1.0")
    assert capsys.readouterr() == ("", "")


def test_progress_shows_the_facts_on_stderr(capsys):
    with workers.Progress(1000, "training", "word", 1) as bar:
        bar.to(1000, epoch=2, loss="1.2345")
    out, err = capsys.readouterr()
    assert out == ""
    assert "training: 100%" in err and "loss=1.2345" in err and "epoch=2" in err
    assert "tqdm" in sys.modules
