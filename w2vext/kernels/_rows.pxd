"""The binding of csrc's table that numbers distinct rows (rows.h)."""

from libc.stdint cimport int32_t, int64_t, uint32_t


cdef extern from "rows.h" nogil:
    ctypedef struct w2v_place:
        pass
    ctypedef struct w2v_rows:
        w2v_place *places
        int32_t *rows
        int32_t count
    int64_t W2V_ROWS_MAX
    uint32_t w2v_rows_places(int64_t max_rows) noexcept
    void w2v_rows_clear(w2v_rows *t, uint32_t places) noexcept
    int32_t w2v_rows_slot(w2v_rows *t, int32_t row) noexcept
