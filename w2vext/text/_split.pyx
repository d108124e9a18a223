"""Bindings to csrc/split: copy raw text with the words that a tokenizer finds, without the GIL.

`tokenizer` chooses the splitter; `_words` counts the words of the copy.
"""

from w2vext.text._words import BadText

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE, PyByteArray_Resize
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.ref cimport PyObject
from cpython.unicode cimport PyUnicode_AsUTF8String, PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memchr, memcpy

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    void *PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define prefetch(p) __builtin_prefetch(p)
    #else
    #define prefetch(p) ((void)(p))
    #endif
    """
    void prefetch(const char *p) noexcept

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

cdef int AHEAD = 16  # documents from the prefetched one to the one that is copied

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


cdef class Packer:
    """Copies documents in UTF-8 to a buffer, each followed by a NUL byte.

    Parameters
    ----------
    documents : list or iterator
    text_of : callable (document, number)
        Gets a document that is not a str, and returns the str that it stands for.
    unusable : callable (document, number)
        Gets a str with a NUL or half of a surrogate pair, and returns the error to raise.

    Attributes
    ----------
    packed : bytearray
        It grows for a document that is longer. Nothing may hold a view of it during `pack`.
    """

    cdef object documents, text_of, unusable
    cdef readonly bytearray packed
    cdef int64_t number  # of documents read

    def __cinit__(self, documents, text_of, unusable):
        self.documents = documents if type(documents) is list else iter(documents)
        self.text_of, self.unusable = text_of, unusable
        self.packed = bytearray()

    cdef next(self):
        """The next document; this object at the end."""
        cdef list items
        cdef Py_ssize_t ahead
        if type(self.documents) is not list:
            return next(self.documents, self)
        items = <list>self.documents
        if self.number >= PyList_GET_SIZE(items):
            return self
        ahead = self.number + AHEAD
        if ahead < PyList_GET_SIZE(items):  # the strings are anywhere in memory
            prefetch(<char *>PyList_GET_ITEM(items, ahead))
            prefetch(<char *>PyList_GET_ITEM(items, ahead) + 64)
        return <object>PyList_GET_ITEM(items, self.number)

    def pack(self, int64_t most):
        """Copy the next documents, until they have `most` bytes; (number of them, bytes)."""
        cdef Py_ssize_t at = 0, size
        cdef int64_t first = self.number
        cdef const char *data
        cdef char *out = PyByteArray_AS_STRING(self.packed)
        cdef bytes encoded
        cdef object document
        while at < most:
            document = self.next()
            if document is self:
                break
            if not isinstance(document, str):
                document = self.text_of(document, self.number)
            if PyUnicode_IS_COMPACT_ASCII(document):
                data, size = <const char *>PyUnicode_DATA(document), PyUnicode_GET_LENGTH(document)
            else:
                try:
                    encoded = PyUnicode_AsUTF8String(document)
                except UnicodeEncodeError:
                    raise self.unusable(document, self.number) from None
                data, size = PyBytes_AS_STRING(encoded), PyBytes_GET_SIZE(encoded)
            if memchr(data, 0, size) != NULL:
                raise self.unusable(document, self.number)
            if at + size >= PyByteArray_GET_SIZE(self.packed):
                PyByteArray_Resize(self.packed, max(at + size + 1, 2 * at, most))
                out = PyByteArray_AS_STRING(self.packed)
            memcpy(out + at, data, size)
            out[at + size] = 0
            at += size + 1
            self.number += 1
        return self.number - first, at


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
