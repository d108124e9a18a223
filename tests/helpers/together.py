"""Runs functions in threads at the same time."""

import threading


def run_together(tasks):
    """Call each task in a thread of its own, and raise the first error."""
    errors = []

    def call(task):
        try:
            task()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=call, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
