"""What a fitted `Phrases` has learned, and the file in which it is saved.

A file holds only the words that are needed to join phrases, and on request the ids of the corpus.
It is checked completely before it is used, because the compiled functions rely on its ids.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.messages import damaged_native, shown, warn
from w2vext._estimator.persistence import json_value
from w2vext.text.vocabulary import Stream, Vocabulary

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from w2vext._arguments.types import FilePath, Int64

NAME = "w2vext phrases"
MOST = 2**31 - 1
_PARAMETERS = (
    "scoring", "min_count", "threshold", "passes", "delimiter", "connector_words", "max_pairs",
    "tokenizer", "lowercase", "strip_accents", "sentences",
)  # fmt: skip


@dataclass
class Fitted:
    """The result of a fit.

    Attributes
    ----------
    phrases : dict
        The score of each phrase.
    words : int
        The number of words in the corpus.
    names : list of str
        The name of each id: those of words, then those of phrases.
    tables : list of (prefixes, (left, right, id), inside)
        For each pass, as `text._phrases.Pairs` describes them; `inside` has 1 for connectors and
        the length of the ids before the pass.
    """

    phrases: dict[str, float]
    words: int
    names: list[Any]
    tables: list[Any]

    def parts(self) -> list[int]:
        """The ids of words of the corpus that are part of a phrase."""
        words = len(self.tables[0][2])
        return [row for row in self._used().tolist() if row < words]

    def _used(self, joined: bool = False) -> Int64:
        """The ids that are part of a phrase, ascending; with `joined` also those of phrases."""
        rows = [np.zeros(0, np.int64)]
        for prefixes, (left, right, made), inside in self.tables:
            rows += [left[left < len(inside)], right, prefixes[1]]
            rows.append(prefixes[0][prefixes[0] < len(inside)])
            if joined:
                rows.append(made)
        return np.unique(np.concatenate(rows).astype(np.int64))

    def compact(self) -> Fitted:
        """The same without words that are not part of a phrase; ids keep their order."""
        used = self._used(joined=True)
        tables = []
        for prefixes, (left, right, made), inside in self.tables:
            old, new = len(inside), int(np.searchsorted(used, len(inside)))

            def renumbered(ids: Any, old: int = old, new: int = new) -> Any:
                """Ids of words, or of prefixes, whose numbers follow those of words."""
                return np.where(ids < old, np.searchsorted(used, ids), ids - old + new)

            pairs = renumbered(left), renumbered(right), np.searchsorted(used, made)
            first = renumbered(prefixes[0]), renumbered(prefixes[1]), prefixes[2]
            tables.append((first, pairs, inside[used[:new]]))
        names = [self.names[row] for row in used.tolist()]
        return Fitted(self.phrases, self.words, names, tables)


def save(
    path: FilePath,
    params: dict[str, Any],
    fitted: Fitted,
    corpus: tuple[Vocabulary, Stream] | None = None,
) -> None:
    """Write a fit, all or nothing; `Phrases.save` documents the errors.

    The words and ids of a corpus are stored as well, so that another fit can continue from them.
    """
    from w2vext.formats import _checkpoint

    fitted = fitted.compact()
    plain, left_out = {}, []
    for name in _PARAMETERS:
        value = params[name]
        try:
            plain[name] = json_value(sorted(value) if name == "connector_words" else value)
        except TypeError:
            left_out.append(f"{name}={shown(value)}")
    arrays: dict[str, NDArray[Any]] = {"names": _encoded(fitted.names)}
    for number, (prefixes, pairs, inside) in enumerate(fitted.tables):
        arrays[f"prefixes.{number}"] = np.array(prefixes, np.int64)
        arrays[f"pairs.{number}"] = np.array(pairs, np.int64)
        arrays[f"inside.{number}"] = np.ascontiguousarray(inside, np.uint8)
    arrays["scores"] = np.array(list(fitted.phrases.values()), np.float64)
    content = {"params": plain, "phrases": list(fitted.phrases), "words": fitted.words}
    if corpus is not None:
        words, stream = corpus
        arrays["corpus.words"] = _encoded(words.words)
        arrays["corpus.counts"] = words.counts
        arrays["corpus.ids"], arrays["corpus.offsets"] = stream.ids, stream.offsets
        content["corpus"] = {"raw_words": stream.raw_words}
    _checkpoint.write(path, arrays, content, NAME)
    if left_out:
        warn(
            f"{', '.join(left_out)}: not saved, because files contain no code; a loaded estimator "
            "has the default: set the parameter again after loading"
        )


def load(path: FilePath) -> tuple[dict[str, Any], Fitted]:
    """The parameters and the fit that `save` wrote; `Phrases.load` documents the errors."""
    params, fitted, _ = load_with_corpus(path)
    return params, fitted


def load_with_corpus(
    path: FilePath,
) -> tuple[dict[str, Any], Fitted, tuple[Vocabulary, Stream] | None]:
    """The same with the words and ids of the corpus, or None if they are not stored."""
    from w2vext import _files
    from w2vext.formats import _checkpoint

    with _files.as_path(path) as file:
        arrays, content = _checkpoint.read(file, NAME)
        parts = {name: arrays.pop(name) for name in list(arrays) if name.startswith("corpus.")}
        try:
            params, words, scores = content["params"], content["words"], arrays["scores"]
            phrases = dict(zip(content["phrases"], scores.tolist(), strict=True))
            names = _decoded(arrays["names"])
            tables = [_table(arrays, number) for number in range((len(arrays) - 2) // 3)]
            fitted = Fitted(phrases, words, names, tables)
            _check(params, fitted)
            corpus = _corpus(parts, content["corpus"]) if parts else None
        except (KeyError, TypeError, ValueError, RecursionError):
            raise ValueError(damaged_native(path, "the phrases are inconsistent")) from None
    if isinstance(params.get("threshold"), list):
        params["threshold"] = tuple(params["threshold"])
    return params, fitted, corpus


def _corpus(arrays: dict[str, Any], content: Any) -> tuple[Vocabulary, Stream]:
    """The corpus of a file: copies of the arrays, which are mapped from it."""
    ids, offsets = arrays["corpus.ids"].copy(), arrays["corpus.offsets"].copy()
    words = Vocabulary(_decoded(arrays["corpus.words"]), arrays["corpus.counts"].copy())
    raw_words = content["raw_words"]
    if ids.dtype != np.int32 or offsets.dtype != np.int64 or type(raw_words) is not int:
        raise ValueError
    if ids.ndim != 1 or offsets.ndim != 1 or not len(offsets) or len(words.index) != len(words):
        raise ValueError
    if offsets[0] != 0 or offsets[-1] != len(ids) or (np.diff(offsets) < 0).any():
        raise ValueError
    if len(ids) and not 0 <= ids.min() <= ids.max() < len(words):
        raise ValueError
    return words, Stream(ids, offsets, raw_words)


def _encoded(names: list[str]) -> NDArray[np.uint8]:
    try:
        text = json.dumps(names, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        name = next(name for name in names if error.object[error.start] in name)
        raise ValueError(f"cannot write {shown(name)}: it contains a lone surrogate") from None
    return np.frombuffer(text, np.uint8)


def _decoded(names: NDArray[np.uint8]) -> Any:
    return json.loads(names.tobytes().decode("utf-8"))


def _table(arrays: dict[str, Any], number: int) -> tuple[Any, Any, Any]:
    """The table of a pass: copies of the arrays, which are mapped from the file."""
    prefixes, pairs = (arrays[f"{name}.{number}"] for name in ("prefixes", "pairs"))
    inside = arrays[f"inside.{number}"]
    if prefixes.dtype != np.int64 or pairs.dtype != np.int64 or inside.dtype != np.uint8:
        raise ValueError
    if prefixes.ndim != 2 or pairs.ndim != 2 or inside.ndim != 1:
        raise ValueError
    if len(prefixes) != 3 or len(pairs) != 3:
        raise ValueError
    for array in (prefixes, pairs):
        if array.size and not 0 <= array.min() <= array.max() <= MOST:
            raise ValueError
    ids = prefixes[:2].astype(np.int32), pairs[:2].astype(np.int32)
    return (*ids[0], prefixes[2].copy()), (*ids[1], pairs[2].copy()), inside.copy()


def _check(params: Any, fitted: Fitted) -> None:
    """Raise unless all ids of the tables are valid, as the compiled functions expect."""
    names, tables = fitted.names, fitted.tables
    if not isinstance(params, dict) or not set(params) <= set(_PARAMETERS) or not tables:
        raise ValueError
    if type(fitted.words) is not int or fitted.words < 0:
        raise ValueError
    if not isinstance(names, list) or not all(type(name) is str for name in names):
        raise ValueError
    if len(set(names)) != len(names):
        raise ValueError
    limits = [*(len(inside) for _, _, inside in tables), len(names)]
    if limits != sorted(limits):
        raise ValueError
    for number, (prefixes, (left, right, made), inside) in enumerate(tables):
        size, after = limits[number], limits[number + 1]
        if (inside > 1).any():
            raise ValueError
        known = set((size + prefixes[2]).tolist())
        for ids, most in ((prefixes[1], size), (right, size), (made, after)):
            if (ids >= most).any():
                raise ValueError
        for ids in (left, prefixes[0]):
            if not set(ids[ids >= size].tolist()) <= known:
                raise ValueError
        if len(known) != len(prefixes[0]) or max(known, default=0) > MOST:
            raise ValueError
        if not all(names[row] in fitted.phrases for row in made.tolist()):
            raise ValueError
