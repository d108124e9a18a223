"""Parses and prints rows of a word and its numbers; the Cython binding of csrc/number.

A row that cannot be parsed is returned as a status and two places in the buffer, from which the
formats make an error message. The caller checks bounds: the matrix has at least `stop` rows, and
spans at least `stop - row`.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memchr, memcpy

cdef extern from "number.h" nogil:
    enum: W2V_NUMBER_MAX
    size_t w2v_number_print(float x, char *out)
    const char *w2v_number_parse(const char *p, const char *end, float *x)

cdef enum:
    ROWS_READ, NO_WORD, TOO_FEW, TOO_MANY, NO_NUMBER, NOT_FINITE

STATUS = ("read", "no word", "too few", "too many", "no number", "not finite")


cdef inline bint is_blank(char c) noexcept nogil:
    return c == b" " or c == b"\t"


cdef inline bint ends_line(const char *p, const char *end) noexcept nogil:
    return p == end or p[0] == b"\n" or (p[0] == b"\r" and (p + 1 == end or p[1] == b"\n"))


cdef inline bint is_finite(float x) noexcept nogil:
    cdef uint32_t bits
    memcpy(&bits, &x, 4)
    return (bits & 0x7F800000) != 0x7F800000


cdef int parse_numbers(
    const char **place,  # in: after the word; out: after the line, or at the error
    const char *end,
    float *row,  # (n,)
    Py_ssize_t n,
) noexcept nogil:
    """Parse the numbers of one line, including its newline."""
    cdef const char *p = place[0]
    cdef const char *after
    cdef Py_ssize_t j
    for j in range(n):
        while p < end and is_blank(p[0]):
            p += 1
        place[0] = p
        if ends_line(p, end):
            return TOO_FEW
        after = w2v_number_parse(p, end, row + j)
        if after == NULL or not (ends_line(after, end) or is_blank(after[0])):
            return NO_NUMBER
        if not is_finite(row[j]):
            return NOT_FINITE
        p = after
    while p < end and is_blank(p[0]):
        p += 1
    place[0] = p
    if not ends_line(p, end):
        return TOO_MANY
    if p < end and p[0] == b"\r":
        p += 1
    if p < end:
        p += 1
    place[0] = p
    return ROWS_READ


def parse_rows(
    const unsigned char[::1] data,
    Py_ssize_t start,
    Py_ssize_t end,
    float[:, ::1] matrix,
    Py_ssize_t row,
    Py_ssize_t stop,
    int64_t[:, ::1] spans,
    bint worded=True,
):
    """Parse whole lines of data[start:end] into matrix[row:stop].

    spans[i] receives the start and the end of the i-th word. With worded=False the lines are numbers
    only.

    Returns
    -------
    (rows parsed, place of the first line that was not parsed, STATUS, place of the error)
    """
    cdef const char *base = <const char *>&data[0] if data.shape[0] else NULL
    cdef const char *p = base + start
    cdef const char *limit = base + end
    cdef const char *line = p
    cdef Py_ssize_t first = row, n = matrix.shape[1]
    cdef int status = ROWS_READ
    with nogil:
        while row < stop and p < limit:
            line = p
            if worded:
                while p < limit and not is_blank(p[0]) and p[0] != b"\n":
                    p += 1
                spans[row - first, 0] = line - base
                spans[row - first, 1] = p - base
                if p == line or (p == line + 1 and line[0] == b"\r"):
                    status = NO_WORD
                    break
            status = parse_numbers(&p, limit, &matrix[row, 0], n)
            if status != ROWS_READ:
                break
            line = p
            row += 1
    return row - first, line - base, STATUS[status], p - base


def parse_binary_rows(
    const unsigned char[::1] data,
    Py_ssize_t start,
    Py_ssize_t end,
    float[:, ::1] matrix,
    Py_ssize_t row,
    Py_ssize_t stop,
    int64_t[:, ::1] spans,
):
    """Copy whole rows of data[start:end] into matrix[row:stop].

    A row is a word, a space, the bytes of the numbers and an optional newline. spans[i] receives the
    start and the end of the i-th word.

    Returns
    -------
    (rows copied, place of the first row that was not copied)
    """
    cdef const char *base = <const char *>&data[0] if data.shape[0] else NULL
    cdef const char *p = base + start
    cdef const char *limit = base + end
    cdef const char *word
    cdef const char *space
    cdef Py_ssize_t first = row, size = 4 * matrix.shape[1]
    with nogil:
        while row < stop:
            word = p
            while word < limit and word[0] == b"\n":
                word += 1
            space = <const char *>memchr(word, b" ", limit - word) if word < limit else NULL
            if space == NULL or limit - space <= size:
                break
            memcpy(&matrix[row, 0], space + 1, size)
            spans[row - first, 0] = word - base
            spans[row - first, 1] = space - base
            p = space + 1 + size
            row += 1
    return row - first, p - base


def decode_words(
    const unsigned char[::1] data, int64_t[:, ::1] spans, Py_ssize_t n, str errors, list words
):
    """Append n words to the list; those before a UnicodeDecodeError remain in it."""
    cdef bytes policy = errors.encode("ascii")
    cdef const char *base = <const char *>&data[0] if data.shape[0] else NULL
    cdef Py_ssize_t i
    for i in range(n):
        words.append(PyUnicode_DecodeUTF8(base + spans[i, 0], spans[i, 1] - spans[i, 0], policy))


def print_rows(list words, const float[:, ::1] matrix, Py_ssize_t start, Py_ssize_t stop):
    """Rows start to stop as text: a word, its numbers and a newline, separated by single spaces.

    Without words the lines are numbers only, separated by tabs.
    """
    cdef Py_ssize_t n = matrix.shape[1], i, j, size = 0
    cdef bint worded = len(words) > 0
    cdef char separator = b" " if worded else b"\t"
    cdef bytes word
    if worded:
        for i in range(start, stop):
            size += len(<bytes>words[i])
    # w2v_number_print may use W2V_NUMBER_MAX bytes even for a shorter number.
    out = bytearray(size + (stop - start) * (n * (W2V_NUMBER_MAX + 1) + 1) + W2V_NUMBER_MAX)
    cdef unsigned char[::1] view = out
    cdef char *base = <char *>&view[0]
    cdef char *p = base
    for i in range(start, stop):
        if worded:
            word = words[i]
            memcpy(p, <const char *>word, len(word))
            p += len(word)
        with nogil:
            for j in range(n):
                if worded or j:
                    p[0] = separator
                    p += 1
                p += w2v_number_print(matrix[i, j], p)
            p[0] = b"\n"
            p += 1
    return PyBytes_FromStringAndSize(base, p - base)


def pack_rows(list words, const float[:, ::1] matrix):
    """The rows of a word2vec binary file: a word, a space, the numbers' bytes, a newline."""
    cdef Py_ssize_t rows = matrix.shape[0], size = 4 * matrix.shape[1], i, total = rows * (size + 2)
    cdef bytes word
    if len(words) != rows:
        raise ValueError(f"{len(words)} words for {rows} rows")
    for i in range(rows):
        total += len(<bytes>words[i])
    out = PyBytes_FromStringAndSize(NULL, total)
    cdef char *p = out
    for i in range(rows):
        word = words[i]
        memcpy(p, <const char *>word, len(word))
        p += len(word)
        p[0] = b" "
        if size:
            memcpy(p + 1, &matrix[i, 0], size)
        p[1 + size] = b"\n"
        p += size + 2
    return out


def print_number(float x):
    """The shortest decimal text that is parsed as this float32."""
    cdef char out[W2V_NUMBER_MAX]
    return PyBytes_FromStringAndSize(out, w2v_number_print(x, out)).decode("ascii")


def parse_number(bytes text):
    """The float32 nearest to the text, or None if the text is not one number."""
    cdef const char *p = text
    cdef const char *after
    cdef float x = 0
    after = w2v_number_parse(p, p + len(text), &x)
    return x if after == p + len(text) else None
