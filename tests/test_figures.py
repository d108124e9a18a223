"""The measured figures on pages come from the raw results in benchmarks/results."""

import json
import re
import shutil
import sys

import pytest

# Figures that are not measurements: (page, pattern of the line, reason).
ALLOWED = [
    ("README.md", r"^\| longest sentence", "limits in the source code of each program"),
    ("docs/command-line.md", r"`--max-memory", "a default"),
    ("docs/architecture.md", r"\b0\.1 s\b", "an interval in the code"),
    ("docs/CONTRIBUTING.md", r"differ by 2 %", "a tolerance of tests/pages.py"),
    ("docs/decisions.md", r"within 1 %", "the criterion that B was chosen by"),
    ("docs/decisions.md", r"scores of ±6", "the range of a table"),
    (
        "docs/lessons/assignment.md",
        r"^\| iteration [\d,]+ \|",
        "tests/test_course.py compares them",
    ),
    ("docs/extending/instruction-set.md", r"less than 10 %", "a rule"),
    ("docs/lessons/assignment.md", r"own draws, seed 0", "tests/test_course.py compares it"),
    ("docs/lessons/assignment.md", r"varies by ±0\.3", "read from the list below it"),
    ("docs/command-line.md", r"\+ 64 MB\]", "a default"),
    ("docs/tutorials/files.md", r"plus 64 MB", "a limit in the code"),
    ("docs/reliability.md", r"100 MB plus 4 times|5 s of processor time", "bounds of tests"),
    ("docs/parameters.md", r"^\| `(ns_exponent|sample|min_alpha|sif_smoothing)` \|", "a default"),
]


@pytest.fixture(scope="module")
def modules(project):
    """The modules report and figures of the benchmarks' folder."""
    sys.path.insert(0, str(project / "benchmarks"))
    try:
        import figures
        import report

        yield report, figures
    finally:
        sys.path.remove(str(project / "benchmarks"))


@pytest.fixture(scope="module")
def report(modules):
    return modules[0]


@pytest.fixture(scope="module")
def unsourced(modules):
    return modules[1].unsourced


@pytest.fixture
def copy(project, tmp_path, report):
    """A copy of the pages, the picture and the results, to change them."""
    shutil.copytree(project / "benchmarks" / "results", tmp_path / "benchmarks" / "results")
    for path in [*report.pages(project), *(project / name for name in report.PICTURES)]:
        there = tmp_path / path.relative_to(project)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, there)
    return tmp_path


def differences(report, folder):
    return report.differences(folder, folder / "benchmarks" / "results")


def test_pages_equal_the_results(report):
    assert report.differences() == []


def generated(report, page):
    """(start, end) of the generated parts of a page that have results."""
    text = page.read_text(encoding="utf-8")
    return [match.span(3) for match in report.MARKED.finditer(text)]


@pytest.mark.docs
def test_a_changed_digit_is_found(report, copy):
    """On every page: the last digit of each generated part."""
    changed = 0
    for page in report.pages(copy):
        text = page.read_text(encoding="utf-8")
        for start, end in generated(report, page):
            at = max(i for i in range(start, end) if text[i].isdigit())
            other = str((int(text[at]) + 1) % 10)
            page.write_text(text[:at] + other + text[at + 1 :], encoding="utf-8")
            (found,) = differences(report, copy)
            line = text.count("\n", 0, at) + 1
            assert found.startswith(f"{page.relative_to(copy).as_posix()}:{line}: ")
            changed += 1
        page.write_text(text, encoding="utf-8")
    assert changed >= 10
    assert differences(report, copy) == []


def test_a_changed_result_is_found(report, copy):
    """A stored speed that is changed by hand no longer fits the pages and the picture."""
    path = next((copy / "benchmarks" / "results").glob("compare-[!0-9]*.json"))
    content = json.loads(path.read_text(encoding="utf-8"))
    for run in content["runs"]:
        if run["program"] == "w2vext":
            run["words_per_s"] *= 1.5
    path.write_text(json.dumps(content), encoding="utf-8")
    found = {line.partition(":")[0] for line in differences(report, copy)}
    assert found >= {"README.md", "benchmarks/README.md", "docs/speed-and-quality.svg"}


def test_a_changed_picture_is_found(report, copy):
    for name in report.PICTURES:
        path = copy / name
        text = path.read_text(encoding="utf-8")
        changed = re.sub(r">(\d)", lambda m: f">{(int(m[1]) + 1) % 10}", text)
        path.write_text(changed, encoding="utf-8")
    found = [line.partition(":")[0] for line in differences(report, copy)]
    assert found == list(report.PICTURES)


@pytest.mark.parametrize("mark", ["table no-such-table", "figure compare/no-such/figure"])
def test_unknown_names_are_errors(report, copy, mark):
    path = copy / "README.md"
    path.write_text(f"\n<!-- {mark} --><!-- end -->\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"README\.md: .*no"):
        differences(report, copy)


def test_no_figure_is_written_by_hand(project, report, unsourced):
    used, found = set(), []
    for path in report.pages(project):
        page = path.relative_to(project).as_posix()
        for number, figure, line in unsourced(path.read_text(encoding="utf-8")):
            reasons = [entry for entry in ALLOWED if entry[0] == page and re.search(entry[1], line)]
            used.update(reasons)
            if not reasons:
                found.append(f"{page}:{number}: {figure!r}")
    assert not found, "measured? generate it (docs/CONTRIBUTING.md):\n" + "\n".join(found)
    assert used == set(ALLOWED), "these patterns match nothing: remove them"


@pytest.mark.parametrize(
    "text",
    [
        "It is 20.7× as fast.",
        "It is 21 times as fast, or eight times faster.",
        "Twice as fast, a third of the time.",
        "5.9 M words/s, 4,994 k words/s, 5.9 million words a second",
        "124 GFLOP/s and 34.4 GB/s",
        "It takes 2.3 s, 90 ns, 12 to 22 minutes or 50–60 ms.",
        "analogies from 31.4 to 33.2 %",
        "ahead by 3.3 points",
        "38.5 ± 0.6",
        "WordSim-353 rose to 66.3 here",
        "| sg ns | 4,994 | 241.5 |",
    ],
)
def test_measured_figures_are_recognised(unsourced, text):
    assert unsourced(text)
    assert not unsourced(f"<!-- table speed -->{text}<!-- end -->")
    assert not unsourced(f"```\n{text}\n```")


@pytest.mark.parametrize(
    "text",
    [
        "a matrix of 200,000 × 100, an (n × m) block",
        "the first 2,000,000 words, window 5, `alpha` 0.025, V = 70,000",
        "scikit-learn 1.6, Python 3.10, NumPy 2.4 and C11",
        "pieces of 1,024 words, 8 shards, 64-byte lines",
        "`speed 20.7×` and [20.7×](page.md#a-20-s)",
        "| `epochs` | 5 | 100 |",
    ],
)
def test_other_numbers_are_not(unsourced, text):
    if "[20.7×]" in text:
        text = text.replace("[20.7×]", "[page]")
    assert not unsourced(text)


def test_results_are_complete(project):
    """Machine, date, versions, command and all runs are there, and no folder of the user."""
    paths = sorted((project / "benchmarks" / "results").glob("*"))
    assert paths
    for path in paths:
        content = json.loads(path.read_text(encoding="utf-8"))
        machine, versions = content["machine"], content["versions"]
        assert all(machine[name] for name in ("cpu", "isa", "cores", "memory_gb", "system"))
        assert all(versions[name] for name in ("w2vext", "python", "numpy", "scipy", "compiler"))
        assert path.name.startswith(content["name"] + "-")
        assert path.name.endswith(f"-{content['date']}.json")
        _, script, *_ = content["command"].split()
        assert script in (f"benchmarks/{content['script']}", f"tests/{content['script']}")
        assert (project / script).exists()
        assert content["runs"] and all("ended" in run for run in content["runs"])
        assert not re.search(r"/(home|tmp|work|root|Users)/", path.read_text(encoding="utf-8"))


def test_every_result_is_shown(project, report):
    """No stored file is superseded by a newer one, and each belongs to a table of some page."""
    import stored
    import tables

    contents = stored.stored()
    keys = [(content["name"], stored.machine_name(content)) for content in contents]
    assert len(keys) == len(set(keys)), "remove the older results"
    shown = {
        match[2]
        for page in report.pages(project)
        for match in report.MARKED.finditer(page.read_text(encoding="utf-8"))
        if match[1] == "table"
    }
    used = {name for table in shown for name in tables.TABLES[table][0]}
    names = {content["name"] for content in contents}
    assert names <= used
