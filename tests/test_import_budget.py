"""What is imported when: counted in modules, since seconds depend on the machine.

`import w2vext` brings no other package, training none beyond numpy, threadpoolctl and, for kernels
that call it, scipy's BLAS; the seconds that this takes stand in benchmarks/README.md.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import w2vext
from w2vext.cli import COMMANDS

pytestmark = pytest.mark.slow

# Each takes longer to import than everything of ours.
DEAR = {
    "IPython", "gensim", "joblib", "matplotlib", "ot", "pandas", "plotly", "polars", "pooch",
    "pyarrow", "scipy.sparse", "scipy.stats", "sklearn", "usearch",
}  # fmt: skip
# What Cython's modules enter for themselves has no file.
TELL = """
import json, sys
print(json.dumps([name for name, one in sys.modules.items() if getattr(one, "__file__", 1)]))
"""


def imported(code):
    """The modules that a fresh interpreter has after some code, beyond those it begins with."""

    def modules(code):
        path = str(Path(w2vext.__file__).parents[1])
        code = f"import sys; sys.path.insert(0, {path!r})\n{code}{TELL}"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return set(json.loads(done.stdout.splitlines()[-1]))

    return modules(code) - modules("pass")


def dear(modules):
    return {name for name in DEAR if name in modules}


def packages(modules):
    """The packages beside the standard library's."""
    tops = {name.partition(".")[0] for name in modules}
    ours = {"w2vext", *sys.stdlib_module_names}
    return {top for top in tops - ours if not top.startswith(("_cy", "cython", "_sysconfigdata"))}


def test_the_package_alone():
    found = imported("import w2vext")
    assert packages(found) == set()
    assert {name for name in found if name.startswith("w2vext")} == {"w2vext", "w2vext._version"}
    assert len(found) <= 12


@pytest.mark.parametrize("code", ["main(['--help'])", "main(['--version'])", "main(['nothing'])"])
def test_the_command_alone(code):
    found = imported(f"from w2vext.cli import main; {code}")
    assert packages(found) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command(name):
    """Its parser is made, and nothing is imported that only its work needs."""
    found = imported(f"from w2vext.cli import main; main([{name!r}, '--help'])")
    assert not dear(found)  # scipy brings what it likes beside


def test_vectors_need_numpy_alone():
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
def test_training_brings_what_its_kernel_needs(options, blas, tmp_path):
    (tmp_path / "text.txt").write_text("the cat sat on the mat\n" * 200, encoding="utf-8")
    arguments = ["train", "text.txt", "-o", "vectors.txt", "--vector-size", "4", "--workers", "1"]
    arguments += options
    code = f"import os; os.chdir({str(tmp_path)!r})\nfrom w2vext.cli import main; main({arguments})"
    found = imported(code)
    assert (tmp_path / "vectors.txt").exists()
    if blas:
        assert "scipy" in packages(found)
        assert dear(found) <= dear(imported("import scipy.linalg.cython_blas"))
    else:
        assert packages(found) == {"numpy", "threadpoolctl"}


def test_dear_packages_come_when_they_are_asked_for():
    assert "sklearn" in imported("from w2vext import Word2Vec")
