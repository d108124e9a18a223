"""Composed rows, as the training loop and the shards use them (D15)."""

from libc.stdint cimport int32_t, int64_t

from w2vext.kernels._arena cimport Arena
from w2vext.kernels._dispatch cimport w2v_prefetch_row
from w2vext.training._plan cimport Job, Plan
from w2vext.training._targets cimport w2v_rows


cdef struct Use:
    # The number of composed words that hold a row, and the slot of the last of them, plus 1.
    int32_t words, last
    # The row is held[place], and composed words hold it `count` times: a word may hold it several times.
    int32_t place, count


cdef class Composer:
    cdef Job job
    cdef Plan p
    cdef Arena arena
    cdef w2v_rows words           # the words that have a composed row; slot → word
    cdef float *now               # (capacity, stride): the composed rows, which training changes
    cdef float *before            # (capacity, stride): as they were composed
    cdef float **parts            # (most_parts + 1): the rows of one word
    cdef float **found            # (limit): see `compose`
    cdef Use *uses                # (rows of w_in)
    cdef int32_t *held            # (rows of w_in): the rows that composed words hold, in order of their first use
    cdef int32_t n_held
    cdef int32_t *places          # the places of the rows that composed words hold, word after word
    cdef int64_t n_places
    cdef int64_t *ends            # (rows of w_in): the slots of the words that hold held[i] end at slots + ends[i]
    cdef int32_t *slots           # the slots of the words that hold a row, row after row
    cdef float *sum               # (stride)
    cdef int32_t capacity, limit

    cdef void lay_out(self) noexcept nogil
    cdef size_t most_held(self) noexcept nogil
    cdef void compose_slot(self, int32_t slot) noexcept nogil
    cdef void compose(self, const int32_t *words, int n) noexcept nogil
    cdef void subtract(self) noexcept nogil
    cdef void collect(self) noexcept nogil
    cdef void add(self, int32_t place) noexcept nogil
    cdef void forget(self) noexcept nogil
    cdef void flush(self) noexcept nogil


cdef inline int count_parts(const Plan *p, int32_t word) noexcept nogil:
    """The number of rows whose mean is the word's vector: its own row and those of its n-grams."""
    return <int> (p.part_start[word + 1] - p.part_start[word]) + 1


cdef inline int32_t part_id(const Plan *p, int32_t word, int i) noexcept nogil:
    """The row number i of a word; its own row is the first."""
    return p.part[p.part_start[word] + i - 1] if i else word


cdef inline int gather_parts(const Plan *p, int32_t word, float **parts) noexcept nogil:
    """Writes the rows whose mean is the word's vector; returns how many there are."""
    cdef int64_t i
    cdef int n = 1
    parts[0] = p.w_in + word * p.stride
    for i in range(p.part_start[word], p.part_start[word + 1]):
        parts[n] = p.w_in + p.part[i] * p.stride
        n += 1
    return n


cdef inline void prefetch_parts(const Plan *p, int32_t word) noexcept nogil:
    cdef int64_t i
    w2v_prefetch_row(p.w_in + word * p.stride, <int> p.stride)
    for i in range(p.part_start[word], p.part_start[word + 1]):
        w2v_prefetch_row(p.w_in + p.part[i] * p.stride, <int> p.stride)
