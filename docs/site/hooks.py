"""What the site has beyond docs/: the benchmarks, and numpydoc's notes to literature.

mkdocstrings leaves reStructuredText as it is.
"""

import re
from pathlib import Path

from mkdocs.structure.files import File

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks" / "README.md"


def on_files(files, config):
    content = BENCHMARKS.read_text(encoding="utf-8").replace("](../docs/", "](")
    files.append(File.generated(config, "benchmarks.md", content=content))
    return files


def on_page_markdown(markdown, page, config, files):
    """Links to the benchmarks lead to their page here."""
    return re.sub(
        r"\]\(((?:\.\./)*)\.\./benchmarks/README\.md", r"](\1benchmarks.md", markdown
    )


def on_page_content(html, page, config, files):
    """`.. [1] Author` begins a line of its own, `[1]_` points to it."""
    if not page.file.src_uri.startswith("api/"):
        return html
    html = re.sub(
        r"(<p>)?\s*\.\. \[(\d+)\]\s", lambda m: f"{m[1] or '<br>'}[{m[2]}] ", html
    )
    return re.sub(r"(\[\d+\])_(?!\w)", r"\1", html)
