"""Read stored results, and write figures, captions and tables in Markdown."""

import datetime
import json
import textwrap
from statistics import mean, median, stdev

from results import FOLDER

ISA = {"avx512": "AVX-512", "avx2": "AVX2", "generic": "no AVX"}


def stored(folder=FOLDER):
    """All results, oldest first."""
    paths = sorted(folder.glob("*.json"))
    contents = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return sorted(contents, key=lambda content: content["date"])


def newest(contents, names):
    """The newest results of these names on each machine: [{name: results}]."""
    machines = {}
    for content in contents:
        if content["name"] in names:
            machines.setdefault(machine_name(content), {})[content["name"]] = content
    return [{name: named[name] for name in names if name in named} for named in machines.values()]


def machine_name(content):
    machine = content["machine"]
    isa = ISA.get(machine["isa"], machine["isa"])
    facts = [machine["microarchitecture"], isa, f"{machine['cores']} cores"]
    return f"{machine['cpu']} ({', '.join(fact for fact in facts if fact)})"


def day(content):
    date = datetime.date.fromisoformat(content["date"])
    return f"{date.day} {date:%B} {date.year}"


def caption(content, *facts):
    """The machine, the date, other sentences and the command, each on lines of its own."""
    return "\n".join([f"{machine_name(content)}, {day(content)}.", *facts, command(content)])


def command(content):
    """The command of a result, in lines of at most 120 characters."""
    return textwrap.fill(
        f"`{content['command']}`", 120, break_long_words=False, break_on_hyphens=False
    )


def grouped(runs, *names):
    """{values of these fields: their runs}, in the order in which they were first measured."""
    found = {}
    for run in runs:
        found.setdefault(tuple(_key(run.get(name)) for name in names), []).append(run)
    return found


def _key(value):
    return json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else value


def middle(runs, name):
    """The median of a field, or None where no run has it."""
    values = [run[name] for run in runs if name in run]
    return median(values) if values else None


# ---- formatting


def thousands(words_per_s):
    return f"{words_per_s / 1e3:,.0f}"


def times(ratio):
    return f"{ratio:.0f}×" if ratio >= 100 else f"{ratio:.1f}×"


def span(values, write):
    """The median, with minimum and maximum if there are several values."""
    text = write(median(values))
    return f"{text} ({write(min(values))}–{write(max(values))})" if len(values) > 1 else text


def deviation(values, digits=1):
    text = f"{mean(values):.{digits}f}"
    return f"{text} ± {stdev(values):.{digits}f}" if len(values) > 1 else text


def number(value, digits=3):
    """A figure with three significant digits, without an exponent."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.{digits}g}".rstrip(".")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def of_part(part, rows_of):
    """A table function for the runs of one part of a script; `rows_of` makes a table of them."""

    def make(machines):
        parts = []
        for named in machines:
            for content in named.values():
                runs = [run for run in content["runs"] if run["part"] == part]
                if runs:
                    parts += [caption(content), rows_of(runs)]
        return "\n\n".join(parts)

    return make
