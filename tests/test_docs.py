"""The pages: their code runs and prints what they show, and they cover everything that exists.

helpers/pages.py describes how a page is run. README is tested in test_readme.py.
"""

import inspect
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import test_formats
import test_layers
from helpers import commands, pages

import w2vext
from w2vext import cli, formats

pytestmark = pytest.mark.docs

PROJECT = Path(__file__).resolve().parent.parent
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]


def name_of(path):
    return path.relative_to(PROJECT).as_posix()


# README runs in tests/test_readme.py.
@pytest.mark.parametrize("path", PAGES[1:], ids=name_of)
def test_page(path, tmp_path, monkeypatch, demo_once):
    pages.run_page(path, tmp_path, monkeypatch)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_fence_has_a_language(path):
    """A block without a language would be neither run nor compared."""
    text = path.read_text(encoding="utf-8")
    found = pages.blocks(path, PROJECT)
    assert {block.language for block in found} <= {"python", "sh", "text", "c", "cython", "diff"}
    shown = sum(1 + (block.printed is not None) for block in found)
    assert text.count("```") == 2 * shown


WRITTEN = [*PAGES, *(PROJECT / "benchmarks").glob("*.md")]


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_lines_are_short(path):
    """One sentence per line, at most 160 characters; code, tables and their notes may be wider."""
    text = pages.FENCE.sub("", path.read_text(encoding="utf-8"))
    text = re.sub(r"<!-- table .*?<!-- end -->", "", text, flags=re.DOTALL)
    assert [line for line in text.splitlines() if len(line) > 160 and line[0] != "|"] == []


# ---- the worked examples pass the general tests

FORMAT = PROJECT / "docs" / "extending" / "format.md"
matrix, counts = test_formats.matrix, test_formats.counts  # fixtures
TESTS_OF_ALL_FORMATS = [
    test_formats.test_round_trip,
    test_formats.test_without_counts,
    test_formats.test_limit_and_words,
    test_formats.test_nan_and_infinity_are_not_written,
    test_formats.test_invalid_words_are_not_written,
    test_formats.test_a_failed_write_keeps_the_old_file,
    test_formats.test_a_missing_folder,
    test_formats.test_conversion_to_each_format,
]


@pytest.mark.parametrize("check", TESTS_OF_ALL_FORMATS, ids=lambda check: check.__name__)
def test_the_new_format_passes_the_tests_of_all_formats(
    check, tmp_path, monkeypatch, matrix, counts
):
    offered = {"suffix": ".csv", "bad": np.nan, "tmp_path": tmp_path / "empty", "matrix": matrix}
    offered |= {"counts": counts, "monkeypatch": pytest.MonkeyPatch()}  # the test may undo it
    (tmp_path / "empty").mkdir()
    asked = inspect.signature(check).parameters
    pages.run_page(
        FORMAT, tmp_path, monkeypatch, lambda: check(**{name: offered[name] for name in asked})
    )


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_new_modules_keep_to_their_layers(path):
    for block in pages.blocks(path, PROJECT):
        if block.title.startswith("w2vext/") and block.language == "python":
            file = PROJECT / block.title
            wrong = test_layers.complaints(file, block.text)
            assert not wrong, f"{block}: {wrong}"


def test_architecture_page_names_every_package_and_decision():
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE))))
    packages = {name for layer in test_layers.LAYERS for name in layer}
    assert packages <= named, f"missing in architecture.md: {sorted(packages - named)}"
    sources = {path.name.partition(".")[0] for path in (PROJECT / "csrc").glob("*.c")}
    assert sources <= named, f"missing in architecture.md: {sorted(sources - named)}"
    decisions = (PROJECT / "docs" / "decisions.md").read_text(encoding="utf-8")
    numbers = re.findall(r"^## (D\d+): ", decisions, re.MULTILINE)
    assert numbers == sorted(set(numbers), key=lambda number: int(number[1:]))
    assert re.findall(r"^\| \[(D\d+)\]\(decisions.md#d\d+-", page, re.MULTILINE) == numbers


def test_architecture_page_lists_the_files_from_fit_to_the_multiply_add():
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.split("## From `fit` to the multiply-add")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| `([\w/.]+)` \|", section, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    assert 10 < len(rows) <= 20
    for _, path in rows:
        assert (PROJECT / path).is_file(), path
    assert len({path for _, path in rows}) == len(rows)


# ---- the comparison of pages


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a  b\nc", "a b c", True),
        ("a b", "a c", False),
        ("a b", "a b c", False),
        ("a … c", "a b b c", True),
        ("a … c", "a b", False),
        ("0.…", "0.873", True),
        ("0.…", "1.2", False),
        ("2.00", "2.01", True),
        ("2.00", "2.2", False),
        ("20", "21", False),
        ("…", "", True),
        ("ValueError: window=0", "ValueError: window=1", False),
    ],
)
def test_matches(shown, printed, same):
    assert pages.matches(shown, printed) == same


FIT = "from w2vext import Word2Vec\nWord2Vec(min_count=1).fit([['a']])"
TRAIN = 'printf "a" > a.txt\nw2vext train a.txt -o a.bin --min-count 1'


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("```python\nprint(1)\n```\n\n```text\n2\n```\n", "it prints"),
        ("```python\n1 / 0\n```\n", "division"),
        ("```python\nprint(1)\n```\n\n```text\nZeroDivisionError: x\n```\n", "it prints"),
        ("```sh\nw2vext trian\n```\n", "fails"),
        ("```sh\nw2vext config --all\n```\n", "fails"),
        ("```sh\nrm -r x\n```\n", "cannot run 'rm'"),
        (f"```python\n{FIT}\n```\n", "nothing was learned"),
        (f"```sh\n{TRAIN}\n```\n", "learns nothing"),
        (f"```sh\n{TRAIN} > log\n```\n", "learns nothing"),
    ],
)
def test_a_wrong_page_is_detected(text, wrong, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.md").write_text(text)
    with pytest.raises((AssertionError, ZeroDivisionError, UserWarning), match=wrong):
        pages.run(tmp_path / "page.md", tmp_path)


def test_an_error_that_is_shown_is_compared(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(0)\nint('x')\n```\n\n```text\n0\nValueError: …'x'\n```\n")
    pages.run(page, tmp_path)


# ---- pages list everything that exists, and nothing else


def test_the_tables_of_options_are_the_parsers():
    page = commands.PAGE.read_text(encoding="utf-8")
    assert commands.with_tables(page) == page, "run: python tests/helpers/commands.py"


def test_every_command_has_its_section():
    page = commands.PAGE.read_text(encoding="utf-8")
    sections = re.findall(r"^## w2vext ([\w-]+)$", page, re.MULTILINE)
    assert sections == list(cli.COMMANDS)
    for name, (_, text) in cli.COMMANDS.items():
        assert f"| [`{name}`](#w2vext-{name}) | {text} |" in page
        has_table = f"<!-- options: {name} -->" in page
        assert has_table == bool(commands.table(name)), name


def test_options_that_pages_name_exist():
    known = {"--help", "--version", "--strict", "--most"}  # the last two: mkdocs, tests/faults.py
    for name in cli.COMMANDS:
        known |= commands.options_of(name)
    for path in PAGES:
        for option in re.findall(r"`(--[\w-]+)[^`]*`", path.read_text(encoding="utf-8")):
            assert option in known, f"{name_of(path)}: {option}"


def test_every_format_is_in_the_table():
    page = (PROJECT / "docs" / "tutorials" / "files.md").read_text(encoding="utf-8")
    section = page.split("| suffix |")[1].split("\n\n")[0]
    found, holds = {}, {}
    for suffixes, name, more in re.findall(r"^\| (`\..+?) \| `(.+?)` \| (.+?) \|$", section, re.M):
        found |= dict.fromkeys(re.findall(r"`(.+?)`", suffixes), name)
        holds[name] = more
    assert found == formats.SUFFIXES
    for name, more in holds.items():
        assert ("counts" in more) == ("counts" in formats.HOLDS.get(name, ())), name
        assert ("parameters" in more) == ("parameters" in formats.HOLDS.get(name, ())), name


def test_every_dependency_is_in_the_table():
    page = (PROJECT / "docs" / "installation.md").read_text(encoding="utf-8")
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    section = re.search(r"^dependencies = \[\n(.*?)^\]", project, re.DOTALL | re.MULTILINE)[1]
    dependencies = re.findall(r'"([\w-]+)', section)
    rows = re.findall(r"^\| (\w[\w, -]*) \|", page, re.MULTILINE)
    assert len(dependencies) > 3
    assert set(dependencies) <= {name for row in rows for name in row.split(", ")}


def test_every_extra_is_in_the_table():
    page = (PROJECT / "docs" / "installation.md").read_text(encoding="utf-8")
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    section = project.split("[project.optional-dependencies]")[1].split("\n[")[0]
    extras = set(re.findall(r"^(\w+) = ", section, re.MULTILINE))
    assert set(re.findall(r"^\| `\[(\w+)\]` \|", page, re.MULTILINE)) == extras
    for path in PAGES:
        named = re.findall(r"(?:w2vext|\.)\[([\w,]+)\]'", path.read_text(encoding="utf-8"))
        assert {name for each in named for name in each.split(",")} <= extras, name_of(path)


def test_every_parameter_is_explained():
    """The table of docs/parameters.md has one row for each parameter of Word2Vec."""
    page = (PROJECT / "docs" / "parameters.md").read_text(encoding="utf-8")
    section = page.split("## All parameters")[1]
    listed = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted(inspect.signature(w2vext.Word2Vec).parameters)


def documented():
    """The dotted names that the API reference documents."""
    for path in sorted((PROJECT / "docs" / "api").glob("*.md")):
        yield from re.findall(r"^::: ([\w.]+)$", path.read_text(encoding="utf-8"), re.MULTILINE)


def resolve(dotted):
    """The object with a dotted name."""
    names = dotted.split(".")
    for end in range(len(names), 0, -1):
        try:
            found = import_module(".".join(names[:end]))
        except ModuleNotFoundError:
            continue
        for name in names[end:]:
            found = getattr(found, name)
        return found
    raise AssertionError(dotted)


def test_names_in_the_reference_exist():
    for dotted in documented():
        assert inspect.getdoc(resolve(dotted)), f"{dotted} has no docstring"


def test_every_public_name_is_in_the_reference():
    names = set(documented())
    homes = {name: f"w2vext.{home}" for name, home in w2vext._HOMES.items()}
    for name, home in homes.items():
        assert home in names or any(dotted.endswith(f".{name}") for dotted in names), name
    told = {dotted.split(".")[1] for dotted in names}
    missing = set(w2vext._PUBLIC) - told
    assert not missing, f"public modules without a place in docs/api: {sorted(missing)}"
    for name in ("formats", "reference"):
        inner = {path.stem for path in (PROJECT / "w2vext" / name).glob("[!_]*.py")}
        assert {f"w2vext.{name}.{each}" for each in inner} <= names


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_names_in_the_text_exist(path):
    """`w2vext.x.y`, `wv.method` and `model.attribute` in the text of pages."""
    text = pages.FENCE.sub("", path.read_text(encoding="utf-8"))
    for dotted in re.findall(r"`(w2vext(?:\.\w+)+)[(`]", text):
        if not re.search(r"\.(py|pyx|pxd|md|txt|png)$", dotted):
            resolve(dotted)
    for name in re.findall(r"`(?:model\.)?wv\.(\w+)", text):
        assert hasattr(w2vext.KeyedVectors, name) or name in ("vectors", "counts"), name
    doc = inspect.getdoc(w2vext.Word2Vec)
    for name in re.findall(r"`model\.(\w+)", text):
        assert hasattr(w2vext.Word2Vec, name) or f"\n{name} :" in doc, name
