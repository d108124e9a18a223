"""The C structures of Arrow's C data interface, and the functions that read their types."""

from libc.stdint cimport int64_t

from w2vext.text._words cimport w2v_rows, w2v_values

cdef extern from "arrow.h" nogil:
    ctypedef struct w2v_arrow_schema:
        const char *format
        const char *name
        int64_t n_children
        w2v_arrow_schema **children
        w2v_arrow_schema *dictionary
        void (*release)(w2v_arrow_schema *) noexcept nogil
    ctypedef struct w2v_arrow_array:
        int64_t length, null_count, offset, n_buffers, n_children
        const void **buffers
        w2v_arrow_array **children
        w2v_arrow_array *dictionary
        void (*release)(w2v_arrow_array *) noexcept nogil
    ctypedef struct w2v_arrow_stream:
        int (*get_schema)(w2v_arrow_stream *, w2v_arrow_schema *out) noexcept nogil
        int (*get_next)(w2v_arrow_stream *, w2v_arrow_array *out) noexcept nogil
        const char *(*get_last_error)(w2v_arrow_stream *) noexcept nogil
        void (*release)(w2v_arrow_stream *) noexcept nogil


cdef class Schema:
    cdef w2v_arrow_schema schema
    cdef readonly object names

    cdef Schema read(self)


cdef tuple buffers_of(const w2v_arrow_schema *type, const w2v_arrow_array *array)
cdef bint has_nulls(const w2v_arrow_array *array)
cdef bint has_lists(const w2v_arrow_schema *type)
cdef int fill_rows(w2v_rows *rows, const w2v_arrow_schema *type, const w2v_arrow_array *array,
                   int64_t shift, int64_t n) except -1
cdef int fill_values(w2v_values *values, const w2v_arrow_schema *type, const w2v_arrow_array *array,
                     int64_t shift, bint in_list) except -1
