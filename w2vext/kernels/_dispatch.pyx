"""Dispatch: the best instruction set of this machine, and the step function of each kernel.

A step does not call anything that needs the GIL.
"""

import os

from cpython.pycapsule cimport PyCapsule_GetPointer


cdef extern from "loss.h" nogil:
    void w2v_loss_pair(w2v_loss *, float right, float p) noexcept
    void w2v_loss_clear(w2v_loss *) noexcept
    void w2v_loss_reduce(w2v_loss *) noexcept


cdef extern from "step.h" nogil:
    const w2v_step_set *w2v_step_sets[]
    size_t w2v_step_scratch(int n, int m, int dim) noexcept


def isas():
    """The names of the instruction sets that run here, best first."""
    cdef int i = 0
    names = []
    while w2v_step_sets[i] != NULL:
        if w2v_step_sets[i].runs_here():
            names.append(w2v_step_sets[i].name.decode())
        i += 1
    return names


cdef const w2v_step_set *set_of(str name) except? NULL:
    """The instruction set with this name, or NULL if it does not run here."""
    cdef int i = 0
    while w2v_step_sets[i] != NULL:
        if w2v_step_sets[i].runs_here() and w2v_step_sets[i].name.decode() == name:
            return w2v_step_sets[i]
        i += 1
    return NULL


cdef const w2v_step_set *choose() except NULL:
    """The instruction set that W2VEXT_ISA names, or the best one that runs here."""
    cdef str names = ", ".join(isas()), wanted = os.environ.get("W2VEXT_ISA") or isas()[0]
    cdef const w2v_step_set *chosen = set_of(wanted)
    if chosen == NULL:
        raise ImportError(f"W2VEXT_ISA={wanted!r}: this machine runs {names}; unset it to use the best")
    return chosen


cdef const w2v_step_set *CHOSEN = choose()


def isa():
    """The name of the instruction set in use."""
    return CHOSEN.name.decode()


cdef const w2v_step_set *chosen_set() noexcept nogil:
    return CHOSEN


cdef w2v_step_fn step_function(bint block) except NULL:
    if block:
        return CHOSEN.step
    from w2vext.kernels._pair import STEP  # imports SciPy's BLAS, which takes as long as a short training
    return <w2v_step_fn> PyCapsule_GetPointer(STEP, "w2v_step_fn")


# Each C file is linked into only one extension module, so that there is one table of instruction sets.
# The other modules call its functions through the ones below.

cdef size_t step_scratch(int n, int m, int dim) noexcept nogil:
    return w2v_step_scratch(n, m, dim)


cdef void clear_loss(w2v_loss *loss) noexcept nogil:
    w2v_loss_clear(loss)


cdef void add_pair_loss(w2v_loss *loss, float right, float p) noexcept nogil:
    w2v_loss_pair(loss, right, p)


cdef double reduced_loss(w2v_loss *loss) noexcept nogil:
    w2v_loss_reduce(loss)
    return loss.sum
