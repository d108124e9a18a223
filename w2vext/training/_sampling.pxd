"""The C structures of the noise distribution and the Huffman tree, for the training loop."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t


cdef extern from "rng.h" nogil:
    uint64_t w2v_hash(uint64_t key, uint64_t position) noexcept
    uint64_t w2v_seed(uint64_t key, uint64_t stream) noexcept
    uint64_t w2v_next(uint64_t *state) noexcept
    uint32_t w2v_below(uint64_t draw, uint32_t n) noexcept


cdef extern from "alias.h" nogil:
    ctypedef struct w2v_slot:
        uint32_t threshold
        int32_t alias
    int32_t w2v_alias_draw(const w2v_slot *slots, int32_t n, uint64_t draw) noexcept
    void w2v_alias_fill(const w2v_slot *slots, int32_t n, uint64_t *state, int32_t *out,
                        int count) noexcept


cdef int build_alias(w2v_slot *slots, const double *weights, int32_t n, double *work,
                     int32_t *order) noexcept nogil


cdef class Noise:
    cdef w2v_slot *slots
    cdef unsigned char[::1] memory    # of the slots
    cdef readonly int32_t size


cdef class NoiseGroups:
    cdef int32_t *group      # (V): the distribution from which the negatives of each word are drawn
    cdef int64_t *start      # (n + 1): distribution g draws from word[start[g]:start[g + 1]]
    cdef w2v_slot *slots
    cdef int32_t *word
    cdef readonly int32_t size
    cdef readonly int32_t n

    cdef int sort(self, const double *weights, const int32_t *groups, double *sorted_) except -1
    cdef int build(self, const double *weights) except -1


cdef class Tree:
    cdef unsigned char[::1] memory    # of `start`
    cdef unsigned char[::1] steps     # of `node` and `sign`
    cdef int64_t *start      # (V + 1): word w's path is node[start[w]:start[w + 1]]
    cdef int32_t *node       # rows of w_out
    cdef float *sign
    cdef readonly int32_t size
    cdef readonly int32_t first
    cdef readonly int32_t depth
