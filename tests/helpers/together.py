"""Runs functions in threads at the same time."""

import math
import time

from helpers import waiting


def run_together(tasks, seconds=waiting.SECONDS):
    """Call each task in a thread of its own, and raise the first error or that of the limit.

    None as limit waits forever.
    """
    errors = []

    def call(task):
        try:
            task()
        except BaseException as error:
            errors.append(error)

    threads = [waiting.start(call, task) for task in tasks]
    end = time.monotonic() + (math.inf if seconds is None else seconds)
    while any(thread.is_alive() for thread in threads) and time.monotonic() < end:
        if errors:  # the others may wait for this task
            raise errors[0]
        time.sleep(0.002)
    if errors:
        raise errors[0]
    for thread in threads:
        waiting.join(thread, 0)
