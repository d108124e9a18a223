"""`w2vext explain`: the lessons' numbers, and the page in a browser."""

import json
import math
import os
import re
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import browser
import numpy as np
import pytest

import w2vext
from w2vext import reference as ref
from w2vext.cli import main
from w2vext.pages import documents as doc
from w2vext.pages import explain, lessons, words
from w2vext.pages.mathml import mathml, spoken

TEXT = "the quick fox sees the lazy dog"


def every():
    return [
        lessons.network(),
        lessons.softmax(),
        words.skipgram_example(),
        words.ned_stark(),
        words.rows_that_move(),
        words.own_text(TEXT),
        words.own_text(TEXT, loss="softmax", dim=2, window=1),
    ]


LESSONS = [lesson.data() for lesson in every()]
IDS = [*(lesson["id"] for lesson in LESSONS[:-1]), "own-softmax"]


def states(lesson):
    """(step, values before it, values after it) of each step."""
    values = {}
    for step in lesson["steps"]:
        before = dict(values)
        for name in step.get("clear", ()):
            values.pop(name, None)
        values[step["target"]] = step["value"]
        yield step, before, dict(values)


# --- the numbers ----------------------------------------------------------------------------------


def entries(lesson, step, i, j):
    """The places that an entry's sources stand for, written here once more."""

    def places(pattern, size):
        if isinstance(pattern, int):
            return [pattern]
        if pattern in "ij":
            return [i if pattern == "i" else j]
        if pattern == "*":
            return list(range(size))
        if pattern == "rows":
            return [step["map"][i]]
        if pattern == "slot":
            return [slot for slot, row in enumerate(step["map"]) if row == i]
        return [0] if i == step["own"] else []

    for name, row, col in step["from"]:
        variable = lesson["variables"][name]
        yield [
            (name, r, c)
            for r in places(row, len(variable["rows"]))
            for c in places(col, len(variable["cols"]))
        ]


OPS = {
    "copy": lambda step, a: a[0],
    "dot": lambda step, a, b: np.dot(a, b),
    "times": lambda step, a, b: a[0] * b[0],
    "minus": lambda step, a, b: a[0] - b[0],
    "divide": lambda step, a, b: a[0] / b[0],
    "sum": lambda step, a: sum(a),
    "sigma": lambda step, a: 1 / (1 + math.exp(-a[0])),
    "slope": lambda step, a, b: a[0] * b[0] * (1 - b[0]),
    "square": lambda step, a, b: 0.5 * np.sum((np.array(a) - b) ** 2),
    "softmax": lambda step, a, b: np.exp(a[0]) / np.sum(np.exp(b)),
    "entropy": lambda step, t, y: -np.dot(t, np.log(y)),
    "update": lambda step, a, b: a[0] - step["lr"] * sum(b),
    "mix": lambda step, e, *rows: sum(e[k] * row[0] for k, row in enumerate(rows)),
    "outer": lambda step, e, h: sum(e) * h[0],
}


@pytest.mark.parametrize("lesson", LESSONS, ids=IDS)
def test_each_entry_is_what_its_sources_make(lesson):
    """What the page highlights is where the number came from."""
    checked = 0
    for step, before, after in states(lesson):
        if step["op"] not in OPS:
            continue
        values = {**after, **{name: before[name] for name in before if name in after}}
        for i in range(step.get("rows", len(step["value"]))):
            for j in range(len(step["value"][0])):
                lists = [
                    [values[name][r][c] for name, r, c in places]
                    for places in entries(lesson, step, i, j)
                ]
                got = OPS[step["op"]](step, *lists)
                assert got == pytest.approx(step["value"][i][j], rel=1e-9, abs=1e-12), step["title"]
                checked += 1
    assert checked >= 12


def last(lesson, name):
    return np.array([step["value"] for step in lesson["steps"] if step["target"] == name][-1])


def given(lesson, name):
    return np.array(next(s["value"] for s in lesson["steps"] if s["target"] == name))


def test_network_is_the_references(lesson=LESSONS[0]):
    net = ref.multilayer(*(given(lesson, name).squeeze() for name in ("x", "W", "W2", "t")))
    for name, field in (("u", "u"), ("h", "h"), ("y", "y"), ("E", "loss"), ("EI", "ei")):
        np.testing.assert_array_equal(given(lesson, name).squeeze(), getattr(net, field))
    assert given(lesson, "E2").item() < net.loss
    assert len(lesson["variables"]["x"]["cols"]) == 5
    assert len(lesson["variables"]["h"]["cols"]) == 3


def test_softmax_gradient_was_measured(lesson=LESSONS[1]):
    np.testing.assert_allclose(given(lesson, "n"), given(lesson, "e"), atol=1e-8)


@pytest.mark.parametrize("lesson", [LESSONS[2], LESSONS[-1]], ids=["example", "own"])
def test_skipgram_ends_where_the_twin_does(lesson):
    w_in, w_out = given(lesson, "W"), np.ascontiguousarray(given(lesson, "W2").T)
    vocabulary = lesson["variables"]["W"]["rows"]
    tokens = words.SENTENCE.split() if lesson["id"] == "skipgram" else TEXT.split()
    for pos, token in enumerate(tokens):
        around = [tokens[at] for at in (pos - 1, pos + 1) if 0 <= at < len(tokens)]
        ids, times = np.unique([vocabulary.index(word) for word in around], return_counts=True)
        row = vocabulary.index(token)
        dh, _ = ref.softmax_batch(w_in[[row]], w_out, [(ids, times)], 0.2)
        w_in[row] += dh[0]
    np.testing.assert_allclose(last(lesson, "W"), w_in, rtol=1e-12)
    np.testing.assert_allclose(last(lesson, "W2"), w_out.T, rtol=1e-12)


def test_ned_ends_where_the_document_does(lesson=LESSONS[3]):
    row = doc.NED_TOKENS.index("ned")
    assert np.round(last(lesson, "Win")[row], 3).tolist() == [0.071, 0.395, -0.388]
    moved = (last(lesson, "Wout") != doc.NED_W_OUT).any(axis=1)
    assert moved.sum() == 8


def test_own_text_has_every_window():
    lesson = LESSONS[5]
    rounds = [step["title"] for step in lesson["steps"] if step["target"] == "h"]
    tokens = TEXT.split()
    assert len(rounds) == sum(
        min(pos, 2) + min(len(tokens) - 1 - pos, 2) for pos in range(len(tokens))
    )
    for title in rounds:
        positive, drawn = re.fullmatch(r"\w+ with (\w+); drawn beside it: (.*)", title).groups()
        assert positive not in drawn.split(", ") and len(set(drawn.split(", "))) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": ""}, "0 known words: a page shows 2 to 24"),
        ({"text": "a " * 25}, "25 known words"),
        ({"text": "tea tea"}, "one word alone, 'tea'"),
        ({"text": "tea"}, "one word alone"),
        ({"text": "tea rain", "negative": 2}, "negative=2: 2 distinct words leave 1 to 1"),
        ({"text": "tea rain snow", "negative": 0}, "negative=0"),
        ({"text": "tea rain", "window": 0}, "window=0: a page shows 1 to 5"),
        ({"text": "tea rain", "dim": 9}, "dim=9"),
        ({"text": "tea rain", "loss": "hs"}, "loss='hs'"),
    ],
)
def test_bad_text_is_named(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        explain(**options)


@pytest.mark.parametrize("loss", ["neg", "softmax"])
def test_model_explains_a_sentence_from_where_it_stands(loss):
    corpus = [words.SENTENCE.split(), "snow and rain follow tea".split()] * 5
    options = dict(vector_size=6, min_count=1, window=2, epochs=1, workers=1, random_state=3)
    model = w2vext.Word2Vec(loss=loss, sample=0, **options).fit(corpus)
    page = model.explain("tea unheard and snow and rain")
    data = json.loads(re.search(r'id="lessons">(.*?)</script>', page.html, re.S)[1])
    (lesson,) = data
    shown_words = ["tea", "and", "snow", "rain"]
    first, second = ("Win", "Wout") if loss == "neg" else ("W", "W2")
    assert lesson["variables"][first]["rows"] == shown_words
    np.testing.assert_allclose(given(lesson, first), model.wv[shown_words], rtol=1e-7)
    w_out = model.context_vectors_[[model.wv.key_to_index[word] for word in shown_words]]
    got = given(lesson, second)
    np.testing.assert_allclose(got if loss == "neg" else got.T, w_out, rtol=1e-7)
    with pytest.raises(ValueError, match="0 known words"):
        model.explain("nothing known")


def test_model_of_another_kind_is_not_explained():
    model = w2vext.Word2Vec(
        architecture="cbow", vector_size=4, min_count=1, epochs=1, workers=1, random_state=3
    ).fit([words.SENTENCE.split()] * 3)
    with pytest.raises(ValueError, match="architecture='cbow', loss='neg'"):
        model.explain("tea and snow")


# --- formulas -------------------------------------------------------------------------------------


def test_every_formula_is_well_formed():
    formulas = [step["math"] for lesson in LESSONS for step in lesson["steps"] if step["math"]]
    labels = [v["label"] for lesson in LESSONS for v in lesson["variables"].values()]
    assert len(formulas) > 50
    for formula in {*formulas, *labels}:
        assert ElementTree.fromstring(formula).tag == "math"


def test_mathml_parts():
    assert "<msubsup><mi>w</mi><mrow><mi>i</mi><mi>j</mi></mrow><mo>′</mo></msubsup>" in mathml(
        "w'_{i j}"
    )
    assert "<munderover><mo>∑</mo>" in mathml(r"\sum_{j=1}^{M} x_j")
    assert "<mfrac>" in mathml(r"\frac{\partial E}{\partial W}")
    assert "<mtext>a&lt;b</mtext>" in mathml(r"\text{a<b}")
    assert spoken(r"\frac{\partial E}{\partial W'}") == "∂E/∂W'"
    assert spoken(r"\frac{\partial J}{\partial W_{\text{output}}}") == "∂J/∂W_output"
    assert spoken(r"\sigma(c_j \cdot h) - t_j") == "σ(c_j · h) - t_j"


@pytest.mark.parametrize("text", [r"\nothing", "a_{b", "a}", "a $ b", "x_"])
def test_mathml_refuses_what_it_does_not_know(text):
    with pytest.raises(ValueError):
        mathml(text)


# --- the file -------------------------------------------------------------------------------------


def test_page_is_self_contained(tmp_path):
    page = explain().save(tmp_path / "explain.html").read_text("utf-8")
    assert not re.search(r"""(src|href)=["']?(?!#)\w|@import|url\(|https?://(?!www\.w3)""", page)
    assert [p.name for p in tmp_path.iterdir()] == ["explain.html"]


def test_text_cannot_break_out_of_the_page():
    hostile = "</script><script>alert(1)</script> \"quoted\" & 'more' <!-- x"
    page = explain(hostile).html
    assert "alert(1)</script>" not in page and page.count("</script>") == 2
    data = re.search(r'id="lessons">(.*?)</script>', page, re.S)[1]
    assert hostile in json.loads(data)[0]["source"]


def test_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["explain", "--text", "tea and snow", "--dim", "2", "--negative", "2"]) == 0
    assert "explain.html" in capsys.readouterr().out
    assert "Your own text" in (tmp_path / "explain.html").read_text("utf-8")
    before = (tmp_path / "explain.html").read_bytes()
    assert main(["explain", "--text", "tea tea"]) == 1
    assert "nothing stands beside it" in capsys.readouterr().err
    assert main(["explain", "-o", str(tmp_path / "missing" / "x.html")]) == 1
    assert (tmp_path / "explain.html").read_bytes() == before
    assert main(["explain", "--loss", "hs"]) == 2


def test_notebook_shows_the_page(monkeypatch):
    nbformat = pytest.importorskip("nbformat", reason="runs a notebook")
    client = pytest.importorskip("nbclient", reason="runs a notebook")
    pytest.importorskip("ipykernel", reason="runs a notebook")
    home = Path(w2vext.__file__).resolve().parent.parent
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(home), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.v4.new_notebook()
    source = "from w2vext.pages import explain\nexplain('tea and snow', negative=1)"
    notebook.cells.append(nbformat.v4.new_code_cell(source))
    client.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = notebook.cells[0].outputs[0]["data"]["text/html"]
    assert shown.startswith("<iframe srcdoc=") and "Your own text" in shown


# --- the browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page, opened."""
    missing = browser.found()
    if missing:
        pytest.skip(missing)
    path = explain(TEXT).save(tmp_path_factory.mktemp("page") / "explain.html")
    opened = browser.Browser()
    opened.address = path.as_uri()
    yield opened
    opened.close()


SEEN = """
const figures = {};
for (const figure of document.querySelectorAll("figure[data-name]"))
  figures[figure.dataset.name] = [...figure.querySelectorAll("tbody tr")].map(
    (row) => [...row.querySelectorAll("td[data-r]")].map((cell) => cell.textContent));
const marked = (kind) => [...document.querySelectorAll("td." + kind)].map((cell) =>
  [cell.closest("figure").dataset.name, Number(cell.dataset.r), Number(cell.dataset.c)]);
return { figures, focus: marked("focus"), from: marked("from"), moved: marked("moved"),
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
    """A last digit may differ, where the two languages round a tie their own ways."""
    if text == shown(value, digits):
        return True
    return digits and abs(float(text.replace("−", "-")) - value) <= 0.5001 * 10**-digits


@pytest.mark.parametrize("at", range(6))
def test_walked_to_its_end_by_keys(page, at):
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
            assert [place[1:] for place in seen["moved"]] == differ
        digits = step.get("digits", 3)
        assert near(seen["worked"].rsplit("= ", 1)[1], step["value"][i][j], digits)
        assert seen["maths"] == bool(step["math"])
        assert step["title"] in seen["live"] and seen["count"] in seen["live"]
        page.press("right")
    assert page.js(SEEN)["count"] == f"Step {len(data['steps'])} of {len(data['steps'])}"
    assert page.complaints() == []


def test_back_home_end_slider_and_buttons(page):
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
    deadline = time.monotonic() + 10
    while page.js("return location.hash") != "#network/4":
        assert time.monotonic() < deadline


def test_entry_chosen_by_click_and_by_keys(page):
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


def test_lessons_are_reached_from_the_contents(page):
    page.open(page.address)
    titles = page.js("return [...document.querySelectorAll('nav a')].map((a) => a.textContent)")
    assert len(titles) == 6
    for k, title in enumerate(titles):
        page.js("document.querySelectorAll('nav a')[arguments[0]].click()", k)
        assert page.js("return document.getElementById('title').textContent") == title
        assert page.js("return document.querySelector('nav a[aria-current]').textContent") == title
    page.open(f"{page.address}#nonsense/7")
    assert page.js(SEEN)["count"].startswith("Step 1 ")


def test_phone_dark_and_what_a_screen_reader_needs(page):
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


def test_nothing_is_loaded(page):
    page.open(page.address)
    assert page.js("return performance.getEntriesByType('resource').length") == 0


def test_pictures_where_they_are_asked_for(page):
    """W2VEXT_PICTURES=folder leaves a screenshot of each lesson at both widths, to be looked at."""
    folder = os.environ.get("W2VEXT_PICTURES")
    if not folder:
        pytest.skip("W2VEXT_PICTURES names no folder")
    for width, height in ((1280, 1000), (390, 844)):
        for lesson in LESSONS[:6]:
            page.size(width, height)
            middle = max(1, len(lesson["steps"]) * 2 // 3)
            page.open(f"{page.address}#{lesson['id']}/{min(middle, 24)}")
            page.picture(Path(folder) / f"{lesson['id']}-{width}.png")
