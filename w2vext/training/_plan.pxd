"""The Plan of a run: a C struct of all that its workers share."""

from cpython.pythread cimport PyThread_type_lock
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from w2vext.kernels._dispatch cimport (
    w2v_add_fn, w2v_compose_fn, w2v_mean_fn, w2v_merge_fn, w2v_scatter_fn, w2v_step_fn,
)
from w2vext.training._sampling cimport w2v_below, w2v_hash
from w2vext.training._targets cimport TargetSource


cdef enum:
    FIRST = 1     # values of `global_context`
    LAST = 2
    KEY_EPOCHS = 256  # the lowest 8 bits of a key are the number of the epoch in its block


cdef struct Plan:
    const int32_t *ids              # the stream's
    const int64_t *offsets          # (sentences + 1)
    int64_t sentences
    # With pairs in place of windows, context[i] is the only context word of ids[i], with weight[i].
    const int32_t *context          # (positions), or NULL
    const float *weight             # (positions); NULL: all 1
    const uint32_t *keep            # (V): subsampling thresholds
    float *w_in                     # (rows, stride): the rows of the words first
    float *w_out                    # (n_out, stride)
    Py_ssize_t stride               # floats from row to row
    int dim                         # floats that a step works on
    int window
    bint shrink, block, cbow, average
    const int32_t *window_sizes     # (positions): drawn in advance, by a Shard; or NULL
    # The first or last word of a sentence is in every window of it, even if it is not kept; 0: neither.
    int global_context
    const int32_t *global_word      # (sentences): the words, where a sentence is a part of a longer one; or NULL
    const uint8_t *global_inside    # (sentences): whether the part has that word at its place
    const uint8_t *frozen           # (rows of w_in): 1 for rows that must not change; or NULL
    bint frozen_out                 # whether no row of w_out may change
    const float *saturation_per_word    # (n_saturation): of the first rows of w_out (saturation.py)
    Py_ssize_t n_saturation
    # With subwords, word w is the mean of its own row and of rows part[part_start[w]:part_start[w + 1]].
    const int64_t *part_start       # (V + 1), or NULL
    const int32_t *part
    const float *part_weight        # (all_parts): of the rows of word 0, its own first, then of word 1, …
    int most_parts                  # of one word
    int64_t all_parts               # rows of all words, their own included
    double damping                  # how the changes of shared rows are combined (D15); 0: they are added
    TargetSource targets
    # Each worker has a replica of w_in[:replicas_in] and w_out[first_out:first_out + replicas_out].
    int32_t replicas_in, replicas_out, first_out
    int64_t merge_every             # positions
    PyThread_type_lock merging      # held by the worker that merges its replicas
    w2v_step_fn step
    w2v_mean_fn mean
    w2v_scatter_fn scatter
    w2v_compose_fn compose
    w2v_add_fn add
    w2v_merge_fn merge
    volatile int *stopping


cdef class Job:
    cdef Plan plan
    cdef PyThread_type_lock merging
    cdef int stopping
    cdef bint read_only
    cdef readonly bint composed     # whether words have subwords
    cdef Py_ssize_t rows_in, rows_out
    cdef tuple owners

    cdef object part_weights        # keeps the memory of plan.part_weight

    cdef int set_pairs(self, const int32_t[::1] contexts, const float[::1] weights, Py_ssize_t n) except -1
    cdef int set_parts(self, const int64_t[::1] part_start, const int32_t[::1] part, const int32_t[::1] size,
                       Py_ssize_t words) except -1


# The draw of a position is the same in all epochs of a block (pieces.py), and each epoch adds its own shift to it (D24).
# So a window has each size once in the block, and an occurrence that is kept with probability p is kept in about
# p · n of n epochs.

cdef inline uint64_t draw_at(uint64_t key, int64_t pos) noexcept nogil:
    return w2v_hash(key & ~<uint64_t> (KEY_EPOCHS - 1), pos)


cdef inline bint keeps(const Plan *p, uint64_t key, int64_t pos, uint64_t draw) noexcept nogil:
    """Whether subsampling keeps the occurrence at a position, which has this draw."""
    # Multiples of the golden ratio (modulo 1) are evenly spread for any number of epochs.
    cdef uint32_t shift = <uint32_t> (key & (KEY_EPOCHS - 1)) * <uint32_t> 0x9e3779b9
    return <uint32_t> (draw >> 32) + shift <= p.keep[p.ids[pos]]


cdef inline bint is_kept(const Plan *p, uint64_t key, int64_t pos) noexcept nogil:
    """Whether subsampling keeps the occurrence at a position."""
    return keeps(p, key, pos, draw_at(key, pos))


cdef inline int32_t window_shift(const Plan *p, uint64_t key) noexcept nogil:
    """What `window_size` adds to the window sizes of an epoch."""
    return <int32_t> ((key & (KEY_EPOCHS - 1)) % <uint64_t> p.window)


cdef inline int32_t window_size(const Plan *p, uint64_t draw, int32_t shift) noexcept nogil:
    """The number of words on either side of a centre that are in its window."""
    cdef int32_t size
    if not p.shrink:
        return p.window
    size = <int32_t> w2v_below(draw << 32, p.window) + shift
    return 1 + (size - p.window if size >= p.window else size)


cdef inline int64_t global_pos(const Plan *p, int64_t sentence) noexcept nogil:
    """The position in a sentence at which its global context word is."""
    return p.offsets[sentence] if p.global_context == FIRST else p.offsets[sentence + 1] - 1


cdef inline int64_t sentence_at(const Plan *p, int64_t pos) noexcept nogil:
    """The sentence that holds a position."""
    cdef int64_t low = 0, high = p.sentences, middle
    while high - low > 1:
        middle = (low + high) // 2
        if p.offsets[middle] <= pos:
            low = middle
        else:
            high = middle
    return low
