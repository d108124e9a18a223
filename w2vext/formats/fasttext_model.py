"""fastText's models (.bin, .ftz) as words, vectors and subwords; `fasttext_bin` has the layout.

A written model has a row for each bucket. Rows of buckets that no n-gram of the vocabulary has are
zeros: fastText then gives unknown words the same vectors as w2vext. Words are written in descending
order of their counts, as fastText needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.arrays import check_counts
from w2vext._arguments.messages import shown
from w2vext.formats import _rows, fasttext_bin
from w2vext.formats._choice import WORD, Budget, Choice
from w2vext.formats._matrices import CENTROIDS, Blocks, Dense, Quantized, Quantizer
from w2vext.formats.fasttext_bin import FastTextFile
from w2vext.kernels._subwords import NgramRows
from w2vext.kernels.means import mean_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Floats, Int32, Int64

AT_ONCE = 1 << 22  # numbers that are composed or written together
# The settings in the file if those of the training are unknown.
_SETTINGS = {
    "ws": 5, "epoch": 5, "min_count": 1, "neg": 5, "word_ngrams": 1, "loss": 2, "model": 2,
    "lr_update_rate": 100, "t": 1e-4,
}  # fmt: skip
_LOSSES = {"hs": 1, "neg": 2, "softmax": 3}
_MODELS = {"cbow": 1, "skipgram": 2}
# fastText's name of a setting and that of the parameter of Word2Vec.
_PARAMETERS = {
    "ws": "window", "epoch": "epochs", "min_count": "min_count", "neg": "negative", "t": "sample",
}  # fmt: skip


def read(
    path: FilePath, *, mmap: bool = False, **how: Any
) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a model; the matrix holds the words' vectors, the means of their rows.

    Parameters
    ----------
    mmap : bool, default=False
        Leave the input matrix in the file and read rows when they are used.
    **how
        As in `word2vec_text.read`, but for two things: all n-grams are kept, and with
        ``errors="strict"`` words that are not UTF-8 are kept byte for byte as lone surrogates. A
        damaged file is an error, since its rows cannot be told apart.

    Returns
    -------
    words : list of str
    matrix : ndarray of shape (V, d), float32
    meta : dict
        `counts`; `parameters`; `labels` of supervised models; `output_vectors`, if there is one for
        each word; `subwords`, as `SubwordVectors.stored` describes them.
    """
    choice = Choice(**how)
    choice.check_unicode("fasttext-bin")
    file = fasttext_bin.read_model(path, mmap=mmap)
    errors = "surrogateescape" if choice.errors == "strict" else choice.errors
    found = [word.decode("utf-8", errors) for word in file.words]
    if len(set(found)) != len(found):
        raise ValueError(f"{path}: errors={shown(errors)} makes two words equal: give 'strict'")
    chosen = np.arange(len(found))[: choice.limit]
    if choice.words is not None:
        chosen = np.array([row for row in chosen if choice.wants(found[row])], dtype=np.int64)
    Budget(path, choice.max_memory).check(
        len(chosen) * (WORD + 4 * file.inputs.shape[1]), file.size
    )
    matrix = _composed(file, chosen)
    _rows.check_finite(matrix, lambda row: f"{path}: the vector of {shown(found[chosen[row]])}")
    meta: dict[str, Any] = {
        "format": "fastText model",
        "counts": file.counts[chosen],
        "parameters": {"fasttext": file.settings},
        "labels": [label.decode("utf-8", errors) for label in file.labels],
    }
    if has_ngrams(file):
        meta["subwords"] = stored(file, chosen)
    if file.loss in ("ns", "softmax") and file.model != "supervised":
        if isinstance(file.outputs, Dense):
            whole = len(chosen) == len(found)
            meta["output_vectors"] = file.outputs.rows if whole else file.outputs.take(chosen)
    if "output_vectors" not in meta:
        meta["left_out"] = ["output_vectors"]
    return [found[row] for row in chosen.tolist()], matrix, meta


def has_ngrams(file: FastTextFile) -> bool:
    """Whether words have n-grams."""
    s = file.settings
    return s["maxn"] >= max(s["minn"], 1) and s["bucket"] > 0


def ngram_rows(file: FastTextFile, min_n: int, max_n: int) -> NgramRows:
    """Finds the rows of n-grams of min_n to max_n characters."""
    keys = slots = None
    if file.kept_buckets is not None:
        order = np.argsort(file.kept_buckets[:, 0], kind="stable")
        keys = np.ascontiguousarray(file.kept_buckets[order, 0])
        slots = np.ascontiguousarray(file.kept_buckets[order, 1])
    return NgramRows(min_n, max_n, file.settings["bucket"], len(file.words), keys, slots)


def _composed(file: FastTextFile, chosen: Int64) -> Float32:
    """The vectors of some words, float32 (n, d)."""
    table = ngram_rows(file, file.settings["minn"], file.settings["maxn"])
    out = np.zeros((len(chosen), file.inputs.shape[1]), dtype=np.float32)
    step = max(1, min(4096, AT_ONCE // out.shape[1]))
    for begin in range(0, len(chosen), step):
        own = chosen[begin : begin + step]
        offsets, rows = table.rows([file.words[row] for row in own], own)
        mean_rows(file.inputs.rows, offsets, rows, out[begin : begin + step])
    return out


def stored(file: FastTextFile, chosen: Int64) -> dict[str, Any]:
    """The subwords of some words, in the form of `SubwordVectors.stored`."""
    buckets = None
    if file.kept_buckets is not None:
        buckets = np.empty(len(file.kept_buckets), dtype=np.int32)
        buckets[file.kept_buckets[:, 1]] = file.kept_buckets[:, 0]
    return {
        "min_n": max(file.settings["minn"], 1),
        "max_n": file.settings["maxn"],
        "bucket": file.settings["bucket"],
        "count_absent": False,
        "buckets": buckets,
        "own": chosen,
        "rows": file.inputs.rows,
    }


# ---- writing


def write(
    path: FilePath, words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None
) -> None:
    """Write a model that fastText reads.

    Parameters
    ----------
    meta : dict, optional
        `subwords`, `counts`, `output_vectors` and `parameters`, each of them optional. Without
        counts each word has 1; without output vectors these are zeros.

    Raises
    ------
    ValueError
        A word is empty or holds a NUL, a number is not finite, the name ends in .ftz and the
        vectors are not quantized, or n-grams were pruned and are no longer quantized.
    TypeError
        A word is not a str.
    """
    meta = meta or {}
    checked = _rows.check_matrix(words, matrix)
    names = encoded(words)
    counts = np.ones(len(words), np.int64) if meta.get("counts") is None else meta["counts"]
    counts = check_counts(counts, len(words))
    order = np.argsort(-counts, kind="stable")
    subwords = meta.get("subwords")
    if subwords is not None and "hash_count" in subwords:
        raise ValueError(
            f"{path}: the n-grams are those of a table of floret, whose hashes are not those of "
            "fastText: write a .floret, or only the words, with format='word2vec-binary'"
        )
    quantized = subwords is not None and isinstance(subwords["rows"], Quantized)
    if str(path).endswith(".ftz") and not quantized:
        raise ValueError(f"{path}: a .ftz is quantized: call quantize() first, or write a .bin")
    inputs: Any
    if subwords is None:
        inputs, kept = Dense(checked[order].data, checked.shape), None
    else:
        inputs, kept = _inputs(path, subwords, order)
    settings = _settings(meta, subwords)
    given = meta.get("output_vectors")
    if quantized and given is None:
        outputs: Any = _no_outputs(checked.shape)
    else:
        outputs = _outputs(given, order, settings["loss"], checked.shape)
    file = FastTextFile(
        settings={**settings, "dim": checked.shape[1]},
        words=[names[row] for row in order.tolist()],
        counts=counts[order],
        labels=[],
        label_counts=np.zeros(0, np.int64),
        tokens=int(counts.sum()),
        kept_buckets=kept,
        inputs=inputs,
        outputs=outputs,
        quantized=quantized,
        quantized_outputs=isinstance(outputs, Quantized),
    )
    fasttext_bin.write_model(path, file)


def encoded(words: Sequence[Any]) -> list[bytes]:
    """The bytes of words; raises for a word that is not a str, cannot be written or is repeated."""
    found = []
    for word in words:
        if not isinstance(word, str):
            raise TypeError(
                f"cannot write the word {shown(word)}: fastText's words are str, and this is a "
                f"{type(word).__name__}"
            )
        try:
            found.append(word.encode("utf-8", "surrogateescape"))
        except UnicodeEncodeError:
            raise ValueError(
                f"cannot write the word {shown(word)}: it contains a surrogate that does not "
                "represent a byte"
            ) from None
    _rows.check_distinct(found)
    return found


def _settings(meta: Mapping[str, Any], stored: dict[str, Any] | None) -> dict[str, Any]:
    """The settings that a file has: those of a read model, of our own, or defaults."""
    parameters = meta.get("parameters") or {}
    settings: dict[str, Any] = dict(_SETTINGS)
    if "fasttext" in parameters:
        settings |= parameters["fasttext"]
        settings.pop("stored_maxn", None)
        if settings["model"] == 3:  # labels are not written
            settings |= {"model": _SETTINGS["model"], "loss": _SETTINGS["loss"]}
    elif "params" in parameters:
        params = parameters["params"]
        settings |= {name: params[ours] for name, ours in _PARAMETERS.items()}
        if params["loss"] not in _LOSSES:
            raise ValueError(
                f"loss={params['loss']!r} does not exist in fastText: write a .safetensors, or "
                "only the vectors with wv.save"
            )
        settings["loss"] = _LOSSES[params["loss"]]
        settings["model"] = _MODELS[params["architecture"]]
    settings |= {"minn": 0, "maxn": 0, "bucket": 0, "word_ngrams": 1}
    if stored is not None:
        settings |= {"minn": stored["min_n"], "maxn": stored["max_n"], "bucket": stored["bucket"]}
    return settings


def _outputs(given: Any, order: Int64, loss: int, shape: tuple[int, int]) -> Any:
    """The output vectors in fastText's order: one row for each word, in every loss."""
    rows = np.zeros(shape, dtype=np.float32)
    if given is None:
        pass
    elif loss == _LOSSES["hs"]:
        # The label of a choice is the bit of the code in fastText, and its opposite in word2vec.c.
        # The nodes have the same numbers; the last row is unused.
        np.negative(given, out=rows[: len(given)])
    elif len(given) == shape[0]:
        rows[:] = given[order]
    return Dense(rows.data, shape)


def _no_outputs(shape: tuple[int, int]) -> Quantized:
    """A matrix of zeros that takes one byte a row."""
    rows, d = shape
    zeros = np.zeros(d * CENTROIDS, dtype=np.float32)
    quantizer = Quantizer(d, 1, d, d, zeros)
    return Quantized(shape, np.zeros((rows, 1), np.uint8), quantizer)


def _inputs(path: FilePath, stored: dict[str, Any], order: Int64) -> tuple[Any, Any]:
    """(the input matrix, the kept buckets or None)."""
    rows, buckets, own = stored["rows"], stored["buckets"], stored["own"][order]
    n_buckets = stored["bucket"] if buckets is None else len(buckets)
    first = rows.shape[0] - n_buckets
    if isinstance(rows, Quantized):
        chosen = np.concatenate([own, np.arange(first, rows.shape[0])])
        kept = None
        if buckets is not None and stored["bucket"]:
            kept = np.stack([buckets, np.arange(n_buckets, dtype=np.int32)], axis=1)
        return rows.chosen(chosen), kept
    if not isinstance(rows, np.ndarray):
        rows = rows.take()
    if buckets is not None and not stored["count_absent"]:
        raise ValueError(
            f"{path}: the n-grams of these vectors were pruned, and fastText reads pruned models "
            "that are quantized only: write the .ftz from which they were read"
        )
    _rows.check_finite(rows, lambda row: f"cannot write subword vector {row}")
    shape = (len(own) + stored["bucket"], rows.shape[1])
    return Blocks(shape, lambda: _blocks(rows, own, first, buckets, stored["bucket"])), None


def _blocks(
    rows: Float32, own: Int64, first: int, buckets: Int32 | None, n_buckets: int
) -> Iterator[Float32]:
    """The rows of words, then those of all buckets, which are zeros where none is stored."""
    step = max(1, AT_ONCE // rows.shape[1])
    for begin in range(0, len(own), step):
        yield rows[own[begin : begin + step]]
    if buckets is None:
        for begin in range(first, rows.shape[0], step):
            yield np.ascontiguousarray(rows[begin : begin + step])
        return
    order = np.argsort(buckets, kind="stable")
    keys = buckets[order]
    for begin in range(0, n_buckets, step):
        block = np.zeros((min(step, n_buckets - begin), rows.shape[1]), dtype=np.float32)
        low, high = np.searchsorted(keys, [begin, begin + step])
        sources = np.full(len(block), -1, dtype=np.int64)
        # Assignments to an array of indices crash in NumPy if there is no memory.
        np.put(sources, keys[low:high] - begin, first + order[low:high])
        np.copyto(block, rows.take(sources.clip(0), axis=0), where=(sources >= 0)[:, None])
        yield block
