"""The tables of words that columns are counted in, and the C structures of columns."""

from libc.stdint cimport int32_t, int64_t, uint64_t

cdef extern from "values.h" nogil:
    enum:
        W2V_VALUES_OK
        W2V_VALUES_NULL
        W2V_VALUES_DAMAGED
        W2V_VALUES_INTEGERS
        W2V_VALUES_STRINGS
        W2V_VALUES_VIEWS
        W2V_ROWS_OFFSETS
        W2V_ROWS_VIEWS
        W2V_ROWS_FIXED
    ctypedef struct w2v_values:
        int kind, width
        bint is_signed
        const unsigned char *valid
        const unsigned char *data
        const unsigned char *offsets
        const unsigned char **buffers
        const int64_t *sizes
        int64_t n_buffers
        const unsigned char *end
        int64_t first "from"
        int64_t n
    ctypedef struct w2v_rows:
        int kind, width
        int64_t size
        const unsigned char *valid
        const unsigned char *offsets
        const unsigned char *sizes
        int64_t first "from"
        int64_t n

cdef extern from "column.h" nogil:
    ctypedef struct w2v_column_run:
        w2v_rows rows
        w2v_values values
        const w2v_values *codes
        int32_t *counts
        uint64_t *firsts
        int64_t row, end, at, stop
        bint begun
        uint64_t first
        int64_t limit
        int32_t *ids
        int64_t n_ids, room
        int32_t *ends
        int64_t n_ends
        int64_t bad

cdef extern from "text.h" nogil:
    ctypedef struct w2v_text_entry:
        int64_t count
    ctypedef struct w2v_text_table:
        int64_t n
        int64_t max_words
        uint64_t *first
        w2v_text_entry *entries


cdef class Words:
    cdef w2v_text_table table
    cdef readonly str kind
    cdef int feed_column(self, w2v_column_run *run) except -1
    cdef int count_codes(self, const w2v_values *values, int32_t *counts, const uint64_t *firsts,
                         int32_t *map) except -1
