"""Composed rows, as the training loop and the shards use them (D15)."""

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t

from w2vext.kernels._arena cimport Arena
from w2vext.kernels._dispatch cimport w2v_ahead, w2v_prefetch_line, w2v_prefetch_row
from w2vext.training._plan cimport Job, Plan
from w2vext.training._targets cimport w2v_rows


cdef enum:
    TIMES = 24      # see `damped`


cdef class Composer:
    cdef Job job
    cdef Plan p
    cdef Arena arena
    cdef w2v_rows words           # the words that have a composed row; slot → word
    cdef float *now               # (capacity, stride): the composed rows, which training changes
    cdef float *before            # (capacity, stride): as they were composed
    cdef float **parts[2]         # (most_parts + 1): the rows of one word, and of the next
    cdef float **found            # (limit): see `compose`
    cdef int32_t *ids             # the rows that composed words hold, word after word
    cdef int64_t n_ids
    cdef int64_t trained          # how often all composed words were trained
    cdef int32_t *times           # (capacity): how often each composed word was trained
    cdef int32_t *uses            # (rows of w_in): how often composed words hold a row; 0 between flushes
    cdef int32_t *held            # (rows of w_in): the rows that composed words hold, each once
    cdef int32_t *counts          # (rows of w_in): how often composed words hold held[i]
    cdef int32_t n_held
    cdef int32_t *slots           # the slots of the words that hold a row, row after row
    cdef int32_t capacity, limit

    cdef void lay_out(self) noexcept nogil
    cdef size_t most_held(self) noexcept nogil
    cdef void compose_slot(self, int32_t slot) noexcept nogil
    cdef void compose(self, const int32_t *words, int n) noexcept nogil
    cdef void subtract(self) noexcept nogil
    cdef void collect(self) noexcept nogil
    cdef float scale(self, const int32_t *slots, int n) noexcept nogil
    cdef void list_changes(self, const int32_t *slots, int n, float **changes) noexcept nogil
    cdef void add(self, int32_t id, const int32_t *slots, int32_t uses, const w2v_ahead *ahead) noexcept nogil
    cdef void add_all(self) noexcept nogil
    cdef void forget(self) noexcept nogil
    cdef void flush(self) noexcept nogil


cdef inline int count_parts(const Plan *p, int32_t word) noexcept nogil:
    """The number of rows whose mean is the word's vector: its own row and those of its n-grams."""
    return <int> (p.part_start[word + 1] - p.part_start[word]) + 1


cdef inline int gather_parts(const Plan *p, int32_t word, float **parts) noexcept nogil:
    """Writes the rows whose mean is the word's vector; returns how many there are."""
    cdef int64_t i
    cdef int n = 1
    parts[0] = p.w_in + word * p.stride
    for i in range(p.part_start[word], p.part_start[word + 1]):
        parts[n] = p.w_in + p.part[i] * p.stride
        n += 1
    return n


cdef inline const float *weights_of(const Plan *p, int32_t word) noexcept nogil:
    """The weights of the rows of a word, whose sum is 1; that of its own row is the first."""
    return p.part_weight + p.part_start[word] + word


cdef inline void compose_word(const Plan *p, int32_t word, float **parts, float *out) noexcept nogil:
    """Writes the vector of a word; parts is scratch memory for most_parts + 1 rows."""
    cdef w2v_ahead ahead
    ahead.rows, ahead.n = NULL, 0
    p.compose(parts, weights_of(p, word), gather_parts(p, word, parts), <int> p.stride, out, &ahead)


cdef inline void prefetch_ids(const Plan *p, int32_t word) noexcept nogil:
    """Prefetches what `gather_parts` and `weights_of` read."""
    cdef int64_t i = p.part_start[word], end = p.part_start[word + 1]
    while i < end:
        w2v_prefetch_line(p.part + i)
        w2v_prefetch_line(p.part_weight + i + word)
        i += 16


cdef inline float damped(const Plan *p, int words, int64_t times) noexcept nogil:
    """The factor of the changes of a row that so many words hold, which were trained so many times in all."""
    if not p.damping:
        return 1
    return <float> min(1.0, p.damping * min(1 / sqrt(<double> words), TIMES / <double> times))


cdef inline void prefetch_parts(const Plan *p, int32_t word) noexcept nogil:
    cdef int64_t i
    w2v_prefetch_row(p.w_in + word * p.stride, <int> p.stride)
    for i in range(p.part_start[word], p.part_start[word + 1]):
        w2v_prefetch_row(p.w_in + p.part[i] * p.stride, <int> p.stride)
