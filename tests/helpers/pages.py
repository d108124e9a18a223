"""Runs the code blocks of Markdown pages and compares their output with that on the page.

A `python` block runs in the namespace of the page, or as a new module of w2vext if it has a title.
An `sh` block runs through a small interpreter of shell commands. Both run in the current folder.
A `text` block right after a block shows its output, including errors: whitespace may differ,
numbers with a point may differ by 2 %, and `…` matches anything. A test fails if an error is not
shown in such a block, if a training learns nothing, or if a program is neither run here nor listed
in NOT_RUN.
The commands in PARSED need data or several minutes: only their options are parsed.
"""

import contextlib
import importlib.util
import io
import re
import shlex
import sys
import types
import warnings
from dataclasses import dataclass
from pathlib import Path

import w2vext
from helpers import commands
from w2vext import formats

PROJECT = Path(__file__).resolve().parents[2]

FENCE = re.compile(r"^( *)```(\w*)([^\n]*)\n(.*?)^\1```[ ]*$", re.DOTALL | re.MULTILINE)
# Programs that need a network, minutes, or another folder, and where they are run instead.
NOT_RUN = {
    "pip": ".ci/run installs, from the README's own line",
    "pytest": "this is pytest",
    "git": "downloads the sources",
    "mkdocs": "tests/test_site.py builds the site",
    "ruff": "tests/test_checks.py",
    "mypy": "tests/test_checks.py",
    "setup.py": "builds the modules that these tests need",
    "venv": "creates an environment",
    "tests/fuzz.py": "tests/test_fuzz.py",
    "tests/kill.py": "tests/test_kill.py",
    "tests/faults.py": "tests/test_faults.py",
    "tests/helpers/commands.py": "tests/test_docs.py compares what it would write",
    "ray": "tests/test_distributed_ray.py starts clusters in Python",
    "kubectl": "needs a Kubernetes cluster",
    "export": "sets a variable for Ray",
    "fit.py": "its code is a part of the page, which the page runs on one machine",
    "benchmarks/": "none of the benchmarks runs under pytest",
    "examples/": "tests/test_examples.py runs each",
}
# Words of a block, and the optional package that it needs.
OPTIONAL = {"gensim": "gensim", "distributed": "ray"}
PARSED = {"course": "tests/test_course.py", "demo": "tests/test_demo.py"}  # where they are run
UNTRAINED = "nothing was learned"  # the first words of the warning that training changed nothing


@dataclass
class Block:
    page: str
    line: int
    language: str
    title: str
    text: str
    printed: str | None = None  # the text block right after it

    def __str__(self):
        return f"{self.page}, line {self.line}"


def blocks(path, root):
    """The code blocks of a page, each with the `text` block right after it."""
    source = Path(path).read_text(encoding="utf-8")
    found, end = [], 0
    for fence in FENCE.finditer(source):
        indent, language, about, text = fence.groups()
        if indent:
            text = re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)
        title = re.search(r'title="([^"]*)"', about)
        line = source.count("\n", 0, fence.start()) + 2
        name = Path(path).relative_to(root).as_posix()
        block = Block(name, line, language, title[1] if title else "", text)
        follows = found and not source[end : fence.start()].strip()
        if language == "text" and follows and found[-1].language in ("python", "sh"):
            found[-1].printed = text
        else:
            found.append(block)
        end = fence.end()
    return found


def run(path, root, after=None):
    """Run a page in the current folder, and call `after` while its modules exist.

    Returns the namespace of its Python blocks.
    """
    namespace = {"__name__": "__main__"}
    with contextlib.ExitStack() as made:
        for block in blocks(path, root):
            if any(
                name in block.text and importlib.util.find_spec(package) is None
                for name, package in OPTIONAL.items()
            ):
                continue
            if block.language == "python" and block.title:
                _python(block, made.enter_context(_module(block.title)))
            elif block.language == "python":
                _compare(block, *_python(block, namespace))
            elif block.language == "sh":
                _compare(block, *_shell(block))
        if after:
            after()
    return namespace


def run_page(path, folder, monkeypatch, after=None):
    """Run a page in a folder, and undo its changes; arguments and result are those of `run`."""
    for table in ("FORMATS", "SUFFIXES", "HOLDS"):  # the page on formats adds an entry
        monkeypatch.setattr(formats, table, dict(getattr(formats, table)))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("PYTHONPATH", str(Path(w2vext.__file__).parent.parent))
    monkeypatch.chdir(folder)
    return run(path, PROJECT, after)


@contextlib.contextmanager
def _module(title):
    """The namespace of a module that exists as w2vext/...py while the page runs."""
    name = title.removesuffix(".py").replace("/", ".")
    package, _, own = name.rpartition(".")
    assert importlib.util.find_spec(name) is None, f"{title} exists already"
    module = types.ModuleType(name)
    sys.modules[name] = module
    setattr(importlib.import_module(package), own, module)
    try:
        yield vars(module)
    finally:
        delattr(sys.modules[package], own)
        del sys.modules[name]


def _compare(block, failed, printed):
    shown = block.printed
    assert UNTRAINED not in printed or UNTRAINED in (shown or ""), f"{block} learns nothing"
    assert not failed or shown is not None, f"{block} fails:\n{printed}"
    if shown is not None:
        assert matches(shown, printed), f"{block}: the page shows\n{shown}\nit prints\n{printed}"


# ---- Python


def _python(block, namespace):
    """(whether it raised an exception, its output with the exception)."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    raised = None
    code = compile("\n" * (block.line - 1) + block.text, block.page, "exec")
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.filterwarnings("error", UNTRAINED)
        try:
            exec(code, namespace)
        except (Exception, KeyboardInterrupt) as error:
            if block.printed is None:
                raise
            raised = f"{type(error).__name__}: {error}"
    return raised is not None, out.buffer.getvalue().decode() + (raised or "")


# ---- the shell


def _shell(block):
    """(whether a line failed, the output of all lines)."""
    printed, failed = "", False
    for line in re.sub(r"\\\n\s*", "", block.text).splitlines():
        if _elsewhere(line):
            continue
        for command in _split(shlex.split(line, comments=True), "&&"):
            if command:
                status, text = _pipeline(command)
                printed += text
                failed |= status != 0
                if status:
                    break
    return failed, printed


def _elsewhere(line):
    """Whether the first program of a line, or the script that python runs, is in NOT_RUN."""
    words = [word for word in line.split() if not re.fullmatch(r"\w+=\S*", word)]
    if words[:1] == ["python"] and words[1:]:
        words = words[2:] if words[1] == "-m" else words[1:]
    return bool(words) and any(
        words[0].startswith(name) if name.endswith("/") else words[0] == name for name in NOT_RUN
    )


def _split(words, mark):
    parts = [[]]
    for word in words:
        if word == mark:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _pipeline(words):
    data, status = b"", 0
    parts, errors = _split(words, "|"), io.StringIO()
    for part in parts:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        into = None
        if ">" in part:
            part, (into,) = _split(part, ">")
        if "<" in part:
            part, (name,) = _split(part, "<")
            data = Path(name).read_bytes()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            status = _program(part, data)
        data = out.buffer.getvalue()
        if into:
            Path(into).write_bytes(data)
            data = b""
        if status:
            break
    return status, errors.getvalue() + data.decode("utf-8", "replace")


def _program(words, data):
    name, *args = words
    if name == "echo":
        print(*args)
        return 0
    if name == "cat":
        print("".join(Path(each).read_text(encoding="utf-8") for each in args), end="")
        return 0
    if name == "printf":  # only its format
        print(args[0].replace("\\n", "\n").replace("\\t", "\t"), end="")
        return 0
    assert name == "w2vext", f"{' '.join(words)!r}: pages.py cannot run {name!r}; see NOT_RUN"
    from w2vext import cli

    if args and args[0] in PARSED:
        commands.parser_of(args[0]).parse_args(args[1:])
        return 0
    kept, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
    try:
        return cli.main(args)
    finally:
        sys.stdin = kept


# ---- comparison

TOKEN = re.compile(r"…|-?\d[\d,]*\.(?:…|\d+(?:e[-+]?\d+)?)|\w+|[^\w\s]")
FLOAT = re.compile(r"-?\d[\d,]*\.\d+(?:e[-+]?\d+)?")


def matches(shown, printed):
    """Whether the text on the page matches the output."""
    pattern, tokens = TOKEN.findall(shown), TOKEN.findall(printed)
    at = [{0}]  # at[i]: the positions in tokens at which a match of pattern[:i] can end
    for piece in pattern:
        if piece == "…":
            at.append(set(range(min(at[-1]), len(tokens) + 1)) if at[-1] else set())
        else:
            at.append({j + 1 for j in at[-1] if j < len(tokens) and _same(piece, tokens[j])})
    return len(tokens) in at[-1]


def _same(shown, printed):
    if shown == printed or (shown.endswith(".…") and printed.startswith(shown[:-1])):
        return True
    if not (FLOAT.fullmatch(shown) and FLOAT.fullmatch(printed)):
        return False
    a, b = (float(each.replace(",", "")) for each in (shown, printed))
    return abs(a - b) <= 0.02 * max(1, abs(a))
