"""The modules that are imported: import times would depend on the machine.

`import w2vext` does not import other packages. Training imports only NumPy, threadpoolctl and, for
kernels that call it, SciPy's BLAS. benchmarks/README.md has the times.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import w2vext
from w2vext.cli import COMMANDS

pytestmark = pytest.mark.slow

# Each of these takes longer to import than all of w2vext.
DEAR = {
    "IPython", "gensim", "joblib", "matplotlib", "ot", "pandas", "plotly", "polars", "pooch",
    "pyarrow", "scipy.sparse", "scipy.stats", "sklearn", "usearch",
}  # fmt: skip
# Modules that Cython creates do not have a file.
TELL = """
import json, sys
print(json.dumps([name for name, one in sys.modules.items() if getattr(one, "__file__", 1)]))
"""


def imported(code):
    """The modules that some code imports in a new interpreter."""

    def modules(code):
        path = str(Path(w2vext.__file__).parents[1])
        code = f"import sys; sys.path.insert(0, {path!r})\n{code}{TELL}"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, done.stderr
        return set(json.loads(done.stdout.splitlines()[-1]))

    return modules(code) - modules("pass")


def expensive(modules):
    return {name for name in DEAR if name in modules}


def packages(modules):
    """The packages that are not in the standard library."""
    tops = {name.partition(".")[0] for name in modules}
    ours = {"w2vext", *sys.stdlib_module_names}
    return {top for top in tops - ours if not top.startswith(("_cy", "cython", "_sysconfigdata"))}


def test_the_package():
    found = imported("import w2vext")
    assert packages(found) == set()
    assert {name for name in found if name.startswith("w2vext")} == {"w2vext"}
    assert len(found) <= 12


@pytest.mark.parametrize("code", ["main(['--help'])", "main(['--version'])", "main(['nothing'])"])
def test_the_command(code):
    found = imported(f"from w2vext.cli import main; {code}")
    assert packages(found) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command(name):
    """The parser does not need the modules with which the command does its work."""
    found = imported(f"from w2vext.cli import main; main([{name!r}, '--help'])")
    assert not expensive(found)  # SciPy may import other packages


def test_vectors_need_only_numpy():
    found = imported("from w2vext import KeyedVectors")
    assert packages(found) <= {"numpy", "threadpoolctl"}


@pytest.mark.parametrize(
    ("options", "blas"),
    [
        ([], False),
        (["--loss", "hs"], False),
        (["--kernel", "pair"], True),
        (["--loss", "softmax"], True),
    ],
)
def test_training_imports_what_its_kernel_needs(options, blas, tmp_path):
    (tmp_path / "text.txt").write_text("the cat sat on the mat\n" * 200, encoding="utf-8")
    arguments = ["train", "text.txt", "-o", "vectors.txt", "--vector-size", "4", "--workers", "1"]
    arguments += options
    code = f"import os; os.chdir({str(tmp_path)!r})\nfrom w2vext.cli import main; main({arguments})"
    found = imported(code)
    assert (tmp_path / "vectors.txt").exists()
    formats = {name for name in found if name.startswith("w2vext.formats.") and "._" not in name}
    assert formats == {"w2vext.formats.word2vec_text"}
    if blas:
        assert "scipy" in packages(found)
        assert expensive(found) <= expensive(imported("import scipy.linalg.cython_blas"))
    else:
        assert packages(found) == {"numpy", "threadpoolctl"}
        assert "numpy.ma" not in found


def test_expensive_packages_are_imported_on_demand():
    assert "sklearn" in imported("from w2vext import Word2Vec")
