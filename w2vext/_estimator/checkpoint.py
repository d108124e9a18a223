"""Checkpoints of a fit: a folder from which the same call continues after a crash (D17).

A checkpoint is one file, named after the epoch and the unit at which it was written. It contains
the state of the run and the facts that the run depends on: parameters, seed, and checksums of the
vocabulary, the encoded corpus and the other arguments. A run continues only if all facts are equal.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np

from w2vext import __version__, _files, _threads
from w2vext._arguments.flags import is_bool
from w2vext._arguments.messages import damaged_native, kind_of, shown, warn
from w2vext._estimator import parameters
from w2vext._estimator.persistence import is_finite, json_value
from w2vext.training.drawn import DrawnStream
from w2vext.training.pairs import PairStream
from w2vext.training.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Self

    from w2vext._arguments.types import Bool, FilePath
    from w2vext._estimator.parameters import Parameters
    from w2vext.text.vocabulary import Stream, Vocabulary
    from w2vext.training.run import Start
    from w2vext.training.settings import Settings

KEPT = 2  # checkpoints
_NAME = re.compile(r"at-\d{6}-\d{9}\.safetensors")
_TIME = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(s|min|h|)")
_UNITS = {"": 1, "s": 1, "min": 60, "h": 3600}
# Parameters that a resumed run may change, because they do not affect the training. The workers and
# the random state are compared in another form.
_FREE = {
    "workers", "random_state", "verbose", "callbacks", "warm_start", "unknown", "pooling",
    "sif_smoothing",
}  # fmt: skip
# Simple types whose repr is the same in every process.
_PLAIN = (str, int, float, bytes, bool, np.generic, type(None))


def seconds(every: Any) -> float:
    """The value of ``checkpoint_every`` in seconds; it is a number, or a str such as "10min"."""
    wanted = 'a time such as "10min", "90s" or "2h", or a number of seconds'
    if parameters.is_real(every):
        if every >= 0 and every < float("inf"):
            return float(every)
    elif not isinstance(every, str):
        raise TypeError(f"checkpoint_every={shown(every)} is {kind_of(every)}: give {wanted}")
    elif match := _TIME.fullmatch(every.strip()):
        return float(match[1]) * _UNITS[match[2]]
    raise ValueError(f"checkpoint_every={shown(every)}: give {wanted}")


class Checkpoints:
    """The checkpoints of a run in a folder; a context manager that locks the folder.

    It is the `Saver` of the run.

    Parameters
    ----------
    folder : str or path-like
        It is created if its parent exists.
    every : float or str
        Seconds between two checkpoints, or a str such as "10min". A checkpoint is written at the
        end of the first part of the training after this time.
    """

    def __init__(self, folder: FilePath, every: float | str = "10min") -> None:
        if not isinstance(folder, (str, os.PathLike)):
            raise TypeError(
                f"checkpoint={shown(folder)} is {kind_of(folder)}: give the path of a "
                "folder, or None"
            )
        if _files.is_url(folder):
            raise ValueError(
                f"checkpoint={shown(folder)} is a URL: give the path of a folder, which is on a "
                "shared file system if another machine may continue the run"
            )
        self.folder = _files.path_of(folder)
        self._path = os.path.abspath(self.folder)  # a callback may change the working directory
        self._every = seconds(every)
        self._facts: dict[str, Any] = {}  # of this run
        self._maker: list[str] = []  # this version, and its instruction set
        self._exact = True  # whether a resumed run gives the bytes of an uninterrupted one
        self._kept: list[str] = []  # the names of the checkpoints that are kept, the newest last
        self._found: dict[str, Any] = {}  # the content of the one to continue from
        self._arrays: dict[str, Any] = {}
        self._written = 0.0  # when the latest one was written
        self._verbose, self._epochs = 0, 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        _make_folder(self.folder)
        with ExitStack() as stack:
            stack.enter_context(_files.holding(self.folder, "another training run"))
            _files.clean(self.folder)
            self._find()
            self._stack = stack.pop_all()
        self._written = time.monotonic()
        return self

    def __exit__(self, *exc: object) -> None:
        self._arrays = {}
        self._stack.close()

    def _find(self) -> None:
        """Read the newest valid checkpoint."""
        from w2vext.formats import _checkpoint

        for name in sorted(filter(_NAME.fullmatch, os.listdir(self.folder)), reverse=True):
            path = os.path.join(self.folder, name)
            try:
                arrays, found = _checkpoint.read(path)
                if not _is_valid(arrays, found):
                    raise ValueError(damaged_native(path, "its content is not valid"))
                self._arrays, self._found = arrays, found
                self._kept = [name]
                return
            except (OSError, ValueError) as error:
                warn(f"a checkpoint is skipped, and an older one is used if there is one: {error}")

    # ---- the facts of the run

    def seed(self, random_state: Any) -> int:
        """The seed of the run: that of the checkpoint unless `random_state` is an integer."""
        if not self._found or parameters.is_whole(random_state):
            return parameters.seed_of(random_state)
        return int(self._found["facts"]["random_state"])

    def set_parameters(self, params: Parameters, settings: Settings) -> None:
        """Compare the parameters of the run with those of the checkpoint."""
        from w2vext.kernels._dispatch import isa

        self._verbose, self._epochs = params.verbose, params.epochs
        facts = {n: _fact(getattr(params, n)) for n in parameters.NAMES if n not in _FREE}
        facts |= {
            "alpha": settings.alpha,
            "deterministic": settings.deterministic,
            "random_state": settings.seed,
            "freeze_output": True if settings.freeze_output else None,
        }
        free = not (settings.deterministic or settings.loss == "softmax")
        one = _threads.resolve(settings.workers) == 1
        facts["workers"] = ("1" if one else "several") if free else "any"
        self.agree(facts)
        self._maker = [__version__, isa()]
        self._facts["made by"] = self._found.get("facts", {}).get("made by", self._maker)
        self._exact = facts["workers"] != "several" and self._facts["made by"] == self._maker

    def set_data(
        self,
        words: Vocabulary,
        stream: Stream,
        validation: Stream | None,
        start: Start | None,
        frozen: Bool | None,
        settings: Settings,
    ) -> None:
        """Compare the data of the run with those of the checkpoint."""
        given = None if start is None else [start.w_in, start.w_out, start.rows, start.out_rows]
        self.agree(
            {
                "vocabulary": vocabulary_fact(words),
                "corpus": _described(stream),
                "validation": _described(validation),
                "initial vectors": None if given is None else digest(*given),
                "freeze": None if frozen is None else digest(frozen),
                **noise_facts(settings),
            }
        )

    def agree(self, facts: dict[str, Any]) -> None:
        """Add facts of this run; raise ValueError if they differ from those of the checkpoint."""
        facts = json.loads(json.dumps(facts))
        self._facts |= facts
        found = self._found.get("facts", facts)
        differences = [
            f"{name}={shown(found.get(name))} in the checkpoint and {shown(now)} now"
            for name, now in facts.items()
            if found.get(name) != now
        ]
        if differences:
            raise ValueError(
                f"checkpoint={shown(self.folder)} belongs to another run "
                f"({'; '.join(differences)}): repeat the call of that run, or give another folder"
            )

    # ---- the states of the run

    def load(self) -> Snapshot | None:
        """The snapshot to continue from, or None."""
        if not self._found:
            return None
        values, arrays = self._found["state"], self._arrays
        best = (arrays["best_w_in"], arrays["best_w_out"]) if "best_w_in" in arrays else None
        self._arrays = {}
        snapshot = Snapshot(arrays["w_in"], arrays["w_out"], best=best, **values)
        if _threads.is_shown(self._verbose):
            print(self._where(snapshot), file=sys.stderr)
        if not self._exact and not snapshot.finished:
            warn(
                f"the training continues from a checkpoint in {self.folder}. The result is valid, "
                "but differs from that of a run without an interruption: " + self._inexact()
            )
        return snapshot

    def _where(self, snapshot: Snapshot) -> str:
        """The message about the position at which the run continues."""
        if snapshot.finished:
            return f"{self.folder}: this run is complete; its result is read"
        done = f"{snapshot.words:,} words of epoch {snapshot.epoch + 1} of {self._epochs}"
        return f"{self.folder}: the run continues after {done}"

    def _inexact(self) -> str:
        """Why the result may differ from that of a run without an interruption."""
        version, isa = self._facts["made by"]
        if [version, isa] != self._maker:
            return f"the run was started by w2vext {version} with {isa} instructions"
        return "several workers train without locks"

    def due(self) -> bool:
        """Whether the next checkpoint is due."""
        return time.monotonic() - self._written >= self._every

    def save(self, snapshot: Snapshot) -> None:
        """Write a checkpoint and remove older ones; a failure is only a warning."""
        from w2vext.formats import _checkpoint

        name = f"at-{snapshot.epoch:06d}-{snapshot.unit:09d}.safetensors"
        arrays = {"w_in": snapshot.w_in, "w_out": snapshot.w_out}
        if snapshot.best is not None:
            arrays["best_w_in"], arrays["best_w_out"] = snapshot.best
        values = {n: v for n, v in vars(snapshot).items() if n not in ("w_in", "w_out", "best")}
        try:
            _checkpoint.write(
                os.path.join(self._path, name), arrays, {"facts": self._facts, "state": values}
            )
            self._kept = [*(old for old in self._kept if old != name), name][-KEPT:]
            self._remove_others()
        except OSError as error:
            warn(f"a checkpoint could not be written; the training continues without it: {error}")
        self._written = time.monotonic()

    def _remove_others(self) -> None:
        for name in filter(_NAME.fullmatch, os.listdir(self._path)):
            if name not in self._kept:
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(self._path, name))


def _are_finite(values: Any) -> bool:
    return isinstance(values, list) and all(map(is_finite, values))


def _is_count(value: Any) -> bool:
    return parameters.is_whole(value) and value >= 0


# Each field of the state in a checkpoint: whether a value is valid.
_STATE: dict[str, Callable[[Any], bool]] = {
    "epoch": _is_count,
    "unit": _is_count,
    "words": _is_count,
    "loss": is_finite,
    "pairs": lambda value: is_finite(value) and value >= 0,  # a sum of weights
    "losses": _are_finite,
    "validation_losses": _are_finite,
    "best_epoch": lambda value: value is None or _is_count(value),
    "doubt": lambda value: value is None or isinstance(value, str),
    "finished": is_bool,
}


def _is_valid(arrays: dict[str, Any], content: Any) -> bool:
    """Whether the content of a checkpoint has the form that `Checkpoints.save` writes."""
    if not isinstance(content, dict):
        return False
    facts, state = content.get("facts"), content.get("state")
    if not isinstance(facts, dict) or not isinstance(state, dict):
        return False
    maker = facts.get("made by")
    return (
        isinstance(maker, list)
        and len(maker) == 2
        and _is_count(facts.get("random_state"))
        and state.keys() == _STATE.keys()
        and all(_STATE[name](value) for name, value in state.items())
        and set(arrays) - {"best_w_in", "best_w_out"} == {"w_in", "w_out"}
        and ("best_w_in" in arrays) == ("best_w_out" in arrays)
        and all(a.dtype == np.float32 and np.isfinite(a).all() for a in arrays.values())
    )


def check_outside(folder: str, X: Any) -> None:
    """Raise if the folder is in a folder of the corpus, whose files are all read as text."""
    inner = os.path.join(os.path.realpath(folder), "")
    for path in X if isinstance(X, (list, tuple)) else [X]:
        if not isinstance(path, (str, os.PathLike)):
            return  # sentences
        outer = _files.path_of(path)
        if os.path.isdir(outer) and inner.startswith(os.path.join(os.path.realpath(outer), "")):
            raise ValueError(
                f"checkpoint={shown(folder)} is in the corpus folder {shown(os.fspath(path))}, "
                "whose files are all read as text: give a folder elsewhere"
            )


def _make_folder(path: str) -> None:
    try:
        os.mkdir(path)
    except FileExistsError:
        if not os.path.isdir(path):
            raise NotADirectoryError(
                errno.ENOTDIR, "checkpoint is a file: give the path of a folder", path
            ) from None
    except FileNotFoundError:
        raise FileNotFoundError(
            errno.ENOENT, "checkpoint: its parent folder does not exist; make it first", path
        ) from None


def _fact(value: Any) -> Any:
    """A parameter converted for JSON; functions and other objects are compared by type only."""
    try:
        return json_value(value)
    except TypeError:
        return kind_of(value)


def noise_facts(settings: Settings) -> dict[str, str | None]:
    """The checksums of the weights and of the groups of the negatives, if they are given."""
    given = {"noise": settings.noise, "noise_groups": settings.noise_groups}
    return {name: None if values is None else digest(values) for name, values in given.items()}


def vocabulary_fact(words: Vocabulary) -> str:
    """The size and the checksum of a vocabulary, as error messages show them."""
    names = [word if _is_plain(word) else type(word).__qualname__ for word in words.words]
    table = [
        repr(names).encode("utf-8", "surrogatepass"),
        words.counts,
        repr(words.unk_row).encode(),
    ]
    return f"{len(words):,} words, {digest(*table)}"


def _is_plain(word: Any) -> bool:
    return isinstance(word, _PLAIN) or (isinstance(word, tuple) and all(map(_is_plain, word)))


def _described(stream: Stream | None) -> str | None:
    """The size and the checksum of a stream, as error messages show them."""
    if stream is None:
        return None
    if isinstance(stream, DrawnStream):
        return stream.description
    sentences = len(stream.offsets) - 1
    if isinstance(stream, PairStream):
        checksum = digest(stream.ids, stream.contexts, stream.weights)
        return f"{len(stream.ids):,} pairs, {checksum}"
    checksum = digest(stream.ids, stream.offsets)
    unit = "sentence" if sentences == 1 else "sentences"
    return f"{len(stream.ids):,} words in {sentences:,} {unit}, {checksum}"


def digest(*parts: Any) -> str:
    """A checksum of arrays and bytes; None means a missing part."""
    import hashlib  # loads OpenSSL

    hashed = hashlib.sha256()
    for part in parts:
        if isinstance(part, bytes):
            hashed.update(part)
        elif part is not None:
            array = np.ascontiguousarray(part)
            hashed.update(f"{array.dtype.str} {array.shape}".encode())
            hashed.update(array.reshape(-1).view(np.uint8).data)
        hashed.update(b"|")
    return f"checksum {hashed.hexdigest()[:16]}"
