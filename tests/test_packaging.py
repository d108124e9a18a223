"""What is shipped: a source distribution with all that was written, a package without source.

Also which package the tests test: the installed one, unless the folder was built in place.
"""

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

NEVER_SHIPPED = {"__pycache__", "build", "dist", ".git"}
COMPILED = {".so", ".pyd", ".o", ".pyc"}


def written(project):
    """Every file that a person wrote, as posix paths relative to the project."""
    for name in ("w2vext", "csrc", "tests", "docs", "benchmarks", "examples", ".ci", ".github"):
        for path in (project / name).rglob("*"):
            hidden = NEVER_SHIPPED & set(path.relative_to(project).parts)
            if path.is_file() and not hidden and path.suffix not in COMPILED:
                yield path.relative_to(project).as_posix()
    for name in ("README.md", "LICENSE", "CHANGELOG.md", "MANIFEST.in", "setup.py"):
        yield name
    yield "pyproject.toml"


@pytest.fixture(scope="module")
def sdist(project, tmp_path_factory):
    """The names in a source distribution built from a copy of the project."""
    folder = tmp_path_factory.mktemp("sdist")
    copy = folder / "w2vext"
    ignored = shutil.ignore_patterns(
        ".git", "dist", "*.egg-info", "__pycache__", ".*_cache", "lib.*"
    )
    shutil.copytree(project, copy, ignore=ignored)  # build/cython comes along: it is up to date
    done = subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", folder, copy],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (archive,) = folder.glob("*.tar.gz")
    assert archive.name == f"w2vext-{w2vext.__version__}.tar.gz"
    with tarfile.open(archive) as tar:
        return {name.partition("/")[2] for name in tar.getnames()}


def test_sdist_holds_all_that_was_written(project, sdist):
    missing = set(written(project)) - sdist
    assert not missing, f"not in the source distribution: {sorted(missing)}; see MANIFEST.in"


def test_sdist_holds_nothing_that_was_made(project, sdist):
    made = {"", "PKG-INFO", "setup.cfg"}
    files = {name for name in sdist if Path(name).suffix or name in {"LICENSE", ".ci/run"}}
    other = {name for name in files - set(written(project)) - made if ".egg-info" not in name}
    assert not other, f"in the source distribution without being source: {sorted(other)}"


def installed():
    """The files of the installed package, or a skip where it was built in place."""
    if any(Path(w2vext.__file__).parent.rglob("*.pyx")):
        pytest.skip("built in place: nothing is installed")
    return [str(path) for path in importlib.metadata.files("w2vext")]


def test_the_wheel_holds_no_source():
    sources = [name for name in installed() if re.search(r"\.(pyx|pxd|c|h|o)$", name)]
    assert not sources


def test_the_wheel_holds_every_module(project):
    files = set(installed())
    modules = {name for name in written(project) if re.match(r"w2vext/.*\.(py|css|html|js)$", name)}
    assert modules - files == set()
    assert "w2vext/py.typed" in files
    for pyx in (project / "w2vext").rglob("*.pyx"):
        stem = pyx.relative_to(project).with_suffix("").as_posix()
        assert any(re.match(rf"{stem}\.[^/]*(so|pyd)$", name) for name in files), pyx


def test_metadata():
    if any(Path(w2vext.__file__).parent.rglob("*.pyx")):
        pytest.skip("built in place: nothing is installed")
    facts = importlib.metadata.metadata("w2vext")
    assert facts["Version"] == w2vext.__version__
    assert facts["License-Expression"] == "Apache-2.0"
    assert "w2vext" in {
        entry.name for entry in importlib.metadata.entry_points(group="console_scripts")
    }


# ---- which package is tested

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
    """`python -m pytest` has the project folder on its path, `pytest` has not; both agree."""
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
    # -P keeps -c from adding the folder that a console script would not add (3.11 and later).
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
