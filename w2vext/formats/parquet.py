"""Parquet (.parquet) and Arrow (.arrow, .feather) tables, by pyarrow (extra [parquet]).

The columns are `word` (string), `vector` (list of d floats) and, optionally, `count` (int64).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._messages import shown
from w2vext.formats import _rows
from w2vext.formats._source import HEAD, foreign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from w2vext._types import FilePath, Float32, Floats, Int64


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.feather
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(
            "Parquet and Arrow files need pyarrow: pip install 'w2vext[parquet]'"
        ) from error
    return pyarrow


def _is_arrow_name(path: FilePath) -> bool:
    return os.fspath(path).endswith((".arrow", ".feather"))


def to_arrow(words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None) -> Any:
    """The pyarrow table of words, vectors and the counts of `meta`."""
    arrow = _pyarrow()
    matrix = _rows.check_matrix(words, matrix)
    texts = [word.decode() for word in _rows.encode_words(words, forbidden="")]
    vectors = arrow.FixedSizeListArray.from_arrays(arrow.array(matrix.ravel()), matrix.shape[1])
    columns = {"word": arrow.array(texts, arrow.string()), "vector": vectors}
    counts = (meta or {}).get("counts")
    if counts is not None:
        columns["count"] = arrow.array(_rows.check_counts(counts, len(texts)))
    return arrow.table(columns)


def write(
    path: FilePath, words: Sequence[Any], matrix: Floats, meta: Mapping[str, Any] | None = None
) -> None:
    """Write words, vectors and the counts of `meta`: Arrow for .arrow and .feather, else Parquet.

    Raises
    ------
    ValueError
        A word is empty, or a number is not finite. No file is written.
    ImportError
        pyarrow is not installed.
    """
    arrow = _pyarrow()
    table = to_arrow(words, matrix, meta)
    with _files.writing(path) as file:
        if _is_arrow_name(path):
            arrow.feather.write_feather(table, file)
        else:
            arrow.parquet.write_table(table, file, write_page_checksum=True)


def read(
    path: FilePath,
    *,
    limit: int | None = None,
    words: Iterable[Any] | None = None,
    errors: str = "strict",
) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a file. Parameters and result as in `word2vec_text.read`; meta may have `counts`."""
    arrow = _pyarrow()
    with _files.Reader(path) as file:
        path = file.name
        name = foreign(file.peek(HEAD))
        if name not in ("a Parquet file", "an Arrow file"):
            raise ValueError(
                f"{path}: expected a Parquet or Arrow file, found {name or 'something else'}"
            )
        kind = "Parquet" if name == "a Parquet file" else "Arrow"
        # From memory and without threads. pyarrow's threads continue to read after one of them
        # failed, and crash if the file is closed or the process ends before they do. read_table
        # always starts some.
        content = arrow.BufferReader(file.read())
        try:
            if kind == "Parquet":
                table = arrow.parquet.ParquetFile(
                    content, pre_buffer=False, page_checksum_verification=True
                ).read(use_threads=False)
            else:
                table = arrow.feather.read_table(content, use_threads=False)
            table.validate(full=True)  # offsets beyond the data, words that are not UTF-8
        except (arrow.ArrowException, OSError) as error:
            raise ValueError(f"{path}: not a valid {kind} file ({error})") from None
    found, matrix, counts = _columns(path, arrow, table)
    found, matrix, aside = _rows.select(
        path, found, matrix, {"counts": counts}, limit=limit, words=words
    )
    return found, matrix, {"format": kind, **aside}


def _columns(path: FilePath, arrow: Any, table: Any) -> tuple[list[str], Float32, Int64 | None]:
    for name in ("word", "vector"):
        if table.column_names.count(name) != 1:
            raise ValueError(
                f"{path}: expected one column {name!r}, found {shown(table.column_names)}"
            )
        if table[name].null_count:
            row = table[name].is_null().index(True).as_py()
            raise ValueError(f"{path}, row {row + 1:,}: the column {name!r} has no value")
    text, types = table["word"].type, arrow.types
    if not (types.is_string(text) or types.is_large_string(text) or types.is_dictionary(text)):
        raise ValueError(f"{path}: the column 'word' has type {text}, expected strings")
    vector = table["vector"].type
    if not (
        types.is_list(vector) or types.is_large_list(vector) or types.is_fixed_size_list(vector)
    ):
        raise ValueError(f"{path}: the column 'vector' has type {vector}, expected lists of floats")
    if not types.is_floating(vector.value_type):
        raise ValueError(f"{path}: the column 'vector' has type {vector}, expected lists of floats")
    rows = len(table)
    lengths = np.asarray(arrow.compute.list_value_length(table["vector"]))
    if rows and (lengths != lengths[0]).any():
        row = int(np.flatnonzero(lengths != lengths[0])[0])
        raise ValueError(
            f"{path}, row {row + 1:,}: expected {lengths[0]} numbers, found {lengths[row]}"
        )
    flat = arrow.compute.list_flatten(table["vector"]).combine_chunks()
    if flat.null_count:
        row = flat.is_null().index(True).as_py() // int(lengths[0])
        raise ValueError(f"{path}, row {row + 1:,}: a number is missing in the vector")
    with np.errstate(over="ignore"):
        matrix = np.asarray(flat).astype(np.float32)
    width = int(lengths[0]) if rows else getattr(vector, "list_size", 0)
    counts = None
    if "count" in table.column_names:
        if table["count"].null_count or not types.is_integer(table["count"].type):
            raise ValueError(f"{path}: the column 'count' needs an integer in each row")
        counts = np.asarray(table["count"]).astype(np.int64)
    return table["word"].to_pylist(), matrix.reshape(rows, width), counts
