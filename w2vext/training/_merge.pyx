"""Merging replicas of whole matrices (D13)."""

from libc.math cimport INFINITY
from libc.string cimport memcmp, memcpy, memmove, memset

from w2vext.kernels._arena cimport Arena, allocate, carve, finish, release
from w2vext.kernels._dispatch cimport W2V_PAD, chosen_set


cdef struct Scratch:
    Arena arena
    const float **sources    # (count): the replicas
    float *values            # (count, stride): one row of each
    float **changed          # (count): those that differ from the base


cdef void lay_out(Scratch *s, Py_ssize_t count, Py_ssize_t stride) noexcept nogil:
    s.sources = <const float **> carve(&s.arena, count, sizeof(float *))
    s.values = <float *> carve(&s.arena, count * stride, sizeof(float))
    s.changed = <float **> carve(&s.arena, count, sizeof(float *))


def merge_rows(const float[:, ::1] base, list replicas, float[:, ::1] out,
               const float[::1] saturation=None):
    """Merges replicas of rows that were trained separately, each row by itself.

    A replica's row that equals the base is left out, so a row that only one replica changed is copied from
    that replica, bit for bit.

    Parameters
    ----------
    base : float32 (n, stride)
        The rows before they were trained; stride is a multiple of 16.
    replicas : list of float32 (n, stride)
        The result depends on their order.
    out : float32 (n, stride)
        May be `base` or one of the replicas.
    saturation : float32 (n,), optional
        Of each row, at least 0 (`saturation.py`); infinite by default.
    """
    cdef Py_ssize_t rows = base.shape[0], stride = base.shape[1], count = len(replicas), k
    cdef const float[:, ::1] replica
    cdef Scratch s
    if stride % W2V_PAD or not stride or not count:
        raise ValueError(f"{count} replicas with rows of {stride} floats")
    check_shape("out", out.shape[0], out.shape[1], rows, stride)
    if saturation is not None and saturation.shape[0] != rows:
        raise ValueError(f"saturation of {saturation.shape[0]} rows, not of {rows}")
    memset(&s, 0, sizeof(s))
    lay_out(&s, count, stride)
    if not allocate(&s.arena):
        raise MemoryError(f"no memory to merge {count} rows of {stride} floats")
    try:
        lay_out(&s, count, stride)
        finish(&s.arena)
        for k in range(count):
            replica = replicas[k]
            check_shape(f"replica {k}", replica.shape[0], replica.shape[1], rows, stride)
            if rows:
                s.sources[k] = &replica[0, 0]
        if rows:
            with nogil:
                merge_all(&s, &base[0, 0], rows, stride, count, &out[0, 0],
                          NULL if saturation is None else &saturation[0])
    finally:
        release(&s.arena)


cdef int check_shape(str name, Py_ssize_t rows, Py_ssize_t stride, Py_ssize_t base_rows,
                     Py_ssize_t base_stride) except -1:
    if rows != base_rows or stride != base_stride:
        raise ValueError(f"{name} has shape ({rows}, {stride}), base ({base_rows}, {base_stride})")
    return 0


cdef void merge_all(Scratch *s, const float *base, Py_ssize_t rows, Py_ssize_t stride, Py_ssize_t count,
                    float *out, const float *saturation) noexcept nogil:
    cdef size_t size = stride * sizeof(float)
    cdef Py_ssize_t i, at, k
    cdef int n
    for i in range(rows):
        at, n = i * stride, 0
        for k in range(count):
            if memcmp(s.sources[k] + at, base + at, size):
                s.changed[n] = s.values + n * stride
                memcpy(s.changed[n], s.sources[k] + at, size)
                n += 1
        merge_tree(base + at, s.changed, n, stride, chosen_set().merge,
                   INFINITY if saturation == NULL else saturation[i])
        if n:
            memcpy(out + at, s.changed[0], size)
        else:
            memmove(out + at, base + at, size)     # they may be the same row
