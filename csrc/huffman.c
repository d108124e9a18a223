/* Builds the Huffman tree from two sorted queues: the words, rarest first, and the inner nodes in the order
 * of their creation, whose weights ascend as well. */
#include "huffman.h"

/* Removes the lighter head of the two queues, where `leaf` is the rarest word left, `inner` the oldest inner
 * node left and `created` the number of nodes so far. Of equal weights it takes the inner node. */
static int32_t take_lighter(const int64_t *weight, int32_t *leaf, int32_t *inner, int32_t created)
{
    if (*leaf >= 0 && (*inner >= created || weight[*leaf] < weight[*inner]))
        return (*leaf)--;
    return (*inner)++;
}

int64_t w2v_huffman_build(const int64_t *counts, int32_t V, int32_t *parent, uint8_t *bit,
                          int64_t *weight)
{
    if (V > W2V_HUFFMAN_MAX_WORDS)
        return W2V_HUFFMAN_TOO_MANY_WORDS;
    if (V < 1)
        return W2V_HUFFMAN_BAD_COUNTS;
    for (int32_t i = 0; i < V; i++) {
        if (counts[i] < 1 || (i && counts[i] > counts[i - 1]))
            return W2V_HUFFMAN_BAD_COUNTS;
        weight[i] = counts[i];
    }
    const int32_t root = V - 1 + (V - 1);
    int32_t leaf = V - 1, inner = V;
    for (int32_t node = V; node <= root; node++) {
        int32_t first = take_lighter(weight, &leaf, &inner, node);
        int32_t second = take_lighter(weight, &leaf, &inner, node);
        weight[node] = weight[first] + weight[second];
        parent[first] = parent[second] = node;
        bit[first] = 0;
        bit[second] = 1;
    }
    /* From here on, weight holds the nodes' depths. A parent has a higher number than its children. */
    int64_t steps = 0;
    weight[root] = 0;
    for (int32_t node = root - 1; node >= 0; node--) {
        weight[node] = weight[parent[node]] + 1;
        if (node < V)
            steps += weight[node];
    }
    return steps;
}

int32_t w2v_huffman_path(int32_t word, int32_t V, const int32_t *parent, const uint8_t *bit,
                         int32_t *nodes, float *sign)
{
    const int32_t root = V - 1 + (V - 1);
    int32_t length = 0;
    for (int32_t node = word; node != root; node = parent[node]) {
        nodes[length] = parent[node] - V;
        sign[length++] = bit[node] ? -1.0f : 1.0f;
    }
    for (int32_t i = 0, k = length - 1; i < k; i++, k--) {
        int32_t node = nodes[i];
        float s = sign[i];
        nodes[i] = nodes[k], sign[i] = sign[k];
        nodes[k] = node, sign[k] = s;
    }
    return length;
}
