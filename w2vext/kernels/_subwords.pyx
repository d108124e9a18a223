"""Subword rows: the n-grams of words, their rows, and means of rows, in batches without the GIL.

csrc/ngrams.c defines the n-grams and their hash exactly as fastText does.
"""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t
from libc.stdlib cimport free, malloc, realloc

from w2vext.kernels._rows cimport w2v_place, w2v_rows, w2v_rows_clear, w2v_rows_places, w2v_rows_slot


cdef extern from "ngrams.h" nogil:
    ctypedef struct w2v_ngram:
        uint32_t hash, begin, end
    ctypedef void (*w2v_ngram_fn)(void *context, const w2v_ngram *ngram) noexcept
    uint32_t w2v_ngram_hash(const unsigned char *, size_t) noexcept
    size_t w2v_ngrams(const unsigned char *word, size_t n, int min_n, int max_n, w2v_ngram_fn each,
                      void *context) noexcept
    size_t w2v_ngram_rows_of(const w2v_ngram_rows *table, const unsigned char *word, size_t n,
                             int64_t *rows, size_t room) noexcept
    void w2v_words_fill(w2v_words_table *) noexcept
    size_t w2v_line_rows(const w2v_words_table *words, const w2v_ngram_rows *characters,
                         const w2v_ngram_rows *sequences, int word_ngrams, const char *label,
                         const unsigned char *line, size_t n, int32_t *hashes, int64_t *rows,
                         size_t room) noexcept
    void w2v_mean_of_rows(const unsigned char *matrix, size_t dim, const int64_t *rows, size_t n,
                          double divisor, float *out) noexcept


cdef extern from "murmur.h" nogil:
    void w2v_murmur128(const unsigned char *bytes, size_t n, uint32_t seed,
                       uint32_t *hash) noexcept


cdef void append(void *context, const w2v_ngram *ngram) noexcept with gil:
    (<list> context).append((ngram.begin, ngram.end, ngram.hash))


def hash_of(bytes word not None):
    """fastText's 32-bit hash of a byte string."""
    return w2v_ngram_hash(<const unsigned char *> word, len(word))


def ngrams(bytes word not None, int min_n, int max_n):
    """The n-grams of a word, in fastText's order: a list of (bytes of the n-gram, hash)."""
    found = []
    w2v_ngrams(<const unsigned char *> word, len(word), min_n, max_n, append, <void *> found)
    bracketed = b"<" + word + b">"
    return [(bracketed[begin:end], hashed) for begin, end, hashed in found]


cdef void keep(void *context, const w2v_ngram *ngram) noexcept nogil:
    cdef w2v_ngram **at = <w2v_ngram **> context
    at[0][0] = ngram[0]
    at[0] += 1


def count_ngrams(list words not None, list numbers not None, int min_n, int max_n):
    """The n-grams of words (bytes) in the order of first use.

    Returns
    -------
    totals : dict of bytes to int
        How often an n-gram occurs in a word, times the word's number, summed over all words.
    hashes : list of int
        fastText's hash of each.
    """
    cdef Py_ssize_t i, n, room = 0
    cdef w2v_ngram *found = NULL
    cdef w2v_ngram *at
    cdef w2v_ngram *grown
    cdef bytes word
    cdef dict totals = {}
    cdef list hashes = []
    try:
        for word, number in zip(words, numbers, strict=True):
            n = <Py_ssize_t> w2v_ngrams(<const unsigned char *> word, <size_t> len(word), min_n,
                                        max_n, NULL, NULL)
            if n > room:
                grown = <w2v_ngram *> realloc(found, 2 * n * sizeof(w2v_ngram))
                if not grown:
                    raise MemoryError
                found, room = grown, 2 * n
            at = found
            w2v_ngrams(<const unsigned char *> word, <size_t> len(word), min_n, max_n, keep, &at)
            bracketed = b"<" + word + b">"
            for i in range(n):
                gram = bracketed[found[i].begin : found[i].end]
                before = totals.get(gram)
                if before is None:
                    hashes.append(found[i].hash)
                    before = 0
                totals[gram] = before + number
        return totals, hashes
    finally:
        free(found)


def murmur_rows(list texts not None, uint32_t seed, int n, uint32_t buckets):
    """The rows of byte strings in a table of floret: int64 (len(texts), n), n from 1 to 4."""
    import numpy as np

    cdef int64_t[:, ::1] rows = np.empty((len(texts), n), dtype=np.int64)
    cdef uint32_t hashed[4]
    cdef Py_ssize_t i
    cdef int j
    cdef bytes text
    if not 1 <= n <= 4 or not buckets:
        raise ValueError(f"{n} rows of a table of {buckets}")
    for i in range(len(texts)):
        text = <bytes?> texts[i]
        w2v_murmur128(<const unsigned char *> text, <size_t> len(text), seed, hashed)
        for j in range(n):
            rows[i, j] = hashed[j] % buckets
    return np.asarray(rows)


def numbered(const int64_t[::1] buckets not None, int64_t most):
    """Number buckets by first use.

    Parameters
    ----------
    buckets : int64 (n,)
        From 0 to ``most - 1``.

    Returns
    -------
    distinct : int32 array (m,)
        The buckets in the order of first use.
    slots : int32 array (n,)
        ``buckets[i]`` is ``distinct[slots[i]]``.
    """
    import numpy as np

    cdef Py_ssize_t i, n = buckets.shape[0]
    cdef int64_t largest = min(<int64_t> n, most)
    cdef uint32_t places = w2v_rows_places(largest)
    cdef int32_t[::1] distinct, slots
    cdef w2v_rows table
    if not 0 <= most <= INT32_MAX or not places:
        raise ValueError(f"{n} n-grams in {most} buckets")
    distinct = np.empty(largest + 1, dtype=np.int32)
    slots = np.empty(n, dtype=np.int32)
    for i in range(n):
        if not 0 <= buckets[i] < most:
            raise ValueError(f"bucket {buckets[i]} of {most}")
    table.places = <w2v_place *> malloc(places * sizeof(w2v_place))
    table.rows = &distinct[0]
    if not table.places:
        raise MemoryError
    with nogil:
        w2v_rows_clear(&table, places)
        for i in range(n):
            slots[i] = w2v_rows_slot(&table, <int32_t> buckets[i])
        free(table.places)
    return np.asarray(distinct)[: table.count].copy(), np.asarray(slots)


def classes(const int64_t[::1] starts not None, const int32_t[::1] parts not None, int64_t n_rows):
    """The class of each row: rows are in one class if the same words hold them, equally often.

    Parameters
    ----------
    starts, parts : int64 (n_words + 1,), int32 (starts[n_words],)
        Word w holds row w and the rows ``parts[starts[w]:starts[w + 1]]``.
    n_rows : int
        All rows of parts are below it, and at least one word holds each row.

    Returns
    -------
    int32 array (n_rows,)
        The first row of each row's class.
    """
    import numpy as np

    cdef Py_ssize_t n_words = starts.shape[0] - 1, word
    cdef int64_t most = parts.shape[0] + n_words + 1, i
    cdef int32_t[::1] class_of, child, divided, first
    cdef int32_t row, k, n = 1
    if n_words < 0 or starts[0] or starts[n_words] != parts.shape[0] or most > INT32_MAX:
        raise ValueError(f"{n_words} words with {parts.shape[0]} rows of n-grams")
    for i in range(parts.shape[0]):
        if not 0 <= parts[i] < n_rows:
            raise ValueError(f"row {parts[i]} of {n_rows}")
    class_of = np.zeros(n_rows, dtype=np.int32)
    child = np.empty(most, dtype=np.int32)           # the class that a word takes out of each class
    divided = np.full(most, -1, dtype=np.int32)      # the last word that took one
    first = np.full(most, -1, dtype=np.int32)
    with nogil:
        for word in range(n_words):
            for i in range(starts[word] - 1, starts[word + 1]):
                row = <int32_t> word if i < starts[word] else parts[i]
                k = class_of[row]
                if divided[k] != word:
                    divided[k], child[k] = <int32_t> word, n
                    n += 1
                class_of[row] = child[k]
        for row in range(n_rows):
            k = class_of[row]
            if first[k] < 0:
                first[k] = row
            class_of[row] = first[k]
    return np.asarray(class_of)


cdef class NgramRows:
    """The rows of an input matrix that the n-grams of a word have.

    Parameters
    ----------
    min_n, max_n : int
        Lengths of the n-grams in characters; max_n 0 means that words have none.
    buckets : int
        An n-gram's bucket is its hash modulo this number.
    first : int
        The row of bucket 0.
    keys : int32 (n,), ascending, optional
        The buckets that have rows; None: all of them.
    slots : int32 (n,), optional
        The row of ``keys[i]`` is ``first + slots[i]``.
    """

    def __init__(self, int min_n, int max_n, int64_t buckets, int64_t first,
                 const int32_t[::1] keys=None, const int32_t[::1] slots=None):
        if not 0 <= buckets <= INT32_MAX:
            raise ValueError(f"bucket={buckets}: give 0 to {INT32_MAX}")
        self.table.min_n, self.table.max_n = max(min_n, 1), max_n
        self.table.buckets = <uint32_t> (buckets if max_n >= max(min_n, 1) else 0)
        self.table.first = first
        self.owners = (keys, slots)
        if keys is not None:
            if slots is None or slots.shape[0] != keys.shape[0]:
                raise ValueError("keys and slots differ in length")
            self.table.n_keys = keys.shape[0]
            # An empty list of keys must not look like "all buckets have rows".
            self.table.keys = &keys[0] if keys.shape[0] else <const int32_t *> &self.table.n_keys
            self.table.slots = &slots[0] if keys.shape[0] else NULL

    def rows(self, list words not None, const int64_t[::1] own=None):
        """The rows of each word: its own row, if any, then those of its n-grams.

        Parameters
        ----------
        words : list of bytes
        own : int64 (n,), optional
            Each word's own row; -1 for a word without one.

        Returns
        -------
        offsets : int64 array (n + 1,)
        rows : int64 array
            -1 for an n-gram whose bucket does not have a row.
        """
        import numpy as np

        cdef Py_ssize_t n = len(words), i
        cdef const unsigned char **text
        cdef size_t *length
        cdef int64_t[::1] offsets = np.zeros(n + 1, dtype=np.int64)
        cdef int64_t[::1] found
        cdef int64_t at
        if own is not None and own.shape[0] != n:
            raise ValueError(f"{own.shape[0]} rows for {n} words")
        text = <const unsigned char **> malloc((n + 1) * sizeof(void *))
        length = <size_t *> malloc((n + 1) * sizeof(size_t))
        try:
            if not (text and length):
                raise MemoryError
            for i in range(n):
                word = <bytes?> words[i]
                text[i], length[i] = word, len(word)
            with nogil:
                for i in range(n):
                    at = w2v_ngram_rows_of(&self.table, text[i], length[i], NULL, 0)
                    if own is not None and own[i] >= 0:
                        at += 1
                    offsets[i + 1] = offsets[i] + at
            found = np.empty(offsets[n], dtype=np.int64)
            if offsets[n]:
                with nogil:
                    for i in range(n):
                        at = offsets[i]
                        if own is not None and own[i] >= 0:
                            found[at] = own[i]
                            at += 1
                        if at < offsets[i + 1]:
                            w2v_ngram_rows_of(&self.table, text[i], length[i], &found[at],
                                              <size_t> (offsets[i + 1] - at))
            return np.asarray(offsets), np.asarray(found)
        finally:
            free(text)
            free(length)


cdef void fill_words(w2v_words_table *table) noexcept nogil:
    w2v_words_fill(table)


cdef size_t line_rows(const w2v_words_table *words, const w2v_ngram_rows *characters,
                      const w2v_ngram_rows *sequences, int word_ngrams, const char *label,
                      const unsigned char *line, size_t n, int32_t *hashes, int64_t *rows,
                      size_t room) noexcept nogil:
    return w2v_line_rows(words, characters, sequences, word_ngrams, label, line, n, hashes, rows,
                         room)


def means(const unsigned char[::1] matrix not None, Py_ssize_t dim, const int64_t[::1] offsets,
          const int64_t[::1] rows, float[:, ::1] out, bint count_absent=False):
    """Set out[i] to the mean of the rows of group i, or to zeros if the group is empty.

    Parameters
    ----------
    matrix : bytes of float32 rows; need not be aligned
    dim : int
    offsets : int64 (n + 1,)
    rows : int64 (offsets[n],)
        -1 means a row of zeros that is not stored.
    out : float32 (n, dim)
    count_absent : bool
        Divide by the number of all rows; otherwise rows below 0 do not count.
    """
    cdef Py_ssize_t i, j, n = offsets.shape[0] - 1
    cdef int64_t most = matrix.shape[0] // (dim * <Py_ssize_t> sizeof(float)), count
    if out.shape[0] != n or out.shape[1] != dim or n < 0:
        raise ValueError(f"out has shape ({out.shape[0]}, {out.shape[1]}), not ({n}, {dim})")
    if offsets[0] != 0 or offsets[n] != rows.shape[0]:
        raise ValueError("offsets do not span the rows")
    for i in range(n):
        if offsets[i] > offsets[i + 1]:
            raise ValueError("offsets decrease")
    for i in range(rows.shape[0]):
        if not -1 <= rows[i] < most:
            raise ValueError(f"row {rows[i]} of a matrix of {most} rows")
    if not n:
        return
    with nogil:
        for i in range(n):
            count = offsets[i + 1] - offsets[i]
            if not count_absent:
                for j in range(offsets[i], offsets[i + 1]):
                    count -= rows[j] < 0
            w2v_mean_of_rows(&matrix[0] if most else NULL, dim,
                             &rows[offsets[i]] if offsets[i + 1] > offsets[i] else NULL,
                             <size_t> (offsets[i + 1] - offsets[i]), <double> count, &out[i, 0])
