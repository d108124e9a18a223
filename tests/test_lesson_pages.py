"""The pages in docs/lessons: the functions that they name exist. test_docs.py runs their code."""

import re
from functools import reduce
from importlib import import_module

import pytest

import w2vext.reference

PAGES = ["README", "000", "001", "002", "003", "004"]
HOMES = ("reference", "datasets", "lessons")


@pytest.fixture(params=PAGES)
def page(request, project):
    folder = project / "docs" / "lessons"
    if not folder.is_dir():
        pytest.skip("docs/ is not next to tests/")
    return folder / f"{request.param}.md"


def test_named_functions_exist(page):
    text = page.read_text("utf-8")
    names = re.findall(rf"`(?:w2vext\.)?((?:{'|'.join(HOMES)})(?:\.\w+)+)`", text)
    assert page.stem == "README" or names
    for name in names:
        home, *rest = name.split(".")
        try:
            reduce(getattr, rest, import_module(f"w2vext.{home}"))
        except AttributeError:
            import_module(f"w2vext.{name}")


def test_every_document_has_a_page(project):
    folder = project / "docs" / "lessons"
    if not folder.is_dir():
        pytest.skip("docs/ is not next to tests/")
    index = (folder / "README.md").read_text("utf-8")
    assert all(f"({page}.md)" in index for page in PAGES[1:])
    public = set(w2vext.reference.__all__)
    text = "".join(path.read_text("utf-8") for path in folder.glob("*.md"))
    required = {"naive_softmax", "negative_sampling", "skipgram_window", "multilayer", "sgd"}
    assert required <= public and all(f"reference.{name}`" in text for name in required)
