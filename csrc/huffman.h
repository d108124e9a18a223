/* The Huffman tree of hierarchical softmax (Morin & Bengio 2005; Mikolov et al. 2013a).
 *
 * V words have V - 1 inner nodes; a word's path leads from the root to it, one target row per inner node,
 * with the code bit taken there. Ties are broken as word2vec.c breaks them, so that words sorted by
 * count get its codes. Allocates nothing; the arrays are the caller's. */
#ifndef W2V_HUFFMAN_H
#define W2V_HUFFMAN_H

#include <stdint.h>

/* counts (V), descending and > 0. parent, bit (2V - 1) are scratch that w2v_huffman_path reads; weight
 * (2V - 1) is scratch. Returns the number of path steps over all words, or -1 where V < 1 or the counts
 * ascend. */
int64_t w2v_huffman_build(const int64_t *counts, int32_t V, int32_t *parent, uint8_t *bit,
                          int64_t *weight);

/* Writes the inner nodes (root first, 0 <= node < V - 1) of word's path and, for each, +1 where its code
 * bit is 0 (label 1 - code = 1), else -1. Returns the path's length. */
int32_t w2v_huffman_path(int32_t word, int32_t V, const int32_t *parent, const uint8_t *bit,
                         int32_t *nodes, float *sign);

#endif
