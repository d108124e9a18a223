"""Shards: pieces of the stream that are trained on copies of their rows.

A Shard makes a small corpus of its piece: it renumbers the kept words and the targets that they can have,
and copies the rows of both. A Worker trains that corpus like any other. Then a Merger (_merger) merges the
copies of all shards into the shared matrices.
"""

from libc.stdint cimport UINT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from w2vext.kernels._arena cimport Arena, allocate, carve, finish, release
from w2vext.kernels._dispatch cimport W2V_PAD, w2v_prefetch_row
from w2vext.kernels._rows cimport (
    W2V_ROWS_MAX, w2v_place, w2v_rows, w2v_rows_clear, w2v_rows_places, w2v_rows_slot,
)
from w2vext.training._compose cimport compose_word, prefetch_parts
from w2vext.training._plan cimport (
    Job, Plan, draw_at, global_pos, is_kept, keeps, sentence_at, window_size, window_shift,
)
from w2vext.training._sampling cimport w2v_seed
from w2vext.training._targets cimport (
    lay_out_piece, most_draws, most_outputs, renumber_targets, renumbered_source,
)

from w2vext.training._loop import Worker

cdef enum:
    COPY_AHEAD = 16    # rows are prefetched this many before they are copied


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
