"""Releases: the version, the tag that must be equal to it, and the workflows."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys

import pytest

import w2vext

yaml = pytest.importorskip("yaml")

pytestmark = pytest.mark.packaging

# Each is checked by the schema of that name.
SCHEMAS = {
    "CITATION.cff": "citation-file-format",
    ".github/dependabot.yml": "dependabot",
    ".github/ISSUE_TEMPLATE/bug.yml": "github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "github-issue-config",
    ".github/ISSUE_TEMPLATE/feature.yml": "github-issue-forms",
    ".github/workflows/release.yml": "github-workflows",
    ".github/workflows/test.yml": "github-workflows",
}


@pytest.fixture(scope="module")
def workflows(project):
    files = sorted((project / ".github" / "workflows").glob("*.yml"))
    assert files
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in files}


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def version(project, *tag):
    if shutil.which("bash") is None:
        pytest.skip("no bash")
    command = ["bash", str(project / ".ci" / "version"), *tag]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_version_is_the_same_everywhere(project):
    assert version(project).stdout.strip() == w2vext.__version__
    for name, pattern in (
        ("CHANGELOG.md", rf"^## {re.escape(w2vext.__version__)} "),
        ("CITATION.cff", rf"^version: {re.escape(w2vext.__version__)}$"),
    ):
        text = (project / name).read_text(encoding="utf-8")
        assert re.search(pattern, text, re.MULTILINE), name


@pytest.mark.parametrize("tag", ["v9.9.9", w2vext.__version__, f"v{w2vext.__version__}.1", ""])
def test_another_tag_is_an_error(project, tag):
    done = version(project, tag)
    assert done.returncode == 1 and w2vext.__version__ in done.stderr


def test_release_checks_its_tag(project, workflows):
    assert version(project, f"v{w2vext.__version__}").returncode == 0
    assert any(".ci/version" in step.get("run", "") for step in steps(workflows["release"]))


def test_tag_of_this_commit_is_the_version(project):
    if not (project / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    command = ["git", "tag", "--points-at", "HEAD", "v*"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) <= {f"v{w2vext.__version__}"}


def test_every_python_that_is_offered_is_tested(project, workflows):
    settings = (project / "pyproject.toml").read_text(encoding="utf-8")
    offered = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', settings)
    assert offered
    assert workflows["test"]["jobs"]["tests"]["strategy"]["matrix"]["python"] == offered
    assert re.search(r'^requires-python = ">=(.*)"$', settings, re.MULTILINE)[1] == offered[0]


def test_publishing_waits_for_every_build(workflows):
    jobs = workflows["release"]["jobs"]
    assert set(jobs["publish"]["needs"]) == {"wheels", "sdist"}
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert jobs["publish"]["if"] == "github.ref_type == 'tag'"
    assert all(jobs[name]["needs"] == "version" for name in ("wheels", "sdist"))


def test_scripts_of_workflows_are_executable(project, workflows):
    for workflow in workflows.values():
        for step in steps(workflow):
            for script in re.findall(r"\.ci/\w+", step.get("run", "")):
                assert os.access(project / script, os.X_OK), script


@pytest.mark.parametrize("name", SCHEMAS)
def test_file_fits_its_schema(project, name):
    if importlib.util.find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    command += [f"vendor.{SCHEMAS[name]}", str(project / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
def test_list_of_wheels(project, system):
    """The wheels that cibuildwheel would build; nothing is built."""
    if importlib.util.find_spec("cibuildwheel") is None:
        pytest.skip("cibuildwheel is not installed")
    command = [sys.executable, "-m", "cibuildwheel", "--print-build-identifiers"]
    command += ["--platform", system, "--archs", "all", str(project)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = set(done.stdout.split())
    parts = {
        "linux": ["manylinux_x86_64", "manylinux_aarch64"],
        "macos": ["macosx_x86_64", "macosx_arm64"],
        "windows": ["win_amd64"],
    }[system]
    for python in ("cp310", "cp311", "cp312", "cp313", "cp314", "cp314t"):
        assert {f"{python}-{part}" for part in parts} <= found
    assert not [name for name in found if "musl" in name or name.endswith(("i686", "win32"))]
