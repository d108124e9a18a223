"""Bindings to csrc/split: copy raw text with the words that a tokenizer finds, without the GIL.

`tokenizer` chooses the splitter; `_words` counts the words of the copy.
"""

from w2vext.text._words import BadText

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint32_t

cdef extern from "split.h" nogil:
    enum:
        W2V_SPLIT_OK
        W2V_SPLIT_NUL
        W2V_SPLIT_WHITESPACE
        W2V_SPLIT_WORDS
        W2V_SPLIT_CHARACTERS
    ctypedef struct w2v_splitter:
        int kind, lowercase, strip_accents, lines, documents
    int64_t w2v_split_room(int64_t n)
    int64_t w2v_split_boundary(const w2v_splitter *splitter, const unsigned char *data, int64_t at,
                               int64_t size)
    int64_t w2v_split_boundary_before(const w2v_splitter *splitter, const unsigned char *data,
                                      int64_t start, int64_t at, int64_t size)
    char w2v_split_class(uint32_t code)
    int w2v_split_is_accent(uint32_t code)
    int w2v_split(const w2v_splitter *splitter, const unsigned char *data, int64_t n,
                  unsigned char *out, int64_t *n_out, int64_t *bad)

KINDS = {
    "whitespace": W2V_SPLIT_WHITESPACE,
    "words": W2V_SPLIT_WORDS,
    "characters": W2V_SPLIT_CHARACTERS,
}


def room(int64_t n):
    """The bytes that splitting n bytes writes at most."""
    return w2v_split_room(n)


def classes():
    """The class of each code point, as csrc/split.h writes it: bytes of length 0x110000."""
    cdef bytes out = PyBytes_FromStringAndSize(NULL, 0x110000)
    cdef char *places = PyBytes_AS_STRING(out)
    cdef uint32_t code
    for code in range(0x110000):
        places[code] = w2v_split_class(code)
    return out


def is_accent(uint32_t code):
    """Whether `strip_accents` removes this combining mark; code < 0x110000."""
    return bool(w2v_split_is_accent(code))


cdef class Splitter:
    """A tokenizer of csrc/split with its options.

    Parameters
    ----------
    kind : {"whitespace", "words", "characters"}
    lowercase, strip_accents : bool
    lines : bool
        Whether a newline ends a sentence.
    documents : bool
        Whether a NUL byte ends a document; otherwise it is an error.
    """

    cdef w2v_splitter splitter

    def __cinit__(self, str kind, *, bint lowercase, bint strip_accents, bint lines,
                  bint documents=False):
        self.splitter.kind = KINDS[kind]
        self.splitter.lowercase, self.splitter.strip_accents = lowercase, strip_accents
        self.splitter.lines, self.splitter.documents = lines, documents

    def boundary(self, const unsigned char[::1] data, int64_t at):
        """The first index from `at` on where the text may be cut, or len(data)."""
        cdef int64_t size = data.shape[0]
        if at >= size:
            return size
        with nogil:
            at = w2v_split_boundary(&self.splitter, &data[0], at, size)
        return at

    def boundary_before(self, const unsigned char[::1] data, int64_t start, int64_t at):
        """The last index from `start` to `at` where the text may be cut, or `start`."""
        cdef int64_t size = data.shape[0]
        if start >= at or at > size:
            return start
        with nogil:
            at = w2v_split_boundary_before(&self.splitter, &data[0], start, at, size)
        return at

    def split(self, const unsigned char[::1] data, int64_t at, int64_t end, unsigned char[::1] out):
        """Write the words of data[at:end], with spaces and ends of sentences; return the bytes.

        The part must begin and end at boundaries. `out` must have room(end - at) bytes.
        """
        cdef int64_t n = 0, bad = 0
        cdef int status
        if not 0 <= at <= end <= data.shape[0] or out.shape[0] < w2v_split_room(end - at):
            raise ValueError(f"out has {out.shape[0]} bytes for a part of {end - at} bytes")
        if at == end:
            return 0
        with nogil:
            status = w2v_split(&self.splitter, &data[at], end - at, &out[0], &n, &bad)
        if status != W2V_SPLIT_OK:
            raise BadText(at + bad, "NUL" if status == W2V_SPLIT_NUL else "UTF-8")
        return n

    def words(self, bytes text):
        """The words of a text in UTF-8, as a list of str."""
        cdef int64_t n = 0, bad = 0, size = len(text), start, i
        cdef bytes copy = PyBytes_FromStringAndSize(NULL, w2v_split_room(size))
        cdef unsigned char *out = <unsigned char *>PyBytes_AS_STRING(copy)
        cdef const unsigned char *data = <const unsigned char *>PyBytes_AS_STRING(text)
        cdef int status
        cdef list found = []
        with nogil:
            status = w2v_split(&self.splitter, data, size, out, &n, &bad)
        if status != W2V_SPLIT_OK:
            raise BadText(bad, "NUL" if status == W2V_SPLIT_NUL else "UTF-8")
        start = 0
        for i in range(n + 1):
            if i == n or is_blank(out[i]):
                if i > start:
                    found.append(PyUnicode_DecodeUTF8(<char *>out + start, i - start, NULL))
                start = i + 1
        return found


cdef inline bint is_blank(unsigned char byte) noexcept nogil:
    return byte <= 32 and (byte == 32 or 9 <= byte <= 13)
