"""The dictionary of a fastText model file, parsed entry by entry."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t
from libc.string cimport memchr, memcpy


def entries(const unsigned char[::1] data not None, Py_ssize_t at, Py_ssize_t n):
    """The `n` entries that begin at byte `at`: a word, a NUL, its count (8 bytes), its type (1).

    Returns
    -------
    words : list of bytes
    counts : list of int
    kinds : bytes
        0 for a word, 1 for a label.
    end : int
        The byte after the last entry; -1 where the data end before.
    """
    cdef Py_ssize_t i, length, size = data.shape[0]
    cdef const unsigned char *end
    cdef int64_t count
    words, counts, kinds = [], [], []  # Cython 3.3's bytearray.append misses a header
    for i in range(n):
        end = <const unsigned char *> memchr(&data[at], 0, size - at) if at < size else NULL
        if end == NULL:
            return words, counts, bytes(kinds), -1
        length = end - &data[at]
        if size - at - length < 10:
            return words, counts, bytes(kinds), -1
        words.append(PyBytes_FromStringAndSize(<const char *> &data[at], length))
        at += length + 1
        memcpy(&count, &data[at], 8)
        counts.append(count)
        kinds.append(data[at + 8])
        at += 9
    return words, counts, bytes(kinds), at
