"""NumPy archives with the arrays `words` (str), `vectors` (V, d) and, optionally, `counts`.

NumPy alone can read them. Pickled objects are never loaded.
"""

from __future__ import annotations

import errno
import lzma
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._messages import shown
from w2vext.formats import _rows
from w2vext.formats._source import check_not_foreign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._types import FilePath, Float32, Floats

_MOST_PADDING = 1 << 30
# What zipfile raises for a damaged archive. Encryption is a RuntimeError, an unknown compression
# method its subclass NotImplementedError.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError)


def write(
    path: FilePath, words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None
) -> None:
    """Write words, vectors and the counts of `meta` to a file.

    Raises
    ------
    ValueError
        A word is empty or contains NUL, a word is so long that NumPy, which pads all words to the
        longest one, would make a huge array, or a number is not finite. No file is written.
    """
    matrix = _rows.check_matrix(words, matrix)
    _rows.encode_words(words, forbidden="\0")
    texts = [_rows.as_text(word) for word in words]
    longest = max(texts, key=len, default="")
    if 4 * len(longest) * len(texts) > _MOST_PADDING:
        raise ValueError(
            f"cannot write the word {shown(longest)}: NumPy would pad each of the {len(texts):,} "
            f"words to its {len(longest):,} characters; choose .safetensors or .parquet"
        )
    arrays: dict[str, Any] = {
        "words": np.array(texts, dtype=f"U{max(1, len(longest))}"),
        "vectors": matrix,
    }
    counts = (meta or {}).get("counts")
    if counts is not None:
        arrays["counts"] = _rows.check_counts(counts, len(texts))
    with _files.writing(path) as file:
        np.savez(file, **arrays)


def read(
    path: FilePath,
    *,
    limit: int | None = None,
    words: Iterable[Any] | None = None,
    errors: str = "strict",
) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a file. Parameters and result as in `word2vec_text.read`; meta may have `counts`."""
    with _files.as_path(path) as file:
        return _read(file, limit, words)


def _read(
    path: FilePath, limit: int | None, words: Iterable[Any] | None
) -> tuple[list[str], Float32, dict[str, Any]]:
    with open(path, "rb") as file:
        head = file.read(16)
        if not head.startswith(b"PK"):
            check_not_foreign(path, head, "a numpy archive (.npz)")
            raise ValueError(f"{path}: not a numpy archive (.npz)")
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {
                name: _member(path, archive, f"{name}.npy")
                for name in ("words", "vectors", "counts")
                if name != "counts" or "counts.npy" in archive.namelist()
            }
    except _DAMAGE as error:
        # A damaged offset may make zipfile seek before the start of the file, which is EINVAL.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise ValueError(f"{path}: the archive is damaged or cut off ({error})") from None
    found, matrix = arrays["words"], arrays["vectors"]
    if found.ndim != 1 or found.dtype.kind != "U":
        raise ValueError(f"{path}: 'words' is not a one-dimensional array of str: {found.dtype}")
    if matrix.ndim != 2 or matrix.dtype.kind != "f" or len(matrix) != len(found):
        raise ValueError(
            f"{path}: 'vectors' has type {matrix.dtype} and shape {matrix.shape} for "
            f"{len(found):,} words, expected floats of shape (words, dimensions)"
        )
    with np.errstate(over="ignore"):
        matrix = np.ascontiguousarray(matrix, np.float32)
    counts = arrays.get("counts")
    if counts is not None:
        counts = _rows.check_counts(counts, len(found), f"{path}: ")
    kept, matrix, aside = _rows.select(
        path, found.tolist(), matrix, {"counts": counts}, limit=limit, words=words
    )
    return kept, matrix, {"format": "npz", **aside}


def _member(path: FilePath, archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """One array, whose header must fit the size that the archive declares for it."""
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        raise ValueError(
            f"{path}: it does not contain {name}, only {', '.join(archive.namelist()) or 'nothing'}"
        ) from None
    with archive.open(name) as file:
        try:
            version = np.lib.format.read_magic(file)
            read_header = getattr(np.lib.format, f"read_array_header_{version[0]}_0")
            shape, fortran, dtype = read_header(file)
        except Exception as error:  # numpy parses the header as a Python literal
            raise ValueError(f"{path}, {name}: its header is malformed ({error})") from None
        if dtype.hasobject:
            raise ValueError(
                f"{path}, {name}: it contains pickled objects, which are never loaded here"
            )
        count = 1
        for n in shape:
            count *= int(n)
        if min(shape, default=0) < 0 or count * dtype.itemsize != size - file.tell():
            raise ValueError(
                f"{path}, {name}: its header declares shape {shape} of {dtype}, but "
                f"{size - file.tell():,} bytes follow"
            )
        data = file.read()
    if len(data) != count * dtype.itemsize:
        raise ValueError(f"{path}, {name}: the data is cut off after {len(data):,} bytes")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
