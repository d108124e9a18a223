"""The compiled modules declare that they do not need the GIL.

On free-threaded Python, importing a module without this declaration would enable the GIL.
"""

import importlib
import importlib.machinery
import re
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path

import pytest

import w2vext

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def compiled():
    suffixes = tuple(importlib.machinery.EXTENSION_SUFFIXES)
    folder = Path(w2vext.__file__).parent
    files = (path for path in folder.rglob("*") if path.name.endswith(suffixes))
    places = (path.relative_to(folder.parent) for path in files)
    return sorted({".".join([*p.parent.parts, p.name.partition(".")[0]]) for p in places})


def test_there_are_compiled_modules():
    assert len(compiled()) >= 10


def test_the_generated_c_declares_it(project):
    """Python with the GIL ignores the declaration, so the test looks for it in the C code."""
    texts = sorted((project / "build" / "cython" / "w2vext").rglob("_*.c"))
    if not texts:
        pytest.skip("nothing was built in this folder")
    for path in texts:
        text = path.read_text(encoding="utf-8")
        # Up to Cython 3.2 the module's slot has the value, later a macro.
        values = re.findall(r"\{Py_mod_gil, (?!__Pyx)(\w+)|#define __Pyx_FREE\w+ (\w+)", text)
        assert values and "".join(values[-1]) == "Py_MOD_GIL_NOT_USED", path.name


@pytest.mark.skipif(not FREE_THREADED, reason="this Python has the GIL")
def test_importing_everything_does_not_enable_the_gil():
    names = ", ".join(compiled())
    code = f"import sys, {names}\nassert not sys._is_gil_enabled()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr


def test_importing_emits_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in compiled():
            importlib.import_module(name)
