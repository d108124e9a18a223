"""The demo: train word vectors on documentation that is part of every installation.

The text is English prose about programming and mathematics: the language reference of Python
(`pydoc_data.topics`) and the docstrings of the standard library, NumPy and SciPy. Docstrings are
read from the source files with `ast`; nothing is downloaded or imported.
"""

from __future__ import annotations

import ast
import os
import re
import sysconfig
import time
import warnings
from importlib.util import find_spec
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from w2vext import KeyedVectors
    from w2vext._arguments.types import FilePath

__all__ = ["run", "sentences"]

WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
PARAGRAPH = re.compile(r"\n\s*\n")
SKIPPED = {"test", "tests", "site-packages", "dist-packages", "__pycache__", "idlelib", "lib2to3"}

SETTINGS: dict[str, Any] = {
    "vector_size": 100,
    "window": 5,
    "sample": 1e-3,
    "alpha": 0.05,
    "epochs": 10,
}

SHOWN = ("sine", "eigenvalues", "file", "row", "thread", "variance")
ANALOGIES = (("max", "maximum", "min"), ("row", "rows", "column"), ("sine", "sin", "cosine"))


def sentences(report: Callable[[str, int], object] = lambda name, words: None) -> list[list[str]]:
    """Return the corpus of the demo: distinct paragraphs as lists of lower-case words.

    Parameters
    ----------
    report : callable (str, int), optional
        Called for every source with its name and its number of words.

    Returns
    -------
    list of list of str
    """
    seen: dict[tuple[str, ...], None] = {}
    for name, texts in _sources():
        words = 0
        for text in texts:
            for paragraph in PARAGRAPH.split(text.lower()):
                sentence = tuple(WORD.findall(paragraph))
                if len(sentence) > 1 and sentence not in seen:
                    seen[sentence] = None
                    words += len(sentence)
        report(name, words)
    return [list(sentence) for sentence in seen]


def _sources() -> Iterator[tuple[str, Iterable[str]]]:
    """Yield (name, texts) of every source that is installed."""
    if find_spec("pydoc_data") and find_spec("pydoc_data.topics"):
        from pydoc_data.topics import topics

        yield "Python's language reference", topics.values()
    yield "the standard library", _docstrings(Path(sysconfig.get_path("stdlib")))
    for package in ("numpy", "scipy"):
        spec = find_spec(package)
        if spec and spec.submodule_search_locations:
            yield package, _docstrings(Path(spec.submodule_search_locations[0]))


def _docstrings(folder: Path) -> Iterator[str]:
    """Yield the docstrings of every Python file in `folder` and its subfolders."""
    for path in _python_files(folder):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if '"""' in text or "'''" in text:
            yield from docstrings_of(text)


def _python_files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED)
        for name in sorted(files):
            if name.endswith(".py"):
                yield Path(place, name)


def docstrings_of(source: str) -> Iterator[str]:
    """Yield the docstrings and `add_newdoc` texts of a source; nothing if it cannot be parsed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in the strings of other packages
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented):
            text = ast.get_docstring(node, clean=False)
            if text:
                yield text
        elif isinstance(node, ast.Call) and getattr(node.func, "id", None) == "add_newdoc":
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def free_name(path: FilePath) -> Path:
    """Return `path`, or if it exists, the first of name-2, name-3, … that does not exist."""
    path = Path(path)
    others = (path.with_stem(f"{path.stem}-{n}") for n in count(2))
    return next(free for free in chain([path], others) if not os.path.lexists(free))


def run(output: FilePath, format: str | None = None) -> None:
    """Collect the text, train, print examples, and write the vectors.

    Parameters
    ----------
    output : str or path-like
    format : str, optional
        A key of `w2vext.formats.FORMATS`. By default the suffix decides.
    """
    from w2vext import Word2Vec

    start = time.perf_counter()
    print("Reading the installed documentation:", flush=True)
    corpus = sentences(lambda name, words: print(f"  {words:9,} words  {name}", flush=True))
    total = sum(map(len, corpus))

    model = Word2Vec(**SETTINGS)
    size, epochs = model.vector_size, model.epochs
    print(f"\nTraining {size} dimensions, {epochs} epochs of {total:,} words ...", flush=True)
    training_start = time.perf_counter()
    model.fit(corpus)
    seconds = time.perf_counter() - training_start
    first, last = model.loss_history_[0], model.loss_history_[-1]
    print(
        f"  {len(model.vectors_):,} words occur at least {model.min_count} times; "
        f"mean loss {first:.2f} -> {last:.2f}; {seconds:.1f} s"
    )

    show(model.wv)
    model.wv.save(output, format)
    print(f"\nWrote {output}; total time {time.perf_counter() - start:.0f} s. Try next:")
    if os.path.isfile(output):  # and not a pipe
        print(f"  w2vext similar {output} matrix string probability")
    print("  w2vext train your-text.txt -o your-vectors.txt")
    print("  python -c 'import w2vext; help(w2vext.Word2Vec)'")


def show(vectors: KeyedVectors) -> None:
    """Print neighbours and analogies of the example words that `vectors` contains."""
    print("\nNearest words by cosine similarity:")
    for word in SHOWN:
        if word in vectors:
            near = "  ".join(
                f"{name} {cosine:.2f}" for name, cosine in vectors.most_similar(word, topn=5)
            )
            print(f"  {word:12}  {near}")
    print("\nAnalogies:")
    for a, b, c in ANALOGIES:
        if all(word in vectors for word in (a, b, c)):
            ((answer, _),) = vectors.most_similar([b, c], [a], topn=1)
            print(f"  {a} is to {b} as {c} is to {answer}")
