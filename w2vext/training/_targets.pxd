"""The targets of a window, for each loss: everything that a loss adds to the training loops.

Negative sampling draws from the noise distribution, hierarchical softmax takes the centre's Huffman
path; both together have the targets of both. A Worker (_loop) gets the targets of one window after the other. A Shard (_shard) first gets the rows
that the targets of a piece can be, because it trains on copies of these.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from w2vext.kernels._arena cimport Arena, carve
from w2vext.kernels._dispatch cimport W2V_PAD, w2v_prefetch_line
from w2vext.training._replicas cimport Matrix, row
from w2vext.training._sampling cimport w2v_alias_fill, w2v_seed, w2v_slot


cdef extern from "rows.h" nogil:
    ctypedef struct w2v_place:
        pass
    ctypedef struct w2v_rows:
        w2v_place *places
        int32_t *rows
        int32_t count
    int64_t W2V_ROWS_MAX
    uint32_t w2v_rows_places(int64_t max_rows) noexcept
    void w2v_rows_clear(w2v_rows *t, uint32_t places) noexcept
    int32_t w2v_rows_slot(w2v_rows *t, int32_t row) noexcept


cdef enum:
    DRAWS = 1024             # negatives that are drawn at once
    PATH_AHEAD = 4           # windows ahead for which the index of a path is prefetched


cdef struct TargetSource:
    int most                 # targets that a window can have
    # Negative sampling:
    const w2v_slot *noise    # (words); NULL without
    int32_t words
    int negative             # draws for each window
    # Hierarchical softmax: the path of word w is node[path[w]:path[w + 1]], rows of w_out, with the signs of
    # its labels.
    const int64_t *path      # (V + 1); NULL without
    const int32_t *node
    const float *sign
    int depth                # the length of the longest path


cdef struct Targets:
    # The targets of one window.
    float **rows             # (most + 1): room for an input row to prefetch
    const float *sign        # (m)
    int m
    float *own_sign          # (most + W2V_PAD): the signs of a path and its negatives; or NULL


cdef struct Draws:
    # Negatives that are drawn in advance, for the next windows.
    int32_t *ids             # (size), of which the first `used` are used up
    int size, used
    float *sign              # (1 + negative): 1, -1, -1 ...


cdef inline void lay_out_draws(Draws *d, const TargetSource *source, Arena *a) noexcept nogil:
    d.size = max(DRAWS, source.most)
    d.ids = <int32_t *> carve(a, d.size, sizeof(int32_t))
    d.sign = <float *> carve(a, source.most + W2V_PAD, sizeof(float))


cdef inline void lay_out_targets(Targets *t, const TargetSource *source, Arena *a) noexcept nogil:
    t.rows = <float **> carve(a, source.most + 1, sizeof(float *))
    if source.noise != NULL and source.path != NULL:
        t.own_sign = <float *> carve(a, source.most + W2V_PAD, sizeof(float))


cdef inline void start_draws(Draws *d, const TargetSource *source) noexcept nogil:
    cdef int i
    d.used = d.size
    for i in range(source.most + W2V_PAD):
        d.sign[i] = 1 if i == 0 else -1


cdef inline bint are_distinct(const TargetSource *source) noexcept nogil:
    """Whether no row can occur twice among the targets of a window."""
    return source.noise == NULL


cdef inline void write_targets(const TargetSource *source, Draws *d, uint64_t *rng, const Matrix *w_out,
                               int32_t centre, Targets *t) noexcept nogil:
    """The targets of a window with this centre."""
    if source.noise == NULL:
        write_path(source, w_out, centre, t)
    elif source.path == NULL:
        write_negatives(source, d, rng, w_out, centre, t)
    else:
        write_both(source, d, rng, w_out, centre, t)


cdef inline void write_negatives(const TargetSource *source, Draws *d, uint64_t *rng,
                                 const Matrix *w_out, int32_t centre, Targets *t) noexcept nogil:
    """The centre and its negatives; a negative that equals the centre is dropped (D5)."""
    cdef const int32_t *negatives
    cdef float **rows = t.rows
    cdef int m = 1, j
    if d.used + source.negative > d.size:
        w2v_alias_fill(source.noise, source.words, rng, d.ids, d.size)
        d.used = 0
    negatives = d.ids + d.used
    rows[0] = row(w_out, centre)
    for j in range(source.negative):
        rows[m] = row(w_out, negatives[j])
        m += negatives[j] != centre
    d.used += source.negative
    t.m, t.sign = m, d.sign


cdef inline void write_path(const TargetSource *source, const Matrix *w_out, int32_t centre,
                            Targets *t) noexcept nogil:
    """The inner nodes on the centre's Huffman path."""
    cdef int64_t begin = source.path[centre]
    cdef int j
    t.m = <int> (source.path[centre + 1] - begin)
    for j in range(t.m):
        t.rows[j] = row(w_out, source.node[begin + j])
    t.sign = source.sign + begin


cdef inline void write_both(const TargetSource *source, Draws *d, uint64_t *rng, const Matrix *w_out,
                            int32_t centre, Targets *t) noexcept nogil:
    """The centre and its negatives, then the centre's path."""
    cdef Targets path
    write_negatives(source, d, rng, w_out, centre, t)
    path.rows = t.rows + t.m
    write_path(source, w_out, centre, &path)
    memcpy(t.own_sign, t.sign, t.m * sizeof(float))
    memcpy(t.own_sign + t.m, path.sign, path.m * sizeof(float))
    t.sign = t.own_sign
    t.m += path.m


cdef inline void prefetch_targets(const TargetSource *source, const int32_t *centres,
                                  int count) noexcept nogil:
    """Prefetches what `write_targets` reads for the next centres: first a path's index, then the path."""
    cdef int64_t begin
    if source.path == NULL:
        return
    if count > PATH_AHEAD:
        w2v_prefetch_line(source.path + centres[PATH_AHEAD])
    if count > PATH_AHEAD // 2:
        begin = source.path[centres[PATH_AHEAD // 2]]
        w2v_prefetch_line(source.node + begin)
        w2v_prefetch_line(source.sign + begin)


# --- for the pieces of a Shard ---------------------------------------------------------------------

cdef struct PieceTargets:
    # The memory of a TargetSource for one piece, in which slots replace the ids of rows.
    int pool                 # negatives that are drawn for a piece
    int32_t *drawn           # (pool)
    w2v_slot *noise          # (pool): the uniform distribution over the drawn ones
    w2v_rows nodes           # the slots of inner nodes
    int64_t *path
    int32_t *node
    float *sign
    w2v_rows both            # with both: the rows of words, then those of inner nodes


cdef inline void lay_out_piece(PieceTargets *t, const TargetSource *source, int pool, int64_t words,
                               int64_t outputs, Arena *a) noexcept nogil:
    """words: of a piece, at most; outputs: rows of w_out that it can use, at most."""
    cdef int64_t steps = words * source.depth
    t.pool = pool
    if source.noise != NULL:
        t.drawn = <int32_t *> carve(a, pool, sizeof(int32_t))
        t.noise = <w2v_slot *> carve(a, pool, sizeof(w2v_slot))
    if source.path != NULL:
        t.nodes.rows = <int32_t *> carve(a, outputs, sizeof(int32_t))
        t.nodes.places = <w2v_place *> carve(a, w2v_rows_places(outputs), sizeof(w2v_place))
        t.path = <int64_t *> carve(a, words + 1, sizeof(int64_t))
        t.node = <int32_t *> carve(a, steps, sizeof(int32_t))
        t.sign = <float *> carve(a, steps + W2V_PAD, sizeof(float))  # the step reads W2V_PAD more
    if source.noise != NULL and source.path != NULL:
        t.both.rows = <int32_t *> carve(a, outputs, sizeof(int32_t))


cdef inline void renumbered_source(PieceTargets *t, TargetSource *source) noexcept nogil:
    """Turns a copy of the run's source into the source of the pieces."""
    if source.noise != NULL:
        source.noise, source.words = t.noise, t.pool
    if source.path != NULL:
        source.path, source.node, source.sign = t.path, t.node, t.sign


cdef inline int64_t most_outputs(const TargetSource *source, int64_t words, int pool) noexcept nogil:
    """The maximum number of rows of w_out that the targets of a piece of `words` words can be."""
    return (words + pool if source.noise != NULL else 0) + words * source.depth


cdef inline const w2v_rows *renumber_targets(PieceTargets *t, const TargetSource *source, w2v_rows *words,
                                             int64_t centres, int64_t outputs, uint64_t key,
                                             uint64_t number) noexcept nogil:
    """Assigns a slot to each row that a target of piece `number` can be; returns the table of the slots.

    words: the slots of the piece's words, which are also the slots of its outputs with negative sampling.
    """
    cdef int32_t own = words.count
    if source.noise == NULL:
        renumber_paths(t, source, words, own, 0, outputs)
        return &t.nodes
    renumber_negatives(t, source, words, centres, key, number)
    if source.path == NULL:
        return words
    renumber_paths(t, source, words, own, words.count, outputs)
    memcpy(t.both.rows, words.rows, words.count * sizeof(int32_t))
    memcpy(t.both.rows + words.count, t.nodes.rows, t.nodes.count * sizeof(int32_t))
    t.both.count = words.count + t.nodes.count
    return &t.both


cdef inline void renumber_negatives(PieceTargets *t, const TargetSource *source, w2v_rows *words,
                                    int64_t centres, uint64_t key, uint64_t number) noexcept nogil:
    """Draws the pool of negatives of the piece; the windows draw from a uniform distribution over it."""
    cdef uint64_t state = w2v_seed(key, number + (<uint64_t> 1 << 62))
    cdef int count = <int> min(<int64_t> t.pool, centres * source.negative), i
    w2v_alias_fill(source.noise, source.words, &state, t.drawn, count)
    for i in range(count):
        t.noise[i].threshold, t.noise[i].alias = 0, w2v_rows_slot(words, t.drawn[i])
    for i in range(count, t.pool if count else 0):
        t.noise[i] = t.noise[i - count]


cdef inline void renumber_paths(PieceTargets *t, const TargetSource *source, const w2v_rows *words,
                                int32_t own, int32_t first, int64_t outputs) noexcept nogil:
    """Copies the Huffman paths of the first `own` words; the slots of inner nodes begin at `first`."""
    cdef int64_t end = 0, j
    cdef int32_t slot, word
    for slot in range(own):
        word = words.rows[slot]
        end += source.path[word + 1] - source.path[word]
    w2v_rows_clear(&t.nodes, w2v_rows_places(min(end, outputs)))
    end = 0
    for slot in range(own):
        word = words.rows[slot]
        t.path[slot] = end
        for j in range(source.path[word], source.path[word + 1]):
            t.node[end] = first + w2v_rows_slot(&t.nodes, source.node[j])
            t.sign[end] = source.sign[j]
            end += 1
    t.path[own] = end
