"""The door to csrc's kernels: which instruction set runs here, its block step, and the step of either kernel.

The pair kernel is in _pair, which is imported when it is asked for: it brings BLAS, whose import takes as
long as a short training. Nothing here draws a random number, knows a word or touches a Python object
inside a step.
"""

import os


cdef extern from "loss.h" nogil:
    void w2v_loss_pair(w2v_loss *, float right, float p) noexcept
    void w2v_loss_clear(w2v_loss *) noexcept
    void w2v_loss_reduce(w2v_loss *) noexcept


cdef extern from "step.h" nogil:
    const w2v_step_set *w2v_step_sets[]
    size_t w2v_step_scratch(int n, int m, int dim) noexcept


cdef const w2v_step_set *choose() except NULL:
    """The best instruction set that runs here, or the one that W2VEXT_ISA names."""
    cdef int i = 0
    cdef str wanted = os.environ.get("W2VEXT_ISA", "")
    while w2v_step_sets[i] != NULL:
        if w2v_step_sets[i].runs_here() and wanted in ("", w2v_step_sets[i].name.decode()):
            return w2v_step_sets[i]
        i += 1
    raise ImportError(
        f"W2VEXT_ISA={wanted!r}: this machine runs {', '.join(isas())}; unset it to use the best"
    )


def isas():
    """The names of the instruction sets that run here, best first."""
    cdef int i = 0
    names = []
    while w2v_step_sets[i] != NULL:
        if w2v_step_sets[i].runs_here():
            names.append(w2v_step_sets[i].name.decode())
        i += 1
    return names


cdef const w2v_step_set *CHOSEN = choose()


def isa():
    """The name of the instruction set in use."""
    return CHOSEN.name.decode()


cdef const w2v_step_set *chosen_set() noexcept nogil:
    """The instruction set in use."""
    return CHOSEN


cdef w2v_step_fn PAIR = NULL


cdef void register_pair(w2v_step_fn step) noexcept nogil:
    """Makes the pair kernel's step known."""
    global PAIR
    PAIR = step


cdef w2v_step_fn step_function(bint block) except NULL:
    """The step of a kernel: block (csrc, the chosen instruction set) or pair."""
    if block:
        return CHOSEN.step
    if PAIR == NULL:
        from w2vext.kernels import _pair  # noqa: F401  (registers itself)
    if PAIR == NULL:
        raise ImportError("w2vext.kernels._pair has registered no step")
    return PAIR


cdef size_t step_scratch(int n, int m, int dim) noexcept nogil:
    """The floats of scratch that a step of either kernel takes."""
    return w2v_step_scratch(n, m, dim)


cdef void clear_loss(w2v_loss *loss) noexcept nogil:
    w2v_loss_clear(loss)


cdef void add_pair_loss(w2v_loss *loss, float right, float p) noexcept nogil:
    w2v_loss_pair(loss, right, p)


cdef double flushed_loss(w2v_loss *loss) noexcept nogil:
    """The sum of all losses added so far."""
    w2v_loss_reduce(loss)
    return loss.sum


def exp_row(float[::1] x, str kernel):
    """x = exp(x - max x) in place by an instruction set's exp; returns (sum, max)."""
    cdef float peak = 0
    total = _set_of(kernel).exp_row(&x[0], x.shape[0], &peak)
    return total, peak


cdef const w2v_step_set *_set_of(str name) except NULL:
    cdef int i = 0
    while w2v_step_sets[i] != NULL:
        if w2v_step_sets[i].name.decode() == name and w2v_step_sets[i].runs_here():
            return w2v_step_sets[i]
        i += 1
    raise ValueError(f"no instruction set {name!r} here: one of {isas()}")


cdef w2v_step_fn step_of(str name) except NULL:
    """The block step of an instruction set."""
    return _set_of(name).step
