"""One block of memory, cut into parts that each start at a cache line.

The function that names the parts runs twice: first with an empty Arena, which adds up the sizes, and
after `allocate` again, to receive the addresses. So every size is written once, and `finish` checks
that both runs agree.
"""

from libc.stdlib cimport calloc, free

cdef enum:
    CACHE_LINE = 64


cdef struct Arena:
    void *block       # what `release` frees
    char *start       # the first cache line of the block; NULL while the sizes are added up
    size_t size       # bytes from `start`
    size_t used


cdef inline void *carve(Arena *a, size_t count, size_t width) noexcept nogil:
    """`count` zeroed elements of `width` bytes; NULL while the sizes are added up."""
    cdef size_t offset = a.used
    a.used += (count * width + CACHE_LINE - 1) // CACHE_LINE * CACHE_LINE
    if a.start == NULL or a.used > a.size:
        return NULL
    return a.start + offset


cdef inline bint allocate(Arena *a) noexcept nogil:
    """Allocates what was added up; 0 if there is not enough memory."""
    a.size, a.used = a.used, 0
    a.block = calloc(1, a.size + CACHE_LINE)
    if a.block == NULL:
        return 0
    a.start = <char *> ((<size_t> a.block + CACHE_LINE - 1) // CACHE_LINE * CACHE_LINE)
    return 1


cdef inline int finish(Arena *a) except -1:
    """Checks that exactly the memory that was added up has been handed out."""
    if a.used != a.size:
        raise SystemError(f"{a.used} bytes were carved from an arena of {a.size}")
    return 0


cdef inline void release(Arena *a) noexcept nogil:
    free(a.block)
    a.block = a.start = NULL
