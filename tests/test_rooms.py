"""The law of the rooms: what each module may import, as a table, and every file against it.

A new module needs a row here: that is the moment to ask whether it is a room of its own. The
standard library is open to all. "Lazily" means inside a function: the room opens without it.
"""

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import imports
import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "w2vext"


@dataclass(frozen=True)
class Room:
    """What one room may know; every field is a space-separated list of names."""

    ours: str = ""  # modules of w2vext
    lazily: str = ""  # modules of w2vext, inside functions only
    third: str = ""  # third parties, each with all that is below it
    third_lazily: str = ""
    types: str = ""  # modules of w2vext whose classes its signatures name, for type checkers only
    c: str = ""  # headers of csrc, for Cython's rooms
    public: bool = False  # may use w2vext's public names
    dynamic: bool = False  # may import a module whose name is not written out


ROOMS = {
    "__init__": Room(ours="_version", dynamic=True),
    "_version": Room(),
    "_types": Room(third="numpy"),
    # the estimator and what only it uses
    "model": Room(ours="trainer transform", third="sklearn.base"),
    "trainer": Room(
        ours="fitting storage vectors _params",
        lazily="pages",
        types="callbacks vocab",
    ),
    "fitting": Room(
        ours="corpus vocab training workers beginning heldout pooling _params", types="callbacks"
    ),
    "beginning": Room(ours="training vectors vocab", third="numpy"),
    "heldout": Room(ours="corpus training vocab _params", third="numpy"),
    "storage": Room(ours="beginning _params", lazily="formats", third="numpy"),
    "transform": Room(
        ours="corpus _params documents pooling", third="numpy sklearn.base sklearn.utils"
    ),
    "_params": Room(
        ours="schedules callbacks _choice", third="numpy", third_lazily="sklearn.exceptions"
    ),
    "documents": Room(third="numpy"),
    "pooling": Room(third="numpy"),
    # from text to ids
    "corpus": Room(ours="_text"),
    "vocab": Room(ours="workers _tokens _scan _choice", third="numpy"),
    "_choice": Room(third="numpy"),
    "_scan": Room(ours="workers _text _tokens _spool", third="numpy"),
    "_spool": Room(ours="_text", third="numpy"),
    "phrases": Room(
        ours="corpus vocab documents _phrases", third="numpy sklearn.base sklearn.utils"
    ),
    # training
    "workers": Room(third="threadpoolctl", third_lazily="tqdm"),
    "training": Room(
        ours="workers schedules callbacks epochs matrices shards _job _train _sampling",
        lazily="softmax",
        third="numpy",
    ),
    "softmax": Room(
        ours="workers _train _softmax",
        types="training callbacks epochs",
        third="numpy",
    ),
    "shards": Room(ours="workers _sampling _shards", types="training callbacks epochs"),
    "schedules": Room(third="numpy"),
    "callbacks": Room(third="numpy"),
    "epochs": Room(third="numpy"),
    "matrices": Room(third="numpy"),
    "minibatch": Room(ours="_minibatch", third="numpy"),
    # what comes out
    "vectors": Room(
        ours="nearest questions queries views",
        lazily="formats frames",
        third="numpy",
        third_lazily="sklearn matplotlib usearch",
    ),
    "queries": Room(ours="nearest neighbors questions", third="numpy", third_lazily="ot"),
    "neighbors": Room(ours="nearest questions", lazily="ann", third="numpy"),
    "questions": Room(third="numpy"),
    "views": Room(lazily="evaluation plots pages clusters", types="scores"),
    "clusters": Room(
        ours="nearest questions", lazily="formats", third="numpy", third_lazily="sklearn"
    ),
    "evaluation": Room(
        ours="testsets scores questions", third="numpy", third_lazily="scipy sklearn"
    ),
    "scores": Room(third_lazily="pandas polars"),
    "testsets": Room(),
    "plots": Room(public=True, ours="labels", third="numpy", third_lazily="matplotlib sklearn"),
    "labels": Room(third="numpy"),
    "nearest": Room(ours="_search workers", third="numpy"),
    "ann": Room(ours="nearest", third="numpy", third_lazily="usearch"),
    "frames": Room(third="numpy", third_lazily="gensim pandas polars"),
    "formats": Room(ours="_numbers _text", third="numpy", third_lazily="safetensors pyarrow"),
    # the textbook knows no extension module
    "reference": Room(third="numpy"),
    # word2vec.c reproduced, for its own sake
    "exact": Room(ours="_exact workers formats", lazily="vectors", third="numpy"),
    # users of the public names
    "cli": Room(public=True, dynamic=True, lazily="demo course exact formats", third="numpy"),
    "__main__": Room(ours="cli"),
    "demo": Room(public=True, third_lazily="numpy scipy"),
    "datasets": Room(public=True, third="numpy", third_lazily="pooch"),
    "pages": Room(public=True, ours="reference", third="numpy", third_lazily="plotly sklearn"),
    "course": Room(
        public=True,
        ours="minibatch reference labels",
        lazily="datasets pages",
        third="numpy sklearn threadpoolctl",
        third_lazily="tqdm matplotlib",
    ),
    "config": Room(
        ours="_version", lazily="_kernels workers", third_lazily="numpy scipy threadpoolctl"
    ),
    # Cython: the one door to BLAS, and the faces of csrc
    "_blas": Room(third="_blas_int scipy.linalg.cython_blas"),
    "_kernels": Room(lazily="_pair", c="step.h loss.h"),
    "_pair": Room(ours="_blas _kernels", c="sigmoid.h"),
    "_softmax": Room(ours="_blas _kernels"),
    "_minibatch": Room(ours="_blas _kernels"),
    "_sampling": Room(c="rng.h alias.h huffman.h"),
    "_job": Room(ours="_kernels _sampling"),
    "_train": Room(ours="_job _kernels _sampling"),
    "_shards": Room(ours="_job _kernels _sampling _train", c="rows.h"),
    "_text": Room(third="cpython", c="text.h"),
    "_tokens": Room(third="cpython"),
    "_numbers": Room(third="cpython", c="number.h"),
    "_search": Room(),
    "_phrases": Room(third="numpy cpython", c="phrases.h"),
    "_exact": Room(third="numpy cpython", c="exact_words.h exact.h exact_phrases.h"),
}

# csrc: which headers of ours a file may include, and the libc headers beyond LIBC.
LIBC = {"stdint.h", "stddef.h", "string.h", "math.h", "float.h", "limits.h"}
CSRC = {
    "rng.h": "",
    "loss.h": "",
    "loss.c": "loss.h",
    "sigmoid.h": "loss.h",
    "sigmoid.c": "sigmoid.h",
    "step.h": "merge.h loss.h",
    "step_body.h": "step_vectors.h step_rows.h merge_body.h",
    "step_vectors.h": "",
    "step_rows.h": "",
    "step.c": "step.h step_body.h immintrin.h",  # the compiler's own names for instructions
    "alias.h": "rng.h",
    "alias.c": "alias.h",
    "huffman.h": "",
    "huffman.c": "huffman.h",
    "merge.h": "",
    "rows.h": "",
    "merge_body.h": "",
    "number.h": "",
    "number.c": "number.h",
    "utf8.h": "intrin.h",  # MSVC's bit scan
    "text.h": "",
    "word.h": "utf8.h",
    "text.c": "text.h utf8.h word.h stdlib.h",
    "exact_words.h": "",
    "exact_words.c": "exact_words.h stdlib.h",
    "exact.h": "exact_words.h",
    "exact.c": "exact.h",
    "exact_tables.c": "exact.h",
    "exact_phrases.h": "exact_words.h",
    "exact_phrases.c": "exact_phrases.h stdlib.h",
    "phrases.h": "",
    "phrases.c": "phrases.h stdlib.h",
}
# The word counters' tables grow with the text; every other file works in memory that it is given.
MAY_ALLOCATE = {"text.c", "exact_words.c", "exact_phrases.c", "phrases.c"}
# MSVC's bit scan takes an unsigned long.
MAY_SAY_LONG = {"utf8.h"}
# Which csrc file is linked into which extension: one only, or its tables would exist twice.
LINKED = {
    "step.c": "_kernels",
    "loss.c": "_kernels",
    "sigmoid.c": "_pair",
    "alias.c": "_sampling",
    "huffman.c": "_sampling",
    "text.c": "_text",
    "number.c": "_numbers",
    "exact.c": "_exact",
    "exact_tables.c": "_exact",
    "exact_words.c": "_exact",
    "exact_phrases.c": "_exact",
    "phrases.c": "_phrases",
}

# What every room may import below `if TYPE_CHECKING:`, where nothing runs.
FOR_TYPES = "w2vext._types numpy typing_extensions"

FORBIDDEN_IN_C = {
    r"\b(?:v|f|s|sn|vf|vs|vsn)?printf\b|\bputs\b|\bputchar\b|\bstd(?:out|err)\b": "prints",
    r"\b(?:exit|_exit|abort|assert|longjmp)\s*\(": "ends the process instead of returning a status",
    r"\b(?:s?rand|time|clock)\s*\(": "keeps state or a clock of its own",
    r"\b(?:strtod|strtof|atof|setlocale|sscanf)\s*\(": "obeys the locale",
    r"\b_Atomic\b|\b_Thread_local\b|\bpthread_\w+": "needs C11 atomics or threads",
}
LONG = r"\blong\b"
ALLOCATES = r"\b(?:malloc|calloc|realloc|free|alloca|mmap)\s*\("
DIALECT = {"cython", "libc", "libcpp"}


def room_of(path):
    """The room of a file below w2vext/: its own name, or its folder's."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.split(".")[0]


def allows(names, module):
    return any(module == name or module.startswith(name + ".") for name in names.split())


def judge(found, name, room, public):
    """Why `room`, called `name`, may not have this import; None where it may."""
    module, top = found.module, found.module.split(".")[0]
    if found.kind == "header":
        return None if found.module in {*room.c.split(), *LIBC} else "is not open to this room"
    if module == "?":
        return None if room.dynamic else "imports by a computed name"
    if found.kind == "types" and allows(FOR_TYPES, module):
        return None
    if top == "w2vext":
        inner = module.partition(".")[2]
        if inner in public:
            if room.public:
                return None
            inner = public[inner] or "_version"
        target = inner.split(".")[0]
        if target == name or allows(room.ours, inner):
            return None
        if found.kind == "types" and allows(f"{room.lazily} {room.types}", inner):
            return None
        if allows(room.lazily, inner):
            return None if found.lazy else "may be imported inside a function only"
        return "is not open to this room"
    if top in sys.stdlib_module_names or top == "compression" or top in DIALECT:
        return None
    if allows(room.third, module):
        return None
    if allows(room.third_lazily, module):
        return None if found.lazy else "may be imported inside a function only"
    return "is not open to this room"


def public_names():
    """Public name → the module it lives in, read from w2vext/__init__.py without importing it."""
    for node in ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "_HOMES":
            return ast.literal_eval(node.value) | {"__version__": None}
    raise AssertionError("w2vext/__init__.py has no table _HOMES of its public names")


def read(path):
    """The imports of one file of ours."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        parts = path.relative_to(PROJECT).parent.parts
        return imports.python(text, ".".join(parts))
    return imports.cython(text)


def complaints(path, found, name, rooms, public):
    if name not in rooms:
        return [f"{path}: a new room, {name!r}: add it to the table ROOMS in {__file__}"]
    reasons = ((each, judge(each, name, rooms[name], public)) for each in found)
    return [
        f"{path}:{each.line}: {each.kind} of {each.module}: {why} ({name})"
        for each, why in reasons
        if why
    ]


SOURCES = sorted(
    path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".pyx", ".pxd", ".pxi"}
)
C_SOURCES = sorted(path for path in (PROJECT / "csrc").glob("*") if path.suffix in {".c", ".h"})


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_only_what_its_room_may_know(path):
    found = read(path)
    wrong = complaints(path.relative_to(PROJECT), found, room_of(path), ROOMS, public_names())
    assert not wrong, "\n".join(wrong)


def test_every_row_has_its_room():
    gone = set(ROOMS) - {room_of(path) for path in SOURCES}
    assert not gone, f"rows without a module: {sorted(gone)}"


@pytest.mark.parametrize("path", C_SOURCES, ids=lambda p: p.name)
def test_csrc_knows_only_libc(path):
    wrong = c_complaints(path.name, path.read_text(encoding="utf-8"))
    assert not wrong, "\n".join(wrong)


def c_complaints(name, text):
    if name not in CSRC:
        return [f"csrc/{name}: a new file: add it to the tables CSRC and LINKED in {__file__}"]
    allowed = set(CSRC[name].split()) | LIBC
    wrong = [
        f"csrc/{name}:{each.line}: includes {each.module}"
        for each in imports.c_headers(text)
        if each.module not in allowed
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
    while inner.search(code):  # what stands in braces is no file scope; its newlines stay
        code = inner.sub(lambda match: "\x01" + "\n" * match[1].count("\n") + "\x02", code)
    code = re.sub(
        r"\)[\s\w]*\x01\n*\x02", lambda match: match[0] + ";", code
    )  # a function's body ends it
    start = 0
    for declared in code.split(";"):
        line = code.count("\n", 0, start + len(declared) - len(declared.lstrip())) + 1
        start += len(declared) + 1
        head = re.sub(r"\[[^\]]*\]", "", declared.partition("=")[0])  # an array of what it says
        head = " ".join(re.sub(r"[\x01\x02]", " {} ", head).split())
        if not head or "(" in head or head.startswith(("typedef ", "extern ")):
            continue
        if re.fullmatch(r"(?:struct|union|enum)(?: \w+)?(?: \{\} *\{\})?", head):
            continue
        if not re.search(r"\bconst\b(?!.*\*)|\*\s*const\b", head):
            yield line, head.replace(" {} {}", "")


def test_each_c_file_is_linked_once():
    tree = ast.parse((PROJECT / "setup.py").read_text(encoding="utf-8"))
    table = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "EXTENSIONS"
    )
    linked = [(source, name) for name, sources in table.items() for source in sources]
    assert sorted(linked) == sorted(LINKED.items())
    assert {path.name for path in C_SOURCES if path.suffix == ".c"} == set(LINKED)
    assert set(table) == {path.stem for path in PACKAGE.glob("*.pyx")}


# --- the checker itself: planted wrong imports -------------------------------------------------

PUBLIC = {"Word2Vec": "model", "__version__": None}


def found_wrong(text, name, suffix=".py"):
    package = "w2vext" if name != "formats" else "w2vext.formats"
    reader = imports.python if suffix == ".py" else imports.cython
    return complaints(Path(name + suffix), reader(text, package), name, ROOMS, PUBLIC)


@pytest.mark.parametrize(
    "name, text",
    [
        ("corpus", "from w2vext.vocab import build"),
        ("corpus", "import numpy as np"),
        ("corpus", "def f():\n    def g():\n        from w2vext import vocab"),
        ("vectors", "from w2vext.formats import word2vec_text"),
        ("vectors", "from w2vext import Word2Vec"),
        ("vectors", "import sklearn.cluster"),
        ("vectors", "class C:\n    from . import training"),
        ("formats", "from .. import vectors"),
        ("formats", "from ..model import Word2Vec"),
        ("formats", "def f():\n    import pandas"),
        ("reference", "from w2vext import _kernels"),
        ("workers", "import importlib\nimportlib.import_module('w2vext.training')"),
        ("workers", "__import__(name)"),
        ("model", "import sklearn.cluster"),
        ("cli", "from w2vext.model import Word2Vec"),
        ("cli", "from w2vext import _text"),
        ("demo", "import w2vext.training"),
        ("corpus", "from w2vext._types import Int64"),
        ("corpus", "if TYPE_CHECKING:\n    from w2vext.vocab import Vocabulary"),
        ("corpus", "if TYPE_CHECKING:\n    import re\nelse:\n    import numpy"),
    ],
)
def test_a_planted_import_is_found(name, text):
    assert len(found_wrong(text, name)) == 1


@pytest.mark.parametrize(
    "name, text",
    [
        ("_pair", "from scipy.linalg.cython_blas cimport sdot"),
        ("_pair", "from scipy.linalg cimport cython_blas"),
        ("_kernels", "cimport numpy as np"),
        ("_kernels", 'cdef extern from "rng.h":\n    pass'),
        ("_train", "from w2vext._blas cimport (\n    dot,\n    axpy)"),
        ("_train", "from w2vext cimport _kernels, _text"),
        ("_sampling", "import numpy as np"),
        ("_search", 'cdef extern from "Python.h" nogil:\n    pass'),
    ],
)
def test_a_planted_cimport_is_found(name, text):
    assert len(found_wrong(text, name, ".pyx")) == 1


@pytest.mark.parametrize(
    "name, text",
    [
        ("vectors", "def f():\n    from w2vext.formats import word2vec_text"),
        ("vectors", "def f():\n    import sklearn.cluster"),
        ("formats", "from . import _rows\nfrom .. import _numbers\nimport numpy"),
        ("cli", "def f():\n    from w2vext import Word2Vec, __version__"),
        ("model", "from sklearn.base import BaseEstimator\nimport os.path"),
    ],
)
def test_an_allowed_import_passes(name, text):
    assert found_wrong(text, name) == []


def test_imports_in_a_docstring_do_not_count():
    assert found_wrong('"""\nimport numpy\n"""\ncimport cython\n', "_search", ".pyx") == []


def test_an_unknown_room_is_told_where_to_register():
    (message,) = found_wrong("import os", "attic")
    assert "attic" in message and "add it to the table ROOMS" in message


@pytest.mark.parametrize(
    "text, word",
    [
        ("#include <Python.h>\n", "Python.h"),
        ('#  include "alias.h"\n', "alias.h"),
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
    /* printf, exit and malloc stay outside; int count; */
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


def test_an_unknown_c_file_is_told_where_to_register():
    (message,) = c_complaints("attic.c", "")
    assert "CSRC and LINKED" in message
