"""Merges the shards' copies of rows (_shard) into the shared matrices.

The copies of a row are merged in a tree over the shards (D13), independently of other rows, so the result
does not depend on the threads.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcmp, memcpy, memset

from w2vext.kernels._arena cimport Arena, allocate, carve, finish, release
from w2vext.kernels._dispatch cimport w2v_merge_fn, w2v_prefetch_row
from w2vext.training._compose cimport compose_word, damped
from w2vext.training._merge cimport merge_tree
from w2vext.training._plan cimport Job, Plan
from w2vext.training._shard cimport (
    BUCKETS, MOST_SHARDS, SHARD_BITS, Copies, Entry, Shard, bucket_of, shard_of, slot_of,
)

cdef enum:
    MERGE_AHEAD = 8    # rows are prefetched this many before they are merged
    COUNT, ADD, FORGET # what `flush` does with the rows of merged words


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
