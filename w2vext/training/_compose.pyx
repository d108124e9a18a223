"""Composed rows: a word's mean over its own row and the rows of its n-grams (D15).

A composed row is trained in place, as if it were a row of w_in. `flush` adds its change to every row that
it is the mean of. With ``subword_update="damped"`` the change of a row is multiplied by 1/√k, where k is
the number of composed words that hold the row: their changes are computed independently of each other,
and their plain sum overshoots.
"""

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.string cimport memcpy

from w2vext.kernels._arena cimport Arena, allocate, carve, finish, release
from w2vext.kernels._dispatch cimport w2v_prefetch_row
from w2vext.kernels._rows cimport w2v_place, w2v_rows, w2v_rows_clear, w2v_rows_places, w2v_rows_slot
from w2vext.training._plan cimport Job

cdef enum:
    ROWS_AHEAD = 3     # a row is prefetched this many rows before its changes are added
    SUMMED = 64        # changes of a row that are added up at a time


cdef class Composer:
    """The composed rows of one worker.

    Parameters
    ----------
    job : Job
        Must have subwords.
    capacity : int
        The maximum number of words that have a composed row. `compose` flushes first if there are
        capacity - limit or more.
    limit : int
        The maximum number of words in a call of `compose`.
    """

    def __cinit__(self, Job job, int32_t capacity, int32_t limit):
        if not job.composed or not 0 < limit <= capacity:
            raise ValueError(f"capacity={capacity}, limit={limit} for a job with subwords")
        self.job, self.p = job, job.plan
        self.capacity, self.limit = capacity, limit
        self.lay_out()
        if not allocate(&self.arena):
            raise MemoryError(f"no memory for {capacity} composed rows of {self.p.stride} numbers")
        self.lay_out()
        finish(&self.arena)
        w2v_rows_clear(&self.words, w2v_rows_places(<uint32_t> capacity))

    cdef void lay_out(self) noexcept nogil:
        cdef Arena *a = &self.arena
        self.words.rows = <int32_t *> carve(a, self.capacity, sizeof(int32_t))
        self.words.places = <w2v_place *> carve(
            a, w2v_rows_places(<uint32_t> self.capacity), sizeof(w2v_place))
        self.now = <float *> carve(a, self.capacity * self.p.stride, sizeof(float))
        self.before = <float *> carve(a, self.capacity * self.p.stride, sizeof(float))
        self.parts = <float **> carve(a, self.p.most_parts + 1, sizeof(float *))
        self.found = <float **> carve(a, self.limit, sizeof(float *))
        self.uses = <Use *> carve(a, self.job.rows_in, sizeof(Use))
        self.held = <int32_t *> carve(a, self.job.rows_in, sizeof(int32_t))
        self.places = <int32_t *> carve(a, self.most_held(), sizeof(int32_t))
        self.ends = <int64_t *> carve(a, self.job.rows_in, sizeof(int64_t))
        self.slots = <int32_t *> carve(a, self.most_held(), sizeof(int32_t))
        self.sum = <float *> carve(a, self.p.stride, sizeof(float))

    cdef size_t most_held(self) noexcept nogil:
        """The most rows that composed words hold, each counted as often as it is held."""
        return min(self.p.all_parts, self.capacity * (<int64_t> self.p.most_parts + 1))

    def __dealloc__(self):
        release(&self.arena)

    def compose_rows(self, const int32_t[::1] words, float[:, ::1] out):
        """Writes the composed rows of distinct words to out (n, stride)."""
        cdef int i, n = <int> words.shape[0]
        if n > self.limit or out.shape[0] < n or out.shape[1] != self.p.stride:
            raise ValueError(f"{n} words, at most {self.limit}, with rows of {out.shape[1]} numbers")
        with nogil:
            self.compose(&words[0], n)
            for i in range(n):
                memcpy(&out[i, 0], self.found[i], self.p.stride * sizeof(float))

    def flush_rows(self, const float[:, ::1] rows):
        """Adds the changes of the rows that `compose_rows` gave to the rows that they are means of."""
        cdef int i, n = self.words.count
        if rows.shape[0] < n or rows.shape[1] != self.p.stride:
            raise ValueError(f"{rows.shape[0]} rows of {rows.shape[1]} numbers for {n} words")
        with nogil:
            for i in range(n):
                memcpy(self.now + i * self.p.stride, &rows[i, 0], self.p.stride * sizeof(float))
            self.flush()

    cdef void compose_slot(self, int32_t slot) noexcept nogil:
        cdef int32_t word = self.words.rows[slot], id
        cdef int n = gather_parts(&self.p, word, self.parts), i
        cdef float *row = self.now + slot * self.p.stride
        cdef int32_t *places = self.places + self.n_places
        cdef Use *use
        self.p.mean(self.parts, n, <int> self.p.stride, row)
        memcpy(self.before + slot * self.p.stride, row, self.p.stride * sizeof(float))
        for i in range(n):
            id = part_id(&self.p, word, i)
            use = self.uses + id
            if use.words == 0:
                use.place, use.count = self.n_held, 0
                self.held[self.n_held] = id
                self.n_held += 1
            use.words += use.last != slot + 1
            use.last = slot + 1
            use.count += 1
            places[i] = use.place
        self.n_places += n

    cdef void compose(self, const int32_t *words, int n) noexcept nogil:
        """Sets found[i] to the composed row of words[i]; the row is valid until the next call."""
        cdef int32_t first, slot
        cdef int i
        if self.words.count >= self.capacity - self.limit:
            self.flush()
        first = self.words.count
        for i in range(n):
            slot = w2v_rows_slot(&self.words, words[i])
            self.found[i] = self.now + slot * self.p.stride
        for slot in range(first, self.words.count):
            if slot + 1 < self.words.count:
                prefetch_parts(&self.p, self.words.rows[slot + 1])
            self.compose_slot(slot)

    cdef void subtract(self) noexcept nogil:
        """Replaces the rows as they were composed by their changes."""
        cdef int64_t i
        for i in range(self.words.count * <int64_t> self.p.stride):
            self.before[i] = self.now[i] - self.before[i]

    cdef void collect(self) noexcept nogil:
        """Sorts the words by the rows that they hold, so that each row is read and written once."""
        cdef int32_t slot, place
        cdef int64_t start = 0, k = 0, end
        for place in range(self.n_held):
            self.ends[place] = start
            start += self.uses[self.held[place]].count
        for slot in range(self.words.count):
            end = k + count_parts(&self.p, self.words.rows[slot])
            while k < end:
                place = self.places[k]
                self.slots[self.ends[place]] = slot
                self.ends[place] += 1
                k += 1

    cdef void add(self, int32_t place) noexcept nogil:
        """Adds the changes of the words that hold a row."""
        cdef int32_t id = self.held[place]
        cdef Use *use = self.uses + id
        cdef const int32_t *slots = self.slots + self.ends[place] - use.count
        cdef float *row = self.p.w_in + id * self.p.stride
        cdef float *change = self.before + slots[0] * self.p.stride
        cdef float *group[SUMMED]
        cdef float scale = <float> (1 / sqrt(<double> use.words)) if self.p.damped else 1
        cdef int i, n, done = 0
        if self.p.frozen != NULL and self.p.frozen[id]:
            return
        while done < use.count:
            n = min(use.count - done, SUMMED)
            if use.count > 1:
                for i in range(n):
                    group[i] = self.before + slots[done + i] * self.p.stride
                change = self.sum
                self.p.mean(group, n, <int> self.p.stride, change)
            self.p.scatter(&row, 1, <int> self.p.stride, change, scale * n)
            done += n

    cdef void forget(self) noexcept nogil:
        cdef int32_t place
        for place in range(self.n_held):
            self.uses[self.held[place]].words = self.uses[self.held[place]].last = 0
        self.n_held = self.n_places = 0
        w2v_rows_clear(&self.words, w2v_rows_places(<uint32_t> self.capacity))

    cdef void flush(self) noexcept nogil:
        """Adds the changes of all composed rows to the rows that they are means of, and forgets them."""
        cdef int32_t place
        if not self.words.count:
            return
        self.subtract()
        self.collect()
        for place in range(self.n_held):
            if place + ROWS_AHEAD < self.n_held:
                w2v_prefetch_row(self.p.w_in + self.held[place + ROWS_AHEAD] * self.p.stride,
                                 <int> self.p.stride)
            self.add(place)
        self.forget()
