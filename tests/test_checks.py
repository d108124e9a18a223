"""Static checks: ruff, and mypy over the package, its stubs and a user's program.

A test is skipped if its program is not installed; the extra [dev] has all of them.
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

pytestmark = pytest.mark.packaging


def run(module, *arguments, cwd, **options):
    if importlib.util.find_spec(module.split(".")[0]) is None:
        pytest.skip(f"{module} is not installed")
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **options)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache for mypy, so that it reads the types of the package and NumPy only once."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff(project, command):
    done = run("ruff", *command, "--no-cache", ".", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(sys.version_info < (3, 11), reason="NumPy for 3.10 has other type hints")
def test_mypy(project, cache):
    done = run("mypy", "--cache-dir", cache, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr


def package(project, variable):
    """Options for `run`: the variable names the project's folder if the package is built there."""
    in_place = Path(w2vext.__file__).parents[1] == project
    return {"env": {**os.environ, variable: str(project)}} if in_place else {}


def test_users_program(project, cache, tmp_path):
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


# stubtest does not find the arguments of Cython's classes, which only have __new__.
UNSEEN = r"is a disjoint base|You may need to write stubs for __new__"


def dotted(project, pattern):
    """The module names of the package's files that match a pattern."""
    files = (project / "w2vext").rglob(pattern)
    return {".".join(file.relative_to(project).with_suffix("").parts) for file in files}


def test_stubs_agree_with_the_compiled_modules(project, tmp_path):
    stubs = dotted(project, "_*.pyi")
    names = sorted(name for name in stubs if not name.endswith(".__init__"))
    assert set(names) == dotted(project, "*.pyx")
    options = ["--ignore-missing-stub", "--concise"]
    done = run("mypy.stubtest", *names, *options, cwd=tmp_path, **package(project, "PYTHONPATH"))
    found = [line for line in done.stdout.splitlines() if line.startswith("w2vext.")]
    wrong = [line for line in found if not re.search(UNSEEN, line)]
    assert not wrong and "error:" not in done.stdout, done.stdout + done.stderr


def test_lazy_names_are_typed(project):
    """w2vext/__init__.pyi and the table of modules in w2vext/__init__.py agree."""
    homes = {}
    for node in ast.parse((project / "w2vext" / "__init__.pyi").read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module != "w2vext":
            homes |= {each.name: node.module.removeprefix("w2vext.") for each in node.names}
    assert homes == w2vext._HOMES
