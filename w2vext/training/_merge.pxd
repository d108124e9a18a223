"""Merging the replicas of a row pair by pair, in a balanced tree with a fixed order (D13)."""

from w2vext.kernels._dispatch cimport w2v_merge_fn


cdef inline void merge_tree(const float *base, float **replicas, int n, Py_ssize_t stride,
                            w2v_merge_fn merge) noexcept nogil:
    """Merges n replicas of a row of `stride` floats into the first; the others are scratch.

    Neighbours are merged, then neighbouring pairs, and so on. If eight equal changes were merged one after
    the other, the last one would have the weight 1/2, and the first one 1/128.
    """
    cdef int step = 1, i
    while step < n:
        i = 0
        while i + step < n:
            merge(base, replicas[i], replicas[i + step], <int> stride)
            i += 2 * step
        step *= 2
