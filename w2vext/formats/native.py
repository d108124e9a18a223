"""The native format, version 1: one safetensors file with a complete trained model.

Tensors: `words` (UTF-8 JSON array of str and int, as bytes), `vectors` (V, d), and optionally
`output_vectors` (n, d), `counts` (V,) int64 and any `array.NAME`, of one dimension, float64. With
subwords also `subword_vectors`, the rows of words followed by those of buckets, and
`subword_buckets`, int32, the bucket of each of the latter, unless all buckets have rows. The
matrices are float32 or float16.

The metadata of the header has `format`, `version`, `parameters` and `subwords` (JSON) and
`checksum` (JSON: SHA-256 of each tensor and of the parameters). Every program that reads
safetensors can read the matrices. Other versions, damaged files and values that JSON cannot store
are errors.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.arrays import check_counts
from w2vext._arguments.flags import check_flags
from w2vext._arguments.messages import damaged_native, shown
from w2vext.formats import _checkpoint, _rows, _tensors
from w2vext.formats._choice import WORD, Budget, Choice, size_of
from w2vext.formats._source import check_not_foreign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from w2vext._arguments.types import FilePath, Float32, Float64, Floats, Int64

NAME, VERSION = "w2vext vectors", "1"
_MATRICES = ("vectors", "output_vectors", "subword_vectors")
_ARRAY = "array."
# What the header says of subwords, and the type of each.
_SUBWORDS = {"min_n": int, "max_n": int, "bucket": int, "count_absent": bool}


class HalfRows:
    """float16 rows of a mapped file, converted to float32 when they are taken.

    Attributes
    ----------
    shape : (int, int)
    """

    def __init__(self, mapped: NDArray[np.float16]) -> None:
        self._mapped = mapped
        self.shape = mapped.shape

    def take(self, rows: Int64 | None = None) -> Float32:
        """A float32 copy of some rows, or of all."""
        chosen = self._mapped if rows is None else self._mapped[rows]
        return chosen.astype(np.float32)


def write(
    path: FilePath,
    words: Sequence[Any],
    matrix: Floats,
    meta: Mapping[str, Any] | None = None,
    *,
    dtype: str = "float32",
) -> None:
    """Write a model, all or nothing.

    Parameters
    ----------
    path : str or path-like
    words : sequence of str or int
    matrix : array of shape (V, d)
    meta : dict, optional
        `output_vectors` (n, d), `subwords` (as `SubwordVectors.stored` describes them), `counts`
        (V,), `parameters` (a dict that JSON can hold) and `arrays` (name to float64 array of one
        dimension), each of them optional.
    dtype : {"float32", "float16"}
        float16 takes half the space and keeps three digits.

    Raises
    ------
    ValueError
        A word is neither str nor int, a number is not finite (or beyond float16), or a parameter
        is nothing that JSON holds; nothing is written then.
    """
    if dtype not in ("float32", "float16"):
        raise ValueError(f"dtype={dtype!r}: choose 'float32' or 'float16'")
    meta = meta or {}
    tensors = {"vectors": _rows.cast(_rows.check_matrix(words, matrix), words, dtype)}
    context = meta.get("output_vectors")
    if context is not None:
        names = range(len(context))
        tensors["output_vectors"] = _rows.cast(_rows.check_matrix(names, context), names, dtype)
    subwords = meta.get("subwords")
    if subwords is not None and "hash_count" in subwords:
        raise ValueError(
            f"{path}: the n-grams are those of a table of floret, which only a .floret stores; "
            "without them: KeyedVectors(wv.index_to_key, wv.vectors).save(...)"
        )
    if subwords is not None and not subwords["bucket"]:  # rows of words only
        subwords = None
    if subwords is not None:
        rows = _subword_rows(subwords)
        names = range(len(rows))
        tensors["subword_vectors"] = _rows.cast(_rows.check_matrix(names, rows), names, dtype)
        if subwords["buckets"] is not None:
            tensors["subword_buckets"] = np.ascontiguousarray(subwords["buckets"], np.int32)
    if meta.get("counts") is not None:
        tensors["counts"] = check_counts(meta["counts"], len(words))
    for name, array in (meta.get("arrays") or {}).items():
        tensors[_ARRAY + name] = _checked_array(name, array)
    tensors["words"] = np.frombuffer(_encode(words), np.uint8)
    try:
        parameters = json.dumps(meta.get("parameters") or {}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"parameters={shown(meta['parameters'])}: JSON cannot hold this ({error}): give dicts "
            "with keys of str, lists, str, finite numbers of Python, bool and None"
        ) from None
    checksums = {name: _tensors.checksum(tensor) for name, tensor in tensors.items()}
    checksums["parameters"] = hashlib.sha256(parameters.encode()).hexdigest()
    metadata = {
        "format": NAME,
        "version": VERSION,
        "parameters": parameters,
        "checksum": json.dumps(checksums),
    }
    if subwords is not None:
        settings = {name: subwords[name] for name in _SUBWORDS}
        metadata["subwords"] = json.dumps(settings)
    with _files.writing(path) as file:
        _tensors.write(file, tensors, metadata)


def read(
    path: FilePath, *, mmap: bool = False, **how: Any
) -> tuple[list[Any], Float32, dict[str, Any]]:
    """Read a model.

    Parameters
    ----------
    mmap : bool, default=False
        Leave float32 matrices and all subword vectors in the file, read-only, and read what is used
        when it is used. Their checksums are then not compared, which would read all of them, and a
        number that is not finite is found by the first query for neighbours.
    **how
        As in `word2vec_text.read`.

    Returns
    -------
    words : list of str or int
    matrix : ndarray of shape (V, d), float32
    meta : dict
        `format`, `version`, `parameters`, and `counts`, `output_vectors`, `subwords` and `arrays`
        where they are there. Arrays, and output vectors that are not one for each word, cannot
        follow limit and words: `left_out` then names them. All n-grams keep their vectors. The
        `rows` of `subwords` are a `HalfRows` if they are float16 and mapped.

    Raises
    ------
    ValueError
        The file is not a native file of version 1, or is damaged.
    """
    check_flags(mmap=mmap)
    choice = Choice(**how)
    choice.check_unicode("native")
    with _files.as_path(path) as file:
        return _read(file, choice, mmap, how)


def _read(
    path: FilePath, choice: Choice, mmap: bool, how: dict[str, Any]
) -> tuple[list[Any], Float32, dict[str, Any]]:
    """Read words, vectors and meta from a file; `read` documents them."""
    with open(path, "rb") as start:
        check_not_foreign(path, start.read(16), "a native .safetensors file")
    file = _tensors.Tensors(path)
    _check_header(file)
    parameters, checksums = _parameters(file)
    tensors = {name: file.map(name) for name in file.names}
    for name, tensor in tensors.items():
        if not (mmap and name in _MATRICES) and _tensors.checksum(tensor) != checksums.get(name):
            raise ValueError(damaged_native(path, f"the checksum of {name!r} does not fit"))
    text = tensors.pop("words").tobytes()
    matrices = sum(tensors[name].size for name in _MATRICES if name in tensors)
    needed = 2 * len(text) + WORD * text.count(b",") + (0 if mmap else 4 * matrices)
    Budget(path, choice.max_memory).check(needed, size_of(path))
    found = _decode(path, text)
    rows, context = tensors["vectors"], tensors.get("output_vectors")
    if len(found) != len(rows):
        raise ValueError(damaged_native(path, f"{len(found):,} words for {len(rows):,} vectors"))
    if context is not None and context.shape[1] != rows.shape[1]:
        raise ValueError(
            damaged_native(path, "vectors and output_vectors differ in their dimensions")
        )
    meta = {"format": "native", "version": VERSION, "parameters": parameters}
    whole, left_out = choice.limit is None and choice.words is None, []
    arrays = {n.removeprefix(_ARRAY): t for n, t in tensors.items() if n.startswith(_ARRAY)}
    if arrays and whole:
        meta["arrays"] = {name: np.array(array) for name, array in arrays.items()}
    elif arrays:
        left_out.append("arrays")
    aside = {"counts": tensors.get("counts")}
    if context is not None:
        context = _uncast(context, mmap)
        if not mmap:
            _rows.check_finite(context, lambda row: f"{path}: context vector {row}")
        # Hierarchical softmax has a row for each inner node, which no choice of words can follow.
        if len(context) == len(rows):
            aside["output_vectors"] = context
        elif whole:
            meta["output_vectors"] = context
        else:
            left_out.append("output_vectors")
    subwords = None
    if "subword_vectors" in tensors:
        if tensors["subword_vectors"].shape[1] != rows.shape[1]:
            raise ValueError(
                damaged_native(path, "vectors and subword_vectors differ in their dimensions")
            )
        subwords = _subwords(file, tensors, len(found))
        aside["own"] = subwords["own"]
    if left_out:
        meta["left_out"] = left_out
    found, rows, aside = _rows.select(
        path, found, _uncast(rows, mmap), aside, finite=not mmap, empty=True, **how
    )
    if "bad_rows" in aside and whole:  # what has another number of rows does not fit any more
        lost = [name for name in ("arrays", "output_vectors") if name in meta]
        meta = {name: value for name, value in meta.items() if name not in lost}
        if lost:
            meta["left_out"] = [*left_out, *lost]
    if subwords is not None:
        meta["subwords"] = _placed(file.path, subwords, np.asarray(aside.pop("own")), mmap)
    return found, rows, meta | aside


def _subword_rows(subwords: Mapping[str, Any]) -> Any:
    """The rows of the words that are written, then those of buckets."""
    rows, own, buckets = subwords["rows"], subwords["own"], subwords["buckets"]
    first = rows.shape[0] - (subwords["bucket"] if buckets is None else len(buckets))
    in_place = len(own) == first and (own == np.arange(first)).all()
    if in_place and isinstance(rows, np.ndarray):
        return rows
    chosen = np.concatenate([own, np.arange(first, rows.shape[0])])
    return rows[chosen] if isinstance(rows, np.ndarray) else rows.take(chosen)


def _placed(path: str, subwords: dict[str, Any], own: Int64, mmap: bool) -> dict[str, Any]:
    """The entry `subwords` for the words that are kept, whose rows are `own`.

    In memory the rows of other words are left out; a mapped matrix stays whole.
    """
    rows, n_words = subwords["rows"], len(subwords["own"])
    if mmap:
        rows = HalfRows(rows) if rows.dtype == np.float16 else rows
        return {**subwords, "own": own, "rows": rows}
    if len(own) < n_words:
        rows = rows[np.concatenate([own, np.arange(n_words, len(rows))])]
        own = np.arange(len(own))
    rows = rows.astype(np.float32)
    _rows.check_finite(rows, lambda row: f"{path}: subword vector {row}")
    return {**subwords, "own": own, "rows": rows}


def _subwords(file: _tensors.Tensors, tensors: Mapping[str, Any], n_words: int) -> dict[str, Any]:
    """The entry `subwords` of a whole file, with the rows as they are stored."""
    rows, buckets = tensors["subword_vectors"], tensors.get("subword_buckets")
    try:
        settings = json.loads(file.metadata["subwords"])
        if not isinstance(settings, dict):
            raise TypeError
        found = {name: settings[name] for name in _SUBWORDS}
    except (KeyError, TypeError, ValueError, RecursionError):
        found = {}
    kinds = {name: type(value) for name, value in found.items()}
    if kinds != _SUBWORDS or not 0 < found["min_n"] <= found["max_n"] or found["bucket"] < 1:
        raise ValueError(damaged_native(file.path, "the header's entry on subwords is not valid"))
    n_buckets = found["bucket"] if buckets is None else len(buckets)
    if len(rows) != n_words + n_buckets:
        raise ValueError(
            damaged_native(
                file.path,
                f"{len(rows):,} subword vectors for {n_words:,} words and {n_buckets:,} buckets",
            )
        )
    if buckets is not None:
        buckets = np.array(buckets)
        ordered = np.sort(buckets)
        inside = not len(ordered) or (0 <= ordered[0] and ordered[-1] < found["bucket"])
        if not inside or (np.diff(ordered) == 0).any():
            raise ValueError(
                damaged_native(file.path, "subword_buckets are out of range or repeated")
            )
    return {**found, "buckets": buckets, "own": np.arange(n_words), "rows": rows}


def _parameters(file: _tensors.Tensors) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the checksums in the header."""
    try:
        checksums = json.loads(file.metadata["checksum"])
        text = file.metadata["parameters"].encode()
        if hashlib.sha256(text).hexdigest() != checksums.get("parameters"):
            raise TypeError
        parameters = json.loads(text)
        if not isinstance(checksums, dict) or not isinstance(parameters, dict):
            raise TypeError
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        what = "the header's parameters or checksums are not valid"
        raise ValueError(damaged_native(file.path, what)) from None
    return parameters, checksums


def _check_header(file: _tensors.Tensors) -> None:
    """Raise ValueError if a file is not a model of this version, or a tensor has a wrong type."""
    path, metadata = file.path, file.metadata
    if metadata.get("format") == _checkpoint.NAME:
        raise ValueError(
            f"{path}: a checkpoint of a training run, not a model: repeat the call that wrote it, "
            "and save the model that it gives"
        )
    if metadata.get("format") != NAME:
        raise ValueError(
            f"{path}: a safetensors file, but not one of w2vext: its tensors are "
            f"{shown(list(file.names))}; read them with safetensors, and give words and vectors to "
            "KeyedVectors"
        )
    if metadata.get("version") != VERSION:
        raise ValueError(
            f"{path}: version {metadata.get('version')!r} of the native format; this w2vext reads "
            f"version {VERSION}: read it with the w2vext that wrote it, or a newer one"
        )
    for name, kinds, ndim in (
        ("words", ("U8",), 1),
        ("vectors", ("F32", "F16"), 2),
        ("output_vectors", ("F32", "F16"), 2),
        ("subword_vectors", ("F32", "F16"), 2),
        ("subword_buckets", ("I32",), 1),
        ("counts", ("I64",), 1),
    ):
        kind, shape = file.names.get(name, (None, ()))
        if kind is None and name not in ("words", "vectors"):
            continue
        if kind not in kinds or len(shape) != ndim:
            raise ValueError(
                damaged_native(
                    path, f"tensor {name!r} is missing or of a wrong kind, {kind} {shape}"
                )
            )
    if (
        file.names.get("counts", (0, file.names["vectors"][1][:1]))[1]
        != file.names["vectors"][1][:1]
    ):
        raise ValueError(damaged_native(path, "counts and vectors differ in number"))


def _checked_array(name: str, array: ArrayLike) -> Float64:
    array = np.asarray(array)
    if array.dtype != np.float64 or array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(
            f"arrays: {name!r} has type {array.dtype} and shape {array.shape}: needed are finite "
            "float64 numbers in one dimension"
        )
    return array


def _uncast(matrix: NDArray[Any], mmap: bool) -> Float32:
    """A matrix as float32; a mapped float32 matrix is not copied."""
    return matrix if mmap and matrix.dtype == np.float32 else matrix.astype(np.float32)


def _encode(words: Iterable[Any]) -> bytes:
    """The words as a JSON array in UTF-8."""
    plain = []
    for word in words:
        if isinstance(word, (int, np.integer)) and not isinstance(word, bool):
            word = int(word)
        elif not isinstance(word, str):
            raise ValueError(
                f"cannot write the word {word!r}: the native format holds str and int; turn the "
                f"{type(word).__name__} into one of these"
            )
        plain.append(word)
    _rows.check_distinct(plain)
    try:
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError as error:
        bad = next(w for w in plain if isinstance(w, str) and error.object[error.start] in w)
        raise ValueError(f"cannot write the word {bad!r}: it holds a lone surrogate") from None


def _decode(path: FilePath, text: bytes) -> list[Any]:
    """The words of the tensor "words"; the inverse of `_encode`."""
    try:
        words = json.loads(text.decode("utf-8"))
        if not isinstance(words, list) or not all(type(word) in (str, int) for word in words):
            raise ValueError
    except (ValueError, RecursionError):
        raise ValueError(
            damaged_native(path, "tensor 'words' is not a JSON array of str and int")
        ) from None
    if b"\\u" in text:  # JSON may escape half of a surrogate pair
        for row, word in enumerate(words):
            if isinstance(word, str) and any("\ud800" <= char < "\ue000" for char in word):
                raise ValueError(
                    damaged_native(
                        f"{path}, row {row + 1:,}",
                        f"the word {shown(word)} contains a lone surrogate",
                    )
                )
    return words
