"""The page to explore vectors: its contents, and its use in a browser."""

import base64
import json
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest

import w2vext
from w2vext import KeyedVectors
from w2vext.cli import main

pytest.importorskip("plotly", reason="the page is built on plotly")

HOSTILE = ["</script><b>", "a&b", "<i>x", 'quo"ted', "/*JS*/", "$x$", "naïve", "%41"]


@pytest.fixture(scope="module")
def wv():
    """3,000 words in 12 groups; the number of a word is not its row."""
    rng = np.random.default_rng(4)
    numbers = rng.permutation(3000)
    centres = rng.normal(size=(12, 20))
    rows = centres[numbers % 12] + 0.5 * rng.normal(size=(3000, 20))
    words = [f"word{n}" if n >= len(HOSTILE) else HOSTILE[n] for n in numbers]
    return KeyedVectors(words, rows * rng.uniform(0.1, 9, (3000, 1)), counts=numbers + 1)


@pytest.fixture(scope="module")
def page(wv):
    return wv.explore(title="Some <vectors>", map="pca")


def embedded(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page.html, re.S)[1])


def numbers(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype)


# --- contents -------------------------------------------------------------------------------------


def test_words_are_in_the_order_of_their_counts(wv, page):
    data = embedded(page)
    assert data["words"] == [wv.index_to_key[row] for row in np.argsort(-wv.counts)]
    few = embedded(wv.explore(words=70, map="pca"))
    assert few["words"] == data["words"][:70]
    plain = KeyedVectors(wv.index_to_key, wv.vectors).explore(words=5, map="pca")
    assert embedded(plain)["words"] == wv.index_to_key[:5]


def test_quantized_vectors_have_the_same_directions(wv, page):
    data = embedded(page)
    rows = numbers(data["rows"], np.int8).reshape(3000, data["size"]).astype(float)
    exact = wv.vectors[np.argsort(-wv.counts)].astype(float)
    cosines = np.einsum("ij,ij->i", rows, exact)
    cosines /= np.linalg.norm(rows, axis=1) * np.linalg.norm(exact, axis=1)
    assert cosines.min() > 0.9998


def test_the_map_shows_principal_components(wv, page):
    data = embedded(page)
    places = numbers(data["places"], "<i2").reshape(3000, 2).astype(float)
    assert np.abs(places).max() == 32767
    exact = wv.vectors[np.argsort(-wv.counts)].astype(float)
    units = exact / np.linalg.norm(exact, axis=1, keepdims=True)
    centred = units - units.mean(axis=0)
    wanted = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    for axis in (0, 1):
        assert abs(np.corrcoef(places[:, axis], wanted[:, axis])[0, 1]) > 0.99999


def test_tsne_places_neighbours_together(wv):
    pytest.importorskip("openTSNE")
    data = embedded(wv.explore(words=100))
    places = numbers(data["places"], "<i2").reshape(100, 2)
    groups = np.sort(wv.counts - 1)[::-1][:100] % 12
    far = np.linalg.norm(places[:, None].astype(float) - places[None], axis=2)
    np.fill_diagonal(far, np.inf)
    assert (groups[far.argmin(axis=1)] == groups).mean() > 0.8
    assert embedded(wv.explore(words=100)) == data


def test_words_are_coloured_by_cluster(wv, page):
    data = embedded(page)
    labels = numbers(data["groups"], np.uint8)
    groups = (wv.counts[np.argsort(-wv.counts)] - 1) % 12
    assert len(labels) == 3000 and set(labels) == set(range(12))
    together = sum(np.bincount(groups[labels == n]).max() for n in range(12))
    assert together / 3000 > 0.8
    assert (np.diff(np.bincount(labels)) <= 0).all()
    css = re.findall(r"--group-(\d+): #", page.html)
    assert sorted(map(int, css)) == sorted([*range(12)] * 2)  # light and dark


def test_page_is_self_contained(page, tmp_path):
    saved = page.save(tmp_path / "explore.html").read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["explore.html"]
    ours = re.sub(r"<script>.*?</script>", "", saved, flags=re.S)
    assert not re.search(r"""(src|href)=["']?(?!#)\w|@import|url\(|https?://""", ours)
    assert "default-src 'none'" in saved
    assert "<title>Some &lt;vectors&gt;</title>" in saved
    assert saved.count("</script>") == 3
    assert page._repr_html_().startswith("<iframe srcdoc=")


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"words": 0}, ValueError, "words=0: give 1 to 20,000"),
        ({"words": 20_001}, ValueError, "words=20,001"),
        ({"words": 2.5}, TypeError, "words=2.5"),
        ({"map": "umap"}, ValueError, "map='umap': choose 'tsne' or 'pca'"),
    ],
)
def test_invalid_options(wv, options, error, message):
    with pytest.raises(error, match=message):
        w2vext.explore(wv, **options)


def test_small_and_flat_vocabularies():
    for rows in ([[1.0, 2]], [[1.0], [2], [-1]], np.zeros((4, 3)), np.eye(2)):
        rows = np.array(rows)
        for map in ("pca", "tsne"):
            if map == "tsne":
                pytest.importorskip("openTSNE")
            page = KeyedVectors([f"w{n}" for n in range(len(rows))], rows).explore(map=map)
            assert len(numbers(embedded(page)["places"], "<i2")) == 2 * len(rows)
    with pytest.raises(ValueError, match="wv is empty"):
        KeyedVectors([], np.zeros((0, 3))).explore()


def test_without_plotly(wv, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "plotly.offline", None)
    with pytest.raises(ImportError, match=r"pip install 'w2vext\[pages\]'"):
        wv.explore()


def test_without_openTSNE(wv, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openTSNE", None)
    with pytest.raises(ImportError, match=r"pip install 'w2vext\[pages\]', or choose map='pca'"):
        wv.explore(words=100)


def test_command(wv, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    KeyedVectors([f"w{n}" for n in range(90)], wv.vectors[:90]).save("v.txt")
    assert main(["explore", "v.txt", "--words", "80", "--map", "pca"]) == 0
    assert "explore.html: open it" in capsys.readouterr().out
    page = (tmp_path / "explore.html").read_text("utf-8")
    assert "80 words, 20 dimensions" in page and "<title>v.txt</title>" in page
    assert main(["explore", "v.txt", "-o", "missing/x.html"]) == 1
    assert main(["explore", "v.txt", "-o", "v.txt"]) == 1
    assert main(["explore", "v.txt", "--words", "30000"]) == 1
    assert "20,000" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"v.txt", "explore.html"}


# --- the browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(page, browser, tmp_path_factory):
    path = page.save(tmp_path_factory.mktemp("page") / "explore.html")
    browser.address = path.as_uri()
    return browser


def until(shown, script, *args):
    """Wait until the script returns a true value, and return it."""
    deadline = time.monotonic() + 120
    while not (value := shown.js(f"return {script}", *args)):
        assert time.monotonic() < deadline, script
        time.sleep(0.05)
    return value


def start(shown, width=1280, height=900, at=""):
    shown.size(width, height)
    shown.open(shown.address + at)
    until(shown, "document.documentElement.dataset.ready")


def listed(shown, name="near"):
    script = f"[...document.querySelectorAll('#{name} li')].map((li) => [...li.querySelector("
    script += "'button').children].map((e) => e.textContent))"
    return [
        (word, float(cosine.replace("−", "-"))) for word, cosine in shown.js(f"return {script}")
    ]


def close(seen, wanted):
    """Check cosines within the precision of 8 bits and two digits, and the nearest word."""
    assert [cosine for _, cosine in seen] == pytest.approx([c for _, c in wanted], abs=0.012)
    assert seen[0][0] in {word for word, cosine in wanted if cosine > wanted[0][1] - 0.01}


VIEW = "[map.layout.xaxis.range, map.layout.yaxis.range]"
MIDDLE = (
    "const b = document.getElementById('map').getBoundingClientRect();"
    "return [b.x + b.width / 2, b.y + b.height / 2]"
)


def changed_view(shown, act):
    before = shown.js(f"return {VIEW}")
    act()
    until(shown, f"JSON.stringify({VIEW}) !== JSON.stringify(arguments[0])", before)
    return np.array(before), np.array(shown.js(f"return {VIEW}"))


def test_search_by_keyboard(shown, wv):
    start(shown)
    shown.press("/")
    shown.press(*"Word277", "down", "down")
    offered = shown.js(
        "return [...document.querySelectorAll('#word-list li')].map((e) => e.textContent)"
    )
    frequent = [wv.index_to_key[row] for row in np.argsort(-wv.counts)]
    assert offered == [word for word in frequent if word.startswith("word277")][:8]
    active = shown.js(
        "return document.getElementById('word').getAttribute('aria-activedescendant')"
    )
    assert shown.js(f"return document.getElementById('{active}').textContent") == offered[1]
    shown.press("enter")
    assert shown.js("return document.getElementById('word').value") == offered[1]
    seen = listed(shown)
    assert len(seen) == 10
    close(seen, wv.most_similar(offered[1], topn=10))
    assert offered[1] in shown.js("return document.getElementById('near-title').textContent")
    assert seen[0][0] in shown.js("return document.getElementById('live').textContent")
    shown.js("document.getElementById('more').click()")
    assert len(listed(shown)) == 30
    shown.press(*"word5", "escape")
    expanded = "document.getElementById('word').getAttribute('aria-expanded')"
    assert shown.js(f"return {expanded}") == "false"
    assert shown.complaints() == []


def test_an_unknown_word(shown):
    start(shown, at="#word77")
    shown.js("document.getElementById('word').focus()")
    shown.press(*"nowhere", "enter")
    problem = shown.js("return document.getElementById('word-problem').textContent")
    assert problem == "“nowhere” is not among the 3,000 words."
    assert "word77" in shown.js("return document.getElementById('near-title').textContent")


@pytest.mark.parametrize("word", HOSTILE)
def test_special_characters_in_words(shown, wv, word):
    start(shown)
    shown.js("select(rowOf.get(arguments[0]))", word)
    close(listed(shown), wv.most_similar(word, topn=10))
    drawn = "[...document.querySelectorAll('#map .textpoint text')].map((e) => e.textContent)"
    until(shown, f"{drawn}.includes(arguments[0])", word)
    shown.js("select(0)")
    shown.js("history.back()")
    until(shown, "document.getElementById('word').value === arguments[0]", word)
    assert shown.complaints() == []


def test_neighbours_are_links_with_history(shown, wv):
    start(shown, at="#word100")
    first = listed(shown)
    shown.js("document.querySelectorAll('#near button')[2].focus()")
    shown.press("enter")
    word = first[2][0]
    close(listed(shown), wv.most_similar(word, topn=10))
    assert shown.js("return decodeURIComponent(location.hash)") == f"#{word}"
    shown.js("history.back()")
    until(shown, "document.getElementById('word').value === 'word100'")
    assert listed(shown) == first


def test_analogy(shown, wv):
    start(shown)
    shown.js("document.getElementById('a').focus()")
    shown.press(*"word10", "enter", *"word22", "enter", *"word11", "enter")
    close(listed(shown, "answers"), wv.most_similar(["word22", "word11"], ["word10"], topn=5))
    assert "word10 is to word22 as word11 is to" in shown.js(
        "return document.getElementById('live').textContent"
    )
    shown.js("document.getElementById('b').value = ''")
    shown.js("document.querySelector('#analogy button').click()")
    assert shown.js("return document.getElementById('analogy-problem').textContent") == (
        "Type a word."
    )
    assert shown.js("return document.activeElement.id") == "b" and listed(shown, "answers") == []


def test_map_by_mouse(shown):
    start(shown)
    x, y = shown.js(MIDDLE)
    before, after = changed_view(shown, lambda: shown.drag((x, y), (x + 100, y + 50)))
    assert (after - before)[0] == pytest.approx([(after - before)[0, 0]] * 2)
    assert after[0, 0] < before[0, 0] and after[1, 0] > before[1, 0]
    before, after = changed_view(shown, lambda: shown.wheel(x, y, -240))
    assert (np.diff(after) < np.diff(before)).all()
    note = "document.getElementById('map-note').textContent"
    until(shown, f"!{note}.includes('3,000')")
    for button, sign in (("in", -1), ("out", 1), ("all", 1)):
        click = f"document.getElementById('{button}').click()"
        before, after = changed_view(shown, lambda click=click: shown.js(click))
        assert (np.sign(np.diff(after) - np.diff(before)) == sign).all()
    assert "most frequent of 3,000 words" in shown.js(f"return {note}")


def test_map_by_keyboard(shown):
    start(shown)
    shown.js("document.getElementById('map').focus()")
    for key, axis, sign in (("left", 0, -1), ("right", 0, 1), ("up", 1, 1), ("down", 1, -1)):
        before, after = changed_view(shown, lambda key=key: shown.press(key))
        assert np.sign(after - before)[axis].tolist() == [sign, sign]
        assert after[1 - axis] == pytest.approx(before[1 - axis])
    for key, sign in (("+", -1), ("-", 1), ("+", -1), ("0", 1)):
        before, after = changed_view(shown, lambda key=key: shown.press(key))
        assert (np.sign(np.diff(after) - np.diff(before)) == sign).all()


def test_zooming_keeps_the_selected_word_in_place(shown):
    start(shown, at="#word100")
    own = np.array(shown.js("const row = rowOf.get('word100'); return [x(row), y(row)]"))[:, None]
    shown.js("document.getElementById('map').focus()")
    before, after = changed_view(shown, lambda: shown.press("+"))
    parts = [((own - view[:, :1]) / np.diff(view)).ravel() for view in (before, after)]
    assert parts[0] == pytest.approx(parts[1], abs=0.01)


def test_a_click_selects_a_point(shown, wv):
    start(shown)
    for _ in range(3):
        changed_view(shown, lambda: shown.js("document.getElementById('in').click()"))
    box = until(
        shown,
        "(() => { const seen = map.getBoundingClientRect();"
        "for (const e of document.querySelectorAll('#map .trace:first-child .point')) {"
        "const b = e.getBoundingClientRect(), x = b.x + b.width / 2, y = b.y + b.height / 2;"
        "if (x > seen.x + 50 && x < seen.right - 50 && y > seen.y + 80 && y < seen.bottom - 50)"
        "return [x, y]; } })()",
    )
    shown.click(*box)
    word = until(shown, "decodeURIComponent(location.hash.slice(1))")
    close(listed(shown), wv.most_similar(word, topn=10))


def test_labels_do_not_overlap(shown):
    start(shown, at="#word100")
    boxes = until(
        shown,
        "(() => { const b = [...document.querySelectorAll('#map .textpoint text')].map((e) => {"
        "const r = e.getBoundingClientRect(); return [r.x, r.y, r.right, r.bottom]; });"
        "return b.length > 20 && b; })()",
    )
    boxes = np.add(boxes, [1, 3, -1, -3])
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    overlap = np.clip(high - low, 0, None).prod(axis=2)
    np.fill_diagonal(overlap, 0)
    assert overlap.max() == 0


def test_small_screens_dark_mode_and_accessible_names(shown):
    colours = []
    for dark in (False, True):
        shown.dark(dark)
        start(shown, 390, 844, "#word100")
        assert shown.js("return document.documentElement.scrollWidth <= innerWidth")
        colours.append(shown.js("return getComputedStyle(document.body).backgroundColor"))
        small = shown.js(
            "return [...document.querySelectorAll('button, input')].filter((e) =>"
            "e.offsetParent && e.getBoundingClientRect().height < 32).length"
        )
        assert small == 0
    shown.dark(False)
    assert colours[0] != colours[1]
    unnamed = shown.js(
        "return [...document.querySelectorAll('input, button, section, #map, ul')].filter((e) =>"
        "!(e.ariaLabel || e.getAttribute('aria-labelledby') || e.textContent.trim()"
        "|| e.labels?.length)).length"
    )
    assert unnamed == 0


def test_no_resources_are_loaded(shown):
    start(shown)
    assert shown.js("return performance.getEntriesByType('resource').length") == 0


def test_screenshots(shown):
    """Screenshots at both widths are written to the folder W2VEXT_PICTURES, for review."""
    folder = os.environ.get("W2VEXT_PICTURES")
    if not folder:
        pytest.skip("W2VEXT_PICTURES is not set")
    for width, height in ((1280, 900), (390, 844)):
        start(shown, width, height, "#word100")
        shown.picture(Path(folder) / f"explore-{width}.png")
