"""Readers with the faults that tests/fuzz.py must find, for tests/test_fuzz.py."""

import os
import signal

from helpers.readers import Accepted, Reader

CONTENT = b"sound content of a file"


def planted(act):
    """A reader of one file that does `act` for every damage."""

    def make(folder):
        path = folder / "f"
        path.write_bytes(CONTENT)

        def read(path, draw):
            if path.read_bytes() != CONTENT:
                act(path)

        return Reader(seeds=[(path, [path])], read=read)

    return make


def crash(path):
    os.kill(os.getpid(), signal.SIGSEGV)


def hang(path):
    while True:
        pass


def wrong_type(path):
    {}["key"]


def no_file_name(path):
    raise ValueError("something is wrong")


def accepted(path):
    raise Accepted("nan")


def memory(path):
    len(b"x" * (200 << 20))


def named(path):
    raise ValueError(f"{path}: something is wrong")


READERS = {
    "crash": planted(crash),
    "hang": planted(hang),
    "wrong type": planted(wrong_type),
    "no file name": planted(no_file_name),
    "accepted": planted(accepted),
    "memory": planted(memory),
    "sound": planted(named),
}
