"""NumPy archives with the arrays `words` (str), `vectors` (V, d) and, optionally, `counts`.

NumPy alone can read them. Pickled objects are never loaded.
"""

from __future__ import annotations

import contextlib
import errno
import lzma
import struct
import sys
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.arrays import check_counts
from w2vext._arguments.messages import COPY_AGAIN, damaged, shown
from w2vext.formats import _rows
from w2vext.formats._choice import WORD, Budget, Choice, size_of
from w2vext.formats._source import check_not_foreign

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import FilePath, Float32, Floats

_MOST_PADDING = 1 << 30
_AT_ONCE = 1 << 22  # bytes of words
_END_OF_ARCHIVE = 1 << 17  # bytes in which a zip archive's end is looked for
_LARGEST_DIRECTORY = 1 << 20  # NumPy's archives have a few entries of 60 bytes
# What zipfile raises for a damaged archive. Encryption is a RuntimeError, an unknown compression
# method its subclass NotImplementedError.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, OSError,
    UnicodeDecodeError,
)  # fmt: skip


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
        arrays["counts"] = check_counts(counts, len(texts))
    with _files.writing(path) as file:
        np.savez(file, **arrays)


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a file. Parameters and result as in `word2vec_text.read`; meta may have `counts`."""
    choice = Choice(**how)
    choice.check_unicode("npz")
    with _files.as_path(path) as file:
        with _opened(file) as archive:
            names = archive.namelist()
            budget, size = Budget(file, choice.max_memory), size_of(file)
            found, taken = _words(_Member(file, archive, "words.npy"), budget, size)
            matrix = _Member(file, archive, "vectors.npy").array(budget, size, taken)
            counts = None
            if "counts.npy" in names:
                counts = _Member(file, archive, "counts.npy").array(budget, size, taken)
        if matrix.ndim != 2 or matrix.dtype.kind != "f" or len(matrix) != len(found):
            raise ValueError(
                f"{file}: 'vectors' has type {matrix.dtype} and shape {matrix.shape} for "
                f"{len(found):,} words, expected floats of shape (words, dimensions): "
                "save such an array"
            )
        if counts is not None and (counts.shape != (len(found),) or counts.dtype.kind not in "iu"):
            counts = check_counts(counts, len(found), f"{file}: ")
        with np.errstate(over="ignore"):
            matrix = np.ascontiguousarray(matrix, np.float32)
        found, matrix, aside = _rows.select(file, found, matrix, {"counts": counts}, **how)
    return found, matrix, {"format": "npz", **aside}


@contextlib.contextmanager
def _opened(path: FilePath) -> Iterator[zipfile.ZipFile]:
    """The archive; damage is a ValueError."""
    with open(path, "rb") as file:
        head = file.read(16)
        if not head.startswith(b"PK"):
            check_not_foreign(path, head, "a numpy archive (.npz)")
            raise ValueError(
                f"{path}: not a numpy archive (.npz): {COPY_AGAIN}, or give another format"
            )
        file.seek(max(0, size_of(path) - _END_OF_ARCHIVE))
        if _directory_size(file.read()) > _LARGEST_DIRECTORY:
            raise ValueError(
                f"{path}: a zip archive of many files, not a numpy archive (.npz): unpack it first "
                "(unzip)"
            )
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if not any(name.endswith(".npy") for name in names):
                raise ValueError(
                    f"{path}: a zip archive with {', '.join(names[:5]) or 'nothing'}, not a numpy "
                    "archive (.npz): unpack it first (unzip)"
                )
            yield archive
    except _DAMAGE as error:
        # A damaged offset may make zipfile seek before the start of the file, which is EINVAL.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise ValueError(
            f"{path}: the archive is damaged or cut off ({error}): {COPY_AGAIN}"
        ) from None


def _directory_size(end: bytes) -> int:
    """The size of a zip archive's directory, from its end; 0 if it is not found."""
    sizes = [0]
    for mark, at, width in ((b"PK\5\6", 12, 4), (b"PK\6\6", 40, 8)):
        place = end.rfind(mark)
        if place >= 0 and place + at + width <= len(end):
            sizes.append(int.from_bytes(end[place + at : place + at + width], "little"))
    return max(sizes)


class _Member:
    """One array of the archive, whose header must fit the size that the archive declares."""

    def __init__(self, path: FilePath, archive: zipfile.ZipFile, name: str) -> None:
        self.where = f"{path}, {name}"
        try:
            size = archive.getinfo(name).file_size
        except KeyError:
            raise ValueError(
                f"{path}: it does not contain {name}, only "
                f"{', '.join(archive.namelist()) or 'nothing'}: save the arrays 'words' and "
                "'vectors'"
            ) from None
        self._file = archive.open(name)
        try:
            version = np.lib.format.read_magic(self._file)
            read_header = getattr(np.lib.format, f"read_array_header_{version[0]}_0")
            self.shape, self._fortran, self.dtype = read_header(self._file)
        except Exception as error:  # numpy parses the header as a Python literal
            raise ValueError(damaged(self.where, f"its header is malformed ({error})")) from None
        if self.dtype.hasobject:
            raise ValueError(
                f"{self.where}: it contains pickled objects, which are never loaded here: save an "
                "array of str or numbers"
            )
        self.size = self.dtype.itemsize
        for n in self.shape:
            self.size *= int(n)
        if min(self.shape, default=0) < 0 or self.size != size - self._file.tell():
            what = (
                f"its header declares shape {self.shape} of {self.dtype}, but "
                f"{size - self._file.tell():,} bytes follow"
            )
            raise ValueError(damaged(self.where, what))

    def read(self, size: int) -> bytes:
        """So many bytes of the array's data."""
        data = self._file.read(size)
        if len(data) != size:
            raise ValueError(damaged(self.where, f"the data ends after {len(data):,} bytes"))
        return data

    def array(self, budget: Budget, file_size: int, taken: int) -> NDArray[Any]:
        """The whole array; `taken` bytes of memory are taken already."""
        copies = 1 if self.dtype == np.float32 else 2
        budget.check(taken + copies * self.size, file_size)
        data = self.read(self.size)
        self._file.close()
        array = np.frombuffer(data, self.dtype)
        return array.reshape(self.shape, order="F" if self._fortran else "C")


def _words(member: _Member, budget: Budget, file_size: int) -> tuple[list[str], int]:
    """The words and the bytes of memory that they take; read in parts, for NumPy pads them."""
    if len(member.shape) != 1 or member.dtype.kind != "U":
        raise ValueError(
            f"{member.where}: 'words' has shape {member.shape} and type {member.dtype}: save a "
            "one-dimensional array of str"
        )
    width, rows = member.dtype.itemsize, member.shape[0]
    found: list[str] = []
    taken = 0
    step = max(1, _AT_ONCE // max(width, 1))
    budget.check(WORD * rows + min(step, rows) * width, file_size)
    for start in range(0, rows, step):
        data = member.read(min(step, rows - start) * width)
        block = np.frombuffer(data, member.dtype) if width else np.zeros(min(step, rows), "U1")
        _check_code_points(member.where, block, start)
        new = block.tolist()
        found += new
        taken += sum(map(sys.getsizeof, new)) + WORD * len(new)
        budget.check(taken, file_size)
    return found, taken


def _check_code_points(where: str, words: NDArray[Any], first: int) -> None:
    """Raise ValueError for a word with a number that is not a character."""
    points = words.view(np.dtype(np.uint32).newbyteorder(words.dtype.byteorder))
    points = points.reshape(len(words), -1)
    bad = (points > 0x10FFFF) | ((points >= 0xD800) & (points < 0xE000))
    if bad.any():
        row, column = np.argwhere(bad)[0].tolist()
        what = (
            f"character {column + 1} of the word is the number 0x{int(points[row, column]):x}, "
            "which is not a character"
        )
        raise ValueError(damaged(f"{where}, row {first + row + 1:,}", what))
