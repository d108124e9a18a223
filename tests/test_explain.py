"""`w2vext explain`: the file that it writes, and the page in a browser."""

import json
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest
from helpers.lesson_steps import LESSONS, TEXT, entries, states

import w2vext
from w2vext.cli import main
from w2vext.lessons import explain

# --- the file -------------------------------------------------------------------------------------


def test_page_is_self_contained(tmp_path):
    page = explain().save(tmp_path / "explain.html").read_text("utf-8")
    assert not re.search(r"""(src|href)=["']?(?!#)\w|@import|url\(|https?://(?!www\.w3)""", page)
    assert [p.name for p in tmp_path.iterdir()] == ["explain.html"]


def test_text_is_escaped_in_the_page():
    hostile = "</script><script>alert(1)</script> \"quoted\" & 'more' <!-- x"
    page = explain(hostile).html
    assert "alert(1)</script>" not in page and page.count("</script>") == 2
    data = re.search(r'id="lessons">(.*?)</script>', page, re.S)[1]
    assert hostile in json.loads(data)[0]["source"]


def test_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["explain", "--text", "tea and snow", "--dim", "2", "--negative", "2"]) == 0
    assert "explain.html" in capsys.readouterr().out
    assert "Your text" in (tmp_path / "explain.html").read_text("utf-8")
    before = (tmp_path / "explain.html").read_bytes()
    assert main(["explain", "--text", "tea tea"]) == 1
    assert "one distinct word" in capsys.readouterr().err
    assert main(["explain", "-o", str(tmp_path / "missing" / "x.html")]) == 1
    assert (tmp_path / "explain.html").read_bytes() == before
    assert main(["explain", "--loss", "hs"]) == 2


def test_notebook_displays_the_page(monkeypatch, tmp_path):
    nbformat = pytest.importorskip("nbformat", reason="runs a notebook")
    client = pytest.importorskip("nbclient", reason="runs a notebook")
    pytest.importorskip("ipykernel", reason="runs a notebook")
    home = Path(w2vext.__file__).resolve().parent.parent
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(home), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.v4.new_notebook()
    source = "from w2vext.lessons import explain\nexplain('tea and snow', negative=1)"
    notebook.cells.append(nbformat.v4.new_code_cell(source))
    # Outside the source folder, which may be without compiled modules.
    where = {"metadata": {"path": str(tmp_path)}}
    client.NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where).execute()
    shown = notebook.cells[0].outputs[0]["data"]["text/html"]
    assert shown.startswith("<iframe srcdoc=") and "Your text" in shown


# --- the browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """The page, opened in a browser."""
    path = explain(TEXT).save(tmp_path_factory.mktemp("page") / "explain.html")
    browser.address = path.as_uri()
    return browser


SEEN = """
const figures = {};
for (const figure of document.querySelectorAll("figure[data-name]"))
  figures[figure.dataset.name] = [...figure.querySelectorAll("tbody tr")].map(
    (row) => [...row.querySelectorAll("td[data-r]")].map((cell) => cell.textContent));
const marked = (kind) => [...document.querySelectorAll("td." + kind)].map((cell) =>
  [cell.closest("figure").dataset.name, Number(cell.dataset.r), Number(cell.dataset.c)]);
return { figures, focus: marked("focus"), from: marked("from"), changed: marked("changed"),
  title: document.getElementById("step-title").textContent,
  worked: document.getElementById("worked").textContent,
  live: document.getElementById("live").textContent,
  count: document.getElementById("count").textContent,
  slider: document.getElementById("slider").value,
  maths: document.querySelectorAll("#formula math").length };
"""


def shown(value, digits=3):
    text = f"{value:.{digits}f}" if digits else f"{value:,.0f}"
    return re.sub(r"^-(0\.0+)$", r"\1", text).replace("-", "−")


def near(text, value, digits=3):
    """Whether a text shows a value; Python and JavaScript may round a tie differently."""
    if text == shown(value, digits):
        return True
    return digits and abs(float(text.replace("−", "-")) - value) <= 0.5001 * 10**-digits


@pytest.mark.parametrize("at", range(6))
def test_every_step_by_arrow_keys(page, at):
    data = [LESSONS[5], *LESSONS[:5]][at]
    page.size(1280, 900)
    page.open(f"{page.address}#{data['id']}/1")
    for number, (step, before, after) in enumerate(states(data), 1):
        seen = page.js(SEEN)
        assert seen["title"] == step["title"]
        assert seen["count"] == f"Step {number} of {len(data['steps'])}"
        for name, rows in seen["figures"].items():
            for r, row in enumerate(rows):
                for c, text in enumerate(row):
                    target = name == step["target"]
                    digits = step.get("digits", 3) if target else 3
                    if name not in after or (target and r >= step.get("rows", 99)):
                        assert text == "·"
                    else:
                        assert near(text, after[name][r][c], digits), (step["title"], name, r, c)
        ((name, i, j),) = seen["focus"]
        assert name == step["target"]
        wanted = {tuple(place) for places in entries(data, step, i, j) for place in places}
        assert {tuple(place) for place in seen["from"]} == wanted
        if step["op"] == "update":
            old = before[step["from"][0][0]]
            differ = np.argwhere(np.array(old) != np.array(step["value"])).tolist()
            assert [place[1:] for place in seen["changed"]] == differ
        digits = step.get("digits", 3)
        assert near(seen["worked"].rsplit("= ", 1)[1], step["value"][i][j], digits)
        assert seen["maths"] == bool(step["math"])
        assert step["title"] in seen["live"] and seen["count"] in seen["live"]
        page.press("right")
    assert page.js(SEEN)["count"] == f"Step {len(data['steps'])} of {len(data['steps'])}"
    assert page.complaints() == []


def test_keys_slider_and_buttons(page):
    page.size(1280, 900)
    page.open(f"{page.address}#network/4")
    step = lambda: int(page.js(SEEN)["slider"]) + 1  # noqa: E731
    assert step() == 4
    page.press("left")
    assert step() == 3
    page.press("end")
    assert step() == 18
    page.press("home", "left")
    assert step() == 1 and page.js("return document.getElementById('back').disabled")
    page.js("document.getElementById('forward').click()")
    assert step() == 2
    page.js("document.getElementById('slider').focus()")
    page.press("right", "right")
    assert step() == 4
    deadline = time.monotonic() + 60
    while page.js("return location.hash") != "#network/4":
        assert time.monotonic() < deadline


def test_select_an_entry_by_click_and_by_keys(page):
    page.size(1280, 900)
    page.open(f"{page.address}#network/6")
    place = page.js(
        "const b = document.querySelectorAll('figure.target td[data-r]')[3]"
        ".getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]"
    )
    page.click(*place)
    seen = page.js(SEEN)
    assert seen["focus"] == [["u2", 0, 3]]
    assert [place for place in seen["from"] if place[0] == "W2"] == [["W2", r, 3] for r in range(3)]
    page.press("right")
    assert page.js(SEEN)["title"] == "The output"
    page.press("left")
    page.js("document.querySelector('td.focus').focus()")
    page.press("right", "right", "left", "down")
    seen = page.js(SEEN)
    assert seen["focus"] == [["u2", 0, 1]] and seen["count"] == "Step 6 of 18"
    assert page.js("return document.activeElement.className") == "focus"
    assert "= " in seen["worked"] and seen["worked"] in seen["live"]


def test_lessons_open_from_the_contents(page):
    page.open(page.address)
    titles = page.js("return [...document.querySelectorAll('nav a')].map((a) => a.textContent)")
    assert len(titles) == 6
    for k, title in enumerate(titles):
        page.js("document.querySelectorAll('nav a')[arguments[0]].click()", k)
        assert page.js("return document.getElementById('title').textContent") == title
        assert page.js("return document.querySelector('nav a[aria-current]').textContent") == title
    page.open(f"{page.address}#nonsense/7")
    assert page.js(SEEN)["count"].startswith("Step 1 ")


def test_narrow_screen_dark_mode_and_accessible_names(page):
    page.size(390, 844)
    colours = []
    for dark in (False, True):
        page.dark(dark)
        for lesson in LESSONS[:6]:
            page.open(f"{page.address}#{lesson['id']}/{len(lesson['steps'])}")
            assert page.js("return document.documentElement.scrollWidth <= innerWidth")
        colours.append(page.js("return getComputedStyle(document.body).backgroundColor"))
    page.dark(False)
    light, dark = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert light > 600 > 200 > dark
    assert page.js("return document.documentElement.lang") == "en"
    unnamed = page.js(
        "return [...document.querySelectorAll('table, input, button, nav, section')].filter((e) =>"
        "!(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby')"
        "|| e.textContent.trim())).length"
    )
    assert unnamed == 0
    assert page.js("return document.querySelector('figure.target table').getAttribute('role')") == (
        "grid"
    )
    value = page.js("return document.getElementById('slider').getAttribute('aria-valuetext')")
    assert value.startswith("Step ") and ": " in value


def test_page_loads_nothing(page):
    page.open(page.address)
    assert page.js("return performance.getEntriesByType('resource').length") == 0


def test_save_screenshots(page):
    """Save screenshots of all lessons at two widths, if W2VEXT_PICTURES names a folder."""
    folder = os.environ.get("W2VEXT_PICTURES")
    if not folder:
        pytest.skip("W2VEXT_PICTURES is not set")
    for width, height in ((1280, 1000), (390, 844)):
        for lesson in LESSONS[:6]:
            page.size(width, height)
            middle = max(1, len(lesson["steps"]) * 2 // 3)
            page.open(f"{page.address}#{lesson['id']}/{min(middle, 24)}")
            page.picture(Path(folder) / f"{lesson['id']}-{width}.png")
