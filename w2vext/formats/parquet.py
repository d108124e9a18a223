"""Parquet (.parquet) and Arrow (.arrow, .feather) tables, by pyarrow (extra [parquet]).

The columns are `word` (string), `vector` (list of d floats) and, optionally, `count` (int64).
"""

from __future__ import annotations

import os
import struct
import sys
from typing import TYPE_CHECKING

import numpy as np

from w2vext import _files
from w2vext._arguments.arrays import check_counts
from w2vext._arguments.messages import WRITE_AGAIN, shown
from w2vext.formats import _arrow, _parquet, _rows
from w2vext.formats._choice import WORD, Budget, Choice
from w2vext.formats._keeper import ROWS_AT_ONCE, Matrix
from w2vext.formats._source import HEAD, foreign

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from w2vext._arguments.types import FilePath, Float32, Floats

_AT_ONCE = 1 << 20  # numbers in a batch


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
        columns["count"] = arrow.array(check_counts(counts, len(texts)))
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


def read(path: FilePath, **how: Any) -> tuple[list[str], Float32, dict[str, Any]]:
    """Read a file. Parameters and result as in `word2vec_text.read`; meta may have `counts`."""
    choice = Choice(**how)
    choice.check_unicode("parquet")
    arrow = _pyarrow()
    with _files.Reader(path) as file:
        path = file.name
        name = foreign(file.peek(HEAD))
        if name not in ("a Parquet file", "an Arrow file"):
            raise ValueError(
                f"{path}: expected a Parquet or Arrow file, found {name or 'something else'}"
            )
        content = arrow.py_buffer(file.read())
    kind, batches = "Arrow", _arrow.batches
    if name == "a Parquet file":
        kind, batches = "Parquet", _parquet_batches
    rows = _Rows(path, arrow, Budget(path, choice.max_memory), len(content))
    try:
        for batch in batches(arrow, content, rows):
            batch.validate(full=True)  # offsets beyond the data, words that are not UTF-8
            rows.add(batch)
    except (
        _parquet.Damaged, arrow.ArrowException, OSError, struct.error, UnicodeDecodeError
    ) as error:  # fmt: skip
        raise ValueError(f"{path}: not a valid {kind} file ({error}): {WRITE_AGAIN}") from None
    found, matrix, aside = _rows.select(path, *rows.finish(), **how)
    return found, matrix, {"format": kind, **aside}


def _parquet_batches(arrow: Any, content: Any, rows: _Rows) -> Iterator[Any]:
    """The record batches of a Parquet file."""
    meta = arrow.parquet.read_metadata(arrow.BufferReader(content))
    columns = rows.check_schema(meta.schema.to_arrow_schema())
    # From memory and without threads. pyarrow's threads continue to read after one of them
    # failed, and crash if the file is closed or the process ends before they do.
    file = arrow.parquet.ParquetFile(
        arrow.BufferReader(content),
        metadata=meta,
        pre_buffer=False,
        page_checksum_verification=True,
        read_dictionary=["word"],  # a long word that fills many rows is stored once
    )
    numbers = _parquet.numbers_of(memoryview(content), b"vector")
    rows.check_memory(4 * numbers + WORD * meta.num_rows)
    rows.expected = meta.num_rows
    wide = numbers // max(meta.num_rows, 1) + 1
    yield from file.iter_batches(
        batch_size=max(1, min(ROWS_AT_ONCE, _AT_ONCE // wide)), columns=columns, use_threads=False
    )


class _Rows:
    """Collects the rows of record batches."""

    def __init__(self, path: str, arrow: Any, budget: Budget, size: int) -> None:
        self.path, self._arrow, self._budget, self._size = path, arrow, budget, size
        self._words: list[str] = []
        self._counts: list[Any] = []
        self._matrix: Matrix | None = None
        self._width = 0  # the dimensions, if they are known without a row
        self.expected = 0  # rows, by the file's metadata
        self._bytes = 0  # of the words

    def check_memory(self, needed: int) -> None:
        self._budget.check(needed, self._size)

    def check_schema(self, schema: Any) -> list[str]:
        """The columns to read; raises ValueError if one is missing or has a wrong type."""
        path, types = self.path, self._arrow.types
        for name in ("word", "vector"):
            if schema.names.count(name) != 1:
                raise ValueError(
                    f"{path}: expected one column {name!r}, found {shown(schema.names)}"
                )
        text, vector = schema.field("word").type, schema.field("vector").type
        if types.is_dictionary(text):
            text = text.value_type
        if not (types.is_string(text) or types.is_large_string(text)):
            raise ValueError(f"{path}: the column 'word' has type {text}, expected strings")
        lists = types.is_list(vector) or types.is_large_list(vector)
        if not (lists or types.is_fixed_size_list(vector)) or not types.is_floating(
            vector.value_type
        ):
            raise ValueError(
                f"{path}: the column 'vector' has type {vector}, expected lists of floats"
            )
        self._width = max(0, getattr(vector, "list_size", 0))
        if schema.names.count("count") != 1:
            return ["word", "vector"]
        if not types.is_integer(schema.field("count").type):
            raise ValueError(f"{path}: the column 'count' needs an integer in each row")
        return ["word", "vector", "count"]

    def add(self, batch: Any) -> None:
        """Add a record batch."""
        for name in ("word", "vector"):
            self._check_present(batch.column(name), f"the column {name!r} has no value")
        self._add_vectors(batch.column("vector"))
        words = batch.column("word")
        if self._arrow.types.is_dictionary(words.type):
            used, places = np.unique(words.indices.to_numpy(), return_inverse=True)
            new = words.dictionary.take(self._arrow.array(used)).to_pylist()
            self._words += [new[place] for place in places.tolist()]
        else:
            new = words.to_pylist()
            self._words += new
        self._bytes += sum(map(sys.getsizeof, new)) + WORD * len(words)
        self.check_memory(self._bytes + 4 * len(self._words) * self._width)
        if "count" in batch.schema.names:
            if batch.column("count").null_count:
                raise ValueError(f"{self.path}: the column 'count' needs an integer in each row")
            self._counts.append(batch.column("count").to_numpy(zero_copy_only=False))

    def _check_present(self, column: Any, what: str, width: int = 1) -> None:
        if column.null_count:
            row = len(self._words) + column.is_null().index(True).as_py() // width + 1
            raise ValueError(f"{self.path}, row {row:,}: {what}")

    def _add_vectors(self, column: Any) -> None:
        """Check and store the vectors of a batch."""
        lengths = self._arrow.compute.list_value_length(column).to_numpy(zero_copy_only=False)
        if not self._width:
            self._width = int(lengths[0]) if len(lengths) else 0
        width = self._width
        if (lengths != width).any():
            i = int(np.argmax(lengths != width))
            raise ValueError(
                f"{self.path}, row {len(self._words) + i + 1:,}: expected {width} numbers, found "
                f"{lengths[i]}"
            )
        if not width and len(column):
            raise ValueError(f"{self.path}, row {len(self._words) + 1:,}: a vector without numbers")
        flat = self._arrow.compute.list_flatten(column)
        self._check_present(flat, "a number is missing in the vector", width)
        self.check_memory(self._bytes + 4 * (len(self._words) + len(column)) * width)
        if self._matrix is None:
            capacity = min(self.expected, self._budget.allowed(self._size) // (4 * max(1, width)))
            self._matrix = Matrix(max(1, width), capacity=max(capacity, len(column)))
        matrix = self._matrix
        with np.errstate(over="ignore"):
            matrix.append(flat.to_numpy(zero_copy_only=False).reshape(len(column), width))

    def finish(self) -> tuple[list[str], Float32, dict[str, Any]]:
        """The words, their matrix and the counts."""
        if self._matrix is None and not self._width:
            raise ValueError(f"{self.path}: it has no row, so its dimensions are unknown")
        matrix = self._matrix.finish() if self._matrix else np.empty((0, self._width), np.float32)
        counts = np.concatenate(self._counts) if self._counts else None
        return self._words, matrix, {"counts": counts}
