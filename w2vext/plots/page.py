"""HTML pages, which are filled from a template and shown in a notebook or written to a file."""

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

    from w2vext._arguments.types import FilePath


class Page:
    """An HTML page, which a notebook shows inline.

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
        """Write the page to a file and return its path."""
        with _files.writing(path, text=True) as file:
            file.write(self.html)
        return Path(_files.path_of(path))


def filled(package: str, template: str, **parts: str) -> str:
    """A template of a package, with each mark ``/*NAME*/`` replaced by the part NAME."""
    page = from_files(package, template)
    # In one pass, because a part may contain text that looks like a mark.
    return re.sub(r"/\*([A-Z]+)\*/", lambda mark: parts[mark[1]], page)


def from_files(package: str, *names: str) -> str:
    """The concatenated text of a package's files."""
    folder = files(package)
    return "".join(folder.joinpath(name).read_text("utf-8") for name in names)


def as_json(data: Any) -> str:
    """Data as JSON for an element of a page, escaped so that it cannot end the element."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
