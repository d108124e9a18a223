"""What the training loop draws from: the noise distribution, subsampling, and the Huffman tree.

The face of csrc's rng, alias and huffman. Knows counts, never a matrix.
"""

from libc.math cimport exp, log1p
from libc.stdint cimport uint8_t
from libc.stdlib cimport calloc, free, malloc


cdef extern from "alias.h" nogil:
    int w2v_alias_build(w2v_slot *, const double *, int32_t, double *, int32_t *) noexcept


cdef extern from "huffman.h" nogil:
    int64_t w2v_huffman_build(const int64_t *, int32_t, int32_t *, uint8_t *, int64_t *) noexcept
    int32_t w2v_huffman_path(int32_t, int32_t, const int32_t *, const uint8_t *, int32_t *,
                             float *) noexcept


cdef enum:
    OVERREAD = 64     # the step reads a few signs past a path's end


cdef class Noise:
    """The distribution of negatives, P(w) = count(w)^a / sum over v of count(v)^a, as an alias table.

    Parameters
    ----------
    weights : float64 (V,)
        count(w)^a, with a = ns_exponent (0.75 in Mikolov et al. 2013b, section 2.2); not normalised.

    Notes
    -----
    A draw costs one 64-bit random number whatever V is (Walker 1977; Vose 1991). The probabilities are
    exact to 2^-32.
    """

    def __cinit__(self, const double[::1] weights):
        cdef int32_t n = <int32_t> weights.shape[0]
        cdef double *work = <double *> malloc(n * sizeof(double))
        cdef int32_t *order = <int32_t *> malloc(n * sizeof(int32_t))
        cdef int status = -1
        self.size = n
        self.slots = <w2v_slot *> malloc(n * sizeof(w2v_slot))
        try:
            if n < 1:
                raise ValueError("the noise distribution needs at least one word")
            if not (work and order and self.slots):
                raise MemoryError(f"no memory for a noise distribution over {n} words")
            with nogil:
                status = w2v_alias_build(self.slots, &weights[0], n, work, order)
            if status:
                raise ValueError("noise weights must be finite, at least 0, and not all 0")
        finally:
            free(work)
            free(order)

    def __dealloc__(self):
        free(self.slots)

    def draw(self, uint64_t seed, int times):
        """`times` ids drawn from the stream of `seed`: a door for the tests."""
        cdef uint64_t state = w2v_seed(seed, 0)
        return [w2v_alias_draw(self.slots, self.size, w2v_next(&state)) for _ in range(times)]

    def probabilities(self):
        """The probability of each id that the table's thresholds amount to."""
        cdef int32_t i
        p = [0.0] * self.size
        for i in range(self.size):
            kept = self.slots[i].threshold / 4294967296.0
            p[i] += kept / self.size
            p[self.slots[i].alias] += (1 - kept) / self.size
        return p


cdef class Tree:
    """The Huffman tree over words sorted by count: the path of each word, root first.

    Parameters
    ----------
    counts : int64 (V,)
        Descending, at least 1.
    rank : int32 (V,), optional
        Each word's place in counts, where words are not numbered by it.

    Notes
    -----
    The label at a node is 1 - code (Mikolov et al. 2013a, section 3; word2vec.c). A word's path has as
    many targets as its code has bits; V words have V - 1 inner nodes.
    """

    def __cinit__(self, const int64_t[::1] counts, const int32_t[::1] rank=None):
        cdef int32_t V = <int32_t> counts.shape[0], word, place
        cdef int64_t steps = -1, at = 0
        cdef size_t nodes = 2 * <size_t> V
        cdef int32_t *parent = <int32_t *> malloc(nodes * sizeof(int32_t))
        cdef uint8_t *bit = <uint8_t *> malloc(nodes)
        cdef int64_t *weight = <int64_t *> malloc(nodes * sizeof(int64_t))
        self.size = V
        try:
            if V < 1:
                raise ValueError("a Huffman tree needs at least one word")
            if rank is not None and sorted(rank) != list(range(V)):
                raise ValueError("rank must hold each place once")
            self.start = <int64_t *> malloc((<size_t> V + 1) * sizeof(int64_t))
            if not (parent and bit and weight and self.start):
                raise MemoryError(f"no memory for a Huffman tree over {V} words")
            with nogil:
                steps = w2v_huffman_build(&counts[0], V, parent, bit, weight)
            if steps < 0:
                raise ValueError("counts must be at least 1 and must not ascend")
            self.node = <int32_t *> malloc((steps + 1) * sizeof(int32_t))
            self.sign = <float *> calloc(steps + OVERREAD, sizeof(float))
            if not (self.node and self.sign):
                raise MemoryError(f"no memory for the paths of {V} words")
            for word in range(V):
                self.start[word] = at
                place = word if rank is None else rank[word]
                at += w2v_huffman_path(place, V, parent, bit, self.node + at, self.sign + at)
                self.depth = max(self.depth, <int32_t> (at - self.start[word]))
            self.start[V] = at
        finally:
            free(parent)
            free(bit)
            free(weight)

    def __dealloc__(self):
        free(self.start)
        free(self.node)
        free(self.sign)

    def log_probabilities(self, const double[::1] scores, double[::1] out):
        """out[w] = log of the probability of word w's path, given every inner node's score."""
        cdef int32_t word
        cdef int64_t i
        cdef double x, total
        if out.shape[0] != self.size or scores.shape[0] < self.size - 1:
            raise ValueError(f"{scores.shape[0]} scores and {out.shape[0]} words for {self.size}")
        with nogil:
            for word in range(self.size):
                total = 0
                for i in range(self.start[word], self.start[word + 1]):
                    x = self.sign[i] * scores[self.node[i]]
                    total += -log1p(exp(-x)) if x > 0 else x - log1p(exp(x))
                out[word] = total

    def path(self, int32_t word):
        """The inner nodes and code bits of a word, root first."""
        if not 0 <= word < self.size:
            raise IndexError(f"word {word} of {self.size}")
        steps = range(self.start[word], self.start[word + 1])
        return [self.node[i] for i in steps], [int(self.sign[i] < 0) for i in steps]


def keep_thresholds(const int64_t[::1] counts, double sample, uint32_t[::1] out):
    """The chance that an occurrence of each word is kept, as a threshold for a 32-bit draw.

    With f(w) = count(w) / sum of counts, word2vec.c keeps an occurrence with probability
    min(1, (sqrt(f / sample) + 1) * sample / f); the paper's formula (Mikolov et al. 2013b, eq. 5) is
    sqrt(sample / f). sample = 0 keeps everything. Kept where draw <= threshold.
    """
    cdef Py_ssize_t i
    cdef double total = 0, ratio, p
    for i in range(counts.shape[0]):
        total += counts[i]
    for i in range(counts.shape[0]):
        p = 1
        if sample > 0:
            ratio = counts[i] / total / sample
            p = (ratio ** 0.5 + 1) / ratio
        out[i] = 0xffffffff if p >= 1 else <uint32_t> (p * 4294967296.0)


def hash_position(uint64_t key, uint64_t position):
    """The number that decides about a position: a door for the tests and for reproducing draws."""
    return w2v_hash(key, position)
