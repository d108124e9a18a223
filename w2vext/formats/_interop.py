"""Conversion of words and vectors to and from objects of gensim, pandas and polars.

Each of these packages is imported only when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2vext._arguments.arrays import as_float32
from w2vext._arguments.messages import printable, shown
from w2vext._arguments.sentences import NotAWord, is_missing, word_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from w2vext._arguments.types import Float32, Int64


def to_gensim(words: Sequence[Any], matrix: Float32, counts: Int64 | None) -> Any:
    """A gensim.models.KeyedVectors that shares the matrix's memory."""
    try:
        from gensim.models import KeyedVectors
    except ImportError as error:
        raise ImportError("to_gensim needs gensim: pip install gensim") from error
    keyed_vectors = KeyedVectors(matrix.shape[1])
    keyed_vectors.index_to_key = list(words)
    keyed_vectors.key_to_index = {word: row for row, word in enumerate(words)}
    keyed_vectors.vectors = matrix
    if counts is not None:
        for word, count in zip(words, counts.tolist(), strict=True):
            keyed_vectors.set_vecattr(word, "count", count)
    return keyed_vectors


def from_gensim(model: Any) -> tuple[list[Any], Float32, Int64 | None]:
    """(words, matrix, counts or None) of gensim's KeyedVectors, Word2Vec or FastText."""
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
    return words, np.array(as_float32("vectors", keyed_vectors.vectors)), counts


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
        raise ValueError(f"the frame has no column 'word'; its columns are {shown(columns)}")
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
        raise ValueError(f"the frame's vector of {shown(words[row])} contains NaN or infinity")
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
    if len({row.shape for row in rows}) > 1:
        raise ValueError("the frame's vectors differ in length")
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
