"""The pair kernel's functions, for the test hooks."""

from cython cimport floating

from w2vext.kernels._dispatch cimport w2v_loss


cdef extern from "sigmoid.h" nogil:
    enum: W2V_SIGMOID_CELLS


cdef const float *sigmoid_table() noexcept nogil
cdef floating sigmoid(floating x) noexcept nogil
cdef void sgd_pair(floating *h, floating *o, floating *dh, int d, floating sign, floating lr,
                   w2v_loss *loss) noexcept nogil
cdef void pair_step(int n, int m, int d, floating lr, floating **h, floating **o,
                    const floating *sign, floating *dh, bint keep_dh, w2v_loss *loss) noexcept nogil
