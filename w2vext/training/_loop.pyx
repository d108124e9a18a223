"""The training loop without the GIL: id stream → subsample → window → step.

A Job (_job) holds what all workers share; a Worker trains pieces of the stream, one after another. Which
member of the family is trained is two choices, made once: who gathers the inputs (each context word, or their
mean) and who writes the targets (centre and negatives, or the Huffman path). The arithmetic is
_kernels'. Words, files, clocks and schedules stay outside.

Randomness: whether the occurrence at a position is kept depends on (key, position) alone; window sizes and
negatives come from one stream per piece. So nothing depends on the number of workers, and a window that
reaches over a piece's edge sees the words that the neighbouring piece sees.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from w2vext.training._plan cimport Job, Plan
from w2vext.kernels._dispatch cimport W2V_PAD, clear_loss, reduced_loss, step_scratch, w2v_loss, w2v_step, w2v_prefetch_line
from w2vext.training._sampling cimport w2v_alias_fill, w2v_below, w2v_hash, w2v_next, w2v_seed

cdef enum:
    CHUNK = 4096       # positions whose kept words are laid out at once
    DRAWS = 1024       # negatives that are drawn at once
    SEEN = 1024        # a power of 2: places of words, to know repeated ones
    AHEAD = 3          # context rows are asked for this many centres before their window
    COMING = 2         # windows whose targets are drawn, and asked for, ahead of the one in training
    SLOTS = 4          # a power of 2 above COMING


cdef struct Targets:
    # One window's, drawn.
    float **rows             # (m), with room for a context row to ask for
    int m
    const float *sign        # (m)


cdef class Worker:
    """One worker's scratch memory, loss and progress. Not to be used by two threads at once.

    Attributes
    ----------
    done : int
        Positions trained so far; may be read while `train` runs.
    pairs : int
        (context word, centre) pairs trained since `take_loss`; one per window with CBOW.
    """

    cdef Job job
    cdef Plan p
    cdef int32_t *kept            # (CHUNK + 2 window + 1): the kept words around the chunk
    cdef int32_t *repeated        # of each kept word: the last place that it, or one before it, repeats
    cdef int32_t *seen            # (SEEN): the last place of the words of one hash
    cdef int left, right, size    # centres are kept[left:right], contexts kept[0:size]
    cdef float **context          # the kept words' rows of w_in, but the centre's: a window is a run of them
    cdef float **rows             # a window's inputs where some are frozen
    cdef Targets[SLOTS] queue     # this window's targets and those drawn ahead
    cdef unsigned int taken, given    # so many windows' have left the queue, have entered it
    cdef float *sign              # (1 + negative): +1, -1, -1 …
    cdef float *h                 # CBOW's mean, then its update
    cdef float *copies            # (2 window, stride): stand-ins for frozen rows, or NULL
    cdef int32_t *negatives       # (draws), used up to `drawn`
    cdef int draws, drawn
    cdef float *mine              # (hot_in + hot_out, stride): this worker's rows
    cdef float *base              # the same rows as they were at the last merge
    cdef int64_t merged           # `done` at the last merge
    cdef void *memory
    cdef w2v_step s
    cdef w2v_loss loss
    cdef uint64_t rng, key
    cdef int64_t sentence, begin, pos, end    # the open piece
    cdef double lr, slope
    cdef int centre                           # the next one that collect looks at
    cdef readonly int64_t done, pairs

    def __cinit__(self, Job job):
        self.job, self.p = job, job.plan
        cdef size_t inputs = 2 * <size_t> job.plan.window, m = job.plan.most_targets, i
        cdef size_t laid = CHUNK + inputs + 1
        cdef int slot
        cdef size_t dim = job.plan.dim, scratch
        scratch = step_scratch(<int> inputs, <int> m, <int> dim) + 2 * dim
        cdef size_t floats = (scratch + 2 * dim + m + 48 + W2V_PAD) // 16 * 16
        # One block of memory, its floats from a cache line on: no two workers share a line.
        cdef size_t copies = inputs * job.plan.stride if job.plan.frozen != NULL else 0
        cdef size_t hot = (<size_t> job.plan.hot_in + job.plan.hot_out) * job.plan.stride
        floats += copies + 2 * hot
        self.memory = malloc(64 + 4 * (floats + DRAWS + m + SEEN + 2 * laid) + 8 * (inputs + SLOTS * (m + 1) + laid) + 64)
        if self.memory == NULL:
            raise MemoryError(f"no memory for a window of {job.plan.window} and {m} targets")
        cdef float *at = <float *> ((<size_t> self.memory + 63) // 64 * 64)
        memset(&self.s, 0, sizeof(w2v_step))
        self.s.scratch, self.h, self.sign = at, at + scratch, at + scratch + 2 * dim
        self.copies = at + floats - copies if copies else NULL
        self.rows = <float **> (at + floats)
        self.context = self.rows + inputs + SLOTS * (m + 1)
        for slot in range(SLOTS):
            self.queue[slot].rows = self.rows + inputs + slot * (m + 1)
        self.draws = max(DRAWS, <int> m)
        self.negatives = <int32_t *> (self.context + laid)
        self.kept = self.negatives + self.draws
        self.repeated = self.kept + laid
        self.seen = self.repeated + laid
        memset(self.seen, 0, SEEN * sizeof(int32_t))
        for i in range(m + W2V_PAD):
            self.sign[i] = 1 if i == 0 else -1
        self.s.dim, self.s.loss = <int> dim, &self.loss
        self.s.targets_distinct = job.plan.noise == NULL
        clear_loss(&self.loss)
        self.mine = at + floats - copies - 2 * hot
        self.base = self.mine + hot
        for i in range(<size_t> (job.plan.hot_in + job.plan.hot_out)):
            memcpy(self.mine + i * job.plan.stride, self.shared(<int32_t> i), job.plan.stride * sizeof(float))
        memcpy(self.base, self.mine, hot * sizeof(float))

    def __dealloc__(self):
        free(self.memory)

    cdef float *shared(self, int32_t i) noexcept nogil:
        """The row of which mine[i] is the copy."""
        if i < self.p.hot_in:
            return self.p.w_in + i * self.p.stride
        return self.p.w_out + (self.p.first_out + i - self.p.hot_in) * self.p.stride

    cdef void merge_rows(self) noexcept nogil:
        cdef size_t size = self.p.stride * sizeof(float)
        cdef float *seen = self.s.scratch
        cdef float *shared
        cdef float *mine
        cdef int32_t i
        for i in range(self.p.hot_in + self.p.hot_out):
            shared, mine = self.shared(i), self.mine + i * self.p.stride
            # Read once: another worker may write the row meanwhile, and a weight made for a small change
            # would throw a large one anywhere.
            memcpy(seen, shared, size)
            self.p.merge(self.base + i * self.p.stride, mine, seen, <int> self.p.stride)
            memcpy(shared, mine, size)
            memcpy(self.base + i * self.p.stride, mine, size)
        self.merged = self.done

    def merge(self):
        """Brings this worker's own rows into the shared matrices: owed after its last piece."""
        with nogil:
            self.merge_rows()

    cdef inline float *row_in(self, int32_t word) noexcept nogil:
        cdef float *rows = self.mine if word < self.p.hot_in else self.p.w_in
        return rows + word * self.p.stride

    cdef inline float *row_out(self, int32_t target) noexcept nogil:
        cdef int32_t place = target - self.p.first_out
        if <uint32_t> place < <uint32_t> self.p.hot_out:
            return self.mine + (self.p.hot_in + place) * self.p.stride
        return self.p.w_out + target * self.p.stride

    def take_loss(self):
        """The summed loss and the number of pairs since the last call."""
        taken = reduced_loss(&self.loss), self.pairs
        self.loss.sum, self.pairs = 0, 0
        return taken

    def train(self, int64_t begin, int64_t end, uint64_t piece, double lr_begin, double lr_end,
              uint64_t key):
        """Trains the centres at positions [begin, end) with a learning rate linear between its ends.

        key: of the epoch, decides which occurrences are kept; (key, piece) seeds the draws.
        """
        with nogil:
            self.train_piece(begin, end, piece, lr_begin, lr_end, key)

    def train_pieces(self, const int64_t[:, ::1] pieces, const double[::1] rates, uint64_t key):
        """Trains several pieces, one after the other: pieces (k, 3) has their begin, end and number,
        rates (k + 1,) the learning rate before each and after the last."""
        cdef Py_ssize_t i
        if pieces.shape[1] != 3 or rates.shape[0] != pieces.shape[0] + 1:
            raise ValueError(
                f"pieces of shape ({pieces.shape[0]}, {pieces.shape[1]}) with {rates.shape[0]} rates"
            )
        with nogil:
            for i in range(pieces.shape[0]):
                self.train_piece(pieces[i, 0], pieces[i, 1], pieces[i, 2], rates[i], rates[i + 1], key)

    cdef void train_piece(self, int64_t begin, int64_t end, uint64_t piece, double lr_begin, double lr_end,
                          uint64_t key) noexcept nogil:
        self.enter(begin, end, piece, lr_begin, lr_end, key)
        while self.advance():
            self.train_chunk()

    def open(self, int64_t begin, int64_t end, uint64_t piece, double lr_begin, double lr_end,
             uint64_t key):
        """Makes a piece the current one; `train` says what its arguments are."""
        self.enter(begin, end, piece, lr_begin, lr_end, key)

    cdef void enter(self, int64_t begin, int64_t end, uint64_t piece, double lr_begin, double lr_end,
                    uint64_t key) noexcept nogil:
        cdef const int64_t *offsets = self.p.offsets
        cdef int64_t low = 0, high = self.p.sentences, middle
        while high - low > 1:      # the sentence of `begin`
            middle = (low + high) // 2
            if offsets[middle] <= begin:
                low = middle
            else:
                high = middle
        self.rng = w2v_seed(key, piece)
        self.key = key
        self.sentence, self.begin, self.pos, self.end = low, begin, begin, end
        self.lr = lr_begin
        self.slope = (lr_end - lr_begin) / (end - begin) if end > begin else 0
        self.centre = self.right = 0
        self.drawn = self.draws       # a piece begins with draws of its own

    cdef bint advance(self) noexcept nogil:
        """Lays out the piece's next chunk; 0 at its end, or when the job is to stop."""
        cdef const int64_t *offsets = self.p.offsets
        cdef int64_t stop
        if self.pos >= self.end or self.p.stopping[0]:
            return 0
        while offsets[self.sentence + 1] <= self.pos:
            self.sentence += 1
        if self.mine != self.base and self.done - self.merged >= self.p.merge_every:
            self.merge_rows()
        stop = min(self.end, min(offsets[self.sentence + 1], self.pos + CHUNK))
        self.s.lr = <float> (self.lr + self.slope * (self.pos - self.begin))
        self.fill(offsets[self.sentence], self.pos, stop, offsets[self.sentence + 1])
        self.done += stop - self.pos
        self.pos = stop
        return 1

    def collect(self, int32_t[::1] centres, int64_t[::1] starts, int32_t[::1] contexts):
        """Writes the next windows of the open piece, as many as `centres` holds.

        Window b is centres[b] with contexts[starts[b]:starts[b + 1]], never empty; contexts holds 2 window
        ids for each centre. Returns the number of windows (0 at the piece's end) and their learning
        rate.
        """
        cdef int i, k, n = 0, reach
        cdef int64_t at = 0
        with nogil:
            starts[0] = 0
            while n < centres.shape[0]:
                if self.centre >= self.right:
                    if not self.advance():
                        break
                    self.centre = self.left
                    continue
                i = self.centre
                self.centre += 1
                reach = self.reach()
                for k in range(max(0, i - reach), min(self.size, i + reach + 1)):
                    if k != i:
                        contexts[at] = self.kept[k]
                        at += 1
                if at > starts[n]:
                    centres[n] = self.kept[i]
                    n += 1
                    starts[n] = at
        return n, self.s.lr

    cdef inline int reach(self) noexcept nogil:
        """How far the next window reaches."""
        if self.p.shrink:
            return 1 + <int> w2v_below(w2v_next(&self.rng), self.p.window)
        return self.p.window

    cdef inline bint keeps(self, int32_t word, int64_t pos) noexcept nogil:
        return <uint32_t> (w2v_hash(self.key, pos) >> 32) <= self.p.keep[word]

    cdef void fill(self, int64_t first, int64_t begin, int64_t end, int64_t last) noexcept nogil:
        """Lays out the kept words of [begin, end), with `window` kept ones of the sentence [first, last)
        on either side."""
        cdef const int32_t *ids = self.p.ids
        cdef int32_t *kept = self.kept
        cdef int window = self.p.window, left = 0, size, i
        cdef int32_t word
        cdef int64_t pos = begin
        while left < window and pos > first:
            pos -= 1
            if self.keeps(ids[pos], pos):
                kept[left] = ids[pos]
                left += 1
        for i in range(left // 2):
            word = kept[i]
            kept[i], kept[left - 1 - i] = kept[left - 1 - i], word
        size = left
        for pos in range(begin, end):
            kept[size] = ids[pos]
            size += self.keeps(ids[pos], pos)
        self.left, self.right = left, size
        pos = end
        while size - self.right < window and pos < last:
            if self.keeps(ids[pos], pos):
                kept[size] = ids[pos]
                size += 1
            pos += 1
        self.size = size

    cdef void note_repeats(self) noexcept nogil:
        """For each kept word, the last place that is repeated by it or by a word before it, or -1: a window
        names a row twice only where it reaches back to that place. Another word of the same hash counts
        too, which costs time and nothing else."""
        cdef int i, place, last = -1
        cdef int32_t *seen
        for i in range(self.size):
            seen = self.seen + (self.kept[i] & (SEEN - 1))
            place = seen[0]
            # Left over from a chunk before: a place that is ahead, or holds another word.
            if place < i and self.kept[place] & (SEEN - 1) == self.kept[i] & (SEEN - 1):
                last = max(last, place)
            self.repeated[i] = last
            seen[0] = i

    cdef void find_rows(self) noexcept nogil:
        """The rows around the first centre; those behind it stand one place early, so that no window has a
        gap."""
        cdef int i
        for i in range(self.left):
            self.context[i] = self.row_in(self.kept[i])
        for i in range(self.left + 1, self.size):
            self.context[i - 1] = self.row_in(self.kept[i])

    cdef void train_chunk(self) noexcept nogil:
        """Every centre of the chunk: hands its context rows to the architecture."""
        cdef int i, n, reach, low, high
        cdef bint shared = self.p.block or self.p.cbow
        self.note_repeats()
        self.find_rows()
        if shared:
            for i in range(self.left, min(self.left + COMING, self.right)):
                self.draw(self.kept[i])
        for i in range(self.left, self.right):
            reach = self.reach()
            low, high = max(0, i - reach), min(self.size, i + reach + 1)
            n = high - low - 1
            self.s.inputs = self.context + low
            self.s.inputs_distinct = self.repeated[high - 1] < low
            if self.copies != NULL:
                self.shield(i, low, high)
            if shared:
                self.take()
                self.ask_ahead(i)
            if n == 0 or (shared and self.s.m == 0):     # no context; a tree of one word has no path
                pass
            elif self.p.cbow:
                self.train_mean(n)
            elif self.p.block:
                self.train_block(n)
            else:
                self.train_pairs(self.kept[i], n)
            self.context[i] = self.row_in(self.kept[i])     # of the windows to come

    cdef void shield(self, int centre, int low, int high) noexcept nogil:
        """Puts copies in the place of the frozen context rows: the step reads them and its updates are
        lost."""
        cdef int k, n = 0
        cdef float *copy
        for k in range(low, high):
            if k == centre:
                continue
            self.rows[n] = self.s.inputs[n]
            if self.p.frozen[self.kept[k]]:
                copy = self.copies + n * self.p.stride
                memcpy(copy, self.rows[n], self.p.stride * sizeof(float))
                self.rows[n] = copy
            n += 1
        self.s.inputs = self.rows

    cdef void train_block(self, int n) noexcept nogil:
        """All context words as one block: the targets are shared by the window."""
        self.s.n, self.s.dh = n, NULL
        self.p.step(&self.s)
        self.pairs += n

    cdef void train_pairs(self, int32_t centre, int n) noexcept nogil:
        """Each context word on its own, with negatives of its own, as word2vec.c has it."""
        cdef int k
        self.s.n, self.s.dh = 1, NULL
        for k in range(n):
            self.draw(centre)
            self.take()
            if self.s.m:
                self.p.step(&self.s)
            self.s.inputs += 1
        self.pairs += n

    cdef void train_mean(self, int n) noexcept nogil:
        """CBOW: the mean of the context words is the one input (D2: the true gradient is divided by n)."""
        cdef float *h = self.h
        cdef float *dh = self.h + self.p.dim
        cdef float **rows = self.s.inputs
        self.p.mean(rows, n, self.p.dim, h)
        self.s.n, self.s.inputs, self.s.dh = 1, &h, dh
        self.p.step(&self.s)
        self.p.scatter(rows, n, self.p.dim, dh, 1 / <float> n if self.p.average else 1)
        self.pairs += 1

    cdef inline void ask_ahead(self, int i) noexcept nogil:
        """Has the step at centre i ask for the targets of a window to come, and a context row."""
        cdef int coming = i + self.p.window + AHEAD
        cdef Targets *t = &self.queue[self.given & (SLOTS - 1)]
        self.s.n_prefetch = 0
        if i + COMING < self.right:
            if self.p.noise == NULL:
                self.ask_path(i + COMING)
            self.draw(self.kept[i + COMING])
            self.s.prefetch, self.s.n_prefetch = t.rows, t.m
            if coming < self.size:
                t.rows[t.m] = self.context[coming - 1]
                self.s.n_prefetch += 1

    cdef inline void take(self) noexcept nogil:
        """Makes the targets that were drawn first this window's."""
        cdef Targets *t = &self.queue[self.taken & (SLOTS - 1)]
        self.taken += 1
        self.s.targets, self.s.m, self.s.sign = t.rows, t.m, t.sign

    cdef inline void draw(self, int32_t centre) noexcept nogil:
        """Puts the targets of a coming window into the queue."""
        cdef Targets *t = &self.queue[self.given & (SLOTS - 1)]
        self.given += 1
        if self.p.noise != NULL:
            self.write_negatives(centre, t)
        else:
            self.write_path(centre, t)

    cdef inline void ask_path(self, int i) noexcept nogil:
        """Asks for the numbers of paths to come: where they begin, then what stands there."""
        cdef int64_t at
        if i + 4 < self.right:
            w2v_prefetch_line(self.p.path + self.kept[i + 4])
        if i + 2 < self.right:
            at = self.p.path[self.kept[i + 2]]
            w2v_prefetch_line(self.p.node + at)
            w2v_prefetch_line(self.p.code + at)

    cdef void write_path(self, int32_t centre, Targets *t) noexcept nogil:
        """The inner nodes on the centre's Huffman path."""
        cdef int64_t at = self.p.path[centre]
        cdef int j
        t.m = <int> (self.p.path[centre + 1] - at)
        for j in range(t.m):
            t.rows[j] = self.row_out(self.p.node[at + j])
        t.sign = self.p.code + at

    cdef void write_negatives(self, int32_t centre, Targets *t) noexcept nogil:
        """The centre and its negatives; one that equals the centre is dropped (D5)."""
        cdef int32_t word
        cdef const int32_t *negatives
        cdef float **rows = t.rows
        cdef int m = 1, j
        if self.drawn + self.p.negative > self.draws:
            w2v_alias_fill(self.p.noise, self.p.words, &self.rng, self.negatives, self.draws)
            self.drawn = 0
        negatives = self.negatives + self.drawn
        rows[0] = self.row_out(centre)
        for j in range(self.p.negative):
            word = negatives[j]
            rows[m] = self.row_out(word)
            m += word != centre
        self.drawn += self.p.negative
        t.m, t.sign = m, self.sign
