"""The command lines of the original programs: pairs of a flag and a value, and their help.

If a flag is given twice, the first one counts, as in the originals. Unknown flags, missing values
and values out of range are errors; the originals ignore them.
"""

from __future__ import annotations

import difflib
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

from w2vext._arguments.messages import shown
from w2vext.cli import complain

if TYPE_CHECKING:
    from typing import Any

MOST = 2**31 - 1  # of what is counted in 32 bits


class Flag(NamedTuple):
    name: str  # "-size"
    read: type  # int, float or str
    default: object
    text: str
    low: float = -math.inf
    high: float = math.inf
    value: str = "<file>"  # how the help shows a value of the type str

    @property
    def usage(self) -> str:
        """The flag with its value, for the help."""
        value = {int: "<int>", float: "<float>", str: self.value}[self.read]
        return f"{self.name} {value}"

    @property
    def about(self) -> str:
        """The text with the default, for the help."""
        if self.default is None:
            return self.text
        default = f"{self.default:g}" if self.read is float else f"{self.default}"
        return f"{self.text}; default {default}"


def parse(
    program: str, argv: list[str], flags: list[Flag], about: str, example: str
) -> SimpleNamespace | None:
    """The values by name, that of "-min-count" as min_count; None after printing the help.

    Raises
    ------
    SystemExit
        With status 2, after one line that says what is wrong.
    """
    if not argv or argv[0] in ("-h", "--help", "-help"):
        print(_help(program, flags, about, example))
        return None
    table = {flag.name: flag for flag in flags}
    values: dict[str, Any] = {}
    at = 0
    while at < len(argv):
        name = argv[at]
        if name not in table:
            near = difflib.get_close_matches(name, table, n=1)
            hint = f": did you mean {near[0]}?" if near else f" (see {program} --help)"
            raise wrong(program, f"unknown flag {shown(name)}{hint}")
        if at + 1 == len(argv):
            raise wrong(program, f"{name}: its value is missing")
        value = _read(program, table[name], argv[at + 1])
        values.setdefault(name, value)
        at += 2
    return SimpleNamespace(
        **{
            flag.name.lstrip("-").replace("-", "_"): values.get(flag.name, flag.default)
            for flag in flags
        }
    )


def wrong(program: str, message: str) -> SystemExit:
    """Print an error and return the exception to raise."""
    return SystemExit(complain(program, message, 2))


def required(program: str, options: SimpleNamespace, *names: str) -> None:
    """Raise SystemExit if one of these flags is missing."""
    for name in names:
        if not getattr(options, name):
            raise wrong(program, f"-{name} <file> is missing (see {program} --help)")


def _read(program: str, flag: Flag, text: str) -> Any:
    kind = {int: "an integer", float: "a number", str: "a name"}[flag.read]
    try:
        value = flag.read(text)
    except ValueError:
        raise wrong(program, f"{flag.name} {shown(text)}: give {kind}") from None
    if flag.read is str:
        if not text:
            raise wrong(program, f"{flag.name} '': give {kind}")
    elif not flag.low <= value <= flag.high:  # NaN is in no range
        raise wrong(program, f"{flag.name} {text[:80]}: give {kind}{_range(flag, value)}")
    return value


def _range(flag: Flag, value: float) -> str:
    """The range of a flag, as an addition to "give a number"."""
    if math.isinf(flag.low) and math.isinf(flag.high):
        return ""
    if flag.high < MOST:
        return f", {flag.low:g} to {flag.high:g}"
    return f", <= {flag.high}" if value > flag.high else f", >= {flag.low:g}"


def _help(program: str, flags: list[Flag], about: str, example: str) -> str:
    lines = [f"usage: {program} -flag value ...", "", about, "", "flags:"]
    for flag in flags:
        lines.append(f"  {flag.usage:21} {flag.about}")
    return "\n".join([*lines, "", f"example: {program} {example}"])
