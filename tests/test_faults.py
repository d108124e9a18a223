"""Saving while calls fail or the disk is full: the old file is kept, and the error names the file.

tests/faults.py makes the faults.
"""

import json

import faults
import pytest
from helpers import failing, writers

# Every save opens, writes, syncs and renames files.
QUICK = ("open", "write", "full disk", "fsync", "rename", "full")


def check(answer, least=1, writers=25):
    """Check that no writer has a fault in at least the given number of cases."""
    wrong = {name: each for name, (_, each) in answer.items() if each}
    assert not wrong, json.dumps(wrong, indent=1)
    assert len(answer) >= writers and min(count for count, _ in answer.values()) >= least


def run(folder, *kinds, options=()):
    try:
        return faults.run(kinds, folder, *options)
    except faults.Missing as why:
        pytest.skip(str(why))


FEW = ["word2vec.gz", "native", "npz", "projector", "model2vec"]
ONLY = [each for name in FEW for each in ("--writer", name)]


@pytest.mark.slow
def test_a_save_that_fails_leaves_the_old_file(tmp_path):
    answer = run(tmp_path, *QUICK, options=ONLY)
    for kind in QUICK:
        check(answer[kind], writers=len(FEW))


@pytest.mark.slow
def test_every_save_that_fails_leaves_the_old_file(tmp_path):
    answer = run(tmp_path, *QUICK)
    for kind in QUICK:
        check(answer[kind])


@pytest.mark.slow
def test_a_save_without_memory(tmp_path):
    """Every request for memory fails once while these formats are written."""
    answer = run(tmp_path, "malloc", "mmap", options=ONLY)
    for kind, least in (("malloc", 10), ("mmap", 0)):
        check(answer[kind], least, len(FEW))


@pytest.mark.slow
def test_every_save_without_memory(tmp_path):
    """Some requests for memory of every writer fail, from the first to the last."""
    check(run(tmp_path, "malloc", options=("--most", "4"))["malloc"], 3)


@pytest.mark.slow
def test_a_full_file_system(tmp_path):
    """A real one, where this process may mount it."""
    check(run(tmp_path, "tmpfs")["tmpfs"])


@pytest.mark.parametrize("fault", ["lost", "unnamed", "left"])
def test_a_planted_fault_is_found(fault, tmp_path):
    """A writer that empties the old file, hides the name, or leaves its temporary file."""

    class Broken(writers.Target):
        def __init__(self):
            self.name, self.folder, self.path = "broken", tmp_path / "b", tmp_path / "b" / "f"
            self.folder.mkdir()
            self.path.write_text("old")
            self._wanted = {"old": {"f": b"old"}, "new": {"f": b"new"}}

        def save(self, version):
            if fault == "left":
                (self.folder / ".w2vext-0.tmp").write_text("half")
            if version == "new" and fault != "left":
                if fault == "lost":
                    self.path.write_text("")
                raise OSError(28, "full", "elsewhere" if fault == "unnamed" else str(self.path))
            self.path.write_text(version)

    target = Broken()
    found = failing.attempt(target, lambda: None, lambda: 0)
    wrong = failing.verdict(target, found)
    expected = {"lost": "neither the old", "unnamed": "no file name", "left": None}[fault]
    if expected is None:
        assert wrong is None
        wrong, expected = failing.cleaned(target), "the next save left"
    assert expected in wrong
