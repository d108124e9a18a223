/* The Huffman tree of hierarchical softmax (Morin & Bengio 2005; Mikolov et al. 2013a).
 *
 * V words have V - 1 inner nodes. A word's path leads from the root to the word: it has one inner node, a
 * target row, and one code bit per step. Ties are broken as in word2vec.c, so that words sorted by count
 * get the same codes. The caller owns all arrays. */
#ifndef W2V_HUFFMAN_H
#define W2V_HUFFMAN_H

#include <stdint.h>

/* The 2 V - 1 nodes of the tree are numbered by int32_t. */
#define W2V_HUFFMAN_MAX_WORDS (INT32_C(1) << 30)

enum { W2V_HUFFMAN_BAD_COUNTS = -1, W2V_HUFFMAN_TOO_MANY_WORDS = -2 };

/* counts (V): > 0 and not ascending. parent (2V - 1) and bit (2V - 1) are written for w2v_huffman_path; weight
 * (2V - 1) is scratch memory. Returns the sum of the lengths of all paths, or a status < 0. V is
 * checked before any array is accessed. */
int64_t w2v_huffman_build(const int64_t *counts, int32_t V, int32_t *parent, uint8_t *bit,
                          int64_t *weight);

/* Writes the inner nodes of a word's path, root first, 0 <= node < V - 1, and for each of them +1 where the
 * code bit is 0 (label 1) or -1 where it is 1 (label 0). Returns the path's length. */
int32_t w2v_huffman_path(int32_t word, int32_t V, const int32_t *parent, const uint8_t *bit,
                         int32_t *nodes, float *sign);

#endif
