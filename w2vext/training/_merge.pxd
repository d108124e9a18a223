"""Merging the replicas of a row pair by pair, in a balanced tree with a fixed order (D13)."""

from w2vext.kernels._dispatch cimport w2v_merge_fn


cdef inline float correction(float s) noexcept nogil:
    """The c of merge.h for two replicas with saturation s each: about 1 - exp(-s).

    If both replicas approach the same minimum, the merged change is 1 + exp(-s) times that of one.
    The terms of a series are used, because expf has other last bits on other systems.
    """
    return 1 - 1 / (1 + s * (1 + s / 2 * (1 + s / 3)))


cdef inline void merge_tree(const float *base, float **replicas, int n, Py_ssize_t stride,
                            w2v_merge_fn merge, float saturation) noexcept nogil:
    """Merges n replicas of a row of `stride` floats into the first; the others are scratch.

    Neighbours are merged, then neighbouring pairs, and so on. If eight equal changes were merged one after
    the other, the last one would have the weight 1/2, and the first one 1/128.

    The saturation of the row (saturation.py) is that of one replica; a pair has twice as much. If it is
    infinite, this is Adasum.
    """
    cdef int step = 1, i
    while step < n:
        i = 0
        while i + step < n:
            merge(base, replicas[i], replicas[i + step], <int> stride, correction(saturation))
            i += 2 * step
        step *= 2
        saturation *= 2
