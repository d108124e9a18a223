/* Two queues: the words from the rarest up, and the inner nodes in the order of their making. */
#include "huffman.h"

static int32_t take(const int64_t *weight, int32_t *leaf, int32_t *inner, int32_t made)
{
    if (*leaf >= 0 && (*inner >= made || weight[*leaf] < weight[*inner]))
        return (*leaf)--;
    return (*inner)++;
}

int64_t w2v_huffman_build(const int64_t *counts, int32_t V, int32_t *parent, uint8_t *bit,
                          int64_t *weight)
{
    if (V < 1)
        return -1;
    for (int32_t i = 0; i < V; i++) {
        if (counts[i] < 1 || (i && counts[i] > counts[i - 1]))
            return -1;
        weight[i] = counts[i];
    }
    int32_t leaf = V - 1, inner = V;
    for (int32_t made = V; made < 2 * V - 1; made++) {
        int32_t first = take(weight, &leaf, &inner, made);
        int32_t second = take(weight, &leaf, &inner, made);
        weight[made] = weight[first] + weight[second];
        parent[first] = parent[second] = made;
        bit[first] = 0;
        bit[second] = 1;
    }
    /* A node's depth follows from its parent's; weight is free to hold it. */
    int64_t steps = 0;
    weight[2 * V - 2] = 0;
    for (int32_t node = 2 * V - 3; node >= 0; node--) {
        weight[node] = weight[parent[node]] + 1;
        if (node < V)
            steps += weight[node];
    }
    return steps;
}

int32_t w2v_huffman_path(int32_t word, int32_t V, const int32_t *parent, const uint8_t *bit,
                         int32_t *nodes, float *sign)
{
    int32_t length = 0;
    for (int32_t node = word; node != 2 * V - 2; node = parent[node]) {
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
