"""The imports of source files: of Python from its syntax tree, of Cython and C from their lines.

Each reader yields `Import(module, line, lazy, kind)`: `module` is the full dotted name, `lazy` is
true inside a function, `kind` is "python", "types" (below `if TYPE_CHECKING:`), "cimport"
or "header". Relative imports are resolved, `from w2vext import name` is `w2vext.name`, and
`import_module("name")` counts as an import; one whose argument is not a literal is the module "?".
"""

import ast
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Import(NamedTuple):
    module: str
    line: int
    lazy: bool
    kind: str


DYNAMIC = {"import_module", "__import__"}


def python(text, package):
    """The imports of a Python file in the package `package` ("w2vext.formats")."""
    return sorted(_walk(ast.parse(text), package, lazy=False), key=lambda found: found.line)


def _walk(node, package, lazy, kind="python"):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and getattr(child.test, "id", None) == "TYPE_CHECKING":
            yield from _walk(ast.Module(child.body, []), package, lazy, "types")
            yield from _walk(ast.Module(child.orelse, []), package, lazy, kind)
            continue
        inside = lazy or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, lazy, kind)
        elif isinstance(child, ast.ImportFrom):
            home = _absolute(child.module, child.level, package)
            names = [f"{home}.{each.name}" for each in child.names] if _is_package(home) else [home]
            for name in names:
                yield Import(name, child.lineno, lazy, kind)
        elif isinstance(child, ast.Call) and _called(child) in DYNAMIC:
            literal = child.args and isinstance(child.args[0], ast.Constant)
            name = _absolute_name(child.args[0].value, package) if literal else "?"
            yield Import(name, child.lineno, lazy, kind)
        yield from _walk(child, package, inside, kind)


def _called(call):
    return getattr(call.func, "id", getattr(call.func, "attr", None))


PACKAGES = {
    ".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "w2vext").rglob("__init__.py")
}


def _is_package(name):
    # The name that is imported from a package may be a module, so it is a part of the import.
    return name in PACKAGES


def _absolute(module, level, package):
    if not level:
        return module
    parts = package.split(".")
    base = ".".join(parts[: len(parts) - level + 1])
    return f"{base}.{module}" if module else base


def _absolute_name(name, package):
    level = len(name) - len(name.lstrip("."))
    return _absolute(name[level:], level, package)


CYTHON = re.compile(
    r"""^(?P<indent>[ \t]*)(?:
        from\s+(?P<source>[.\w]+)\s+(?P<how>c?import)\s+(?P<names>\([^)]*\)|[^\n#]+)
      | (?P<plain>c?import)\s+(?P<modules>[^\n#]+)
      | cdef\s+extern\s+from\s+["'<]+(?P<header>[^"'>]+)
      | include\s+["'](?P<include>[^"']+)
    )""",
    re.MULTILINE | re.VERBOSE,
)


def cython(text, package="w2vext"):
    """The imports, cimports, headers and includes of a .pyx or .pxd file."""
    text = _blank(text, r'"""(?:[^\\]|\\.)*?"""' + r"|'''(?:[^\\]|\\.)*?'''")
    found = []
    for match in CYTHON.finditer(text):
        line = text.count("\n", 0, match.start() + len(match["indent"])) + 1
        lazy = bool(match["indent"])
        if match["source"]:
            kind = "cimport" if match["how"] == "cimport" else "python"
            level = len(match["source"]) - len(match["source"].lstrip("."))
            home = _absolute(match["source"][level:], level, package)
            names = re.findall(r"(\w+)(?:\s+as\s+\w+)?\s*(?:,|$)", match["names"].strip("() \n"))
            modules = [f"{home}.{name}" for name in names] if _is_package(home) else [home]
            found += [Import(module, line, lazy, kind) for module in modules]
        elif match["plain"]:
            kind = "cimport" if match["plain"] == "cimport" else "python"
            for module in match["modules"].split(","):
                found.append(Import(module.split(" as ")[0].strip(), line, lazy, kind))
        else:
            found.append(Import(match["header"] or match["include"], line, lazy, "header"))
    return found


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', re.MULTILINE)


def c_headers(text):
    """The #includes of a C file."""
    text = _blank(text, r"/\*.*?\*/|//[^\n]*")
    return [
        Import(match[1], text.count("\n", 0, match.start(1)) + 1, False, "header")
        for match in INCLUDE.finditer(text)
    ]


def c_code(text):
    """The C code with comments, strings and preprocessor lines replaced by blanks."""
    text = _blank(text, r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"' + r"|'(?:[^'\\\n]|\\.)*'")
    return _blank(text, r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)


def _blank(text, pattern, flags=re.DOTALL):
    return re.sub(pattern, lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=flags)
