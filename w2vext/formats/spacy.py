"""Folders that ``spacy.load`` opens: a pipeline without components, and vectors.

spaCy itself writes and reads the files of its vocabulary, so they suit the version that is
installed. Nothing of a pipeline that is read is executed: only the words and vectors of its
vocabulary are loaded.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.messages import CHECK_PATH, COPY_AGAIN, shown, text_of
from w2vext.formats import _rows
from w2vext.formats._choice import WORD, Budget, Choice, folder_of, size_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Floats

VOCABULARY = "vocab"
_TOP = {"config.cfg", "meta.json", "tokenizer", VOCABULARY}
_NEEDED = ("vectors", "strings.json")  # in the folder of the vocabulary


def holds_vectors(folder: FilePath) -> bool:
    """Whether a folder is one of spaCy's: a pipeline, or the vocabulary of one."""
    return os.path.isfile(os.path.join(_vocabulary_of(folder), _NEEDED[0]))


def _vocabulary_of(folder: FilePath) -> str:
    inner = os.path.join(folder, VOCABULARY)
    return inner if os.path.isdir(inner) else os.fspath(folder)


def write(
    path: FilePath,
    words: Sequence[Any],
    matrix: Floats,
    meta: Mapping[str, Any] | None = None,
    *,
    lang: str = "xx",
) -> None:
    """Write words and matrix to a folder, which ``spacy.load(folder)`` opens.

    A configuration of a training names the folder by ``[initialize] vectors``. If the vectors have
    a tokenizer that lowercases, spaCy looks up the lowercase form of a token; if spaCy saves the
    pipeline again, it drops this setting.

    Parameters
    ----------
    path : str or path-like
    words : sequence
    matrix : array of shape (V, d)
    meta : dict, optional
        `tokenizer`: the tokenizer of the training.
    lang : str, default="xx"
        The language, whose tokenizer of spaCy the pipeline has, such as "en". "xx" is spaCy's for
        many languages.

    Raises
    ------
    ImportError
        spaCy is not installed.
    ValueError
        spaCy does not know the language, a word is empty, or a number is not finite.
    """
    spacy = _library(f"{_files.shown(path)}: the format 'spacy'")
    matrix = _rows.check_matrix(words, matrix)
    _rows.encode_words(words, forbidden="")
    try:
        nlp = spacy.blank(lang)
    except Exception as error:
        raise ValueError(
            f"lang={shown(lang)}: spaCy has no such language: give 'xx', or a code such as 'en'"
        ) from error
    texts = [_rows.as_text(word) for word in words]
    for text in texts:
        nlp.vocab.strings.add(text)
    lowercase = getattr((meta or {}).get("tokenizer"), "lowercase", False)
    nlp.vocab.vectors = spacy.vectors.Vectors(
        strings=nlp.vocab.strings,
        data=matrix,
        keys=texts,
        name="w2vext",
        attr="LOWER" if lowercase else "ORTH",
    )
    nlp.meta["name"] = "vectors"
    with (
        _files.writing_folder(path, _why_to_keep, (VOCABULARY,)) as folder,
        _files.spooling(),
        tempfile.TemporaryDirectory() as made,
    ):
        nlp.to_disk(made)
        if lowercase:  # spaCy reads the attribute, but writes it for tables of floret only
            file = Path(made, VOCABULARY, "vectors.cfg")
            stored = json.loads(file.read_text(encoding="utf-8"))
            file.write_text(json.dumps(stored | {"attr": nlp.vocab.vectors.attr}))
        for source in sorted(Path(made).rglob("*")):
            if source.is_file():
                with folder.open(source.relative_to(made).as_posix()) as target:
                    target.write(source.read_bytes())


def _library(what: str) -> Any:
    try:
        import spacy
        import spacy.vectors
    except ImportError as error:
        raise ImportError(f"{what} needs spaCy: pip install 'w2vext[spacy]'") from error
    return spacy


def _why_to_keep(folder: str) -> str | None:
    """Why an old folder must not be replaced; None if it is a pipeline without components."""
    others = sorted(set(os.listdir(folder)) - _TOP)
    if others:
        return f"it contains {others[0]!r}, which vectors for spaCy do not have"
    try:
        pipeline = json.loads(Path(folder, "meta.json").read_text(encoding="utf-8"))["pipeline"]
    except (OSError, ValueError, KeyError, TypeError):
        return "its meta.json is not that of a pipeline of spaCy"
    return f"it is a pipeline of spaCy with {shown(pipeline)}" if pipeline else None


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a pipeline's folder, or that of its vocabulary, by the installed spaCy.

    Parameters and result as in `word2vec_text.read`. A row of several words, as in spaCy's pruned
    vectors, is repeated for each of them.

    Raises
    ------
    ImportError
        spaCy is not installed.
    ValueError
        The folder is not one of spaCy's, its files are malformed, or it has a table of floret.
    """
    choice = Choice(**how)
    choice.check_unicode("spacy")
    folder = folder_of(path, "spaCy")
    inside = Path(_vocabulary_of(folder))
    missing = [name for name in _NEEDED if not (inside / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{path}: not a folder of spaCy: it has no {missing[0]}: {CHECK_PATH}"
        )
    spacy = _library(f"{path}: a folder of spaCy")
    budget, size = Budget(path, choice.max_memory), size_of(inside)
    try:
        vocabulary = spacy.vocab.Vocab().from_disk(inside, exclude=["lookups"])
        vectors = vocabulary.vectors
        mode, rows = str(vectors.mode), np.asarray(vectors.data)
        pairs = sorted((int(row), int(key)) for key, row in vectors.key2row.items())
        budget.check(len(pairs) * (WORD + 4 * sum(rows.shape[1:])), size)
        found = [vocabulary.strings[key] for _, key in pairs]
    except Exception as error:  # spaCy's readers raise errors of many kinds
        if isinstance(error, ValueError) and str(error).startswith(str(path)):
            raise
        what = f"its files are malformed ({text_of(error)}): {COPY_AGAIN}"
        raise ValueError(f"{path}: {what}") from error
    if mode.rpartition(".")[2] == "floret":
        raise ValueError(
            f"{path}: spaCy's table of floret, which has no words: load the .floret file of which "
            "it was made"
        )
    numbers = [row for row, _ in pairs]
    if rows.ndim != 2 or rows.dtype.kind != "f" or not all(0 <= n < len(rows) for n in numbers):
        raise ValueError(
            f"{path}: {len(numbers):,} words for vectors of type {rows.dtype} and shape "
            f"{rows.shape}: {COPY_AGAIN}"
        )
    matrix = np.ascontiguousarray(rows[np.array(numbers, np.int64)], np.float32)
    found, matrix, aside = _rows.select(path, found, matrix, {}, **how)
    return found, matrix, {"format": "spaCy", **aside}
