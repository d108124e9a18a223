"""The rows of n-grams and of lines of text, for other Cython modules."""

from libc.stdint cimport int32_t, int64_t, uint32_t


cdef extern from "ngrams.h" nogil:
    ctypedef struct w2v_ngram_rows:
        int min_n, max_n
        uint32_t buckets
        int64_t first
        const int32_t *keys
        const int32_t *slots
        size_t n_keys
    ctypedef struct w2v_words_table:
        const unsigned char *const *words
        const size_t *lengths
        int32_t count, labels_from
        int32_t *places
        uint32_t mask


cdef class NgramRows:
    cdef w2v_ngram_rows table
    cdef tuple owners    # the arrays that the table points to


# w2v_words_fill and w2v_line_rows of ngrams.h: ngrams.c is linked into one module only.
cdef void fill_words(w2v_words_table *table) noexcept nogil
cdef size_t line_rows(const w2v_words_table *words, const w2v_ngram_rows *characters,
                      const w2v_ngram_rows *sequences, int word_ngrams, const char *label,
                      const unsigned char *line, size_t n, int32_t *hashes, int64_t *rows,
                      size_t room) noexcept nogil
