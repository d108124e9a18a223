"""The pair kernel, through BLAS: one (input, target) at a time, in word2vec.c's order.

Written once for float (production, with the sigmoid table) and double (gradient checks, with the
exact sigmoid).
"""

from cpython.pycapsule cimport PyCapsule_New
from cython cimport floating
from libc.math cimport exp, log1p

from w2vext.kernels._blas cimport axpy, dot
from w2vext.kernels._dispatch cimport add_pair_loss, w2v_loss, w2v_step


cdef extern from "sigmoid.h" nogil:
    void w2v_sigmoid_fill(float *) noexcept
    float w2v_sigmoid(const float *, float) noexcept


cdef float[W2V_SIGMOID_CELLS] TABLE
w2v_sigmoid_fill(TABLE)


cdef const float *sigmoid_table() noexcept nogil:
    return TABLE


cdef floating sigmoid(floating x) noexcept nogil:
    if floating is float:
        return w2v_sigmoid(TABLE, x)
    else:
        return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


cdef void add_loss(w2v_loss *loss, floating right) noexcept nogil:
    """Adds -log sigmoid(right)."""
    if floating is float:
        add_pair_loss(loss, right, w2v_sigmoid(TABLE, right))
    else:
        loss.sum += log1p(exp(-right)) if right > 0 else log1p(exp(right)) - right


cdef void sgd_pair(floating *h, floating *o, floating *dh, int d, floating sign, floating lr,
                   w2v_loss *loss) noexcept nogil:
    """One input h (d) against one target o (d): adds the input's update to dh, and updates o.

    Both updates are computed from the values before the call; h changes only after its last target.
    """
    cdef floating right = sign * dot(d, h, o)
    cdef floating e = lr * sign * sigmoid(-right)
    axpy(d, e, o, dh)
    axpy(d, e, h, o)
    if loss != NULL:
        add_loss(loss, right)


cdef void pair_step(int n, int m, int d, floating lr, floating **h, floating **o,
                    const floating *sign, floating *dh, bint keep_dh, w2v_loss *loss) noexcept nogil:
    """Trains each input with every target, one pair after the other; dh (d) is scratch memory.

    keep_dh: dh (n, d) receives the updates, and the inputs do not change.
    """
    cdef int i, j, k
    for i in range(n):
        for k in range(d):
            dh[k] = 0
        for j in range(m):
            sgd_pair(h[i], o[j], dh, d, sign[j], lr, loss)
        if keep_dh:
            dh += d
        else:
            axpy(d, <floating> 1, dh, h[i])


cdef void step(const w2v_step *s) noexcept nogil:
    cdef bint keep = s.dh != NULL
    pair_step(s.n, s.m, s.dim, s.lr, s.inputs, s.targets, s.sign, s.dh if keep else s.scratch, keep,
              s.loss)


# A w2v_step_fn for _dispatch, which imports this module only if the pair kernel is chosen.
STEP = PyCapsule_New(<void *> step, "w2v_step_fn", NULL)
