"""The n best of many scores, selected block by block while the scores are in the cache.

Each query has a heap of its n best rows with the worst on top. Rows with equal scores are ordered by
row. NaN is never selected. Arguments are not checked.
"""

from libc.stdint cimport int64_t


cdef inline bint worse(float a, int64_t i, float b, int64_t j) noexcept nogil:
    return a < b or (a == b and i > j)


cdef void sink(
    float *scores, int64_t *rows, Py_ssize_t n, Py_ssize_t place, float score, int64_t row
) noexcept nogil:
    """Put (score, row) into the heap, whose element at `place` is to be replaced."""
    cdef Py_ssize_t child
    while True:
        child = 2 * place + 1
        if child >= n:
            break
        if child + 1 < n and worse(scores[child + 1], rows[child + 1], scores[child], rows[child]):
            child += 1
        if not worse(scores[child], rows[child], score, row):
            break
        scores[place] = scores[child]
        rows[place] = rows[child]
        place = child
    scores[place] = score
    rows[place] = row


cdef void offer(
    const float *scores,  # (m,)
    const float *weights,  # (m,)
    Py_ssize_t m,
    int64_t base,  # the row of scores[0]
    float *best,  # (n,) heap
    int64_t *rows,  # (n,)
    Py_ssize_t n,
) noexcept nogil:
    cdef Py_ssize_t i = 0, j
    cdef int found
    cdef float floor = best[0], score
    while i + 32 <= m:
        found = 0
        for j in range(i, i + 32):  # without a branch, so that the compiler vectorizes it
            found |= scores[j] * weights[j] > floor
        if found:
            for j in range(i, i + 32):
                score = scores[j] * weights[j]
                if score > floor:
                    sink(best, rows, n, 0, score, base + j)
                    floor = best[0]
        i += 32
    for j in range(i, m):
        score = scores[j] * weights[j]
        if score > floor:
            sink(best, rows, n, 0, score, base + j)
            floor = best[0]


def offer_block(
    const float[:, ::1] scores,
    const float[::1] weights,
    int64_t base,
    float[:, ::1] best,
    int64_t[:, ::1] rows,
):
    """Offer scores[q, i] * weights[i], the score of row base + i, to the heap best[q], rows[q].

    best and rows have shape (queries, n) and start as -inf and -1. Blocks are offered in ascending
    order of base.
    """
    cdef Py_ssize_t q, m = scores.shape[1], n = best.shape[1]
    if m == 0 or n == 0:
        return
    with nogil:
        for q in range(scores.shape[0]):
            offer(&scores[q, 0], &weights[0], m, base, &best[q, 0], &rows[q, 0], n)


def sort_heaps(float[:, ::1] best, int64_t[:, ::1] rows):
    """Sort each heap from best to worst, in place."""
    cdef Py_ssize_t q, last, n = best.shape[1]
    cdef float score
    cdef int64_t row
    if n == 0:
        return
    with nogil:
        for q in range(best.shape[0]):
            for last in range(n - 1, 0, -1):
                score = best[q, last]
                row = rows[q, last]
                best[q, last] = best[q, 0]
                rows[q, last] = rows[q, 0]
                sink(&best[q, 0], &rows[q, 0], last, 0, score, row)


cdef void multiply_rows(
    const float *factors,  # (k, m)
    const int64_t *chosen,  # (n,) rows of factors
    Py_ssize_t n,
    Py_ssize_t m,
    float *out,  # (m,)
) noexcept nogil:
    cdef const float *row = factors + chosen[0] * m
    cdef Py_ssize_t i, j
    for i in range(m):
        out[i] = row[i]
    for j in range(1, n):
        row = factors + chosen[j] * m
        for i in range(m):
            out[i] *= row[i]


def multiply_and_divide(
    const float[:, ::1] factors,
    const int64_t[:, ::1] plus,
    const int64_t[:, ::1] minus,
    float added,
    float[::1] scratch,
    float[:, ::1] out,
):
    """out[q] = product of factors[plus[q]] / (product of factors[minus[q]] + added), for each column.

    plus and minus have at least one column; scratch is as long as a row of factors.
    """
    cdef Py_ssize_t q, i, m = factors.shape[1]
    cdef float *above
    cdef float *below
    if m == 0:
        return
    below = &scratch[0]
    with nogil:
        for q in range(plus.shape[0]):
            above = &out[q, 0]
            multiply_rows(&factors[0, 0], &plus[q, 0], plus.shape[1], m, above)
            multiply_rows(&factors[0, 0], &minus[q, 0], minus.shape[1], m, below)
            for i in range(m):
                above[i] /= below[i] + added
