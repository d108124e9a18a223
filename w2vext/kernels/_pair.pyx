"""The pair kernel, through BLAS: word2vec.c's order and arithmetic, one (input, target) at a time.

`sgd_pair` is written once for float (production, table sigmoid) and double (audit, exact sigmoid). The def
functions are doors for the tests; train_step opens the block step as well. Nothing here draws a random
number, knows a word or touches a Python object inside a step.
"""

from cython cimport floating
from libc.math cimport exp, log1p
from libc.stdlib cimport calloc, free, malloc

from w2vext.kernels._blas cimport axpy, dot
from w2vext.kernels._dispatch cimport (
    W2V_PAD, add_pair_loss, clear_loss, flushed_loss, register_pair, step_of, step_scratch, w2v_loss, w2v_step, w2v_step_fn,
)


cdef extern from "sigmoid.h" nogil:
    enum: W2V_SIGMOID_CELLS
    void w2v_sigmoid_fill(float *) noexcept
    float w2v_sigmoid(const float *, float) noexcept


cdef float[W2V_SIGMOID_CELLS] TABLE
w2v_sigmoid_fill(TABLE)


cdef inline floating sigmoid(floating x) noexcept nogil:
    if floating is float:
        return w2v_sigmoid(TABLE, x)
    else:
        return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


cdef inline void add_loss(w2v_loss *loss, floating right) noexcept nogil:
    """Adds -log sigmoid(right)."""
    if floating is float:
        add_pair_loss(loss, right, w2v_sigmoid(TABLE, right))
    else:
        loss.sum += log1p(exp(-right)) if right > 0 else log1p(exp(right)) - right


cdef inline void sgd_pair(floating *h, floating *o, floating *dh, int d, floating sign, floating lr,
                          w2v_loss *loss) noexcept nogil:
    """One input h (d) against one target o (d): dh collects the input's update, o is updated.

    dh is taken from o before o moves, o from h, which moves only after the input's last target.
    """
    cdef floating right = sign * dot(d, h, o)
    cdef floating e = lr * sign * sigmoid(-right)
    axpy(d, e, o, dh)
    axpy(d, e, h, o)
    if loss != NULL:
        add_loss(loss, right)


cdef void pair_step(int n, int m, int d, floating lr, floating **h, floating **o, floating *sign,
                    floating *dh, bint keep_dh, w2v_loss *loss) noexcept nogil:
    """Each input in turn against all targets in turn, sequentially; dh (d) is scratch.

    keep_dh: dh (n, d) is left to the caller, h stays.
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


cdef void float_pair_step(const w2v_step *s) noexcept nogil:
    cdef bint keep = s.dh != NULL
    pair_step(s.n, s.m, s.dim, s.lr, s.inputs, s.targets, <float *> s.sign, s.dh if keep else s.scratch, keep,
              s.loss)


register_pair(float_pair_step)


# --- doors for the tests ------------------------------------------------------------------------

def sigmoid_table():
    """The float sigmoid's table, a copy; cell i is the middle of cell i of (-6, 6)."""
    return [TABLE[i] for i in range(W2V_SIGMOID_CELLS)]


def table_sigmoid(float score):
    """The float kernels' sigmoid of one score."""
    return w2v_sigmoid(TABLE, score)


def train_pair(floating[::1] h, floating[::1] o, floating[::1] dh, int label, double lr):
    """sgd_pair on (d,) vectors, in place; returns the pair's loss."""
    cdef w2v_loss loss
    _same_length(h.shape[0], o.shape[0], dh.shape[0])
    clear_loss(&loss)
    sgd_pair(&h[0], &o[0], &dh[0], <int> h.shape[0], <floating> (2 * label - 1), <floating> lr, &loss)
    return flushed_loss(&loss)


def train_step(floating[:, ::1] w_in, floating[:, ::1] w_out, const int[::1] inputs,
               const int[::1] targets, const int[::1] labels, double lr, str kernel="pair",
               bint keep_dh=False, bint told=True):
    """One step of w_in (V, d) and w_out (V, d) at the given rows, in place.

    Returns the summed loss, and dH (n, d) where keep_dh asks for it (w_in then stays). `kernel` is
    "pair", or the name of an instruction set of the block step, which is there for float alone and wants
    d to be a multiple of 16; told: it is told which rows are distinct, and need not look itself.
    """
    cdef int n = <int> inputs.shape[0], m = <int> targets.shape[0], d = <int> w_in.shape[1]
    cdef int i
    cdef w2v_loss loss
    cdef w2v_step s
    cdef w2v_step_fn step = NULL
    _check_rows(inputs, w_in.shape[0], "inputs")
    _check_rows(targets, w_out.shape[0], "targets")
    _same_length(d, w_out.shape[1], d)
    _same_length(m, labels.shape[0], m)
    if kernel != "pair":
        step = step_of(kernel)
        if floating is double or d % W2V_PAD:
            raise ValueError(f"the block step takes float32 rows of a multiple of {W2V_PAD}, got {d}")
    cdef size_t size = max(step_scratch(n, m, d), <size_t> n * d)
    cdef floating **rows = <floating **> malloc((n + m) * sizeof(void *))
    cdef floating *sign = <floating *> calloc(m + W2V_PAD, sizeof(floating))
    cdef floating *dh = <floating *> malloc(<size_t> n * d * sizeof(floating))
    cdef floating *scratch = <floating *> malloc(size * sizeof(floating))
    clear_loss(&loss)
    try:
        if not (rows and sign and dh and scratch):
            raise MemoryError
        for i in range(n):
            rows[i] = &w_in[inputs[i], 0]
        for i in range(m):
            rows[n + i] = &w_out[targets[i], 0]
            sign[i] = 2 * labels[i] - 1
        if step == NULL:
            pair_step(n, m, d, <floating> lr, rows, rows + n, sign, dh if keep_dh else scratch, keep_dh,
                      &loss)
        elif floating is float:
            s.n, s.m, s.dim, s.lr = n, m, d, lr
            s.inputs, s.targets, s.sign = rows, rows + n, sign
            s.dh = dh if keep_dh else NULL
            s.scratch, s.loss = scratch, &loss
            s.prefetch, s.n_prefetch = NULL, 0
            s.inputs_distinct = told and len(set(inputs)) == n
            s.targets_distinct = told and len(set(targets)) == m
            step(&s)
        total = flushed_loss(&loss)
        if keep_dh:
            return total, [[dh[i * d + k] for k in range(d)] for i in range(n)]
        return total
    finally:
        free(rows)
        free(sign)
        free(dh)
        free(scratch)


cdef _same_length(Py_ssize_t a, Py_ssize_t b, Py_ssize_t c):
    if a != b or a != c:
        raise ValueError(f"lengths differ: {a}, {b}, {c}")


cdef _check_rows(const int[::1] ids, Py_ssize_t rows, str name):
    cdef Py_ssize_t i
    if ids.shape[0] == 0:
        raise ValueError(f"{name} is empty")
    for i in range(ids.shape[0]):
        if not 0 <= ids[i] < rows:
            raise ValueError(f"{name}[{i}] = {ids[i]} is no row of {rows}")
