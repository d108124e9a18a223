"""The lessons of `w2vext explain`: every number and every formula."""

import json
import math
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from helpers.lesson_steps import IDS, LESSONS, TEXT, entries, given, last, states

import w2vext
from w2vext import reference as ref
from w2vext.lessons import explain
from w2vext.lessons.pages import document_data as doc
from w2vext.lessons.pages import word_lessons
from w2vext.lessons.pages.mathml import mathml, spoken

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
def test_entries_follow_from_their_sources(lesson):
    """The entries that the page highlights are those that the number is computed from."""
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


def test_network_equals_the_reference(lesson=LESSONS[0]):
    net = ref.multilayer(*(given(lesson, name).squeeze() for name in ("x", "W", "W2", "t")))
    for name, field in (("u", "u"), ("h", "h"), ("y", "y"), ("E", "loss"), ("EI", "ei")):
        np.testing.assert_array_equal(given(lesson, name).squeeze(), getattr(net, field))
    assert given(lesson, "E2").item() < net.loss
    assert len(lesson["variables"]["x"]["cols"]) == 5
    assert len(lesson["variables"]["h"]["cols"]) == 3


def test_softmax_gradient_equals_the_numerical_one(lesson=LESSONS[1]):
    np.testing.assert_allclose(given(lesson, "n"), given(lesson, "e"), atol=1e-8)


@pytest.mark.parametrize("lesson", [LESSONS[2], LESSONS[-1]], ids=["example", "own"])
def test_skipgram_ends_with_the_matrices_of_the_reference(lesson):
    w_in, w_out = given(lesson, "W"), np.ascontiguousarray(given(lesson, "W2").T)
    vocabulary = lesson["variables"]["W"]["rows"]
    tokens = word_lessons.SENTENCE.split() if lesson["id"] == "skipgram" else TEXT.split()
    for pos, token in enumerate(tokens):
        around = [tokens[at] for at in (pos - 1, pos + 1) if 0 <= at < len(tokens)]
        ids, times = np.unique([vocabulary.index(word) for word in around], return_counts=True)
        row = vocabulary.index(token)
        dh, _ = ref.softmax_batch(w_in[[row]], w_out, [(ids, times)], 0.2)
        w_in[row] += dh[0]
    np.testing.assert_allclose(last(lesson, "W"), w_in, rtol=1e-12)
    np.testing.assert_allclose(last(lesson, "W2"), w_out.T, rtol=1e-12)


def test_ned_stark_ends_with_the_numbers_of_the_document(lesson=LESSONS[3]):
    row = doc.NED_TOKENS.index("ned")
    assert np.round(last(lesson, "Win")[row], 3).tolist() == [0.071, 0.395, -0.388]
    changed = (last(lesson, "Wout") != doc.NED_W_OUT).any(axis=1)
    assert changed.sum() == 8


def test_own_text_covers_every_window():
    lesson = LESSONS[5]
    pairs = [step["title"] for step in lesson["steps"] if step["target"] == "h"]
    tokens = TEXT.split()
    assert len(pairs) == sum(
        min(pos, 2) + min(len(tokens) - 1 - pos, 2) for pos in range(len(tokens))
    )
    for title in pairs:
        positive, drawn = re.fullmatch(r"\w+ with (\w+); negatives: (.*)", title).groups()
        assert positive not in drawn.split(", ") and len(set(drawn.split(", "))) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": ""}, "0 known words: give 2 to 24"),
        ({"text": "a " * 25}, "25 known words"),
        ({"text": "tea tea"}, "one distinct word, 'tea'"),
        ({"text": "tea"}, "one distinct word"),
        (
            {"text": "tea rain", "negative": 2},
            "negative=2: choose 1 to 1, since the",
        ),
        ({"text": "tea rain snow", "negative": 0}, "negative=0"),
        ({"text": "tea rain", "window": 0}, "window=0: choose 1 to 5"),
        (
            {"text": "tea rain", "alpha": float("nan")},
            "alpha=nan: choose a number above 0, at",
        ),
        ({"text": "tea rain", "alpha": -1.0}, "alpha=-1.0: choose a number above 0"),
        ({"text": "tea rain", "dim": 9}, "dim=9"),
        ({"text": "tea rain", "loss": "hs"}, "loss='hs'"),
    ],
)
def test_invalid_arguments_raise(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        explain(**options)


@pytest.mark.parametrize("loss", ["neg", "softmax"])
def test_model_explains_a_sentence_from_its_vectors(loss):
    corpus = [word_lessons.SENTENCE.split(), "snow and rain follow tea".split()] * 5
    options = dict(vector_size=6, min_count=1, window=2, epochs=1, workers=1, random_state=3)
    model = w2vext.Word2Vec(loss=loss, sample=0, **options).fit(corpus)
    page = model.explain("tea unheard and snow and rain")
    data = json.loads(re.search(r'id="lessons">(.*?)</script>', page.html, re.S)[1])
    (lesson,) = data
    shown_words = ["tea", "and", "snow", "rain"]
    first, second = ("Win", "Wout") if loss == "neg" else ("W", "W2")
    assert lesson["variables"][first]["rows"] == shown_words
    np.testing.assert_allclose(given(lesson, first), model.wv[shown_words], rtol=1e-7)
    w_out = model.output_vectors_[[model.wv.key_to_index[word] for word in shown_words]]
    got = given(lesson, second)
    np.testing.assert_allclose(got if loss == "neg" else got.T, w_out, rtol=1e-7)
    with pytest.raises(ValueError, match="0 known words"):
        model.explain("nothing known")


def test_model_with_cbow_is_not_explained():
    model = w2vext.Word2Vec(
        architecture="cbow", vector_size=4, min_count=1, epochs=1, workers=1, random_state=3
    ).fit([word_lessons.SENTENCE.split()] * 3)
    with pytest.raises(ValueError, match="architecture='cbow', loss='neg'"):
        model.explain("tea and snow")


def test_model_with_subwords_is_not_explained():
    model = w2vext.FastText(vector_size=4, min_count=1, epochs=1, workers=1, random_state=3)
    model.fit([word_lessons.SENTENCE.split()] * 3)
    with pytest.raises(ValueError, match="max_n=6: give a model without subwords"):
        model.explain("tea and snow")


# --- formulas -------------------------------------------------------------------------------------


def test_every_formula_is_well_formed():
    formulas = [step["math"] for lesson in LESSONS for step in lesson["steps"] if step["math"]]
    labels = [v["label"] for lesson in LESSONS for v in lesson["variables"].values()]
    assert len(formulas) > 50
    for formula in {*formulas, *labels}:
        assert ElementTree.fromstring(formula).tag == "math"


def test_mathml_parts():
    primed = '<mrow><mi>w</mi><mo lspace="0" rspace="0">′</mo></mrow>'
    assert f"<msub>{primed}<mrow><mi>i</mi><mi>j</mi></mrow></msub>" in mathml("w'_{i j}")
    assert "<munderover><mo>∑</mo>" in mathml(r"\sum_{j=1}^{M} x_j")
    assert "<mfrac>" in mathml(r"\frac{\partial E}{\partial W}")
    assert "<mtext>a&lt;b</mtext>" in mathml(r"\text{a<b}")
    assert spoken(r"\frac{\partial E}{\partial W'}") == "∂E/∂W′"
    assert spoken(r"\frac{\partial J}{\partial W_{\text{output}}}") == "∂J/∂W_output"
    assert spoken(r"\sigma(c_j \cdot h) - t_j") == "σ(cⱼ · h) - tⱼ"


@pytest.mark.parametrize("text", [r"\nothing", "a_{b", "a}", "a $ b", "x_"])
def test_mathml_raises_for_unknown_syntax(text):
    with pytest.raises(ValueError):
        mathml(text)


@pytest.mark.parametrize("lesson", LESSONS, ids=IDS)
def test_formula_of_an_update_names_its_matrix(lesson):
    for step in lesson["steps"]:
        if (
            step.get("op") == "update"
            and step["target"] in ("W", "W2")
            and "E" in lesson["variables"]
        ):
            primed = "′" in lesson["variables"][step["target"]]["label"]
            assert ("′" in step["math"]) == primed
