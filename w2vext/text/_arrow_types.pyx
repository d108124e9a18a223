"""The types of Arrow's arrays: which of them can be columns, and where their buffers hold rows and values.

https://arrow.apache.org/docs/format/CDataInterface.html describes the formats.
"""

from w2vext.text._words import NotAColumn

from w2vext.text._words cimport (
    W2V_ROWS_FIXED,
    W2V_ROWS_OFFSETS,
    W2V_ROWS_VIEWS,
    W2V_VALUES_INTEGERS,
    W2V_VALUES_STRINGS,
    W2V_VALUES_VIEWS,
    w2v_rows,
    w2v_values,
)

from libc.stdint cimport int64_t
from libc.string cimport memset

cdef extern from "values.h" nogil:
    int64_t w2v_offset_at(const unsigned char *p, int width, int64_t i)

# Formats of integers: (bytes, signed).
INTEGERS = {
    "c": (1, True), "C": (1, False), "s": (2, True), "S": (2, False),
    "i": (4, True), "I": (4, False), "l": (8, True), "L": (8, False),
}
STRINGS = {"u": (W2V_VALUES_STRINGS, 4), "U": (W2V_VALUES_STRINGS, 8), "vu": (W2V_VALUES_VIEWS, 16)}
LISTS = {
    "+l": (W2V_ROWS_OFFSETS, 4), "+L": (W2V_ROWS_OFFSETS, 8),
    "+vl": (W2V_ROWS_VIEWS, 4), "+vL": (W2V_ROWS_VIEWS, 8),
}
# What other formats are, by their first characters.
OTHERS = {
    "n": "nulls", "b": "booleans", "e": "floats", "f": "floats", "g": "floats", "z": "bytes",
    "Z": "bytes", "vz": "bytes", "w": "bytes", "d": "decimals", "td": "dates", "tt": "times",
    "ts": "timestamps", "tD": "durations", "ti": "intervals", "+s": "structs", "+m": "maps",
    "+u": "unions", "+r": "run-end encoded values", "+l": "lists", "+L": "lists", "+v": "lists",
    "+w": "lists",
}


cdef class Schema:
    """The type of a stream's arrays. A table is an array of structs, whose fields are its columns.

    Attributes
    ----------
    names : list of str, or None
        The columns of a table; None if the stream is a column.
    """

    def __dealloc__(self):
        if self.schema.release != NULL:
            self.schema.release(&self.schema)

    cdef Schema read(self):
        if self.schema.format == b"+s":
            self.names = [
                (<bytes>self.schema.children[i].name).decode()
                for i in range(self.schema.n_children)
            ]
        return self


def name_of(str format):
    """What an array of this format contains, in the plural."""
    if format in INTEGERS:
        return "integers"
    if format in STRINGS:
        return "strings"
    return OTHERS.get(format[:2]) or OTHERS.get(format[:1]) or f"values of the Arrow type {format!r}"


cdef str format_of(const w2v_arrow_schema *schema):
    return (<bytes>schema.format).decode()


cdef tuple buffers_of(const w2v_arrow_schema *type, const w2v_arrow_array *array):
    """The type of an array, its offset, and the addresses of its buffers."""
    cdef int64_t i
    addresses = [<size_t>array.buffers[i] for i in range(array.n_buffers)]
    return (format_of(type), array.offset, *addresses)


cdef bint has_nulls(const w2v_arrow_array *array):
    """Whether values may be missing."""
    return array.null_count != 0 and array.n_buffers > 0 and array.buffers[0] != NULL


cdef bint has_lists(const w2v_arrow_schema *type):
    """Whether an array contains lists of a readable type."""
    cdef str format = format_of(type)
    return type.dictionary == NULL and (format in LISTS or format.startswith("+w:"))


cdef int fill_rows(w2v_rows *rows, const w2v_arrow_schema *type, const w2v_arrow_array *array,
                   int64_t shift, int64_t n) except -1:
    """Describe the n rows of an array of lists."""
    cdef str format = format_of(type)
    cdef const unsigned char **buffers = <const unsigned char **>array.buffers
    memset(rows, 0, sizeof(w2v_rows))
    rows.n = n
    rows.first = array.offset + shift
    rows.valid = buffers[0] if has_nulls(array) else NULL
    if format.startswith("+w:"):
        rows.kind, rows.size = W2V_ROWS_FIXED, int(format[3:])
        return 0
    rows.kind, rows.width = LISTS[format]
    rows.offsets = buffers[1]
    if rows.kind == W2V_ROWS_VIEWS:
        rows.sizes = buffers[2]
    return 0


cdef int fill_values(w2v_values *values, const w2v_arrow_schema *type, const w2v_arrow_array *array,
                     int64_t shift, bint in_list) except -1:
    """Describe an array of strings or integers."""
    cdef str format = format_of(type)
    cdef const unsigned char **buffers = <const unsigned char **>array.buffers
    memset(values, 0, sizeof(w2v_values))
    values.n = array.length
    values.first = array.offset + shift
    if format == "n" and not array.length:  # as in a list of empty lists
        values.kind, values.width, values.is_signed = W2V_VALUES_INTEGERS, 8, True
        return 0
    values.valid = buffers[0] if has_nulls(array) else NULL
    if format in INTEGERS:
        values.kind = W2V_VALUES_INTEGERS
        values.width, values.is_signed = INTEGERS[format]
        values.data = buffers[1]
    elif format in STRINGS:
        values.kind, values.width = STRINGS[format]
        if values.kind == W2V_VALUES_VIEWS:
            values.data = buffers[1]
            values.buffers = buffers + 2
            values.n_buffers = array.n_buffers - 3
            values.sizes = <const int64_t *>buffers[array.n_buffers - 1]
        else:
            values.offsets, values.data = buffers[1], buffers[2]
            if array.length and values.data != NULL:
                values.end = values.data + w2v_offset_at(values.offsets, values.width, values.first + values.n)
    else:
        raise NotAColumn(("lists of " if in_list else "") + name_of(format))
    return 0
