"""Additions to the site: the pages of benchmarks/, and references as numpydoc has them.

mkdocstrings does not convert reStructuredText.
"""

import re
from pathlib import Path

from mkdocs.structure.files import File

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
# The pages of that folder, and their names on the site.
NAMES = {"README.md": "benchmarks.md", "notes.md": "benchmark-notes.md"}


def on_files(files, config):
    for source, name in NAMES.items():
        content = (BENCHMARKS / source).read_text(encoding="utf-8")
        content = content.replace("](../docs/", "](")
        for other, there in NAMES.items():
            content = content.replace(f"]({other}", f"]({there}")
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown, page, config, files):
    """Make links to the benchmarks lead to their pages on the site."""
    return re.sub(
        r"\]\(((?:\.\./)*)\.\./benchmarks/(README\.md|notes\.md)",
        lambda match: f"]({match[1]}{NAMES[match[2]]}",
        markdown,
    )


def on_page_content(html, page, config, files):
    """Put `.. [1] Author` on a separate line, and remove the underscore of `[1]_`."""
    if not page.file.src_uri.startswith("api/"):
        return html
    html = re.sub(
        r"(<p>)?\s*\.\. \[(\d+)\]\s", lambda m: f"{m[1] or '<br>'}[{m[2]}] ", html
    )
    return re.sub(r"(\[\d+\])_(?!\w)", r"\1", html)
