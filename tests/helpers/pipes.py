"""Pipes between a test and the code under test."""

import contextlib
import os

from helpers import waiting


@contextlib.contextmanager
def piped(data):
    """The path of a pipe from which the data can be read once."""
    read, write = os.pipe()

    def feed():
        with contextlib.suppress(BrokenPipeError), open(write, "wb") as file:
            file.write(data)

    writer = waiting.start(feed)
    try:
        yield f"/dev/fd/{read}"
    finally:
        os.close(read)
        waiting.join(writer)


@contextlib.contextmanager
def collected():
    """The path of a pipe to write to, and a list that receives what was written."""
    read, write = os.pipe()
    found = []

    def collect():
        with open(read, "rb") as file:
            found.append(file.read())

    reader = waiting.start(collect)
    try:
        yield f"/dev/fd/{write}", found
    finally:
        os.close(write)
        waiting.join(reader)
