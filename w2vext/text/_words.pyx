"""Bindings to csrc/text, text_table and column: split bytes into words, number and count them, without the GIL.

`_tokens` does the same for sentences of Python tokens. The caller reads the files, selects the words to
keep, and owns the buffers for ids.
"""

import os

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

cdef extern from "text.h" nogil:
    enum:
        W2V_TEXT_OK
        W2V_TEXT_NO_MEMORY
        W2V_TEXT_NUL
        W2V_TEXT_NOT_UTF8
        W2V_TEXT_LONG
        W2V_TEXT_LONGEST
        W2V_TEXT_TOO_MANY
    ctypedef struct w2v_text_run:
        const unsigned char *data
        int64_t size, at, end
        int more
        uint64_t base
        int64_t limit
        int32_t *ids
        int64_t n_ids, room
        int32_t *ends
        int64_t n_ends
        int64_t bad
        int64_t n_carry
    int w2v_text_open(w2v_text_table *table, uint64_t seed)
    void w2v_text_close(w2v_text_table *table)
    int64_t w2v_text_word_end(const unsigned char *data, int64_t at, int64_t size)
    int w2v_text_feed(w2v_text_table *table, w2v_text_run *run)
    void w2v_text_run_close(w2v_text_run *run)
    const unsigned char *w2v_text_word(const w2v_text_table *table, int64_t id, int64_t *length)
    int32_t w2v_text_add(w2v_text_table *table, const unsigned char *word, int64_t length, int64_t count,
                         uint64_t first, int *status)
    int w2v_text_merge(w2v_text_table *table, const w2v_text_table *source, int32_t *map)
    int w2v_text_prune(w2v_text_table *table, int64_t max_count, const uint8_t *keep, int32_t *map)
    ctypedef struct w2v_text_output:
        int32_t *ids
        int64_t *offsets
        int64_t words, sentences
    int64_t w2v_text_remap(const int32_t *ids, int64_t n, const int32_t *ends, int64_t n_ends,
                           const int32_t *map, w2v_text_output *out)

cdef extern from "prefetch.h" nogil:
    void W2V_PREFETCH(const void *p, int written)

cdef extern from "column.h" nogil:
    int w2v_column_feed(w2v_text_table *table, w2v_column_run *run)
    int w2v_column_count_codes(w2v_text_table *table, const w2v_values *values, int32_t *counts,
                               const uint64_t *firsts, int32_t *map)

cdef enum:
    AHEAD = 8  # words that are prefetched

NO_LIMIT = INT32_MAX
NAMES = {"text": "strings", "int64": "integers", "uint64": "unsigned integers of 64 bits"}
LONGEST = W2V_TEXT_LONGEST  # bytes of a word
# Seed of the hash table: the author of a text cannot choose words that collide.
cdef uint64_t SEED = int.from_bytes(os.urandom(8), "little")


class BadText(Exception):
    """Invalid text at index `at` of the block; a negative index is in an earlier block.

    `kind` is "NUL", "UTF-8" (invalid UTF-8) or "long" (a word of more than LONGEST bytes).
    """

    def __init__(self, at, kind):
        super().__init__(at, kind)
        self.at = at
        self.kind = kind


class NotAColumn(TypeError):
    """A column contains something else than words, which the argument names."""


cdef int check(int status) except -1:
    if status == W2V_TEXT_NO_MEMORY:
        raise MemoryError("no memory for the distinct words: set max_vocab_size")
    if status == W2V_TEXT_TOO_MANY:
        raise too_many()
    return 0


cdef too_many():
    return OverflowError(
        "the corpus has more than 2,147,483,646 distinct words, or more than 32 GiB of them: set "
        "max_vocab_size"
    )


cdef class Words:
    """The distinct words of text, or the values of columns, numbered and counted.

    The attribute `kind` is "text", "int64" or "uint64", or None until the first column is counted.
    An integer is stored as 8 bytes.
    """

    def __cinit__(self, max_words=None):
        check(w2v_text_open(&self.table, SEED))
        if max_words is not None:  # only tests pass it
            self.table.max_words = max_words

    def __dealloc__(self):
        w2v_text_close(&self.table)

    def __len__(self):
        return self.table.n

    def tally(self, int64_t[::1] counts, uint64_t[::1] first):
        """Copy the count of each word and the position of its first occurrence."""
        cdef int64_t i
        for i in range(self.table.n):
            counts[i] = self.table.entries[i].count
            first[i] = self.table.first[i]

    cdef int feed_column(self, w2v_column_run *run) except -1:
        """Count rows of a column; returns a status of values.h or text.h, and raises for the others."""
        cdef int status
        with nogil:
            status = w2v_column_feed(&self.table, run)
        check(status)
        return status

    cdef int count_codes(self, const w2v_values *values, int32_t *counts, const uint64_t *firsts,
                         int32_t *map) except -1:
        """Add the values of a dictionary whose codes have been counted; `map` receives their ids."""
        cdef int status
        with nogil:
            status = w2v_column_count_codes(&self.table, values, counts, firsts, map)
        return check(status)

    def set_kind(self, str kind):
        """Say what the words are; raise NotAColumn if they are something else already."""
        if self.kind is not None and self.kind != kind:
            raise NotAColumn(f"{NAMES[self.kind]} and {NAMES[kind]}")
        self.kind = kind

    def strings(self, const int64_t[::1] ids):
        """The words with these ids, as a list of str, or of int for a column of integers."""
        cdef int64_t i, length
        cdef uint64_t value
        cdef int k
        cdef const unsigned char *word
        cdef list out = []
        if self.kind is None or self.kind == "text":
            for i in range(ids.shape[0]):
                # Rows are sorted by count, so the entries of the table are read in random order.
                if i + 2 * AHEAD < ids.shape[0]:
                    W2V_PREFETCH(&self.table.entries[ids[i + 2 * AHEAD]], 0)
                if i + AHEAD < ids.shape[0]:
                    W2V_PREFETCH(w2v_text_word(&self.table, ids[i + AHEAD], &length), 0)
                word = w2v_text_word(&self.table, ids[i], &length)
                out.append(PyUnicode_DecodeUTF8(<const char *>word, length, NULL))
            return out
        cdef bint signed = self.kind == "int64"
        for i in range(ids.shape[0]):
            word = w2v_text_word(&self.table, ids[i], &length)
            value = 0
            for k in range(8):
                value |= <uint64_t>word[k] << 8 * k
            out.append(<int64_t>value if signed else value)
        return out

    def merge(self, Words other, int32_t[::1] map):
        """Add all words of `other`; map (len(other)) receives their ids in this table."""
        cdef int status
        if other.kind is not None:
            self.set_kind(other.kind)
        if other.table.n:
            with nogil:
                status = w2v_text_merge(&self.table, &other.table, &map[0])
            check(status)

    @property
    def size(self):
        """The bytes of all words together."""
        cdef int64_t i, length, total = 0
        for i in range(self.table.n):
            w2v_text_word(&self.table, i, &length)
            total += length
        return total

    def pack(self, int32_t[::1] lengths, uint8_t[::1] data):
        """Copy the length of each word, and the bytes of all words one after the other."""
        cdef int64_t i, length, at = 0
        cdef const unsigned char *word
        for i in range(self.table.n):
            word = w2v_text_word(&self.table, i, &length)
            lengths[i] = <int32_t> length
            if at + length > data.shape[0]:
                raise ValueError(f"data has {data.shape[0]} places, needs {self.size}")
            memcpy(&data[at], word, length)
            at += length

    def merge_packed(self, const int32_t[::1] lengths, const uint8_t[::1] data, const int64_t[::1] counts,
                     const uint64_t[::1] first, int32_t[::1] map):
        """Add the words of a table that `pack` and `tally` have copied; map (n) receives their ids here."""
        cdef int64_t i, at = 0, n = lengths.shape[0], size = data.shape[0]
        cdef int status = W2V_TEXT_OK
        if not counts.shape[0] == first.shape[0] == map.shape[0] == n:
            raise ValueError(f"{n} words with {counts.shape[0]} counts and {first.shape[0]} positions")
        for i in range(n):
            if not 0 <= lengths[i] <= size - at:
                raise ValueError(f"word {i} has {lengths[i]} bytes, and {size - at} bytes are left")
            at += lengths[i]
        if not n:
            return
        with nogil:
            at = 0
            for i in range(n):
                map[i] = w2v_text_add(&self.table, &data[at], lengths[i], counts[i], first[i], &status)
                if status != W2V_TEXT_OK:
                    break
                at += lengths[i]
        check(status)

    def prune(self, int64_t max_count, int32_t[::1] map, const uint8_t[::1] keep=None):
        """Remove the words counted at most max_count times, except those with keep[id] set.

        map (len(self)) receives the new ids, or -1 for removed words.
        """
        cdef const uint8_t *flags = NULL
        if self.table.n:
            if keep is not None:
                flags = &keep[0]
            check(w2v_text_prune(&self.table, max_count, flags, &map[0]))


cdef class Run:
    """Feeds one file to Words, block by block; keeps a word that continues in the next block."""

    cdef w2v_text_run run

    def __dealloc__(self):
        w2v_text_run_close(&self.run)

    @property
    def carried(self):
        """The length in bytes of the unfinished word at the end of the last block, or 0."""
        return self.run.n_carry

    @property
    def pending(self):
        """Whether `feed` must be called again at the end of its data; see `SplitRun`."""
        return False

    def feed(self, Words words, const unsigned char[::1] data, int64_t at, int64_t end, *,
             uint64_t base, bint more, int64_t limit, int32_t[::1] ids, int32_t[::1] ends,
             int64_t n=0, int64_t n_ends=0):
        """Encode the words that begin in data[at:end].

        Stops early when `ids` is full or `words` has `limit` words. `ids` and `ends` contain `n` and
        `n_ends` items already. Returns (position after the last word, number of ids, number of
        sentence ends).
        """
        cdef w2v_text_run *run = &self.run
        cdef int status
        if ends.shape[0] <= ids.shape[0] or ids.shape[0] > INT32_MAX:
            raise ValueError("ends must have room for one more entry than ids")
        if not (0 <= n <= ids.shape[0] and 0 <= n_ends <= n + 1):
            raise ValueError(f"{n} ids and {n_ends} ends, of at most {ids.shape[0]} ids")
        run.size = data.shape[0]
        run.data = &data[0] if run.size else NULL
        run.at, run.end = at, min(end, run.size)
        run.more, run.base, run.limit = more, base, limit
        run.ids, run.ends, run.room = &ids[0], &ends[0], ids.shape[0]
        run.n_ids, run.n_ends = n, n_ends
        with nogil:
            status = w2v_text_feed(&words.table, run)
        run.data = NULL
        if status == W2V_TEXT_NUL or status == W2V_TEXT_NOT_UTF8 or status == W2V_TEXT_LONG:
            raise BadText(run.bad, {W2V_TEXT_NUL: "NUL", W2V_TEXT_LONG: "long"}.get(status, "UTF-8"))
        check(status)
        return run.at, run.n_ids, run.n_ends


def word_end(const unsigned char[::1] data, int64_t at):
    """The index of the first separator from data[at] on, or len(data)."""
    cdef int64_t size = data.shape[0]
    if at >= size:
        return size
    with nogil:
        at = w2v_text_word_end(&data[0], at, size)
    return at


cdef struct remapped:
    const int32_t *ids
    const int32_t *ends
    const int32_t *map
    int64_t n, n_ends


def remap(int32_t[::1] ids, list chunks, int32_t[::1] out, int64_t[::1] offsets, int64_t written=0,
          int64_t sentences=0):
    """Replace ids by their rows in the vocabulary, and leave out ids without a row. Releases the GIL.

    Parameters
    ----------
    ids : int32 (N,)
        The ids of all chunks, one after the other.
    chunks : list of (n, ends, map)
        Of each chunk the number of ids, the indexes where its sentences end, and the row of each id or -1.
    out : int32
        Receives the rows; it may be `ids`.
    offsets : int64
        Receives the ends of the sentences that are not empty.
    written, sentences : int
        The totals of earlier calls, whose sentences are in `offsets`.

    Returns
    -------
    int, int
        The new totals.
    """
    cdef int64_t i, at = 0, n_ends = 0, n_chunks = len(chunks)
    cdef const int32_t[::1] ends, map
    cdef w2v_text_output output
    cdef remapped *parts = <remapped *>malloc((n_chunks + 1) * sizeof(remapped))
    if parts == NULL:
        raise MemoryError("no memory to list the parts of the corpus")
    try:
        for i in range(n_chunks):
            n, ends, map = chunks[i]  # the list keeps the arrays
            parts[i].n, parts[i].n_ends = n, ends.shape[0]
            parts[i].ids = &ids[at] if parts[i].n else NULL
            parts[i].ends = &ends[0] if ends.shape[0] else NULL
            parts[i].map = &map[0] if map.shape[0] else NULL
            at += parts[i].n
            n_ends += ends.shape[0]
        if at > ids.shape[0]:
            raise ValueError(f"the chunks have {at} ids, of {ids.shape[0]}")
        if offsets.shape[0] <= sentences + n_ends:
            raise ValueError(f"offsets has {offsets.shape[0]} places, needs {sentences + n_ends + 1}")
        output.ids = &out[0] if out.shape[0] else NULL
        output.offsets = &offsets[0]
        output.words, output.sentences = written, sentences
        with nogil:
            for i in range(n_chunks):
                output.ids += w2v_text_remap(parts[i].ids, parts[i].n, parts[i].ends, parts[i].n_ends, parts[i].map, &output)
    finally:
        free(parts)
    return output.words, output.sentences
