"""Bindings to csrc/phrases: count pairs of adjacent ids, and join chosen pairs; encode documents."""

import os

import numpy as np

from cpython.dict cimport PyDict_GetItemWithError
from cpython.list cimport PyList_GET_ITEM, PyList_New, PyList_SET_ITEM
from cpython.long cimport PyLong_AsLong
from cpython.object cimport PyObject_Hash
from cpython.ref cimport Py_INCREF, PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

cdef extern from "phrases.h" nogil:
    ctypedef struct w2v_pair_slot:
        uint64_t key
        int64_t value
    ctypedef struct w2v_secret:
        pass
    w2v_secret w2v_secret_of(uint64_t seed)
    ctypedef struct w2v_pair_table:
        w2v_pair_slot *at
        int64_t n, slots
        w2v_secret secret
    ctypedef struct w2v_phrases:
        w2v_pair_table prefixes
        w2v_pair_table pairs
        int32_t words
        const uint8_t *connector
        int64_t max_pairs, pruned
    int64_t *w2v_pair_put(w2v_pair_table *table, int32_t left, int32_t right)
    void w2v_pair_close(w2v_pair_table *table)
    int w2v_phrases_count(w2v_phrases *phrases, const int32_t *ids, const int64_t *offsets,
                          int64_t sentences)
    void w2v_phrases_join(const w2v_phrases *phrases, const int32_t *ids, const int64_t *offsets,
                          int64_t sentences, int32_t *out, int64_t *starts, int64_t *out_offsets)


# Seed of the hash tables: the author of a text cannot choose pairs that collide.
cdef uint64_t SEED = int.from_bytes(os.urandom(8), "little")
cdef uint64_t MAX_FILTER_BITS = 1 << 18  # fits in the first-level cache


cdef no_memory():
    return MemoryError("no memory for the distinct pairs")


cdef entries(const w2v_pair_table *table, int64_t min_value):
    """(left, right, value) of the entries with a value of at least min_value, sorted by left and right."""
    cdef int64_t i, n = 0
    cdef w2v_pair_slot *slot
    for i in range(table.slots):
        n += table.at[i].key != 0 and table.at[i].value >= min_value
    cdef int32_t[::1] left = (a := np.empty(n, dtype=np.int32))
    cdef int32_t[::1] right = (b := np.empty(n, dtype=np.int32))
    cdef int64_t[::1] value = (c := np.empty(n, dtype=np.int64))
    n = 0
    for i in range(table.slots):
        slot = table.at + i
        if slot.key != 0 and slot.value >= min_value:
            left[n] = <int32_t>((slot.key - 1) >> 32)
            right[n] = <int32_t>((slot.key - 1) & <uint64_t>0xFFFFFFFF)
            value[n] = slot.value
            n += 1
    order = np.lexsort((b, a))  # the order of the slots depends on the seed
    return a[order], b[order], c[order]


cdef put(w2v_pair_table *table, entries):
    cdef const int32_t[::1] left = entries[0], right = entries[1]
    cdef const int64_t[::1] value = entries[2]
    cdef int64_t i
    cdef int64_t *stored
    for i in range(left.shape[0]):
        stored = w2v_pair_put(table, left[i], right[i])
        if stored == NULL:
            raise no_memory()
        stored[0] = value[i]


cdef class Pairs:
    """Pairs of ids below len(connector); connector[id] is 1 if a word only occurs inside a pair.

    With max_pairs above 0, the pairs with the lowest counts are removed while counting where there would
    be more distinct pairs; `pruned` is the highest count that was removed, or 0.
    """

    cdef w2v_phrases phrases
    cdef const uint8_t[::1] connector

    def __cinit__(self, const uint8_t[::1] connector, int64_t max_pairs=0):
        self.connector = connector
        self.phrases.prefixes.secret = self.phrases.pairs.secret = w2v_secret_of(SEED)
        self.phrases.words, self.phrases.max_pairs = connector.shape[0], max_pairs
        self.phrases.connector = &connector[0] if connector.shape[0] else NULL

    def __dealloc__(self):
        w2v_pair_close(&self.phrases.prefixes)
        w2v_pair_close(&self.phrases.pairs)

    def __len__(self):
        """The number of distinct pairs."""
        return self.phrases.pairs.n

    @property
    def pruned(self):
        return self.phrases.pruned

    def count(self, const int32_t[::1] ids, const int64_t[::1] offsets):
        """Count the pairs in the sentences ids[offsets[i]:offsets[i + 1]]."""
        cdef int status
        with nogil:
            status = w2v_phrases_count(
                &self.phrases, &ids[0] if ids.shape[0] else NULL, &offsets[0], offsets.shape[0] - 1
            )
        if status:
            raise no_memory()

    def prefixes(self):
        """(prefix, connector, number) of all prefixes of more than one word."""
        return entries(&self.phrases.prefixes, 0)

    def pairs(self, int64_t min_count):
        """(prefix, word, count) of the pairs with a count of at least min_count."""
        return entries(&self.phrases.pairs, min_count)

    def choose(self, prefixes, pairs):
        """Add prefixes, as `prefixes` returns them, and pairs to join, (prefix, word, phrase id)."""
        put(&self.phrases.prefixes, prefixes)
        put(&self.phrases.pairs, pairs)

    def join(self, const int32_t[::1] ids, const int64_t[::1] offsets):
        """(ids, index where each begins in the given ids, offsets) with the pairs joined."""
        cdef int32_t[::1] out = (a := np.empty(ids.shape[0], dtype=np.int32))
        cdef int64_t[::1] starts = (b := np.empty(ids.shape[0], dtype=np.int64))
        cdef int64_t[::1] ends = (c := np.empty(offsets.shape[0], dtype=np.int64))
        with nogil:
            w2v_phrases_join(
                &self.phrases, &ids[0] if ids.shape[0] else NULL, &offsets[0], offsets.shape[0] - 1,
                &out[0] if out.shape[0] else NULL, &starts[0] if out.shape[0] else NULL, &ends[0],
            )
        cdef int64_t n = ends[offsets.shape[0] - 1]
        return a[:n], b[:n], c


cdef class Lexicon:
    """Encodes tokens as ids; a filter on hash bits spares most unknown tokens the look-up."""

    cdef dict ids
    cdef uint64_t[::1] filter  # a bit for each value of the lowest bits of a hash
    cdef uint64_t mask

    def __cinit__(self, dict ids):
        cdef uint64_t bits = 1 << 12
        cdef Py_hash_t hash
        while bits < 32 * <uint64_t>len(ids) and bits < MAX_FILTER_BITS:
            bits *= 2
        self.ids = ids
        self.filter = np.zeros(bits // 64, dtype=np.uint64)
        self.mask = bits - 1
        for word in ids:
            hash = PyObject_Hash(word)
            self.filter[(hash & self.mask) >> 6] |= <uint64_t>1 << (hash & 63)

    def encode(self, list documents):
        """(ids, offsets) of lists of tokens; the id of an unknown token is -1."""
        cdef int64_t size = 0, n = 0, d, i
        cdef list document
        cdef PyObject *known
        cdef object token
        cdef Py_hash_t hash
        for document in documents:
            size += len(document)
        cdef int32_t[::1] ids = (a := np.empty(size, dtype=np.int32))
        cdef int64_t[::1] offsets = (b := np.empty(len(documents) + 1, dtype=np.int64))
        offsets[0] = 0
        for d in range(len(documents)):
            document = <list>PyList_GET_ITEM(documents, d)
            if len(document) > size - n:
                raise RuntimeError("a document grew while it was being encoded")
            for i in range(len(document)):
                token = <object>PyList_GET_ITEM(document, i)
                hash = PyObject_Hash(token)
                ids[n] = -1
                if self.filter[(hash & self.mask) >> 6] >> (hash & 63) & 1:
                    known = PyDict_GetItemWithError(self.ids, token)
                    if known != NULL:
                        ids[n] = PyLong_AsLong(<object>known)
                n += 1
            offsets[d + 1] = n
        return a, b


def decode(list documents, const int64_t[::1] before, list names, const int32_t[::1] ids,
           const int64_t[::1] starts, const int64_t[::1] offsets):
    """The documents with their phrases replaced by names; before (n + 1) are the original offsets.

    ids[i] covers the tokens from starts[i] to starts[i + 1]. Where that is one token, the result
    has the same object.
    """
    cdef int64_t d, i, end, n
    cdef list out = [], document, joined
    cdef object token
    for d in range(len(documents)):
        document = documents[d]
        n = offsets[d + 1] - offsets[d]
        if n == len(document):
            out.append(document[:])
            continue
        joined = PyList_New(n)
        for i in range(offsets[d], offsets[d + 1]):
            end = starts[i + 1] if i + 1 < offsets[d + 1] else before[d + 1]
            if end - starts[i] == 1:
                token = <object>PyList_GET_ITEM(document, starts[i] - before[d])
            else:
                token = <object>PyList_GET_ITEM(names, ids[i])
            Py_INCREF(token)
            PyList_SET_ITEM(joined, i - offsets[d], token)
        out.append(joined)
    return out
