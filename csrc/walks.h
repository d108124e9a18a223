/* Random walks of second order on a graph (node2vec: Grover & Leskovec 2016, section 3.2).
 *
 * A walk that came to node v from node t continues to a neighbour x of v with a probability proportional to
 *
 *     weight(v, x) * bias(t, x),   bias = 1/p if x == t, 1 if t has an edge to x, 1/q otherwise.
 *
 * A neighbour is drawn by its weight alone and accepted with probability bias / max(1/p, 1, 1/q). This needs
 * no table for pairs of edges, of which a graph has as many as the sum of its squared degrees. */
#ifndef W2V_WALKS_H
#define W2V_WALKS_H

#include <stdint.h>
#include "alias.h"

/* A directed graph in compressed rows; an undirected graph has each edge in both directions. */
typedef struct {
    int32_t nodes;
    const int64_t *indptr;  /* (nodes + 1): the edges of node v are indptr[v] to indptr[v + 1] - 1 */
    const int32_t *indices; /* (indptr[nodes]): the node that each edge leads to, sorted within a row */
    const float *weights;   /* (indptr[nodes]): finite and above 0; NULL if all weights are equal */
    const w2v_slot *slots;  /* (indptr[nodes]): an alias table for each row; NULL without weights */
    /* Set by w2v_walks_bias: the bias of two cases, and 2^32 times the acceptance probability of all three. */
    double bias_return, bias_far;
    uint64_t accept_return, accept_near, accept_far;
} w2v_graph;

enum {
    W2V_GRAPH_VALID,
    W2V_GRAPH_INDPTR, /* indptr does not rise from 0 to the number of edges, or a row has 2^31 edges */
    W2V_GRAPH_INDEX,  /* an index is not a node */
    W2V_GRAPH_ORDER,  /* the indices of a row are not sorted */
    W2V_GRAPH_WEIGHT  /* a weight is negative, 0, infinite or NaN */
};

/* Checks the arrays of a graph and returns one of the values above. *at is the position of the first invalid
 * element. */
int w2v_graph_check(const w2v_graph *graph, int64_t edges, int64_t *at);

/* Sets the bias of a graph's walks for p > 0 and q > 0. */
void w2v_walks_bias(w2v_graph *graph, double p, double q);

/* Draws walks number first to first + count - 1. Walk i starts at starts[i % n_starts] and is drawn from
 * the random stream (key, i), so it does not depend on the other walks. Its nodes are written to row i - first
 * of ids (count, length) and their number to lengths[i - first]: `length`, or less if the walk reaches a
 * node without edges. The rest of the row is -1. Returns early if *stopping becomes nonzero. */
void w2v_walks_draw(const w2v_graph *graph, const int32_t *starts, int64_t n_starts, uint64_t key,
                    int64_t first, int64_t count, int32_t length, int32_t *ids, int32_t *lengths,
                    volatile int *stopping);

/* Moves the walks in ids (count, length) together, replaces each node by its label, and writes the offset of
 * each walk to offsets (count + 1). Returns the number of ids. */
int64_t w2v_walks_pack(int32_t *ids, const int32_t *lengths, int64_t count, int32_t length,
                       const int32_t *labels /* (nodes) */, int64_t *offsets);

#endif
