"""A job's plan, as the training loop and the loop over shards read it."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from w2vext.kernels._dispatch cimport w2v_mean_fn, w2v_merge_fn, w2v_scatter_fn, w2v_step_fn
from w2vext.training._sampling cimport w2v_slot


cdef struct Plan:
    # What a run's workers share, read-only but for the two matrices.
    const int32_t *ids
    const int64_t *offsets
    int64_t sentences
    const uint32_t *keep
    float *w_in              # (V, stride)
    float *w_out             # (n_out, stride)
    Py_ssize_t stride
    int dim, window, negative, most_targets
    bint shrink, block, cbow, average
    const w2v_slot *noise    # (V), or NULL: the tree's paths
    int32_t words
    const int64_t *path      # (V + 1)
    const int32_t *node
    const float *code
    int32_t hot_in, hot_out  # rows of which each worker has a copy of its own
    int32_t first_out        # they are w_in[:hot_in] and w_out[first_out:first_out + hot_out]
    int64_t merge_every      # positions
    const uint8_t *frozen    # (V): 1 where an input row must not change, or NULL
    w2v_step_fn step
    w2v_mean_fn mean
    w2v_scatter_fn scatter
    w2v_merge_fn merge
    volatile int *stopping


cdef class Job:
    cdef Plan plan
    cdef int stopping
    cdef Py_ssize_t rows_in, rows_out
    cdef tuple owners
