"""A page: filled from its template, shown inline in a notebook or written to a file.

Refuses data that could end the element it stands in, and half-written files.
"""

from __future__ import annotations

import json
import re
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from w2vext import _files

if TYPE_CHECKING:
    from typing import Any

    from w2vext._types import FilePath


class Page:
    """A page: shown inline in a notebook, or written to a file.

    Attributes
    ----------
    html : str
    title : str
    """

    def __init__(self, html: str, title: str) -> None:
        self.html = html
        self.title = title

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="{escape(self.title)}" '
            'style="width:100%;height:46rem;border:0"></iframe>'
        )

    def save(self, path: FilePath) -> Path:
        """Write the page to `path`, whole or not at all; returns the path."""
        with _files.writing(path, text=True) as file:
            file.write(self.html)
        return Path(_files.path_of(path))


def filled(package: str, template: str, **parts: str) -> str:
    """A template of a package, with each mark ``/*NAME*/`` replaced by the part NAME."""
    page = from_files(package, template)
    # In one pass: a part may hold what looks like a mark.
    return re.sub(r"/\*([A-Z]+)\*/", lambda mark: parts[mark[1]], page)


def from_files(package: str, *names: str) -> str:
    """The text of a package's files, one after the other."""
    here = files(package)
    return "".join(here.joinpath(name).read_text("utf-8") for name in names)


def as_json(data: Any) -> str:
    """Data for an element of a page: nothing in it can end that element."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
