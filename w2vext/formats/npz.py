"""A numpy archive: `words` (an array of str), `vectors` (V, d) and, where they are there, `counts`.

Plain arrays, so that numpy alone reads them. Refuses pickled objects, and members that claim more
than their bytes.
"""

from __future__ import annotations

import errno
import lzma
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext.formats import _rows
from w2vext.formats._source import check_not_foreign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._types import FilePath, Float32, Floats

_MOST_PADDING = 1 << 30
# What zipfile raises where an archive is damaged. Encryption is a RuntimeError, an unknown
# compression a NotImplementedError, which is one too.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError)


def write(
    path: FilePath, words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None
) -> None:
    """Write words, vectors and meta's counts, all or nothing.

    Raises
    ------
    ValueError
        A word is empty or ends in NUL, which numpy's arrays of str drop; one very long word would
        make all the others as long; a number is not finite.
    """
    matrix = _rows.check_matrix(words, matrix)
    _rows.encode_words(words, forbidden="\0")
    texts = [_rows.as_text(word) for word in words]
    longest = max(texts, key=len, default="")
    if 4 * len(longest) * len(texts) > _MOST_PADDING:
        raise ValueError(
            f"cannot write the word {longest[:40]!r}…: numpy would make each of the {len(texts):,} "
            f"words as long as its {len(longest):,} characters; choose .safetensors or .parquet"
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
    """Read an archive. Parameters and result as in `word2vec_text.read`; meta may hold counts."""
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
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # of a seek before the start
            raise
        raise ValueError(f"{path}: the archive is damaged or cut off ({error})") from None
    found, matrix = arrays["words"], arrays["vectors"]
    if found.ndim != 1 or found.dtype.kind != "U":
        raise ValueError(f"{path}: 'words' is no one-dimensional array of str but {found.dtype}")
    if matrix.ndim != 2 or matrix.dtype.kind != "f" or len(matrix) != len(found):
        raise ValueError(
            f"{path}: 'vectors' has type {matrix.dtype} and shape {matrix.shape} for "
            f"{len(found):,} words: floats of shape (words, dimensions) are needed"
        )
    with np.errstate(over="ignore"):
        matrix = np.ascontiguousarray(matrix, np.float32)
    counts = arrays.get("counts")
    if counts is not None:
        counts = _rows.check_counts(counts, len(found))
    kept, matrix, aside = _rows.select(
        path, found.tolist(), matrix, {"counts": counts}, limit=limit, words=words
    )
    return kept, matrix, {"format": "npz", **aside}


def _member(path: FilePath, archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """One array, whose header must claim just the bytes that the archive holds for it."""
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        raise ValueError(
            f"{path}: there is no {name} in it, only {', '.join(archive.namelist()) or 'nothing'}"
        ) from None
    with archive.open(name) as file:
        try:
            version = np.lib.format.read_magic(file)
            read_header = getattr(np.lib.format, f"read_array_header_{version[0]}_0")
            shape, fortran, dtype = read_header(file)
        except Exception as error:  # numpy takes the header apart as Python's text
            raise ValueError(f"{path}, {name}: its header is malformed ({error})") from None
        if dtype.hasobject:
            raise ValueError(
                f"{path}, {name}: it holds pickled objects, which are never loaded here"
            )
        count = 1
        for n in shape:
            count *= int(n)
        if min(shape, default=0) < 0 or count * dtype.itemsize != size - file.tell():
            raise ValueError(
                f"{path}, {name}: its header claims {shape} of {dtype}, but {size - file.tell():,} "
                "bytes follow"
            )
        data = file.read()
    if len(data) != count * dtype.itemsize:
        raise ValueError(f"{path}, {name}: the data is cut off after {len(data):,} bytes")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
