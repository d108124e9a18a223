"""Files of KeyedVectors under gensim's names: the native format, and word2vec's."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from w2vext import _files, formats
from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import damaged_native, shown
from w2vext.gensim.models._refused import check_default, check_type_of_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import FilePath, Int64
    from w2vext.gensim.models.keyedvectors import KeyedVectors

    Made = TypeVar("Made", bound=KeyedVectors)

_SEPARATE = "everything is stored, in one file"
_PICKLE = "load it with gensim, and convert the object by from_gensim"


def check_save(separately: Any, ignore: Iterable[str]) -> None:
    """Raise for the parameters of `save` that are not available."""
    check_default("separately", separately, None, _SEPARATE)
    if list(ignore):
        raise ValueError(f"ignore={shown(ignore)} is not available: {_SEPARATE}")


def check_mmap(mmap: Any) -> bool:
    """Whether to map a file; raises for the modes of gensim that are not available."""
    if mmap not in (None, "r"):
        raise ValueError(f"mmap={shown(mmap)}: give 'r', which maps read-only, or None")
    return mmap == "r"


def plain_attributes(kv: KeyedVectors) -> dict[str, list[Any]]:
    """The attributes of words besides the count, as JSON can store them."""
    return {name: values.tolist() for name, values in kv.expandos.items() if name != "count"}


def attribute_array(values: list[Any]) -> NDArray[Any]:
    """An attribute of words from a file: numbers, or objects."""
    if all(isinstance(value, (bool, int, float)) for value in values):
        return np.array(values)
    # An array of str would cut longer values that are set later.
    return np.fromiter(values, object, len(values))


def descending(name: str, values: Any) -> NDArray[np.intp]:
    """The rows by an attribute of words, the largest first; equal ones keep their order."""
    values = np.asarray(values)
    if values.dtype.kind not in "biuf":
        raise ValueError(
            f"sort_attr={shown(name)}: the values of this attribute are not numbers: give an "
            "attribute of numbers, such as 'count'"
        )
    return len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1]


def save(kv: KeyedVectors, path: FilePath) -> None:
    """Write vectors and attributes in the native format."""
    if None in kv.index_to_key:
        raise ValueError(
            f"the rows from {kv.next_index} on have no word: add words, or make the vectors with a "
            "smaller count"
        )
    meta = {
        "counts": kv.counts,
        "subwords": kv._stored(),
        "parameters": {"gensim": {"vecattrs": plain_attributes(kv)}},
    }
    formats.write(path, kv.index_to_key, kv.vectors, meta, "native")


def load(cls: type[Made], path: FilePath, mmap: Any) -> Made:
    """Read vectors that `save` wrote, or another file of vectors."""
    options: dict[str, Any] = {"mmap": True} if check_mmap(mmap) else {}
    with advising():
        words, vectors, meta = formats.read(path, "native" if options else None, **options)
    made = cls._read(words, vectors, meta)
    if made.counts is not None:
        made.counts = np.array(made.counts)  # those of a file are read-only
    stored = meta.get("parameters")
    extra = stored.get("gensim") if isinstance(stored, dict) else None
    attributes = extra.get("vecattrs") if isinstance(extra, dict) else None
    for name, values in attributes.items() if isinstance(attributes, dict) else ():
        if not isinstance(values, list) or len(values) != len(words):
            what = f"the attribute {shown(name)} is not a list of one value for each word"
            raise ValueError(damaged_native(path, what))
        made.expandos[name] = attribute_array(values)
    return made


class advising:
    """Adds the remedy for gensim's pickles to an error of reading."""

    def __init__(self, remedy: str = _PICKLE) -> None:
        self.remedy = remedy

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, ValueError) and "pickle" in str(error):
            raise ValueError(f"{error}: {self.remedy}") from None


def save_word2vec_format(
    kv: KeyedVectors,
    path: FilePath,
    fvocab: FilePath | None,
    binary: bool,
    total_vec: int | None,
    write_header: bool,
    prefix: str,
    append: bool,
    sort_attr: str,
) -> None:
    """Write word2vec's format; `KeyedVectors.save_word2vec_format` documents the parameters."""
    check_flags(binary=binary, write_header=write_header)
    check_default("append", append, False, "write one file, completely")
    if total_vec not in (None, len(kv)):
        raise ValueError(f"total_vec={shown(total_vec)}: these are {len(kv)} vectors; leave it out")
    if binary and not write_header:
        raise ValueError("write_header=False with binary=True: the binary format needs its header")
    values = kv.expandos.get(sort_attr)
    order = np.arange(len(kv)) if values is None else descending(sort_attr, values)
    words = [kv.index_to_key[row] for row in order.tolist()]
    if prefix:
        words = [f"{prefix}{word}" for word in words]
    format = "word2vec-binary" if binary else "word2vec" if write_header else "glove"
    if fvocab is not None:
        if kv.counts is None:
            raise ValueError("fvocab: the words have no counts: set expandos['count']")
        counts = np.asarray(kv.counts)[order].tolist()
        with _files.writing(fvocab) as file:
            for word, count in zip(words, counts, strict=True):
                file.write(f"{word} {count}\n".encode())
    formats.write(path, words, kv.vectors[order], None, format)


def load_word2vec_format(
    cls: type[Made],
    path: FilePath,
    fvocab: FilePath | None,
    binary: bool,
    encoding: str,
    unicode_errors: str,
    limit: int | None,
    datatype: Any,
    no_header: bool,
) -> Made:
    """Read word2vec's format; `KeyedVectors.load_word2vec_format` documents the parameters."""
    check_flags(binary=binary, no_header=no_header)
    check_type_of_numbers("datatype", datatype)
    if binary and no_header:
        raise ValueError("no_header=True with binary=True: the binary format needs its header")
    format = "word2vec-binary" if binary else "glove" if no_header else "word2vec"
    options = {} if encoding.lower() in ("utf8", "utf-8") else {"encoding": encoding}
    counts = None if fvocab is None else _counts(fvocab, encoding, unicode_errors)
    with advising():
        words, vectors, _ = formats.read(
            path, format, limit=limit, errors=unicode_errors, **options
        )
    found: Int64 = np.arange(len(words), 0, -1, dtype=np.int64)
    if counts is not None:
        found = np.array([counts.get(word, 0) for word in words], np.int64)
    made = cls._of(words, vectors, found)
    made.vectors = made.vectors.astype(datatype, copy=False)
    return made


def _counts(path: FilePath, encoding: str, errors: str) -> dict[str, int]:
    """The counts in a file with a word and its count on each line."""
    counts = {}
    with open(_files.path_of(path), "rb") as file:
        for number, line in enumerate(file, 1):
            fields = line.decode(encoding, errors).split()
            if not fields:
                continue
            if len(fields) != 2 or not fields[1].isdecimal():
                raise ValueError(
                    f"{path}, line {number}: {shown(line)}: give a word and its count on each line"
                )
            counts[fields[0]] = int(fields[1])
    return counts
