"""Shards: pieces of the stream that are trained on copies of their rows, and the merge of the copies.

A Shard makes a small corpus of its piece: it renumbers the kept words and the targets that they can have,
and copies the rows of both. A Worker trains that corpus like any other. Then a Merger merges the copies of
all shards into the shared matrices: each row by itself, its copies in a tree over the shards (D13). So
the result does not depend on which thread did what, or when.
"""

from libc.math cimport INFINITY
from libc.stdint cimport UINT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memset

from w2vext.kernels._arena cimport Arena, allocate, carve, finish, release
from w2vext.kernels._dispatch cimport W2V_PAD, w2v_merge_fn, w2v_prefetch_row
from w2vext.kernels._rows cimport (
    W2V_ROWS_MAX, w2v_place, w2v_rows, w2v_rows_clear, w2v_rows_places, w2v_rows_slot,
)
from w2vext.training._compose cimport compose_word, damped, prefetch_parts
from w2vext.training._merge cimport merge_tree
from w2vext.training._plan cimport (
    Job, Plan, draw_at, global_pos, is_kept, keeps, sentence_at, window_size, window_shift,
)
from w2vext.training._sampling cimport w2v_seed
from w2vext.training._targets cimport (
    PieceTargets, lay_out_piece, most_draws, most_outputs, renumber_targets, renumbered_source,
)

from w2vext.training._loop import Worker

cdef enum:
    COPY_AHEAD = 16    # rows are prefetched this many before they are copied,
    MERGE_AHEAD = 8    # and this many before they are merged
    BUCKET_BITS = 4
    BUCKETS = 1 << BUCKET_BITS    # sets of rows that one task merges
    SHARD_BITS = 6
    MOST_SHARDS = 1 << SHARD_BITS
    MOST_SLOTS = 1 << (31 - SHARD_BITS)
    COUNT, ADD, FORGET # what `flush` does with the rows of merged words

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
    """Trains pieces on copies of their rows, one after another. Two threads may not use it at the same time.

    Parameters
    ----------
    job : Job
        Of the whole run.
    length : int
        The maximum number of positions in a piece.
    pool : int
        The number of negatives that are drawn for a piece; its steps draw from these.

    Attributes
    ----------
    loss, pairs : float, int
        Of the last piece; see `Worker.take_loss`.
    """

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

    def __cinit__(self, Job job, int length, int pool):
        cdef Plan *p = &job.plan
        cdef Plan *piece
        cdef int64_t i
        self.job, self.targets.pool = job, pool
        self.draws = most_draws(&p.targets, pool, length)
        self.most = min(p.offsets[p.sentences], length + 2 * <int64_t> p.window)
        self.most_words = 2 * self.most if p.global_context or p.context != NULL else self.most
        self.most_in = min(self.most_words, job.rows_in)
        self.most_out = min(most_outputs(&p.targets, self.most_words, self.draws), job.rows_out)
        if max(self.most_in, self.most_out) > MOST_SLOTS or self.most_words + self.draws > W2V_ROWS_MAX:
            raise ValueError(f"window={p.window}: a piece of {self.most} words uses too many rows")
        self.piece_job = Job.__new__(Job)
        self.piece_job.owners = (job,)
        piece = &self.piece_job.plan
        piece[0] = p[0]
        piece.replicas_in = piece.replicas_out = 0
        piece.part_start = NULL           # its rows are composed when they are copied
        piece.stride = (p.stride + W2V_PAD - 1) // W2V_PAD * W2V_PAD    # a read-only job's may be less
        self.lay_out()
        if not allocate(&self.arena):
            raise MemoryError(
                f"no memory for a shard of {self.most} words: {self.arena.size / 1e6:,.0f} MB")
        self.lay_out()
        finish(&self.arena)
        self.w_in.capacity, self.w_out.capacity = <int32_t> self.most_in, <int32_t> self.most_out
        for i in range(self.most):
            self.keep[i] = UINT32_MAX         # the words are kept already
        renumbered_source(&self.targets, &piece.targets)
        # The Worker needs to know only the first sentence: it finds the others while it trains.
        piece.ids, piece.offsets, piece.sentences = self.ids, self.offsets, 1
        piece.keep, piece.window_sizes, piece.frozen = self.keep, self.window_sizes, self.frozen
        piece.context, piece.weight = self.context, self.weight
        piece.global_word, piece.global_inside = self.global_word, self.global_inside
        piece.w_in, piece.w_out = self.w_in.values, self.w_out.values
        self.worker = Worker(self.piece_job)

    cdef void lay_out(self) noexcept nogil:
        cdef Plan *p = &self.job.plan
        cdef Arena *a = &self.arena
        cdef int64_t most = self.most, words = self.most_words
        cdef Py_ssize_t stride = self.piece_job.plan.stride
        self.ids = <int32_t *> carve(a, most, sizeof(int32_t))
        self.offsets = <int64_t *> carve(a, most + 1, sizeof(int64_t))
        self.keep = <uint32_t *> carve(a, most, sizeof(uint32_t))
        self.window_sizes = <int32_t *> carve(a, most, sizeof(int32_t))
        if p.context != NULL:
            self.context = <int32_t *> carve(a, most, sizeof(int32_t))
        if p.weight != NULL:
            self.weight = <float *> carve(a, most, sizeof(float))
        if p.global_context:
            self.global_word = <int32_t *> carve(a, most, sizeof(int32_t))
            self.global_inside = <uint8_t *> carve(a, most, 1)
        if p.frozen != NULL:
            self.frozen = <uint8_t *> carve(a, words, 1)
        self.words.rows = <int32_t *> carve(a, words + self.draws, sizeof(int32_t))
        self.words.places = <w2v_place *> carve(
            a, w2v_rows_places(words + self.draws), sizeof(w2v_place))
        lay_out_piece(&self.targets, &p.targets, self.draws, words, self.most_out, a)
        if p.part_start != NULL:
            self.parts = <float **> carve(a, p.most_parts + 1, sizeof(float *))
        lay_out_copies(&self.w_in, self.most_in, stride, a)
        lay_out_copies(&self.w_out, self.most_out, stride, a)

    def __dealloc__(self):
        release(&self.arena)

    def train(self, int64_t begin, int64_t end, uint64_t number, double lr_begin, double lr_end,
              uint64_t key):
        """Trains the centres at positions [begin, end) of the whole stream on copies of their rows.

        The draws are seeded by (key, number of the piece in its epoch); otherwise as Worker.train.
        """
        with nogil:
            if self.job.plan.context == NULL:
                self.take_words(begin, end, key)
            else:
                self.take_pairs(begin, end)
            self.renumber(key, number)
            copy_rows(&self.w_in, self.job.plan.w_in, self.job.plan.stride, self.piece_job.plan.stride)
            if self.job.plan.part_start != NULL:
                self.compose_rows()
            copy_rows(&self.w_out, self.job.plan.w_out, self.job.plan.stride, self.piece_job.plan.stride)
        self.worker.train(self.first, self.last, number, lr_begin, lr_end, key)
        self.loss, self.pairs = self.worker.take_loss()

    cdef void compose_rows(self) noexcept nogil:
        """Makes each copy of a word's row the mean of its own row and of its n-grams' rows."""
        cdef const Plan *p = &self.job.plan
        cdef int32_t i
        for i in range(self.w_in.count):
            if i + 1 < self.w_in.count:
                prefetch_parts(p, self.w_in.rows[i + 1])
            compose_word(p, self.w_in.rows[i], self.parts, self.w_in.values + i * p.stride)

    cdef void take_words(self, int64_t begin, int64_t end, uint64_t key) noexcept nogil:
        """Writes the kept words of [begin, end) to `ids`, with `window` kept ones of the same sentence on
        each side, and their sentences to `offsets`."""
        cdef const Plan *p = &self.job.plan
        cdef int64_t sentence = sentence_at(p, begin), pos = begin, stop, size = 0, low, i
        cdef int32_t *ids = self.ids
        cdef int32_t word, shift = window_shift(p, key)
        cdef uint64_t draw
        while size < p.window and pos > p.offsets[sentence]:
            pos -= 1
            ids[size] = p.ids[pos]
            size += is_kept(p, key, pos)
        for i in range(size // 2):
            word = ids[i]
            ids[i], ids[size - 1 - i] = ids[size - 1 - i], word
        self.first = size
        self.offsets[0] = self.sentences = 0
        low, pos = pos, begin
        while pos < end:
            stop = min(end, p.offsets[sentence + 1])
            for pos in range(pos, stop):
                draw = draw_at(key, pos)
                ids[size] = p.ids[pos]
                self.window_sizes[size] = window_size(p, draw, shift)
                size += keeps(p, key, pos, draw)
            pos = stop
            if stop < p.offsets[sentence + 1]:
                break
            self.end_sentence(sentence, low, stop, size, key)
            sentence += 1
            low = stop
        self.last = size
        if pos > p.offsets[sentence]:      # the last sentence continues after the piece
            stop = p.offsets[sentence + 1]
            while size - self.last < p.window and pos < stop:
                ids[size] = p.ids[pos]
                size += is_kept(p, key, pos)
                pos += 1
        self.end_sentence(sentence, low, pos, size, key)
        self.size = size

    cdef void take_pairs(self, int64_t begin, int64_t end) noexcept nogil:
        """Writes the pairs [begin, end) to `ids`, `context` and `weight`."""
        cdef const Plan *p = &self.job.plan
        self.first = self.offsets[0] = self.sentences = 0
        self.size = self.last = self.offsets[1] = end - begin
        memcpy(self.ids, p.ids + begin, self.size * sizeof(int32_t))
        memcpy(self.context, p.context + begin, self.size * sizeof(int32_t))
        if p.weight != NULL:
            memcpy(self.weight, p.weight + begin, self.size * sizeof(float))

    cdef inline void end_sentence(self, int64_t sentence, int64_t low, int64_t high, int64_t size,
                                  uint64_t key) noexcept nogil:
        """Ends the piece's part [low, high) of a sentence at ids[:size], unless no word of it is kept."""
        cdef const Plan *p = &self.job.plan
        cdef int64_t pos
        if size == self.offsets[self.sentences]:
            return
        if p.global_context:
            pos = global_pos(p, sentence)
            self.global_word[self.sentences] = p.ids[pos]
            self.global_inside[self.sentences] = low <= pos < high and is_kept(p, key, pos)
        self.sentences += 1
        self.offsets[self.sentences] = size

    cdef void renumber(self, uint64_t key, uint64_t number) noexcept nogil:
        """Gives every word of the piece, and every target that its words can have, a slot."""
        cdef const Plan *p = &self.job.plan
        cdef int64_t size = self.size if self.first < self.last else 0, i
        cdef const w2v_rows *outputs
        cdef int64_t sentences = self.sentences if size and p.global_context else 0
        cdef int64_t pairs = size if p.context != NULL else 0
        cdef int32_t slot
        w2v_rows_clear(&self.words, w2v_rows_places(size + sentences + pairs + self.draws))
        for i in range(size):
            self.ids[i] = w2v_rows_slot(&self.words, self.ids[i])
        for i in range(pairs):
            self.context[i] = w2v_rows_slot(&self.words, self.context[i])
        for i in range(sentences):
            self.global_word[i] = w2v_rows_slot(&self.words, self.global_word[i])
        self.w_in.rows, self.w_in.count = self.words.rows, self.words.count
        if self.frozen != NULL:
            for slot in range(self.w_in.count):
                self.frozen[slot] = p.frozen[self.words.rows[slot]]
        outputs = renumber_targets(&self.targets, &p.targets, &self.words, self.ids + self.first,
                                   self.last - self.first, self.most_out,
                                   w2v_seed(key, number + (<uint64_t> 1 << 62)))
        self.w_out.rows, self.w_out.count = outputs.rows, outputs.count


cdef void lay_out_copies(Copies *c, size_t rows, Py_ssize_t stride, Arena *a) noexcept nogil:
    c.values = <float *> carve(a, rows * stride, sizeof(float))
    c.next = <Entry *> carve(a, rows, sizeof(Entry))
    c.order = <int32_t *> carve(a, rows, sizeof(int32_t))


cdef void copy_rows(Copies *c, const float *shared, Py_ssize_t width, Py_ssize_t stride) noexcept nogil:
    """Copies the rows of `width` floats that have a slot, and sorts the slots into buckets."""
    cdef int32_t i
    cdef int b
    memset(c.start, 0, sizeof(c.start))
    for i in range(c.count):
        if i + COPY_AHEAD < c.count:
            w2v_prefetch_row(shared + c.rows[i + COPY_AHEAD] * width, <int> width)
        memcpy(c.values + i * stride, shared + c.rows[i] * width, width * sizeof(float))
        c.start[bucket_of(c.rows[i])] += 1
    for b in range(1, BUCKETS + 1):
        c.start[b] += c.start[b - 1]
    for i in range(c.count - 1, -1, -1):     # turns the end of each bucket into its start
        b = bucket_of(c.rows[i])
        c.start[b] -= 1
        c.order[c.start[b]] = i


cdef class Merger:
    """Merges the copies of all shards after a round, in parts: in any order and by any threads."""

    cdef Job job
    cdef list shards
    cdef Copies *w_in[MOST_SHARDS]
    cdef Copies *w_out[MOST_SHARDS]
    cdef int count
    cdef Arena arena
    cdef Entry *last_in           # (rows): the last copy of each row that was found so far
    cdef Entry *last_out
    cdef Entry *heads_in          # the first copy of each row that has copies, bucket by bucket
    cdef Entry *heads_out
    # For subwords: merged words add their changes to the rows that they are means of (D15).
    cdef readonly bint composed
    cdef Py_ssize_t n_heads[BUCKETS]      # the heads_in of each bucket
    cdef Py_ssize_t first_head[BUCKETS]
    cdef float *base              # (BUCKETS, stride): a composed row before the round
    cdef float **parts            # (BUCKETS, most_parts + 1)
    cdef int32_t *uses            # (rows): merged words that hold a row
    cdef int32_t *user            # (rows): the last of them

    def __cinit__(self, Job job, list shards):
        cdef Shard shard
        cdef int i
        if not 0 < len(shards) <= MOST_SHARDS:
            raise ValueError(f"{len(shards)} shards: from 1 to {MOST_SHARDS}")
        if job.read_only:
            raise ValueError("the matrices of this job are read-only")
        self.job, self.shards, self.count = job, shards, len(shards)
        self.composed = job.composed
        for i, shard in enumerate(shards):
            self.w_in[i], self.w_out[i] = &shard.w_in, &shard.w_out
        self.lay_out()
        if not allocate(&self.arena):
            raise MemoryError(f"no memory to merge {self.count} shards")
        self.lay_out()
        finish(&self.arena)
        memset(self.last_in, -1, job.rows_in * sizeof(Entry))
        memset(self.last_out, -1, job.rows_out * sizeof(Entry))
        if self.composed:
            memset(self.user, -1, job.rows_in * sizeof(int32_t))

    cdef void lay_out(self) noexcept nogil:
        cdef Arena *a = &self.arena
        cdef size_t n = self.count
        self.last_in = <Entry *> carve(a, self.job.rows_in, sizeof(Entry))
        self.last_out = <Entry *> carve(a, self.job.rows_out, sizeof(Entry))
        self.heads_in = <Entry *> carve(a, n * self.w_in[0].capacity, sizeof(Entry))
        self.heads_out = <Entry *> carve(a, n * self.w_out[0].capacity, sizeof(Entry))
        if self.composed:
            self.base = <float *> carve(a, BUCKETS * self.job.plan.stride, sizeof(float))
            self.parts = <float **> carve(a, BUCKETS * (self.job.plan.most_parts + 1), sizeof(float *))
            self.uses = <int32_t *> carve(a, self.job.rows_in, sizeof(int32_t))
            self.user = <int32_t *> carve(a, self.job.rows_in, sizeof(int32_t))

    def __dealloc__(self):
        release(&self.arena)

    def merge(self, int part, int parts, float words_times_rate):
        """Merges the rows of one part; the parts together cover all rows.

        words_times_rate is the number of words that each shard trained, times the learning rate.
        """
        cdef Plan *p = &self.job.plan
        cdef int bucket = part
        with nogil:
            while bucket < BUCKETS:
                self.merge_bucket(bucket, p.w_in, self.w_in, self.last_in, self.heads_in, self.composed,
                                  NULL, 0, 0)
                self.merge_bucket(bucket, p.w_out, self.w_out, self.last_out, self.heads_out, False,
                                  p.saturation_per_word, p.n_saturation, words_times_rate)
                bucket += parts

    def flush(self, int part, int parts):
        """Adds the changes of all merged words to the rows of one part, in a model with subwords.

        Every part visits all words in the same order, so the result does not depend on `parts`.
        """
        with nogil:
            self.visit_words(part, parts, COUNT)
            self.visit_words(part, parts, ADD)
            self.visit_words(part, parts, FORGET)

    cdef void visit_words(self, int part, int parts, int what) noexcept nogil:
        cdef Plan *p = &self.job.plan
        cdef Copies *c
        cdef float *delta
        cdef int32_t word
        cdef Entry entry
        cdef Py_ssize_t i
        cdef int64_t j
        cdef int b
        for b in range(BUCKETS):
            for i in range(self.n_heads[b]):
                entry = self.heads_in[self.first_head[b] + i]
                c = self.w_in[shard_of(entry)]
                word = c.rows[slot_of(entry)]
                delta = c.values + slot_of(entry) * p.stride
                self.visit_row(word, word, delta, part, parts, what)
                for j in range(p.part_start[word], p.part_start[word + 1]):
                    self.visit_row(p.part[j], word, delta, part, parts, what)

    cdef inline void visit_row(self, int32_t row, int32_t word, const float *delta, int part, int parts,
                               int what) noexcept nogil:
        cdef Plan *p = &self.job.plan
        cdef float *values = p.w_in + row * p.stride
        if bucket_of(row) % parts != part:
            return
        if what == COUNT:
            self.uses[row] += self.user[row] != word     # a word may hold a row several times
            self.user[row] = word
        elif what == FORGET:
            self.uses[row], self.user[row] = 0, -1
        elif p.frozen == NULL or not p.frozen[row]:
            p.scatter(&values, 1, <int> p.stride, delta,
                      damped(p, self.uses[row], 1))

    cdef void merge_bucket(self, int bucket, float *shared, Copies **copies, Entry *last, Entry *heads,
                           bint composed, const float *per_word, Py_ssize_t n_per_word,
                           float words_times_rate) noexcept nogil:
        """Merges the rows of a bucket; `per_word` is the saturation per word of the first rows."""
        cdef Py_ssize_t stride = self.job.plan.stride
        cdef Copies *c
        cdef int32_t slot, row, shard
        cdef Entry entry, before
        cdef Py_ssize_t i, n = 0, first = 0
        for shard in range(self.count):       # the part of `heads` that no other bucket uses
            first += copies[shard].start[bucket]
        heads += first
        for shard in range(self.count):
            c = copies[shard]
            for i in range(c.start[bucket], c.start[bucket + 1]):
                slot = c.order[i]
                row, entry = c.rows[slot], slot << SHARD_BITS | shard
                before = last[row]
                if before < 0:
                    heads[n] = entry
                    n += 1
                else:
                    copies[shard_of(before)].next[slot_of(before)] = entry
                c.next[slot] = -1
                last[row] = entry
        for i in range(n):
            if i + MERGE_AHEAD < n:
                prefetch_copies(heads[i + MERGE_AHEAD], shared, stride, copies)
            row = copies[shard_of(heads[i])].rows[slot_of(heads[i])]
            last[row] = -1
            if composed:
                self.merge_composed(heads[i], row, bucket)
            else:
                merge_copies(heads[i], shared + row * stride, stride, copies, self.job.plan.merge,
                             per_word[row] * words_times_rate if row < n_per_word else INFINITY)
        if composed:
            self.n_heads[bucket], self.first_head[bucket] = n, first

    cdef void merge_composed(self, Entry entry, int32_t word, int bucket) noexcept nogil:
        """Merges the copies of a composed row into the first, which becomes the row's change."""
        cdef Plan *p = &self.job.plan
        cdef float *base = self.base + bucket * p.stride
        cdef size_t at = <size_t> bucket * (p.most_parts + 1)
        cdef float *first = self.w_in[shard_of(entry)].values + slot_of(entry) * p.stride
        cdef Py_ssize_t k
        compose_word(p, word, self.parts + at, base)
        merge_into_first(entry, base, p.stride, self.w_in, p.merge, INFINITY)
        for k in range(p.stride):
            first[k] -= base[k]


cdef inline void prefetch_copies(Entry entry, const float *shared, Py_ssize_t stride,
                                 Copies **copies) noexcept nogil:
    cdef Copies *c = copies[shard_of(entry)]
    w2v_prefetch_row(shared + c.rows[slot_of(entry)] * stride, <int> stride)
    while entry >= 0:
        c = copies[shard_of(entry)]
        w2v_prefetch_row(c.values + slot_of(entry) * stride, <int> stride)
        entry = c.next[slot_of(entry)]


cdef inline void merge_copies(Entry entry, float *base, Py_ssize_t stride, Copies **copies,
                              w2v_merge_fn merge, float saturation) noexcept nogil:
    """Merges the copies of one row into the first, and copies the result to the row."""
    cdef float *first = copies[shard_of(entry)].values + slot_of(entry) * stride
    merge_into_first(entry, base, stride, copies, merge, saturation)
    memcpy(base, first, stride * sizeof(float))


cdef inline void merge_into_first(Entry entry, const float *base, Py_ssize_t stride, Copies **copies,
                                  w2v_merge_fn merge, float saturation) noexcept nogil:
    cdef size_t size = stride * sizeof(float)
    cdef float *changed[MOST_SHARDS]
    cdef float *first = copies[shard_of(entry)].values + slot_of(entry) * stride
    cdef float *copy
    cdef Copies *c
    cdef int n = 0
    while entry >= 0:
        c = copies[shard_of(entry)]
        copy = c.values + slot_of(entry) * stride
        if memcmp(copy, base, size):       # a copy that did not change is left out
            changed[n] = copy
            n += 1
        entry = c.next[slot_of(entry)]
    merge_tree(base, changed, n, stride, merge, saturation)
    if n and changed[0] != first:
        memcpy(first, changed[0], size)
