"""The naive softmax step: level-3 BLAS over a batch of centres, the vocabulary in tiles.

For B centres h (B, d), with C_b context words each and t_b counting them over the vocabulary,

    score = h w_outᵀ        y = softmax(score)        e = lr (t - C y)
    dh = e w_out            w_out += eᵀ h             loss = -Σ t log y

all from the values before the step (naive softmax: CS224n, "Naive softmax loss and gradient"; the sum over
a window's context words shares one softmax). A tile's scores are exponentiated against the tile's own
maximum in the first pass and rescaled in the second, so that exp and each matrix product happen once;
only the scores (B, V) are held. Tiles form a fixed number of groups, each with a dh of its own, summed
in order: several workers may take groups, and the result does not depend on their number.
Written once for float and double. Refuses: words, draws, schedules.
"""

from cython cimport floating
from libc.math cimport exp, log
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from w2vext.kernels._blas cimport axpy, dot, gemm
from w2vext.kernels._dispatch cimport chosen_set

cdef enum:
    TILE = 512      # words of w_out whose scores and rows stay in cache between their three uses
    GROUPS = 8


cdef class SoftmaxBatch:
    """The memory of one step over up to `centres` centres, and its phases.

    Parameters
    ----------
    w_in, w_out : float32 or float64 (V, stride)
        Updated in place.
    dim : int
        The columns in use.
    centres, contexts : int
        The most that a step takes.

    Notes
    -----
    A step is `load`, `score(g)` for every group g, `normalise`, `loss`, `update(g)` for every group,
    `scatter`; between `normalise` and `loss`, `strain(g)` for every group and `cut` may shorten it.
    Different groups may run in different threads.
    """

    cdef readonly int groups, tiles, dim, most
    cdef int words, stride, size
    cdef bint is_double
    cdef size_t width                 # bytes of a number
    cdef char *w_in
    cdef char *w_out
    cdef char *h                      # (most, dim)
    cdef char *dh                     # (groups, most, dim)
    cdef char *scores                 # (most, V): y's numerators, then e
    cdef double *peak                 # (tiles, most): each tile's largest score
    cdef double *mass                 # (tiles, most): its sum of exp(score - peak)
    cdef double *top                  # (most): the largest score of all
    cdef double *norm                 # (most): the sum of exp(score - top)
    cdef int *fits                    # (groups): how many centres a group's words can bear
    cdef double *raw                  # (contexts): the scores of the context words
    cdef int32_t *centre              # (most)
    cdef int32_t *word                # (contexts)
    cdef int32_t *owner               # (contexts): which centre a context word belongs to
    cdef int64_t room, count          # contexts: the most, and now
    cdef double lr
    cdef tuple owners

    def __cinit__(self, w_in, w_out, int dim, int centres, int64_t contexts):
        cdef size_t most = centres
        cdef float[:, ::1] float_in, float_out
        cdef double[:, ::1] double_in, double_out
        if w_in.shape != w_out.shape or w_in.shape[1] < dim:
            raise ValueError(f"w_in {w_in.shape} and w_out {w_out.shape} for dim {dim}")
        self.is_double = memoryview(w_in).format == "d"
        if self.is_double:
            double_in, double_out = w_in, w_out
            self.width = sizeof(double)
            self.w_in, self.w_out = <char *> &double_in[0, 0], <char *> &double_out[0, 0]
        else:
            float_in, float_out = w_in, w_out
            self.width = sizeof(float)
            self.w_in, self.w_out = <char *> &float_in[0, 0], <char *> &float_out[0, 0]
        self.owners = (w_in, w_out)
        self.words, self.stride, self.dim = w_in.shape[0], w_in.shape[1], dim
        self.most, self.room = centres, contexts
        self.tiles = (self.words + TILE - 1) // TILE
        self.groups = min(GROUPS, self.tiles)
        self.h = <char *> malloc(most * dim * self.width)
        self.dh = <char *> malloc(self.groups * most * dim * self.width)
        self.scores = <char *> malloc(most * self.words * self.width)
        self.peak = <double *> malloc(most * self.tiles * sizeof(double))
        self.mass = <double *> malloc(most * self.tiles * sizeof(double))
        self.top = <double *> malloc(most * sizeof(double))
        self.norm = <double *> malloc(most * sizeof(double))
        self.fits = <int *> malloc(self.groups * sizeof(int))
        self.raw = <double *> malloc(contexts * sizeof(double))
        self.centre = <int32_t *> malloc(most * sizeof(int32_t))
        self.word = <int32_t *> malloc(contexts * sizeof(int32_t))
        self.owner = <int32_t *> malloc(contexts * sizeof(int32_t))
        if not (self.h and self.dh and self.scores and self.peak and self.mass and self.top
                and self.norm and self.fits and self.raw and self.centre and self.word and self.owner):
            raise MemoryError(f"no memory for a softmax of {centres} centres over {self.words} words")

    def __dealloc__(self):
        free(self.h)
        free(self.dh)
        free(self.scores)
        free(self.peak)
        free(self.mass)
        free(self.top)
        free(self.norm)
        free(self.fits)
        free(self.raw)
        free(self.centre)
        free(self.word)
        free(self.owner)

    def load(self, const int32_t[::1] centres, const int64_t[::1] starts,
             const int32_t[::1] contexts, int n, double lr):
        """Takes n centres: row ids of w_in; centre b has the context words contexts[starts[b]:starts[b + 1]].
        """
        cdef int b
        cdef int64_t i
        cdef size_t row = self.dim * self.width
        cdef int64_t first = starts[0]
        if not 0 < n <= self.most or starts[n] - first > self.room:
            raise ValueError(
                f"{n} centres with {starts[n] - first} contexts, at most {self.most}, {self.room}"
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
        """Brings the tiles' sums together."""
        cdef int b, t
        cdef double top, norm
        for b in range(self.size):
            top = self.peak[b]
            for t in range(1, self.tiles):
                top = max(top, self.peak[t * self.most + b])
            norm = 0
            for t in range(self.tiles):
                norm += self.mass[t * self.most + b] * exp(self.peak[t * self.most + b] - top)
            self.top[b], self.norm[b] = top, norm

    def strain(self, int group, double limit):
        """How many of the centres, taken in order, the group's words can bear in one step.

        Word k is strained by Σ_b lr C_b y_bk |h_b|², the curvature of the loss along its row of w_out times the
        step size: from 2 on a step overshoots, well below 1 the centres might as well have come one by
        one (D12).
        """
        with nogil:
            if self.is_double:
                strain_group(self, group, <double> limit)
            else:
                strain_group(self, group, <float> limit)

    def cut(self):
        """Leaves the batch with the centres that all groups can bear, at least one; how many that are."""
        cdef int g, fits = self.size
        for g in range(self.groups):
            fits = min(fits, self.fits[g])
        self.size = max(fits, 1)
        while self.owner[self.count - 1] >= self.size:
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
        with nogil:
            if self.is_double:
                update_group(self, group, <double> 0)
            else:
                update_group(self, group, <float> 0)

    def scatter(self):
        """Adds dh, summed over the groups, to the centres' rows."""
        with nogil:
            if self.is_double:
                scatter_groups(self, <double> 0)
            else:
                scatter_groups(self, <float> 0)

    def step(self, centres, starts, contexts, int n, double lr):
        """One whole step in this thread; returns what `loss` returns."""
        self.load(centres, starts, contexts, n, lr)
        for group in range(self.groups):
            self.score(group)
        self.normalise()
        taken = self.loss()
        for group in range(self.groups):
            self.update(group)
        self.scatter()
        return taken


# The functions below take a `kind` that is not used: it selects float or double.

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
                s.mass[t * s.most + b] = chosen_set().exp_row(row, size, &peak)
                s.peak[t * s.most + b] = peak
            else:
                exp_row(row, size, &s.mass[t * s.most + b], &s.peak[t * s.most + b])


cdef void exp_row(double *x, int n, double *mass, double *peak) noexcept nogil:
    cdef int i
    peak[0] = x[0]
    for i in range(1, n):
        peak[0] = max(peak[0], x[i])
    mass[0] = 0
    for i in range(n):
        x[i] = exp(x[i] - peak[0])
        mass[0] += x[i]


cdef void strain_group(SoftmaxBatch s, int group, floating limit) noexcept nogil:
    cdef int t, b, k, first, size, over
    cdef int64_t i, j
    cdef floating *h
    cdef floating *row
    cdef floating scale
    cdef floating[TILE] strain
    s.fits[group] = s.size
    for t in range(group * s.tiles // s.groups, (group + 1) * s.tiles // s.groups):
        first = t * TILE
        size = min(TILE, s.words - first)
        memset(strain, 0, sizeof(strain))
        j = 0
        for b in range(s.fits[group]):
            i = j
            while j < s.count and s.owner[j] == b:
                j += 1
            h = <floating *> s.h + <size_t> b * s.dim
            scale = <floating> (s.lr * (j - i) * exp(s.peak[t * s.most + b] - s.top[b]) / s.norm[b])
            scale *= dot(s.dim, h, h)
            row = <floating *> s.scores + <size_t> b * s.words + first
            over = 0
            for k in range(size):
                strain[k] += scale * row[k]
                over |= strain[k] > limit
            if over:
                s.fits[group] = b
                break


cdef void update_group(SoftmaxBatch s, int group, floating kind) noexcept nogil:
    cdef int t, b, k, first, size
    cdef int64_t i, j
    cdef floating *scores = <floating *> s.scores
    cdef floating *dh = <floating *> s.dh + <size_t> group * s.most * s.dim
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
            scale = <floating> (-s.lr * (j - i) * exp(s.peak[t * s.most + b] - s.top[b]) / s.norm[b])
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
            axpy(s.dim, <floating> 1, dh + (<size_t> g * s.most + b) * s.dim, dh + <size_t> b * s.dim)
        axpy(s.dim, <floating> 1, dh + <size_t> b * s.dim,
             <floating *> s.w_in + <size_t> s.centre[b] * s.stride)
