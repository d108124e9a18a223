"""The layers of the source tree: the imports that each package may have, and the rules of csrc.

A package may import the packages of lower layers. All its other imports are listed here, and a
permission that no file uses fails the test. A new module inside a package does not need an entry.
"""

import ast
import re
import sys
from pathlib import Path

import pytest
from helpers import imports

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "w2vext"

# Highest first. Modules and packages of one layer do not import each other.
LAYERS = (
    ("cli", "demo", "gensim"),
    ("lessons", "plots", "evaluation", "exact", "datasets", "distributed", "graph"),
    ("word2vec", "fasttext", "keyedvectors", "phrases", "clusters"),
    ("_estimator",),
    ("training", "text", "search", "formats"),
    ("kernels",),
)
# Every package may import these; they import only each other.
SHARED = ("_arguments", "_files", "_threads")
# Modules without a layer: they report on the package or start it.
FRONT = ("__init__", "__main__")

# Imports within a layer.
BESIDE = {
    ("cli", "demo"),
    ("keyedvectors", "clusters"),
    ("lessons", "datasets"),
    ("fasttext", "word2vec"),
    ("fasttext", "keyedvectors"),
    ("lessons", "plots"),
    ("word2vec", "keyedvectors"),
}
# Imports of a higher layer, only inside functions: a public method calls the function of its name.
DELEGATES = {
    ("keyedvectors", "evaluation"),
    ("keyedvectors", "plots"),
    ("word2vec", "lessons"),
}
# Third-party libraries besides NumPy that a package's modules import when they are imported ...
FOREIGN = {
    "_threads": {"threadpoolctl"},
    "graph": {"sklearn"},
    "lessons": {"sklearn", "threadpoolctl"},
    "phrases": {"sklearn"},
    "word2vec": {"sklearn"},
}
# ... and inside functions only.
FOREIGN_LAZY = {
    "_files": {"fsspec", "huggingface_hub"},
    "_threads": {"tqdm"},
    "clusters": {"sklearn"},
    "datasets": {"pooch"},
    "distributed": {"ray"},
    "evaluation": {"pandas", "polars", "scipy", "sklearn"},
    "_estimator": {"scipy", "sklearn"},
    "formats": {
        "gensim",
        "onnx",
        "pandas",
        "polars",
        "pyarrow",
        "safetensors",
        "scipy",
        "spacy",
        "torch",
    },
    "kernels": {"scipy", "threadpoolctl"},
    "graph": {"pyarrow", "scipy"},
    "lessons": {"matplotlib", "tqdm"},
    "plots": {"matplotlib", "openTSNE", "plotly", "sklearn"},
    "search": {"ot", "usearch"},
    "text": {"pyarrow"},
}
# These may be imported anywhere below `if TYPE_CHECKING:`.
FOR_TYPES = ("w2vext._arguments.types", "numpy", "typing_extensions")
# Modules of w2vext that a package needs only for signatures.
TYPES = set()
# Modules whose imports are computed.
DYNAMIC = {"__init__", "cli", "fasttext", "formats", "graph"}
CYTHON = {"cython", "libc", "cpython"}


def sources():
    return sorted(p for p in PACKAGE.rglob("*") if p.suffix in {".py", ".pyx", ".pxd"})


def home_of(dotted):
    """The layer's name for a module: "training" for "w2vext.training.run"."""
    return dotted.split(".")[1] if "." in dotted else "__init__"


def public_homes():
    """Public name -> module, read from w2vext/__init__.py without importing it."""
    for node in ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "_HOMES":
            return ast.literal_eval(node.value) | {"__version__": "__init__"}
    raise AssertionError("w2vext/__init__.py has no table _HOMES of its public names")


HOMES = public_homes()
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def permission(path, found):
    """Why this import is allowed: True, or an entry of a table above; None if it is not."""
    module = found.module
    inside = path.relative_to(PACKAGE).parts
    home = inside[0].partition(".")[0]
    if found.kind == "header":
        return True if path.suffix in {".pyx", ".pxd"} else None
    if module == "?":
        return home in DYNAMIC or None
    top = module.partition(".")[0]
    if found.kind == "types" and module.startswith(FOR_TYPES):
        return True
    if top in sys.stdlib_module_names or top in {"compression", *CYTHON}:
        return True
    if top == "numpy":
        return None if found.kind == "cimport" or home in FRONT else True
    if top != "w2vext":
        if (home, top) == ("kernels", "scipy") and path.suffix != ".py":
            return True if path.name == "_blas.pxd" else None
        if top == "_blas_int":
            return True if path.name == "_blas.pxd" else None
        for table, lazy in ((FOREIGN, False), (FOREIGN_LAZY, True)):
            if top in table.get(home, ()) and found.lazy >= lazy:
                return ("FOREIGN_LAZY" if lazy else "FOREIGN", home, top)
        return None
    target = home_of(module)
    target = HOMES.get(target, target).partition(".")[0]
    if target == home or target in SHARED:
        return True
    if home in FRONT or target in FRONT:
        return True if found.lazy or target in ("cli", "__init__") else None
    if home in LEVEL and LEVEL.get(target, -1) > LEVEL[home]:
        return True
    if target == "reference" and home == "lessons":
        return True
    if (home, target) in BESIDE:
        return ("BESIDE", home, target)
    if (home, target) in DELEGATES and (found.lazy or found.kind == "types"):
        return ("DELEGATES", home, target)
    if (home, target) in TYPES and found.kind == "types":
        return ("TYPES", home, target)
    return None


def imports_of(path, text=None):
    text = path.read_text(encoding="utf-8") if text is None else text
    package = ".".join(path.relative_to(PROJECT).parent.parts)
    return (imports.python if path.suffix == ".py" else imports.cython)(text, package)


def complaints(path, text=None):
    """The forbidden imports of a file."""
    return [
        f"{path.relative_to(PROJECT)}:{found.line}: may not import {found.module}"
        + (" here" if found.lazy else "")
        for found in imports_of(path, text)
        if permission(path, found) is None
    ]


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_keep_to_the_layers(path):
    wrong = complaints(path)
    assert not wrong, "\n".join(wrong)


def test_every_package_has_a_layer():
    known = {*LEVEL, *SHARED, *FRONT, "reference"}
    there = {path.relative_to(PACKAGE).parts[0].partition(".")[0] for path in sources()}
    assert there == known


def test_the_import_graph_is_small():
    assert len({*LEVEL, *SHARED, "reference"}) <= 25


def granted():
    tables = {"FOREIGN": FOREIGN, "FOREIGN_LAZY": FOREIGN_LAZY}
    for name, table in tables.items():
        yield from ((name, home, top) for home, tops in table.items() for top in tops)
    for name, pairs in {"BESIDE": BESIDE, "DELEGATES": DELEGATES, "TYPES": TYPES}.items():
        yield from ((name, *pair) for pair in pairs)


def test_every_permission_is_used():
    used = {permission(path, found) for path in sources() for found in imports_of(path)}
    unused = sorted(set(granted()) - used)
    assert not unused, f"remove from the tables: {unused}"


@pytest.mark.parametrize(
    "name, text",
    [
        ("text/corpus.py", "from w2vext.training import run"),
        ("text/corpus.py", "import sklearn"),
        ("text/corpus.py", "def f():\n    def g():\n        from w2vext import Word2Vec"),
        ("text/corpus.py", "if TYPE_CHECKING:\n    from w2vext.training import run"),
        ("text/corpus.py", "__import__(name)"),
        ("keyedvectors.py", "from w2vext import plots"),
        ("formats/npz.py", "from .. import keyedvectors"),
        ("formats/npz.py", "from ..word2vec import Word2Vec"),
        ("reference/basics.py", "from w2vext.kernels import _pair"),
        ("reference/basics.py", "import scipy"),
        ("kernels/_pair.pyx", "from scipy.linalg.cython_blas cimport sdot"),
        ("kernels/_pair.pyx", "cimport numpy as np"),
        ("kernels/_pair.pyx", "from w2vext.training cimport _plan"),
    ],
)
def test_a_planted_import_is_found(name, text):
    assert len(complaints(PACKAGE / name, text)) == 1


@pytest.mark.parametrize(
    "name, text",
    [
        ("training/run.py", "from w2vext.kernels import _dispatch\nimport numpy, os.path"),
        ("keyedvectors.py", "def f():\n    from w2vext import plots"),
        ("cli/train.py", "def f():\n    from w2vext import Word2Vec, __version__"),
        ("kernels/_pair.pyx", "from w2vext.kernels._blas cimport dot"),
        ("search/_topn.pyx", '"""\nimport sklearn\n"""'),
    ],
)
def test_an_allowed_import_passes(name, text):
    assert complaints(PACKAGE / name, text) == []


# ---- csrc

C_SOURCES = sorted(p for p in (PROJECT / "csrc").glob("*") if p.suffix in {".c", ".h"})
LIBC = {"stdint.h", "stddef.h", "string.h", "math.h", "float.h", "limits.h", "stdlib.h"}
COMPILERS = {"emmintrin.h", "immintrin.h", "intrin.h"}
FORBIDDEN_IN_C = {
    r"\b(?:v|f|s|sn|vf|vs|vsn)?printf\b|\bputs\b|\bputchar\b|\bstd(?:out|err)\b": "prints",
    r"\b(?:exit|_exit|abort|assert|longjmp)\s*\(": "ends the process instead of returning a status",
    r"\b(?:s?rand|time|clock)\s*\(": "keeps state or a clock of its own",
    r"\b(?:strtod|strtof|atof|setlocale|sscanf)\s*\(": "obeys the locale",
    r"\b_Atomic\b|\b_Thread_local\b|\bpthread_\w+": "needs C11 atomics or threads",
}
# MSVC's bit scan needs an unsigned long.
LONG, MAY_SAY_LONG = r"\blong\b", {"utf8.h"}
# The tables of the word counters grow with the text; all other files use the caller's memory.
ALLOCATES = r"\b(?:malloc|calloc|realloc|free|alloca|mmap)\s*\("
MAY_ALLOCATE = {"text.c", "text_table.c", "exact_words.c", "exact_phrases.c", "phrases.c"}


def c_complaints(name, text):
    ours = {path.name for path in C_SOURCES}
    wrong = [
        f"csrc/{name}:{each.line}: includes {each.module}"
        for each in imports.c_headers(text)
        if each.module not in LIBC | COMPILERS | ours
    ]
    code = imports.c_code(text)
    rules = dict(FORBIDDEN_IN_C)
    if name not in MAY_ALLOCATE:
        rules[ALLOCATES] = "allocates"
    if name not in MAY_SAY_LONG:
        rules[LONG] = "has another width on other platforms"
    for pattern, why in rules.items():
        for match in re.finditer(pattern, code):
            line = code.count("\n", 0, match.start()) + 1
            wrong.append(f"csrc/{name}:{line}: {match[0]!r} {why}")
    for line, declared in globals_of(code):
        wrong.append(f"csrc/{name}:{line}: a mutable global: {declared}")
    return wrong


def globals_of(code):
    """Objects at file scope that are not const: (line, declaration)."""
    inner = re.compile(r"\{([^{}]*)\}")
    while inner.search(code):  # code in braces is not at file scope; keep its newlines
        code = inner.sub(lambda match: "\x01" + "\n" * match[1].count("\n") + "\x02", code)
    # The body of a function ends its declaration.
    code = re.sub(r"\)[\s\w]*\x01\n*\x02", lambda match: match[0] + ";", code)
    start = 0
    for declared in code.split(";"):
        line = code.count("\n", 0, start + len(declared) - len(declared.lstrip())) + 1
        start += len(declared) + 1
        head = re.sub(r"\[[^\]]*\]", "", declared.partition("=")[0])
        head = " ".join(re.sub(r"[\x01\x02]", " {} ", head).split())
        if not head or "(" in head or head.startswith(("typedef ", "extern ")):
            continue
        if re.fullmatch(r"(?:struct|union|enum)(?: \w+)?(?: \{\} *\{\})?", head):
            continue
        if not re.search(r"\bconst\b(?!.*\*)|\*\s*const\b", head):
            yield line, head.replace(" {} {}", "")


@pytest.mark.parametrize("path", C_SOURCES, ids=lambda p: p.name)
def test_csrc_is_plain_c(path):
    wrong = c_complaints(path.name, path.read_text(encoding="utf-8"))
    assert not wrong, "\n".join(wrong)


def test_exceptions_for_csrc_are_used():
    for names, pattern in ((MAY_ALLOCATE, ALLOCATES), (MAY_SAY_LONG, LONG)):
        for name in names:
            code = imports.c_code((PROJECT / "csrc" / name).read_text(encoding="utf-8"))
            assert re.search(pattern, code), name


def test_each_c_file_is_linked_once():
    """A file linked into two extensions would have its static data twice."""
    tree = ast.parse((PROJECT / "setup.py").read_text(encoding="utf-8"))
    table = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "CSRC"
    )
    linked = sorted(source for sources in table.values() for source in sources)
    assert linked == [path.name for path in C_SOURCES if path.suffix == ".c"]
    modules = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.pyx")
    }
    assert set(table) <= modules


@pytest.mark.parametrize(
    "text, word",
    [
        ("#include <Python.h>\n", "Python.h"),
        ("void f(void) { printf(s); }", "printf"),
        ("void f(void) { exit (1); }", "exit"),
        ("void *f(void) { return malloc(8); }", "malloc"),
        ("static long f(void) { return 1; }", "long"),
        ("static int count;\nint f(void) { return ++count; }", "mutable global"),
        ("int f(void) { return 1; }\nstatic float table[4] = {0};", "mutable global"),
        ("static const char *name;", "mutable global"),
    ],
)
def test_a_planted_line_of_c_is_found(text, word):
    (message,) = c_complaints("step.c", text)
    assert word in message


def test_clean_c_passes():
    text = """
    #include "step.h"
    #include <string.h>
    /* printf, exit and malloc; int count; */
    typedef struct { int a; float b[4]; } pair;
    struct node { int left; };
    static const float table[2] = {1.0f, 2.0f};
    static const float wide[ROWS + 1][2 * ROWS] = {{1.0f}};
    static const char *const names[] = {"exit(1)", "long"};
    extern const int known;
    int f(int n);
    int f(int n) { int kept = n; return kept; }
    """
    assert c_complaints("step.c", text) == []
