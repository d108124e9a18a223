"""The C attributes of a Shard, and its copies of rows as a Merger (_merger) reads them."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from w2vext.kernels._arena cimport Arena
from w2vext.kernels._rows cimport w2v_rows
from w2vext.training._plan cimport Job
from w2vext.training._targets cimport PieceTargets


cdef enum:
    BUCKET_BITS = 4
    BUCKETS = 1 << BUCKET_BITS    # sets of rows that one task merges
    SHARD_BITS = 6
    MOST_SHARDS = 1 << SHARD_BITS
    MOST_SLOTS = 1 << (31 - SHARD_BITS)

# A copy of a row: slot << SHARD_BITS | shard, or -1. A struct of both would take twice the memory, and
# the tables of them are read in random order.
ctypedef int32_t Entry


cdef inline int32_t slot_of(Entry entry) noexcept nogil:
    return entry >> SHARD_BITS


cdef inline int32_t shard_of(Entry entry) noexcept nogil:
    return entry & (MOST_SHARDS - 1)


cdef struct Copies:
    # A shard's copies of the rows of one matrix.
    float *values              # (capacity, stride)
    int32_t capacity
    const int32_t *rows        # (count): the row of each slot
    int32_t count
    Entry *next                # (capacity): the next shard's copy of the same row
    int32_t *order             # (count): the slots, bucket by bucket
    int32_t start[BUCKETS + 1] # the start of each bucket in `order`


cdef inline int bucket_of(int32_t row) noexcept nogil:
    # Sixteen adjacent rows share a bucket, because their entries share cache lines of the Merger's tables.
    return <int> ((<uint32_t> (row >> 4) * <uint32_t> 2654435769) >> (32 - BUCKET_BITS))


cdef class Shard:
    cdef Job job, piece_job       # the run's, and the piece's
    cdef object worker
    cdef Arena arena
    cdef Copies w_in, w_out
    cdef float **parts            # (most_parts + 1): the rows of a word with subwords
    cdef w2v_rows words           # the slots of the piece's words
    cdef PieceTargets targets
    # Upper bounds for a piece: its words, its distinct words with the global context words, and the rows
    # of w_in and w_out that it uses.
    cdef int64_t most, most_words, most_in, most_out
    cdef int draws                # the negatives of a piece, at most
    cdef int32_t *ids             # (most): the slots of the kept words
    cdef int64_t *offsets         # (most + 1)
    cdef uint32_t *keep           # (most)
    cdef int32_t *window_sizes    # (most)
    cdef int32_t *global_word     # (most): of each sentence of the piece, or NULL
    cdef uint8_t *global_inside   # (most)
    cdef int32_t *context         # (most): of pairs, the slots of the context words; or NULL
    cdef float *weight            # (most), or NULL
    cdef uint8_t *frozen          # (most_words), or NULL
    cdef int64_t sentences        # of the piece
    cdef int64_t size, first, last    # the piece is ids[:size], its centres are ids[first:last]
    cdef readonly double loss
    cdef readonly object pairs

    cdef void lay_out(self) noexcept nogil
    cdef void compose_rows(self) noexcept nogil
    cdef void take_words(self, int64_t begin, int64_t end, uint64_t key) noexcept nogil
    cdef void take_pairs(self, int64_t begin, int64_t end) noexcept nogil
    cdef inline void end_sentence(self, int64_t sentence, int64_t low, int64_t high, int64_t size,
                                  uint64_t key) noexcept nogil
    cdef void renumber(self, uint64_t key, uint64_t number) noexcept nogil
