"""The full softmax step: level-3 BLAS over a batch of centres, with the vocabulary in tiles.

For B centres h (B, d) with C_b context words each, where t_b counts them over the vocabulary,

    score = h w_outᵀ        y = softmax(score)        e = lr (t - C y)
    dh = e w_out            w_out += eᵀ h             loss = -Σ t log y

all computed from the values before the step (CS224n, "Naive softmax loss and gradient"; the sum over
the context words of a window shares one softmax). The scores of a tile are exponentiated against the
tile's own maximum and rescaled later, so that exp and each matrix product are computed once; only the
scores (B, V) are held. Tiles form a fixed number of groups, each with its own dh, which are added in a
fixed order: several threads may share the groups, and the result does not depend on their number.
"""

from cython cimport floating
from libc.math cimport exp, log
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memset

from w2vext.kernels._arena cimport Arena, allocate, carve, finish, release
from w2vext.kernels._blas cimport axpy, dot, gemm
from w2vext.kernels._dispatch cimport chosen_set

cdef enum:
    TILE = 512      # words of w_out whose scores and rows stay in cache between their three uses
    GROUPS = 8


cdef class SoftmaxBatch:
    """The memory of one step over up to `centres` centres, and its phases.

    Parameters
    ----------
    w_in, w_out : float32 or float64 (n_in, stride), (V, stride)
        Updated in place; if they are read-only, only the loss can be computed.
    dim : int
        The columns in use.
    centres, contexts : int
        The maximum number of each in a step.

    Notes
    -----
    A step is `load`, `score(g)` for every group g, `normalise`, `loss`, `update(g)` for every group,
    `scatter`. Between `normalise` and `loss`, `check_stability(g)` for every group and then
    `keep_stable` may shorten it. Different groups may run in different threads.

    The matrices are float in training and double in the gradient checks. The fields that depend on the
    type are char pointers: a field cannot have a fused type, and two classes would repeat most code.
    """

    cdef readonly int groups, tiles, dim, capacity    # capacity: the maximum number of centres
    cdef int words, stride, size
    cdef bint is_double, read_only
    cdef size_t width                 # bytes of a number
    cdef char *w_in
    cdef char *w_out
    cdef char *h                      # (capacity, dim)
    cdef char *dh                     # (groups, capacity, dim)
    cdef char *scores                 # (capacity, V): y's numerators, then e
    cdef double *peak                 # (tiles, capacity): each tile's largest score
    cdef double *mass                 # (tiles, capacity): its sum of exp(score - peak)
    cdef double *top                  # (capacity): the largest score of all
    cdef double *norm                 # (capacity): the sum of exp(score - top)
    cdef int *stable                  # (groups): the number of centres that are stable for a group's words
    cdef double *raw                  # (contexts): the scores of the context words
    cdef int32_t *centre              # (capacity)
    cdef int32_t *word                # (contexts)
    cdef int32_t *owner               # (contexts): which centre a context word belongs to
    cdef int64_t most_contexts, count # contexts: the maximum number, and that of this batch
    cdef double lr
    cdef Arena arena
    cdef tuple owners

    def __cinit__(self, w_in, w_out, int dim, int centres, int64_t contexts):
        cdef const float[:, ::1] float_in, float_out
        cdef const double[:, ::1] double_in, double_out
        if w_in.shape[1] != w_out.shape[1] or w_in.shape[1] < dim:
            raise ValueError(f"w_in {w_in.shape} and w_out {w_out.shape} for dim {dim}")
        self.is_double = memoryview(w_in).format == "d"
        self.read_only = memoryview(w_in).readonly or memoryview(w_out).readonly
        if self.is_double:
            double_in, double_out = w_in, w_out
            self.width = sizeof(double)
            self.w_in, self.w_out = <char *> &double_in[0, 0], <char *> &double_out[0, 0]
        else:
            float_in, float_out = w_in, w_out
            self.width = sizeof(float)
            self.w_in, self.w_out = <char *> &float_in[0, 0], <char *> &float_out[0, 0]
        self.owners = (w_in, w_out)
        self.words, self.stride, self.dim = w_out.shape[0], w_in.shape[1], dim
        self.capacity, self.most_contexts = centres, contexts
        self.tiles = (self.words + TILE - 1) // TILE
        self.groups = min(GROUPS, self.tiles)
        self.lay_out()
        if not allocate(&self.arena):
            raise MemoryError(f"no memory for a softmax of {centres} centres over {self.words} words")
        self.lay_out()
        finish(&self.arena)

    def __dealloc__(self):
        release(&self.arena)

    cdef void lay_out(self) noexcept nogil:
        cdef Arena *a = &self.arena
        cdef size_t most = self.capacity, contexts = self.most_contexts
        self.h = <char *> carve(a, most * self.dim, self.width)
        self.dh = <char *> carve(a, self.groups * most * self.dim, self.width)
        self.scores = <char *> carve(a, most * self.words, self.width)
        self.peak = <double *> carve(a, most * self.tiles, sizeof(double))
        self.mass = <double *> carve(a, most * self.tiles, sizeof(double))
        self.top = <double *> carve(a, most, sizeof(double))
        self.norm = <double *> carve(a, most, sizeof(double))
        self.stable = <int *> carve(a, self.groups, sizeof(int))
        self.raw = <double *> carve(a, contexts, sizeof(double))
        self.centre = <int32_t *> carve(a, most, sizeof(int32_t))
        self.word = <int32_t *> carve(a, contexts, sizeof(int32_t))
        self.owner = <int32_t *> carve(a, contexts, sizeof(int32_t))

    def load(self, const int32_t[::1] centres, const int64_t[::1] starts,
             const int32_t[::1] contexts, int n, double lr):
        """Loads a batch of n rows of w_in, the centres; centre b has contexts[starts[b]:starts[b + 1]]."""
        cdef int b
        cdef int64_t i
        cdef size_t row = self.dim * self.width
        cdef int64_t first = starts[0]
        if not 0 < n <= self.capacity or starts[n] - first > self.most_contexts:
            raise ValueError(
                f"{n} centres with {starts[n] - first} contexts, at most {self.capacity}, {self.most_contexts}"
            )
        with nogil:
            self.size, self.count, self.lr = n, starts[n] - first, lr
            for b in range(n):
                self.centre[b] = centres[b]
                memcpy(self.h + b * row, self.w_in + <size_t> centres[b] * self.stride * self.width, row)
                for i in range(starts[b], starts[b + 1]):
                    self.word[i - first] = contexts[i]
                    self.owner[i - first] = b

    def score(self, int group):
        """The scores of a group's tiles, exponentiated against each tile's maximum."""
        with nogil:
            if self.is_double:
                score_group(self, group, <double> 0)
            else:
                score_group(self, group, <float> 0)

    def normalise(self):
        """Computes the largest score and the sum of exponentials of each centre from those of the tiles."""
        cdef int b, t
        cdef double top, norm
        for b in range(self.size):
            top = self.peak[b]
            for t in range(1, self.tiles):
                top = max(top, self.peak[t * self.capacity + b])
            norm = 0
            for t in range(self.tiles):
                norm += self.mass[t * self.capacity + b] * exp(self.peak[t * self.capacity + b] - top)
            self.top[b], self.norm[b] = top, norm

    def check_stability(self, int group, double limit):
        """Counts the first centres for which Σ_b lr C_b y_bk |h_b|² <= limit, for each word k of the group.

        The sum is the learning rate times the curvature of the loss along word k's row of w_out. From 2 on a
        step overshoots; well below 1 it hardly differs from single steps (D12).
        """
        with nogil:
            if self.is_double:
                check_group(self, group, <double> limit)
            else:
                check_group(self, group, <float> limit)

    def keep_stable(self):
        """Keeps the first centres that are stable for all groups, at least one; returns their number."""
        cdef int g, stable = self.size
        for g in range(self.groups):
            stable = min(stable, self.stable[g])
        self.size = max(stable, 1)
        while self.count > 0 and self.owner[self.count - 1] >= self.size:
            self.count -= 1
        return self.size

    def loss(self):
        """The summed loss of the batch before its update, and its number of pairs."""
        cdef int b
        cdef int64_t i
        cdef double total = 0
        for i in range(self.count):
            b = self.owner[i]
            total += self.top[b] + log(self.norm[b]) - self.raw[i]
        return total, self.count

    def update(self, int group):
        """e of a group's tiles, the group's part of dh, and the update of the tiles' rows."""
        self.check_writable()
        with nogil:
            if self.is_double:
                update_group(self, group, <double> 0)
            else:
                update_group(self, group, <float> 0)

    def scatter(self):
        """Adds dh, summed over the groups, to the centres' rows."""
        self.check_writable()
        with nogil:
            if self.is_double:
                scatter_groups(self, <double> 0)
            else:
                scatter_groups(self, <float> 0)

    cdef int check_writable(self) except -1:
        if self.read_only:
            raise ValueError("w_in or w_out is read-only: only the loss can be computed")
        return 0

    def step(self, centres, starts, contexts, int n, double lr):
        """One whole step in this thread; returns what `loss` returns."""
        self.load(centres, starts, contexts, n, lr)
        for group in range(self.groups):
            self.score(group)
        self.normalise()
        loss = self.loss()
        for group in range(self.groups):
            self.update(group)
        self.scatter()
        return loss


# The argument `kind` of the functions below is not used: it selects float or double.

cdef void score_group(SoftmaxBatch s, int group, floating kind) noexcept nogil:
    cdef int t, b, first, size
    cdef int64_t i
    cdef floating *scores = <floating *> s.scores
    cdef floating *row
    cdef float peak
    for t in range(group * s.tiles // s.groups, (group + 1) * s.tiles // s.groups):
        first = t * TILE
        size = min(TILE, s.words - first)
        gemm(False, True, s.size, size, s.dim, <floating *> s.h, s.dim,
             <floating *> s.w_out + <size_t> first * s.stride, s.stride,
             <floating> 0, scores + first, s.words)
        for i in range(s.count):
            if first <= s.word[i] < first + size:
                s.raw[i] = scores[<size_t> s.owner[i] * s.words + s.word[i]]
        for b in range(s.size):
            row = scores + <size_t> b * s.words + first
            if floating is float:
                s.mass[t * s.capacity + b] = chosen_set().exp_row(row, size, &peak)
                s.peak[t * s.capacity + b] = peak
            else:
                exp_row(row, size, &s.mass[t * s.capacity + b], &s.peak[t * s.capacity + b])


cdef void exp_row(double *x, int n, double *mass, double *peak) noexcept nogil:
    cdef int i
    peak[0] = x[0]
    for i in range(1, n):
        peak[0] = max(peak[0], x[i])
    mass[0] = 0
    for i in range(n):
        x[i] = exp(x[i] - peak[0])
        mass[0] += x[i]


cdef void check_group(SoftmaxBatch s, int group, floating limit) noexcept nogil:
    cdef int t, b, k, first, size, over
    cdef int64_t i, j
    cdef floating *h
    cdef floating *row
    cdef floating scale
    cdef floating[TILE] curvature
    s.stable[group] = s.size
    for t in range(group * s.tiles // s.groups, (group + 1) * s.tiles // s.groups):
        first = t * TILE
        size = min(TILE, s.words - first)
        memset(curvature, 0, sizeof(curvature))
        j = 0
        for b in range(s.stable[group]):
            i = j
            while j < s.count and s.owner[j] == b:
                j += 1
            h = <floating *> s.h + <size_t> b * s.dim
            scale = <floating> (s.lr * (j - i) * exp(s.peak[t * s.capacity + b] - s.top[b]) / s.norm[b])
            scale *= dot(s.dim, h, h)
            row = <floating *> s.scores + <size_t> b * s.words + first
            over = 0
            for k in range(size):
                curvature[k] += scale * row[k]
                over |= curvature[k] > limit
            if over:
                s.stable[group] = b
                break


cdef void update_group(SoftmaxBatch s, int group, floating kind) noexcept nogil:
    cdef int t, b, k, first, size
    cdef int64_t i, j
    cdef floating *scores = <floating *> s.scores
    cdef floating *dh = <floating *> s.dh + <size_t> group * s.capacity * s.dim
    cdef floating *rows
    cdef floating *row
    cdef floating scale
    memset(dh, 0, <size_t> s.size * s.dim * sizeof(floating))
    for t in range(group * s.tiles // s.groups, (group + 1) * s.tiles // s.groups):
        first = t * TILE
        size = min(TILE, s.words - first)
        rows = <floating *> s.w_out + <size_t> first * s.stride
        j = 0
        for b in range(s.size):
            i = j
            while j < s.count and s.owner[j] == b:
                j += 1
            scale = <floating> (-s.lr * (j - i) * exp(s.peak[t * s.capacity + b] - s.top[b]) / s.norm[b])
            row = scores + <size_t> b * s.words + first
            for k in range(size):
                row[k] *= scale
            while i < j:
                if first <= s.word[i] < first + size:
                    row[s.word[i] - first] += <floating> s.lr
                i += 1
        gemm(False, False, s.size, s.dim, size, scores + first, s.words, rows, s.stride,
             <floating> 1, dh, s.dim)
        gemm(True, False, size, s.dim, s.size, scores + first, s.words, <floating *> s.h, s.dim,
             <floating> 1, rows, s.stride)


cdef void scatter_groups(SoftmaxBatch s, floating kind) noexcept nogil:
    cdef int b, g
    cdef floating *dh = <floating *> s.dh
    for b in range(s.size):
        for g in range(1, s.groups):
            axpy(s.dim, <floating> 1, dh + (<size_t> g * s.capacity + b) * s.dim, dh + <size_t> b * s.dim)
        axpy(s.dim, <floating> 1, dh + <size_t> b * s.dim,
             <floating *> s.w_in + <size_t> s.centre[b] * s.stride)
