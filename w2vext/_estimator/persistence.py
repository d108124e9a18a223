"""Saves a fitted model as one file of the native format or of fastText's, and loads it.

A native file contains the words, both matrices, the counts, the parameters and the other fitted
values. Loading a file executes no code.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.flags import is_bool
from w2vext._arguments.messages import damaged_native, shown, warn
from w2vext._estimator import fasttext_files, parameters, subwords
from w2vext._estimator.fitted import Fitted
from w2vext._estimator.parameters import Parameters
from w2vext.text.vocabulary import Vocabulary
from w2vext.training.settings import outputs

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from w2vext._arguments.types import FilePath, Float64, Int32

VERSION = 1  # of the entry "parameters"; the native format has its own version


def is_finite(value: Any) -> bool:
    """Whether a value is a real number that float can represent."""
    return parameters.is_real(value) and abs(value) <= sys.float_info.max


# Fitted attribute in the entry "parameters": whether a value is valid.
_VALUES: dict[str, Callable[[Any], bool]] = {
    "loss_history_": lambda v: isinstance(v, list) and all(map(is_finite, v)),
    "validation_loss_history_": lambda v: isinstance(v, list) and all(map(is_finite, v)),
    "n_iter_": lambda v: parameters.is_whole(v) and v >= 0,
    "best_epoch_": lambda v: v is None or (parameters.is_whole(v) and v >= 0),
    "unk_token_": lambda v: v is None or isinstance(v, str) or parameters.is_whole(v),
    "alpha_": lambda v: is_finite(v) and v > 0,
    "deterministic_": is_bool,
    "seed_": lambda v: parameters.is_whole(v) and 0 <= v < parameters.SEEDS,
}
_REQUIRED = ("loss_history_", "n_iter_", "unk_token_", "alpha_", "deterministic_", "seed_")
_ARRAYS = ("idf_", "sif_component_", "noise_", "noise_groups_")


def save(
    path: FilePath, params: Parameters, fitted: Fitted, dtype: Literal["float32", "float16"]
) -> None:
    """Write a model, completely or not at all; `Word2Vec.save` documents the errors."""
    from w2vext.formats import SUFFIXES, native

    name = str(os.fspath(path))
    other = [s for s in SUFFIXES if name.endswith(s) and SUFFIXES[s] != "native"]
    is_fasttext = other == [".bin"] and fitted.subword_vectors is not None
    if other and not is_fasttext:
        raise ValueError(
            f"path={shown(name)}: a model is written as .safetensors, or with subwords as .bin; to "
            f"write only the vectors as {other[-1]}, call model.wv.save"
        )
    if is_fasttext and dtype != "float32":
        raise ValueError(f"dtype={shown(dtype)}: fastText's .bin stores float32: give 'float32'")
    plain, left_out = _checked(params, fitted, "fit")
    if is_fasttext:
        fasttext_files.save(path, params, fitted)
        return
    meta = _meta(params, fitted, plain)
    native.write(path, fitted.words.words, fitted.vectors, meta, dtype=dtype)
    if left_out:
        warn(
            f"{', '.join(left_out)}: not saved, because files contain text and numbers but no "
            "code; a loaded model has the default: set the parameter again after loading"
        )


def contents(params: Parameters, fitted: Fitted) -> tuple[dict[str, Any], list[str]]:
    """What the native format stores of a model besides its vectors, and what it cannot store."""
    plain, left_out = _checked(params, fitted, "training")
    return _meta(params, fitted, plain), left_out


def _checked(params: Parameters, fitted: Fitted, run: str) -> tuple[dict[str, Any], list[str]]:
    """`_plain_parameters`, after the checks that `load` makes."""
    parameters.check(params)
    mismatch = _mismatch(params, fitted)
    if mismatch:
        raise ValueError(f"{mismatch}: set it back to its value in the {run}")
    plain, left_out = _plain_parameters(params)
    parameters.seed_of(plain.get("random_state"))
    return plain, left_out


def _meta(params: Parameters, fitted: Fitted, plain: dict[str, Any]) -> dict[str, Any]:
    attributes = fitted.attributes()
    composed = subwords.of_fit(params, fitted)
    return {
        "counts": fitted.words.counts,
        "output_vectors": fitted.output_vectors,
        "subwords": None if composed is None else composed.stored(fitted.words.words),
        "arrays": {
            name: np.asarray(attributes[name], dtype=np.float64)
            for name in _ARRAYS
            if name in attributes
        },
        "parameters": {
            "estimator": "Word2Vec",
            "version": VERSION,
            "params": plain,
            "fitted": {
                name: json_value(attributes[name]) for name in _VALUES if name in attributes
            },
        },
    }


def load(path: FilePath, mmap: bool) -> tuple[dict[str, Any], Fitted]:
    """The parameters and the fit that `save` wrote; `Word2Vec.load` documents the errors."""
    with _files.local_copy(path) as local:
        return _load(local, mmap)


def _load(path: FilePath, mmap: bool) -> tuple[dict[str, Any], Fitted]:
    from w2vext.formats import native

    if fasttext_files.is_model(path):
        return fasttext_files.load(path, mmap)
    words, vectors, meta = native.read(path, mmap=mmap)
    plain, values = _contents(path, meta["parameters"])
    for name in ("counts", "output_vectors"):
        if meta.get(name) is None:
            raise ValueError(damaged_native(path, f"the model has no {name}"))
    values |= _checked_arrays(path, meta.get("arrays", {}), vectors.shape)
    try:
        params = Parameters(**plain)
        parameters.check(params)
        parameters.seed_of(params.random_state)
        vocabulary = Vocabulary(words, np.array(meta["counts"]), values.pop("unk_token_"))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(damaged_native(path, f"its content is not valid ({error})")) from None
    rows = meta["subwords"]["rows"] if "subwords" in meta else None
    fitted = Fitted(
        words=vocabulary,
        vectors=vectors,
        output_vectors=meta["output_vectors"],
        subword_vectors=rows.take() if isinstance(rows, native.HalfRows) else rows,
        **{name.removesuffix("_"): value for name, value in values.items()},
    )
    try:
        mismatch = _mismatch(params, fitted)
    except OverflowError as error:  # of lengths of n-grams, which have no upper bound
        mismatch = str(error)
    if mismatch:
        raise ValueError(damaged_native(path, mismatch))
    grams = subwords.of(params, vocabulary)
    order: Any = None if grams is None else grams.buckets
    if grams is not None and not np.array_equal(order, meta["subwords"]["buckets"]):
        raise ValueError(damaged_native(path, "subword_buckets do not fit the words"))
    return plain, fitted


def _mismatch(params: Parameters, fitted: Fitted) -> str | None:
    """A message if the parameters and the fitted values are inconsistent, or None.

    Training relies on their consistency.
    """
    numbers = fitted.vectors.shape[1]
    if params.vector_size != numbers:
        return f"vector_size={params.vector_size}, but the vectors have {numbers} dimensions"
    rows, needed = len(fitted.output_vectors), outputs(len(fitted.words), params.loss)
    if rows != needed:
        return f"loss={params.loss!r} has {needed} output vectors, but the model has {rows}"
    grams = subwords.of(params, fitted.words)
    found = 0 if fitted.subword_vectors is None else len(fitted.subword_vectors)
    if found != (0 if grams is None else grams.n_rows):
        return (
            f"min_n={params.min_n}, max_n={params.max_n} and bucket={params.bucket} give "
            f"{0 if grams is None else grams.n_rows} subword vectors, but the model has {found}"
        )
    if not len(fitted.words) or fitted.words.counts.min() < 0:
        return "a model needs at least one word and counts of 0 or more"
    return None


def json_value(value: Any) -> Any:
    """A value converted for JSON; raises TypeError for functions and generators."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if parameters.is_whole(value):
        return int(value)
    if parameters.is_real(value):
        return float(value)
    if isinstance(value, (list, tuple)):
        return [json_value(item) for item in value]
    raise TypeError(type(value).__name__)


def stored_parameters(params: Parameters) -> dict[str, Any]:
    """The parameters that a file can store, by name."""
    return _plain_parameters(params)[0]


def _plain_parameters(params: Parameters) -> tuple[dict[str, Any], list[str]]:
    """(parameters that can be stored as JSON, the others as "name=value")."""
    plain, left_out = {}, []
    for name in parameters.NAMES:
        value = getattr(params, name)
        try:
            if name == "unk_token" and not _VALUES["unk_token_"](value):
                raise TypeError  # JSON would return a tuple as a list
            plain[name] = json_value(value)
        except TypeError:
            left_out.append(f"{name}={shown(value)}")
    return plain, left_out


def _contents(path: FilePath, entry: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(parameters, fitted values) from the entry "parameters" of a file, all checked."""
    if entry.get("estimator") != "Word2Vec":
        raise ValueError(
            f"{path}: the file contains vectors but no model: read it with KeyedVectors.load, "
            "and continue the training with fit(init=...)"
        )
    if entry.get("version") != VERSION:
        raise ValueError(
            f"{path}: a saved model of version {shown(entry.get('version'))}, but this w2vext "
            f"reads version {VERSION}: read it with the w2vext that wrote it, or a newer one"
        )
    params, values = entry.get("params"), entry.get("fitted")
    if not isinstance(params, dict) or not isinstance(values, dict):
        raise ValueError(damaged_native(path, "the parameters of the model are not valid"))
    for name in _REQUIRED:
        if name not in values:
            raise ValueError(damaged_native(path, f"the model has no {name}"))
    for name, value in values.items():
        if name not in _VALUES or not _VALUES[name](value):
            what = f"{name}={shown(value)} is not a valid fitted attribute"
            raise ValueError(damaged_native(path, what))
    unknown = sorted(set(params) - set(parameters.NAMES))
    if unknown:
        raise ValueError(
            f"{path}: this w2vext does not know the parameter {shown(unknown[0])}: read the file "
            "with the w2vext that wrote it, or a newer one"
        )
    # A callback is code and never saved, so the list in the file is empty.
    return params | {"callbacks": ()}, dict(values)


def _checked_arrays(
    path: FilePath, arrays: dict[str, Any], shape: tuple[int, ...]
) -> dict[str, Any]:
    """The fitted arrays; raises ValueError if one does not fit the shape of the vectors."""
    lengths = {"idf_": shape[0] + 1, "sif_component_": shape[1]}
    lengths |= {"noise_": shape[0], "noise_groups_": shape[0]}
    for name, array in arrays.items():
        if lengths.get(name) != len(array) or array.dtype != np.float64:
            what = f"the array {shown(name)} of shape {array.shape} does not fit the model"
            raise ValueError(damaged_native(path, what))
    if "noise_groups_" in arrays:
        arrays["noise_groups_"] = _checked_groups(path, arrays["noise_groups_"])
    return arrays


def _checked_groups(path: FilePath, groups: Float64) -> Int32:
    """The number of each word's group, or -1; raises ValueError if one is not valid."""
    if not (np.isin(groups, np.arange(-1, len(groups))).all()):
        raise ValueError(damaged_native(path, "the array 'noise_groups_' has no groups"))
    return groups.astype(np.int32)
