"""File formats of word vectors.

One rule for reading: the content decides the format (`detect`), unless the caller names it. One
rule for writing: the suffix decides (`by_suffix`), unless the caller names the format. The suffix
.bin names fastText's models if the vectors have subwords.

Each format is a module with ``read(path, *, limit=None, words=None, errors="strict")``, which
returns ``(words, matrix, meta)``, and ``write(path, words, matrix, meta=None)``. `read` may also
have the parameters `on_bad_rows`, `encoding` and `max_memory`; further keyword-only parameters are
the format's options. No format executes what it reads.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext._arguments.messages import shown, warn
from w2vext.formats import _detect, _source
from w2vext.formats._choice import ALL, Choice, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from w2vext._arguments.types import FileLike, Float32, Floats

__all__ = ["FORMATS", "HOLDS", "SUFFIXES", "by_suffix", "convert", "detect", "read", "write"]


class _Modules(Mapping[str, "Any"]):
    """The modules of formats by the format's name, imported when they are first used."""

    def __init__(self, homes: dict[str, str]) -> None:
        self._homes = homes

    def __getitem__(self, name: str) -> Any:
        return import_module(f"w2vext.formats.{self._homes[name]}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)

    def __contains__(self, name: object) -> bool:
        return name in self._homes


FORMATS = _Modules(
    {
        "word2vec": "word2vec_text",
        "word2vec-binary": "word2vec_binary",
        "glove": "glove",
        "fasttext": "fasttext_vec",
        "fasttext-bin": "fasttext_model",
        "floret": "floret",
        "native": "native",
        "parquet": "parquet",
        "npz": "npz",
        "projector": "projector",
        "model2vec": "model2vec",
        "sentence-transformers": "sentence_transformers",
        "spacy": "spacy",
    }
)
# If several match, the longest counts.
SUFFIXES = {
    ".txt": "word2vec",
    ".bin": "word2vec-binary",
    ".glove.txt": "glove",
    ".vec": "fasttext",
    ".ftz": "fasttext-bin",
    ".floret": "floret",
    ".safetensors": "native",
    ".parquet": "parquet",
    ".arrow": "parquet",
    ".feather": "parquet",
    ".npz": "npz",
    ".tsv": "projector",
    ".model2vec": "model2vec",
}
_MAY_BE_COMPRESSED = ("word2vec", "word2vec-binary", "glove", "fasttext", "projector")
# What each format stores besides words and vectors.
HOLDS = {
    "native": {
        "counts",
        "output_vectors",
        "parameters",
        "arrays",
        "word_types",
        "subword_vectors",
    },
    "fasttext-bin": {"counts", "output_vectors", "subword_vectors"},
    "floret": {"subword_vectors"},
    "parquet": {"counts"},
    "npz": {"counts"},
    "projector": {"counts"},
}
_COMMON = {"limit", "words", "errors", "on_bad_rows", "encoding", "max_memory"}


def detect(path: FileLike) -> str:
    """Detect the format of a file from its content.

    The suffix is a hint where the content allows several formats: text with a header is word2vec's
    or fastText's, text without one is GloVe's whatever the suffix.

    Parameters
    ----------
    path : str, path-like or file object
        A file object is left at its current position.

    Returns
    -------
    str
        A key of `FORMATS`.

    Raises
    ------
    ValueError
        Neither the content nor the suffix tells the format, or the file is something else, such as
        a pickle; or it is a pipe, which can be read once only: `read` detects its format.
    """
    file: Any = path
    if _files.is_url(path):
        with _source.opened(path) as source:
            return _detected(source)
    if not _files.is_one_shot(path):
        return _detected(_files.path_of(file))
    if not _files.is_file_object(path) or not file.seekable():
        raise ValueError(f"{_files.shown(path)}: a stream, which can be read once only: read it")
    position = file.tell()
    try:
        with _source.opened(path) as source:
            return _detected(source)
    finally:
        file.seek(position)


def _detected(source: Any, choice: Choice = ALL) -> str:
    """The format of a file at a path, or of an open `Source`, from which nothing is taken."""
    return _detect.detect(source, _suffix_format(str(source))[0], ", ".join(FORMATS), choice)


def by_suffix(path: FileLike) -> str:
    """Return the format in which a file of this name is written.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    str
        A key of `FORMATS`.

    Raises
    ------
    ValueError
        The suffix is unknown; the message lists the known ones.
    """
    name = _files.shown(path)
    found, compressed = _suffix_format(name)
    if found is None:
        raise ValueError(
            f"{name}: the suffix does not tell which format to write; use one of "
            f"{', '.join(SUFFIXES)} (text also with {', '.join(_files.COMPRESSIONS)}), or give "
            f"format, one of {', '.join(FORMATS)}"
        )
    if compressed and found not in _MAY_BE_COMPRESSED:
        raise ValueError(f"{name}: only text and word2vec's binary format can be compressed")
    return found


def _format_for(path: FileLike, meta: Mapping[str, Any] | None) -> str:
    """The format in which these vectors are written to a file of this name.

    A .bin holds word2vec's binary format, or a fastText model where there are subwords.
    """
    name = by_suffix(path)
    if name == "word2vec-binary" and meta and meta.get("subwords") is not None:
        return "fasttext-bin"
    return name


def _suffix_format(name: str) -> tuple[str | None, bool]:
    """The format that a file's suffix names, and whether a suffix of compression follows."""
    plain = next((name.removesuffix(s) for s in _files.COMPRESSIONS if name.endswith(s)), name)
    matching = [suffix for suffix in SUFFIXES if plain.endswith(suffix)]
    return SUFFIXES[max(matching, key=len)] if matching else None, plain != name


def _check_format(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"format={shown(name)}: choose one of {', '.join(map(repr, FORMATS))}")
    return name


def _check_options(options: Mapping[str, Any], function: Callable[..., Any], format: str) -> None:
    """Raise TypeError for an option that a format's `read` or `write` does not have."""
    parameters = inspect.signature(function).parameters.values()
    own = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    known = [name for name in own if name not in _COMMON]
    if any(p.kind is p.VAR_KEYWORD for p in parameters):  # the fields of a `Choice`
        own += _COMMON
    unknown = [name for name in options if name not in own]
    if unknown:
        verb = {"read": "reading", "write": "writing"}[function.__name__]
        raise TypeError(
            f"{unknown[0]}={shown(options[unknown[0]])}: unknown option for {verb} the format "
            f"{format!r}, whose options are: {', '.join(known) or 'none'}"
        )


def read(
    path: FileLike,
    format: str | None = None,
    *,
    limit: int | None = None,
    words: Iterable[Any] | None = None,
    errors: str = "strict",
    **options: Any,
) -> tuple[list[Any], Float32, dict[str, Any]]:
    """Read a file of vectors.

    Parameters
    ----------
    path : str, path-like or binary file object
        Pipes such as ``/dev/stdin`` and file objects are read once, from where they are.
    format : str, optional
        A key of `FORMATS`. By default the content decides, as for `detect`.
    limit : int, optional
        Read only this many rows.
    words : iterable of words, optional
        Keep only these words, in the file's order. The other rows may be malformed.
    errors : {"strict", "replace", "ignore", "surrogateescape"}
        What to do with words that are not valid in the encoding. "surrogateescape" keeps their
        bytes as lone surrogates, which text and word2vec's binary format write as these bytes.
    **options
        `on_bad_rows`, `encoding` and `max_memory`, as for `KeyedVectors.load`, and the format's
        options: `mmap` for "native" and "fasttext-bin".

    Returns
    -------
    words : list
    matrix : ndarray of shape (V, d), float32
    meta : dict
        What else the file stores; see `HOLDS`. With ``on_bad_rows="skip"`` the entry "bad_rows" has
        the number, the first place and the start of the bad rows of each kind.

    Raises
    ------
    ValueError
        The file is malformed (the message says where), or its format cannot be detected.
    TypeError
        The format does not have an option.

    Warns
    -----
    UserWarning
        Rows were left out, or words contain blanks (``on_bad_rows="skip"``).
    """
    common: dict[str, Any] = {"limit": limit, "words": words, "errors": errors}
    given = {name: value for name, value in options.items() if name in _COMMON}
    choice = Choice(**common, **given)
    common["words"] = choice.words
    with _source.opened(path, choice) as source:
        name = _detected(source, choice) if format is None else _check_format(format)
        module = FORMATS[name]
        _check_options(options, module.read, name)
        found = module.read(source, **common, **options)
    odd = describe(found[2])
    if odd:
        warn(f"{_files.shown(path)}: {odd}")
    return found


def write(
    path: FileLike,
    words: Sequence[Any],
    matrix: Floats,
    meta: Mapping[str, Any] | None = None,
    format: str | None = None,
    **options: Any,
) -> None:
    """Write a file of vectors, which replaces an old one when it is complete.

    Parameters
    ----------
    path : str, path-like or binary file object
        Pipes such as ``/dev/stdout`` and file objects are written to as they are.
    words : sequence
    matrix : array of shape (V, d)
    meta : dict, optional
        What else to store, as returned by `read`; what the format cannot store is left out.
    format : str, optional
        A key of `FORMATS`. By default the suffix decides.
    **options
        The format's options: `dtype` for "native" and Model2Vec's folders; `bucket` and
        `hash_count` for "floret"; `lang` for "spacy".

    Raises
    ------
    ValueError
        The format cannot store a word or a number, or the suffix is unknown.
    TypeError
        The format does not have an option.
    """
    name = _format_for(path, meta) if format is None else _check_format(format)
    module = FORMATS[name]
    _check_options(options, module.write, name)
    module.write(path, words, matrix, meta, **options)


def convert(
    source: FileLike,
    target: FileLike,
    source_format: str | None = None,
    target_format: str | None = None,
    *,
    limit: int | None = None,
    words: Iterable[Any] | None = None,
    errors: str = "strict",
    **options: Any,
) -> dict[str, Any]:
    """Read one file and write another.

    Parameters
    ----------
    source, target : str, path-like or binary file object
    source_format, target_format : str, optional
        Keys of `FORMATS`. By default the content of the source and the suffix of the target
        decide.
    limit : int, optional
        Take only this many rows.
    words : iterable of words, optional
        Take only these words, in the file's order.
    errors : {"strict", "replace", "ignore", "surrogateescape"}
        What to do with words that are not UTF-8, as for `read`.
    **options
        `on_bad_rows`, `encoding` and `max_memory`, as for `KeyedVectors.load`.

    Returns
    -------
    dict
        `words` and `dimensions` (numbers of), `source` and `target` (the formats' names), and
        `lost`: what the source stores and the target does not, of "counts", "output_vectors",
        "parameters", "arrays" (what a model's pooling learnt), "word_types" (words that were
        numbers), "subword_vectors" (those of n-grams, for unknown words) and "labels" (of a
        supervised fastText model); and `bad_rows`, as `read` returns it in `meta`.

    Raises
    ------
    ValueError
        As for `read` and `write`.
    """
    # An unknown name of the target is an error before a large source is read.
    target_name = by_suffix(target) if target_format is None else _check_format(target_format)
    choice = Choice(limit, words, errors, **options)
    with _source.opened(source, choice) as file:
        source_name = source_format or _detected(file, choice)
        how: dict[str, Any] = {"limit": limit, "words": choice.words, "errors": errors}
        found, matrix, meta = read(file, source_name, **how, **options)
    if target_format is None:
        target_name = _format_for(target, meta)
    if not found and source_name == "floret" != target_name:
        raise ValueError(
            f"{_files.shown(source)}: a table of floret has no words to write: give words, which "
            "are composed from it"
        )
    write(target, found, matrix, meta, target_name)
    has = {name for name in HOLDS["native"] if meta.get(name) is not None and len(meta[name])}
    if not all(isinstance(word, str) for word in found):
        has.add("word_types")
    if meta.get("subwords") is not None:
        has.add("subword_vectors")
    if meta.get("labels"):
        has.add("labels")
    lost = has - HOLDS.get(target_name, set()) | set(meta.get("left_out", ()))
    return {
        "words": len(found),
        "dimensions": matrix.shape[1],
        "source": source_name,
        "target": target_name,
        "lost": sorted(lost),
        "bad_rows": meta.get("bad_rows", {}),
    }
