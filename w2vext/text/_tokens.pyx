"""Encodes sentences of Python tokens: hashable objects, numbered by first occurrence and counted.

`_words` does the same for text in bytes. The caller selects the words to keep, and owns the buffers
for ids.
"""

import os
from itertools import islice

import numpy as np

from w2vext._arguments.sentences import PLAIN, NotAWord, sentence_of, word_of

from cpython.dict cimport PyDict_GetItemWithError
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.long cimport PyLong_AsLong
from cpython.ref cimport PyObject
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset

cdef extern from "secret.h" nogil:
    ctypedef struct w2v_secret:
        pass
    w2v_secret w2v_secret_of(uint64_t seed)
    uint64_t w2v_secret_low(const w2v_secret *secret, uint64_t x)

# Secret of the hash table: the author of a corpus cannot choose numbers that collide. Ids do not
# depend on it.
cdef w2v_secret SECRET = w2v_secret_of(int.from_bytes(os.urandom(8), "little"))
cdef int BLOCK = 65536  # tokens taken at a time from a sentence that is not a list


cdef too_many():
    return OverflowError(
        "the corpus has more distinct words than 32-bit ids (2,147,483,646): set max_vocab_size"
    )


def _blocks(sentence):
    tokens = iter(sentence)
    while block := list(islice(tokens, BLOCK)):
        yield block


def _array_blocks(array):
    plain = isinstance(array, np.ndarray) and not isinstance(array, np.ma.MaskedArray)
    kind = array.dtype.kind if plain else ""
    values = getattr(array, "iloc", array)  # of a pandas Series, whose [] looks up labels
    for at in range(0, len(array), BLOCK):
        part = values[at : at + BLOCK]
        if kind == "i" or kind == "u" and (part.dtype.itemsize < 8 or part.max() < 2**63):
            yield part.astype("int64", order="C")
        else:
            yield part.tolist()  # None for masked entries


cdef class Tokens:
    """The distinct tokens of sentences, numbered by first occurrence and counted.

    Two tokens are the same if they are equal and have the same hash, as in a dict.
    """

    cdef readonly dict index  # token -> id
    cdef readonly int64_t sentence  # number of sentences begun
    cdef int64_t *counts
    cdef int64_t room
    cdef object sentences, blocks, block
    cdef int64_t pos, before  # position in the block; tokens of the sentence before the block
    # A hash table of the integers in arrays, so that each distinct value becomes a Python int once.
    cdef int64_t *values
    cdef int32_t *value_ids
    cdef int64_t n_values, value_room

    def __cinit__(self, sentences):
        self.index = {}
        self.sentences = iter(sentences)
        self.grow(1024)
        self.clear_values(1024)

    def __dealloc__(self):
        free(self.counts)
        free(self.values)
        free(self.value_ids)

    def __len__(self):
        return len(self.index)

    def tally(self, int64_t[::1] counts, uint64_t[::1] first):
        """Copy the count of each token, and its id, which is the order of first occurrence."""
        cdef int64_t i
        for i in range(len(self.index)):
            counts[i] = self.counts[i]
            first[i] = i

    def strings(self, const int64_t[::1] ids):
        """The tokens with these ids."""
        cdef list tokens = list(self.index)
        return [tokens[i] for i in ids]

    def prune(self, int64_t rare, int32_t[::1] map, const uint8_t[::1] keep=None):
        """Remove the tokens counted at most `rare` times, except those with keep[id] set.

        map (len(self)) receives the new ids, or -1 for removed tokens.
        """
        cdef int64_t i = 0, kept = 0
        cdef dict index = {}
        for token in self.index:
            map[i] = -1
            if self.counts[i] > rare or keep is not None and keep[i]:
                self.counts[kept] = self.counts[i]
                map[i] = kept
                index[token] = kept
                kept += 1
            i += 1
        self.index = index
        self.clear_values(1024)

    cdef int grow(self, int64_t room) except -1:
        cdef int64_t *counts = <int64_t *>realloc(self.counts, room * sizeof(int64_t))
        if counts == NULL:
            raise MemoryError("no memory for the distinct words: set max_vocab_size")
        self.counts = counts
        self.room = room
        return 0

    cdef int32_t id_of(self, token) except -1:
        """The id of a token that the index has no equal of: that of the word it stands for."""
        cdef PyObject *known
        if type(token) in PLAIN:
            return self.add(token)
        token = word_of(token)
        known = PyDict_GetItemWithError(self.index, token)
        return self.add(token) if known == NULL else PyLong_AsLong(<object>known)

    cdef int32_t add(self, token) except -1:
        cdef int64_t n = len(self.index)
        if n >= INT32_MAX - 1:
            raise too_many()
        if n == self.room:
            self.grow(n * 2)
        self.index[token] = n
        self.counts[n] = 0
        return n

    cdef int clear_values(self, int64_t room) except -1:
        free(self.values)
        free(self.value_ids)
        self.values = <int64_t *>malloc(room * sizeof(int64_t))
        self.value_ids = <int32_t *>malloc(room * sizeof(int32_t))
        if self.values == NULL or self.value_ids == NULL:
            raise MemoryError("no memory for the distinct words: set max_vocab_size")
        memset(self.value_ids, 0xFF, room * sizeof(int32_t))
        self.n_values, self.value_room = 0, room
        return 0

    cdef int64_t slot(self, int64_t value) noexcept nogil:
        """The slot of a value, or the free slot for it."""
        cdef int64_t last = self.value_room - 1
        cdef int64_t i = <int64_t>(w2v_secret_low(&SECRET, <uint64_t>value) & <uint64_t>last)
        while self.value_ids[i] >= 0 and self.values[i] != value:
            i = (i + 1) & last
        return i

    cdef int32_t add_value(self, int64_t value) except -1:
        cdef int64_t i, j, room = self.value_room
        cdef int64_t *values = self.values
        cdef int32_t *ids = self.value_ids
        cdef object token = value
        cdef PyObject *known
        cdef int32_t id
        if self.n_values * 2 >= room:
            self.values, self.value_ids = NULL, NULL
            try:
                self.clear_values(room * 2)
                for i in range(room):
                    if ids[i] >= 0:
                        j = self.slot(values[i])
                        self.values[j], self.value_ids[j] = values[i], ids[i]
                        self.n_values += 1
            finally:
                free(values)
                free(ids)
        known = PyDict_GetItemWithError(self.index, token)
        id = PyLong_AsLong(<object>known) if known != NULL else self.add(token)
        i = self.slot(value)
        self.values[i], self.value_ids[i] = value, id
        self.n_values += 1
        return id

    cdef int begin(self, sentence) except -1:
        """Make a sentence the current one; raise TypeError if it is not one."""
        self.pos = self.before = 0
        self.block = self.blocks = None
        if type(sentence) is list:
            self.block = sentence
            return 0
        sentence = sentence_of(sentence, f"sentence {self.sentence}")
        if type(sentence) is list:
            self.block = sentence
        elif hasattr(sentence, "tolist"):
            self.blocks = _array_blocks(sentence)
        else:
            self.blocks = _blocks(sentence)
        return 0

    cdef int64_t take_list(self, list block, int32_t[::1] ids, int64_t n, int64_t limit) except -1:
        cdef int64_t room = ids.shape[0], size = len(self.index)
        cdef int32_t id
        cdef PyObject *known
        cdef object token = None
        try:
            while self.pos < PyList_GET_SIZE(block) and n < room and size < limit:
                token = <object>PyList_GET_ITEM(block, self.pos)
                known = PyDict_GetItemWithError(self.index, token)
                if known != NULL:
                    id = PyLong_AsLong(<object>known)
                else:
                    id = self.id_of(token)
                    size = len(self.index)
                self.counts[id] += 1
                ids[n] = id
                n += 1
                self.pos += 1
        except NotAWord as error:
            raise self.not_a_word(error) from None
        except TypeError:
            try:
                hash(token)
            except TypeError:
                pass
            else:
                raise
            try:
                id = self.id_of(token)  # an array without dimensions stands for its value
            except NotAWord as error:
                raise self.not_a_word(error) from None
            self.counts[id] += 1
            ids[n] = id
            n += 1
            self.pos += 1
        return n

    cdef not_a_word(self, error):
        """The error of the current token."""
        place = f"sentence {self.sentence - 1}, token {self.before + self.pos}"
        return TypeError(f"{place} is {error}")

    cdef int64_t take_values(self, const int64_t[::1] block, int32_t[::1] ids, int64_t n,
                             int64_t limit) except -1:
        cdef int64_t room = ids.shape[0], size = block.shape[0], value
        cdef int32_t id
        cdef bint full = False
        while self.pos < size and n < room and not full:
            value = block[self.pos]
            id = self.value_ids[self.slot(value)]
            if id < 0:
                id = self.add_value(value)
                full = len(self.index) >= limit
            self.counts[id] += 1
            ids[n] = id
            n += 1
            self.pos += 1
        return n

    def fill(self, int32_t[::1] ids, int32_t[::1] ends, int64_t limit):
        """Encode until a buffer is full, there are `limit` distinct tokens, or the corpus ends.

        Returns the number of ids, the number of sentence ends, and whether sentences may follow.
        """
        cdef int64_t n = 0, n_ends = 0, room = ids.shape[0], room_ends = ends.shape[0]
        cdef bint is_list
        while n < room and n_ends < room_ends and len(self.index) < limit:
            if self.block is None:
                if self.blocks is None:
                    sentence = next(self.sentences, self)
                    if sentence is self:
                        return n, n_ends, False
                    self.begin(sentence)
                    self.sentence += 1
                    if self.block is None:
                        continue
                else:
                    self.block = next(self.blocks, None)
                    self.pos = 0
                    if self.block is None:
                        self.blocks = None
                        ends[n_ends] = n
                        n_ends += 1
                        continue
            is_list = type(self.block) is list
            if is_list:
                n = self.take_list(self.block, ids, n, limit)
            else:
                n = self.take_values(self.block, ids, n, limit)
            if self.pos >= len(self.block):
                self.before += self.pos
                self.block = None
                if self.blocks is None:
                    ends[n_ends] = n
                    n_ends += 1
        return n, n_ends, True


def lookup(dict index, sentence, int32_t[::1] ids):
    """Write the ids of the known tokens of a list; return their number."""
    cdef int64_t n = 0
    cdef PyObject *known
    for token in sentence:
        known = PyDict_GetItemWithError(index, token)
        if known != NULL:
            ids[n] = PyLong_AsLong(<object>known)
            n += 1
    return n
