/* sources: walks.c alias.c */
/* Walks on small graphs: which edges they follow, how often, and what the arrays may contain. */
#include "check.h"
#include "walks.h"

#include <math.h>

static volatile int running = 0;

/* A path 0 - 1 - 2 - 3 with a triangle 1 - 2 - 4; node 5 has no edge. */
static const int64_t INDPTR[] = {0, 1, 4, 7, 8, 10, 10};
static const int32_t INDICES[] = {1, 0, 2, 4, 1, 3, 4, 2, 1, 2};
enum { NODES = 6, EDGES = 10 };

static w2v_graph graph_of(double p, double q)
{
    w2v_graph g = {.nodes = NODES, .indptr = INDPTR, .indices = INDICES};
    w2v_walks_bias(&g, p, q);
    return g;
}

static int has_edge(int32_t from, int32_t to)
{
    for (int64_t e = INDPTR[from]; e < INDPTR[from + 1]; e++)
        if (INDICES[e] == to)
            return 1;
    return 0;
}

static int32_t *draw(const w2v_graph *g, int32_t start, int64_t first, int64_t count, int32_t length,
                     int32_t *lengths)
{
    int32_t *ids = malloc((size_t)count * (size_t)length * sizeof *ids);
    CHECK(ids != NULL);
    w2v_walks_draw(g, &start, 1, 77, first, count, length, ids, lengths, &running);
    return ids;
}

CASE(walks_follow_edges)
{
    w2v_graph g = graph_of(0.5, 2.0);
    const int32_t starts[] = {4, 0, 5, 2};
    int32_t ids[100 * 9], lengths[100];
    w2v_walks_draw(&g, starts, 4, 5, 3, 100, 9, ids, lengths, &running);
    for (int64_t i = 0; i < 100; i++) {
        int32_t start = starts[(3 + i) % 4];
        CHECK_EQUAL(ids[i * 9], start);
        CHECK_EQUAL(lengths[i], start == 5 ? 1 : 9);
        for (int32_t k = 1; k < 9; k++)
            CHECK(start == 5 ? ids[i * 9 + k] == -1 : has_edge(ids[i * 9 + k - 1], ids[i * 9 + k]));
    }
}

CASE(a_walk_depends_on_its_number_only)
{
    w2v_graph g = graph_of(2.0, 0.5);
    int32_t lengths[50];
    int32_t *all = draw(&g, 2, 0, 50, 20, lengths), *some = draw(&g, 2, 17, 5, 20, lengths);
    CHECK(!memcmp(all + 17 * 20, some, 5 * 20 * sizeof *some));
    CHECK(memcmp(all, some, 5 * 20 * sizeof *some));
    free(all);
    free(some);
}

/* How often walks that came from 1 to 2 go back, to the common neighbour 4, and to 3. */
static void check_shares(w2v_graph *g, double back, double near, double far)
{
    enum { N = 40000, L = 12 };
    int32_t *lengths = malloc(N * sizeof *lengths);
    CHECK(lengths != NULL);
    int32_t *ids = draw(g, 1, 0, N, L, lengths);
    double seen[NODES] = {0}, total = 0, sum = back + near + far;
    for (int64_t i = 0; i < N; i++)
        for (int32_t k = 2; k < L; k++)
            if (ids[i * L + k - 2] == 1 && ids[i * L + k - 1] == 2) {
                seen[ids[i * L + k]]++;
                total++;
            }
    double error = 5 / sqrt(total); /* more than five standard deviations */
    CHECK(total > N / 4);
    CHECK(fabs(seen[1] / total - back / sum) < error);
    CHECK(fabs(seen[4] / total - near / sum) < error);
    CHECK(fabs(seen[3] / total - far / sum) < error);
    free(ids);
    free(lengths);
}

CASE(shares_follow_p_and_q)
{
    static const double values[][2] = {{1, 1}, {0.25, 4}, {4, 0.25}, {2, 8}, {0.5, 0.125}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        w2v_graph g = graph_of(values[i][0], values[i][1]);
        check_shares(&g, 1 / values[i][0], 1, 1 / values[i][1]);
    }
}

CASE(shares_follow_weights)
{
    static const float weights[EDGES] = {1, 1, 2, 3, 2, 5, 0.5f, 1, 1, 7};
    w2v_slot slots[EDGES];
    for (int32_t v = 0; v < NODES; v++) {
        double row[4], work[4];
        int32_t order[4], degree = (int32_t)(INDPTR[v + 1] - INDPTR[v]);
        for (int32_t k = 0; k < degree; k++)
            row[k] = weights[INDPTR[v] + k];
        CHECK(!degree || !w2v_alias_build(slots + INDPTR[v], row, degree, work, order));
    }
    w2v_graph g = graph_of(0.5, 4.0);
    g.weights = weights;
    g.slots = slots;
    check_shares(&g, 2 * 2, 0.5, 5.0 / 4);
}

/* Nearly every draw is rejected, so the exact draw decides. */
CASE(extreme_bias)
{
    w2v_graph g = graph_of(1e12, 1e12);
    check_shares(&g, 1e-12, 1, 1e-12);
    g = graph_of(1e-12, 1);
    check_shares(&g, 1e12, 1, 1);
    g = graph_of(1e12, 1e-300);
    check_shares(&g, 0, 0, 1);
}

CASE(stops)
{
    volatile int stopping = 1;
    w2v_graph g = graph_of(1, 1);
    int32_t start = 0, ids[3] = {7, 7, 7}, length = 7;
    w2v_walks_draw(&g, &start, 1, 1, 0, 1, 3, ids, &length, &stopping);
    CHECK_EQUAL(ids[0], 7);
    CHECK_EQUAL(length, 7);
}

CASE(one_node)
{
    w2v_graph g = graph_of(1, 1);
    int32_t lengths[2];
    int32_t *ids = draw(&g, 3, 0, 2, 1, lengths);
    CHECK_EQUAL(ids[0], 3);
    CHECK_EQUAL(lengths[1], 1);
    free(ids);
    w2v_walks_draw(&g, NULL, 0, 1, 0, 0, 4, NULL, NULL, &running); /* no walk at all */
}

CASE(pack)
{
    int32_t ids[] = {3, 0, 1, 2, -1, -1, 1, 3, -1}, labels[] = {10, 11, 12, 13};
    const int32_t lengths[] = {3, 1, 2};
    int64_t offsets[4];
    CHECK_EQUAL(w2v_walks_pack(ids, lengths, 3, 3, labels, offsets), 6);
    const int32_t packed[] = {13, 10, 11, 12, 11, 13};
    const int64_t ends[] = {0, 3, 4, 6};
    CHECK(!memcmp(ids, packed, sizeof packed));
    CHECK(!memcmp(offsets, ends, sizeof ends));
}

static int check(const int64_t *indptr, const int32_t *indices, const float *weights, int64_t *at)
{
    w2v_graph g = {.nodes = 3, .indptr = indptr, .indices = indices, .weights = weights};
    return w2v_graph_check(&g, 4, at);
}

CASE(invalid_arrays)
{
    const int64_t good[] = {0, 2, 2, 4};
    const int32_t indices[] = {1, 2, 0, 0};
    const float weights[] = {1, 2, 3, 4};
    int64_t at;
    CHECK_EQUAL(check(good, indices, weights, &at), W2V_GRAPH_VALID);
    CHECK_EQUAL(check((const int64_t[]){1, 2, 2, 4}, indices, weights, &at), W2V_GRAPH_INDPTR);
    CHECK_EQUAL(at, 0);
    CHECK_EQUAL(check((const int64_t[]){0, 2, 1, 4}, indices, weights, &at), W2V_GRAPH_INDPTR);
    CHECK_EQUAL(at, 2);
    CHECK_EQUAL(check((const int64_t[]){0, 2, 9, 4}, indices, weights, &at), W2V_GRAPH_INDPTR);
    CHECK_EQUAL(check((const int64_t[]){0, 2, 2, 3}, indices, weights, &at), W2V_GRAPH_INDPTR);
    CHECK_EQUAL(check(good, (const int32_t[]){1, 3, 0, 0}, weights, &at), W2V_GRAPH_INDEX);
    CHECK_EQUAL(at, 1);
    CHECK_EQUAL(check(good, (const int32_t[]){1, 2, -1, 0}, weights, &at), W2V_GRAPH_INDEX);
    CHECK_EQUAL(check(good, (const int32_t[]){2, 1, 0, 0}, weights, &at), W2V_GRAPH_ORDER);
    CHECK_EQUAL(at, 1);
    CHECK_EQUAL(check(good, indices, (const float[]){1, 2, 3, -1}, &at), W2V_GRAPH_WEIGHT);
    CHECK_EQUAL(at, 3);
    CHECK_EQUAL(check(good, indices, (const float[]){1, 0, 3, 4}, &at), W2V_GRAPH_WEIGHT);
    CHECK_EQUAL(check(good, indices, (const float[]){NAN, 2, 3, 4}, &at), W2V_GRAPH_WEIGHT);
    CHECK_EQUAL(check(good, indices, (const float[]){1, 2, INFINITY, 4}, &at), W2V_GRAPH_WEIGHT);
}
