"""The targets of a window, for each loss: everything that a loss adds to the training loops.

Negative sampling draws from the noise distribution, hierarchical softmax takes the centre's Huffman
path; both together have the targets of both. A Worker (_loop) gets the targets of one window after the
other. A Shard (_shard) first gets the rows that the targets of a piece can be, because it trains on
copies of these.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from w2vext.kernels._arena cimport Arena, carve
from w2vext.kernels._dispatch cimport W2V_PAD, w2v_prefetch_line
from w2vext.kernels._rows cimport w2v_place, w2v_rows, w2v_rows_clear, w2v_rows_places, w2v_rows_slot
from w2vext.training._replicas cimport Matrix, row
from w2vext.training._sampling cimport w2v_alias_draw, w2v_alias_fill, w2v_next, w2v_seed, w2v_slot


cdef enum:
    DRAWS = 1024             # maximum number of negatives that are drawn at once; a power of 2
    LEAST_DRAWS = 256        # minimum number of these; a power of 2
    POOL_BYTES = 1 << 19     # maximum size of a pool's rows, which should stay in the second-level cache
    POOL_USES = 4            # times that each negative of a pool is used
    POOL_NEGATIVES = 11      # windows with more negatives than this do not use a pool
    GROUP_DRAWS = 16         # minimum number of negatives that are drawn for each group of a piece
    PATH_AHEAD = 4           # windows ahead for which the index of a path is prefetched


cdef struct TargetSource:
    int most                 # targets that a window can have
    # Negative sampling:
    const w2v_slot *noise    # (words); NULL without
    int32_t words
    int negative             # draws for each window
    int uses                 # times that each draw is used: 1, or POOL_USES (D16)
    Py_ssize_t row_bytes     # of a row of w_out
    # With groups, the negatives of word w are drawn from group_word[group_start[g]:group_start[g + 1]] with
    # g = group[w], for each window.
    const int32_t *group     # (words); NULL without
    const int64_t *group_start
    const w2v_slot *group_noise
    const int32_t *group_word
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
    # Negatives that are drawn in advance, for the next windows. They are used in rounds: round r takes
    # ids[0], ids[step], ids[2 step] ..., modulo their number, with another step than the other rounds.
    int32_t *ids             # (size)
    int size, used           # `used` of this round
    int round, step, mask
    float *sign              # (1 + negative): 1, -1, -1 ...


cdef inline int draws_of(const TargetSource *source) noexcept nogil:
    """The number of negatives that are drawn at once."""
    cdef int size = DRAWS
    if source.uses > 1:
        while size > LEAST_DRAWS and size * source.row_bytes > POOL_BYTES:
            size //= 2
    return max(size, source.most)


cdef inline void lay_out_draws(Draws *d, const TargetSource *source, Arena *a) noexcept nogil:
    d.size = draws_of(source)
    d.ids = <int32_t *> carve(a, d.size, sizeof(int32_t))
    d.sign = <float *> carve(a, source.most + W2V_PAD, sizeof(float))


cdef inline void lay_out_targets(Targets *t, const TargetSource *source, Arena *a) noexcept nogil:
    t.rows = <float **> carve(a, source.most + 1, sizeof(float *))
    if source.noise != NULL and source.path != NULL:
        t.own_sign = <float *> carve(a, source.most + W2V_PAD, sizeof(float))


cdef inline void start_draws(Draws *d, const TargetSource *source) noexcept nogil:
    cdef int i
    d.mask = d.size - 1 if d.size & (d.size - 1) == 0 else -1
    discard_draws(d)
    for i in range(source.most + W2V_PAD):
        d.sign[i] = 1 if i == 0 else -1


cdef inline void discard_draws(Draws *d) noexcept nogil:
    """Makes the next window draw new negatives."""
    d.used, d.round = d.size, POOL_USES


cdef inline void next_round(const TargetSource *source, Draws *d, uint64_t *rng) noexcept nogil:
    """Starts another round of the same negatives or, after the last one, draws new ones."""
    # Odd steps visit every place once. With these, two windows of different rounds that have at most
    # POOL_NEGATIVES negatives share at most one place, for each size of a pool.
    cdef int *steps = [1, 229, 239, 23]
    d.used = 0
    d.round += 1
    if d.round >= source.uses or d.mask < 0:
        w2v_alias_fill(source.noise, source.words, rng, d.ids, d.size)
        d.round = 0
    d.step = steps[d.round]


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
    cdef float **rows = t.rows
    cdef int m = 1, j
    cdef int32_t negative
    if source.group != NULL:
        write_group(source, d, rng, w_out, centre, t)
        return
    if d.used + source.negative > d.size:
        next_round(source, d, rng)
    rows[0] = row(w_out, centre)
    for j in range(d.used, d.used + source.negative):
        negative = d.ids[j * d.step & d.mask]
        rows[m] = row(w_out, negative)
        m += negative != centre
    d.used += source.negative
    t.m, t.sign = m, d.sign


cdef inline void write_group(const TargetSource *source, const Draws *d, uint64_t *rng, const Matrix *w_out,
                             int32_t centre, Targets *t) noexcept nogil:
    """The centre and negatives of its group, otherwise as `write_negatives`."""
    cdef int64_t start = source.group_start[source.group[centre]]
    cdef int32_t size = <int32_t> (source.group_start[source.group[centre] + 1] - start), negative
    cdef int m = 1, j
    t.rows[0] = row(w_out, centre)
    for j in range(source.negative):
        negative = source.group_word[start + w2v_alias_draw(source.group_noise + start, size, w2v_next(rng))]
        t.rows[m] = row(w_out, negative)
        m += negative != centre
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
    cdef int64_t begin, last
    if source.path == NULL:
        return
    if count > PATH_AHEAD:
        w2v_prefetch_line(source.path + centres[PATH_AHEAD])
    if count > PATH_AHEAD // 2:
        begin = source.path[centres[PATH_AHEAD // 2]]
        last = source.path[centres[PATH_AHEAD // 2] + 1] - 1
        w2v_prefetch_line(source.node + begin)
        w2v_prefetch_line(source.node + last)       # most paths fit into two cache lines
        w2v_prefetch_line(source.sign + begin)
        w2v_prefetch_line(source.sign + last)


# --- for the pieces of a Shard ---------------------------------------------------------------------

cdef struct PieceTargets:
    # The memory of a TargetSource for one piece, in which slots replace the ids of rows.
    int pool                 # negatives that are drawn for a piece
    int32_t *drawn           # (most_draws)
    w2v_slot *noise          # (most_draws): the uniform distribution over the drawn ones
    w2v_rows groups          # with groups: the slots of the piece's groups
    int32_t *group           # (words)
    int64_t *group_start     # (words + 1)
    w2v_rows nodes           # the slots of inner nodes
    int64_t *path
    int32_t *node
    float *sign
    w2v_rows both            # with both: the rows of words, then those of inner nodes


cdef inline int most_draws(const TargetSource *source, int pool, int length) noexcept nogil:
    """The maximum number of negatives that are drawn for a piece of `length` centres."""
    return pool + (length * min(source.negative, GROUP_DRAWS) if source.group != NULL else 0)


cdef inline void lay_out_piece(PieceTargets *t, const TargetSource *source, int draws, int64_t words,
                               int64_t outputs, Arena *a) noexcept nogil:
    """draws: `most_draws`; words: of a piece, at most; outputs: rows of w_out that it can use, at most."""
    cdef int64_t steps = words * source.depth
    if source.noise != NULL:
        t.drawn = <int32_t *> carve(a, draws, sizeof(int32_t))
        t.noise = <w2v_slot *> carve(a, draws, sizeof(w2v_slot))
    if source.group != NULL:
        t.groups.rows = <int32_t *> carve(a, words, sizeof(int32_t))
        t.groups.places = <w2v_place *> carve(a, w2v_rows_places(words), sizeof(w2v_place))
        t.group = <int32_t *> carve(a, words, sizeof(int32_t))
        t.group_start = <int64_t *> carve(a, words + 1, sizeof(int64_t))
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
        source.uses = 1                     # a piece of a Shard has a pool of its own
    if source.group != NULL:
        source.group, source.group_start = t.group, t.group_start
        source.group_noise, source.group_word = t.noise, t.drawn
    if source.path != NULL:
        source.path, source.node, source.sign = t.path, t.node, t.sign


cdef inline int64_t most_outputs(const TargetSource *source, int64_t words, int draws) noexcept nogil:
    """The maximum number of rows of w_out that the targets of a piece of `words` words can be."""
    return (words + draws if source.noise != NULL else 0) + words * source.depth


cdef inline const w2v_rows *renumber_targets(PieceTargets *t, const TargetSource *source, w2v_rows *words,
                                             const int32_t *centres, int64_t n, int64_t outputs,
                                             uint64_t draws) noexcept nogil:
    """Assigns a slot to each row that a target of a piece can be; returns the table of the slots.

    words: the slots of the piece's words, which are also the slots of its outputs with negative sampling;
    centres (n): the slots of its centres; draws: the state of the random stream of its negatives.
    """
    cdef int32_t own = words.count
    if source.noise == NULL:
        renumber_paths(t, source, words, own, 0, outputs)
        return &t.nodes
    if source.group == NULL:
        renumber_negatives(t, source, words, n, draws)
    else:
        renumber_groups(t, source, words, centres, n, draws)
    if source.path == NULL:
        return words
    renumber_paths(t, source, words, own, words.count, outputs)
    memcpy(t.both.rows, words.rows, words.count * sizeof(int32_t))
    memcpy(t.both.rows + words.count, t.nodes.rows, t.nodes.count * sizeof(int32_t))
    t.both.count = words.count + t.nodes.count
    return &t.both


cdef inline void renumber_negatives(PieceTargets *t, const TargetSource *source, w2v_rows *words,
                                    int64_t centres, uint64_t state) noexcept nogil:
    """Draws the pool of negatives of the piece; the windows draw from a uniform distribution over it."""
    cdef int count = <int> min(<int64_t> t.pool, centres * source.negative), i
    w2v_alias_fill(source.noise, source.words, &state, t.drawn, count)
    for i in range(count):
        t.noise[i].threshold, t.noise[i].alias = 0, w2v_rows_slot(words, t.drawn[i])
    for i in range(count, t.pool if count else 0):
        t.noise[i] = t.noise[i - count]


cdef inline void renumber_groups(PieceTargets *t, const TargetSource *source, w2v_rows *words,
                                 const int32_t *centres, int64_t n, uint64_t state) noexcept nogil:
    """Draws a pool of negatives for each group; its share of `pool` is its share of the n centres."""
    cdef int64_t *size = t.group_start + 1      # the number of its centres, then of its negatives
    cdef int64_t first, i, end = 0
    cdef int32_t g, slot, own = words.count
    w2v_rows_clear(&t.groups, w2v_rows_places(own))
    for slot in range(own):
        t.group[slot] = w2v_rows_slot(&t.groups, source.group[words.rows[slot]])
    memset(t.group_start, 0, (t.groups.count + 1) * sizeof(int64_t))
    for i in range(n):
        size[t.group[centres[i]]] += 1
    for g in range(t.groups.count):
        size[g] = min(size[g] * source.negative, max(t.pool * size[g] // max(n, 1), <int64_t> GROUP_DRAWS))
        first = source.group_start[t.groups.rows[g]]
        w2v_alias_fill(source.group_noise + first,
                       <int32_t> (source.group_start[t.groups.rows[g] + 1] - first), &state, t.drawn + end,
                       <int> size[g])
        for i in range(size[g]):
            t.drawn[end + i] = w2v_rows_slot(words, source.group_word[first + t.drawn[end + i]])
            t.noise[end + i].threshold, t.noise[end + i].alias = 0, <int32_t> i
        end += size[g]
        size[g] = end


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
