"""A minibatch step of skip-gram with negative sampling: all updates use the values before the step.

It is compiled for float and double and computes the exact sigmoid, since the matrices of the lessons
are small. Its NumPy reference is `reference.train_batch`, which adds in the same order.
"""

from cython cimport floating
from libc.math cimport exp, fabs, log1p
from libc.stdint cimport int32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from w2vext.kernels._blas cimport axpy, dot


def train_batch(floating[:, ::1] w_in, floating[:, ::1] w_out, const int32_t[::1] centres,
                const int32_t[:, ::1] targets, double lr):
    """Update w_in (V, d) and w_out (V, d) in place and return the sum of the P losses.

    centres is (P), targets (P, 1 + K). Shapes are checked here; row ids are not.
    """
    cdef Py_ssize_t pairs = targets.shape[0], m = targets.shape[1], d = w_in.shape[1]
    if centres.shape[0] != pairs or w_out.shape[1] != d:
        raise ValueError("the shapes of w_in, w_out, centres and targets do not match")
    if not pairs or not m or not d:
        return 0.0
    cdef size_t size = <size_t> pairs * <size_t> (m + 2 * d)
    cdef floating *scratch = <floating *> malloc(size * sizeof(floating))
    cdef double loss
    if scratch == NULL:
        raise MemoryError
    with nogil:
        loss = step(&w_in[0, 0], &w_out[0, 0], &centres[0], &targets[0, 0], pairs, m, d,
                    <floating> lr, scratch)
    free(scratch)
    return loss


cdef double step(floating *w_in, floating *w_out, const int32_t *centres, const int32_t *targets,
                 Py_ssize_t pairs, Py_ssize_t m, Py_ssize_t d, floating lr,
                 floating *scratch) noexcept nogil:
    """scratch holds the errors e (P, m), the old inputs h (P, d) and their updates dh (P, d)."""
    cdef floating *e = scratch
    cdef floating *h = e + pairs * m
    cdef floating *dh = h + pairs * d
    cdef floating *o
    cdef Py_ssize_t p, j
    cdef double loss = 0, right, power, size
    memset(dh, 0, pairs * d * sizeof(floating))
    for p in range(pairs):
        memcpy(h + p * d, w_in + centres[p] * d, d * sizeof(floating))
        for j in range(m):
            o = w_out + targets[p * m + j] * d
            right = dot(<int> d, h + p * d, o)
            if j:
                right = -right
            power = exp(-fabs(right))
            loss += log1p(power) + (0 if right > 0 else -right)
            # lr (label - sigmoid(score)) = ± lr sigmoid(-right)
            size = lr * (power if right > 0 else 1) / (1 + power)
            e[p * m + j] = <floating> (-size if j else size)
            axpy(<int> d, e[p * m + j], o, dh + p * d)
    for p in range(pairs):
        axpy(<int> d, <floating> 1, dh + p * d, w_in + centres[p] * d)
        for j in range(m):
            axpy(<int> d, e[p * m + j], h + p * d, w_out + targets[p * m + j] * d)
    return loss
