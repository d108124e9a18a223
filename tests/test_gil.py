"""The compiled modules need no global lock: what each tells Python when it is imported.

Where Python has no such lock, importing a module that does not say so would bring it back.
"""

import ctypes
import importlib
import importlib.machinery
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path

import pytest

import w2vext

# From 3.13 on; a module's slots are (number, value) up to number 0.
PY_MOD_GIL, NOT_USED = 4, 1
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def compiled():
    suffixes = tuple(importlib.machinery.EXTENSION_SUFFIXES)
    folder = Path(w2vext.__file__).parent
    files = (path.name for path in folder.iterdir() if path.name.endswith(suffixes))
    return sorted({f"w2vext.{name.partition('.')[0]}" for name in files})


class Definition(ctypes.Structure):
    """PyModuleDef, of a Python that has the lock."""

    _fields_ = [
        ("base", ctypes.c_void_p * 5),
        ("name", ctypes.c_char_p),
        ("doc", ctypes.c_char_p),
        ("size", ctypes.c_ssize_t),
        ("methods", ctypes.c_void_p),
        ("slots", ctypes.POINTER(ctypes.c_void_p * 2)),
    ]


def slots(module):
    """{number: value} of what a module's definition says."""
    definition = ctypes.pythonapi.PyModule_GetDef
    definition.argtypes, definition.restype = [ctypes.py_object], ctypes.POINTER(Definition)
    found, at = {}, 0
    pairs = definition(module).contents.slots
    while (number := (pairs[at][0] or 0) & 0xFFFFFFFF) != 0:
        found[number] = pairs[at][1]
        at += 1
    return found


def test_there_are_compiled_modules():
    assert len(compiled()) >= 10


@pytest.mark.skipif(sys.version_info < (3, 13), reason="modules say so from Python 3.13 on")
@pytest.mark.skipif(FREE_THREADED, reason="this Python has no lock: it is asked itself")
@pytest.mark.parametrize("name", compiled())
def test_each_module_says_that_it_needs_no_lock(name):
    assert slots(importlib.import_module(name)).get(PY_MOD_GIL) == NOT_USED


@pytest.mark.skipif(not FREE_THREADED, reason="this Python has the lock")
def test_importing_all_of_it_brings_no_lock_back():
    names = ", ".join(compiled())
    code = f"import sys, {names}\nassert not sys._is_gil_enabled()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_importing_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in compiled():
            importlib.import_module(name)
