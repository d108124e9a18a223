"""Pipes between a test and the code under test."""

import contextlib
import os
import threading


@contextlib.contextmanager
def piped(data):
    """The path of a pipe from which the data can be read once."""
    read, write = os.pipe()

    def feed():
        with contextlib.suppress(BrokenPipeError), open(write, "wb") as file:
            file.write(data)

    writer = threading.Thread(target=feed)
    writer.start()
    try:
        yield f"/dev/fd/{read}"
    finally:
        os.close(read)
        writer.join()


@contextlib.contextmanager
def collected():
    """The path of a pipe to write to, and a list that receives what was written."""
    read, write = os.pipe()
    found = []

    def collect():
        with open(read, "rb") as file:
            found.append(file.read())

    reader = threading.Thread(target=collect)
    reader.start()
    try:
        yield f"/dev/fd/{write}", found
    finally:
        os.close(write)
        reader.join()
