"""Runs functions in threads at the same time."""

from helpers import waiting


def run_together(tasks, seconds=waiting.SECONDS):
    """Call each task in a thread of its own, and raise the first error or that of the limit."""
    errors = []

    def call(task):
        try:
            task()
        except BaseException as error:
            errors.append(error)

    for thread in [waiting.start(call, task) for task in tasks]:
        waiting.join(thread, seconds)
    if errors:
        raise errors[0]
