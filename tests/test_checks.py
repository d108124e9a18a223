"""The checkers that stay: ruff, mypy over the package, its stubs and a user's program.

Each is one item, skipped where its program is not installed; the extra [test] has them all.
"""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import w2vext


def run(module, *arguments, cwd, **how):
    if importlib.util.find_spec(module.split(".")[0]) is None:
        pytest.skip(f"{module} is not installed")
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **how)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """mypy's cache, so that the package and numpy's types are read once."""
    return tmp_path_factory.mktemp("mypy")


def test_ruff(project):
    done = run("ruff", "check", "--no-cache", ".", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the last numpy for it has older hints")
def test_mypy(project, cache):
    done = run("mypy", "--cache-dir", cache, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr


def package(project, how):
    """For mypy: where the package that is tested lies, if that is the project's folder."""
    in_place = Path(w2vext.__file__).parents[1] == project
    return {"env": {**os.environ, how: str(project)}} if in_place else {}


def test_a_users_program(project, cache, tmp_path):
    path = tmp_path / "user.py"
    text = (project / "tests" / "typed" / "user.py").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    wrong = {
        (number, match[1])
        for number, line in enumerate(text.splitlines(), 1)
        if (match := re.search(r"# E: ([\w-]+)$", line))
    }
    assert len(wrong) >= 10
    options = ["--strict", "--cache-dir", cache, "--config-file", ""]
    done = run("mypy", *options, path, cwd=tmp_path, **package(project, "MYPYPATH"))
    errors = re.findall(r"^user\.py:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE)
    assert {(int(line), code) for line, code in errors} == wrong, done.stdout + done.stderr


# What stubtest cannot see: Cython's classes are made by __new__, whose arguments it does not tell.
UNSEEN = r"is a disjoint base|You may need to write stubs for __new__"


def dotted(project, pattern):
    """The module names of the package's files that match."""
    files = (project / "w2vext").rglob(pattern)
    return {".".join(file.relative_to(project).with_suffix("").parts) for file in files}


def test_stubs_say_what_the_compiled_modules_have(project, tmp_path):
    names = sorted(dotted(project, "_*.pyi") - {"w2vext.__init__"})
    assert set(names) == dotted(project, "*.pyx")
    options = ["--ignore-missing-stub", "--concise"]
    done = run("mypy.stubtest", *names, *options, cwd=tmp_path, **package(project, "PYTHONPATH"))
    found = [line for line in done.stdout.splitlines() if line.startswith("w2vext.")]
    wrong = [line for line in found if not re.search(UNSEEN, line)]
    assert not wrong and "error:" not in done.stdout, done.stdout + done.stderr


def test_the_lazy_names_are_typed(project):
    """w2vext/__init__.pyi says to checkers what its table of homes says to Python."""
    homes = {}
    for node in ast.parse((project / "w2vext" / "__init__.pyi").read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module != "w2vext._version":
            homes |= {each.name: node.module.removeprefix("w2vext.") for each in node.names}
    assert homes == w2vext._HOMES
