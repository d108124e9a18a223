"""Docstrings of public names are numpydoc's, and complete: checked against signature and source.

One sentence is enough for what has at most two parameters, whose names and types the signature
tells; what has more has a section Parameters, or says whose parameters they are ("as for `x`").
"""

import ast
import inspect
import re
import textwrap
from importlib import import_module

import pytest

import w2vext

docscrape = pytest.importorskip("numpydoc.docscrape")

pytestmark = pytest.mark.docs

MODULES = (
    "clusters", "datasets", "demo", "evaluation", "exact", "formats",
    "lessons", "plots", "reference", "search",
)  # fmt: skip
ELSEWHERE = re.compile(
    r"\b(?:as|As) (?:for|in|from|of) [`:]|: `[\w.]+`|\bParameters\b.* as (?:for|in) `"
)


def own(thing):
    return getattr(thing, "__module__", "").startswith("w2vext")


def public():
    """(dotted name, object) of all that users call, methods and properties too."""
    found = {f"w2vext.{name}": getattr(w2vext, name) for name in w2vext.__all__}
    for module in MODULES:
        home = import_module(f"w2vext.{module}")
        names = getattr(home, "__all__", None) or vars(home)
        for name in names:
            thing = getattr(home, name)
            home_of = getattr(thing, "__module__", None) or ""
            if not name.startswith("_") and callable(thing) and home_of.startswith(home.__name__):
                found.setdefault(f"{home.__name__}.{name}", thing)
    for dotted, thing in found.items():
        if not callable(thing):
            continue
        yield dotted, thing
        if inspect.isclass(thing):
            for name, member in inspect.getmembers(thing):
                homes = [base for base in thing.__mro__ if name in vars(base)]
                made = re.fullmatch(r"set_\w+_request", name)  # scikit-learn writes these
                if not name.startswith("_") and homes and own(homes[0]) and not made:
                    static = inspect.getattr_static(thing, name)
                    if callable(member) or isinstance(static, property):
                        yield f"{dotted}.{name}", static if isinstance(static, property) else member


NAMES = dict(public())


def parameters(thing):
    inherited = inspect.isclass(thing) and issubclass(thing, Exception)
    if isinstance(thing, property) or inherited:
        return {}
    signature = inspect.signature(thing).parameters
    return {name: each for name, each in signature.items() if name not in ("self", "cls")}


def raised(thing):
    """The names of the errors that a function raises itself."""
    function = thing.fget if isinstance(thing, property) else inspect.unwrap(thing)
    if inspect.isclass(function):
        function = vars(function).get("__init__")
    if not inspect.isroutine(function):
        return set()
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except OSError:  # a dataclass's, which nobody wrote
        return set()
    calls = (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc)
    names = {getattr(getattr(call, "func", call), "id", None) for call in calls}
    return {name for name in names if name and name[0].isupper()} - {"KeyboardInterrupt"}


def complaints(dotted, thing):
    doc = inspect.getdoc(thing)
    if not doc or not doc.strip():
        return ["has no docstring"]
    if not doc.splitlines()[0].strip().endswith((".", "?", "`).", ":")):
        return [f"begins with no sentence: {doc.splitlines()[0]!r}"]
    found = []
    sections = docscrape.FunctionDoc(None, doc=doc)
    told = [
        name.strip().lstrip("*")
        for parameter in sections["Parameters"]
        for name in parameter.name.split(",")
    ]
    known = parameters(thing)
    if told:
        if sorted(told) != sorted(known):
            found.append(f"Parameters {sorted(set(told) ^ set(known))}: told or there, not both")
    elif len(known) > 2 and not (
        sections["Attributes"] or hasattr(thing, "_fields") or ELSEWHERE.search(doc)
    ):
        found.append(f"has no section Parameters for {list(known)}")
    if told and not inspect.isclass(thing):
        returns = inspect.signature(thing).return_annotation
        if returns not in ("None", None) and not (sections["Returns"] or sections["Yields"]):
            found.append(f"has no section Returns for {returns}")
    if told or inspect.isclass(thing):
        text = " ".join(part.type or part.name for part in sections["Raises"])
        missing = {name for name in raised(thing) if name not in text}
        missing -= {"KeyError"} if "UnknownWordError" in text else set()
        if missing:
            found.append(f"has no word in Raises of {sorted(missing)}")
    return found


@pytest.mark.parametrize("dotted", NAMES)
def test_docstring(dotted):
    assert complaints(dotted, NAMES[dotted]) == []


def test_all_that_users_call_is_looked_at():
    assert len(NAMES) > 150
    for name in ("w2vext.Word2Vec.fit", "w2vext.KeyedVectors.norms", "w2vext.exact.train"):
        assert name in NAMES


def sample(a, b: int, c: int = 1) -> int:
    """One sentence."""
    if a:
        raise ValueError
    return b


@pytest.mark.parametrize(
    "doc, word",
    [
        ("One sentence.", "no section Parameters"),
        ("No sentence", "begins with no sentence"),
        ("One.\n\nParameters\n----------\na : int\nb : int\n", "told or there, not both"),
        ("One.\n\nParameters\n----------\na, b, c : int\n", "no section Returns"),
        (
            "One.\n\nParameters\n----------\na, b, c : int\n\nReturns\n-------\nint\n",
            "no word in Raises",
        ),
    ],
)
def test_a_planted_gap_is_found(doc, word, monkeypatch):
    monkeypatch.setattr(sample, "__doc__", doc)
    assert any(word in each for each in complaints("sample", sample))
