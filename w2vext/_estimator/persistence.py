"""A fitted model as one file of the native format, and back.

The file holds words, both matrices, counts, parameters and what the fit found out. Refuses to run
anything that it reads, to drop a parameter in silence, and files that hold vectors only.
"""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

import numpy as np

from w2vext._estimator import initial as beginning
from w2vext._estimator import parameters as _params

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from typing_extensions import Self

    from w2vext._types import FilePath, Fitted
else:
    Fitted = object

VERSION = 1  # of what `parameters` holds, inside the native format's own version

# Fitted attribute: what it must be. Those of `_MATRICES` and `_ARRAYS` are tensors.
_FACTS: dict[str, Callable[[Any], bool]] = {
    "loss_history_": lambda v: isinstance(v, list) and all(map(_params.is_real, v)),
    "validation_loss_history_": lambda v: isinstance(v, list) and all(map(_params.is_real, v)),
    "n_iter_": lambda v: _params.is_whole(v) and v >= 0,
    "best_epoch_": lambda v: v is None or (_params.is_whole(v) and v >= 0),
    "unk_": lambda v: v is None or isinstance(v, str) or _params.is_whole(v),
    "seed_": lambda v: _params.is_whole(v) and 0 <= v < _params.SEEDS,
}
_NEEDED = ("loss_history_", "n_iter_", "seed_")
_ARRAYS = ("idf_", "sif_component_")


class Stored(Fitted):
    """`save` and `load`, for an estimator with `vectors_` and `vocabulary_`."""

    def save(self, path: FilePath, *, dtype: Literal["float32", "float16"] = "float32") -> None:
        """Write the fitted model as one native file, all or nothing.

        Parameters
        ----------
        path : str or path-like
            Usually ends in ``.safetensors``.
        dtype : {"float32", "float16"}
            Of both matrices; float16 takes half the room and keeps three digits.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            A word is neither str nor int, a number is not finite, a parameter was set to what does
            not fit the model, or the path ends in the suffix of another format (``wv.save`` writes
            those).
        OSError
            The file cannot be written; an old one stays as it was.

        Warns
        -----
        UserWarning
            `callbacks`, a `trim_rule`, a `schedule` that is a function and a `random_state` that is
            a generator are code or state, which no file of ours holds: a loaded model has their
            defaults.
        """
        _params.check_fitted(self, "vectors_")
        from w2vext.formats import SUFFIXES, native

        name = os.fspath(path)
        other = [s for s in SUFFIXES if str(name).endswith(s) and SUFFIXES[s] != "native"]
        if other:
            raise ValueError(
                f"path={str(name)!r}: a model is written as .safetensors; for {other[-1]}, which "
                "holds the vectors only, call model.wv.save"
            )
        _check(self)
        params, left_out = _plain_parameters(self._parameters())
        fitted = {name: _plain(getattr(self, name)) for name in _FACTS if hasattr(self, name)}
        meta = {
            "counts": self.counts_,
            "context_vectors": self.context_vectors_,
            "arrays": {name: getattr(self, name) for name in _ARRAYS if hasattr(self, name)},
            "parameters": {
                "estimator": "Word2Vec",
                "version": VERSION,
                "params": params,
                "fitted": fitted,
            },
        }
        native.write(path, list(self.vocabulary_), self.vectors_, meta, dtype=dtype)
        if left_out:
            warnings.warn(
                f"{', '.join(left_out)}: not saved, since a file holds no code; a loaded model has "
                "the default",
                UserWarning,
                stacklevel=2,
            )

    @classmethod
    def load(cls, path: FilePath, *, mmap: bool = False) -> Self:
        """Read a model that `save` wrote; it goes on as if it had just been fitted.

        Parameters
        ----------
        path : str or path-like
        mmap : bool, default=False
            Leave float32 matrices in the file, read-only, and read what is used when it is used;
            their checksums are not compared then.

        Returns
        -------
        Word2Vec

        Raises
        ------
        ValueError
            The file is damaged, of a newer version, or no model; the message says which.
        """
        from w2vext.formats import native

        words, vectors, meta = native.read(path, mmap=mmap)
        params, fitted = _contents(path, meta["parameters"])
        model = cls(**_known(path, params, cls._names()))
        for name in ("counts", "context_vectors"):
            if meta.get(name) is None:
                raise ValueError(f"{path}: a model without {name}: the file is damaged")
        model.vocabulary_ = {word: row for row, word in enumerate(words)}
        model.vectors_, model.context_vectors_ = vectors, meta["context_vectors"]
        model.counts_ = np.array(meta["counts"])
        model.unk_ = None  # what older files mean by saying nothing
        for name, value in (fitted | _arrays(path, meta.get("arrays", {}), vectors.shape)).items():
            setattr(model, name, value)
        try:
            _check(model)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}: {error}") from None
        return model


def _check(model: Any) -> None:
    """Raise where parameters and matrices do not fit together; training trusts that they do."""
    _params.check(model._parameters())
    beginning.check_earlier(model, None, None)
    if model.unk_ is not None and model.unk_ not in model.vocabulary_:
        raise ValueError(f"unk_={model.unk_!r} is not among the model's words")
    if not len(model.counts_) or model.counts_.min() < 0:
        raise ValueError("a model has a word at least, and no count below 0")


def _plain(value: Any) -> Any:
    """A parameter or fact as JSON has it; raises TypeError for code and state."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if _params.is_whole(value):
        return int(value)
    if _params.is_real(value):
        return float(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    raise TypeError(type(value).__name__)


def _plain_parameters(params: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """(the parameters that JSON holds, the names of the others)."""
    plain, left_out = {}, []
    for name, value in params.items():
        try:
            plain[name] = _plain(value)
        except TypeError:
            left_out.append(f"{name}={value!r}")
    return plain, left_out


def _contents(path: FilePath, parameters: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(params, fitted) of a file's `parameters`, checked."""
    if parameters.get("estimator") != "Word2Vec":
        raise ValueError(
            f"{path}: vectors without a model: read them with KeyedVectors.load, and train on from "
            "them with fit(init=...)"
        )
    if parameters.get("version") != VERSION:
        raise ValueError(
            f"{path}: version {parameters.get('version')!r} of a saved model; this w2vext reads "
            f"version {VERSION}: read it with the w2vext that wrote it, or a newer one"
        )
    params, fitted = parameters.get("params"), parameters.get("fitted")
    if not isinstance(params, dict) or not isinstance(fitted, dict):
        raise ValueError(f"{path}: the model's parameters are damaged")
    for name in _NEEDED:
        if name not in fitted:
            raise ValueError(f"{path}: a model without {name}: the file is damaged")
    for name, value in fitted.items():
        if name not in _FACTS or not _FACTS[name](value):
            raise ValueError(f"{path}: {name}={value!r} is nothing that a fit gives")
    return params, fitted


def _known(path: FilePath, params: dict[str, Any], names: list[str]) -> dict[str, Any]:
    unknown = sorted(set(params) - set(names))
    if unknown:
        raise ValueError(
            f"{path}: the parameter {unknown[0]!r} is unknown to this w2vext: read the file with "
            "the w2vext that wrote it, or a newer one"
        )
    return params | {"callbacks": ()}  # which hold code: only their absence is written


def _arrays(path: FilePath, arrays: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    lengths = {"idf_": shape[0] + 1, "sif_component_": shape[1]}
    for name, array in arrays.items():
        if lengths.get(name) != len(array) or array.dtype != np.float64:
            raise ValueError(f"{path}: the array {name!r} has shape {array.shape}, not the model's")
    return arrays
