"""Random walks on a graph in compressed rows; the binding of csrc's walks.

A Graph is not changed after it is made, so several threads may draw its walks at the same time.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport free, malloc

from w2vext.training._sampling cimport build_alias, w2v_slot


cdef extern from "walks.h" nogil:
    ctypedef struct w2v_graph:
        int32_t nodes
        const int64_t *indptr
        const int32_t *indices
        const float *weights
        const w2v_slot *slots
    int W2V_GRAPH_INDPTR, W2V_GRAPH_INDEX, W2V_GRAPH_ORDER, W2V_GRAPH_WEIGHT
    int w2v_graph_check(const w2v_graph *graph, int64_t edges, int64_t *at) noexcept
    void w2v_walks_bias(w2v_graph *graph, double p, double q) noexcept
    void w2v_walks_draw(const w2v_graph *graph, const int32_t *starts, int64_t n_starts, uint64_t key,
                        int64_t first, int64_t count, int32_t length, int32_t *ids,
                        int32_t *lengths, volatile int *stopping) noexcept
    int64_t w2v_walks_pack(int32_t *ids, const int32_t *lengths, int64_t count, int32_t length,
                           const int32_t *labels, int64_t *offsets) noexcept


cdef class Graph:
    """A directed graph, checked, with the tables that its walks need.

    Parameters
    ----------
    indptr : int64 (n + 1,)
    indices : int32 (edges,)
        The edges of node v lead to indices[indptr[v]:indptr[v + 1]], which are sorted.
    weights : float32 (edges,) or None
        Above 0; None if all are equal.
    p, q : float
        Above 0.
    """

    cdef w2v_graph graph
    cdef w2v_slot *slots
    cdef tuple owners
    cdef int stopping

    def __cinit__(self, const int64_t[::1] indptr, const int32_t[::1] indices,
                  const float[::1] weights, double p, double q):
        cdef w2v_graph *g = &self.graph
        cdef int64_t at = 0
        cdef int status
        if indptr.shape[0] < 1:
            raise ValueError("indptr is empty: give one element more than there are nodes")
        if weights is not None and weights.shape[0] != indices.shape[0]:
            raise ValueError(
                f"weights has {weights.shape[0]} elements and indices {indices.shape[0]}: give one "
                "weight for each edge"
            )
        self.owners = (indptr, indices, weights)
        g.nodes = <int32_t> (indptr.shape[0] - 1)
        g.indptr = &indptr[0]
        if indices.shape[0]:
            g.indices = &indices[0]
            if weights is not None:
                g.weights = &weights[0]
        with nogil:
            status = w2v_graph_check(g, indices.shape[0], &at)
        if status == W2V_GRAPH_INDPTR:
            raise ValueError(
                f"indptr[{at}]={indptr[at]}: give row offsets that rise from 0 to the "
                f"{indices.shape[0]} elements of indices"
            )
        if status == W2V_GRAPH_INDEX:
            raise ValueError(
                f"indices[{at}]={indices[at]}: the graph has {g.nodes} nodes, give numbers from 0 to "
                f"{g.nodes - 1}"
            )
        if status == W2V_GRAPH_ORDER:
            raise ValueError(f"indices[{at}]={indices[at]} is less than the one before: sort each row")
        if status == W2V_GRAPH_WEIGHT:
            raise ValueError(f"weights[{at}]={weights[at]}: give finite numbers above 0")
        w2v_walks_bias(g, p, q)
        if g.weights != NULL:
            self.build_tables()

    def __dealloc__(self):
        free(self.slots)

    cdef int build_tables(self) except -1:
        """Makes an alias table for the edges of each node."""
        cdef w2v_graph *g = &self.graph
        cdef int64_t edges = g.indptr[g.nodes], begin, degree, most = 0, e
        cdef int32_t v
        cdef double *row
        cdef double *work
        cdef int32_t *order
        cdef int status = 0
        for v in range(g.nodes):
            most = max(most, g.indptr[v + 1] - g.indptr[v])
        self.slots = <w2v_slot *> malloc(edges * sizeof(w2v_slot))
        row = <double *> malloc(most * sizeof(double))
        work = <double *> malloc(most * sizeof(double))
        order = <int32_t *> malloc(most * sizeof(int32_t))
        try:
            if not (self.slots and row and work and order):
                raise MemoryError(f"no memory for the weights of {edges:,} edges")
            with nogil:
                for v in range(g.nodes):
                    begin, degree = g.indptr[v], g.indptr[v + 1] - g.indptr[v]
                    for e in range(degree):
                        row[e] = g.weights[begin + e]
                    if degree:
                        status |= build_alias(self.slots + begin, row, <int32_t> degree, work, order)
            if status:
                raise ValueError("the weights of a node add up to more than a double holds")
        finally:
            free(row)
            free(work)
            free(order)
        g.slots = self.slots
        return 0

    def draw(self, const int32_t[::1] starts, uint64_t key, int64_t first, int32_t[:, ::1] ids,
             int32_t[::1] lengths):
        """Draws the walks number `first` and following, one for each row of `ids`.

        Walk i starts at starts[i % len(starts)]. It is a function of (key, i), with p, q and the row's
        length. The end of a shorter walk's row is -1, and `lengths` receives the number of nodes of
        each walk.
        """
        cdef int64_t count = ids.shape[0], i
        cdef int32_t start
        if lengths.shape[0] != count or ids.shape[1] < 1 or first < 0:
            raise ValueError(f"{count} walks of {ids.shape[1]} nodes from number {first}")
        if count and not starts.shape[0]:
            raise ValueError("there are no starts")
        for i in range(count):
            start = starts[(first + i) % starts.shape[0]]
            if not 0 <= start < self.graph.nodes:
                raise ValueError(f"a walk starts at {start}, which is not one of {self.graph.nodes} nodes")
        if count:
            with nogil:
                w2v_walks_draw(&self.graph, &starts[0], starts.shape[0], key, first, count,
                               <int32_t> ids.shape[1], &ids[0, 0], &lengths[0], &self.stopping)

    def stop(self):
        """Makes every `draw` return soon, with unfinished walks."""
        self.stopping = 1


def pack(int32_t[:, ::1] ids, const int32_t[::1] lengths, const int32_t[::1] labels,
         int64_t[::1] offsets):
    """Moves the walks that `Graph.draw` wrote to `ids` together, and replaces each node by its label.

    Walk i is then at [offsets[i], offsets[i + 1]) of the flat `ids`. Returns the number of ids.
    """
    cdef int64_t count = lengths.shape[0], size = 0
    if ids.shape[0] < count or offsets.shape[0] <= count:
        raise ValueError(f"{ids.shape[0]} rows and {offsets.shape[0]} offsets for {count} walks")
    if count:
        with nogil:
            size = w2v_walks_pack(&ids[0, 0], &lengths[0], count, <int32_t> ids.shape[1], &labels[0],
                                  &offsets[0])
    return size
