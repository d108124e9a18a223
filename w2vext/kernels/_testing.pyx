"""Hooks through which the tests call the kernels."""

from cython cimport floating
from libc.stdlib cimport calloc, free, malloc

from w2vext.kernels._dispatch cimport (
    W2V_PAD, clear_loss, reduced_loss, set_of, step_scratch, w2v_loss, w2v_step, w2v_step_set,
)
from w2vext.kernels._pair cimport W2V_SIGMOID_CELLS, pair_step, sgd_pair, sigmoid, sigmoid_table

from w2vext.kernels._dispatch import isas


def sigmoid_cells():
    """A copy of the float sigmoid's table: cell i is the value at the middle of cell i of (-6, 6)."""
    return [sigmoid_table()[i] for i in range(W2V_SIGMOID_CELLS)]


def table_sigmoid(float score):
    """The pair kernel's sigmoid of one score in float."""
    return sigmoid(score)


def lanes(str isa):
    """The floats in a vector of an instruction set."""
    return _set_of(isa).lanes


def exp_row(float[::1] x, str isa):
    """Replaces x by exp(x - max x), with an instruction set's exp; returns (sum, max)."""
    cdef float peak = 0
    total = _set_of(isa).exp_row(&x[0], x.shape[0], &peak)
    return total, peak


def train_pair(floating[::1] h, floating[::1] o, floating[::1] dh, int label, double lr):
    """The pair kernel on one pair of vectors (d,), in place; returns the pair's loss."""
    cdef w2v_loss loss
    _check_lengths(h.shape[0], o.shape[0], dh.shape[0])
    clear_loss(&loss)
    sgd_pair(&h[0], &o[0], &dh[0], <int> h.shape[0], <floating> (2 * label - 1), <floating> lr, &loss)
    return reduced_loss(&loss)


def train_step(floating[:, ::1] w_in, floating[:, ::1] w_out, const int[::1] inputs,
               const int[::1] targets, const int[::1] labels, double lr, str kernel="pair",
               bint keep_dh=False, bint hints=True):
    """One step of w_in (V, d) and w_out (V, d) at the given rows, in place.

    kernel : "pair", or the name of an instruction set of the block kernel, which takes float32 rows of
        a multiple of `lanes` floats.
    keep_dh : leave w_in as it is, and return (loss, dH (n, d)) in place of the loss.
    hints : whether the block kernel is told that rows are distinct, where they are.
    """
    cdef int n = <int> inputs.shape[0], m = <int> targets.shape[0], d = <int> w_in.shape[1]
    cdef int i
    cdef w2v_loss loss
    cdef w2v_step s
    cdef const w2v_step_set *isa = NULL
    _check_rows(inputs, w_in.shape[0], "inputs")
    _check_rows(targets, w_out.shape[0], "targets")
    _check_lengths(d, w_out.shape[1], d)
    _check_lengths(m, labels.shape[0], m)
    if kernel != "pair":
        isa = _set_of(kernel)
        if floating is double or d % isa.lanes:
            raise ValueError(f"{kernel} takes float32 rows of a multiple of {isa.lanes}, got {d}")
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
        if isa == NULL:
            pair_step(n, m, d, <floating> lr, rows, rows + n, <const floating *> sign,
                      dh if keep_dh else scratch, keep_dh, &loss)
        elif floating is float:
            s.n, s.m, s.dim, s.lr = n, m, d, lr
            s.inputs, s.targets, s.sign = rows, rows + n, sign
            s.dh = dh if keep_dh else NULL
            s.scratch, s.loss = scratch, &loss
            s.prefetch, s.n_prefetch = NULL, 0
            s.inputs_distinct = hints and len(set(inputs)) == n
            s.targets_distinct = hints and len(set(targets)) == m
            isa.step(&s)
        total = reduced_loss(&loss)
        if keep_dh:
            return total, [[dh[i * d + k] for k in range(d)] for i in range(n)]
        return total
    finally:
        free(rows)
        free(sign)
        free(dh)
        free(scratch)


cdef const w2v_step_set *_set_of(str name) except NULL:
    cdef const w2v_step_set *found = set_of(name)
    if found == NULL:
        raise ValueError(f"{name!r} is not an instruction set that runs here: {isas()}")
    return found


cdef _check_lengths(Py_ssize_t a, Py_ssize_t b, Py_ssize_t c):
    if a != b or a != c:
        raise ValueError(f"lengths differ: {a}, {b}, {c}")


cdef _check_rows(const int[::1] ids, Py_ssize_t rows, str name):
    cdef Py_ssize_t i
    if ids.shape[0] == 0:
        raise ValueError(f"{name} is empty")
    for i in range(ids.shape[0]):
        if not 0 <= ids[i] < rows:
            raise ValueError(f"{name}[{i}] = {ids[i]} is not a row: there are {rows}")
