"""Composed rows: a word's mean over its own row and the rows of its n-grams (D15).

A composed row is trained in place, as if it were a row of w_in. `flush` adds its change to every row that
it is the mean of. With ``subword_update="damped"`` the change of a row is multiplied by
min(1, c/√k, c TIMES/u), where k is the number of composed words that hold the row, and u how often they were
trained: their changes are computed independently of each other, and their plain sum overshoots.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.string cimport memcpy

from w2vext.kernels._arena cimport Arena, allocate, carve, finish, release
from w2vext.kernels._dispatch cimport w2v_ahead
from w2vext.kernels._rows cimport w2v_place, w2v_rows, w2v_rows_clear, w2v_rows_places, w2v_rows_slot
from w2vext.training._plan cimport Job

cdef enum:
    ROWS_AHEAD = 4     # a row and its changes are prefetched this many rows before these are added
    CHANGES_AHEAD = 8  # the most changes of a row that are prefetched
    SUMMED = 64        # changes of a row that are added up at a time
    MOST_TIMES = 8     # how often words are trained on average before their changes are added


cdef class Composer:
    """The composed rows of one worker.

    Parameters
    ----------
    job : Job
        Must have subwords.
    capacity : int
        The maximum number of words that have a composed row. `compose` flushes first if there are
        capacity - limit or more, or if they were trained too often, as the words of a small
        vocabulary are: the longer the changes of words that share rows wait, the more they overshoot.
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
        cdef int i
        self.words.rows = <int32_t *> carve(a, self.capacity, sizeof(int32_t))
        self.words.places = <w2v_place *> carve(
            a, w2v_rows_places(<uint32_t> self.capacity), sizeof(w2v_place))
        self.now = <float *> carve(a, self.capacity * self.p.stride, sizeof(float))
        self.before = <float *> carve(a, self.capacity * self.p.stride, sizeof(float))
        for i in range(2):
            self.parts[i] = <float **> carve(a, self.p.most_parts + 1, sizeof(float *))
        self.found = <float **> carve(a, self.limit, sizeof(float *))
        self.times = <int32_t *> carve(a, self.capacity, sizeof(int32_t))
        self.uses = <int32_t *> carve(a, self.job.rows_in, sizeof(int32_t))
        self.held = <int32_t *> carve(a, self.job.rows_in, sizeof(int32_t))
        self.counts = <int32_t *> carve(a, self.job.rows_in, sizeof(int32_t))
        self.ids = <int32_t *> carve(a, self.most_held(), sizeof(int32_t))
        self.slots = <int32_t *> carve(a, self.most_held(), sizeof(int32_t))

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
        """Composes a row, and prefetches the rows of the next word that has none yet."""
        cdef int32_t word = self.words.rows[slot]
        cdef int n = count_parts(&self.p, word), later = 0
        cdef float *row = self.now + slot * self.p.stride
        cdef float **next_parts = self.parts[~slot & 1]
        cdef w2v_ahead ahead
        if slot + 1 < self.words.count:
            later = gather_parts(&self.p, self.words.rows[slot + 1], next_parts)
        if slot + 2 < self.words.count:
            prefetch_ids(&self.p, self.words.rows[slot + 2])
        ahead.rows, ahead.n = next_parts, later
        self.p.compose(self.parts[slot & 1], weights_of(&self.p, word), n, <int> self.p.stride, row, &ahead)
        memcpy(self.before + slot * self.p.stride, row, self.p.stride * sizeof(float))
        self.ids[self.n_ids] = word
        if n > 1:
            memcpy(self.ids + self.n_ids + 1, self.p.part + self.p.part_start[word],
                   (n - 1) * sizeof(int32_t))
        self.n_ids += n

    cdef void compose(self, const int32_t *words, int n) noexcept nogil:
        """Sets found[i] to the composed row of words[i]; the row is valid until the next call."""
        cdef int32_t first, new, slot
        cdef int i
        if self.words.count >= self.capacity - self.limit or self.trained >= MOST_TIMES * <int64_t> self.words.count:
            self.flush()
        self.trained += n
        first = new = self.words.count
        for i in range(n):
            slot = w2v_rows_slot(&self.words, words[i])
            if slot >= new:
                self.times[slot] = 0
                new = slot + 1
            self.times[slot] += 1
            self.found[i] = self.now + slot * self.p.stride
        if first < self.words.count:
            gather_parts(&self.p, self.words.rows[first], self.parts[first & 1])
        for slot in range(first, self.words.count):
            self.compose_slot(slot)

    cdef void subtract(self) noexcept nogil:
        """Replaces the rows as they were composed by their changes."""
        cdef int64_t i
        for i in range(self.words.count * <int64_t> self.p.stride):
            self.before[i] = self.now[i] - self.before[i]

    cdef void collect(self) noexcept nogil:
        """Sorts the words by the rows that they hold, so that each row is read and written once."""
        cdef int32_t slot, id, place, start = 0
        cdef int64_t k = 0, end
        for k in range(self.n_ids):
            id = self.ids[k]
            if self.uses[id] == 0:
                self.held[self.n_held] = id
                self.n_held += 1
            self.uses[id] += 1
        for place in range(self.n_held):
            id = self.held[place]
            self.counts[place] = self.uses[id]
            self.uses[id] = start                  # from here on: where the row's next slot is written
            start += self.counts[place]
        k = 0
        for slot in range(self.words.count):
            end = k + count_parts(&self.p, self.words.rows[slot])
            while k < end:
                id = self.ids[k]
                self.slots[self.uses[id]] = slot
                self.uses[id] += 1
                k += 1

    cdef inline float scale(self, const int32_t *slots, int n) noexcept nogil:
        """The factor of a row's changes, given the slots of the words that hold it, in order."""
        cdef int i, words = 1
        cdef int64_t times = self.times[slots[0]]
        for i in range(1, n):
            if slots[i] != slots[i - 1]:           # a word may hold a row several times
                words += 1
                times += self.times[slots[i]]
        return damped(&self.p, words, times)

    cdef inline void list_changes(self, const int32_t *slots, int n, float **changes) noexcept nogil:
        cdef int i
        for i in range(n):
            changes[i] = self.before + slots[i] * self.p.stride

    cdef void add(self, int32_t id, const int32_t *slots, int32_t uses, const w2v_ahead *ahead) noexcept nogil:
        """Adds the changes of the words that hold a row."""
        cdef float *row = self.p.w_in + id * self.p.stride
        cdef float *changes[SUMMED]
        cdef float scale = self.scale(slots, uses)
        cdef w2v_ahead nothing
        cdef int n
        nothing.rows, nothing.n = NULL, 0
        if self.p.frozen != NULL and self.p.frozen[id]:
            return
        while uses:
            n = min(uses, SUMMED)
            self.list_changes(slots, n, changes)
            self.p.add(row, changes, n, <int> self.p.stride, scale, ahead)
            slots += n
            uses -= n
            ahead = &nothing

    cdef void add_all(self) noexcept nogil:
        """Adds the changes of all words, row by row, and prefetches what later rows need."""
        cdef const int32_t *slots = self.slots
        cdef const int32_t *later_slots = slots
        cdef float *rows[CHANGES_AHEAD + 1]
        cdef w2v_ahead ahead
        cdef int32_t place, later, n
        ahead.rows = rows
        for later in range(min(ROWS_AHEAD, self.n_held)):
            later_slots += self.counts[later]
        for place in range(self.n_held):
            ahead.n = 0
            later = place + ROWS_AHEAD
            if later < self.n_held:
                n = min(self.counts[later], CHANGES_AHEAD)
                rows[0] = self.p.w_in + self.held[later] * self.p.stride
                self.list_changes(later_slots, n, rows + 1)
                later_slots += self.counts[later]
                ahead.n = n + 1
            self.add(self.held[place], slots, self.counts[place], &ahead)
            slots += self.counts[place]

    cdef void forget(self) noexcept nogil:
        cdef int32_t place
        for place in range(self.n_held):
            self.uses[self.held[place]] = 0
        self.n_held = 0
        self.n_ids = 0
        self.trained = 0
        w2v_rows_clear(&self.words, w2v_rows_places(<uint32_t> self.capacity))

    cdef void flush(self) noexcept nogil:
        """Adds the changes of all composed rows to the rows that they are means of, and forgets them."""
        if not self.words.count:
            return
        self.subtract()
        self.collect()
        self.add_all()
        self.forget()
