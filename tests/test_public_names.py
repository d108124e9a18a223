"""Public names: each package says what users may import, and examples and pages import no more.

docs/architecture.md has the rule, and test_docstrings.py checks the docstrings against numpydoc.
"""

import ast
import inspect
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from helpers import pages

import w2vext

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = Path(w2vext.__file__).parent
INTERNAL = {"cli", "kernels", "text", "training"}
OTHERS = {"_catalog"}  # of gettext, which has no public way to list the messages of a file
# These pages are for developers of the package; their blocks are parts of its source.
FOR_DEVELOPERS = ("docs/extending/", "docs/CONTRIBUTING.md")


def top_level():
    """The packages and modules of w2vext whose names have no underscore."""
    folders = {path.parent.name for path in PACKAGE.glob("[!_]*/__init__.py")}
    return sorted(folders | {path.stem for path in PACKAGE.glob("[!_]*.py")})


def documented():
    """The modules inside packages that the pages of the reference describe."""
    text = "".join(p.read_text(encoding="utf-8") for p in (PROJECT / "docs/api").glob("*.md"))
    return set(re.findall(r"^::: (w2vext(?:\.[a-z]\w*)+)$", text, re.MULTILINE))


@pytest.mark.parametrize("name", top_level())
def test_all_is_defined_and_every_name_exists(name):
    module = import_module(f"w2vext.{name}")
    assert isinstance(module.__all__, list)
    assert sorted(set(module.__all__)) == module.__all__
    assert bool(module.__all__) == (name not in INTERNAL)
    for each in module.__all__:
        thing = getattr(module, each)
        assert not each.startswith("_")
        if callable(thing):
            assert re.match(r"\S.*[.:?]", inspect.getdoc(thing) or ""), f"{name}.{each}"


@pytest.mark.parametrize("name", w2vext.__all__)
def test_names_of_the_package(name):
    thing = getattr(w2vext, name)
    assert name == "__version__" or inspect.getdoc(thing)


def test_the_package_lists_the_public_modules():
    public = [name for name in top_level() if name not in INTERNAL]
    assert sorted(w2vext._PUBLIC) == public
    for name in public:
        assert getattr(w2vext, name) is import_module(f"w2vext.{name}")
    assert set(public) <= set(dir(w2vext))
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    typed = [each.asname for node in imports if node.module == "w2vext" for each in node.names]
    assert sorted(typed) == public
    names = [each.asname for node in imports if node.module != "w2vext" for each in node.names]
    assert sorted([*names, "__version__"]) == sorted(w2vext.__all__)
    assert w2vext.__all__ == sorted(w2vext.__all__, key=lambda name: (name != "__version__", name))


@pytest.mark.parametrize("name", ["Word2Vec", "word2vec"])
def test_a_source_folder_that_is_not_built(tmp_path, name):
    """pip installs the package elsewhere, but Python looks in the current folder first."""
    sources = shutil.ignore_patterns("*.so", "*.pyd", "*.pyx", "__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "w2vext", ignore=sources)
    command = [sys.executable, "-c", f"from w2vext import {name}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: {tmp_path} is a source folder that is not built: start ")


# ---- what examples and pages import


def private_names(code):
    """The names in a user's program that are not public."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found += [name for each in node.names if not is_public(name := each.name)]
        elif isinstance(node, ast.ImportFrom):
            names = (f"{node.module}.{each.name}" for each in node.names)
            found += [name for name in names if not is_public(name)]
        elif isinstance(node, ast.Attribute) and re.match(r"_[^_]", node.attr):
            found += {node.attr} - OTHERS
    return found


def is_public(dotted):
    """Whether users may import a dotted name; names of other packages are not checked."""
    top, *rest = dotted.split(".")
    if top != "w2vext" or not rest or dotted in documented():
        return True
    if len(rest) == 1:
        return rest[0] in {*w2vext.__all__, *w2vext._PUBLIC}
    module, name = dotted.rsplit(".", 1)
    if not (module.split(".")[1] in w2vext._PUBLIC and len(rest) == 2) and (
        module not in documented()
    ):
        return False
    home = import_module(module)
    return name in getattr(home, "__all__", vars(home)) and not name.startswith("_")


def programs():
    for path in sorted((PROJECT / "examples").glob("*.py")):
        yield pytest.param(path.read_text(encoding="utf-8"), id=path.name)
    for path in [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]:
        name = path.relative_to(PROJECT).as_posix()
        if name.startswith(FOR_DEVELOPERS):
            continue
        for block in pages.blocks(path, PROJECT):
            if block.language == "python":
                yield pytest.param(block.text, id=f"{name}-{block.line}")
            elif block.language == "sh" and (code := re.search(r"-c '([^']*)'", block.text)):
                yield pytest.param(code[1], id=f"{name}-{block.line}")


@pytest.mark.parametrize("code", programs())
def test_programs_import_public_names_only(code):
    assert private_names(code) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from w2vext import Word2Vec, datasets", []),
        ("from w2vext.datasets import load_sst", []),
        ("import w2vext.formats.native", []),
        ("from w2vext.reference import losses", []),
        ("import numpy._core", []),
        ("from w2vext import text", ["w2vext.text"]),
        ("from w2vext.text.vocabulary import Vocabulary", ["w2vext.text.vocabulary.Vocabulary"]),
        ("from w2vext.formats import _rows", ["w2vext.formats._rows"]),
        ("from w2vext.search import exact", ["w2vext.search.exact"]),
        ("import w2vext._files", ["w2vext._files"]),
        ("w2vext.KeyedVectors._row", ["_row"]),
    ],
)
def test_a_private_name_is_found(code, found):
    assert private_names(code) == found
