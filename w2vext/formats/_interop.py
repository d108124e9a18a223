"""Conversion of words and vectors to and from objects of other packages.

Each of these packages is imported only when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.arrays import as_float32
from w2vext._arguments.messages import printable, shown
from w2vext._arguments.sentences import NotAWord, is_missing, word_of
from w2vext.formats._rows import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext._arguments.types import Float32, Int64


def to_gensim(
    words: Sequence[Any],
    matrix: Float32,
    counts: Int64 | None,
    subwords: dict[str, Any] | None = None,
) -> Any:
    """A gensim.models.KeyedVectors that shares the matrix's memory.

    With subwords, as `SubwordVectors.stored` describes them, a FastTextKeyedVectors.
    """
    try:
        from gensim.models import KeyedVectors
        from gensim.models.fasttext import FastTextKeyedVectors
    except ImportError as error:
        raise ImportError("to_gensim needs gensim: pip install gensim") from error
    if subwords is not None and "hash_count" in subwords:
        raise ValueError(
            "to_gensim: the n-grams are those of a table of floret, which gensim does not read; "
            "without n-grams: KeyedVectors(wv.index_to_key, wv.vectors).to_gensim()"
        )
    if subwords is None:
        keyed_vectors = KeyedVectors(matrix.shape[1])
    else:
        lengths = subwords["min_n"], subwords["max_n"]
        keyed_vectors = FastTextKeyedVectors(matrix.shape[1], *lengths, subwords["bucket"])
        keyed_vectors.vectors_vocab, keyed_vectors.vectors_ngrams = _rows_for_gensim(subwords)
    keyed_vectors.index_to_key = list(words)
    keyed_vectors.key_to_index = {word: row for row, word in enumerate(words)}
    keyed_vectors.vectors = matrix
    if counts is not None:
        for word, count in zip(words, counts.tolist(), strict=True):
            keyed_vectors.set_vecattr(word, "count", count)
    if subwords is not None:
        keyed_vectors.recalc_char_ngram_buckets()
    return keyed_vectors


def _rows_for_gensim(subwords: dict[str, Any]) -> tuple[Float32, Float32]:
    """The rows of the words and those of all buckets; untrained ones are zeros."""
    rows, buckets, own = subwords["rows"], subwords["buckets"], subwords["own"]
    if buckets is not None and not subwords["count_absent"]:
        raise ValueError(
            "to_gensim: the n-grams of these vectors were pruned, and gensim needs all of them; "
            "without n-grams: KeyedVectors(wv.index_to_key, wv.vectors, wv.counts).to_gensim()"
        )
    rows = rows if isinstance(rows, np.ndarray) else rows.take()
    if buckets is None:
        return rows[own], rows[len(rows) - subwords["bucket"] :]
    every = np.zeros((subwords["bucket"], rows.shape[1]), np.float32)
    every[buckets] = rows[len(rows) - len(buckets) :]
    return rows[own], every


def from_gensim(
    model: Any,
) -> tuple[list[Any], Float32, Int64 | None, dict[str, Any] | None]:
    """What gensim's KeyedVectors, Word2Vec or FastText has.

    Returns
    -------
    words, matrix
    counts : int64 array or None
    subwords : dict or None
        As `SubwordVectors.stored` describes them.
    """
    keyed_vectors = getattr(model, "wv", model)
    missing = [name for name in ("index_to_key", "vectors") if not hasattr(keyed_vectors, name)]
    if missing:
        raise TypeError(
            f"{type(model).__name__} has no attribute {missing[0]!r}: give gensim's KeyedVectors"
        )
    words = list(keyed_vectors.index_to_key)
    counts = getattr(keyed_vectors, "expandos", {}).get("count")
    if counts is not None and len(counts) != len(words):
        counts = None
    matrix = np.array(as_float32("vectors", keyed_vectors.vectors))
    return words, matrix, counts, _subwords_of_gensim(keyed_vectors, matrix.shape)


def _subwords_of_gensim(theirs: Any, shape: tuple[int, int]) -> dict[str, Any] | None:
    """The subwords of gensim's FastTextKeyedVectors; None if it has none."""
    grams = getattr(theirs, "vectors_ngrams", None)
    if grams is None or not len(grams) or not 0 < theirs.max_n >= theirs.min_n:
        return None
    if not getattr(theirs, "compatible_hash", True):
        raise ValueError(
            "these n-grams were hashed by gensim before version 3.7, in another way than fastText "
            "does; without n-grams: KeyedVectors(theirs.index_to_key, theirs.vectors)"
        )
    return {
        "min_n": max(theirs.min_n, 1),
        "max_n": theirs.max_n,
        "bucket": len(grams),
        "count_absent": True,
        "buckets": None,
        "own": np.arange(shape[0]),
        "rows": np.concatenate(
            [as_float32("vectors_vocab", theirs.vectors_vocab)[: shape[0]],
             as_float32("vectors_ngrams", grams)]
        ),
    }  # fmt: skip


def to_pandas(words: Sequence[Any], matrix: Float32, counts: Int64 | None) -> Any:
    """A pandas.DataFrame: the index is the words, the columns are the counts and dimensions."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError("to_pandas needs pandas: pip install pandas") from error
    # pandas' own type of str cannot hold surrogates, which represent bytes that are not UTF-8.
    kind = None if all(printable(word) == str(word) for word in words) else object
    frame = pandas.DataFrame(matrix, index=pandas.Index(words, name="word", dtype=kind))
    if counts is not None:
        frame.insert(0, "count", counts)
    return frame


def to_polars(words: Sequence[Any], matrix: Float32, counts: Int64 | None) -> Any:
    """A polars.DataFrame with the columns word, vector (arrays of d float32) and count."""
    try:
        import polars
    except ImportError as error:
        raise ImportError("to_polars needs polars: pip install polars") from error
    for row, word in enumerate(words):
        if printable(word) != str(word):
            raise ValueError(
                f"the word {shown(word)} (row {row}) contains a lone surrogate, which polars does "
                "not store: read the vectors with errors='replace', or use to_pandas"
            )
    columns = {
        "word": words,
        "vector": polars.Series(matrix, dtype=polars.Array(polars.Float32, matrix.shape[1])),
    }
    if counts is not None:
        columns["count"] = counts
    return polars.DataFrame(columns)


def to_arrow(words: Sequence[Any], matrix: Float32, counts: Int64 | None) -> Any:
    """A pyarrow.Table with the columns word, vector (lists of d float32) and count."""
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("to_arrow needs pyarrow: pip install 'w2vext[parquet]'") from error
    texts = [as_text(word) for word in words]
    for row, text in enumerate(texts):
        if printable(text) != text and any("\ud800" <= char < "\ue000" for char in text):
            raise ValueError(
                f"the word {shown(text)} (row {row}) contains a lone surrogate, which Arrow does "
                "not store: read the vectors with errors='replace', or use to_pandas"
            )
    values = pyarrow.array(matrix.ravel())
    columns = {
        "word": pyarrow.array(texts, pyarrow.string()),
        "vector": pyarrow.FixedSizeListArray.from_arrays(values, matrix.shape[1]),
    }
    if counts is not None:
        columns["count"] = pyarrow.array(counts)
    return pyarrow.table(columns)


def to_torch(matrix: Float32, freeze: bool) -> Any:
    """A torch.nn.Embedding with a copy of the rows."""
    try:
        import torch
    except ImportError as error:
        raise ImportError("to_torch needs PyTorch: pip install torch") from error
    return torch.nn.Embedding.from_pretrained(torch.tensor(matrix), freeze=freeze)


def to_onnx(matrix: Float32) -> Any:
    """An onnx.ModelProto from ids to their rows and to the mean of these."""
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError as error:
        raise ImportError("to_onnx needs onnx: pip install onnx") from error
    d = matrix.shape[1]
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "ids"], ["vectors"], axis=0),
            helper.make_node("ReduceMean", ["vectors"], ["mean"], axes=[0], keepdims=0),
        ],
        "word_vectors",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n"])],
        [
            helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", d]),
            helper.make_tensor_value_info("mean", TensorProto.FLOAT, [d]),
        ],
        [numpy_helper.from_array(np.ascontiguousarray(matrix), "table")],
    )
    # Opset 13 is the last in which the axes are an attribute, and all runtimes have it.
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="w2vext", ir_version=8
    )
    checker.check_model(model)
    return model


def from_frame(frame: Any) -> tuple[list[Any], Float32, Int64 | None]:
    """(words, matrix, counts or None) of a frame of pandas or polars.

    The words are the column "word" or the index of a pandas frame. The numbers are the column
    "vector" or, without it, all columns but "word" and "count".
    """
    columns = list(getattr(frame, "columns", ()))
    if not columns or not hasattr(frame, "__getitem__") or hasattr(frame, "column_names"):
        remedy = ": give its to_pandas()" if hasattr(frame, "to_pandas") else ""
        raise TypeError(f"{type(frame).__name__} is not a data frame of pandas or polars{remedy}")
    if "word" in columns:
        column = frame["word"]
    elif hasattr(frame, "index"):
        column = frame.index
    else:
        raise ValueError(
            f"the frame has no column 'word'; its columns are {shown(columns)}: rename the column "
            "of the words"
        )
    words = [_word(row, value) for row, value in enumerate(column)]
    numbers = [column for column in columns if column not in ("word", "count")]
    if not numbers:
        raise ValueError(
            f"the frame has no numbers; its columns are {shown(columns)}: give a column 'vector', "
            "or one column for each dimension"
        )
    matrix = _matrix(frame, numbers)
    if not np.isfinite(matrix).all():
        row = int(np.flatnonzero(~np.isfinite(matrix).all(axis=1))[0])
        raise ValueError(
            f"the frame's vector of {shown(words[row])} contains NaN or infinity: give numbers in "
            "the range of float32, or leave the row out"
        )
    return words, matrix, _counts(frame["count"], words) if "count" in columns else None


def _matrix(frame: Any, numbers: list[Any]) -> Float32:
    """The vectors of a frame: its column "vector", or the columns `numbers`."""
    with np.errstate(over="ignore"):  # too large for float32: becomes infinite, which is reported
        try:
            if "vector" not in numbers:
                return frame[numbers].to_numpy().astype(np.float32)
            rows = [np.asarray(row, np.float32) for row in frame["vector"]]
        except (TypeError, ValueError) as error:
            columns = numbers if "vector" not in numbers else ["vector"]
            raise ValueError(
                f"the frame's columns {shown(columns)} are not all numbers: {error}"
            ) from error
    for number, row in enumerate(rows):
        if row.shape != rows[0].shape:
            raise ValueError(
                f"the frame's vectors differ in length: row {number} has {row.size} numbers, and "
                f"row 0 has {rows[0].size}: give all rows the same number"
            )
    return np.stack(rows) if rows else np.empty((0, 0), np.float32)


def _counts(column: Any, words: list[Any]) -> Int64:
    """The counts of a frame, checked to be whole numbers."""
    counts = np.asarray(column)
    if counts.dtype.kind in "iu":
        return counts
    values = list(column)
    wrong = [i for i, count in enumerate(values) if not hasattr(count, "__index__")]
    if wrong:
        i = next((i for i in wrong if is_missing(values[i])), wrong[0])
        raise ValueError(
            f"the frame's count of {shown(words[i])} is {shown(values[i])}: give integers, or "
            "leave the column out"
        )
    return np.array(list(map(int, values)), dtype=np.int64)


def _word(row: int, value: Any) -> Any:
    """The word of a row of a frame."""
    if is_missing(value):
        raise ValueError(
            f"row {row} of the frame has no word but {shown(value)}: pandas.read_csv takes words "
            "such as 'null', 'NA' and 'nan' for missing values unless it gets keep_default_na=False"
        )
    try:
        return word_of(value)
    except NotAWord as error:
        raise TypeError(f"row {row} of the frame: its word is {error}") from None
