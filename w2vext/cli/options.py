"""Command-line options made from an estimator's signature and docstring: they cannot diverge.

A parameter is an option where its documented type can be typed at a prompt: int, float, bool, a
path or a choice such as {"mean", "sum"}. Callables and objects are no options.
"""

from __future__ import annotations

import argparse
import inspect
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any, NoReturn


class Documented(NamedTuple):
    kind: str  # "int or None"
    text: str


class Parser(argparse.ArgumentParser):
    """Argparse's, with one line for an error and no abbreviated options."""

    def __init__(self, **how: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_Formatter, **how)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:  # laid out by hand
            return text
        return super()._fill_text(text, width, indent)


def positive(text: str) -> int:
    """A whole number of 1 or more, for argparse."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{count}: give 1 or more")
    return count


positive.__name__ = "int"  # argparse names it: "invalid int value: 'x'"


def documented(cls: type) -> dict[str, Documented]:
    """Name → (type, text) of the section "Parameters" in a numpydoc docstring."""
    doc = inspect.getdoc(cls) or ""
    section = re.search(
        r"^Parameters\n-+\n(.*?)(?=^\w[^\n]*\n-+\n|\Z)", doc, re.DOTALL | re.MULTILINE
    )
    found: dict[str, Documented] = {}
    if section is None:
        return found
    for match in re.finditer(
        r"^(\w+) : ([^\n]*)\n((?:[ ]+[^\n]*\n|\n)*)", section[1] + "\n", re.MULTILINE
    ):
        kind = re.sub(r",\s*(?:default\b.*|optional)$", "", match[2])
        found[match[1]] = Documented(kind, _plain(match[3]))
    return found


def _plain(text: str) -> str:
    """Docstring text without its mark-up, on one line."""
    text = " ".join(text.split())
    text = re.sub(r",?[^,;.]*\[\d+\]_[^,;.]*", "", text)  # a clause that points to the references
    return re.sub(r":\w+:`~?([^`]*)`|``?([^`]*)``?", lambda m: m[1] or m[2], text)


def add_options(
    parser: argparse._ActionsContainer, cls: type, skip: Collection[str] = ()
) -> list[str]:
    """Add an option for every parameter of `cls` that can be one; returns their names."""
    described = documented(cls)
    names = []
    for name, parameter in inspect.signature(cls).parameters.items():
        if name in skip or name not in described:
            continue
        how = _argument(described[name].kind, parameter.default)
        if how is None:
            continue
        text = described[name].text.replace("%", "%%")
        shown = parameter.default if parameter.default is not None else "none"
        parser.add_argument(
            "--" + name.replace("_", "-"),
            default=parameter.default,
            help=f"{text} [{str(shown).lower() if isinstance(shown, bool) else shown}]",
            **how,
        )
        names.append(name)
    return names


def _argument(kind: str, default: Any) -> dict[str, Any] | None:
    """argparse's keywords for a documented type; None where no option can stand for it."""
    optional = default is None or bool(re.search(r"\bNone\b", kind))
    choices = re.search(r"\{([^}]*)\}", kind)
    if choices:
        return {"choices": re.findall(r"[\w.-]+", choices[1])}
    if re.search(r"\bbool\b", kind):
        return {"action": argparse.BooleanOptionalAction}
    for name, read in (("float", float), ("int", int), ("path", str), ("str", str)):
        if re.search(rf"\b{name}\b", kind):
            return {"type": _or_none(read) if optional else read, "metavar": name.upper()}
    return None


def _or_none(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def value(text: str) -> Any:
        return None if text.lower() == "none" else read(text)

    value.__name__ = read.__name__  # argparse names it: "invalid int value: 'x'"
    return value
