"""Write the stored results into the pages: tables, single figures and the pictures.

    python benchmarks/report.py            # rewrites what is out of date
    python benchmarks/report.py --check    # only tells what is: status 1
    python benchmarks/report.py --list     # the names of all tables and figures

In a page a table is between `<!-- table NAME -->` and `<!-- end -->`, a single figure between
`<!-- figure NAME -->` and `<!-- end -->`. Everything between the two marks is generated.
"""

import argparse
import re
import sys

import frontier_picture
import picture
import stored
import tables
from frontier_tables import NAMES
from results import FOLDER, PROJECT

MARKED = re.compile(r"(?<!`)<!-- (table|figure) (\S+) -->(.*?)<!-- end -->", re.DOTALL)
# Each picture: the results that it shows, and what draws those of one machine.
PICTURES = {
    "docs/speed-and-quality.svg": (("compare",), lambda named: picture.draw(named["compare"])),
    "docs/quality-and-time.svg": (NAMES, frontier_picture.draw),
}


def pages(project=PROJECT):
    """The pages that show results; benchmarks/notes.md is history and is not among them."""
    found = [project / "README.md", project / "benchmarks" / "README.md"]
    return [*found, *sorted((project / "docs").rglob("*.md"))]


class Report:
    """The tables and figures of the stored results.

    Parameters
    ----------
    contents : list of dict
        The stored results, oldest first.
    """

    def __init__(self, contents):
        self.contents = contents
        self.figures = tables.figures(contents)

    def table(self, name):
        if name not in tables.TABLES:
            raise KeyError(f"no table is called {name}; see --list")
        names, make = tables.TABLES[name]
        machines = stored.newest(self.contents, names)
        if not machines:
            raise KeyError(f"table {name} needs results called {' or '.join(names)}")
        return f"\n\n{make(machines)}\n\n"

    def figure(self, name):
        if name not in self.figures:
            raise KeyError(f"no stored result gives the figure {name}; see --list")
        return self.figures[name]

    def page(self, text):
        """The text of a page with all its tables and figures generated again."""

        def made(match):
            kind, name, _ = match.groups()
            return f"<!-- {kind} {name} -->{getattr(self, kind)(name)}<!-- end -->"

        return MARKED.sub(made, text)

    def picture(self, name):
        """The SVG of the newest machine's results."""
        names, draw = PICTURES[name]
        (*_, named) = stored.newest(self.contents, names)
        return draw(named)


def wanted(project=PROJECT, folder=FOLDER):
    """{path: text} of all pages and pictures, generated from the results."""
    report = Report(stored.stored(folder))
    made = {}
    for path in pages(project):
        try:
            made[path] = report.page(path.read_text(encoding="utf-8"))
        except KeyError as error:
            raise SystemExit(f"{path.relative_to(project)}: {error.args[0]}") from None
    return made | {project / name: report.picture(name) for name in PICTURES}


def differences(project=PROJECT, folder=FOLDER):
    """'page:line: text' of the first line of each page that differs from the results."""
    found = []
    for path, text in wanted(project, folder).items():
        there = path.read_text(encoding="utf-8").splitlines() if path.exists() else [""]
        for number, (is_, should) in enumerate(zip(there, text.splitlines(), strict=False), 1):
            if is_ != should:
                found.append(f"{path.relative_to(project)}:{number}: {is_!r} should be {should!r}")
                break
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        report = Report(stored.stored())
        print(*(f"table {name}" for name in tables.TABLES), sep="\n")
        print(*(f"figure {name}: {text}" for name, text in report.figures.items()), sep="\n")
    elif options.check:
        found = differences()
        print(*found, sep="\n")
        sys.exit(bool(found))
    else:
        for path, text in wanted().items():
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                print(path.relative_to(PROJECT))


if __name__ == "__main__":
    main()
