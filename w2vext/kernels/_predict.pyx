"""Prediction by supervised fastText models: rows of lines, scores of labels, the best labels.

csrc/predict.c orders equal scores exactly as fastText does.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport free, malloc

from w2vext.kernels._subwords cimport NgramRows, fill_words, line_rows, w2v_words_table


cdef extern from "predict.h" nogil:
    void w2v_label_scores(const float *outputs, size_t n_labels, const float *hidden, size_t n,
                          size_t dim, float *scores) noexcept
    ctypedef struct w2v_scored:
        float score
        int32_t label
    size_t w2v_k_best(const float *score, const float *value, float threshold,
                      const int32_t *order, size_t n, size_t k, w2v_scored *best) noexcept


cdef class Lines:
    """The rows that lines of text have in a supervised fastText model.

    Parameters
    ----------
    words : list of bytes
        The dictionary: words, then labels.
    n_words : int
    characters : NgramRows
        The rows of character n-grams.
    sequences : NgramRows
        The rows of word n-grams, whose number of words is `word_ngrams`.
    word_ngrams : int
    label : bytes
        The prefix of labels.
    """

    cdef w2v_words_table table
    cdef const unsigned char **text
    cdef size_t *lengths
    cdef NgramRows characters, sequences
    cdef int word_ngrams
    cdef bytes label
    cdef list words

    def __cinit__(self, list words not None, int n_words, NgramRows characters not None,
                  NgramRows sequences not None, int word_ngrams, bytes label not None):
        cdef Py_ssize_t i
        cdef uint32_t places = 16
        self.words, self.label = list(words), label
        self.characters, self.sequences = characters, sequences
        self.word_ngrams = word_ngrams
        self.table.count, self.table.labels_from = <int32_t> len(words), n_words
        while places < 2 * <uint32_t> len(words):
            places *= 2
        self.table.mask = places - 1
        self.table.places = <int32_t *> malloc(places * sizeof(int32_t))
        self.text = <const unsigned char **> malloc((len(words) + 1) * sizeof(void *))
        self.lengths = <size_t *> malloc((len(words) + 1) * sizeof(size_t))
        if not (self.table.places and self.text and self.lengths):
            raise MemoryError
        self.table.words, self.table.lengths = self.text, self.lengths
        for i in range(len(words)):
            word = <bytes?> self.words[i]
            self.text[i], self.lengths[i] = word, len(word)
        fill_words(&self.table)

    def __dealloc__(self):
        free(self.table.places)
        free(self.text)
        free(self.lengths)

    def rows(self, list lines not None):
        """(offsets int64 (n + 1,), rows int64) of some lines, given as bytes."""
        import numpy as np

        cdef Py_ssize_t n = len(lines), i
        cdef size_t most = 0, length
        cdef int64_t[::1] offsets = np.zeros(n + 1, dtype=np.int64)
        cdef int64_t[::1] found
        cdef const unsigned char **text = <const unsigned char **> malloc((n + 1) * sizeof(void *))
        cdef size_t *lengths = <size_t *> malloc((n + 1) * sizeof(size_t))
        cdef int32_t *hashes = NULL
        cdef const char *label = self.label
        try:
            if not (text and lengths):
                raise MemoryError
            for i in range(n):
                line = <bytes?> lines[i]
                text[i], lengths[i] = line, len(line)
                most = max(most, lengths[i])
            hashes = <int32_t *> malloc((most // 2 + 2) * sizeof(int32_t))
            if not hashes:
                raise MemoryError
            with nogil:
                for i in range(n):
                    offsets[i + 1] = offsets[i] + <int64_t> line_rows(
                        &self.table, &self.characters.table, &self.sequences.table,
                        self.word_ngrams, label, text[i], lengths[i], hashes, NULL, 0)
            found = np.empty(max(offsets[n], 1), dtype=np.int64)
            with nogil:
                for i in range(n):
                    length = <size_t> (offsets[i + 1] - offsets[i])
                    if length:
                        line_rows(
                            &self.table, &self.characters.table, &self.sequences.table,
                            self.word_ngrams, label, text[i], lengths[i], hashes,
                            &found[offsets[i]], length)
            return np.asarray(offsets), np.asarray(found)[: offsets[n]]
        finally:
            free(text)
            free(lengths)
            free(hashes)


def label_scores(const float[:, ::1] outputs, const float[:, ::1] hidden, float[:, ::1] scores):
    """scores (n_labels, n) = outputs (n_labels, d) · hidden (d, n); equal rows have equal scores."""
    cdef size_t labels = <size_t> outputs.shape[0], n = <size_t> hidden.shape[1]
    if outputs.shape[1] != hidden.shape[0] or scores.shape[0] != outputs.shape[0] \
            or scores.shape[1] != hidden.shape[1]:
        raise ValueError("the shapes of outputs, hidden and scores do not fit together")
    if labels and n:
        with nogil:
            w2v_label_scores(&outputs[0, 0], labels, &hidden[0, 0], n,
                             <size_t> hidden.shape[0], &scores[0, 0])


def k_best(const float[:, ::1] scores, const float[:, ::1] values, float threshold,
           const int32_t[::1] order, Py_ssize_t k):
    """The best labels of each line, in fastText's order of ties.

    Parameters
    ----------
    scores, values : float32 (n, n_labels)
        Labels are ranked by their scores; those with a value below `threshold` are left out.
    threshold : float
    order : int32 (n_labels,)
        The order in which the labels are compared.
    k : int

    Returns
    -------
    list of (labels, scores), two lists for each line
    """
    cdef Py_ssize_t i, j, n = scores.shape[0], labels = scores.shape[1]
    cdef size_t found
    cdef w2v_scored *best
    if values.shape[0] != n or values.shape[1] != labels or order.shape[0] != labels:
        raise ValueError("scores, values and order differ in length")
    k = min(k, labels)
    best = <w2v_scored *> malloc((k + 1) * sizeof(w2v_scored))
    if not best:
        raise MemoryError
    results = []
    try:
        for i in range(n):
            found = 0
            if k > 0:
                with nogil:
                    found = w2v_k_best(&scores[i, 0], &values[i, 0], threshold, &order[0],
                                       <size_t> labels, <size_t> k, best)
            results.append(([best[j].label for j in range(<Py_ssize_t> found)],
                            [best[j].score for j in range(<Py_ssize_t> found)]))
    finally:
        free(best)
    return results
