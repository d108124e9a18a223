"""The commands: started as processes, their options, and the tables of docs/command-line.md.

    python tests/helpers/commands.py     writes the tables again

The tables are between `<!-- options: NAME -->` and `<!-- end -->`; tests/test_docs.py compares
them with the parsers.
"""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
PLACE = re.compile(r"(<!-- options: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def start(folder, *args, **options):
    """`w2vext ARGS` as a process in a folder, with the package under test and text streams."""
    import w2vext

    package = str(Path(w2vext.__file__).parent.parent)
    how = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "env": {**os.environ, "PYTHONPATH": package, **options.pop("env", {})},
    }
    command = [sys.executable, "-m", "w2vext", *map(str, args)]
    return subprocess.Popen(command, cwd=folder, **{**how, **options})


def interrupt(process):
    """Ctrl-C once the progress bar of a training counts an epoch."""
    from helpers import waiting

    shown = ""
    with waiting.limited(process):
        while "epoch=" not in shown:
            read = process.stderr.read(40)
            assert read, waiting.ended(process)
            shown += read
    process.send_signal(signal.SIGINT)


class _Found(Exception):
    pass


def parser_of(name):
    """The command's argparse parser, or None if it has the flags of the original suite."""
    from importlib import import_module

    from w2vext import cli
    from w2vext.cli.options import Parser

    def found(self, argv):
        raise _Found(self)

    module = import_module(f"w2vext.cli.{cli.COMMANDS[name][0]}")
    if hasattr(module, "PROGRAM"):
        return None
    kept, Parser.parse_args = Parser.parse_args, found
    try:
        module.main([])
    except _Found as stop:
        return stop.args[0]
    finally:
        Parser.parse_args = kept
    raise AssertionError(f"w2vext {name} makes no Parser")


def rows(name):
    """(usage, description) of each option and argument of a command."""
    from importlib import import_module

    from w2vext import cli

    parser = parser_of(name)
    if parser is None:
        module = import_module(f"w2vext.cli.{cli.COMMANDS[name][0]}")
        for flag in getattr(module, "FLAGS", ()):
            yield f"`{flag.usage}`", flag.about
        return
    formatter = parser._get_formatter()
    for action in parser._actions:
        if "--help" in action.option_strings:
            continue
        value = ""
        if action.nargs != 0 and not isinstance(action.default, bool):
            value = action.metavar or action.dest.upper()
            if action.choices:
                value = "{" + ",".join(map(str, action.choices)) + "}"
            if action.nargs == "+":
                value += " …"
        spelled = [f"`{f'{each} {value}'.strip()}`" for each in action.option_strings or [""]]
        text = formatter._expand_help(action) if action.help else ""
        yield ", ".join(spelled), re.sub(r" \(default: \w+\)$", "", text)  # Python 3.10's addition


def options_of(name):
    """The options of a command, as they are typed."""
    return {word for spelled, _ in rows(name) for word in re.findall(r"`(-[\w-]+)", spelled)}


def table(name):
    lines = ["| option | what it does |", "|---|---|"]
    for spelled, text in rows(name):
        text = re.sub(r"([|*<>])", r"\\\1", " ".join(text.split()))
        lines.append(f"| {spelled} | {text} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n" if len(lines) > 2 else ""


def with_tables(page):
    """The page's text with tables generated from the parsers."""
    return PLACE.sub(lambda match: match[1] + table(match[2]) + match[3], page)


if __name__ == "__main__":
    sys.path.insert(0, str(PAGE.parent.parent))
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
