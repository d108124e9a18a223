"""The interface of the kernels: the arguments of a step, and the type of each function."""

from libc.stdint cimport int32_t, int64_t


cdef extern from "loss.h" nogil:
    ctypedef struct w2v_loss:
        double sum


cdef extern from "step.h" nogil:
    enum: W2V_PAD
    ctypedef struct w2v_step:
        int n, m, dim
        float lr
        float **inputs
        float **targets
        bint inputs_distinct, targets_distinct
        const float *sign
        float *dh
        float *scratch
        float **prefetch
        int n_prefetch
        w2v_loss *loss
    ctypedef void (*w2v_step_fn)(const w2v_step *) noexcept nogil
    ctypedef void (*w2v_mean_fn)(float **rows, int n, int dim, float *out) noexcept nogil
    ctypedef void (*w2v_scatter_fn)(float **rows, int n, int dim, const float *delta,
                                    float scale) noexcept nogil
    ctypedef struct w2v_ahead:
        float **rows
        int n
    ctypedef void (*w2v_compose_fn)(float **rows, const float *weights, int n, int dim, float *out,
                                    const w2v_ahead *ahead) noexcept nogil
    ctypedef void (*w2v_add_fn)(float *row, float **changes, int n, int dim, float scale,
                                const w2v_ahead *ahead) noexcept nogil
    ctypedef double (*w2v_exp_fn)(float *x, Py_ssize_t n, float *peak) noexcept nogil
    ctypedef void (*w2v_merge_fn)(const float *base, float *replica, const float *other,
                                  int dim, float c) noexcept nogil
    ctypedef struct w2v_step_set:
        const char *name
        int lanes
        int (*runs_here)() noexcept nogil
        w2v_step_fn step
        w2v_mean_fn mean
        w2v_scatter_fn scatter
        w2v_compose_fn compose
        w2v_add_fn add
        w2v_exp_fn exp_row
        w2v_merge_fn merge
    void w2v_prefetch_row(const float *row, int dim) noexcept
    void w2v_prefetch_line(const void *place) noexcept


# The instruction set in use, and the one with a given name, NULL if it does not run here.
cdef const w2v_step_set *chosen_set() noexcept nogil
cdef const w2v_step_set *set_of(str name) except? NULL
# The step of a kernel: block (csrc, the chosen instruction set) or pair.
cdef w2v_step_fn step_function(bint block) except NULL
# The floats of scratch memory that a step of either kernel needs.
cdef size_t step_scratch(int n, int m, int dim) noexcept nogil
cdef void clear_loss(w2v_loss *loss) noexcept nogil
cdef void add_pair_loss(w2v_loss *loss, float right, float p) noexcept nogil
# The sum of all losses added since the last clear_loss.
cdef double reduced_loss(w2v_loss *loss) noexcept nogil
