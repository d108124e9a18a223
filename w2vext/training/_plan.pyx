"""What the workers of a run share: the stream, both matrices, and the settings.

The training loops (_loop, _shard) and the Merger (_merger) read it from a Plan, a C struct. A Job is the
Python object that owns the memory that the Plan points to.
"""

from cpython.pythread cimport PyThread_allocate_lock, PyThread_free_lock
from cython.view cimport array
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t

from w2vext.kernels._dispatch cimport W2V_PAD, chosen_set, step_function
from w2vext.training._plan cimport FIRST, LAST
from w2vext.training._sampling cimport Noise, NoiseGroups, Tree
from w2vext.training._targets cimport POOL_NEGATIVES, POOL_USES


cdef void write_weights(float *weight, int32_t word, const int32_t[:] part, const int32_t[:] size) noexcept:
    """Writes the weights of a word's own row and of its other rows; their sum is 1."""
    cdef Py_ssize_t i, n = part.shape[0]
    cdef int64_t sum = 0
    for i in range(n + 1):
        sum += size_of(part[i - 1] if i else word, size)
    for i in range(n + 1):
        weight[i] = size_of(part[i - 1] if i else word, size) / <float> sum


cdef inline int32_t size_of(int32_t row, const int32_t[:] size) noexcept:
    return 1 if size is None else size[row]


cdef class Job:
    """The stream, both matrices and the settings of a training run.

    Parameters
    ----------
    ids : int32 (N,)
    offsets : int64 (S + 1,)
        Sentence s is ids[offsets[s]:offsets[s + 1]].
    w_in, w_out : float32 (V, stride), (n_out, stride)
        Rows padded with zeros to a multiple of 16 floats, unless `read_only`.
    dim : int
        The columns in use; the block kernel works on whole vectors, which include some of the padding.
    keep : uint32 (V,)
        Subsampling thresholds.
    noise : Noise, optional
    tree : Tree, optional
        At least one of noise and tree is given. With both, w_out has the rows of the words first, and
        ``tree.first`` is their number.
    groups : NoiseGroups, optional
        With noise: the negatives of each word are drawn within its group.
    pool : bool
        Whether each negative is used several times, in windows near each other (D16).
    global_context : {"first", "last"}, optional
        A word of each sentence that is in all of its windows.
    contexts : int32 (N,), optional
        Pairs in place of windows: contexts[i] is the only context word of the centre ids[i]. All pairs are
        one sentence.
    weights : float32 (N,), optional
        The weight of each pair.
    replicas : int
        Each worker has a replica of this many rows of the most frequent words (with a tree, of the tree's
        top nodes), which it merges every `merge_every` positions (D13).
    frozen : uint8 (rows of w_in,), optional
        1 for rows of w_in that must not change.
    frozen_out : bool
        Whether w_out must not change.
    saturation_per_word : float32 (k,), optional
        The saturation per word of the first k rows of w_out, at a learning rate of 1 (`saturation.py`). That
        of other rows is infinite.
    part_start, part : int64 (V + 1,), int32 (part_start[V],), optional
        The rows of the n-grams of word w are part[part_start[w]:part_start[w + 1]]; its vector is the
        mean of these and of its own row.
    part_size : int32 (rows of w_in,), optional
        The weight of each row in these means; without it all weights are 1.
    damping : float
        The changes of a row that k words share are multiplied by at most damping/√k; 0: by 1 (D15).
    read_only : bool
        The matrices are only read, from copies of their rows: for the loss of fixed weights.
    """

    def __cinit__(self):
        self.merging = PyThread_allocate_lock()
        if self.merging == NULL:
            raise MemoryError("no memory for a lock")

    def __init__(self, const int32_t[::1] ids, const int64_t[::1] offsets, w_in, w_out, *, int dim,
                 const uint32_t[::1] keep, Noise noise=None, NoiseGroups groups=None, Tree tree=None, int window=5,
                 bint shrink_windows=True, int negative=5, bint pool=False, bint block=True,
                 bint cbow=False, bint average=True, str global_context=None,
                 const int32_t[::1] contexts=None, const float[::1] weights=None, int replicas=0, int64_t merge_every=0,
                 const uint8_t[::1] frozen=None, bint frozen_out=False,
                 const float[::1] saturation_per_word=None,
                 const int64_t[::1] part_start=None, const int32_t[::1] part=None,
                 const int32_t[::1] part_size=None, double damping=0, bint read_only=False):
        cdef const float[:, ::1] rows_in = w_in, rows_out = w_out
        cdef int lanes = chosen_set().lanes
        cdef Plan *p = &self.plan
        if noise is None and tree is None:
            raise ValueError("a job needs a noise distribution or a tree")
        if groups is not None and (noise is None or groups.size != noise.size):
            raise ValueError(f"groups of {groups.size} words without noise, or with that of others")
        if tree is not None and tree.first != (0 if noise is None else noise.size):
            raise ValueError(f"a tree whose nodes begin at row {tree.first} of w_out")
        if rows_out.shape[1] != rows_in.shape[1] or dim > rows_in.shape[1] or (
                rows_in.shape[1] % W2V_PAD and not read_only):
            raise ValueError(f"rows of {rows_in.shape[1]} and {rows_out.shape[1]} floats for dim {dim}")
        if not read_only and (memoryview(w_in).readonly or memoryview(w_out).readonly):
            raise ValueError("w_in or w_out is read-only")
        if replicas and merge_every < 1:
            raise ValueError(f"merge_every={merge_every} for {replicas} replicas: it must be at least 1")
        self.owners = (ids, offsets, w_in, w_out, keep, noise, groups, tree, frozen, part_start, part, contexts, weights,
                       saturation_per_word)
        self.read_only = read_only
        p.ids, p.offsets, p.keep = &ids[0], &offsets[0], &keep[0]
        p.sentences = offsets.shape[0] - 1
        p.w_in, p.w_out, p.stride = <float *> &rows_in[0, 0], <float *> &rows_out[0, 0], rows_in.shape[1]
        self.rows_in, self.rows_out = rows_in.shape[0], rows_out.shape[0]
        # Whole vectors of the instruction set; BLAS needs no padding.
        p.dim = (dim + lanes - 1) // lanes * lanes if block or cbow else dim
        p.window, p.shrink = window, shrink_windows
        p.block, p.cbow, p.average = block, cbow, average
        p.global_context = {None: 0, "first": FIRST, "last": LAST}[global_context]
        if contexts is not None:
            self.set_pairs(contexts, weights, ids.shape[0])
        if frozen is not None:
            p.frozen = &frozen[0]
        p.frozen_out = frozen_out
        if saturation_per_word is not None:
            p.n_saturation = saturation_per_word.shape[0]
            if p.n_saturation > self.rows_out:
                raise ValueError(f"saturation of {p.n_saturation} rows of {self.rows_out}")
            p.saturation_per_word = &saturation_per_word[0]
        # What the targets of a window are taken from (_targets.pxd).
        if noise is not None:
            p.targets.noise, p.targets.words = noise.slots, <int32_t> keep.shape[0]
            p.targets.negative, p.targets.most = negative, negative + 1
            p.targets.uses = POOL_USES if pool and negative <= POOL_NEGATIVES else 1
            p.targets.row_bytes = p.stride * sizeof(float)
        if groups is not None:
            p.targets.group, p.targets.group_start = groups.group, groups.start
            p.targets.group_noise, p.targets.group_word = groups.slots, groups.word
        if tree is not None:
            p.targets.path, p.targets.node, p.targets.sign = tree.start, tree.node, tree.sign
            p.targets.depth = max(tree.depth, 1)
            p.targets.most += p.targets.depth
        p.replicas_in = min(replicas, rows_in.shape[0])
        p.replicas_out = 0 if frozen_out else min(replicas, rows_out.shape[0])
        if part_start is not None:
            self.set_parts(part_start, part, part_size, keep.shape[0])
            p.damping = damping
            p.replicas_in = 0     # composed rows are private to their worker
        p.first_out = 0 if tree is None else <int32_t> (rows_out.shape[0] - p.replicas_out)
        p.merge_every, p.merging = merge_every, self.merging
        p.step = step_function(block)
        p.mean, p.scatter, p.merge = chosen_set().mean, chosen_set().scatter, chosen_set().merge
        p.compose, p.add = chosen_set().compose, chosen_set().add
        p.stopping = &self.stopping

    cdef int set_pairs(self, const int32_t[::1] contexts, const float[::1] weights, Py_ssize_t n) except -1:
        if contexts.shape[0] != n or (weights is not None and weights.shape[0] != n):
            raise ValueError(f"contexts of {contexts.shape[0]} pairs for {n} centres, or weights of others")
        if self.plan.cbow or self.plan.global_context:
            raise ValueError("pairs have no windows, for CBOW or a global context")
        self.plan.context = &contexts[0]
        if weights is not None:
            self.plan.weight = &weights[0]
        return 0

    cdef int set_parts(self, const int64_t[::1] part_start, const int32_t[::1] part, const int32_t[::1] size,
                       Py_ssize_t words) except -1:
        cdef Plan *p = &self.plan
        cdef Py_ssize_t i
        cdef float[::1] weight
        if self.read_only:
            raise ValueError("read-only matrices cannot have subwords: compose the words' vectors")
        if part_start.shape[0] != words + 1 or part_start[words] != part.shape[0]:
            raise ValueError(f"n-grams of {part_start.shape[0] - 1} words, not of {words}")
        for i in range(words):
            if part_start[i + 1] < part_start[i]:
                raise ValueError("part_start decreases")
            p.most_parts = max(p.most_parts, <int> (part_start[i + 1] - part_start[i]))
        for i in range(part.shape[0]):
            if not 0 <= part[i] < self.rows_in:
                raise ValueError(f"row {part[i]} of {self.rows_in}")
        if size is not None and size.shape[0] != self.rows_in:
            raise ValueError(f"weights of {size.shape[0]} rows, not of {self.rows_in}")
        if part.shape[0] + words > INT32_MAX:
            raise ValueError(f"{words} words have {part.shape[0]} n-grams, which are too many")
        self.part_weights = weight = array(shape=(part.shape[0] + words,), itemsize=sizeof(float), format="f")
        for i in range(words):
            write_weights(&weight[part_start[i] + i], <int32_t> i, part[part_start[i]:part_start[i + 1]], size)
        p.part_weight = &weight[0]
        p.part_start = &part_start[0]
        p.part = &part[0] if part.shape[0] else NULL
        p.all_parts = part.shape[0] + words
        self.composed = True
        return 0

    def __dealloc__(self):
        if self.merging != NULL:
            PyThread_free_lock(self.merging)

    def stop(self):
        """Makes every worker return after its current chunk."""
        self.stopping = 1
