"""File formats of word vectors, one module each, and which of them a file's name stands for.

Each module has `read(path, *, limit=None, words=None, errors="strict") -> (words, matrix, meta)`
and `write(path, words, matrix, meta=None)`. They know words and matrices, not the classes that hold
them, and run nothing that they read (no pickle). Refuses to guess: a name without a known suffix
needs a format by name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from w2vext.formats import (
    fasttext_vec,
    glove,
    model2vec,
    native,
    npz,
    parquet,
    projector,
    word2vec_binary,
    word2vec_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from w2vext._types import FilePath, Float32, Floats

FORMATS = {
    "word2vec": word2vec_text,
    "word2vec-binary": word2vec_binary,
    "glove": glove,
    "fasttext": fasttext_vec,
    "native": native,
    "parquet": parquet,
    "npz": npz,
    "projector": projector,
    "model2vec": model2vec,
}
# The longest that fits is taken.
SUFFIXES = {
    ".txt": "word2vec",
    ".bin": "word2vec-binary",
    ".glove.txt": "glove",
    ".vec": "fasttext",
    ".safetensors": "native",
    ".parquet": "parquet",
    ".arrow": "parquet",
    ".feather": "parquet",
    ".npz": "npz",
    ".tsv": "projector",
    ".model2vec": "model2vec",
}
_COMPRESSIONS = (".gz", ".xz", ".bz2")
_MAY_BE_COMPRESSED = ("word2vec", "word2vec-binary", "glove", "fasttext", "projector")
# What each format holds beside words and vectors.
HOLDS = {
    "native": {"counts", "context_vectors", "parameters", "arrays", "word_types"},
    "parquet": {"counts"},
    "npz": {"counts"},
    "projector": {"counts"},
}


def format_of(path: FilePath, format: str | None = None) -> str:
    """The name of the format of the file at path.

    Parameters
    ----------
    path : str or path-like
    format : str, optional
        A key of `FORMATS`, whatever the suffix.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        The name or the suffix is unknown.
    """
    if format is not None:
        if format not in FORMATS:
            raise ValueError(f"format={format!r}: choose one of {', '.join(map(repr, FORMATS))}")
        return format
    name = os.fspath(path)
    name = name.decode() if isinstance(name, bytes) else name
    plain = next((name.removesuffix(s) for s in _COMPRESSIONS if name.endswith(s)), name)
    fitting = [suffix for suffix in SUFFIXES if plain.endswith(suffix)]
    if fitting:
        found = SUFFIXES[max(fitting, key=len)]
        if plain == name or found in _MAY_BE_COMPRESSED:
            return found
        raise ValueError(f"{name}: only text and word2vec binary are compressed by a suffix")
    if os.path.isdir(path):
        return "model2vec"
    raise ValueError(
        f"{name}: the name does not say which format this is; end it in one of "
        f"{', '.join(SUFFIXES)} (text also with {', '.join(_COMPRESSIONS)}), or name the format: "
        f"{', '.join(FORMATS)}"
    )


def read(
    path: FilePath,
    format: str | None = None,
    *,
    limit: int | None = None,
    words: Iterable[Any] | None = None,
    errors: str = "strict",
    **options: Any,
) -> tuple[list[Any], Float32, dict[str, Any]]:
    """Read a file by its suffix or its format's name.

    Parameters
    ----------
    path : str or path-like
    format : str, optional
        A key of `FORMATS`, whatever the suffix.
    limit : int, optional
        Read only the first so many rows.
    words : iterable of words, optional
        Keep only these, in the file's order.
    errors : {"strict", "replace", "ignore"}
        What to do with words that are not UTF-8.
    **options
        The format's own.

    Returns
    -------
    words : list
    matrix : ndarray of shape (V, d), float32
    meta : dict
        What else the file holds; `HOLDS` says what each format may.

    Raises
    ------
    ValueError
        The file is malformed (the message says where), or its suffix says nothing.
    """
    module = FORMATS[format_of(path, format)]
    return module.read(path, limit=limit, words=words, errors=errors, **options)


def write(
    path: FilePath,
    words: Sequence[Any],
    matrix: Floats,
    meta: Mapping[str, Any] | None = None,
    format: str | None = None,
    **options: Any,
) -> None:
    """Write a file by its suffix or its format's name, all or nothing.

    Parameters
    ----------
    path : str or path-like
    words : sequence
    matrix : array of shape (V, d)
    meta : dict, optional
        What else there is, as `read` gives it; what the format does not hold is left out.
    format : str, optional
        A key of `FORMATS`, whatever the suffix.
    **options
        The format's own.

    Raises
    ------
    ValueError
        The format cannot hold a word or a number, or the suffix says nothing.
    """
    FORMATS[format_of(path, format)].write(path, words, matrix, meta, **options)


def convert(
    source: FilePath,
    target: FilePath,
    source_format: str | None = None,
    target_format: str | None = None,
    *,
    limit: int | None = None,
    words: Iterable[Any] | None = None,
    errors: str = "strict",
) -> dict[str, Any]:
    """Read one file and write another.

    Parameters
    ----------
    source, target : str or path-like
    source_format, target_format : str, optional
        Keys of `FORMATS`, whatever the suffixes.
    limit : int, optional
        Take only the first so many rows.
    words : iterable of words, optional
        Take only these, in the file's order.
    errors : {"strict", "replace", "ignore"}
        What to do with words that are not UTF-8.

    Returns
    -------
    dict
        `words` and `dimensions`, `source` and `target` (the formats' names), and `lost`: what the
        source holds and the target does not, of "counts", "context_vectors", "parameters",
        "arrays" (what a model's pooling learnt) and "word_types" (words that were numbers).
    """
    names = format_of(source, source_format), format_of(target, target_format)
    found, matrix, meta = read(source, names[0], limit=limit, words=words, errors=errors)
    write(target, found, matrix, meta, names[1])
    has = {name for name in HOLDS["native"] if meta.get(name) is not None and len(meta[name])}
    if not all(isinstance(word, str) for word in found):
        has.add("word_types")
    lost = has - HOLDS.get(names[1], set()) | set(meta.get("left_out", ()))
    return {
        "words": len(found),
        "dimensions": matrix.shape[1],
        "source": names[0],
        "target": names[1],
        "lost": sorted(lost),
    }
