"""Builds of the compiled modules under sanitizers, made from a copy of the project."""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

# Value of W2VEXT_DEBUG -> the shared libraries that must be loaded before Python, by compiler.
LIBRARIES = {
    "1": {
        "gcc": ["libasan.so", "libubsan.so"],
        "clang": ["libclang_rt.asan-x86_64.so", "libclang_rt.asan-aarch64.so"],
    },
    "thread": {
        "gcc": ["libtsan.so"],
        "clang": ["libclang_rt.tsan-x86_64.so", "libclang_rt.tsan-aarch64.so"],
    },
}


def libraries(kind):
    """The paths of the sanitizers' libraries; skips the test where there are none."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    if os.name != "posix" or sys.platform == "darwin" or not shutil.which(compiler[0]):
        pytest.skip("the debug tier needs Linux and a C compiler")
    for names in LIBRARIES[kind].values():
        command = [[*compiler, f"-print-file-name={name}"] for name in names]
        found = [subprocess.check_output(each, text=True).strip() for each in command]
        found = [path for path in found if Path(path).is_absolute()]
        if found:
            return found
    pytest.skip(f"{compiler[0]} has no shared libraries of this sanitizer")


def build(project, copy, kind, more):
    """Copy the project to a folder, add files ({path: text}), and build it in place.

    Parameters
    ----------
    kind : str
        The value of W2VEXT_DEBUG.
    """
    copy.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
    for name in ("w2vext", "csrc", "tests"):
        shutil.copytree(project / name, copy / name, ignore=ignored)
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(project / name, copy)
    for name, text in more.items():
        (copy / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "setup.py", "build_ext", "--inplace"],
        cwd=copy,
        env={**os.environ, "W2VEXT_DEBUG": kind},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
