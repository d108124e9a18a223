"""Shards: pieces of the stream that are trained on copies of their rows, and how the copies are merged.

A Shard lays its piece out as a small corpus of its own: the kept words renumbered, a pool of negatives (or
the Huffman paths) renumbered likewise, and copies of the rows that these name. A Worker of _train trains that
corpus like any other. Then a Merger brings the copies of all shards into the shared matrices: each row on its
own, its copies in the order of the shards, by the one merge of csrc (D13). So no byte depends on who did
what, or when. Schedules, threads and arithmetic are not its business.
"""

from libc.stdint cimport UINT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from w2vext.training._plan cimport Job, Plan
from w2vext.kernels._dispatch cimport w2v_prefetch_row
from w2vext.training._sampling cimport w2v_alias_fill, w2v_hash, w2v_seed, w2v_slot

from w2vext.training._loop import Worker

cdef extern from "rows.h" nogil:
    ctypedef struct w2v_place:
        pass
    ctypedef struct w2v_rows:
        w2v_place *places
        int32_t *rows
        int32_t count
    uint32_t w2v_rows_places(uint32_t most) noexcept
    void w2v_rows_clear(w2v_rows *t, uint32_t places) noexcept
    int32_t w2v_rows_slot(w2v_rows *t, int32_t row) noexcept


cdef enum:
    AHEAD = 8          # rows are asked for so many before they are copied
    NEAR = 4           # and so many before they are merged
    OVERREAD = 64      # the step reads a few signs past a path's end
    BUCKETS = 16       # of rows that are merged together
    MOST_SHARDS = 64
    BLOCKS = 24        # of memory that a shard may take


cdef struct Replicas:
    # The copies of one matrix's rows that a shard has.
    float *copies              # (count, stride); there is room for `room` rows
    int32_t room
    const int32_t *rows        # the row that each is of
    int32_t count
    int32_t *next              # the entry of the next shard's copy of the same row, or -1
    int32_t *order             # the slots, bucket by bucket
    int32_t start[BUCKETS + 1]


cdef inline int bucket_of(int32_t row) noexcept nogil:
    # Sixteen neighbours stay together: their entries share a cache line in the Merger's tables.
    return <int> ((<uint32_t> (row >> 4) * <uint32_t> 2654435769) >> 28)


cdef class Shard:
    """A place to train pieces in, one after another; not to be used by two threads at once.

    Parameters
    ----------
    job : Job
        Of the whole run.
    length : int
        The most positions of a piece.
    pool : int
        So many negatives are drawn for a piece; each step takes some of these.

    Attributes
    ----------
    loss, pairs : float, int
        Of the last piece.
    """

    cdef Job whole, small         # the run's, and the piece's
    cdef object worker
    cdef Replicas w_in, w_out
    cdef w2v_rows words, nodes    # slots of words, and of the tree's inner nodes
    cdef int pool
    cdef int64_t most             # of words that a piece lays out
    cdef int32_t *ids             # (most): slots of the kept words
    cdef int64_t *offsets         # (most + 1)
    cdef int32_t *drawn           # (pool)
    cdef w2v_slot *noise          # (pool)
    cdef uint8_t *frozen          # (most), or NULL
    cdef int64_t *path            # (most + 1)
    cdef int32_t *node            # (most * depth)
    cdef float *sign
    cdef int64_t size, first, last    # ids[:size], of which the centres are ids[first:last]
    cdef void *blocks[BLOCKS]
    cdef int taken
    cdef readonly double loss
    cdef readonly int64_t pairs

    def __cinit__(self, Job job, int length, int pool):
        cdef Plan *p = &job.plan
        cdef int64_t most = min(p.offsets[p.sentences], length + 2 * <int64_t> p.window), i
        cdef int64_t steps = most * p.most_targets, rows_in, rows_out
        cdef uint32_t *keep
        self.whole, self.pool = job, pool
        self.most = most
        rows_in = min(most, job.rows_in)
        rows_out = min(steps if p.noise == NULL else most + pool, job.rows_out)
        self.ids = <int32_t *> self.take(most * sizeof(int32_t))
        self.offsets = <int64_t *> self.take((most + 1) * sizeof(int64_t))
        self.words.rows = <int32_t *> self.take((most + pool) * sizeof(int32_t))
        self.words.places = <w2v_place *> self.take(
            w2v_rows_places(<uint32_t> (most + pool)) * sizeof(w2v_place))
        keep = <uint32_t *> self.take(most * sizeof(uint32_t))
        for i in range(most):
            keep[i] = UINT32_MAX
        self.small = Job.__new__(Job)
        self.small.plan = p[0]
        self.small.plan.hot_in = self.small.plan.hot_out = 0
        self.small.owners = (job,)
        if p.noise != NULL:
            self.drawn = <int32_t *> self.take(pool * sizeof(int32_t))
            self.noise = <w2v_slot *> self.take(pool * sizeof(w2v_slot))
            self.small.plan.noise, self.small.plan.words = self.noise, pool
            self.w_out.rows = self.words.rows
        else:
            self.nodes.rows = <int32_t *> self.take(rows_out * sizeof(int32_t))
            self.nodes.places = <w2v_place *> self.take(
                w2v_rows_places(<uint32_t> rows_out) * sizeof(w2v_place))
            self.path = <int64_t *> self.take((most + 1) * sizeof(int64_t))
            self.node = <int32_t *> self.take(steps * sizeof(int32_t))
            self.sign = <float *> self.take((steps + OVERREAD) * sizeof(float))
            self.small.plan.path, self.small.plan.node, self.small.plan.code = self.path, self.node, self.sign
            self.w_out.rows = self.nodes.rows
        if p.frozen != NULL:
            self.frozen = <uint8_t *> self.take(most)
            self.small.plan.frozen = self.frozen
        self.w_in.rows = self.words.rows
        self.claim(&self.w_in, rows_in, p.stride)
        self.claim(&self.w_out, rows_out, p.stride)
        # One sentence to look for a piece's beginning in: the first.
        self.small.plan.ids, self.small.plan.offsets, self.small.plan.sentences = self.ids, self.offsets, 1
        self.small.plan.keep = keep
        self.small.plan.w_in, self.small.plan.w_out = self.w_in.copies, self.w_out.copies
        self.worker = Worker(self.small)

    def __dealloc__(self):
        cdef int i
        for i in range(self.taken):
            free(self.blocks[i])

    cdef void *take(self, size_t size) except NULL:
        """Zeroed memory from a cache line on, and as long as the shard."""
        cdef void *block = calloc(1, size + 128)
        if block == NULL:
            raise MemoryError(f"no memory for a shard of {self.most} words: {size / 1e6:,.0f} MB")
        self.blocks[self.taken] = block
        self.taken += 1
        return <void *> ((<size_t> block + 63) // 64 * 64)

    cdef int claim(self, Replicas *r, size_t rows, Py_ssize_t stride) except -1:
        r.room = <int32_t> rows
        r.copies = <float *> self.take(rows * stride * sizeof(float))
        r.next = <int32_t *> self.take(rows * sizeof(int32_t))
        r.order = <int32_t *> self.take(rows * sizeof(int32_t))
        return 0

    def train(self, int64_t begin, int64_t end, uint64_t number, double lr_begin, double lr_end,
              uint64_t key):
        """Trains the centres at positions [begin, end) of the whole stream on copies of their rows.

        number: of the piece within the epoch; (key, number) seeds its draws. Else as in Worker.train.
        """
        with nogil:
            self.lay_out(begin, end, key)
            self.renumber(key, number)
            copy_rows(&self.w_in, self.whole.plan.w_in, self.whole.plan.stride)
            copy_rows(&self.w_out, self.whole.plan.w_out, self.whole.plan.stride)
        self.worker.train(self.first, self.last, number, lr_begin, lr_end, key)
        self.loss, self.pairs = self.worker.take_loss()

    cdef void lay_out(self, int64_t begin, int64_t end, uint64_t key) noexcept nogil:
        """ids: the kept words of [begin, end), with `window` kept ones of the same sentence on either
        side; offsets: their sentences."""
        cdef const Plan *p = &self.whole.plan
        cdef int64_t low = 0, high = p.sentences, middle, pos = begin, stop, size = 0, sentences = 0, i
        cdef int32_t *ids = self.ids
        cdef int32_t word
        while high - low > 1:      # the sentence of `begin`
            middle = (low + high) // 2
            if p.offsets[middle] <= begin:
                low = middle
            else:
                high = middle
        while size < p.window and pos > p.offsets[low]:
            pos -= 1
            ids[size] = p.ids[pos]
            size += keeps(p, key, pos)
        for i in range(size // 2):
            word = ids[i]
            ids[i], ids[size - 1 - i] = ids[size - 1 - i], word
        self.first = size
        self.offsets[0] = 0
        pos = begin
        while pos < end:
            stop = min(end, p.offsets[low + 1])
            for pos in range(pos, stop):
                ids[size] = p.ids[pos]
                size += keeps(p, key, pos)
            pos = stop
            if stop < p.offsets[low + 1]:
                break
            low += 1
            if size > self.offsets[sentences]:
                sentences += 1
                self.offsets[sentences] = size
        self.last = size
        if pos > p.offsets[low]:      # its last sentence goes on
            stop = p.offsets[low + 1]
            while size - self.last < p.window and pos < stop:
                ids[size] = p.ids[pos]
                size += keeps(p, key, pos)
                pos += 1
        if size > self.offsets[sentences]:
            sentences += 1
            self.offsets[sentences] = size
        self.size = size

    cdef void renumber(self, uint64_t key, uint64_t number) noexcept nogil:
        """Gives every word of the piece, and every target that its words can have, a slot."""
        cdef const Plan *p = &self.whole.plan
        cdef int64_t size = self.size if self.first < self.last else 0, i
        cdef int32_t slot
        w2v_rows_clear(&self.words, w2v_rows_places(<uint32_t> (size + self.pool)))
        for i in range(size):
            self.ids[i] = w2v_rows_slot(&self.words, self.ids[i])
        self.w_in.count = self.words.count
        if self.frozen != NULL:
            for slot in range(self.w_in.count):
                self.frozen[slot] = p.frozen[self.words.rows[slot]]
        if p.noise != NULL:
            self.draw_pool(key, number)
            self.w_out.count = self.words.count
        else:
            self.draw_paths()
            self.w_out.count = self.nodes.count

    cdef void draw_pool(self, uint64_t key, uint64_t number) noexcept nogil:
        """The negatives of the piece, as the distribution that its steps draw from."""
        cdef const Plan *p = &self.whole.plan
        cdef uint64_t state = w2v_seed(key, number + (<uint64_t> 1 << 62))
        cdef int count = <int> min(<int64_t> self.pool, (self.last - self.first) * p.negative), i
        w2v_alias_fill(p.noise, p.words, &state, self.drawn, count)
        for i in range(count):
            self.noise[i].threshold, self.noise[i].alias = 0, w2v_rows_slot(&self.words, self.drawn[i])
        for i in range(count, self.pool if count else 0):
            self.noise[i] = self.noise[i - count]

    cdef void draw_paths(self) noexcept nogil:
        """The Huffman paths of the piece's words."""
        cdef const Plan *p = &self.whole.plan
        cdef int64_t at = 0, j
        cdef int32_t slot, word
        for slot in range(self.w_in.count):
            word = self.words.rows[slot]
            at += p.path[word + 1] - p.path[word]
        w2v_rows_clear(&self.nodes, w2v_rows_places(<uint32_t> min(at, <int64_t> self.whole.rows_out)))
        at = 0
        for slot in range(self.w_in.count):
            word = self.words.rows[slot]
            self.path[slot] = at
            for j in range(p.path[word], p.path[word + 1]):
                self.node[at] = w2v_rows_slot(&self.nodes, p.node[j])
                self.sign[at] = p.code[j]
                at += 1
        self.path[self.w_in.count] = at


cdef inline bint keeps(const Plan *p, uint64_t key, int64_t pos) noexcept nogil:
    return <uint32_t> (w2v_hash(key, pos) >> 32) <= p.keep[p.ids[pos]]


cdef void copy_rows(Replicas *r, const float *shared, Py_ssize_t stride) noexcept nogil:
    """Copies the rows that have a slot, and sorts the slots into buckets."""
    cdef int32_t i, row
    cdef int b
    memset(r.start, 0, sizeof(r.start))
    for i in range(r.count):
        if i + AHEAD < r.count:
            w2v_prefetch_row(shared + r.rows[i + AHEAD] * stride, <int> stride)
        memcpy(r.copies + i * stride, shared + r.rows[i] * stride, stride * sizeof(float))
        r.start[bucket_of(r.rows[i])] += 1
    for b in range(1, BUCKETS + 1):
        r.start[b] += r.start[b - 1]
    for i in range(r.count - 1, -1, -1):     # what was a bucket's end becomes its start
        b = bucket_of(r.rows[i])
        r.start[b] -= 1
        r.order[r.start[b]] = i


cdef class Merger:
    """Merges the copies of all shards of a round; its parts may be done in any order, by any thread."""

    cdef Job job
    cdef list shards
    cdef Replicas *w_in[MOST_SHARDS]
    cdef Replicas *w_out[MOST_SHARDS]
    cdef int count
    cdef int32_t *last_in         # (rows): the entry of the last copy seen so far, or -1
    cdef int32_t *last_out
    cdef int32_t *heads_in        # the first entry of each row that has copies, bucket by bucket
    cdef int32_t *heads_out

    def __cinit__(self, Job job, list shards):
        cdef Shard shard
        cdef size_t n
        cdef int i
        if not 0 < len(shards) <= MOST_SHARDS:
            raise ValueError(f"{len(shards)} shards: from 1 to {MOST_SHARDS}")
        self.job, self.shards, self.count = job, shards, len(shards)
        for i, shard in enumerate(shards):
            self.w_in[i], self.w_out[i] = &shard.w_in, &shard.w_out
        n = self.count
        self.last_in = <int32_t *> malloc(job.rows_in * sizeof(int32_t))
        self.last_out = <int32_t *> malloc(job.rows_out * sizeof(int32_t))
        self.heads_in = <int32_t *> malloc(n * self.w_in[0].room * sizeof(int32_t))
        self.heads_out = <int32_t *> malloc(n * self.w_out[0].room * sizeof(int32_t))
        if not (self.last_in and self.last_out and self.heads_in and self.heads_out):
            raise MemoryError(f"no memory to merge {self.count} shards")
        memset(self.last_in, -1, job.rows_in * sizeof(int32_t))
        memset(self.last_out, -1, job.rows_out * sizeof(int32_t))

    def __dealloc__(self):
        free(self.last_in)
        free(self.last_out)
        free(self.heads_in)
        free(self.heads_out)

    def merge(self, int part, int parts):
        """Merges the rows of one part; all of them together are every row, whatever `parts` is."""
        cdef Plan *p = &self.job.plan
        cdef int bucket = part
        with nogil:
            while bucket < BUCKETS:
                self.merge_bucket(bucket, p.w_in, self.w_in, self.last_in, self.heads_in)
                self.merge_bucket(bucket, p.w_out, self.w_out, self.last_out, self.heads_out)
                bucket += parts

    cdef void merge_bucket(self, int bucket, float *shared, Replicas **replicas, int32_t *last,
                           int32_t *heads) noexcept nogil:
        cdef Py_ssize_t stride = self.job.plan.stride
        cdef Replicas *r
        cdef int32_t slot, row, entry, before
        cdef Py_ssize_t i, n = 0
        cdef int s
        for s in range(self.count):       # where the bucket's heads may stand
            heads += replicas[s].start[bucket]
        for s in range(self.count):
            r = replicas[s]
            for i in range(r.start[bucket], r.start[bucket + 1]):
                slot = r.order[i]
                row, entry = r.rows[slot], slot * self.count + s
                before = last[row]
                if before < 0:
                    heads[n] = entry
                    n += 1
                else:
                    replicas[before % self.count].next[before // self.count] = entry
                r.next[slot] = -1
                last[row] = entry
        for i in range(n):
            if i + NEAR < n:
                self.ask_for(heads[i + NEAR], shared, replicas)
            r = replicas[heads[i] % self.count]
            row = r.rows[heads[i] // self.count]
            last[row] = -1
            self.merge_copies(heads[i], shared + row * stride, replicas)

    cdef void ask_for(self, int32_t entry, const float *shared, Replicas **replicas) noexcept nogil:
        cdef Py_ssize_t stride = self.job.plan.stride
        cdef Replicas *r = replicas[entry % self.count]
        w2v_prefetch_row(shared + r.rows[entry // self.count] * stride, <int> stride)
        while entry >= 0:
            r = replicas[entry % self.count]
            w2v_prefetch_row(r.copies + entry // self.count * stride, <int> stride)
            entry = r.next[entry // self.count]

    cdef void merge_copies(self, int32_t entry, float *base, Replicas **replicas) noexcept nogil:
        """Merges the copies of one row into the first, then makes that the row."""
        cdef Py_ssize_t stride = self.job.plan.stride
        cdef Replicas *r = replicas[entry % self.count]
        cdef float *first = r.copies + entry // self.count * stride
        entry = r.next[entry // self.count]
        while entry >= 0:
            r = replicas[entry % self.count]
            self.job.plan.merge(base, first, r.copies + entry // self.count * stride, <int> stride)
            entry = r.next[entry // self.count]
        memcpy(base, first, stride * sizeof(float))
