"""Columns of tables in memory, through Arrow's C data interface: counted and encoded without Python objects.

A column contains lists of strings or integers, whose rows are sentences, or strings, which are documents.
Both may be encoded by a dictionary. `column` finds the column of a table; `scan` counts it. `_arrow_types`
reads the types.
"""

import numpy as np

from w2vext.text._words import NotAColumn

from w2vext.text._arrow_types cimport (
    Schema,
    buffers_of,
    fill_rows,
    fill_values,
    has_lists,
    has_nulls,
    w2v_arrow_array,
    w2v_arrow_schema,
    w2v_arrow_stream,
)
from w2vext.text._words cimport (
    W2V_ROWS_VIEWS,
    W2V_VALUES_DAMAGED,
    W2V_VALUES_INTEGERS,
    W2V_VALUES_NULL,
    Words,
    w2v_column_run,
    w2v_rows,
    w2v_values,
)

from cpython.pycapsule cimport PyCapsule_GetPointer
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint64_t

cdef extern from "values.h" nogil:
    int w2v_rows_extent(const w2v_rows *rows, int64_t row, int64_t *at, int64_t *stop)
    int w2v_values_integer(const w2v_values *values, int64_t i, uint64_t *integer)
    int w2v_values_string(const w2v_values *values, int64_t i, const unsigned char **bytes,
                          int64_t *length)
    int w2v_values_join(const w2v_values *values, const w2v_values *codes, int64_t *at,
                        int64_t stop, unsigned char after, unsigned char *out, int64_t room,
                        int64_t *n, int64_t *needed)

cdef extern from "text.h" nogil:
    enum:
        W2V_TEXT_NUL
        W2V_TEXT_NOT_UTF8
        W2V_TEXT_LONG


class BadValue(Exception):
    """A value of a column is not a word, in row `row`: `kind` is "null", "NUL", "UTF-8", "long" or "damaged"."""

    def __init__(self, row, kind):
        super().__init__(row, kind)
        self.row = row
        self.kind = kind


MOST_PENDING = 1 << 30  # occurrences of codes that are added to the table together
KINDS = {
    W2V_VALUES_NULL: "null", W2V_VALUES_DAMAGED: "damaged", W2V_TEXT_NUL: "NUL",
    W2V_TEXT_NOT_UTF8: "UTF-8", W2V_TEXT_LONG: "long",
}


cdef class Stream:
    """The chunks of an object with ``__arrow_c_stream__`` or ``__arrow_c_array__``.

    Parameters
    ----------
    source : object

    Attributes
    ----------
    schema : Schema
    column : int
        The index of the column to read; -1 if the stream is a column.
    """

    cdef w2v_arrow_stream stream
    cdef w2v_arrow_array array  # the only one, if there is no stream
    cdef readonly Schema schema
    cdef public int64_t column

    def __cinit__(self, source):
        cdef w2v_arrow_stream *stream
        cdef w2v_arrow_schema *schema
        cdef w2v_arrow_array *array
        self.schema = Schema()
        self.column = -1
        if hasattr(source, "__arrow_c_stream__"):
            capsule = source.__arrow_c_stream__()
            stream = <w2v_arrow_stream *>PyCapsule_GetPointer(capsule, "arrow_array_stream")
            self.stream = stream[0]
            stream.release = NULL  # the structure has moved
            if self.stream.get_schema(&self.stream, &self.schema.schema):
                self.fail()
        else:
            capsules = source.__arrow_c_array__()
            schema = <w2v_arrow_schema *>PyCapsule_GetPointer(capsules[0], "arrow_schema")
            self.schema.schema = schema[0]
            schema.release = NULL
            array = <w2v_arrow_array *>PyCapsule_GetPointer(capsules[1], "arrow_array")
            self.array = array[0]
            array.release = NULL
        self.schema.read()

    def __dealloc__(self):
        if self.stream.release != NULL:
            self.stream.release(&self.stream)
        if self.array.release != NULL:
            self.array.release(&self.array)

    cdef int fail(self) except -1:
        cdef const char *text = self.stream.get_last_error(&self.stream)
        raise OSError("Arrow: " + ("the stream failed" if text == NULL else (<bytes>text).decode(errors="replace")))

    def __iter__(self):
        return self

    def __next__(self):
        cdef Chunk chunk = Chunk()
        cdef int status
        if self.stream.release != NULL:
            with nogil:
                status = self.stream.get_next(&self.stream, &chunk.array)
            if status:
                self.fail()
        else:
            chunk.array = self.array
            self.array.release = NULL
        if chunk.array.release == NULL:
            raise StopIteration
        return chunk.read(self.schema, self.column)


cdef class Chunk:
    """An array of a column, which stays in memory as long as this object.

    Attributes
    ----------
    n : int
        The number of rows.
    is_text : bool
        Whether the rows are strings, and not lists.
    kind : {"text", "int64", "uint64", ""}
        What the values are; "" if there are none.
    n_values : int
        The number of values in all rows, about.
    dictionary : tuple (buffers, size)
        Identifies the dictionary of codes, as long as the chunk exists; the size is 0 if there is
        none.
    """

    cdef w2v_arrow_array array
    cdef Schema schema
    cdef readonly int64_t n, n_values
    cdef readonly bint is_text
    cdef readonly str kind
    cdef readonly tuple dictionary
    cdef w2v_rows rows
    cdef w2v_values values, codes

    def __dealloc__(self):
        if self.array.release != NULL:
            self.array.release(&self.array)

    cdef Chunk read(self, Schema schema, int64_t column):
        cdef const w2v_arrow_schema *type = &schema.schema
        cdef const w2v_arrow_array *array = &self.array
        cdef int64_t shift = 0
        self.schema = schema
        self.n = array.length
        if column >= 0:
            if has_nulls(array):
                raise NotAColumn("rows of a table that are missing")
            shift = array.offset
            type, array = type.children[column], array.children[column]
        if has_lists(type):
            fill_rows(&self.rows, type, array, shift, self.n)
            self.read_values(type.children[0], array.children[0], 0, True)
        else:
            self.is_text = True
            self.read_values(type, array, shift, False)
            if self.kind != "text":
                raise NotAColumn("integers, one in each row")
        return self

    cdef int read_values(self, const w2v_arrow_schema *type, const w2v_arrow_array *array,
                         int64_t shift, bint in_list) except -1:
        self.n_values = array.length
        self.dictionary = ((), 0)
        if type.dictionary == NULL:
            fill_values(&self.values, type, array, shift, in_list)
        else:
            fill_values(&self.codes, type, array, shift, in_list)
            fill_values(&self.values, type.dictionary, array.dictionary, 0, in_list)
            self.dictionary = (buffers_of(type.dictionary, array.dictionary), self.values.n)
        if self.values.data == NULL and not self.n_values:
            self.kind = "text" if not in_list else ""
        elif self.values.kind != W2V_VALUES_INTEGERS:
            self.kind = "text"
        else:
            self.kind = "int64" if self.values.is_signed or self.values.width < 8 else "uint64"
        return 0

    @property
    def n_in_rows(self):
        """The number of values between the first and the last row, or at most `n_values`.

        `n_values` also counts values before and after a slice of lists.
        """
        cdef int64_t first = 0, at = 0, stop = 0
        if self.is_text or self.rows.kind == W2V_ROWS_VIEWS:
            return self.n_values
        if not self.n:
            return 0
        if (w2v_rows_extent(&self.rows, 0, &first, &stop)
                or w2v_rows_extent(&self.rows, self.n - 1, &at, &stop)):
            return self.n_values  # a row is missing
        return max(0, min(stop - first, self.n_values))

    def lists(self, int64_t row, int64_t end):
        """The values of rows, as a list of lists."""
        cdef int64_t at = 0, stop = 0, i
        cdef int status
        cdef list known = None, out = [], values
        if self.dictionary[1]:
            known = [None] * self.values.n
        while row < end:
            values = []
            status = w2v_rows_extent(&self.rows, row, &at, &stop)
            if not status and not 0 <= at <= stop <= self.n_values:
                status = W2V_VALUES_DAMAGED
            if status:
                raise BadValue(row, KINDS[status])
            for i in range(at, stop):
                values.append(self.value(i, row, known))
            out.append(values)
            row += 1
        return out

    def texts(self, int64_t row, int64_t end):
        """The strings of rows, as a list of str."""
        cdef list known = [None] * self.values.n if self.dictionary[1] else None
        cdef int64_t i
        return [self.value(i, i, known) for i in range(row, end)]

    cdef value(self, int64_t i, int64_t row, list known):
        """The value at i; `known` has the values of the dictionary that have been read."""
        cdef uint64_t integer = 0, code = 0
        cdef const unsigned char *bytes = NULL
        cdef int64_t length = 0
        cdef int status = 0
        if known is not None:
            status = w2v_values_integer(&self.codes, i, &code)
            if status or code >= <uint64_t>self.values.n:
                raise BadValue(row, KINDS[status or W2V_VALUES_DAMAGED])
            if known[code] is not None:
                return known[code]
            i = code
        if self.values.kind == W2V_VALUES_INTEGERS:
            status = w2v_values_integer(&self.values, i, &integer)
            value = integer if self.kind == "uint64" else <int64_t>integer
        else:
            status = w2v_values_string(&self.values, i, &bytes, &length)
            if not status:
                try:
                    value = PyUnicode_DecodeUTF8(<const char *>bytes, length, NULL)
                except UnicodeDecodeError:
                    raise BadValue(row, "UTF-8") from None
        if status:
            raise BadValue(row, KINDS[status])
        if known is not None:
            known[code] = value
        return value

    def join(self, int64_t row, int64_t end, int after, unsigned char[::1] out):
        """Copy strings of rows to `out`, each followed by a byte.

        Returns (the row after the last one that fits, the number of bytes, the room that the next
        string needs).
        """
        cdef int64_t n = 0, needed = 0
        cdef const w2v_values *codes = &self.codes if self.dictionary[1] else NULL
        cdef int status
        with nogil:
            status = w2v_values_join(&self.values, codes, &row, end, after, &out[0], out.shape[0], &n, &needed)
        if status:
            raise BadValue(row, KINDS[status])
        return row, n, needed


cdef class Codes:
    """The codes of a dictionary that have been counted.

    Attributes
    ----------
    map : ndarray of shape (size of the dictionary,), int32
        The ids of the dictionary's values in a table; -1 for values that have not occurred.
    """

    cdef readonly object map
    cdef Chunk chunk
    cdef int32_t[::1] ids
    cdef int32_t[::1] counts
    cdef uint64_t[::1] firsts
    cdef int64_t pending  # the sum of the counts

    def __cinit__(self, Chunk chunk):
        n = chunk.dictionary[1]
        if n > INT32_MAX:
            raise OverflowError(f"a dictionary of {n:,} values: give the values, not codes")
        self.chunk = chunk  # which keeps the dictionary in memory
        self.map = np.full(n, -1, dtype=np.int32)
        self.ids = self.map
        self.counts, self.firsts = np.zeros(n, dtype=np.int32), np.empty(n, dtype=np.uint64)

    def add_to(self, Words words):
        """Add the values of the codes that occurred to the table, with their counts."""
        self.pending = 0
        if self.ids.shape[0]:
            words.set_kind(self.chunk.kind)
            words.count_codes(
                &self.chunk.values, &self.counts[0], &self.firsts[0], &self.ids[0]
            )


cdef class ColumnRun:
    """Feeds rows of a chunk to `Words`, a block of ids at a time.

    Parameters
    ----------
    chunk : Chunk
    row, end : int
    codes : Codes or None
        With a dictionary: counts the codes, which are the ids. Runs with the same dictionary may
        share it.
    """

    cdef w2v_column_run run
    cdef Chunk chunk
    cdef Codes codes

    def __cinit__(self, Chunk chunk, int64_t row, int64_t end, Codes codes=None):
        if not 0 <= row <= end <= chunk.n:
            raise ValueError(f"rows {row} to {end} of {chunk.n}")
        self.chunk, self.codes = chunk, codes
        self.run.rows, self.run.values = chunk.rows, chunk.values
        self.run.row, self.run.end = row, end
        if chunk.dictionary[1]:
            if codes is None or codes.chunk.dictionary != chunk.dictionary:
                raise ValueError("the codes are those of another dictionary")
            self.run.codes = &chunk.codes
            self.run.counts, self.run.firsts = &codes.counts[0], &codes.firsts[0]

    @property
    def more(self):
        """Whether there are rows that are not yet counted."""
        return self.run.row < self.run.end

    def feed(self, Words words, *, uint64_t first, int64_t limit, int32_t[::1] ids,
             int32_t[::1] ends):
        """Encode the values of rows.

        Stops early when `ids` is full or `words` has `limit` words. `first` is the position of the
        next value. Returns (number of ids, number of ends of rows).
        """
        cdef w2v_column_run *run = &self.run
        cdef int status
        if ends.shape[0] <= ids.shape[0] or not 0 < ids.shape[0] <= INT32_MAX:
            raise ValueError("ends must have room for one more entry than ids")
        if self.chunk.kind:
            words.set_kind(self.chunk.kind)
        run.first, run.limit = first, limit
        run.ids, run.ends, run.room = &ids[0], &ends[0], ids.shape[0]
        run.n_ids = run.n_ends = 0
        status = words.feed_column(run)
        if status:
            raise BadValue(run.bad, KINDS[status])
        if self.codes is not None:
            self.codes.pending += run.n_ids
            if self.codes.pending > MOST_PENDING:
                self.codes.add_to(words)
        return run.n_ids, run.n_ends
