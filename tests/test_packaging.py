"""The source distribution, the installed package, and which package the tests import."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import w2vext

pytestmark = pytest.mark.packaging

FOLDERS = ("w2vext", "csrc", "tests", "docs", "benchmarks", "examples", ".ci", ".github")
GENERATED_FOLDERS = {"__pycache__", "build", "dist", ".git"}
GENERATED = {".so", ".pyd", ".o", ".pyc"}


def written(project):
    """Every source file, as POSIX paths relative to the project."""
    for path in (path for name in FOLDERS for path in (project / name).rglob("*")):
        hidden = GENERATED_FOLDERS & set(path.relative_to(project).parts)
        if path.is_file() and not hidden and path.suffix not in GENERATED:
            yield path.relative_to(project).as_posix()
    for pattern in ("*.md", "*.cff", "*.toml", "*.in", "setup.py", "LICENSE", ".git?*", ".pre*"):
        yield from (path.name for path in project.glob(pattern) if path.is_file())


@pytest.fixture(scope="module")
def sdist(project, tmp_path_factory):
    """The names of the files in a source distribution, built from a copy of the project."""
    folder = tmp_path_factory.mktemp("sdist")
    copy = folder / "w2vext"
    ignored = shutil.ignore_patterns(
        ".git", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", "*.so"
    )
    shutil.copytree(project, copy, ignore=ignored)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", folder, copy],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (archive,) = folder.glob("*.tar.gz")
    assert archive.name == f"w2vext-{w2vext.__version__}.tar.gz"
    with tarfile.open(archive) as tar:
        return {member.name.partition("/")[2] for member in tar if member.isfile()}


def test_sdist_has_every_source_file(project, sdist):
    missing = set(written(project)) - sdist
    assert not missing, f"not in the source distribution: {sorted(missing)}; see MANIFEST.in"


def test_sdist_has_no_generated_file(project, sdist):
    made = {"PKG-INFO", "setup.cfg"}
    other = {name for name in sdist - set(written(project)) - made if ".egg-info" not in name}
    assert not other, f"not a source file, but in the source distribution: {sorted(other)}"


def installed():
    """The files of the installed package, or a skip if it is built in place."""
    if any(Path(w2vext.__file__).parent.rglob("*.pyx")):
        pytest.skip("the package is built in place, not installed")
    return [str(path) for path in importlib.metadata.files("w2vext")]


def test_wheel_has_no_source():
    sources = [name for name in installed() if re.search(r"\.(pyx|pxd|c|h|o)$", name)]
    assert not sources


def test_wheel_has_every_module(project):
    files = set(installed())
    modules = {name for name in written(project) if re.match(r"w2vext/.*\.(py|css|html|js)$", name)}
    assert modules - files == set()
    assert "w2vext/py.typed" in files
    for pyx in (project / "w2vext").rglob("*.pyx"):
        stem = pyx.relative_to(project).with_suffix("").as_posix()
        assert any(re.match(rf"{stem}\.[^/]*(so|pyd)$", name) for name in files), pyx


def test_metadata():
    installed()
    facts = importlib.metadata.metadata("w2vext")
    assert facts["Version"] == w2vext.__version__
    assert facts["License-Expression"] == "Apache-2.0"
    assert "w2vext" in {
        entry.name for entry in importlib.metadata.entry_points(group="console_scripts")
    }


# --- the package that the tests import

PROBE = """
import os
import w2vext

def test_origin():
    assert w2vext.ORIGIN == os.environ["EXPECTED"]
"""


@pytest.mark.parametrize(
    "runner", [["-m", "pytest"], ["-c", "import pytest; pytest.console_main()"]]
)
@pytest.mark.parametrize("expected", ["installed", "in place"])
def test_which_package_is_tested(runner, expected, project, tmp_path):
    """The same with `python -m pytest`, which adds the project folder to the path, and `pytest`."""
    for place, origin in (("site", "installed"), ("project", "in place")):
        (tmp_path / place / "w2vext").mkdir(parents=True)
        (tmp_path / place / "w2vext" / "__init__.py").write_text(f"ORIGIN = {origin!r}\n")
    home = tmp_path / "project"
    if expected == "in place":
        (home / "w2vext" / "kernels").mkdir()
        (home / "w2vext" / "kernels" / "_dispatch.some-platform.so").touch()
    (home / "tests").mkdir()
    shutil.copy(project / "tests" / "conftest.py", home / "tests")
    shutil.copy(project / "pyproject.toml", home)
    (home / "tests" / "test_probe.py").write_text(PROBE)
    # With -P, -c does not add the current folder to the path, like a console script.
    flags = ["-P"] if runner[0] == "-c" and sys.version_info >= (3, 11) else []
    done = subprocess.run(
        [sys.executable, *flags, *runner, "-q", "-p", "no:cacheprovider"],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site"), "EXPECTED": expected},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
