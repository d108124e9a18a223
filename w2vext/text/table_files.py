"""Columns of Parquet, CSV and JSON Lines files, which pyarrow reads in batches."""

from __future__ import annotations

import contextlib
import io
import os
from codecs import BOM_UTF8
from functools import partial
from typing import TYPE_CHECKING

from w2vext import _files
from w2vext._arguments.messages import WRITE_AGAIN, text_of
from w2vext.text import corpus
from w2vext.text._arrow import Stream
from w2vext.text.column import REMEDIES, Part, chosen, pyarrow, rows_of, unusable
from w2vext.text.corpus import Extent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from w2vext.text._arrow import Chunk

ROWS = 1 << 16  # of a batch of a Parquet file
BLOCK = 1 << 22  # bytes of a CSV or JSON file that are parsed at a time
PARQUET, CSV, JSON = "Parquet", "CSV", "JSON Lines"
SUFFIXES = {
    ".parquet": PARQUET, ".pq": PARQUET, ".csv": CSV, ".tsv": CSV, ".jsonl": JSON, ".ndjson": JSON,
}  # fmt: skip
PACKED = (".gz", ".bz2", ".xz", ".zst")


def kind_of_file(file: Any) -> str:
    """The kind of a table, by the name of its file.

    Raises
    ------
    ValueError
        The name has no suffix of a supported kind.
    """
    stem, suffix = os.path.splitext(_files.shown(file).lower())
    if suffix in PACKED:
        suffix = os.path.splitext(stem)[1]
    kind = SUFFIXES.get(suffix)
    if kind is None:
        raise ValueError(
            f"{_files.shown(file)}: a column can be read from files whose names end in "
            f"{', '.join(SUFFIXES)}: rename the file, or give text without a column"
        )
    return kind


class FileColumn:
    """A column of files. The attributes are those of `MemoryColumn`.

    Parameters
    ----------
    files : list of Path or Remote
    name : str or None
    extents : list of Extent, optional
        What is read. `start` and `stop` are row groups of a Parquet file or bytes of a JSON file;
        `stop` is None for a whole file.
    """

    unit = "B"
    one_shot = False

    def __init__(
        self, files: Sequence[Any], name: str | None, extents: Sequence[Extent] | None = None
    ) -> None:
        pyarrow("columns of files")
        self.files = [file for file in files if not _is_metadata(file)]
        if not self.files:
            raise ValueError("Column(source=[]): give at least one file")
        for file in self.files:
            if _files.is_one_shot(file):
                raise ValueError(
                    f"{_files.shown(file)}: a column cannot be read from a stream: write it to a "
                    "file first"
                )
        self.name = _OneFile(self.files[0], name).resolved_name()
        self.extents = list(self._all() if extents is None else extents)
        self.total = sum(extent.size for extent in self.extents)

    def _all(self) -> Iterator[Extent]:
        """The row groups of Parquet files, and other files whole."""
        number = 0
        for file in self.files:
            one = _OneFile(file, self.name)
            if one.kind != PARQUET:
                size = file.size or 0 if isinstance(file, _files.Remote) else os.stat(file).st_size
                stop = (
                    size
                    if one.kind == JSON and corpus.Corpus("files", None, [file]).plain(file)
                    else None
                )
                yield Extent(file, number, 0, stop, size)
                number += 1
                continue
            for group, size in enumerate(one.group_sizes()):
                yield Extent(file, number, group, group + 1, size)
                number += 1

    def parts(self) -> list[Part]:
        """What several workers can read at the same time, in order."""
        return [part for extent in self.extents for part in _parts_of(extent, self.name)]

    def useful_workers(self, workers: int) -> int:
        """All of them: the dictionaries of files are not known before they are read."""
        return workers

    def unusable(self, what: str) -> Exception:
        """The error of files whose columns do not fit together."""
        return unusable(ValueError, f"column {self.name!r}", what)

    def rows(self) -> Iterator[Any]:
        """The rows, each a list of words or a str."""
        return rows_of(self)


def _parts_of(extent: Extent, name: str) -> Iterator[Part]:
    one = _OneFile(extent.file, name)
    step = BLOCK if one.kind == JSON else 1
    if extent.stop is None:
        yield Part(one, one.chunks, number=extent.number, size=extent.size)
        return
    for start in range(extent.start, extent.stop, step):
        stop = min(start + step, extent.stop)
        read, row = (
            (one.json_chunks, one.lines_before) if one.kind == JSON
            else (one.group_chunks, one.rows_before)
        )  # fmt: skip
        yield Part(
            one, partial(read, start, stop), number=extent.number,
            position=start if one.kind == JSON else 0,
            size=stop - start if one.kind == JSON else extent.size, row=partial(row, start),
        )  # fmt: skip


class _OneFile:
    """A column of one file."""

    def __init__(self, file: Any, name: str | None) -> None:
        self.file, self.name = file, name
        self.kind = kind_of_file(file)
        self._json_type: Any = None

    @property
    def shown(self) -> str:
        return _files.shown(self.file)

    def unusable(self, what: str) -> Exception:
        """The error of a column that does not contain words."""
        return unusable(ValueError, f"{self.shown}: column {self.name!r}", what)

    def bad_value(self, row: int, kind: str) -> Exception:
        """The error of a value that is not a word."""
        return ValueError(f"{self.shown}: column {self.name!r}, row {row}: {REMEDIES[kind]}")

    def resolved_name(self) -> str:
        """The name of the column; raises ValueError if it does not exist or is not clear."""
        if self.kind == PARQUET:
            with self._parquet() as file:
                names = file.schema_arrow.names
        elif self.kind == CSV:
            with self._errors(), self._csv() as reader:
                names = reader.schema.names
        else:
            names = next(self._json_tables(_blocks(self.file)), (None, None))[1]
            if names is None:
                raise ValueError(f"{self.shown}: the file is empty, so it has no columns")
        return chosen(names, self.name, self.shown, ValueError)

    def chunks(self) -> Iterator[tuple[Chunk, int, int]]:
        """The chunks of a file that is read as a whole."""
        if self.kind == JSON:
            for table, names in self._json_tables(_blocks(self.file)):
                yield from self._chunks_of(table, names)
            return
        with self._errors(), self._csv(*filter(None, [self.name])) as reader:
            while True:
                try:
                    batch = reader.read_next_batch()
                except StopIteration:
                    return
                yield from self._chunks_of(batch, batch.schema.names)

    def _chunks_of(self, table: Any, names: list[str]) -> Iterator[tuple[Chunk, int, int]]:
        name = chosen(names, self.name, self.shown, ValueError)
        stream = Stream(table)
        stream.column = names.index(name)
        for chunk in stream:
            yield chunk, 0, chunk.n

    def values(self, words: Sequence[str], others: Sequence[str]) -> list[list[Any]]:
        """The values of several columns as objects of Python; those of `words` in CSV are str."""
        names = [*words, *others]
        if self.kind == PARQUET:
            with self._parquet() as file:
                self._check(file.schema_arrow.names, names)
                tables = [file.read(columns=names, use_threads=False)]
        elif self.kind == CSV:
            with self._errors(), self._csv() as reader:
                self._check(reader.schema.names, names)
            with self._errors(), self._csv(*words, others=others) as reader:
                tables = [reader.read_all()]
        else:
            tables = [table for table, _ in self._json_tables(_blocks(self.file))]
            for table in tables:
                self._check(table.column_names, names)
        return [[x for table in tables for x in table.column(n).to_pylist()] for n in names]

    def _check(self, found: list[str], wanted: list[str]) -> None:
        for name in wanted:
            chosen(found, name, self.shown, ValueError)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Make errors of pyarrow name the file."""
        arrow = pyarrow("columns of files")
        try:
            yield
        except arrow.ArrowInvalid as error:
            raise ValueError(
                f"{self.shown}: not a valid {self.kind} file ({text_of(error)}): {WRITE_AGAIN}"
            ) from error

    # ---- Parquet

    @contextlib.contextmanager
    def _parquet(self) -> Iterator[Any]:
        from pyarrow import parquet

        with self._errors(), contextlib.ExitStack() as stack:
            if isinstance(self.file, _files.Remote):
                source = stack.enter_context(self.file.random())
            else:
                source = stack.enter_context(open(self.file, "rb"))
            file = stack.enter_context(parquet.ParquetFile(source, pre_buffer=False))
            yield file

    def group_sizes(self) -> list[int]:
        """The bytes of each row group, without compression."""
        with self._parquet() as file:
            groups = range(file.metadata.num_row_groups)
            return [file.metadata.row_group(group).total_byte_size for group in groups]

    def rows_before(self, group: int) -> int:
        """The number of rows in the row groups before this one."""
        with self._parquet() as file:
            return sum(file.metadata.row_group(i).num_rows for i in range(group))

    def group_chunks(self, start: int, stop: int) -> Iterator[tuple[Chunk, int, int]]:
        """The chunks of some row groups."""
        with self._parquet() as file:
            chosen(file.schema_arrow.names, self.name, self.shown, ValueError)
            batches = file.iter_batches(
                ROWS, row_groups=range(start, stop), columns=[self.name], use_threads=False
            )
            for batch in batches:
                yield from self._chunks_of(batch, batch.schema.names)

    # ---- CSV

    def _csv(self, *words: str, others: Sequence[str] = ()) -> Any:
        """A reader of the batches of columns of words and others, or of all columns."""
        from pyarrow import csv, string

        tabs = ".tsv" in os.path.basename(self.shown).lower()
        columns: dict[str, Any] = {}
        if words:
            columns["include_columns"] = [*words, *others]
            columns["column_types"] = dict.fromkeys(words, string())
        return csv.open_csv(
            io.BufferedReader(_Text(_blocks(self.file)), BLOCK),
            read_options=csv.ReadOptions(use_threads=False, block_size=BLOCK),
            parse_options=csv.ParseOptions(
                delimiter="\t" if tabs else ",", newlines_in_values=True
            ),
            convert_options=csv.ConvertOptions(**columns),
        )

    # ---- JSON Lines

    def json_chunks(self, start: int, stop: int) -> Iterator[tuple[Chunk, int, int]]:
        """The chunks of the lines that begin in bytes [start, stop) of a plain file."""
        for table, names in self._json_tables(_lines_in(self.file, start, stop)):
            yield from self._chunks_of(table, names)

    def lines_before(self, start: int) -> int:
        """The number of lines that begin before a byte of a plain file."""
        if not start:
            return 0
        lines, at = 0, 0
        with corpus.opened(self.file) as file:
            while at < start and (data := file.read(min(BLOCK, start - at))):
                lines += data.count(b"\n")
                at += len(data)
                last = data[-1:]
        return lines + (last != b"\n")

    def _json_tables(self, blocks: Iterator[bytes]) -> Iterator[tuple[Any, list[str]]]:
        """Yield (table, the names of its columns) for each block, after joining parts of lines."""
        rest = b""
        for block in blocks:
            end = block.rfind(b"\n") + 1
            if not end:
                rest += block
                continue
            whole, rest = rest + block[:end], block[end:]
            if whole.strip():
                yield self._json_table(whole)
        if rest.strip():
            yield self._json_table(rest)

    def _json_table(self, data: bytes) -> tuple[Any, list[str]]:
        from pyarrow import json, schema

        parse = {}
        if self._json_type is not None:  # the other fields need not be parsed
            parse = {
                "explicit_schema": schema([(self.name, self._json_type)]),
                "unexpected_field_behavior": "ignore",
            }
        with self._errors():
            table = json.read_json(
                io.BytesIO(data.removeprefix(BOM_UTF8)),
                read_options=json.ReadOptions(use_threads=False, block_size=len(data) + 1),
                parse_options=json.ParseOptions(**parse),
            )
        names = table.column_names
        if self._json_type is None and self.name in names:
            known = _json_type(table.schema.field(self.name).type)
            if known is not None:
                self._json_type = known
                if known != table.schema.field(self.name).type:
                    return self._json_table(data)
        return table, names


def _json_type(found: Any) -> Any:
    """The type of a column, found from some of its rows; None if they do not tell it."""
    from pyarrow import types

    if types.is_list(found):
        inner = _json_type(found.value_type)
        return None if inner is None else pyarrow("").list_(inner)
    if types.is_null(found):
        return None
    return pyarrow("").string() if types.is_temporal(found) else found


def values(
    files: Sequence[Any], words: Sequence[str], others: Sequence[str] = ()
) -> list[list[Any]]:
    """The values of several columns of some files.

    Parameters
    ----------
    files : list of Path or Remote
    words, others : sequences of str
        The names of columns. In CSV files those of `words` contain str, and the type of the others
        is found from their values.

    Returns
    -------
    list of lists
        One list for each column.
    """
    pyarrow("columns of files")
    columns: list[list[Any]] = [[] for _ in (*words, *others)]
    for file in files:
        if not _is_metadata(file):
            for column, more in zip(
                columns, _OneFile(file, None).values(words, others), strict=True
            ):
                column += more
    return columns


def _is_metadata(file: Any) -> bool:
    """Whether a file is one of those that programs put next to the tables of a folder."""
    return os.path.basename(_files.shown(file)).startswith("_")


def _blocks(file: Any) -> Iterator[bytes]:
    """The decompressed content of a file."""
    return corpus.read(file, lambda position: None)


def _lines_in(file: Any, start: int, stop: int) -> Iterator[bytes]:
    """The lines that begin in bytes [start, stop) of a plain file, as blocks of bytes."""
    with corpus.opened(file) as opened:
        at = start
        if start:
            at = start - 1
            opened.seek(at)
            while data := opened.read(1 << 14):
                newline = data.find(b"\n")
                if newline >= 0:
                    at += newline + 1
                    break
                at += len(data)
            else:
                return
        if at >= stop:
            return
        opened.seek(at)
        while at < stop and (data := opened.read(min(BLOCK, stop - at))):
            at += len(data)
            yield data
        while data and not data.endswith(b"\n") and (data := opened.read(1 << 14)):
            newline = data.find(b"\n") + 1
            data = data[:newline] if newline else data
            yield data


class _Text(io.RawIOBase):
    """A file that consists of blocks."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        super().__init__()
        self._blocks, self._block = blocks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._block:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._block = block
        with memoryview(buffer).cast("B") as view:
            n = min(len(view), len(self._block))
            view[:n] = self._block[:n]
        self._block = self._block[n:]
        return n
