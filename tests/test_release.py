"""A release: one version, a tag that must be equal to it, workflows that are well formed.

Also that the Pythons agree which pyproject.toml, the wheels and the workflows name.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys

import pytest

import w2vext

yaml = pytest.importorskip("yaml")


@pytest.fixture(scope="module")
def workflows(project):
    files = sorted((project / ".github" / "workflows").glob("*.yml"))
    assert files
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in files}


@pytest.fixture(scope="module")
def settings(project):
    return (project / "pyproject.toml").read_text(encoding="utf-8")


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def version(project, *tag):
    if shutil.which("bash") is None:
        pytest.skip("no bash")
    command = ["bash", str(project / ".ci" / "version"), *tag]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_version_stands_in_one_place(project, settings):
    assert 'version = { attr = "w2vext._version.__version__" }' in settings
    assert version(project).stdout.strip() == w2vext.__version__
    assert re.search(rf"^## {re.escape(w2vext.__version__)} ", (project / "CHANGELOG.md").read_text(
        encoding="utf-8"), re.MULTILINE)  # fmt: skip


@pytest.mark.parametrize("tag", ["v9.9.9", w2vext.__version__, f"v{w2vext.__version__}.1", ""])
def test_another_tag_is_refused(project, tag):
    done = version(project, tag)
    assert done.returncode == 1 and w2vext.__version__ in done.stderr


def test_a_tag_is_the_version(project, workflows):
    assert version(project, f"v{w2vext.__version__}").returncode == 0
    assert any(".ci/version" in step.get("run", "") for step in steps(workflows["release"]))


def test_a_tag_of_this_commit_is_the_version(project):
    if not (project / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no checkout")
    command = ["git", "tag", "--points-at", "HEAD", "v*"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) <= {f"v{w2vext.__version__}"}


def test_the_pythons_agree(settings, workflows):
    told = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', settings)
    wheels = re.search(r'^build = "(.*)"$', settings, re.MULTILINE)[1]
    assert workflows["test"]["jobs"]["tests"]["strategy"]["matrix"]["python"] == told
    assert wheels.split() == [*(f"cp{each.replace('.', '')}-*" for each in told), "cp314t-*"]
    assert re.search(r'^requires-python = ">=(.*)"$', settings, re.MULTILINE)[1] == told[0]


def test_the_readmes_command_is_what_is_run(project, workflows):
    command = "pip install '.[test]' && pytest"
    assert command in (project / "README.md").read_text(encoding="utf-8").splitlines()
    assert any(step.get("run") == command for step in steps(workflows["test"]))


def test_publishing_waits_for_every_build(workflows):
    jobs = workflows["release"]["jobs"]
    assert set(jobs["publish"]["needs"]) == {"wheels", "sdist"}
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert jobs["publish"]["if"] == "github.ref_type == 'tag'"
    assert all(jobs[name]["needs"] == "version" for name in ("wheels", "sdist"))


def test_the_tests_of_the_wheels_exist(project, settings):
    command = re.search(r'^test-command = """\n(.*?)^"""', settings, re.DOTALL | re.MULTILINE)[1]
    named = re.findall(r"\{project\}/(\S+?)\\?\s", command)
    assert len(named) > 10
    assert [name for name in named if not (project / name).is_file()] == []


def test_every_command_of_a_workflow_is_there(project, workflows):
    for workflow in workflows.values():
        for step in steps(workflow):
            for script in re.findall(r"\.ci/\w+", step.get("run", "")):
                assert os.access(project / script, os.X_OK), script


def test_workflows_fit_their_schema(project):
    if importlib.util.find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed")
    files = sorted((project / ".github" / "workflows").glob("*.yml"))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    command += ["vendor.github-workflows", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
def test_the_wheels_of_a_system(project, system):
    """As cibuildwheel reads pyproject.toml; nothing is built."""
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
