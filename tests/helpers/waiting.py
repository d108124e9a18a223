"""Waiting for threads and processes, with a limit after which the test fails."""

import contextlib
import threading

SECONDS = 300


def start(function, *arguments):
    """Call a function in a thread that does not keep the process alive; returns the thread."""
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def join(thread, seconds=SECONDS):
    """Wait for the end of a thread; None as limit waits forever."""
    thread.join(seconds)
    assert not thread.is_alive(), f"{thread.name} has not ended after {seconds} seconds"


def ended(process):
    """Wait for the end of a process; returns what it wrote to the pipes (stdout, stderr)."""
    try:
        return process.communicate(timeout=SECONDS)
    except BaseException:
        process.kill()
        raise


@contextlib.contextmanager
def limited(process):
    """Kill a process that has not ended in time, so that reading from its pipes ends."""
    timer = threading.Timer(SECONDS, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
