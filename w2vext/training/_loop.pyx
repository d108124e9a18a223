"""The training loop without the GIL: id stream, subsampling, window, step.

A Job (_plan) holds what all workers share; a Worker trains pieces of the stream, one after another. A
model is the combination of two choices: the inputs of a window (each context word, or their mean) and its
targets (_targets.pxd). The kernels do the arithmetic.

Randomness: whether the occurrence at a position is kept, and the size of its window, depend on (key, position)
alone; negatives come from one random stream per piece. So the draws do not depend on the number of workers, and
a window that crosses the edge of a piece sees the same kept words as the neighbouring piece does.
"""

from cpython.pythread cimport NOWAIT_LOCK, WAIT_LOCK, PyThread_acquire_lock, PyThread_release_lock
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy

from w2vext.kernels._arena cimport Arena, allocate, carve, finish, release
from w2vext.kernels._dispatch cimport clear_loss, reduced_loss, step_scratch, w2v_loss, w2v_step
from w2vext.training._chunk cimport CHUNK as _CHUNK
from w2vext.training._chunk cimport Chunk, chunk_size, fill_chunk, fill_pairs, find_repeats, lay_out_chunk
from w2vext.training._compose cimport Composer
from w2vext.training._plan cimport KEY_EPOCHS as _KEY_EPOCHS
from w2vext.training._plan cimport Job, Plan, sentence_at
from w2vext.training._replicas cimport Matrix, copy_replicas, lay_out_replicas, merge_replicas, row
from w2vext.training._sampling cimport w2v_seed
from w2vext.training._targets cimport (
    Draws, Targets, are_distinct, discard_draws, lay_out_draws, lay_out_targets, prefetch_targets,
    start_draws, write_targets,
)

cdef extern from "counter.h" nogil:
    int64_t w2v_counter_read(const int64_t *counter)
    void w2v_counter_add(int64_t *counter, int64_t n)

cdef enum:
    CONTEXT_AHEAD = 3  # an input row is prefetched this many centres before its first window
    TARGETS_AHEAD = 2  # the targets of a window are drawn, and prefetched, this many windows before it
    QUEUE = 4          # a power of 2 above TARGETS_AHEAD
    COMPOSED = 4096    # composed rows after which their changes are flushed (D15)

CHUNK = _CHUNK         # the positions that are laid out at once
KEY_EPOCHS = _KEY_EPOCHS   # of a block, at most


cdef class Worker:
    """The scratch memory, loss and progress of one worker. Two threads may not use it at the same time.

    Attributes
    ----------
    done : int
        Positions trained so far; may be read while `train` runs.
    pairs : int
        (context word, centre) pairs trained since `take_loss`; one per window with CBOW.
    """

    cdef Job job
    cdef Plan p
    cdef Arena arena
    cdef Matrix w_in, w_out
    cdef int64_t merged           # `trained` at the last merge
    cdef Chunk chunk
    cdef Composer composer        # of words with subwords, or None
    cdef float **composed         # the composed rows of the chunk's words, or NULL
    cdef float **context          # the input rows of the chunk's words without the centre's, so that a
                                  # window is a contiguous part
    cdef float **inputs           # (2 window + 1): a window's inputs, if they are not a part of `context`
    cdef float *unfrozen          # (2 window + 1, stride): copies of frozen rows, which a step may change; or NULL
    cdef float **targets          # (most targets): a window's targets, if w_out is frozen
    cdef float *still             # (most targets, stride): copies of these rows; or NULL
    cdef Draws draws
    cdef Targets[QUEUE] queue     # the targets of this window and of the next ones
    cdef unsigned int dequeued, enqueued    # numbers of windows so far
    cdef float *h                 # (2, dim): CBOW's mean, then its update
    cdef w2v_step s
    cdef w2v_loss loss
    cdef w2v_loss pair_loss       # of one pair that has a weight
    cdef double weighted, weight  # the sums of the weighted losses, and of the weights
    cdef uint64_t rng, key
    cdef int64_t sentence, begin, pos, end    # of the open piece
    cdef double lr, slope
    cdef int centre                           # the next one for `collect`
    cdef int64_t trained                      # what `done` returns; other threads read it
    cdef readonly int64_t pairs

    def __cinit__(self, Job job):
        cdef Plan *p = &self.p
        self.job, p[0] = job, job.plan
        self.w_in.shared, self.w_in.stride, self.w_in.replicas = p.w_in, p.stride, p.replicas_in
        self.w_out.shared, self.w_out.stride, self.w_out.replicas = p.w_out, p.stride, p.replicas_out
        self.w_out.first = p.first_out
        self.lay_out()
        if not allocate(&self.arena):
            raise MemoryError(f"no memory for a window of {p.window} and {p.targets.most} targets")
        self.lay_out()
        finish(&self.arena)
        if job.composed:
            self.composer = Composer(job, COMPOSED + <int32_t> chunk_size(p), <int32_t> chunk_size(p))
            self.composed = self.composer.found
        copy_replicas(&self.w_in)
        copy_replicas(&self.w_out)
        start_draws(&self.draws, &p.targets)
        clear_loss(&self.loss)
        self.s.dim, self.s.loss, self.s.targets_distinct = p.dim, &self.loss, are_distinct(&p.targets)

    cdef void lay_out(self) noexcept nogil:
        cdef Plan *p = &self.p
        cdef Arena *a = &self.arena
        cdef int i, inputs = 2 * p.window + 1
        self.s.scratch = <float *> carve(a, step_scratch(inputs, p.targets.most, p.dim) + 2 * p.dim,
                                         sizeof(float))
        self.h = <float *> carve(a, 2 * p.dim, sizeof(float))
        if p.frozen != NULL or p.global_context:
            self.inputs = <float **> carve(a, inputs, sizeof(float *))
        if p.frozen != NULL:
            self.unfrozen = <float *> carve(a, inputs * p.stride, sizeof(float))
        if p.frozen_out:
            self.targets = <float **> carve(a, p.targets.most, sizeof(float *))
            self.still = <float *> carve(a, p.targets.most * p.stride, sizeof(float))
        self.context = <float **> carve(a, chunk_size(p), sizeof(float *))
        for i in range(QUEUE):
            lay_out_targets(&self.queue[i], &p.targets, a)
        lay_out_draws(&self.draws, &p.targets, a)
        lay_out_chunk(&self.chunk, p, a)
        lay_out_replicas(&self.w_in, a)
        lay_out_replicas(&self.w_out, a)

    def __dealloc__(self):
        release(&self.arena)

    def take_loss(self):
        """The summed loss and the number of pairs since the last call.

        With weights, the sum of the weighted losses, and that of the weights.
        """
        if self.p.weight != NULL:
            sums = self.weighted, self.weight
        else:
            sums = reduced_loss(&self.loss), self.pairs
        self.loss.sum, self.pairs, self.weighted, self.weight = 0, 0, 0, 0
        return sums

    # --- replicas ---

    def merge(self):
        """Merges this worker's replicas into the shared matrices; required after its last piece."""
        with nogil:
            PyThread_acquire_lock(self.p.merging, WAIT_LOCK)
            self.merge_locked()

    def refresh(self):
        """Gives the replicas the values of the shared rows, which may have changed since the last merge.

        Required before the first piece after something else than this job's workers has changed the matrices;
        changes of the replicas that are not merged are lost.
        """
        with nogil:
            copy_replicas(&self.w_in)
            copy_replicas(&self.w_out)

    cdef void merge_locked(self) noexcept nogil:
        merge_replicas(&self.w_in, self.p.merge)
        merge_replicas(&self.w_out, self.p.merge)
        PyThread_release_lock(self.p.merging)
        self.merged = self.trained

    cdef inline void merge_if_due(self) noexcept nogil:
        """Merges after `merge_every` positions; while another worker merges, after the next chunk."""
        if self.trained - self.merged < self.p.merge_every or self.w_in.replicas + self.w_out.replicas == 0:
            return
        if PyThread_acquire_lock(self.p.merging, NOWAIT_LOCK):
            self.merge_locked()

    # --- pieces ---

    def train(self, int64_t begin, int64_t end, uint64_t piece, double lr_begin, double lr_end,
              uint64_t key):
        """Trains the centres at positions [begin, end); the learning rate is linear from begin to end.

        The key of the epoch decides which occurrences are kept; (key, piece) seeds the draws.
        """
        self.check_writable()
        with nogil:
            self.train_piece(begin, end, piece, lr_begin, lr_end, key)
            self.flush()

    def train_pieces(self, const int64_t[:, ::1] pieces, const double[::1] lrs, uint64_t key):
        """Trains several pieces, one after the other.

        pieces (k, 3) holds the begin, end and number of each piece; lrs (k + 1,) the learning rate before
        each piece and after the last.
        """
        cdef Py_ssize_t i
        self.check_writable()
        if pieces.shape[1] != 3 or lrs.shape[0] != pieces.shape[0] + 1:
            raise ValueError(
                f"pieces of shape ({pieces.shape[0]}, {pieces.shape[1]}) with "
                f"{lrs.shape[0]} learning rates"
            )
        with nogil:
            for i in range(pieces.shape[0]):
                self.train_piece(pieces[i, 0], pieces[i, 1], pieces[i, 2], lrs[i], lrs[i + 1], key)
            self.flush()

    @property
    def done(self):
        return w2v_counter_read(&self.trained)

    cdef int check_writable(self) except -1:
        if self.job.read_only:
            raise ValueError("the matrices of this job are read-only")
        return 0

    cdef void train_piece(self, int64_t begin, int64_t end, uint64_t piece, double lr_begin, double lr_end,
                          uint64_t key) noexcept nogil:
        self.enter(begin, end, piece, lr_begin, lr_end, key)
        while self.advance():
            if self.p.context == NULL:
                self.train_chunk()
            else:
                self.train_listed()

    cdef void flush(self) noexcept nogil:
        """Adds the changes of composed rows to the rows that they are means of."""
        if self.composed != NULL:
            self.composer.flush()

    def open(self, int64_t begin, int64_t end, uint64_t piece, double lr_begin, double lr_end,
             uint64_t key):
        """Opens a piece for `collect`; the arguments are those of `train`."""
        self.enter(begin, end, piece, lr_begin, lr_end, key)

    cdef void enter(self, int64_t begin, int64_t end, uint64_t piece, double lr_begin, double lr_end,
                    uint64_t key) noexcept nogil:
        self.rng = w2v_seed(key, piece)
        self.key = key
        self.sentence = sentence_at(&self.p, begin)
        self.begin, self.pos, self.end = begin, begin, end
        self.lr = lr_begin
        self.slope = (lr_end - lr_begin) / (end - begin) if end > begin else 0
        self.centre = self.chunk.right = 0
        discard_draws(&self.draws)              # a piece starts with its own draws

    cdef bint advance(self) noexcept nogil:
        """Lays out the piece's next chunk; 0 at its end, or if the job is stopped."""
        cdef const int64_t *offsets = self.p.offsets
        cdef int64_t stop
        if self.pos >= self.end or self.p.stopping[0]:
            return 0
        while offsets[self.sentence + 1] <= self.pos:
            self.sentence += 1
        self.merge_if_due()
        stop = min(self.end, min(offsets[self.sentence + 1], self.pos + _CHUNK))
        self.s.lr = <float> (self.lr + self.slope * (self.pos - self.begin))
        if self.p.context == NULL:
            fill_chunk(&self.chunk, &self.p, self.key, self.sentence, self.pos, stop)
        else:
            fill_pairs(&self.chunk, &self.p, self.pos, stop)
        w2v_counter_add(&self.trained, stop - self.pos)
        self.pos = stop
        return 1

    # --- windows ---

    def collect(self, int32_t[::1] centres, int64_t[::1] starts, int32_t[::1] contexts):
        """Writes the next windows of the open piece, at most as many as `centres` holds.

        Window b is centres[b] with contexts[starts[b]:starts[b + 1]], never empty; contexts holds
        2 window + 1 ids for each centre. Returns the number of windows (0 at the piece's end) and their learning
        rate.
        """
        cdef Chunk *c = &self.chunk
        cdef int i, k, n = 0, reach, low, high
        cdef int64_t at = 0
        with nogil:
            starts[0] = 0
            while n < centres.shape[0]:
                if self.centre >= c.right:
                    if not self.advance():
                        break
                    self.centre = c.left
                    continue
                i = self.centre
                self.centre += 1
                reach = c.window_sizes[i]
                low, high = max(0, i - reach), min(c.size, i + reach + 1)
                for k in range(low, high):
                    if k != i:
                        contexts[at] = c.words[k]
                        at += 1
                if self.lacks_global(low, high):
                    contexts[at] = c.words[c.size]
                    at += 1
                if at > starts[n]:
                    centres[n] = c.words[i]
                    n += 1
                    starts[n] = at
        return n, self.s.lr

    cdef void train_chunk(self) noexcept nogil:
        """Trains the window of every centre."""
        cdef Chunk *c = &self.chunk
        cdef int i, n, reach, low, high
        cdef bint shared = self.p.block or self.p.cbow      # the inputs of a window share its targets
        find_repeats(c)
        if self.composed != NULL:
            self.composer.compose(c.words, c.size + (self.p.global_context != 0))
        for i in range(c.left):
            self.context[i] = self.input_row(i)
        for i in range(c.left + 1, c.size):                 # without the first centre
            self.context[i - 1] = self.input_row(i)
        if shared:
            for i in range(c.left, min(c.left + TARGETS_AHEAD, c.right)):
                self.enqueue(c.words[i])
        for i in range(c.left, c.right):
            reach = c.window_sizes[i]
            low, high = max(0, i - reach), min(c.size, i + reach + 1)
            n = high - low - 1
            self.s.inputs = self.context + low
            self.s.inputs_distinct = c.repeated[high - 1] < low
            if self.lacks_global(low, high):
                self.add_global(n)
                n += 1
            if self.unfrozen != NULL:
                self.replace_frozen(i, low, high, n)
            if shared:
                self.dequeue()
                self.prefetch(i)
            if n == 0 or (shared and self.s.m == 0):        # no context; a tree of one word has no path
                pass
            elif self.p.cbow:
                self.train_mean(n)
            elif self.p.block:
                self.train_block(n)
            else:
                self.train_pairs(c.words[i], n)
            self.context[i] = self.input_row(i)             # the next window has this word, and does
                                                            # not have its own centre

    cdef void train_listed(self) noexcept nogil:
        """Trains each pair of the chunk, with its own negatives."""
        cdef Chunk *c = &self.chunk
        cdef float lr = self.s.lr
        cdef int i
        if self.composed != NULL:
            self.composer.compose(c.context, c.size)
        for i in range(c.size):
            self.context[i] = self.composed[i] if self.composed != NULL else row(&self.w_in, c.context[i])
        for i in range(min(TARGETS_AHEAD, c.size)):
            self.enqueue(c.words[i])
        self.s.n, self.s.dh, self.s.inputs_distinct = 1, NULL, 1
        for i in range(c.size):
            self.s.inputs = self.context + i
            if self.unfrozen != NULL and self.p.frozen[c.context[i]]:
                memcpy(self.unfrozen, self.context[i], self.p.stride * sizeof(float))
                self.inputs[0] = self.unfrozen
                self.s.inputs = self.inputs
            self.dequeue()
            self.prefetch(i)
            if self.s.m == 0:
                pass
            elif c.weight == NULL:
                self.p.step(&self.s)
                self.pairs += 1
            else:
                self.train_weighted(c.weight[i], lr)

    cdef void train_weighted(self, float weight, float lr) noexcept nogil:
        """A pair whose loss has a weight, and therefore its gradient."""
        self.s.lr, self.s.loss = lr * weight, &self.pair_loss
        clear_loss(&self.pair_loss)
        self.p.step(&self.s)
        self.weighted += weight * reduced_loss(&self.pair_loss)
        self.weight += weight

    cdef inline float *input_row(self, int i) noexcept nogil:
        """The input row of the chunk's word i."""
        if self.composed != NULL:
            return self.composed[i]
        return row(&self.w_in, self.chunk.words[i])

    cdef inline bint lacks_global(self, int low, int high) noexcept nogil:
        """Whether the global context word has to be added to the window words[low:high]."""
        return self.p.global_context and not low <= self.chunk.global_at < high

    cdef void add_global(self, int n) noexcept nogil:
        """Adds the row of the global context word to the n inputs of a window."""
        cdef float *added = self.input_row(self.chunk.size)
        cdef int k
        for k in range(n):
            self.inputs[k] = self.s.inputs[k]
            if self.inputs[k] == added:
                self.s.inputs_distinct = 0
        self.inputs[n] = added
        self.s.inputs = self.inputs

    cdef void replace_frozen(self, int centre, int low, int high, int n) noexcept nogil:
        """Replaces the frozen ones of n input rows by copies: the step updates these, and they are discarded."""
        cdef int i, k = low
        cdef float *copy
        for i in range(n):
            k += k == centre
            if k == high:
                k = self.chunk.size     # the global context word
            self.inputs[i] = self.s.inputs[i]
            if self.p.frozen[self.chunk.words[k]]:
                copy = self.unfrozen + i * self.p.stride
                memcpy(copy, self.inputs[i], self.p.stride * sizeof(float))
                self.inputs[i] = copy
            k += 1
        self.s.inputs = self.inputs

    # --- steps ---

    cdef void train_block(self, int n) noexcept nogil:
        """All context words as one block: they share the targets of the window."""
        self.s.n, self.s.dh = n, NULL
        self.p.step(&self.s)
        self.pairs += n

    cdef void train_pairs(self, int32_t centre, int n) noexcept nogil:
        """Each context word by itself, with its own negatives, as in word2vec.c."""
        cdef int k
        self.s.n, self.s.dh = 1, NULL
        for k in range(n):
            self.enqueue(centre)
            self.dequeue()
            if self.s.m:
                self.p.step(&self.s)
            self.s.inputs += 1
        self.pairs += n

    cdef void train_mean(self, int n) noexcept nogil:
        """CBOW: the only input is the mean of the context words (D2: the true gradient is divided by n)."""
        cdef float *h = self.h
        cdef float *dh = self.h + self.p.dim
        cdef float **rows = self.s.inputs
        self.p.mean(rows, n, self.p.dim, h)
        self.s.n, self.s.inputs, self.s.dh = 1, &h, dh
        self.p.step(&self.s)
        self.p.scatter(rows, n, self.p.dim, dh, 1 / <float> n if self.p.average else 1)
        self.pairs += 1

    # --- the queue of targets ---

    cdef inline void enqueue(self, int32_t centre) noexcept nogil:
        """Draws the targets of a later window."""
        cdef Targets *t = &self.queue[self.enqueued & (QUEUE - 1)]
        self.enqueued += 1
        write_targets(&self.p.targets, &self.draws, &self.rng, &self.w_out, centre, t)

    cdef inline void dequeue(self) noexcept nogil:
        """Gives the step the targets that were drawn first."""
        cdef Targets *t = &self.queue[self.dequeued & (QUEUE - 1)]
        self.dequeued += 1
        self.s.targets, self.s.m, self.s.sign = t.rows, t.m, t.sign
        if self.still != NULL:
            self.copy_targets()

    cdef void copy_targets(self) noexcept nogil:
        """Replaces the targets by copies: the step updates these, and they are discarded."""
        cdef int j
        for j in range(self.s.m):
            self.targets[j] = self.still + j * self.p.stride
            memcpy(self.targets[j], self.s.targets[j], self.p.stride * sizeof(float))
        self.s.targets = self.targets

    cdef inline void prefetch(self, int i) noexcept nogil:
        """Makes the step at centre i prefetch the targets of a later window, and an input row."""
        cdef Chunk *c = &self.chunk
        cdef int coming = i + TARGETS_AHEAD, far = i + self.p.window + CONTEXT_AHEAD
        cdef Targets *t = &self.queue[self.enqueued & (QUEUE - 1)]
        self.s.n_prefetch = 0
        if coming < c.right:
            prefetch_targets(&self.p.targets, c.words + coming, c.right - coming)
            self.enqueue(c.words[coming])
            self.s.prefetch, self.s.n_prefetch = t.rows, t.m
            if far < c.size:
                t.rows[t.m] = self.context[far - 1]
                self.s.n_prefetch += 1
