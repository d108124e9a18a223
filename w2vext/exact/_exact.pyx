"""Bindings to csrc/exact*: the loops of word2vec.c and word2phrase.c, reproduced bit by bit.

`w2vext.exact` adds files and parameters. Long calls release the GIL.
"""

import os

import numpy as np

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint64_t
from libc.string cimport memset

cdef extern from "exact_words.h" nogil:
    enum:
        W2V_EXACT_END
        W2V_EXACT_NO_MEMORY
        W2V_EXACT_FULL
        W2V_EXACT_PAUSED
    ctypedef struct w2v_exact_text:
        const unsigned char *data
        int64_t size, at, longest
        int tail
        int64_t pause
    ctypedef struct w2v_secret:
        pass
    w2v_secret w2v_secret_of(uint64_t seed)
    ctypedef struct w2v_exact_words:
        w2v_secret secret
        int64_t n
        int64_t *counts
        int64_t *starts
        unsigned char *arena
    void w2v_exact_close_text(w2v_exact_text *text)
    int64_t w2v_exact_add(w2v_exact_words *words, const unsigned char *word, int64_t length)
    void w2v_exact_close_words(w2v_exact_words *words)
    int64_t w2v_exact_count(w2v_exact_words *words, w2v_exact_text *text, int64_t max_words,
                            int64_t *read)

cdef extern from "exact.h" nogil:
    enum:
        W2V_EXACT_SIGMOIDS
        W2V_EXACT_GUIDE_SIZE
    int64_t W2V_EXACT_TREE_MAX_WORDS
    void w2v_exact_sigmoids(float *table)
    void w2v_exact_initial(float *w, int64_t n, int64_t dim)
    void w2v_exact_keep(const int64_t *counts, int64_t n, int64_t train_words, float sample, float *keep)
    void w2v_exact_noise(const int64_t *counts, int64_t n, int32_t *last, int32_t *guide)
    int32_t w2v_exact_noise_word(const int32_t *last, const int32_t *guide, int32_t slot)
    int64_t w2v_exact_tree(const int64_t *counts, int64_t n, int32_t *parent, uint8_t *bit,
                           int64_t *weight)
    void w2v_exact_paths(int64_t n, const int32_t *parent, const uint8_t *bit, int64_t *path,
                         int32_t *node, uint8_t *code)
    void w2v_exact_classes(const float *w, int64_t n, int64_t dim, int32_t number, float *centres,
                           int32_t *sizes, int32_t *classes)
    ctypedef struct w2v_exact_run:
        const unsigned char *text
        int64_t size, longest
        int tail
        const w2v_exact_words *words
        int64_t train_words
        int32_t dim, window, negative, hs, cbow, epochs, threads
        float alpha
        const float *keep
        const float *sigmoids
        const int32_t *noise_last
        const int32_t *noise_guide
        const int64_t *path
        const int32_t *node
        const uint8_t *code
        float *w_in
        float *w_out
        float *w_nodes
        int stop
        int64_t done
        float lr
        int diverged
    int w2v_exact_train(w2v_exact_run *run, int32_t thread, float *scratch)

cdef extern from "exact_phrases.h" nogil:
    ctypedef struct w2v_exact_phrases:
        w2v_exact_words words
        int64_t train_words, min_count
        float threshold
        const unsigned char *out
        int64_t n_out
    int64_t w2v_exact_phrase_count(w2v_exact_phrases *phrases, w2v_exact_text *text,
                                   int64_t max_words)
    void w2v_exact_phrase_begin(w2v_exact_phrases *phrases)
    int64_t w2v_exact_phrase_write(w2v_exact_phrases *phrases, w2v_exact_text *text,
                                   int64_t min_bytes)
    void w2v_exact_close_phrases(w2v_exact_phrases *phrases)

MAX_WORDS = INT32_MAX - 2
# Seed of the hash tables: the author of a text cannot choose words that collide.
cdef uint64_t SEED = int.from_bytes(os.urandom(8), "little")
cdef int64_t PAUSE = 1 << 20  # bytes between two checks for Ctrl-C


cdef no_memory():
    return MemoryError("no memory for the distinct words")


cdef int64_t check(int64_t status) except? -1:
    if status == W2V_EXACT_NO_MEMORY:
        raise no_memory()
    return status


cdef class Text:
    """Reads the words of a buffer one by one; exact_words.h explains `longest` and `tail`."""

    cdef w2v_exact_text text
    cdef const unsigned char[::1] data

    def __cinit__(self, const unsigned char[::1] data, *, int64_t longest=0, bint tail=True):
        self.data = data
        self.text.size = data.shape[0]
        self.text.data = &data[0] if data.shape[0] else NULL
        self.text.longest, self.text.tail = longest, tail

    def __dealloc__(self):
        w2v_exact_close_text(&self.text)

    cdef int pause(self) except -1:
        """Raise KeyboardInterrupt after Ctrl-C, and set where counting pauses next."""
        PyErr_CheckSignals()
        self.text.pause = self.text.at + PAUSE
        return 0

    @property
    def at(self):
        return self.text.at


cdef class Words:
    """Distinct words in the order of their first occurrence, with their counts."""

    cdef w2v_exact_words words
    cdef readonly int64_t read

    def __cinit__(self):
        self.words.secret = w2v_secret_of(SEED)

    def __dealloc__(self):
        w2v_exact_close_words(&self.words)

    def __len__(self):
        return self.words.n

    def add(self, bytes word, int64_t count):
        """Add to the count of a word; a new word is appended."""
        cdef int64_t i = check(w2v_exact_add(&self.words, <const unsigned char *>word, len(word)))
        self.words.counts[i] += count

    def count(self, Text text, int64_t max_words=MAX_WORDS):
        """Count the rest of a text. Return False if it stopped at more than max_words words."""
        cdef int64_t status = W2V_EXACT_PAUSED
        while status == W2V_EXACT_PAUSED:
            text.pause()
            with nogil:
                status = w2v_exact_count(&self.words, &text.text, max_words, &self.read)
        return check(status) != W2V_EXACT_FULL

    @property
    def counts(self):
        cdef int64_t i
        cdef int64_t[::1] out = (array := np.empty(self.words.n, dtype=np.int64))
        for i in range(self.words.n):
            out[i] = self.words.counts[i]
        return array

    def strings(self):
        """The words, as bytes."""
        cdef int64_t i
        cdef int64_t *starts = self.words.starts
        return [
            self.words.arena[starts[i]:starts[i + 1]] for i in range(self.words.n)
        ]

    def select(self, const int64_t[::1] rows):
        """A new table with the words and counts of these rows, in this order."""
        cdef Words out = Words()
        cdef int64_t i, row, id
        for i in range(rows.shape[0]):
            row = rows[i]
            id = check(w2v_exact_add(&out.words, self.words.arena + self.words.starts[row],
                                 self.words.starts[row + 1] - self.words.starts[row]))
            out.words.counts[id] = self.words.counts[row]
        out.read = self.read
        return out


def sigmoids():
    """The sigmoid table of the original."""
    cdef float[::1] out = (array := np.empty(W2V_EXACT_SIGMOIDS, dtype=np.float32))
    w2v_exact_sigmoids(&out[0])
    return array


def initial_vectors(int64_t n, int64_t dim):
    """The vectors before training, (n, dim)."""
    cdef float[:, ::1] out = (array := np.empty((n, dim), dtype=np.float32))
    if n and dim:
        w2v_exact_initial(&out[0, 0], n, dim)
    return array


def keep_probabilities(const int64_t[::1] counts, int64_t train_words, float sample):
    """The probability with which subsampling keeps each word."""
    cdef float[::1] out = (array := np.empty(counts.shape[0], dtype=np.float32))
    w2v_exact_keep(&counts[0], counts.shape[0], train_words, sample, &out[0])
    return array


def noise(const int64_t[::1] counts):
    """The last slot of each word in the noise table, and the guide for noise_word."""
    cdef int32_t[::1] last = (a := np.empty(counts.shape[0], dtype=np.int32))
    cdef int32_t[::1] guide = (b := np.empty(W2V_EXACT_GUIDE_SIZE, dtype=np.int32))
    w2v_exact_noise(&counts[0], counts.shape[0], &last[0], &guide[0])
    return a, b


def noise_word(const int32_t[::1] last, const int32_t[::1] guide, int32_t slot):
    """The word in a slot of the noise table."""
    return w2v_exact_noise_word(&last[0], &guide[0], slot)


def tree(const int64_t[::1] counts):
    """The Huffman paths: (path, node, code)."""
    cdef int64_t n = counts.shape[0], steps
    if n > W2V_EXACT_TREE_MAX_WORDS:
        raise ValueError(
            f"hs=True supports up to {W2V_EXACT_TREE_MAX_WORDS:,} words, not {n:,}: raise min_count"
        )
    cdef int32_t[::1] parent = np.zeros(2 * n, dtype=np.int32)
    cdef uint8_t[::1] bit = np.zeros(2 * n, dtype=np.uint8)
    cdef int64_t[::1] weight = np.empty(2 * n + 1, dtype=np.int64)
    steps = w2v_exact_tree(&counts[0], n, &parent[0], &bit[0], &weight[0])
    cdef int64_t[::1] path = (a := np.empty(n + 1, dtype=np.int64))
    cdef int32_t[::1] node = (b := np.empty(steps, dtype=np.int32))
    cdef uint8_t[::1] code = (c := np.empty(steps, dtype=np.uint8))
    w2v_exact_paths(n, &parent[0], &bit[0], &path[0], &node[0], &code[0])
    return a, b, c


def classes(const float[:, ::1] w, int32_t number):
    """The class of each row by the k-means of the original."""
    cdef float[:, ::1] centres = np.empty((number, w.shape[1]), dtype=np.float32)
    cdef int32_t[::1] sizes = np.empty(number, dtype=np.int32)
    cdef int32_t[::1] out = (array := np.empty(w.shape[0], dtype=np.int32))
    with nogil:
        w2v_exact_classes(&w[0, 0], w.shape[0], w.shape[1], number, &centres[0, 0], &sizes[0], &out[0])
    return array


cdef class Run:
    """A training run that its threads share; thread i calls train(i)."""

    cdef w2v_exact_run run
    cdef Words words
    cdef const unsigned char[::1] text
    cdef float[:, ::1] w_in, w_out, w_nodes
    cdef const float[::1] keep_, sigmoids_
    cdef const int32_t[::1] noise_last, noise_guide, node
    cdef const int64_t[::1] path
    cdef const uint8_t[::1] code

    def __cinit__(self, const unsigned char[::1] text, Words words, float[:, ::1] w_in, *,
                  float alpha, float sample, int32_t window, int32_t negative, bint hs, bint cbow,
                  int32_t epochs, int32_t threads, int64_t longest, bint tail):
        counts = words.counts
        cdef int64_t n = len(words), dim = w_in.shape[1]
        cdef int64_t train_words = counts.sum()
        cdef w2v_exact_run *run = &self.run
        if n < 2 or w_in.shape[0] != n or dim < 1 or window < 1 or epochs < 1 or threads < 1:
            raise ValueError("needs two words, and at least 1 for dim, window, epochs and threads")
        self.text, self.words, self.w_in = text, words, w_in
        run.text, run.size = &text[0] if text.shape[0] else NULL, text.shape[0]
        run.words = &words.words
        run.train_words, run.dim, run.alpha, run.lr = train_words, dim, alpha, alpha
        run.window, run.negative, run.hs, run.cbow = window, negative, hs, cbow
        run.epochs, run.threads, run.longest, run.tail = epochs, threads, longest, tail
        run.w_in = &w_in[0, 0]
        self.sigmoids_ = sigmoids()
        run.sigmoids = &self.sigmoids_[0]
        if sample > 0:
            self.keep_ = keep_probabilities(counts, train_words, sample)
            run.keep = &self.keep_[0]
        if negative > 0:
            self.w_out = np.zeros((n, dim), dtype=np.float32)
            self.noise_last, self.noise_guide = noise(counts)
            run.w_out = &self.w_out[0, 0]
            run.noise_last, run.noise_guide = &self.noise_last[0], &self.noise_guide[0]
        if hs:
            self.w_nodes = np.zeros((n, dim), dtype=np.float32)
            self.path, self.node, self.code = tree(counts)
            run.w_nodes, run.path = &self.w_nodes[0, 0], &self.path[0]
            run.node, run.code = &self.node[0], &self.code[0]

    def train(self, int32_t thread):
        cdef float[::1] scratch = np.empty(2 * self.run.dim, dtype=np.float32)
        cdef int status
        with nogil:
            status = w2v_exact_train(&self.run, thread, &scratch[0])
        check(status)

    def stop(self):
        self.run.stop = 1

    @property
    def train_words(self):
        return self.run.train_words

    @property
    def done(self):
        """The number of words read by all threads in all epochs."""
        return self.run.done

    @property
    def lr(self):
        return self.run.lr

    @property
    def diverged(self):
        return self.run.diverged != 0


cdef class Phrases:
    """The table of words and pairs of word2phrase.c."""

    cdef w2v_exact_phrases phrases

    def __cinit__(self, int64_t min_count, float threshold):
        self.phrases.min_count, self.phrases.threshold = min_count, threshold
        self.phrases.words.secret = w2v_secret_of(SEED)
        check(w2v_exact_add(&self.phrases.words, b"</s>", 4))

    def __dealloc__(self):
        w2v_exact_close_phrases(&self.phrases)

    @property
    def train_words(self):
        return self.phrases.train_words

    def __len__(self):
        return self.phrases.words.n

    def counts(self):
        cdef int64_t i
        cdef int64_t[::1] out = (array := np.empty(self.phrases.words.n, dtype=np.int64))
        for i in range(self.phrases.words.n):
            out[i] = self.phrases.words.counts[i]
        return array

    def count(self, Text text, int64_t max_words=MAX_WORDS):
        """Count the rest of a text. Return False if it stopped at more than max_words entries."""
        cdef int64_t status = W2V_EXACT_PAUSED
        while status == W2V_EXACT_PAUSED:
            text.pause()
            with nogil:
                status = w2v_exact_phrase_count(&self.phrases, &text.text, max_words)
        return check(status) != W2V_EXACT_FULL

    def begin(self):
        """Reset the previous word, before the text is written from its beginning."""
        w2v_exact_phrase_begin(&self.phrases)

    def write(self, Text text, int64_t block=1 << 20):
        """Yield a text with its phrases joined; only the last part may be below `block` bytes."""
        cdef int64_t status = 1
        while status == 1:
            with nogil:
                status = w2v_exact_phrase_write(&self.phrases, &text.text, block)
            check(status)
            yield self.phrases.out[:self.phrases.n_out] if self.phrases.n_out else b""
