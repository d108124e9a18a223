"""Columns as corpora: of tables in memory, by Arrow's C data interface, and of files of tables.

Each row is a list of words, which is a sentence, or a string, which is a document. The words are
counted from Arrow's buffers, without Python objects.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from w2vext._arguments.messages import kind_of, shown
from w2vext.text._arrow import BadValue, Stream
from w2vext.text._words import NotAColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from w2vext.text._arrow import Chunk

SLICE = 1 << 19  # values of a part of a column in memory
JOINED = 1 << 20  # bytes of strings that are joined at a time
CODES = 100  # at least so many codes per worker for each value of the dictionaries
BATCH = 10_000  # rows that are read at a time from a data set

REMEDIES = {
    "null": "a missing value: leave it out, or put a word such as '<missing>' in its place",
    "NUL": "a string with the character NUL: remove it",
    "UTF-8": "a string that is not UTF-8: encode it again",
    "long": "a word of more than 1,048,576 bytes: split the text into words",
    "damaged": "offsets that do not fit the data: write the table again",
}


class Column:
    """A column of a table, which is a corpus: in each row a list of words, or a text.

    It may be passed wherever sentences or documents are expected.

    Parameters
    ----------
    source : table, path, URL, or list of paths and URLs
        A table of pyarrow, Polars, pandas, DuckDB or another library with Arrow's C stream
        interface, or a data set of the package datasets. Files are Parquet (.parquet), CSV (.csv,
        .tsv) with names in the first line, or JSON Lines (.jsonl, .ndjson); the last two may be
        compressed. Reading files needs ``w2vext[tables]``.
    name : str, optional
        The name of the column. It may be left out if there is only one.

    Raises
    ------
    TypeError
        The name is not a str. Whether the column exists is checked when it is read.

    Notes
    -----
    A list in a row is a sentence of strings or integers. A string is a document of words between
    white space; each of its lines is a sentence. Strings and integers may be encoded by a
    dictionary, as categorical data is.

    Examples
    --------
    >>> from w2vext import Column, Word2Vec
    >>> table = {"user": [1, 2], "items": [["tea", "milk"], ["tea", "sugar"]]}
    >>> import pyarrow
    >>> column = Column(pyarrow.table(table), "items")
    >>> Word2Vec(min_count=1, epochs=1, sample=0).fit(column).counts_.tolist()
    [2, 1, 1]
    """

    def __init__(self, source: Any, name: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"name={shown(name)} is {kind_of(name)}: give the name of a column")
        self.source = source
        self.name = name

    def __repr__(self) -> str:
        return f"Column({shown(self.source)}, {self.name!r})"


class Part:
    """Rows of a column that are read one after the other.

    Attributes
    ----------
    number : int
        First occurrences of words are ordered by `number`, then by `position`.
    position : int
        Orders the parts with the same number.
    size : int
        How much of the column it is, in the unit of the column.
    """

    def __init__(
        self,
        column: Any,
        chunks: Callable[[], Iterator[tuple[Chunk, int, int]]],
        *,
        number: int = 0,
        position: int = 0,
        size: int = 0,
        row: Callable[[], int] = int,
    ) -> None:
        self.column, self._chunks, self._first_row = column, chunks, row
        self.number, self.position, self.size = number, position, size
        self._before = 0  # what is added to a row of the current chunk

    def chunks(self) -> Iterator[tuple[Chunk, int, int]]:
        """Yield (chunk, first row, row after the last one); raises for what is not a column."""
        read = 0
        try:
            for chunk, first, end in self._chunks():
                self._before = read - first
                yield chunk, first, end
                read += end - first
        except NotAColumn as error:
            raise self.column.unusable(str(error)) from None

    def complaint(self, error: BadValue) -> Exception:
        """The error for a value of the chunk that `chunks` yielded last."""
        row = self._first_row() + self._before + error.row
        return self.column.bad_value(row, error.kind)


class MemoryColumn:
    """A column in memory, or one that is read once from a stream.

    Attributes
    ----------
    one_shot : bool
    total : int or None
        The number of rows, if it is known.
    unit : str
    """

    unit = "row"
    error: type[Exception] = TypeError

    def __init__(self, stream: Any, name: str | None, in_memory: bool) -> None:
        self.name = name
        self.one_shot = not in_memory
        self.total: int | None = None
        try:
            self._source: Any = list(stream) if in_memory else stream
        except NotAColumn as error:
            raise self.unusable(str(error)) from None
        if in_memory:
            self.total = sum(chunk.n for chunk in self._source)

    @property
    def shown(self) -> str:
        """The name in messages."""
        return "the column" if self.name is None else f"column {shown(self.name)}"

    def unusable(self, what: str) -> Exception:
        """The error of a column that does not contain words."""
        return unusable(self.error, self.shown, what)

    def bad_value(self, row: int, kind: str) -> Exception:
        """The error of a value that is not a word."""
        return self.error(f"{self.shown}, row {row}: {REMEDIES[kind]}")

    def rows(self) -> Iterator[Any]:
        """The rows, each a list of words or a str."""
        return rows_of(self)

    def parts(self) -> list[Part]:
        """What several workers can read at the same time, in order."""
        if self.one_shot:
            stream = self._source
            return [Part(self, lambda: ((chunk, 0, chunk.n) for chunk in stream))]
        parts: list[Part] = []
        row = 0
        for chunk in self._source:
            step = chunk.n if chunk.n_values <= SLICE else max(1, SLICE * chunk.n // chunk.n_values)
            for first in range(0, chunk.n, max(step, 1)):
                end = min(first + step, chunk.n)
                parts.append(
                    Part(
                        self, _slice(chunk, first, end),
                        number=len(parts), size=end - first, row=partial(int, row + first),
                    )
                )  # fmt: skip
            row += chunk.n
        return parts

    def useful_workers(self, workers: int) -> int:
        """The number of workers that count the column; fewer if its dictionaries are large.

        Counting codes is fast, but each worker adds all values of a dictionary to its own table.
        """
        if self.one_shot:
            return workers
        coded = [x for x in self._source if x.dictionary[1] and not x.is_text]
        values = sum(size for _, size in {chunk.dictionary for chunk in coded})
        if not values:
            return workers
        return max(1, min(workers, sum(chunk.n_in_rows for chunk in coded) // (CODES * values)))


def _slice(chunk: Chunk, first: int, end: int) -> Callable[[], Iterator[tuple[Chunk, int, int]]]:
    return lambda: iter([(chunk, first, end)])


def unusable(error: type[Exception], column: str, what: str) -> Exception:
    """The error of a column that does not contain words."""
    if what == "integers, one in each row":
        remedy = "group them into lists, one for each sentence"
    else:
        remedy = "give a column of strings, or of lists of strings or integers"
    return error(f"{column} contains {what}: {remedy}")


def rows_of(column: Any) -> Iterator[Any]:
    """The rows of a column, each a list of words or a str."""
    for part in column.parts():
        for chunk, first, end in part.chunks():
            read = chunk.texts if chunk.is_text else chunk.lists
            for at in range(first, end, BATCH):
                try:
                    yield from read(at, min(at + BATCH, end))
                except BadValue as error:
                    raise part.complaint(error) from None


def in_memory(X: Any, name: str | None = None) -> MemoryColumn | None:
    """The column of a table or of a column in memory; None if X is neither.

    Parameters
    ----------
    X : object
    name : str, optional
        The name of the column of a table.

    Raises
    ------
    TypeError
        A table has no such column, or several and no name is given.
    """
    library = type(X).__module__.partition(".")[0]
    if library == "datasets" and hasattr(X, "with_format"):
        return _of_data_set(X, name)
    if library == "datasets" and hasattr(X, "column_name") and hasattr(X, "source"):
        return _of_data_set(X.source, X.column_name)
    if library == "pandas":
        X = _of_pandas(X)
    if not (hasattr(X, "__arrow_c_stream__") or hasattr(X, "__arrow_c_array__")):
        return None
    stream = Stream(X)
    if stream.schema.names is None:
        return MemoryColumn(stream, name, hasattr(X, "__len__"))
    name = chosen(stream.schema.names, name, kind_of(X), TypeError)
    stream.column = stream.schema.names.index(name)
    return MemoryColumn(stream, name, library != "duckdb" and hasattr(X, "__len__"))


def chosen(names: Any, name: str | None, where: str, error: type[Exception]) -> str:
    """The name of the column to read; raises `error` if there is none or it is not clear which."""
    names = list(names)
    if name in names:
        return str(name)
    known = shown(names)[1:-1] or "no columns"
    if name is not None:
        raise error(f"{where} has no column {shown(name)}: choose one of {known}")
    if len(names) != 1:
        raise error(f"{where} has the columns {known}: choose one, as in Column(table, 'name')")
    return str(names[0])


def is_pandas_frame(X: Any) -> bool:
    """Whether X is a table of pandas."""
    return type(X).__module__.partition(".")[0] == "pandas" and hasattr(X, "columns")


def series_of(X: Any, name: str | None) -> Any:
    """The series of a DataFrame of pandas, whose other columns Arrow may not be able to read."""
    return X[chosen([x for x in X.columns if isinstance(x, str)], name, kind_of(X), TypeError)]


def _of_pandas(X: Any) -> Any:
    """What Arrow can read of a pandas object; Python objects other than str stay as they are."""
    if not hasattr(X, "dtype"):
        return None
    if X.dtype == object and not isinstance(next((x for x in X if x is not None), None), str):
        return None
    if hasattr(X, "__arrow_c_stream__"):
        return X
    return pyarrow("columns of pandas").array(X, from_pandas=True)


def _of_data_set(X: Any, name: str | None) -> MemoryColumn:
    """A column of the package datasets, whose tables are mapped from its cache or streamed."""
    names = X.column_names
    if isinstance(names, dict):
        raise TypeError(f"the corpus is {kind_of(X)} of {shown(list(names))}: choose one of them")
    if names is None:
        raise TypeError("the columns of the data set are not known: resolve its features first")
    name = chosen(names, name, "the data set", TypeError)
    chosen_rows = X.select_columns([name]).with_format("arrow")

    def chunks() -> Iterator[Any]:
        for table in chosen_rows.iter(BATCH):
            stream = Stream(table)
            stream.column = 0
            yield from stream

    return MemoryColumn(chunks(), name, hasattr(X, "__len__"))


def pyarrow(what: str) -> Any:
    """The module pyarrow; `what` needs it."""
    try:
        import pyarrow as module
    except ImportError as error:
        raise ImportError(f"{what} need pyarrow: pip install 'w2vext[tables]'") from error
    return module
