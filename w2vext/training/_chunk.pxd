"""The words around a chunk of positions: what subsampling keeps, and where rows repeat."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy

from w2vext.kernels._arena cimport Arena, carve
from w2vext.kernels._dispatch cimport w2v_prefetch_line
from w2vext.training._plan cimport (
    FIRST, Plan, draw_at, global_pos, is_kept, keeps, window_size, window_shift,
)

cdef enum:
    CHUNK = 4096      # positions that are laid out at once: the longest piece of a Shard
    SEEN = 1024       # hashes of words; a power of 2
    KEEP_AHEAD = 16   # positions ahead for which a word's threshold is prefetched


cdef struct Chunk:
    int32_t *words           # (CHUNK + 2 window + 2): the kept words, then the global context word
    const int32_t *context   # with pairs: the context word of words[i] is context[i]
    const float *weight      # and weight[i] their weight; or NULL
    int32_t *window_sizes    # (as words): the window size of each centre
    int left, right, size    # words[left:right] are centres, words[0:size] are contexts
    int global_at            # the place of the global context word among words[0:size], or -1
    int32_t *repeated        # (as words): the largest k whose word occurs again in words[k + 1:i + 1]; or -1
    int32_t *seen            # (SEEN): the last place of a word with each hash


cdef inline void lay_out_chunk(Chunk *c, const Plan *p, Arena *a) noexcept nogil:
    c.words = <int32_t *> carve(a, chunk_size(p), sizeof(int32_t))
    c.window_sizes = <int32_t *> carve(a, chunk_size(p), sizeof(int32_t))
    c.repeated = <int32_t *> carve(a, chunk_size(p), sizeof(int32_t))
    c.seen = <int32_t *> carve(a, SEEN, sizeof(int32_t))


cdef inline size_t chunk_size(const Plan *p) noexcept nogil:
    """The most words of a chunk."""
    return CHUNK + 2 * <size_t> p.window + 2


cdef inline void fill_chunk(Chunk *c, const Plan *p, uint64_t key, int64_t sentence, int64_t begin,
                            int64_t end) noexcept nogil:
    """Copies the kept words of [begin, end), and `window` kept ones of the same sentence on each side."""
    cdef int64_t first = p.offsets[sentence], last = p.offsets[sentence + 1], low
    cdef int32_t *words = c.words
    cdef int left = 0, size, i
    cdef int32_t word, shift = window_shift(p, key)
    cdef int64_t pos = begin
    cdef uint64_t draw
    while left < p.window and pos > first:
        pos -= 1
        if is_kept(p, key, pos):
            words[left] = p.ids[pos]
            left += 1
    for i in range(left // 2):
        word = words[i]
        words[i], words[left - 1 - i] = words[left - 1 - i], word
    size, low = left, pos
    for pos in range(begin, end):
        if pos + KEEP_AHEAD < last:
            w2v_prefetch_line(p.keep + p.ids[pos + KEEP_AHEAD])
        draw = draw_at(key, pos)
        words[size] = p.ids[pos]
        c.window_sizes[size] = window_size(p, draw, shift) if p.window_sizes == NULL else p.window_sizes[pos]
        size += keeps(p, key, pos, draw)
    c.left, c.right = left, size
    pos = end
    while size - c.right < p.window and pos < last:
        if is_kept(p, key, pos):
            words[size] = p.ids[pos]
            size += 1
        pos += 1
    c.size = size
    if p.global_context:
        place_global(c, p, key, sentence, low, pos)


cdef inline void fill_pairs(Chunk *c, const Plan *p, int64_t begin, int64_t end) noexcept nogil:
    """Copies the centres of the pairs [begin, end)."""
    c.left, c.right = 0, <int> (end - begin)
    c.size = c.right
    memcpy(c.words, p.ids + begin, c.size * sizeof(int32_t))
    c.context = p.context + begin
    c.weight = p.weight
    if p.weight != NULL:
        c.weight += begin


cdef inline void place_global(Chunk *c, const Plan *p, uint64_t key, int64_t sentence, int64_t low,
                              int64_t high) noexcept nogil:
    """Finds the global context word of a sentence in a chunk, which has its kept words of [low, high)."""
    cdef int64_t pos = global_pos(p, sentence)
    c.words[c.size] = p.ids[pos] if p.global_word == NULL else p.global_word[sentence]
    c.global_at = -1
    if low <= pos < high and is_kept(p, key, pos):
        if p.global_inside == NULL or p.global_inside[sentence]:
            c.global_at = 0 if p.global_context == FIRST else c.size - 1


cdef inline void find_repeats(Chunk *c) noexcept nogil:
    """Fills `repeated`: words[low:high] can hold a word twice only if repeated[high - 1] >= low.

    Two words with the same hash count as a repeat; this costs time but does not change the result.
    """
    cdef int i, place, last = -1
    cdef int32_t *seen
    for i in range(c.size):
        seen = c.seen + (c.words[i] & (SEEN - 1))
        place = seen[0]
        # A place left over from an earlier chunk may be after i, or hold another word now.
        if place < i and (c.words[place] & (SEEN - 1)) == (c.words[i] & (SEEN - 1)):
            last = max(last, place)
        c.repeated[i] = last
        seen[0] = i
