"""Face of csrc's tokeniser and word counter, and the same for sentences of Python tokens.

`Words` with `Run` number and count the words of bytes, without the GIL; `Tokens` numbers and counts
any hashable tokens. Both fill id buffers of the caller, block by block. Refuses to open files, to
choose which words stay, and to hold the ids.
"""

from itertools import islice

from cpython.dict cimport PyDict_GetItemWithError
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.long cimport PyLong_AsLong
from cpython.ref cimport PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset

cdef extern from "text.h" nogil:
    enum:
        TEXT_OK
        TEXT_NO_MEMORY
        TEXT_NUL
        TEXT_NOT_UTF8
        TEXT_TOO_MANY
    ctypedef struct text_table:
        int64_t n
        int64_t max_words
        uint64_t *first
        int64_t *counts
    ctypedef struct text_run:
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
    int text_open(text_table *table)
    void text_close(text_table *table)
    int64_t text_word_end(const unsigned char *data, int64_t at, int64_t size)
    int text_feed(text_table *table, text_run *run)
    void text_run_close(text_run *run)
    const unsigned char *text_word(const text_table *table, int64_t id, int64_t *length)
    int text_merge(text_table *table, const text_table *source, int32_t *map)
    int text_prune(text_table *table, int64_t rare, const uint8_t *keep, int32_t *map)
    int64_t text_remap(const int32_t *ids, int64_t n, const int32_t *ends, int64_t n_ends,
                       const int32_t *map, int32_t *out, int64_t *offsets, int64_t *written,
                       int64_t *sentences)

NO_LIMIT = INT32_MAX
cdef int BLOCK = 65536  # tokens taken at a time from a sentence that is no list


class BadText(Exception):
    """A byte that no text holds: `at`, counted from the start of the block, and whether it is NUL."""

    def __init__(self, at, nul):
        super().__init__(at, nul)
        self.at = at
        self.nul = nul


cdef int check(int status) except -1:
    if status == TEXT_NO_MEMORY:
        raise MemoryError("no memory for the distinct words: set max_scan_vocab")
    if status == TEXT_TOO_MANY:
        raise too_many()
    return 0


cdef too_many():
    return OverflowError(
        "the corpus has more distinct words than 32-bit ids (2,147,483,646), or 32 GiB of them: "
        "set max_scan_vocab"
    )


cdef class Words:
    """The distinct words of text, numbered by first occurrence and counted."""

    cdef text_table table

    def __cinit__(self, max_words=None):
        check(text_open(&self.table))
        if max_words is not None:  # for tests: two thousand million words fit in none
            self.table.max_words = max_words

    def __dealloc__(self):
        text_close(&self.table)

    def __len__(self):
        return self.table.n

    def tally(self, int64_t[::1] counts, uint64_t[::1] first):
        """Copies each word's count and the order of its first occurrence."""
        cdef int64_t i
        for i in range(self.table.n):
            counts[i] = self.table.counts[i]
            first[i] = self.table.first[i]

    def strings(self, const int64_t[::1] ids):
        """The words with these ids, as a list of str."""
        cdef int64_t i, length
        cdef const unsigned char *word
        cdef list out = []
        for i in range(ids.shape[0]):
            word = text_word(&self.table, ids[i], &length)
            out.append(PyUnicode_DecodeUTF8(<const char *>word, length, NULL))
        return out

    def merge(self, Words other, int32_t[::1] map):
        """Adds all words of `other`; map[id there] becomes the id here."""
        cdef int status
        if other.table.n:
            with nogil:
                status = text_merge(&self.table, &other.table, &map[0])
            check(status)

    def prune(self, int64_t rare, int32_t[::1] map, const uint8_t[::1] keep=None):
        """Forgets the words counted at most `rare` times, but not where keep[id] is set;
        map[old id] = new id or -1."""
        cdef const uint8_t *spared = NULL
        if self.table.n:
            if keep is not None:
                spared = &keep[0]
            check(text_prune(&self.table, rare, spared, &map[0]))


cdef class Run:
    """One file's way into Words: remembers the word that a block's end has cut."""

    cdef text_run run

    def __dealloc__(self):
        text_run_close(&self.run)

    def feed(self, Words words, const unsigned char[::1] data, int64_t at, int64_t end, *,
             uint64_t base, bint more, int64_t limit, int32_t[::1] ids, int32_t[::1] ends):
        """Encodes the words that begin in data[at:end]; where the ids are full, or the words reach
        `limit`, it stops before the end. Returns where it stopped, how many ids and how many ends.
        """
        cdef text_run *run = &self.run
        cdef int status
        if ends.shape[0] <= ids.shape[0] or ids.shape[0] > INT32_MAX:
            raise ValueError("ends must have room for one more than ids")
        run.size = data.shape[0]
        run.data = &data[0] if run.size else NULL
        run.at, run.end = at, min(end, run.size)
        run.more, run.base, run.limit = more, base, limit
        run.ids, run.ends, run.room = &ids[0], &ends[0], ids.shape[0]
        run.n_ids = run.n_ends = 0
        with nogil:
            status = text_feed(&words.table, run)
        run.data = NULL
        if status == TEXT_NUL or status == TEXT_NOT_UTF8:
            raise BadText(run.bad, status == TEXT_NUL)
        check(status)
        return run.at, run.n_ids, run.n_ends


def word_end(const unsigned char[::1] data, int64_t at):
    """Where the word that data[at] may be part of ends."""
    cdef int64_t size = data.shape[0]
    if at >= size:
        return size
    with nogil:
        at = text_word_end(&data[0], at, size)
    return at


def remap(const int32_t[::1] ids, const int32_t[::1] ends, const int32_t[::1] map,
          int32_t[::1] out, int64_t[::1] offsets, int64_t written, int64_t sentences):
    """Writes map[ids] without what maps below 0 to `out`, which may be `ids`, and the sentences that
    are left to `offsets`. Returns the words and sentences written since the start.
    """
    cdef int64_t n = ids.shape[0], n_ends = ends.shape[0]
    cdef const int32_t *from_ids = &ids[0] if n else NULL
    cdef const int32_t *from_ends = &ends[0] if n_ends else NULL
    cdef const int32_t *to = &map[0] if map.shape[0] else NULL
    if offsets.shape[0] <= sentences + n_ends:
        raise ValueError("offsets is too short")
    with nogil:
        text_remap(from_ids, n, from_ends, n_ends, to, &out[0] if out.shape[0] else NULL, &offsets[0], &written, &sentences)
    return written, sentences


def _blocks(sentence):
    tokens = iter(sentence)
    while block := list(islice(tokens, BLOCK)):
        yield block


def _array_blocks(array):
    kind = array.dtype.kind
    for at in range(0, len(array), BLOCK):
        part = array[at : at + BLOCK]
        if kind == "i" or kind == "u" and (part.dtype.itemsize < 8 or part.max() < 2**63):
            yield part.astype("int64", order="C")
        else:
            yield part.tolist()


def _shown(thing):
    text = repr(thing)
    return text if len(text) <= 60 else text[:57] + "..."


cdef class Tokens:
    """The distinct tokens of sentences, numbered by first occurrence and counted.

    Tokens are the same when they are equal and hash alike, as in a dict.
    """

    cdef readonly dict index  # token -> id
    cdef readonly int64_t sentence  # how many were begun
    cdef int64_t *counts
    cdef int64_t room
    cdef object sentences, blocks, block
    cdef int64_t pos, before  # in the block; tokens in the sentence before the block
    # Integers of arrays have ids of their own, so that only the first of a kind becomes a Python int.
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
        """Copies each token's count and its id, which is the order of its first occurrence."""
        cdef int64_t i
        for i in range(len(self.index)):
            counts[i] = self.counts[i]
            first[i] = i

    def strings(self, const int64_t[::1] ids):
        """The tokens with these ids."""
        cdef list tokens = list(self.index)
        return [tokens[i] for i in ids]

    def prune(self, int64_t rare, int32_t[::1] map, const uint8_t[::1] keep=None):
        """Forgets the tokens counted at most `rare` times, but not where keep[id] is set;
        map[old id] = new id or -1."""
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
            raise MemoryError("no memory for the distinct words: set max_scan_vocab")
        self.counts = counts
        self.room = room
        return 0

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
            raise MemoryError("no memory for the distinct words: set max_scan_vocab")
        memset(self.value_ids, 0xFF, room * sizeof(int32_t))
        self.n_values, self.value_room = 0, room
        return 0

    cdef int64_t slot(self, int64_t value) noexcept nogil:
        """Where the value is, or where it would go."""
        cdef uint64_t hash = <uint64_t>value * <uint64_t>0x9E3779B97F4A7C15
        cdef int64_t last = self.value_room - 1
        cdef int64_t i = <int64_t>((hash ^ (hash >> 32)) & <uint64_t>last)
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
        """Makes a sentence the current one, or says how to mend it."""
        self.pos = self.before = 0
        self.block = self.blocks = None
        if type(sentence) is list:
            self.block = sentence
        elif isinstance(sentence, (str, bytes, bytearray)):
            raise TypeError(
                f"sentence {self.sentence} is a {type(sentence).__name__}, {_shown(sentence)}: its "
                "letters would be the words. Give token lists: [s.split() for s in sentences]"
            )
        elif isinstance(sentence, dict):
            raise TypeError(
                f"sentence {self.sentence} is a dict: give a list of tokens, such as list(its keys)"
            )
        elif hasattr(sentence, "__array_interface__"):
            if sentence.ndim != 1:
                raise TypeError(
                    f"sentence {self.sentence} is an array of {sentence.ndim} dimensions: "
                    "give 1-D arrays of tokens, or one 2-D array with a sentence in each row"
                )
            self.blocks = _array_blocks(sentence)
        else:
            try:
                iter(sentence)
            except TypeError:
                raise TypeError(
                    f"sentence {self.sentence} is a {type(sentence).__name__}, {_shown(sentence)}: "
                    "give a list of token lists; one sentence alone is [tokens]"
                ) from None
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
                    id = self.add(token)
                    size += 1
                self.counts[id] += 1
                ids[n] = id
                n += 1
                self.pos += 1
        except TypeError as error:
            try:
                hash(token)
            except TypeError:
                raise TypeError(
                    f"sentence {self.sentence - 1}, token {self.before + self.pos} is a "
                    f"{type(token).__name__}, {_shown(token)}, which cannot be a token since it "
                    "cannot be hashed: give str, int, tuple or another hashable"
                ) from error
            raise
        return n

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
        """Encodes until the ids are full, the tokens reach `limit` or nothing is left.

        Returns how many ids and ends there are, and whether sentences may follow.
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
    """Writes the ids of the known tokens of a list; returns how many."""
    cdef int64_t n = 0
    cdef PyObject *known
    for token in sentence:
        known = PyDict_GetItemWithError(index, token)
        if known != NULL:
            ids[n] = PyLong_AsLong(<object>known)
            n += 1
    return n
