"""The compiled modules under bounds checks and sanitizers: other tests, run in a debug build.

The build is made from a copy of the project. It needs a compiler with shared sanitizer libraries.
"""

import os
import subprocess
import sys

import pytest
from helpers import sanitized

pytestmark = pytest.mark.debug

# The tests that call the compiled modules most directly; each file is one test here.
FILES = [
    "test_corpus.py",
    "test_deterministic.py",
    "test_exact.py",
    "test_kernels.py",
    "test_loop.py",
    "test_minibatch.py",
    "test_number.py",
    "test_pairs.py",
    "test_phrases.py",
    "test_sampling.py",
    "test_selection.py",
    "test_softmax.py",
    "test_step.py",
    "test_subwords.py",
    "test_text.py",
    "test_training.py",
    "test_vocab.py",
]
# Functions with the faults that a debug build must find.
PLANTED = """
cimport cython


cdef void store(float[::1] values, Py_ssize_t i) noexcept nogil:
    values[i] = 1


def by_index(float[::1] values, Py_ssize_t i):
    with nogil:
        store(values, i)


def by_pointer(float[::1] values, Py_ssize_t i):
    cdef float *first = &values[0]
    first[i] = 1


def by_row(float[:, ::1] values, Py_ssize_t i):
    cdef float *first = &values[0, 0]
    first[i] = 1


def shifted(int value, int by):
    return value << by
"""
CALLS = """
import numpy as np
import pytest
from w2vext import _planted
from w2vext.training import run

def test_good():
    _planted.by_index(np.zeros(100, np.float32), 99)
    _planted.by_pointer(np.zeros(100, np.float32), 99)
    _planted.by_row(run.matrix(10, 16), 159)
    assert _planted.shifted(1, 3) == 8

def test_index():
    _planted.by_index(np.zeros(100, np.float32), 100)

def test_negative_index():
    _planted.by_index(np.zeros(100, np.float32), -1)

def test_pointer():
    _planted.by_pointer(np.zeros(100, np.float32), 100)

def test_matrix():
    _planted.by_row(run.matrix(10, 16), 160)

def test_shift():
    _planted.shifted(1, 40)
"""


@pytest.fixture(scope="module")
def debug_build(project, tmp_path_factory):
    """A function (arguments) that runs pytest in a copy of the project, built for debugging."""
    libraries = sanitized.libraries("1")
    copy = tmp_path_factory.mktemp("debug") / "w2vext"
    more = {"w2vext/_planted.pyx": PLANTED, "tests/test_planted.py": CALLS}
    sanitized.build(project, copy, "1", more)

    def run(*arguments):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["-s", "-p", "helpers.heap_matrices"]  # -s: show the output of the sanitizers
        command += ["-W", "error::pytest.PytestUnraisableExceptionWarning", *arguments]
        env = {
            **os.environ,
            "LD_PRELOAD": " ".join(libraries),
            "ASAN_OPTIONS": "detect_leaks=0",  # Python itself does not free everything
            "UBSAN_OPTIONS": "print_stacktrace=1",
            "PYTHONMALLOC": "malloc",  # so that the bounds of each object are checked
            "PYTHONPATH": str(copy / "tests"),
            "PYTEST_ADDOPTS": "",
        }
        return subprocess.run(
            command, cwd=copy, env=env, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize("file", FILES)
def test_no_fault_is_found(debug_build, file):
    done = debug_build(f"tests/{file}")
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]


def test_the_debug_build_works(debug_build):
    done = debug_build("tests/test_planted.py", "-k", "good")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "fault, message",
    [
        ("test_index", "IndexError: Out of bounds on buffer access"),
        ("test_negative_index", "IndexError: Out of bounds on buffer access"),
        ("test_pointer", "AddressSanitizer: heap-buffer-overflow"),
        ("test_matrix", "AddressSanitizer: heap-buffer-overflow"),
        ("test_shift", "runtime error: shift exponent 40 is too large"),
    ],
)
def test_a_planted_fault_is_found(debug_build, fault, message):
    done = debug_build(f"tests/test_planted.py::{fault}")
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
