/* sources: huffman.c */
/* The Huffman tree: small trees by hand, large ones by Kraft's equation and their depth. */
#include "check.h"
#include "huffman.h"

#include <math.h>

typedef struct {
    int32_t *parent;
    uint8_t *bit;
    int64_t *weight;
    int64_t steps;
} tree;

/* Arrays of exactly the stated size, so that the sanitizers detect every access outside them. */
static tree build(const int64_t *counts, int32_t V)
{
    size_t nodes = V > 0 ? 2 * (size_t)V - 1 : 1;
    tree t = {malloc(nodes * sizeof(int32_t)), malloc(nodes), malloc(nodes * sizeof(int64_t)), 0};
    CHECK(t.parent && t.bit && t.weight);
    t.steps = w2v_huffman_build(counts, V, t.parent, t.bit, t.weight);
    return t;
}

static void free_tree(tree t)
{
    free(t.parent);
    free(t.bit);
    free(t.weight);
}

/* Checks that every path starts at the root, that its nodes are in range and differ, and Kraft's equation:
 * the sum of 2^-length is 1. Returns the length of the longest path. */
static int32_t check_paths(tree t, int32_t V)
{
    int64_t steps = 0;
    int32_t deepest = 0;
    double kraft = 0.0;
    for (int32_t word = 0; word < V; word++) {
        int32_t *nodes = malloc((size_t)V * sizeof *nodes);
        float *sign = malloc((size_t)V * sizeof *sign);
        CHECK(nodes && sign);
        int32_t length = w2v_huffman_path(word, V, t.parent, t.bit, nodes, sign);
        CHECK(length < V || V == 1);
        CHECK(length == 0 || nodes[0] == V - 2);
        for (int32_t i = 0; i < length; i++) {
            CHECK(nodes[i] >= 0 && nodes[i] < V - 1);
            CHECK(i == 0 || nodes[i] < nodes[i - 1]); /* a child is created before its parent */
            CHECK(sign[i] == 1.0f || sign[i] == -1.0f);
        }
        steps += length;
        deepest = length > deepest ? length : deepest;
        kraft += ldexp(1.0, -length);
        free(nodes);
        free(sign);
    }
    CHECK_EQUAL(steps, t.steps);
    CHECK(fabs(kraft - 1.0) < 1e-12);
    return deepest;
}

CASE(one_word_has_no_path)
{
    tree t = build((const int64_t[]){5}, 1);
    CHECK_EQUAL(t.steps, 0);
    CHECK_EQUAL(check_paths(t, 1), 0);
    free_tree(t);
}

/* The rarer word gets code bit 0: sign +1, label 1. */
CASE(two_words)
{
    int32_t node = -1;
    float sign = 0.0f;
    tree t = build((const int64_t[]){9, 4}, 2);
    CHECK_EQUAL(t.steps, 2);
    CHECK_EQUAL(check_paths(t, 2), 1);
    CHECK_EQUAL(w2v_huffman_path(1, 2, t.parent, t.bit, &node, &sign), 1);
    CHECK(node == 0 && sign == 1.0f);
    CHECK_EQUAL(w2v_huffman_path(0, 2, t.parent, t.bit, &node, &sign), 1);
    CHECK(node == 0 && sign == -1.0f);
    free_tree(t);
}

CASE(three_words)
{
    int32_t nodes[2] = {-1, -1};
    float sign[2] = {0.0f, 0.0f};
    tree t = build((const int64_t[]){8, 3, 2}, 3);
    CHECK_EQUAL(t.steps, 5);
    CHECK_EQUAL(check_paths(t, 3), 2);
    CHECK_EQUAL(w2v_huffman_path(0, 3, t.parent, t.bit, nodes, sign), 1);
    CHECK(nodes[0] == 1 && sign[0] == -1.0f);
    CHECK_EQUAL(w2v_huffman_path(2, 3, t.parent, t.bit, nodes, sign), 2);
    CHECK(nodes[0] == 1 && nodes[1] == 0 && sign[0] == 1.0f && sign[1] == 1.0f);
    free_tree(t);
}

CASE(equal_counts_give_a_balanced_tree)
{
    int64_t counts[64];
    for (int i = 0; i < 64; i++)
        counts[i] = 3;
    tree t = build(counts, 64);
    CHECK_EQUAL(t.steps, 64 * 6);
    CHECK_EQUAL(check_paths(t, 64), 6);
    free_tree(t);
}

/* Powers of two give the deepest tree. */
CASE(powers_of_two_give_a_chain)
{
    int64_t counts[60];
    for (int i = 0; i < 60; i++)
        counts[i] = INT64_C(1) << (59 - i);
    tree t = build(counts, 60);
    CHECK_EQUAL(check_paths(t, 60), 59);
    free_tree(t);
}

CASE(many_words)
{
    enum { V = 3000 };
    static int64_t counts[V];
    for (int32_t i = 0; i < V; i++)
        counts[i] = 1000000 / (i + 1) + 1;
    tree t = build(counts, V);
    CHECK(check_paths(t, V) < 40);
    free_tree(t);
}

CASE(invalid_counts)
{
    const int64_t bad[][3] = {{1, 2, 1}, {3, 2, 0}, {3, 2, -1}, {0, 0, 0}, {2, 2, 3}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tree t = build(bad[i], 3);
        CHECK_EQUAL(t.steps, W2V_HUFFMAN_BAD_COUNTS);
        free_tree(t);
    }
    tree t = build(bad[0], 0);
    CHECK_EQUAL(t.steps, W2V_HUFFMAN_BAD_COUNTS);
    free_tree(t);
}

/* The check comes before any access to the arrays, which nobody could allocate here. */
CASE(too_many_words)
{
    const int32_t sizes[] = {W2V_HUFFMAN_MAX_WORDS + 1, INT32_MAX};
    for (int i = 0; i < 2; i++)
        CHECK_EQUAL(w2v_huffman_build(NULL, sizes[i], NULL, NULL, NULL), W2V_HUFFMAN_TOO_MANY_WORDS);
    CHECK_EQUAL(2 * (int64_t)W2V_HUFFMAN_MAX_WORDS - 1, INT32_MAX);
}
