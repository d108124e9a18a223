"""Counting, encoding, queries and deterministic training under the thread sanitizer."""

import os
import platform
import re
import subprocess
import sys

import pytest
from helpers import races, sanitized

pytestmark = pytest.mark.debug

# Updates of the two matrices may race. The code that reads or writes rows is in these files.
MATRICES = re.compile(
    r"csrc/(step|loss|rows|sigmoid)\w*\.[ch]|kernels/_\w+|scipy_openblas|cython_blas"
)


# Only this package is compiled with the sanitizer, which does not see all accesses of libraries.
OURS = re.compile(r"build/cython/|csrc/|w2vext/")


def reports_of(text):
    """The sanitizer's reports about this package, each with its stacks of calls."""
    found = re.findall(r"WARNING: ThreadSanitizer: .*?(?=\n={18}\n)", text, re.DOTALL)
    return [each for each in found if OURS.search(each.partition("\n  Thread ")[0])]


def places(report):
    """The innermost line of each of the two accesses of a report, as far as they are known."""
    return re.findall(r"^    #0 (.+)$", report.partition("\n  Thread ")[0], re.MULTILINE)[:2]


@pytest.fixture(scope="module")
def run(project, tmp_path_factory):
    """A function (scenario) -> (its process, the reports)."""
    libraries = sanitized.libraries("thread")
    copy = tmp_path_factory.mktemp("races") / "w2vext"
    sanitized.build(project, copy, "thread", {})

    def run(scenario):
        folder = tmp_path_factory.mktemp(scenario)
        # The sanitizer needs fixed addresses.
        command = ["setarch", platform.machine(), "-R", sys.executable]
        done = subprocess.run(
            [*command, copy / "tests" / "helpers" / "races.py", scenario, folder],
            env={
                **os.environ,
                "LD_PRELOAD": " ".join(libraries),
                "TSAN_OPTIONS": "exitcode=0 history_size=4 second_deadlock_stack=1",
                "OPENBLAS_NUM_THREADS": "1",
                "PYTHONPATH": "",
            },
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if "unexpected memory mapping" in done.stderr or "Operation not permitted" in done.stderr:
            pytest.skip("the thread sanitizer does not run here: " + done.stderr[-200:])
        assert done.returncode == 0 and done.stdout == "done\n", done.stderr[-5000:]
        return reports_of(done.stderr)

    return run


@pytest.mark.parametrize("scenario", races.SCENARIOS)
def test_no_race_is_found(run, scenario):
    reports = run(scenario)
    assert not reports, reports[0]


def test_a_race_is_found_where_there_is_one(run):
    """Training without locks: races of the matrices' numbers, and of nothing else."""
    reports = run("hogwild")
    assert reports
    others = [each for each in reports if not all(map(MATRICES.search, places(each)))]
    assert not others, f"{len(others)} of {len(reports)}: " + others[0]
