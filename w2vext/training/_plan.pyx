"""What all workers of a training run share: the stream, both matrices, and the choices made once.

The loops that read it (_train, _shards) take its Plan, a C struct; Python sees the Job, which keeps what
the Plan points into.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

from w2vext.kernels._dispatch cimport W2V_PAD, chosen_set, step_function
from w2vext.training._sampling cimport Noise, Tree


cdef class Job:
    """The shared side of a training run: the stream, both matrices, and the choices.

    Parameters
    ----------
    ids : int32 (N,)
    offsets : int64 (S + 1,)
        Sentence s is ids[offsets[s]:offsets[s + 1]].
    w_in, w_out : float32 (V, stride), (n_out, stride)
        Rows padded with zeros to a multiple of 16 floats.
    dim : int
        The columns in use; the block step works on the padded row.
    keep : uint32 (V,)
        Subsampling thresholds.
    noise : Noise or None
    tree : Tree or None
        Exactly one of both.
    hot : int
        So many of the most frequent words' rows (of the tree's top nodes' rows, with a tree) are held by
        each worker on its own, and merged every `merge_every` positions (D13).
    frozen : uint8 (V,), optional
        1 where the row of w_in is to stay as it is.
    """

    def __init__(self, const int32_t[::1] ids, const int64_t[::1] offsets, float[:, ::1] w_in,
                 float[:, ::1] w_out, *, int dim, const uint32_t[::1] keep, Noise noise=None,
                 Tree tree=None, int window=5, bint shrink_windows=True, int negative=5,
                 bint block=True, bint cbow=False, bint average=True,
                 int hot=0, int64_t merge_every=16_384, const uint8_t[::1] frozen=None):
        if (noise is None) == (tree is None):
            raise ValueError("a job has either a noise distribution or a tree")
        if w_in.shape[1] % W2V_PAD or w_out.shape[1] != w_in.shape[1] or dim > w_in.shape[1]:
            raise ValueError(f"rows of {w_in.shape[1]} and {w_out.shape[1]} floats for dim {dim}")
        cdef Plan *p = &self.plan
        self.owners = (ids, offsets, w_in, w_out, keep, noise, tree, frozen)
        p.ids, p.offsets, p.keep = &ids[0], &offsets[0], &keep[0]
        p.sentences = offsets.shape[0] - 1
        p.w_in, p.w_out, p.stride = &w_in[0, 0], &w_out[0, 0], w_in.shape[1]
        self.rows_in, self.rows_out = w_in.shape[0], w_out.shape[0]
        p.dim = <int> w_in.shape[1] if block or cbow else dim  # BLAS needs no padding
        p.window, p.shrink, p.negative = window, shrink_windows, negative
        p.block, p.cbow, p.average = block, cbow, average
        p.words = <int32_t> keep.shape[0]
        if noise is not None:
            p.noise, p.most_targets = noise.slots, negative + 1
        else:
            p.path, p.node, p.code = tree.start, tree.node, tree.sign
            p.most_targets = max(tree.depth, 1)
        p.hot_in = min(hot, w_in.shape[0])
        p.hot_out = min(hot, w_out.shape[0])
        p.first_out = 0 if tree is None else <int32_t> (w_out.shape[0] - p.hot_out)
        p.merge_every = merge_every
        if frozen is not None:
            p.frozen = &frozen[0]
        p.step = step_function(block)
        p.mean, p.scatter, p.merge = chosen_set().mean, chosen_set().scatter, chosen_set().merge
        p.stopping = &self.stopping

    def stop(self):
        """Asks every worker to return within a chunk."""
        self.stopping = 1
