"""fastText's model files (.bin and .ftz): the dictionary, both matrices and all settings.

Versions 11 and 12 are read, and files from before the version number existed. A file is written
byte for byte as fastText writes it. Words are kept as bytes, since some published models hold words
that are cut in the middle of a character.
"""

from __future__ import annotations

import math
import os
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import CHECK_PATH, damaged
from w2vext.formats import _fasttext
from w2vext.formats._matrices import CENTROIDS, Blocks, Dense, Quantized, Quantizer

if TYPE_CHECKING:
    from typing import Any

    from w2vext._arguments.types import FilePath, Int64

MAGIC = 793_712_314
VERSION = 12
LOSSES = {1: "hs", 2: "ns", 3: "softmax", 4: "ova"}
MODELS = {1: "cbow", 2: "skipgram", 3: "supervised"}
_AT_ONCE = 1 << 18  # numbers that are checked together
_BLOCK = 1 << 20  # bytes that are read together
_SETTINGS = (
    "dim", "ws", "epoch", "min_count", "neg", "word_ngrams", "loss", "model", "bucket", "minn",
    "maxn", "lr_update_rate",
)  # fmt: skip


class Damaged(ValueError):
    """The file is not a valid fastText model."""


def _damaged(path: str, what: str) -> Damaged:
    """The error of a damaged file, which says what is wrong with it."""
    return Damaged(damaged(path, what))


@dataclass
class FastTextFile:
    """What a model file holds.

    Attributes
    ----------
    settings : dict
        fastText's arguments as stored: dim, ws, epoch, min_count, neg, word_ngrams, loss, model,
        bucket, minn, maxn, lr_update_rate (int) and t (float).
    words, labels : list of bytes
    counts, label_counts : int64 arrays
    tokens : int
    kept_buckets : int32 (n, 2) or None
        Pruned models: (bucket, its row after the words' rows); None where every bucket has a row.
    inputs, outputs : Dense or Quantized
        Models to be written may also have Blocks.
    version : int or None
        None: a file from before versions.
    quantized : bool
        As stored; inputs may be dense all the same only where it is False.
    quantized_outputs : bool
        As stored.
    """

    settings: dict[str, Any]
    words: list[bytes]
    counts: Int64
    labels: list[bytes]
    label_counts: Int64
    tokens: int
    kept_buckets: Any
    inputs: Dense | Quantized
    outputs: Dense | Quantized
    version: int | None = VERSION
    quantized: bool = False
    quantized_outputs: bool = False
    path: str = field(default="")
    size: int = 0  # bytes of the file

    @property
    def model(self) -> str:
        """ "cbow", "skipgram" or "supervised"."""
        return MODELS[self.settings["model"]]

    @property
    def loss(self) -> str:
        """ "hs", "ns", "softmax" or "ova"."""
        return LOSSES[self.settings["loss"]]


class _Cursor:
    """Reads forward through a buffer; whatever passes its end raises Damaged."""

    def __init__(self, path: str, data: Any) -> None:
        self.path = path
        self.data = memoryview(data).cast("B")
        self.at = 0

    def bytes(self, n: int, what: str) -> memoryview:
        if n < 0 or n > len(self.data) - self.at:
            raise _damaged(
                self.path,
                f"the file ends within its {what}: it needs {n:,} bytes from byte "
                f"{self.at:,} on, and there are {len(self.data) - self.at:,}",
            )
        found = self.data[self.at : self.at + n]
        self.at += n
        return found

    def unpack(self, layout: str, what: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self.bytes(struct.calcsize("<" + layout), what))

    def flag(self, what: str) -> bool:
        (value,) = self.unpack("B", what)
        if value > 1:
            raise _damaged(self.path, f"{what} is {value} instead of 0 or 1")
        return bool(value)


HEAD = 76  # bytes that `is_old_model` needs


def is_model(head: bytes) -> bool:
    """Whether a file with these first bytes is a fastText model with a version number."""
    return len(head) >= 4 and struct.unpack("<i", head[:4])[0] == MAGIC


def is_old_model(head: bytes) -> bool:
    """Whether a file with these first bytes is a fastText model from before version numbers."""
    if len(head) < HEAD:
        return False
    settings = dict(zip(_SETTINGS, struct.unpack_from("<12i", head), strict=True))
    t, size, n_words, n_labels, tokens = struct.unpack_from("<d3iq", head, 48)
    return (
        0 < settings["dim"] < 1 << 16
        and settings["model"] in MODELS
        and settings["loss"] in LOSSES
        and min(settings.values()) >= 0
        and 0 <= t <= 1
        and size == n_words + n_labels > 0
        and tokens >= 0
    )


def read_model(path: FilePath, *, mmap: bool = False) -> FastTextFile:
    """Read a model.

    Parameters
    ----------
    path : str or path-like
    mmap : bool
        Leave the matrices in the file and read rows when they are used. The file must not
        be changed meanwhile.

    Raises
    ------
    ValueError
        The file is damaged or is not a fastText model; the message names it.
    """
    check_flags(mmap=mmap)
    with _files.as_path(path) as file:
        return _read_model(file, mmap)


def _read_model(path: FilePath, mmap: bool) -> FastTextFile:
    """Map a file and parse it; without `mmap`, the matrices are copied into memory."""
    import mmap as mapping

    name, path = str(path), os.fspath(path)
    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise _damaged(name, "the file is empty")
        data = mapping.mmap(file.fileno(), 0, access=mapping.ACCESS_READ)
        found = parse(name, data, check=False)
        if not mmap:
            found.inputs = _in_memory(name, file, found.inputs, "input matrix")
            found.outputs = _in_memory(name, file, found.outputs, "output matrix")
    return found


def _in_memory(path: str, file: Any, matrix: Dense | Quantized, what: str) -> Dense | Quantized:
    """A copy of a mapped matrix, checked."""
    if isinstance(matrix, Quantized):
        return matrix.chosen(np.arange(matrix.shape[0]))
    file.seek(matrix.at)
    # NumPy asks for huge pages, which took the system four times as long to provide.
    data = memoryview(bytearray(4 * math.prod(matrix.shape)))
    for begin in range(0, len(data), _BLOCK):
        block = data[begin : begin + _BLOCK]
        if file.readinto(block) != len(block):
            raise Damaged(
                f"{path}: the file was made shorter while it was read: read it again when it no "
                "longer changes"
            )
    copy = Dense(data, matrix.shape)
    _check_finite(path, copy, what)
    return copy


def parse(path: str, data: Any, *, check: bool = True) -> FastTextFile:
    """The model in a buffer; see `read_model`. `check`: look at every number of dense matrices."""
    cursor = _Cursor(path, data)
    head = bytes(cursor.data[:8])
    if is_model(head):
        version = cursor.unpack("ii", "head")[1]
        if not 11 <= version <= VERSION:
            raise Damaged(
                f"{path}: version {version} of the format: versions 11 and {VERSION} are read: "
                "write the model with fastText 0.9"
            )
        _refuse_floret(path, cursor)
    else:
        version = None
    settings = dict(zip(_SETTINGS, cursor.unpack("12i", "settings"), strict=True))
    (settings["t"],) = cursor.unpack("d", "settings")
    _check_settings(path, settings, version)
    words, counts, labels, label_counts, tokens, kept = _dictionary(cursor, version)
    quantized = quantized_outputs = False
    if version is not None:
        quantized = cursor.flag("the flag of quantized inputs")
        if not quantized and kept is not None:
            raise Damaged(
                f"{path}: the model is pruned but not quantized, which fastText cannot read: "
                "quantize it with fastText"
            )
    inputs = _matrix(cursor, quantized, "input matrix")
    if version is not None:
        quantized_outputs = cursor.flag("the flag of quantized outputs")
    outputs = _matrix(cursor, quantized and quantized_outputs, "output matrix")
    if cursor.at != len(cursor.data):
        raise _damaged(path, f"{len(cursor.data) - cursor.at:,} bytes follow the output matrix")
    found = FastTextFile(
        settings, words, counts, labels, label_counts, tokens, kept, inputs, outputs,
        version, quantized, quantized_outputs, path, len(cursor.data),
    )  # fmt: skip
    _check_shapes(found)
    if check:
        _check_finite(path, inputs, "input matrix")
        _check_finite(path, outputs, "output matrix")
    return found


def _refuse_floret(path: str, cursor: _Cursor) -> None:
    """floret writes two more settings under the same magic number and version."""
    begin = cursor.at
    try:
        more = cursor.unpack("14i", "settings")
        (t,) = cursor.unpack("d", "settings")
        size, n_words, n_labels = cursor.unpack("3i", "dictionary")
    except Damaged:
        return
    finally:
        cursor.at = begin
    plain = struct.unpack_from("<12id3i", cursor.data, begin)
    valid = 0 <= plain[12] <= 1 and plain[13] == plain[14] + plain[15]
    if not valid and more[11] in (1, 2) and 0 <= t <= 1 and size == n_words + n_labels:
        raise Damaged(
            f"{path}: a model of floret, whose .bin holds no word rows: read its .floret table, or "
            "the .vec file that floret wrote next to it"
        )


def _check_settings(path: str, settings: dict[str, Any], version: int | None) -> None:
    """Raise Damaged if a setting has an impossible value; correct maxn of old classifiers."""
    kind = "fastText model" if version is not None else "fastText model of 2016, without a version"
    plausible = (
        settings["model"] in MODELS
        and settings["loss"] in LOSSES
        and settings["dim"] > 0
        and settings["bucket"] >= 0
        and settings["word_ngrams"] >= 0
        and 0 <= settings["t"] < float("inf")
    )
    if not plausible:
        raise Damaged(
            f"{path}: not a {kind}: dim {settings['dim']}, model {settings['model']}, loss "
            f"{settings['loss']}, bucket {settings['bucket']}: {CHECK_PATH}"
        )
    if version == 11 and MODELS[settings["model"]] == "supervised":
        settings["stored_maxn"] = settings["maxn"]
        settings["maxn"] = 0  # as fastText reads it


def _dictionary(cursor: _Cursor, version: int | None) -> Any:
    """Words, their counts, labels, their counts, the number of tokens, and the kept buckets."""
    path = cursor.path
    size, n_words, n_labels = cursor.unpack("3i", "dictionary")
    (tokens,) = cursor.unpack("q", "dictionary")
    n_kept = -1 if version is None else cursor.unpack("q", "dictionary")[0]
    if min(size, n_words, n_labels) < 0 or size != n_words + n_labels:
        raise _damaged(path, f"{size} entries for {n_words} words and {n_labels} labels")
    words, counts, kinds, end = _fasttext.entries(cursor.data, cursor.at, size)
    if end < 0:
        raise _damaged(path, f"the file ends within word {len(words) + 1:,} of {size:,}")
    cursor.at = end
    if kinds != b"\0" * n_words + b"\1" * n_labels:
        raise _damaged(path, "words and labels are out of order")
    numbers = np.array(counts, dtype=np.int64)
    if size and numbers.min() < 0:
        bad = int(np.argmin(numbers))
        raise _damaged(path, f"the count of {words[bad]!r} is {counts[bad]}")
    kept = None
    if n_kept >= 0:
        pairs = cursor.bytes(8 * n_kept, "list of kept buckets")
        kept = np.frombuffer(pairs, dtype="<i4").reshape(-1, 2).astype(np.int32)
    elif n_kept != -1:
        raise _damaged(path, f"{n_kept} kept buckets")
    if b"" in words:
        raise _damaged(path, f"entry {words.index(b'') + 1:,} of the dictionary is an empty word")
    if len(set(words)) != size:
        raise _damaged(path, "a word occurs twice in the dictionary")
    return (
        words[:n_words], numbers[:n_words], words[n_words:], numbers[n_words:], tokens, kept,
    )  # fmt: skip


def _matrix(cursor: _Cursor, quantized: bool, what: str) -> Dense | Quantized:
    if quantized:
        return _quantized(cursor, what)
    rows, columns = _shape(cursor, cursor.unpack("qq", what), what)
    at = cursor.at
    return Dense(cursor.bytes(4 * rows * columns, what), (rows, columns), at)


def _shape(cursor: _Cursor, shape: tuple[int, int], what: str) -> tuple[int, int]:
    rows, columns = shape
    if rows < 0 or columns <= 0:
        raise _damaged(cursor.path, f"the {what} has shape ({rows}, {columns})")
    return rows, columns


def _quantized(cursor: _Cursor, what: str) -> Quantized:
    """Parse a quantized matrix."""
    with_norms = cursor.flag(f"the flag of norms of the {what}")
    rows, columns = _shape(cursor, cursor.unpack("qq", what), what)
    (size,) = cursor.unpack("i", what)
    codes = np.frombuffer(cursor.bytes(size, f"codes of the {what}"), dtype=np.uint8)
    quantizer = _quantizer(cursor, what)
    if quantizer.dim != columns or size != rows * quantizer.parts:
        raise _damaged(
            cursor.path,
            f"{size:,} codes and a quantizer of dimension {quantizer.dim} for the "
            f"{what} of shape ({rows}, {columns})",
        )
    matrix = Quantized((rows, columns), codes.reshape(rows, quantizer.parts), quantizer)
    if with_norms:
        norms = cursor.bytes(rows, f"norms of the {what}")
        matrix.norm_codes = np.frombuffer(norms, dtype=np.uint8)
        matrix.norm_quantizer = _quantizer(cursor, f"norms of the {what}")
        if matrix.norm_quantizer.dim != 1:
            raise _damaged(cursor.path, f"the norms of the {what} are not numbers")
    return matrix


def _quantizer(cursor: _Cursor, what: str) -> Quantizer:
    """Parse a product quantizer."""
    dim, parts, sub, last = cursor.unpack("4i", f"quantizer of the {what}")
    valid = dim > 0 and sub > 0 and 0 < last <= sub and dim == (parts - 1) * sub + last
    if not valid:
        raise _damaged(
            cursor.path,
            f"the quantizer of the {what} has {parts} parts of {sub} (the last of "
            f"{last}) for dimension {dim}",
        )
    data = cursor.bytes(4 * dim * CENTROIDS, f"centroids of the {what}")
    centroids = np.frombuffer(data, dtype="<f4").astype(np.float32)
    if not np.isfinite(centroids).all():
        raise _damaged(cursor.path, f"a centroid of the {what} is not finite")
    return Quantizer(dim, parts, sub, last, centroids)


def _check_shapes(file: FastTextFile) -> None:
    """Raise Damaged if the shapes of the matrices contradict the settings or the dictionary."""
    s, path = file.settings, file.path
    buckets = s["bucket"] if file.kept_buckets is None else len(file.kept_buckets)
    rows, columns = file.inputs.shape
    if columns != s["dim"] or file.outputs.shape[1] != s["dim"]:
        raise _damaged(
            path, f"matrices of {columns} and {file.outputs.shape[1]} columns for dim {s['dim']}"
        )
    if rows != len(file.words) + buckets:
        raise _damaged(
            path, f"{rows:,} input rows for {len(file.words):,} words and {buckets:,} buckets"
        )
    wanted = len(file.labels) if file.model == "supervised" else len(file.words)
    if file.outputs.shape[0] != wanted:
        raise _damaged(path, f"{file.outputs.shape[0]:,} output rows where {wanted:,} are needed")
    if file.kept_buckets is not None and len(file.kept_buckets):
        kept = file.kept_buckets
        old, new = np.sort(kept[:, 0]), np.sort(kept[:, 1])
        if old[0] < 0 or (np.diff(old) <= 0).any() or new[0] < 0 or new[-1] >= len(kept):
            raise _damaged(path, "the list of kept buckets is not valid")


def _check_finite(path: str, matrix: Dense | Quantized, what: str) -> None:
    """Raise Damaged if a matrix contains NaN or infinity."""
    if isinstance(matrix, Quantized):
        return  # its centroids are finite
    rows, columns = matrix.shape
    numbers = np.frombuffer(matrix.data, dtype="<f4").reshape(rows, columns)
    step = max(1, _AT_ONCE // columns)
    for first in range(0, rows, step):
        fine = np.isfinite(numbers[first : first + step])
        if not fine.all():
            row = first + int(np.argmin(fine.all(axis=1)))
            raise _damaged(path, f"row {row} of the {what} is not finite")


def write_model(path: FilePath, file: FastTextFile) -> None:
    """Write a model exactly as fastText would."""
    with _files.writing(path) as out:
        for part in parts(file):
            out.write(part)


def parts(file: FastTextFile) -> Any:
    """The bytes of a model file, piece by piece."""
    s = dict(file.settings)
    s["maxn"] = s.pop("stored_maxn", s["maxn"])
    if file.version is not None:
        yield struct.pack("<ii", MAGIC, file.version)
    yield struct.pack("<12id", *(s[name] for name in _SETTINGS), s["t"])
    entries = [*file.words, *file.labels]
    yield struct.pack("<3iq", len(entries), len(file.words), len(file.labels), file.tokens)
    if file.version is not None:
        yield struct.pack("<q", -1 if file.kept_buckets is None else len(file.kept_buckets))
    for names, counts, kind in (
        (file.words, file.counts, b"\0"),
        (file.labels, file.label_counts, b"\1"),
    ):
        for name, count in zip(names, counts.tolist(), strict=True):
            if b"\0" in name or not name:
                raise ValueError(f"the word {name!r} cannot be written: it is empty or holds a NUL")
            yield name + b"\0" + struct.pack("<q", count) + kind
    if file.kept_buckets is not None:
        yield np.ascontiguousarray(file.kept_buckets, dtype="<i4").tobytes()
    if file.version is not None:
        yield struct.pack("<B", file.quantized)
    yield from _matrix_parts(file.inputs)
    if file.version is not None:
        yield struct.pack("<B", file.quantized_outputs)
    yield from _matrix_parts(file.outputs)


def _matrix_parts(matrix: Dense | Quantized) -> Any:
    """Yield the bytes of a matrix in parts."""
    if isinstance(matrix, Dense):
        yield struct.pack("<qq", *matrix.shape)
        yield matrix.data
        return
    if isinstance(matrix, Blocks):
        yield struct.pack("<qq", *matrix.shape)
        for block in matrix.make():
            yield block.data
        return
    yield struct.pack("<Bqqi", matrix.norm_codes is not None, *matrix.shape, matrix.codes.size)
    yield matrix.codes.tobytes()
    yield from _quantizer_parts(matrix.quantizer)
    if matrix.norm_codes is not None and matrix.norm_quantizer is not None:
        yield matrix.norm_codes.tobytes()
        yield from _quantizer_parts(matrix.norm_quantizer)


def _quantizer_parts(quantizer: Quantizer) -> Any:
    yield struct.pack("<4i", quantizer.dim, quantizer.parts, quantizer.sub, quantizer.last)
    yield np.ascontiguousarray(quantizer.centroids, dtype="<f4").tobytes()
