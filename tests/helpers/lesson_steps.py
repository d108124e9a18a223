"""The lessons of `w2vext explain` and their steps, read independently of page.js."""

import numpy as np

from w2vext.lessons.pages import networks, word_lessons

TEXT = "the quick fox sees the lazy dog"


def all_lessons():
    return [
        networks.network(),
        networks.softmax(),
        word_lessons.skipgram_example(),
        word_lessons.ned_stark(),
        word_lessons.updated_rows(),
        word_lessons.own_text(TEXT),
        word_lessons.own_text(TEXT, loss="softmax", dim=2, window=1),
    ]


LESSONS = [lesson.data() for lesson in all_lessons()]
IDS = [*(lesson["id"] for lesson in LESSONS[:-1]), "own-softmax"]


def states(lesson):
    """Yield (step, values before it, values after it) for each step."""
    values = {}
    for step in lesson["steps"]:
        before = dict(values)
        for name in step.get("clear", ()):
            values.pop(name, None)
        values[step["target"]] = step["value"]
        yield step, before, dict(values)


def entries(lesson, step, i, j):
    """Yield the entries that each source of an entry refers to, as page.js computes them."""

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


def last(lesson, name):
    return np.array([step["value"] for step in lesson["steps"] if step["target"] == name][-1])


def given(lesson, name):
    return np.array(next(s["value"] for s in lesson["steps"] if s["target"] == name))
