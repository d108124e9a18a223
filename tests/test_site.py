"""The documentation site: it builds without warnings and loads nothing from a server.

Its pages have valid links and correct spelling.

Links are checked in the Markdown source, without a network: files and headings must exist, and
addresses elsewhere must be well formed.
"""

import os
import re
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from helpers import pages

import w2vext

pytestmark = pytest.mark.docs

PROJECT = Path(__file__).resolve().parent.parent
DOCS = PROJECT / "docs"
# docs/site/hooks.py adds these to the site.
BENCHMARKS = [PROJECT / "benchmarks" / name for name in ("README.md", "notes.md")]
PAGES = [*sorted(DOCS.rglob("*.md")), *PROJECT.glob("*.md"), *BENCHMARKS]
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")


def name_of(path):
    return path.relative_to(PROJECT).as_posix()


@cache
def text_of(path):
    """A page without its blocks and code, in which brackets are not links."""
    text = pages.FENCE.sub("", path.read_text(encoding="utf-8"))
    return re.sub(r"(`+)(?!`).*?\1", lambda code: code[0] if "](" not in code[0] else "", text)


@cache
def anchors(path):
    """The anchors of a page's headings, as Python-Markdown and GitHub generate them."""
    found = set()
    for heading in re.findall(r"^#+ (.+?)\s*$", text_of(path), re.MULTILINE):
        plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
        plain = re.sub(r"[^\w\s-]", "", plain).strip().lower()
        found.add(re.sub(r"[-\s]+", "-", plain))
    return found


def broken(path, target):
    """Why a link of a page is broken; None if it is not."""
    parts = urlsplit(target)
    if parts.scheme:
        good = re.fullmatch(r"https?://[\w-]+(\.[\w-]+)+(/.*)?", target)
        return None if good else "is not a well-formed address"
    file = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
    if not file.exists():
        return "does not exist"
    if DOCS in path.parents and DOCS not in file.parents and file not in BENCHMARKS:
        return "is outside docs/ and so not on the site: write it as `code`"
    if parts.fragment and parts.fragment not in anchors(file):
        return f"has no heading #{parts.fragment}, only {sorted(anchors(file))}"
    return None


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_are_valid(path):
    wrong = [(target, broken(path, target)) for target in LINK.findall(text_of(path))]
    assert not [each for each in wrong if each[1]], name_of(path)


@pytest.mark.parametrize(
    "target", ["nowhere.md", "index.md#nothing", "https://", "htps://a.b", "../README.md"]
)
def test_broken_link_is_found(target):
    assert broken(DOCS / "index.md", target)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_named_files_exist(path):
    """Paths in the text, such as `tests/test_site.py`."""
    roots = "w2vext|csrc|tests|docs|examples|benchmarks"
    for name in re.findall(rf"`((?:{roots})/[\w./-]+)(?::[\d-]+)?`", text_of(path)):
        assert (PROJECT / name).exists() or "*" in name, name


def test_spelling():
    pytest.importorskip("codespell_lib")
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "-I", DOCS / "site" / "words.txt", *PAGES],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


# --- the site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site."""
    pytest.importorskip("mkdocs", reason="the extra [docs] is not installed")
    pytest.importorskip("mkdocstrings_handlers.python")
    pytest.importorskip("material")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    done = subprocess.run(
        [*command, "-f", DOCS / "site" / "mkdocs.yml", "-d", folder],
        capture_output=True, text=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    return folder


def test_every_page_is_on_the_site(site):
    made = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    source = {path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.md")}
    source = {name.replace("README.html", "index.html") for name in source}
    assert made == source | {"benchmarks.html", "benchmark-notes.html"}


def test_site_loads_nothing_from_a_server(site):
    """Links may lead elsewhere, but pages load their scripts, styles and pictures from the site."""
    loads = re.compile(
        r"""<(?:script|img|iframe|source|video)\b[^>]*\bsrc=["']?(?:https?:)?//[^"'\s>]+"""
        r"""|<link\b(?![^>]*rel=["']?canonical)[^>]*\bhref=["']?(?:https?:)?//[^"'\s>]+"""
        r"""|@import[^;]*//|url\((?:https?:)?//[^)]*\)"""
    )
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        found = loads.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(site)}: {found[0]}"


def test_every_public_method_is_on_the_site(site):
    text = "".join(path.read_text(encoding="utf-8") for path in (site / "api").glob("*.html"))
    made = set(re.findall(r'id="([\w.]+)"', text))
    for name in w2vext.__all__:
        if name == "__version__":
            continue
        thing = getattr(w2vext, name)
        if not isinstance(thing, type):
            assert f"{thing.__module__}.{thing.__name__}" in made, name
            continue
        homes = [f"{base.__module__}.{base.__name__}" for base in thing.__mro__]
        assert made & set(homes), name
        missing = [m for m in vars_of(thing) if not any(f"{home}.{m}" in made for home in homes)]
        assert not missing, f"{name}: {missing} have no docstring or are not in docs/api"


def vars_of(cls):
    """The public methods and properties of a class that this package defines."""
    return {
        name: value
        for base in reversed(cls.__mro__)
        if base.__module__.startswith("w2vext")
        for name, value in vars(base).items()
        if not name.startswith("_")
        and getattr(value, "__name__", name) == name  # not an alias
        and (callable(value) or isinstance(value, (property, classmethod)))
    }
