"""A matrix as one worker sees it: shared rows, and replicas of the most frequent ones (D13).

A row that every worker writes would move between the cores' caches with every update. So each worker
trains a replica of such a row, and from time to time merges its changes into the shared row.
"""

from libc.stdint cimport int32_t, uint32_t
from libc.string cimport memcmp, memcpy

from w2vext.kernels._arena cimport Arena, carve
from w2vext.kernels._dispatch cimport w2v_merge_fn


cdef struct Matrix:
    float *shared              # (rows, stride)
    Py_ssize_t stride
    int32_t first, replicas    # the worker has replicas of rows first .. first + replicas - 1:
    float *replica             # (replicas, stride)
    float *base                # (replicas, stride): these rows after the last merge


cdef inline float *row(const Matrix *w, int32_t id) noexcept nogil:
    cdef int32_t i = id - w.first
    if <uint32_t> i < <uint32_t> w.replicas:
        return w.replica + i * w.stride
    return w.shared + id * w.stride


cdef inline void lay_out_replicas(Matrix *w, Arena *a) noexcept nogil:
    w.replica = <float *> carve(a, w.replicas * w.stride, sizeof(float))
    w.base = <float *> carve(a, w.replicas * w.stride, sizeof(float))


cdef inline void copy_replicas(Matrix *w) noexcept nogil:
    """Gives the replicas the values of the shared rows."""
    cdef size_t size = w.replicas * w.stride * sizeof(float)
    if size:
        memcpy(w.replica, w.shared + w.first * w.stride, size)
        memcpy(w.base, w.replica, size)


cdef inline void merge_replicas(Matrix *w, w2v_merge_fn merge) noexcept nogil:
    """Merges the replicas' changes into the shared rows. No other worker may do so at the same time."""
    cdef size_t size = w.stride * sizeof(float)
    cdef float *replica
    cdef float *shared
    cdef float *base
    cdef int32_t i
    for i in range(w.replicas):
        replica, base = w.replica + i * w.stride, w.base + i * w.stride
        shared = w.shared + (w.first + i) * w.stride
        if memcmp(replica, base, size) == 0:
            # An unchanged replica is not merged: this would round the shared row, and another worker would
            # take the rounding for a change, to which Adasum gives the same weight as to its own.
            memcpy(replica, shared, size)
        else:
            merge(base, replica, shared, <int> w.stride, 1)
            memcpy(shared, replica, size)
        memcpy(base, replica, size)
