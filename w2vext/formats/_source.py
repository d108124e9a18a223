"""The bytes of a file of vectors, decompressed and read forward through one growing buffer.

The buffer grows as data is read, never to a size that a header claims.
"""

from __future__ import annotations

import codecs
import contextlib
import io
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext._arguments.messages import COPY_AGAIN
from w2vext._files import compression
from w2vext.formats._choice import ALL, Budget

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from typing_extensions import Self

    from w2vext._arguments.types import FilePath
    from w2vext.formats._choice import Choice

BLOCK = 1 << 22
_XZ_WINDOW = 64 << 20  # of xz -9, the largest that is read
# The files of the formats that are folders.
FOLDER_FILES = (
    "model.safetensors", "tokenizer.json", "config.json", "modules.json", "vocab/vectors",
    "vocab/vectors.cfg", "vocab/key2row", "vocab/strings.json", "vectors", "vectors.cfg", "key2row",
    "strings.json", "0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json",
)  # fmt: skip
HEAD = compression.WHOLE_HEAD  # bytes that `foreign` needs

_FOREIGN = {
    b"\x80\x02": "a Python pickle",
    b"\x80\x03": "a Python pickle",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"PK\x03\x04": "a zip archive (or .npz)",
    b"\x93NUMPY": "a numpy array (.npy)",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"FEA1": "an Arrow file",
    b"\x89HDF": "an HDF5 file",
    b"\xba\x16\x4f\x2f": "a fastText model (.bin)",
    b"SQLite format 3\x00": "an SQLite database",
    b"%PDF": "a PDF document",
    b"version https://git-lfs": "a Git LFS pointer to a file, not the file",
}

_ADVICE = {
    "a Python pickle": ", which could run code when it is loaded, and is never opened here",
    "a fastText model (.bin)": ": leave out the format, or read it with w2vext.load_fasttext",
    "a Git LFS pointer to a file, not the file": ": fetch it with git lfs pull",
}


def foreign(head: bytes) -> str | None:
    """The kind of file that starts with these bytes, if it is not text or word2vec's binary."""
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            return name + _ADVICE.get(name, "")
    archive, encoding = compression.archive_of(head), compression.wide_encoding_of(head)
    if archive is not None:
        return f"{archive}: unpack it first"
    if encoding is not None:
        return f"text in {encoding[:6].upper()}: encoding={encoding!r} reads it"
    return None


def check_not_foreign(path: FilePath, head: bytes, expected: str) -> None:
    """Raise ValueError if the first bytes are those of another kind of file."""
    name = foreign(head)
    if name:
        raise ValueError(f"{path}: expected {expected}, found {name}")


class _Recoded(io.RawIOBase):
    """Text of another encoding as UTF-8.

    Parameters
    ----------
    head : bytes
        What has already been read from the file.
    file : binary file
    path : str
        For error messages.
    choice : Choice
        For the encoding.
    """

    def __init__(self, head: bytes, file: Any, path: str, choice: Choice) -> None:
        super().__init__()
        assert choice.encoding is not None
        self._head, self._file = head, file
        self._path, self._encoding = path, choice.encoding
        self._decoder = codecs.getincrementaldecoder(choice.encoding)(choice.errors)
        self._ready = b""
        self._lines = 1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            block = self._head or self._file.read(1 << 16)
            self._head = b""
            try:
                text = self._decoder.decode(block, final=not block)
            except UnicodeError as error:
                if not isinstance(error, UnicodeDecodeError):  # a byte order mark is missing
                    raise ValueError(
                        f"{self._path}: not {self._encoding} ({error}): give the file's encoding"
                    ) from None
                before = error.object[: error.start].decode(self._encoding, "ignore")
                raise ValueError(
                    f"{self._path}, line {self._lines + before.count(chr(10))}: the byte "
                    f"0x{error.object[error.start]:02x} is not {self._encoding}: give the file's "
                    "encoding; errors='replace' replaces it"
                ) from None
            self._ready = text.encode("utf-8", "surrogateescape")
            self._lines += text.count("\n")
            if not block:
                break
        with memoryview(buffer).cast("B") as view:
            taken = min(len(view), len(self._ready))
            view[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken

    def close(self) -> None:
        self._file.close()
        super().close()


class Source:
    """Reads a file forward; `data[start:end]` has been read and not yet consumed.

    A byte order mark is consumed. Text of another encoding becomes UTF-8.

    Parameters
    ----------
    path : str, path-like or file object
    expected : str or None
        What the file should be, for error messages. None accepts every kind of file.
    choice : Choice
        For the bound on memory, and for an encoding that is not an extension of ASCII. `recode`
        applies any other one.
    """

    def __init__(self, path: Any, expected: str | None, choice: Choice = ALL) -> None:
        self._budget = Budget("", choice.max_memory)
        self._file: Any = _files.Reader(path)
        self.path: str = self._file.name
        self.name = self._budget.path = self.path
        self.data = bytearray(BLOCK)
        self.start = self.end = 0
        self.consumed = 0  # bytes before data[0]
        self._reader: Any = self._file
        self._recoded = False
        try:
            self.compression = compression.kind_of(self._file.peek(HEAD))
            self.size: int | None = self._file.size  # unknown for compressed data and pipes
            if self.compression is not None:
                self.size = None
                self._file = compression.decompressing(self._file, self.compression, self.path)
            if choice.is_wide:
                self._recode(choice)
            while self.end < HEAD and self.fill():
                pass
            self.head = bytes(self.data[: min(self.end, HEAD)])
            if self.head.startswith(codecs.BOM_UTF8):
                self.start = len(codecs.BOM_UTF8)
            self.check(expected)
        except BaseException:
            self.close()
            raise

    def check(self, expected: str | None) -> None:
        """Raise ValueError if the file is empty or has the first bytes of another kind of file."""
        if expected is not None:
            check_not_foreign(self.path, self.head, expected)
        if not self.head:
            raise ValueError(
                f"{self.path}: expected {expected or 'word vectors'}, found an empty file: "
                + COPY_AGAIN
            )

    def __str__(self) -> str:
        return self.path

    def read(self, size: int = -1) -> bytes:
        """The next bytes of the (decompressed) file, for readers that take a file object."""
        while (size < 0 or self.end - self.start < size) and self.fill():
            pass
        end = self.end if size < 0 else min(self.end, self.start + size)
        data = bytes(self.data[self.start : end])
        self.start = end
        return data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        self._reader.close()

    def _recode(self, choice: Choice) -> None:
        head = bytes(self.data[self.start : self.end])
        self._file = _Recoded(head, self._file, self.path, choice)
        self.start = self.end = 0
        self.size, self._recoded = None, True

    def recode(self, choice: Choice) -> None:
        """Convert the rest of the file from the encoding of the choice to UTF-8."""
        if choice.encoding is not None and not self._recoded:
            self._recode(choice)
            self.fill()

    @property
    def offset(self) -> int:
        """The offset of data[start] in the (decompressed) file."""
        return self.consumed + self.start

    @property
    def rest(self) -> int | None:
        """The number of bytes from data[start] to the end of the file; None if it is unknown."""
        return None if self.size is None else self.size - self.offset

    def fill(self) -> bool:
        """Read more behind the unconsumed bytes; False at the end of the file."""
        left = self.end - self.start
        if self.start:
            self.data[:left] = self.data[self.start : self.end]
            self.consumed += self.start
            self.start, self.end = 0, left
        if self.end == len(self.data):
            self.check_memory(4 * len(self.data))  # while it is copied
            self.data.extend(bytes(len(self.data)))
        try:
            with memoryview(self.data) as view:
                got = self._file.readinto(view[self.end :])
        except compression.ERRORS as error:
            if self.compression is None or not compression.is_damage(error):
                raise
            raise ValueError(
                f"{self.path}: {self.compression} data is damaged or cut off after byte "
                f"{self.consumed + self.end} of its content ({error}): {COPY_AGAIN}"
            ) from error
        self.end += got
        return got > 0

    def check_memory(self, needed: int) -> None:
        """Raise ValueError if `needed` bytes are more than a file of this size may take."""
        reader = self._reader
        if self.compression == "xz":  # keeps the last bytes of its output
            needed += min(self.consumed + self.end, _XZ_WINDOW)
        self._budget.check(needed, reader.position if reader.size is None else reader.size)

    def line(self, longest: int = 1 << 16) -> bytes | None:
        """The next line without its end, not consumed; None if it is longer than `longest`."""
        while True:
            newline = self.data.find(b"\n", self.start, self.end)
            if newline >= 0:
                return bytes(self.data[self.start : newline])
            if self.end - self.start > longest:
                return None
            if not self.fill():
                return bytes(self.data[self.start : self.end])


@contextlib.contextmanager
def reading(
    path: Any, expected: str, choice: Choice = ALL, *, text: bool = True
) -> Iterator[Source]:
    """A file of vectors as a `Source`; one that is already open is read from its position.

    Text is recoded to UTF-8.
    """
    with contextlib.ExitStack() as stack:
        if isinstance(path, Source):
            path.check(expected)
        else:
            path = stack.enter_context(Source(path, expected, choice))
        if text:
            path.recode(choice)
        yield path


@contextlib.contextmanager
def opened(path: Any, choice: Choice = ALL) -> Iterator[Any]:
    """A path for `detect` and `read`; a `Source` if the input can be read only once.

    A file at a URL is a `Source`, and the files of a folder at a URL are copied.
    """
    if _files.is_url(path):
        file = _files.remote_file(path)
        if file is None:
            with _files.local_copy(path, FOLDER_FILES) as copy:
                yield copy
        elif isinstance(file, str):
            yield file
        else:
            with Source(file, None, choice) as source:
                yield source
        return
    if _files.is_one_shot(path) and not isinstance(path, Source):
        with Source(path, None, choice) as source:
            yield source
    else:
        yield path if isinstance(path, Source) else _files.path_of(path)
