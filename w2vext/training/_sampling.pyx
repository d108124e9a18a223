"""The noise distribution, subsampling thresholds, and the Huffman tree.

The Cython bindings of csrc's rng, alias and huffman.
"""

from libc.math cimport INFINITY, exp, log1p, sqrt
from libc.stdint cimport UINT32_MAX, uint8_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from w2vext.kernels._dispatch cimport W2V_PAD

from w2vext.training import memory


cdef extern from "alias.h" nogil:
    int w2v_alias_build(w2v_slot *, const double *, int32_t, double *, int32_t *) noexcept


cdef extern from "huffman.h" nogil:
    int32_t W2V_HUFFMAN_MAX_WORDS
    int64_t w2v_huffman_build(const int64_t *, int32_t, int32_t *, uint8_t *, int64_t *) noexcept
    int32_t w2v_huffman_path(int32_t, int32_t, const int32_t *, const uint8_t *, int32_t *,
                             float *) noexcept


cdef int build_alias(w2v_slot *slots, const double *weights, int32_t n, double *work,
                     int32_t *order) noexcept nogil:
    """w2v_alias_build, for other modules: its file is linked into this one only."""
    return w2v_alias_build(slots, weights, n, work, order)


cdef class Noise:
    """The distribution of negatives, P(w) = count(w)^a / sum over v of count(v)^a, as an alias table.

    Parameters
    ----------
    weights : float64 (V,)
        count(w)^a, with a = ns_exponent (0.75 in Mikolov et al. 2013b, section 2.2); not normalised.

    Notes
    -----
    A draw costs one 64-bit random number, whatever V is (Walker 1977; Vose 1991). The probabilities are
    exact to 2^-32.
    """

    def __cinit__(self, const double[::1] weights):
        cdef int32_t n = <int32_t> weights.shape[0]
        cdef double *work = <double *> malloc(n * sizeof(double))
        cdef int32_t *order = <int32_t *> malloc(n * sizeof(int32_t))
        cdef int status = -1
        self.size = n
        try:
            if n < 1:
                raise ValueError("the noise distribution needs at least one word")
            self.memory = memory.pages(n * sizeof(w2v_slot))
            self.slots = <w2v_slot *> &self.memory[0]
            if not (work and order):
                raise MemoryError(f"no memory for a noise distribution over {n} words")
            with nogil:
                status = w2v_alias_build(self.slots, &weights[0], n, work, order)
            if status:
                raise ValueError("noise weights must be finite, at least 0, and not all 0")
        finally:
            free(work)
            free(order)

    def draw(self, uint64_t seed, int times):
        """`times` ids, drawn from the random stream of `seed` (a test hook)."""
        cdef uint64_t state = w2v_seed(seed, 0)
        return [w2v_alias_draw(self.slots, self.size, w2v_next(&state)) for _ in range(times)]

    def probabilities(self):
        """The probability of each id, computed from the table's thresholds."""
        cdef int32_t i
        p = [0.0] * self.size
        for i in range(self.size):
            own = self.slots[i].threshold / 4294967296.0
            p[i] += own / self.size
            p[self.slots[i].alias] += (1 - own) / self.size
        return p


cdef class NoiseGroups:
    """The distributions of the negatives of each word if they are drawn within its group.

    Parameters
    ----------
    weights : float64 (V,)
        As for Noise.
    groups : int32 (V,)
        The number of each word's group, below V; -1 for a word without a group.

    Notes
    -----
    The distribution of a group is the weights restricted to its words. A word has the distribution of
    all words if it has no group, or if no other word of its group has a weight above 0. That
    distribution is the last.
    """

    def __cinit__(self, const double[::1] weights, const int32_t[::1] groups):
        cdef int32_t V = <int32_t> weights.shape[0]
        cdef double *sorted_ = NULL
        self.size = V
        if groups.shape[0] != V or V < 1:
            raise ValueError(f"groups of {groups.shape[0]} words for weights of {V}")
        for group in groups:
            if not -1 <= group < V:
                raise ValueError(f"group {group} of {V}")
            self.n = max(self.n, <int32_t> group + 1)
        self.n += 1
        self.group = <int32_t *> malloc(V * sizeof(int32_t))
        self.start = <int64_t *> calloc(<size_t> self.n + 2, sizeof(int64_t))
        self.slots = <w2v_slot *> malloc(2 * <size_t> V * sizeof(w2v_slot))
        self.word = <int32_t *> malloc(2 * <size_t> V * sizeof(int32_t))
        sorted_ = <double *> malloc(2 * <size_t> V * sizeof(double))
        try:
            if not (self.group and self.start and self.slots and self.word and sorted_):
                raise MemoryError(f"no memory for the noise distributions of {self.n} groups")
            self.sort(&weights[0], &groups[0], sorted_)
            self.build(sorted_)
        finally:
            free(sorted_)

    cdef int sort(self, const double *weights, const int32_t *groups, double *sorted_) except -1:
        """Sorts the words that can be drawn by group, and all words after them."""
        cdef int64_t *end = self.start + 1      # of each group, first its size
        cdef int32_t V = self.size, every = self.n - 1, word, g
        cdef int64_t at
        for word in range(V):
            if groups[word] >= 0 and weights[word] > 0:
                end[groups[word]] += 1
        for word in range(V):
            g = groups[word]
            self.group[word] = every if g < 0 or end[g] == (weights[word] > 0) else g
        at = 0
        for g in range(every):                  # turns the sizes into starts, one place further
            at += end[g]
            end[g] = at - end[g]
        end[every] = at
        for word in range(V):
            g = groups[word]
            if g >= 0 and weights[word] > 0:
                self.word[end[g]], sorted_[end[g]] = word, weights[word]
                end[g] += 1
        for word in range(V):
            self.word[at + word], sorted_[at + word] = word, weights[word]
        end[every] = at + V
        return 0

    cdef int build(self, const double *weights) except -1:
        """Builds the alias table of each distribution."""
        cdef double *work = <double *> malloc(self.size * sizeof(double))
        cdef int32_t *order = <int32_t *> malloc(self.size * sizeof(int32_t))
        cdef int status = 0
        cdef int32_t g, n
        try:
            if not (work and order):
                raise MemoryError(f"no memory for a noise distribution over {self.size} words")
            with nogil:
                for g in range(self.n):
                    n = <int32_t> (self.start[g + 1] - self.start[g])
                    if n and status == 0:
                        status = w2v_alias_build(self.slots + self.start[g], weights + self.start[g], n,
                                                 work, order)
            if status:
                raise ValueError("noise weights must be finite, at least 0, and not all 0")
        finally:
            free(work)
            free(order)
        return 0

    def __dealloc__(self):
        free(self.group)
        free(self.start)
        free(self.slots)
        free(self.word)

    def probabilities(self, int32_t word):
        """The probability of each id as a negative of a word, computed from the table's thresholds."""
        cdef int64_t i, start, n
        if not 0 <= word < self.size:
            raise IndexError(f"word {word} of {self.size}")
        start = self.start[self.group[word]]
        n = self.start[self.group[word] + 1] - start
        p = [0.0] * self.size
        for i in range(start, start + n):
            own = self.slots[i].threshold / 4294967296.0
            p[self.word[i]] += own / n
            p[self.word[start + self.slots[i].alias]] += (1 - own) / n
        return p


cdef class Tree:
    """The Huffman tree over words: the path of each word, root first.

    Parameters
    ----------
    counts : int64 (V,)
        Descending, at least 1.
    rank : int32 (V,), optional
        The position of each word in `counts`, if words are not numbered by descending count.
    first : int, default=0
        The row of w_out at which the inner nodes begin.

    Notes
    -----
    The label at a node is 1 - code (Mikolov et al. 2013a, section 3; word2vec.c). A word's path has as
    many targets as its code has bits; V words have V - 1 inner nodes.
    """

    def __cinit__(self, const int64_t[::1] counts, const int32_t[::1] rank=None, int32_t first=0):
        if counts.shape[0] > W2V_HUFFMAN_MAX_WORDS:
            raise ValueError(
                f'loss="hs" supports at most {W2V_HUFFMAN_MAX_WORDS:,} words, got '
                f"{counts.shape[0]:,}: raise min_count"
            )
        cdef int32_t V = <int32_t> counts.shape[0], word, position
        cdef int64_t steps = -1, end = 0, i
        cdef size_t nodes = 2 * <size_t> V
        cdef int32_t *parent = <int32_t *> malloc(nodes * sizeof(int32_t))
        cdef uint8_t *bit = <uint8_t *> malloc(nodes)
        cdef int64_t *weight = <int64_t *> malloc(nodes * sizeof(int64_t))
        self.size, self.first = V, first
        try:
            if V < 1:
                raise ValueError("a Huffman tree needs at least one word")
            self.memory = memory.pages((<size_t> V + 1) * sizeof(int64_t))
            self.start = <int64_t *> &self.memory[0]
            if not (parent and bit and weight):
                raise MemoryError(f"no memory for a Huffman tree over {V} words")
            if rank is not None and not _is_permutation(rank, V, bit):
                raise ValueError("rank must hold each position once")
            with nogil:
                steps = w2v_huffman_build(&counts[0], V, parent, bit, weight)
            if steps < 0:
                raise ValueError("counts must be at least 1 and must not ascend")
            self.steps = memory.pages((2 * steps + W2V_PAD) * sizeof(float))
            self.node = <int32_t *> &self.steps[0]
            self.sign = <float *> (self.node + steps)       # the step reads W2V_PAD more
            with nogil:
                for word in range(V):
                    self.start[word] = end
                    position = word if rank is None else rank[word]
                    end += w2v_huffman_path(position, V, parent, bit, self.node + end, self.sign + end)
                    self.depth = max(self.depth, <int32_t> (end - self.start[word]))
                self.start[V] = end
                for i in range(end):
                    self.node[i] += first
        finally:
            free(parent)
            free(bit)
            free(weight)

    def log_probabilities(self, const double[::1] scores, double[::1] out):
        """out[w] = log of the probability of word w's path, given the score of every inner node."""
        cdef int32_t word
        cdef int64_t i
        cdef double x, total
        if out.shape[0] != self.size or scores.shape[0] < self.size - 1:
            raise ValueError(f"{scores.shape[0]} scores and {out.shape[0]} words for {self.size}")
        with nogil:
            for word in range(self.size):
                total = 0
                for i in range(self.start[word], self.start[word + 1]):
                    x = self.sign[i] * scores[self.node[i] - self.first]
                    total += -log1p(exp(-x)) if x > 0 else x - log1p(exp(x))
                out[word] = total

    def path(self, int32_t word):
        """The inner nodes and code bits of a word, root first."""
        if not 0 <= word < self.size:
            raise IndexError(f"word {word} of {self.size}")
        steps = range(self.start[word], self.start[word + 1])
        return [self.node[i] - self.first for i in steps], [int(self.sign[i] < 0) for i in steps]


cdef bint _is_permutation(const int32_t[::1] rank, int32_t n, uint8_t *seen) noexcept nogil:
    """Whether rank holds each of 0 .. n - 1 once; seen (n) is scratch memory."""
    cdef int32_t i
    if rank.shape[0] != n:
        return False
    memset(seen, 0, n)
    for i in range(n):
        if not 0 <= rank[i] < n or seen[rank[i]]:
            return False
        seen[rank[i]] = 1
    return True


def keep_thresholds(const int64_t[::1] counts, double sample, uint32_t[::1] out):
    """The probability that an occurrence of each word is kept, as a threshold for a 32-bit draw.

    With f(w) = count(w) / sum of counts, word2vec.c keeps an occurrence with probability
    min(1, (sqrt(f / sample) + 1) * sample / f); the paper's formula (Mikolov et al. 2013b, eq. 5) is
    sqrt(sample / f). sample = 0 keeps everything. An occurrence is kept if its draw <= threshold.
    """
    cdef Py_ssize_t i
    cdef double total = 0, ratio, p
    for i in range(counts.shape[0]):
        if counts[i] < 0:
            raise ValueError(f"counts[{i}] = {counts[i]}: a count cannot be negative")
        total += counts[i]
    if total == 0:
        raise ValueError("counts: at least one must be above 0")
    for i in range(counts.shape[0]):
        p = 1
        if sample > 0 and counts[i] > 0:
            ratio = counts[i] / total / sample
            p = (sqrt(ratio) + 1) / ratio if ratio < INFINITY else 0
        out[i] = UINT32_MAX if p >= 1 else <uint32_t> (p * 4294967296.0)


def hash_position(uint64_t key, uint64_t position):
    """A hash of a position: it decides whether the occurrence there is kept, and derives new seeds."""
    return w2v_hash(key, position)
