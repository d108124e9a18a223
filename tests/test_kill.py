"""Processes killed while they save or train; tests/kill.py kills more of them.

W2VEXT_KILLS sets how many are killed.
"""

import os

import kill
import pytest
from helpers import writers

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.filterwarnings("ignore"),
]


def test_a_killed_save_leaves_the_old_or_the_new_file(capsys):
    count = int(os.environ.get("W2VEXT_KILLS", 56))
    assert kill.main(["--kills", str(count), "--seed", "14"]) == 0, capsys.readouterr().out
    assert f"{count:,} kills, 0 faults" in capsys.readouterr().out


@pytest.mark.parametrize("fault", ["half", "left"])
def test_a_planted_fault_is_found(fault, capsys, monkeypatch):
    """A writer that overwrites the file in place, or whose temporary file nobody removes."""

    def make(n, salt):
        def write(path):
            stray = path.parent / f".w2vext-{os.getpid()}.txt"
            there = stray if fault == "left" else path
            with open(there, "wb", buffering=0) as file:
                for _ in range(20_000):
                    file.write(b"%d" % salt)
            if fault == "left":
                stray.rename(path)

        return write

    monkeypatch.setitem(writers.WRITERS, "planted", ("file.txt", make))
    assert kill.main(["--kills", "20", "--writer", "planted", "--seed", "3"]) == 1
    what = {"half": "neither the old nor the new", "left": "the next save left"}
    assert what[fault] in capsys.readouterr().out
